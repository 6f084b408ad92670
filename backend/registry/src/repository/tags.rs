//! The tags of a repository, page by page.

use super::{Repository, name};
use crate::http::{Response, Url};
use crate::peer::{Call, To};
use crate::refusal::{Refusal, Subject};
use crate::{Error, Result, json};
use hyper::Method;
use hyper::header::LINK;
use serde::Deserialize;

/// Of one page.
const LARGEST: usize = 1 << 20;
const MOST_PAGES: usize = 100;
const MOST_TAGS: usize = 20_000;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    /// Docker's registry says `null` of a repository whose last tag was deleted.
    tags: Vec<String>,
}

impl Repository {
    /// All tags, in the registry's order.
    ///
    /// # Errors
    /// There are more than twenty thousand, or the registry does not tell.
    pub async fn tags(&self) -> Result<Vec<String>> {
        let first = format!("/v2/{}/tags/list?n=1000", self.inner.path);
        let mut tags = Vec::new();
        let mut next: Option<Url> = None;
        for _ in 0..MOST_PAGES {
            let mut call = Call::new(Method::GET, &first, &self.inner.pulling);
            if let Some(url) = &next {
                call.to = To::Url(url);
            }
            let response = self.inner.registry.send(&call).await?;
            if !response.status.is_success() {
                let name = &self.inner.name;
                return Err(Refusal::read(response).await.about(Subject::Manifest { name, reference: name }));
            }
            let following = next_page(&response)?;
            let wrong = response.not_a_registry("no list of tags came");
            let page: Page = json::from_slice(&response.bytes(LARGEST).await?).map_err(|_| wrong)?;
            tags.extend(page.tags.into_iter().filter(|tag| name::is_tag(tag)));
            if tags.len() > MOST_TAGS {
                break;
            }
            match following {
                Some(url) => next = Some(url),
                None => return Ok(tags),
            }
        }
        Err(Error::TooLarge(format!("{} has too many tags to list", self.inner.name)))
    }
}

/// Where the next page is: on the same server, or nowhere.
fn next_page(response: &Response) -> Result<Option<Url>> {
    let Some(target) = response.header(LINK).and_then(next_of) else { return Ok(None) };
    let url = response.url.join(target).filter(|url| url.origin == response.url.origin);
    url.map(Some).ok_or_else(|| Error::BadRedirect(format!("{}: its next page is elsewhere", response.request)))
}

/// `</v2/a/tags/list?last=b&n=1>; rel="next"`.
fn next_of(link: &str) -> Option<&str> {
    let mut rest = link;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let (parameters, following) = after.split_at(after.find('<').unwrap_or(after.len()));
        let is_next = |parameter: &str| {
            parameter.trim_end_matches([',', ' ']).split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("rel") && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
            })
        };
        if parameters.split(';').any(is_next) {
            return Some(target);
        }
        rest = following;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found() {
        for (link, next) in [
            (r#"</v2/a/tags/list?last=b&n=1>; rel="next""#, Some("/v2/a/tags/list?last=b&n=1")),
            ("<https://a/b>;REL=next", Some("https://a/b")),
            (r#"</first>; rel="first", </next>; title="x"; rel="next""#, Some("/next")),
            (r#"</next>; rel="next", </last>; rel="last""#, Some("/next")),
            (r#"</prev>; rel="prev""#, None),
            ("</unfinished", None),
            ("nonsense; rel=next", None),
            ("", None),
        ] {
            assert_eq!(next_of(link), next, "{link}");
        }
    }
}
