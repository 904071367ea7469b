//! Feature flags, by region and by segment of the users.

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{
    Blueprint, Change, Flag, MILLISECOND_NS, ONE_Q32, SECOND_NS, Source, Step,
};
use brownout_sim::dist::Dist;
use brownout_sim::ids::{FlagId, RegionId, SegmentId};
use brownout_sim::probe::{Blind, Probe, RootEnd};

/// Requests by segment: all, and those that failed.
#[derive(Default)]
struct BySegment([(u64, u64); 2]);

impl Probe for BySegment {
    fn root_end(&mut self, end: &RootEnd) {
        let (all, failed) = &mut self.0[end.segment.index()];
        *all += 1;
        *failed += u64::from(!end.status.is_ok());
    }
}

/// One service whose new code, behind a flag, fails; three times as many guests come as members.
fn new_code(flag: Flag) -> Blueprint {
    let station = Station::servers(20, MILLISECOND_NS);
    let mut blueprint = chain(&[station], 4 * MILLISECOND_NS, Policy::PATIENT, Vec::new());
    blueprint.segments = ["guest", "member"].map(str::to_owned).to_vec();
    blueprint.sources.push(Source {
        segment: SegmentId(1),
        interarrival_ns: 12 * MILLISECOND_NS,
        ..blueprint.sources[0].clone()
    });
    blueprint.flags.push(flag);
    let compute = |failure_q32| Step::Compute {
        mean_ns: MILLISECOND_NS,
        dist: Dist::Exponential,
        failure_q32,
    };
    blueprint.versions[0].code = vec![
        Step::IfFlag {
            flag: FlagId(0),
            otherwise: 2,
        },
        compute(ONE_Q32),
        compute(0),
        Step::Return,
    ];
    blueprint
}

fn off() -> Flag {
    Flag {
        name: "new-code".to_owned(),
        share_q32: vec![0],
        segments: Vec::new(),
    }
}

fn set(segment: Option<u16>, percent: u64) -> Change {
    Change::SetFlag {
        flag: FlagId(0),
        region: None,
        segment: segment.map(SegmentId),
        share_q32: ONE_Q32 * percent / 100,
        after_ns: SECOND_NS,
    }
}

/// Failures of guests and members in a minute, in per cent.
fn failing(blueprint: Blueprint, change: Option<&Change>) -> [u64; 2] {
    let mut world = world(blueprint, 6);
    if let Some(change) = change {
        world
            .apply(change, &mut Blind)
            .expect("it changes something");
        assert!(world.apply(change, &mut Blind).is_ok(), "not yet in force");
    }
    world.advance_until(2 * SECOND_NS, u64::MAX, &mut Blind);
    if let Some(change) = change {
        assert!(world.apply(change, &mut Blind).is_err(), "it is so already");
    }
    let mut seen = BySegment::default();
    world.advance_until(62 * SECOND_NS, u64::MAX, &mut seen);
    seen.0.map(|(all, failed)| (100 * failed + all / 2) / all)
}

/// A rollout to one segment harms that segment and no other; one to all harms all, and without it nobody is harmed.
#[test]
fn a_flag_is_rolled_out_by_segment() {
    assert_eq!(failing(new_code(off()), None), [0, 0]);
    assert_eq!(failing(new_code(off()), Some(&set(Some(1), 100))), [0, 100]);
    assert_eq!(failing(new_code(off()), Some(&set(None, 100))), [100, 100]);
    let [guests, members] = failing(new_code(off()), Some(&set(Some(0), 30)));
    assert!(
        (28..=32).contains(&guests) && members == 0,
        "{guests} {members}"
    );
    let begun = Flag {
        segments: vec![(SegmentId(1), ONE_Q32)],
        ..off()
    };
    assert_eq!(failing(new_code(begun), None), [0, 100]);
}

/// The share of a region is that of its requests: a quarter of them are members'.
#[test]
fn the_share_of_a_region_counts_requests() {
    let mut world = world(new_code(off()), 6);
    let percent = |world: &brownout_sim::world::World| {
        (world.flag_share(FlagId(0), RegionId(0)) * 100 + ONE_Q32 / 2) >> 32
    };
    assert_eq!(percent(&world), 0);
    world
        .apply(&set(Some(1), 100), &mut Blind)
        .expect("a change");
    world.advance_until(2 * SECOND_NS, u64::MAX, &mut Blind);
    assert_eq!(percent(&world), 25);
    let of = |segment| world.flag_share_of(FlagId(0), RegionId(0), SegmentId(segment));
    assert_eq!((of(0), of(1)), (0, ONE_Q32));
}
