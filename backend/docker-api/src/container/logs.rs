//! `GET /containers/{id}/logs`

use crate::error::{Error, Reply};
use crate::frame::{STDERR, STDOUT, SYSTEMERR, frame};
use crate::hijack::stream_type;
use crate::query::{Name, Params};
use crate::time::{parse_timestamp, rfc3339_fixed};
use crate::version::ApiVersion;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use engine::VirtualHost;
use engine::host::{LogLine, LogOptions};
use std::io;
use std::sync::Arc;

pub(crate) async fn logs(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    version: ApiVersion,
    params: Params,
) -> Reply {
    params.refuse(&[("details", "`docker logs --details`")])?;
    let options = options(&params)?;
    let timestamps = params.bool("timestamps");
    let logs = host.logs(&name, options).await?;
    let tty = logs.tty;
    let chunks = futures_util::stream::unfold(logs.lines, move |mut lines| async move {
        let chunk = match lines.recv().await? {
            Ok(line) => chunk(line, tty, timestamps),
            Err(error) if tty => format!("Error grabbing logs: {error}\r\n").into_bytes(),
            Err(error) => frame(SYSTEMERR, format!("Error grabbing logs: {error}\n").as_bytes()),
        };
        Some((io::Result::Ok(chunk), lines))
    });
    Ok(([(header::CONTENT_TYPE, stream_type(tty, version))], Body::from_stream(chunks)).into_response())
}

fn options(params: &Params) -> Reply<LogOptions> {
    let options = LogOptions {
        stdout: params.bool("stdout"),
        stderr: params.bool("stderr"),
        follow: params.bool("follow"),
        tail: tail(params)?,
        since: parse_timestamp(params.text("since").unwrap_or(""))?,
        until: parse_timestamp(params.text("until").unwrap_or(""))?,
    };
    if !options.stdout && !options.stderr {
        return Err(Error::bad("Bad parameters: you must choose at least one stream"));
    }
    Ok(options)
}

/// `all` and negative numbers mean all.
fn tail(params: &Params) -> Reply<Option<usize>> {
    if params.text("tail") == Some("all") {
        return Ok(None);
    }
    Ok(params.number::<i64>("tail")?.and_then(|tail| usize::try_from(tail).ok()))
}

fn chunk(line: LogLine, tty: bool, timestamps: bool) -> Vec<u8> {
    let mut bytes = if timestamps { format!("{} ", rfc3339_fixed(line.time)).into_bytes() } else { Vec::new() };
    bytes.extend(line.bytes);
    if tty { bytes } else { frame(if line.stderr { STDERR } else { STDOUT }, &bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(stderr: bool) -> LogLine {
        LogLine { stderr, time: 1_578_301_619_640_000_000, bytes: b"hi\n".to_vec() }
    }

    #[test]
    fn lines_are_framed_without_a_terminal_and_raw_with_one() {
        assert_eq!(chunk(line(true), false, false), b"\x02\0\0\0\0\0\0\x03hi\n");
        assert_eq!(chunk(line(false), false, true), b"\x01\0\0\0\0\0\0\x222020-01-06T09:06:59.640000000Z hi\n");
        assert_eq!(chunk(line(false), true, false), b"hi\n");
    }
}
