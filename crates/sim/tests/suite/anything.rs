//! Worlds of any shape with anything switched on: whatever happens, the books balance and nothing is left behind.
#![expect(clippy::cast_possible_truncation, reason = "small draws of a test")]

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{
    Balancer, Blueprint, Breaker, CallTerms, Certificate, Change, Credential, CredentialAction,
    Deployment, Discipline, Fallback, Link, MILLISECOND_NS, Messages, Name, NameState, ONE_Q32,
    Party, Patience, Pool, Quality, RateLimit, RequestEffect, RequestSelector, RetryBudget,
    SECOND_NS, Selector, ServiceKind, Sharing, Source, StatusPage, Step, TimedChange, TokenRate,
    UserSelector,
};
use brownout_sim::dist::Dist;
use brownout_sim::hash::combine;
use brownout_sim::ids::{DeploymentId, EdgeId, EndpointId, FlowId, RegionId, SegmentId, ServiceId};
use brownout_sim::probe::{Blind, Status};
use brownout_sim::world::Progress;

/// Draws of one test case.
struct Draws(u64, u64);

impl Draws {
    fn below(&mut self, n: u64) -> u64 {
        self.1 += 1;
        (combine(self.0, self.1) >> 32) * n >> 32
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
    fn milliseconds(&mut self, most: u64) -> u64 {
        MILLISECOND_NS * (1 + self.below(most))
    }
    fn share(&mut self, one_in: u64) -> u64 {
        self.below(ONE_Q32 / one_in)
    }
    fn region(&mut self) -> Option<RegionId> {
        let region = self.below(3);
        (region < 2).then_some(RegionId(region as u16))
    }
    fn service(&mut self) -> ServiceId {
        ServiceId(self.below(3) as u16)
    }
    fn party(&mut self) -> Party {
        match self.below(3) {
            0 => Party::Any,
            1 => Party::Users,
            _ => Party::Service(self.service()),
        }
    }
    fn messages(&mut self) -> Messages {
        Messages {
            from_region: self.region(),
            to_region: self.region(),
            from_zone: self.one_in(4).then_some(0),
            to_zone: self.one_in(4).then_some(1),
            from: self.party(),
            to: self.party(),
        }
    }
    fn quality(&mut self) -> Quality {
        Quality {
            delay_ns: self.milliseconds(20),
            jitter_ns: self.milliseconds(20),
            loss_q32: self.share(4),
            reset_q32: self.share(10),
            bandwidth: self.below(2) * (1_000_000 + self.below(100_000_000)),
            linger_ns: self.below(2) * self.milliseconds(400),
            drops: self.one_in(4),
        }
    }
    fn requests(&mut self) -> Change {
        let share_q32 = self.share(2);
        let factor_q16 = 1 + self.below(4 << 16) as u32;
        Change::Requests {
            selector: Selector {
                service: Some(self.service()),
                region: self.region(),
                slot: self.one_in(3).then_some(0),
                ..Selector::default()
            },
            requests: RequestSelector {
                segment: self.one_in(2).then_some(SegmentId(1)),
                from: self.one_in(3).then(|| self.service()),
                ..RequestSelector::default()
            },
            effect: match self.below(4) {
                0 => RequestEffect::Slow { factor_q16 },
                1 => RequestEffect::Fail { share_q32 },
                2 => RequestEffect::Size { factor_q16 },
                _ => RequestEffect::Refuse {
                    share_q32,
                    status: [Status::Denied, Status::Reset][self.below(2) as usize],
                },
            },
        }
    }
    fn limit(&mut self) -> RateLimit {
        RateLimit {
            deployment: DeploymentId(self.below(6) as u16),
            flow: self.one_in(2).then_some(FlowId(0)),
            segment: self.one_in(2).then_some(SegmentId(1)),
            rate: TokenRate {
                interval_ns: self.milliseconds(50),
                burst: 1 + self.below(20) as u32,
            },
        }
    }
    fn change(&mut self) -> Change {
        let deployment = DeploymentId(self.below(6) as u16);
        let service = self.service();
        match self.below(15) {
            0 | 1 => Change::Restart { deployment },
            2 => Change::Limit {
                limit: self.limit(),
                sets: true,
            },
            3 | 4 => Change::Link(Link {
                messages: self.messages(),
                quality: self.quality(),
            }),
            5 => Change::PointName {
                service,
                to: if self.one_in(3) {
                    self.service()
                } else {
                    service
                },
                region: self.region(),
            },
            6 => Change::AnswerName {
                service,
                state: [NameState::Answered, NameState::Failing, NameState::Stale]
                    [self.below(3) as usize],
            },
            7 => Change::Credential {
                client: ServiceId(0),
                server: ServiceId(1),
                action: [
                    CredentialAction::Rotate,
                    CredentialAction::RevokeOlder,
                    CredentialAction::RevokeAll,
                ][self.below(3) as usize],
            },
            8 => Change::Skew {
                deployment,
                slot: self.one_in(2).then_some(0),
                skew_ns: 5_000_000_000 - self.below(10).cast_signed() * 1_000_000_000,
            },
            9 | 10 => {
                let client = self.below(2) as u16;
                Change::Calls {
                    client: ServiceId(client),
                    server: ServiceId(client + 1),
                    region: self.region(),
                    terms: CallTerms {
                        timeout_ns: self.one_in(2).then(|| self.milliseconds(800)),
                        attempts: self.one_in(3).then(|| 1 + self.below(4) as u8),
                        pool: self.one_in(2).then(|| 1 + self.below(12) as u32),
                        open: self.one_in(4).then(|| self.one_in(2)),
                    },
                }
            }
            11..=13 => self.requests(),
            _ => Change::Traffic {
                users: UserSelector {
                    region: self.region(),
                    ..UserSelector::default()
                },
                factor_q16: self.below(3 << 16) as u32,
            },
        }
    }
}

/// Three services in two regions, each calling the next, and everything drawn that can be.
fn anything(seed: u64) -> Blueprint {
    let d = &mut Draws(seed, 0);
    let station = |d: &mut Draws| Station {
        replicas: 1 + d.below(3) as u16,
        queue: 3 + d.below(60) as u32,
        workers: 1 + d.below(8) as u32,
        balancer: [
            Balancer::RoundRobin,
            Balancer::LeastOutstanding,
            Balancer::PowerOfTwo,
        ][d.below(3) as usize],
        ..Station::servers(1 + d.below(3) as u32, d.milliseconds(12))
    };
    let stations = [station(d), station(d), station(d)];
    let policy = Policy {
        timeout_ns: d.milliseconds(400),
        attempts: 1 + d.below(4) as u8,
        backoff_ns: d.milliseconds(60),
        jitter_q16: d.below(65_536) as u32,
    };
    let interarrival_ns = SECOND_NS / (20 + d.below(150));
    let mut blueprint = chain(&stations, interarrival_ns, policy, Vec::new());
    blueprint.regions.push("far".to_owned());
    blueprint.segments.push("member".to_owned());
    blueprint.zones = vec![2, 2];
    let far = d.milliseconds(40);
    blueprint.latency_ns = vec![0, far, far, MILLISECOND_NS];
    for service in 0..3 {
        blueprint.deployments.push(Deployment {
            region: RegionId(1),
            ..blueprint.deployments[service]
        });
    }
    for service in &mut blueprint.services {
        service.instance.start_ns = d.milliseconds(3_000);
        service.instance.drain_ns = d.milliseconds(500);
        service.max_unavailable = 1 + d.below(3) as u16;
        service.instance.discipline = match d.below(4) {
            0 => Discipline::Lifo,
            1 => Discipline::Priority,
            _ => Discipline::Fifo,
        };
        if d.one_in(4) {
            service.instance.sharing = Sharing::Equal;
        }
    }
    for edge in &mut blueprint.edges {
        edge.cancel = d.one_in(2);
        edge.deadline = d.one_in(3);
        edge.request_bytes = d.below(20_000) as u32;
        edge.reply_bytes = d.below(60_000) as u32;
        edge.hedge_ns = d.one_in(3).then(|| d.milliseconds(50));
        edge.pool = d.one_in(2).then(|| Pool {
            size: 1 + d.below(6) as u32,
        });
        edge.budget = d.one_in(3).then(|| RetryBudget {
            ratio_q16: d.below(30_000) as u32,
            burst: d.below(10) as u32,
        });
        edge.breaker = d.one_in(4).then(|| Breaker {
            window: 10,
            failures: 5,
            open_ns: d.milliseconds(2_000),
            tries: 2,
        });
    }
    blueprint.edges[1].fallback = match d.below(3) {
        0 => None,
        1 => Some(Fallback::Answer),
        _ => {
            let mut spare = blueprint.edges[1].clone();
            spare.target = EndpointId(2);
            blueprint.edges.push(spare);
            Some(Fallback::Call(EdgeId(3)))
        }
    };
    if d.one_in(3) {
        blueprint.services[2].kind = ServiceKind::Queue;
        blueprint.versions[1].code[1] = Step::Publish(EdgeId(2));
    }
    blueprint.versions[1].code.insert(
        0,
        Step::CheckToken {
            leeway_ns: d.milliseconds(4_000),
        },
    );
    if d.one_in(2) {
        blueprint.flows[0].patience = Some(Patience {
            mean_ns: d.milliseconds(500),
            dist: Dist::Exponential,
            again_q32: d.share(1),
            pause_ns: d.milliseconds(500),
            tries: 1 + d.below(4) as u8,
        });
    }
    let service = |index| ServiceId(index);
    for index in 0..3 {
        if d.one_in(2) {
            blueprint.names.push(Name {
                service: service(index),
                ttl_ns: d.milliseconds(5_000),
            });
        }
        if d.one_in(2) {
            blueprint.certificates.push(Certificate {
                service: service(index),
                expires_ns: SECOND_NS * (1 + d.below(40)),
            });
        }
    }
    blueprint.credentials.push(Credential {
        client: service(0),
        server: service(1),
    });
    blueprint.pages.push(StatusPage {
        service: service(2),
        delay_ns: SECOND_NS,
        window_ns: 10 * SECOND_NS,
        threshold_q32: 1,
        slow_ns: SECOND_NS,
    });
    if d.one_in(2) {
        blueprint.links.push(Link {
            messages: d.messages(),
            quality: Quality {
                drops: false,
                ..d.quality()
            },
        });
    }
    if d.one_in(3) {
        let limit = d.limit();
        blueprint.limits.push(limit);
    }
    blueprint.sources[0].limit = 600;
    blueprint.sources.push(Source {
        region: RegionId(1),
        segment: SegmentId(1),
        ..blueprint.sources[0].clone()
    });
    for _ in 0..8 {
        let at_ns = d.milliseconds(15_000);
        let change = d.change();
        blueprint.timeline.push(TimedChange { at_ns, change });
    }
    blueprint.timeline.sort_by_key(|timed| timed.at_ns);
    // Whoever was told not to come is asked again, so that every world ends.
    blueprint.timeline.push(TimedChange {
        at_ns: 30 * SECOND_NS,
        change: Change::Traffic {
            users: UserSelector::default(),
            factor_q16: 1 << 17,
        },
    });
    blueprint
}

#[test]
fn whatever_happens_the_books_balance_and_nothing_is_left_behind() {
    let mut kinds = [0u64; 5];
    for seed in 0..500 {
        let mut whole = world(anything(seed), seed);
        for step in 1..=120 {
            whole.advance_until(step * 333_333_333, u64::MAX, &mut Blind);
            assert_eq!(whole.audit(), Ok(()), "seed {seed}, step {step}");
        }
        whole.advance_until(2_000 * SECOND_NS, u64::MAX, &mut Blind);
        assert_eq!(whole.audit(), Ok(()), "seed {seed}");
        assert_eq!(whole.live_frames(), 0, "seed {seed}");
        for region in 0..2 {
            let counts = whole.counts(FlowId(0), RegionId(region));
            assert!(counts.arrivals >= 600, "seed {seed}: {counts:?}");
            assert_eq!(counts.arrivals, counts.finished(), "seed {seed}");
            let all = [
                counts.ok,
                counts.failed,
                counts.shed,
                counts.abandoned,
                counts.lost,
            ];
            for (sum, count) in kinds.iter_mut().zip(all) {
                *sum += count;
            }
        }
        if seed % 10 == 0 {
            let mut sliced = world(anything(seed), seed);
            for step in 1..=2_000u64 {
                while sliced.advance_until(step * SECOND_NS, 37, &mut Blind) == Progress::Budget {}
            }
            assert_eq!(whole.hash(), sliced.hash(), "seed {seed}");
        }
    }
    // The cases are meant to be of all kinds.
    assert!(kinds.iter().all(|count| *count > 1_000), "{kinds:?}");
}
