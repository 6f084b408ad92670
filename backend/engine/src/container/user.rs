//! Whose process it is: `USER` of an image, `--user` of a container, looked up in the container's own files.

use super::rootfs::Rootfs;
use crate::{Error, Result};

/// A user as the kernel wants it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) groups: Vec<u32>,
    /// For `HOME`; `/` for a user without an entry.
    pub(crate) home: String,
}

/// Resolves `""` (root), `uid`, `uid:gid`, or names of either.
pub(crate) fn resolve(user: &str, rootfs: &Rootfs) -> Result<User> {
    let passwd = rootfs.read("etc/passwd")?;
    let group = rootfs.read("etc/group")?;
    resolve_in(user, &passwd, &group)
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
    let uid =
        uid.ok_or_else(|| Error::invalid(format!("unable to find user {name}: no matching entries in passwd file")))?;
    let gid = match group_name {
        None => entry.as_ref().and_then(|fields| number(fields.get(3))).unwrap_or(0),
        Some(wanted) => find(group, |fields| fields[0] == wanted)
            .and_then(|fields| number(fields.get(2)))
            .or_else(|| wanted.parse().ok())
            .ok_or_else(|| {
                Error::invalid(format!("unable to find group {wanted}: no matching entries in group file"))
            })?,
    };
    let login = entry.as_ref().map_or("", |fields| fields[0]);
    let member = |fields: &[&str]| fields.get(3).is_some_and(|members| members.split(',').any(|one| one == login));
    // Groups of one's own are only given where no group was asked for.
    let groups = if group_name.is_some() || login.is_empty() {
        Vec::new()
    } else {
        lines(group).filter(|fields| member(fields)).filter_map(|fields| number(fields.get(2))).collect()
    };
    let home = entry.as_ref().and_then(|fields| fields.get(5)).filter(|home| home.starts_with('/'));
    Ok(User { uid, gid, groups, home: (*home.unwrap_or(&"/")).to_owned() })
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
            ("", user(0, 0, &[], "/root")),
            ("www", user(33, 34, &[4], "/var/www")),
            ("33", user(33, 34, &[4], "/var/www")),
            ("www:adm", user(33, 4, &[], "/var/www")),
            ("1000", user(1000, 0, &[], "/")),
            ("1000:1001", user(1000, 1001, &[], "/")),
        ] {
            assert_eq!(resolve_in(text, PASSWD, GROUP).unwrap(), expected, "{text}");
        }
        for bad in ["nobody", "www:nogroup", "-1"] {
            assert!(resolve_in(bad, PASSWD, GROUP).is_err(), "{bad}");
        }
    }
}
