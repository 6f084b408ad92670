//! Whole decks.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::parse;
use protocol::deck::{Block, CodeBlock, Inline, LineAddress, Slide};

/// The shapes that a real GitPitch deck is made of.
const DECK: &str = "\
# Docker
## Eine Einführung

---

## Agenda
* Was ist Docker
* Sicherheit

---

## Nutzung
### Befehle

+++

### Container

* Isolation durch den Kernel
  * Zugriff auf Ressourcen _(cgroups)_
  * **Namespaces**
* `docker ps` listet auf

+++

### Interaktive Container

```bash
docker run -it --name test debian:latest
exit
docker start -ai test
docker rm test
```

@[1](Startet einen Container (Debian).)
@[2](Verlässt ihn)
@[3-4](Startet ihn wieder, und `rm` löscht ihn)

Note:
Nur für Vortragende.

+++

### Noch leer

---

## Sicherheit";

fn slide(h: usize, v: usize) -> Slide {
    parse(DECK, "de").unwrap().deck.slides[h][v].clone()
}

#[test]
fn slides_are_where_reveal_would_have_them() {
    let parsed = parse(DECK, "de").unwrap();
    assert_eq!(parsed.deck.title, "Docker: Eine Einführung");
    assert_eq!(parsed.deck.lang, "de");
    let titles: Vec<Vec<&str>> =
        parsed.deck.slides.iter().map(|stack| stack.iter().map(|slide| slide.title.as_str()).collect()).collect();
    let usage = vec!["Nutzung", "Container", "Interaktive Container", "Noch leer"];
    assert_eq!(titles, [vec!["Docker"], vec!["Agenda"], usage, vec!["Sicherheit"]]);
    assert_eq!(parsed.remarks, []);
}

#[test]
fn nested_lists_keep_their_shape() {
    let Block::List { start: None, items } = &slide(2, 1).blocks[1] else { panic!("a list") };
    let [Block::Paragraph(text), Block::List { items: inner, .. }] = items[0].as_slice() else {
        panic!("text and a list")
    };
    assert_eq!(text, &[Inline::Text("Isolation durch den Kernel".to_owned())]);
    assert_eq!(inner.len(), 2);
    assert_eq!(inner[1], [Block::Paragraph(vec![Inline::Strong(vec![Inline::Text("Namespaces".to_owned())])])]);
}

#[test]
fn steps_light_lines_of_the_code() {
    let steps = slide(2, 2).steps;
    let lines: Vec<_> = steps.iter().map(|step| step.lines.as_slice()).collect();
    assert_eq!(lines, [[(1, 1)], [(2, 2)], [(3, 4)]]);
    assert_eq!(steps[0].caption, [Inline::Text("Startet einen Container (Debian).".to_owned())]);
    assert!(steps[2].caption.contains(&Inline::Code("rm".to_owned())));
}

#[test]
fn notes_are_not_shown() {
    assert_eq!(slide(2, 2).blocks.len(), 2);
    assert!(!format!("{:?}", parse(DECK, "de").unwrap().deck).contains("Vortragende"));
}

#[test]
fn run_buttons_have_their_commands() {
    let parsed = parse(DECK, "de").unwrap();
    let address = |block, line| LineAddress { h: 2, v: 2, block, line };
    let text = |line| parsed.command(line).map(|command| command.text.as_str());
    assert_eq!(text(address(0, 0)), Some("docker run -it --name test debian:latest"));
    assert_eq!(text(address(0, 3)), Some("docker rm test"));
    assert_eq!(text(address(0, 4)), None);
    assert_eq!(text(address(1, 0)), None);
    assert_eq!(text(LineAddress { h: 99, v: u32::MAX, block: 0, line: 0 }), None);
    assert_eq!(parsed.runnable_lines(), 4);
}

#[test]
fn our_own_deck_is_in_order() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../slides/docker-einfuehrung/PITCHME.md");
    let parsed = super::load(std::path::Path::new(path), "de").unwrap();
    assert_eq!(parsed.remarks, []);
    let addressed =
        (0..).zip(&parsed.deck.slides).flat_map(|(h, stack)| (0..).zip(stack).map(move |(v, slide)| (h, v, slide)));
    let (h, v, slide) = addressed.into_iter().find(|(_, _, slide)| slide.title == "Interaktive Container").unwrap();
    let commands: Vec<_> =
        (0..5).map(|line| parsed.command(LineAddress { h, v, block: 0, line }).unwrap().text.as_str()).collect();
    let expected =
        ["docker run -it --name test debian:latest", "exit", "docker start -ai test", "exit", "docker rm test"];
    assert_eq!(commands, expected);
    assert_eq!(slide.steps.len(), 4);
}

#[test]
fn remarks_name_the_line_of_the_file() {
    let text = "# A\n---\n@title[B]\n\n<div>x</div>\n\n![x](http://a/b.png)\n\n@[1](kein Code)";
    let lines: Vec<usize> = parse(text, "de").unwrap().remarks.iter().map(|remark| remark.line).collect();
    assert_eq!(lines, [5, 7, 9]);
}

#[test]
fn a_byte_order_mark_hides_nothing() {
    assert_eq!(parse("\u{feff}# Titel", "de").unwrap().deck.title, "Titel");
}

#[test]
fn the_title_is_the_first_heading_and_on_the_first_slide_the_one_below_it() {
    for (text, title) in
        [("# A\n## B\n### C", "A: B"), ("# A\nx\n## B", "A"), ("ohne\n\n---\n\n## Zwei\n### Drei", "Zwei"), ("x", "")]
    {
        assert_eq!(parse(text, "de").unwrap().deck.title, title, "{text}");
    }
}

#[test]
fn an_empty_deck_has_one_empty_slide() {
    let parsed = parse("", "de").unwrap();
    assert_eq!(parsed.deck.slides, [[Slide::default()]]);
}

#[test]
fn deep_nesting_is_flattened_and_said() {
    for nested in ["> ".repeat(20_000), "- ".repeat(20_000)] {
        let parsed = parse(&format!("{nested}tief"), "de").unwrap();
        assert!(parsed.remarks.iter().any(|remark| remark.message.contains("nested")));
        let json = serde_json::to_string(&parsed.deck).unwrap();
        let back: protocol::Deck = serde_json::from_str(&json).unwrap();
        assert_eq!(back, parsed.deck);
    }
}

#[test]
fn wide_tables_are_cut() {
    let row = "|x".repeat(100);
    let parsed = parse(&format!("{row}|\n{}|\n{row}|", "|-".repeat(100)), "de").unwrap();
    let Block::Table { head, rows } = &parsed.deck.slides[0][0].blocks[0] else { panic!("a table") };
    assert_eq!((head.len(), rows.len(), rows[0].len()), (32, 1, 32));
    assert_eq!(parsed.remarks.len(), 2);
}

/// Mangles the deck in many ways: whatever comes of it, addresses and steps must fit.
#[test]
fn broken_decks_are_decks() {
    let parts: Vec<&str> = DECK.split_inclusive(['\n', '`', '*', '(', ']']).collect();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..500 {
        let mut text = String::new();
        for _ in 0..80 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            text.push_str(parts[(random >> 20) as usize % parts.len()]);
        }
        let parsed = parse(&text, "de").unwrap();
        let mut runnable = 0;
        for (h, stack) in (0..).zip(&parsed.deck.slides) {
            assert!(!stack.is_empty());
            for (v, slide) in (0..).zip(stack) {
                let codes: Vec<_> = codes(&slide.blocks);
                let lines = codes.first().map_or(0, |code| code.lines.len() as u32);
                let ranges = slide.steps.iter().flat_map(|step| &step.lines);
                assert!(
                    ranges.into_iter().all(|&(first, last)| 1 <= first && first <= last && last <= lines),
                    "{text}"
                );
                for (block, code) in (0..).zip(codes) {
                    assert_eq!(code.index, block);
                    for (line, _) in (0..).zip(&code.lines).filter(|(_, line)| line.runnable) {
                        runnable += 1;
                        assert!(parsed.command(LineAddress { h, v, block, line }).is_some(), "{text}");
                    }
                }
            }
        }
        assert_eq!(parsed.runnable_lines(), runnable);
    }
}

/// In the order in which the page shows them.
fn codes(blocks: &[Block]) -> Vec<&CodeBlock> {
    blocks
        .iter()
        .flat_map(|block| match block {
            Block::Code(code) => vec![code],
            Block::Quote(blocks) => codes(blocks),
            Block::List { items, .. } => items.iter().flat_map(|item| codes(item)).collect(),
            _ => Vec::new(),
        })
        .collect()
}
