//! Reading: file → scan → `ron` → model, with every problem of form as a diagnostic.

use serde::de::DeserializeOwned;

use crate::diagnostics::{Diagnostic, severity_of};
use crate::form::parse;
use crate::limits::MAX_SHARED;
use crate::model::{PeopleFile, Person, ScenarioFile, System};
use crate::positions::{Position, Positions};
use crate::scan::Finding;
use crate::source::{Files, resolve_include};
use crate::validate::{validate_scenario, validate_shared, validate_system};

/// A file that was read: its name and where its values stand.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Name within the library.
    pub file: String,
    /// Positions of its values.
    pub positions: Positions,
}

impl Document {
    /// A diagnostic about the value at `path`.
    #[must_use]
    pub fn diagnostic(
        &self,
        code: &'static str,
        path: &str,
        message: String,
        help: Option<String>,
    ) -> Diagnostic {
        self.at(
            self.positions.of(path),
            code,
            path.to_owned(),
            message,
            help,
        )
    }

    pub(crate) fn at(
        &self,
        position: Position,
        code: &'static str,
        path: String,
        message: String,
        help: Option<String>,
    ) -> Diagnostic {
        let Position { line, column } = position;
        Diagnostic {
            code,
            severity: severity_of(code),
            file: self.file.clone(),
            line,
            column,
            path,
            message,
            help,
        }
    }

    pub(crate) fn finding(&self, finding: &Finding) -> Diagnostic {
        let position = self.positions.position(finding.offset);
        let path = self.positions.path(finding.node);
        self.at(
            position,
            finding.code,
            path,
            finding.message.clone(),
            Some(finding.help.to_owned()),
        )
    }
}

/// A system as read, with where it stands in its file.
#[derive(Clone, Debug)]
pub struct LoadedSystem {
    /// The file.
    pub document: Document,
    /// Its content.
    pub model: System,
}

/// A scenario as read, with its system.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The file.
    pub document: Document,
    /// Its content.
    pub model: ScenarioFile,
    /// The system it is about.
    pub system: LoadedSystem,
    /// Files of people it shares with others. Their people follow its own in `model`.
    pub shared: Vec<SharedPeople>,
}

/// People of a shared file, with where they stand in it.
#[derive(Clone, Debug)]
pub struct SharedPeople {
    /// The file.
    pub document: Document,
    /// Its people.
    pub people: Vec<Person>,
}

/// Reads and checks a scenario file and the system it includes.
///
/// All problems of both files come back at once, errors before warnings within a file in order of their place. The
/// scenario is there as soon as both files have the right form, even if what they say is wrong;
/// [`compile`](crate::compile::compile) refuses such a scenario.
#[must_use]
pub fn load(files: &dyn Files, path: &str) -> (Option<Loaded>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let scenario: Option<(Document, ScenarioFile)> = read(files, path, &mut found);
    let Some((document, mut model)) = scenario else {
        return (None, found);
    };
    let mut about_people = Vec::new();
    let shared = shared_people(files, &document, &model, &mut found, &mut about_people);
    let whole = shared.is_some();
    let shared = shared.unwrap_or_default();
    let Some(include) = resolve_include(&document.file, &model.system) else {
        let message = format!(
            "`{}` does not lead to a file inside the scenario library",
            model.system
        );
        let help = "write a relative path such as \"../systems/storefront.ron\"".to_owned();
        found.push(document.diagnostic("E0111", "system", message, Some(help)));
        return (None, found);
    };
    let mut about_system = Vec::new();
    let system: Option<(Document, System)> = match files.read(&include) {
        Ok(text) => parse(&include, &text, &mut about_system),
        Err(error) => {
            let message = format!("cannot read the system file `{include}`: {error}");
            found.push(document.diagnostic("E0001", "system", message, None));
            None
        }
    };
    model
        .people
        .extend(shared.iter().flat_map(|file| file.people.iter().cloned()));
    let loaded = system
        .filter(|_| whole)
        .map(|(system_document, system_model)| Loaded {
            document,
            model,
            system: LoadedSystem {
                document: system_document,
                model: system_model,
            },
            shared,
        });
    if let Some(loaded) = &loaded {
        validate_system(&loaded.system, Some(&loaded.model), &mut about_system);
        validate_scenario(loaded, &mut found);
        validate_shared(loaded, &mut about_people);
    }
    sort(&mut found);
    sort(&mut about_system);
    found.append(&mut about_system);
    found.append(&mut about_people);
    (loaded, found)
}

/// Reads the files of people a scenario shares with others; `None` if one of them cannot be used.
fn shared_people(
    files: &dyn Files,
    document: &Document,
    model: &ScenarioFile,
    found: &mut Vec<Diagnostic>,
    about: &mut Vec<Diagnostic>,
) -> Option<Vec<SharedPeople>> {
    if model.shared_people.len() > MAX_SHARED {
        let message = format!(
            "{} files of people; at most {MAX_SHARED} are allowed",
            model.shared_people.len()
        );
        found.push(document.diagnostic("E0202", "shared_people", message, None));
        return None;
    }
    let mut shared = Vec::new();
    for (index, path) in model.shared_people.iter().enumerate() {
        let at = format!("shared_people[{index}]");
        let Some(include) = resolve_include(&document.file, path) else {
            let message = format!("`{path}` does not lead to a file inside the scenario library");
            let help = "write a relative path such as \"../people/platform.ron\"".to_owned();
            found.push(document.diagnostic("E0111", &at, message, Some(help)));
            return None;
        };
        match files.read(&include) {
            Ok(text) => {
                let (document, file): (Document, PeopleFile) = parse(&include, &text, about)?;
                shared.push(SharedPeople {
                    document,
                    people: file.people,
                });
            }
            Err(error) => {
                let message = format!("cannot read the people file `{include}`: {error}");
                found.push(document.diagnostic("E0001", &at, message, None));
                return None;
            }
        }
    }
    Some(shared)
}

/// Reads and checks a system file by itself.
#[must_use]
pub fn load_system(files: &dyn Files, path: &str) -> (Option<LoadedSystem>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let loaded =
        read(files, path, &mut found).map(|(document, model)| LoadedSystem { document, model });
    if let Some(loaded) = &loaded {
        validate_system(loaded, None, &mut found);
    }
    sort(&mut found);
    (loaded, found)
}

fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        (a.severity, a.line, a.column, a.code).cmp(&(b.severity, b.line, b.column, b.code))
    });
}

fn read<T: DeserializeOwned>(
    files: &dyn Files,
    path: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<(Document, T)> {
    match files.read(path) {
        Ok(text) => parse(path, &text, found),
        Err(error) => {
            let document = Document {
                file: path.to_owned(),
                positions: Positions::new(""),
            };
            found.push(document.diagnostic(
                "E0001",
                "",
                format!("cannot read the file: {error}"),
                None,
            ));
            None
        }
    }
}
