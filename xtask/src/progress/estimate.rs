//! How long the rest will take, from what is usual and from how it has gone so far.

/// Seconds for which what is usual weighs as much as what was seen: the first moments say little.
const TRUST: f64 = 20.0;

/// How much of something is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Work {
    /// What it usually adds to the whole, in seconds on two idle cores.
    pub(super) usual: f64,
    /// From 0 to 1.
    pub(super) done: f64,
}

/// Seconds that are left, after `elapsed` of them.
pub(super) fn left(works: impl Iterator<Item = Work>, elapsed: f64) -> f64 {
    let (all, done) = works.fold((0.0, 0.0), |(all, done), work| (all + work.usual, done + work.usual * work.done));
    // A machine that took twice as long as usual until now will go on like that.
    let slowness = (elapsed + TRUST) / (done + TRUST);
    (all - done) * slowness
}

/// As people say it, and no more exactly than it is known.
pub(super) fn in_words(seconds: f64) -> String {
    let step = if seconds < 60.0 { 5.0 } else { 10.0 };
    let seconds = (seconds / step).ceil() as u64 * step as u64;
    match (seconds / 60, seconds % 60) {
        (0, 0..=5) => "a few seconds left".to_owned(),
        (0, seconds) => format!("about {seconds} s left"),
        (minutes, 0) => format!("about {minutes} min left"),
        (minutes, seconds) => format!("about {minutes} min {seconds} s left"),
    }
}

/// The share of a build's time that has gone when this share of its crates is done: those that others wait for are
/// small, and come first; the large ones, and linking, come last. Measured.
pub(super) fn time_of_crates(share: f64) -> f64 {
    const CURVE: [(f64, f64); 6] = [(0.0, 0.0), (0.25, 0.15), (0.5, 0.32), (0.75, 0.5), (0.95, 0.75), (1.0, 1.0)];
    let pair = CURVE.windows(2).find(|pair| share <= pair[1].0).unwrap_or(&CURVE[CURVE.len() - 2..]);
    let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
    (y0 + (share - x0) / (x1 - x0) * (y1 - y0)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::{Work, in_words, left, time_of_crates};

    const HALF: [Work; 2] = [Work { usual: 100.0, done: 1.0 }, Work { usual: 100.0, done: 0.0 }];

    #[test]
    fn begins_with_what_is_usual() {
        let nothing = HALF.map(|work| Work { done: 0.0, ..work });
        assert_eq!(left(nothing.into_iter(), 0.0), 200.0);
    }

    #[test]
    fn goes_by_what_was_seen() {
        assert_eq!(left(HALF.into_iter(), 100.0), 100.0);
        let on_a_slow_machine = left(HALF.into_iter(), 300.0);
        assert!((250.0..300.0).contains(&on_a_slow_machine), "{on_a_slow_machine}");
        assert_eq!(left(HALF.map(|work| Work { done: 1.0, ..work }).into_iter(), 300.0), 0.0);
    }

    #[test]
    fn is_said_as_people_say_it() {
        assert_eq!(in_words(0.4), "a few seconds left");
        assert_eq!(in_words(41.0), "about 45 s left");
        assert_eq!(in_words(59.0), "about 1 min left");
        assert_eq!(in_words(95.0), "about 1 min 40 s left");
    }

    #[test]
    fn the_last_crates_take_longest() {
        assert_eq!((time_of_crates(0.0), time_of_crates(1.0)), (0.0, 1.0));
        assert!(time_of_crates(0.5) < 0.5);
        assert!((0..100).all(|n| time_of_crates(f64::from(n) / 100.0) < time_of_crates(f64::from(n + 1) / 100.0)));
    }
}
