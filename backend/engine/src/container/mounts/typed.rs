//! `--mount`: what may be asked for, by Docker's rules and in its words.

use super::{Mount, MountKind, MountPoint, mode};
use crate::container::create::clean;
use crate::{Error, ErrorKind, Result};

/// What comes of one; a volume without a name has none yet.
///
/// # Errors
/// It can't be.
pub(super) fn point(asked: &Mount) -> Result<MountPoint> {
    check(asked)?;
    let kind = match asked.kind.as_str() {
        "bind" => MountKind::Bind,
        "volume" => MountKind::Volume,
        _ => MountKind::Tmpfs,
    };
    let mut point = MountPoint { writable: !asked.read_only, ..MountPoint::new(kind, clean(&asked.target)) };
    match kind {
        MountKind::Bind => {
            let options = asked.bind.clone().unwrap_or_default();
            point.source = clean(&asked.source);
            point.propagation = match options.propagation.as_str() {
                "" => "rprivate".to_owned(),
                _ => options.propagation,
            };
            point.make = options.create_mountpoint;
            point.non_recursive = options.non_recursive;
            point.read_only_non_recursive = options.read_only_non_recursive;
        }
        MountKind::Volume => {
            let options = asked.volume.clone().unwrap_or_default();
            point.name.clone_from(&asked.source);
            point.anonymous = asked.source.is_empty();
            point.copy = !options.no_copy;
            point.subpath = options.subpath;
        }
        MountKind::Tmpfs => point.options = tmpfs(asked),
    }
    Ok(point)
}

fn check(asked: &Mount) -> Result<()> {
    let refused = |why: &str| Err(invalid(&asked.kind, why));
    if asked.target.is_empty() {
        return refused("field Target must not be empty");
    }
    if clean(&asked.target) == "/" {
        return refused("invalid specification: destination can't be '/'");
    }
    absolute(&asked.kind, &asked.target)?;
    let is_extra = |field: &str| match field {
        "BindOptions" => asked.bind.is_some(),
        "VolumeOptions" => asked.volume.is_some(),
        _ => !asked.source.is_empty(),
    };
    let extra: &[&str] = match asked.kind.as_str() {
        "bind" => &["VolumeOptions"],
        "volume" => &["BindOptions"],
        "tmpfs" => &["BindOptions", "Source"],
        "image" | "cluster" => {
            let message = format!("`--mount type={}` is not there yet in Lernhafen", asked.kind);
            return Err(Error::new(ErrorKind::NotImplemented, message));
        }
        _ => return refused("mount type unknown"),
    };
    if asked.kind == "bind" {
        if asked.source.is_empty() {
            return refused("field Source must not be empty");
        }
        let propagation = asked.bind.as_ref().map_or("", |options| options.propagation.as_str());
        if !propagation.is_empty() && !mode::PROPAGATIONS.contains(&propagation) {
            return refused(&format!("invalid propagation mode: {propagation}"));
        }
    }
    if let Some(field) = extra.iter().find(|field| is_extra(field)) {
        return refused(&format!("field {field} must not be specified"));
    }
    match asked.kind.as_str() {
        "bind" => absolute(&asked.kind, &asked.source),
        "volume" => volume(asked),
        _ => Ok(()),
    }
}

fn volume(asked: &Mount) -> Result<()> {
    let is_anonymous = asked.source.is_empty();
    let subpath = asked.volume.as_ref().map_or("", |options| options.subpath.as_str());
    if !subpath.is_empty() {
        if is_anonymous {
            return Err(invalid("volume", "must not set Subpath when using anonymous volumes"));
        }
        if subpath.starts_with('/') || clean(&format!("/x/{subpath}")) == "/" || !stays_within(subpath) {
            return Err(invalid("volume", "subpath must be a relative path within the volume"));
        }
    }
    if asked.read_only && is_anonymous {
        return Err(invalid("volume", "must not set ReadOnly mode when using anonymous volumes"));
    }
    Ok(())
}

/// Go's `filepath.IsLocal`.
fn stays_within(path: &str) -> bool {
    let mut depth = 0_i64;
    path.split('/').all(|name| {
        match name {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        depth >= 0
    })
}

fn absolute(kind: &str, path: &str) -> Result<()> {
    match path.starts_with('/') {
        true => Ok(()),
        false => Err(invalid(kind, &format!("invalid mount path: '{path}' mount path must be absolute"))),
    }
}

fn invalid(kind: &str, why: &str) -> Error {
    Error::invalid(format!("invalid mount config for type \"{kind}\": {why}"))
}

/// As `--tmpfs` has them.
fn tmpfs(asked: &Mount) -> String {
    let options = asked.tmpfs.clone().unwrap_or_default();
    let mut words = Vec::new();
    if asked.read_only {
        words.push("ro".to_owned());
    }
    if options.mode != 0 {
        words.push(format!("mode={:o}", options.mode));
    }
    if options.size != 0 {
        words.push(format!("size={}", options.size));
    }
    words.extend(options.options.iter().map(|option| option.join("=")));
    words.join(",")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::container::mounts::{TmpfsOptions, VolumeOptions};

    fn mount(kind: &str, source: &str, target: &str) -> Mount {
        Mount { kind: kind.into(), source: source.into(), target: target.into(), ..Mount::default() }
    }

    #[test]
    fn what_can_not_be_is_refused_in_dockers_words() {
        for (kind, source, target, why) in [
            ("bind", "/a", "", "field Target must not be empty"),
            ("bind", "/a", "/..", "invalid specification: destination can't be '/'"),
            ("bind", "a", "/b", "invalid mount path: 'a' mount path must be absolute"),
            ("bind", "", "/b", "field Source must not be empty"),
            ("volume", "a", "b", "invalid mount path: 'b' mount path must be absolute"),
            ("tmpfs", "a", "/b", "field Source must not be specified"),
            ("npipe", "a", "/b", "mount type unknown"),
        ] {
            let error = point(&mount(kind, source, target)).unwrap_err();
            assert_eq!(error.message, format!("invalid mount config for type \"{kind}\": {why}"));
        }
        for (subpath, fine) in [("a/b", true), ("a/../b", true), ("..", false), ("a/../../b", false), ("/a", false)] {
            let volume = Some(VolumeOptions { subpath: subpath.into(), ..VolumeOptions::default() });
            assert_eq!(point(&Mount { volume, ..mount("volume", "v1", "/x") }).is_ok(), fine, "{subpath}");
        }
    }

    #[test]
    fn a_tmpfs_has_the_options_of_the_other_way() {
        let tmpfs = Some(TmpfsOptions { size: 1024, mode: 0o1770, options: Vec::new() });
        let asked = Mount { read_only: true, tmpfs, ..mount("tmpfs", "", "/t/./x/") };
        let point = point(&asked).unwrap();
        assert_eq!((point.target.as_str(), point.options.as_str()), ("/t/x", "ro,mode=1770,size=1024"));
    }
}
