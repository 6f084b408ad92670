//! Which images a deck names, and where.

use super::{command, file};
use crate::deck::ParsedDeck;
use protocol::deck::{Block, CodeBlock, LineAddress};

/// An image that the workshop needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    /// As the deck has it, and Docker shows it: `debian:latest`.
    pub(crate) image: String,
    /// The slides that name it, as their addresses are shown: `4`, `4.2`.
    pub(crate) slides: Vec<String>,
}

/// The images of a deck in the order of their first mention; not what the deck makes itself, and not what is in the workshop's own
/// registry, `hub`.
pub(crate) fn needs(deck: &ParsedDeck, hub: &str) -> Vec<Need> {
    let mut found: Vec<Need> = Vec::new();
    let mut made = Vec::new();
    for (h, stack) in (0..).zip(&deck.deck.slides) {
        for (v, slide) in (0..).zip(stack) {
            let shown = if v == 0 { format!("{}", h + 1) } else { format!("{}.{}", h + 1, v + 1) };
            for block in code_blocks(&slide.blocks) {
                let lines = || block.lines.iter().map(|line| line.text.as_str());
                let address = |line| LineAddress { h, v, block: block.index, line };
                let commands: Vec<&str> =
                    (0..).zip(&block.lines).filter_map(|(line, _)| deck.command(address(line))).collect();
                made.extend(commands.iter().flat_map(|line| command::makes(line)));
                let images = match block.language.as_str() {
                    "dockerfile" => file::of_dockerfile(&lines().collect::<Vec<_>>()),
                    "yaml" | "yml" => file::of_compose(&lines().collect::<Vec<_>>()),
                    _ => commands.iter().flat_map(|line| command::images(line)).collect(),
                };
                images.iter().for_each(|image| note(&mut found, image, &shown));
            }
        }
    }
    let made: Vec<String> = made.iter().filter_map(|name| engine::image::shown_name(name)).collect();
    found.retain(|need| !made.contains(&need.image) && !need.image.starts_with(&format!("{hub}/")));
    found
}

fn note(found: &mut Vec<Need>, image: &str, slide: &str) {
    let Some(image) = engine::image::shown_name(image) else { return };
    match found.iter_mut().find(|need| need.image == image) {
        Some(need) if need.slides.iter().any(|known| known == slide) => {}
        Some(need) => need.slides.push(slide.to_owned()),
        None => found.push(Need { image, slides: vec![slide.to_owned()] }),
    }
}

fn code_blocks(blocks: &[Block]) -> Vec<&CodeBlock> {
    let mut found = Vec::new();
    for block in blocks {
        match block {
            Block::Code(code) => found.push(code),
            Block::List { items, .. } => items.iter().for_each(|item| found.extend(code_blocks(item))),
            Block::Quote(inner) => found.extend(code_blocks(inner)),
            Block::Heading { .. } | Block::Paragraph(_) | Block::Table { .. } | Block::Rule => {}
        }
    }
    found
}

/// Lines for people: each image with its slides.
impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let several = if self.slides.len() == 1 { "slide" } else { "slides" };
        write!(f, "{} ({several} {})", self.image, self.slides.join(", "))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(text: &str) -> Vec<String> {
        needs(&crate::deck::parse(text, "de").unwrap(), "hub.hafen").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_deck_needs_what_its_commands_and_files_name() {
        let deck = "# A\n```bash\ndocker run debian\ndocker run -d redis:7\n```\n---\n# B\n```dockerfile\nFROM node AS a\nFROM a\n```\n\
                    ```bash\ndocker build -t mine .\ndocker run mine\ndocker run debian:latest\ndocker pull hub.hafen/ada/app\n```\n\
                    +++\n```yaml\nservices:\n  web:\n    image: nginx\n```\n";
        assert_eq!(
            of(deck),
            ["debian:latest (slides 1, 2)", "redis:7 (slide 1)", "node:latest (slide 2)", "nginx:latest (slide 2.2)"]
        );
    }

    #[test]
    fn what_is_tagged_or_committed_is_made_here() {
        let deck = "```bash\ndocker tag debian:trixie my-debian\ndocker run my-debian\ndocker commit c1 kept:1\ndocker run kept:1\n```\n";
        assert_eq!(of(deck), ["debian:trixie (slide 1)"]);
    }
}
