//! Texts that are refused before the parser sees them: it takes time with the square of their length, memory with their
//! depth, and some durations it cannot hold.

use super::{Error, MAX_DEPTH, MAX_TEXT};

/// Refuses what must not reach the parser.
pub fn refuse(text: &str) -> Result<(), Error> {
    if text.len() > MAX_TEXT {
        return Err(Error::Text(format!(
            "the query has {} bytes, at most {MAX_TEXT} are read",
            text.len()
        )));
    }
    check_nesting(text)?;
    refuse_native(text)?;
    refuse_removed(text)?;
    check_durations(text)
}

/// Depth of brackets, outside of texts and comments; the tree itself is checked when it is there, but the parser builds
/// it by recursion. A row of signs nests as well.
fn check_nesting(text: &str) -> Result<(), Error> {
    let too_deep = || Error::Text(format!("the query nests deeper than {MAX_DEPTH}"));
    let (mut depth, mut signs) = (0usize, 0usize);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '#' => while letters.next().is_some_and(|next| next != '\n') {},
            quote @ ('"' | '\'' | '`') => {
                while let Some(next) = letters.next() {
                    if next == quote {
                        break;
                    }
                    if next == '\\' && quote != '`' {
                        letters.next();
                    }
                }
            }
            _ => {}
        }
        match letter {
            '-' | '+' => signs += 1,
            letter if letter.is_whitespace() => {}
            _ => signs = 0,
        }
        if depth > MAX_DEPTH || signs > MAX_DEPTH {
            return Err(too_deep());
        }
    }
    Ok(())
}

/// Native histograms as literals.
fn refuse_native(text: &str) -> Result<(), Error> {
    if text.contains("{{") {
        return Err(Error::Outside("a native histogram".to_owned()));
    }
    Ok(())
}

/// Functions of older versions that the parser does not know any more.
fn refuse_removed(text: &str) -> Result<(), Error> {
    let name = "holt_winters";
    let calls = text.split(name).skip(1);
    let called = calls
        .map(str::trim_start)
        .any(|after| after.starts_with('('));
    if called {
        return Err(Error::Outside(name.to_owned()));
    }
    Ok(())
}

/// Durations written as plain numbers of seconds: the parser takes them without looking whether a duration can hold them.
fn check_durations(text: &str) -> Result<(), Error> {
    let too_long = |word: &str| {
        let number: Result<f64, _> = word.parse();
        number.is_ok_and(|seconds| seconds.is_nan() || seconds.abs() > MAX_SECONDS)
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.';
    // Keywords may be written large.
    let small = text.to_ascii_lowercase();
    let in_brackets = small
        .split('[')
        .skip(1)
        .filter_map(|after| after.split(']').next());
    let after_offset = small.split("offset").skip(1).map(|after| {
        let after = after.trim_start_matches(|c: char| c.is_whitespace() || "(+-".contains(c));
        let end = after.find(|c| !is_part(c) && !"+-".contains(c));
        &after[..end.unwrap_or(after.len())]
    });
    for place in in_brackets.chain(after_offset) {
        let words = place.split(|c: char| !is_part(c) && !"+-".contains(c));
        let pieces = words.clone().flat_map(|word| word.split(['+', '-']));
        if words.chain(pieces).any(too_long) {
            return Err(Error::Text("a duration is out of range".to_owned()));
        }
    }
    Ok(())
}

/// Longest duration written as a number of seconds: some thirty thousand years.
const MAX_SECONDS: f64 = 1e12;
