//! The variables of a container's processes: the image's, the user's, and Docker's own, in its order.

use super::Container;

/// Where programs are searched if neither the image nor the user says so; Docker's.
pub(crate) const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The container's own variables and, behind them as in Docker, those of the image's that it doesn't have itself. A bare
/// `NAME` stays: it takes one away from the process.
pub(crate) fn merge(image: &[String], own: &[String]) -> Vec<String> {
    let others = image.iter().filter(|old| !own.iter().any(|new| name(new) == name(old)));
    own.iter().chain(others).cloned().collect()
}

/// What its process sees. `home` is its user's, for who has none or an empty one.
pub(crate) fn of(container: &Container, home: &str) -> Vec<String> {
    let mut env = vec![PATH.to_owned(), format!("HOSTNAME={}", container.hostname)];
    if container.spec.tty {
        env.push("TERM=xterm".to_owned());
    }
    for own in &container.env {
        if !own.contains('=') {
            env.retain(|variable| name(variable) != own);
        } else if let Some(place) = env.iter_mut().find(|variable| name(variable) == name(own)) {
            place.clone_from(own);
        } else {
            env.push(own.clone());
        }
    }
    if env.iter().all(|variable| name(variable) != "HOME" || variable == "HOME=") {
        env.retain(|variable| name(variable) != "HOME");
        env.push(format!("HOME={home}"));
    }
    env
}

fn name(variable: &str) -> &str {
    variable.split_once('=').map_or(variable, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn own_variables_win_and_bare_names_stay() {
        let merged = merge(&strings(&["A=1", "B=2", "C=3"]), &strings(&["B=9", "C", "D=4"]));
        assert_eq!(merged, ["B=9", "C", "D=4", "A=1"]);
    }
}
