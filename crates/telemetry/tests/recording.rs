//! What is recorded is what happened: telemetry of a small world against the world's own counts.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "statistics and positions of a test"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use brownout_sim::blueprint::{
    Balancer, Blueprint, Change, Deployment, Edge, Endpoint, Flow, InstanceSpec, MILLISECOND_NS,
    MINUTE_NS, Memory, ONE_Q16, ONE_Q32, ProcessEffect, SECOND_NS, Selector, Service, Source, Step,
    TimedChange, Version,
};
use brownout_sim::change::Watched;
use brownout_sim::dist::Dist;
use brownout_sim::ids::{EdgeId, EndpointId, FlowId, RegionId, SegmentId, ServiceId, VersionId};
use brownout_sim::probe::{Span, Status, TraceEnd};
use brownout_sim::world::World;
use brownout_telemetry::Recorder;
use brownout_telemetry::alerts::{AlertState, Rule};
use brownout_telemetry::histogram::{BOUNDS_NS, Histogram, bucket};
use brownout_telemetry::logs::{LogLine, Logs, Message, QUOTA_PER_SECOND};
use brownout_telemetry::recorder::SCRAPE_NS;
use brownout_telemetry::signal::{Resource, Scope, Signal};
use brownout_telemetry::traces::{Outcome, QUOTA_PER_MINUTE, Traces};

/// `front` calls `back`, which fails a share of its requests.
fn blueprint(failure_q32: u64) -> Blueprint {
    let service = |name: &str| Service {
        name: name.to_owned(),
        host: format!("{name}.internal"),
        instance: InstanceSpec {
            cores: 4,
            workers: 32,
            queue: 64,
            ..InstanceSpec::default()
        },
        balancer: Balancer::PowerOfTwo,
        max_unavailable: 1,
        ..Service::default()
    };
    let edge = |client, target| Edge {
        client,
        target: EndpointId(target),
        timeout_ns: SECOND_NS,
        attempts: 1,
        backoff_factor_q16: ONE_Q16,
        ..Edge::default()
    };
    let compute = |mean_ns, failure_q32| Step::Compute {
        mean_ns,
        dist: Dist::Exponential,
        failure_q32,
    };
    let version = |service, endpoint, code| Version {
        service: ServiceId(service),
        name: "1".to_owned(),
        entries: vec![(EndpointId(endpoint), 0)],
        code,
        ..Version::default()
    };
    let deployment = |service| Deployment {
        service: ServiceId(service),
        region: RegionId(0),
        replicas: 2,
        spare: 0,
        version: VersionId(service),
    };
    Blueprint {
        name: "small".to_owned(),
        regions: vec!["home".to_owned()],
        segments: vec!["all".to_owned()],
        services: vec![service("front"), service("back")],
        endpoints: vec![
            Endpoint {
                service: ServiceId(0),
                name: "GET /".to_owned(),
                ..Endpoint::default()
            },
            Endpoint {
                service: ServiceId(1),
                name: "GET /thing".to_owned(),
                ..Endpoint::default()
            },
        ],
        edges: vec![edge(None, 0), edge(Some(ServiceId(0)), 1)],
        versions: vec![
            version(
                0,
                0,
                vec![
                    compute(2 * MILLISECOND_NS, 0),
                    Step::Call(EdgeId(1)),
                    Step::Return,
                ],
            ),
            version(
                1,
                1,
                vec![compute(10 * MILLISECOND_NS, failure_q32), Step::Return],
            ),
        ],
        deployments: vec![deployment(0), deployment(1)],
        flows: vec![Flow {
            name: "visit".to_owned(),
            edge: EdgeId(0),
            slow_ns: SECOND_NS,
            weight: 1,
            ..Flow::default()
        }],
        sources: vec![Source {
            flow: FlowId(0),
            region: RegionId(0),
            segment: SegmentId(0),
            interarrival_ns: 10 * MILLISECOND_NS,
            ..Source::default()
        }],
        latency_ns: vec![MILLISECOND_NS],
        ..Blueprint::default()
    }
}

fn recorded(failure_q32: u64, rules: Vec<Rule>, minutes: u64) -> (World, Recorder) {
    let blueprint = Arc::new(blueprint(failure_q32));
    let mut recorder = Recorder::new(&blueprint, rules);
    let mut world = World::new(blueprint, 5);
    for scrape in 1..=minutes * MINUTE_NS / SCRAPE_NS {
        world.advance_until(scrape * SCRAPE_NS, u64::MAX, &mut recorder);
        recorder.scrape(&world);
    }
    (world, recorder)
}

const TENTH: u64 = ONE_Q32 / 10;

#[test]
fn metrics_count_every_request_once() {
    let (world, recorder) = recorded(TENTH, Vec::new(), 3);
    let counts = world.counts(FlowId(0), RegionId(0));
    let users = recorder
        .signals()
        .tally(Scope::flow(FlowId(0), None), 0, world.now_ns());
    assert_eq!(
        (users.ok, users.slow, users.failed),
        (counts.ok, counts.slow, counts.failed)
    );
    // Failures of the back are failures of the front are failures of the user.
    let front = recorder
        .signals()
        .tally(Scope::service(ServiceId(0), None), 0, world.now_ns());
    let back = recorder
        .signals()
        .tally(Scope::service(ServiceId(1), None), 0, world.now_ns());
    let calls = recorder.signals().tally(
        Scope::calls(ServiceId(0), ServiceId(1), None),
        0,
        world.now_ns(),
    );
    assert_eq!(
        back.failed,
        calls.failed + in_transit(back.failed, calls.failed)
    );
    assert!(
        back.failed.abs_diff(front.failed) <= 2,
        "at most the last ones are on their way"
    );
    let share = back.failed as f64 / back.total() as f64;
    // 18,000 requests at 10 %: the standard deviation of the share is 0.0022.
    assert!((share - 0.1).abs() < 0.008, "{share}");
}

/// Replies still on their way between the two counts.
fn in_transit(sent: u64, received: u64) -> u64 {
    let difference = sent - received;
    assert!(difference <= 2, "{sent} sent, {received} received");
    difference
}

#[test]
fn a_window_holds_what_its_scrapes_gained() {
    let (_, recorder) = recorded(0, Vec::new(), 2);
    let reader = recorder.signals();
    let scope = Scope::flow(FlowId(0), None);
    let whole = reader.tally(scope, 0, 2 * MINUTE_NS).total();
    let halves = reader.tally(scope, 0, MINUTE_NS).total()
        + reader.tally(scope, MINUTE_NS, 2 * MINUTE_NS).total();
    assert_eq!(whole, halves);
    let series = reader.series(Signal::Rate, scope, 0, 2 * MINUTE_NS, SCRAPE_NS);
    let summed: u64 = series
        .iter()
        .filter_map(|(_, rate)| *rate)
        .map(|rate| rate * 5 / 1_000)
        .sum();
    assert_eq!(series.len(), 24);
    assert!(
        summed.abs_diff(whole) <= 24,
        "rates add up to the count but for rounding: {summed} and {whole}"
    );
}

#[test]
fn no_samples_are_no_reading() {
    let (_, recorder) = recorded(0, Vec::new(), 1);
    let nobody = Scope::calls(ServiceId(1), ServiceId(0), None);
    assert_eq!(
        recorder
            .signals()
            .read(Signal::LatencyP95, nobody, MINUTE_NS, MINUTE_NS),
        None
    );
    assert_eq!(
        recorder
            .signals()
            .read(Signal::ErrorShare, nobody, MINUTE_NS, MINUTE_NS),
        None
    );
    assert_eq!(
        recorder
            .signals()
            .read(Signal::Rate, nobody, MINUTE_NS, MINUTE_NS),
        Some(0)
    );
}

/// p95 of an exponential service time plus the bounds' coarseness: within the bucket of the closed form.
#[test]
fn percentiles_fall_into_the_right_bucket() {
    let (_, recorder) = recorded(0, Vec::new(), 5);
    let p95 = recorder.signals().read(
        Signal::LatencyP95,
        Scope::service(ServiceId(1), None),
        5 * MINUTE_NS,
        5 * MINUTE_NS,
    );
    // −ln 0.05 = 3.0, so 30 ms; four cores at load 0.125 each wait next to never.
    let expected_us = (3.0 * 10_000.0) as u64;
    let place = |us: u64| bucket(us * 1_000);
    assert_eq!(p95.map(place), Some(place(expected_us)), "{p95:?}");
}

#[test]
fn quantiles_interpolate_within_buckets() {
    let mut histogram = Histogram::default();
    assert_eq!(histogram.quantile_ns(500), None);
    histogram.buckets[bucket(20 * MILLISECOND_NS)] = 100;
    // All between 10 and 25 ms: the median is in the middle.
    assert_eq!(histogram.quantile_ns(500), Some(17_500_000));
    histogram.buckets[BOUNDS_NS.len()] = 100;
    assert_eq!(
        histogram.quantile_ns(990),
        BOUNDS_NS.last().copied(),
        "beyond the last bound there is only the bound"
    );
    assert_eq!(bucket(BOUNDS_NS[3]), 3, "a bound belongs to its bucket");
    assert_eq!(bucket(BOUNDS_NS[3] + 1), 4);
}

#[test]
fn logs_are_limited_per_second_and_say_so() {
    let mut logs = Logs::default();
    let line = |at_ns| LogLine {
        at_ns,
        skew_ms: 0,
        instance: brownout_sim::ids::InstanceId(0),
        trace: 1,
        message: Message::Refused {
            endpoint: EndpointId(0),
        },
    };
    for i in 0..u64::from(QUOTA_PER_SECOND) + 7 {
        logs.push(0, line(i));
    }
    logs.push(0, line(SECOND_NS));
    assert_eq!(logs.lines().len() as u32, QUOTA_PER_SECOND + 1);
    assert_eq!(logs.suppressed(0), 7);
    assert_eq!(logs.suppressed(1), 0);
}

fn trace_end(id: u64) -> TraceEnd {
    TraceEnd {
        id,
        link: None,
        flow: FlowId(0),
        region: RegionId(0),
        segment: SegmentId(0),
        start_ns: 0,
        result_ns: SECOND_NS,
        status: Status::Ok,
        slow: false,
    }
}

/// The kept traces of a minute are those with the smallest hashes, in whatever order they end.
#[test]
fn the_choice_of_traces_depends_on_their_ids_only() {
    let end = trace_end;
    let kept = |ids: &[u64]| {
        let mut traces = Traces::default();
        for &id in ids {
            if traces.wants(&end(id)) {
                let spans: [Span; 0] = [];
                traces.store(&end(id), &spans);
            }
        }
        assert_eq!(
            traces.seen_and_kept(FlowId(0), RegionId(0), 0, SECOND_NS),
            (ids.len() as u64, QUOTA_PER_MINUTE as u64)
        );
        let mut kept: Vec<u64> = traces.between(0, MINUTE_NS).map(|t| t.end.id).collect();
        kept.sort_unstable();
        kept
    };
    let ids: Vec<u64> = (1..=500).collect();
    let reversed: Vec<u64> = ids.iter().rev().copied().collect();
    assert_eq!(kept(&ids), kept(&reversed));
}

#[test]
fn every_kept_trace_hangs_together() {
    let (world, recorder) = recorded(TENTH, Vec::new(), 3);
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for trace in recorder.traces.between(0, world.now_ns()) {
        *outcomes
            .entry(if Outcome::of(&trace.end) == Outcome::Failed {
                "failed"
            } else {
                "ok"
            })
            .or_default() += 1;
        assert_eq!(trace.spans.len(), 2, "front and back");
        for (index, span) in trace.spans.iter().enumerate() {
            assert!(
                span.parent.is_none_or(|p| (p as usize) < index),
                "parents first"
            );
            assert!(
                span.start_ns <= span.arrive_ns
                    && span.arrive_ns <= span.begin_ns
                    && span.begin_ns <= span.end_ns
            );
            assert!(span.start_ns >= trace.end.start_ns);
        }
        let failed = trace.spans.iter().filter(|s| !s.status.is_ok()).count();
        assert_eq!(failed, if trace.end.status.is_ok() { 0 } else { 2 });
    }
    assert_eq!(
        outcomes["ok"],
        3 * QUOTA_PER_MINUTE,
        "a full quota each minute"
    );
    // Those somebody complains about are kept beside the quota, if they are not in it.
    let quota = 3 * QUOTA_PER_MINUTE;
    let complaints = recorder.tickets.until(u64::MAX).len();
    assert!(complaints > 0);
    assert!(
        (quota..=quota + complaints).contains(&outcomes["failed"]),
        "{outcomes:?}"
    );
}

/// Goal: a rare error can be found. Method: one of its kind after 500 of another in the same minute. Expectation: it is kept.
#[test]
fn every_kind_of_error_has_a_quota_of_its_own() {
    let mut traces = Traces::default();
    let end = |id: u64, status| TraceEnd {
        status,
        ..trace_end(id)
    };
    for id in 1..=500 {
        let end = end(id, Status::BadGateway);
        if traces.wants(&end) {
            traces.store(&end, &[]);
        }
    }
    let rare = end(501, Status::Denied);
    assert!(traces.wants(&rare));
    traces.store(&rare, &[]);
    assert!(traces.find(501).is_some());
    assert_eq!(traces.len(), QUOTA_PER_MINUTE + 1);
}

#[test]
fn alerts_fire_after_their_hold_and_end() {
    let rule = |threshold| Rule {
        name: "errors".to_owned(),
        signal: Signal::ErrorShare,
        scope: Scope::service(ServiceId(1), None),
        threshold,
        below: false,
        short_ns: None,
        absent: false,
        window_ns: MINUTE_NS,
        hold_ns: 30 * SECOND_NS,
        pages: true,
    };
    let (_, recorder) = recorded(TENTH, vec![rule(50_000), rule(300_000)], 2);
    // The condition holds from the first scrape on, so it fires 30 s after that one.
    assert_eq!(
        recorder.alerts.state(0, RegionId(0)),
        AlertState::Firing(35 * SECOND_NS)
    );
    assert_eq!(recorder.alerts.state(1, RegionId(0)), AlertState::Inactive);
    assert_eq!(recorder.alerts.events().len(), 1);
}

/// Goal: burn rates end soon after the failures, absence is told from health. Method: failures from minute 5 to 8, then dark
/// exporters from minute 12 to 14. Expectation: the burn rate over ten minutes and over one fires in the failures and ends
/// within a minute of them, while the same over ten minutes alone goes on; silence fires and ends, and nothing that does not
/// run is missing.
#[test]
fn burn_rates_take_two_windows_and_silence_is_an_alert() {
    use brownout_sim::blueprint::{Change, TimedChange};
    use brownout_sim::ids::DeploymentId;
    let mut blueprint = blueprint(0);
    let failing = |at_min: u64, failure_q32: u64| TimedChange {
        at_ns: at_min * MINUTE_NS,
        change: Change::Errors {
            selector: brownout_sim::blueprint::Selector {
                service: Some(ServiceId(1)),
                ..Default::default()
            },
            failure_q32,
        },
    };
    let dark = |at_min: u64, dark| TimedChange {
        at_ns: at_min * MINUTE_NS,
        change: Change::Monitoring {
            deployment: DeploymentId(1),
            watched: if dark { Watched::DARK } else { Watched::WELL },
        },
    };
    blueprint.timeline = vec![
        failing(5, ONE_Q32 / 2),
        failing(8, 0),
        dark(12, true),
        dark(14, false),
    ];
    let blueprint = Arc::new(blueprint);
    let rule = |name: &str, scope, short_ns, absent, window_ns| Rule {
        name: name.to_owned(),
        signal: if absent {
            Signal::ReadyInstances
        } else {
            Signal::ErrorShare
        },
        scope,
        threshold: if absent { 0 } else { 20_000 },
        below: false,
        short_ns,
        absent,
        window_ns,
        hold_ns: 0,
        pages: true,
    };
    let (users, back) = (
        Scope::flow(FlowId(0), None),
        Scope::service(ServiceId(1), None),
    );
    let rules = vec![
        rule("burn", users, Some(MINUTE_NS), false, 10 * MINUTE_NS),
        rule("long", users, None, false, 10 * MINUTE_NS),
        rule("silent", back, None, true, 30 * SECOND_NS),
        rule(
            "nowhere",
            Scope::service(ServiceId(9), None),
            None,
            true,
            30 * SECOND_NS,
        ),
    ];
    let mut recorder = Recorder::new(&blueprint, rules);
    let mut world = World::new(blueprint, 5);
    for scrape in 1..=30 * MINUTE_NS / SCRAPE_NS {
        world.advance_until(scrape * SCRAPE_NS, u64::MAX, &mut recorder);
        recorder.scrape(&world);
    }
    let times = |rule: usize| -> Vec<(bool, u64)> {
        let events = recorder
            .alerts
            .events()
            .iter()
            .filter(|event| event.rule == rule);
        events
            .map(|event| (event.firing, event.at_ns / SECOND_NS))
            .collect()
    };
    let [(true, began), (false, ended)] = times(0)[..] else {
        panic!("{:?}", times(0));
    };
    assert!(
        (300..420).contains(&began) && (480..=545).contains(&ended),
        "{began} {ended}"
    );
    let [(true, _), (false, long)] = times(1)[..] else {
        panic!("{:?}", times(1));
    };
    assert!(long > ended + 300, "{long}");
    let [(true, silent), (false, heard)] = times(2)[..] else {
        panic!("{:?}", times(2));
    };
    assert!(
        (750..=765).contains(&silent) && (840..=850).contains(&heard),
        "{silent} {heard}"
    );
    assert_eq!(times(3), []);
}

/// A line is kept in the order it came in and says the time of its own clock.
#[test]
fn lines_carry_the_time_of_their_clock() {
    use brownout_sim::blueprint::{Change, TimedChange};
    use brownout_sim::ids::DeploymentId;
    let skewed = |skew_ns: i64| {
        let mut blueprint = blueprint(TENTH);
        blueprint.timeline.push(TimedChange {
            at_ns: SECOND_NS,
            change: Change::Skew {
                deployment: DeploymentId(1),
                slot: None,
                skew_ns,
            },
        });
        let blueprint = Arc::new(blueprint);
        let mut recorder = Recorder::new(&blueprint, Vec::new());
        World::new(blueprint, 5).advance_until(MINUTE_NS, u64::MAX, &mut recorder);
        recorder
    };
    let right = skewed(0);
    for ahead_ms in [-90_000i32, 90_000] {
        let recorder = skewed(i64::from(ahead_ms) * 1_000_000);
        assert_eq!(recorder.logs.lines().len(), right.logs.lines().len());
        for (line, right) in recorder.logs.lines().iter().zip(right.logs.lines()) {
            assert_eq!(line.at_ns, right.at_ns);
            let back = recorder.service_of(line.instance) == ServiceId(1);
            let ahead_ms = if back && line.at_ns > SECOND_NS {
                ahead_ms
            } else {
                0
            };
            let shown = right
                .at_ns
                .saturating_add_signed(i64::from(ahead_ms) * 1_000_000);
            assert_eq!(line.stamp_ns(), shown);
        }
    }
}

/// Series of users tell segments and client versions apart, and add up to all.
#[test]
fn users_are_told_apart_by_segment_and_client_version() {
    use brownout_sim::ids::{ClientId, SegmentId};
    use brownout_telemetry::metrics::SeriesKind;
    let mut blueprint = blueprint(TENTH);
    blueprint.segments = vec!["guest".to_owned(), "member".to_owned()];
    blueprint.clients = vec!["1.0".to_owned(), "1.1".to_owned()];
    let base = blueprint.sources.remove(0);
    for (segment, client) in [(0, 0), (1, 0), (1, 1)] {
        blueprint.sources.push(Source {
            segment: SegmentId(segment),
            client: ClientId(client),
            ..base.clone()
        });
    }
    let blueprint = Arc::new(blueprint);
    let mut recorder = Recorder::new(&blueprint, Vec::new());
    let mut world = World::new(blueprint, 5);
    for scrape in 1..=12 {
        world.advance_until(scrape * SCRAPE_NS, u64::MAX, &mut recorder);
        recorder.scrape(&world);
    }
    let mut seen = std::collections::BTreeSet::new();
    for series in recorder.metrics.series() {
        if let SeriesKind::Flow {
            segment, client, ..
        } = series.kind
        {
            seen.insert((segment.0, client.0));
        }
    }
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [(0, 0), (1, 0), (1, 1)]
    );
    let counts = world.counts(FlowId(0), RegionId(0));
    let scope = Scope::flow(FlowId(0), None);
    let users = recorder.signals().tally(scope, 0, world.now_ns());
    assert_eq!(users.total(), counts.finished());
}

/// A leak is seen as a heap that fills; a crash as a restart, a log line and an instance that is missing; a frozen
/// process as time stood still. A service without any of it has no such readings.
#[test]
fn resources_are_recorded() {
    let mut blueprint = blueprint(0);
    blueprint.services[1].instance.resources.memory = Some(Memory {
        limit: 1_000_000,
        base: 200_000,
        ..Memory::default()
    });
    blueprint.versions[1].leak.memory = 50;
    let change = |second: u64, slot: u16, effect: ProcessEffect| TimedChange {
        at_ns: second * SECOND_NS,
        change: Change::Process {
            selector: Selector {
                service: Some(ServiceId(1)),
                slot: Some(slot),
                ..Selector::default()
            },
            effect,
        },
    };
    let for_ns = 10 * SECOND_NS;
    blueprint.timeline = vec![
        change(60, 0, ProcessEffect::Kill),
        change(90, 1, ProcessEffect::Pause { for_ns }),
    ];
    let blueprint = Arc::new(blueprint);
    let mut world = World::new(Arc::clone(&blueprint), 3);
    let mut recorder = Recorder::new(&blueprint, Vec::new());
    for scrape in 1..=24 {
        let at_ns = scrape * SCRAPE_NS;
        recorder.advance(&mut world, at_ns, u64::MAX);
        recorder.scrape(&world);
    }
    let reader = recorder.signals();
    let back = Scope::service(ServiceId(1), None);
    let at = |resource, second: u64| {
        reader.resource(resource, back, (second - 5) * SECOND_NS, second * SECOND_NS)
    };
    let early = at(Resource::Heap, 10).expect("it has a heap");
    let late = at(Resource::Heap, 60).expect("it has a heap");
    assert!(early < late && late < 1_000_000, "{early} then {late}");
    assert!(early >= 200_000);
    assert_eq!(at(Resource::Pauses, 60), Some(0));
    assert_eq!(at(Resource::Pauses, 100), Some(1_000_000));
    assert_eq!(at(Resource::Descriptors, 60), Some(0), "no limit, no share");
    assert_eq!(reader.restarts(back, 0, 55 * SECOND_NS), 0);
    assert_eq!(reader.restarts(back, 55 * SECOND_NS, 120 * SECOND_NS), 1);
    let ready =
        |second: u64| reader.read(Signal::ReadyInstances, back, second * SECOND_NS, SCRAPE_NS);
    assert_eq!(
        (ready(60), ready(65), ready(80)),
        (Some(2), Some(1), Some(2))
    );
    let front = Scope::service(ServiceId(0), None);
    assert_eq!(
        reader.resource(Resource::Heap, front, 0, 60 * SECOND_NS),
        None
    );
    let crash = recorder
        .logs
        .lines()
        .iter()
        .find(|line| matches!(line.message, Message::Crashed { .. }));
    let crash = crash.expect("the crash is in the log");
    assert_eq!(crash.at_ns, 60 * SECOND_NS);
    let text = recorder.logs.render(&blueprint, crash);
    assert!(
        text.starts_with("process ended: killed (signal 9)"),
        "{text}"
    );
}

/// What is not recorded has happened all the same: a service whose metrics and log lines reach nobody answers as before, and
/// its callers say so; what is recorded afterwards begins with one interval, not with all that was missed.
#[test]
fn what_reaches_nobody_is_not_recorded() {
    use brownout_sim::ids::DeploymentId;
    let back = Scope::service(ServiceId(1), None);
    let run = |dark: bool| {
        let mut blueprint = blueprint(TENTH);
        let change = |second: u64, dark| TimedChange {
            at_ns: second * SECOND_NS,
            change: Change::Monitoring {
                deployment: DeploymentId(1),
                watched: if dark { Watched::DARK } else { Watched::WELL },
            },
        };
        if dark {
            blueprint.timeline = vec![change(60, true), change(120, false)];
        }
        let blueprint = Arc::new(blueprint);
        let mut world = World::new(Arc::clone(&blueprint), 3);
        let mut recorder = Recorder::new(&blueprint, Vec::new());
        for scrape in 1..=36 {
            recorder.advance(&mut world, scrape * SCRAPE_NS, u64::MAX);
            recorder.scrape(&world);
        }
        (world, recorder)
    };
    let (world, recorder) = run(true);
    let (bright_world, bright) = run(false);
    let counts = |world: &World| world.counts(FlowId(0), RegionId(0));
    assert_eq!(counts(&world), counts(&bright_world), "the world goes on");
    let read = |recorder: &Recorder, signal, scope, second: u64| {
        let signals = recorder.signals();
        signals.read(signal, scope, second * SECOND_NS, 50 * SECOND_NS)
    };
    let calls = Scope::calls(ServiceId(0), ServiceId(1), None);
    for second in [60, 120, 180] {
        for (signal, scope) in [(Signal::Rate, calls), (Signal::ErrorShare, calls)] {
            let seen = read(&recorder, signal, scope, second);
            assert_eq!(seen, read(&bright, signal, scope, second), "{second}");
            assert!(seen.is_some_and(|seen| seen > 0));
        }
        for signal in [Signal::Rate, Signal::Cpu, Signal::ReadyInstances] {
            let (seen, there) = (
                read(&recorder, signal, back, second),
                read(&bright, signal, back, second),
            );
            assert!(there.is_some_and(|there| there > 0));
            if second == 120 {
                assert!(seen.is_none_or(|seen| seen == 0), "{signal:?} {seen:?}");
            } else {
                assert_eq!(seen, there, "{signal:?} {second}");
            }
        }
    }
    let lines = |recorder: &Recorder, from_s: u64| {
        let within = from_s * SECOND_NS + 1..(from_s + 60) * SECOND_NS;
        let lines = recorder.logs.lines().iter();
        let lines = lines.filter(|line| within.contains(&line.at_ns));
        let of_back = lines.filter(|line| recorder.service_of(line.instance) == ServiceId(1));
        of_back.count()
    };
    assert_eq!(lines(&recorder, 60), 0);
    for from_s in [0, 120] {
        assert!(lines(&recorder, from_s) > 10);
        assert_eq!(lines(&recorder, from_s), lines(&bright, from_s));
    }
}

/// The entry of a change that waits for something has the time at which that was the case, and is not there before.
#[test]
fn the_change_log_tells_when_a_condition_was_met() {
    use brownout_sim::blueprint::{Condition, Conditional};
    use brownout_telemetry::changes::{ChangeEntry, ChangeKind};
    let mut blueprint = blueprint(0);
    let never = Condition::Waiting {
        service: ServiceId(1),
        region: None,
        above: 1_000_000,
    };
    blueprint.conditionals = [(never, 0), (Condition::Always, 7)]
        .map(|(when, from_s)| Conditional {
            from_ns: from_s * SECOND_NS,
            when,
            changes: Vec::new(),
        })
        .to_vec();
    let blueprint = Arc::new(blueprint);
    let mut recorder = Recorder::new(&blueprint, Vec::new());
    for conditional in [0, 1] {
        let entry = ChangeEntry {
            at_ns: i64::MAX,
            kind: ChangeKind::Note,
            title: format!("change {conditional}"),
            by: "Ann".to_owned(),
            detail: String::new(),
            service: None,
            version: None,
            flag: None,
            regions: Vec::new(),
            record: None,
        };
        recorder.changes.keep(conditional, entry);
    }
    let mut world = World::new(blueprint, 3);
    let told = |recorder: &Recorder, now_ns| {
        let entries = recorder.changes.until(now_ns);
        let entries = entries.map(|entry| (entry.at_ns, entry.title.clone()));
        entries.collect::<Vec<_>>()
    };
    recorder.advance(&mut world, 7 * SECOND_NS, u64::MAX);
    assert_eq!(told(&recorder, u64::MAX), []);
    recorder.advance(&mut world, MINUTE_NS, u64::MAX);
    assert_eq!(
        told(&recorder, MINUTE_NS),
        [(7_000_000_000, "change 1".to_owned())]
    );
    assert_eq!(told(&recorder, 6 * SECOND_NS), []);
}

/// While exporters are dead the scrapes say so and their series have ended, even where nobody answered at all; afterwards
/// counters begin anew.
#[test]
fn series_end_while_nobody_answers() {
    use brownout_sim::ids::DeploymentId;
    use brownout_telemetry::promql::{Answer, Query, Semantics};
    let mut blueprint = blueprint(TENTH);
    let deployments = 0..blueprint.deployments.len();
    for (second, dark) in [(60, true), (120, false)] {
        let changes = deployments.clone().map(|index| TimedChange {
            at_ns: second * SECOND_NS,
            change: Change::Monitoring {
                deployment: DeploymentId::from_index(index),
                watched: if dark { Watched::DARK } else { Watched::WELL },
            },
        });
        blueprint.timeline.extend(changes);
    }
    let blueprint = Arc::new(blueprint);
    let mut world = World::new(Arc::clone(&blueprint), 3);
    let mut recorder = Recorder::new(&blueprint, Vec::new());
    for scrape in 1..=36 {
        recorder.advance(&mut world, scrape * SCRAPE_NS, u64::MAX);
        recorder.scrape(&world);
    }
    let exposition = recorder.exposition(0);
    let series = |text: &str, second: i64| {
        let query = Query::new(text, Semantics::default()).expect(text);
        match query.instant(&exposition, second * 1_000) {
            Ok(Answer::Vector(series)) => series.len(),
            other => panic!("{text}: {other:?}"),
        }
    };
    for gone in [
        "workers_busy",
        "http_server_request_duration_seconds_count",
        "http_client_request_duration_seconds_count",
    ] {
        assert!(series(gone, 55) > 0, "{gone} before");
        assert_eq!(series(gone, 100), 0, "{gone} in the dark");
        assert!(series(gone, 180) > 0, "{gone} after");
    }
    assert_eq!(series("up == 1", 55), series("up == 0", 100));
    let anew = "resets(http_server_request_duration_seconds_count[3m]) > 0";
    assert!(series(anew, 180) > 0);
}

/// Goal: what is watched badly looks wrong while nothing is. Method: the same world with one in twenty thousand of the back's traces, its
/// lines two minutes late, or its exporter in milliseconds that are taken for seconds. Expectation: the world and what others
/// record of it is the same; sampled traces are missing, late lines are missing for two minutes and then all there with
/// their own times, and only the back's own durations are a thousand times as long.
#[test]
fn bad_watching_looks_wrong_where_nothing_is() {
    use brownout_sim::blueprint::{Change, TimedChange};
    use brownout_sim::ids::DeploymentId;
    let record = |watched: Watched, seconds: u64| {
        let mut blueprint = blueprint(TENTH);
        blueprint.timeline = vec![TimedChange {
            at_ns: 60 * SECOND_NS,
            change: Change::Monitoring {
                deployment: DeploymentId(1),
                watched,
            },
        }];
        let blueprint = Arc::new(blueprint);
        let mut world = World::new(Arc::clone(&blueprint), 3);
        let mut recorder = Recorder::new(&blueprint, Vec::new());
        for scrape in 1..=seconds / 5 {
            recorder.advance(&mut world, scrape * SCRAPE_NS, u64::MAX);
            recorder.scrape(&world);
        }
        (world, recorder)
    };
    let (back, front) = (
        Scope::service(ServiceId(1), None),
        Scope::service(ServiceId(0), None),
    );
    let (well, normal) = record(Watched::WELL, 300);
    let same = |world: &World, recorder: &Recorder| {
        assert_eq!(world.hash(), well.hash());
        for scope in [front, Scope::calls(ServiceId(0), ServiceId(1), None)] {
            for signal in [Signal::Rate, Signal::ErrorShare, Signal::LatencyP95] {
                let read = |of: &Recorder| {
                    of.signals()
                        .read(signal, scope, 300 * SECOND_NS, 120 * SECOND_NS)
                };
                assert_eq!(read(recorder), read(&normal), "{signal:?}");
            }
        }
    };
    let sampled = Watched {
        traces_q32: ONE_Q32 / 20_000,
        ..Watched::WELL
    };
    let (world, recorder) = record(sampled, 300);
    same(&world, &recorder);
    let kept = |of: &Recorder| of.traces.between(70 * SECOND_NS, 300 * SECOND_NS).count();
    let (few, many) = (kept(&recorder), kept(&normal));
    assert!(many >= 30 && few * 5 < many, "{few} {many}");
    assert_eq!(
        recorder.traces.volume().0,
        normal.traces.volume().0,
        "all were seen"
    );
    let late = Watched {
        logs_late_ns: 120 * SECOND_NS,
        ..Watched::WELL
    };
    let lines = |of: &Recorder, upto_s: u64| -> Vec<(u64, u64)> {
        let lines = of.logs.lines().iter();
        let own = lines.filter(|line| of.service_of(line.instance) == ServiceId(1));
        let mut stamps: Vec<_> = own
            .map(|line| (line.stamp_ns(), line.trace))
            .filter(|(stamp_ns, _)| (60 * SECOND_NS..upto_s * SECOND_NS).contains(stamp_ns))
            .collect();
        stamps.sort_unstable();
        stamps
    };
    let (_, early) = record(late, 175);
    assert_eq!(lines(&early, 175), [], "nothing of the last two minutes");
    let (world, recorder) = record(late, 300);
    same(&world, &recorder);
    assert!(lines(&normal, 175).len() > 50);
    assert_eq!(lines(&recorder, 175), lines(&normal, 175));
    let ordered = recorder
        .logs
        .lines()
        .windows(2)
        .all(|pair| pair[0].at_ns <= pair[1].at_ns);
    assert!(ordered, "in the order they came");
    let unit = Watched {
        unit_q16: 1_000 << 16,
        ..Watched::WELL
    };
    let (world, recorder) = record(unit, 300);
    same(&world, &recorder);
    let p50 = |of: &Recorder| {
        let read = of
            .signals()
            .read(Signal::LatencyP50, back, 300 * SECOND_NS, 60 * SECOND_NS);
        read.expect("requests")
    };
    assert!(
        p50(&recorder) > 400 * p50(&normal),
        "{} {}",
        p50(&recorder),
        p50(&normal)
    );
    assert_eq!(lines(&recorder, 300), lines(&normal, 300));
}

/// Lines look as they do at work: an unhandled error has its frames, the same for all errors of an endpoint; who was killed
/// for its memory is named by the kernel, with the limit it had.
#[test]
fn errors_have_stacks_and_the_kernel_names_whom_it_kills() {
    use brownout_sim::probe::{CrashReason, Lifecycle, Probe};
    let mut blueprint = blueprint(TENTH);
    blueprint.services[1].instance.resources.memory = Some(brownout_sim::blueprint::Memory {
        limit: 512 << 20,
        ..Default::default()
    });
    let blueprint = Arc::new(blueprint);
    let mut recorder = Recorder::new(&blueprint, Vec::new());
    let mut world = World::new(Arc::clone(&blueprint), 5);
    recorder.advance(&mut world, 30 * SECOND_NS, u64::MAX);
    let back = (0..world.instance_count())
        .map(brownout_sim::ids::InstanceId::from_index)
        .find(|id| world.instance(*id).service == ServiceId(1))
        .expect("the back runs");
    let crash = Lifecycle::Crashed {
        reason: CrashReason::OutOfMemory,
        cut: 3,
    };
    recorder.lifecycle(31 * SECOND_NS, back, VersionId(1), crash);
    let texts: Vec<String> = recorder
        .logs
        .lines()
        .iter()
        .map(|line| recorder.logs.render(&blueprint, line))
        .collect();
    let mut stacks: Vec<&str> = texts
        .iter()
        .filter_map(|text| text.split_once(" stack=").map(|(_, stack)| stack))
        .collect();
    assert!(stacks.len() > 10);
    stacks.sort_unstable();
    stacks.dedup();
    assert_eq!(stacks.len(), 1, "{stacks:?}");
    assert!(stacks[0].contains(".rs:"), "{stacks:?}");
    let last = texts.last().expect("lines");
    assert!(
        last.starts_with("kernel: Memory cgroup out of memory: Killed process "),
        "{last}"
    );
    assert!(
        last.contains("anon-rss:524288kB") && last.ends_with("3 requests cut off"),
        "{last}"
    );
}
