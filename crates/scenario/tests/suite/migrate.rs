//! Files in older formats: they load, what is said of them stands where it is, and they can be rewritten.

use std::fs;
use std::path::{Path, PathBuf};

use brownout_scenario::migrate::{CURRENT, MIGRATIONS, Refused, migrate};
use brownout_scenario::{MemoryFiles, compile, load};

use super::common::{SCENARIO, SYSTEM};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The scenarios and systems as they were in format 1, by name.
fn old_files() -> Vec<(String, String)> {
    let names = [
        "systems/kiosk.ron",
        "systems/storefront.ron",
        "kiosk-config/scenario.ron",
        "regional-gateway/scenario.ron",
    ];
    let read = |name: &str| {
        let path = root().join("tests/format-1").join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (name.to_owned(), text)
    };
    names.iter().map(|name| read(name)).collect()
}

fn library(files: &[(String, String)]) -> MemoryFiles {
    MemoryFiles(files.iter().cloned().collect())
}

fn hash(files: &[(String, String)], name: &str, truth: usize) -> u64 {
    let (loaded, found) = load(&library(files), name);
    assert!(found.is_empty(), "{name}: {found:#?}");
    let loaded = loaded.expect("it was read");
    compile(&loaded, Some(truth), 7).expect("compiles").hash
}

/// An old file means what it meant: it loads without a word, and compiles to the same as the text it is rewritten to.
#[test]
fn a_file_in_format_1_means_the_same_once_it_is_rewritten() {
    let old = old_files();
    let new: Vec<(String, String)> = old
        .iter()
        .map(|(name, text)| {
            let migrated = migrate(text).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(migrated.from, 1, "{name}");
            (name.clone(), migrated.text)
        })
        .collect();
    for (name, truth) in [(2, 0), (3, 0), (3, 1)] {
        let name = &old[name].0;
        assert_eq!(hash(&old, name, truth), hash(&new, name, truth), "{name}");
    }
    // One file rewritten and the other not is fine too.
    let mut mixed = old.clone();
    mixed[2].1.clone_from(&new[2].1);
    assert_eq!(hash(&mixed, &mixed[2].0, 0), hash(&old, &old[2].0, 0));
}

/// Nothing but what the migration is about has moved: comments, blank lines, the order and the line of everything.
#[test]
fn comments_and_layout_stay() {
    for (name, text) in old_files() {
        let migrated = migrate(&text).expect("it migrates").text;
        let back = migrated
            .replacen("format: 2", "format: 1", 1)
            .replace("unset: [(service: ", "unset: [(");
        let back: Vec<String> = back
            .lines()
            .map(|line| {
                let Some((before, row)) = line.split_once("unset: [(") else {
                    return line.to_owned();
                };
                let row = row.replace("version: ", "").replace("region: ", "");
                format!("{before}unset: [({}", row.replace("variable: ", ""))
            })
            .collect();
        assert_eq!(back, text.lines().collect::<Vec<_>>(), "{name}");
        let again = migrate(&migrated).expect("it is current");
        assert_eq!((again.from, again.text), (CURRENT, migrated), "{name}");
    }
    let odd = "// before\nScenario( /* 1? */ format : 1, truths: [(unset: [\n  // why\n  (\"a\" /* b */, \"c\",\n   r#\"d\"#, \"e\",), (service: \"named\"), ]),],\n) // end";
    let wanted = "// before\nScenario( /* 1? */ format : 2, truths: [(unset: [\n  // why\n  (service: \"a\" /* b */, version: \"c\",\n   region: r#\"d\"#, variable: \"e\",), (service: \"named\"), ]),],\n) // end";
    assert_eq!(migrate(odd).expect("it is RON").text, wanted);
}

/// Lines and columns are those of the file as it is, behind an edit in the same line too.
#[test]
fn places_are_told_as_they_are_in_the_old_file() {
    let old = SCENARIO.replacen("format: 2", "format: 1", 1).replacen(
        "unset: [(service: \"store\", version: \"2.0.0\", region: \"north\", variable: \"MODE\")],\n            component",
        "unset: [(\"store\", \"2.0.0\", \"nort\", \"MODE\")], onset: 7, component",
        1,
    );
    let said = |text: &str| -> Vec<String> {
        let files = MemoryFiles::new(&[("systems/shop.ron", SYSTEM), ("small/s.ron", text)]);
        load(&files, "small/s.ron")
            .1
            .iter()
            .map(|d| format!("{} {}:{} {}", d.code, d.line, d.column, d.path))
            .collect()
    };
    let place = |what: &str| {
        let (index, line) = old
            .lines()
            .enumerate()
            .find(|(_, line)| line.contains(what))
            .expect("it is there");
        let before = line.split(what).next().unwrap_or_default();
        format!("{}:{}", index + 1, before.chars().count() + 1)
    };
    let duplicate = format!("E0105 {} truths[0].onset", place("onset: 7"));
    let unknown = format!("E0301 {} truths[0].unset[0].region", place("\"nort\""));
    assert_eq!(said(&old), [unknown, duplicate]);
    let misspelt = old.replacen("component", "componend", 1);
    let field = format!("E0102 {} truths[0].componend", place("component"));
    let missing = said(&misspelt);
    assert!(missing.contains(&field), "{missing:?} {field}");
    // A text that breaks off behind the edit.
    let broken = old.replacen("onset: 7, ", "", 1);
    let broken = broken.replacen("explanation: ", "explanation ", 1);
    let found = said(&broken);
    assert_eq!(found.len(), 1, "{found:?}");
    let line = place("explanation: ");
    let line = line.split(':').next().unwrap_or_default();
    assert!(found[0].starts_with(&format!("E0101 {line}:")), "{found:?}");
}

/// A newer format is refused in one line, however much of it looks wrong; so is none at all.
#[test]
fn other_formats_are_refused() {
    for format in ["0", "3", "4294967297", "18446744073709551615"] {
        let text = format!("Scenario(format: {format}, chapters: [(x: 1)], name: 7)");
        let files = MemoryFiles::new(&[("a/s.ron", &text)]);
        let (loaded, found) = load(&files, "a/s.ron");
        assert!(loaded.is_none());
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with(&format!(
                "a/s.ron:1:18: error[E0112]: format {format} is unknown"
            )),
            "{said:?}"
        );
        let number = format.parse().expect("a number");
        assert_eq!(migrate(&text), Err(Refused::Unknown(number)));
    }
    assert_eq!(migrate("(name: 1)"), Err(Refused::NoFormat));
    assert_eq!(migrate("(format: one)"), Err(Refused::NoFormat));
    assert_eq!(migrate("(format: 1"), Err(Refused::Unreadable));
}

/// Growing beyond what a file may have is noticed before anything is written.
#[test]
fn a_file_that_would_be_too_long_stays() {
    let row = "(\"a\",\"b\",\"c\",\"d\"),";
    let rows = row.repeat(4_000);
    let filler = "x".repeat(262_144 - 4_000 * row.len() - 60);
    let text = format!("(format: 1, truths: [(unset: [{rows}])]) //{filler}");
    assert_eq!(migrate(&text), Err(Refused::TooLong));
    assert_eq!(MIGRATIONS.len(), 1, "the rows are of the first migration");
}
