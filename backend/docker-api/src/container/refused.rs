//! The options of `docker create` that are not there yet. None is accepted and ignored: whatever asks for more than
//! the engine does is refused with the option's name.

use crate::error::{Error, Reply};
use engine::network::NetworkMode;
use serde_json::Value;

/// A field, whether its value asks for nothing, and the option that sets it.
type Refusal = (&'static str, fn(&Value) -> bool, &'static str);

/// Names of the one runtime there is: its own, and those that Docker's has.
pub(crate) const RUNTIMES: [&str; 3] = ["lernhafen", "runc", "io.containerd.runc.v2"];

#[rustfmt::skip]
const CONFIG: &[Refusal] = &[
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
    ("Cgroup", zero, "Cgroup"),
    ("CgroupParent", zero, "`--cgroup-parent`"),
    ("Dns", zero, "`--dns`"),
    ("DnsOptions", zero, "`--dns-option`"),
    ("DnsSearch", zero, "`--dns-search`"),
    ("ExtraHosts", zero, "`--add-host`"),
    ("Links", zero, "`--link`"),
    ("DeviceRequests", zero, "`--gpus`"),
    ("StorageOpt", zero, "`--storage-opt`"),
    ("CpuCount", zero, "`--cpu-count`"),
];

/// What will never be there, with the reason.
#[rustfmt::skip]
const NEVER: &[(&str, &str)] = &[
    ("DeviceCgroupRules", "--device-cgroup-rule is refused: a virtual host has no devices of the machine to open, only those that every container has"),
    ("KernelMemory", "--kernel-memory is refused: Linux has no limit of its own for the kernel's memory since 5.4; --memory counts it, too"),
    ("KernelMemoryTCP", "KernelMemoryTCP is refused: --memory counts the kernel's buffers for TCP, too"),
    ("CpuRealtimePeriod", "--cpu-rt-period is refused: a virtual host has no real-time scheduling, with which one learner could stop all others"),
    ("CpuRealtimeRuntime", "--cpu-rt-runtime is refused: a virtual host has no real-time scheduling, with which one learner could stop all others"),
    ("IOMaximumIOps", "invalid option: QoS maximum IOPs configuration is not supported on linux"),
    ("IOMaximumBandwidth", "invalid option: QoS maximum bandwidth configuration is not supported on linux"),
];

/// Of Docker's `Resources`, what an update leaves as it is.
const AT_CREATE: &[&str] = &[
    "BlkioDeviceReadBps",
    "BlkioDeviceReadIOps",
    "BlkioDeviceWriteBps",
    "BlkioDeviceWriteIOps",
    "BlkioWeightDevice",
    "CgroupParent",
    "DeviceCgroupRules",
    "DeviceRequests",
    "Devices",
    "OomKillDisable",
    "OomScoreAdj",
    "Ulimits",
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
    check_never(host_config)?;
    check_names(host_config)?;
    check_fields(CONFIG, body)?;
    let mode = host_config["NetworkMode"].as_str().unwrap_or_default();
    check_network(&mode.to_owned().into(), &body["NetworkingConfig"]["EndpointsConfig"])
}

/// Refuses, in Docker's words, a runtime and an isolation that there is not.
fn check_names(host_config: &Value) -> Reply<()> {
    let asked = |field: &str| host_config[field].as_str().unwrap_or_default().to_owned();
    let (runtime, isolation) = (asked("Runtime"), asked("Isolation"));
    if !runtime.is_empty() && !RUNTIMES.contains(&runtime.as_str()) {
        return Err(Error::bad(format!("unknown or invalid runtime name: {runtime}")));
    }
    if !isolation.is_empty() && !isolation.eq_ignore_ascii_case("default") {
        return Err(Error::bad(format!("invalid isolation ({isolation}): linux only supports 'default'")));
    }
    Ok(())
}

/// Refuses what no version of Lernhafen will do.
fn check_never(host_config: &Value) -> Reply<()> {
    match NEVER.iter().find(|(field, _)| host_config.get(field).is_some_and(|value| !zero(value))) {
        Some((_, reason)) => Err(Error::bad(*reason)),
        None => Ok(()),
    }
}

/// Refuses an update's body that asks for what is only decided when a container is made.
pub(super) fn check_update(body: &Value) -> Reply<()> {
    check_never(body)?;
    match AT_CREATE.iter().find(|field| body.get(field).is_some_and(|value| !zero(value))) {
        Some(field) => {
            Err(Error::bad(format!("{field} of a container can't be updated: make a new container with it")))
        }
        None => Ok(()),
    }
}

fn check_network(mode: &NetworkMode, endpoints: &Value) -> Reply<()> {
    if matches!(mode, NetworkMode::Named(name) if name != "bridge") {
        // Not 404, on which the CLI would try to pull the image.
        return Err(Error::bad(format!(
            "network {mode} not found: networks of one's own are not there yet in Lernhafen"
        )));
    }
    let Some(endpoints) = endpoints.as_object() else { return Ok(()) };
    if endpoints.len() > 1 || endpoints.keys().any(|network| NetworkMode::from(network.clone()) != *mode) {
        return Err(Error::not_yet("`--network` with several networks"));
    }
    endpoints.values().try_for_each(|endpoint| check_fields(ENDPOINT, endpoint))
}

fn check_fields(options: &[Refusal], fields: &Value) -> Reply<()> {
    match options.iter().find(|(field, asks_nothing, _)| fields.get(field).is_some_and(|value| !asks_nothing(value))) {
        Some((_, _, option)) => Err(Error::not_yet(option)),
        None => Ok(()),
    }
}

/// Whether this is Go's zero value, or something empty, which clients send for what nobody asked for.
pub(super) fn zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}
