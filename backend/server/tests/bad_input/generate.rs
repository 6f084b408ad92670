//! Requests made from the definition of the API.

use crate::exchange::Answer;
use crate::random::Random;
use serde_json::{Map, Value, json};

/// Docker's definition, as far as it says what requests have.
pub(crate) struct Definition {
    pub(crate) operations: Vec<Operation>,
    schemas: Value,
}

pub(crate) struct Operation {
    pub(crate) path: String,
    pub(crate) method: String,
    parameters: Vec<Value>,
}

/// What there is that a request can be about.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) containers: Vec<String>,
    pub(crate) execs: Vec<String>,
}

/// Words that some field takes, and words that none should trip over.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "", "busybox", "debian", "victim", "container:victim", "host", "none", "bridge", "default", "private", "sh", "true",
    "false", "0", "1", "-1", "99999999999999999999", "1.5", "NaN", "/", "/tmp", "/etc/passwd", "../../../etc/passwd", "/proc/self/exe",
    "a=b", "=", "a:b:c", "0:0", "sha256:00", "\u{0}", "\n", "%00", "%s%n", "ü", "😀", "'; exit 1", "$(id)", "no", "always",
    "json-file", "rprivate", "SIGKILL", "KILL", "running", "{}", "[]", "{\"status\":[\"running\"]}",
    "{\"label\":{\"a\":true}}", "{\"name\":[\"(\"]}", "2020-01-01T00:00:00Z", "10m",
];

const NUMBERS: &[i64] =
    &[0, 1, -1, 2, 7, 64, 80, 1000, 65536, 1 << 31, -(1 << 31), 1 << 40, i64::MAX, i64::MIN, 6 << 20, 1_000_000];

/// Texts where JSON should be.
const BROKEN: &[&[u8]] = &[
    b"{",
    b"[]",
    b"\"x\"",
    b"null",
    b"1",
    b"{\"a\":",
    b"{\"Image\":\"busybox\"} x",
    b"\xff\xfe",
    b"\0",
    b"{\"Image\":\"\\ud800\"}",
    b"{\"Image\":1e999}",
    b"{\"Cmd\":[\"a\",\"a\"],\"Cmd\":{}}",
];

impl Definition {
    pub(crate) fn read() -> Self {
        let mut definition: Value =
            serde_json::from_str(include_str!("../../../docker-api/tests/data/definition.json")).unwrap();
        let operation = |operation: &Value| Operation {
            path: operation["path"].as_str().unwrap().to_owned(),
            method: operation["method"].as_str().unwrap().to_owned(),
            parameters: operation["parameters"].as_array().unwrap().clone(),
        };
        let operations = definition["operations"].as_array().unwrap().iter().map(operation).collect();
        Self { operations, schemas: definition["definitions"].take() }
    }

    /// A value of a type, or nearly.
    fn value(&self, schema: &Value, random: &mut Random, depth: usize) -> Value {
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            return self.value(&self.schemas[name], random, depth);
        }
        if depth > 8 || random.once_in(12) {
            return anything(random);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                if let Value::Object(fields) = self.value(part, random, depth) {
                    whole.extend(fields);
                }
            }
            return Value::Object(whole);
        }
        if let Some(words) = schema["enum"].as_array().filter(|words| !words.is_empty()) {
            return random.pick(words).clone();
        }
        match schema["type"].as_str() {
            Some("integer" | "number") => json!(random.pick(NUMBERS)),
            Some("boolean") => json!(random.once_in(2)),
            Some("string") => json!(random.pick(WORDS)),
            Some("array") => (0..random.below(4)).map(|_| self.value(&schema["items"], random, depth + 1)).collect(),
            _ => self.object(schema, random, depth),
        }
    }

    /// An object with some of its fields: with all of them no request would ever be right.
    fn object(&self, schema: &Value, random: &mut Random, depth: usize) -> Value {
        let mut fields = Map::new();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            if random.once_in(8) || name == "HostConfig" {
                fields.insert(name.clone(), self.value(field, random, depth + 1));
            }
        }
        if schema["additionalProperties"].is_object() {
            for _ in 0..random.below(3) {
                let name = (*random.pick(WORDS)).to_owned();
                fields.insert(name, self.value(&schema["additionalProperties"], random, depth + 1));
            }
        }
        Value::Object(fields)
    }
}

fn anything(random: &mut Random) -> Value {
    match random.below(9) {
        0 => Value::Null,
        1 => json!(random.once_in(2)),
        2 => json!(random.pick(NUMBERS)),
        3 => json!(1.5e300),
        4 => json!([random.pick(WORDS)]),
        5 => json!({ *random.pick(WORDS): random.pick(WORDS) }),
        6 => json!("x".repeat(70_000)),
        7 => json!([[[[{}]]]]),
        _ => json!(random.pick(WORDS)),
    }
}

impl Operation {
    /// The bytes of a request, and whether they are all that it promises.
    pub(crate) fn request(&self, definition: &Definition, known: &Known, random: &mut Random) -> (Vec<u8>, bool) {
        let mut path = self.path.clone();
        let (mut query, mut body) = (Vec::new(), None);
        for parameter in &self.parameters {
            let name = parameter["name"].as_str().unwrap();
            match parameter["in"].as_str() {
                Some("path") => path = path.replace(&format!("{{{name}}}"), &escape(&self.name(known, random))),
                Some("query") if random.once_in(3) => {
                    query.push(format!("{name}={}", escape(&text(parameter, random))))
                }
                Some("body") => body = Some(definition.value(&parameter["schema"], random, 0)),
                _ => {}
            }
        }
        let version = ["", "", "/v1.24", "/v1.44", "/v1.51"][random.below(5)];
        let upgrade =
            if random.once_in(8) { "Connection: Upgrade\r\nUpgrade: tcp\r\n" } else { "Connection: close\r\n" };
        let head = format!("{} {version}{path}?{} HTTP/1.1\r\nHost: docker\r\n{upgrade}", self.method, query.join("&"));
        let Some(body) = body.map(|body| self.body(body, random)) else {
            return (format!("{head}\r\n").into_bytes(), true);
        };
        let kind = if random.once_in(12) { "text/plain" } else { "application/json" };
        let complete = !random.once_in(25);
        let promised = if complete { body.len() } else { body.len() + 10 };
        let head = format!("{head}Content-Type: {kind}\r\nContent-Length: {promised}\r\n\r\n");
        ([head.as_bytes(), &body].concat(), complete)
    }

    fn name(&self, known: &Known, random: &mut Random) -> String {
        let names = if self.path.starts_with("/exec/") { &known.execs } else { &known.containers };
        match random.below(4) {
            _ if self.path.starts_with("/images/") && random.once_in(2) => "busybox".to_owned(),
            0 => (*random.pick(WORDS)).to_owned(),
            _ => random.pick(names).clone(),
        }
    }

    fn body(&self, mut body: Value, random: &mut Random) -> Vec<u8> {
        match random.below(20) {
            0 => return random.pick(BROKEN).to_vec(),
            1 => return [&b"["[..]; 20_000].concat(),
            2 => return vec![b' '; 2 << 20],
            3 => return Vec::new(),
            _ => {}
        }
        // Where the image or the command is wrong, nothing else of it is looked at.
        if let (true, Some(fields)) = (self.path == "/containers/create", body.as_object_mut()) {
            fields.insert("Image".into(), json!("busybox"));
            fields.insert("Cmd".into(), json!(["true"]));
        }
        body.to_string().into_bytes()
    }
}

impl Known {
    /// Takes note of what an answer says has been made, so that later requests are about that, too.
    pub(crate) fn learn(&mut self, operation: &Operation, answer: Option<&Answer>) {
        let Some(id) = answer.filter(|answer| answer.status == 201).and_then(Answer::id) else { return };
        match operation.path.as_str() {
            "/containers/create" => self.containers.push(id),
            "/containers/{id}/exec" => self.execs.push(id),
            _ => {}
        }
    }
}

fn text(parameter: &Value, random: &mut Random) -> String {
    if random.once_in(4) {
        return (*random.pick(WORDS)).to_owned();
    }
    if let Some(words) = parameter["enum"].as_array() {
        return random.pick(words).as_str().unwrap_or_default().to_owned();
    }
    match parameter["type"].as_str() {
        Some("integer") => random.pick(NUMBERS).to_string(),
        Some("boolean") => ["0", "1", "true", "false"][random.below(4)].to_owned(),
        _ => (*random.pick(WORDS)).to_owned(),
    }
}

/// Percent-encodes everything but letters and digits.
fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
