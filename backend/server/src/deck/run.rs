//! Which lines of a code block can be run, and what running one types.

/// Longer commands don't fit a terminal's line.
const MAX_COMMAND: usize = 1000;

/// For each line of a block what its run button types, `None` if it has none. `info` is the block's info string.
///
/// In `bash`, `sh` and `shell` every line is a command but comments and empty ones. Where there are prompts (`$ `), and
/// in `console` always, only the lines with one are: the others show output. `norun` takes the buttons away, `run`
/// gives them to other languages. A line that ends with `\` goes on in the next.
pub(crate) fn commands(info: &str, lines: &[&str]) -> Vec<Option<String>> {
    let mut words = info.split_whitespace();
    let language = words.next().unwrap_or_default().to_ascii_lowercase();
    let options: Vec<&str> = words.collect();
    let shell = matches!(language.as_str(), "bash" | "sh" | "shell" | "console");
    let wanted = (shell || language == "run" || options.contains(&"run")) && !options.contains(&"norun");
    if !wanted {
        return vec![None; lines.len()];
    }
    let prompts = language == "console" || lines.iter().any(|line| line.starts_with("$ "));
    let mut continued = false;
    let command_at = |(index, line): (usize, &&str)| {
        let begins = !std::mem::replace(&mut continued, line.ends_with('\\'));
        let line = if prompts { line.strip_prefix("$ ") } else { Some(*line) };
        line.filter(|_| begins).and_then(|line| command(line, &lines[index + 1..]))
    };
    lines.iter().enumerate().map(command_at).collect()
}

/// The command that begins with `line` and may go on in `next`.
fn command(line: &str, next: &[&str]) -> Option<String> {
    let mut command = String::new();
    let mut next = next.iter();
    let mut line = line;
    while let Some(part) = line.strip_suffix('\\') {
        command.push_str(part.trim());
        command.push(' ');
        line = next.next()?;
    }
    command.push_str(line.trim());
    // A control character would be a key press in the terminal: a tab completes, an escape does worse.
    let types = !command.is_empty()
        && !command.starts_with('#')
        && command.len() <= MAX_COMMAND
        && !command.contains(char::is_control);
    types.then_some(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(info: &str, text: &str, expected: &[Option<&str>]) {
        let lines: Vec<&str> = text.lines().collect();
        let found = commands(info, &lines);
        assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_shell_runs_all_but_comments() {
        for language in ["bash", "sh", "shell", "Bash zoom-08"] {
            check(language, "# erst\ndocker ps\n\n  exit  ", &[None, Some("docker ps"), None, Some("exit")]);
        }
    }

    #[test]
    fn with_prompts_the_rest_is_output() {
        check("bash", "$ docker ps\nCONTAINER ID\n$ exit", &[Some("docker ps"), None, Some("exit")]);
        check("console", "docker ps\n$ exit", &[None, Some("exit")]);
    }

    #[test]
    fn authors_decide() {
        check("bash norun", "docker ps", &[None]);
        check("text run", "docker ps", &[Some("docker ps")]);
        check("run", "docker ps", &[Some("docker ps")]);
        check("", "docker ps", &[None]);
        check("dockerfile", "RUN ls", &[None]);
    }

    #[test]
    fn a_backslash_goes_on() {
        check(
            "bash",
            "docker run \\\n  -it \\\n  debian\nexit",
            &[Some("docker run -it debian"), None, None, Some("exit")],
        );
        check("bash", "docker \\", &[None]);
    }

    #[test]
    fn key_presses_are_no_commands() {
        check("bash", "ls\tx\necho \u{1b}[2J", &[None, None]);
        check("bash", &"x".repeat(MAX_COMMAND + 1), &[None]);
    }
}
