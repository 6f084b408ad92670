//! Contrast as WCAG measures it, and what xterm's own measure misses.
//!
//! xterm lifts text to a least contrast, but judges inverse text by the colour that it had before the swap (and makes it grey), and
//! draws dimmed text half transparent whatever comes of it. These rules set both right.

use super::palette::Palette;
use web_sys::Element;

/// Least contrast of text.
pub(super) const LEAST: f64 = 4.5;

/// Shares of a dimmed colour over its ground, in percent, the faintest first.
const SHARES: [u32; 9] = [60, 65, 70, 75, 80, 85, 90, 95, 100];

/// The class that xterm gives cells whose ground is the text's usual colour.
const INVERSE: &str = ".xterm-bg-257:not([class*='xterm-fg-'])";

/// Puts the rules for `palette` beside a terminal's element, in the place of those that were there.
pub(super) fn apply(terminal: &Element, palette: &Palette) {
    let Some(parent) = terminal.parent_element() else { return };
    let style = parent.query_selector("style.contrast").ok().flatten().or_else(|| {
        let style = parent.owner_document()?.create_element("style").ok()?;
        style.set_class_name("contrast");
        parent.append_child(&style).ok().map(|_| style)
    });
    if let Some(style) = style {
        style.set_text_content(Some(&rules(palette)));
    }
}

/// A style sheet for terminals with `palette`.
fn rules(palette: &Palette) -> String {
    let dim = |class: &str, color| {
        let color = dimmed(color, palette.ground);
        format!(".xterm-rows {class}.xterm-dim {{ color: {color} !important; }}\n")
    };
    let mut rules = dim("", palette.text);
    for (number, color) in palette.ansi.iter().enumerate() {
        rules.push_str(&dim(&format!(".xterm-fg-{number}"), color));
    }
    rules.push_str(&format!(".xterm-rows {INVERSE} {{ color: {} !important; }}\n", palette.ground));
    rules
}

/// As faint as it may be, `#rrggbb`; the colour itself if that is too faint.
fn dimmed(color: &str, ground: &str) -> String {
    let (color, ground) = (channels(color), channels(ground));
    let mixed = |share: u32| -> [u8; 3] {
        std::array::from_fn(|index| {
            let (over, under) = (u32::from(color[index]), u32::from(ground[index]));
            ((over * share + under * (100 - share) + 50) / 100) as u8
        })
    };
    let [red, green, blue] = SHARES.into_iter().map(mixed).find(|&mix| contrast(mix, ground) >= LEAST).unwrap_or(color);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// From 1 to 21.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(color: [u8; 3]) -> f64 {
    let [red, green, blue] = color.map(|channel| {
        let channel = f64::from(channel) / 255.0;
        if channel <= 0.040_45 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Of `#rrggbb`; black for anything else.
fn channels(color: &str) -> [u8; 3] {
    let number = u32::from_str_radix(color.trim_start_matches('#'), 16).unwrap_or(0);
    let [_, channels @ ..] = number.to_be_bytes();
    channels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::palette::{DARK, LIGHT};

    #[test]
    fn contrast_is_measured_as_wcag_does() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.01);
        assert!((contrast(channels("#767676"), [255; 3]) - 4.54).abs() < 0.01);
    }

    #[test]
    fn all_text_is_legible_dimmed_too() {
        for palette in [&LIGHT, &DARK] {
            let ground = channels(palette.ground);
            // Black on the dark ground is a ground itself: xterm lifts it.
            let colors = palette.ansi.iter().skip(1).chain([&palette.text]);
            for color in colors {
                let dim = dimmed(color, palette.ground);
                assert!(contrast(channels(&dim), ground) >= LEAST, "{color} dimmed to {dim}");
            }
        }
        assert_ne!(dimmed(DARK.text, DARK.ground), DARK.text, "dimmed is fainter where there is room for it");
    }
}
