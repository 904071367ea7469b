//! What clients do: retries, budgets, hedging, fan-out, chains of dependencies. Against closed forms and published figures.

use super::formulas::{amplification, any_of};
use super::measured::{attempts, calls, failed, ratio, slow};
use super::network::{AMPLE, Network, Node};
use super::{Case, Ratio, Run, Size, each, share};
use brownout_sim::measure::Measure;

const RETRIES: &str = "sum of a geometric series";
const WORK: &str = "Compute(\"1ms\")";

/// A client that adds nothing, and a server that fails a share of its requests and is never short of anything.
fn failing(run: Run, percent: &str, policy: &str) -> anyhow::Result<Measure> {
    let client = Node::open("client", AMPLE, "Call(\"server\", \"go\")").calling(policy);
    let steps = format!("{WORK}, FailShare(\"{percent}\")");
    let server = Node::open("server", AMPLE, &steps);
    run.steady(Network::at_rate("500/s", vec![client, server]).blueprint()?)
}

fn amplified(run: Run, percent: &str, policy: &str) -> anyhow::Result<Vec<Ratio>> {
    Ok(vec![attempts(&failing(run, percent, policy)?)])
}

/// Three clients in a row, each with four attempts, in front of a server that fails always.
fn cascade(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let tier = |name: &str, next: &str| {
        Node::open(name, AMPLE, &format!("Call(\"{next}\", \"go\")")).calling("attempts: 4")
    };
    let nodes = vec![
        tier("first", "second"),
        tier("second", "third"),
        tier("third", "last"),
        Node::open("last", AMPLE, "FailShare(\"100%\")"),
    ];
    let measure = run
        .shorter(20)
        .steady(Network::at_rate("100/s", nodes).blueprint()?)?;
    Ok(vec![calls(&measure, 2)])
}

/// A hundred calls at once, each with one chance in a hundred to take longer than ln 100 of its mean.
fn fan_out(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let calls = "(\"leaf\", \"go\"), ".repeat(100);
    let root = Node::open("root", AMPLE, &format!("Parallel([{calls}])"));
    let mut network = Network::at_rate("50/s", vec![root, Node::open("leaf", AMPLE, WORK)]);
    // ln 100 ms in whole nanoseconds.
    "4605170ns".clone_into(&mut network.slow);
    Ok(vec![slow(&run.shorter(20).steady(network.blueprint()?)?)])
}

/// Thirty services in a row, each of which fails one request in two thousand.
fn availability(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let node = |index: usize| {
        let call = format!("FailShare(\"0.05%\"), Call(\"s{}\", \"go\")", index + 1);
        let steps = if index < 30 {
            &call
        } else {
            "FailShare(\"0.05%\")"
        };
        Node::open(&format!("s{index}"), AMPLE, steps)
    };
    let network = Network::at_rate("500/s", (1..=30).map(node).collect());
    Ok(vec![failed(&run.shorter(4).steady(network.blueprint()?)?)])
}

/// The same traffic with and without hedging at the 95th percentile.
fn hedging(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let watched = |policy: &str| -> anyhow::Result<Measure> {
        let client = Node::open("client", AMPLE, "Call(\"server\", \"go\")").calling(policy);
        let server = Node::open("server", AMPLE, "ComputeAs(\"10ms\", log_normal(\"1\"))");
        let blueprint = Network::at_rate("500/s", vec![client, server]).blueprint()?;
        let mut world = super::network::world(blueprint, run.seed);
        let mut measure = Measure::new(world.blueprint(), 0);
        measure.durations_ns = Some(Vec::new());
        while measure.users.finished < run.requests {
            let next_ns = world.now_ns() + 1_000_000_000;
            measure.watch(&mut world, next_ns);
        }
        if let Some(durations) = &mut measure.durations_ns {
            durations.sort_unstable();
        }
        Ok(measure)
    };
    let per_mille = |measure: &Measure, quantile: usize| -> u64 {
        let all = measure.durations_ns.as_deref().unwrap_or_default();
        all.get(all.len() * quantile / 1_000).copied().unwrap_or(0)
    };
    let plain = watched("")?;
    let hedged = watched(&format!("hedge: \"{}ns\"", per_mille(&plain, 950)))?;
    let server = |measure: &Measure| measure.servers.get(1).map_or(0, |s| s.finished);
    Ok(vec![
        ratio(server(&hedged), hedged.users.finished),
        ratio(per_mille(&hedged, 999), per_mille(&plain, 999)),
        ratio(server(&plain), plain.users.finished),
    ])
}

const fn quick(requests: u64, seeds: u64) -> Size {
    Size { requests, seeds }
}

pub(super) static CASES: &[Case] = &[
    Case {
        name: "retries-30-4",
        source: RETRIES,
        quick: Some(quick(100_000, 3)),
        quantities: &[share("calls per request", || amplification(0.3, 4), 0.01)],
        run: |run| amplified(run, "30%", "attempts: 4"),
    },
    Case {
        name: "retries-50-3",
        source: RETRIES,
        quick: Some(quick(100_000, 3)),
        quantities: &[share("calls per request", || amplification(0.5, 3), 0.01)],
        run: |run| amplified(run, "50%", "attempts: 3"),
    },
    Case {
        name: "retries-of-retries",
        source: "a^depth: 4^3",
        quick: Some(quick(400_000, 1)),
        quantities: &[share(
            "calls of the last service per request",
            || 4.0_f64.powi(3),
            1e-3,
        )],
        run: cascade,
    },
    Case {
        name: "retry-budget",
        source: "1 + ratio calls per request when everything fails",
        quick: Some(quick(200_000, 2)),
        quantities: &[share("calls per request", || 1.0 + 0.1, 0.005)],
        run: |run| {
            let policy = "attempts: 4, backoff: \"1ms\", budget: (ratio: \"10%\", burst: 10)";
            amplified(run, "100%", policy)
        },
    },
    Case {
        name: "retry-budget-unused",
        source: RETRIES,
        quick: Some(quick(200_000, 3)),
        quantities: &[share("calls per request", || amplification(0.05, 4), 0.005)],
        run: |run| {
            let policy = "attempts: 4, backoff: \"1ms\", budget: (ratio: \"10%\", burst: 10)";
            amplified(run, "5%", policy)
        },
    },
    Case {
        name: "fan-out-tail",
        source: "1 - 0.99^100; Dean and Barroso 2013",
        quick: Some(quick(200_000, 3)),
        quantities: &[super::mean("share slower than the leaves' p99", || {
            any_of(100, 0.01)
        })],
        run: fan_out,
    },
    Case {
        name: "serial-availability",
        source: "1 - 0.9995^30",
        quick: None,
        quantities: &[share("share that fails", || any_of(30, 0.0005), 0.02)],
        run: availability,
    },
    Case {
        name: "hedging",
        source: "Dean and Barroso 2013",
        quick: Some(quick(150_000, 2)),
        quantities: &[
            each("calls per request with hedging at p95", 1.045, 1.055),
            each("p99.9 with hedging over p99.9 without", 0.0, 0.5),
            each("calls per request without", 1.0, 1.001),
        ],
        run: hedging,
    },
];
