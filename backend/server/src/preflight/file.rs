//! Which images a file names that a slide shows: a Dockerfile, a Compose file.

/// The images that the stages of a Dockerfile begin with. A stage that begins with another needs none.
pub(super) fn of_dockerfile(lines: &[&str]) -> Vec<String> {
    let mut stages: Vec<&str> = Vec::new();
    let mut images = Vec::new();
    for line in lines {
        let mut words = line.split_whitespace().filter(|word| !word.starts_with("--"));
        if !words.next().is_some_and(|word| word.eq_ignore_ascii_case("FROM")) {
            continue;
        }
        let Some(base) = words.next() else { continue };
        if base != "scratch" && !base.contains('$') && !stages.iter().any(|stage| stage.eq_ignore_ascii_case(base)) {
            images.push(base.to_owned());
        }
        if words.next().is_some_and(|word| word.eq_ignore_ascii_case("AS")) {
            stages.extend(words.next());
        }
    }
    images
}

/// The images of a Compose file's services, but for those that it builds, whose `image` is what they will be called.
///
/// Read by indentation: the slide may show a part of a file, which is no YAML on its own.
pub(super) fn of_compose(lines: &[&str]) -> Vec<String> {
    let mut images = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(value) = key(line, "image") else { continue };
        let depth = indent(line);
        let is_sibling = |line: &&&str| indent(line) >= depth || line.trim().is_empty();
        let before = lines[..index].iter().rev().take_while(is_sibling);
        let after = lines[index + 1..].iter().take_while(is_sibling);
        let builds = before.chain(after).any(|line| indent(line) == depth && key(line, "build").is_some());
        if !builds && !value.is_empty() && !value.contains('$') {
            images.push(value.to_owned());
        }
    }
    images
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn key<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let value = line.trim_start().strip_prefix(name)?.trim_start().strip_prefix(':')?;
    let value = value.split_once(" #").map_or(value, |(value, _)| value);
    Some(value.trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dockerfile_needs_what_its_stages_begin_with() {
        let text = "# FROM nothing\nFROM --platform=linux/amd64 node:20 AS build\nRUN x\nfrom build as test\nFROM scratch\nFROM $BASE\nFROM nginx\n";
        assert_eq!(of_dockerfile(&text.lines().collect::<Vec<_>>()), ["node:20", "nginx"]);
        assert_eq!(of_dockerfile(&["FROM"]), Vec::<String>::new());
    }

    #[test]
    fn a_compose_file_needs_what_it_does_not_build() {
        let text = "services:\n  web:\n    image: \"nginx:1.26\" # the web\n  app:\n    build: .\n    image: mine\n  other:\n    image: mine2\n    build:\n      context: .\n  db:\n    image: postgres\n    environment:\n      image: x$Y\n";
        assert_eq!(of_compose(&text.lines().collect::<Vec<_>>()), ["nginx:1.26", "postgres"]);
    }
}
