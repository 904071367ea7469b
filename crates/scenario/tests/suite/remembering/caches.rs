//! Caches: hit ratios, cold starts, stampedes.

use brownout_sim::blueprint::{DataChange, MILLISECOND_NS};
use brownout_sim::ids::{DeploymentId, EndpointId, FlowId, InstanceId, KeySpaceId, RegionId};
use brownout_sim::world::World;

use super::{change, conserved, counts, flow, run, share, world};

fn cached(keys: &str, cache: &str, cached: &str, db_cores: u32, rate: &str, seed: u64) -> World {
    let services = format!(
        r#"(name: "app", replicas: {{"north": 2}}, instance: (cores: 1000, workers: 100000),
            endpoints: [(name: "go", steps: [Cached((lookup: ("cache", "get"), fill: ("cache", "set"), miss: [Call("db", "read")]{cached}))])],
            calls: {{"cache": (optional: true, timeout: "1s"), "db": (timeout: "2s")}}),
           (name: "cache", kind: cache, replicas: {{"north": 1}}, instance: (cores: 1000, workers: 100000, start: "5s"),
            cache: ({cache}),
            endpoints: [(name: "get", steps: [Lookup]), (name: "set", steps: [Store])]),
           (name: "db", replicas: {{"north": 1}}, instance: (cores: {db_cores}, workers: 1000, queue: 100000),
            endpoints: [(name: "read", steps: [ComputeAs("20ms", constant)])])"#
    );
    world(keys, &services, &flow(rate, "3s"), seed)
}

fn hit_ratio(world: &mut World, from_s: u64, until_s: u64) -> f64 {
    let cache = |world: &World| {
        let found =
            (0..world.instance_count()).find_map(|i| world.cache(InstanceId::from_index(i)));
        found.expect("one instance is a cache").counts
    };
    run(world, from_s);
    let before = cache(world);
    run(world, until_s);
    let after = cache(world);
    let (hits, misses) = (after.hits - before.hits, after.misses - before.misses);
    share(hits, hits + misses)
}

/// Hit ratio of a least-recently-used cache under independent Zipf requests (Che, Tung and Wang 2002): with T solving
/// Σ(1 − e^(−pT)) = C it is Σ p(1 − e^(−pT)).
fn che(keys: u32, skew: f64, entries: u32) -> f64 {
    let weights: Vec<f64> = (1..=keys).map(|k| libm::pow(f64::from(k), -skew)).collect();
    let total: f64 = weights.iter().sum();
    let p: Vec<f64> = weights.iter().map(|w| w / total).collect();
    let filled = |t: f64| p.iter().map(|p| 1.0 - libm::exp(-p * t)).sum::<f64>();
    let (mut low, mut high) = (0.0, 1e9);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if filled(middle) < f64::from(entries) {
            low = middle;
        } else {
            high = middle;
        }
    }
    p.iter().map(|p| p * (1.0 - libm::exp(-p * low))).sum()
}

#[test]
fn hit_ratio_of_an_lru_cache() {
    for (skew, entries) in [("0.8", 200), ("1", 500), ("1.2", 100)] {
        let keys = format!(r#"(name: "item", count: 5000, skew: "{skew}")"#);
        let cache = format!(r#"keys: "item", entries: {entries}"#);
        // What a request fetches is stored by the time the next is likely to ask: the database is quick.
        let ratios: Vec<f64> = (1..=3)
            .map(|seed| {
                let mut world = cached(&keys, &cache, "", 10_000, "500/s", seed);
                hit_ratio(&mut world, 60, 240)
            })
            .collect();
        let mean = ratios.iter().sum::<f64>() / 3.0;
        let expected = che(5_000, skew.parse().expect("a number"), entries);
        assert!(
            (mean - expected).abs() < 0.01,
            "skew {skew}, {entries} entries: {mean:.4} instead of {expected:.4}"
        );
    }
}

/// With a hit ratio of 90 % a cold cache sends ten times the load to the database; what follows is not in the cache's
/// power: a database without that much room is overrun, and stays so as long as nothing it does is stored.
#[test]
fn a_cold_cache_multiplies_the_load_behind_it() {
    let keys = r#"(name: "item", count: 1000)"#;
    let warm = r#"keys: "item", entries: 900"#;
    let failed = |seed, flush: bool| {
        // 200/s, of which a tenth or all take 20 ms of a core: 0.4 or 4 cores of 2.
        let mut world = cached(keys, warm, "", 2, "200/s", seed);
        run(&mut world, 60);
        let ratio = hit_ratio(&mut world, 60, 120);
        assert!((ratio - 0.9).abs() < 0.01, "{ratio}");
        if flush {
            let deployment = DeploymentId(1);
            change(&mut world, DataChange::FlushCache { deployment });
        }
        let before = counts(&world);
        run(&mut world, 135);
        conserved(&world);
        counts(&world).since(&before).failed
    };
    for seed in 1..=3 {
        assert_eq!(failed(seed, false), 0);
        assert!(failed(seed, true) > 500, "{}", failed(seed, true));
    }
}

/// A hot key that expires is fetched by everybody at once, or by one for all.
#[test]
fn stampedes_and_single_flight() {
    let keys = r#"(name: "item", count: 1)"#;
    let cache = r#"keys: "item", entries: 1, ttl: "5s""#;
    let fetches = |flight: &str| {
        let mut world = cached(keys, cache, flight, 1_000, "2000/s", 5);
        run(&mut world, 63);
        conserved(&world);
        assert_eq!(counts(&world).failed, 0);
        world.instance(InstanceId(3)).cpu_ns / (20 * MILLISECOND_NS)
    };
    // Twelve times in a minute the key is gone for 20 ms, in which 40 requests come; or one for each of two instances.
    let (alone, together) = (fetches(""), fetches(", single_flight: true"));
    assert!((240..=960).contains(&alone), "{alone}");
    assert!(together <= 60, "{together}");
}

/// Requests that wait for another's fetch share its failure, and none is forgotten.
#[test]
fn single_flight_shares_a_failure() {
    let keys = r#"(name: "item", count: 1)"#;
    let cache = r#"keys: "item", entries: 1, ttl: "1s""#;
    let mut world = cached(keys, cache, ", single_flight: true", 1, "50/s", 6);
    change(
        &mut world,
        DataChange::Poison {
            endpoint: EndpointId(3),
            space: KeySpaceId(0),
            first: 0,
            last: 0,
            version: None,
        },
    );
    run(&mut world, 60);
    conserved(&world);
    let counts = counts(&world);
    assert!(counts.failed > 2_000, "{counts:?}");
    assert!(world.in_flight(FlowId(0), RegionId(0)) < 50);
}
