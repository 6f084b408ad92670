//! A server that answers as a test says, over plain HTTP or TLS.

use super::Say;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// By names in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// How many requests of the same method and path were before.
    pub(crate) before: usize,
}

#[derive(Debug, Default)]
struct State {
    asked: Mutex<Vec<Asked>>,
    connections: AtomicUsize,
    open: AtomicUsize,
    /// Answers before it reads bodies.
    is_hasty: bool,
}

type Script = Arc<dyn Fn(&Asked) -> Vec<Say> + Send + Sync>;

impl Server {
    /// `script`: what to answer. `/v2/` itself is answered with 200 if the script has nothing to say.
    pub(crate) async fn start(script: impl Fn(&Asked) -> Vec<Say> + Send + Sync + 'static) -> Self {
        Self::with(None, State::default(), Arc::new(script)).await
    }

    /// One that answers before it has read what is sent.
    pub(crate) async fn hasty(script: impl Fn(&Asked) -> Vec<Say> + Send + Sync + 'static) -> Self {
        Self::with(None, State { is_hasty: true, ..State::default() }, Arc::new(script)).await
    }

    pub(crate) async fn secure(tls: TlsAcceptor, script: impl Fn(&Asked) -> Vec<Say> + Send + Sync + 'static) -> Self {
        Self::with(Some(tls), State::default(), Arc::new(script)).await
    }

    async fn with(tls: Option<TlsAcceptor>, state: State, script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(state);
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (state, script, tls) = (Arc::clone(&shared), Arc::clone(&script), tls.clone());
                connections.spawn(async move {
                    match tls {
                        None => serve(stream, &state, &script).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &state, &script).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, state, task }
    }

    /// The requests so far, without those of `/v2/` itself.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().iter().filter(|asked| asked.path != "/v2/").cloned().collect()
    }

    /// As [`Server::asked`], as `GET /path`.
    pub(crate) fn asked_for(&self) -> Vec<String> {
        self.asked().iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect()
    }

    /// How many connections there were on which something was asked.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Returns when every connection has ended.
    pub(crate) async fn wait_until_left(&self) {
        while self.state.open.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, state: &State, script: &Script) {
    let mut stream = BufReader::new(stream);
    let mut is_first = true;
    while let Some((asked, length)) = read_head(&mut stream, state).await {
        if std::mem::take(&mut is_first) {
            state.connections.fetch_add(1, Ordering::SeqCst);
            state.open.fetch_add(1, Ordering::SeqCst);
        }
        let mut asked = asked;
        if !state.is_hasty {
            let mut body = vec![0; length];
            if stream.read_exact(&mut body).await.is_err() {
                break;
            }
            asked.body = body;
        }
        let said = script(&asked);
        let is_head = asked.method == "HEAD";
        let said = if said.is_empty() && asked.path == "/v2/" { super::ok("{}") } else { said };
        state.asked.lock().unwrap().push(asked);
        let said = if is_head { said.into_iter().map(without_body).collect() } else { said };
        if !say(&mut stream, said).await {
            break;
        }
    }
    if !is_first {
        state.open.fetch_sub(1, Ordering::SeqCst);
    }
}

fn without_body(say: Say) -> Say {
    let Say::Bytes(mut bytes) = say else { return say };
    let end = bytes.windows(4).position(|it| it == b"\r\n\r\n").map_or(0, |end| end + 4);
    bytes.truncate(end);
    Say::Bytes(bytes)
}

/// Returns whether another request may follow.
async fn say(stream: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>, said: Vec<Say>) -> bool {
    for say in said {
        match say {
            Say::Bytes(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return false;
                }
            }
            Say::Endlessly(bytes) => while stream.write_all(&bytes).await.is_ok() {},
            Say::Drip => {
                while stream.write_all(b" ").await.is_ok() && stream.flush().await.is_ok() {
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
            }
            Say::Pause => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            Say::Nothing => {
                // Until the other side leaves.
                drop(stream.read_to_end(&mut Vec::new()).await);
                return false;
            }
            Say::HangUp => {
                drop(stream.shutdown().await);
                return false;
            }
        }
        drop(stream.flush().await);
    }
    true
}

async fn read_head(stream: &mut BufReader<impl AsyncRead + Unpin>, state: &State) -> Option<(Asked, usize)> {
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).await.ok().filter(|read| *read > 0)?;
        let line = String::from_utf8(line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let mut words = lines.first()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: HashMap<String, String> = lines
        .iter()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    assert!(!headers.contains_key("transfer-encoding"), "bodies are sent with their lengths");
    let asked = state.asked.lock().unwrap();
    let before = asked.iter().filter(|it| it.method == method && it.path == path).count();
    drop(asked);
    Some((Asked { method, path: path.to_owned(), query: query.to_owned(), headers, body: Vec::new(), before }, length))
}
