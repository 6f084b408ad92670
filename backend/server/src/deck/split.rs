//! Cuts a deck into slides, at `---` and `+++`.

use super::fence::Fences;
use super::{DeckError, Remarks};

/// Most slides that a deck may have.
pub(super) const MAX_SLIDES: usize = 1000;

/// A slide's own lines, without its delimiter.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RawSlide<'a> {
    /// Number of the first of `lines` in the file, from 1.
    pub(super) first_line: usize,
    pub(super) lines: Vec<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Horizontal,
    Vertical,
}

/// Cuts `text` into stacks of slides. No stack is empty.
pub(super) fn split<'a>(text: &'a str, remarks: &mut Remarks) -> Result<Vec<Vec<RawSlide<'a>>>, DeckError> {
    let mut stacks = vec![vec![RawSlide { first_line: 1, lines: Vec::new() }]];
    let mut fences = Fences::default();
    let mut opened_at = 0;
    let mut count = 1;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let was_open = fences.is_open();
        let fenced = fences.contains(line);
        if fences.is_open() && !was_open {
            opened_at = number;
        }
        let Some((direction, parameters)) = delimiter(line).filter(|_| !fenced) else {
            if let Some(slide) = stacks.last_mut().and_then(|stack| stack.last_mut()) {
                slide.lines.push(line);
            }
            continue;
        };
        if !parameters.is_empty() {
            remarks.add(number, format!("the slide's parameters `?{parameters}` are not used yet"));
        }
        let slide = RawSlide { first_line: number + 1, lines: Vec::new() };
        // The first delimiter is implicit: one on the first line begins no second slide.
        if index == 0 {
            stacks = vec![vec![slide]];
            continue;
        }
        count += 1;
        if count > MAX_SLIDES {
            return Err(DeckError::TooManySlides { line: number, limit: MAX_SLIDES });
        }
        match (direction, stacks.last_mut()) {
            (Direction::Vertical, Some(stack)) => stack.push(slide),
            _ => stacks.push(vec![slide]),
        }
    }
    if fences.is_open() {
        remarks.add(opened_at, "this code block is never closed: everything after it belongs to it");
    }
    Ok(stacks)
}

/// The delimiter's direction, and what follows its `?`. `----` is a line like any other.
fn delimiter(line: &str) -> Option<(Direction, &str)> {
    let line = line.trim_end();
    let (direction, rest) = match (line.strip_prefix("---"), line.strip_prefix("+++")) {
        (Some(rest), _) => (Direction::Horizontal, rest),
        (_, Some(rest)) => (Direction::Vertical, rest),
        _ => return None,
    };
    if rest.is_empty() { Some((direction, "")) } else { rest.strip_prefix('?').map(|rest| (direction, rest)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The slides' lines, joined with `/`; and the remarks' lines.
    #[track_caller]
    fn check(text: &str, expected: &[&[&str]], remarked: &[usize]) {
        let mut remarks = Remarks::default();
        let stacks = split(text, &mut remarks).unwrap();
        let found: Vec<Vec<String>> =
            stacks.iter().map(|stack| stack.iter().map(|slide| slide.lines.join("/")).collect()).collect();
        assert_eq!(found, expected);
        assert_eq!(remarks.lines(), remarked);
    }

    #[test]
    fn plus_goes_down_and_minus_goes_right() {
        check("a\n---\nb\n+++\nc\n+++\nd\n---\ne", &[&["a"], &["b", "c", "d"], &["e"]], &[]);
    }

    #[test]
    fn trailing_blanks_and_carriage_returns_do_not_matter() {
        check("a\r\n--- \r\nb\r\n+++\t\nc", &[&["a"], &["b", "c"]], &[]);
    }

    #[test]
    fn four_dashes_and_indented_ones_are_text() {
        check("a\n----\n ---\n++++", &[&["a/----/ ---/++++"]], &[]);
    }

    #[test]
    fn a_delimiter_in_a_code_block_is_code() {
        check("```yaml\na: 1\n---\nb: 2\n```\n---\nc", &[&["```yaml/a: 1/---/b: 2/```"], &["c"]], &[]);
    }

    #[test]
    fn a_delimiter_on_the_first_line_is_the_implicit_one() {
        check("---?image=a.png\na\n---\nb", &[&["a"], &["b"]], &[1]);
        check("+++\na\n+++\nb", &[&["a", "b"]], &[]);
    }

    #[test]
    fn parameters_are_dropped_and_remarked() {
        check("a\n---?image=x.png&size=auto 90%\nb\n+++?color=#e49436\nc", &[&["a"], &["b", "c"]], &[2, 4]);
    }

    #[test]
    fn an_open_block_is_remarked_where_it_opens() {
        check("a\n```\nb\n---\nc", &[&["a/```/b/---/c"]], &[2]);
    }

    #[test]
    fn empty_slides_keep_the_addresses_of_the_others() {
        check("a\n---\n---\nb", &[&["a"], &[""], &["b"]], &[]);
    }

    #[test]
    fn too_many_slides_are_refused() {
        let text = "---\n".repeat(MAX_SLIDES + 2);
        assert!(matches!(split(&text, &mut Remarks::default()), Err(DeckError::TooManySlides { .. })));
    }
}
