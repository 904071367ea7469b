//! What happened, record by record, in words: what a debrief points at when it names a time.

use brownout_scenario::compiled::Scenario;
use brownout_scenario::glossary;
use brownout_session::Session;
use brownout_session::command::{Command, Look, Metric, Symptom, Verdict};
use brownout_session::event::{EndReason, Event};
use brownout_session::journal::{Entry, Record};
use brownout_session::view::PredictionOutcome;
use serde::Serialize;

use super::words;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentKind {
    /// The page, and how the session ended.
    Frame,
    /// An alert began or ceased.
    Alert,
    /// Something was looked at.
    Look,
    /// A symptom, a hypothesis, or what became of one.
    Belief,
    /// An action.
    Action,
    /// Something was said or asked.
    Message,
}

impl MomentKind {
    /// All of them, in the order they are listed.
    pub const ALL: [Self; 6] = [
        Self::Frame,
        Self::Alert,
        Self::Look,
        Self::Belief,
        Self::Action,
        Self::Message,
    ];

    /// One word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frame => "incident",
            Self::Alert => "alert",
            Self::Look => "look",
            Self::Belief => "belief",
            Self::Action => "action",
            Self::Message => "message",
        }
    }
}

/// A record of the journal in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// Journal entry.
    pub seq: u64,
    /// When, in nanoseconds.
    pub at_ns: u64,
    /// Kind.
    pub kind: MomentKind,
    /// The player's own doing.
    pub own: bool,
    /// One line.
    pub words: String,
}

/// All records that say something to a person. Hashes of the world and what a look returned do not.
pub(super) fn moments(session: &Session) -> Vec<Moment> {
    let mut told = Vec::new();
    for record in session.records() {
        let (kind, own, words) = match &record.entry {
            Entry::World(_) => continue,
            Entry::Command(command) => {
                let (kind, words) = command_words(session, record, command);
                (kind, true, words)
            }
            Entry::Event(event) => match event_words(session, event) {
                Some((kind, words)) => (kind, false, words),
                None => continue,
            },
        };
        told.push(Moment {
            seq: record.seq,
            at_ns: record.at_ms * 1_000_000,
            kind,
            own,
            words,
        });
    }
    told
}

/// Symptoms stated, with the time of each.
pub(super) fn symptoms(session: &Session) -> Vec<(u64, String)> {
    let stated = session.desk().symptoms.iter();
    stated
        .map(|(stamp, stated)| (stamp.at_ns, symptom(session.scenario(), stated)))
        .collect()
}

fn command_words(session: &Session, record: &Record, command: &Command) -> (MomentKind, String) {
    let scenario = session.scenario();
    match command {
        Command::Acknowledge => (MomentKind::Frame, "You acknowledged the page".to_owned()),
        Command::DeclareSeverity { severity } => {
            (MomentKind::Belief, format!("You declared {severity}"))
        }
        Command::StateSymptom(stated) => (
            MomentKind::Belief,
            format!("You stated the symptom: {}", symptom(scenario, stated)),
        ),
        Command::Observe(seen) => (MomentKind::Look, format!("You looked at {}", look(seen))),
        Command::Try { flow, region, .. } => (
            MomentKind::Look,
            format!("You made a request of {flow} from {region}"),
        ),
        Command::Hypothesise(new) => {
            let mechanism = glossary::mechanism(&new.mechanism)
                .map_or(new.mechanism.as_str(), |mechanism| mechanism.title);
            let words = format!(
                "You suspected {}: {mechanism}, at {} %",
                new.suspect, new.confidence
            );
            (MomentKind::Belief, words)
        }
        Command::SetConfidence {
            hypothesis,
            percent,
        } => (
            MomentKind::Belief,
            format!(
                "You held {} to be {percent} % likely",
                named(session, *hypothesis)
            ),
        ),
        Command::AttachEvidence {
            hypothesis,
            supports,
            ..
        } => {
            let side = if *supports { "for" } else { "against" };
            let words = format!("You pinned evidence {side} {}", named(session, *hypothesis));
            (MomentKind::Belief, words)
        }
        Command::Judge {
            hypothesis,
            verdict,
        } => {
            let verdict = match verdict {
                Verdict::Open => "open again",
                Verdict::Supported => "supported",
                Verdict::Refuted => "refuted",
                Verdict::Abandoned => "not worth pursuing",
            };
            let words = format!("You called {} {verdict}", named(session, *hypothesis));
            (MomentKind::Belief, words)
        }
        Command::Refine { hypothesis, .. } => {
            let words = format!("You completed {}", named(session, *hypothesis));
            (MomentKind::Belief, words)
        }
        Command::Tell(message) => {
            let (audience, status) = (
                words::audience(message.audience),
                words::status(message.status),
            );
            let words = if message.words.is_empty() {
                format!("You told {audience}: {status}")
            } else {
                format!("You told {audience}, {status}: {}", message.words)
            };
            (MomentKind::Message, words)
        }
        Command::Act(_) => {
            let actions = &session.desk().actions;
            let begun = actions.iter().find(|acted| acted.stamp.seq == record.seq);
            let words = begun.map_or_else(
                || "You tried to act".to_owned(),
                |acted| format!("You began: {}", acted.title),
            );
            (MomentKind::Action, words)
        }
        Command::AskHint => (MomentKind::Frame, "You asked for a hint".to_owned()),
        Command::Resolve => (
            MomentKind::Frame,
            "You declared the incident resolved".to_owned(),
        ),
    }
}

fn event_words(session: &Session, event: &Event) -> Option<(MomentKind, String)> {
    let words = match event {
        Event::Alert {
            rule,
            region,
            firing,
            ..
        } => {
            let what = if *firing { "began to fire" } else { "ceased" };
            return Some((MomentKind::Alert, format!("{rule} in {region} {what}")));
        }
        Event::Paged { text } => return Some((MomentKind::Frame, format!("The page: {text}"))),
        Event::Ended { why } => {
            let why = match why {
                EndReason::Declared => "You declared it over",
                EndReason::Horizon => "Time was up",
                EndReason::LimitInFlight | EndReason::LimitZeroDelay => {
                    "The system could not go on"
                }
            };
            return Some((MomentKind::Frame, why.to_owned()));
        }
        Event::Decided {
            hypothesis,
            outcome,
            ..
        } => {
            let what = match outcome {
                PredictionOutcome::Met => "came true",
                PredictionOutcome::NotMet => "did not come true",
                PredictionOutcome::NotObservable => "could not be observed",
                PredictionOutcome::Undecided => return None,
            };
            let words = format!("A prediction of {} {what}", named(session, *hypothesis));
            return Some((MomentKind::Belief, words));
        }
        Event::Done { action } | Event::Superseded { action } | Event::Halted { action } => {
            let index = usize::try_from(*action).ok()?.checked_sub(1)?;
            let title = &session.desk().actions.get(index)?.title;
            let what = match event {
                Event::Done { .. } => "Done",
                Event::Halted { .. } => "Halted halfway",
                _ => "Overtaken by a later action",
            };
            return Some((MomentKind::Action, format!("{what}: {title}")));
        }
        Event::Tried { words, .. } => {
            return Some((MomentKind::Look, format!("Your request, {words}")));
        }
        Event::Refused { why } => return Some((MomentKind::Action, format!("Refused: {why}"))),
        Event::Asked { person, text, .. } => format!("{person} asked: {text}"),
        Event::Impatient { person, .. } => format!("{person} had waited too long for an answer"),
        Event::Said { person, text } => format!("{person}: {text}"),
        Event::Hinted { text } => format!("Hint: {text}"),
        Event::Answered { .. } | Event::Seen { .. } | Event::Began { .. } => return None,
    };
    Some((MomentKind::Message, words))
}

/// A hypothesis by number and suspect.
fn named(session: &Session, index: u32) -> String {
    let number = index.saturating_add(1);
    let hypothesis = usize::try_from(index)
        .ok()
        .and_then(|index| session.desk().hypotheses.get(index));
    hypothesis.map_or_else(
        || format!("hypothesis {number}"),
        |hypothesis| format!("hypothesis {number} ({})", hypothesis.written.suspect),
    )
}

fn regions(regions: &[String]) -> String {
    if regions.is_empty() {
        "all regions".to_owned()
    } else {
        regions.join(", ")
    }
}

/// A symptom in one line.
fn symptom(scenario: &Scenario, symptom: &Symptom) -> String {
    format!(
        "{} in {}, {}, since {}, {}, {}",
        words::symptom(symptom.kind),
        symptom.flow,
        regions(&symptom.regions),
        words::minute(scenario, symptom.since_s),
        symptom.severity,
        format!("{:?}", symptom.trend).to_lowercase()
    )
}

fn look(look: &Look) -> String {
    let place = |region: &Option<String>| {
        region
            .as_ref()
            .map_or_else(String::new, |region| format!(" in {region}"))
    };
    match look {
        Look::Overview => "the overview".to_owned(),
        Look::Topology => "the topology".to_owned(),
        Look::Metric { metric, .. } => metric_words(metric),
        Look::Logs {
            service, region, ..
        } => format!("the log of {service}{}", place(region)),
        Look::Traces {
            flow,
            region,
            failing,
            ..
        } => {
            let which = if *failing { "failing " } else { "" };
            format!("{which}traces of {flow}{}", place(region))
        }
        Look::Query { text, .. } => format!("the query {text}"),
        Look::Changes { .. } => "the change log".to_owned(),
        Look::Diff { service } => format!("the configuration of {service}"),
        Look::Release { service, version } => format!("the release note of {service} {version}"),
        Look::LogLine {
            service, region, ..
        } => format!("a line of the log of {service} in {region}"),
        Look::Span { flow, .. } => format!("a span of a trace of {flow}"),
        Look::DiffRow { service, variable } => format!("{variable} of {service}"),
        Look::Change { title, .. } => format!("the change \"{title}\""),
        Look::Inside { service, region } => format!("{service} in {region} from inside"),
        Look::Dump { service, number } => format!("dump {number} of {service}"),
        Look::Data { service } => format!("a check of the data of {service}"),
        Look::Attempt { number } => format!("the result of request {number}"),
        Look::Tickets { .. } => "the reports of customers".to_owned(),
        Look::Ticket { number } => format!("report {number} of a customer"),
        Look::Providers => "the providers' status pages".to_owned(),
        Look::StatusPage { service } => format!("the status page of {service}"),
    }
}

fn metric_words(metric: &Metric) -> String {
    let what = match (&metric.flow, &metric.service, &metric.callee) {
        (_, Some(service), Some(callee)) => format!("{service} → {callee}"),
        (_, Some(service), None) => service.clone(),
        (Some(flow), None, _) => format!("{flow} users"),
        (None, None, _) => "everything".to_owned(),
    };
    let place = metric.region.as_deref().unwrap_or("all regions");
    format!("{} of {what}, {place}", words::signal(metric.signal))
}
