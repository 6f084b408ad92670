//! The signs of the page, one set: drawn on a grid of 16, lines of 1.5.

use yew::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    Run,
    Copy,
    Done,
    Close,
    Left,
    Right,
    Up,
    Down,
    Sun,
    Moon,
    Screen,
    Help,
    Anchor,
    Slide,
    Prompt,
    Smaller,
    Larger,
    Ear,
    Paste,
    Warning,
    Disc,
    Plus,
    Again,
    More,
}

/// A sign beside or instead of a word; readers of the screen get the word from elsewhere.
pub(crate) fn icon(glyph: Glyph) -> Html {
    let path = match glyph {
        Glyph::Run => "M5 3.2v9.6L12.6 8z",
        Glyph::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
        Glyph::Done => "m3 8.5 3.5 3.5L13 4.5",
        Glyph::Close => "m4 4 8 8M12 4l-8 8",
        Glyph::Left => "M10 3 5 8l5 5",
        Glyph::Right => "m6 3 5 5-5 5",
        Glyph::Up => "m3 10 5-5 5 5",
        Glyph::Down => "m3 6 5 5 5-5",
        Glyph::Sun => {
            "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6M8 1.2v1.3M8 13.5v1.3M1.2 8h1.3M13.5 8h1.3M3.2 3.2l.9.9M11.9 11.9l.9.9M3.2 12.8l.9-.9M11.9 4.1l.9-.9"
        }
        Glyph::Moon => "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1z",
        Glyph::Screen => "M1.8 2.8h12.4v8.4H1.8zM5.5 13.8h5M8 11.2v2.6",
        Glyph::Help => {
            "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M6 6.3c0-1.2.9-2 2-2s2 .8 2 1.9c0 1.4-2 1.6-2 3M8 11.4v.3"
        }
        Glyph::Anchor => {
            "M8 1.7a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2M8 4.9v9.3M5.4 7.3h5.2M2 8.8c.3 3.2 2.6 5.4 6 5.4s5.7-2.2 6-5.4M2 8.8l-1 1.7M2 8.8l1.9 1M14 8.8l1 1.7M14 8.8l-1.9 1"
        }
        Glyph::Slide => "M1.8 2.8h12.4v8.4H1.8zM4.5 6h7M4.5 8.5h4.5M6 13.8l2-2.6 2 2.6",
        Glyph::Prompt => "M1.8 2.5h12.4v11H1.8zM4.5 6 7 8l-2.5 2M8.5 10.5h3",
        Glyph::Smaller => "M2 12.5 5.5 4h.6l3.5 8.5M3.3 9.5h5M11.5 8H15",
        Glyph::Larger => "M2 12.5 5.5 4h.6l3.5 8.5M3.3 9.5h5M11.5 8H15M13.25 6.2v3.6",
        Glyph::Ear => {
            "M4.2 6.2a3.8 3.8 0 0 1 7.6 0c0 3-2.6 3.2-2.6 5.6a2.2 2.2 0 0 1-4 1.2M6.4 6.4a1.6 1.6 0 0 1 3.2 0c0 1.2-1.2 1.4-1.2 2.6"
        }
        Glyph::Plus => "M8 3v10M3 8h10",
        Glyph::Again => "M13 8a5 5 0 1 1-1.600-3.700M13 2.200v2.800h-2.800",
        Glyph::More => "M3.500 8h.01M8 8h.01M12.500 8h.01",
        Glyph::Paste => "M5.5 3H3v11.2h10V3h-2.5M5.5 1.8h5v2.6h-5z",
        Glyph::Warning => "M8 2 1.5 13.5h13zM8 6.3v3.6M8 11.6v.3",
        Glyph::Disc => {
            "M2.2 4.6C2.2 3.4 4.8 2.4 8 2.4s5.8 1 5.8 2.2S11.2 6.8 8 6.8 2.2 5.8 2.2 4.600zM2.2 4.600v6.800c0 1.2 2.6 2.2 5.8 2.200s5.8-1 5.8-2.200V4.600M2.2 8c0 1.2 2.6 2.2 5.8 2.200s5.8-1 5.8-2.2"
        }
    };
    let class = if glyph == Glyph::Run { "icon filled" } else { "icon" };
    html! {
        <svg {class} viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d={path} /></svg>
    }
}
