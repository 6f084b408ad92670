//! Steps: `@[2-3,5](caption)` puts some lines of a slide's code in the light.

use super::Remarks;

/// A step as written; its caption is still Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawStep {
    /// Number of its line in the file, from 1.
    pub(super) line: usize,
    pub(super) ranges: Vec<(u32, u32)>,
    pub(super) caption: String,
}

/// Reads a line that begins with `@[`. `None`, and a remark, if no range can be read.
pub(super) fn read(line: &str, number: usize, remarks: &mut Remarks) -> Option<RawStep> {
    let Some((ranges, rest)) = line.strip_prefix("@[").and_then(|rest| rest.split_once(']')) else {
        remarks.add(number, "a step looks like this: `@[2-3](caption)`");
        return None;
    };
    let ranges = read_ranges(ranges, number, remarks);
    if ranges.is_empty() {
        remarks.add(number, "this step names no line: `@[2-3](caption)` lights lines 2 and 3");
        return None;
    }
    Some(RawStep { line: number, ranges, caption: caption(rest).to_owned() })
}

/// Keeps of a step's lines those that a block of `lines` lines has; says which it does not have.
pub(super) fn clamp(step: &RawStep, lines: u32, remarks: &mut Remarks) -> Vec<(u32, u32)> {
    if step.ranges.iter().any(|&(_, last)| last > lines) {
        remarks.add(step.line, format!("this step names a line that the code does not have: it has {lines}"));
    }
    step.ranges.iter().filter(|&&(first, _)| first <= lines).map(|&(first, last)| (first, last.min(lines))).collect()
}

fn read_ranges(text: &str, number: usize, remarks: &mut Remarks) -> Vec<(u32, u32)> {
    let mut ranges = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        match (first.trim().parse(), last.trim().parse()) {
            (Ok(first), Ok(last)) if 1 <= first && first <= last => ranges.push((first, last)),
            // GitPitch Pro's zoom: a size for the projector, which the page chooses itself.
            _ if part.starts_with("zoom-") => {}
            _ => remarks.add(number, format!("`{part}` is not a line or a range of lines")),
        }
    }
    ranges
}

/// From the first `(` to the last `)`, as GitPitch reads it, so that a caption may have parentheses.
/// Decks forget one of the two, or both: then it is the rest of the line.
fn caption(rest: &str) -> &str {
    let rest = rest.trim();
    let rest = rest.strip_prefix('(').unwrap_or(rest);
    rest.rfind(')').map_or(rest, |end| &rest[..end]).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(&[(u32, u32)], &str)>, remarked: usize) {
        let mut remarks = Remarks::default();
        let step = read(line, 7, &mut remarks);
        let found = step.as_ref().map(|step| (step.ranges.as_slice(), step.caption.as_str()));
        assert_eq!(found, expected, "{line}");
        assert_eq!(remarks.lines(), vec![7; remarked], "{line}");
    }

    #[test]
    fn lines_and_ranges() {
        check("@[1](eins)", Some((&[(1, 1)], "eins")), 0);
        check("@[2-3, 5](mehr)", Some((&[(2, 3), (5, 5)], "mehr")), 0);
        check("@[4, zoom-12](groß)", Some((&[(4, 4)], "groß")), 0);
        check("@[7]", Some((&[(7, 7)], "")), 0);
    }

    #[test]
    fn captions_may_have_parentheses() {
        check("@[1](das Image (Debian) laden)", Some((&[(1, 1)], "das Image (Debian) laden")), 0);
    }

    #[test]
    fn authors_slips_are_forgiven() {
        check("@[11-13]Text)", Some((&[(11, 13)], "Text")), 0);
        check("@[33] Text", Some((&[(33, 33)], "Text")), 0);
    }

    #[test]
    fn what_is_no_range_is_remarked() {
        check("@[1,x](y)", Some((&[(1, 1)], "y")), 1);
        check("@[3-1](y)", None, 2);
        check("@[0](y)", None, 2);
        check("@[99999999999](y)", None, 2);
        check("@[1(y)", None, 1);
    }

    #[test]
    fn lines_past_the_end_are_cut_off() {
        let mut remarks = Remarks::default();
        let step = RawStep { line: 3, ranges: vec![(1, 1), (3, 9), (7, 8)], caption: String::new() };
        assert_eq!(clamp(&step, 4, &mut remarks), [(1, 1), (3, 4)]);
        assert_eq!(remarks.lines(), [3]);
    }
}
