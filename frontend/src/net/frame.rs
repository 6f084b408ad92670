//! What is typed, cut into frames that the server takes.

use protocol::message::MAX_CLIENT_FRAME;

/// Frames of terminal number and bytes, none longer than the server takes, no character cut in two.
pub(crate) fn frames(terminal: u8, text: &str) -> impl Iterator<Item = Vec<u8>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (now, later) = rest.split_at(rest.floor_char_boundary(MAX_CLIENT_FRAME - 1));
        rest = later;
        Some([&[terminal], now.as_bytes()].concat())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_paste_becomes_frames_that_join_to_the_same_text() {
        let text = "Füße ".repeat(40_000);
        let frames: Vec<_> = frames(3, &text).collect();
        assert!(frames.len() > 1);
        assert!(frames.iter().all(|frame| frame.len() <= MAX_CLIENT_FRAME && frame[0] == 3));
        assert!(frames.iter().all(|frame| std::str::from_utf8(&frame[1..]).is_ok()));
        let joined: Vec<u8> = frames.iter().flat_map(|frame| &frame[1..]).copied().collect();
        assert_eq!(joined, text.as_bytes());
    }

    #[test]
    fn nothing_typed_is_no_frame() {
        assert_eq!(frames(0, "").count(), 0);
    }
}
