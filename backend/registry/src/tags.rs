//! Which tags a repository has.

use crate::error::{Error, Kind, Result};
use crate::repository::{Operation, Repository, resolve};
use hyper::Method;
use hyper::header::{HeaderMap, LINK};
use serde::Deserialize;

/// Bytes of one page, pages, and tags altogether.
const LARGEST_PAGE: usize = 4 << 20;
const MOST_PAGES: usize = 100;
const MOST_TAGS: usize = 10_000;

#[derive(Debug, Deserialize)]
struct Page {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

impl Repository {
    /// All tags, in the registry's order.
    ///
    /// # Errors
    /// The registry can't be asked, or has no such repository.
    pub async fn tags(&self) -> Result<Vec<String>> {
        let home = self.home()?;
        let mut url = self.url("tags/list");
        let mut tags = Vec::new();
        for _ in 0..MOST_PAGES {
            let answer = self.ask(home, Operation::Pull, &Method::GET, &url, &HeaderMap::new(), None).await?;
            if !answer.status.is_success() {
                return Err(self.failure(&self.shown(), answer).await);
            }
            let next = answer.header(LINK).and_then(next).map(|next| resolve(answer.origin(), next)).transpose()?;
            let bytes = answer.bytes(LARGEST_PAGE).await?;
            let page: Page = serde_json::from_slice(&bytes)
                .map_err(|_| Error::new(Kind::Broken, format!("{}: what came is no list of tags", self.shown())))?;
            tags.extend(page.tags.unwrap_or_default());
            if tags.len() > MOST_TAGS {
                return Err(Error::new(
                    Kind::TooLarge,
                    format!("{} has more than {MOST_TAGS} tags: pull one", self.shown()),
                ));
            }
            match next {
                Some((_, path)) => url = path,
                None => return Ok(tags),
            }
        }
        Err(Error::new(Kind::Broken, format!("{}: its list of tags has no end", self.shown())))
    }
}

/// `<…>; rel="next"` (RFC 8288).
fn next(link: &str) -> Option<&str> {
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    parameters.replace(['"', ' '], "").contains("rel=next").then_some(target)
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn the_next_page_is_a_link() {
        assert_eq!(next("</v2/a/tags/list?last=b&n=2>; rel=\"next\""), Some("/v2/a/tags/list?last=b&n=2"));
        assert_eq!(next("</x>;rel=next"), Some("/x"));
        assert_eq!(next("</x>; rel=\"prev\""), None);
        assert_eq!(next("nonsense"), None);
    }
}
