//! The account of one terminal's output: what is old and only restores the screen, what has been drawn, what the server
//! has been told of it.

use protocol::message::WINDOW;

/// Told at least this often, so that the server never waits for a reader that keeps up.
const TELL_AFTER: u64 = WINDOW as u64 / 8;

#[derive(Debug, Default)]
pub(crate) struct Feed {
    epoch: u32,
    replay: u64,
    received: u64,
    drawn: u64,
    told: u64,
}

impl Feed {
    /// The server starts over: counting begins at 0, and what was on its way to the screen no longer counts.
    pub(crate) fn opened(&mut self, replay: u64) {
        *self = Self { epoch: self.epoch.wrapping_add(1), replay, ..Self::default() };
    }

    /// To be handed to [`Self::drawn`] with the bytes that arrive now.
    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// `bytes` have arrived: how many of them are replay. The rest is live.
    pub(crate) fn received(&mut self, bytes: u64) -> u64 {
        let replay = self.replay.saturating_sub(self.received).min(bytes);
        self.received += bytes;
        replay
    }

    /// `bytes` have been drawn: the total to tell the server, if it is time to.
    pub(crate) fn drawn(&mut self, epoch: u32, bytes: u64) -> Option<u64> {
        if epoch != self.epoch {
            return None;
        }
        self.drawn += bytes;
        let due = self.drawn - self.told >= TELL_AFTER || self.drawn == self.received;
        due.then(|| {
            self.told = self.drawn;
            self.drawn
        })
    }

    /// While old output is drawn, the terminal's answers to it must not reach the shell a second time.
    pub(crate) fn muted(&self) -> bool {
        self.drawn < self.replay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutes_until_the_last_byte_of_the_replay_is_drawn() {
        let mut feed = Feed::default();
        feed.opened(10);
        assert_eq!(feed.received(6), 6);
        assert_eq!(feed.received(6), 4);
        assert!(feed.muted());
        feed.drawn(feed.epoch(), 6);
        assert!(feed.muted());
        feed.drawn(feed.epoch(), 4);
        assert!(!feed.muted());
        assert_eq!(feed.received(3), 0);
    }

    #[test]
    fn tells_when_idle_and_when_much_has_come() {
        let mut feed = Feed::default();
        feed.opened(0);
        feed.received(5);
        feed.received(2 * TELL_AFTER);
        assert_eq!(feed.drawn(feed.epoch(), 5), None);
        assert_eq!(feed.drawn(feed.epoch(), TELL_AFTER), Some(5 + TELL_AFTER));
        assert_eq!(feed.drawn(feed.epoch(), TELL_AFTER), Some(5 + 2 * TELL_AFTER));
    }

    #[test]
    fn forgets_what_was_on_its_way_when_the_server_starts_over() {
        let mut feed = Feed::default();
        feed.opened(0);
        let old = feed.epoch();
        feed.received(100);
        feed.opened(0);
        assert_eq!(feed.drawn(old, 100), None);
        feed.received(7);
        assert_eq!(feed.drawn(feed.epoch(), 7), Some(7));
    }
}
