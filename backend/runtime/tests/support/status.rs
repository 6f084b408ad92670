//! What the kernel says of a process's confinement.

use std::collections::BTreeMap;
use std::fs;

/// Every field of a process that decides what it may do, by name.
pub fn confinement(pid: i32) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let names = [
        "Uid",
        "Gid",
        "Groups",
        "Umask",
        "CapInh",
        "CapPrm",
        "CapEff",
        "CapBnd",
        "CapAmb",
        "NoNewPrivs",
        "Seccomp",
        "Seccomp_filters",
        "SigBlk",
        "SigIgn",
        "SigCgt",
        "NStgid",
    ];
    for line in status.lines() {
        if let Some((name, value)) = line.split_once(':')
            && names.contains(&name)
        {
            // Pids differ; how many namespaces deep they are must not.
            let value =
                if name == "NStgid" { value.split_whitespace().count().to_string() } else { value.trim().into() };
            found.insert(name.to_owned(), value);
        }
    }
    for namespace in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"] {
        let link = fs::read_link(format!("/proc/{pid}/ns/{namespace}")).unwrap();
        found.insert(format!("ns/{namespace}"), link.display().to_string());
    }
    for file in ["cgroup", "limits", "oom_score_adj", "uid_map", "gid_map"] {
        found.insert(file.to_owned(), fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap());
    }
    found.insert("root".into(), fs::read_link(format!("/proc/{pid}/root")).unwrap().display().to_string());
    found
}
