//! The lines in which two texts differ.

/// All lines of both, each marked: `- ` only in the first, `+ ` only in the second, two spaces in both.
pub(crate) fn lines(first: &[String], second: &[String]) -> Vec<String> {
    // The length of the longest common rest from each pair of places.
    let mut common = vec![vec![0; second.len() + 1]; first.len() + 1];
    for a in (0..first.len()).rev() {
        for b in (0..second.len()).rev() {
            common[a][b] =
                if first[a] == second[b] { common[a + 1][b + 1] + 1 } else { common[a + 1][b].max(common[a][b + 1]) };
        }
    }
    let (mut a, mut b) = (0, 0);
    let mut marked = Vec::new();
    while a < first.len() || b < second.len() {
        if a < first.len() && b < second.len() && first[a] == second[b] {
            marked.push(format!("  {}", first[a]));
            (a, b) = (a + 1, b + 1);
        } else if b == second.len() || a < first.len() && common[a + 1][b] >= common[a][b + 1] {
            marked.push(format!("- {}", first[a]));
            a += 1;
        } else {
            marked.push(format!("+ {}", second[b]));
            b += 1;
        }
    }
    marked
}

#[test]
fn differences_are_found() {
    let split = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
    assert_eq!(lines(&split("abcd"), &split("axcde")), ["  a", "- b", "+ x", "  c", "  d", "+ e"]);
    assert_eq!(lines(&split("a"), &[]), ["- a"]);
}
