//! The pieces of the page.

mod contents;
mod dialog;
mod divider;
mod help;
mod icon;
mod key_form;
mod key_row;
mod mark;
mod media;
mod menu;
mod notice;
mod pier;
mod pier_table;
mod preflight;
mod settings;
mod ship;
mod start_bar;
mod tabs;
mod title;
mod top_bar;

pub(crate) use contents::Contents;
pub(crate) use divider::Divider;
pub(crate) use help::Help;
pub(crate) use icon::{Glyph, icon};
pub(crate) use key_form::KeyForm;
pub(crate) use key_row::KeyRow;
pub(crate) use mark::mark;
pub(crate) use media::{use_dark, use_media};
pub(crate) use notice::Notice;
pub(crate) use pier::Pier;
pub(crate) use preflight::PreflightView;
pub(crate) use start_bar::start_bar;
pub(crate) use tabs::{Tab, Tabs};
pub(crate) use title::use_title;
pub(crate) use top_bar::TopBar;
