//! Whose process it is: `USER` of an image, `--user` of a container, looked up in the container's own files.

use super::rootfs::Rootfs;
use crate::{Error, Result};
use std::collections::HashSet;

/// A user as the kernel wants it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) groups: Vec<u32>,
    /// For `HOME`; `/` for a user without an entry.
    pub(crate) home: String,
}

/// Docker's; ids are signed numbers to some programs.
const HIGHEST: u32 = i32::MAX as u32;

/// Resolves `""` (root), `uid`, `uid:gid`, or names of either; `further` groups are names or ids.
pub(crate) fn resolve(user: &str, further: &[String], rootfs: &Rootfs) -> Result<User> {
    let passwd = rootfs.read("etc/passwd")?;
    let group = rootfs.read("etc/group")?;
    let mut user = resolve_in(user, &passwd, &group)?;
    for wanted in further {
        user.groups.push(group_id(wanted, &group)?);
    }
    let mut listed = HashSet::new();
    user.groups.retain(|group| listed.insert(*group));
    Ok(user)
}

/// A name first, then a number, known or not. Errors in Docker's words.
fn group_id(wanted: &str, group: &str) -> Result<u32> {
    let listed =
        find(group, |fields| fields[0] == wanted).and_then(|fields| fields.get(2).and_then(|id| id.parse().ok()));
    match listed.or_else(|| wanted.parse().ok()) {
        Some(id) if id <= HIGHEST => Ok(id),
        None if !is_number(wanted) => {
            Err(Error::invalid(format!("unable to find group {wanted}: no matching entries in group file")))
        }
        _ => Err(out_of_range()),
    }
}

fn resolve_in(user: &str, passwd: &str, group: &str) -> Result<User> {
    let (name, group_name) = match user.split_once(':') {
        Some((name, group_name)) => (name, Some(group_name).filter(|group| !group.is_empty())),
        None => (user, None),
    };
    let name = if name.is_empty() { "0" } else { name };
    let by_name = |fields: &[&str]| fields[0] == name;
    let by_number = |fields: &[&str]| fields.get(2) == Some(&name);
    // As Docker: a name first, even one of digits; then a number, known or not.
    let entry = find(passwd, by_name).or_else(|| find(passwd, by_number));
    let number = |field: Option<&&str>| field.and_then(|field| field.parse::<u32>().ok());
    let uid = entry.as_ref().and_then(|fields| number(fields.get(2))).or_else(|| name.parse().ok());
    let uid = match uid {
        Some(uid) => uid,
        None if is_number(name) => return Err(out_of_range()),
        None => {
            return Err(Error::invalid(format!("unable to find user {name}: no matching entries in passwd file")));
        }
    };
    let gid = match group_name {
        None => entry.as_ref().and_then(|fields| number(fields.get(3))).unwrap_or(0),
        Some(wanted) => group_id(wanted, group)?,
    };
    if uid.max(gid) > HIGHEST {
        return Err(out_of_range());
    }
    let login = entry.as_ref().map_or("", |fields| fields[0]);
    let member = |fields: &[&str]| fields.get(3).is_some_and(|members| members.split(',').any(|one| one == login));
    // Groups of one's own are only given where no group was asked for.
    let others = lines(group).filter(|fields| group_name.is_none() && !login.is_empty() && member(fields));
    // The first is the group itself: who has it in no list could lose it, and pass for "all others" (CVE-2022-36109).
    let mut groups = vec![gid];
    groups.extend(others.filter_map(|fields| number(fields.get(2))).filter(|group| *group != gid));
    let home = entry.as_ref().and_then(|fields| fields.get(5)).filter(|home| home.starts_with('/'));
    Ok(User { uid, gid, groups, home: (*home.unwrap_or(&"/")).to_owned() })
}

/// Of any size.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
}

fn out_of_range() -> Error {
    Error::invalid(format!("uids and gids must be in range 0-{HIGHEST}"))
}

fn find(file: &str, wanted: impl Fn(&[&str]) -> bool) -> Option<Vec<&str>> {
    lines(file).find(|fields| wanted(fields))
}

fn lines(file: &str) -> impl Iterator<Item = Vec<&str>> {
    file.lines().map(|line| line.split(':').collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nwww:x:33:34:www:/var/www:/bin/false\nbroken\n";
    const GROUP: &str = "root:x:0:\nwww:x:34:\nadm:x:4:www,other\n";

    fn user(uid: u32, gid: u32, groups: &[u32], home: &str) -> User {
        User { uid, gid, groups: groups.to_vec(), home: home.to_owned() }
    }

    #[test]
    fn users_are_found_as_docker_finds_them() {
        for (text, expected) in [
            ("", user(0, 0, &[0], "/root")),
            ("www", user(33, 34, &[34, 4], "/var/www")),
            ("33", user(33, 34, &[34, 4], "/var/www")),
            ("www:adm", user(33, 4, &[4], "/var/www")),
            ("1000", user(1000, 0, &[0], "/")),
            ("1000:1001", user(1000, 1001, &[1001], "/")),
        ] {
            assert_eq!(resolve_in(text, PASSWD, GROUP).unwrap(), expected, "{text}");
        }
        for bad in ["nobody", "www:nogroup", "-1", "2147483648", "4294967296", "1:2147483648"] {
            assert!(resolve_in(bad, PASSWD, GROUP).is_err(), "{bad}");
        }
    }
}
