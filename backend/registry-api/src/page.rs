//! Lists come in pages.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// Most that one page has.
pub(crate) const MOST: usize = 1000;

/// How many a page is to have. The engine is asked for one more, to know whether there is another page.
pub(crate) fn wanted(count: Option<usize>) -> usize {
    count.unwrap_or(MOST).min(MOST)
}

/// Cuts a list that was asked for with one more; the last of what is left, if there were more.
pub(crate) fn cut(names: &mut Vec<String>, wanted: usize) -> Option<String> {
    let has_more = names.len() > wanted;
    names.truncate(wanted);
    // Who wants nothing gets nothing, and no next page of it.
    names.last().filter(|_| has_more).cloned()
}

/// An answer that says where it goes on.
pub(crate) fn respond(content_type: &str, body: String, next: Option<String>) -> Response {
    let mut response = ([(header::CONTENT_TYPE, content_type)], body).into_response();
    if let Some(link) = next.and_then(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}
