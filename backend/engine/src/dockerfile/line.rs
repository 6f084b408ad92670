//! From text to instructions: lines, continuations, comments, and the forms that arguments come in.

use crate::{Error, Result};

/// Longest text, in bytes: what stands in an image's configuration comes from it.
const LONGEST: usize = 1 << 20;

/// An instruction as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instruction {
    /// As written: `Env`.
    pub(super) name: String,
    /// `--interval=5s`
    pub(super) flags: Vec<String>,
    pub(super) rest: String,
}

/// Arguments that may be a JSON array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Arguments {
    Json(Vec<String>),
    Text(String),
}

/// Reads text of several lines.
///
/// # Errors
/// There is no instruction in it.
pub(super) fn instructions(text: &str) -> Result<Vec<Instruction>> {
    if text.len() > LONGEST {
        return Err(Error::invalid(format!("the instructions are longer than {LONGEST} bytes")));
    }
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (mut whole, mut goes_on) = continuation(uncommented(line.trim_start()));
        if whole.is_empty() && !goes_on {
            continue;
        }
        while goes_on {
            let Some(line) = lines.next() else { break };
            if line.trim().is_empty() || line.trim_start().starts_with('#') {
                continue;
            }
            let (more, and_on) = continuation(line.to_owned());
            whole.push_str(&more);
            goes_on = and_on;
        }
        found.push(instruction(&whole));
    }
    if found.is_empty() { Err(Error::invalid("file with no instructions")) } else { Ok(found) }
}

/// Words between blanks.
pub(super) fn words(rest: &str) -> Vec<String> {
    rest.split(is_blank).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// # Errors
/// It is an array of other things than strings.
pub(super) fn maybe_json(rest: &str) -> Result<Arguments> {
    match serde_json::from_str::<serde_json::Value>(rest) {
        Ok(serde_json::Value::Array(items)) => {
            let texts = items.into_iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
            let mixed = || Error::invalid("when using JSON array syntax, arrays must be comprised of strings only");
            texts.map(Arguments::Json).ok_or_else(mixed)
        }
        _ => Ok(Arguments::Text(rest.to_owned())),
    }
}

/// `NAME=value` as often as wanted, or one `NAME value`; quotes are still there.
pub(super) fn pairs(rest: &str, command: &str) -> Result<Vec<(String, String)>> {
    let words = quoted_words(rest);
    let Some(first) = words.first() else {
        return Err(Error::invalid(format!("{command} requires at least one argument")));
    };
    let mut pairs = Vec::new();
    if first.contains('=') {
        for word in &words {
            let form =
                || Error::invalid(format!("Syntax error - can't find = in {word:?}. Must be of the form: name=value"));
            let (name, value) = word.split_once('=').ok_or_else(form)?;
            pairs.push((name.to_owned(), value.to_owned()));
        }
    } else {
        let two = || Error::invalid(format!("{command} must have two arguments"));
        let (name, value) = rest.split_once(is_blank).ok_or_else(two)?;
        pairs.push((name.to_owned(), value.trim_start_matches(is_blank).to_owned()));
    }
    if pairs.iter().any(|(name, _)| name.is_empty()) {
        return Err(Error::invalid(format!("{command} names can not be blank")));
    }
    Ok(pairs)
}

fn instruction(line: &str) -> Instruction {
    let line = line.trim();
    let (name, rest) = line.split_once(is_blank).unwrap_or((line, ""));
    let mut rest = rest.trim_start();
    let mut flags = Vec::new();
    while rest.starts_with("--") {
        let end = quoted_end(rest);
        let (flag, after) = rest.split_at(end);
        rest = after.trim_start();
        if flag == "--" {
            break;
        }
        flags.push(flag.to_owned());
    }
    Instruction { name: name.to_owned(), flags, rest: rest.to_owned() }
}

fn quoted_words(mut rest: &str) -> Vec<String> {
    let mut words = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return words;
        }
        let (word, after) = rest.split_at(quoted_end(rest));
        words.push(word.to_owned());
        rest = after;
    }
}

/// Where the first word ends: at the first blank that is neither in quotes nor escaped.
fn quoted_end(text: &str) -> usize {
    let (mut quote, mut escaped) = (None, false);
    for (position, character) in text.char_indices() {
        match (quote, character) {
            _ if escaped => escaped = false,
            (Some('"') | None, '\\') => escaped = true,
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, blank) if blank.is_whitespace() => return position,
            _ => {}
        }
    }
    text.len()
}

fn uncommented(line: &str) -> String {
    if line.starts_with('#') { String::new() } else { line.to_owned() }
}

/// Without the backslash at its end, if there is one.
fn continuation(line: String) -> (String, bool) {
    match line.trim_end_matches([' ', '\t']).strip_suffix('\\') {
        Some(before) => (before.to_owned(), true),
        None => (line, false),
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\x0b' | '\x0c' | '\r')
}
