//! What may be in a request's path: names by Docker's grammar, and nothing that a server could read as more.

/// `library/debian`: words in lower case, with `.`, `_`, `__` or dashes within, and `/` between.
pub(super) fn is_path(text: &str) -> bool {
    text.len() <= 255 && text.split('/').all(is_component)
}

/// `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`.
pub(super) fn is_tag(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let is_first = text.bytes().next().is_some_and(is_word);
    is_first && text.len() <= 128 && text.bytes().all(|b| is_word(b) || b == b'.' || b == b'-')
}

fn is_component(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_separator = |text: &str| matches!(text, "." | "_" | "__") || text.bytes().all(|b| b == b'-');
    let edges = text.starts_with(is_word) && text.ends_with(is_word);
    edges && text.split(is_word).all(|between| between.is_empty() || is_separator(between))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_dockers_grammar() {
        for path in ["a", "library/debian", "a/b/c", "a__b.c-d", "a---b", "0/1"] {
            assert!(is_path(path), "{path}");
        }
        for path in [
            "", "/", "a/", "/a", "a//b", "..", "a/../b", "A", "a..b", "a___b", "-a", "a-", "a._b", "a b", "a?b",
            "a%2fb", "ä", "a\n",
        ] {
            assert!(!is_path(path), "{path}");
        }
        assert!(!is_path(&"a".repeat(256)));
    }

    #[test]
    fn tags_follow_dockers_grammar() {
        for tag in ["latest", "13", "_a.B-c", &"a".repeat(128)] {
            assert!(is_tag(tag), "{tag}");
        }
        for tag in ["", ".a", "-a", "a/b", "a b", "ä", "a?", &"a".repeat(129)] {
            assert!(!is_tag(tag), "{tag}");
        }
    }
}
