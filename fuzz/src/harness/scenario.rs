//! Any text as a scenario and as a system: it is read or refused, and what is said of it has a place in it.

use brownout_scenario::diagnostics::has_errors;
use brownout_scenario::{Diagnostic, MemoryFiles, compile, compile_system, load, load_system};

/// The system that scenarios are read with.
const SYSTEM: &str = include_str!("../../../scenarios/systems/kiosk.ron");
const NAME: &str = "fuzz/scenario.ron";

/// # Panics
/// If a text is not handled properly.
pub fn scenario(bytes: &[u8]) {
    let Ok(text) = core::str::from_utf8(bytes) else {
        return;
    };
    let files = MemoryFiles::new(&[
        ("systems/kiosk.ron", SYSTEM),
        ("systems/fuzz.ron", text),
        (NAME, text),
    ]);
    let (loaded, found) = load(&files, NAME);
    placed(&found, text);
    if let (Some(loaded), false) = (loaded, has_errors(&found)) {
        for truth in 0..loaded.model.truths.len() {
            let compiled = compile(&loaded, Some(truth), 1);
            assert!(compiled.is_ok(), "valid, but: {:?}", compiled.err());
        }
    }
    let (loaded, found) = load_system(&files, "systems/fuzz.ron");
    placed(&found, text);
    if let (Some(loaded), false) = (loaded, has_errors(&found)) {
        let compiled = compile_system(&loaded);
        assert!(compiled.is_ok(), "valid, but: {:?}", compiled.err());
    }
}

/// Each diagnostic is one line of bounded length, and stands at a place that exists.
fn placed(found: &[Diagnostic], text: &str) {
    let lines: Vec<&str> = text.split('\n').collect();
    for diagnostic in found {
        let said = diagnostic.to_string();
        assert!(!said.contains('\n'), "several lines: {said:?}");
        assert!(said.len() < 4_096, "{} bytes: {said}", said.len());
        assert!(diagnostic.line >= 1 && diagnostic.column >= 1, "{said}");
        if diagnostic.file == "systems/kiosk.ron" {
            continue;
        }
        let line = lines.get(diagnostic.line as usize - 1);
        let line = line.unwrap_or_else(|| panic!("there is no such line: {said}"));
        let width = line.chars().count() + 1;
        assert!(diagnostic.column as usize <= width, "no column: {said}");
    }
}
