//! How a run ended: computed from the session and from its world run on to the horizon.

use brownout_scenario::compiled::{ChangeKind, Scenario};
use brownout_scenario::glossary::is_harmless;
use brownout_sim::blueprint::{Change, MINUTE_NS, SECOND_NS};
use brownout_sim::ids::RegionId;
use brownout_sim::probe::Blind;
use brownout_sim::world::{Progress, Rejected, World};
use brownout_telemetry::recorder::SCRAPE_NS;
use serde::Serialize;

use crate::command::Verdict;
use crate::cost::CostReport;
use crate::event::EndReason;
use crate::harm::{Harm, snapshot};
use crate::pulse::Pulse;
use crate::session::Session;

/// In one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeKind {
    /// Declared over by the player, met the objective for the five minutes before, and holds when the trigger comes
    /// again.
    Resolved,
    /// The objective was met for three minutes. In a control, where nothing is broken: it was met all the time, or again
    /// after what the player did.
    Contained,
    /// It was not.
    Unresolved,
    /// The world could not go on.
    Aborted,
}

/// What the player's diagnosis got right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diagnosed {
    /// Component.
    pub component: bool,
    /// Mechanism.
    pub mechanism: bool,
    /// Trigger: the change that set it off, or that none did.
    pub trigger: bool,
    /// What kept it going.
    pub sustaining: bool,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// In one word.
    pub outcome: OutcomeKind,
    /// Why the world could not go on.
    pub abort_reason: Option<&'static str>,
    /// Seconds from the onset until the objective was met and held; 0 in a control in which it was never missed.
    pub contained_s: Option<u64>,
    /// Diagnosis.
    pub diagnosed: Diagnosed,
    /// Harm up to the horizon.
    pub harm: Harm,
    /// What mitigation cost.
    pub cost: CostReport,
    /// Simulated length in seconds.
    pub simulated_s: u64,
    /// Events run by the world.
    pub events: u64,
    /// Hash of the world at the horizon.
    pub state_hash: u64,
    /// The main flow's success over time.
    pub pulse: Pulse,
}

/// Success the main flow must have for "resolved", parts per million.
const RESOLVED_PPM: u64 = 990_000;

/// Conclude a session. The session itself is left as it is.
#[must_use]
pub fn conclude(session: &Session) -> Conclusion {
    let scenario = session.scenario();
    let mut world = session.world.fork();
    let mut pulse = session.pulse.clone();
    let mut onset = session.onset.clone();
    while world.now_ns() < scenario.horizon_ns && world.aborted().is_none() {
        let next_ns = (world.now_ns() / SCRAPE_NS + 1) * SCRAPE_NS;
        world.advance_until(next_ns.min(scenario.horizon_ns), u64::MAX, &mut Blind);
        if onset.is_none() && world.now_ns() >= scenario.truth.onset_ns {
            onset = Some(snapshot(&world));
        }
        pulse.take(&world);
    }
    let onset_ns = scenario.truth.onset_ns;
    let untouched = scenario.truth.control && pulse.never_missed(onset_ns);
    let contained_ns = if untouched {
        Some(onset_ns)
    } else {
        pulse.contained_ns(onset_ns)
    };
    let abort_reason = match (&session.ended, world.aborted()) {
        (Some((_, EndReason::LimitInFlight)), _)
        | (_, Some(brownout_sim::world::Abort::FramesInFlight)) => {
            Some("limit: requests in flight")
        }
        (Some((_, EndReason::LimitZeroDelay)), _)
        | (_, Some(brownout_sim::world::Abort::ZeroDelayLoop)) => {
            Some("limit: calls without delay")
        }
        _ => None,
    };
    let outcome = if abort_reason.is_some() {
        OutcomeKind::Aborted
    } else if resolved(session) {
        OutcomeKind::Resolved
    } else if contained_ns.is_some() {
        OutcomeKind::Contained
    } else {
        OutcomeKind::Unresolved
    };
    let harm = Harm::since(&world, &onset.unwrap_or_else(|| snapshot(&world)));
    Conclusion {
        outcome,
        abort_reason,
        contained_s: contained_ns.map(|at_ns| (at_ns - onset_ns) / SECOND_NS),
        diagnosed: diagnosed(session),
        harm,
        cost: session.cost.report(),
        simulated_s: world.now_ns() / SECOND_NS,
        events: world.events(),
        state_hash: world.hash(),
        pulse,
    }
}

/// Declared, good for five minutes, and proof against the trigger coming again.
fn resolved(session: &Session) -> bool {
    let Some(declared) = session.desk.resolved else {
        return false;
    };
    let regions = session.scenario().blueprint.regions.len();
    let good = (0..regions).all(|region| {
        let success =
            session
                .pulse
                .success_ppm(RegionId::from_index(region), declared.at_ns, 5 * MINUTE_NS);
        success.is_none_or(|ppm| ppm >= RESOLVED_PPM)
    });
    // Slow answers and work that comes late are no success either.
    let served = session.pulse.meets(declared.at_ns, 5 * MINUTE_NS);
    good && served && survives_trigger(session)
}

/// Replay the trigger on a fork: release again what was released, and see whether users notice.
fn survives_trigger(session: &Session) -> bool {
    let mut world = session.world.fork();
    for change in trigger_changes(session) {
        let refused = world.apply(&change, &mut Blind).err();
        if refused.is_some_and(|why| why != Rejected::Withdrawn)
            && let Change::Deploy { deployment, .. } = change
        {
            // It already runs: a restart reads everything again, which is what a fresh release would do.
            let _ = world.apply(&Change::Restart { deployment }, &mut Blind);
        }
    }
    let end_ns = world.now_ns() + 6 * MINUTE_NS;
    run_and_check(&mut world, session, end_ns)
}

fn run_and_check(world: &mut World, session: &Session, end_ns: u64) -> bool {
    let flow = session.scenario().main_flow;
    let regions = session.scenario().blueprint.regions.len();
    let check_from_ns = end_ns - 2 * MINUTE_NS;
    if world.advance_until(check_from_ns, u64::MAX, &mut Blind) != Progress::Reached {
        return false;
    }
    let mut pulse = Pulse::new(session.scenario());
    pulse.take(world);
    let before: Vec<_> = (0..regions)
        .map(|r| world.counts(flow, RegionId::from_index(r)))
        .collect();
    if world.advance_until(end_ns, u64::MAX, &mut Blind) != Progress::Reached {
        return false;
    }
    pulse.take(world);
    let succeeded = before.iter().enumerate().all(|(region, before)| {
        let counts = world
            .counts(flow, RegionId::from_index(region))
            .since(before);
        let total = counts.finished();
        (counts.ok + counts.slow) * 1_000_000 >= total * RESOLVED_PPM
    });
    succeeded && pulse.meets(end_ns, 2 * MINUTE_NS + 1)
}

/// The changes of the truth's trigger, as they would be made again.
fn trigger_changes(session: &Session) -> Vec<Change> {
    let scenario = session.scenario();
    let Some(record) = scenario
        .truth
        .trigger
        .and_then(|index| scenario.records.get(index))
    else {
        return Vec::new();
    };
    let (ChangeKind::Deploy, Some(service), Some(version)) =
        (record.kind, record.service, record.version)
    else {
        return Vec::new();
    };
    let blueprint = &scenario.blueprint;
    let deployments = blueprint
        .deployments
        .iter()
        .enumerate()
        .filter(|(_, d)| d.service == service);
    deployments
        .filter(|(_, d)| record.regions.is_empty() || record.regions.contains(&d.region))
        .map(|(index, _)| Change::Deploy {
            deployment: brownout_sim::ids::DeploymentId::from_index(index),
            version,
        })
        .collect()
}

/// The diagnosis is the hypothesis held supported at the end; among several, the one believed most.
#[must_use]
pub fn diagnosis(session: &Session) -> Option<&crate::desk::Hypothesis> {
    let now_ns = session.now_ns();
    session
        .desk
        .hypotheses
        .iter()
        .filter(|h| h.verdict() == Verdict::Supported)
        .max_by_key(|h| h.confidence_at(now_ns))
}

/// Whether a hypothesis is about what it was: it suspects the guilty component. In a control it has to say, too, that
/// nothing is broken: who suspects the busy component of a failure is wrong.
#[must_use]
pub fn names_truth(scenario: &Scenario, hypothesis: &crate::desk::Hypothesis) -> bool {
    let truth = &scenario.truth;
    let written = &hypothesis.written;
    scenario.blueprint.services[truth.component.index()].name == written.suspect
        && (!truth.control || is_harmless(&written.mechanism))
}

fn diagnosed(session: &Session) -> Diagnosed {
    let Some(hypothesis) = diagnosis(session) else {
        return Diagnosed::default();
    };
    let scenario = session.scenario();
    let truth = &scenario.truth;
    let component = names_truth(scenario, hypothesis);
    let true_trigger = truth
        .trigger
        .and_then(|index| scenario.records.get(index))
        .map(|record| record.title.as_str());
    let named = hypothesis
        .written
        .trigger
        .as_deref()
        .filter(|title| !title.is_empty());
    Diagnosed {
        component,
        mechanism: component && hypothesis.written.mechanism == truth.mechanism,
        trigger: component && named == true_trigger,
        sustaining: component
            && hypothesis.sustaining.as_deref() == Some(truth.sustaining.as_str()),
    }
}
