//! What happens to some requests only, and connections that linger: each where it shows, and where it must not.
#![expect(clippy::cast_precision_loss, reason = "statistics of a test")]

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{
    Blueprint, Change, Flag, Flow, Link, MILLISECOND_NS, Messages, ONE_Q16, ONE_Q32, Party, Pool,
    Quality, RequestEffect, RequestSelector, SECOND_NS, Selector, Source, TimedChange,
};
use brownout_sim::ids::{DeploymentId, FlagId, FlowId, InstanceId, RegionId, SegmentId, ServiceId};
use brownout_sim::probe::{Blind, Probe, RootEnd, ServerEnd, Status};
use brownout_sim::world::{FlowCounts, World};

const MEMBER: SegmentId = SegmentId(1);

/// Two stations; guests and members, half each, a flow of their own for each.
fn shop() -> Blueprint {
    let stations = [Station::servers(8, 5 * MILLISECOND_NS); 2];
    let policy = Policy {
        timeout_ns: SECOND_NS,
        ..Policy::PATIENT
    };
    let mut blueprint = chain(&stations, 20 * MILLISECOND_NS, policy, Vec::new());
    blueprint.segments.push("member".to_owned());
    blueprint.flows.push(Flow {
        name: "members".to_owned(),
        ..blueprint.flows[0].clone()
    });
    blueprint.sources.push(Source {
        flow: FlowId(1),
        segment: MEMBER,
        ..blueprint.sources[0].clone()
    });
    blueprint
}

fn change(requests: RequestSelector, effect: RequestEffect) -> Change {
    Change::Requests {
        selector: Selector {
            service: Some(ServiceId(1)),
            ..Selector::default()
        },
        requests,
        effect,
    }
}

fn at(second: u64, change: Change) -> TimedChange {
    TimedChange {
        at_ns: second * SECOND_NS,
        change,
    }
}

const fn fail(share_q32: u64) -> RequestEffect {
    RequestEffect::Fail { share_q32 }
}

/// Counts of guests and of members.
fn counts(world: &World) -> [FlowCounts; 2] {
    [0, 1].map(|flow| world.counts(FlowId(flow), RegionId(0)))
}

fn run(blueprint: Blueprint, until_s: u64) -> World {
    let mut world = world(blueprint, 5);
    world.advance_until(until_s * SECOND_NS, u64::MAX, &mut Blind);
    assert_eq!(world.audit(), Ok(()));
    world
}

#[test]
fn a_selection_narrows_failures_to_what_fits_all_of_it() {
    let members = RequestSelector {
        segment: Some(MEMBER),
        ..RequestSelector::default()
    };
    let none = RequestSelector {
        flow: Some(FlowId(0)),
        ..members
    };
    let from_front = RequestSelector {
        from: Some(ServiceId(0)),
        ..members
    };
    let from_back = RequestSelector {
        from: Some(ServiceId(1)),
        ..members
    };
    let failed = |requests: RequestSelector| {
        let mut blueprint = shop();
        blueprint.timeline = vec![
            at(10, change(requests, fail(ONE_Q32))),
            at(20, change(requests, fail(0))),
        ];
        let [guests, members] = counts(&run(blueprint, 40));
        assert!(guests.arrivals > 1_500 && members.arrivals > 1_500);
        (guests.failed, members.failed)
    };
    let (guests, some) = failed(members);
    assert_eq!(guests, 0);
    assert!((400..=600).contains(&some), "{some} in ten seconds at 50/s");
    assert_eq!(failed(none), (0, 0), "no guest is a member");
    assert_eq!(failed(from_front), (0, some), "the front is who calls");
    assert_eq!(failed(from_back), (0, 0));
}

/// A flag selects the requests it is on for: the same that the code behind it sees.
#[test]
fn a_flag_selects_its_requests() {
    let flagged = RequestSelector {
        flag: Some(FlagId(0)),
        ..RequestSelector::default()
    };
    let share = |on_q32: u64| {
        let mut blueprint = shop();
        blueprint.flags.push(Flag {
            name: "new".to_owned(),
            share_q32: vec![on_q32],
            segments: Vec::new(),
        });
        blueprint.timeline = vec![at(0, change(flagged, fail(ONE_Q32)))];
        let [guests, _] = counts(&run(blueprint, 40));
        guests.failed as f64 / guests.finished() as f64
    };
    assert!(share(0) < 1e-9);
    assert!((share(ONE_Q32 / 4) - 0.25).abs() < 0.04);
    assert!(share(ONE_Q32) > 0.999);
}

/// Requests that are turned away cost the server nothing; those that fail have been worked on.
#[test]
fn refusals_cost_no_work() {
    #[derive(Default)]
    struct Ends(Vec<Status>);
    impl Probe for Ends {
        fn server_end(&mut self, end: &ServerEnd) {
            if end.endpoint.0 == 1 {
                self.0.push(end.status);
            }
        }
    }
    let with = |effects: &[RequestEffect]| {
        let mut blueprint = shop();
        for effect in effects {
            let change = change(RequestSelector::default(), *effect);
            blueprint.timeline.push(at(0, change));
        }
        let mut world = world(blueprint, 5);
        let mut ends = Ends::default();
        world.advance_until(60 * SECOND_NS, u64::MAX, &mut ends);
        let share = |status| {
            let some = ends.0.iter().filter(|end| **end == status).count();
            some as f64 / ends.0.len() as f64
        };
        let cpu_ns = world.instance(InstanceId(1)).cpu_ns as f64;
        (
            cpu_ns,
            share(Status::Denied),
            share(Status::Throttled),
            share(Status::Internal),
        )
    };
    let refuse = |share_q32, status| RequestEffect::Refuse { share_q32, status };
    let (usual_ns, ..) = with(&[]);
    let (none_ns, denied, ..) = with(&[refuse(ONE_Q32, Status::Denied)]);
    assert!(none_ns < 1.0 && denied > 0.999, "{none_ns} {denied}");
    let (worked_ns, .., internal) = with(&[fail(ONE_Q32)]);
    assert!(internal > 0.999);
    assert!((worked_ns / usual_ns - 1.0).abs() < 0.01, "{worked_ns}");
    // Half is denied, half of what is left throttled.
    let half = ONE_Q32 / 2;
    let both = [
        refuse(half, Status::Denied),
        refuse(half, Status::Throttled),
    ];
    let (_, denied, throttled, _) = with(&both);
    assert!((denied - 0.5).abs() < 0.03 && (throttled - 0.25).abs() < 0.03);
}

#[test]
fn slowness_and_size_apply_to_what_is_selected() {
    #[derive(Default)]
    struct Times([u64; 2], [u64; 2]);
    impl Probe for Times {
        fn root_end(&mut self, end: &RootEnd) {
            self.0[end.flow.index()] += end.duration_ns;
            self.1[end.flow.index()] += 1;
        }
    }
    let means = |blueprint: Blueprint| {
        let mut world = world(blueprint, 5);
        let mut times = Times::default();
        world.advance_until(60 * SECOND_NS, u64::MAX, &mut times);
        [0, 1].map(|flow| times.0[flow] as f64 / times.1[flow] as f64 / 1e6)
    };
    let members = RequestSelector {
        segment: Some(MEMBER),
        ..RequestSelector::default()
    };
    let mut slow = shop();
    let factor_q16 = 3 * ONE_Q16;
    let effect = RequestEffect::Slow { factor_q16 };
    slow.timeline = vec![at(0, change(members, effect))];
    let [guests, slowed] = means(slow);
    // Two exponential stations of 5 ms, of which one takes three times as long.
    assert!((guests - 10.0).abs() < 1.0, "{guests}");
    assert!((slowed - 20.0).abs() < 2.0, "{slowed}");
    // 10 kB at 10 Mbit/s take 8 ms; twice as large they take 16.
    let sized = |factor_q16: u32, requests| {
        let mut blueprint = shop();
        blueprint.edges[1].reply_bytes = 10_000;
        blueprint.links.push(Link {
            messages: Messages {
                from: Party::Service(ServiceId(1)),
                ..Messages::default()
            },
            quality: Quality {
                bandwidth: 10_000_000,
                ..Quality::default()
            },
        });
        // Few enough that replies hardly wait for each other.
        for source in &mut blueprint.sources {
            source.interarrival_ns = 400 * MILLISECOND_NS;
        }
        let effect = RequestEffect::Size { factor_q16 };
        blueprint.timeline = vec![at(0, change(requests, effect))];
        means(blueprint)
    };
    let [usual, _] = sized(ONE_Q16, members);
    let [untouched, doubled] = sized(2 * ONE_Q16, members);
    assert!((untouched - usual).abs() < 1.5, "{usual} then {untouched}");
    assert!(
        (doubled - usual - 8.0).abs() < 3.0,
        "{usual} then {doubled}"
    );
}

/// Connections that stay taken after their calls exhaust a pool whose server has nothing to do. When the client's process
/// ends they are gone with it, and what was to free them finds nothing.
#[test]
fn lingering_connections_exhaust_a_pool() {
    let with = |linger_ns: u64, restart: bool| {
        let mut blueprint = shop();
        blueprint.edges[1].pool = Some(Pool { size: 20 });
        blueprint.services[0].instance.start_ns = SECOND_NS;
        let link = |linger_ns| {
            Change::Link(Link {
                messages: Messages {
                    from: Party::Service(ServiceId(0)),
                    to: Party::Service(ServiceId(1)),
                    ..Messages::default()
                },
                quality: Quality {
                    linger_ns,
                    ..Quality::default()
                },
            })
        };
        if linger_ns > 0 {
            blueprint.timeline = vec![at(10, link(linger_ns)), at(30, link(0))];
        }
        if restart {
            let deployment = DeploymentId(0);
            blueprint
                .timeline
                .push(at(25, Change::Restart { deployment }));
        }
        blueprint.timeline.sort_by_key(|timed| timed.at_ns);
        let mut world = world(blueprint, 5);
        let mut failed = Vec::new();
        for second in 1..=60 {
            world.advance_until(second * SECOND_NS, u64::MAX, &mut Blind);
            assert_eq!(world.audit(), Ok(()), "second {second}");
            failed.push(counts(&world)[0].failed);
        }
        let busy = world.pool(InstanceId(0), brownout_sim::ids::EdgeId(1));
        assert!(busy.is_some_and(|pool| pool.used <= pool.size));
        (failed[29] - failed[10], failed[59] - failed[45])
    };
    assert_eq!(with(0, false), (0, 0));
    // 100 calls a second that hold a connection for 100 ms are ten; for a second they are a hundred.
    assert_eq!(with(100 * MILLISECOND_NS, false), (0, 0));
    let (during, after) = with(SECOND_NS, false);
    assert!(during > 300, "{during}");
    assert_eq!(after, 0);
    let (during, after) = with(SECOND_NS, true);
    assert!(during > 200, "{during}");
    assert_eq!(after, 0);
}
