//! Deliberately broken files: what is said of each stands at its end, line by line, and nothing else is said.

use std::fs;
use std::path::Path;

use brownout_scenario::{Diagnostic, MemoryFiles, compile, load, load_system};

/// What is found wrong with a file of the library, as the command says it.
fn found(kiosk: &str, name: &str, text: &str) -> Vec<Diagnostic> {
    let path = format!("broken/{name}");
    let files = MemoryFiles::new(&[("systems/kiosk.ron", kiosk), (&path, text)]);
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
