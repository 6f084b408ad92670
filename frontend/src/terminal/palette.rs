//! The terminal's colours, a design for each theme: text at least 4.5:1 against its ground, signs at least 3:1.

use xterm_js_rs::Theme;

pub(super) struct Palette {
    pub(super) ground: &'static str,
    pub(super) text: &'static str,
    cursor: &'static str,
    selection: &'static str,
    /// ANSI 0 to 15.
    pub(super) ansi: [&'static str; 16],
}

pub(super) const LIGHT: Palette = Palette {
    ground: "#fbfcfd",
    text: "#1d2833",
    cursor: "#0a5aa8",
    selection: "#bcd9f5",
    ansi: [
        "#1d2833", "#b3261e", "#17703f", "#8a5300", "#0a5aa8", "#8a2f8f", "#006b75", "#5d6975", //
        "#55616d", "#c9382e", "#1f7d49", "#96600a", "#1a6fc4", "#a0429f", "#0b7a85", "#36424e",
    ],
};

pub(super) const DARK: Palette = Palette {
    ground: "#0b1117",
    text: "#dbe3ea",
    cursor: "#6cb6ff",
    selection: "#264b70",
    ansi: [
        "#36424e", "#ff7b72", "#5fce8f", "#e5b567", "#6cb6ff", "#d79bf0", "#5fd0d8", "#c3ced8", //
        "#8695a3", "#ff9c94", "#83e0aa", "#f2cb8b", "#93caff", "#e5baf7", "#8ae2e8", "#f2f6f9",
    ],
};

/// The colours of light or dark.
pub(super) fn palette(dark: bool) -> &'static Palette {
    if dark { &DARK } else { &LIGHT }
}

/// The theme for xterm.
pub(super) fn theme(palette: &Palette) -> Theme {
    let theme = Theme::new();
    theme.set_background(palette.ground);
    theme.set_foreground(palette.text);
    theme.set_cursor(palette.cursor);
    theme.set_cursor_accent(palette.ground);
    // Version 6 calls it so; `xterm-js-rs` knows the older name only.
    let _ = js_sys::Reflect::set(&theme, &"selectionBackground".into(), &palette.selection.into());
    let [black, red, green, yellow, blue, magenta, cyan, white, bright @ ..] = palette.ansi;
    theme.set_black(black);
    theme.set_red(red);
    theme.set_green(green);
    theme.set_yellow(yellow);
    theme.set_blue(blue);
    theme.set_magenta(magenta);
    theme.set_cyan(cyan);
    theme.set_white(white);
    let [black, red, green, yellow, blue, magenta, cyan, white] = bright;
    theme.set_bright_black(black);
    theme.set_bright_red(red);
    theme.set_bright_green(green);
    theme.set_bright_yellow(yellow);
    theme.set_bright_blue(blue);
    theme.set_bright_magenta(magenta);
    theme.set_bright_cyan(cyan);
    theme.set_bright_white(white);
    theme
}
