//! What `xterm-js-rs`, written for version 4 of xterm.js, lacks of version 6.

use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;
use xterm_js_rs::{Terminal, TerminalOptions};

#[wasm_bindgen]
extern "C" {
    /// A [`Terminal`] with the methods of version 6.
    #[wasm_bindgen(extends = Terminal)]
    pub(crate) type Terminal6;

    /// Where it is shown; `None` before it is opened.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn element(this: &Terminal6) -> Option<HtmlElement>;

    /// Draws bytes some time soon, in order, then calls back.
    #[wasm_bindgen(method, js_name = write)]
    pub(crate) fn write_bytes(this: &Terminal6, data: &Uint8Array, drawn: &Function);

    /// The same without being told.
    #[wasm_bindgen(method, js_name = write)]
    pub(crate) fn write_in_order(this: &Terminal6, data: &Uint8Array);

    /// As if typed: answered with `onData`.
    #[wasm_bindgen(method)]
    pub(crate) fn input(this: &Terminal6, data: &str);

    /// The options in force; setting one takes effect at once.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn options(this: &Terminal6) -> TerminalOptions;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn modes(this: &Terminal6) -> Modes;

    #[wasm_bindgen(js_name = IModes)]
    pub(crate) type Modes;

    /// Whether the program wants the arrow keys' application sequences.
    #[wasm_bindgen(method, getter, js_name = applicationCursorKeysMode)]
    pub(crate) fn application_cursor_keys(this: &Modes) -> bool;

    /// [`Terminal`]'s own knows no kind of a buffer.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn buffer(this: &Terminal6) -> Buffers;

    #[wasm_bindgen(js_name = IBufferNamespace)]
    pub(crate) type Buffers;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn active(this: &Buffers) -> Buffer6;

    #[wasm_bindgen(js_name = IBuffer)]
    pub(crate) type Buffer6;

    /// `normal` or `alternate`.
    #[wasm_bindgen(method, getter, js_name = type)]
    pub(crate) fn kind(this: &Buffer6) -> String;

    /// [`xterm_js_rs::addons::fit::FitAddon`] with what its binding lacks.
    #[wasm_bindgen(extends = xterm_js_rs::addons::fit::FitAddon)]
    pub(crate) type Fit6;

    /// What the terminal's element has room for; `None` while it has none.
    #[wasm_bindgen(method, js_name = proposeDimensions)]
    pub(crate) fn propose(this: &Fit6) -> Option<Size>;

    /// Rows and columns.
    #[wasm_bindgen(js_name = ITerminalDimensions)]
    pub(crate) type Size;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn rows(this: &Size) -> f64;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn cols(this: &Size) -> f64;
}
