//! A scenario file as a whole: texts, times, alerts.

use super::aids::{check_hints, check_rubric};
use super::alerts::check_alerts;
use super::changes::{check_record, check_timeline};
use super::checker::Checker;
use super::people::{check_people, check_severities};
use super::releases::check_releases;
use super::system::wide;
use super::truths::check_truths;
use super::warnings::warn_scenario;
use crate::diagnostics::Diagnostic;
use crate::limits::{MAX_CONDITIONALS, MAX_HISTORY_NS, MAX_TIMED_CHANGES};
use crate::load::Loaded;
use crate::model::{HistoryRecord, TimedChange};
use crate::units::unix_seconds;

/// Checks a scenario against its system; the system itself is [`validate_system`](super::validate_system)'s business.
pub fn validate_scenario(loaded: &Loaded, found: &mut Vec<Diagnostic>) {
    let model = &loaded.model;
    let check = &mut Checker::new(&loaded.document, found);
    check_texts(check, loaded);
    let horizon = check.positive("horizon", &model.horizon);
    check.share("objective", &model.objective);
    check_alerts(check, loaded);
    check_page(check, loaded, horizon);
    check_releases(check, loaded);
    for (index, old) in model.history.iter().enumerate() {
        let path = format!("history[{index}].before");
        let before = check.duration_up_to(&path, &old.before, MAX_HISTORY_NS, "10 years");
        if before == Some(0) {
            check.report("E0203", &path, "expected a duration above 0");
        }
        check_from(check, &format!("history[{index}]"), old, loaded);
        check_record(
            check,
            &format!("history[{index}].record"),
            &old.record,
            loaded,
        );
    }
    check_timeline(check, "timeline", &model.timeline, loaded, horizon);
    check_names(check, loaded);
    check_people(check, loaded);
    check_hints(check, loaded);
    check_rubric(check, loaded);
    check_severities(check, loaded);
    check_truths(check, loaded, horizon);
    warn_scenario(check, loaded);
}

/// A release before the run names its service and a version of it that does not run at the start.
fn check_from(check: &mut Checker<'_>, path: &str, old: &HistoryRecord, loaded: &Loaded) {
    if let Some(name) = &old.name {
        check.name(&format!("{path}.name"), name);
    }
    let Some(from) = &old.from else {
        return;
    };
    let path = format!("{path}.from");
    let Some(service) = &old.record.service else {
        check.report(
            "E0404",
            &path,
            "the record has to say which service was released",
        );
        return;
    };
    let kind = format!("earlier version of `{service}`");
    let releases = loaded.model.versions.iter();
    let at_start = |name: &str| {
        let mut services = loaded.system.model.services.iter();
        services.any(|s| s.name == *service && s.version == name)
    };
    let known = releases.filter(|v| v.service == *service && !at_start(&v.name));
    check.known(&path, &kind, from, known.map(|v| v.name.as_str()));
}

fn check_texts(check: &mut Checker<'_>, loaded: &Loaded) {
    let model = &loaded.model;
    check.name("name", &model.name);
    check.required_prose("title", &model.title);
    check.short("title", &model.title);
    check.required_prose("summary", &model.summary);
    check.required_prose("briefing", &model.briefing);
    for (index, skill) in model.skills.iter().enumerate() {
        check.name(&format!("skills[{index}]"), skill);
    }
    check.range(
        "difficulty",
        "difficulty",
        u64::from(model.difficulty),
        1..=5,
    );
    if let Err(error) = unix_seconds(&model.starts) {
        check.report("E0201", "starts", error.to_string());
    }
}

fn check_page(check: &mut Checker<'_>, loaded: &Loaded, horizon: Option<u64>) {
    let model = &loaded.model;
    check.known(
        "page.alert",
        "alert",
        &model.page.alert,
        model.alerts.iter().map(|alert| alert.name.as_str()),
    );
    check.required_prose("page.text", &model.page.text);
    let latest = check.duration("page.latest", &model.page.latest);
    if latest
        .zip(horizon)
        .is_some_and(|(latest, horizon)| latest >= horizon)
    {
        check.report(
            "E0507",
            "page.latest",
            "the latest page comes at or after the horizon",
        );
    }
}

/// Names and number of timed changes over all timelines. Each truth shares its names with the scenario only.
fn check_names(check: &mut Checker<'_>, loaded: &Loaded) {
    let model = &loaded.model;
    let named = |list: &str, timeline: &'_ [TimedChange]| -> Vec<(String, String)> {
        let rows = timeline.iter().enumerate();
        rows.filter_map(|(index, timed)| {
            Some((format!("{list}[{index}].name"), timed.name.clone()?))
        })
        .collect()
    };
    let mut common = named("timeline", &model.timeline);
    let history = model.history.iter().enumerate();
    common
        .extend(history.filter_map(|(index, old)| {
            Some((format!("history[{index}].name"), old.name.clone()?))
        }));
    check.unique(
        "timed change",
        common
            .iter()
            .map(|(path, name)| (path.clone(), name.as_str())),
    );
    for (index, truth) in model.truths.iter().enumerate() {
        let own = named(&format!("truths[{index}].timeline"), &truth.timeline);
        let mut all: Vec<(String, &str)> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        // Duplicates among the common ones have been reported once, not once per truth.
        all.extend(
            common
                .iter()
                .filter(|(_, name)| seen.insert(name))
                .map(|(path, name)| (path.clone(), name.as_str())),
        );
        all.extend(own.iter().map(|(path, name)| (path.clone(), name.as_str())));
        check.unique("timed change", all);
    }
    let waiting = |timeline: &[TimedChange]| timeline.iter().filter(|t| t.when.is_some()).count();
    let most = model.truths.iter().map(|truth| waiting(&truth.timeline));
    check.limit(
        "timeline",
        "changes that wait for something under one truth",
        wide(waiting(&model.timeline) + most.max().unwrap_or(0)),
        wide(MAX_CONDITIONALS),
    );
    let total = model.timeline.len()
        + model
            .truths
            .iter()
            .map(|truth| truth.timeline.len())
            .sum::<usize>();
    check.limit(
        "timeline",
        "timed changes in all timelines",
        wide(total),
        wide(MAX_TIMED_CHANGES),
    );
}
