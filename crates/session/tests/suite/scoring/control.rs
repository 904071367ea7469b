//! The criteria of a control: for each two journals that differ in one command.

use crate::common::{self, Recorded};
use brownout_scenario::action::Action;
use brownout_session::command::{
    Audience, Claim, Command, Intervention, Status, SymptomKind, Verdict,
};
use brownout_session::outcome::conclude;
use brownout_sim::blueprint::SECOND_NS;

use super::variations::{SEED, Script, altered, replayed, without};

/// Judged by what-if runs.
const BY_WHAT_IF: [&str; 2] = ["no-harm-done", "left-alone"];

fn acting(action: Action) -> Command {
    Command::Act(Intervention {
        action,
        serves: None,
        price_accepted: true,
    })
}

fn is_watch(command: &Command) -> bool {
    matches!(command, Command::Act(of) if matches!(of.action, Action::Watch { .. }))
}

/// The script with a command more, right before the watch begins.
fn with(base: &Script, command: Command) -> Script {
    let position = base
        .iter()
        .position(|(_, c)| is_watch(c))
        .expect("it watches");
    let mut changed = base.clone();
    changed.insert(position, (base[position].0, command));
    changed
}

/// A variation for each criterion. `base` is what the reference did.
fn variations(base: &Script) -> Vec<(&'static str, Script, Script)> {
    let drop = |which: &dyn Fn(&Command) -> bool| without(base, which);
    let tell = |change: &dyn Fn(&mut brownout_session::command::Message)| {
        altered(base, |_, command| {
            if let Command::Tell(message) = command {
                change(message);
            }
            matches!(command, Command::Tell(_))
        })
    };
    let mut seen = 0;
    let first_only: Script = base
        .iter()
        .filter(|(_, c)| {
            seen += u32::from(matches!(c, Command::Tell(_)));
            !matches!(c, Command::Tell(_)) || seen == 1
        })
        .cloned()
        .collect();
    let silent = without(&first_only, |c| matches!(c, Command::Tell(_)));
    let began_ns = base.first().map_or(0, |(at_ns, _)| *at_ns);
    let promised = base.iter().rposition(|(_, c)| {
        matches!(c, Command::Tell(m) if m.answers.is_none() && m.next_update_min.is_some())
    });
    let mut fewer = base.clone();
    fewer.remove(promised.expect("it promises"));
    let rows: Vec<(&'static str, Script)> = vec![
        (
            "symptom-first",
            drop(&|c| matches!(c, Command::StateSymptom(_))),
        ),
        (
            "no-harm-done",
            with(
                base,
                acting(Action::Purge {
                    service: "menu-uploads".to_owned(),
                    region: None,
                    most: 50_000,
                }),
            ),
        ),
        (
            "left-alone",
            with(
                base,
                acting(Action::Rollback {
                    service: "menus".to_owned(),
                    region: None,
                }),
            ),
        ),
        ("watched", drop(&is_watch)),
        (
            "verified",
            altered(base, |at_ns, c| {
                if matches!(c, Command::Resolve) {
                    *at_ns = began_ns + 120 * SECOND_NS;
                }
                matches!(c, Command::Resolve)
            }),
        ),
        ("corrected", drop(&|c| matches!(c, Command::Resolve))),
        (
            "before-acting",
            drop(&|c| matches!(c, Command::Hypothesise(_))),
        ),
        (
            "predictions",
            altered(base, |_, c| {
                if let Command::Hypothesise(written) = c {
                    written.predictions.clear();
                }
                matches!(c, Command::Hypothesise(_))
            }),
        ),
        (
            "verdicts",
            altered(base, |_, c| {
                if let Command::Judge { verdict, .. } = c {
                    *verdict = Verdict::Refuted;
                }
                matches!(c, Command::Judge { .. })
            }),
        ),
        (
            "calibration",
            altered(base, |_, c| {
                if let Command::SetConfidence { percent, .. } = c {
                    *percent = 10;
                }
                matches!(c, Command::SetConfidence { .. })
            }),
        ),
        ("diagnosis", drop(&|c| matches!(c, Command::Refine { .. }))),
        (
            "compared",
            drop(&|c| matches!(c, Command::AttachEvidence { .. })),
        ),
        ("acknowledged", drop(&|c| matches!(c, Command::Acknowledge))),
        (
            "severity",
            drop(&|c| matches!(c, Command::DeclareSeverity { .. })),
        ),
        (
            "no-false-alarm",
            tell(&|message| {
                message.audience = Audience::Public;
                for claim in &mut message.claims {
                    if let Claim::Impact { kind, .. } = claim {
                        *kind = SymptomKind::Errors;
                    }
                }
            }),
        ),
        ("updates", fewer),
        (
            "content",
            tell(&|message| {
                message.claims.truncate(1);
                message.next_update_min = None;
            }),
        ),
        (
            "honest",
            tell(&|message| {
                message.claims.push(Claim::Cause {
                    component: "menus".to_owned(),
                    known: true,
                });
            }),
        ),
        (
            "answers",
            drop(&|c| matches!(c, Command::Tell(m) if m.answers.is_some())),
        ),
        (
            "closing",
            drop(&|c| matches!(c, Command::Tell(m) if m.status == Status::Resolved)),
        ),
    ];
    let mut all: Vec<(&'static str, Script, Script)> = rows
        .into_iter()
        .map(|(id, changed)| (id, base.clone(), changed))
        .collect();
    all.push(("first-message", first_only, silent));
    all
}

#[test]
fn every_criterion_of_a_control_tells_two_journals_apart() {
    let scenario = common::scenario("quiet-evening", SEED, Some(0));
    super::tells_apart(&scenario, variations, &BY_WHAT_IF);
}

/// A hypothesis that something busy is broken is wrong where nothing is, though it names the right component.
#[test]
fn suspecting_what_is_busy_is_not_knowing_that_nothing_is_broken() {
    let scenario = common::scenario("quiet-evening", SEED, Some(0));
    let session = common::reference(&scenario, SEED);
    let base = Recorded::of(&session);
    let broken = altered(&base, |_, c| {
        if let Command::Hypothesise(written) = c {
            "cpu-saturation".clone_into(&mut written.mechanism);
        }
        matches!(c, Command::Hypothesise(_))
    });
    let session = replayed(&scenario, broken);
    let found = conclude(&session).diagnosed;
    assert!(!found.component && !found.mechanism, "{found:?}");
}
