//! Fenced code, line by line: what looks like a delimiter or a directive in it is code.

/// Follows ``` and ~~~ fences as CommonMark defines them.
#[derive(Debug, Default)]
pub(super) struct Fences {
    /// The fence's character and length, within a block.
    open: Option<(char, usize)>,
}

impl Fences {
    /// Takes the next line; answers whether it belongs to a fenced block (the fences themselves do).
    pub(super) fn contains(&mut self, line: &str) -> bool {
        let fence = fence(line);
        match (self.open, fence) {
            (None, Some((character, length, info))) => {
                // An info string with backticks is inline code: ```docker ps``` on one line opens nothing.
                let opens = character == '~' || !info.contains('`');
                if opens {
                    self.open = Some((character, length));
                }
                opens
            }
            (None, None) => false,
            (Some((open, least)), Some((character, length, info))) => {
                if character == open && length >= least && info.trim().is_empty() {
                    self.open = None;
                }
                true
            }
            (Some(_), None) => true,
        }
    }

    /// Whether a block has been opened and not closed.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

/// A fence's character, its length, and what follows it.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > 3 {
        return None;
    }
    let character = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = text.trim_start_matches(character);
    let length = text.len() - info.len();
    (length >= 3).then_some((character, length, info))
}

#[cfg(test)]
mod tests {
    use super::Fences;

    #[track_caller]
    fn check(text: &str, expected: &[bool]) {
        let mut fences = Fences::default();
        let found: Vec<bool> = text.lines().map(|line| fences.contains(line)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_block_contains_its_fences() {
        check("a\n```bash\n---\n```\nb", &[false, true, true, true, false]);
    }

    #[test]
    fn only_a_fence_as_long_of_the_same_kind_closes() {
        check("````\n```\n~~~~\n````\nb", &[true, true, true, true, false]);
    }

    #[test]
    fn inline_code_between_three_backticks_opens_nothing() {
        check("```docker ps```\n---", &[false, false]);
    }

    #[test]
    fn four_blanks_make_no_fence() {
        check("    ```\n---", &[false, false]);
    }
}
