//! `GET /events`: `docker events`

use crate::error::{Error, Reply};
use crate::query::Params;
use crate::time::{now, parse_timestamp};
use crate::version::ApiVersion;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use engine::VirtualHost;
use engine::event::{Event, EventFilter};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Old events only if `since` asks for them, and new ones until `until`.
pub(crate) async fn events(State(host): State<Arc<VirtualHost>>, version: ApiVersion, params: Params) -> Reply {
    let since = parse_timestamp(params.text("since").unwrap_or(""))?;
    let until = parse_timestamp(params.text("until").unwrap_or(""))?;
    if since.zip(until).is_some_and(|(since, until)| since > until) {
        let [since, until] = ["since", "until"].map(|name| params.text(name).unwrap_or(""));
        return Err(Error::bad(format!("`since` time ({since}) cannot be after `until` time ({until})")));
    }
    let filter = parse(params.filters()?);
    let (past, coming) = host.events();
    let asked_for_past = since.is_some() || until.is_some();
    let past: Vec<_> =
        past.into_iter().filter(|event| asked_for_past && event.time >= since.unwrap_or(i64::MIN)).collect();
    let end = until.map(|until| Duration::from_nanos(u64::try_from(until.saturating_sub(now())).unwrap_or(0)));
    let coming = stream::unfold(coming, async |mut coming| Some((coming.recv().await?, coming)));
    let ended = async move {
        match end {
            Some(end) => tokio::time::sleep(end).await,
            None => std::future::pending().await,
        }
    };
    let lines = stream::iter(past)
        .chain(coming.take_until(ended))
        .filter(move |event| {
            let in_time = until.is_none_or(|until| event.time <= until);
            std::future::ready(in_time && is_known(event, version) && filter.matches(event))
        })
        .map(|event| line(&event));
    Ok(([(header::CONTENT_TYPE, "application/json")], Body::from_stream(lines)).into_response())
}

/// Clients of before aren't told that images are made.
fn is_known(event: &Event, version: ApiVersion) -> bool {
    version >= ApiVersion::new(1, 46) || event.kind != "image" || event.action != "create"
}

/// With the fields of old (`status`, `id`, `from`), as some clients still read those.
#[derive(Serialize)]
struct Message<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    status: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    from: &'a str,
    #[serde(rename = "Type")]
    kind: &'a str,
    #[serde(rename = "Action")]
    action: &'a str,
    #[serde(rename = "Actor")]
    actor: Actor<'a>,
    scope: &'static str,
    time: i64,
    #[serde(rename = "timeNano")]
    time_nano: i64,
}

#[derive(Serialize)]
struct Actor<'a> {
    #[serde(rename = "ID")]
    id: &'a str,
    #[serde(rename = "Attributes")]
    attributes: &'a BTreeMap<String, String>,
}

fn line(event: &Event) -> serde_json::Result<Vec<u8>> {
    let of_container = event.kind == "container";
    let is_old = of_container || event.kind == "image";
    let message = Message {
        status: if is_old { &event.action } else { "" },
        id: if is_old { &event.id } else { "" },
        from: event.attributes.get("image").filter(|_| of_container).map_or("", String::as_str),
        kind: event.kind,
        action: &event.action,
        actor: Actor { id: &event.id, attributes: &event.attributes },
        scope: "local",
        time: event.time / 1_000_000_000,
        time_nano: event.time,
    };
    let mut line = serde_json::to_vec(&message)?;
    line.push(b'\n');
    Ok(line)
}

fn parse(filters: Vec<(String, Vec<String>)>) -> EventFilter {
    let mut filter = EventFilter::default();
    for (name, values) in filters {
        match name.as_str() {
            "event" => filter.actions = values,
            "image" => filter.images = values,
            "label" => filter.labels = values,
            "scope" => filter.scopes = values,
            "type" => filter.kinds = values,
            "config" | "container" | "daemon" | "network" | "node" | "plugin" | "secret" | "service" | "volume" => {
                filter.objects.push(values);
            }
            // As in Docker.
            _ => {}
        }
    }
    filter
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn event(kind: &'static str, action: &str) -> Event {
        let attributes = [("image", "debian:latest"), ("name", "test"), ("color", "red")];
        Event {
            kind,
            action: action.into(),
            id: "abc".into(),
            attributes: attributes.map(|(name, value)| (name.into(), value.into())).into(),
            time: 1_629_574_695_515_050_031,
        }
    }

    #[test]
    fn old_and_new_fields_are_there() {
        let text = String::from_utf8(line(&event("container", "start")).unwrap()).unwrap();
        let expected = r#"{"status":"start","id":"abc","from":"debian:latest","Type":"container","Action":"start","Actor":{"ID":"abc","Attributes":{"color":"red","image":"debian:latest","name":"test"}},"scope":"local","time":1629574695,"timeNano":1629574695515050031}"#;
        assert_eq!(text, format!("{expected}\n"));
        let network = String::from_utf8(line(&event("network", "connect")).unwrap()).unwrap();
        assert!(network.starts_with(r#"{"Type":"network""#), "{network}");
    }

    #[test]
    fn filters_select() {
        let matches =
            |name: &str, value: &str, event: &Event| parse(vec![(name.into(), vec![value.into()])]).matches(event);
        let start = event("container", "start");
        for (name, value, expected) in [
            ("type", "container", true),
            ("type", "image", false),
            ("event", "start", true),
            ("event", "die", false),
            ("container", "test", true),
            ("container", "ab", true),
            ("container", "te", true),
            ("container", "est", false),
            ("container", "other", false),
            ("network", "test", true),
            ("image", "debian", true),
            ("image", "debian:latest", true),
            ("image", "busybox", false),
            ("label", "color", true),
            ("label", "color=red", true),
            ("label", "color=blue", false),
            ("scope", "swarm", false),
        ] {
            assert_eq!(matches(name, value, &start), expected, "{name}={value}");
        }
        assert!(matches("event", "exec_create", &event("container", "exec_create: ls")));
        assert!(matches("bogus", "x", &start), "as in Docker");
    }
}
