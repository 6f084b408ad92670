//! Sessions of a workshop, opened as a browser does: join, connect, open a terminal.

use crate::engine::terminate;
use crate::memory;
use crate::sample::Sample;
use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

const ADDRESS: &str = "127.0.0.1:18080";
const OPEN: &str = r#"{"type":"open","terminal":0,"rows":24,"cols":80}"#;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long shells get to come to rest before their memory is measured.
const REST: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct Sessions {
    /// From joining to the first byte of the prompt.
    pub(crate) prompt: Duration,
    /// What one idle session adds to the server and its processes, in bytes of PSS.
    pub(crate) memory: u64,
}

/// Opens `runs` sessions one after the other, and then `idle` at once.
pub(crate) fn measure(server: &Path, directory: &Path, runs: usize, idle: usize) -> Result<Sessions> {
    let program = server;
    let server = Server::start(program, directory, idle + 1, 0)?;
    server.session("warm-up")?.leave()?;
    let mut prompt = Sample::default();
    for run in 0..runs {
        let session = server.session(&format!("bench-{run}"))?;
        prompt.add(session.prompt);
        session.leave()?;
    }
    let before = memory::of_program(program)?;
    let sessions = (0..idle).map(|index| server.session(&format!("idle-{index}"))).collect::<Result<Vec<_>>>()?;
    thread::sleep(REST);
    let after = memory::of_program(program)?;
    for session in sessions {
        session.leave()?;
    }
    Ok(Sessions { prompt: prompt.median(), memory: after.saturating_sub(before) / idle as u64 })
}

/// `lernhafen serve`, until it is dropped.
pub(crate) struct Server {
    /// `None`: it has ended.
    process: Option<Child>,
    /// From its start until it answered.
    pub(crate) start: Duration,
    /// Has a directory for each host.
    hosts: PathBuf,
}

/// Somebody who has joined.
pub(crate) struct Session {
    cookie: Cookie,
    /// From joining to the first byte of the prompt.
    pub(crate) prompt: Duration,
    /// As long as it is open, somebody looks at the session.
    _socket: WebSocket<TcpStream>,
}

impl Server {
    /// Over a directory, whose sessions from before go on. There can be so many, and so many hosts begin ahead.
    pub(crate) fn start(server: &Path, directory: &Path, most: usize, ready: usize) -> Result<Self> {
        let log_path = directory.join("serve.log");
        let log = fs::File::create(&log_path)?;
        let config = directory.join("workshop.toml");
        // What its deck needs would be built meanwhile.
        let deck = std::env::current_dir()?.join("slides/docker-einfuehrung/PITCHME.md");
        fs::write(
            &config,
            format!("preflight = false\nmax_sessions = {most}\nready_hosts = {ready}\ndeck = {deck:?}\n"),
        )?;
        let start = Instant::now();
        let process = Command::new(server)
            .args(["serve", "--listen", ADDRESS, "--config"])
            .arg(config)
            .arg("--data-dir")
            .arg(directory.join("data"))
            .arg("--run-dir")
            .arg(directory.join("run"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("could not start lernhafen serve")?;
        let mut server = Self { process: Some(process), start: Duration::ZERO, hosts: directory.join("run/hosts") };
        while !answers() {
            let ended =
                server.process.as_mut().is_some_and(|process| process.try_wait().is_ok_and(|end| end.is_some()));
            if ended || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(&log_path).unwrap_or_default();
                bail!("lernhafen serve does not answer. What it said:\n{log}");
            }
            thread::sleep(Duration::from_millis(5));
        }
        server.start = start.elapsed();
        Ok(server)
    }

    /// Waits until there are so many hosts, those of sessions and those that have begun ahead.
    pub(crate) fn wait_for_hosts(&self, count: usize) -> Result<()> {
        let start = Instant::now();
        while fs::read_dir(&self.hosts)?.count() != count {
            ensure!(start.elapsed() < PATIENCE, "there are never {count} hosts");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Joins and waits for the prompt.
    pub(crate) fn session(&self, name: &str) -> Result<Session> {
        let start = Instant::now();
        let cookie = join(name)?;
        let stream = connect()?;
        let mut request = format!("ws://{ADDRESS}/api/socket").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("origin", format!("http://{ADDRESS}").parse()?);
        headers.insert("cookie", cookie.0.parse()?);
        let (mut socket, _) = tungstenite::client(request, stream).context("the server took no WebSocket")?;
        socket.send(Message::text(OPEN))?;
        loop {
            match socket.read().context("the server sent no prompt")? {
                // The terminal's number, then what it shows.
                Message::Binary(bytes) if bytes.len() > 1 => break,
                Message::Text(text) if text.contains(r#""type":"refused""#) => bail!("the server refused: {text}"),
                _ => {}
            }
        }
        Ok(Session { cookie, prompt: start.elapsed(), _socket: socket })
    }
}

impl Server {
    /// Ends it; its sessions stay.
    pub(crate) fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            terminate(&mut process);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

impl Session {
    pub(crate) fn leave(self) -> Result<()> {
        self.cookie.leave()
    }

    /// Looks away, and stays.
    pub(crate) fn look_away(self) -> Cookie {
        self.cookie
    }
}

/// What a session is known by.
pub(crate) struct Cookie(String);

impl Cookie {
    /// Ends the session.
    pub(crate) fn leave(&self) -> Result<()> {
        let answer = request("DELETE", &format!("Cookie: {}\r\n", self.0), "")?;
        ensure!(answer.starts_with("HTTP/1.1 204"), "the session did not end: {answer}");
        Ok(())
    }
}

/// Whether the server does its work. It listens before it does.
fn answers() -> bool {
    request("GET", "", "").is_ok_and(|answer| answer.starts_with("HTTP/1.1"))
}

/// Joins the workshop; the cookie to send from now on.
fn join(name: &str) -> Result<Cookie> {
    let body = format!(r#"{{"name":"{name}"}}"#);
    let answer = request("POST", "Content-Type: application/json\r\n", &body)?;
    let cookie = answer.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("set-cookie").then(|| value.trim().split(';').next().map(str::to_owned))?
    });
    cookie.map(Cookie).with_context(|| format!("joining brought no cookie: {answer}"))
}

/// One request on `/api/session`; the answer's head.
fn request(method: &str, headers: &str, body: &str) -> Result<String> {
    let mut stream = connect()?;
    write!(
        stream,
        "{method} /api/session HTTP/1.1\r\nHost: {ADDRESS}\r\nOrigin: http://{ADDRESS}\r\n{headers}\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut head = String::new();
    for line in BufReader::new(stream.take(64 * 1024)).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        head.push_str(&line);
        head.push('\n');
    }
    Ok(head)
}

fn connect() -> Result<TcpStream> {
    let stream = TcpStream::connect(ADDRESS)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}
