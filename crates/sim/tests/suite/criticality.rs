//! Servers that know what matters: under overload the critical is served and the sheddable is turned away.

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{
    Blueprint, Criticality, Discipline, Flow, MILLISECOND_NS, SECOND_NS, Source,
};
use brownout_sim::ids::{EdgeId, FlowId, RegionId};
use brownout_sim::probe::Blind;
use brownout_sim::world::FlowCounts;

/// A server at one and a half times what it can do, in equal parts from two flows. `None`: both matter alike.
fn overloaded(discipline: Discipline, other: Option<Criticality>) -> [FlowCounts; 2] {
    let station = Station {
        queue: 20,
        ..Station::servers(1, 10 * MILLISECOND_NS)
    };
    let interarrival_ns = SECOND_NS / 75;
    let policy = Policy::PATIENT;
    let mut blueprint: Blueprint = chain(&[station], interarrival_ns, policy, Vec::new());
    blueprint.services[0].instance.discipline = discipline;
    blueprint.edges.push(blueprint.edges[0].clone());
    blueprint.flows.push(Flow {
        name: "g".to_owned(),
        edge: EdgeId(1),
        criticality: other.unwrap_or_default(),
        ..blueprint.flows[0].clone()
    });
    blueprint.sources.push(Source {
        flow: FlowId(1),
        ..blueprint.sources[0].clone()
    });
    let mut world = world(blueprint, 4);
    world.advance_until(200 * SECOND_NS, u64::MAX, &mut Blind);
    assert_eq!(world.audit(), Ok(()));
    [0, 1].map(|flow| world.counts(FlowId(flow), RegionId(0)))
}

#[expect(clippy::cast_precision_loss, reason = "counts of a test")]
fn lost(counts: &FlowCounts) -> f64 {
    counts.failed as f64 / counts.finished() as f64
}

/// Three quarters of the capacity suffice for all that is critical; of the rest only what fits in is served. Take away
/// either precondition, the order or the difference, and both flows lose a third.
#[test]
fn the_sheddable_is_shed_first() {
    let [critical, sheddable] = overloaded(Discipline::Priority, Some(Criticality::Sheddable));
    assert!(lost(&critical) < 0.001, "{critical:?}");
    assert!((0.60..0.73).contains(&lost(&sheddable)), "{sheddable:?}");
    for (discipline, other) in [
        (Discipline::Fifo, Some(Criticality::Sheddable)),
        (Discipline::Priority, None),
    ] {
        for counts in overloaded(discipline, other) {
            assert!((0.28..0.39).contains(&lost(&counts)), "{counts:?}");
        }
    }
}

/// Nobody who is better than the rest waits behind them, and nobody is forgotten: all that can be served is.
#[test]
fn turning_the_sheddable_away_wastes_no_capacity() {
    let total = |[a, b]: [FlowCounts; 2]| a.ok + b.ok;
    let by_priority = total(overloaded(
        Discipline::Priority,
        Some(Criticality::Sheddable),
    ));
    let in_order = total(overloaded(Discipline::Fifo, Some(Criticality::Sheddable)));
    assert!(
        by_priority.abs_diff(in_order) * 50 < in_order,
        "{by_priority} against {in_order}"
    );
}
