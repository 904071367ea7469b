//! Questions about runs, written by hand.

/// The questions of `questions.txt`: one a line, but for empty lines and those that begin with `#`.
pub fn written() -> Vec<&'static str> {
    include_str!("questions.txt")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}
