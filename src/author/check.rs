//! What is wrong with a scenario, and which files it is made of.

use std::cell::RefCell;

use brownout_scenario::diagnostics::has_errors;
use brownout_scenario::{Diagnostic, FileError, Files, Loaded, Severity};

use super::watch::{Seen, Stamps};

/// A file of a scenario as it was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Name within the library.
    pub name: String,
    /// Its text, or why there is none.
    pub text: Result<String, FileError>,
}

/// A scenario as it was read last.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The files it is made of, itself first, then those included in the order they were read.
    pub files: Vec<SourceFile>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The scenario, if nothing is wrong enough to keep it from running under any of its truths.
    pub loaded: Option<Loaded>,
    /// It is a system: it has no incident of its own.
    pub is_system: bool,
    /// Stamps of the files from before they were read.
    pub seen: Seen,
}

impl Checked {
    /// Number of errors and of warnings.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let errors = self
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .count();
        (errors, self.diagnostics.len() - errors)
    }

    /// Names of the files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.name.as_str())
    }
}

/// Files that remember what was read of them.
struct Noting<'a, F: Files + Stamps> {
    inner: &'a F,
    read: RefCell<Vec<SourceFile>>,
    seen: RefCell<Seen>,
}

impl<F: Files + Stamps> Files for Noting<'_, F> {
    fn read(&self, path: &str) -> Result<String, FileError> {
        if let Some(file) = self.read.borrow().iter().find(|file| file.name == path) {
            return file.text.clone();
        }
        // Before the reading: what is saved meanwhile is noticed by the next look.
        let stamp = self.inner.stamp(path);
        self.seen.borrow_mut().insert(path.to_owned(), stamp);
        let text = self.inner.read(path);
        self.read.borrow_mut().push(SourceFile {
            name: path.to_owned(),
            text: text.clone(),
        });
        text
    }
}

/// Reads and checks the scenario of a name, under each of its truths.
///
/// `known` are files that belonged to it before: while it is too broken to say what it includes, they are still shown and
/// watched.
#[must_use]
pub fn check<F: Files + Stamps>(files: &F, name: &str, known: &[String]) -> Checked {
    let noting = Noting {
        inner: files,
        read: RefCell::default(),
        seen: RefCell::default(),
    };
    let (is_system, loaded, diagnostics) = findings(&noting, name);
    let broken = has_errors(&diagnostics);
    for name in known.iter().filter(|_| broken) {
        let _ = noting.read(name);
    }
    Checked {
        files: noting.read.into_inner(),
        diagnostics,
        loaded: loaded.filter(|_| !broken),
        is_system,
        seen: noting.seen.into_inner(),
    }
}

/// Whether a file is a system, the scenario if it is one, and what is wrong with it, compiled under each truth as well.
pub fn findings(files: &dyn Files, name: &str) -> (bool, Option<Loaded>, Vec<Diagnostic>) {
    if files.read(name).is_ok_and(|text| is_system(&text)) {
        let (loaded, mut found) = brownout_scenario::load_system(files, name);
        if let (Some(loaded), false) = (loaded, has_errors(&found)) {
            let compiled = brownout_scenario::compile_system(&loaded);
            found.extend(compiled.err().unwrap_or_default());
        }
        return (true, None, found);
    }
    let (loaded, mut found) = brownout_scenario::load(files, name);
    if let (Some(loaded), false) = (&loaded, has_errors(&found)) {
        for truth in 0..loaded.model.truths.len() {
            let compiled = brownout_scenario::compile(loaded, Some(truth), 0);
            found.extend(compiled.err().unwrap_or_default());
        }
    }
    (false, loaded, found)
}

/// A system file begins with `System(`; everything else is taken for a scenario.
fn is_system(text: &str) -> bool {
    text.lines()
        .map(str::trim_start)
        .find(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("#!"))
        .is_some_and(|line| line.starts_with("System"))
}

#[cfg(test)]
mod tests {
    use brownout_scenario::MemoryFiles;

    use super::*;
    use crate::author::watch::Stamp;

    const KIOSK: &str = include_str!("../../scenarios/kiosk-config/scenario.ron");
    const SYSTEM: &str = include_str!("../../scenarios/systems/kiosk.ron");
    const NAME: &str = "kiosk-config/scenario.ron";
    const INCLUDED: &str = "systems/kiosk.ron";

    /// A library in memory; its stamps are the lengths of its texts.
    struct Shelf(MemoryFiles);

    impl Files for Shelf {
        fn read(&self, path: &str) -> Result<String, FileError> {
            self.0.read(path)
        }
    }

    impl Stamps for Shelf {
        fn stamp(&self, name: &str) -> Option<Stamp> {
            self.0.read(name).ok().map(|text| Stamp {
                modified_ns: 0,
                size: text.len() as u64,
                identity: 0,
            })
        }
    }

    fn shelf(files: &[(&str, &str)]) -> Shelf {
        Shelf(MemoryFiles::new(files))
    }

    /// A sound scenario is made of itself and its system, can run, and both files are watched.
    #[test]
    fn a_sound_scenario_has_its_files() {
        let checked = check(&shelf(&[(NAME, KIOSK), (INCLUDED, SYSTEM)]), NAME, &[]);
        assert_eq!(checked.counts().0, 0, "{:?}", checked.diagnostics);
        assert!(checked.loaded.is_some());
        assert_eq!(checked.names().collect::<Vec<_>>(), [NAME, INCLUDED]);
        assert_eq!(
            checked.seen[INCLUDED].map(|stamp| stamp.size),
            Some(SYSTEM.len() as u64)
        );
    }

    /// An error in either file is said with its file and line, and keeps the scenario from running.
    #[test]
    fn errors_are_of_the_file_they_are_in() {
        let wrong = |text: &str, right: &str| {
            assert!(text.contains(right), "{right}");
            text.replacen(right, &format!("{right}s"), 1)
        };
        let scenario = wrong(KIOSK, "FlowSuccessBelow(\"buy");
        let system = wrong(SYSTEM, "Call(\"tickets");
        for (file, scenario, system) in [
            (NAME, scenario.as_str(), SYSTEM),
            (INCLUDED, KIOSK, system.as_str()),
        ] {
            let shelf = shelf(&[(NAME, scenario), (INCLUDED, system)]);
            let checked = check(&shelf, NAME, &[]);
            assert!(checked.counts().0 > 0, "{file}");
            assert!(checked.loaded.is_none());
            let mut found = checked.diagnostics.iter();
            assert!(
                found.any(|found| found.file == file && found.line > 1),
                "{file}"
            );
        }
    }

    /// A scenario too broken to say what it includes keeps the files it had; one that is gone does too, and is waited for.
    #[test]
    fn known_files_stay() {
        let known = [NAME.to_owned(), INCLUDED.to_owned()];
        let cut = &KIOSK[..KIOSK.len() / 2];
        let torn = check(&shelf(&[(NAME, cut), (INCLUDED, SYSTEM)]), NAME, &known);
        assert!(torn.counts().0 > 0);
        assert_eq!(torn.names().collect::<Vec<_>>(), [NAME, INCLUDED]);
        let gone = check(&shelf(&[]), NAME, &known);
        assert_eq!(gone.diagnostics[0].code, "E0001");
        assert_eq!(gone.seen[NAME], None);
        assert_eq!(gone.files[1].text, Err(FileError::Missing));
        // What is no longer included by a sound scenario goes.
        let known = [NAME.to_owned(), "systems/old.ron".to_owned()];
        let sound = check(&shelf(&[(NAME, KIOSK), (INCLUDED, SYSTEM)]), NAME, &known);
        assert_eq!(sound.names().collect::<Vec<_>>(), [NAME, INCLUDED]);
    }

    /// A system is checked as one.
    #[test]
    fn a_system_is_no_scenario() {
        let checked = check(&shelf(&[(INCLUDED, SYSTEM)]), INCLUDED, &[]);
        assert!(checked.is_system && checked.loaded.is_none());
        assert_eq!(checked.counts().0, 0);
    }
}
