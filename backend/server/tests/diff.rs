//! `docker diff`, and the sizes that `ps -s`, `inspect --size` and `system df` tell.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::Engine;

#[test]
fn a_diff_names_what_was_changed_added_and_deleted() {
    let engine = Engine::start();
    let changing = "mkdir /x; echo 1 > /x/f; ln /x/f /x/h; mkfifo /ff; rm -r /home
        rm -rf /usr; mkdir /usr; touch /usr/n; chmod 755 /root; chmod 644 /etc/group; echo >> /etc/passwd
        rm /etc/shadow; rm /etc/nsswitch.conf; mkdir /etc/nsswitch.conf; mkdir /tmp/a; rm -r /var/www; ln -s a /zz";
    engine.docker(&["run", "--name", "c1", "busybox", "sh", "-c", changing]).ok();
    // As a real dockerd 28.5 has it, but that the order within a directory is random there.
    let expected = "C /etc\nC /etc/nsswitch.conf\nC /etc/passwd\nD /etc/shadow\nA /ff\nC /root\nC /tmp\nA /tmp/a\n\
        C /usr\nA /usr/n\nD /usr/bin\nD /usr/sbin\nC /var\nD /var/www\nA /x\nA /x/f\nA /x/h\nA /zz\nD /home";
    assert_eq!(engine.docker(&["diff", "c1"]).ok(), expected);
    engine.docker(&["diff", "nope"]).fails_with(1, "No such container: nope");
}

#[test]
fn a_container_that_changes_nothing_has_no_diff_whatever_is_mounted() {
    let engine = Engine::start();
    engine.docker(&["create", "--name", "created", "busybox"]).ok();
    engine.docker(&["run", "-d", "--name", "running", "busybox", "sleep", "1000"]).ok();
    engine.docker(&["run", "--name", "exited", "busybox", "cat", "/etc/hosts", "/etc/passwd"]).ok();
    for name in ["created", "running", "exited"] {
        assert_eq!(engine.docker(&["diff", name]).ok(), "", "{name}");
    }
    assert_eq!(engine.docker(&["exec", "running", "readlink", "/etc/mtab"]).ok(), "/proc/mounts");
}

#[test]
fn a_hostile_container_is_read_without_following_it() {
    let engine = Engine::start();
    let deep = "ln -s / /way; i=0; mkdir /deep; cd /deep; while [ $i -lt 700 ]; do mkdir d; cd d; i=$((i+1)); done";
    engine.docker(&["run", "--name", "c1", "busybox", "sh", "-c", deep]).ok();
    engine.docker(&["diff", "c1"]).fails_with(1, "deeper than 500: that is not listed");
    engine.docker(&["run", "--name", "c2", "busybox", "ln", "-s", "/", "/way"]).ok();
    assert_eq!(engine.docker(&["diff", "c2"]).ok(), "A /way");
    assert!(engine.docker(&["ps", "-as", "--format", "{{.Size}}"]).ok().contains("(virtual"));
}

#[test]
fn sizes_are_what_was_written() {
    let engine = Engine::start();
    let write = "dd if=/dev/zero of=/big bs=1000 count=1500 2>/dev/null; ln /big /again";
    engine.docker(&["run", "--name", "c1", "busybox", "sh", "-c", write]).ok();
    assert!(engine.docker(&["ps", "-as", "--format", "{{.Size}}"]).ok().starts_with("1.5MB (virtual "));
    assert_eq!(engine.docker(&["inspect", "--size", "-f", "{{.SizeRw}}", "c1"]).ok(), "1500000");
    let usage = engine.docker(&["system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}}"]).ok();
    assert!(usage.contains("Containers 1 0 1.5MB\nLocal Volumes 0 0 0B\nBuild Cache 0 0 0B"), "{usage}");
    assert!(engine.docker(&["system", "df", "-v"]).ok().contains("CONTAINER ID"));
    let pruned = engine.docker(&["system", "prune", "-f"]).ok();
    assert!(pruned.contains("Deleted Containers:") && pruned.ends_with("Total reclaimed space: 1.5MB"), "{pruned}");
}
