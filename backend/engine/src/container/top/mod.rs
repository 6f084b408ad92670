//! `docker top`: the processes of a container, as `ps` on the virtual host would list them.
//!
//! Docker runs the machine's `ps`. Here nothing is run: the processes are those of the container's cgroup, what is shown of them
//! comes from `/proc`, and their ids are those that the learner's own `ps` in the workstation shows.

mod arguments;
mod columns;
mod long;
mod order;
mod process;
mod select;

use crate::host::VirtualHost;
use crate::{Error, Result};
use arguments::Arguments;
use process::{Names, Process};
use runtime::cgroup;

/// What Docker asks `ps` for if nobody says otherwise.
const DEFAULT_ARGUMENTS: &str = "-ef";

/// A list of processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top {
    pub titles: Vec<String>,
    pub processes: Vec<Vec<String>>,
}

impl VirtualHost {
    /// The processes of a running container, in the columns that `ps` has for its arguments. Errors: not found, doesn't run,
    /// arguments that `ps` hasn't.
    pub async fn top(&self, name: &str, arguments: Option<&str>) -> Result<Top> {
        let arguments = arguments.unwrap_or(DEFAULT_ARGUMENTS);
        arguments::check(arguments)?;
        let entry = self.entry(name)?;
        if !entry.is_running() {
            return Err(Error::conflict(format!("container {} is not running", entry.id)));
        }
        let names =
            Names { id_base: self.record.id_base, passwd: self.names("etc/passwd"), group: self.names("etc/group") };
        let (group, memory) = (self.cgroup_of(&entry.id), self.limits().memory);
        // A tenant's own memory is read: what it takes is not the engine's other requests' to wait for.
        let arguments = arguments.to_owned();
        let list = move || -> Result<Top> {
            let mut asked = Arguments::parse(&arguments, &names)?;
            let columns = asked.columns()?;
            let mut processes: Vec<Process> =
                cgroup::processes(&group)?.into_iter().filter_map(|pid| Process::read(pid, &names, memory)).collect();
            process::relate(&mut processes);
            // Who has left the group meanwhile may be somebody else by now.
            let still = cgroup::processes(&group)?;
            processes.retain(|process| still.contains(&process.machine_pid));
            processes.retain(|process| asked.selection.has(process));
            if processes.is_empty() {
                // That is all that Docker knows of it.
                return Err(arguments::failed("exit status 1"));
            }
            if asked.cumulative {
                processes.iter_mut().for_each(Process::add_children);
            }
            order::sort(&mut processes, &asked.order);
            if asked.forest {
                order::forest(&mut processes);
            }
            let row = |process: &Process| columns.iter().map(|column| (column.value)(process)).collect();
            Ok(Top {
                titles: columns.iter().map(|column| column.title.clone()).collect(),
                processes: processes.iter().map(row).collect(),
            })
        };
        let top = tokio::task::spawn_blocking(list).await.map_err(|error| Error::system(error.to_string()))??;
        self.container_event(&entry.id, "top");
        Ok(top)
    }

    /// A file of names of the workstation; without one, there are no names but root's.
    fn names(&self, path: &str) -> String {
        self.workstation_files().and_then(|files| files.read(path).ok()).unwrap_or_default()
    }
}
