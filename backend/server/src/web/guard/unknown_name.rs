//! The page for who opens the server by a name that it doesn't know: what to open instead, and what to set.
//!
//! It stands alone: the built page's files are not to be had under that name.

use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};

/// The answer to a browser that asked for `host`. `origins` are the names that the server has been given.
pub(super) fn page(host: &str, headers: &HeaderMap, origins: &[String]) -> Response {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let html = render(host, language(accepted), origins);
    (StatusCode::FORBIDDEN, Html(html)).into_response()
}

struct Words {
    lang: &'static str,
    title: &'static str,
    /// Before the name, and after it.
    opened: [&'static str; 2],
    nameless: &'static str,
    participants: &'static str,
    open_this: &'static str,
    ask: &'static str,
    instructors: &'static str,
    set: &'static str,
    then: &'static str,
}

const DE: Words = Words {
    lang: "de",
    title: "Unter diesem Namen antwortet der Server nicht",
    opened: [
        "Du hast die Seite als ",
        " geöffnet. Zum Schutz vor fremden Seiten antwortet Lernhafen nur unter Namen, die er kennt.",
    ],
    nameless: "Zum Schutz vor fremden Seiten antwortet Lernhafen nur unter Namen, die er kennt.",
    participants: "Du nimmst am Workshop teil",
    open_this: "Öffne stattdessen:",
    ask: "Öffne die Adresse, die du von der Kursleitung bekommen hast.",
    instructors: "Du leitest den Workshop",
    set: "Soll dieser Name gelten, trag ihn in workshop.toml ein:",
    then: "Starte dann den Server mit --config workshop.toml neu. Mit der Zahl statt des Namens, etwa http://192.0.2.7:8080, geht es auch \
           ohne Eintrag, wenn der Server auf dieser Adresse lauscht.",
};

const EN: Words = Words {
    lang: "en",
    title: "The server doesn't answer to this name",
    opened: ["You opened the page as ", ". To keep other sites out, Lernhafen answers only to names that it knows."],
    nameless: "To keep other sites out, Lernhafen answers only to names that it knows.",
    participants: "You take part in the workshop",
    open_this: "Open this instead:",
    ask: "Open the address that the instructor gave you.",
    instructors: "You lead the workshop",
    set: "If this name is to work, put it into workshop.toml:",
    then: "Then start the server again with --config workshop.toml. By number instead of name, as http://192.0.2.7:8080, it works \
           without that, if the server listens on that address.",
};

/// The first of our languages that the reader asks for; without a wish German, as the page itself.
fn language(accepted: &str) -> &'static Words {
    let mut wishes = accepted.split(',').map(|wish| wish.trim().to_ascii_lowercase()).filter(|wish| !wish.is_empty());
    let ours = |wish: String| if wish.starts_with("de") { Some(&DE) } else { wish.starts_with("en").then_some(&EN) };
    if accepted.trim().is_empty() { &DE } else { wishes.find_map(ours).unwrap_or(&EN) }
}

fn render(host: &str, words: &Words, origins: &[String]) -> String {
    let name =
        host.parse::<Authority>().ok().filter(|name| !name.as_str().contains('@')).map(|name| escape(name.as_str()));
    let opened = match &name {
        Some(name) => format!("{}<code>{name}</code>{}", words.opened[0], words.opened[1]),
        None => words.nameless.to_owned(),
    };
    let participants = if origins.is_empty() {
        format!("<p>{}</p>", words.ask)
    } else {
        let links = origins
            .iter()
            .map(|origin| escape(origin))
            .map(|origin| format!("<li><a href=\"{origin}\">{origin}</a></li>"));
        format!("<p>{}</p><ul>{}</ul>", words.open_this, links.collect::<String>())
    };
    let setting = name.as_deref().unwrap_or("workshop.example.org");
    format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} · Lernhafen</title><style>{STYLE}</style><main><h1>{title}</h1><p>{opened}</p>\
         <h2>{for_participants}</h2>{participants}\
         <h2>{for_instructors}</h2><p>{set}</p><pre>public_origins = [&quot;http://{setting}&quot;]</pre><p>{then}</p></main></html>",
        lang = words.lang,
        title = words.title,
        for_participants = words.participants,
        for_instructors = words.instructors,
        set = words.set,
        then = words.then,
    )
}

const STYLE: &str = ":root{color-scheme:light dark}\
    body{margin:0;background:light-dark(#e6ebf0,#0f151b);color:light-dark(#17222c,#e8eef3);font:1.1rem/1.5 system-ui,sans-serif}\
    main{box-sizing:border-box;max-width:44rem;margin:8vh auto;padding:2rem;border-radius:6px;background:light-dark(#fffefb,#1b252f)}\
    h1{margin:0;font-size:1.6rem;line-height:1.2}h2{margin:2rem 0 0;font-size:1.15rem}p{margin:.5rem 0}\
    code,pre{font-family:ui-monospace,monospace;font-size:.95em;overflow-wrap:anywhere}\
    pre{padding:.75rem 1rem;border-radius:6px;background:light-dark(#eef3f7,#141c24);white-space:pre-wrap}\
    a{color:light-dark(#0a5aa8,#6cb6ff)}";

/// What a stranger sent, as text of the page.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_language_is_taken() {
        for (accepted, lang) in [
            ("", "de"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("en-GB,de;q=0.5", "en"),
            ("fr,de;q=0.5", "de"),
            ("fr", "en"),
        ] {
            assert_eq!(language(accepted).lang, lang, "{accepted}");
        }
    }

    #[test]
    fn it_says_what_to_set_and_what_to_open() {
        let html = render("hafen.local:8080", &DE, &[]);
        assert!(html.contains("<pre>public_origins = [&quot;http://hafen.local:8080&quot;]</pre>"), "{html}");
        assert!(html.contains(DE.ask));
        let html = render("hafen.local:8080", &EN, &["https://hafen.example".to_owned()]);
        assert!(html.contains("<a href=\"https://hafen.example\">"), "{html}");
    }

    #[test]
    fn what_a_stranger_sends_is_no_markup() {
        for host in ["<script>x</script>", "a\"b", "evil@localhost", "x'><img src=y>"] {
            let html = render(host, &DE, &["https://a/?\"><b>".to_owned()]);
            assert!(
                !html.contains("<script") && !html.contains("<img") && !html.contains("<b>") && !html.contains("evil"),
                "{html}"
            );
        }
    }
}
