//! What the workshop needs of images and of the internet, and what of it is there.

use super::icon::{Glyph, icon};
use crate::i18n::Texts;
use crate::prefs::use_texts;
use protocol::instructor::{ImageState, NeededImage, OnlineLine, Place, Preflight};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct PreflightViewProps {
    pub(crate) preflight: Rc<Preflight>,
    /// The server can't be reached just now: what is shown may be old.
    pub(crate) lost: bool,
    pub(crate) on_begin: Callback<()>,
}

#[component]
pub(crate) fn PreflightView(props: &PreflightViewProps) -> Html {
    let texts = use_texts();
    let words = &texts.instructor;
    let preflight = &*props.preflight;
    let missing = preflight.images.iter().any(|image| image.state.is_missing());
    html! {
        <>
            <p class="lead">{ &preflight.workshop }</p>
            if props.lost { <p class="start-note" role="alert">{ texts.unreachable }</p> }
            <section class="card">
                <h2>{ texts.images }</h2>
                { verdict(preflight, texts) }
                if missing && !preflight.running {
                    <button type="button" class="primary" onclick={props.on_begin.reform(|_| ())}>{ words.begin }</button>
                }
                if !preflight.images.is_empty() {
                    <div class="scroll-x" tabindex="0" role="group" aria-label={texts.images}><table class="needs">
                        <thead><tr><th scope="col">{ "Image" }</th><th scope="col">{ texts.state }</th><th scope="col">{ words.places }</th></tr></thead>
                        <tbody>{ for preflight.images.iter().map(|image| row(image, texts)) }</tbody>
                    </table></div>
                }
            </section>
            <section class="card">
                <h2>{ words.online }</h2>
                <p>{ online(preflight, texts) }</p>
                <ul class="outside-lines">{ for preflight.online.iter().map(|line| online_line(line, texts)) }</ul>
            </section>
            if !preflight.unread.is_empty() {
                <section class="card">
                    <h2>{ words.unread }</h2>
                    <ul class="outside-lines">{ for preflight.unread.iter().map(|why| html! { <li class="reason" lang="en">{ why }</li> }) }</ul>
                </section>
            }
        </>
    }
}

/// All of it in a sentence.
fn verdict(preflight: &Preflight, texts: &Texts) -> Html {
    let words = &texts.instructor;
    let all = preflight.images.len();
    let missing = preflight.images.iter().filter(|image| image.state.is_missing()).count();
    let ended = missing + preflight.images.iter().filter(|image| image.state.is_there()).count();
    let (class, glyph, sentence) = match (preflight.running, missing) {
        (true, _) => ("waiting", Glyph::Disc, (words.preparing)(ended, all)),
        (false, 0) => ("running", Glyph::Done, (words.all_there)(all)),
        (false, _) => ("failed", Glyph::Warning, (words.some_missing)(missing, all)),
    };
    html! {
        <>
            <p class={classes!("verdict", class)} role="status">{ icon(glyph) }<span>{ sentence }</span></p>
            if preflight.running { <progress class="preparing" max={all.to_string()} value={ended.to_string()} aria-label={words.preparing_label} /> }
        </>
    }
}

fn row(image: &NeededImage, texts: &Texts) -> Html {
    let words = &texts.instructor;
    let (class, glyph, word) = match &image.state {
        ImageState::Waiting => ("stopped", Glyph::Disc, words.waiting.to_owned()),
        ImageState::Building { .. } => ("waiting", Glyph::Disc, words.building.to_owned()),
        ImageState::Fetching { percent } => ("waiting", Glyph::Disc, (words.fetching)(*percent)),
        ImageState::There => ("running", Glyph::Done, words.there.to_owned()),
        ImageState::Built => ("running", Glyph::Done, words.built.to_owned()),
        ImageState::Pulled => ("running", Glyph::Done, words.fetched.to_owned()),
        ImageState::Missing { .. } => ("failed", Glyph::Warning, words.missing.to_owned()),
    };
    let detail = match &image.state {
        ImageState::Building { step } => step.as_str(),
        ImageState::Missing { reason } => reason.as_str(),
        _ => "",
    };
    html! {
        <tr key={image.name.clone()}>
            <th scope="row" class="mono">{ &image.name }</th>
            <td>
                <span class={classes!("sign-and-word", class)}>{ icon(glyph) }{ word }</span>
                if !detail.is_empty() { <span class="reason" lang="en">{ detail }</span> }
            </td>
            <td>{ places(&image.places, texts) }</td>
        </tr>
    }
}

fn online(preflight: &Preflight, texts: &Texts) -> &'static str {
    let words = &texts.instructor;
    match (preflight.online.is_empty(), preflight.internet) {
        (true, _) => words.online_nothing,
        (false, true) => words.online_some,
        (false, false) => words.online_refused,
    }
}

fn online_line(line: &OnlineLine, texts: &Texts) -> Html {
    html! { <li><code>{ &line.line }</code><span class="hint">{ places(&line.places, texts) }</span></li> }
}

/// With links to the slides, which open beside this page.
fn places(places: &[Place], texts: &Texts) -> Html {
    let one = |place: &Place| match place {
        Place::Slide { h, v, number } => {
            html! { <a href={format!("/#/{h}/{v}")} target="_blank" rel="noopener">{ (texts.instructor.slide)(*number) }</a> }
        }
        Place::Lab(name) => html! { <span>{ (texts.instructor.lab)(name) }</span> },
    };
    let listed = places.iter().enumerate().map(|(index, place)| {
        html! { <>if index > 0 { { ", " } }{ one(place) }</> }
    });
    listed.collect()
}
