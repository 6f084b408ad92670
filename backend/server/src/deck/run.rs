//! Which lines of a code block can be run, and what running one types.

/// Longer commands don't fit a terminal's line.
const MAX_COMMAND: usize = 1000;

use super::info::Info;
use crate::cli::{self, Docker};

/// For each line of a block what its run button types, `None` if it has none. `info` is the block's info string.
///
/// In `bash`, `sh` and `shell` every line is a command but comments and empty ones. Where there are prompts (`$ `), and
/// in `console` always, only the lines with one are: the others show output. `norun` and `notyet` take the buttons away,
/// `run` gives them to other languages. A line that ends with `\` goes on in the next.
pub(crate) fn commands(info: &str, lines: &[&str]) -> Vec<Option<String>> {
    let info = Info::read(info);
    if !info.runs() {
        return vec![None; lines.len()];
    }
    let prompts = info.language == "console" || lines.iter().any(|line| line.starts_with("$ "));
    let mut continued = false;
    let command_at = |(index, line): (usize, &&str)| {
        let begins = !std::mem::replace(&mut continued, line.ends_with('\\'));
        let line = if prompts { line.strip_prefix("$ ") } else { Some(*line) };
        line.filter(|_| begins).and_then(|line| command(line, &lines[index + 1..]))
    };
    lines.iter().enumerate().map(command_at).collect()
}

/// For each line of a block whether it belongs into a container: all of a block that is `inside`, and what comes after a line that
/// leads into a container's shell, up to `exit`.
pub(super) fn inside(info: &Info, commands: &[Option<String>]) -> Vec<bool> {
    let mut entered = false;
    let is_inside = |command: &Option<String>| {
        let Some(command) = command else { return false };
        let here = entered || info.inside;
        entered = if entered { command != "exit" } else { leads_in(command) };
        here
    };
    commands.iter().map(is_inside).collect()
}

/// Whether a line ends in a shell within a container. What an image runs by itself with `-it` is taken for one.
fn leads_in(line: &str) -> bool {
    let commands = cli::commands(line);
    let Some(docker) = commands.last().and_then(|words| Docker::read(words)) else { return false };
    let is_shell = |program: &String| {
        let name = program.rsplit('/').next().unwrap_or(program);
        matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh")
    };
    let runs_shell = match docker.arguments() {
        [] => docker.verb != "exec",
        [program] => is_shell(program),
        // `sh -c …` ends by itself.
        [program, rest @ ..] => is_shell(program) && !rest.iter().any(|word| word == "-c"),
    };
    docker.enters() && runs_shell
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
        check("bash notyet=\"Später.\"", "docker ps", &[None]);
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
    fn a_line_that_leads_into_a_container_is_followed_by_lines_inside() {
        let check = |info: &str, text: &str, expected: &[bool]| {
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(inside(&Info::read(info), &commands(info, &lines)), expected, "{text}");
        };
        let deck = "docker run -it --name test debian:latest\nid\nexit\ndocker start -ai test\nexit\ndocker rm test";
        check("bash", deck, &[false, true, true, false, true, false]);
        check("bash", "docker exec -it uhr sh\n# noch drin\nexit\ndocker ps", &[false, false, true, false]);
        check("bash", "docker run -it --rm busybox sh -c 'echo 1'\ndocker ps", &[false, false]);
        check("bash", "docker run -it --rm busybox top\ndocker ps", &[false, false]);
        check("bash", "docker run -d busybox\ndocker exec uhr ps\nexit", &[false, false, false]);
        check("bash inside", "id\nexit", &[true, true]);
    }

    #[test]
    fn key_presses_are_no_commands() {
        check("bash", "ls\tx\necho \u{1b}[2J", &[None, None]);
        check("bash", &"x".repeat(MAX_COMMAND + 1), &[None]);
    }
}
