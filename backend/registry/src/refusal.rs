//! What a registry says when it does not do what it was asked.

use crate::challenge::Challenge;
use crate::config::DOCKER_HUB;
use crate::error::said;
use crate::http::Response;
use crate::json::{self, strip_nulls};
use crate::{Error, text};
use serde::Deserialize;
use serde_json::Value;

/// More than any reason is worth.
const LARGEST: usize = 64 << 10;

/// A refusal, with the words that were found in it.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// As Docker writes it: `Get "https://example.org/v2/"`.
    pub(crate) request: String,
    host: String,
    code: String,
    message: Option<String>,
    is_page: bool,
    lacks_password: bool,
}

/// What a request was about, as Docker names it in its errors.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'a> {
    /// `name`: of the repository; `reference`: with tag or digest.
    Manifest {
        name: &'a str,
        reference: &'a str,
    },
    Blob {
        name: &'a str,
        digest: &'a str,
    },
    Push {
        name: &'a str,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Registry {
        errors: Vec<Part>,
    },
    /// Docker Hub's server of tokens.
    Details {
        details: String,
    },
    /// Others, and OAuth 2.
    Message {
        error_description: Option<String>,
        message: Option<String>,
    },
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

impl Refusal {
    pub(crate) async fn read(response: Response) -> Self {
        let (status, is_page) = (response.status.as_u16(), response.is_page());
        let (request, host) = (response.request.clone(), response.url.origin.authority());
        let challenges = Challenge::of(&response.headers);
        let lacks_password = challenges == [Challenge::Basic] && !response.is_authorized;
        // Why there is no more to read is of less interest than that it was refused.
        let body = response.bytes(LARGEST).await.unwrap_or_default();
        let (code, message) = of_challenges(challenges).unwrap_or_else(|| of_body(&body));
        let code = if code.is_empty() { usual_code(status).to_owned() } else { code };
        Self { status, request, host, code, message, is_page, lacks_password }
    }

    pub(crate) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Without knowing what it was about.
    pub(crate) fn plain(self) -> Error {
        let words = self.words();
        match (self.code.as_str(), self.status) {
            ("TOOMANYREQUESTS", _) => self.rate_limited(),
            ("UNAUTHORIZED", _) if self.lacks_password => {
                Error::Unauthorized(format!("{}: no basic auth credentials", self.request))
            }
            ("UNAUTHORIZED", _) => Error::Unauthorized(words),
            ("DENIED", _) => Error::Denied(words),
            ("MANIFEST_UNKNOWN" | "NAME_UNKNOWN" | "BLOB_UNKNOWN", _) => Error::NotFound(words),
            ("UNSUPPORTED", _) => Error::Unsupported(words),
            _ if self.is_page => {
                let (request, status) = (&self.request, self.status);
                let host = &self.host;
                Error::NotARegistry(format!(
                    "{request}: {status} and a web page: {host} does not answer as a registry does"
                ))
            }
            (_, 404) => Error::NotFound(words),
            _ => Error::Registry { status: self.status, code: self.code, message: self.message.unwrap_or_default() },
        }
    }

    /// In Docker's words about this.
    pub(crate) fn about(self, subject: Subject<'_>) -> Error {
        let is_missing = self.status == 404 && !self.is_page;
        let words = self.words();
        match (subject, self.code.as_str()) {
            // Docker asks for a manifest with words of its own, and for blobs and uploads without.
            (Subject::Blob { .. } | Subject::Push { .. }, "UNAUTHORIZED") if self.lacks_password => {
                Error::Unauthorized("no basic auth credentials".to_owned())
            }
            (Subject::Manifest { name, .. } | Subject::Blob { name, .. }, "DENIED") => Error::Denied(format!(
                "pull access denied for {name}, repository does not exist or may require 'docker login': {words}"
            )),
            (Subject::Manifest { name, .. } | Subject::Blob { name, .. } | Subject::Push { name }, "NAME_UNKNOWN") => {
                Error::NotFound(format!("repository {name} not found: {words}"))
            }
            (Subject::Manifest { reference, .. }, "MANIFEST_UNKNOWN") => {
                Error::NotFound(format!("manifest for {reference} not found: {words}"))
            }
            (Subject::Manifest { reference, .. }, "") if is_missing => {
                Error::NotFound(format!("manifest for {reference} not found: manifest unknown: manifest unknown"))
            }
            (Subject::Blob { name, digest }, "BLOB_UNKNOWN" | "") if is_missing => {
                Error::NotFound(format!("blob {digest} of {name} not found: blob unknown: blob unknown to registry"))
            }
            _ => self.plain(),
        }
    }

    fn words(&self) -> String {
        said(self.status, &self.code, self.message().unwrap_or(usual_message(&self.code)))
    }

    fn rate_limited(&self) -> Error {
        let words = self.words();
        let hub = self.host == DOCKER_HUB || self.host.ends_with(&format!(".{DOCKER_HUB}"));
        Error::RateLimited(if hub {
            format!(
                "{words}: Docker Hub limits how much an address pulls without an account, and everybody here shares one; \
                 wait, use 'docker login', or pull from a mirror or the workshop's own registry"
            )
        } else {
            format!("{words}: {} takes no more requests from here for now; wait, or use 'docker login'", self.host)
        })
    }
}

/// A registry may say in the challenge what a token lacks. Docker believes that first.
fn of_challenges(challenges: Vec<Challenge>) -> Option<(String, Option<String>)> {
    challenges.into_iter().find_map(|challenge| {
        let Challenge::Bearer(bearer) = challenge else { return None };
        let code = match bearer.error?.as_str() {
            "invalid_token" => "UNAUTHORIZED",
            "insufficient_scope" => "DENIED",
            _ => return None,
        };
        Some((code.to_owned(), bearer.error_description.map(|text| text::shown(&text))))
    })
}

/// The code and the words of `{"errors":[{"code":…,"message":…}]}`, and of what others answer instead.
fn of_body(body: &[u8]) -> (String, Option<String>) {
    let mut body: Value = json::from_slice(body).unwrap_or_default();
    strip_nulls(&mut body);
    let (code, message) = match json::from_value(body) {
        Ok(Body::Registry { errors }) => match errors.into_iter().next() {
            Some(Part { code, message }) => (code, message),
            None => Default::default(),
        },
        Ok(Body::Details { details }) => (String::new(), details),
        Ok(Body::Message { error_description, message }) => {
            (String::new(), error_description.or(message).unwrap_or_default())
        }
        Err(_) => Default::default(),
    };
    let is_code = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let code = code.chars().filter(|c| is_code(*c)).take(64).collect::<String>().to_ascii_uppercase();
    (code, Some(text::shown(&message)).filter(|message| !message.is_empty()))
}

fn usual_code(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHORIZED",
        403 => "DENIED",
        429 => "TOOMANYREQUESTS",
        _ => "",
    }
}

/// In the words of Docker's registry.
fn usual_message(code: &str) -> &'static str {
    match code {
        "UNAUTHORIZED" => "authentication required",
        "DENIED" => "requested access to the resource is denied",
        "TOOMANYREQUESTS" => "too many requests",
        "MANIFEST_UNKNOWN" => "manifest unknown",
        "NAME_UNKNOWN" => "repository name not known to registry",
        "BLOB_UNKNOWN" => "blob unknown to registry",
        "UNSUPPORTED" => "The operation is unsupported.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_what_registries_answer() {
        for (body, code, message) in [
            (
                r#"{"errors":[{"code":"DENIED","message":"no\u001b[31m","detail":{"x":[1]}},{"code":"X"}]}"#,
                "DENIED",
                Some("no[31m"),
            ),
            (r#"{"errors":[{"code":"a b\nc"}]}"#, "ABC", None),
            (r#"{"errors":[]}"#, "", None),
            (r#"{"details":"incorrect username or password"}"#, "", Some("incorrect username or password")),
            (r#"{"error":"x","error_description":"bad token"}"#, "", Some("bad token")),
            (r#"{"message":"oh"}"#, "", Some("oh")),
            (r#"{"errors":[{"code":"DENIED","message":null}]}"#, "DENIED", None),
            (r#"{"errors":null,"details":null,"message":"oh"}"#, "", Some("oh")),
            (r#"{"errors":"x"}"#, "", None),
            ("<html>", "", None),
            ("", "", None),
        ] {
            assert_eq!(of_body(body.as_bytes()), (code.to_owned(), message.map(str::to_owned)), "{body}");
        }
    }

    fn refusal(status: u16, code: &str) -> Refusal {
        let request = "Get \"https://a/v2/\"".to_owned();
        let (host, code) = ("registry-1.docker.io".to_owned(), code.to_owned());
        Refusal { status, request, host, code, message: None, is_page: false, lacks_password: false }
    }

    #[test]
    fn refusals_speak_as_docker_does() {
        let subject = Subject::Manifest { name: "x", reference: "x:1" };
        for (status, code, words) in [
            (404, "MANIFEST_UNKNOWN", "manifest for x:1 not found: manifest unknown: manifest unknown"),
            (404, "", "manifest for x:1 not found: manifest unknown: manifest unknown"),
            (404, "NAME_UNKNOWN", "repository x not found: name unknown: repository name not known to registry"),
            (
                401,
                "DENIED",
                "pull access denied for x, repository does not exist or may require 'docker login': \
                 denied: requested access to the resource is denied",
            ),
            (401, "UNAUTHORIZED", "unauthorized: authentication required"),
            (500, "", "received unexpected HTTP status: 500 Internal Server Error"),
        ] {
            assert_eq!(refusal(status, code).about(subject).to_string(), words);
        }
        let limited = refusal(429, "TOOMANYREQUESTS").about(subject);
        assert!(
            matches!(&limited, Error::RateLimited(words) if words.starts_with("toomanyrequests: too many requests: Docker Hub"))
        );
    }
}
