//! Who asks: never stored, and never shown.

use std::fmt;

/// What a user proves to a registry who they are with. From the header `X-Registry-Auth` of one request.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    Password {
        username: String,
        password: String,
    },
    /// What a registry gave for a password at a login before: a refresh token of OAuth 2.
    IdentityToken(String),
    /// What the registry itself is shown as it is, without a server of tokens.
    RegistryToken(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password { .. } => "Password(…)",
            Self::IdentityToken(_) => "IdentityToken(…)",
            Self::RegistryToken(_) => "RegistryToken(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let password = Credentials::Password { username: "ada".to_owned(), password: "s3cret".to_owned() };
        for credentials in [password, Credentials::IdentityToken("s3cret".to_owned())] {
            assert!(!format!("{credentials:?}").contains("s3cret"));
        }
    }
}
