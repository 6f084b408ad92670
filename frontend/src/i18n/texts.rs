//! What the page says, by what it says it about.

use super::instructor::InstructorTexts;
use super::runs::RunTexts;
use crate::net::Failure;
use protocol::message::{Ended, Happened};
use protocol::session::{Problem, ProblemCode};

/// All words of one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// BCP 47.
    pub(crate) code: &'static str,
    pub(crate) decimal_point: char,

    // Loading and start
    pub(crate) loading: &'static str,
    pub(crate) retry: &'static str,
    pub(crate) start_title: &'static str,
    pub(crate) start_lead: &'static str,
    pub(crate) session_ended: &'static str,
    pub(crate) your_name: &'static str,
    pub(crate) name_hint: &'static str,
    pub(crate) enter: &'static str,
    pub(crate) entering: &'static str,
    pub(crate) preview_label: &'static str,
    pub(crate) preview_slide: &'static str,
    /// What there is, and what for: slide, terminal, pier.
    pub(crate) preview_legend: [(&'static str, &'static str); 3],

    // Problems
    pub(crate) unreachable: &'static str,
    pub(crate) bad_name: &'static str,
    pub(crate) no_session: &'static str,
    pub(crate) not_instructor: &'static str,
    pub(crate) bad_message: &'static str,
    pub(crate) foreign_origin: &'static str,
    pub(crate) not_found: &'static str,
    pub(crate) too_large: &'static str,
    pub(crate) not_runnable: &'static str,
    pub(crate) host_failed: &'static str,
    pub(crate) full: &'static str,
    pub(crate) internal: &'static str,
    pub(crate) no_shell: &'static str,
    pub(crate) no_container: &'static str,
    pub(crate) container_refused: &'static str,
    pub(crate) not_sent: &'static str,

    // Top bar
    pub(crate) top_bar: &'static str,
    pub(crate) slides: &'static str,
    pub(crate) previous: &'static str,
    pub(crate) next: &'static str,
    pub(crate) contents: &'static str,
    pub(crate) online: fn(&str) -> String,
    pub(crate) connecting: &'static str,
    pub(crate) reconnecting: fn(u32) -> String,
    pub(crate) reconnect_now: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) language: &'static str,
    pub(crate) theme: &'static str,
    pub(crate) theme_system: &'static str,
    pub(crate) theme_light: &'static str,
    pub(crate) theme_dark: &'static str,
    pub(crate) help: &'static str,
    pub(crate) help_hint: &'static str,
    pub(crate) close: &'static str,
    pub(crate) views: &'static str,
    pub(crate) divider: &'static str,

    // Deck
    pub(crate) deck_label: &'static str,
    pub(crate) slide: &'static str,
    pub(crate) untitled: &'static str,
    pub(crate) slide_announcement: fn(usize, usize, &str) -> String,
    /// The step, 0 before the first, and how many there are.
    pub(crate) step_of: fn(usize, usize) -> String,
    pub(crate) steps_hint: &'static str,
    pub(crate) back: &'static str,
    pub(crate) onward: &'static str,
    pub(crate) run: fn(&str) -> String,
    pub(crate) run_hint: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) copied: &'static str,

    // Terminals
    pub(crate) terminal: &'static str,
    pub(crate) terminals: &'static str,
    pub(crate) new_terminal: &'static str,
    pub(crate) close_terminal: fn(&str) -> String,
    pub(crate) restart_terminal: &'static str,
    pub(crate) still_running: &'static str,
    pub(crate) still_running_lost: &'static str,
    pub(crate) end_it: &'static str,
    pub(crate) restart_it: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) terminal_label: &'static str,
    pub(crate) typed: fn(&str) -> String,
    pub(crate) screen_reader: &'static str,
    pub(crate) smaller: &'static str,
    pub(crate) larger: &'static str,
    pub(crate) connecting_long: &'static str,
    pub(crate) reconnecting_long: &'static str,
    pub(crate) reconnecting_unsure: &'static str,
    /// Within the terminal.
    pub(crate) new_shell: &'static str,
    pub(crate) size_of_another: &'static str,
    pub(crate) size_of_another_hint: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) ctrl: &'static str,
    pub(crate) paste: &'static str,

    // The whole host
    pub(crate) my_host: &'static str,
    pub(crate) reset_host: &'static str,
    pub(crate) reset_it: &'static str,
    pub(crate) resetting: &'static str,
    pub(crate) reset_kept: &'static str,
    pub(crate) leave: &'static str,
    pub(crate) leave_it: &'static str,
    pub(crate) leaving: &'static str,
    pub(crate) leave_kept: &'static str,
    pub(crate) left: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) lost_all: &'static str,
    pub(crate) lost_containers: fn(usize) -> String,
    pub(crate) lost_images: fn(usize) -> String,
    pub(crate) lost_files: &'static str,
    pub(crate) out_of_memory: fn(&Ended) -> String,
    pub(crate) host_ended: &'static str,
    pub(crate) host_reset: &'static str,

    // Pier
    pub(crate) pier: &'static str,
    pub(crate) pier_label: &'static str,
    pub(crate) pier_waiting: &'static str,
    pub(crate) pier_empty: &'static str,
    pub(crate) created: &'static str,
    pub(crate) running: &'static str,
    pub(crate) paused: &'static str,
    pub(crate) restarting: &'static str,
    pub(crate) exited: &'static str,
    pub(crate) container_count: fn(usize) -> String,
    pub(crate) image_count: fn(usize) -> String,
    pub(crate) containers: &'static str,
    pub(crate) images: &'static str,
    pub(crate) no_images: &'static str,
    pub(crate) limits: &'static str,
    pub(crate) name: &'static str,
    pub(crate) state: &'static str,
    pub(crate) command: &'static str,
    pub(crate) address: &'static str,
    pub(crate) actions: &'static str,
    pub(crate) stop: &'static str,
    pub(crate) stopping: &'static str,
    pub(crate) kill: &'static str,
    pub(crate) killing: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) removing: &'static str,
    pub(crate) remove_container: &'static str,
    pub(crate) remove_lost: fn(&str) -> String,
    pub(crate) memory: &'static str,
    pub(crate) cpus: &'static str,
    pub(crate) processes: &'static str,

    pub(crate) instructor: InstructorTexts,
    pub(crate) runs: RunTexts,

    /// Groups of keys and what they do.
    pub(crate) key_map: &'static [KeyGroup],
}

/// A title, then keys (with blanks between) and their meanings.
pub(crate) type KeyGroup = (&'static str, &'static [(&'static str, &'static str)]);

impl Texts {
    /// What happened, and what to do.
    pub(crate) fn problem(&self, problem: &Problem) -> &'static str {
        match problem.code {
            ProblemCode::BadName => self.bad_name,
            ProblemCode::NoSession => self.no_session,
            ProblemCode::NotInstructor => self.not_instructor,
            ProblemCode::BadMessage => self.bad_message,
            ProblemCode::ForeignOrigin => self.foreign_origin,
            ProblemCode::NotFound => self.not_found,
            ProblemCode::TooLarge => self.too_large,
            ProblemCode::NotRunnable => self.not_runnable,
            ProblemCode::HostFailed => self.host_failed,
            ProblemCode::NoShell => self.no_shell,
            ProblemCode::NoContainer => self.no_container,
            ProblemCode::ContainerRefused => self.container_refused,
            ProblemCode::Full => self.full,
            ProblemCode::Internal => self.internal,
        }
    }

    /// What a learner is told of.
    pub(crate) fn happened(&self, what: &Happened) -> String {
        match what {
            Happened::OutOfMemory { ended } => (self.out_of_memory)(ended),
            Happened::HostEnded => self.host_ended.to_owned(),
            Happened::HostReset => self.host_reset.to_owned(),
        }
    }

    pub(crate) fn failure(&self, failure: &Failure) -> &'static str {
        match failure {
            Failure::Unreachable => self.unreachable,
            Failure::Problem(problem) => self.problem(problem),
        }
    }

    /// A size as people and `docker images` say it: powers of 1000.
    pub(crate) fn bytes(&self, bytes: u64) -> String {
        self.scaled(bytes, 1000.0, ["B", "kB", "MB", "GB", "TB"])
    }

    /// Memory as `docker stats` says it: powers of 1024.
    pub(crate) fn memory_bytes(&self, bytes: u64) -> String {
        self.scaled(bytes, 1024.0, ["B", "KiB", "MiB", "GiB", "TiB"])
    }

    fn scaled(&self, bytes: u64, base: f64, units: [&str; 5]) -> String {
        let mut size = bytes as f64;
        let mut unit = 0;
        while size >= base && unit + 1 < units.len() {
            size /= base;
            unit += 1;
        }
        let size = if size < 10.0 && unit > 0 { self.decimal(size) } else { format!("{size:.0}") };
        format!("{size} {}", units.get(unit).copied().unwrap_or_default())
    }

    /// With at most one digit after the point.
    pub(crate) fn decimal(&self, number: f64) -> String {
        let text = format!("{number:.1}");
        text.strip_suffix(".0").unwrap_or(&text).replace('.', &self.decimal_point.to_string())
    }
}

#[cfg(test)]
mod tests {
    use crate::i18n::Lang;

    #[test]
    fn sizes_are_written_as_the_language_has_it() {
        let (de, en) = (Lang::De.texts(), Lang::En.texts());
        assert_eq!(de.bytes(0), "0 B");
        assert_eq!(de.bytes(4_270_000), "4,3 MB");
        assert_eq!(en.bytes(4_270_000), "4.3 MB");
        assert_eq!(en.bytes(117_000_000), "117 MB");
        assert_eq!(de.bytes(2_000_000_000), "2 GB");
        assert_eq!(de.memory_bytes(512 << 20), "512 MiB");
        assert_eq!(de.decimal(1.5), "1,5");
    }
}
