//! Deliberately broken files: what is said of each stands at its end, line by line, and nothing else is said.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use brownout_scenario::diagnostics::CODES;
use brownout_scenario::{Diagnostic, MemoryFiles, compile, load, load_system};

const MORE: &str = r#"(name: "idle", replicas: {"north": 1}, endpoints: [(name: "rest", steps: [])]), (name: "partner", kind: third_party, replicas: {"north": 1}, endpoints: [(name: "ask", steps: [])]),"#;

/// Codes that no single file here can give, with the tests that do.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "E0110",
        "serde's word for another type; no text is known of which `ron` does not say it first, as E0101",
    ),
    ("E0002", "form::limits_of_the_scan: a file of 256 KiB"),
    (
        "E0599",
        "a fault of the program; the fuzz targets look for it",
    ),
    ("E0701", "import::hostile"),
    ("E0702", "import::hostile"),
    ("E0703", "import::hostile"),
    (
        "E0799",
        "a fault of the program; import::hostile looks for it",
    ),
];

/// What is found wrong with a file of the library, as the command says it.
fn found(kiosk: &str, name: &str, text: &str) -> Vec<Diagnostic> {
    let path = format!("broken/{name}");
    // The same system with a service that nobody calls and somebody else's, in the same lines.
    let more = kiosk.replacen("services: [", &format!("services: [{MORE}"), 1);
    let files = MemoryFiles::new(&[
        ("systems/kiosk.ron", kiosk),
        ("systems/more.ron", &more),
        (&path, text),
    ]);
    if text.starts_with("System") {
        return load_system(&files, &path).1;
    }
    let (loaded, mut found) = load(&files, &path);
    let broken = found.iter().any(|d| d.code.starts_with('E'));
    if let (Some(loaded), false) = (loaded, broken) {
        found.extend(compile(&loaded, Some(0), 1).err().unwrap_or_default());
    }
    found
}

#[test]
fn broken_files_are_told_what_is_wrong_with_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let kiosk = fs::read_to_string(root.join("scenarios/systems/kiosk.ron")).expect("the system");
    let folder = fs::read_dir(root.join("tests/broken")).expect("the folder");
    let mut names: Vec<_> = folder.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    assert!(names.len() >= 40, "{} files", names.len());
    let mut wrong = Vec::new();
    for name in names {
        let name = name.to_string_lossy();
        let text = fs::read_to_string(root.join("tests/broken").join(&*name)).expect("a file");
        let mut expected: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("// ")).collect();
        let found: Vec<String> = found(&kiosk, &name, &text)
            .iter()
            .map(|d| {
                let help = d
                    .help
                    .as_ref()
                    .map_or_else(String::new, |help| format!(" ({help})"));
                format!("{} {}:{} {}{help}", d.code, d.line, d.column, d.message)
            })
            .collect();
        let mut said: Vec<&str> = found.iter().map(String::as_str).collect();
        said.sort_unstable();
        expected.sort_unstable();
        if said != expected {
            wrong.push(format!(
                "{name}\n  said: {said:#?}\n  expected: {expected:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Text of all source files below a folder but that with the table.
fn sources(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("diagnostics.rs") {
            all.push_str(&fs::read_to_string(path).expect("a file"));
        }
    }
}

/// Words in quotes that look like a code.
fn codes(text: &str) -> BTreeSet<String> {
    let words = text.split('"');
    let is_code = |word: &&str| {
        let digits = word.strip_prefix(['E', 'W']);
        digits.is_some_and(|d| d.len() == 4 && d.starts_with('0') && d.parse::<u16>().is_ok())
    };
    words.filter(is_code).map(str::to_owned).collect()
}

/// Every code of the source stands in the table of the page, and a file here is told it. So no diagnostic can be added
/// without an example.
#[test]
fn every_code_has_a_broken_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    sources(&root.join("src"), &mut text);
    sources(&root.join("../../src/cli"), &mut text);
    let used = codes(&text);
    let table: BTreeSet<String> = CODES.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(used, table, "codes in the source and in diagnostics::CODES");
    let mut told = BTreeSet::new();
    for entry in fs::read_dir(root.join("../../tests/broken"))
        .expect("the folder")
        .flatten()
    {
        let text = fs::read_to_string(entry.path()).expect("a file");
        let lines = text.lines().filter_map(|line| line.strip_prefix("// "));
        told.extend(lines.filter_map(|line| Some(line.split_once(' ')?.0.to_owned())));
    }
    let elsewhere = ELSEWHERE.iter().map(|(code, _)| (*code).to_owned());
    told.extend(elsewhere);
    let untold: Vec<&String> = table.difference(&told).collect();
    assert!(
        untold.is_empty(),
        "no file in tests/broken is told {untold:?}"
    );
}
