//! Which kinds of manifests a client understands.

use axum::http::{HeaderMap, header};

/// Whether a client takes this media type. One that doesn't say takes all.
pub(super) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let mut ranges = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .peekable();
    ranges.peek().is_none() || ranges.any(|range| includes(range, media_type))
}

fn includes(range: &str, media_type: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default();
    let is_refused = parts.any(|parameter| {
        parameter.strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()).is_some_and(|weight| weight <= 0.0)
    });
    let kind = media_type.split('/').next().unwrap_or_default();
    !is_refused
        && (range.eq_ignore_ascii_case(media_type)
            || range == "*/*"
            || range.strip_suffix("/*").is_some_and(|range| range.eq_ignore_ascii_case(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

    fn accepts_oci(values: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::ACCEPT, HeaderValue::from_static(value));
        }
        accepts(&headers, OCI)
    }

    #[test]
    fn what_a_client_accepts() {
        assert!(accepts_oci(&[]) && accepts_oci(&["*/*"]) && accepts_oci(&["text/html, application/*;q=0.5"]));
        assert!(
            accepts_oci(&["application/json", OCI]) && accepts_oci(&["a/b,application/vnd.oci.image.manifest.v1+json"])
        );
        assert!(!accepts_oci(&["application/json"]) && !accepts_oci(&["text/*"]) && !accepts_oci(&["*/*;q=0"]));
    }
}
