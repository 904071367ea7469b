//! Single things can be looked at and attached: they are verified, kept in words as they were, and count like the
//! panel they stand in.

use crate::common;

use std::sync::Arc;

use brownout_session::command::{
    Command, Expect, Look, Metric, NewHypothesis, Prediction, Verdict,
};
use brownout_session::event::Event;
use brownout_session::journal::{Entry, Journal};
use brownout_session::offers::Offers;
use brownout_session::replay::replay;
use brownout_session::view::PredictionOutcome;
use brownout_session::{Refused, Session};
use brownout_sim::blueprint::SECOND_NS;
use brownout_telemetry::signal::Signal;

/// The regional-gateway incident 90 seconds after the page.
fn session() -> Session {
    let scenario = common::scenario("regional-gateway", 7, Some(0));
    let header = common::header(&scenario, 7, "test");
    let mut session = Session::with_header(scenario, header);
    while session.page_ns().is_none() {
        let next_ns = session.now_ns() + SECOND_NS;
        session.advance_until(next_ns, u64::MAX);
    }
    let then_ns = session.now_ns() + 90 * SECOND_NS;
    session.advance_until(then_ns, u64::MAX);
    session
}

/// One of each kind of single thing, as the reader shows it.
fn items(session: &Session) -> Vec<Look> {
    let (now_ns, reader) = (session.now_ns(), session.reader());
    let lines = reader.logs("checkout", Some("eu-west"), now_ns - 60 * SECOND_NS, now_ns);
    let line = lines
        .iter()
        .find(|line| line.text.contains("upstream"))
        .expect("failing calls are logged");
    let traces = reader.traces("checkout", Some("eu-west"), true, 0, now_ns);
    let trace = traces.last().expect("failing traces are kept");
    let change = session.view().changes.last().cloned().expect("changes");
    vec![
        Look::LogLine {
            service: "checkout".to_owned(),
            region: "eu-west".to_owned(),
            instance: line.instance.clone(),
            at_ns: line.at_ns,
            text: line.text.clone(),
        },
        Look::Span {
            flow: "checkout".to_owned(),
            failing: true,
            trace: trace.id,
            span: u32::try_from(trace.spans.len() - 1).expect("few"),
        },
        Look::DiffRow {
            service: "checkout".to_owned(),
            variable: "PAYMENTS_GATEWAY_URL".to_owned(),
        },
        Look::Change {
            at_ns: change.at_ns,
            title: change.title,
        },
    ]
}

fn guess(predictions: Vec<Prediction>) -> Command {
    Command::Hypothesise(NewHypothesis {
        suspect: "checkout".to_owned(),
        mechanism: "missing-variable".to_owned(),
        regions: vec!["eu-west".to_owned()],
        trigger: None,
        predictions,
        confidence: 50,
    })
}

#[test]
fn what_was_pinned_is_kept_in_words_as_it_was() {
    let mut session = session();
    session.submit(guess(Vec::new())).expect("a hypothesis");
    for look in items(&session) {
        let observed = session.submit(Command::Observe(look)).expect("it is there");
        let attach = Command::AttachEvidence {
            hypothesis: 0,
            observed,
            supports: true,
        };
        session.submit(attach).expect("looked at");
    }
    let before = session.view().hypotheses[0].evidence.clone();
    assert_eq!(before.len(), 4);
    for evidence in &before {
        assert!(!evidence.words.is_empty(), "{:?}", evidence.look);
        assert!(evidence.words.chars().count() <= 160);
    }
    assert!(before[2].words.contains("eu-west"), "{}", before[2].words);
    let then_ns = session.now_ns() + 300 * SECOND_NS;
    session.advance_until(then_ns, u64::MAX);
    assert_eq!(session.view().hypotheses[0].evidence, before);
    let journal = Journal {
        header: session.header().clone(),
        records: session.records().to_vec(),
        damage: None,
        valid_bytes: 0,
    };
    let (again, divergence) = replay(Arc::clone(session.scenario()), &journal);
    assert_eq!(divergence, None);
    assert_eq!(again.view().hypotheses[0].evidence, before);
}

#[test]
fn what_is_not_there_cannot_be_pinned() {
    let mut session = session();
    for look in items(&session) {
        let changed = match look {
            Look::LogLine {
                service,
                region,
                instance,
                at_ns,
                ..
            } => Look::LogLine {
                service,
                region,
                instance,
                at_ns,
                text: "the cause is here".to_owned(),
            },
            Look::Span {
                flow, trace, span, ..
            } => Look::Span {
                flow,
                trace,
                span,
                failing: false,
            },
            Look::DiffRow { service, .. } => Look::DiffRow {
                service,
                variable: "NO_SUCH".to_owned(),
            },
            Look::Change { at_ns, title } => Look::Change {
                at_ns: at_ns + 1,
                title,
            },
            whole => whole,
        };
        let refused = session.submit(Command::Observe(changed));
        assert!(
            matches!(refused, Err(Refused::Unknown { .. })),
            "{refused:?}"
        );
    }
    assert!(session.desk().looks.is_empty());
}

#[test]
fn a_single_thing_counts_as_the_whole_it_stands_in() {
    let session = session();
    let kinds: Vec<Look> = items(&session).iter().map(Look::whole).collect();
    assert!(matches!(&kinds[0], Look::Logs { service, .. } if service == "checkout"));
    assert!(matches!(&kinds[1], Look::Traces { failing: true, .. }));
    assert!(matches!(&kinds[2], Look::Diff { service } if service == "checkout"));
    assert!(matches!(&kinds[3], Look::Changes { .. }));
    assert_eq!(Look::Overview.whole(), Look::Overview);
}

/// Journals of whole looks stay as they were, with no words in them.
#[test]
fn whole_looks_leave_no_words() {
    let mut session = session();
    session
        .submit(Command::Observe(Look::Overview))
        .expect("ok");
    let seen = session
        .records()
        .iter()
        .rev()
        .find_map(|record| match &record.entry {
            Entry::Event(event @ Event::Seen { .. }) => serde_json::to_string(event).ok(),
            _ => None,
        });
    let seen = seen.expect("recorded");
    assert!(!seen.contains("words"), "{seen}");
    let read: Event = serde_json::from_str(&seen).expect("readable");
    assert!(matches!(read, Event::Seen { words, .. } if words.is_empty()));
}

/// "Differs from the other region" is about the distance between both readings.
#[test]
fn a_prediction_can_compare_two_regions() {
    let mut session = session();
    let metric = Metric::service(Signal::ErrorShare, "checkout", Some("eu-west"));
    let differs = |expect| Prediction {
        metric: metric.clone(),
        expect,
        threshold: 100_000,
        versus: Some("us-east".to_owned()),
        window_s: 60,
        within_s: 300,
    };
    let both = vec![differs(Expect::Above), differs(Expect::AtMost)];
    session.submit(guess(both)).expect("a hypothesis");
    let look = Look::Metric {
        metric: metric.clone(),
        window_s: 300,
    };
    session.submit(Command::Observe(look)).expect("ok");
    let outcomes = session.view().hypotheses[0].outcomes.clone();
    assert_eq!(
        outcomes,
        [PredictionOutcome::Met, PredictionOutcome::NotMet]
    );
    let mut nowhere = differs(Expect::Above);
    nowhere.versus = Some("atlantis".to_owned());
    assert!(session.submit(guess(vec![nowhere])).is_err());
}

/// Attaching a line of the guilty service's log is worth what attaching its log is worth.
#[test]
fn a_pinned_line_is_worth_a_pinned_log() {
    let worth = |single: bool| {
        let mut session = session();
        session.submit(guess(Vec::new())).expect("a hypothesis");
        let line = items(&session).swap_remove(0);
        let look = if single { line } else { line.whole() };
        let observed = session.submit(Command::Observe(look)).expect("ok");
        for command in [
            Command::AttachEvidence {
                hypothesis: 0,
                observed,
                supports: true,
            },
            Command::Judge {
                hypothesis: 0,
                verdict: Verdict::Supported,
            },
            Command::Resolve,
        ] {
            session.submit(command).expect("ok");
        }
        let harm = brownout_session::outcome::conclude(&session).harm;
        let card = common::evaluate(&session, harm);
        let row = card.criteria.iter().find(|row| row.id == "compared");
        row.expect("scored").earned
    };
    let (line, log) = (worth(true), worth(false));
    assert_eq!(line, log);
    assert!(line > 0);
}

/// A value is offered to whoever compared the regions, not before, and only for that service.
#[test]
fn values_are_offered_once_the_regions_were_compared() {
    let mut session = session();
    let offered = |session: &Session, service| session.reader().offered(service, "eu-west");
    assert_eq!(offered(&session, "checkout"), Offers::NotLookedAt);
    let other = Look::Diff {
        service: "payments".to_owned(),
    };
    session.submit(Command::Observe(other)).expect("ok");
    assert_eq!(offered(&session, "checkout"), Offers::NotLookedAt);
    let row = items(&session).swap_remove(2);
    session.submit(Command::Observe(row)).expect("ok");
    let Offers::Variables(offers) = offered(&session, "checkout") else {
        panic!("it was looked at");
    };
    let url = offers
        .iter()
        .find(|offer| offer.variable == "PAYMENTS_GATEWAY_URL")
        .expect("offered");
    assert_eq!(url.elsewhere, ["http://payments.internal"]);
    assert_ne!(url.here.as_ref(), url.elsewhere.first());
}
