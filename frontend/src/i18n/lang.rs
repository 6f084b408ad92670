//! The languages of the page. The deck keeps its own.

use super::Texts;
use super::de::DE;
use super::en::EN;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    De,
    En,
}

impl Lang {
    pub(crate) fn texts(self) -> &'static Texts {
        match self {
            Self::De => &DE,
            Self::En => &EN,
        }
    }

    /// BCP 47.
    pub(crate) fn code(self) -> &'static str {
        self.texts().code
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::De, Self::En].into_iter().find(|lang| lang.code() == code)
    }

    pub(crate) fn short(self) -> &'static str {
        match self {
            Self::De => "DE",
            Self::En => "EN",
        }
    }

    /// In the language itself.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::De => "Deutsch",
            Self::En => "English",
        }
    }
}
