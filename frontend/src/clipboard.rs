//! Copying, also where the browser has no clipboard for pages: a workshop's server is often plain `http:` on a local network.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlElement, HtmlTextAreaElement, Window};
use yew::Callback;

/// Puts text on the clipboard, then says whether that worked.
pub(crate) fn copy(text: String, done: Callback<bool>) {
    let Some(window) = web_sys::window() else { return };
    if !window.is_secure_context() {
        done.emit(copy_selected(&window, &text).is_some());
        return;
    }
    spawn_local(async move {
        let copied = JsFuture::from(window.navigator().clipboard().write_text(&text)).await.is_ok();
        done.emit(copied);
    });
}

/// Whether [`paste`] has a chance.
pub(crate) fn can_paste() -> bool {
    web_sys::window().is_some_and(|window| window.is_secure_context())
}

/// What is on the clipboard, if the browser gives it to pages and the reader agrees.
pub(crate) async fn paste() -> Option<String> {
    let window = web_sys::window().filter(|_| can_paste())?;
    JsFuture::from(window.navigator().clipboard().read_text()).await.ok()?.as_string()
}

/// The old way: select the text in a field of our own and have the browser copy that.
fn copy_selected(window: &Window, text: &str) -> Option<()> {
    let document = window.document()?.dyn_into::<web_sys::HtmlDocument>().ok()?;
    let focused = document.active_element().and_then(|e| e.dyn_into::<HtmlElement>().ok());
    let field = document.create_element("textarea").ok()?.dyn_into::<HtmlTextAreaElement>().ok()?;
    field.set_value(text);
    field.set_class_name("visually-hidden");
    document.body()?.append_child(&field).ok()?;
    field.select();
    let copied = document.exec_command("copy").unwrap_or(false);
    field.remove();
    if let Some(focused) = focused {
        // Without focus the copy has worked all the same.
        let _ = focused.focus();
    }
    copied.then_some(())
}
