//! Single stations against closed forms: sharing, service-time variance, bounded queues, closed loops, pools.
//!
//! Expectations are computed from the formula here, never pasted; seeds are fixed.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    reason = "statistics of a test"
)]

use crate::common::{Policy, Station, Sums, chain, world};
use brownout_sim::blueprint::{Blueprint, Discipline, MILLISECOND_NS, Pool, Sharing, Step, Users};
use brownout_sim::dist::Dist;
use brownout_sim::ids::{EdgeId, FlowId, InstanceId, RegionId};

const SERVICE_NS: u64 = MILLISECOND_NS;

/// Sums over fixed seeds, after a warm-up of 2,000 service times.
fn pooled(blueprint: &Blueprint, length_ns: u64) -> Sums {
    let mut pooled = Sums {
        from_ns: 2_000 * SERVICE_NS,
        ..Sums::default()
    };
    for seed in 1..=10 {
        world(blueprint.clone(), seed).advance_until(length_ns, u64::MAX, &mut pooled);
    }
    pooled
}

fn single(rho: f64, dist: Dist, sharing: Sharing) -> (Blueprint, u64) {
    let interarrival_ns = (SERVICE_NS as f64 / rho) as u64;
    let station = Station {
        workers: 1_000_000,
        ..Station::servers(1, SERVICE_NS)
    };
    let mut blueprint = chain(&[station], interarrival_ns, Policy::PATIENT, Vec::new());
    blueprint.services[0].instance.sharing = sharing;
    set_dist(&mut blueprint, 0, dist);
    (blueprint, interarrival_ns)
}

fn set_dist(blueprint: &mut Blueprint, version: usize, new: Dist) {
    for step in &mut blueprint.versions[version].code {
        if let Step::Compute { dist, .. } = step {
            *dist = new;
        }
    }
}

/// Mean time in the system in units of the service time.
fn sojourn(sums: &Sums) -> f64 {
    sums.sojourn_ns as f64 / sums.roots as f64 / SERVICE_NS as f64
}

#[track_caller]
fn assert_near(measured: f64, expected: f64, tolerance: f64, what: &str) {
    assert!(
        (measured / expected - 1.0).abs() <= tolerance,
        "{what}: {measured}, expected {expected}"
    );
}

/// Squared coefficient of variation 4.
const BURSTY: Dist = Dist::HyperExponential { scv_q16: 4 << 16 };

/// Processor sharing: the mean sojourn is 1/(1 − ρ) whatever the service times (Kleinrock 1976, vol. 2, §4.4).
#[test]
fn processor_sharing_does_not_mind_the_distribution() {
    for dist in [Dist::Constant, Dist::Exponential, BURSTY] {
        let (blueprint, gap_ns) = single(0.7, dist, Sharing::Equal);
        let measured = sojourn(&pooled(&blueprint, gap_ns * 150_000));
        assert_near(measured, 1.0 / (1.0 - 0.7), 0.02, &format!("{dist:?}"));
    }
}

/// Pollaczek and Khinchine: the wait grows with the variance (Kleinrock 1975, vol. 1, §5.6).
#[test]
fn first_come_first_served_minds_it_as_pollaczek_and_khinchine_say() {
    let sigma: f64 = 1.0;
    let lognormal = Dist::LogNormal { sigma_q16: 65_536 };
    let cases = [
        (Dist::Constant, 0.0),
        (Dist::Erlang { phases: 4 }, 0.25),
        (lognormal, (sigma * sigma).exp_m1()),
        (BURSTY, 4.0),
    ];
    for (dist, scv) in cases {
        let rho = 0.7;
        let (blueprint, gap_ns) = single(rho, dist, Sharing::FirstCome);
        let expected = 1.0 + rho / (1.0 - rho) * (1.0 + scv) / 2.0;
        let measured = sojourn(&pooled(&blueprint, gap_ns * 200_000));
        assert_near(measured, expected, 0.03, &format!("{dist:?}"));
    }
}

/// A station with more cores than one shares them too: M/M/2 under processor sharing has the sojourn of M/M/2.
#[test]
fn two_shared_cores_serve_like_two_servers_on_average() {
    let (rho, cores) = (0.8, 2.0);
    let (mut blueprint, _) = single(rho, Dist::Exponential, Sharing::Equal);
    blueprint.services[0].instance.cores = 2;
    let gap_ns = (SERVICE_NS as f64 / (rho * cores)) as u64;
    blueprint.sources[0].interarrival_ns = gap_ns;
    // Erlang C for two servers reduces to 2ρ²/(1 + ρ).
    let waits = 2.0 * rho * rho / (1.0 + rho);
    let expected = 1.0 + waits / (cores * (1.0 - rho));
    let measured = sojourn(&pooled(&blueprint, gap_ns * 300_000));
    assert_near(measured, expected, 0.03, "M/M/2-PS");
}

/// Loss of M/M/1/K: (1 − ρ) ρ^K / (1 − ρ^(K+1)).
#[test]
fn a_bounded_queue_loses_what_the_formula_says() {
    for (rho, places) in [(0.95_f64, 10), (1.2, 50)] {
        let station = Station {
            queue: places - 1,
            ..Station::servers(1, SERVICE_NS)
        };
        let gap_ns = (SERVICE_NS as f64 / rho) as u64;
        let blueprint = chain(&[station], gap_ns, Policy::PATIENT, Vec::new());
        let sums = pooled(&blueprint, gap_ns * 200_000);
        let places = i32::try_from(places).expect("small");
        let expected = (1.0 - rho) * rho.powi(places) / (1.0 - rho.powi(places + 1));
        let measured = 1.0 - sums.ok as f64 / sums.roots as f64;
        assert_near(
            measured,
            expected,
            0.03,
            &format!("loss at {rho}, {places} places"),
        );
    }
}

/// Last come, first served without pre-emption: same mean, whatever the order; but the unlucky wait far longer.
#[test]
fn serving_the_newest_first_keeps_the_mean_wait() {
    let rho = 0.8;
    let gap_ns = (SERVICE_NS as f64 / rho) as u64;
    let mut blueprint = chain(
        &[Station::servers(1, SERVICE_NS)],
        gap_ns,
        Policy::PATIENT,
        Vec::new(),
    );
    blueprint.services[0].instance.discipline = Discipline::Lifo;
    let measured = sojourn(&pooled(&blueprint, gap_ns * 200_000));
    assert_near(measured, 1.0 / (1.0 - rho), 0.03, "M/M/1-LCFS");
}

/// Throughput of a closed loop by mean value analysis (Reiser and Lavenberg 1980): one station, thinking users.
#[test]
fn a_closed_loop_has_the_throughput_of_mean_value_analysis() {
    let (users, think) = (12_u32, 8.0);
    let mut blueprint = chain(
        &[Station::servers(1, SERVICE_NS)],
        SERVICE_NS,
        Policy::PATIENT,
        Vec::new(),
    );
    blueprint.sources[0].users = Some(Users {
        count: users,
        think_ns: 8 * SERVICE_NS,
        think: Dist::Exponential,
    });
    let (mut queue, mut throughput) = (0.0, 0.0);
    for population in 1..=users {
        let residence = 1.0 + queue;
        throughput = f64::from(population) / (think + residence);
        queue = throughput * residence;
    }
    let length = 200_000;
    let sums = pooled(&blueprint, length * SERVICE_NS);
    let measured = sums.roots as f64 / (10.0 * (length - 2_000) as f64);
    assert_near(measured, throughput, 0.01, "throughput");
    assert_near(
        sojourn(&sums),
        f64::from(users) / throughput - think,
        0.02,
        "residence",
    );
    let world = {
        let mut world = world(blueprint, 3);
        world.advance_until(
            5_000 * SERVICE_NS,
            u64::MAX,
            &mut brownout_sim::probe::Blind,
        );
        world
    };
    assert!(world.in_flight(FlowId(0), RegionId(0)) <= u64::from(users));
}

/// A pool of connections in front of an ample server is a station with that many servers.
#[test]
fn a_connection_pool_waits_like_erlang_c() {
    let (size, rho) = (4_u32, 0.85);
    let gap_ns = (SERVICE_NS as f64 / (rho * f64::from(size))) as u64;
    let ample = |service_ns| Station {
        cores: 1_000_000,
        workers: 1_000_000,
        ..Station::servers(1, service_ns)
    };
    let mut blueprint = chain(
        &[ample(0), ample(SERVICE_NS)],
        gap_ns,
        Policy::PATIENT,
        Vec::new(),
    );
    blueprint.edges[1].pool = Some(Pool { size });
    let offered = rho * f64::from(size);
    let mut sum = 0.0;
    let mut term = 1.0;
    for k in 0..size {
        sum += term;
        term *= offered / f64::from(k + 1);
    }
    let waits = term / (1.0 - rho) / (sum + term / (1.0 - rho));
    let expected = 1.0 + waits / (f64::from(size) * (1.0 - rho));
    let measured = sojourn(&pooled(&blueprint, gap_ns * 200_000));
    assert_near(measured, expected, 0.03, "sojourn");
    let mut world = world(blueprint, 5);
    for second in 1..20 {
        world.advance_until(
            second * 1_000 * SERVICE_NS,
            u64::MAX,
            &mut brownout_sim::probe::Blind,
        );
        let pool = world.pool(InstanceId(0), EdgeId(1)).expect("a pool");
        assert!(
            pool.used <= size && (pool.waiting == 0 || pool.used == size),
            "{pool:?}"
        );
    }
}
