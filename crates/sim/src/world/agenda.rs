//! What the control plane has to do and when, and what became of what it was told.

use crate::blueprint::{Change, Plan};
use crate::ids::{
    DeploymentId, FlagId, FrameId, InstanceId, QueryId, RegionId, SegmentId, ServiceId, TableId,
};
use crate::probe::CrashReason;

/// Why a change was not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rejected {
    /// It names something that does not exist.
    Unknown,
    /// The version belongs to another service.
    WrongService,
    /// Everything already is as the change would have it.
    NoChange,
    /// There are not that many instance slots.
    NoRoom,
    /// The version has been taken out.
    Withdrawn,
}

/// State of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperationState {
    /// Under way.
    Running,
    /// Finished at this time.
    Done(u64),
    /// A gate stopped it halfway at this time; it does not go on.
    Halted(u64),
    /// Overtaken by a later operation on the same target at this time.
    Superseded(u64),
}

/// A change that was accepted.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What.
    pub change: Change,
    /// When it was accepted.
    pub since_ns: u64,
    /// How far it is.
    pub state: OperationState,
}

/// Users of a region served by another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    pub to: RegionId,
    pub share_q32: u64,
}

/// Something the control plane does later.
#[derive(Clone, Debug)]
pub(super) enum AgendaItem {
    Apply(Change),
    /// Look at the conditions that are not met yet.
    Conditions,
    /// A pooled connection that stayed taken after its call is free at last, unless its process has ended.
    Linger {
        row: u32,
        instance: InstanceId,
        process: u32,
    },
    Rollout {
        deployment: DeploymentId,
        generation: u32,
    },
    DrainDeadline {
        instance: InstanceId,
        process: u32,
    },
    Started {
        instance: InstanceId,
        process: u32,
    },
    /// Something a process does or suffers at a set time, unless it is another by then.
    Crash {
        instance: InstanceId,
        process: u32,
        reason: CrashReason,
    },
    Begin {
        instance: InstanceId,
        process: u32,
    },
    Collected {
        instance: InstanceId,
        process: u32,
    },
    Quota {
        instance: InstanceId,
        process: u32,
    },
    Resume {
        instance: InstanceId,
        process: u32,
        pause: u32,
    },
    Check {
        instance: InstanceId,
    },
    CheckDue {
        instance: InstanceId,
        process: u32,
    },
    Return {
        instance: InstanceId,
        process: u32,
    },
    Gate {
        instance: InstanceId,
        generation: u32,
    },
    Dismiss {
        instance: InstanceId,
    },
    Proceed {
        deployment: DeploymentId,
        generation: u32,
    },
    Reconcile {
        deployment: DeploymentId,
    },
    Autoscale {
        deployment: DeploymentId,
    },
    Recommend {
        deployment: DeploymentId,
        used_ns: u64,
        capacity_ns: u64,
    },
    Flag {
        flag: FlagId,
        region: Option<RegionId>,
        segment: Option<SegmentId>,
        share_q32: u64,
        operation: u32,
    },
    /// A user makes a request once more by hand.
    Again {
        source: u16,
        origin: u64,
        tries: u8,
    },
    LockTimeout {
        frame: FrameId,
        key: u64,
        table: TableId,
    },
    Replayed {
        database: ServiceId,
        instance: InstanceId,
    },
    Promoted {
        database: ServiceId,
        instance: InstanceId,
        operation: u32,
    },
    Planned {
        query: QueryId,
        plan: Plan,
        operation: u32,
    },
    Migrated {
        operation: u32,
    },
    Acknowledged {
        producer: FrameId,
        key: u64,
        taken: bool,
    },
    ShiftStep {
        from: RegionId,
        to: RegionId,
        start_q32: u64,
        end_q32: u64,
        step: u64,
        operation: u32,
    },
}
