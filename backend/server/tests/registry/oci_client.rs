//! The crate `oci-client`, which programs in Rust speak to registries with.

use crate::side::Side;
use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::manifest::{IMAGE_CONFIG_MEDIA_TYPE, IMAGE_LAYER_MEDIA_TYPE};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};

const NOBODY: RegistryAuth = RegistryAuth::Anonymous;

fn client(use_monolithic_push: bool) -> Client {
    // It wants one even where nothing is encrypted. An error: it has one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new(ClientConfig { protocol: ClientProtocol::Http, use_monolithic_push, ..ClientConfig::default() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pushes_in_its_ways_and_pulls() {
    let side = Side::start();
    let name = |path: &str| Reference::try_from(format!("{}/{path}", side.address)).unwrap();
    let noise: Vec<u8> = (0..5_000_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let layer = ImageLayer::new(noise.clone(), IMAGE_LAYER_MEDIA_TYPE.to_owned(), None);
    let config = || Config::new(b"{}".to_vec(), IMAGE_CONFIG_MEDIA_TYPE.to_owned(), None);
    for (is_monolithic, path) in [(true, "ada/at-once:1"), (false, "ada/in-chunks:1"), (false, "ada/in-chunks:2")] {
        let client = client(is_monolithic);
        client.push(&name(path), std::slice::from_ref(&layer), config(), &NOBODY, None).await.unwrap();
        let pulled = client.pull(&name(path), &NOBODY, vec![IMAGE_LAYER_MEDIA_TYPE]).await.unwrap();
        assert!(pulled.layers[0].data == noise, "{path}");
        let digest = client.fetch_manifest_digest(&name(path), &NOBODY).await.unwrap();
        assert_eq!(Some(digest), pulled.digest);
    }

    let client = client(false);
    let tags = client.list_tags(&name("ada/in-chunks"), &NOBODY, None, None).await.unwrap();
    assert_eq!(tags.tags, ["1", "2"]);
    let first = client.catalog(&name("any"), &NOBODY, Some(1), None).await.unwrap();
    assert_eq!(first.repositories, ["ada/at-once"]);
    let next =
        client.catalog(&name("any"), &NOBODY, Some(1), first.repositories.last().map(String::as_str)).await.unwrap();
    assert_eq!(next.repositories, ["ada/in-chunks"]);

    let digest = layer.sha256_digest();
    client.mount_blob(&name("ben/mounted"), &name("ada/at-once"), &digest).await.unwrap();
    assert!(client.blob_exists(&name("ben/mounted"), &digest).await.unwrap());
    assert!(!client.blob_exists(&name("ben/other"), &digest).await.unwrap());
    let missing = client.pull(&name("ada/nothing:1"), &NOBODY, vec![IMAGE_LAYER_MEDIA_TYPE]).await;
    assert!(missing.err().unwrap().to_string().contains("not known to registry"));
}
