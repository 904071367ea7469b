//! Overload: collapse that outlives its trigger, ways out of it, backlogs and hysteresis. Nothing is told to collapse: a
//! server of limited speed, time-outs and retries are all there is.

use super::measured::{calls, ended, ratio, succeeded};
use super::network::{AMPLE, Network, Node};
use super::{Case, Quantity, Ratio, Run, Size, each, mean, share};
use brownout_sim::blueprint::{
    Blueprint, Change, MILLISECOND_NS, ONE_Q16, RateStep, SECOND_NS, Selector, TimedChange,
};
use brownout_sim::ids::{InstanceId, ServiceId};
use brownout_sim::measure::Measure;
use brownout_sim::probe::Status;
use brownout_sim::world::World;

const MEASURED: &str = "measured on a live cluster";
const FLUID: &str = "fluid limit: what comes in less what goes out";
const WASTE: &str =
    "work nobody waits for sustains a collapse; Bronson et al. 2021, Huang et al. 2022";

/// A client with a policy in front of one server that takes a fixed time for a request.
fn server(rate: &str, instance: &str, service: &str, policy: &str) -> anyhow::Result<Blueprint> {
    let client = Node::open("client", AMPLE, "Call(\"server\", \"go\")").calling(policy);
    let instance = format!("cores: 1, workers: 1, {instance}");
    let steps = format!("ComputeAs(\"{service}\", constant)");
    Network::at_rate(rate, vec![client, Node::new("server", &instance, &steps)]).blueprint()
}

/// From `at_s` on for ten seconds, `factor` times as many users come.
fn burst(blueprint: &mut Blueprint, at_s: u64, factor: u32) {
    let step = |at_s: u64, factor: u32| RateStep {
        at_ns: at_s * SECOND_NS,
        factor_q16: factor * ONE_Q16,
    };
    for source in &mut blueprint.sources {
        source.profile = vec![step(at_s, factor), step(at_s + 10, 1)];
    }
}

/// What happens until then.
fn phase(world: &mut World, until_s: u64) -> Measure {
    let mut measure = Measure::new(world.blueprint(), world.now_ns());
    measure.watch(world, until_s * SECOND_NS);
    measure
}

const CLIENT_EDGE: usize = 0;
const SERVER: InstanceId = InstanceId(1);

/// 8 requests/s on a server of 20/s, five times as many for ten seconds.
fn outlives(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let policy = "timeout: \"750ms\", attempts: 3, backoff: \"50ms\", jitter: \"20%\"";
    let mut blueprint = server("8/s", "queue: 256", "50ms", policy)?;
    burst(&mut blueprint, 60, 5);
    let mut world = super::network::world(blueprint, run.seed);
    let before = phase(&mut world, 60);
    phase(&mut world, 90);
    let mut after = Measure::new(world.blueprint(), world.now_ns());
    let (mut least, mut most) = (u64::MAX, 0);
    for second in 91..=360 {
        after.watch(&mut world, second * SECOND_NS);
        let queued = u64::from(world.instance(SERVER).queued);
        (least, most) = (least.min(queued), most.max(queued));
    }
    Ok(vec![
        succeeded(&before),
        succeeded(&after),
        calls(&after, CLIENT_EDGE),
        ratio(least, 1),
        ratio(most, 1),
    ])
}

/// The same with more capacity and fewer attempts, and the trigger twice.
fn shrugs_off(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let policy = "timeout: \"1s\", attempts: 2, backoff: \"50ms\", jitter: \"20%\"";
    let mut blueprint = server("8/s", "queue: 256", "20ms", policy)?;
    burst(&mut blueprint, 60, 5);
    let again = blueprint.sources.first().map(|s| s.profile.clone());
    for (source, steps) in blueprint.sources.iter_mut().zip(again) {
        source
            .profile
            .extend(steps.into_iter().map(|step| RateStep {
                at_ns: step.at_ns + 200 * SECOND_NS,
                ..step
            }));
    }
    let mut world = super::network::world(blueprint, run.seed);
    phase(&mut world, 90);
    let first = phase(&mut world, 260);
    phase(&mut world, 290);
    let second = phase(&mut world, 460);
    let both = |read: fn(&Measure) -> Ratio| {
        let (a, b) = (read(&first), read(&second));
        Ratio {
            sum: a.sum + b.sum,
            count: a.count + b.count,
        }
    };
    Ok(vec![
        both(succeeded),
        both(|m| calls(m, CLIENT_EDGE)),
        ratio(u64::from(world.instance(SERVER).queued), 1),
    ])
}

/// A server of 300/s that stands still for ten seconds: what it is like five to ten minutes later.
fn paused(run: Run, rate: &str, queue: u32) -> anyhow::Result<Vec<Ratio>> {
    let policy = "timeout: \"1s\", attempts: 2, backoff: \"50ms\", jitter: \"20%\"";
    let mut blueprint = server(rate, &format!("queue: {queue}"), "3333333ns", policy)?;
    // The next request takes 3,000 times as long as it would: ten seconds. Those after it take their usual time again.
    for (at_ms, factor) in [(60_000, 3_000), (60_200, 1)] {
        blueprint.timeline.push(TimedChange {
            at_ns: at_ms * MILLISECOND_NS,
            change: Change::Slowdown {
                selector: Selector {
                    service: Some(ServiceId(1)),
                    ..Selector::default()
                },
                factor_q16: factor * ONE_Q16,
            },
        });
    }
    let mut world = super::network::world(blueprint, run.seed);
    let before = phase(&mut world, 60);
    let during = phase(&mut world, 70);
    phase(&mut world, 360);
    let after = phase(&mut world, 660);
    Ok(vec![
        succeeded(&before),
        ratio(ended(&during, Status::Timeout), 1),
        succeeded(&after),
        calls(&after, CLIENT_EDGE),
    ])
}

const HEALED: &[Quantity] = &[
    each("success before", 0.99, 1.0),
    each("attempts that timed out during the pause", 100.0, 1e6),
    each("success afterwards", 0.99, 1.0),
    each("attempts per request afterwards", 1.0, 1.02),
];

/// Load goes up in steps of 2 requests/s from 4 to 24, and down again; five minutes each. Where most requests begin to
/// fail, and where most succeed again.
fn hysteresis(run: Run) -> anyhow::Result<Vec<Ratio>> {
    const STEP_S: u64 = 300;
    let policy = "timeout: \"1s\", attempts: 3, backoff: \"50ms\", jitter: \"20%\"";
    let mut blueprint = server("2/s", "queue: 256", "50ms", policy)?;
    let levels: Vec<u32> = (2..=12).chain((2..12).rev()).collect();
    for source in &mut blueprint.sources {
        source.profile = (0..)
            .zip(&levels)
            .map(|(step, &factor)| RateStep {
                at_ns: step * STEP_S * SECOND_NS,
                factor_q16: factor * ONE_Q16,
            })
            .collect();
    }
    let mut world = super::network::world(blueprint, run.seed);
    let (mut collapse, mut recovery) = (0, 0);
    for (step, &level) in (0..).zip(&levels) {
        phase(&mut world, (step + 1) * STEP_S - 60);
        let end = phase(&mut world, (step + 1) * STEP_S);
        let fails = succeeded(&end).value() < 0.5;
        if fails && collapse == 0 {
            collapse = u64::from(level) * 2;
        }
        if !fails && collapse > 0 && recovery == 0 {
            recovery = u64::from(level) * 2;
        }
    }
    Ok(vec![
        ratio(collapse, 1),
        ratio(recovery, 1),
        ratio(collapse, recovery),
    ])
}

/// Three times the load for twenty seconds leaves a backlog; how long until the queue is empty.
fn drain(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let station = Node::station("station", 1, "Compute(\"1ms\")");
    let mut blueprint = Network::at_rate("500/s", vec![station]).blueprint()?;
    super::network::stretch(&mut blueprint, run.stretch_percent);
    burst(&mut blueprint, 10, 3);
    for source in &mut blueprint.sources {
        if let Some(last) = source.profile.last_mut() {
            last.at_ns = 30 * SECOND_NS;
        }
    }
    let mut world = super::network::world(blueprint, run.seed);
    phase(&mut world, 30);
    let mut measure = Measure::new(world.blueprint(), world.now_ns());
    while world.instance(InstanceId(0)).queued > 0 {
        let next_ns = world.now_ns() + 10 * MILLISECOND_NS;
        measure.watch(&mut world, next_ns);
    }
    Ok(vec![ratio(
        (world.now_ns() - 30 * SECOND_NS) / MILLISECOND_NS,
        1_000,
    )])
}

/// 14 requests/s on a server of 20/s, seven times as many for ten seconds, patient retries: success before, and four
/// minutes from the eighth minute after.
fn wasted(run: Run, instance: &str, policy: &str) -> anyhow::Result<Vec<Ratio>> {
    let common = "timeout: \"1s\", attempts: 2, backoff: \"50ms\", jitter: \"20%\"";
    let mut blueprint = server(
        "14/s",
        &format!("queue: 2000, {instance}"),
        "50ms",
        &format!("{common}, {policy}"),
    )?;
    burst(&mut blueprint, 60, 7);
    let mut world = super::network::world(blueprint, run.seed);
    let calm = phase(&mut world, 60);
    phase(&mut world, 600);
    Ok(vec![succeeded(&calm), succeeded(&phase(&mut world, 900))])
}

const COLLAPSED: &[Quantity] = &[
    each("success before", 0.97, 1.0),
    each("success afterwards", 0.0, 0.05),
];
const KEPT: &[Quantity] = &[
    each("success before", 0.97, 1.0),
    each("success afterwards", 0.9, 1.0),
];

/// The length of these cases is part of them; only the number of seeds can be chosen.
const QUICK: Option<Size> = Some(Size {
    requests: 0,
    seeds: 3,
});

pub(super) static CASES: &[Case] = &[
    Case {
        name: "collapse-outlives-trigger",
        source: MEASURED,
        quick: QUICK,
        quantities: &[
            each("success before", 0.99, 1.0),
            each("success afterwards", 0.0, 0.0),
            each("attempts per request afterwards", 2.95, 3.05),
            // The range is that of one run; the shortest of thirty runs is 205.
            share(
                "shortest queue afterwards, mean of the runs",
                || 231.0,
                25.0 / 231.0,
            ),
            each("longest queue afterwards", 206.0, 256.0),
        ],
        run: outlives,
    },
    Case {
        name: "capacity-and-fewer-attempts",
        source: MEASURED,
        quick: QUICK,
        quantities: &[
            each("success after two triggers", 1.0, 1.0),
            each("attempts per request", 1.0, 1.0),
            each("queue at the end", 0.0, 2.0),
        ],
        run: shrugs_off,
    },
    Case {
        name: "pause-collapses-long-queue",
        source: MEASURED,
        quick: QUICK,
        quantities: &[
            each("success before", 0.99, 1.0),
            each("attempts that timed out during the pause", 100.0, 1e6),
            each("success afterwards", 0.0, 0.0),
            each("attempts per request afterwards", 1.98, 2.02),
        ],
        run: |run| paused(run, "280/s", 1_000),
    },
    Case {
        name: "pause-heals-short-queue",
        source: MEASURED,
        quick: QUICK,
        quantities: HEALED,
        run: |run| paused(run, "280/s", 256),
    },
    Case {
        name: "pause-heals-low-load",
        source: MEASURED,
        quick: QUICK,
        quantities: HEALED,
        run: |run| paused(run, "140/s", 1_000),
    },
    Case {
        name: "hysteresis",
        source: "collapse near capacity; a collapsed system recovers below capacity / attempts",
        quick: QUICK,
        quantities: &[
            each("load at which it collapses", 14.0, 20.0),
            each("load at which it recovers", 4.0, 20.0 / 3.0),
            each("collapse over recovery", 2.0, 5.0),
        ],
        run: hysteresis,
    },
    Case {
        name: "backlog-drain",
        source: FLUID,
        quick: Some(Size {
            requests: 0,
            seeds: 30,
        }),
        quantities: &[mean("seconds until the queue is empty", || {
            (3.0 * 0.5 - 1.0) * 20.0 / (1.0 - 0.5)
        })],
        run: drain,
    },
    Case {
        name: "waste-first-come",
        source: WASTE,
        quick: QUICK,
        quantities: COLLAPSED,
        run: |run| wasted(run, "", ""),
    },
    Case {
        name: "waste-newest-first",
        source: WASTE,
        quick: QUICK,
        quantities: KEPT,
        run: |run| wasted(run, "discipline: lifo", ""),
    },
    Case {
        name: "waste-deadline",
        source: WASTE,
        quick: QUICK,
        quantities: KEPT,
        run: |run| wasted(run, "discipline: deadline", "deadline: true"),
    },
    Case {
        name: "waste-deadline-untold",
        source: WASTE,
        quick: QUICK,
        quantities: COLLAPSED,
        run: |run| wasted(run, "discipline: deadline", ""),
    },
    Case {
        name: "waste-cancellation",
        source: WASTE,
        quick: QUICK,
        quantities: KEPT,
        run: |run| wasted(run, "", "cancel: true"),
    },
    Case {
        name: "waste-controlled-delay",
        source: "RFC 8289",
        quick: QUICK,
        quantities: KEPT,
        run: |run| wasted(run, "discipline: codel(\"200ms\", \"1s\")", ""),
    },
];
