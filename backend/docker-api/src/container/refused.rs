//! The options of `docker create` that are not there yet. None is accepted and ignored: whatever asks for more than
//! the engine does is refused with the option's name.

use crate::error::{Error, Reply};
use engine::container::SHM_SIZE;
use serde_json::Value;

/// A field, whether its value asks for nothing, and the option that sets it.
type Refusal = (&'static str, fn(&Value) -> bool, &'static str);

/// Name of the runtime, as `docker info` has it.
pub(crate) const RUNTIME: &str = "lernhafen";

#[rustfmt::skip]
const CONFIG: &[Refusal] = &[
    ("Volumes", zero, "`--volume` (anonymous)"),
    ("Healthcheck", no_healthcheck, "`--health-cmd`"),
    ("ArgsEscaped", zero, "ArgsEscaped (of Windows)"),
    ("NetworkDisabled", zero, "NetworkDisabled"),
    ("MacAddress", zero, "`--mac-address`"),
    ("OnBuild", zero, "OnBuild"),
    ("Shell", zero, "Shell"),
];

#[rustfmt::skip]
const HOST_CONFIG: &[Refusal] = &[
    ("PortBindings", zero, "`--publish`"),
    ("PublishAllPorts", zero, "`--publish-all`"),
    ("Binds", zero, "`--volume`"),
    ("Mounts", zero, "`--mount`"),
    ("Tmpfs", zero, "`--tmpfs`"),
    ("VolumesFrom", zero, "`--volumes-from`"),
    ("VolumeDriver", zero, "`--volume-driver`"),
    ("RestartPolicy", |value| matches!(value["Name"].as_str(), None | Some("" | "no")) && zero(&value["MaximumRetryCount"]), "`--restart`"),
    ("LogConfig", |value| matches!(value["Type"].as_str(), None | Some("" | "json-file")) && zero(&value["Config"]), "`--log-driver` and `--log-opt`"),
    ("Privileged", zero, "`--privileged`"),
    ("CapAdd", zero, "`--cap-add`"),
    ("CapDrop", zero, "`--cap-drop`"),
    ("SecurityOpt", zero, "`--security-opt`"),
    ("MaskedPaths", zero, "MaskedPaths"),
    ("ReadonlyPaths", zero, "ReadonlyPaths"),
    ("CgroupnsMode", |value| zero(value) || value == "private", "`--cgroupns`"),
    ("IpcMode", |value| zero(value) || value == "private", "`--ipc`"),
    ("PidMode", zero, "`--pid`"),
    ("UTSMode", zero, "`--uts`"),
    ("UsernsMode", zero, "`--userns`"),
    ("Cgroup", zero, "Cgroup"),
    ("CgroupParent", zero, "`--cgroup-parent`"),
    ("GroupAdd", zero, "`--group-add`"),
    ("Dns", zero, "`--dns`"),
    ("DnsOptions", zero, "`--dns-option`"),
    ("DnsSearch", zero, "`--dns-search`"),
    ("ExtraHosts", zero, "`--add-host`"),
    ("Links", zero, "`--link`"),
    ("Devices", zero, "`--device`"),
    ("DeviceCgroupRules", zero, "`--device-cgroup-rule`"),
    ("DeviceRequests", zero, "`--gpus`"),
    ("Ulimits", zero, "`--ulimit`"),
    ("Sysctls", zero, "`--sysctl`"),
    ("ShmSize", |value| zero(value) || *value == SHM_SIZE, "`--shm-size`"),
    ("StorageOpt", zero, "`--storage-opt`"),
    ("Init", zero, "`--init`"),
    ("Runtime", |value| zero(value) || value == RUNTIME, "`--runtime`"),
    ("Isolation", |value| zero(value) || value == "default", "`--isolation`"),
    ("Annotations", zero, "`--annotation`"),
    ("ContainerIDFile", zero, "ContainerIDFile"),
    ("CpuShares", zero, "`--cpu-shares`"),
    ("CpuPeriod", zero, "`--cpu-period` (`--cpus` is)"),
    ("CpuQuota", zero, "`--cpu-quota` (`--cpus` is)"),
    ("CpuRealtimePeriod", zero, "`--cpu-rt-period`"),
    ("CpuRealtimeRuntime", zero, "`--cpu-rt-runtime`"),
    ("CpusetCpus", zero, "`--cpuset-cpus`"),
    ("CpusetMems", zero, "`--cpuset-mems`"),
    ("CpuCount", zero, "`--cpu-count`"),
    ("CpuPercent", zero, "`--cpu-percent`"),
    ("MemoryReservation", zero, "`--memory-reservation`"),
    ("MemorySwap", zero, "`--memory-swap`"),
    ("MemorySwappiness", |value| *value == -1, "`--memory-swappiness`"),
    ("KernelMemory", zero, "`--kernel-memory`"),
    ("KernelMemoryTCP", zero, "KernelMemoryTCP"),
    ("OomKillDisable", zero, "`--oom-kill-disable`"),
    ("OomScoreAdj", zero, "`--oom-score-adj`"),
    ("BlkioWeight", zero, "`--blkio-weight`"),
    ("BlkioWeightDevice", zero, "`--blkio-weight-device`"),
    ("BlkioDeviceReadBps", zero, "`--device-read-bps`"),
    ("BlkioDeviceWriteBps", zero, "`--device-write-bps`"),
    ("BlkioDeviceReadIOps", zero, "`--device-read-iops`"),
    ("BlkioDeviceWriteIOps", zero, "`--device-write-iops`"),
    ("IOMaximumIOps", zero, "`--io-maxiops`"),
    ("IOMaximumBandwidth", zero, "`--io-maxbandwidth`"),
];

#[rustfmt::skip]
const ENDPOINT: &[Refusal] = &[
    ("IPAMConfig", zero, "`--ip`"),
    ("Links", zero, "`--link`"),
    ("Aliases", zero, "`--network-alias`"),
    ("MacAddress", zero, "`--mac-address`"),
    ("DriverOpts", zero, "driver-opt of `--network`"),
    ("GwPriority", zero, "gw-priority of `--network`"),
];

/// Refuses a create request's body that asks for what is not there yet.
pub(super) fn check(body: &Value) -> Reply<()> {
    let host_config = &body["HostConfig"];
    check_fields(HOST_CONFIG, host_config)?;
    check_fields(CONFIG, body)?;
    // After the published ports, which expose theirs, too.
    check_fields(&[("ExposedPorts", zero, "`--expose`")], body)?;
    check_network(host_config["NetworkMode"].as_str().unwrap_or(""), &body["NetworkingConfig"]["EndpointsConfig"])
}

fn check_network(mode: &str, endpoints: &Value) -> Reply<()> {
    match mode {
        "" | "default" | "bridge" | "none" => {}
        "host" => return Err(Error::not_yet("`--network host`")),
        _ if mode.starts_with("container:") => return Err(Error::not_yet("`--network container:…`")),
        // Not 404, on which the CLI would try to pull the image.
        _ => {
            return Err(Error::bad(format!(
                "network {mode} not found: networks of one's own are not there yet in Lernhafen"
            )));
        }
    }
    let Some(endpoints) = endpoints.as_object() else { return Ok(()) };
    if endpoints.len() > 1 || endpoints.keys().any(|network| network_name(network) != network_name(mode)) {
        return Err(Error::not_yet("`--network` with several networks"));
    }
    endpoints.values().try_for_each(|endpoint| check_fields(ENDPOINT, endpoint))
}

fn network_name(mode: &str) -> &str {
    if matches!(mode, "" | "default") { "bridge" } else { mode }
}

fn check_fields(options: &[Refusal], fields: &Value) -> Reply<()> {
    match options.iter().find(|(field, asks_nothing, _)| fields.get(field).is_some_and(|value| !asks_nothing(value))) {
        Some((_, _, option)) => Err(Error::not_yet(option)),
        None => Ok(()),
    }
}

/// Whether this is Go's zero value, or something empty, which clients send for what nobody asked for.
fn zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// Nothing at all, or `--no-healthcheck`.
fn no_healthcheck(value: &Value) -> bool {
    value["Test"][0] == "NONE" || value.as_object().is_some_and(|fields| fields.values().all(zero))
}
