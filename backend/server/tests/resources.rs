//! What a container may use and what it uses, asked for by the real Docker CLI and read from inside.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::Engine;

/// The kernel's own figure of a limit, from inside: the name in version 1, and in version 2 what it is there.
fn kernel_says(engine: &Engine, options: &[&str], v1: &str, v2: &str) -> String {
    let file = if is_v1() { v1 } else { v2 };
    let path = format!("/sys/fs/cgroup/{file}");
    engine.docker(&[&["run", "--rm"], options, &["busybox", "cat", &path]].concat()).ok()
}

fn is_v1() -> bool {
    std::path::Path::new("/sys/fs/cgroup/memory").is_dir()
}

#[test]
fn limits_reach_the_kernel() {
    let engine = Engine::start();
    let says = |options: &[&str], v1: (&str, &str), v2: (&str, &str)| {
        let expected = if is_v1() { v1.1 } else { v2.1 };
        let found = kernel_says(&engine, options, v1.0, v2.0);
        assert!(found.lines().any(|line| line == expected), "{options:?}: {found}");
    };
    says(&["-m", "64m"], ("memory/memory.limit_in_bytes", "67108864"), ("memory.max", "67108864"));
    says(&["-m", "64m"], ("memory/memory.memsw.limit_in_bytes", "134217728"), ("memory.swap.max", "67108864"));
    says(
        &["-m", "64m", "--memory-swap", "-1"],
        ("memory/memory.memsw.limit_in_bytes", "9223372036854771712"),
        ("memory.swap.max", "max"),
    );
    says(
        &["--memory-reservation", "32m"],
        ("memory/memory.soft_limit_in_bytes", "33554432"),
        ("memory.low", "33554432"),
    );
    says(&["--cpus", "0.5"], ("cpu/cpu.cfs_quota_us", "50000"), ("cpu.max", "50000 100000"));
    says(&["--cpu-period", "50000"], ("cpu/cpu.cfs_period_us", "50000"), ("cpu.max", "max 50000"));
    says(&["--cpu-quota", "20000"], ("cpu/cpu.cfs_quota_us", "20000"), ("cpu.max", "20000 100000"));
    says(&["--cpu-shares", "512"], ("cpu/cpu.shares", "512"), ("cpu.weight", "20"));
    says(&["--cpuset-cpus", "0"], ("cpuset/cpuset.cpus", "0"), ("cpuset.cpus", "0"));
    says(&["--cpuset-mems", "0"], ("cpuset/cpuset.mems", "0"), ("cpuset.mems", "0"));
    says(&["--pids-limit", "10"], ("pids/pids.max", "10"), ("pids.max", "10"));
    says(&["--pids-limit", "-1"], ("pids/pids.max", "max"), ("pids.max", "max"));
    if is_v1() {
        let swappiness = kernel_says(&engine, &["--memory-swappiness", "50"], "memory/memory.swappiness", "");
        assert_eq!(swappiness, "50");
        let oom = kernel_says(&engine, &["--oom-kill-disable", "-m", "64m"], "memory/memory.oom_control", "");
        assert!(oom.contains("oom_kill_disable 1"), "{oom}");
    }
    // The machine's first disk, whatever it is called.
    let partitions = std::fs::read_to_string("/proc/partitions").unwrap();
    let disk: Vec<_> = partitions.lines().nth(2).unwrap().split_whitespace().collect();
    let numbers = format!("{}:{}", disk[0], disk[1]);
    let file = if is_v1() { "blkio/blkio.throttle.read_bps_device" } else { "io.max" };
    let created = create_throttled(&engine, &format!("/dev/{}", disk[3]), file);
    assert!(created.contains("201 Created"), "{created}");
    let throttle = engine.docker(&["start", "--attach", "throttled"]).ok();
    assert!(throttle.starts_with(&numbers) && throttle.contains("1048576"), "{throttle}");
}

/// The client 26 reads `--device-read-bps`, and sends nothing of it.
fn create_throttled(engine: &Engine, device: &str, file: &str) -> String {
    let body = format!(
        r#"{{"Image":"busybox","Cmd":["cat","/sys/fs/cgroup/{file}"],
            "HostConfig":{{"BlkioDeviceReadBps":[{{"Path":"{device}","Rate":1048576}}]}}}}"#
    );
    let head = "POST /containers/create?name=throttled HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    engine.raw(format!("{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).as_bytes())
}

#[test]
fn ulimits_are_those_of_init_and_exec() {
    let engine = Engine::start();
    let ulimits = ["--ulimit", "nofile=100:200", "--ulimit", "core=0"];
    engine.docker(&[&["run", "-d", "--name", "low"], &ulimits[..], &["busybox", "sleep", "1000"]].concat()).ok();
    let shown = |pid: &str| {
        let limits = engine.docker(&["exec", "low", "cat", &format!("/proc/{pid}/limits")]).ok();
        let line = |name: &str| limits.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        [line("Max open files"), line("Max core file size")]
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let expected = ["Max open files 100 200 files", "Max core file size 0 0 bytes"];
    assert_eq!(shown("1"), expected);
    assert_eq!(shown("self"), expected, "an exec is limited as its container is");
    let shown = engine.docker(&["inspect", "-f", "{{json .HostConfig.Ulimits}}", "low"]).ok();
    assert_eq!(shown, r#"[{"Name":"core","Hard":0,"Soft":0},{"Name":"nofile","Hard":200,"Soft":100}]"#);
    let raised = engine.docker(&["run", "--rm", "--ulimit", "nofile=999999999999", "busybox", "true"]);
    raised.fails_with(125, "the ulimit nofile can't be 999999999999");
}

#[test]
fn what_contradicts_itself_is_refused_in_dockers_words() {
    let engine = Engine::start();
    for (options, words) in [
        (&["-m", "1m"][..], "Minimum memory limit allowed is 6MB"),
        (&["--memory-swap", "10m"], "You should always set the Memory limit when using Memoryswap limit, see usage"),
        (
            &["-m", "64m", "--memory-swap", "32m"],
            "Minimum memoryswap limit should be larger than memory limit, see usage",
        ),
        (&["--memory-reservation", "1m"], "Minimum memory reservation allowed is 6MB"),
        (
            &["-m", "64m", "--memory-reservation", "128m"],
            "Minimum memory limit can not be less than memory reservation limit, see usage",
        ),
        (&["--cpus", "4096"], "range of CPUs is from 0.01 to "),
        (&["--cpus", "-1"], "range of CPUs is from 0.01 to "),
        (
            &["--cpus", "1", "--cpu-period", "100000"],
            "Conflicting options: Nano CPUs and CPU Period cannot both be set",
        ),
        (&["--cpus", "1", "--cpu-quota", "50000"], "Conflicting options: Nano CPUs and CPU Quota cannot both be set"),
        (
            &["--cpu-period", "500"],
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
        ),
        (&["--cpu-quota", "500"], "CPU cfs quota can not be less than 1ms (i.e. 1000)"),
        (&["--cpu-shares", "-1"], "invalid CPU shares (-1): value must be a positive integer"),
        (&["--cpuset-cpus", "0-4095"], "Requested CPUs are not available - requested 0-4095, available: 0"),
        (&["--cpuset-cpus", "a"], "Invalid value a for cpuset cpus: invalid format: a"),
        (&["--cpuset-cpus", "99999999"], "Invalid value 99999999 for cpuset cpus: value of out range, maximum is 8192"),
        (&["--cpuset-mems", "x"], "Invalid value x for cpuset mems: invalid format: x"),
        (&["--oom-score-adj", "5000"], "Invalid value 5000, range for oom score adj is [-1000, 1000]"),
        (&["--oom-score-adj", "-5"], "at the expense of the machine"),
        (&["--cpu-rt-runtime", "1000"], "no real-time scheduling"),
    ] {
        let answer = engine.docker(&[&["create"], options, &["busybox", "true"]].concat());
        assert!(answer.code == 1 && answer.err.contains(words), "{options:?}: {answer:?}");
    }
    create_throttled(&engine, "/dev/nope", "io.max");
    engine.docker(&["start", "throttled"]).fails_with(1, "stat /dev/nope: no such file or directory");
    engine.docker(&["rm", "throttled"]).ok();
    assert_eq!(engine.docker(&["ps", "-aq"]).ok(), "");
}

#[test]
fn a_risk_is_warned_of() {
    let engine = Engine::start();
    if is_v1() {
        let risky = engine.docker(&["create", "--oom-kill-disable", "busybox", "true"]);
        assert!(
            risky.code == 0 && risky.err.contains("WARNING: OOM killer is disabled for the container"),
            "{risky:?}"
        );
        let weighed = engine.docker(&["create", "--blkio-weight", "500", "busybox", "true"]);
        assert!(weighed.code == 0 && weighed.err.contains("Weight discarded."), "{weighed:?}");
        let id = weighed.out.trim();
        assert_eq!(engine.docker(&["inspect", "-f", "{{.HostConfig.BlkioWeight}}", id]).ok(), "0");
    }
    assert_eq!(engine.docker(&["create", "-m", "64m", "busybox", "true"]).err, "");
}

#[test]
fn an_update_holds_at_once_and_stays() {
    let engine = Engine::start();
    engine.docker(&["run", "-d", "--name", "c1", "-m", "64m", "busybox", "sleep", "1000"]).ok();
    let inside = |v1: &str, v2: &str| {
        let file = if is_v1() { v1 } else { v2 };
        engine.docker(&["exec", "c1", "cat", &format!("/sys/fs/cgroup/{file}")]).ok()
    };
    let update = |options: &[&str]| engine.docker(&[&["update"], options, &["c1"]].concat());
    assert_eq!(update(&["-m", "128m", "--memory-swap", "256m"]).ok(), "c1");
    assert_eq!(inside("memory/memory.limit_in_bytes", "memory.max"), "134217728");
    update(&["-m", "32m"]).ok();
    update(&["--memory-swap", "-1"]).ok();
    assert_eq!(inside("memory/memory.limit_in_bytes", "memory.max"), "33554432");
    update(&["-m", "64m"]).fails_with(1, "Memory limit should be smaller than already set memoryswap limit");
    update(&["--cpus", "0.5", "--cpu-shares", "512", "--pids-limit", "20", "--cpuset-cpus", "0"]).ok();
    assert_eq!(inside("cpu/cpu.cfs_quota_us", "cpu.max").split(' ').next(), Some("50000"));
    assert_eq!(inside("pids/pids.max", "pids.max"), "20");
    assert_eq!(inside("cpuset/cpuset.cpus", "cpuset.cpus"), "0");
    update(&["--pids-limit", "-1"]).ok();
    assert_eq!(inside("pids/pids.max", "pids.max"), "max");
    update(&["--cpu-quota", "50000"])
        .fails_with(1, "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set");
    update(&["-m", "1m"]).fails_with(1, "Minimum memory limit allowed is 6MB");
    update(&["--cpu-shares", "1"]).fails_with(1, "the minimum allowed cpu-shares is 2");
    engine.docker(&["update", "-m", "64m", "other"]).fails_with(1, "No such container: other");
    let format = "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.CpuShares}} \
                  {{.HostConfig.PidsLimit}} {{.HostConfig.CpusetCpus}}";
    let kept = || engine.docker(&["inspect", "-f", format, "c1"]).ok();
    assert_eq!(kept(), "33554432 -1 500000000 512 0 0");
    engine.docker(&["restart", "-t", "0", "c1"]).ok();
    assert_eq!(kept(), "33554432 -1 500000000 512 0 0");
    assert_eq!(inside("cpu/cpu.cfs_quota_us", "cpu.max").split(' ').next(), Some("50000"));

    update(&["--restart", "on-failure:3"]).ok();
    let policy = engine.docker(&["inspect", "-f", "{{json .HostConfig.RestartPolicy}}", "c1"]).ok();
    assert_eq!(policy, r#"{"Name":"on-failure","MaximumRetryCount":3}"#);
    update(&["--restart", "foo"]).fails_with(1, "invalid restart policy: unknown policy 'foo'");
    engine.docker(&["run", "-d", "--rm", "--name", "c3", "busybox", "sleep", "1000"]).ok();
    engine
        .docker(&["update", "--restart", "always", "c3"])
        .fails_with(1, "Restart policy cannot be updated because AutoRemove is enabled for the container");

    engine.docker(&["create", "--name", "c2", "-m", "16m", "busybox", "cat", "/sys/fs/cgroup/pids/pids.max"]).ok();
    engine.docker(&["update", "--pids-limit", "30", "c2"]).ok();
    if is_v1() {
        assert_eq!(engine.docker(&["start", "-a", "c2"]).ok(), "30");
    }
}

#[test]
fn a_paused_container_stands_still() {
    let mut engine = Engine::start();
    let count = "i=0; while :; do i=$((i+1)); echo $i > /n; done";
    engine.docker(&["run", "-d", "--name", "c1", "busybox", "sh", "-c", count]).ok();
    engine.docker(&["unpause", "c1"]).fails_with(1, "is not paused");
    assert_eq!(engine.docker(&["pause", "c1"]).ok(), "c1");
    engine.docker(&["pause", "c1"]).fails_with(1, "is already paused");
    let state = |engine: &Engine| {
        let format = "{{.State.Status}} {{.State.Running}} {{.State.Paused}}";
        engine.docker(&["inspect", "-f", format, "c1"]).ok()
    };
    assert_eq!(state(&engine), "paused true true");
    let shown = engine.docker(&["ps", "--format", "{{.Status}}|{{.State}}"]).ok();
    assert!(shown.starts_with("Up ") && shown.ends_with(" (Paused)|paused"), "{shown}");
    assert_eq!(engine.docker(&["ps", "-q", "--filter", "status=running"]).ok(), "");
    assert_eq!(engine.docker(&["ps", "--filter", "status=paused", "--format", "{{.Names}}"]).ok(), "c1");
    assert_eq!(engine.docker(&["info", "-f", "{{.ContainersRunning}} {{.ContainersPaused}}"]).ok(), "0 1");

    engine.docker(&["exec", "c1", "true"]).fails_with(1, "Container c1 is paused, unpause the container before exec");
    engine.docker(&["start", "c1"]).fails_with(1, "cannot start a paused container, try unpause instead");
    engine.docker(&["attach", "c1"]).fails_with(1, "You cannot attach to a paused container, unpause it first");
    engine.docker(&["rm", "c1"]).fails_with(1, "container is paused and must be unpaused first");

    // It stands still: what it counts is the same a moment later, for the machine that reads its files.
    let counted = || {
        let copied = engine.docker(&["cp", "c1:/n", "-"]);
        copied.out
    };
    assert_eq!(counted(), counted());
    engine.kill_server();
    engine.start_again();
    assert_eq!(state(&engine), "paused true true", "a restart of the server changes nothing");
    engine.docker(&["unpause", "c1"]).ok();
    assert_eq!(state(&engine), "running true false");

    let probe = ["--health-cmd", "true", "--health-interval", "200ms", "--health-retries", "1"];
    engine.docker(&[&["run", "-d", "--name", "c2"], &probe[..], &["busybox", "sleep", "1000"]].concat()).ok();
    let health = || engine.docker(&["inspect", "-f", "{{.State.Health.Status}}", "c2"]).ok();
    common::eventually("it is probed", || health() == "healthy");
    engine.docker(&["pause", "c2"]).ok();
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(health(), "healthy", "what stands still is not probed");
    engine.docker(&["rm", "-f", "c2"]).ok();

    for verb in [&["kill", "c1"][..], &["stop", "-t", "0", "c1"], &["restart", "-t", "0", "c1"], &["rm", "-f", "c1"]] {
        engine.docker(&["start", "c1"]).ok();
        engine.docker(&["pause", "c1"]).ok();
        engine.docker(verb).ok();
    }
    assert_eq!(engine.docker(&["ps", "-aq"]).ok(), "");
    engine.docker(&["pause", "c1"]).fails_with(1, "No such container: c1");
}

#[test]
fn stats_are_the_kernels_figures() {
    let engine = Engine::start();
    let busy = "dd if=/dev/zero of=/dev/shm/x bs=1M count=20 2>/dev/null; while :; do :; done";
    engine
        .docker(&["run", "-d", "--name", "busy", "-m", "64m", "--pids-limit", "50", "busybox", "sh", "-c", busy])
        .ok();
    engine.docker(&["create", "--name", "never", "busybox", "true"]).ok();
    engine.docker(&["run", "-d", "--name", "alone", "--network", "none", "busybox", "sleep", "1000"]).ok();
    let stats = |name: &str, format: &str| engine.docker(&["stats", "--no-stream", "--format", format, name]).ok();
    common::eventually("20 MiB are used", || {
        let used = stats("busy", "{{.MemUsage}}");
        assert!(used.ends_with(" / 64MiB"), "{used}");
        used.split("MiB").next().and_then(|used| used.parse().ok()).is_some_and(|used: f64| used > 19.0)
    });
    let cpu = stats("busy", "{{.CPUPerc}}");
    assert!(cpu.trim_end_matches('%').parse().is_ok_and(|percent: f64| percent > 5.0), "{cpu}");
    assert_eq!(stats("busy", "{{.Name}} {{.PIDs}}"), "busy 1");
    assert_eq!(stats("never", "{{.Name}} {{.MemUsage}} {{.PIDs}}"), "never 0B / 0B 0");
    assert!(stats("alone", "{{.NetIO}}").starts_with("0B / 0B"));
    let total = engine.docker(&["info", "-f", "{{.MemTotal}}"]).ok();
    let get =
        |path: &str| engine.raw(format!("GET {path} HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n").as_bytes());
    let alone = get("/containers/alone/stats?stream=false&one-shot=true");
    assert!(alone.contains(&format!("\"limit\":{total}")), "the host's memory is the limit: {alone}");
    let one_shot = get("/containers/busy/stats?stream=false&one-shot=1");
    assert!(one_shot.contains("\"pids_stats\":{\"current\":1,\"limit\":50}"), "{one_shot}");
    assert!(one_shot.contains("\"eth0\":{\"rx_bytes\":") && !one_shot.contains("\"lo\""), "{one_shot}");
    assert!(get("/containers/busy/stats?one-shot=1").contains("cannot have stream=true and one-shot=true"));
    engine.docker(&["stats", "--no-stream", "other"]).fails_with(1, "No such container: other");

    let mut stream = std::os::unix::net::UnixStream::connect(engine.socket()).unwrap();
    std::io::Write::write_all(&mut stream, b"GET /containers/busy/stats HTTP/1.1\r\nHost: d\r\n\r\n").unwrap();
    let reader = std::io::BufReader::new(stream);
    let lines = std::io::BufRead::lines(reader).map_while(Result::ok).filter(|line| line.starts_with("{\""));
    let both: Vec<_> = lines.take(2).collect();
    assert!(both[0].contains("\"preread\":\"0001-01-01T00:00:00Z\""), "{}", both[0]);
    assert!(!both[1].contains("\"preread\":\"0001-01-01T00:00:00Z\""), "{}", both[1]);
}

#[test]
fn top_lists_the_processes_as_ps_does() {
    let engine = Engine::start();
    engine
        .docker(&["run", "-d", "--name", "c1", "--user", "33", "busybox", "sh", "-c", "sleep 1000 & sleep 900; :"])
        .ok();
    engine.docker(&["create", "--name", "c2", "busybox", "true"]).ok();
    let top = |arguments: &[&str]| engine.docker(&[&["top", "c1"], arguments].concat());
    // Forked, they are the shell still for a moment.
    let has_become = |shown: &str, command: &str| shown.lines().any(|line| line.ends_with(command));
    common::eventually("three processes", || {
        let shown = top(&[]).ok();
        has_become(&shown, " sleep 1000") && has_become(&shown, " sleep 900") && shown.lines().count() == 4
    });
    let table = |arguments: &[&str]| -> Vec<Vec<String>> {
        let shown = top(arguments).ok();
        shown.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
    };
    let full = table(&[]);
    assert_eq!(full[0], ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]);
    assert_eq!((full[1][0].as_str(), full[1][5].as_str(), full[1][7].as_str()), ("33", "?", "sh"));
    assert_eq!((&full[2][2], &full[3][2]), (&full[1][1], &full[1][1]), "both are the shell's children");
    let pid = engine.docker(&["inspect", "-f", "{{.State.Pid}}", "c1"]).ok();
    assert_eq!(full[1][1], pid);
    assert_eq!(table(&["aux"])[0].join(" "), "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND");
    let chosen = table(&["-o", "pid,comm"]);
    assert_eq!(chosen[0], ["PID", "COMMAND"]);
    assert_eq!(chosen[1], [pid.as_str(), "sh"]);
    let commands: Vec<_> = table(&["-eo", "pid,cmd"]).iter().map(|line| line[1..].join(" ")).collect();
    assert_eq!(commands[0], "CMD");
    assert!(commands.contains(&"sleep 900".to_owned()), "{commands:?}");
    top(&["-o", "comm"]).fails_with(1, "Couldn't find PID field in ps output");
    top(&["-o", "foo"]).fails_with(1, "ps: error: unknown user-defined format specifier \"foo\"");
    top(&["-o", "pid,user=PID"]).fails_with(1, "specifying \"pid,user=PID\" is not allowed");
    engine.docker(&["top", "c2"]).fails_with(1, "is not running");
    engine.docker(&["top", "c3"]).fails_with(1, "No such container: c3");
    engine.docker(&["pause", "c1"]).ok();
    assert_eq!(table(&[]).len(), 4, "also of a paused one");
}

#[test]
fn who_uses_up_the_memory_is_killed_and_that_is_told() {
    let engine = Engine::start();
    let eater = "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done";
    let killed = |name: &str| engine.docker(&["inspect", "-f", "{{.State.OOMKilled}} {{.State.ExitCode}}", name]).ok();
    engine.docker(&["run", "--name", "init", "-m", "16m", "busybox", "sh", "-c", eater]).fails_with(137, "");
    assert_eq!(killed("init"), "true 137");
    let script = format!("sh -c '{eater}'; echo survived; exit 3");
    let child = engine.docker(&["run", "--name", "child", "-m", "16m", "busybox", "sh", "-c", &script]);
    assert!(child.code == 3 && child.out.contains("survived"), "{child:?}");
    assert_eq!(killed("child"), "true 3", "as in Docker: though it wasn't the container that died of it");
    engine.docker(&["run", "-d", "--name", "exec", "-m", "16m", "busybox", "sleep", "1000"]).ok();
    assert_eq!(killed("exec"), "false 0");
    assert_eq!(engine.docker(&["exec", "exec", "sh", "-c", eater]).code, 137);
    common::eventually("it is told while it runs", || killed("exec") == "true 0");
    engine.docker(&["restart", "-t", "0", "exec"]).ok();
    assert_eq!(killed("exec"), "false 0", "another run");
    engine.docker(&["run", "--name", "frugal", "-m", "16m", "busybox", "true"]).ok();
    assert_eq!(killed("frugal"), "false 0");
    let soon = common::seconds_from_now(1);
    let format = "{{.Action}} {{.Actor.Attributes.name}}";
    let events = engine.docker(&["events", "--since", "0", "--until", &soon, "--format", format]).ok();
    let told: Vec<_> = events.lines().filter(|line| line.starts_with("oom ") || line.starts_with("die ")).collect();
    let expected = ["oom init", "die init", "oom child", "die child", "oom exec", "die exec", "die frugal"];
    assert_eq!(told, expected);
}

#[test]
fn info_tells_what_can_be_limited() {
    let engine = Engine::start();
    let format =
        "{{.MemoryLimit}} {{.SwapLimit}} {{.CPUCfsQuota}} {{.CPUShares}} {{.CPUSet}} {{.PidsLimit}} {{json .Warnings}}";
    assert_eq!(engine.docker(&["info", "-f", format]).ok(), "true true true true true true null");
}
