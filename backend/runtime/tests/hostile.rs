//! Images and containers that want out.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use oci_spec::runtime::Spec;
use runtime::failure::{Failure, FailureKind};
use runtime::process::Io;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use support::{as_keeper, spec};

#[test]
fn an_image_cannot_redirect_the_kernels_directories() {
    as_keeper("links", |keeper| {
        for name in ["proc", "sys", "dev"] {
            let directory = keeper.image.layer().join(name);
            fs::remove_dir(&directory).unwrap();
            symlink("/tmp", &directory).unwrap();
            let failure = failure(keeper.run(&spec::container(&["true"])));
            assert_eq!(failure.kind, FailureKind::Invalid);
            assert!(
                failure.message.contains(&format!("/{name}")) && failure.message.contains("symbolic link"),
                "{failure:?}"
            );
            fs::remove_file(&directory).unwrap();
            fs::create_dir(&directory).unwrap();
        }
        assert_eq!(keeper.run(&spec::container(&["true"])).unwrap().code, 0);
    });
}

#[test]
fn links_of_an_image_stay_in_it() {
    as_keeper("inside", |keeper| {
        let outside = std::env::temp_dir().join(format!("lernhafen-outside-{}", std::process::id()));
        fs::create_dir(&outside).unwrap();
        let layer = keeper.image.layer();
        symlink(&outside, layer.join("absolute")).unwrap();
        symlink(Path::new("../../../../..").join(outside.strip_prefix("/").unwrap()), layer.join("relative")).unwrap();
        for link in ["/absolute/x", "/relative/x"] {
            let mut spec = spec::container(&["true"]);
            let mut mounts = spec.mounts().clone().unwrap();
            mounts.push(runtime::defaults::mount(link, "tmpfs", "tmpfs", &[]));
            spec.set_mounts(Some(mounts));
            // A link into the void is refused; what matters is that nothing appears at its other end.
            drop(keeper.run(&spec));
            assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "{link}");
            let mut spec = spec::container(&["true"]);
            spec.process_mut().as_mut().unwrap().set_cwd(link.into());
            drop(keeper.run(&spec));
            assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "{link} as working directory");
        }
        fs::remove_dir(outside).unwrap();
    });
}

#[test]
fn no_file_of_the_machine_is_open_inside() {
    as_keeper("files", |keeper| {
        // The numbers of a listing: standard ones, and the directory that is being listed.
        let output = keeper.run(&spec::container(&["ls", "/proc/self/fd"])).unwrap();
        assert_eq!(output.stdout, "0\n1\n2\n3\n");
        let sleep = spec::container(&["sleep", "600"]);
        let (id, running) = keeper.start(&sleep, Io::default()).unwrap();
        let list = spec::process(&["ls", "/proc/self/fd"]);
        let exec = keeper.exec(&id, running.pid, &sleep, &list, Io::default()).unwrap();
        assert_eq!(exec.output().stdout, "0\n1\n2\n3\n");

        for number in 0..=20 {
            for name in ["self", "thread-self", "1"] {
                let cwd = format!("/proc/{name}/fd/{number}");
                let mut process = spec::process(&["pwd"]);
                process.set_cwd(cwd.clone().into());
                let mut spec = spec::container(&["pwd"]);
                spec.process_mut().as_mut().unwrap().set_cwd(cwd.into());
                assert!(keeper.run(&spec).is_err(), "container in {name}/{number}");
                assert!(
                    keeper.exec(&id, running.pid, &sleep, &process, Io::default()).is_err(),
                    "exec in {name}/{number}"
                );
            }
        }
        keeper.remove(&id, running);
    });
}

#[test]
fn our_own_program_is_not_theirs_to_run() {
    as_keeper("exe", |keeper| {
        for name in ["/proc/self/exe", "/proc/1/exe"] {
            let failure = failure(keeper.run(&spec::container(&[name])));
            assert_eq!(failure.kind, FailureKind::CommandNotExecutable, "{failure:?}");
        }
    });
}

#[test]
fn what_tells_of_the_machine_is_hidden() {
    as_keeper("masked", |keeper| {
        let script = "cat /proc/interrupts /proc/keys /proc/timer_list; ls -A /proc/acpi /sys/firmware 2>/dev/null | grep -v :; \
            for path in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/fs/cgroup/x; do echo x > $path && echo wrote $path; done; \
            echo done";
        let output = keeper.run(&spec::shell(script)).unwrap();
        assert_eq!(output.stdout.trim(), "done", "{output:?}");
        assert_eq!(output.stderr.matches("can't create").count(), 3, "{}", output.stderr);
    });
}

#[test]
fn nothing_of_the_machine_can_be_mounted_or_made() {
    as_keeper("denied", |keeper| {
        let script = "unshare -U true && echo user; unshare -m true && echo mount; mount -t tmpfs x /tmp && echo tmpfs; \
            mknod /tmp/disk b 254 0 && echo device; hostname other && echo named; \
            for f in /sys/fs/cgroup/*/release_agent /sys/fs/cgroup/release_agent; do echo x > $f && echo agent; done; \
            mkdir /sys/fs/cgroup/memory/x && echo group; echo done";
        let output = keeper.run(&spec::shell(script)).unwrap();
        assert_eq!(output.stdout, "done\n", "{output:?}");
    });
}

#[test]
fn a_device_of_an_image_is_none() {
    as_keeper("device", |keeper| {
        let disk = keeper.image.layer().join("disk");
        let made = nix::sys::stat::makedev(1, 5);
        nix::sys::stat::mknod(&disk, nix::sys::stat::SFlag::S_IFCHR, nix::sys::stat::Mode::all(), made).unwrap();
        let output = keeper
            .run(&spec::shell("head -c 1 /disk && echo read; head -c 1 /dev/zero | cat > /dev/null && echo fine"))
            .unwrap();
        assert_eq!(output.stdout, "fine\n", "{output:?}");
        assert!(output.stderr.contains("Permission denied"), "{output:?}");
    });
}

#[test]
fn what_is_not_supported_is_refused() {
    as_keeper("refused", |keeper| {
        type Change = fn(&mut Spec);
        let refusals: [(&str, Change); 5] = [
            ("linux.cgroupsPath", |spec| {
                spec.linux_mut().as_mut().unwrap().set_cgroups_path(Some("/x".into()));
            }),
            ("apparmorProfile", |spec| {
                spec.process_mut().as_mut().unwrap().set_apparmor_profile(Some("x".into()));
            }),
            ("65536", |spec| {
                let user = oci_spec::runtime::UserBuilder::default().uid(65_536u32).build().unwrap();
                spec.process_mut().as_mut().unwrap().set_user(user);
            }),
            ("mount namespace", |spec| {
                spec.linux_mut().as_mut().unwrap().set_namespaces(Some(Vec::new()));
            }),
            ("type nfs", |spec| {
                spec.set_mounts(Some(vec![runtime::defaults::mount("/x", "nfs", "x", &[])]));
            }),
        ];
        for (word, change) in refusals {
            let mut spec = spec::container(&["true"]);
            change(&mut spec);
            let failure = failure(keeper.run(&spec));
            assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
            assert!(failure.message.contains(word), "{failure:?}");
        }
    });
}

fn failure(outcome: Result<support::Output, Failure>) -> Failure {
    match outcome {
        Err(failure) => failure,
        Ok(output) => panic!("it ran: {output:?}"),
    }
}
