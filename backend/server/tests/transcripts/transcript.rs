//! The files that say what is compared.
//!
//! ```text
//! # A comment.
//! @image debian                  an image that the commands need besides busybox
//! @registries                    localhost:5000 for everybody, localhost:5001 for ada, whose password is geheim
//! $ docker run -it busybox       a line for `sh`
//! > exit 3                       typed into its terminal at the next prompt; a command with such lines gets one
//! >> ^C                          typed when nothing has been written for a while
//! ! Ours says why.               a difference is meant, and this is the reason;
//! - err: what only Docker says   it is exactly this one
//! + err: what only we say
//! ```

/// One topic.
#[derive(Debug)]
pub(crate) struct Transcript {
    pub(crate) images: Vec<String>,
    pub(crate) needs_registries: bool,
    pub(crate) steps: Vec<Step>,
}

/// One command.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// In the file, from 1.
    pub(crate) line: usize,
    pub(crate) command: String,
    pub(crate) typed: Vec<Typed>,
    /// As [`crate::diff::lines`] writes them.
    pub(crate) differences: Vec<String>,
    reason: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Typed {
    /// Wait for a prompt, not only for silence.
    pub(crate) at_prompt: bool,
    /// With its control characters, and what ends the line.
    pub(crate) bytes: Vec<u8>,
}

impl Transcript {
    pub(crate) fn parse(text: &str) -> Self {
        let mut transcript = Self { images: vec!["busybox".into()], needs_registries: false, steps: Vec::new() };
        for (index, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
            match mark {
                "@image" => transcript.images.push(rest.into()),
                "@registries" => transcript.needs_registries = true,
                "$" => {
                    transcript.steps.push(Step { line: index + 1, command: rest.into(), ..Step::default() });
                }
                _ => transcript.steps.last_mut().expect("a command first").add(mark, rest, line),
            }
        }
        for step in &transcript.steps {
            let explained = step.reason.is_some() != step.differences.is_empty();
            assert!(explained, "line {}: a difference has a reason, and a reason a difference", step.line);
        }
        transcript
    }
}

impl Step {
    fn add(&mut self, mark: &str, rest: &str, line: &str) {
        match mark {
            ">" | ">>" => self.typed.push(Typed { at_prompt: mark == ">", bytes: keys(rest) }),
            "!" => self.reason = Some(rest.into()),
            "-" | "+" => self.differences.push(line.into()),
            _ => panic!("what is this line? {line}"),
        }
    }
}

/// A line and its end; or, in `^P^Q`, these keys alone.
fn keys(text: &str) -> Vec<u8> {
    let controls = text.strip_prefix('^').filter(|rest| rest.split('^').all(|key| key.len() == 1));
    match controls {
        Some(controls) => controls.split('^').map(|key| key.as_bytes()[0] & 0x1f).collect(),
        None => format!("{text}\n").into_bytes(),
    }
}

#[test]
fn a_file_is_read() {
    let text = "@image debian\n# none\n$ ls\n> a b\n>> ^P^Q\n! why\n- out: x\n$ true\n";
    let Transcript { images, steps, .. } = Transcript::parse(text);
    assert_eq!(images, ["busybox", "debian"]);
    assert_eq!((steps[0].line, steps[0].command.as_str(), steps[1].command.as_str()), (3, "ls", "true"));
    assert_eq!((&steps[0].typed[0].bytes[..], &steps[0].typed[1].bytes[..]), (&b"a b\n"[..], &b"\x10\x11"[..]));
    assert_eq!(steps[0].differences, ["- out: x"]);
}
