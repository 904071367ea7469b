//! Processes that end without anybody's wish, and come back after a pause that grows.

use super::World;
use super::agenda::AgendaItem;
use super::instance::InstanceState;
use crate::blueprint::{MINUTE_NS, OnMissing, SECOND_NS};
use crate::ids::InstanceId;
use crate::probe::{CrashReason, Probe};

/// Pause before the third start in a row; the second comes at once, each further one waits twice as long.
const FIRST_PAUSE_NS: u64 = 10 * SECOND_NS;
/// Longest pause.
const LONGEST_PAUSE_NS: u64 = 5 * MINUTE_NS;
/// A process that has lived this long since the last crash begins the count anew.
const FORGIVEN_NS: u64 = 10 * MINUTE_NS;

/// Pause before the start after the `crashes`-th crash in a row (as Kubernetes' kubelet does: 10 s doubling to 5 min).
pub(super) fn pause_ns(crashes: u32) -> u64 {
    match crashes {
        0 | 1 => 0,
        more => {
            let doublings = (more - 2).min(16);
            (FIRST_PAUSE_NS << doublings).min(LONGEST_PAUSE_NS)
        }
    }
}

impl World {
    /// A process ends as soon as what is under way at this instant is over.
    pub(super) fn plan_crash(&mut self, index: usize, reason: CrashReason) {
        let process = self.instances[index].process;
        let instance = InstanceId::from_index(index);
        self.plan(
            self.now_ns,
            AgendaItem::Crash {
                instance,
                process,
                reason,
            },
        );
    }

    /// A process ends in the middle of things.
    pub(super) fn crash<P: Probe>(&mut self, id: InstanceId, reason: CrashReason, probe: &mut P) {
        let instance = &self.instances[id.index()];
        if matches!(instance.state, InstanceState::Off | InstanceState::Waiting) {
            return;
        }
        let (deployment, generation) = (instance.deployment, instance.generation);
        let was_leaving = instance.state == InstanceState::Draining;
        self.end_process(id, Some(reason), probe);
        self.rebuild_rotation(deployment);
        let now_ns = self.now_ns;
        let vitals = self.vitals(id.index());
        if now_ns - vitals.last_crash_ns >= FORGIVEN_NS {
            vitals.crashes = 0;
        }
        vitals.crashes += 1;
        vitals.restarts += 1;
        vitals.last_crash_ns = now_ns;
        let after_ns = pause_ns(vitals.crashes);
        if was_leaving {
            // It was to be replaced or turned off anyway.
            self.succeed(id, probe);
        } else {
            let process = self.instances[id.index()].process;
            let item = AgendaItem::Begin {
                instance: id,
                process,
            };
            self.plan(now_ns + after_ns, item);
        }
        self.count_crash(deployment, generation);
        self.roll_on(deployment, probe);
    }

    /// Whether a process that has come up gets ready; otherwise it ends or hangs.
    pub(super) fn gets_ready<P: Probe>(&mut self, id: InstanceId, probe: &mut P) -> bool {
        let instance = &self.instances[id.index()];
        let Some(vitals) = instance.vitals.as_deref() else {
            return true;
        };
        if vitals.fails_to_start || instance.unset == OnMissing::Crash {
            self.crash(id, CrashReason::StartFailed, probe);
            return false;
        }
        if instance.unset == OnMissing::Hang {
            self.vitals(id.index()).hung = true;
            return false;
        }
        let now_ns = self.now_ns;
        self.vitals(id.index()).ready_since_ns = Some(now_ns);
        true
    }
}
