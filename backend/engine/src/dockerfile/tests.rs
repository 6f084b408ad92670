#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use serde_json::{Value, json};

fn changed(changes: &[&str]) -> Result<Value> {
    let mut config: Defaults = serde_json::from_value(json!({"Env": ["A=1", "B=2"], "Cmd": ["sh"]})).unwrap();
    let changes: Vec<String> = changes.iter().map(|change| (*change).to_owned()).collect();
    apply(&mut config, &changes)?;
    Ok(serde_json::to_value(config).unwrap())
}

/// As a real dockerd 28.5 has it; what isn't said is as before.
#[test]
fn changes_are_dockers() {
    for (changes, expected) in [
        (&["CMD"][..], json!({"Cmd": ["/bin/sh", "-c"]})),
        (&[r#"CMD ["a", "b"]"#], json!({"Cmd": ["a", "b"]})),
        (&["CMD a \\"], json!({"Cmd": ["/bin/sh", "-c", "a"]})),
        (&[r#"CMD ["a""#], json!({"Cmd": ["/bin/sh", "-c", "[\"a\""]})),
        (&["ENTRYPOINT a b"], json!({"Entrypoint": ["/bin/sh", "-c", "a b"], "Cmd": null})),
        (&[r#"ENTRYPOINT ["a"]"#, "CMD x y"], json!({"Entrypoint": ["a"], "Cmd": ["/bin/sh", "-c", "x y"]})),
        (&["CMD x", "ENTRYPOINT []"], json!({"Cmd": ["/bin/sh", "-c", "x"]})),
        (
            &["HEALTHCHECK --interval=5s --retries=3 CMD curl x"],
            json!({"Healthcheck": {"Test": ["CMD-SHELL", "curl x"], "Interval": 5_000_000_000_i64, "Retries": 3}}),
        ),
        (
            &[r#"HEALTHCHECK --interval=0s --timeout=1m30s --start-period=1.5h --start-interval=100ms CMD ["x"]"#],
            json!({"Healthcheck": {"Test": ["CMD", "x"], "Timeout": 90_000_000_000_i64,
                "StartPeriod": 5_400_000_000_000_i64, "StartInterval": 100_000_000}}),
        ),
        (&["HEALTHCHECK NONE"], json!({"Healthcheck": {"Test": ["NONE"]}})),
        (
            &["EXPOSE 80-82/udp 8080:90"],
            json!({"ExposedPorts": {"80/udp": {}, "81/udp": {}, "82/udp": {}, "90/tcp": {}}}),
        ),
        (&["EXPOSE $X"], json!({})),
        (
            &[r#"ENV a="b c" d=$A\x e=${Q:-z}"#, "ENV f=$a"],
            json!({"Env": ["A=1", "B=2", "a=b c", "d=1x", "e=z", "f=b c"]}),
        ),
        (&["env Old value with spaces  "], json!({"Env": ["A=1", "B=2", "Old=value with spaces"]})),
        (&["ENV A=9"], json!({"Env": ["A=9", "B=2"]})),
        (&[r"ENV a=b'c d'e\ f"], json!({"Env": ["A=1", "B=2", "a=bc de f"]})),
        (&["WORKDIR a", "workdir ../b"], json!({"WorkingDir": "/b"})),
        (&[r#"VOLUME ["/a", "/b c"]"#, "VOLUME /d /e"], json!({"Volumes": {"/a": {}, "/b c": {}, "/d": {}, "/e": {}}})),
        (&[r#"LABEL x="y z" "q r"=s"#], json!({"Labels": {"q r": "s", "x": "y z"}})),
        (&["LABEL a=b \\", "c=d"], json!({"Labels": {"a": "b", "c": "d"}})),
        (&["LABEL a=b", "# comment", "", "LABEL c=d"], json!({"Labels": {"a": "b", "c": "d"}})),
        (&["onbuild RUN x"], json!({"OnBuild": ["RUN x"]})),
        (&["USER $A"], json!({"User": "1"})),
        (&["USER a b"], json!({"User": "a b"})),
        (&["STOPSIGNAL 9"], json!({"StopSignal": "9"})),
    ] {
        let mut whole = json!({"Env": ["A=1", "B=2"], "Cmd": ["sh"]});
        for (key, value) in expected.as_object().unwrap() {
            whole[key] = value.clone();
        }
        whole.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        assert_eq!(changed(changes).unwrap(), whole, "{changes:?}");
    }
}

/// In the words of a real dockerd 28.5.
#[test]
fn errors_are_dockers() {
    for (change, message) in [
        ("", "file with no instructions"),
        ("# only", "file with no instructions"),
        ("RUN x", "RUN is not a valid change command"),
        ("Foo x", "Foo is not a valid change command"),
        ("SHELL []", "SHELL is not a valid change command"),
        ("ENV", "ENV requires at least one argument"),
        ("ENV x", "ENV must have two arguments"),
        ("ENV =x", "ENV names can not be blank"),
        ("ENV a=b c", r#"Syntax error - can't find = in "c". Must be of the form: name=value"#),
        (
            r#"ENV a="b"#,
            r#"failed to process "\"b": unexpected end of statement while looking for matching double-quote"#,
        ),
        ("ENV a=${b", "failed to process \"${b\": unsupported modifier (\u{fffd}) in substitution"),
        ("ENV a=${b:?no}", r#"failed to process "${b:?no}": b: no"#),
        ("LABEL a", "LABEL must have two arguments"),
        ("EXPOSE", "EXPOSE requires at least one argument"),
        ("EXPOSE 99999", "Invalid containerPort: 99999"),
        ("EXPOSE a", "Invalid containerPort: a"),
        ("EXPOSE 90-80", "Invalid containerPort: 90-80"),
        ("EXPOSE 80/foo", "Invalid proto: foo"),
        ("EXPOSE x:80", "Invalid hostPort: x"),
        ("STOPSIGNAL FOO", "invalid signal: FOO"),
        ("STOPSIGNAL", "STOPSIGNAL requires exactly one argument"),
        ("USER", "USER requires exactly one argument"),
        ("USER --x a", "unknown flag: --x"),
        ("WORKDIR", "WORKDIR requires exactly one argument"),
        ("HEALTHCHECK", "HEALTHCHECK requires at least one argument"),
        ("HEALTHCHECK FOO x", r#"Unknown type "FOO" in HEALTHCHECK (try CMD)"#),
        ("HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments"),
        ("HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD"),
        ("HEALTHCHECK --interval=1us CMD x", r#"Interval "interval" cannot be less than 1ms"#),
        ("HEALTHCHECK --interval=x CMD y", r#"time: invalid duration "x""#),
        ("HEALTHCHECK --interval=5 CMD y", r#"time: missing unit in duration "5""#),
        ("HEALTHCHECK --interval CMD y", "missing a value on flag: --interval"),
        ("HEALTHCHECK --retries=x CMD y", r#"strconv.ParseInt: parsing "x": invalid syntax"#),
        ("HEALTHCHECK --retries=-1 CMD y", "--retries cannot be negative (-1)"),
        ("HEALTHCHECK --foo=1 CMD x", "unknown flag: --foo"),
        ("ONBUILD", "ONBUILD requires at least one argument"),
        ("ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger"),
        ("ONBUILD ONBUILD x", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
        ("VOLUME []", "VOLUME requires at least one argument"),
        (r#"VOLUME [""]"#, "VOLUME specified can not be an empty string"),
        ("CMD [1]", "when using JSON array syntax, arrays must be comprised of strings only"),
    ] {
        assert_eq!(changed(&[change]).unwrap_err().message, message, "{change}");
    }
}

#[test]
fn substitutions_stay_small() {
    let long = format!("ENV V={}", "x".repeat(1000));
    let many = format!("ENV W={}", "$V".repeat(2000));
    assert!(changed(&[&long, &many]).unwrap_err().message.contains("longer than"));
    let deep = format!("ENV W={}", "${a:-".repeat(200));
    assert!(changed(&[&deep]).unwrap_err().message.contains("in one another"));
}
