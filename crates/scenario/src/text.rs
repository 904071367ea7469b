//! Text from files that people will read.

/// Whether a character could hide or reorder other text: control characters other than line feed and tab, and the
/// bidirectional controls of Unicode Standard Annex 9.
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text without characters that could deceive its reader.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars().filter(|c| !is_deceptive(*c)).collect()
}
