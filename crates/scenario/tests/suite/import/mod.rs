//! Importers: what they make of inputs, and that no input harms them.

mod graphs;
mod hostile;
mod spans;

use brownout_scenario::Diagnostic;
use brownout_scenario::import::{Format, Imported, Input, Options, import};

/// Imports a text named `input`.
fn made(format: Format, text: &str) -> Result<Imported, Vec<Diagnostic>> {
    let input = Input {
        file: "input",
        text,
    };
    import(format, &[input], &Options::default())
}

/// Imports a text that can be imported.
fn good(format: Format, text: &str) -> Imported {
    made(format, text).unwrap_or_else(|found| panic!("{found:?}"))
}

/// The text must be refused with exactly one line, which contains `expected`.
fn refused(format: Format, text: &str, expected: &str) {
    let found = match made(format, text) {
        Ok(imported) => panic!("expected {expected}\n{}", imported.text),
        Err(found) => found,
    };
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains(expected),
        "expected {expected}: {lines:?}"
    );
    assert!(!lines[0].contains(['\n', '\u{202e}', '\u{7}']), "{lines:?}");
}

/// A note that begins with `about` and contains `reason`.
fn noted(imported: &Imported, about: &str, reason: &str) {
    let found = imported
        .notes
        .iter()
        .any(|note| note.about == about && note.reason.contains(reason));
    assert!(found, "{about}: {reason}: {:#?}", imported.notes);
}

/// The text stands in the system file, whatever its line breaks.
fn written(imported: &Imported, expected: &str) {
    let plain = |text: &str| {
        text.split_whitespace()
            .collect::<String>()
            .replace(",)", ")")
            .replace(",]", "]")
    };
    assert!(
        plain(&imported.text).contains(&plain(expected)),
        "{expected}\n{}",
        imported.text
    );
}
