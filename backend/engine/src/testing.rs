//! What several tests need.

pub(crate) use archive::testing::Scratch;
