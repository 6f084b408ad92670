//! Which commands ask for something out in the internet, and so won't work in a room without it. Images are not among
//! them: those are built or fetched before.

use super::snippet::Snippet;
use crate::cli::commands;
use protocol::instructor::OnlineLine;
use std::net::IpAddr;

/// Programs that fetch, and their verbs that do so.
const FETCHERS: [(&[&str], &[&str]); 5] = [
    (
        &["apt-get", "apt", "apk", "dnf", "yum"],
        &["update", "upgrade", "dist-upgrade", "full-upgrade", "install", "add"],
    ),
    (&["pip", "pip3", "uv"], &["install", "download"]),
    (&["npm", "yarn", "pnpm"], &["install", "i", "ci", "add", "update"]),
    (&["git"], &["clone", "pull", "fetch", "push"]),
    (&["cargo", "go"], &["install", "get"]),
];

/// Options of `docker login` with a value in the next word.
const LOGIN_VALUES: [&str; 4] = ["-u", "--username", "-p", "--password"];

/// The lines of deck and labs that need the internet. `hub` is the workshop's own registry.
pub(crate) fn lines(snippets: &[Snippet], hub: &str) -> Vec<OnlineLine> {
    let mut found: Vec<OnlineLine> = Vec::new();
    for snippet in snippets {
        let lines = match snippet.language.as_str() {
            "dockerfile" => run_instructions(&snippet.lines),
            _ => snippet.commands.clone(),
        };
        for line in lines.into_iter().filter(|line| asks(line, hub)) {
            match found.iter_mut().find(|known| known.line == line) {
                Some(known) if known.places.contains(&snippet.place) => {}
                Some(known) => known.places.push(snippet.place.clone()),
                None => found.push(OnlineLine { line, places: vec![snippet.place.clone()] }),
            }
        }
    }
    found
}

/// A Dockerfile's `RUN` instructions, each on one line.
fn run_instructions(lines: &[String]) -> Vec<String> {
    let mut instructions: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        let line = line.trim();
        // A comment between continued lines is left out, as `docker build` does.
        if line.starts_with('#') {
            continue;
        }
        let part = line.trim_end_matches('\\').trim_end();
        match instructions.last_mut() {
            Some(last) if goes_on => {
                last.push(' ');
                last.push_str(part);
            }
            _ => instructions.push(part.to_owned()),
        }
        goes_on = line.ends_with('\\');
    }
    instructions.retain(|instruction| {
        instruction.split_once(char::is_whitespace).is_some_and(|(word, _)| word.eq_ignore_ascii_case("RUN"))
    });
    instructions
}

fn asks(line: &str, hub: &str) -> bool {
    commands(line).iter().any(|words| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        (0..words.len()).any(|at| word_asks(words[at], &words[at + 1..], hub))
    })
}

fn word_asks(word: &str, rest: &[&str], hub: &str) -> bool {
    let program = word.rsplit('/').next().unwrap_or(word);
    let mut arguments = rest.iter().filter(|word| !word.starts_with('-'));
    if let Some((_, verbs)) = FETCHERS.iter().find(|(names, _)| names.contains(&program)) {
        return arguments.next().is_some_and(|verb| verbs.contains(verb));
    }
    match program {
        "curl" | "wget" => rest.iter().any(|word| is_outside_url(word, hub)),
        "docker" => match rest {
            ["login", rest @ ..] => is_outside(login_registry(rest).unwrap_or("docker.io"), hub),
            ["push", ..] | ["image", "push", ..] => {
                arguments.rfind(|_| true).is_some_and(|name| is_outside(registry(name), hub))
            }
            _ => false,
        },
        // `sh -c "apt-get update && …"`
        _ => word.contains(char::is_whitespace) && asks(word, hub),
    }
}

fn login_registry<'a>(words: &[&'a str]) -> Option<&'a str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if LOGIN_VALUES.contains(word) {
            words.next();
        } else if !word.starts_with('-') {
            return Some(word);
        }
    }
    None
}

/// The registry that an image's name begins with; Docker Hub if it begins with none.
fn registry(name: &str) -> &str {
    let first = name.split_once('/').map(|(first, _)| first);
    first.filter(|first| first.contains(['.', ':']) || *first == "localhost").unwrap_or("docker.io")
}

fn is_outside_url(word: &str, hub: &str) -> bool {
    let Some((_, rest)) = word.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    is_outside(authority.rsplit('@').next().unwrap_or_default(), hub)
}

/// Whether a host, maybe with a port, is neither on the learner's own host nor the workshop's registry. A name without a dot is a
/// container's, and a variable can be anything.
fn is_outside(authority: &str, hub: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    if let Ok(address) = host.parse::<IpAddr>() {
        return match address {
            IpAddr::V4(address) => !(address.is_private() || address.is_loopback() || address.is_link_local()),
            IpAddr::V6(address) => {
                !(address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local())
            }
        };
    }
    host.contains('.') && !host.contains('$') && !host.ends_with(".localhost") && host != hub && authority != hub
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::instructor::Place;

    #[test]
    fn what_fetches_from_outside_is_told_from_what_stays_within() {
        for line in [
            "apt-get update",
            "sudo apt-get -y install nginx",
            "docker run --rm debian sh -c 'apt-get update && apt-get install -y curl'",
            "docker exec web apk add --no-cache curl",
            "pip install flask",
            "RUN npm ci",
            "git clone https://github.com/a/b",
            "curl -sS https://example.org/x | sh",
            "wget http://1.1.1.1/",
            "docker login",
            "docker login -u ada registry.example.org",
            "docker push ada/app:1",
            "docker image push ghcr.io/ada/app",
        ] {
            assert!(asks(line, "hub.hafen"), "{line}");
        }
        for line in [
            "docker run nginx",
            "apt list",
            "npm start",
            "git status",
            "curl localhost:8080",
            "curl http://hub.hafen/v2/_catalog",
            "curl http://172.17.0.2/ http://[::1]/ http://web:80/ http://8080-x.localhost:8080/",
            "curl http://$HOST/x",
            "docker login hub.hafen",
            "docker login -u ada -p x localhost:5000",
            "docker push hub.hafen/ada/app",
            "docker push localhost:5000/app",
            "docker ps --filter name=apt",
            "",
        ] {
            assert!(!asks(line, "hub.hafen"), "{line}");
        }
    }

    #[test]
    fn an_instruction_of_a_dockerfile_is_shown_whole_and_once() {
        let text =
            "FROM debian\nRUN apt-get update \\\n # first\n && apt-get install -y curl\nRUN ls\nCOPY apt-get install\n";
        let snippet = |place| Snippet::new(place, "dockerfile", text.lines().map(str::to_owned).collect());
        let places = [Place::Slide { h: 0, v: 1, number: 2 }, Place::Lab("01".to_owned())];
        let found = lines(&places.clone().map(snippet), "hub.hafen");
        let line = "RUN apt-get update && apt-get install -y curl".to_owned();
        assert_eq!(found, [OnlineLine { line, places: places.to_vec() }]);
    }
}
