//! Text within a block.

use super::Remarks;
use super::events::{Events, MAX_DEPTH};
use protocol::deck::Inline;
use pulldown_cmark::{Event, Tag};

/// Reads one line of inline Markdown, as a step's caption is. `line` is its number in the file.
pub(super) fn read_line(text: &str, line: usize, remarks: &mut Remarks) -> Vec<Inline> {
    // As a heading nothing in it can begin a block: `1. Starten` stays text.
    let heading = format!("# {text}");
    let mut events = Events::new(&heading, line, remarks);
    if matches!(events.next(), Some(Event::Start(Tag::Heading { .. }))) { read(&mut events, 0) } else { Vec::new() }
}

/// Reads up to the end of what was just begun.
pub(super) fn read(events: &mut Events<'_, '_>, depth: usize) -> Vec<Inline> {
    let mut content = Vec::new();
    while let Some(event) = events.next() {
        if matches!(event, Event::End(_)) {
            break;
        }
        push(events, event, &mut content, depth);
    }
    content
}

/// Adds what `event` stands for, or begins.
pub(super) fn push(events: &mut Events<'_, '_>, event: Event<'_>, content: &mut Vec<Inline>, depth: usize) {
    match event {
        Event::Text(text) => push_text(content, &text),
        Event::Code(code) => content.push(Inline::Code(code.into_string())),
        Event::SoftBreak => push_text(content, " "),
        Event::HardBreak => content.push(Inline::Break),
        Event::InlineHtml(html) => push_html(events, &html, content),
        Event::Start(Tag::Image { dest_url, .. }) => push_image(events, &dest_url, content),
        Event::Start(_) if depth >= MAX_DEPTH => {
            events.remark("this is nested too deep; it is shown without its markup");
            let text = events.plain_text();
            push_text(content, &text);
        }
        Event::Start(tag) => {
            let inner = read(events, depth + 1);
            match tag {
                Tag::Emphasis => content.push(Inline::Emphasis(inner)),
                Tag::Strong => content.push(Inline::Strong(inner)),
                Tag::Strikethrough => content.push(Inline::Strike(inner)),
                Tag::Link { dest_url, .. } if is_allowed_link(&dest_url) => {
                    content.push(Inline::Link { href: dest_url.into_string(), content: inner });
                }
                Tag::Link { dest_url, .. } => {
                    events.remark(format!(
                        "`{dest_url}` is no link that a slide may have: http, https, mailto, or #/1/2"
                    ));
                    content.extend(inner);
                }
                _ => content.extend(inner),
            }
        }
        _ => {}
    }
}

/// Text without its markup.
pub(super) fn plain_text(content: &[Inline]) -> String {
    let text = |inline: &Inline| match inline {
        Inline::Text(text) | Inline::Code(text) | Inline::Image { alt: text, .. } => text.clone(),
        Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strike(inner) => plain_text(inner),
        Inline::Link { content, .. } => plain_text(content),
        Inline::Break => " ".to_owned(),
    };
    content.iter().map(text).collect()
}

/// `<br>` is the one tag that slides may have.
pub(super) fn is_break(html: &str) -> bool {
    let html = html.trim();
    html.strip_prefix("<br").is_some_and(|rest| matches!(rest.trim(), ">" | "/>"))
}

fn push_text(content: &mut Vec<Inline>, text: &str) {
    if let Some(Inline::Text(last)) = content.last_mut() {
        last.push_str(text);
    } else {
        content.push(Inline::Text(text.to_owned()));
    }
}

fn push_html(events: &mut Events<'_, '_>, html: &str, content: &mut Vec<Inline>) {
    if is_break(html) {
        content.push(Inline::Break);
    } else if !html.starts_with("<!--") {
        events.remark(format!("HTML is left out: {html}"));
    }
}

fn push_image(events: &mut Events<'_, '_>, src: &str, content: &mut Vec<Inline>) {
    let message =
        format!("`{src}` is no picture that a slide can show: name a file beside the deck, such as `bilder/wal.png`");
    let allowed = is_deck_file(src);
    if !allowed {
        events.remark(message);
    }
    let alt = events.plain_text();
    if allowed {
        content.push(Inline::Image { src: src.trim_start_matches("./").to_owned(), alt });
    } else {
        push_text(content, &alt);
    }
}

fn is_allowed_link(href: &str) -> bool {
    let slide = href.strip_prefix("#/").is_some_and(|address| {
        address.split('/').count() <= 3 && address.split('/').all(|part| part.len() <= 6 && part.parse::<u32>().is_ok())
    });
    let scheme = href.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    slide || scheme.is_some_and(|scheme| matches!(scheme.as_str(), "http" | "https" | "mailto"))
}

/// A relative path that stays beneath the deck's folder, and that means the same in an address.
fn is_deck_file(src: &str) -> bool {
    let plain = |c: char| !c.is_control() && !matches!(c, ':' | '\\' | '?' | '#' | '%');
    !src.is_empty()
        && !src.starts_with('/')
        && src.chars().all(plain)
        && src.split('/').all(|part| part != ".." && !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.to_owned())
    }

    #[track_caller]
    fn check(markdown: &str, expected: &[Inline], remarks_expected: usize) {
        let mut remarks = Remarks::default();
        assert_eq!(read_line(markdown, 4, &mut remarks), expected);
        assert_eq!(remarks.lines(), vec![4; remarks_expected], "{markdown}");
    }

    #[test]
    fn emphasis_code_and_breaks() {
        check(
            "a **b** _c_ ~~d~~ `e`<br>f",
            &[
                text("a "),
                Inline::Strong(vec![text("b")]),
                text(" "),
                Inline::Emphasis(vec![text("c")]),
                text(" "),
                Inline::Strike(vec![text("d")]),
                text(" "),
                Inline::Code("e".to_owned()),
                Inline::Break,
                text("f"),
            ],
            0,
        );
    }

    #[test]
    fn a_caption_begins_no_block() {
        check("1. Starten & *fertig", &[text("1. Starten & *fertig")], 0);
        check("", &[], 0);
    }

    #[test]
    fn links_lead_to_the_web_or_to_slides() {
        for href in ["https://docs.docker.com/", "HTTP://a", "mailto:a@b.de", "#/3", "#/3/1"] {
            let expected = Inline::Link { href: href.to_owned(), content: vec![text("x")] };
            check(&format!("[x]({href})"), &[expected], 0);
        }
        for href in ["javascript:alert(1)", "data:text/html,x", "//evil.example", "#", "#/a", "/api/session", "x.html"]
        {
            check(&format!("[x]({href})"), &[text("x")], 1);
        }
    }

    #[test]
    fn pictures_are_files_of_the_deck() {
        let expected = Inline::Image { src: "bilder/wal.png".to_owned(), alt: "Ein Wal".to_owned() };
        check("![Ein *Wal*](./bilder/wal.png)", &[expected], 0);
        for src in ["../x.png", "/etc/passwd", "https://a/b.png", "a/../../b.png", "a%2f..%2fb.png", "a.png?x"] {
            check(&format!("![Wal]({src})"), &[text("Wal")], 1);
        }
    }

    #[test]
    fn html_is_left_out() {
        check("a <b onclick='x'>b</b><!-- c -->", &[text("a b")], 2);
    }

    #[test]
    fn deep_emphasis_is_flattened() {
        let mut remarks = Remarks::default();
        let markdown = format!("{}a{}", "*_".repeat(5000), "_*".repeat(5000));
        let inlines = read_line(&markdown, 1, &mut remarks);
        assert!(depth(&inlines) <= MAX_DEPTH + 1);
    }

    fn depth(inlines: &[Inline]) -> usize {
        let inner = |inline: &Inline| match inline {
            Inline::Emphasis(inner) | Inline::Strong(inner) => 1 + depth(inner),
            _ => 1,
        };
        inlines.iter().map(inner).max().unwrap_or_default()
    }
}
