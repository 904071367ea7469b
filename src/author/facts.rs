//! What an author has to know of a run with nobody acting, in words.

use brownout_session::harm::Harm;
use brownout_session::score::grouped;

use super::course::{Course, End};

/// Nanoseconds in a second.
const SECOND_NS: u64 = 1_000_000_000;

/// How a fact sits with what a scenario should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Fine,
    /// Worth knowing.
    Note,
    /// Probably not what the author wants.
    Doubt,
}

/// A fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about, in a word or two.
    pub name: &'static str,
    /// What it is.
    pub words: String,
    /// How it sits.
    pub tone: Tone,
}

const fn fact(name: &'static str, tone: Tone, words: String) -> Fact {
    Fact { name, words, tone }
}

/// A span of time in words: `40 s`, `2 min 10 s`, `5 min`, `1 h 4 min`.
#[must_use]
pub fn span(ns: u64) -> String {
    let seconds = (ns + SECOND_NS / 2) / SECOND_NS;
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => format!("{rest} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// A share of parts per million in words.
fn share(ppm: u64) -> String {
    if ppm == 1_000_000 {
        return "100 %".to_owned();
    }
    format!("{}.{} %", ppm / 10_000, ppm / 1_000 % 10)
}

/// The facts, as far as the run has come: those about the end come with it.
#[must_use]
pub fn facts(course: &Course) -> Vec<Fact> {
    let mut all = vec![page(course)];
    all.extend(before(course));
    all.extend(alerts(course));
    all.extend(lowest(course));
    if let Some(end) = &course.end {
        all.push(harm(&end.harm, course.scenario.truth.control));
        all.push(ending(course, end));
    }
    all
}

/// When the player is called, and by whom.
fn page(course: &Course) -> Fact {
    let onset_ns = course.onset_ns();
    let Some(paged) = &course.paged else {
        return if course.end.is_some() {
            fact(
                "Page",
                Tone::Doubt,
                "nobody is paged before the horizon".to_owned(),
            )
        } else {
            fact("Page", Tone::Note, "not yet".to_owned())
        };
    };
    let after = if paged.at_ns < onset_ns {
        format!("{} before the onset", span(onset_ns - paged.at_ns))
    } else {
        format!("{} after the onset", span(paged.at_ns - onset_ns))
    };
    let tone = match paged.by {
        _ if paged.at_ns < onset_ns => Tone::Doubt,
        Some(_) => Tone::Fine,
        None => Tone::Note,
    };
    let words = match &paged.by {
        Some(alert) => format!("{after}, by {alert}"),
        None => format!("{after}, by a person: its alert did not fire in time"),
    };
    fact("Page", tone, words)
}

/// Whether ordinary life is quiet.
fn before(course: &Course) -> Option<Fact> {
    let onset_ns = course.onset_ns();
    if course.now_ns < onset_ns {
        return None;
    }
    let mut noise: Vec<(&str, u64)> = Vec::new();
    for firing in course.firing.iter().filter(|of| of.from_ns < onset_ns) {
        match noise.iter_mut().find(|(rule, _)| *rule == firing.rule) {
            Some((_, times)) => *times += 1,
            None => noise.push((&firing.rule, 1)),
        }
    }
    let (ppm, _, region) = course.lowest(0, onset_ns)?;
    let region = course.scenario.blueprint.regions.get(region)?;
    let missed = ppm < objective_ppm(course);
    let lowest = if ppm < 1_000_000 {
        format!(" ({region})")
    } else {
        String::new()
    };
    let times = |(rule, times): &(&str, u64)| match times {
        1 => format!("{rule} fires once"),
        times => format!("{rule} fires {times} times"),
    };
    let alerts: Vec<String> = noise.iter().map(times).collect();
    let tone = match (missed, noise.as_slice()) {
        (true, _) => Tone::Doubt,
        (false, []) => Tone::Fine,
        (false, _) => Tone::Note,
    };
    let alerts = if alerts.is_empty() {
        "no alert fires".to_owned()
    } else {
        alerts.join(", ")
    };
    let words = format!("success at least {}{lowest}; {alerts}", share(ppm));
    Some(fact("Before the onset", tone, words))
}

/// What fires from the onset on, in the order it begins.
fn alerts(course: &Course) -> Option<Fact> {
    let onset_ns = course.onset_ns();
    let mut names: Vec<(&str, u64)> = Vec::new();
    for firing in course
        .firing
        .iter()
        .filter(|firing| firing.from_ns >= onset_ns)
    {
        if names.iter().all(|(name, _)| *name != firing.rule) {
            names.push((&firing.rule, firing.from_ns - onset_ns));
        }
    }
    if names.is_empty() {
        let over = course.end.is_some();
        let none = || {
            fact(
                "Alerts",
                Tone::Doubt,
                "no alert fires after the onset".to_owned(),
            )
        };
        return over.then(none);
    }
    let words: Vec<String> = names
        .iter()
        .map(|(name, after_ns)| format!("{name} after {}", span(*after_ns)))
        .collect();
    Some(fact("Alerts", Tone::Fine, words.join(", ")))
}

/// How bad it gets.
fn lowest(course: &Course) -> Option<Fact> {
    let onset_ns = course.onset_ns();
    let (ppm, at_ns, region) = course.lowest(onset_ns, u64::MAX)?;
    let region = course.scenario.blueprint.regions.get(region)?;
    let missed = ppm < objective_ppm(course);
    let after = span(at_ns - onset_ns);
    let mut words = format!(
        "success {} in {region}, {after} after the onset",
        share(ppm)
    );
    let tone = match (missed, course.end.is_some()) {
        (true, _) if course.scenario.truth.control => Tone::Note,
        (true, _) => Tone::Fine,
        (false, false) => Tone::Note,
        (false, true) => {
            words.push_str(": the objective is never missed");
            if course.scenario.truth.control {
                Tone::Fine
            } else {
                Tone::Doubt
            }
        }
    };
    Some(fact("Worst", tone, words))
}

/// What doing nothing costs.
fn harm(harm: &Harm, control: bool) -> Fact {
    let kinds = [
        ("failed", harm.failed),
        ("slow", harm.slow),
        ("stale", harm.stale),
        ("lost", harm.lost),
        ("duplicated", harm.duplicated),
        ("late", harm.late),
    ];
    let kinds: Vec<String> = kinds
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{} {name}", grouped(count)))
        .collect();
    if kinds.is_empty() {
        let tone = if control { Tone::Fine } else { Tone::Doubt };
        return fact("Harm", tone, "nobody is harmed".to_owned());
    }
    let words = format!(
        "{} if nobody acts: {} of {} requests",
        grouped(harm.weighted),
        kinds.join(", "),
        grouped(harm.requests)
    );
    fact("Harm", Tone::Fine, words)
}

/// Whether it needs anybody.
fn ending(course: &Course, end: &End) -> Fact {
    let horizon = span(course.now_ns.saturating_sub(course.onset_ns()));
    if let Some(why) = end.aborted {
        let words = format!("the run stops {horizon} after the onset: {why}");
        return fact("End", Tone::Doubt, words);
    }
    if course.scenario.truth.control {
        let words = "a control: nothing is broken, and the right move is to watch";
        return fact("End", Tone::Fine, words.to_owned());
    }
    match end.healed_s {
        Some(after_s) => {
            let after = span(after_s * SECOND_NS);
            let words = format!("heals by itself {after} after the onset: nobody is needed");
            fact("End", Tone::Doubt, words)
        }
        None => fact(
            "End",
            Tone::Fine,
            format!("does not heal by itself within {horizon}"),
        ),
    }
}

/// The objective of the main flow in parts per million.
#[must_use]
pub fn objective_ppm(course: &Course) -> u64 {
    (course.scenario.objective_q32 * 1_000_000) >> 32
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::author::course::{Firing, Paged};

    /// The course of a scenario with nothing in it yet, at a time of simulated seconds.
    fn course(now_s: u64) -> Course {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/kiosk-config");
        let loaded = crate::cli::scenario(&path, None, 1, None, "test").unwrap();
        let mut course = Course::new(Arc::clone(&loaded.scenario), 1);
        course.now_ns = now_s * SECOND_NS;
        course
    }

    fn said(course: &Course, name: &str) -> Option<(Tone, String)> {
        let facts = facts(course);
        let found = facts.into_iter().find(|fact| fact.name == name);
        found.map(|fact| (fact.tone, fact.words))
    }

    fn ended(course: &mut Course, harm: Harm, healed_s: Option<u64>) {
        course.end = Some(End {
            harm,
            healed_s,
            aborted: None,
        });
    }

    #[test]
    fn spans_read_naturally() {
        let spans = [0, 40, 130, 300, 3_840, 7_200].map(|s| span(s * SECOND_NS));
        assert_eq!(
            spans,
            ["0 s", "40 s", "2 min 10 s", "5 min", "1 h 4 min", "2 h"]
        );
    }

    /// Who pages is said; a page that comes too soon, or never, is doubted.
    #[test]
    fn the_page_is_told() {
        let mut course = course(0);
        let onset_ns = course.onset_ns();
        assert_eq!(
            said(&course, "Page"),
            Some((Tone::Note, "not yet".to_owned()))
        );
        let mut page = |at_ns: u64, by: Option<&str>| {
            course.paged = Some(Paged {
                at_ns,
                by: by.map(str::to_owned),
            });
            said(&course, "Page").unwrap()
        };
        assert_eq!(
            page(onset_ns + 130 * SECOND_NS, Some("tickets in north")),
            (
                Tone::Fine,
                "2 min 10 s after the onset, by tickets in north".to_owned()
            )
        );
        assert_eq!(page(onset_ns + SECOND_NS, None).0, Tone::Note);
        let (tone, words) = page(onset_ns - 60 * SECOND_NS, None);
        assert_eq!(tone, Tone::Doubt);
        assert!(words.starts_with("1 min before the onset"), "{words}");
        course.paged = None;
        ended(&mut course, Harm::default(), None);
        assert_eq!(said(&course, "Page").unwrap().0, Tone::Doubt);
    }

    /// Nothing that fires, nobody harmed, an objective never missed and an incident that heals by itself are doubted, each only
    /// once that is certain.
    #[test]
    fn a_dull_scenario_is_doubted() {
        let mut dull = course(3_000);
        let after_ns = dull.onset_ns() + 100 * SECOND_NS;
        dull.success[0].push((after_ns, Some(999_000)));
        assert_eq!(said(&dull, "Alerts"), None);
        assert_eq!(said(&dull, "Worst").unwrap().0, Tone::Note);
        ended(&mut dull, Harm::default(), Some(240));
        for name in ["Page", "Alerts", "Worst", "Harm", "End"] {
            assert_eq!(said(&dull, name).unwrap().0, Tone::Doubt, "{name}");
        }
    }

    /// A control in which nothing happens does what it should.
    #[test]
    fn a_control_may_be_dull() {
        let mut calm = course(3_000);
        let scenario = Arc::make_mut(&mut calm.scenario);
        scenario.truth.control = true;
        let after_ns = calm.onset_ns() + 100 * SECOND_NS;
        calm.success[0].push((after_ns, Some(999_000)));
        ended(&mut calm, Harm::default(), None);
        for name in ["Worst", "Harm", "End"] {
            assert_eq!(said(&calm, name).unwrap().0, Tone::Fine, "{name}");
        }
    }

    /// A scenario that does what it should is told without a doubt.
    #[test]
    fn a_sound_scenario_is_told() {
        let mut sound = course(3_000);
        let onset_ns = sound.onset_ns();
        let firing = |rule: &str, after_s: u64| Firing {
            rule: rule.to_owned(),
            region: "north".to_owned(),
            pages: true,
            from_ns: onset_ns + after_s * SECOND_NS,
            until_ns: None,
        };
        sound.firing = vec![
            firing("tickets", 70),
            firing("tickets", 90),
            firing("errors", 95),
        ];
        sound.success[0] = vec![
            (onset_ns - SECOND_NS, Some(999_900)),
            (onset_ns + 60 * SECOND_NS, Some(412_000)),
        ];
        sound.paged = Some(Paged {
            at_ns: onset_ns + 70 * SECOND_NS,
            by: Some("tickets in north".to_owned()),
        });
        let harm = Harm {
            requests: 50_000,
            failed: 17_062,
            weighted: 17_062,
            ..Harm::default()
        };
        ended(&mut sound, harm, None);
        assert!(facts(&sound).iter().all(|fact| fact.tone == Tone::Fine));
        let words = |name| said(&sound, name).unwrap().1;
        assert_eq!(
            words("Alerts"),
            "tickets after 1 min 10 s, errors after 1 min 35 s"
        );
        assert!(words("Harm").starts_with("17 062 if nobody acts: 17 062 failed of 50 000"));
        assert!(words("Worst").starts_with("success 41.2 % in "));
        // An alert of ordinary life is worth a note.
        sound.firing.insert(
            0,
            Firing {
                from_ns: SECOND_NS,
                ..firing("errors", 0)
            },
        );
        assert_eq!(said(&sound, "Before the onset").unwrap().0, Tone::Note);
    }
}
