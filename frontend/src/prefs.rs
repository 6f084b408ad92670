//! What the reader has chosen, remembered by the browser where it allows that.

use crate::i18n::{Lang, Texts};
use std::rc::Rc;
use yew::prelude::*;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    System,
    Light,
    Dark,
}

/// What the last place is remembered as.
const PLACE: &str = "place";

/// Smallest and largest type of the terminal, in CSS pixels.
pub(crate) const TERMINAL_FONT: std::ops::RangeInclusive<u32> = 10..=32;

/// Smallest and largest share of the deck beside (or above) the terminal, in percent.
pub(crate) const SPLIT: std::ops::RangeInclusive<u32> = 25..=75;

/// What `docker ps` needs so that no row wraps.
const COLUMNS: u32 = 110;

/// Width of the terminal's characters, as a share of their size.
const ADVANCE: f64 = 0.6;

/// What the terminal needs beside its columns: margins and scroll bar, in CSS pixels.
const BESIDE_COLUMNS: f64 = 32.0;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prefs {
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    /// CSS pixels, within [`TERMINAL_FONT`].
    pub(crate) terminal_font: u32,
    /// Whether the terminal tells a screen reader what it shows.
    pub(crate) screen_reader: bool,
    /// The deck's share when deck and terminal are side by side, within [`SPLIT`].
    pub(crate) split_beside: u32,
    /// The deck's share when the terminal is below.
    pub(crate) split_below: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    Lang(Lang),
    Theme(Theme),
    TerminalFont(u32),
    ScreenReader(bool),
    SplitBeside(u32),
    SplitBelow(u32),
}

/// The choices and the way to change them, as the root of the page provides them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PrefsHandle {
    pub(crate) prefs: Rc<Prefs>,
    pub(crate) change: Callback<Change>,
}

impl std::ops::Deref for PrefsHandle {
    type Target = Prefs;

    fn deref(&self) -> &Prefs {
        &self.prefs
    }
}

/// The reader's choices; a component that asks is drawn again when they change.
#[hook]
pub(crate) fn use_prefs() -> PrefsHandle {
    use_context::<PrefsHandle>().unwrap_or_default()
}

/// The page's words in the reader's language.
#[hook]
pub(crate) fn use_texts() -> &'static Texts {
    use_prefs().lang.texts()
}

impl Default for Prefs {
    /// What was chosen last time; otherwise German, and the system's look.
    fn default() -> Self {
        let percent =
            |key, default| recall(key).and_then(|s| s.parse().ok()).filter(|n| SPLIT.contains(n)).unwrap_or(default);
        Self {
            lang: recall("lang").and_then(|s| Lang::from_code(&s)).unwrap_or(Lang::De),
            theme: match recall("theme").as_deref() {
                Some("light") => Theme::Light,
                Some("dark") => Theme::Dark,
                _ => Theme::System,
            },
            terminal_font: recall("terminal-font")
                .and_then(|s| s.parse().ok())
                .filter(|n| TERMINAL_FONT.contains(n))
                .unwrap_or_else(|| default_terminal_font(window_width())),
            screen_reader: recall("screen-reader").as_deref() == Some("on"),
            split_beside: percent("split-beside", default_split(window_width(), default_terminal_font(window_width()))),
            split_below: percent("split-below", 50),
        }
    }
}

impl Theme {
    /// The value of `data-theme` on the root element, and what is remembered.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Reducible for Prefs {
    type Action = Change;

    fn reduce(self: Rc<Self>, change: Change) -> Rc<Self> {
        let mut next = (*self).clone();
        match change {
            Change::Lang(lang) => {
                next.lang = lang;
                remember("lang", lang.code());
            }
            Change::Theme(theme) => {
                next.theme = theme;
                remember("theme", theme.name());
            }
            Change::TerminalFont(px) => {
                next.terminal_font = px.clamp(*TERMINAL_FONT.start(), *TERMINAL_FONT.end());
                remember("terminal-font", &next.terminal_font.to_string());
            }
            Change::ScreenReader(on) => {
                next.screen_reader = on;
                remember("screen-reader", if on { "on" } else { "off" });
            }
            Change::SplitBeside(percent) => {
                next.split_beside = percent.clamp(*SPLIT.start(), *SPLIT.end());
                remember("split-beside", &next.split_beside.to_string());
            }
            Change::SplitBelow(percent) => {
                next.split_below = percent.clamp(*SPLIT.start(), *SPLIT.end());
                remember("split-below", &next.split_below.to_string());
            }
        }
        Rc::new(next)
    }
}

/// Smaller where there is less room, so that a line of `docker ps` has a chance. CSS pixels.
fn default_terminal_font(width: f64) -> u32 {
    match width {
        ..640.0 => 12,
        ..1600.0 => 13,
        _ => 14,
    }
}

/// The deck's share that leaves the terminal [`COLUMNS`], in percent, as far as the deck stays legible.
fn default_split(width: f64, font: u32) -> u32 {
    let terminal = f64::from(COLUMNS * font) * ADVANCE + BESIDE_COLUMNS;
    let share = ((width - terminal) / width * 100.0).floor();
    share.clamp(38.0, 50.0) as u32
}

fn window_width() -> f64 {
    let width = web_sys::window().and_then(|window| window.inner_width().ok()).and_then(|width| width.as_f64());
    width.unwrap_or(1440.0)
}

/// Where one was last in the deck of that title, as the address says it.
pub(crate) fn last_place(deck: &str) -> Option<String> {
    let place = recall(PLACE)?;
    let (of, hash) = place.split_once('\n')?;
    (of == deck).then(|| hash.to_owned())
}

pub(crate) fn remember_place(deck: &str, hash: &str) {
    remember(PLACE, &format!("{deck}\n{hash}"));
}

/// For whoever joins anew.
pub(crate) fn forget_place() {
    remember(PLACE, "");
}

/// Absent in some private windows; then nothing is remembered.
fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn recall(key: &str) -> Option<String> {
    storage()?.get_item(&format!("lernhafen.{key}")).ok()?
}

fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full or forbidden storage costs the memory of a choice, not the choice.
        let _ = storage.set_item(&format!("lernhafen.{key}"), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_window_has_room_for_docker_ps() {
        for (width, font, split) in [(1280.0, 13, 38), (1440.0, 13, 38), (1920.0, 14, 50)] {
            assert_eq!((default_terminal_font(width), default_split(width, font)), (font, split), "{width}");
        }
    }
}
