//! `brownout new`: a scenario to begin with, on a system there is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use brownout_scenario::model::{Flow, Service, ServiceKind, Step, System};
use brownout_scenario::{diagnostics::has_errors, load_system};

use super::files::Library;
use super::load::render;

/// The text that is filled in. Words in capitals between percent signs are the places.
const TEMPLATE: &str = include_str!("new/scenario.ron");

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Name of the scenario and of its folder: small letters, digits and hyphens.
    name: String,
    /// Library it is to lie in.
    #[arg(long, default_value = "scenarios")]
    root: PathBuf,
    /// System it happens in, within the library.
    #[arg(long, default_value = "systems/storefront.ron")]
    system: String,
}

pub(super) fn new(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let name = &arguments.name;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    ensure!(
        !name.is_empty() && name.len() <= 64 && name.chars().all(fits),
        "`{name}` cannot be a name: small letters, digits and hyphens, at most 64"
    );
    let system = arguments.root.join(&arguments.system);
    let (library, file) = Library::around(&system, Some(&arguments.root)).with_context(|| {
        let known = systems(&arguments.root);
        format!("{} cannot be read; known there: {known}", system.display())
    })?;
    let (loaded, found) = load_system(&library, &file);
    let loaded = match loaded {
        Some(loaded) if !has_errors(&found) => loaded,
        _ => {
            render(&library, &found);
            bail!("{} cannot be used: see above", system.display());
        }
    };
    let text = filled(name, &arguments.system, &loaded.model)
        .with_context(|| format!("{} has no service to break", system.display()))?;
    let folder = arguments.root.join(name);
    ensure!(!folder.exists(), "{} is there already", folder.display());
    std::fs::create_dir(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let path = folder.join("scenario.ron");
    std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    say(&path);
    Ok(ExitCode::SUCCESS)
}

/// The systems of a library, as `--system` takes them.
fn systems(root: &Path) -> String {
    let files = std::fs::read_dir(root.join("systems"))
        .into_iter()
        .flatten();
    let files = files.filter_map(Result::ok).map(|entry| entry.path());
    let mut names: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "ron"))
        .filter_map(|path| Some(format!("systems/{}", path.file_name()?.to_string_lossy())))
        .collect();
    if names.is_empty() {
        return "none (--root says where the library is)".to_owned();
    }
    names.sort_unstable();
    names.join(", ")
}

fn say(path: &Path) {
    let path = path.display();
    println!("{path}");
    println!(
        "Edit it from the top; `brownout docs faults` has what can be broken, `brownout docs scenario-format` the rest. Then:"
    );
    println!("  brownout check {path}");
    println!("  brownout run {path} --player none --follow");
    println!("  brownout play {path}");
}

/// The template with the names of a system in it; `None` if the main flow reaches no service of its own.
fn filled(name: &str, system: &str, model: &System) -> Option<String> {
    let flow = model.flows.iter().find(|flow| flow.main)?;
    let path = way_in(model, flow)?;
    let broken = path.last()?;
    let service = model.services.iter().find(|s| s.name == *broken)?;
    let quoted = |name: &String| format!("\"{}\"", escaped(name));
    let regions: Vec<String> = service.replicas.keys().map(quoted).collect();
    let way: Vec<String> = path.iter().rev().map(quoted).collect();
    let places = [
        ("%NAME%", name.to_owned()),
        ("%SYSTEM%", escaped(system)),
        ("%FLOW%", escaped(&flow.name)),
        ("%TITLE%", escaped(&flow.title)),
        ("%SERVICE%", escaped(&service.name)),
        ("%OWNER%", escaped(&service.owner)),
        ("%VERSION%", escaped(&next_version(&service.version))),
        ("%REGIONS%", regions.join(", ")),
        ("%WAY%", way.join(", ")),
    ];
    let mut text = TEMPLATE.to_owned();
    for (place, word) in places {
        text = text.replace(place, &word);
    }
    Some(text)
}

/// Words as they stand between the quotes of a RON string.
fn escaped(words: &str) -> String {
    words.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Services from where a flow enters to the first that is neither an edge nor somebody else's.
fn way_in(model: &System, flow: &Flow) -> Option<Vec<String>> {
    let mut way = vec![flow.entry.0.clone()];
    let mut seen = BTreeSet::new();
    let mut endpoint = flow.entry.1.clone();
    loop {
        let name = way.last()?;
        if !seen.insert(name.clone()) {
            return None;
        }
        let service = model.services.iter().find(|s| s.name == *name)?;
        if service.kind == ServiceKind::Service {
            return Some(way);
        }
        let (callee, next) = first_call(service, &endpoint)?;
        endpoint = next;
        way.push(callee);
    }
}

fn first_call(service: &Service, endpoint: &str) -> Option<(String, String)> {
    let endpoint = service.endpoints.iter().find(|e| e.name == endpoint)?;
    endpoint.steps.iter().find_map(|step| match step {
        Step::Call(service, endpoint) => Some((service.clone(), endpoint.clone())),
        Step::Parallel(calls) => calls.first().cloned(),
        _ => None,
    })
}

/// The version after this one, by its last number.
fn next_version(version: &str) -> String {
    let (before, last) = version.rsplit_once('.').unwrap_or((version, "0"));
    last.parse::<u32>().map_or_else(
        |_| format!("{version}.1"),
        |last| format!("{before}.{}", last + 1),
    )
}

#[cfg(test)]
mod tests {
    use super::{escaped, next_version};

    /// What is written is read again as it was.
    #[test]
    fn words_with_quotes_stay_whole() {
        for words in ["Buy a \"day\" ticket", "C:\\new", "\\\"", "plain"] {
            let read: String = ron::from_str(&format!("\"{}\"", escaped(words))).expect("RON");
            assert_eq!(read, words);
        }
    }

    #[test]
    fn versions_go_up_by_their_last_number() {
        assert_eq!(next_version("2.40.3"), "2.40.4");
        assert_eq!(next_version("16.4"), "16.5");
        assert_eq!(next_version("7"), "7.1");
        assert_eq!(next_version("1.0-rc"), "1.0-rc.1");
    }
}
