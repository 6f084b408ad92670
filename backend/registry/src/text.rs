//! Text of registries, made fit to be shown in a terminal and a log.

/// More than any registry has to say, in characters.
const LONGEST: usize = 400;

/// At most [`LONGEST`] characters, without those that steer a terminal or turn its writing round.
pub(crate) fn shown(text: &str) -> String {
    let harmless = |c: &char| {
        !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut characters = text.trim().chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(harmless);
    let mut shown: String = characters.by_ref().take(LONGEST).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_left_out() {
        assert_eq!(shown("  no\tsuch\nthing\x1b[31m \u{202e}x\u{7}\0 "), "no such thing[31m x");
        assert_eq!(shown(&"ä".repeat(LONGEST)), "ä".repeat(LONGEST));
        assert_eq!(shown(&"ä".repeat(LONGEST + 1)), format!("{}…", "ä".repeat(LONGEST)));
    }
}
