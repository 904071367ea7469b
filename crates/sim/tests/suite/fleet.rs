//! Rollouts, canaries and gates: each with the case in which it shows and one in which a precondition is missing.

use brownout_sim::blueprint::{
    Balancer, Blueprint, Change, ConfigRead, FleetAction, Gate, MILLISECOND_NS, ManifestRow,
    ONE_Q32, OnMissing, ProcessEffect, SECOND_NS, Selector, Step, TimedChange, Version,
};
use brownout_sim::ids::{DeploymentId, InstanceId, RegionId, ValueId, VariableId, VersionId};
use brownout_sim::probe::{CrashReason, Lifecycle, Probe, ServerEnd};
use brownout_sim::world::{DeploymentGauges, InstanceState, OperationState, World};

use crate::common::{Policy, Station, chain, world};

/// What happened to instances, and who served what.
#[derive(Default)]
pub(super) struct Events {
    pub(super) list: Vec<(u64, u16, Lifecycle)>,
    pub(super) served: Vec<(u64, u16, u16)>,
}

impl Events {
    pub(super) fn times(&self, wanted: impl Fn(&Lifecycle) -> bool) -> Vec<u64> {
        let hits = self.list.iter().filter(|(_, _, event)| wanted(event));
        hits.map(|(at_ns, _, _)| *at_ns).collect()
    }
}

impl Probe for Events {
    fn server_end(&mut self, end: &ServerEnd) {
        self.served.push((end.at_ns, end.instance.0, end.version.0));
    }

    fn lifecycle(&mut self, at_ns: u64, instance: InstanceId, _: VersionId, event: Lifecycle) {
        self.list.push((at_ns, instance.0, event));
    }
}

pub(super) const SERVICE: DeploymentId = DeploymentId(0);

/// One service of `replicas` instances that take 10 ms a request and 10 s to start, and its versions 0 and 1.
pub(super) fn fleet(replicas: u16, spare: u16, interarrival_ns: u64) -> Blueprint {
    let mut blueprint = chain(
        &[Station {
            replicas,
            workers: 8,
            queue: 20,
            balancer: Balancer::LeastOutstanding,
            ..Station::servers(1, 10 * MILLISECOND_NS)
        }],
        interarrival_ns,
        Policy {
            timeout_ns: SECOND_NS,
            ..Policy::PATIENT
        },
        Vec::new(),
    );
    blueprint.deployments[0].spare = spare;
    let second = Version {
        name: "2".to_owned(),
        ..blueprint.versions[0].clone()
    };
    blueprint.versions.push(second);
    blueprint.services[0].rollout_lead_ns = SECOND_NS;
    blueprint
}

pub(super) fn deploy(version: u16) -> Change {
    Change::Deploy {
        deployment: SERVICE,
        version: VersionId(version),
    }
}

pub(super) fn act(action: FleetAction) -> Change {
    Change::Fleet {
        deployment: SERVICE,
        action,
    }
}

pub(super) fn scale(replicas: u16) -> Change {
    act(FleetAction::Scale { replicas })
}

/// Runs second by second, hands each second's gauges to `look`, and applies changes at their seconds.
pub(super) fn run(
    blueprint: Blueprint,
    seconds: u64,
    changes: &[(u64, Change)],
    mut look: impl FnMut(u64, DeploymentGauges),
) -> (World, Events) {
    let mut world = world(blueprint, 11);
    let mut events = Events::default();
    for second in 0..seconds {
        for (_, change) in changes.iter().filter(|(at, _)| *at == second) {
            world.apply(change, &mut events).expect("makes sense");
        }
        world.advance_until((second + 1) * SECOND_NS, u64::MAX, &mut events);
        look(second + 1, world.deployment(SERVICE));
        world.audit().expect("the books balance");
    }
    (world, events)
}

pub(super) fn versions(world: &World) -> Vec<u16> {
    let instances = (0..world.instance_count()).map(|i| world.instance(InstanceId::from_index(i)));
    instances
        .filter(|i| i.state != InstanceState::Off)
        .map(|i| i.version.0)
        .collect()
}

pub(super) fn process(selector: Selector, effect: ProcessEffect) -> Change {
    Change::Process { selector, effect }
}

pub(super) fn slot(slot: u16) -> Selector {
    Selector {
        slot: Some(slot),
        ..Selector::default()
    }
}

/// With a surge of one a rollout never has fewer than all instances ready, and never more than one extra; without, one
/// is always missing.
#[test]
fn a_surge_keeps_all_instances_ready() {
    let least_ready = |surge: u16, unavailable: u16| {
        let mut blueprint = fleet(4, surge, 20 * MILLISECOND_NS);
        blueprint.services[0].fleet.max_surge = surge;
        blueprint.services[0].max_unavailable = unavailable;
        let (mut least, mut most) = (u16::MAX, 0);
        let (world, _) = run(blueprint, 90, &[(10, deploy(1))], |_, gauges| {
            least = least.min(gauges.ready);
            most = most.max(gauges.standing);
        });
        assert_eq!(versions(&world), [1; 4]);
        let operation = &world.operations()[0];
        assert!(
            matches!(operation.state, OperationState::Done(_)),
            "{operation:?}"
        );
        (least, most)
    };
    assert_eq!(least_ready(1, 0), (4, 5));
    assert_eq!(least_ready(2, 1), (3, 6));
    assert_eq!(least_ready(0, 1), (3, 4));
}

/// A canary is a share of the instances, waits, and goes on by itself or when told; what restarts or is added meanwhile
/// runs the old version.
#[test]
fn a_canary_waits() {
    let canary = |pause_ns| {
        act(FleetAction::Canary {
            version: VersionId(1),
            share_q32: ONE_Q32 / 4,
            pause_ns,
        })
    };
    let new = |world: &World| versions(world).iter().filter(|v| **v == 1).count();
    let (world, _) = run(
        fleet(4, 2, 20 * MILLISECOND_NS),
        60,
        &[(5, canary(60 * SECOND_NS))],
        |_, _| {},
    );
    assert_eq!(new(&world), 1, "one of four");
    assert!(world.deployment(SERVICE).canary);
    let (world, _) = run(
        fleet(4, 2, 20 * MILLISECOND_NS),
        160,
        &[(5, canary(60 * SECOND_NS))],
        |_, _| {},
    );
    assert_eq!(versions(&world), [1; 4]);

    let meanwhile = [
        (5, canary(0)),
        (40, process(slot(2), ProcessEffect::Kill)),
        (60, scale(6)),
    ];
    let (world, _) = run(fleet(4, 2, 20 * MILLISECOND_NS), 100, &meanwhile, |_, _| {});
    assert_eq!(versions(&world).len(), 6);
    assert_eq!(new(&world), 1);
    let mut told = meanwhile.to_vec();
    told.push((100, act(FleetAction::Proceed)));
    let (world, _) = run(fleet(4, 2, 20 * MILLISECOND_NS), 200, &told, |_, _| {});
    assert_eq!(versions(&world), [1; 6]);
}

/// The second version fails one request in five. A canary's gate sees it and halts; without the gate, or with a sound
/// version, the rollout goes through.
#[test]
fn a_gate_stops_a_failing_canary() {
    let state = |failing_q32: u64, gate_q32: u64| {
        let mut blueprint = fleet(4, 0, 20 * MILLISECOND_NS);
        blueprint.services[0].fleet.gate.failing_q32 = gate_q32;
        if let Step::Compute { failure_q32, .. } = &mut blueprint.versions[1].code[0] {
            *failure_q32 = failing_q32;
        }
        let canary = act(FleetAction::Canary {
            version: VersionId(1),
            share_q32: ONE_Q32 / 4,
            pause_ns: 30 * SECOND_NS,
        });
        let (world, _) = run(blueprint, 120, &[(5, canary)], |_, _| {});
        (
            world.operations()[0].state,
            versions(&world).iter().filter(|v| **v == 1).count(),
        )
    };
    let (halted, new) = state(ONE_Q32 / 5, ONE_Q32 / 20);
    assert!(matches!(halted, OperationState::Halted(_)), "{halted:?}");
    assert_eq!(new, 1);
    assert_eq!(state(ONE_Q32 / 5, 0).1, 4);
    assert_eq!(state(0, ONE_Q32 / 20).1, 4);
}

/// The second version needs a variable that its manifest does not set.
fn missing_variable(on_missing: OnMissing, set: bool) -> Blueprint {
    let mut blueprint = fleet(3, 1, 20 * MILLISECOND_NS);
    blueprint.variables.push("GATEWAY_URL".to_owned());
    blueprint.values.push("http://nowhere".to_owned());
    blueprint.versions[1].reads.push(ConfigRead {
        variable: VariableId(0),
        edges: Vec::new(),
        default: ValueId(0),
        on_missing,
    });
    if set {
        blueprint.versions[1].manifest.push(ManifestRow {
            region: RegionId(0),
            variable: VariableId(0),
            value: ValueId(0),
        });
    }
    blueprint.services[0].fleet.max_surge = 1;
    blueprint.services[0].max_unavailable = 0;
    blueprint
}

/// A version that cannot start loops in crashes with growing pauses; with a surge nobody notices, the gate halts the
/// rollout and a rollback ends it. With the variable set it goes through.
#[test]
fn a_version_that_cannot_start_crash_loops() {
    let gate = Gate {
        crashes: 4,
        ..Gate::default()
    };
    let mut blueprint = missing_variable(OnMissing::Crash, false);
    blueprint.services[0].fleet.gate = gate;
    let mut least = u16::MAX;
    let changes = [(10, deploy(1)), (300, deploy(0))];
    let (world, events) = run(blueprint, 400, &changes, |_, gauges| {
        least = least.min(gauges.ready);
    });
    let crashes = events.times(|event| {
        matches!(
            event,
            Lifecycle::Crashed {
                reason: CrashReason::StartFailed,
                ..
            }
        )
    });
    let gaps: Vec<u64> = crashes
        .windows(2)
        .map(|w| (w[1] - w[0]) / SECOND_NS)
        .collect();
    assert_eq!(
        gaps[..4],
        [10, 20, 30, 50],
        "10 s to start, after 0, 10, 20, 40 s"
    );
    assert!(matches!(
        world.operations()[0].state,
        OperationState::Halted(_)
    ));
    assert!(matches!(
        world.operations()[1].state,
        OperationState::Done(_)
    ));
    assert_eq!(least, 3, "the old ones went on");
    assert_eq!(versions(&world), [0; 3]);

    let (world, events) = run(
        missing_variable(OnMissing::Crash, true),
        200,
        &[(10, deploy(1))],
        |_, _| {},
    );
    assert_eq!(versions(&world), [1; 3]);
    assert!(
        events
            .times(|event| matches!(event, Lifecycle::Crashed { .. }))
            .is_empty()
    );
}

/// A version that hangs while it starts never crashes: only the time limit halts its rollout. A rollback still works.
#[test]
fn a_version_that_hangs_is_stopped_by_the_time_limit() {
    let mut blueprint = missing_variable(OnMissing::Hang, false);
    blueprint.services[0].fleet.gate.ready_within_ns = 60 * SECOND_NS;
    let changes = [(10, deploy(1)), (200, deploy(0))];
    let (world, _) = run(blueprint, 300, &changes, |second, gauges| {
        assert_eq!(gauges.halted, (72..=200).contains(&second), "at {second}");
    });
    assert_eq!(versions(&world), [0; 3]);
    // Without the limit it is stuck, and nothing says so.
    let blueprint = missing_variable(OnMissing::Hang, false);
    let (world, _) = run(blueprint, 200, &[(10, deploy(1))], |_, _| {});
    assert_eq!(world.operations()[0].state, OperationState::Running);
}

/// A rollback fails when the old version does not start any more: in place, instance after instance is lost until the
/// budget of unavailable ones is used up.
#[test]
fn a_rollback_can_fail() {
    let run_with = |broken: bool| {
        let mut blueprint = fleet(3, 0, 20 * MILLISECOND_NS);
        blueprint.services[0].fleet.gate.crashes = 3;
        if broken {
            let old = Selector {
                version: Some(VersionId(0)),
                ..Selector::default()
            };
            blueprint.timeline.push(TimedChange {
                at_ns: 90 * SECOND_NS,
                change: process(old, ProcessEffect::FailStart(true)),
            });
        }
        let changes = [(10, deploy(1)), (100, deploy(0))];
        let (world, _) = run(blueprint, 300, &changes, |_, _| {});
        (
            world.operations()[1 + usize::from(broken)].state,
            world.deployment(SERVICE).ready,
        )
    };
    let (state, ready) = run_with(true);
    assert!(matches!(state, OperationState::Halted(_)), "{state:?}");
    assert_eq!(ready, 2);
    let (state, ready) = run_with(false);
    assert!(matches!(state, OperationState::Done(_)), "{state:?}");
    assert_eq!(ready, 3);
}
