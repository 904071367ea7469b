//! Debriefs of sessions that were really played.

use std::path::Path;

use brownout_session::command::{Action, Command, Intervention};
use brownout_session::journal::Entry;

use super::*;
use crate::field_guide;

/// A session of the small scenario with two changes of which one matters, and a belief.
fn played() -> Session {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/kiosk-config");
    let loaded = crate::cli::scenario(&folder, None, 7, None, "person").expect("the scenario");
    let mut session = Session::with_header(loaded.scenario, loaded.header);
    while session.page_ns().is_none() {
        let next_ns = session.now_ns() + 1_000_000_000;
        session.advance_until(next_ns, u64::MAX);
    }
    let wait = |session: &mut Session, seconds: u64| {
        let next_ns = session.now_ns() + seconds * 1_000_000_000;
        session.advance_until(next_ns, u64::MAX);
    };
    let act = |action| {
        Command::Act(Intervention {
            action,
            serves: None,
            price_accepted: true,
        })
    };
    let restart = act(Action::Restart {
        service: "seats".to_owned(),
        region: None,
    });
    let rollback = act(Action::Rollback {
        service: "tickets".to_owned(),
        region: None,
    });
    session.submit(Command::Acknowledge).expect("acknowledged");
    wait(&mut session, 60);
    session.submit(restart).expect("restarted");
    wait(&mut session, 90);
    session.submit(rollback).expect("rolled back");
    wait(&mut session, 120);
    session.submit(Command::Resolve).expect("resolved");
    session
}

fn curve(debrief: &Debrief, kind: CurveKind) -> &Curve {
    let mut curves = debrief.curves.iter();
    let found = curves.find(|curve| curve.kind == kind);
    found.unwrap_or_else(|| panic!("no curve {kind:?}"))
}

/// Goal: the curves are what their names say. Method: a session with two changes; every curve compared with your own and
/// with the same world run again. Expectation: yours ends at the harm of the debrief, a curve without an action is the
/// same as yours until that action and ends as the world without it does.
#[test]
fn curves_are_what_they_say() {
    let session = played();
    let debrief = debrief(&session);
    let you = curve(&debrief, CurveKind::You);
    assert_eq!(you.last(), debrief.harm.weighted);
    let changes: Vec<_> = debrief.actions.iter().filter(|act| act.changes).collect();
    assert_eq!(changes.len(), 2);
    let fork = session.fork().expect("paged");
    let moves = trial_moves(&session);
    for act in changes {
        let without = curve(&debrief, CurveKind::Without(act.number));
        let before = |curve: &Curve| -> Vec<(u64, u64)> {
            let points = curve.points.iter().copied();
            points
                .take_while(|(at_ns, _)| *at_ns <= act.at_ns)
                .collect()
        };
        assert!(before(you).len() > 3);
        assert_eq!(before(you), before(without), "action {}", act.number);
        let left = moves.iter().filter(|step| step.action != act.number);
        let variant = Variant {
            label: String::new(),
            moves: left.cloned().collect(),
            reseed: None,
        };
        assert_eq!(without.last(), fork.run(&variant).harm.weighted);
    }
    // The rollback is what ended it; without it things stayed nearly as bad as with nothing done.
    let (rollback, nothing) = (CurveKind::Without(2), CurveKind::Nothing);
    assert!(curve(&debrief, rollback).last() > you.last() * 2);
    assert!(curve(&debrief, rollback).last() * 10 > curve(&debrief, nothing).last() * 8);
}

/// Every time a criterion cites leads to words, and every command is told once.
#[test]
fn every_cited_record_is_told() {
    let session = played();
    let debrief = debrief(&session);
    for row in &debrief.criteria {
        for seq in &row.evidence {
            assert!(debrief.times.contains_key(seq), "{} cites {seq}", row.id);
            let moment = debrief.moment_at(*seq).map(|index| &debrief.moments[index]);
            assert!(moment.is_some_and(|moment| !moment.words.is_empty()));
        }
    }
    let commands = session.records().iter();
    let commands = commands.filter(|record| matches!(record.entry, Entry::Command(_)));
    let own = debrief.moments.iter().filter(|moment| moment.own);
    assert_eq!(commands.count(), own.count());
    let words: Vec<&str> = debrief.moments.iter().map(|m| m.words.as_str()).collect();
    assert!(words.contains(&"You acknowledged the page"), "{words:?}");
    assert!(words.iter().any(|words| words.starts_with("You began: ")));
}

/// Goal: who waits for a score sees how far it is, and reads words instead of ids. Expectation: each run counts once and
/// the last count is the whole; criteria, their rules and the diagnosis have names.
#[test]
fn progress_is_counted_and_rows_have_names() {
    let pieces = std::sync::Mutex::new(Vec::new());
    stream(&played(), &|piece| {
        if let Ok(mut pieces) = pieces.lock() {
            pieces.push(piece);
        }
    });
    let pieces = pieces.into_inner().expect("no thread failed");
    let counts = pieces.iter().filter_map(|piece| match piece {
        Piece::Progress(done, of) => Some((*done, *of)),
        _ => None,
    });
    let mut counts: Vec<_> = counts.collect();
    counts.sort_unstable();
    let all = counts.len();
    let expected: Vec<_> = (1..=all).map(|done| (done, all)).collect();
    assert_eq!(counts, expected);
    let mut debrief = Debrief::default();
    for piece in pieces {
        debrief.take(piece);
    }
    assert!(!debrief.criteria.is_empty());
    for row in &debrief.criteria {
        assert!(field_guide::criterion(row.id).is_some(), "{}", row.id);
        let mut rules = row.rules.iter();
        assert!(rules.all(|rule| field_guide::rule(rule).is_some()));
    }
    let mechanism = debrief.diagnosis.iter().find(|p| p.name == "mechanism");
    assert!(mechanism.is_some_and(|part| part.truth.contains(' ')));
}
