//! Participants' names, and the host names made of them.

use protocol::session::MAX_NAME;

/// Longest host name that is made of a name, so that a prompt leaves room for the command.
const MAX_HOST_NAME: usize = 20;

/// The name without blanks around it; `None` if it is empty, too long, or has control characters.
pub(crate) fn check_name(name: &str) -> Option<&str> {
    let name = name.trim();
    let visible = name.chars().any(|c| !c.is_whitespace() && !is_invisible(c));
    let plain = !name.chars().any(|c| c.is_control() || is_reordering(c));
    (visible && plain && name.chars().count() <= MAX_NAME).then_some(name)
}

/// What nobody's host is called: in the workshop's registry it is where the instructor's images are.
const RESERVED: &str = "library";

/// What `hostname` says in the workstation of a participant of that name: `otto`, or `otto-2` if that is `taken`.
pub(super) fn host_name(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let plain = plain(name);
    let numbered = |number: u32| {
        let end = format!("-{number}");
        let room = MAX_HOST_NAME - end.len();
        format!("{}{end}", plain.get(..room).unwrap_or(&plain).trim_end_matches('-'))
    };
    let names = std::iter::once(plain.clone()).chain((2..).map(numbered));
    // There are more numbers than sessions.
    names.into_iter().find(|name| name != RESERVED && !taken(name)).unwrap_or(plain)
}

/// The name in letters, digits and hyphens.
fn plain(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'ä' => slug.push_str("ae"),
            'ö' => slug.push_str("oe"),
            'ü' => slug.push_str("ue"),
            'ß' => slug.push_str("ss"),
            'a'..='z' | '0'..='9' => slug.push(c),
            _ => match unaccented(c) {
                Some(letter) => slug.push(letter),
                None if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
                None => {}
            },
        }
    }
    slug.truncate(MAX_HOST_NAME);
    match slug.trim_end_matches('-') {
        "" => "lernhafen".to_owned(),
        slug => slug.to_owned(),
    }
}

/// Letters of our neighbours' names.
fn unaccented(c: char) -> Option<char> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' => 'a',
        'ç' | 'č' | 'ć' => 'c',
        'ď' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ě' | 'ę' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ň' | 'ń' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ő' => 'o',
        'ř' => 'r',
        'š' | 'ş' | 'ś' => 's',
        'ť' => 't',
        'ù' | 'ú' | 'û' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ž' | 'ź' | 'ż' => 'z',
        _ => return None,
    })
}

/// Zero width: a name of these alone looks empty.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe0e}' | '\u{fe0f}')
}

/// Turns the direction of the text around it.
fn is_reordering(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_people_write_them() {
        for name in ["Anna", "Jürgen Groß", "李雷", "🐳", "👩‍🚀 Zoë", "a"] {
            assert_eq!(check_name(name), Some(name));
        }
        assert_eq!(check_name("  Anna\n"), Some("Anna"));
        let longest = "ä".repeat(MAX_NAME);
        assert_eq!(check_name(&longest), Some(longest.as_str()));
    }

    #[test]
    fn bad_names_are_refused() {
        for name in ["", "   ", "a\nb", "a\u{0}b", "\u{1b}[31mrot", "a\u{85}b", "a\u{202e}b", "\u{200b}\u{200d}"] {
            assert_eq!(check_name(name), None, "{name:?}");
        }
        assert_eq!(check_name(&"a".repeat(MAX_NAME + 1)), None);
        assert_eq!(check_name(&"a".repeat(10_000)), None);
    }

    #[test]
    fn host_names_are_short_and_plain() {
        let expected = [
            ("Anna", "anna"),
            ("Jürgen Groß", "juergen-gross"),
            ("  Zoë // K. ", "zoe-k"),
            ("🐳", "lernhafen"),
            ("李雷", "lernhafen"),
            ("-x-", "x"),
            ("Anna-Maria Wilhelmine von", "anna-maria-wilhelmin"),
            ("abcdefghijklmnopqrs tuv", "abcdefghijklmnopqrs"),
        ];
        for (name, host) in expected {
            assert_eq!(host_name(name, |_| false), host);
        }
    }

    #[test]
    fn a_host_name_that_is_taken_gets_a_number() {
        let taken = ["otto", "otto-2", "otto-4", "anna-maria-wilhelmin", "abcdefghijklmnopq-st"];
        let host = |name: &str| host_name(name, |name| taken.contains(&name));
        assert_eq!(host("Otto"), "otto-3");
        assert_eq!(host("Otto 2"), "otto-2-2");
        assert_eq!(host("Anna-Maria Wilhelmine"), "anna-maria-wilhelm-2");
        assert_eq!(host("abcdefghijklmnopq st"), "abcdefghijklmnopq-2");
        assert_eq!(host("Library"), "library-2", "its images would be the instructor's");
    }
}
