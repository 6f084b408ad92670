//! Which images a command of Docker's names.

/// Options of `docker run` and `docker create` that take no value. All others do: in the same word behind `=`, or in the next.
const FLAGS: [&str; 17] = [
    "detach",
    "disable-content-trust",
    "help",
    "init",
    "interactive",
    "no-healthcheck",
    "oom-kill-disable",
    "privileged",
    "publish-all",
    "quiet",
    "read-only",
    "rm",
    "sig-proxy",
    "tty",
    "use-api-socket",
    "no-resolve-image",
    "with-registry-auth",
];

/// Those of one letter.
const SHORT_FLAGS: [char; 5] = ['d', 'i', 'P', 'q', 't'];

/// Options of `docker` itself that take a value.
const GLOBAL: [&str; 6] = ["-H", "--host", "-c", "--context", "-l", "--log-level"];

/// The images that a line for a shell needs to be there, or to be had: of `docker run`, `create`, `pull`, `tag` and `service create`.
pub(super) fn images(line: &str) -> Vec<String> {
    commands(line).iter().filter_map(|words| image(words)).collect()
}

/// The names that a line gives to images: by `docker tag`, `commit`, `build` and `import`.
pub(super) fn makes(line: &str) -> Vec<String> {
    commands(line).iter().filter_map(|words| made(words)).collect()
}

fn made(words: &[String]) -> Option<String> {
    let mut words = words.iter().map(String::as_str).skip_while(|word| *word != "docker").skip(1);
    let verb = words.by_ref().find(|word| !matches!(*word, "image" | "container" | "buildx" | "builder"))?;
    let words: Vec<&str> = words.collect();
    match verb {
        "build" => {
            let at = words.iter().position(|word| matches!(*word, "-t" | "--tag"));
            let joined = || words.iter().find_map(|word| word.strip_prefix("--tag=").or(word.strip_prefix("-t=")));
            at.and_then(|at| words.get(at + 1).copied()).or_else(joined).map(str::to_owned)
        }
        // The last word; what comes before it is what it is made of.
        "tag" | "commit" | "import" => words.get(1..)?.last().and_then(|name| named(name)),
        _ => None,
    }
}

/// A line's commands, each as words. Knows quotes and what separates commands; variables stay as they are.
pub(super) fn commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars().peekable();
    let mut is_begun = false;
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (Some('\''), _) => word.get_or_insert_default().push(character),
            (_, '\\') => word.get_or_insert_default().extend(characters.next()),
            (Some(_), _) => word.get_or_insert_default().push(character),
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            // A comment only where a word could begin.
            (None, '#') if word.is_none() => break,
            (None, ';' | '&' | '|' | '(' | ')' | '`' | '\n' | '<' | '>') => {
                push(&mut commands, word.take());
                is_begun = true;
            }
            // `$(docker run …)`
            (None, '$') if characters.peek() == Some(&'(') => {}
            (None, _) if character.is_whitespace() => push(&mut commands, word.take()),
            (None, _) => {
                if std::mem::take(&mut is_begun) {
                    commands.push(Vec::new());
                }
                word.get_or_insert_default().push(character);
            }
        }
    }
    push(&mut commands, word);
    commands
}

fn push(commands: &mut [Vec<String>], word: Option<String>) {
    if let (Some(words), Some(word)) = (commands.last_mut(), word) {
        words.push(word);
    }
}

fn image(words: &[String]) -> Option<String> {
    let mut words = words.iter().map(String::as_str);
    // `sudo`, `time`, `A=1` and the like may come first.
    words.by_ref().find(|word| *word == "docker")?;
    let mut verb = words.next()?;
    while verb.starts_with('-') {
        if GLOBAL.contains(&verb) {
            words.next();
        }
        verb = words.next()?;
    }
    let verb = match verb {
        "container" | "image" | "service" => (verb, words.next()?),
        _ => ("", verb),
    };
    match verb {
        ("" | "container", "run" | "create") | ("" | "image", "pull") | ("service", "create") => {}
        // What gets another name must have one.
        ("" | "image", "tag") => return words.next().and_then(named),
        _ => return None,
    }
    while let Some(word) = words.next() {
        match word.strip_prefix("--") {
            Some("") => return words.next().map(str::to_owned),
            Some(option) if option.contains('=') || FLAGS.contains(&option) => {}
            // Of `docker pull`, which has nothing else of this name.
            Some("all-tags") => {}
            Some(_) => drop(words.next()),
            None => match word.strip_prefix('-') {
                Some(letters) => {
                    let valued = letters.find(|letter| !SHORT_FLAGS.contains(&letter));
                    // `-itp 80:80` has its value in the next word, `-p80:80` in this.
                    if valued.is_some_and(|at| at + 1 == letters.len()) && (verb.1 != "pull" || letters != "a") {
                        words.next();
                    }
                }
                None => return named(word),
            },
        }
    }
    None
}

/// Not what only a shell could make a name of.
fn named(word: &str) -> Option<String> {
    let is_whole = !word.is_empty() && !word.contains(['$', '<', '>', '*', '…', '{']);
    is_whole.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::images;

    #[test]
    fn images_are_found_whatever_comes_before_them() {
        for (line, found) in [
            ("docker run hello-world", &["hello-world"][..]),
            ("docker run -it --rm debian bash", &["debian"]),
            ("docker run -itp 8080:80 nginx", &["nginx"]),
            ("docker run -d -p 8080:80 --name web -e A=1 nginx:1.26 nginx -g 'daemon off;'", &["nginx:1.26"]),
            ("docker run -p8080:80 -v /srv:/data:ro --env=X httpd", &["httpd"]),
            ("docker --context x container run --network=none busybox ls", &["busybox"]),
            ("docker container create --memory 64m redis", &["redis"]),
            ("docker pull debian:12", &["debian:12"]),
            ("docker image pull -a hub.hafen/ada/app", &["hub.hafen/ada/app"]),
            ("docker service create --replicas 3 -p 80:80 nginx", &["nginx"]),
            (
                "sudo docker run debian && docker pull redis; docker run busybox | docker run -i node",
                &["debian", "redis", "busybox", "node"],
            ),
            ("echo $(docker run python python3 -c 'print(1)')", &["python"]),
            ("docker run -- debian", &["debian"]),
            ("docker tag debian:trixie mine", &["debian:trixie"]),
            ("docker run --name 'a b' \"debian\" # docker run nothing", &["debian"]),
        ] {
            assert_eq!(images(line), found, "{line}");
        }
    }

    #[test]
    fn what_needs_no_image_names_none() {
        for line in [
            "docker ps -a",
            "docker exec -it web bash",
            "docker build -t mine .",
            "docker run",
            "docker run -p 80:80",
            "docker run $IMAGE",
            "docker run <image>",
            "docker push mine",
            "docker",
            "",
            "echo 'docker run debian'",
            "# docker run debian",
            "dockerd run debian",
            "docker rmi debian",
        ] {
            assert_eq!(images(line), Vec::<String>::new(), "{line}");
        }
    }
}
