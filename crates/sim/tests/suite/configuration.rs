//! What a process does about a variable it needs and does not find.

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{ConfigRead, MILLISECOND_NS, ManifestRow, OnMissing, SECOND_NS};
use brownout_sim::ids::{EdgeId, FlowId, RegionId, ServiceId, ValueId, VariableId};
use brownout_sim::probe::{Blind, CallEnd, Probe, Status};
use brownout_sim::world::FlowCounts;

/// Calls from one service to another: how long they took and how they ended.
#[derive(Default)]
struct Calls {
    longest_ns: u64,
    of: Vec<Status>,
    unroutable: u64,
}

impl Probe for Calls {
    fn call_end(&mut self, end: &CallEnd) {
        if end.edge == EdgeId(1) {
            self.longest_ns = self.longest_ns.max(end.duration_ns);
            self.unroutable += u64::from(end.unroutable);
            self.of.push(end.status);
        }
    }
}

/// Two services; the first reads where the second is from a variable.
fn course(on_missing: OnMissing, set: bool) -> (FlowCounts, Calls) {
    let station = Station::servers(50, 2 * MILLISECOND_NS);
    let policy = Policy {
        timeout_ns: SECOND_NS,
        ..Policy::PATIENT
    };
    let mut blueprint = chain(&[station; 2], 20 * MILLISECOND_NS, policy, Vec::new());
    "s1.internal".clone_into(&mut blueprint.services[1].host);
    blueprint.variables.push("S1_URL".to_owned());
    blueprint.values = ["http://nowhere", "http://s1.internal"]
        .map(str::to_owned)
        .to_vec();
    blueprint.versions[0].reads.push(ConfigRead {
        variable: VariableId(0),
        edges: vec![EdgeId(1)],
        default: ValueId(0),
        on_missing,
    });
    if set {
        blueprint.versions[0].manifest.push(ManifestRow {
            region: RegionId(0),
            variable: VariableId(0),
            value: ValueId(1),
        });
    }
    assert_eq!(
        blueprint.resolve_address("http://s1.internal"),
        Some(ServiceId(1))
    );
    let mut world = world(blueprint, 3);
    let mut calls = Calls::default();
    world.advance_until(30 * SECOND_NS, u64::MAX, &mut calls);
    world.advance_until(31 * SECOND_NS, u64::MAX, &mut Blind);
    (world.counts(FlowId(0), RegionId(0)), calls)
}

/// Code that insists fails at once, and says so; code that makes do with a default waits for an answer that never comes.
#[test]
fn calls_fail_at_once_or_wait_in_vain() {
    let (counts, calls) = course(OnMissing::Fail, false);
    assert!(counts.ok == 0 && counts.failed > 1_000, "{counts:?}");
    assert_eq!(calls.longest_ns, 0);
    assert!(calls.of.iter().all(|status| *status == Status::Internal));
    assert_eq!(calls.unroutable, 0);
    let (counts, calls) = course(OnMissing::Default, false);
    assert!(counts.ok == 0 && counts.failed > 1_000, "{counts:?}");
    assert_eq!(calls.longest_ns, SECOND_NS);
    assert!(calls.of.iter().all(|status| *status == Status::Timeout));
    assert_eq!(calls.unroutable, calls.of.len() as u64);
    for on_missing in [OnMissing::Fail, OnMissing::Default] {
        let (counts, _) = course(on_missing, true);
        assert!(counts.failed == 0 && counts.ok > 1_000, "{counts:?}");
    }
}
