//! The catalogue's images, used as the decks and books do that know Docker Hub's.
//!
//! The large ones are tested by `cargo xtask test --only catalogue`, which builds them all.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use common::{Answer, Engine, eventually};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// `curl`, in the network of a container.
fn curl(engine: &Engine, container: &str, url: &str) -> Answer {
    let network = format!("container:{container}");
    engine.docker(&["run", "--rm", "--network", &network, "nginx", "curl", "--silent", "--include", url])
}

fn logs(engine: &Engine, container: &str) -> String {
    let Answer { out, err, .. } = engine.docker(&["logs", container]);
    out + &err
}

fn exit_code(engine: &Engine, container: &str) -> String {
    engine.docker(&["inspect", "--format", "{{.State.ExitCode}}", container]).ok()
}

#[test]
fn hello_world_explains_itself() {
    let engine = Engine::start_with_catalogue();
    let said = engine.docker(&["run", "--rm", "hello-world"]).ok();
    assert!(said.starts_with("Hallo vom Lernhafen!") && said.ends_with("$ docker ps --all"), "{said}");
}

#[test]
fn a_host_has_the_latest_and_pulls_versions_that_are_true() {
    let engine = Engine::start_with_catalogue();
    let tags = engine.docker(&["images", "--format", "{{.Tag}}"]).ok();
    assert!(tags.lines().all(|tag| tag == "latest"), "{tags}");
    let said = engine.docker(&["run", "--rm", "nginx", "nginx", "-v"]);
    let version = said.err.trim().rsplit('/').next().unwrap().to_owned();
    let label = r#"{{index .Config.Labels "org.opencontainers.image.version"}}"#;
    assert!(engine.docker(&["inspect", "--format", label, "nginx"]).ok().starts_with(&version));
    let name = format!("nginx:{}", version.rsplit_once('.').unwrap().0);
    assert_eq!(engine.docker(&["run", "--rm", &name, "nginx", "-v"]).err.lines().last().unwrap(), said.err.trim());
}

#[test]
fn nginx_serves_and_logs_and_stops_in_peace() {
    let engine = Engine::start_with_catalogue();
    engine.docker(&["create", "--name", "web", "--env", "SCHIFF=Gorch Fock", "nginx"]).ok();
    let template = engine.dir.join("schiff.conf.template");
    fs::write(&template, "server { listen 81; location / { return 200 \"${SCHIFF} $uri\"; } }").unwrap();
    engine.docker(&["cp", &template.to_string_lossy(), "web:/etc/nginx/templates/"]).ok();
    engine.docker(&["start", "web"]).ok();
    eventually("nginx answers", || curl(&engine, "web", "http://127.0.0.1").out.contains("200 OK"));
    let page = curl(&engine, "web", "http://127.0.0.1/").ok();
    assert!(page.contains("Welcome to nginx!") && page.contains("/usr/share/nginx/html"), "{page}");
    assert!(curl(&engine, "web", "http://127.0.0.1:81/ahoy").ok().ends_with("Gorch Fock /ahoy"));
    assert!(curl(&engine, "web", "http://[::1]/nothere").ok().starts_with("HTTP/1.1 404"));
    let lines = logs(&engine, "web");
    assert!(
        lines.contains("\"GET / HTTP/1.1\" 200") && lines.contains("open() \"/usr/share/nginx/html/nothere\""),
        "{lines}"
    );
    assert!(engine.docker(&["exec", "web", "ps", "-o", "user=", "-C", "nginx"]).ok().contains("nginx"));
    engine.docker(&["stop", "web"]).ok();
    assert_eq!(exit_code(&engine, "web"), "0");
    assert!(logs(&engine, "web").contains("gracefully shutting down"));
}

#[test]
fn redis_answers_as_its_own_user() {
    let engine = Engine::start_with_catalogue();
    let ready = || engine.docker(&["exec", "cache", "redis-cli", "ping"]).out.trim() == "PONG";
    engine.docker(&["run", "--detach", "--name", "cache", "redis"]).ok();
    eventually("redis answers", ready);
    assert_eq!(engine.docker(&["exec", "cache", "ps", "-o", "user=", "-p", "1"]).ok(), "redis");
    // From elsewhere, without a password.
    let address = engine.docker(&["inspect", "--format", "{{.NetworkSettings.IPAddress}}", "cache"]).ok();
    let client = |words: &[&str]| {
        let command = ["run", "--rm", "redis", "redis-cli", "-h", &address];
        engine.docker(&[&command[..], words].concat()).ok()
    };
    assert_eq!(client(&["set", "schiff", "Gorch Fock"]), "OK");
    assert_eq!(client(&["get", "schiff"]), "Gorch Fock");
    engine.docker(&["stop", "cache"]).ok();
    assert_eq!(exit_code(&engine, "cache"), "0");
    assert!(logs(&engine, "cache").contains("Ready to accept connections"));
    engine.docker(&["start", "cache"]).ok();
    eventually("redis is back", ready);
    assert_eq!(client(&["get", "schiff"]), "Gorch Fock", "saved at the end");
    engine.docker(&["rm", "--force", "cache"]).ok();
    // Options alone are the server's, and what is said wins.
    engine.docker(&["run", "--detach", "--name", "cache", "redis", "--protected-mode", "yes"]).ok();
    eventually("redis answers", ready);
    assert!(engine.docker(&["exec", "cache", "redis-cli", "config", "get", "protected-mode"]).ok().ends_with("yes"));
    assert!(engine.docker(&["run", "--rm", "redis", "--version"]).ok().starts_with("Redis server v="));
}

#[test]
#[ignore = "a large image, which `cargo xtask test --only catalogue` builds"]
fn postgres_wants_a_password_and_runs_what_it_is_given() {
    let engine = Engine::start_with_catalogue();
    engine.docker(&["run", "--rm", "postgres"]).fails_with(1, "superuser password is not specified");
    engine
        .docker(&["run", "--rm", "-e", "POSTGRES_USER=a", "-e", "POSTGRES_USER_FILE=/b", "postgres"])
        .fails_with(1, "both set");

    let variables = ["POSTGRES_PASSWORD_FILE=/geheim", "POSTGRES_USER=kapitän", "POSTGRES_DB=see-hafen"];
    let variables = variables.iter().flat_map(|variable| ["--env", variable]);
    let create: Vec<&str> = ["create", "--name", "db"].into_iter().chain(variables).chain(["postgres"]).collect();
    engine.docker(&create).ok();
    let insert = "insert into schiffe values ('sh')";
    let script = format!("#!/bin/bash\npsql --username \"$POSTGRES_USER\" --dbname \"$POSTGRES_DB\" -c \"{insert}\"\n");
    for (name, content, mode) in [
        ("/geheim", "gehe'im \n", 0o644),
        (
            "/docker-entrypoint-initdb.d/1.sql",
            "create table schiffe (name text); insert into schiffe values ('sql');",
            0o644,
        ),
        ("/docker-entrypoint-initdb.d/2.sh", &script, 0o755),
        ("/docker-entrypoint-initdb.d/3.sh", "docker_process_sql -c \"insert into schiffe values ('sourced')\"", 0o644),
    ] {
        let file = engine.dir.join("file");
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        engine.docker(&["cp", &file.to_string_lossy(), &format!("db:{name}")]).ok();
    }
    engine.docker(&["start", "db"]).ok();
    eventually("the database is made", || logs(&engine, "db").contains("init process complete"));
    let ask = |address: &str, password: &str| {
        let password = format!("PGPASSWORD={password}");
        let client = ["run", "--rm", "--env", &password, "postgres", "psql", "--host", address];
        let query = "select string_agg(name, ' ') from schiffe";
        engine.docker(&[&client[..], &["-U", "kapitän", "-d", "see-hafen", "-Atc", query]].concat())
    };
    let address = engine.docker(&["inspect", "--format", "{{.NetworkSettings.IPAddress}}", "db"]).ok();
    eventually("the database answers", || ask(&address, "gehe'im ").out.trim() == "sql sh sourced");
    ask(&address, "falsch").fails_with(2, "password authentication failed");
    assert_eq!(engine.docker(&["exec", "db", "ps", "-o", "user=", "-p", "1"]).ok(), "postgres");
    engine.docker(&["stop", "db"]).ok();
    assert_eq!(exit_code(&engine, "db"), "0");
    engine.docker(&["start", "db"]).ok();
    eventually("what was there is there", || ask(&address, "gehe'im ").out.trim() == "sql sh sourced");
    assert!(logs(&engine, "db").contains("Skipping initialization"));
}

#[test]
#[ignore = "a large image, which `cargo xtask test --only catalogue` builds"]
fn httpd_serves_and_stops_in_peace() {
    let engine = Engine::start_with_catalogue();
    engine.docker(&["run", "--detach", "--name", "web", "httpd"]).ok();
    eventually("Apache answers", || curl(&engine, "web", "http://127.0.0.1").out.contains("200 OK"));
    engine.docker(&["exec", "web", "sh", "-c", "echo ahoy >htdocs/schiff.txt"]).ok();
    assert!(curl(&engine, "web", "http://127.0.0.1").ok().contains("It works!"));
    let page = curl(&engine, "web", "http://127.0.0.1/schiff.txt").ok();
    assert!(page.contains("Content-Type: text/plain") && page.ends_with("ahoy"), "{page}");
    assert!(logs(&engine, "web").contains("\"GET /schiff.txt HTTP/1.1\" 200"));
    engine.docker(&["stop", "web"]).ok();
    assert_eq!(exit_code(&engine, "web"), "0");
    // As the image's documentation on Docker Hub has it.
    let sed = "sed -i -e 's/^#\\(LoadModule .*mod_ssl.so\\)/\\1/' -e 's/^#\\(Include .*httpd-ssl.conf\\)/\\1/' \
               -e 's/^#\\(LoadModule .*mod_socache_shmcb.so\\)/\\1/' conf/httpd.conf && httpd -t";
    engine.docker(&["run", "--rm", "httpd", "sh", "-c", sed]).fails_with(1, "server.crt");
}

#[test]
#[ignore = "a large image, which `cargo xtask test --only catalogue` builds"]
fn the_registry_answers_and_is_set_by_variables() {
    let engine = Engine::start_with_catalogue();
    let variables = ["--env", "REGISTRY_HTTP_ADDR=:5001", "--env", "REGISTRY_STORAGE_DELETE_ENABLED=true"];
    engine.docker(&[&["run", "--detach", "--name", "reg"], &variables[..], &["registry"]].concat()).ok();
    let catalogue = || curl(&engine, "reg", "http://127.0.0.1:5001/v2/_catalog").out;
    eventually("the registry answers", || catalogue().ends_with("{\"repositories\":[]}\n"));
    assert!(
        curl(&engine, "reg", "http://127.0.0.1:5001/v2/")
            .ok()
            .contains("Docker-Distribution-Api-Version: registry/2.0")
    );
    engine.docker(&["stop", "reg"]).ok();
    assert!(engine.docker(&["run", "--rm", "registry", "--version"]).ok().contains("2."));
}

#[test]
#[ignore = "a large image, which `cargo xtask test --only catalogue` builds"]
fn python_and_node_run_scripts_and_talk() {
    let engine = Engine::start_with_catalogue();
    assert_eq!(engine.docker_with_input(&["run", "--rm", "--interactive", "python"], "print(6 * 7)").ok(), "42");
    assert_eq!(engine.docker(&["run", "--rm", "python", "python", "-c", "import ssl; print('ahoy')"]).ok(), "ahoy");
    // The other prompt colours and moves what it shows.
    let prompt =
        engine.docker_in_terminal(&["run", "-it", "--rm", "-e", "PYTHON_BASIC_REPL=1", "python"], "6 * 7\nexit()");
    assert!(prompt.contains(">>> ") && prompt.contains("42\n"), "{prompt}");
    // Into the image itself, as Dockerfiles do: without a network it fails later than at who owns what.
    let pip =
        engine.docker(&["run", "--rm", "--network", "none", "python", "pip", "install", "--retries", "0", "nothere"]);
    assert!(pip.code == 1 && !pip.err.contains("externally-managed"), "{pip:?}");

    assert_eq!(engine.docker_with_input(&["run", "--rm", "--interactive", "node"], "console.log(6 * 7)").ok(), "42");
    assert_eq!(engine.docker(&["run", "--rm", "node", "-p", "6 * 7"]).ok(), "42");
    let prompt = engine.docker_in_terminal(&["run", "-it", "--rm", "node"], "6 * 7\n.exit");
    assert!(prompt.contains("Welcome to Node.js") && prompt.contains("42"), "{prompt}");
    let script = "cd; echo 'console.log(42)' >a.js; docker-entrypoint.sh a.js; npm --version >/dev/null; id -u";
    assert_eq!(engine.docker(&["run", "--rm", "--user", "node", "node", "sh", "-c", script]).ok(), "42\n1000");
}
