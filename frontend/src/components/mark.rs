//! The mark of Lernhafen: a loaded ship on a line of water.

use yew::prelude::*;

pub(crate) fn mark() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="cargo" d="M9 9h6v5H9zM17 9h6v5h-6zM13 3h6v5h-6z" />
            <path class="hull" d="M4 16h24l-3.2 7.500H7.200z" />
            <path class="water" d="M3 28c2.2 0 2.2-1.6 4.3-1.600S9.5 28 11.7 28s2.2-1.6 4.3-1.6 2.2 1.6 4.3 1.6 2.2-1.6 4.3-1.600S26.8 28 29 28" />
        </svg>
    }
}
