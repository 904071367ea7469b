//! Requests of two classes at one server: the more critical one is always taken first, and never interrupts the other.

use brownout_sim::blueprint::MILLISECOND_NS;
use brownout_sim::measure::Measure;

use super::formulas::{mm1k_loss, priority_waits};
use super::measured::failed;
use super::network::{AMPLE, compile_text};
use super::{Case, Ratio, Run, Size, mean};

/// Loads of the critical and the sheddable class. The service time is 1 ms, so they are rates per millisecond too.
const URGENT: f64 = 0.3;
const OTHER: f64 = 0.5;

const COBHAM: &str = "Cobham 1954, \"Priority assignment in waiting line problems\"; Kleinrock 1976, vol. 2, section 3.2";

/// One server with `queue` places to wait, and two flows of users at rates per second.
fn two_classes(run: Run, queue: u32, rates: [u32; 2], work: &str) -> anyhow::Result<Measure> {
    let flow = |(name, rate, criticality, main): (&str, u32, &str, bool)| {
        format!(
            "(name: \"{name}\", title: \"{name}\", entry: (\"station\", \"{name}\"), rates: {{\"r\": \"{rate}/s\"}}, \
             slow: \"1h\", timeout: \"1h\", criticality: {criticality}, main: {main}), "
        )
    };
    let flows = [
        ("urgent", rates[0], "critical_plus", true),
        ("other", rates[1], "sheddable", false),
    ]
    .map(flow)
    .concat();
    let endpoints =
        ["urgent", "other"].map(|name| format!("(name: \"{name}\", steps: [{work}]), "));
    let text = format!(
        "System(format: 1, name: \"two-classes\", title: \"Two classes\", regions: [\"r\"], \
         latency: (within: \"0s\", between: \"0s\"), services: [(name: \"station\", replicas: {{\"r\": 1}}, \
         instance: (cores: 1, workers: 1, queue: {queue}, discipline: priority), endpoints: [{}])], flows: [{flows}])",
        endpoints.concat()
    );
    run.steady(compile_text(&text)?)
}

/// Mean waits of both classes.
#[expect(clippy::cast_precision_loss, reason = "sums of a run")]
fn waits(run: Run, work: &str) -> anyhow::Result<Vec<Ratio>> {
    let measure = two_classes(run, AMPLE, [300, 500], work)?;
    let waits = measure.servers.iter().map(|server| Ratio {
        sum: server.wait_ns as f64 / MILLISECOND_NS as f64,
        count: server.finished as f64,
    });
    Ok(waits.collect())
}

pub(super) static CASES: &[Case] = &[
    Case {
        name: "priority",
        source: COBHAM,
        quick: Some(Size {
            requests: 400_000,
            seeds: 8,
        }),
        quantities: &[
            mean("wait of the critical", || {
                priority_waits(URGENT, OTHER, 1.0).0
            }),
            mean("wait of the sheddable", || {
                priority_waits(URGENT, OTHER, 1.0).1
            }),
        ],
        run: |run| waits(run, "Compute(\"1ms\")"),
    },
    Case {
        name: "priority-hyperexponential",
        source: COBHAM,
        quick: Some(Size {
            requests: 400_000,
            seeds: 12,
        }),
        quantities: &[
            mean("wait of the critical", || {
                priority_waits(URGENT, OTHER, 4.0).0
            }),
            mean("wait of the sheddable", || {
                priority_waits(URGENT, OTHER, 4.0).1
            }),
        ],
        run: |run| waits(run, "ComputeAs(\"1ms\", hyper_exponential(\"4\"))"),
    },
    Case {
        name: "priority-loss",
        source: "who is turned away does not change how many are: M/M/1/K; Kleinrock 1975, vol. 1, section 3.6",
        quick: Some(Size {
            requests: 300_000,
            seeds: 5,
        }),
        quantities: &[mean("loss of both classes", || mm1k_loss(1.2, 20))],
        run: |run| {
            let measure = two_classes(run, 19, [500, 700], "Compute(\"1ms\")")?;
            Ok(vec![failed(&measure)])
        },
    },
];
