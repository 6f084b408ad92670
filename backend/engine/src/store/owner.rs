//! Whose an image, a name or a digest is.

use crate::id::HostId;
use rusqlite::types::{ToSql, ToSqlOutput};

/// Who has images: the machine, for everybody, or one virtual host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// What new hosts start with.
    Catalogue,
    Host(HostId),
}

/// As the tables have it since their first version: the catalogue is the host without an id.
impl ToSql for Owner {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Catalogue => "",
            Self::Host(id) => id.as_str(),
        }
        .into())
    }
}
