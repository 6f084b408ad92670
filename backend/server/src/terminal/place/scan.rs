//! What a terminal's output says beside text: the shell's marks, and who takes the whole screen.

/// Bytes of a control sequence that are kept. Ours are shorter; of longer ones only the end is looked for.
const LONGEST: usize = 128;

/// Something seen in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Something that is drawn.
    Text,
    /// A program took the alternate screen, or gave it back.
    Alternate(bool),
    /// The last command has ended, with this code.
    Ended(Option<i32>),
    /// The shell begins its prompt.
    Prompt,
    /// The prompt is written: what follows is what is typed.
    Input,
    /// What was typed is run.
    Run,
}

/// Reads a stream piece by piece, as a terminal does: the marks are OSC 133 (FinalTerm's), with the shell's own secret in them.
#[derive(Debug)]
pub(super) struct Scanner {
    /// What marks carry; without it none is believed.
    secret: Option<String>,
    state: State,
    kept: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    /// `ESC [ …` up to a letter.
    Csi,
    /// `ESC ] …` up to BEL or `ESC \`.
    Osc,
    /// Strings that nobody looks at, up to `ESC \`.
    Other,
}

impl Scanner {
    pub(super) fn new(secret: Option<String>) -> Self {
        Self { secret, state: State::Ground, kept: Vec::new() }
    }

    /// Whether the shell makes marks.
    pub(super) fn has_marks(&self) -> bool {
        self.secret.is_some()
    }

    /// Takes the next bytes; tells `see` of everything in them, in order.
    pub(super) fn scan(&mut self, bytes: &[u8], mut see: impl FnMut(Seen)) {
        for &byte in bytes {
            self.state = match (self.state, byte) {
                // An escape ends whatever it comes in, as CAN and SUB do.
                (State::Osc, 0x1b) => self.end_osc(State::Escape, &mut see),
                (_, 0x1b) => State::Escape,
                (_, 0x18 | 0x1a) => State::Ground,
                (State::Ground, _) => {
                    if byte > b' ' && byte != 0x7f {
                        see(Seen::Text);
                    }
                    State::Ground
                }
                (State::Escape, b'[') => self.begin(State::Csi),
                (State::Escape, b']') => self.begin(State::Osc),
                (State::Escape, b'P' | b'X' | b'^' | b'_') => State::Other,
                // A reset of the whole terminal.
                (State::Escape, b'c') => {
                    see(Seen::Alternate(false));
                    State::Ground
                }
                // `ESC ( B` and the like: one more byte.
                (State::Escape, 0x20..=0x2f) => State::Escape,
                (State::Escape, _) => State::Ground,
                (State::Csi, 0x40..=0x7e) => self.end_csi(byte, &mut see),
                (State::Osc, 0x07) => self.end_osc(State::Ground, &mut see),
                (State::Other, _) => State::Other,
                (state, _) => {
                    if self.kept.len() < LONGEST {
                        self.kept.push(byte);
                    }
                    state
                }
            };
        }
    }

    fn begin(&mut self, state: State) -> State {
        self.kept.clear();
        state
    }

    fn end_csi(&self, last: u8, see: &mut impl FnMut(Seen)) -> State {
        let on = match last {
            b'h' => true,
            b'l' => false,
            _ => return State::Ground,
        };
        if let Some(modes) = self.kept.strip_prefix(b"?")
            && modes.split(|byte| *byte == b';').any(|mode| matches!(mode, b"1049" | b"1047" | b"47"))
        {
            see(Seen::Alternate(on));
        }
        State::Ground
    }

    fn end_osc(&self, next: State, see: &mut impl FnMut(Seen)) -> State {
        if self.kept.len() < LONGEST
            && let Some(mark) = str::from_utf8(&self.kept).ok().and_then(|text| text.strip_prefix("133;"))
            && let Some(seen) = self.mark(mark)
        {
            see(seen);
        }
        next
    }

    fn mark(&self, mark: &str) -> Option<Seen> {
        let (letter, rest) = mark.split_once(';')?;
        let is_ours = self.secret.as_ref().is_some_and(|secret| {
            rest.split(';').any(|part| part.strip_prefix("aid=").is_some_and(|carried| carried == secret))
        });
        match letter {
            _ if !is_ours => None,
            "A" => Some(Seen::Prompt),
            "B" => Some(Seen::Input),
            "C" => Some(Seen::Run),
            "D" => Some(Seen::Ended(rest.split(';').next().and_then(|code| code.parse().ok()))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(pieces: &[&[u8]]) -> Vec<Seen> {
        let mut scanner = Scanner::new(Some("s3".to_owned()));
        let mut seen = Vec::new();
        pieces.iter().for_each(|piece| scanner.scan(piece, |what| seen.push(what)));
        seen.dedup();
        seen
    }

    #[test]
    fn marks_are_found_however_the_stream_is_cut() {
        let stream = b"\x1b]133;D;130;aid=s3\x07\x1b]133;A;aid=s3\x1b\\anna # \x1b[1;36m\x1b]133;B;aid=s3\x07ls\x1b]133;C;aid=s3\x07";
        let expected = [Seen::Ended(Some(130)), Seen::Prompt, Seen::Text, Seen::Input, Seen::Text, Seen::Run];
        assert_eq!(scan(&[stream]), expected);
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(scan(&bytes), expected);
    }

    #[test]
    fn marks_without_the_secret_are_nobodys() {
        for forged in [
            "\x1b]133;A\x07",
            "\x1b]133;D;0;aid=other\x07",
            "\x1b]133;A;aid=\x07",
            "\x1b]133;A;xaid=s3\x07",
            "\x1bP\x1b]133;A;aid=s\x073\x1b\\",
        ] {
            assert!(scan(&[forged.as_bytes()]).iter().all(|seen| *seen == Seen::Text), "{forged:?}");
        }
        let mut scanner = Scanner::new(None);
        scanner.scan(b"\x1b]133;A;aid=s3\x07", |seen| unreachable!("{seen:?}"));
    }

    #[test]
    fn the_alternate_screen_is_followed() {
        assert_eq!(
            scan(&[b"\x1b[?1049h", b"\x1b[?25l", b"\x1b[?1049l"]),
            [Seen::Alternate(true), Seen::Alternate(false)]
        );
        assert_eq!(scan(&[b"\x1b[?25;47h"]), [Seen::Alternate(true)]);
        assert_eq!(scan(&[b"\x1b[1049h\x1b[?10490h"]), []);
        assert_eq!(scan(&[b"\x1bc"]), [Seen::Alternate(false)]);
    }

    #[test]
    fn what_never_ends_hides_no_mark() {
        let mut endless = b"\x1b]52;c;".to_vec();
        endless.extend([b'A'; 10_000]);
        endless.extend(b"\x1b]133;A;aid=s3\x07");
        assert_eq!(scan(&[&endless]), [Seen::Prompt]);
        let mut scanner = Scanner::new(None);
        scanner.scan(&endless, |_| {});
        assert!(scanner.kept.len() <= LONGEST);
    }
}
