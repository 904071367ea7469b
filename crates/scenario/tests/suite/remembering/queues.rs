//! Queues, and work that is done twice.

use brownout_sim::blueprint::DataChange;
use brownout_sim::ids::{
    DeploymentId, EndpointId, FlowId, InstanceId, KeySpaceId, RegionId, ServiceId, VersionId,
};
use brownout_sim::world::World;

use super::{change, conserved, counts, flow, run, share, world};

/// Orders go to a queue with four partitions, one consumer each, that delivers to `worker` up to three times.
fn queue(queue: &str, worker: &str, delivery: &str, rate: &str) -> World {
    let services = format!(
        r#"(name: "app", replicas: {{"north": 2}}, instance: (cores: 100, workers: 1000),
            endpoints: [(name: "go", steps: [Compute("1ms"), Publish("queue", "put")])]),
           (name: "queue", kind: queue, replicas: {{"north": 4}}, instance: (cores: 10, workers: 1, queue: 100000),
            balancer: by_key("order"), {queue}
            endpoints: [(name: "put", steps: [Call("worker", "do")])],
            calls: {{"worker": ({delivery})}}),
           (name: "worker", replicas: {{"north": 2}}, instance: (cores: 4, workers: 100),
            endpoints: [(name: "do", {worker})])"#
    );
    let keys = r#"(name: "order", count: 1000)"#;
    world(keys, &services, &flow(rate, "5s"), 3)
}

const DELIVERY: &str = r#"timeout: "5s", attempts: 3, backoff: "1s""#;
const WORKER: &str = r#"steps: [ComputeAs("20ms", constant)]"#;

fn backlog(world: &World) -> u64 {
    world.handed_over(FlowId(0), RegionId(0))
}

/// A poison message blocks its partition for as long as its deliveries take, then lies among the dead letters; the
/// other partitions do not notice. Without poison there is no backlog. Redriven after the cure, all is done.
#[test]
fn a_poison_message_and_its_dead_letter() {
    let mut world = queue("queue: (dead_letters: true),", WORKER, DELIVERY, "60/s");
    run(&mut world, 60);
    assert!(backlog(&world) < 10, "{}", backlog(&world));
    change(&mut world, poison(None));
    run(&mut world, 180);
    conserved(&world);
    let during = counts(&world);
    assert!(backlog(&world) > 500, "{}", backlog(&world));
    let letters = world.dead_letters(ServiceId(1)) as u64;
    assert!(letters > 50, "{letters}");
    assert_eq!((during.dead, during.lost, during.failed), (letters, 0, 0));
    change(&mut world, poison_over());
    run(&mut world, 600);
    assert!(
        backlog(&world) < 10,
        "the backlog drains: {}",
        backlog(&world)
    );
    let deployment = DeploymentId(1);
    change(&mut world, DataChange::Redrive { deployment });
    run(&mut world, 660);
    let after = counts(&world);
    assert_eq!((after.dead, after.lost), (0, 0));
    conserved(&world);
}

/// Consumers that pause leave a backlog, which drains at the spare capacity: what came in over a minute at 60/s takes
/// 60 · 60 / (200 − 60) s at four consumers of 50/s. What is purged is lost.
#[test]
fn paused_consumers_and_the_time_a_backlog_takes() {
    let mut world = queue("", WORKER, DELIVERY, "60/s");
    run(&mut world, 60);
    let deployment = DeploymentId(1);
    let pause = |paused| DataChange::Pause { deployment, paused };
    change(&mut world, pause(true));
    run(&mut world, 120);
    let waiting = backlog(&world);
    assert!((3_300..=3_900).contains(&waiting), "{waiting}");
    change(&mut world, pause(false));
    let mut purged = world.fork();
    let drain_s = 3_600 / (200 - 60);
    run(&mut world, 120 + drain_s * 7 / 10);
    assert!(backlog(&world) > 200, "{}", backlog(&world));
    run(&mut world, 120 + drain_s * 15 / 10);
    assert!(backlog(&world) < 50, "{}", backlog(&world));
    conserved(&world);
    change(
        &mut purged,
        DataChange::Purge {
            deployment,
            most: 200,
        },
    );
    assert_eq!(counts(&purged).lost, 800, "200 of each partition");
    run(&mut purged, 180);
    conserved(&purged);
}

/// What was handed over at `a` seconds of a pause of 60 s is done 0.3 · a after its end, at 60/s in and 200/s out: it has
/// waited 60 − 0.7 · a, and is late by a bound of 30 s if a < 42.9. While the pause lasts, what is older than 30 s is
/// overdue. Without a bound nothing is ever late.
#[test]
fn work_that_waits_longer_than_its_bound_is_late() {
    let late = |bound: &str| {
        let mut world = queue(&format!("queue: ({bound}),"), WORKER, DELIVERY, "60/s");
        run(&mut world, 60);
        let deployment = DeploymentId(1);
        let pause = |paused| DataChange::Pause { deployment, paused };
        change(&mut world, pause(true));
        run(&mut world, 120);
        let overdue = world.overdue(FlowId(0), RegionId(0));
        change(&mut world, pause(false));
        run(&mut world, 240);
        conserved(&world);
        assert_eq!(world.overdue(FlowId(0), RegionId(0)), 0);
        (overdue, counts(&world).late)
    };
    assert_eq!(late(""), (0, 0));
    let (overdue, late) = late(r#"late: "30s""#);
    assert!((1_650..1_950).contains(&overdue), "{overdue}");
    assert!((2_370..2_770).contains(&late), "{late}");
}

/// A dead letter that is sent again after the cure comes late, once; one that is sent again before it is dead again.
#[test]
fn dead_letters_that_are_sent_again_count_once() {
    let letters = r#"queue: (dead_letters: true, late: "5m"),"#;
    let mut world = queue(letters, WORKER, DELIVERY, "20/s");
    change(&mut world, poison(None));
    run(&mut world, 60);
    change(&mut world, poison_over());
    run(&mut world, 120);
    let dead = counts(&world).dead;
    assert!(dead > 20 && counts(&world).late == 0, "{dead}");
    let redrive = DataChange::Redrive {
        deployment: DeploymentId(1),
    };
    let mut early = world.fork();
    change(&mut early, poison(None));
    change(&mut early, redrive.clone());
    assert_eq!((counts(&early).dead, counts(&early).late), (0, dead));
    change(&mut world, redrive);
    run(&mut world, 180);
    assert_eq!((counts(&world).dead, counts(&world).late), (0, dead));
    conserved(&world);
    run(&mut early, 180);
    let after = counts(&early);
    assert!(after.dead > dead, "{} of {dead}", after.dead);
    conserved(&early);
    run(&mut early, 400);
    assert_eq!(counts(&early).late, 0, "all of them are dead again");
}

/// A poison that one version cannot take does nothing to another.
#[test]
fn a_poison_of_a_version() {
    let dead = |version| {
        let letters = "queue: (dead_letters: true),";
        let mut world = queue(letters, WORKER, DELIVERY, "20/s");
        change(&mut world, poison(Some(VersionId(version))));
        run(&mut world, 60);
        counts(&world).dead
    };
    assert_eq!(dead(1), 0, "the queue's version");
    assert!(dead(2) > 20, "the worker's");
}

fn poison(version: Option<VersionId>) -> DataChange {
    DataChange::Poison {
        endpoint: EndpointId(2),
        space: KeySpaceId(0),
        first: 0,
        last: 49,
        version,
    }
}

fn poison_over() -> DataChange {
    DataChange::Heal {
        endpoint: EndpointId(2),
    }
}

/// Work that takes longer than its visibility time-out is delivered again while the first consumer is still at it: it
/// is done twice, unless the consumer recognises it.
#[test]
fn a_short_visibility_timeout_duplicates_work() {
    let duplicated = |effect: &str, timeout: &str| {
        let worker = format!(r#"{effect} steps: [ComputeAs("300ms", constant)]"#);
        let delivery = format!(r#"timeout: "{timeout}", attempts: 3, backoff: "1ms""#);
        let mut world = queue("", &worker, &delivery, "5/s");
        run(&mut world, 120);
        conserved(&world);
        counts(&world).duplicated
    };
    assert_eq!(duplicated("effect: once,", "1s"), 0);
    assert_eq!(duplicated("", "200ms"), 0);
    assert!(duplicated("effect: once,", "200ms") > 500);
}

/// The same for calls: a payment that was charged although its caller had given up is charged again by the retry.
#[test]
fn retries_charge_twice() {
    let charged = |attempts: u32| {
        let services = format!(
            r#"(name: "app", replicas: {{"north": 1}}, instance: (cores: 100, workers: 1000),
                endpoints: [(name: "go", steps: [Call("pay", "charge")])], calls: {{"pay": (timeout: "100ms", attempts: {attempts})}}),
               (name: "pay", replicas: {{"north": 1}}, instance: (cores: 100, workers: 1000),
                endpoints: [(name: "charge", effect: once, steps: [Compute("50ms")])])"#
        );
        let mut world = world("", &services, &flow("50/s", "5s"), 11);
        run(&mut world, 120);
        conserved(&world);
        (counts(&world).duplicated, counts(&world).arrivals)
    };
    assert_eq!(charged(1).0, 0);
    // The first goes on and ends well; the second ends well too unless it is cut off by its own time-out, which the
    // server does not notice either: a share of e^(−2) has a second charge.
    let (duplicated, of) = charged(2);
    let expected = libm::exp(-2.0);
    let duplicated = share(duplicated, of);
    assert!((duplicated - expected).abs() < 0.02, "{duplicated}");
}

/// A queue that is full turns producers away who wait for it to take their work; who does not wait loses it.
#[test]
fn a_full_queue_holds_producers_back() {
    let full = |step: &str| {
        let services = format!(
            r#"(name: "app", replicas: {{"north": 1}}, instance: (cores: 100, workers: 1000),
                endpoints: [(name: "go", steps: [{step}("queue", "put")])]),
               (name: "queue", kind: queue, replicas: {{"north": 1}}, instance: (cores: 10, workers: 1, queue: 100),
                endpoints: [(name: "put", steps: [ComputeAs("100ms", constant)])])"#
        );
        let mut world = world("", &services, &flow("30/s", "5s"), 5);
        run(&mut world, 60);
        conserved(&world);
        let counts = counts(&world);
        (counts.ok, counts.failed, counts.lost)
    };
    let (told_ok, _, lost) = full("Publish");
    assert!(told_ok > 1_700 && lost > 1_000, "{told_ok} {lost}");
    let (ok, failed, lost) = full("Enqueue");
    // What is taken in a minute at 10/s, and what waits. What is refused was never handed over.
    assert!((690..=705).contains(&ok) && failed > 1_000, "{ok} {failed}");
    assert_eq!(lost, 0);
}

/// With keys on partitions one hot key fills one of them.
#[test]
fn a_hot_key_fills_one_partition() {
    let mut world = queue("", WORKER, DELIVERY, "100/s");
    run(&mut world, 60);
    assert!(backlog(&world) < 20, "{}", backlog(&world));
    let hot = DataChange::HotKey {
        space: KeySpaceId(0),
        key: 7,
        share_q32: 1 << 31,
    };
    change(&mut world, hot);
    run(&mut world, 120);
    let queued: Vec<u32> = (2..6)
        .map(|i| world.instance(InstanceId(i)).queued)
        .collect();
    let full = queued.iter().filter(|&&n| n > 300).count();
    assert_eq!(full, 1, "{queued:?}");
    assert_eq!(queued.iter().filter(|&&n| n < 30).count(), 3, "{queued:?}");
}
