//! Names and trust: what clients remember, and whom they believe. Each mechanism once with what it needs and once with one
//! of those missing.

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{
    Blueprint, Certificate, Change, Credential, CredentialAction, Deployment, Link, MILLISECOND_NS,
    Messages, Name, NameState, Party, Patience, Pool, Quality, RateLimit, SECOND_NS, Step,
    TimedChange, TokenRate,
};
use brownout_sim::dist::Dist;
use brownout_sim::ids::{DeploymentId, EdgeId, FlowId, InstanceId, RegionId, ServiceId, VersionId};
use brownout_sim::probe::{CallEnd, Probe, ServerEnd, Span, Status, TraceEnd};
use brownout_sim::world::World;

const NEVER: u64 = u64::MAX;

fn at(seconds: u64, change: Change) -> TimedChange {
    TimedChange {
        at_ns: seconds * SECOND_NS,
        change,
    }
}

/// Calls of the front to the back: when they ended and how; which instances served them.
#[derive(Default)]
struct Seen {
    calls: Vec<(u64, Option<InstanceId>, Status)>,
    served: Vec<(u64, InstanceId)>,
}

impl Probe for Seen {
    fn call_end(&mut self, end: &CallEnd) {
        if end.edge == EdgeId(1) {
            self.calls.push((end.at_ns, end.client, end.status));
        }
    }
    fn server_end(&mut self, end: &ServerEnd) {
        if end.endpoint.0 == 1 {
            self.served.push((end.at_ns, end.instance));
        }
    }
}

impl Seen {
    /// Calls in a span of seconds, and those of them with a status.
    fn count(&self, from_s: u64, to_s: u64, status: Status) -> (usize, usize) {
        let within = |at_ns: u64| (from_s..to_s).contains(&(at_ns / SECOND_NS));
        let all = self.calls.iter().filter(|call| within(call.0));
        let (mut sum, mut with) = (0, 0);
        for call in all {
            sum += 1;
            with += usize::from(call.2 == status);
        }
        (sum, with)
    }

    #[track_caller]
    fn assert_all(&self, from_s: u64, to_s: u64, status: Status) {
        let (all, with) = self.count(from_s, to_s, status);
        assert!(all > 50, "{all}");
        assert_eq!(with, all, "{status:?} from {from_s} to {to_s} s");
    }
}

fn run(blueprint: Blueprint, until_s: u64) -> (Seen, World) {
    let mut world = world(blueprint, 23);
    let mut seen = Seen::default();
    for second in 1..=until_s {
        world.advance_until(second * SECOND_NS, u64::MAX, &mut seen);
        assert_eq!(world.audit(), Ok(()), "at {second} s");
    }
    (seen, world)
}

/// Four instances of a front in the first region, two of a back in each of two regions, 100 requests/s.
fn pair() -> Blueprint {
    let idle = Station {
        cores: 100_000,
        workers: 100_000,
        replicas: 2,
        ..Station::servers(1, 5 * MILLISECOND_NS)
    };
    let front = Station {
        replicas: 4,
        ..idle
    };
    let policy = Policy {
        timeout_ns: 5 * SECOND_NS,
        ..Policy::PATIENT
    };
    let mut blueprint = chain(&[front, idle], SECOND_NS / 100, policy, Vec::new());
    blueprint.regions.push("far".to_owned());
    blueprint.latency_ns = vec![0, 10 * MILLISECOND_NS, 10 * MILLISECOND_NS, 0];
    blueprint.deployments.push(Deployment {
        region: RegionId(1),
        ..blueprint.deployments[1]
    });
    blueprint
}

fn named(ttl_s: u64) -> Blueprint {
    let mut blueprint = pair();
    blueprint.names = vec![Name {
        service: ServiceId(1),
        ttl_ns: ttl_s * SECOND_NS,
    }];
    blueprint
}

fn fail_over() -> Change {
    Change::PointName {
        service: ServiceId(1),
        to: ServiceId(1),
        region: Some(RegionId(1)),
    }
}

/// Share of calls served in the far region in each second, in percent.
fn far(seen: &Seen, from_s: u64, to_s: u64) -> usize {
    let within: Vec<_> = seen
        .served
        .iter()
        .filter(|(at_ns, _)| (from_s..to_s).contains(&(at_ns / SECOND_NS)))
        .collect();
    within.iter().filter(|(_, i)| i.0 >= 6).count() * 100 / within.len()
}

/// After a fail-over each client follows when what it remembers runs out; a short life of answers is a short fail-over.
#[test]
fn clients_follow_a_fail_over_as_their_memory_runs_out() {
    let moved = |ttl_s| {
        let mut blueprint = named(ttl_s);
        blueprint.timeline = vec![at(70, fail_over())];
        run(blueprint, 200).0
    };
    let slow = moved(60);
    // Everybody asked within the first second or so, and again 60 s later.
    assert_eq!(far(&slow, 0, 118), 0);
    assert_eq!(far(&slow, 124, 200), 100);
    let quick = moved(5);
    assert_eq!(far(&quick, 0, 69), 0);
    assert_eq!(far(&quick, 77, 200), 100);
    // One after the other, not all at once.
    let between = far(&slow, 118, 124);
    assert!(between > 0 && between < 100, "{between}");
}

/// A restarted client has forgotten, and follows at once.
#[test]
fn a_restart_forgets_names() {
    let mut blueprint = named(3_600);
    blueprint.services[0].instance.start_ns = SECOND_NS;
    blueprint.services[0].max_unavailable = 2;
    blueprint.timeline = vec![
        at(20, fail_over()),
        at(
            40,
            Change::Restart {
                deployment: DeploymentId(0),
            },
        ),
    ];
    let (seen, _) = run(blueprint, 100);
    assert_eq!(far(&seen, 0, 40), 0);
    assert_eq!(far(&seen, 80, 100), 100);
}

/// A resolver that fails is noticed by whoever has to ask: nobody while they remember, everybody once they do not.
#[test]
fn a_failing_resolver_hurts_when_memories_run_out() {
    let outage = |to_s| {
        let mut blueprint = named(30);
        let state = |state| Change::AnswerName {
            service: ServiceId(1),
            state,
        };
        blueprint.timeline = vec![
            at(35, state(NameState::Failing)),
            at(to_s, state(NameState::Answered)),
        ];
        run(blueprint, 100).0
    };
    let short = outage(55);
    short.assert_all(0, 100, Status::Ok);
    let long = outage(80);
    long.assert_all(0, 59, Status::Ok);
    long.assert_all(65, 80, Status::Unresolved);
    long.assert_all(81, 100, Status::Ok);
    assert!(
        !long
            .served
            .iter()
            .any(|(at, _)| (65..80).contains(&(at / SECOND_NS)))
    );
}

/// A stale resolver goes on telling what was true once; with it a fail-over moves nobody.
#[test]
fn a_stale_name_moves_nobody() {
    let mut blueprint = named(2);
    let state = |state| Change::AnswerName {
        service: ServiceId(1),
        state,
    };
    blueprint.timeline = vec![
        at(10, state(NameState::Stale)),
        at(20, fail_over()),
        at(60, state(NameState::Answered)),
    ];
    let (seen, _) = run(blueprint, 100);
    assert_eq!(far(&seen, 0, 60), 0);
    assert_eq!(far(&seen, 63, 100), 100);
}

/// A name that leads to another service finds nobody who listens, or a certificate of somebody else.
#[test]
fn a_wrong_name_is_refused_or_not_trusted() {
    let wrong = |certificates: Vec<Certificate>| {
        let mut blueprint = named(1);
        blueprint.certificates = certificates;
        blueprint.timeline = vec![at(
            10,
            Change::PointName {
                service: ServiceId(1),
                to: ServiceId(0),
                region: None,
            },
        )];
        run(blueprint, 40).0
    };
    let plain = wrong(Vec::new());
    plain.assert_all(0, 10, Status::Ok);
    plain.assert_all(12, 40, Status::Refused);
    let certified = wrong(vec![certificate(NEVER)]);
    certified.assert_all(0, 10, Status::Ok);
    certified.assert_all(12, 40, Status::Untrusted);
}

fn certificate(expires_ns: u64) -> Certificate {
    Certificate {
        service: ServiceId(1),
        expires_ns,
    }
}

fn restart(deployment: u16) -> Change {
    Change::Restart {
        deployment: DeploymentId(deployment),
    }
}

/// Few enough connections that all are open long before the certificate expires.
fn certified(expires_s: u64, pool: Option<Pool>) -> Blueprint {
    let mut blueprint = pair();
    blueprint.certificates = vec![certificate(expires_s * SECOND_NS)];
    blueprint.edges[1].pool = pool;
    for service in &mut blueprint.services {
        service.instance.start_ns = SECOND_NS;
        service.max_unavailable = 4;
    }
    blueprint
}

const POOL: Option<Pool> = Some(Pool { size: 1 });

/// Whoever opens a connection for each call fails when the certificate expires; a pool of open ones does not notice, until
/// its client is restarted, which then breaks what was healthy. A renewal heals it.
#[test]
fn an_expired_certificate_waits_for_new_connections() {
    let unpooled = run(certified(20, None), 40).0;
    unpooled.assert_all(0, 20, Status::Ok);
    unpooled.assert_all(21, 40, Status::Untrusted);
    assert_eq!(
        run(certified(20, POOL), 60)
            .0
            .count(0, 60, Status::Untrusted)
            .1,
        0
    );
    let mut blueprint = certified(20, POOL);
    let renewed = Change::Certificate {
        service: ServiceId(1),
        expires_ns: NEVER,
    };
    blueprint.timeline = vec![at(40, restart(0)), at(60, renewed)];
    let (seen, _) = run(blueprint, 80);
    seen.assert_all(0, 40, Status::Ok);
    seen.assert_all(45, 60, Status::Untrusted);
    seen.assert_all(61, 80, Status::Ok);
}

/// A restart of the server closes the connections to it; while the certificate is good they are simply opened again.
#[test]
fn a_restarted_server_is_trusted_only_with_a_good_certificate() {
    let restarted = |expires_s| {
        let mut blueprint = certified(expires_s, POOL);
        blueprint.timeline = vec![at(40, restart(1))];
        run(blueprint, 80).0
    };
    let expired = restarted(20);
    expired.assert_all(0, 40, Status::Ok);
    expired.assert_all(50, 80, Status::Untrusted);
    let good = restarted(1_000);
    assert_eq!(good.count(0, 80, Status::Untrusted).1, 0);
    good.assert_all(50, 80, Status::Ok);
}

/// Rotating a credential is harmless as long as the old one is accepted; revoking it hurts the processes that were not
/// restarted in between, and those only.
#[test]
fn a_revoked_credential_hurts_who_still_holds_it() {
    let revoked = |restarts: bool| {
        let mut blueprint = pair();
        blueprint.credentials = vec![Credential {
            client: ServiceId(0),
            server: ServiceId(1),
        }];
        blueprint.services[0].instance.start_ns = SECOND_NS;
        blueprint.services[0].max_unavailable = 2;
        let act = |action| Change::Credential {
            client: ServiceId(0),
            server: ServiceId(1),
            action,
        };
        blueprint.timeline = vec![at(10, act(CredentialAction::Rotate))];
        if restarts {
            blueprint.timeline.push(at(20, restart(0)));
        }
        blueprint
            .timeline
            .push(at(60, act(CredentialAction::RevokeOlder)));
        blueprint.timeline.push(at(80, restart(0)));
        blueprint
            .timeline
            .push(at(120, act(CredentialAction::RevokeAll)));
        run(blueprint, 140).0
    };
    let prepared = revoked(true);
    prepared.assert_all(0, 20, Status::Ok);
    prepared.assert_all(40, 80, Status::Ok);
    prepared.assert_all(121, 140, Status::Denied);
    let forgotten = revoked(false);
    forgotten.assert_all(0, 60, Status::Ok);
    forgotten.assert_all(61, 80, Status::Denied);
    forgotten.assert_all(110, 120, Status::Ok);
}

fn skewed(slot: Option<u16>, deployment: u16, skew_ns: i64, leeway_ns: Option<u64>) -> Blueprint {
    let mut blueprint = pair();
    if let Some(leeway_ns) = leeway_ns {
        blueprint.versions[1]
            .code
            .insert(0, Step::CheckToken { leeway_ns });
    }
    blueprint.timeline = vec![at(
        20,
        Change::Skew {
            deployment: DeploymentId(deployment),
            slot,
            skew_ns,
        },
    )];
    blueprint
}

/// A clock that is off by more than the leeway makes its instance's tokens worthless, in either direction; one that is off
/// by less does not, nor does any where nobody checks.
#[test]
fn a_clock_that_is_off_spoils_tokens() {
    const MINUTE: i64 = 60 * 1_000_000_000;
    let leeway = Some(30 * SECOND_NS);
    for skew_ns in [MINUTE, -MINUTE] {
        let all = run(skewed(None, 0, skew_ns, leeway), 40).0;
        all.assert_all(0, 20, Status::Ok);
        all.assert_all(21, 40, Status::Denied);
        let one = run(skewed(Some(2), 0, skew_ns, leeway), 40).0;
        for (_, client, status) in one.calls.iter().filter(|c| c.0 > 21 * SECOND_NS) {
            let expected = if *client == Some(InstanceId(2)) {
                Status::Denied
            } else {
                Status::Ok
            };
            assert_eq!(*status, expected);
        }
        assert!(one.count(21, 40, Status::Denied).1 > 300);
        // A server whose clock is off spoils the tokens of everybody it serves: half of them, and a few more, because
        // whoever fails at once is never busy and so is picked more often.
        let server = run(skewed(Some(0), 1, skew_ns, leeway), 40).0;
        let (sum, denied) = server.count(21, 40, Status::Denied);
        let percent = denied * 100 / sum;
        assert!((50..70).contains(&percent), "{denied} of {sum}");
    }
    run(skewed(None, 0, MINUTE / 4, leeway), 40)
        .0
        .assert_all(0, 40, Status::Ok);
    run(skewed(None, 0, MINUTE, None), 40)
        .0
        .assert_all(0, 40, Status::Ok);
}

/// Spans and log lines of an instance carry the time of its clock; what the world does is not moved.
#[test]
fn spans_carry_the_time_of_their_clocks() {
    #[derive(Default)]
    struct Spans(Vec<(u64, Span)>, Vec<i64>);
    impl Probe for Spans {
        fn wants_trace(&mut self, end: &TraceEnd) -> bool {
            end.start_ns > 21 * SECOND_NS
        }
        fn trace_end(&mut self, end: &TraceEnd, spans: &[Span]) {
            self.0
                .extend(spans.iter().map(|span| (end.start_ns, *span)));
        }
        fn server_end(&mut self, end: &ServerEnd) {
            if end.endpoint.0 == 1 && end.at_ns > 21 * SECOND_NS {
                self.1.push(end.skew_ns);
            }
        }
    }
    let ahead = 7 * SECOND_NS;
    let mut world = world(skewed(None, 1, 7_000_000_000, None), 23);
    let mut spans = Spans::default();
    world.advance_until(40 * SECOND_NS, u64::MAX, &mut spans);
    assert!(spans.0.len() > 3_000);
    for (start_ns, span) in &spans.0 {
        let own = if span.edge == EdgeId(1) { ahead } else { 0 };
        assert!(span.start_ns >= *start_ns && span.start_ns < start_ns + SECOND_NS);
        assert!(span.arrive_ns >= start_ns + own && span.arrive_ns < start_ns + own + SECOND_NS);
        assert!(span.end_ns >= span.arrive_ns);
    }
    assert!(spans.1.iter().all(|skew| *skew == 7_000_000_000));
}

/// Everything at once, under overload: the books balance at every moment, nothing is left behind, and how the run is cut
/// does not matter.
#[test]
fn all_of_it_together_leaves_nothing_behind() {
    let build = || {
        let mut blueprint = certified(50, Some(Pool { size: 3 }));
        blueprint.names = named(4).names;
        blueprint.edges[0].attempts = 2;
        blueprint.edges[0].timeout_ns = 900 * MILLISECOND_NS;
        blueprint.edges[0].cancel = true;
        blueprint.edges[1].timeout_ns = 150 * MILLISECOND_NS;
        blueprint.edges[1].attempts = 3;
        blueprint.edges[1].hedge_ns = Some(40 * MILLISECOND_NS);
        blueprint.edges[1].request_bytes = 2_000;
        blueprint.edges[1].reply_bytes = 20_000;
        blueprint.edges[1].fallback = Some(brownout_sim::blueprint::Fallback::Call(EdgeId(1)));
        blueprint.credentials = vec![Credential {
            client: ServiceId(0),
            server: ServiceId(1),
        }];
        blueprint.versions[1].code.insert(
            0,
            Step::CheckToken {
                leeway_ns: SECOND_NS,
            },
        );
        blueprint.flows[0].patience = Some(Patience {
            mean_ns: 400 * MILLISECOND_NS,
            dist: Dist::Exponential,
            again_q32: 3 << 30,
            pause_ns: 300 * MILLISECOND_NS,
            tries: 4,
        });
        let quality = Quality {
            jitter_ns: 10 * MILLISECOND_NS,
            loss_q32: 1 << 28,
            reset_q32: 1 << 26,
            bandwidth: 20_000_000,
            ..Quality::default()
        };
        let messages = Messages::default();
        blueprint.links = vec![Link { messages, quality }];
        blueprint.limits = vec![RateLimit {
            deployment: DeploymentId(0),
            flow: Some(FlowId(0)),
            segment: None,
            rate: TokenRate {
                interval_ns: SECOND_NS / 120,
                burst: 30,
            },
        }];
        let hole = |drops| {
            Change::Link(Link {
                messages: Messages {
                    from: Party::Service(ServiceId(1)),
                    ..Messages::default()
                },
                quality: Quality {
                    drops,
                    ..Quality::default()
                },
            })
        };
        blueprint.timeline = vec![
            at(10, fail_over()),
            at(15, hole(true)),
            at(25, hole(false)),
            at(
                30,
                Change::Skew {
                    deployment: DeploymentId(2),
                    slot: Some(0),
                    skew_ns: -5_000_000_000,
                },
            ),
            at(35, restart(0)),
            at(45, restart(2)),
        ];
        blueprint.sources[0].interarrival_ns = SECOND_NS / 150;
        blueprint.sources[0].limit = 9_000;
        let version = VersionId(1);
        assert_eq!(blueprint.deployments[2].version, version);
        world(blueprint, 77)
    };
    let mut whole = build();
    let mut seen = Seen::default();
    for step in 1..=300 {
        whole.advance_until(step * 333_333_333, u64::MAX, &mut seen);
        assert_eq!(whole.audit(), Ok(()), "step {step}");
    }
    let statuses = [
        Status::Ok,
        Status::Timeout,
        Status::Reset,
        Status::Untrusted,
        Status::Denied,
    ];
    for status in statuses {
        assert!(seen.count(0, 200, status).1 > 10, "{status:?}");
    }
    let counts = whole.counts(FlowId(0), RegionId(0));
    assert!(counts.shed > 10 && counts.abandoned > 10, "{counts:?}");
    whole.advance_until(1_000 * SECOND_NS, u64::MAX, &mut seen);
    assert_eq!(whole.live_frames(), 0);
    assert_eq!(whole.audit(), Ok(()));
    let mut sliced = build();
    for step in 1..=10_000u64 {
        while sliced.advance_until(step * SECOND_NS / 10, 50, &mut seen)
            == brownout_sim::world::Progress::Budget
        {}
    }
    assert_eq!(whole.hash(), sliced.hash());
}
