//! People, severities and clocks.

use super::checker::Checker;
use super::services::service_names;
use super::system::indexed;
use crate::load::Loaded;
use crate::model::{Person, PersonRole};

pub(super) fn check_people(check: &mut Checker<'_>, loaded: &Loaded) {
    let model = &loaded.model;
    check.unique(
        "person",
        indexed("people", ".name", &model.people, |person| &person.name),
    );
    for (index, person) in model.people.iter().enumerate() {
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
