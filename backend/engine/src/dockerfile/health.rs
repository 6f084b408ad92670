//! `HEALTHCHECK`

use super::line::{Arguments, Instruction, maybe_json};
use super::{duration, flags};
use crate::store::Healthcheck;
use crate::{Error, Result};

/// Docker's shortest, in nanoseconds.
const SHORTEST: i64 = 1_000_000;

pub(super) fn read(instruction: &Instruction) -> Result<Healthcheck> {
    let (kind, rest) = instruction.rest.split_once(char::is_whitespace).unwrap_or((&instruction.rest, ""));
    let rest = rest.trim_start();
    let kind = kind.to_ascii_uppercase();
    let arguments = maybe_json(rest)?;
    match kind.as_str() {
        "" => Err(Error::invalid("HEALTHCHECK requires at least one argument")),
        "NONE" if rest.is_empty() => Ok(Healthcheck { test: vec![kind], ..Healthcheck::default() }),
        "NONE" => Err(Error::invalid("HEALTHCHECK NONE takes no arguments")),
        _ => command(instruction, &kind, arguments),
    }
}

fn command(instruction: &Instruction, kind: &str, arguments: Arguments) -> Result<Healthcheck> {
    let flags = flags::read(&instruction.flags, &["interval", "timeout", "start-period", "start-interval", "retries"])?;
    if kind != "CMD" {
        return Err(Error::invalid(format!("Unknown type {kind:?} in HEALTHCHECK (try CMD)")));
    }
    let mut test = match arguments {
        Arguments::Json(words) => [vec!["CMD".to_owned()], words].concat(),
        Arguments::Text(text) => vec!["CMD-SHELL".to_owned(), text],
    };
    test.retain(|word| !word.is_empty());
    if test.len() < 2 {
        return Err(Error::invalid("Missing command after HEALTHCHECK CMD"));
    }
    let time = |name: &str| match flags.get(name) {
        None | Some(&"") => Ok(0),
        Some(text) => match duration::parse(text)? {
            time if time != 0 && time < SHORTEST => {
                Err(Error::invalid(format!("Interval {name:?} cannot be less than 1ms")))
            }
            time => Ok(time),
        },
    };
    Ok(Healthcheck {
        test,
        interval: time("interval")?,
        timeout: time("timeout")?,
        start_period: time("start-period")?,
        start_interval: time("start-interval")?,
        retries: retries(flags.get("retries").copied().unwrap_or_default())?,
    })
}

fn retries(text: &str) -> Result<i64> {
    if text.is_empty() {
        return Ok(0);
    }
    let wrong = |why: &str| Error::invalid(format!("strconv.ParseInt: parsing {text:?}: {why}"));
    let number = text.parse::<i32>().map_err(|error| match error.kind() {
        std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => wrong("value out of range"),
        _ => wrong("invalid syntax"),
    })?;
    if number < 0 {
        return Err(Error::invalid(format!("--retries cannot be negative ({number})")));
    }
    Ok(number.into())
}
