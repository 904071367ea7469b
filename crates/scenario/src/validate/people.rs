//! People, severities and clocks.

use super::checker::Checker;
use super::services::service_names;
use super::system::indexed;
use crate::diagnostics::Diagnostic;
use crate::limits::MAX_LISTED;
use crate::load::Loaded;
use crate::model::{Person, PersonRole};

/// People of shared files, each file for itself.
pub fn validate_shared(loaded: &Loaded, found: &mut Vec<Diagnostic>) {
    for (at, file) in loaded.shared.iter().enumerate() {
        let check = &mut Checker::new(&file.document, found);
        check.length("people", "people", file.people.len(), MAX_LISTED);
        let before = loaded.model.people.len().saturating_sub(shared(loaded, at));
        for (index, person) in file.people.iter().enumerate() {
            let path = format!("people[{index}]");
            check_person(check, &path, person, loaded);
            let known = loaded.model.people.iter().take(before + index);
            if known.into_iter().any(|other| other.name == person.name) {
                let message = format!("two people are called `{}`", person.name);
                check.report("E0302", &format!("{path}.name"), message);
            }
        }
    }
}

/// People of the shared files from one on.
fn shared(loaded: &Loaded, from: usize) -> usize {
    let files = loaded.shared.iter().skip(from);
    files.map(|file| file.people.len()).sum()
}

pub(super) fn check_people(check: &mut Checker<'_>, loaded: &Loaded) {
    let model = &loaded.model;
    let own = model.people.len().saturating_sub(shared(loaded, 0));
    let people = &model.people[..own];
    check.unique(
        "person",
        indexed("people", ".name", people, |person| &person.name),
    );
    for (index, person) in people.iter().enumerate() {
        check_person(check, &format!("people[{index}]"), person, loaded);
    }
    check.optional_duration("communication.first", model.communication.first.as_ref());
    check.optional_duration("communication.scope", model.communication.scope.as_ref());
    if let Some(update) = &model.communication.update {
        check.positive("communication.update", update);
    }
}

fn check_person(check: &mut Checker<'_>, path: &str, person: &Person, loaded: &Loaded) {
    check.name(&format!("{path}.name"), &person.name);
    match &person.owns {
        Some(service) => {
            check.known(
                &format!("{path}.owns"),
                "service",
                service,
                service_names(&loaded.system.model),
            );
        }
        None if matches!(
            person.role,
            PersonRole::ServiceOwner | PersonRole::ProviderSupport
        ) =>
        {
            let help = "add `owns: \"SERVICE\"`";
            check.advise(
                "E0405",
                path,
                format!("`{}` answers for no service", person.name),
                help,
            );
        }
        None => {}
    }
    check.duration(&format!("{path}.patience"), &person.patience);
    check.optional_duration(
        &format!("{path}.answers_after"),
        person.answers_after.as_ref(),
    );
    for (index, ask) in person.asks.iter().enumerate() {
        check.duration(&format!("{path}.asks[{index}].after"), &ask.after);
        check.required_prose(&format!("{path}.asks[{index}].text"), &ask.text);
    }
    for (index, knowledge) in person.knows.iter().enumerate() {
        check.required_prose(&format!("{path}.knows[{index}].text"), &knowledge.text);
        if let Some(truth) = &knowledge.truth {
            let known = loaded.model.truths.iter().map(|truth| truth.name.as_str());
            check.known(
                &format!("{path}.knows[{index}].truth"),
                "truth",
                truth,
                known,
            );
        }
    }
}

pub(super) fn check_severities(check: &mut Checker<'_>, loaded: &Loaded) {
    let severities = &loaded.model.severities;
    check.length("severities", "severities", severities.len(), 16);
    check.unique(
        "severity",
        indexed("severities", ".name", severities, |severity| &severity.name),
    );
    let mut worse: Option<u64> = None;
    for (index, severity) in severities.iter().enumerate() {
        let path = format!("severities[{index}]");
        check.name(&format!("{path}.name"), &severity.name);
        check.required_prose(&format!("{path}.when"), &severity.when);
        if let Some(slow) = &severity.slow {
            check.share(&format!("{path}.slow"), slow);
        }
        check.optional_duration(&format!("{path}.late"), severity.late.as_ref());
        let Some(failing) = check.share(&format!("{path}.failing"), &severity.failing) else {
            continue;
        };
        if worse.is_some_and(|worse| failing >= worse) {
            let message =
                "severities must go from worst to mildest: this share is not below the one before";
            check.report("E0506", &format!("{path}.failing"), message);
        }
        worse = Some(failing);
    }
}
