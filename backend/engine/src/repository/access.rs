//! Rows of repositories.

use super::{Fault, Repositories, Result};
use rusqlite::{Connection, OptionalExtension};

impl Repositories {
    /// Asks the database.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.store.db.read(|connection| Ok(work(connection)))?
    }

    /// All or nothing.
    pub(super) fn change<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.store.db.with(|connection| {
            let transaction = connection.transaction()?;
            let done = work(&transaction);
            if done.is_ok() {
                transaction.commit()?;
            }
            Ok(done)
        })?
    }

    /// The row of a repository.
    pub(super) fn find(&self, connection: &Connection, name: &str) -> Result<Option<i64>> {
        Ok(connection
            .prepare_cached("SELECT id FROM repositories WHERE registry = ?1 AND name = ?2")?
            .query_row([&*self.registry, name], |row| row.get(0))
            .optional()?)
    }

    /// Errors: there is none of that name.
    pub(super) fn known(&self, connection: &Connection, name: &str) -> Result<i64> {
        self.check_name(name)?;
        self.find(connection, name)?.ok_or_else(|| Fault::NameUnknown(name.to_owned()))
    }

    /// The row of a repository, which is made if there is none.
    pub(super) fn find_or_make(&self, connection: &Connection, name: &str) -> Result<i64> {
        if let Some(id) = self.find(connection, name)? {
            return Ok(id);
        }
        self.check_may_make(connection)?;
        connection.execute("INSERT INTO repositories (registry, name) VALUES (?1, ?2)", [&*self.registry, name])?;
        Ok(connection.last_insert_rowid())
    }

    /// Errors: there are as many repositories as there may be.
    pub(super) fn check_may_make(&self, connection: &Connection) -> Result<()> {
        let count = count(connection, "SELECT count(*) FROM repositories WHERE registry = ?1", [&*self.registry])?;
        self.check_count(count, self.limits.repositories, "repositories")
    }
}

pub(super) fn count(connection: &Connection, query: &str, parameters: impl rusqlite::Params) -> Result<i64> {
    Ok(connection.prepare_cached(query)?.query_row(parameters, |row| row.get(0))?)
}
