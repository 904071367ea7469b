//! What lies between client and server: links, rate limits, fallbacks, providers' pages. Each mechanism once with what it
//! needs and once with one of those missing.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "statistics of a test; a share of all or of none is exact"
)]

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{
    Blueprint, Change, Deployment, Fallback, Link, MILLISECOND_NS, Messages, ONE_Q32, Party,
    Quality, RETRANSMIT_NS, RateLimit, SECOND_NS, Selector, ServiceKind, Source, StatusPage, Step,
    TimedChange, TokenRate,
};
use brownout_sim::dist::Dist;
use brownout_sim::ids::{DeploymentId, EdgeId, FlowId, RegionId, SegmentId, ServiceId, VersionId};
use brownout_sim::probe::{CallEnd, Probe, RootEnd, ServerEnd, Status};
use brownout_sim::world::{PageState, World};

fn share(part: f64) -> u64 {
    (ONE_Q32 as f64 * part) as u64
}

fn at(seconds: u64, change: Change) -> TimedChange {
    TimedChange {
        at_ns: seconds * SECOND_NS,
        change,
    }
}

/// Calls by edge and status, requests served, users' results with their times.
#[derive(Default)]
struct Seen {
    calls: Vec<(u64, EdgeId, Status, u64)>,
    served: Vec<(u64, ServiceId, Status)>,
    roots: Vec<RootEnd>,
}

impl Probe for Seen {
    fn call_end(&mut self, end: &CallEnd) {
        self.calls
            .push((end.at_ns, end.edge, end.status, end.duration_ns));
    }
    fn server_end(&mut self, end: &ServerEnd) {
        self.served
            .push((end.at_ns, ServiceId(end.endpoint.0), end.status));
    }
    fn root_end(&mut self, end: &RootEnd) {
        self.roots.push(*end);
    }
}

impl Seen {
    fn calls(&self, edge: u16, status: Status) -> usize {
        let is = |call: &&(u64, EdgeId, Status, u64)| call.1 == EdgeId(edge) && call.2 == status;
        self.calls.iter().filter(is).count()
    }
    fn served(&self, service: u16, status: Status) -> usize {
        let is = |end: &&(u64, ServiceId, Status)| end.1 == ServiceId(service) && end.2 == status;
        self.served.iter().filter(is).count()
    }
    /// Share of the users' requests in a span of time that succeeded.
    fn ok_share(&self, from_s: u64, to_s: u64) -> f64 {
        let within = |root: &&RootEnd| (from_s..to_s).contains(&(root.at_ns / SECOND_NS));
        let all = self.roots.iter().filter(within).count();
        let ok = self
            .roots
            .iter()
            .filter(within)
            .filter(|r| r.status.is_ok());
        ok.count() as f64 / all as f64
    }
}

fn run(blueprint: Blueprint, until_s: u64) -> (Seen, World) {
    let mut world = world(blueprint, 17);
    let mut seen = Seen::default();
    for second in 1..=until_s {
        world.advance_until(second * SECOND_NS, u64::MAX, &mut seen);
        assert_eq!(world.audit(), Ok(()), "at {second} s");
    }
    (seen, world)
}

/// Two stations that are never busy, `front` and `back`, 100 requests/s, one attempt with a second of time.
fn pair() -> Blueprint {
    let idle = Station {
        cores: 100_000,
        workers: 100_000,
        ..Station::servers(1, 0)
    };
    let policy = Policy {
        timeout_ns: SECOND_NS,
        ..Policy::PATIENT
    };
    let mut blueprint = chain(&[idle; 2], SECOND_NS / 100, policy, Vec::new());
    blueprint.edges[0].timeout_ns = 30 * SECOND_NS;
    blueprint
}

/// Requests of the front to the back.
fn to_back() -> Messages {
    Messages {
        from: Party::Service(ServiceId(0)),
        to: Party::Service(ServiceId(1)),
        ..Messages::default()
    }
}

fn to_front() -> Messages {
    Messages {
        from: Party::Service(ServiceId(1)),
        to: Party::Service(ServiceId(0)),
        ..Messages::default()
    }
}

fn link(messages: Messages, quality: Quality) -> Link {
    Link { messages, quality }
}

const DROPS: Quality = Quality {
    drops: true,
    delay_ns: 0,
    jitter_ns: 0,
    loss_q32: 0,
    reset_q32: 0,
    bandwidth: 0,
    linger_ns: 0,
};

/// A lost request never reaches the server; a lost reply does not stop it from working. The client cannot tell them apart:
/// both times it waits for its time-out, to the nanosecond.
#[test]
fn a_black_hole_costs_the_time_out_and_only_a_lost_reply_costs_the_server_work() {
    let swallowed = |messages| {
        let mut blueprint = pair();
        blueprint.links = vec![link(messages, DROPS)];
        run(blueprint, 30).0
    };
    let (requests, replies) = (swallowed(to_back()), swallowed(to_front()));
    for seen in [&requests, &replies] {
        assert!(seen.calls(1, Status::Timeout) > 2_500);
        assert_eq!(seen.calls(1, Status::Ok), 0);
        let waits = seen.calls.iter().filter(|call| call.1 == EdgeId(1));
        assert!(waits.clone().all(|call| call.3 == SECOND_NS));
        assert_eq!(seen.ok_share(0, 30), 0.0);
    }
    assert_eq!(requests.served(1, Status::Ok), 0);
    assert!(replies.served(1, Status::Ok) > 2_800);
}

/// Messages of others pass, and when the hole is closed everything does.
#[test]
fn a_black_hole_is_as_wide_as_its_selector_and_as_long_as_it_lasts() {
    let mut blueprint = pair();
    let elsewhere = Messages {
        from: Party::Users,
        to: Party::Service(ServiceId(1)),
        ..Messages::default()
    };
    blueprint.links = vec![link(elsewhere, DROPS)];
    blueprint.timeline = vec![
        at(10, Change::Link(link(to_back(), DROPS))),
        at(20, Change::Link(link(to_back(), Quality::default()))),
    ];
    let (seen, world) = run(blueprint, 40);
    assert_eq!(seen.ok_share(0, 10), 1.0);
    assert_eq!(seen.ok_share(12, 20), 0.0);
    assert_eq!(seen.ok_share(22, 40), 1.0);
    assert!(world.live_frames() < 10);
}

/// The back runs in a second region only; the front in the first.
fn two_regions() -> Blueprint {
    let mut blueprint = pair();
    blueprint.regions.push("far".to_owned());
    blueprint.latency_ns = vec![0, 10 * MILLISECOND_NS, 10 * MILLISECOND_NS, 0];
    blueprint.deployments[1].region = RegionId(1);
    blueprint.services[1].home = RegionId(1);
    blueprint
}

fn between(from: u16, to: u16) -> Messages {
    Messages {
        from_region: Some(RegionId(from)),
        to_region: Some(RegionId(to)),
        ..Messages::default()
    }
}

/// A partition in one direction stops calls in both: replies go the other way. Within a region nothing is noticed.
#[test]
fn a_partition_cuts_regions_apart_and_leaves_each_whole() {
    for cut in [between(0, 1), between(1, 0)] {
        let mut blueprint = two_regions();
        blueprint.timeline = vec![
            at(10, Change::Link(link(cut, DROPS))),
            at(20, Change::Link(link(cut, Quality::default()))),
        ];
        let (seen, _) = run(blueprint, 30);
        assert_eq!(seen.ok_share(0, 10), 1.0);
        assert_eq!(seen.ok_share(12, 20), 0.0);
        assert_eq!(seen.ok_share(22, 30), 1.0);
        let mut own = two_regions();
        own.deployments[1].region = RegionId(0);
        own.services[1].home = RegionId(0);
        own.links = vec![link(cut, DROPS)];
        assert_eq!(run(own, 30).0.ok_share(0, 30), 1.0);
    }
}

/// With a share p of transmissions lost each way, 1 − (1 − p)² of the calls wait for a retransmission, and a client with
/// less patience than the retransmission time-out fails exactly those.
#[test]
fn loss_is_retransmission_delay() {
    let lossy = |timeout_ns| {
        let mut blueprint = pair();
        blueprint.edges[1].timeout_ns = timeout_ns;
        let quality = Quality {
            loss_q32: share(0.05),
            ..Quality::default()
        };
        blueprint.links = vec![link(to_back(), quality), link(to_front(), quality)];
        run(blueprint, 300).0
    };
    let patient = lossy(60 * SECOND_NS);
    assert_eq!(patient.ok_share(0, 300), 1.0);
    let delays: Vec<u64> = patient
        .calls
        .iter()
        .filter(|c| c.1 == EdgeId(1))
        .map(|c| c.3)
        .collect();
    let delayed = delays.iter().filter(|delay| **delay > 0).count();
    let expected = 1.0 - 0.95f64 * 0.95;
    assert!(
        (delayed as f64 / delays.len() as f64 / expected - 1.0).abs() < 0.05,
        "{delayed}"
    );
    assert!(delays.iter().all(|delay| delay % RETRANSMIT_NS == 0));
    // Twice in a row: 200 ms and then 400 ms.
    assert!(delays.contains(&(3 * RETRANSMIT_NS)));
    let hasty = lossy(RETRANSMIT_NS / 2);
    let failed = 1.0 - hasty.ok_share(0, 300);
    assert!((failed / expected - 1.0).abs() < 0.05, "{failed}");
    assert_eq!(hasty.calls(1, Status::Reset), 0);
}

/// A link that loses everything gives the connection up after its last retransmission, which is no silence.
#[test]
fn total_loss_is_a_reset_at_last() {
    let mut blueprint = pair();
    blueprint.edges[1].timeout_ns = 20 * SECOND_NS;
    let quality = Quality {
        loss_q32: ONE_Q32,
        ..Quality::default()
    };
    blueprint.links = vec![link(to_back(), quality)];
    let (seen, _) = run(blueprint, 40);
    assert!(seen.calls(1, Status::Reset) > 2_000);
    // 0.2 + 0.4 + … + 6.4 s
    let wait_ns = 63 * RETRANSMIT_NS;
    assert!(
        seen.calls
            .iter()
            .filter(|c| c.1 == EdgeId(1))
            .all(|c| c.3 == wait_ns)
    );
}

#[test]
fn resets_fail_the_share_they_say_and_jitter_has_its_mean() {
    let mut blueprint = pair();
    let quality = Quality {
        reset_q32: share(0.1),
        jitter_ns: 20 * MILLISECOND_NS,
        delay_ns: 5 * MILLISECOND_NS,
        ..Quality::default()
    };
    blueprint.links = vec![link(to_back(), quality)];
    let (seen, _) = run(blueprint, 300);
    let calls: Vec<_> = seen.calls.iter().filter(|c| c.1 == EdgeId(1)).collect();
    let reset = seen.calls(1, Status::Reset) as f64 / calls.len() as f64;
    assert!((reset / 0.1 - 1.0).abs() < 0.06, "{reset}");
    let sum: u64 = calls.iter().map(|c| c.3).sum();
    let mean_ms = sum as f64 / calls.len() as f64 / 1e6;
    assert!((mean_ms / 25.0 - 1.0).abs() < 0.03, "{mean_ms}");
}

/// Messages that share a link wait for each other: with Poisson arrivals and one size it is an M/D/1 queue, whose mean
/// wait is ρ / 2(1 − ρ) services. Without a size, or with a link for each, nobody waits.
#[test]
fn a_shared_link_is_a_queue() {
    let waits = |bytes: u32, bandwidth: u64| {
        let mut blueprint = pair();
        blueprint.edges[1].request_bytes = bytes;
        blueprint.edges[1].timeout_ns = 60 * SECOND_NS;
        let quality = Quality {
            bandwidth,
            ..Quality::default()
        };
        blueprint.links = vec![link(to_back(), quality)];
        let (seen, _) = run(blueprint, 1_000);
        let waits: Vec<u64> = seen
            .calls
            .iter()
            .filter(|c| c.1 == EdgeId(1))
            .map(|c| c.3)
            .collect();
        waits.iter().sum::<u64>() as f64 / waits.len() as f64 / 1e6
    };
    // 10 kB at 10 Mbit/s take 8 ms: ρ = 0.8 at 100/s.
    let expected = 8.0 + 8.0 * 0.8 / (2.0 * 0.2);
    let mean = waits(10_000, 10_000_000);
    assert!(
        (mean / expected - 1.0).abs() < 0.05,
        "{mean} against {expected}"
    );
    assert!(waits(0, 10_000_000) < 1e-9);
    assert!(waits(10_000, 0) < 1e-9);
}

fn limit(interval_ns: u64, burst: u32) -> RateLimit {
    RateLimit {
        deployment: DeploymentId(1),
        flow: None,
        segment: None,
        rate: TokenRate { interval_ns, burst },
    }
}

/// A quota of half the load refuses half of it, as 429; one above the load refuses nothing.
#[test]
fn a_quota_lets_its_rate_through() {
    let quota = |per_s: u64| {
        let mut blueprint = pair();
        blueprint.limits = vec![limit(SECOND_NS / per_s, 20)];
        run(blueprint, 200).0
    };
    let half = quota(50);
    let through = half.served(1, Status::Ok) as f64 / 200.0;
    assert!((through / 50.0 - 1.0).abs() < 0.01, "{through}");
    assert_eq!(
        half.calls(1, Status::Throttled),
        half.served(1, Status::Throttled)
    );
    // For the users it is a failure further down.
    assert!(
        half.roots
            .iter()
            .any(|root| root.status == Status::BadGateway)
    );
    assert_eq!(quota(200).served(1, Status::Throttled), 0);
}

/// The bucket holds as many tokens as it says: so many pass at once and no more.
#[test]
fn a_burst_passes_as_far_as_the_bucket_reaches() {
    let at_once = |burst| {
        let mut blueprint = pair();
        blueprint.sources[0].interarrival_ns = 1_000;
        blueprint.sources[0].limit = 100;
        blueprint.limits = vec![limit(10 * SECOND_NS, burst)];
        run(blueprint, 1).0.served(1, Status::Ok)
    };
    assert_eq!(at_once(1), 1);
    assert_eq!(at_once(30), 30);
    assert_eq!(at_once(100), 100);
}

/// Load shedding by segment at the entry: those shed are counted as shed, and the others live on a server that could not
/// serve all. Without it nobody is served well.
#[test]
fn shedding_one_segment_saves_the_other() {
    let run = |shed: bool| {
        let mut blueprint = chain(
            &[Station {
                queue: 200,
                ..Station::servers(1, 10 * MILLISECOND_NS)
            }],
            SECOND_NS / 70,
            Policy {
                timeout_ns: SECOND_NS,
                ..Policy::PATIENT
            },
            Vec::new(),
        );
        blueprint.segments = vec!["guest".to_owned(), "member".to_owned()];
        blueprint.sources.push(Source {
            segment: SegmentId(1),
            ..blueprint.sources[0].clone()
        });
        let limit = RateLimit {
            deployment: DeploymentId(0),
            segment: Some(SegmentId(0)),
            ..limit(SECOND_NS / 10, 5)
        };
        let sets = |sets| Change::Limit { limit, sets };
        if shed {
            blueprint.timeline = vec![at(30, sets(true)), at(90, sets(false))];
        }
        let (seen, world) = run(blueprint, 120);
        let members = |from: u64, to: u64| {
            let mut all = seen
                .roots
                .iter()
                .filter(|root| root.segment == SegmentId(1));
            let within = |root: &&RootEnd| (from..to).contains(&(root.at_ns / SECOND_NS));
            let all: Vec<_> = all.by_ref().filter(within).collect();
            all.iter().filter(|root| root.status.is_ok()).count() as f64 / all.len() as f64
        };
        let counts = world.counts(FlowId(0), RegionId(0));
        (members(45, 90), members(105, 120), counts.shed)
    };
    let (saved, afterwards, shed) = run(true);
    assert!(saved > 0.99, "{saved}");
    assert!(afterwards < 0.5, "the limit is gone: {afterwards}");
    assert!((shed as f64 / (60.0 * 60.0) - 1.0).abs() < 0.1, "{shed}");
    let (lost, _, none) = run(false);
    assert!(lost < 0.5 && none == 0, "{lost}");
}

/// A third station that answers in the place of the second.
fn with_spare(fallback: Option<Fallback>) -> Blueprint {
    let mut blueprint = pair();
    let mut spare = blueprint.services[1].clone();
    "spare".clone_into(&mut spare.name);
    blueprint.services.push(spare);
    let mut endpoint = blueprint.endpoints[1].clone();
    endpoint.service = ServiceId(2);
    blueprint.endpoints.push(endpoint);
    let mut edge = blueprint.edges[1].clone();
    edge.target = brownout_sim::ids::EndpointId(2);
    blueprint.edges.push(edge);
    let mut version = blueprint.versions[1].clone();
    version.service = ServiceId(2);
    version.entries[0].0 = brownout_sim::ids::EndpointId(2);
    blueprint.versions.push(version);
    blueprint.deployments.push(Deployment {
        service: ServiceId(2),
        version: VersionId(2),
        ..blueprint.deployments[1]
    });
    blueprint.edges[1].fallback = fallback;
    blueprint
}

fn failing(service: u16, part: f64) -> TimedChange {
    let selector = Selector {
        service: Some(ServiceId(service)),
        ..Selector::default()
    };
    at(
        10,
        Change::Errors {
            selector,
            failure_q32: share(part),
        },
    )
}

#[test]
fn a_fallback_call_takes_over_and_is_no_circle() {
    let run = |fallback, spare_fails: f64| {
        let mut blueprint = with_spare(fallback);
        // The spare would fall back on the first, but it is a fallback itself.
        blueprint.edges[2].fallback = Some(Fallback::Call(EdgeId(1)));
        blueprint.timeline = vec![failing(1, 1.0), failing(2, spare_fails)];
        super::network::run(blueprint, 30).0
    };
    let with = run(Some(Fallback::Call(EdgeId(2))), 0.0);
    assert_eq!(with.ok_share(0, 30), 1.0);
    assert_eq!(with.calls(2, Status::Ok), with.calls(1, Status::Internal));
    assert!(with.roots.iter().all(|root| !root.degraded));
    let without = run(None, 0.0);
    assert_eq!(without.ok_share(11, 30), 0.0);
    assert_eq!(without.calls(2, Status::Ok), 0);
    let both = run(Some(Fallback::Call(EdgeId(2))), 1.0);
    assert_eq!(both.ok_share(11, 30), 0.0);
    assert_eq!(
        both.calls(1, Status::Internal),
        both.calls(2, Status::Internal)
    );
}

#[test]
fn a_fallback_answer_degrades_what_it_saves() {
    let mut blueprint = with_spare(Some(Fallback::Answer));
    blueprint.timeline = vec![failing(1, 0.3)];
    let (seen, _) = run(blueprint, 60);
    assert_eq!(seen.ok_share(0, 60), 1.0);
    let degraded = seen.roots.iter().filter(|root| root.degraded).count();
    assert_eq!(degraded, seen.calls(1, Status::Internal));
    assert!(degraded > 1_000);
}

/// A status page tells late what a provider's clients have long seen, and a page that lies does not tell.
#[test]
fn a_status_page_lags_or_lies() {
    let pages = |threshold_q32: u64, delay_s: u64| {
        let mut blueprint = pair();
        blueprint.pages = vec![StatusPage {
            service: ServiceId(1),
            delay_ns: delay_s * SECOND_NS,
            window_ns: 20 * SECOND_NS,
            threshold_q32,
            slow_ns: SECOND_NS,
        }];
        let heal = Change::Errors {
            selector: Selector {
                service: Some(ServiceId(1)),
                ..Selector::default()
            },
            failure_q32: 0,
        };
        blueprint.timeline = vec![failing(1, 0.3), at(200, heal)];
        let mut world = world(blueprint, 4);
        let states = (1..=400u64).map(|second| {
            world.advance_until(second * SECOND_NS, u64::MAX, &mut Seen::default());
            world.status_page(ServiceId(1)).expect("it has a page")
        });
        states.collect::<Vec<PageState>>()
    };
    let admits = |states: &[PageState]| states.iter().position(|s| *s == PageState::Degraded);
    let prompt = pages(share(0.2), 0);
    let first = admits(&prompt).expect("it says so");
    assert!((10..35).contains(&first), "{first}");
    let late = pages(share(0.2), 120);
    assert_eq!(admits(&late), Some(first + 120));
    assert_eq!(
        late[250],
        PageState::Degraded,
        "healed for a while, and the page does not know"
    );
    assert_eq!(late[390], PageState::Operational);
    let lying = pages(ONE_Q32 * 2, 0);
    assert!(lying.iter().all(|state| *state == PageState::Operational));
}

/// An answer that takes too long is a bad one to the page, as it is to the clients; a throttled client is none of its
/// business.
#[test]
fn a_page_sees_slowness_and_not_quotas() {
    let state = |slow: bool, quota: bool| {
        let mut blueprint = pair();
        blueprint.pages = vec![StatusPage {
            service: ServiceId(1),
            delay_ns: 0,
            window_ns: 20 * SECOND_NS,
            threshold_q32: share(0.1),
            slow_ns: 100 * MILLISECOND_NS,
        }];
        blueprint.versions[1].code[0] = Step::Compute {
            mean_ns: if slow { 300 } else { 30 } * MILLISECOND_NS,
            dist: Dist::Constant,
            failure_q32: 0,
        };
        if quota {
            blueprint.limits = vec![limit(SECOND_NS / 10, 1)];
        }
        run(blueprint, 60).1.status_page(ServiceId(1))
    };
    assert_eq!(state(false, false), Some(PageState::Operational));
    assert_eq!(state(false, true), Some(PageState::Operational));
    assert_eq!(state(true, false), Some(PageState::Outage));
}

/// What a queue has taken over is not lost with a reply that nobody waits for; what never reaches it is, and is counted.
#[test]
fn work_is_lost_on_its_way_to_a_queue_and_not_after_it() {
    let published = |messages| {
        let mut blueprint = pair();
        blueprint.services[1].kind = ServiceKind::Queue;
        blueprint.versions[0].code = vec![Step::Publish(EdgeId(1)), Step::Return];
        blueprint.links = vec![link(messages, DROPS)];
        blueprint.sources[0].limit = 2_000;
        let (seen, world) = run(blueprint, 60);
        assert_eq!(seen.ok_share(0, 60), 1.0);
        assert_eq!(world.live_frames(), 0);
        let counts = world.counts(FlowId(0), RegionId(0));
        (counts.published, counts.consumed, counts.lost)
    };
    assert_eq!(published(to_front()), (2_000, 2_000, 0));
    assert_eq!(published(to_back()), (2_000, 0, 2_000));
}
