//! Go writes `null` for all that is empty: each field of each document is `null`, or missing, in turn. It never is worse than empty.

use super::*;
use serde_json::Value;

#[test]
fn every_field_may_be_null_or_missing() {
    let one = layer("1");
    let full = json!({
        "architecture": "", "author": "", "comment": "", "created": "", "docker_version": "", "os": "", "variant": "",
        "config": {"ArgsEscaped": false, "User": "", "ExposedPorts": {}, "Env": [], "Entrypoint": [], "Cmd": [], "Healthcheck": {},
            "Volumes": {}, "WorkingDir": "", "OnBuild": [], "Labels": {}, "StopSignal": "", "StopTimeout": 0, "Shell": []},
        "history": [{"created": "", "created_by": "", "author": "", "comment": "", "empty_layer": false}],
        "rootfs": {"type": "layers", "diff_ids": [digest::sha256(&one)]}
    });
    let item =
        json!({"Config": "config.json", "RepoTags": ["a:1"], "Layers": ["l.tar"], "Parent": "", "LayerSources": {}});
    let loads = |document: &Value, item: &Value| {
        let (document, manifest) = (document.to_string(), json!([item]).to_string());
        let archive =
            [("l.tar", &one[..]), ("config.json", document.as_bytes()), ("manifest.json", manifest.as_bytes())];
        let dir = Scratch::new();
        load(&open(dir.path()), HOST, &files(&archive), Limits::default())
    };
    loads(&full, &item).unwrap();
    for pointer in fields(&full) {
        let needed = ["/rootfs", "/rootfs/diff_ids"].contains(&pointer.as_str());
        for changed in [nulled(&full, &pointer), without(&full, &pointer)] {
            let loaded = loads(&changed, &item);
            assert_eq!(loaded.is_err(), needed, "{pointer}: {loaded:?}");
        }
    }
    for pointer in fields(&item) {
        let needed = ["/Config", "/Layers"].contains(&pointer.as_str());
        for changed in [nulled(&item, &pointer), without(&item, &pointer)] {
            let loaded = loads(&full, &changed);
            assert_eq!(loaded.is_err(), needed, "{pointer}: {loaded:?}");
        }
    }
    // What is in none has no layers, whoever says so.
    let empty = nulled(&full, "/history");
    let empty = nulled(&empty, "/rootfs/diff_ids");
    loads(&empty, &nulled(&item, "/Layers")).unwrap();
}

#[test]
fn every_field_of_a_layout_may_be_null_or_missing() {
    let one = layer("1");
    let document = config(&[&one]);
    let own = image_manifest(&document, &[&one]);
    let mut full = index(&[descriptor(&own)]);
    full["mediaType"] = json!(layout::IMAGE_INDEX);
    full["manifests"][0]["annotations"] = json!({});
    full["manifests"][0]["platform"] = json!({"os": "linux", "architecture": "amd64", "variant": ""});
    for pointer in fields(&full) {
        let needed = pointer.ends_with("/digest");
        for changed in [nulled(&full, &pointer), without(&full, &pointer)] {
            let dir = Scratch::new();
            let loaded = load(&open(dir.path()), HOST, &layout(&changed, &[&one, &document, &own]), Limits::default());
            assert_eq!(loaded.is_err(), needed, "{pointer}: {loaded:?}");
        }
    }
    let manifest: Value = serde_json::from_slice(&own).unwrap();
    for pointer in fields(&manifest) {
        let needed = ["/config", "/layers"].contains(&pointer.as_str()) || pointer.ends_with("/digest");
        for changed in [nulled(&manifest, &pointer), without(&manifest, &pointer)] {
            let changed = changed.to_string().into_bytes();
            let archive = layout(&index(&[descriptor(&changed)]), &[&one, &document, &changed]);
            let dir = Scratch::new();
            let loaded = load(&open(dir.path()), HOST, &archive, Limits::default());
            assert_eq!(loaded.is_err(), needed, "{pointer}: {loaded:?}");
        }
    }
}

/// The pointers of all fields, those within others included.
fn fields(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, field)| (format!("/{name}"), field)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (format!("/{at}"), item)).collect(),
        _ => Vec::new(),
    };
    let of = |(name, field): (String, &Value)| {
        let deeper = fields(field).into_iter().map({
            let name = name.clone();
            move |deeper| format!("{name}{deeper}")
        });
        // An item of a list is none of its fields.
        let is_field = !name[1..].starts_with(|first: char| first.is_ascii_digit());
        is_field.then(|| name.clone()).into_iter().chain(deeper).collect::<Vec<_>>()
    };
    inner.into_iter().flat_map(of).collect()
}

fn nulled(value: &Value, pointer: &str) -> Value {
    let mut value = value.clone();
    *value.pointer_mut(pointer).unwrap() = Value::Null;
    value
}

fn without(value: &Value, pointer: &str) -> Value {
    let mut value = value.clone();
    let (above, name) = pointer.rsplit_once('/').unwrap();
    value.pointer_mut(above).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    value
}
