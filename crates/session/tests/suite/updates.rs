//! What may be sent as an update, and what is said of updates afterwards.

use crate::common;

use std::sync::Arc;

use brownout_session::command::{Audience, Claim, Command, Look, Message, Status};
use brownout_session::outcome::conclude;
use brownout_session::score::{Criterion, Trial, score};
use brownout_session::{Refused, Session};
use brownout_sim::blueprint::SECOND_NS;

/// An incident this long after its page.
fn session(scenario: &str, after_s: u64) -> Session {
    let scenario = common::scenario(scenario, 7, Some(0));
    let header = common::header(&scenario, 7, "test");
    let mut session = Session::with_header(Arc::clone(&scenario), header);
    while session.page_ns().is_none() {
        session.advance_until(session.now_ns() + SECOND_NS, u64::MAX);
    }
    session.advance_until(session.now_ns() + after_s * SECOND_NS, u64::MAX);
    session
}

fn message(words: &str, claims: Vec<Claim>) -> Message {
    Message {
        audience: Audience::Public,
        status: Status::Investigating,
        claims,
        words: words.to_owned(),
        next_update_min: Some(10),
        answers: None,
    }
}

/// A promise without a statement answers no question and moves no clock.
#[test]
fn an_update_without_content_is_refused() {
    let mut session = session("regional-gateway", 240);
    let question = session.view().talk.iter().find_map(|talk| talk.question);
    let due_ns = session.view().update_due_ns;
    for words in ["", "  "] {
        let empty = Message {
            answers: question,
            ..message(words, Vec::new())
        };
        let refused = session.submit(Command::Tell(empty));
        assert!(matches!(refused, Err(Refused::Range(_))), "{refused:?}");
    }
    let view = session.view();
    assert!(question.is_some(), "somebody has asked");
    assert!(view.talk.iter().all(|talk| talk.answered_ns.is_none()));
    assert_eq!(view.update_due_ns, due_ns);
    assert!(view.messages.is_empty());
    let words = Command::Tell(message("We see it.", Vec::new()));
    assert!(session.submit(words).is_ok(), "words are enough");
}

/// What hardly anybody notices may be told of half as often; who declares it is so has twice as long.
#[test]
fn the_mildest_severity_slows_the_clocks() {
    let mut session = session("regional-gateway", 10);
    let declare = |severity: &str| Command::DeclareSeverity {
        severity: severity.to_owned(),
    };
    let page_ns = session.page_ns().expect("the page came");
    let (first_ns, interval_ns) = {
        let scenario = session.scenario();
        (scenario.first_message_ns, scenario.update_interval_ns)
    };
    let due_ns = |session: &Session| session.view().update_due_ns;
    for (severity, pace) in [("SEV-2", 1), ("SEV-4", 2), ("SEV-1", 1)] {
        assert!(session.submit(declare(severity)).is_ok());
        assert_eq!(due_ns(&session), Some(page_ns + pace * first_ns));
    }
    let told = Message {
        next_update_min: None,
        ..message("We see it.", Vec::new())
    };
    assert!(session.submit(Command::Tell(told)).is_ok());
    let told_ns = session.now_ns();
    assert_eq!(due_ns(&session), Some(told_ns + interval_ns));
    assert!(session.submit(declare("SEV-4")).is_ok());
    assert_eq!(due_ns(&session), Some(told_ns + 2 * interval_ns));
    // A promise is a promise.
    assert!(
        session
            .submit(Command::Tell(message("Still.", Vec::new())))
            .is_ok()
    );
    let promised_ns = session.now_ns() + 600 * SECOND_NS;
    assert_eq!(due_ns(&session), Some(promised_ns));
}

fn criterion(session: &Session, id: &str) -> Criterion {
    let conclusion = conclude(session);
    let harm = conclusion.harm.clone();
    let trial = Trial {
        none: harm.clone(),
        reference: harm.clone(),
        prefixes: vec![harm],
        earlier: Vec::new(),
        noise: 0,
    };
    let card = score(session, &conclusion, &trial);
    let mut criteria = card.criteria.into_iter();
    criteria.find(|row| row.id == id).expect("a criterion")
}

/// The criterion names the parts that were missing, and that nobody told the executives.
#[test]
fn the_content_criterion_names_what_was_missing() {
    let mut session = session("regional-gateway", 120);
    let claims = vec![Claim::CauseUnknown];
    session
        .submit(Command::Tell(message("", claims)))
        .expect("sent");
    let why = criterion(&session, "content").why;
    assert!(why.contains("impact (1 of 1)"), "{why}");
    assert!(why.contains("scope (1 of 1)"), "{why}");
    assert!(!why.contains("cause"), "that part was there: {why}");
    assert!(why.contains("executives were not told"), "{why}");
}

/// Looks that do not count say which would have.
#[test]
fn the_watch_criterion_names_what_counts() {
    let mut session = session("regional-gateway", 120);
    session
        .submit(Command::Observe(Look::Overview))
        .expect("seen");
    let why = criterion(&session, "verified").why;
    assert!(why.contains("overview"), "{why}");
}

/// Where there is no executive, none has to be told.
#[test]
fn nobody_who_is_not_there_has_to_be_told() {
    let mut session = session("kiosk-config", 120);
    session
        .submit(Command::Tell(message("", vec![Claim::CauseUnknown])))
        .expect("sent");
    let content = criterion(&session, "content");
    assert!(!content.why.contains("executives"), "{}", content.why);
    assert!(content.earned > 0, "that part is not lost");
}
