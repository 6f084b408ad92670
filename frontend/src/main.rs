//! The page: a deck on paper, a terminal of one's own beside it, and the pier that shows what is there.

mod app;
mod clipboard;
mod components;
mod deck;
mod i18n;
mod net;
mod pages;
mod prefs;
mod runs;
mod terminal;

fn main() {
    let root = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id("app"));
    if let Some(root) = root {
        root.set_inner_html("");
        yew::Renderer::<app::App>::with_root(root).render();
    }
}
