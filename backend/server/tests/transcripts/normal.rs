//! What differs from run to run is taken out of output, and nothing else.

use crate::side::Outcome;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What is replaced, in this order.
static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rules = [
        // Colours and movements of the cursor.
        (r"\x1b\[[0-9;?]*[A-Za-z]", ""),
        // The zero time is a fact, every other time is not.
        (r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|\+00:00)", "<time>"),
        (r"2[0-9]{3}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)? \+0000 UTC", "<time>"),
        (r"(?-u:\b)1[0-9]{9}([0-9]{9})?(?-u:\b)", "<time>"),
        (
            r"(Less than a second|About a minute|About an hour|[0-9]+ (second|minute|hour|day|week|month)s?)",
            "<duration>",
        ),
        (r"(?-u:\b)([0-9a-f]{2}:){5}[0-9a-f]{2}(?-u:\b)", "<mac>"),
        // Columns are as wide as what is in them.
        (r" {3,}", "   "),
    ];
    rules.map(|(pattern, with)| (Regex::new(pattern).unwrap(), with)).into()
});

static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?-u:\b)([0-9a-f]{64}|[0-9a-f]{12})(?-u:\b)").unwrap());

/// The lines of what the commands of one side did.
pub(crate) fn all(outcomes: &[Outcome]) -> Vec<Vec<String>> {
    let mut ids = Ids::default();
    outcomes.iter().map(|outcome| ids.lines(outcome)).collect()
}

/// Ids in the order of their appearance, each by its first 12 digits.
#[derive(Default)]
struct Ids(BTreeMap<String, usize>);

impl Ids {
    fn lines(&mut self, outcome: &Outcome) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, text) in [("out", &outcome.out), ("err", &outcome.err)] {
            let text = self.text(&text.replace(&outcome.directory, "<directory>"));
            lines.extend(text.lines().map(|line| format!("{name}: {line}").trim_end().to_owned()));
        }
        lines.push(outcome.code.map_or("killed".into(), |code| format!("exit: {code}")));
        lines
    }

    fn text(&mut self, text: &str) -> String {
        let text = text.replace("\r\n", "\n");
        let mut text = Cow::from(text);
        for (rule, with) in RULES.iter() {
            text = rule.replace_all(&text, *with).into_owned().into();
        }
        let named = ID.replace_all(&text, |found: &Captures<'_>| {
            let next = self.0.len() + 1;
            let number = *self.0.entry(found[0][..12].to_owned()).or_insert(next);
            if found[0].len() == 12 { format!("<short{number}>") } else { format!("<id{number}>") }
        });
        named.into_owned()
    }
}

#[test]
fn what_changes_from_run_to_run_is_named() {
    let (a, b) = ("a".repeat(64), "0123456789ab");
    let text = format!("{b} {a} aaaaaaaaaaaa\tUp 3 seconds (Paused)     2026-01-02T03:04:05.678Z 0001-01-01T00:00:00Z");
    assert_eq!(
        Ids::default().text(&text),
        "<short1> <id2> <short2>\tUp <duration> (Paused)   <time> 0001-01-01T00:00:00Z"
    );
}
