//! Words as Docker's builder understands them: quotes, escapes, `$NAME`, `${NAME}`, `${NAME:-word}`.

use crate::{Error, Result};

/// Substitutions in one another.
const DEEPEST: usize = 50;
/// Bytes of what comes out: every `$A` of a text can be as long as the text.
const LONGEST: usize = 1 << 20;

/// One word of a text, without its quotes. `env` is `NAME=value`.
pub(super) fn word(text: &str, env: &[String]) -> Result<String> {
    Ok(expand(text, env)?.text)
}

/// The words of a text: what comes of variables is cut at blanks, too.
pub(super) fn words(text: &str, env: &[String]) -> Result<Vec<String>> {
    let expanded = expand(text, env)?;
    Ok(expanded.words.into_iter().chain(expanded.current).collect())
}

fn expand(text: &str, env: &[String]) -> Result<Expanded> {
    let mut reader = Reader { rest: text, env, depth: 0, written: 0 };
    let failed = |why: String| Error::invalid(format!("failed to process {text:?}: {why}"));
    reader.until(None).map_err(failed)
}

struct Reader<'a> {
    rest: &'a str,
    env: &'a [String],
    depth: usize,
    written: usize,
}

/// What comes out: as one text, and as words.
#[derive(Default)]
struct Expanded {
    text: String,
    words: Vec<String>,
    current: Option<String>,
}

impl Expanded {
    /// What is quoted, or written as it is.
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.current.get_or_insert_default().push_str(text);
    }

    fn push_unquoted(&mut self, text: &str) {
        self.text.push_str(text);
        for character in text.chars() {
            if character.is_whitespace() {
                self.words.extend(self.current.take());
            } else {
                self.current.get_or_insert_default().push(character);
            }
        }
    }
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    /// Up to this character, which is read, too; or to the end.
    fn until(&mut self, stop: Option<char>) -> Result<Expanded, String> {
        let mut expanded = Expanded::default();
        loop {
            if self.rest.is_empty() {
                return if stop.is_some() { Err("syntax error: missing '}'".to_owned()) } else { Ok(expanded) };
            }
            if self.rest.starts_with('$') {
                let value = self.variable()?;
                expanded.push_unquoted(&value);
                continue;
            }
            match self.next() {
                Some(character) if Some(character) == stop => return Ok(expanded),
                Some('\'') => expanded.push(&self.single_quoted()?),
                Some('"') => expanded.push(&self.double_quoted()?),
                // An escape at the end is nothing.
                Some('\\') => expanded.push(&self.next().map(String::from).unwrap_or_default()),
                Some(character) => expanded.push_unquoted(character.encode_utf8(&mut [0; 4])),
                None => {}
            }
        }
    }

    fn single_quoted(&mut self) -> Result<String, String> {
        let missing = "unexpected end of statement while looking for matching single-quote";
        let (text, rest) = self.rest.split_once('\'').ok_or(missing)?;
        self.rest = rest;
        Ok(text.to_owned())
    }

    fn double_quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        loop {
            if self.rest.starts_with('$') {
                text.push_str(&self.variable()?);
                continue;
            }
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => match self.next() {
                    Some(escaped @ ('"' | '$' | '\\')) => text.push(escaped),
                    other => text.extend(std::iter::once('\\').chain(other)),
                },
                Some(character) => text.push(character),
                None => {
                    return Err("unexpected end of statement while looking for matching double-quote".to_owned());
                }
            }
        }
    }

    fn variable(&mut self) -> Result<String, String> {
        self.next();
        let value = if self.rest.starts_with('{') {
            self.next();
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(format!("more than {DEEPEST} substitutions in one another"));
            }
            let value = self.braced()?;
            self.depth -= 1;
            value
        } else {
            let name = self.name();
            if name.is_empty() { "$".to_owned() } else { self.value(&name).unwrap_or_default() }
        };
        self.written += value.len();
        if self.written > LONGEST {
            return Err(format!("what comes out is longer than {LONGEST} bytes"));
        }
        Ok(value)
    }

    fn braced(&mut self) -> Result<String, String> {
        let name = self.name();
        // What there is not, is for Go this character.
        let mut modifier = self.next().unwrap_or(char::REPLACEMENT_CHARACTER);
        if modifier == '}' {
            return Ok(self.value(&name).unwrap_or_default());
        }
        let mut shown = modifier.to_string();
        let empty_is_unset = modifier == ':';
        if empty_is_unset {
            modifier = self.next().unwrap_or(char::REPLACEMENT_CHARACTER);
            shown.push(modifier);
        }
        if matches!(modifier, '#' | '%' | '/') {
            return Err(format!("patterns ({shown}) in substitutions are not there yet in Lernhafen"));
        }
        if !matches!(modifier, '+' | '-' | '?') {
            return Err(format!("unsupported modifier ({shown}) in substitution"));
        }
        let word = self.until(Some('}'))?.text;
        let value = self.value(&name);
        let is_set = value.as_ref().is_some_and(|value| !(empty_is_unset && value.is_empty()));
        match modifier {
            '-' if !is_set => Ok(word),
            '+' => Ok(if is_set { word } else { String::new() }),
            '?' if !is_set => {
                let why = if value.is_none() { "is not allowed to be unset" } else { "is not allowed to be empty" };
                Err(format!("{name}: {}", if word.is_empty() { why } else { &word }))
            }
            _ => Ok(value.unwrap_or_default()),
        }
    }

    fn name(&mut self) -> String {
        let special = |c: char| matches!(c, '@' | '*' | '#' | '?' | '-' | '$' | '!');
        let length = match self.rest.chars().next() {
            Some(first) if special(first) => 1,
            Some(first) if first.is_ascii_digit() => {
                self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len())
            }
            _ => self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len()),
        };
        let (name, rest) = self.rest.split_at(length);
        self.rest = rest;
        name.to_owned()
    }

    fn value(&self, name: &str) -> Option<String> {
        let found = self.env.iter().filter_map(|variable| variable.split_once('=')).find(|(key, _)| *key == name);
        found.map(|(_, value)| value.to_owned())
    }
}
