//! Language and look, as they stand in the top bar and, on a phone, in the help.

use super::icon::{Glyph, icon};
use super::menu::{Choice, Choices};
use crate::i18n::Lang;
use crate::prefs::{Change, Theme, use_prefs};
use yew::prelude::*;

#[component]
pub(crate) fn Settings() -> Html {
    let prefs = use_prefs();
    let texts = prefs.lang.texts();
    let languages = [Lang::De, Lang::En].map(|lang| Choice {
        face: html! { <span lang={lang.code()}>{ lang.short() }</span> },
        name: lang.name().into(),
        taken: prefs.lang == lang,
        on_take: prefs.change.reform(move |()| Change::Lang(lang)),
    });
    let themes = [
        (Theme::System, Glyph::Screen, texts.theme_system),
        (Theme::Light, Glyph::Sun, texts.theme_light),
        (Theme::Dark, Glyph::Moon, texts.theme_dark),
    ]
    .map(|(theme, glyph, name)| Choice {
        face: icon(glyph),
        name: name.into(),
        taken: prefs.theme == theme,
        on_take: prefs.change.reform(move |()| Change::Theme(theme)),
    });
    html! {
        <>
            <Choices label={texts.language} choices={languages.to_vec()} />
            <Choices label={texts.theme} choices={themes.to_vec()} />
        </>
    }
}
