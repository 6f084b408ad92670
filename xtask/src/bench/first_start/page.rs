//! Opening the page as a browser does, as far as it matters: the document, and all that it loads at once.

use anyhow::{Context, Result, ensure};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// For each request.
const PATIENCE: Duration = Duration::from_secs(30);

/// Loads the page. An error: it isn't there, or not whole.
pub(super) fn open(address: SocketAddr) -> Result<()> {
    let page = get(address, "/", "identity")?;
    let page = String::from_utf8_lossy(&page);
    let assets = assets(&page);
    ensure!(assets.iter().any(|asset| asset.ends_with(".wasm")), "the page names no program");
    // Compressed, as browsers ask for it.
    assets.iter().try_for_each(|asset| get(address, asset, "br").map(drop))
}

/// What the page refers to.
fn assets(page: &str) -> Vec<&str> {
    page.split('"').filter(|word| word.starts_with("/assets/")).collect()
}

/// The body of an answer 200.
fn get(address: SocketAddr, path: &str, encoding: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: {encoding}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    ensure!(answer.starts_with(b"HTTP/1.1 200 "), "{path} is not there");
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").context("an answer without an end")?;
    Ok(answer.split_off(end + 4))
}

#[cfg(test)]
mod tests {
    use super::assets;

    #[test]
    fn finds_what_the_page_loads() {
        let page = r#"<link href="/assets/1/app_bg.wasm" /><script src="/assets/1/start.js"></script><a href="/x">"#;
        assert_eq!(assets(page), ["/assets/1/app_bg.wasm", "/assets/1/start.js"]);
    }
}
