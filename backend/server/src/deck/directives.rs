//! What GitPitch adds to Markdown, taken out of a slide before CommonMark sees it: `@title`, steps, notes.
//!
//! CommonMark would read `@[1](text)` as a link, and steps on neighbouring lines as one paragraph.

use super::fence::Fences;
use super::split::RawSlide;
use super::{Remarks, steps};

/// A slide without its directives.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Directed {
    /// Of `@title[…]`.
    pub(super) title: Option<String>,
    pub(super) steps: Vec<steps::RawStep>,
    /// Markdown. Each directive has left an empty line, so that line numbers still fit.
    pub(super) body: String,
}

/// Directives that GitPitch has and we do not: their lines are left out, what they surround stays.
const UNKNOWN_FRAMES: [&str; 9] =
    ["@snap", "@snapend", "@ul", "@ulend", "@ol", "@olend", "@div", "@divend", "@transition"];

/// Takes the directives out of `slide`.
pub(super) fn extract(slide: &RawSlide<'_>, remarks: &mut Remarks) -> Directed {
    let mut directed = Directed::default();
    let mut fences = Fences::default();
    for (index, line) in slide.lines.iter().enumerate() {
        let number = slide.first_line + index;
        if !fences.contains(line) {
            if is_note(line) {
                break;
            }
            if take(line, number, &mut directed, remarks) {
                directed.body.push('\n');
                continue;
            }
        }
        directed.body.push_str(line);
        directed.body.push('\n');
    }
    directed
}

/// Whether speaker notes begin here: everything to the slide's end is theirs.
fn is_note(line: &str) -> bool {
    let word = line.split(':').next().unwrap_or_default();
    word.len() < line.len() && (word.eq_ignore_ascii_case("note") || word.eq_ignore_ascii_case("notes"))
}

/// Takes the directive that is this line, if it is one.
fn take(line: &str, number: usize, directed: &mut Directed, remarks: &mut Remarks) -> bool {
    if line.starts_with("@[") {
        if let Some(step) = steps::read(line, number, remarks) {
            directed.steps.push(step);
        }
        return true;
    }
    let Some((name, rest)) = directive(line) else { return false };
    match name {
        "@title" => match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((title, _)) => directed.title = Some(title.trim().to_owned()),
            None => remarks.add(number, "`@title` needs its text in brackets: `@title[Text]`"),
        },
        _ if UNKNOWN_FRAMES.contains(&name) => {
            remarks.add(number, format!("`{name}` is not known; its line is left out"))
        }
        _ => {
            if rest.starts_with('[') {
                remarks.add(number, format!("`{name}[…]` is not known; it is shown as it stands"));
            }
            return false;
        }
    }
    true
}

/// Cuts `@word` from what follows it.
fn directive(line: &str) -> Option<(&str, &str)> {
    let word = line.strip_prefix('@')?;
    let length = word.chars().take_while(char::is_ascii_alphabetic).count();
    (length > 0).then(|| line.split_at(length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directed(text: &str) -> (Directed, Vec<usize>) {
        let slide = RawSlide { first_line: 1, lines: text.lines().collect() };
        let mut remarks = Remarks::default();
        let directed = extract(&slide, &mut remarks);
        (directed, remarks.lines())
    }

    #[test]
    fn a_title_is_taken_and_leaves_an_empty_line() {
        let (directed, remarks) = directed("@title[ Im Menü ]\n# Kopf");
        assert_eq!(directed.title.as_deref(), Some("Im Menü"));
        assert_eq!(directed.body, "\n# Kopf\n");
        assert!(remarks.is_empty());
    }

    #[test]
    fn neighbouring_steps_are_steps_of_their_own() {
        let (directed, remarks) = directed("```bash\nls\n```\n@[1](eins)\n@[2-3](zwei)\nText");
        assert_eq!(directed.steps.len(), 2);
        assert_eq!(directed.body, "```bash\nls\n```\n\n\nText\n");
        assert!(remarks.is_empty());
    }

    #[test]
    fn directives_in_code_are_code() {
        let text = "```\n@title[x]\n@[1](y)\nNote: z\n```\n";
        let (directed, _) = directed(text);
        assert_eq!(directed, Directed { body: text.to_owned(), ..Directed::default() });
    }

    #[test]
    fn notes_are_cut_off() {
        for word in ["Note:", "Notes: hier", "note:"] {
            assert_eq!(directed(&format!("Text\n{word}\ngeheim")).0.body, "Text\n");
        }
        assert_eq!(directed("Notebook: neu\nNote that").0.body, "Notebook: neu\nNote that\n");
    }

    #[test]
    fn unknown_directives_are_remarked() {
        let (directed, remarks) = directed("@snap[north]\nText\n@snapend\n@fa[docker] x\n@anna schreibt");
        assert_eq!(directed.body, "\nText\n\n@fa[docker] x\n@anna schreibt\n");
        assert_eq!(remarks, [1, 3, 4]);
    }
}
