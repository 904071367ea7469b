//! Lines that are too long for their row: what tells most stays.

use std::borrow::Cow;

use crate::theme::Theme;

/// Width of a letter of the monospace face, as a share of its size.
const LETTER: f32 = 0.6;
/// A field that repeats what the address after it says.
const KNOWN: &str = " service=";
/// The field that tells most.
const TELLING: &str = " url=";

/// Letters of log text there is room for.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "screen coordinates"
)]
pub(super) fn letters(width: f32, theme: &Theme) -> usize {
    (width / (theme.size.small * LETTER)).max(0.0) as usize
}

/// A text for a row of so many letters: where it is too long, the service is left out before an address that names it.
pub(super) fn shortened(text: &str, letters: usize) -> Cow<'_, str> {
    let (Some(known), Some(telling)) = (text.find(KNOWN), text.find(TELLING)) else {
        return Cow::Borrowed(text);
    };
    if text.chars().count() <= letters || known > telling {
        return Cow::Borrowed(text);
    }
    let (Some(before), Some(after)) = (text.get(..known), text.get(telling + TELLING.len()..))
    else {
        return Cow::Borrowed(text);
    };
    Cow::Owned(format!("{before} …{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_in_sight() {
        let text =
            "upstream timeout after 998ms service=cardhub url=http://sandbox/charge attempt=1/2";
        assert_eq!(shortened(text, 200), text, "there is room");
        let short = "upstream timeout after 998ms …http://sandbox/charge attempt=1/2";
        assert_eq!(shortened(text, 60), short);
        assert_eq!(
            shortened("ready, taking requests", 4),
            "ready, taking requests"
        );
    }
}
