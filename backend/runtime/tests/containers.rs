//! Containers as their users see them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use oci_spec::runtime::LinuxNamespaceType;
use runtime::defaults::mount;
use runtime::failure::FailureKind;
use runtime::process::Io;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use support::{as_keeper, reap, spec};

#[test]
fn runs_a_command_to_its_end() {
    as_keeper("command", |keeper| {
        let output = keeper.run(&spec::shell("echo out; echo err >&2; exit 7")).unwrap();
        assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (7, "out\n", "err\n"));
    });
}

#[test]
fn has_a_terminal_of_its_own() {
    as_keeper("terminal", |keeper| {
        let mut spec =
            spec::terminal(spec::shell("tty; stty size; ls -l /dev/console | cut -c1; sh -c 'echo x > /dev/tty'"));
        let size = oci_spec::runtime::BoxBuilder::default().height(33u64).width(99u64).build().unwrap();
        spec.process_mut().as_mut().unwrap().set_console_size(Some(size));
        let output = keeper.run(&spec).unwrap();
        assert_eq!(output.stdout, "/dev/pts/0\r\n33 99\r\nc\r\nx\r\n");
    });
}

#[test]
fn takes_more_processes() {
    as_keeper("exec", |keeper| {
        let spec = spec::shell("echo from init > /tmp/said; sleep 60");
        let (id, running) = keeper.start(&spec, Io::default()).unwrap();
        let script = "while ! test -s /tmp/said; do sleep 0.01; done; cat /tmp/said; hostname; exit 3";
        let exec = keeper.exec(&id, running.pid, &spec, &spec::process(&["sh", "-c", script]), Io::default()).unwrap();
        let output = exec.output();
        assert_eq!((output.code, output.stdout.as_str()), (3, "from init\nc0ffee\n"), "{output:?}");

        let mut process = spec::process(&["sh", "-c", "tty; read line; echo got $line"]);
        process.set_terminal(Some(true));
        let exec = keeper.exec(&id, running.pid, &spec, &process, Io::default()).unwrap();
        exec.write("hello\n");
        let said = exec.output().stdout;
        assert!(said.contains("/dev/pts/0\r\n") && said.ends_with("got hello\r\n"), "{said:?}");
        keeper.remove(&id, running);
    });
}

#[test]
fn sees_a_machine_of_its_own() {
    as_keeper("own", |keeper| {
        let script = "hostname; id; echo $HOME; ps -o pid,args >/tmp/ps; grep -c . /tmp/ps; ip addr show lo | grep -c 'inet 127.0.0.1/8'; \
            ip link | grep -c ^[0-9]; cat /proc/self/cgroup | grep -v ':/$'; mount | grep -c ' / '; ls /; pwd";
        let output = keeper.run(&spec::shell(script)).unwrap();
        // ps lists itself and its shell, below its title.
        let expected = "c0ffee\nuid=0(root) gid=0(root)\n/root\n3\n1\n1\n1\nbin\ndev\netc\nproc\nroot\nsys\ntmp\n/\n";
        assert_eq!(output.stdout, expected, "{output:?}");
    });
}

#[test]
fn says_why_a_command_cannot_run() {
    as_keeper("words", |keeper| {
        fs::write(keeper.image.layer().join("etc/script"), "no program").unwrap();
        let script = keeper.image.layer().join("bin/script");
        fs::write(&script, "#!/no/shell\n").unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let cases = [
            ("nope", FailureKind::CommandNotFound, r#"exec: "nope": executable file not found in $PATH"#),
            ("/nope", FailureKind::CommandNotFound, r#"exec: "/nope": stat /nope: no such file or directory"#),
            ("/etc", FailureKind::CommandNotExecutable, r#"exec: "/etc": is a directory: permission denied"#),
            ("/etc/script", FailureKind::CommandNotExecutable, r#"exec: "/etc/script": permission denied"#),
            (
                "/etc/script/x",
                FailureKind::CommandNotFound,
                r#"exec: "/etc/script/x": stat /etc/script/x: not a directory"#,
            ),
            (
                "/bin/loop",
                FailureKind::CommandUnusable,
                r#"exec: "/bin/loop": stat /bin/loop: too many levels of symbolic links"#,
            ),
        ];
        symlink("loop", keeper.image.layer().join("bin/loop")).unwrap();
        let sleep = spec::container(&["sleep", "600"]);
        let (id, running) = keeper.start(&sleep, Io::default()).unwrap();
        for (command, kind, message) in cases {
            let of_init = keeper.run(&spec::container(&[command])).map(|_| ()).unwrap_err();
            let exec = keeper.exec(&id, running.pid, &sleep, &spec::process(&[command]), Io::default());
            for failure in [of_init, exec.map(|_| ()).unwrap_err()] {
                assert_eq!((failure.kind, failure.message.as_str()), (kind, message));
            }
        }
        // What only the kernel finds to be no program has started.
        let of_init = keeper.run(&spec::container(&["/bin/script"])).unwrap();
        let exec = keeper.exec(&id, running.pid, &sleep, &spec::process(&["/bin/script"]), Io::default()).unwrap();
        for output in [of_init, exec.output()] {
            assert_eq!((output.code, output.stderr.as_str()), (255, "exec /bin/script: no such file or directory\n"));
        }
        keeper.remove(&id, running);
    });
}

#[test]
fn stdin_comes_through_and_ends() {
    as_keeper("stdin", |keeper| {
        let io = Io { stdin: true, ..Io::default() };
        let (id, running) = keeper.start(&spec::container(&["cat"]), io).unwrap();
        running.write("hello");
        assert_eq!(running.output().stdout, "hello");
        runtime::cgroup::remove(&keeper.cgroup(&id)).unwrap();
        // Without, it is empty; and what a user has as its output can be opened by its name.
        let mut spec = spec::shell("cat; echo named > /dev/stdout; echo named > /proc/self/fd/2");
        let user = oci_spec::runtime::UserBuilder::default().uid(1000u32).gid(1000u32).build().unwrap();
        spec.process_mut().as_mut().unwrap().set_user(user);
        let output = keeper.run(&spec).unwrap();
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("named\n", "named\n"));
    });
}

#[test]
fn binds_files_and_directories_of_the_machine() {
    as_keeper("binds", |keeper| {
        let source = keeper.image.upper("source");
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("file"), "content").unwrap();
        let mut spec = spec::shell(
            "cat /etc/resolv.conf; cat /new/place/file; ls -ln /data/file | cut -d' ' -f1,4,6; \
             echo x > /data/file && echo written; echo x > /data/made && echo made",
        );
        let mut mounts = spec.mounts().clone().unwrap();
        let path = |name: &str| source.join(name).display().to_string();
        mounts.push(mount("/etc/resolv.conf", "bind", &path("file"), &["rbind", "ro"]));
        mounts.push(mount("/new/place", "bind", &path(""), &["rbind", "ro"]));
        mounts.push(mount("/data", "bind", &path(""), &["rbind", "idmap"]));
        spec.set_mounts(Some(mounts));
        let output = keeper.run(&spec).unwrap();
        assert!(output.stdout.starts_with("contentcontent-rw-r--r--"), "{output:?}");
        assert!(output.stdout.ends_with("written\nmade\n"), "{output:?}");
        // Through the shifted mount, the host's root is the machine's.
        assert_eq!(fs::metadata(source.join("made")).unwrap().uid(), 0);

        let mut spec = spec::container(&["true"]);
        spec.set_mounts(Some(vec![mount("/x", "bind", "/no/such/source", &[])]));
        let failure = keeper.run(&spec).map(|_| ()).unwrap_err();
        assert_eq!(failure.message, "binding /no/such/source: no such file or directory");
    });
}

#[test]
fn makes_the_working_directory() {
    as_keeper("workdir", |keeper| {
        let mut spec = spec::shell("pwd; ls -ld . | cut -d' ' -f1");
        spec.process_mut().as_mut().unwrap().set_cwd("/new/work".into());
        assert_eq!(keeper.run(&spec).unwrap().stdout, "/new/work\ndrwxr-xr-x\n");
        spec.process_mut().as_mut().unwrap().set_cwd("/etc/passwd".into());
        let failure = keeper.run(&spec).map(|_| ()).unwrap_err();
        assert_eq!(failure.message, "Cannot mkdir: /etc/passwd is not a directory");
    });
}

#[test]
fn a_read_only_root_is() {
    as_keeper("readonly", |keeper| {
        let mut spec = spec::shell("touch /x || echo root; touch /dev/shm/x && echo shm");
        spec.root_mut().as_mut().unwrap().set_readonly(Some(true));
        assert_eq!(keeper.run(&spec).unwrap().stdout, "root\nshm\n");
    });
}

#[test]
fn sets_parameters_of_its_own_namespaces_only() {
    as_keeper("sysctl", |keeper| {
        let mut spec = spec::container(&["cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start"]);
        let mut set = |name: &str, value: &str| {
            let parameters = HashMap::from([(name.to_owned(), value.to_owned())]);
            spec.linux_mut().as_mut().unwrap().set_sysctl(Some(parameters));
            keeper.run(&spec)
        };
        assert_eq!(set("net.ipv4.ip_unprivileged_port_start", "0").unwrap().stdout, "0\n");
        assert!(set("kernel.core_pattern", "|/x").is_err());
        assert!(set("../../sysrq-trigger", "b").is_err());
    });
}

#[test]
fn what_is_not_listed_is_shared_with_the_host() {
    as_keeper("shared", |keeper| {
        let mut spec = spec::container(&["sleep", "600"]);
        spec.set_hostname(None);
        let listed = [LinuxNamespaceType::Mount, LinuxNamespaceType::Cgroup];
        let namespaces = runtime::defaults::namespaces().into_iter().filter(|one| listed.contains(&one.typ()));
        spec.linux_mut().as_mut().unwrap().set_namespaces(Some(namespaces.collect()));
        let (id, running) = keeper.start(&spec, Io::default()).unwrap();
        for kind in ["user", "pid", "net", "ipc", "uts"] {
            let link = |pid: i32| fs::read_link(format!("/proc/{pid}/ns/{kind}")).unwrap();
            assert_eq!(link(running.pid), link(keeper.host.init), "{kind}");
        }
        assert!(running.network_namespace.is_none());
        // A third joins the network of the second by its path.
        let mut joins = spec::container(&["readlink", "/proc/self/ns/net"]);
        let mut namespaces = runtime::defaults::namespaces();
        for namespace in &mut namespaces {
            if namespace.typ() == LinuxNamespaceType::Network {
                namespace.set_path(Some(format!("/proc/{}/ns/net", running.pid).into()));
            }
        }
        joins.linux_mut().as_mut().unwrap().set_namespaces(Some(namespaces));
        let network = fs::read_link(format!("/proc/{}/ns/net", running.pid)).unwrap();
        assert_eq!(keeper.run(&joins).unwrap().stdout.trim(), network.to_str().unwrap());
        keeper.remove(&id, running);
    });
}

#[test]
fn ends_if_it_is_never_started() {
    as_keeper("unstarted", |keeper| {
        let (id, running) = keeper.create(&spec::container(&["true"]), Io::default()).unwrap();
        let pid = running.pid;
        drop(running);
        assert_eq!(reap(pid), 0, "without its keeper it goes");
        runtime::cgroup::remove(&keeper.cgroup(&id)).unwrap();
    });
}
