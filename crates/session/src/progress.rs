//! How far an action is, and how it ended.

use brownout_sim::blueprint::Change;
use brownout_sim::world::{OperationState, World};

/// Why an action ended before all of it was done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CutShort {
    /// A later one on the same target took its place.
    Overtaken,
    /// What it brought did not work, and its rollout stopped halfway. What it has replaced stays.
    Halted,
}

impl CutShort {
    /// What is said of such an action, after its title.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Overtaken => "overtaken",
            Self::Halted => "halted halfway",
        }
    }
}

/// How far the operations of an action are, and whether all have ended (`Some`), and how if not done.
#[must_use]
pub fn progress(world: &World, operations: &[u32]) -> (u16, u16, Option<u64>, Option<CutShort>) {
    let (mut steps, mut total, mut done, mut cut) = (0, 0, Some(0), None);
    for &index in operations {
        let Some(operation) = world.operations().get(index as usize) else {
            continue;
        };
        let size = match operation.change {
            Change::Deploy { deployment, .. }
            | Change::Restart { deployment }
            | Change::SetVariable { deployment, .. } => {
                let gauges = world.deployment(deployment);
                (gauges.current, gauges.replicas)
            }
            _ => (0, 1),
        };
        total += size.1;
        match operation.state {
            OperationState::Running => {
                steps += size.0;
                done = None;
            }
            OperationState::Done(at_ns) => {
                steps += size.1;
                done = done.map(|latest: u64| latest.max(at_ns));
            }
            // Neither goes on.
            OperationState::Superseded(at_ns) => {
                cut = cut.max(Some(CutShort::Overtaken));
                done = done.map(|latest: u64| latest.max(at_ns));
            }
            OperationState::Halted(at_ns) => {
                steps += size.0;
                cut = Some(CutShort::Halted);
                done = done.map(|latest: u64| latest.max(at_ns));
            }
        }
    }
    (steps, total, done, cut)
}
