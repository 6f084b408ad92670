//! The instructor's page: plain HTTP requests.
//!
//! `POST /api/instructor` with [`Identify`] sets the cookie that the others need (403 without it); `GET /api/instructor/preflight`
//! answers with [`Preflight`]; `POST` to the same address begins it again.

use serde::{Deserialize, Serialize};

/// Body of `POST /api/instructor`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identify {
    /// What the link that the server showed at its start ends with.
    pub key: String,
}

/// What the workshop needs of images and of the internet, and what of it is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    pub workshop: String,
    /// Whether images are being built or fetched now.
    pub running: bool,
    /// Whether the workshop's settings let virtual hosts reach the internet.
    pub internet: bool,
    /// In the order of their first mention.
    pub images: Vec<NeededImage>,
    /// What asks for something out in the internet, in the order of deck and labs.
    pub online: Vec<OnlineLine>,
    /// The labs whose files can't be read, each with why.
    pub unread: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeededImage {
    /// As Docker shows it: `debian:latest`.
    pub name: String,
    pub places: Vec<Place>,
    pub state: ImageState,
}

/// A command, or an instruction of a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlineLine {
    pub line: String,
    pub places: Vec<Place>,
}

/// Where a deck or a lab says something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Chapter and place in it, from 0, as in the slide's address; and its number, from 1, as the page shows it.
    Slide { h: u32, v: u32, number: u32 },
    /// The name of its folder.
    Lab(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ImageState {
    /// Not looked at yet.
    Waiting,
    /// Being built of Debian's packages; `step` is what the tools say.
    Building {
        step: String,
    },
    /// Being fetched from a registry; `percent` of what is known to come.
    Fetching {
        percent: Option<u8>,
    },
    /// It was there.
    There,
    Built,
    Pulled,
    /// It isn't there, and this is why: it won't work offline, and maybe not at all.
    Missing {
        reason: String,
    },
}

impl ImageState {
    /// In one word, for people and in `--json`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Building { .. } => "building",
            Self::Fetching { .. } => "fetching",
            Self::There => "there",
            Self::Built => "built",
            Self::Pulled => "pulled",
            Self::Missing { .. } => "missing",
        }
    }

    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }

    /// Whether learners have it.
    pub fn is_there(&self) -> bool {
        matches!(self, Self::There | Self::Built | Self::Pulled)
    }
}

impl std::fmt::Debug for Identify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identify(…)")
    }
}

/// `slide 14`, `lab 01-start`.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Slide { number, .. } => write!(f, "slide {number}"),
            Self::Lab(name) => write!(f, "lab {name}"),
        }
    }
}
