//! Which images a command of Docker's names.

use crate::cli::{Docker, commands};

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

fn image(words: &[String]) -> Option<String> {
    let docker = Docker::read(words)?;
    match (docker.group.as_str(), docker.verb.as_str()) {
        ("" | "container", "run" | "create")
        | ("" | "image", "pull")
        | ("service", "create")
        // What gets another name must have one.
        | ("" | "image", "tag") => named(docker.operands.first()?),
        _ => None,
    }
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
