//! Instructions that change an image's configuration: `docker commit --change`, `docker import --change`.

use super::line::{Arguments, Instruction, instructions, maybe_json, pairs, words};
use super::{expand, expose, flags, health};
use crate::store::{Defaults, Empty};
use crate::{Error, Result, signal};
use std::path::{Component, Path, PathBuf};

const SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// Applies instructions, a line or several each, one after the other.
///
/// # Errors
/// One can't be read, or is none that changes an image.
pub(crate) fn apply(config: &mut Defaults, changes: &[String]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let instructions = instructions(&changes.join("\n"))?;
    let known = |instruction: &&Instruction| KNOWN.contains(&instruction.name.to_ascii_uppercase().as_str());
    if let Some(other) = instructions.iter().find(|instruction| !known(instruction)) {
        return Err(Error::invalid(format!("{:.40} is not a valid change command", other.name)));
    }
    let mut has_cmd = false;
    for instruction in &instructions {
        change(config, instruction, &mut has_cmd)?;
    }
    Ok(())
}

const KNOWN: [&str; 11] = [
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "ONBUILD",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// `has_cmd`: there was a `CMD` before, which an `ENTRYPOINT` keeps; what came from elsewhere it drops.
fn change(config: &mut Defaults, instruction: &Instruction, has_cmd: &mut bool) -> Result<()> {
    let rest = &instruction.rest;
    let env = config.env.clone().unwrap_or_default();
    let name = instruction.name.to_ascii_uppercase();
    match name.as_str() {
        "HEALTHCHECK" => {
            config.healthcheck = Some(health::read(instruction)?);
            return Ok(());
        }
        "STOPSIGNAL" => {}
        _ => drop(flags::read(&instruction.flags, &[])?),
    }
    let exactly_one = || match rest.is_empty() {
        true => Err(Error::invalid(format!("{name} requires exactly one argument"))),
        false => expand::word(rest, &env),
    };
    let at_least_one = || Error::invalid(format!("{name} requires at least one argument"));
    match name.as_str() {
        "CMD" => {
            config.cmd = Some(command(config, rest, false)?);
            *has_cmd = true;
        }
        "ENTRYPOINT" => {
            config.entrypoint = Some(command(config, rest, true)?).filter(|words| !words.is_empty());
            if !*has_cmd {
                config.cmd = None;
            }
        }
        "ENV" => {
            for (name, value) in pairs(rest, &name)? {
                let (name, value) = (expand::word(&name, &env)?, expand::word(&value, &env)?);
                set(config.env.get_or_insert_default(), &name, &value);
            }
        }
        "LABEL" => {
            for (name, value) in pairs(rest, &name)? {
                let (name, value) = (expand::word(&name, &env)?, expand::word(&value, &env)?);
                config.labels.get_or_insert_default().insert(name, value);
            }
        }
        "EXPOSE" => {
            let ports = words(rest);
            if ports.is_empty() {
                return Err(at_least_one());
            }
            for port in ports {
                for port in expand::words(&port, &env)? {
                    config.exposed_ports.extend(expose::port_range(&port)?.into_iter().map(|port| (port, Empty {})));
                }
            }
        }
        "VOLUME" => {
            let volumes = match maybe_json(rest)? {
                Arguments::Json(volumes) => volumes,
                Arguments::Text(text) => words(&text),
            };
            if volumes.is_empty() {
                return Err(at_least_one());
            }
            for volume in volumes {
                let volume = expand::word(volume.trim(), &env)?;
                if volume.is_empty() {
                    return Err(Error::invalid("VOLUME specified can not be an empty string"));
                }
                config.volumes.get_or_insert_default().insert(volume, Empty {});
            }
        }
        "ONBUILD" => {
            let trigger = rest.split(char::is_whitespace).next().unwrap_or_default().to_ascii_uppercase();
            match trigger.as_str() {
                "" => return Err(at_least_one()),
                "ONBUILD" => return Err(Error::invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")),
                "FROM" | "MAINTAINER" => {
                    return Err(Error::invalid(format!("{trigger} isn't allowed as an ONBUILD trigger")));
                }
                _ => config.on_build.get_or_insert_default().push(rest.clone()),
            }
        }
        "USER" => config.user = exactly_one()?,
        "STOPSIGNAL" => {
            let signal = exactly_one()?;
            signal::parse(&signal)?;
            config.stop_signal = Some(signal);
        }
        _ => config.working_dir = working_dir(&config.working_dir, &exactly_one()?)?,
    }
    Ok(())
}

/// A command: a JSON array, or a line for the shell.
fn command(config: &Defaults, rest: &str, empty_is_none: bool) -> Result<Vec<String>> {
    let shell = || config.shell.clone().unwrap_or_else(|| SHELL.map(str::to_owned).to_vec());
    Ok(match maybe_json(rest)? {
        Arguments::Json(words) => words,
        Arguments::Text(text) if text.is_empty() && empty_is_none => Vec::new(),
        Arguments::Text(text) if text.is_empty() => shell(),
        Arguments::Text(text) => [shell(), vec![text]].concat(),
    })
}

fn set(env: &mut Vec<String>, name: &str, value: &str) {
    let variable = format!("{name}={value}");
    match env.iter_mut().find(|old| old.split('=').next() == Some(name)) {
        Some(old) => *old = variable,
        None => env.push(variable),
    }
}

/// Relative to the one before.
fn working_dir(before: &str, path: &str) -> Result<String> {
    if path.is_empty() {
        return Err(Error::invalid("cannot normalize nothing"));
    }
    if path.starts_with('/') {
        return Ok(path.to_owned());
    }
    let mut joined = PathBuf::from("/");
    for component in Path::new(before).join(path).components() {
        match component {
            Component::Normal(name) => joined.push(name),
            Component::ParentDir => drop(joined.pop()),
            _ => {}
        }
    }
    Ok(joined.to_string_lossy().into_owned())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
