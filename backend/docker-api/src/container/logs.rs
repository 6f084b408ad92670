//! `GET /containers/{id}/logs`

use crate::error::{Error, Reply};
use crate::frame::{HEADER, STDERR, STDOUT, SYSTEMERR, frame};
use crate::hijack::stream_type;
use crate::query::{Name, Params};
use crate::time::{parse_timestamp, rfc3339_fixed};
use crate::version::ApiVersion;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use engine::VirtualHost;
use engine::container::{LogBatch, LogOptions};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

pub(crate) async fn logs(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    version: ApiVersion,
    params: Params,
) -> Reply {
    let options = options(&params)?;
    let logs = host.logs(&name, options).await?;
    let tty = logs.tty;
    let style = Style {
        tty,
        timestamps: params.bool("timestamps"),
        details: params.bool("details").then(|| details(&logs.details)),
    };
    let chunks = futures_util::stream::unfold(logs.batches, move |mut batches| {
        let style = style.clone();
        async move {
            let chunk = match batches.recv().await? {
                Ok(batch) => style.chunk(&batch),
                Err(error) if tty => format!("Error grabbing logs: {error}\r\n").into_bytes(),
                Err(error) => frame(SYSTEMERR, format!("Error grabbing logs: {error}\n").as_bytes()),
            };
            Some((io::Result::Ok(chunk), batches))
        }
    });
    Ok(([(header::CONTENT_TYPE, stream_type(tty, version))], Body::from_stream(chunks)).into_response())
}

fn options(params: &Params) -> Reply<LogOptions> {
    let options = LogOptions {
        stdout: params.bool("stdout"),
        stderr: params.bool("stderr"),
        follow: params.bool("follow"),
        tail: tail(params),
        since: parse_timestamp(params.text("since").unwrap_or(""))?,
        // As in Docker, 0 is no end.
        until: parse_timestamp(params.text("until").unwrap_or(""))?.filter(|until| *until != 0),
    };
    if !options.stdout && !options.stderr {
        return Err(Error::bad("Bad parameters: you must choose at least one stream"));
    }
    Ok(options)
}

/// What is no number means all, as `all` does, and as Docker has it.
fn tail(params: &Params) -> Option<usize> {
    params.text("tail")?.parse().ok()
}

/// How lines are sent.
#[derive(Debug, Clone)]
struct Style {
    tty: bool,
    timestamps: bool,
    /// What stands before each line, for those who ask for details.
    details: Option<String>,
}

impl Style {
    /// All lines of a batch, each in its frame without a terminal.
    fn chunk(&self, batch: &LogBatch) -> Vec<u8> {
        let prefix = self.details.as_deref().unwrap_or_default();
        let mut bytes = Vec::with_capacity(batch.text.len() + batch.lines.len() * (HEADER + prefix.len()));
        for line in &batch.lines {
            let begin = bytes.len();
            if !self.tty {
                bytes.extend([if line.stderr { STDERR } else { STDOUT }, 0, 0, 0, 0, 0, 0, 0]);
            }
            if self.timestamps {
                bytes.extend(rfc3339_fixed(line.time).as_bytes());
                bytes.push(b' ');
            }
            bytes.extend(prefix.as_bytes());
            bytes.extend(batch.text.get(line.text.clone()).unwrap_or_default());
            let length = u32::try_from(bytes.len() - begin - HEADER * usize::from(!self.tty)).unwrap_or(u32::MAX);
            if let Some(place) = bytes.get_mut(begin + 4..begin + HEADER).filter(|_| !self.tty) {
                place.copy_from_slice(&length.to_be_bytes());
            }
        }
        bytes
    }
}

/// `a=1,b=x+y `, as in a query; with its space also if there is none.
fn details(details: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> =
        details.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    format!("{} ", pairs.join(","))
}

/// What Go's `url.QueryEscape` leaves as it is, and the space, which it writes in its own way.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b' ');

/// Go's `url.QueryEscape`.
fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string().replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::container::LogLine;

    fn chunk(style: &Style) -> Vec<u8> {
        let line = |stderr, text| LogLine { stderr, time: 1_578_301_619_640_000_000, text };
        style.chunk(&LogBatch { lines: vec![line(true, 0..3), line(false, 3..5)], text: b"hi\nho".to_vec() })
    }

    #[test]
    fn lines_are_framed_without_a_terminal_and_raw_with_one() {
        let plain = Style { tty: false, timestamps: false, details: None };
        assert_eq!(chunk(&plain), b"\x02\0\0\0\0\0\0\x03hi\n\x01\0\0\0\0\0\0\x02ho");
        let raw = Style { tty: true, ..plain };
        assert_eq!(chunk(&raw), b"hi\nho");
        let dated = Style { timestamps: true, details: Some("a=1 ".into()), ..raw };
        assert_eq!(
            String::from_utf8_lossy(&chunk(&dated)),
            "2020-01-06T09:06:59.640000000Z a=1 hi\n2020-01-06T09:06:59.640000000Z a=1 ho"
        );
    }

    #[test]
    fn details_are_escaped_as_in_a_query() {
        assert_eq!(details(&[("b".into(), "x y&ü".into()), ("a".into(), "1".into())].into()), "a=1,b=x+y%26%C3%BC ");
        assert_eq!(details(&BTreeMap::new()), " ");
    }
}
