//! Lines for a shell, and what `docker` is asked for in them.

/// Options of `docker run` and its like that take no value. All others do: in the same word behind `=`, or in the next.
const FLAGS: [&str; 20] = [
    "all-tags",
    "detach",
    "disable-content-trust",
    "help",
    "init",
    "interactive",
    "no-healthcheck",
    "no-resolve-image",
    "no-stdin",
    "oom-kill-disable",
    "privileged",
    "publish-all",
    "quiet",
    "read-only",
    "rm",
    "sig-proxy",
    "tty",
    "use-api-socket",
    "with-registry-auth",
    // Of `docker start`; the other verbs' takes a value.
    "attach",
];

/// Those of one letter.
const SHORT_FLAGS: [char; 5] = ['d', 'i', 'P', 'q', 't'];

/// Options of `docker` itself that take a value.
const GLOBAL: [&str; 6] = ["-H", "--host", "-c", "--context", "-l", "--log-level"];

/// What stands before the verb and changes nothing of what is read here.
const GROUPS: [&str; 3] = ["container", "image", "service"];

/// A `docker` command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Docker {
    /// `container`, `image` or `service`, if it was said.
    pub(crate) group: String,
    pub(crate) verb: String,
    /// By their long names where they are one letter that is read here.
    options: Vec<(String, Option<String>)>,
    /// What is no option; of `run`, `create` and `exec` all that follows the image or the container, too.
    pub(crate) operands: Vec<String>,
}

impl Docker {
    /// Reads a command's words: `sudo`, `time`, `A=1` and the like may come first. `None` if it isn't `docker`, or has no verb.
    pub(crate) fn read(words: &[String]) -> Option<Self> {
        let mut words = words.iter().map(String::as_str);
        words.by_ref().find(|word| *word == "docker" || word.ends_with("/docker"))?;
        let mut verb = words.next()?;
        while verb.starts_with('-') {
            if GLOBAL.contains(&verb) {
                words.next();
            }
            verb = words.next()?;
        }
        let (group, verb) = if GROUPS.contains(&verb) { (verb, words.next()?) } else { ("", verb) };
        let mut docker = Self { group: group.to_owned(), verb: verb.to_owned(), ..Self::default() };
        docker.read_rest(words);
        Some(docker)
    }

    fn read_rest<'a>(&mut self, mut words: impl Iterator<Item = &'a str>) {
        let stops = matches!(self.verb.as_str(), "run" | "create" | "exec");
        while let Some(word) = words.next() {
            match word.strip_prefix("--") {
                Some("") => self.operands.extend(words.by_ref().map(str::to_owned)),
                Some(option) => match option.split_once('=') {
                    Some((name, value)) => self.options.push((name.to_owned(), Some(value.to_owned()))),
                    None => {
                        let value = if self.takes_value(option) { words.next().map(str::to_owned) } else { None };
                        self.options.push((option.to_owned(), value));
                    }
                },
                None => match word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                    Some(letters) => self.read_letters(letters, &mut words),
                    None => {
                        self.operands.push(word.to_owned());
                        if stops {
                            self.operands.extend(words.by_ref().map(str::to_owned));
                        }
                    }
                },
            }
        }
    }

    /// `-it`, `-itp 80:80` and `-p80:80`.
    fn read_letters<'a>(&mut self, letters: &str, words: &mut impl Iterator<Item = &'a str>) {
        for (at, letter) in letters.char_indices() {
            let is_flag =
                SHORT_FLAGS.contains(&letter) || letter == 'a' && matches!(self.verb.as_str(), "start" | "pull");
            let name = match letter {
                'd' => "detach".to_owned(),
                'i' => "interactive".to_owned(),
                't' => "tty".to_owned(),
                letter => letter.to_string(),
            };
            if is_flag {
                self.options.push((name, None));
                continue;
            }
            let rest = letters.get(at + letter.len_utf8()..).filter(|rest| !rest.is_empty());
            self.options.push((name, rest.or_else(|| words.next()).map(str::to_owned)));
            return;
        }
    }

    fn takes_value(&self, option: &str) -> bool {
        !FLAGS.contains(&option) || option == "attach" && self.verb != "start"
    }

    /// Whether a flag is set.
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.options.iter().any(|(name, value)| name == flag && value.as_deref() != Some("false"))
    }

    /// An option's value.
    pub(crate) fn option(&self, option: &str) -> Option<&str> {
        self.options.iter().rev().find(|(name, _)| name == option)?.1.as_deref()
    }

    /// The container that it makes under a name of its own.
    pub(crate) fn creates(&self) -> Option<&str> {
        let makes = matches!(self.group.as_str(), "" | "container") && matches!(self.verb.as_str(), "run" | "create");
        let is_name = |name: &&str| {
            name.starts_with(|first: char| first.is_ascii_alphanumeric())
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.-".contains(letter))
        };
        self.option("name").filter(|_| makes).filter(is_name)
    }

    /// Whether what is typed from then on goes into a container.
    pub(crate) fn enters(&self) -> bool {
        match self.verb.as_str() {
            "run" | "exec" => self.has("interactive") && self.has("tty") && !self.has("detach"),
            "start" => self.has("interactive"),
            "attach" => !self.has("no-stdin"),
            _ => false,
        }
    }

    /// The container that it enters, if it says which.
    pub(crate) fn entered(&self) -> Option<&str> {
        match self.verb.as_str() {
            "run" => self.option("name"),
            _ => self.operands.first().map(String::as_str),
        }
    }

    /// What it runs there instead of what the image does.
    pub(crate) fn arguments(&self) -> &[String] {
        let operands = if matches!(self.verb.as_str(), "run" | "exec") { self.operands.as_slice() } else { &[] };
        operands.get(1..).unwrap_or_default()
    }
}

/// A line's commands, each as words. Knows quotes and what separates commands; variables stay as they are.
pub(crate) fn commands(line: &str) -> Vec<Vec<String>> {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(line: &str) -> Docker {
        Docker::read(&commands(line)[0]).unwrap()
    }

    #[test]
    fn what_goes_into_a_container_is_known_with_its_name() {
        for (line, name, arguments) in [
            ("docker run -it --name test debian:latest", Some("test"), 0),
            ("sudo docker container run --rm -ti --name=a -p 80:80 debian bash -l", Some("a"), 2),
            ("docker run --interactive --tty busybox", None, 0),
            ("docker exec -it -u 0 uhr sh", Some("uhr"), 1),
            ("docker start -ai test", Some("test"), 0),
            ("docker start test -i", Some("test"), 0),
            ("docker attach --detach-keys ctrl-x c1", Some("c1"), 0),
        ] {
            let docker = read(line);
            assert!(docker.enters(), "{line}");
            assert_eq!((docker.entered(), docker.arguments().len()), (name, arguments), "{line}");
        }
    }

    #[test]
    fn what_stays_outside_does_not() {
        for line in [
            "docker run -d -it debian",
            "docker run -i debian",
            "docker run debian sh -it",
            "docker exec uhr ps",
            "docker start -a test",
            "docker logs -f uhr",
            "docker ps",
        ] {
            assert!(!read(line).enters(), "{line}");
        }
    }

    #[test]
    fn a_name_that_is_made_is_known() {
        assert_eq!(read("docker run -d --name uhr busybox").creates(), Some("uhr"));
        assert_eq!(read("docker create --name=a-1 busybox").creates(), Some("a-1"));
        assert_eq!(read("docker run busybox --name x").creates(), None);
        assert_eq!(read("docker service create --name web nginx").creates(), None);
        assert_eq!(read("docker run --name $HOSTNAME busybox").creates(), None);
    }
}
