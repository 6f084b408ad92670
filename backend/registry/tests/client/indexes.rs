//! The image for a platform.

use crate::support::{Server, image, manifest, not_found, repository};
use registry::{Digest, Error, Platform, Repository, media_type};
use std::collections::HashMap;

/// An index whose entries are manifests with a platform each.
fn index(entries: &[(&[u8], Option<&str>)]) -> Vec<u8> {
    let entries: Vec<String> = entries.iter().map(|(bytes, platform)| entry(bytes, bytes.len(), *platform)).collect();
    format!(r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}}"#, media_type::OCI_INDEX, entries.join(","))
        .into_bytes()
}

fn entry(bytes: &[u8], size: usize, platform: Option<&str>) -> String {
    let is_index = bytes.windows(11).any(|it| it == b"\"manifests\"");
    let kind = if is_index { media_type::OCI_INDEX } else { media_type::OCI_MANIFEST };
    let platform = platform.map_or(String::new(), |platform| {
        let platform = Platform::parse(platform).unwrap();
        let variant = platform.variant().map_or(String::new(), |it| format!(r#","variant":"{it}""#));
        format!(r#","platform":{{"os":"{}","architecture":"{}"{variant}}}"#, platform.os(), platform.architecture())
    });
    format!(r#"{{"mediaType":"{kind}","digest":"{}","size":{size}{platform}}}"#, Digest::of(bytes))
}

/// A registry with these manifests; the first is `latest`.
async fn registry(manifests: Vec<Vec<u8>>) -> (Server, Repository) {
    let by_name: HashMap<String, Vec<u8>> = [("latest".to_owned(), manifests[0].clone())]
        .into_iter()
        .chain(manifests.into_iter().map(|bytes| (Digest::of(&bytes).to_string(), bytes)))
        .collect();
    let server = Server::start(move |asked| {
        let name = asked.path.rsplit('/').next().unwrap();
        if name.is_empty() { Vec::new() } else { by_name.get(name).map_or_else(not_found, |bytes| manifest(bytes)) }
    })
    .await;
    let repository = repository(&server);
    (server, repository)
}

fn platform(text: &str) -> Platform {
    Platform::parse(text).unwrap()
}

#[tokio::test]
async fn the_image_for_the_platform_is_found() {
    let [amd64, v6, v7] = [&b"amd64"[..], b"v6", b"v7"].map(image);
    let list = index(&[
        (&image(b"attestation"), Some("unknown/unknown")),
        (&v6, Some("linux/arm/v6")),
        (&v7, Some("linux/arm/v7")),
        (&amd64, Some("linux/amd64")),
    ]);
    let (_server, repository) = registry(vec![list.clone(), amd64.clone(), v6.clone(), v7.clone()]).await;
    for (wanted, bytes) in [("linux/amd64", &amd64), ("linux/arm/v7", &v7), ("linux/arm/v6", &v6)] {
        let found = repository.image("latest", &platform(wanted)).await.unwrap();
        assert_eq!((found.index, &found.manifest.bytes[..]), (Some(Digest::of(&list)), &bytes[..]), "{wanted}");
    }
    let error = repository.image("latest", &platform("linux/s390x")).await.unwrap_err();
    assert!(matches!(error, Error::NoMatch(_)));
    assert_eq!(error.to_string(), "no matching manifest for linux/s390x in the manifest list entries");
}

#[tokio::test]
async fn an_image_alone_needs_no_index() {
    let bytes = image(b"a");
    let (_server, repository) = registry(vec![bytes.clone()]).await;
    let found = repository.image("latest", &platform("linux/s390x")).await.unwrap();
    assert_eq!((found.index, found.manifest.bytes), (None, bytes.into()));
}

#[tokio::test]
async fn indexes_within_indexes_are_searched() {
    let (arm, amd64) = (image(b"arm"), image(b"amd64"));
    let (first, second) = (index(&[(&arm, Some("linux/arm64"))]), index(&[(&amd64, Some("linux/amd64"))]));
    let outer = index(&[(&first, None), (&second, None)]);
    let (_server, repository) = registry(vec![outer.clone(), first, second, arm, amd64.clone()]).await;
    let found = repository.image("latest", &platform("linux/amd64")).await.unwrap();
    assert_eq!((found.index, found.manifest.bytes), (Some(Digest::of(&outer)), amd64.into()));
}

#[tokio::test]
async fn a_long_way_ends() {
    let mut chain = vec![image(b"a")];
    for _ in 0..10 {
        chain.push(index(&[(chain.last().unwrap(), None)]));
    }
    chain.reverse();
    let (server, repository) = registry(chain).await;
    let error = repository.image("latest", &platform("linux/amd64")).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error}");
    assert!(server.asked().len() <= 6);
    // A wide one, too.
    let empty: Vec<_> = (0..100).map(|number| index(&[(&image(&[number]), Some("linux/arm64"))])).collect();
    let entries: Vec<(&[u8], Option<&str>)> = empty.iter().map(|bytes| (&bytes[..], None)).collect();
    let outer = index(&entries);
    let (server, repository) = registry([vec![outer], empty].concat()).await;
    assert!(matches!(repository.image("latest", &platform("linux/amd64")).await, Err(Error::Unsupported(_))));
    assert!(server.asked().len() <= 20);
}

#[tokio::test]
async fn a_circle_would_need_a_false_digest() {
    let inner = image(b"a");
    let list = index(&[(&inner, None)]);
    let said = list.clone();
    // Whatever is asked for, it answers with the index.
    let server = Server::start(move |asked| if asked.path == "/v2/" { Vec::new() } else { manifest(&said) }).await;
    let error = repository(&server).image("latest", &platform("linux/amd64")).await.unwrap_err();
    assert!(matches!(error, Error::Lied(_)), "{error}");
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn an_index_that_lies_about_its_entries_is_refused() {
    let inner = image(b"a");
    for entry in [
        entry(&inner, inner.len() + 1, Some("linux/amd64")),
        entry(&inner, inner.len(), Some("linux/amd64")).replace(media_type::OCI_MANIFEST, media_type::DOCKER_MANIFEST),
    ] {
        let list = format!(r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{entry}]}}"#, media_type::OCI_INDEX);
        let (_server, repository) = registry(vec![list.into_bytes(), inner.clone()]).await;
        assert!(matches!(repository.image("latest", &platform("linux/amd64")).await, Err(Error::Lied(_))), "{entry}");
    }
}
