//! One slide: its blocks, its steps, and the commands of its code.

use super::split::RawSlide;
use super::steps::RawStep;
use super::{Command, Remarks, directives, inline, markdown, steps};
use protocol::deck::{Slide, Step};

/// Most steps of a slide.
const MAX_STEPS: usize = 100;

pub(super) struct Built {
    pub(super) slide: Slide,
    /// What can be run: code block, line, command.
    pub(super) commands: Vec<(u32, u32, Command)>,
}

pub(super) fn build(raw: &RawSlide<'_>, remarks: &mut Remarks) -> Built {
    let directed = directives::extract(raw, remarks);
    let content = markdown::read(&directed.body, raw.first_line, remarks);
    let steps = light(&directed.steps, content.code.first().copied(), remarks);
    let title = directed.title.or(content.heading).unwrap_or_default();
    Built { slide: Slide { title, blocks: content.blocks, steps }, commands: content.commands }
}

/// The steps of a slide whose first code block has `lines` lines.
fn light(raw: &[RawStep], lines: Option<u32>, remarks: &mut Remarks) -> Vec<Step> {
    let Some(first) = raw.first() else { return Vec::new() };
    let Some(lines) = lines else {
        remarks.add(first.line, "these steps have no code: a step lights lines of its slide's first code block");
        return Vec::new();
    };
    if let Some(beyond) = raw.get(MAX_STEPS) {
        remarks.add(beyond.line, format!("a slide has at most {MAX_STEPS} steps; the others are left out"));
    }
    let light = |step: &RawStep| Step {
        lines: steps::clamp(step, lines, remarks),
        caption: inline::read_line(&step.caption, step.line, remarks),
    };
    raw.iter().take(MAX_STEPS).map(light).collect()
}
