//! The engine against closed forms and published measurements.
//!
//! Seeds are fixed. Expectations are computed from the formula here, never pasted.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "statistics and positions of a test"
)]

use crate::common::{Policy, Station, Sums, chain, world};
use brownout_sim::blueprint::{MILLISECOND_NS, ONE_Q16, RateStep, SECOND_NS, Step};
use brownout_sim::dist::Dist;
use brownout_sim::ids::{FlowId, InstanceId, RegionId};
use brownout_sim::probe::Probe;
use brownout_sim::world::{Progress, World};

const SERVICE_NS: u64 = MILLISECOND_NS;

/// Mean wait in units of the service time and share of requests that waited, pooled over `seeds`.
fn measure(
    servers: u32,
    rho: f64,
    requests: u64,
    seeds: std::ops::RangeInclusive<u64>,
) -> (f64, f64) {
    measure_with(servers, rho, requests, seeds, SERVICE_NS)
}

fn measure_with(
    servers: u32,
    rho: f64,
    requests: u64,
    seeds: std::ops::RangeInclusive<u64>,
    service_ns: u64,
) -> (f64, f64) {
    let interarrival_ns = (SERVICE_NS as f64 / (rho * f64::from(servers))) as u64;
    let (mut wait, mut served, mut waited) = (0.0, 0.0, 0.0);
    for seed in seeds {
        let station = Station::servers(servers, service_ns);
        let mut world = world(
            chain(&[station], interarrival_ns, Policy::PATIENT, Vec::new()),
            seed,
        );
        let mut sums = Sums {
            from_ns: 2_000 * SERVICE_NS,
            ..Sums::default()
        };
        world.advance_until(interarrival_ns * requests, u64::MAX, &mut sums);
        wait += sums.wait_ns as f64 / SERVICE_NS as f64;
        served += sums.served as f64;
        waited += sums.waited as f64;
    }
    (wait / served, waited / served)
}

/// Erlang C: probability that an arrival waits in M/M/c (Kleinrock 1975, vol. 1, §3.5).
fn erlang_c(servers: u32, rho: f64) -> f64 {
    let offered = rho * f64::from(servers);
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..servers {
        term *= offered / f64::from(k);
        sum += term;
    }
    let last = term * offered / f64::from(servers) / (1.0 - rho);
    last / (sum + last)
}

/// Mean wait of M/M/c in units of the service time.
fn mmc_wait(servers: u32, rho: f64) -> f64 {
    erlang_c(servers, rho) / (f64::from(servers) * (1.0 - rho))
}

fn within(measured: f64, expected: f64, tolerance: f64) -> bool {
    (measured / expected - 1.0).abs() <= tolerance
}

#[test]
fn mm1_wait_matches_closed_form() {
    for (rho, requests, tolerance) in [(0.5, 60_000, 0.02), (0.8, 150_000, 0.03)] {
        let (wait, _) = measure(1, rho, requests, 1..=10);
        let expected = rho / (1.0 - rho);
        assert!(
            (mmc_wait(1, rho) / expected - 1.0).abs() < 1e-12,
            "Erlang C reduces to M/M/1"
        );
        assert!(
            within(wait, expected, tolerance),
            "rho {rho}: wait {wait}, expected {expected}"
        );
    }
}

#[test]
fn mm4_wait_and_waiting_share_match_erlang_c() {
    let (wait, share) = measure(4, 0.9, 400_000, 1..=10);
    assert!(
        within(share, erlang_c(4, 0.9), 0.02),
        "share {share}, expected {}",
        erlang_c(4, 0.9)
    );
    assert!(
        within(wait, mmc_wait(4, 0.9), 0.05),
        "wait {wait}, expected {}",
        mmc_wait(4, 0.9)
    );
}

#[test]
fn a_service_time_five_percent_longer_would_be_noticed() {
    let expected = 0.8 / 0.2;
    let (wait, _) = measure_with(1, 0.8, 150_000, 1..=10, SERVICE_NS * 105 / 100);
    assert!(
        !within(wait, expected, 0.03),
        "the gate lets a 5 % error pass: {wait} against {expected}"
    );
}

#[test]
fn chain_is_a_jackson_network() {
    // Independent M/M/2 stations in tandem: the mean sojourn is the sum of the stations'. A worker is not held while a
    // request is downstream here: workers are unlimited and cores are the servers.
    let rho = 0.7;
    let station = Station {
        workers: 1_000_000,
        ..Station::servers(2, SERVICE_NS)
    };
    let interarrival_ns = (SERVICE_NS as f64 / (rho * 2.0)) as u64;
    let (mut sojourn, mut roots) = (0.0, 0.0);
    for seed in 1..=10 {
        let mut world = world(
            chain(&[station; 4], interarrival_ns, Policy::PATIENT, Vec::new()),
            seed,
        );
        let mut sums = Sums {
            from_ns: 2_000 * SERVICE_NS,
            ..Sums::default()
        };
        world.advance_until(interarrival_ns * 60_000, u64::MAX, &mut sums);
        sojourn += sums.sojourn_ns as f64 / SERVICE_NS as f64;
        roots += sums.roots as f64;
    }
    let expected = 4.0 * (1.0 + mmc_wait(2, rho));
    assert!(
        within(sojourn / roots, expected, 0.02),
        "sojourn {}, expected {expected}",
        sojourn / roots
    );
}

fn retrying(
    rate_per_s: u64,
    service_ns: u64,
    queue: u32,
    policy: Policy,
    profile: Vec<RateStep>,
    seed: u64,
) -> World {
    let station = Station {
        queue,
        ..Station::servers(1, service_ns)
    };
    let mut blueprint = chain(&[station], SECOND_NS / rate_per_s, policy, profile);
    // The cluster's server handled a fixed number of requests a second.
    blueprint.versions[0].code[0] = Step::Compute {
        mean_ns: service_ns,
        dist: Dist::Constant,
        failure_q32: 0,
    };
    world(blueprint, seed)
}

/// Trigger of five times the base rate for ten seconds.
fn trigger(at_s: u64) -> Vec<RateStep> {
    vec![
        RateStep {
            at_ns: at_s * SECOND_NS,
            factor_q16: 5 * ONE_Q16,
        },
        RateStep {
            at_ns: (at_s + 10) * SECOND_NS,
            factor_q16: ONE_Q16,
        },
    ]
}

/// The collapse measured on a live cluster: 8 requests/s on a server of 20/s stay at 0 % success long after a burst.
#[test]
fn metastable_collapse_outlives_its_trigger() {
    let policy = Policy {
        timeout_ns: 750 * MILLISECOND_NS,
        attempts: 3,
        backoff_ns: 50 * MILLISECOND_NS,
        jitter_q16: ONE_Q16 / 5,
    };
    for seed in 1..=5 {
        let mut world = retrying(8, SECOND_NS / 20, 256, policy, trigger(60), seed);
        let mut before = Sums::default();
        world.advance_until(60 * SECOND_NS, u64::MAX, &mut before);
        assert!(
            before.ok * 1_000 >= before.roots * 990,
            "healthy before the trigger: {} of {}",
            before.ok,
            before.roots
        );
        world.advance_until((70 + 20) * SECOND_NS, u64::MAX, &mut Sums::default());
        for sample in 0..27 {
            let mut sums = Sums::default();
            world.advance_until((90 + 10 * (sample + 1)) * SECOND_NS, u64::MAX, &mut sums);
            assert_eq!(
                sums.ok, 0,
                "seed {seed}, sample {sample}: success after the trigger"
            );
            let attempts = sums.attempts as f64 / sums.roots as f64;
            assert!(
                (2.95..=3.05).contains(&attempts),
                "seed {seed}, sample {sample}: {attempts} attempts a request"
            );
            let queued = world.instance(InstanceId(0)).queued;
            assert!(
                (206..=256).contains(&queued),
                "seed {seed}, sample {sample}: queue {queued}"
            );
        }
    }
}

/// The same system with more capacity and fewer attempts shrugs the trigger off.
#[test]
fn capacity_and_fewer_attempts_survive_the_trigger() {
    let policy = Policy {
        timeout_ns: SECOND_NS,
        attempts: 2,
        backoff_ns: 50 * MILLISECOND_NS,
        jitter_q16: ONE_Q16 / 5,
    };
    for seed in 1..=5 {
        let mut world = retrying(8, SECOND_NS / 50, 256, policy, trigger(60), seed);
        world.advance_until(90 * SECOND_NS, u64::MAX, &mut Sums::default());
        let mut sums = Sums::default();
        world.advance_until(360 * SECOND_NS, u64::MAX, &mut sums);
        assert_eq!(sums.ok, sums.roots, "seed {seed}");
        assert_eq!(sums.attempts, sums.roots, "seed {seed}: no retries");
    }
}

/// Every request is somewhere: exact identities at many moments of an overloaded run.
#[test]
fn requests_are_conserved() {
    let policy = Policy {
        timeout_ns: 100 * MILLISECOND_NS,
        attempts: 3,
        backoff_ns: 10 * MILLISECOND_NS,
        jitter_q16: 0,
    };
    let station = Station {
        replicas: 2,
        queue: 20,
        ..Station::servers(2, 10 * MILLISECOND_NS)
    };
    let mut world = world(chain(&[station; 3], SECOND_NS / 350, policy, Vec::new()), 3);
    for second in 1..=30 {
        world.advance_until(second * SECOND_NS, u64::MAX, &mut Sums::default());
        let counts = world.counts(FlowId(0), RegionId(0));
        let in_flight = world.in_flight(FlowId(0), RegionId(0));
        assert_eq!(
            counts.arrivals,
            counts.ok + counts.slow + counts.failed + in_flight,
            "at {second} s"
        );
        assert!(
            counts.failed > 0 || second < 3,
            "the case is meant to be overloaded"
        );
    }
}

/// A world that stops being fed empties: no frame is forgotten, whatever was retried or abandoned.
#[test]
fn nothing_leaks_when_arrivals_stop() {
    let policy = Policy {
        timeout_ns: 50 * MILLISECOND_NS,
        attempts: 3,
        backoff_ns: 10 * MILLISECOND_NS,
        jitter_q16: 0,
    };
    let station = Station {
        queue: 50,
        ..Station::servers(2, 10 * MILLISECOND_NS)
    };
    let mut blueprint = chain(&[station; 3], SECOND_NS / 300, policy, Vec::new());
    blueprint.sources[0].limit = 5_000;
    let mut world = world(blueprint, 11);
    world.advance_until(600 * SECOND_NS, u64::MAX, &mut Sums::default());
    let counts = world.counts(FlowId(0), RegionId(0));
    assert_eq!(counts.arrivals, 5_000);
    assert_eq!(counts.ok + counts.slow + counts.failed, 5_000);
    assert_eq!(world.live_frames(), 0);
}

/// How a run is cut into slices and who watches it must not matter.
#[test]
fn slicing_and_watching_change_nothing() {
    struct Deaf;
    impl Probe for Deaf {}
    let build = || {
        let policy = Policy {
            timeout_ns: 80 * MILLISECOND_NS,
            attempts: 2,
            backoff_ns: 10 * MILLISECOND_NS,
            jitter_q16: 6_000,
        };
        world(
            chain(
                &[Station::servers(2, 10 * MILLISECOND_NS); 3],
                SECOND_NS / 180,
                policy,
                Vec::new(),
            ),
            5,
        )
    };
    let mut whole = build();
    whole.advance_until(60 * SECOND_NS, u64::MAX, &mut Deaf);
    let mut sliced = build();
    let mut sums = Sums::default();
    for slice in 1..=3_600u64 {
        while sliced.advance_until(slice * SECOND_NS / 60, 7, &mut sums) == Progress::Budget {}
    }
    assert_eq!(whole.hash(), sliced.hash());
    let mut other = build();
    other.advance_until(60 * SECOND_NS - 1, u64::MAX, &mut Deaf);
    assert_ne!(whole.hash(), other.hash(), "the hash sees time");
}
