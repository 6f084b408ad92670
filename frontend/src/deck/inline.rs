//! Text within a block.

use protocol::deck::Inline;
use yew::prelude::*;

pub(super) fn inlines(content: &[Inline]) -> Html {
    content.iter().map(inline).collect()
}

fn inline(part: &Inline) -> Html {
    match part {
        Inline::Text(text) => html! { { text } },
        Inline::Code(text) => html! { <code>{ text }</code> },
        Inline::Emphasis(content) => html! { <em>{ inlines(content) }</em> },
        Inline::Strong(content) => html! { <strong>{ inlines(content) }</strong> },
        Inline::Strike(content) => html! { <s>{ inlines(content) }</s> },
        Inline::Link { href, content } if href.starts_with('#') => {
            html! { <a href={href.clone()}>{ inlines(content) }</a> }
        }
        Inline::Link { href, content } => {
            html! { <a href={href.clone()} target="_blank" rel="noopener noreferrer">{ inlines(content) }</a> }
        }
        Inline::Image { src, alt } => {
            html! { <img src={format!("/deck/{}", src.trim_start_matches('/'))} alt={alt.clone()} loading="lazy" /> }
        }
        Inline::Break => html! { <br /> },
    }
}
