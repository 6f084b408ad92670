//! Which images a workshop's code names, and where.

use super::snippet::Snippet;
use super::{command, file};
use protocol::instructor::Place;

/// An image that the workshop needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    /// As Docker shows it: `debian:latest`.
    pub(crate) image: String,
    pub(crate) places: Vec<Place>,
}

/// The images in the order of their first mention; not what the workshop makes itself, and not what is in its own registry, `hub`.
pub(crate) fn needs(snippets: &[Snippet], hub: &str) -> Vec<Need> {
    let mut found: Vec<Need> = Vec::new();
    let mut made = Vec::new();
    for snippet in snippets {
        let lines = || snippet.lines.iter().map(String::as_str).collect::<Vec<_>>();
        made.extend(snippet.commands.iter().flat_map(|line| command::makes(line)));
        let images = match snippet.language.as_str() {
            "dockerfile" => file::of_dockerfile(&lines()),
            "yaml" | "yml" => file::of_compose(&lines()),
            _ => snippet.commands.iter().flat_map(|line| command::images(line)).collect(),
        };
        images.iter().for_each(|image| note(&mut found, image, &snippet.place));
    }
    let made: Vec<String> = made.iter().filter_map(|name| engine::image::shown_name(name)).collect();
    found.retain(|need| !made.contains(&need.image) && !need.image.starts_with(&format!("{hub}/")));
    found
}

fn note(found: &mut Vec<Need>, image: &str, place: &Place) {
    let Some(image) = engine::image::shown_name(image) else { return };
    match found.iter_mut().find(|need| need.image == image) {
        Some(need) if need.places.contains(place) => {}
        Some(need) => need.places.push(place.clone()),
        None => found.push(Need { image, places: vec![place.clone()] }),
    }
}

/// Lines for people: each image with where it is needed.
impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let places: Vec<String> = self.places.iter().map(ToString::to_string).collect();
        write!(f, "{} ({})", self.image, places.join(", "))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::snippet::of_deck;
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let deck = crate::deck::parse(text, "de").unwrap();
        needs(&of_deck(&deck), "hub.hafen").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_deck_needs_what_its_commands_and_files_name() {
        let deck = "# A\n```bash\ndocker run debian\ndocker run -d redis:7\n```\n---\n# B\n```dockerfile\nFROM node AS a\nFROM a\n```\n\
                    ```bash\ndocker build -t mine .\ndocker run mine\ndocker run debian:latest\ndocker pull hub.hafen/ada/app\n```\n\
                    +++\n```yaml\nservices:\n  web:\n    image: nginx\n```\n";
        assert_eq!(
            of(deck),
            [
                "debian:latest (slide 1, slide 2)",
                "redis:7 (slide 1)",
                "node:latest (slide 2)",
                "nginx:latest (slide 3)"
            ]
        );
    }

    #[test]
    fn what_is_tagged_or_committed_is_made_here() {
        let deck = "```bash\ndocker tag debian:trixie my-debian\ndocker run my-debian\ndocker commit c1 kept:1\ndocker run kept:1\n```\n";
        assert_eq!(of(deck), ["debian:trixie (slide 1)"]);
    }

    #[test]
    fn what_has_no_run_button_is_typed_all_the_same() {
        assert_eq!(of("```bash norun\n# docker run x\ndocker run -p 80:80 nginx\n```\n"), ["nginx:latest (slide 1)"]);
        assert_eq!(of("```text\ndocker run nginx\n```\n"), Vec::<String>::new());
    }
}
