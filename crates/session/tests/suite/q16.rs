//! The quiet evening behaves as its field-guide entry (Q16) says: the dashboard alarms, no user notices anything, and the
//! right move is to watch. What suggests itself does harm, and nobody is told to do harm: it comes of the physics.

use crate::common;

use std::sync::Arc;

use brownout_scenario::action::Action;
use brownout_scenario::compiled::{Rival, Scenario};
use brownout_session::Session;
use brownout_session::command::{
    Audience, Claim, Command, Intervention, Message, Metric, Status, SymptomKind,
};
use brownout_session::desk::ClaimCheck;
use brownout_session::event::Event;
use brownout_session::journal::Entry;
use brownout_session::outcome::{Conclusion, OutcomeKind, conclude};
use brownout_session::players::{Nobody, Player, Reference, RestartAll, RollbackAll, Scripted};
use brownout_session::reader::Reader;
use brownout_session::score::ScoreCard;
use brownout_session::view::PlayerView;
use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};
use brownout_telemetry::signal::Signal;

/// How long after the page the scripted players act.
const ACT_S: u64 = 120;
/// Truths of the scenario.
const UPLOADS: usize = 0;
const CACHE: usize = 1;
/// The alert that wakes.
const ALARM: &str = "menus-db-cpu";

fn scenario(seed: u64, truth: usize) -> Arc<Scenario> {
    common::scenario("quiet-evening", seed, Some(truth))
}

fn concluded(scenario: &Arc<Scenario>, seed: u64, player: &mut dyn Player) -> Conclusion {
    conclude(&common::play(scenario, seed, player))
}

fn acting(action: Action) -> Command {
    Command::Act(Intervention {
        action,
        serves: None,
        price_accepted: true,
    })
}

fn doing(actions: &[Action]) -> Scripted {
    let act = |action: &Action| (ACT_S * SECOND_NS, acting(action.clone()));
    Scripted {
        script: actions.iter().map(act).collect(),
        next: 0,
    }
}

fn holding(scenario: &Scenario) -> &Rival {
    let found = scenario
        .rivals
        .iter()
        .find(|r| r.name == scenario.truth.name);
    found.expect("every truth is among the rivals")
}

/// When the alarm began and ended, in nanoseconds; `None` for what it did not.
fn alarm(session: &Session) -> (Option<u64>, Option<u64>) {
    let of = |fires: bool| {
        let records = session.records().iter();
        records
            .filter(|record| {
                matches!(&record.entry, Entry::Event(Event::Alert { rule, firing, .. })
                    if rule == ALARM && *firing == fires)
            })
            .map(|record| record.at_ms * 1_000_000)
            .next()
    };
    (of(true), of(false))
}

/// The alarm wakes somebody within minutes and ends by itself; of all that is asked meanwhile hardly anything fails.
#[test]
fn it_alarms_and_passes_and_nobody_notices() {
    for seed in common::seeds(2) {
        for truth in [UPLOADS, CACHE] {
            let of = format!("seed {seed}, truth {truth}");
            let scenario = scenario(seed, truth);
            let session = common::play(&scenario, seed, &mut Nobody);
            let page_ns = session.page_ns().expect("the page came");
            let after_ns = page_ns - scenario.truth.onset_ns;
            assert!(
                (2 * MINUTE_NS..=5 * MINUTE_NS).contains(&after_ns),
                "{of}: paged {after_ns} ns after it began"
            );
            let (began, ended) = alarm(&session);
            assert_eq!(began, Some(page_ns), "{of}");
            assert!(ended.is_some(), "{of}: the alarm never ends");
            // The database works several times as much as before it.
            let cpu = Metric::service(Signal::Cpu, "menus-db", Some("dublin"));
            let over = |from_ns: u64| {
                let series =
                    session
                        .reader()
                        .series(&cpu, from_ns, from_ns + 4 * MINUTE_NS, 4 * MINUTE_NS);
                series.last().and_then(|(_, reading)| *reading).unwrap_or(0)
            };
            let (before, during) = (over(14 * MINUTE_NS), over(page_ns));
            assert!(during > 3 * before, "{of}: {before} and {during} ppm");
            let conclusion = conclude(&session);
            let harm = &conclusion.harm;
            assert!(
                harm.weighted * 2_000 < harm.requests,
                "{of}: harm {} of {} requests",
                harm.weighted,
                harm.requests
            );
            // Nobody said that it was over, but served were all.
            assert_eq!(conclusion.outcome, OutcomeKind::Contained, "{of}");
            assert_eq!(conclusion.contained_s, Some(0), "{of}");
        }
    }
}

/// Restarts and fail-overs of what is busy, an empty cache, an empty queue: each costs users or kitchens something. An
/// empty cache costs the city its evening: it is as metastable as at noon.
#[test]
fn what_suggests_itself_does_harm() {
    let seed = 7;
    for truth in [UPLOADS, CACHE] {
        let scenario = scenario(seed, truth);
        let none = concluded(&scenario, seed, &mut Nobody).harm.weighted;
        let mut worst = 0;
        for actions in &holding(&scenario).tempting {
            let done = concluded(&scenario, seed, &mut doing(actions))
                .harm
                .weighted;
            assert!(
                done > none + 100,
                "truth {truth}: {actions:?} costs {done}, nothing {none}"
            );
            worst = worst.max(done);
        }
        assert!(worst > 20_000, "truth {truth}: at worst {worst}");
        for actions in &holding(&scenario).contain {
            let done = concluded(&scenario, seed, &mut doing(actions));
            assert_eq!(done.harm.weighted, none, "truth {truth}: {actions:?}");
        }
    }
}

fn judged(session: &Session) -> ScoreCard {
    common::evaluate(session, conclude(session).harm)
}

/// The reference touches nothing, says that there is nothing, watches, tells the truths apart, and closes.
#[test]
fn the_reference_watches_and_says_so() {
    for seed in common::seeds(1) {
        for truth in [UPLOADS, CACHE] {
            let of = format!("seed {seed}, truth {truth}");
            let scenario = scenario(seed, truth);
            let session = common::reference(&scenario, seed);
            let desk = session.desk();
            assert!(desk.only_watched(), "{of}: {:?}", desk.actions);
            let conclusion = conclude(&session);
            assert_eq!(conclusion.outcome, OutcomeKind::Resolved, "{of}");
            assert_eq!(conclusion.contained_s, Some(0), "{of}");
            let found = conclusion.diagnosed;
            assert!(
                found.component && found.mechanism && found.trigger && found.sustaining,
                "{of}: {found:?}"
            );
            let public = |m: &Message| m.audience == Audience::Public && m.answers.is_none();
            assert!(
                desk.messages.iter().all(|told| !public(&told.message)),
                "{of}"
            );
            let card = judged(&session);
            let worst = card
                .containment
                .min(card.hypotheses)
                .min(card.communication);
            assert!(worst >= 85, "{of}: {card:?}");
        }
    }
}

/// Whoever turns everything off and on, takes everything back, or sleeps through it, has not watched.
#[test]
fn cheats_and_sleepers_score_low() {
    let seed = 7;
    for truth in [UPLOADS, CACHE] {
        let scenario = scenario(seed, truth);
        let reference = judged(&common::reference(&scenario, seed)).overall;
        let mut players: [(&str, Box<dyn Player>, u32); 3] = [
            ("nobody", Box::new(Nobody), 60),
            ("restart-all", Box::new(RestartAll::default()), 10),
            ("rollback-all", Box::new(RollbackAll::default()), 10),
        ];
        for (name, player, less) in &mut players {
            let card = judged(&common::play(&scenario, seed, player.as_mut()));
            assert!(
                card.overall + *less <= reference,
                "truth {truth}: {name} {}, reference {reference}",
                card.overall
            );
        }
    }
}

/// The words that belong to it are checked like all others: true where nothing is wrong, and not where something is.
#[test]
fn that_there_is_nothing_is_a_claim() {
    let told = |name: &str, flow: &str, watches: bool| {
        let scenario = common::scenario(name, 7, Some(0));
        let claims = vec![
            Claim::Impact {
                kind: SymptomKind::NoImpact,
                flow: flow.to_owned(),
            },
            Claim::Scope {
                regions: Vec::new(),
            },
            Claim::Watching,
        ];
        let message = Message {
            audience: Audience::Executives,
            status: Status::Investigating,
            claims,
            words: String::new(),
            next_update_min: Some(10),
            answers: None,
        };
        let at_ns = ACT_S * SECOND_NS;
        let mut script = vec![(at_ns, Command::Tell(message))];
        if watches {
            script.insert(0, (at_ns, acting(Action::Watch { minutes: 10 })));
        }
        let session = common::play(&scenario, 7, &mut Scripted { script, next: 0 });
        session.desk().messages[0].checks.clone()
    };
    assert_eq!(told("quiet-evening", "order", true), [ClaimCheck::True; 3]);
    let unwatched = told("quiet-evening", "order", false);
    assert_eq!(
        unwatched,
        [ClaimCheck::True, ClaimCheck::True, ClaimCheck::False]
    );
    let untrue = told("lunch-rush", "order", true);
    assert_eq!(
        untrue,
        [ClaimCheck::False, ClaimCheck::False, ClaimCheck::True]
    );
}

/// The reference, while somebody else restarts the cache behind its back.
#[derive(Default)]
struct Meddled {
    reference: Reference,
    done: bool,
}

/// When after the page.
const MEDDLES_NS: u64 = 5 * MINUTE_NS;

impl Player for Meddled {
    fn ready_ns(&self, page_ns: u64) -> u64 {
        let own_ns = self.reference.ready_ns(page_ns);
        if self.done {
            own_ns
        } else {
            own_ns.min(page_ns + MEDDLES_NS)
        }
    }

    fn turn(&mut self, view: &PlayerView, reader: &Reader<'_>) -> Vec<Command> {
        let page_ns = view.page.as_ref().map_or(0, |page| page.at_ns);
        if !self.done && view.now_ns >= page_ns + MEDDLES_NS {
            self.done = true;
            return vec![acting(Action::Restart {
                service: "menu-cache".to_owned(),
                region: Some("dublin".to_owned()),
            })];
        }
        self.reference.turn(view, reader)
    }
}

/// Nothing is not for ever: when users begin to feel something, the reference says so and begins again.
#[test]
fn a_watch_ends_when_users_notice() {
    let scenario = scenario(7, CACHE);
    let session = common::play(&scenario, 7, &mut Meddled::default());
    let kinds: Vec<SymptomKind> = session
        .desk()
        .symptoms
        .iter()
        .map(|(_, symptom)| symptom.kind)
        .collect();
    assert_eq!(kinds, [SymptomKind::NoImpact, SymptomKind::Errors]);
    let severities: Vec<&str> = session
        .desk()
        .severities
        .iter()
        .map(|(_, name)| name.as_str())
        .collect();
    assert_eq!(severities.first(), Some(&"SEV-4"));
    assert!(severities.last() < Some(&"SEV-3"), "{severities:?}");
    let conclusion = conclude(&session);
    assert_ne!(
        conclusion.contained_s,
        Some(0),
        "users were not served all the time"
    );
}
