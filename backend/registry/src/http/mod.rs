//! Requests over connections that a [`Dial`](crate::Dial) makes: TLS, keep-alive, limits of time and size, redirects.
//! Knows nothing of registries.

mod body;
mod connect;
mod exchange;
mod failure;
mod pool;
mod request;
mod response;
mod retry;
mod sniff;
mod tls;
mod url;

pub(crate) use body::Body;
pub(crate) use exchange::Http;
pub(crate) use failure::Failure;
pub(crate) use request::{Payload, Request};
pub(crate) use response::Response;
pub(crate) use retry::Patience;
pub(crate) use tls::Tls;
pub(crate) use url::{Origin, Scheme, Url, escape};
