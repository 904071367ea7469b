//! The poisoned-stream incident behaves as its field-guide entry (Q10) says: a backlog grows in a queue, letters die, and
//! users' requests go on succeeding; three truths that look alike at first ask for different moves.

use crate::common;

use std::sync::Arc;

use brownout_scenario::action::Action;
use brownout_scenario::compiled::Scenario;
use brownout_session::Session;
use brownout_session::command::{Command, Intervention, Metric};
use brownout_session::outcome::{Conclusion, OutcomeKind, conclude};
use brownout_session::players::{Nobody, Player, Scripted};
use brownout_session::view::PlayerView;
use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};
use brownout_telemetry::signal::Signal;

const FIRMWARE: usize = 0;
const RELEASE: usize = 1;
const NAMES: usize = 2;
/// How long after the page the scripted players act.
const ACT_S: u64 = 180;

fn scenario(seed: u64, truth: usize) -> Arc<Scenario> {
    common::scenario("poisoned-stream", seed, Some(truth))
}

fn played(seed: u64, truth: usize, player: &mut dyn Player) -> Session {
    common::play(&scenario(seed, truth), seed, player)
}

fn concluded(seed: u64, truth: usize, player: &mut dyn Player) -> Conclusion {
    conclude(&played(seed, truth, player))
}

/// A queue's reading at so many minutes after the page, over the minute before.
fn reading(session: &Session, signal: Signal, service: &str, region: &str, minutes: u64) -> u64 {
    let at_ns = session.page_ns().expect("the page came") + minutes * MINUTE_NS;
    let metric = Metric::service(signal, service, Some(region));
    let from_ns = at_ns - 10 * SECOND_NS;
    let series = session.reader().series(&metric, from_ns, at_ns, MINUTE_NS);
    series.last().and_then(|(_, reading)| *reading).unwrap_or(0)
}

fn age_s(session: &Session, region: &str, minutes: u64) -> u64 {
    reading(session, Signal::QueueAge, "readings", region, minutes) / 1_000_000
}

fn letters(session: &Session, region: &str, minutes: u64) -> u64 {
    reading(session, Signal::DeadLetters, "readings", region, minutes)
}

fn script(actions: &[(u64, Action)]) -> Scripted {
    let command = |action: &Action| {
        Command::Act(Intervention {
            action: action.clone(),
            serves: None,
            price_accepted: false,
        })
    };
    let script = actions
        .iter()
        .map(|(after_s, action)| (after_s * SECOND_NS, command(action)));
    Scripted {
        script: script.collect(),
        next: 0,
    }
}

fn redrive() -> Action {
    Action::Redrive {
        service: "readings".to_owned(),
        region: Some("europe".to_owned()),
    }
}

/// The view of the moment the page comes.
#[derive(Default)]
struct FirstView(Option<PlayerView>);

impl Player for FirstView {
    fn ready_ns(&self, page_ns: u64) -> u64 {
        match self.0 {
            None => page_ns,
            Some(_) => u64::MAX,
        }
    }

    fn turn(
        &mut self,
        view: &PlayerView,
        _reader: &brownout_session::reader::Reader<'_>,
    ) -> Vec<Command> {
        self.0 = Some(view.clone());
        Vec::new()
    }
}

/// The queue's alert pages two to five minutes after the onset, while every flow's users are still served: who looks at
/// errors and durations alone sees nothing.
#[test]
fn the_queue_pages_while_users_are_served() {
    for seed in common::seeds(1) {
        for truth in [FIRMWARE, RELEASE, NAMES] {
            let mut first = FirstView::default();
            let session = played(seed, truth, &mut first);
            let page_ns = session.page_ns().expect("the page came");
            let after_ns = page_ns - session.scenario().truth.onset_ns;
            let case = format!("seed {seed}, truth {truth}");
            assert!(
                (110 * SECOND_NS..5 * MINUTE_NS).contains(&after_ns),
                "{case}: {} s after the onset",
                after_ns / SECOND_NS
            );
            let view = first.0.expect("the page came");
            assert!(view.page.is_some_and(|page| page.text.contains("readings")));
            for flow in &view.flows {
                for figures in &flow.regions {
                    assert!(figures.success_ppm >= Some(990_000), "{case}: {figures:?}");
                    assert!(figures.p95_us < Some(flow.slow_us), "{case}: {figures:?}");
                }
            }
            let late = view
                .nodes
                .iter()
                .any(|node| node.late_us.is_some_and(|bound| node.oldest_us > bound));
            assert!(late, "{case}");
        }
    }
}

/// The firmware is Europe's and so is the slow site; the release is everywhere. Poison makes dead letters and no
/// duplicates, a delivery that is given up too early makes duplicates.
#[test]
fn the_truths_part_by_region_and_by_what_becomes_of_the_work() {
    for seed in common::seeds(1) {
        for truth in [FIRMWARE, RELEASE, NAMES] {
            let session = played(seed, truth, &mut Nobody);
            let duplicated = conclude(&session).harm.duplicated;
            let case = format!("seed {seed}, truth {truth}");
            let (europe, americas) = (age_s(&session, "europe", 3), age_s(&session, "americas", 3));
            assert!(europe > 90, "{case}: {europe} s in Europe");
            let both = truth == RELEASE;
            assert_eq!(americas > 60, both, "{case}: {americas} s in America");
            let growth = letters(&session, "europe", 4) - letters(&session, "europe", 1);
            if truth == NAMES {
                assert!(duplicated > 300, "{case}: {duplicated}");
            } else {
                assert_eq!(duplicated, 0, "{case}");
                assert!(growth > 40, "{case}: {growth} letters in three minutes");
            }
            // It does not get better by itself, and in the end the queue takes no more.
            let (then, later) = (age_s(&session, "europe", 3), age_s(&session, "europe", 8));
            assert!(later > then + 60, "{case}: {then} s, then {later} s");
            let conclusion = conclude(&session);
            assert_eq!(conclusion.outcome, OutcomeKind::Unresolved, "{case}");
            assert!(conclusion.harm.failed > 1_000, "{case}");
        }
    }
}

/// A dead letter that is sent again before the cure fails again and keeps a consumer busy: worse than nothing at all.
/// After the cure it is work like any other.
#[test]
fn sending_dead_letters_again_helps_after_the_cure_only() {
    for seed in common::seeds(1) {
        let none = concluded(seed, FIRMWARE, &mut Nobody).harm.weighted;
        let early = concluded(seed, FIRMWARE, &mut script(&[(ACT_S, redrive())]));
        assert!(
            early.harm.weighted > none,
            "seed {seed}: {} against {none}",
            early.harm.weighted
        );
        let cure = Action::Deploy {
            service: "decoder".to_owned(),
            region: None,
            version: "4.11.1".to_owned(),
        };
        let session = played(
            seed,
            FIRMWARE,
            &mut script(&[(ACT_S, cure), (900, redrive())]),
        );
        let (before, after) = (
            letters(&session, "europe", 14),
            letters(&session, "europe", 18),
        );
        assert!(before > 40 && after == 0, "seed {seed}: {before}, {after}");
        let again = age_s(&session, "europe", 18);
        assert!(again < 20, "seed {seed}: {again} s");
    }
}

/// The roll-back that ends one truth leaves the others as they are.
#[test]
fn the_release_is_innocent_but_in_one() {
    let rollback = || Action::Rollback {
        service: "decoder".to_owned(),
        region: None,
    };
    for seed in common::seeds(1) {
        for truth in [FIRMWARE, RELEASE, NAMES] {
            let none = concluded(seed, truth, &mut Nobody).harm.weighted;
            let tried = concluded(seed, truth, &mut script(&[(ACT_S, rollback())]));
            let harm = tried.harm.weighted;
            if truth == RELEASE {
                assert!(harm * 3 < none, "seed {seed}: {harm} against {none}");
            } else {
                assert!(harm * 10 > none * 9, "seed {seed}: {harm} against {none}");
            }
        }
    }
}

#[test]
fn the_reference_shows_every_dimension() {
    for truth in [FIRMWARE, RELEASE, NAMES] {
        let session = common::reference(&scenario(7, truth), 7);
        let conclusion = conclude(&session);
        assert!(
            conclusion.diagnosed.component && conclusion.diagnosed.mechanism,
            "truth {truth}"
        );
        let none = concluded(7, truth, &mut Nobody).harm.weighted;
        assert!(
            conclusion.harm.weighted * 3 < none,
            "truth {truth}: {} against {none}",
            conclusion.harm.weighted
        );
        let card = common::evaluate(&session, conclusion.harm);
        let worst = card
            .containment
            .min(card.hypotheses)
            .min(card.communication);
        assert!(worst >= 80, "truth {truth}: {card:?}");
    }
}
