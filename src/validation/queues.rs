//! Queues and networks of queues in steady state, against closed forms. The service time is 1 ms and the unit of time.

use super::formulas::{
    closed_loop, erlang_c, lognormal_scv, mg1_sojourn, mm1k_loss, mmc_sojourn, mmc_wait,
    sharing_sojourn,
};
use super::measured::{failed, sojourn, throughput, wait, waited};
use super::network::{AMPLE, Network, Node};
use super::{Case, Ratio, Run, Size, mean};
use brownout_sim::blueprint::MILLISECOND_NS;
use brownout_sim::ids::InstanceId;
use brownout_sim::measure::Measure;

const KLEINROCK: &str = "Kleinrock 1975, vol. 1, section 3.2";
const ERLANG: &str = "Erlang C; Kleinrock 1975, vol. 1, section 3.5";
const LOSS: &str = "Kleinrock 1975, vol. 1, section 3.6";
const POLLACZEK: &str = "Pollaczek and Khinchine; Kleinrock 1975, vol. 1, section 5.6";
const SHARING: &str = "Kleinrock 1976, vol. 2, section 4.4";
const JACKSON: &str = "Jackson 1957";
const WORK: &str = "Compute(\"1ms\")";

const fn quick(requests: u64, seeds: u64) -> Size {
    Size { requests, seeds }
}

/// M/G/1, or M/M/c, with all the space it wants.
fn queue(run: Run, rate: &str, servers: u32, steps: &str) -> anyhow::Result<Measure> {
    let station = Node::station("station", servers, steps);
    run.steady(Network::at_rate(rate, vec![station]).blueprint()?)
}

fn shared(run: Run, rate: &str, cores: u32, steps: &str) -> anyhow::Result<Vec<Ratio>> {
    let instance = format!("cores: {cores}, workers: {AMPLE}, queue: {AMPLE}, sharing: equal");
    let network = Network::single(rate, &instance, steps);
    Ok(vec![sojourn(&run.steady(network.blueprint()?)?)])
}

fn bounded(run: Run, rate: &str, places: u32) -> anyhow::Result<Vec<Ratio>> {
    let instance = format!("cores: 1, workers: 1, queue: {}", places - 1);
    let network = Network::single(rate, &instance, WORK);
    Ok(vec![failed(&run.steady(network.blueprint()?)?)])
}

fn mm1(run: Run, rate: &str) -> anyhow::Result<Vec<Ratio>> {
    Ok(vec![sojourn(&queue(run, rate, 1, WORK)?)])
}

fn mg1(run: Run, steps: &str) -> anyhow::Result<Vec<Ratio>> {
    Ok(vec![sojourn(&queue(run, "700/s", 1, steps)?)])
}

fn mmc(run: Run, rate: &str, servers: u32) -> anyhow::Result<Vec<Ratio>> {
    let measure = queue(run, rate, servers, WORK)?;
    Ok(vec![waited(&measure), wait(&measure)])
}

/// Four stations of two servers in a row.
fn tandem(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let stations = (1..=4).map(|i| {
        let next = format!("{WORK}, Call(\"s{}\", \"go\")", i + 1);
        Node::open(&format!("s{i}"), 2, if i < 4 { &next } else { WORK })
    });
    let network = Network::at_rate("1400/s", stations.collect());
    Ok(vec![sojourn(&run.steady(network.blueprint()?)?)])
}

/// A station, then for 40 % of requests a second one, then for all a third one of two servers.
fn branching(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let front =
        format!("{WORK}, IfFlag(\"detour\", [Call(\"detour\", \"go\")]), Call(\"last\", \"go\")");
    let mut network = Network::at_rate(
        "600/s",
        vec![
            Node::open("front", 1, &front),
            Node::open("detour", 1, "Compute(\"2ms\")"),
            Node::open("last", 2, "Compute(\"2ms\")"),
        ],
    );
    network.flags.push(("detour", "40%"));
    Ok(vec![sojourn(&run.steady(network.blueprint()?)?)])
}

/// A station that has to do 30 % of its work again: failed calls are repeated at once.
fn feedback(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let again = format!("{WORK}, FailShare(\"30%\")");
    let front =
        Node::open("front", 1, &format!("{WORK}, Call(\"again\", \"go\")")).calling("attempts: 10");
    let network = Network::at_rate("500/s", vec![front, Node::open("again", 1, &again)]);
    Ok(vec![sojourn(&run.steady(network.blueprint()?)?)])
}

/// A pool of four connections in front of a server that is never short of anything.
fn pool(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let front = Node::open("front", AMPLE, "Call(\"server\", \"go\")").calling("pool: 4");
    let network = Network::at_rate("3200/s", vec![front, Node::open("server", AMPLE, WORK)]);
    Ok(vec![sojourn(&run.steady(network.blueprint()?)?)])
}

fn loop_of_users(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let mut network = Network::at_rate("1/s", vec![Node::station("station", 1, WORK)]);
    "users: {\"r\": (count: 12, think: \"8ms\")}".clone_into(&mut network.traffic);
    let measure = run.steady(network.blueprint()?)?;
    Ok(vec![throughput(&measure), sojourn(&measure)])
}

/// Little's law at a queue: mean length, looked at every millisecond, over arrival rate × mean wait.
#[expect(clippy::cast_precision_loss, reason = "counts of a run")]
fn little(run: Run) -> anyhow::Result<Vec<Ratio>> {
    let front = Node::new(
        "front",
        "cores: 2, workers: 4, queue: 60, discipline: lifo",
        &format!("{WORK}, Call(\"back\", \"go\")"),
    )
    .calling("timeout: \"4ms\", attempts: 2");
    let back = Node::new(
        "back",
        "cores: 2, workers: 2, queue: 50",
        "ComputeAs(\"1ms\", hyper_exponential(\"4\"))",
    );
    let mut blueprint = Network::at_rate("1300/s", vec![front, back]).blueprint()?;
    super::network::stretch(&mut blueprint, run.stretch_percent);
    let mut world = super::network::world(blueprint, run.seed);
    let mut measure = Measure::new(world.blueprint(), 0);
    let mut queued = [0u64; 2];
    let steps = run.requests;
    for step in 1..=steps {
        measure.watch(&mut world, step * MILLISECOND_NS);
        for (queue, total) in (0..2).zip(&mut queued) {
            *total += u64::from(world.instance(InstanceId(queue)).queued);
        }
    }
    let ratios = queued
        .iter()
        .zip(&measure.servers)
        .map(|(length, server)| Ratio {
            sum: *length as f64,
            count: server.wait_ns as f64 / MILLISECOND_NS as f64,
        });
    Ok(ratios.collect())
}

pub(super) static CASES: &[Case] = &[
    Case {
        name: "mm1-50",
        source: KLEINROCK,
        quick: Some(quick(400_000, 5)),
        quantities: &[mean("sojourn", || mmc_sojourn(1, 0.5))],
        run: |run| mm1(run, "500/s"),
    },
    Case {
        name: "mm1-80",
        source: KLEINROCK,
        quick: Some(quick(400_000, 10)),
        quantities: &[mean("sojourn", || 1.0 / (1.0 - 0.8))],
        run: |run| mm1(run, "800/s"),
    },
    Case {
        name: "mm1-90",
        source: KLEINROCK,
        quick: None,
        quantities: &[mean("sojourn", || 1.0 / (1.0 - 0.9))],
        run: |run| mm1(run, "900/s"),
    },
    Case {
        name: "mm1-95",
        source: KLEINROCK,
        quick: None,
        quantities: &[mean("sojourn", || 1.0 / (1.0 - 0.95))],
        run: |run| mm1(run, "950/s"),
    },
    Case {
        name: "mm4-70",
        source: ERLANG,
        quick: Some(quick(400_000, 8)),
        quantities: &[
            mean("share that waits", || erlang_c(4, 0.7)),
            mean("wait", || mmc_wait(4, 0.7)),
        ],
        run: |run| mmc(run, "2800/s", 4),
    },
    Case {
        name: "mm4-90",
        source: ERLANG,
        quick: None,
        quantities: &[
            mean("share that waits", || erlang_c(4, 0.9)),
            mean("wait", || mmc_wait(4, 0.9)),
        ],
        run: |run| mmc(run, "3600/s", 4),
    },
    Case {
        name: "mm16-90",
        source: ERLANG,
        quick: None,
        quantities: &[
            mean("share that waits", || erlang_c(16, 0.9)),
            mean("wait", || mmc_wait(16, 0.9)),
        ],
        run: |run| mmc(run, "14400/s", 16),
    },
    Case {
        name: "md1-80",
        source: POLLACZEK,
        quick: Some(quick(400_000, 6)),
        quantities: &[mean("sojourn", || mg1_sojourn(0.8, 0.0))],
        run: |run| {
            let measure = queue(run, "800/s", 1, "ComputeAs(\"1ms\", constant)")?;
            Ok(vec![sojourn(&measure)])
        },
    },
    Case {
        name: "mg1-erlang",
        source: POLLACZEK,
        quick: Some(quick(300_000, 5)),
        quantities: &[mean("sojourn", || mg1_sojourn(0.7, 0.25))],
        run: |run| mg1(run, "ComputeAs(\"1ms\", erlang(4))"),
    },
    Case {
        name: "mg1-lognormal",
        source: POLLACZEK,
        quick: Some(quick(400_000, 8)),
        quantities: &[mean("sojourn", || mg1_sojourn(0.7, lognormal_scv(1.0)))],
        run: |run| mg1(run, "ComputeAs(\"1ms\", log_normal(\"1\"))"),
    },
    Case {
        name: "mg1-hyperexponential",
        source: POLLACZEK,
        quick: Some(quick(400_000, 10)),
        quantities: &[mean("sojourn", || mg1_sojourn(0.7, 4.0))],
        run: |run| mg1(run, "ComputeAs(\"1ms\", hyper_exponential(\"4\"))"),
    },
    Case {
        name: "sharing-constant",
        source: SHARING,
        quick: Some(quick(200_000, 5)),
        quantities: &[mean("sojourn", || sharing_sojourn(0.7))],
        run: |run| shared(run, "700/s", 1, "ComputeAs(\"1ms\", constant)"),
    },
    Case {
        name: "sharing-exponential",
        source: SHARING,
        quick: Some(quick(200_000, 8)),
        quantities: &[mean("sojourn", || sharing_sojourn(0.7))],
        run: |run| shared(run, "700/s", 1, WORK),
    },
    Case {
        name: "sharing-hyperexponential",
        source: SHARING,
        quick: Some(quick(200_000, 8)),
        quantities: &[mean("sojourn", || sharing_sojourn(0.7))],
        run: |run| {
            shared(
                run,
                "700/s",
                1,
                "ComputeAs(\"1ms\", hyper_exponential(\"4\"))",
            )
        },
    },
    Case {
        name: "sharing-two-cores",
        source: "the number in the system of M/M/2 is the same under both disciplines; Little",
        quick: Some(quick(200_000, 8)),
        quantities: &[mean("sojourn", || mmc_sojourn(2, 0.8))],
        run: |run| shared(run, "1600/s", 2, WORK),
    },
    Case {
        name: "mm1k-95-10",
        source: LOSS,
        quick: Some(quick(400_000, 5)),
        quantities: &[mean("loss", || mm1k_loss(0.95, 10))],
        run: |run| bounded(run, "950/s", 10),
    },
    Case {
        name: "mm1k-120-50",
        source: LOSS,
        quick: Some(quick(300_000, 5)),
        quantities: &[mean("loss", || mm1k_loss(1.2, 50))],
        run: |run| bounded(run, "1200/s", 50),
    },
    Case {
        name: "lifo",
        source: "same mean as first come, first served, by conservation; Kleinrock 1976, vol. 2, section 3.4",
        quick: Some(quick(400_000, 8)),
        quantities: &[mean("sojourn", || mmc_sojourn(1, 0.7))],
        run: |run| {
            let instance = format!("cores: 1, workers: 1, queue: {AMPLE}, discipline: lifo");
            let network = Network::single("700/s", &instance, WORK);
            Ok(vec![sojourn(&run.steady(network.blueprint()?)?)])
        },
    },
    Case {
        name: "jackson-tandem",
        source: JACKSON,
        quick: Some(quick(150_000, 5)),
        quantities: &[mean("sojourn", || 4.0 * mmc_sojourn(2, 0.7))],
        run: tandem,
    },
    Case {
        name: "jackson-branching",
        source: JACKSON,
        quick: Some(quick(200_000, 6)),
        quantities: &[mean("sojourn", || {
            let detour = 2.0 / (1.0 - 0.6 * 0.4 * 2.0);
            1.0 / (1.0 - 0.6) + 0.4 * detour + 2.0 * mmc_sojourn(2, 0.6)
        })],
        run: branching,
    },
    Case {
        name: "jackson-feedback",
        source: "Jackson 1963: a station visited 1/(1 - p) times has the load of that many, and product form holds",
        quick: Some(quick(200_000, 8)),
        quantities: &[mean("sojourn", || {
            let rho = 0.5 / (1.0 - 0.3);
            1.0 / (1.0 - 0.5) + rho / (1.0 - rho) / 0.5
        })],
        run: feedback,
    },
    Case {
        name: "closed-loop",
        source: "Reiser and Lavenberg 1980",
        quick: Some(quick(200_000, 3)),
        quantities: &[
            mean("throughput", || closed_loop(12, 8.0).0),
            mean("residence", || closed_loop(12, 8.0).1),
        ],
        run: loop_of_users,
    },
    Case {
        name: "connection-pool",
        source: ERLANG,
        quick: Some(quick(200_000, 8)),
        quantities: &[mean("sojourn", || mmc_sojourn(4, 0.8))],
        run: pool,
    },
    Case {
        name: "little",
        source: "Little 1961",
        quick: Some(quick(400_000, 1)),
        quantities: &[
            super::share("newest first, with time-outs and retries", || 1.0, 0.01),
            super::share("oldest first, bounded, bursty service", || 1.0, 0.01),
        ],
        run: little,
    },
];
