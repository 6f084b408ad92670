//! Containers: what is asked for, what is recorded, and every verb in a file of its own.

mod spec;
mod state;

pub use spec::{ContainerSpec, Resources};
pub use state::{Container, ContainerState, Endpoint, Status};
