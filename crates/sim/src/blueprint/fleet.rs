//! The instances of a service as a whole: health checks, ejection, rollouts, scaling.

/// How a service's instances are watched, replaced and multiplied.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fleet {
    /// Active checks.
    pub health: Option<HealthCheck>,
    /// Passive checks.
    pub ejection: Option<Ejection>,
    /// Callers prefer instances of their own zone while at least this many of them are in rotation; 0 for no preference.
    pub zone_least: u16,
    /// How many instances a rollout may run beyond the wanted number, each in a slot that is off.
    pub max_surge: u16,
    /// What halts a rollout.
    pub gate: Gate,
    /// Time from the decision to scale until new processes begin.
    pub scale_lead_ns: u64,
    /// Scaling by load.
    pub autoscaler: Option<Autoscaler>,
}

/// Active health checks. The check waits for a worker and a core like a request, but takes no time of either.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HealthCheck {
    /// Time between checks of an instance.
    pub interval_ns: u64,
    /// Longest wait for the answer; at most the interval.
    pub timeout_ns: u64,
    /// Missed checks in a row that take an instance out of rotation; at least 1.
    pub unhealthy: u16,
    /// Passed checks in a row that bring it back; at least 1.
    pub healthy: u16,
    /// When a smaller share of the running instances than this is healthy, load goes to all of them.
    pub fail_open_q32: u64,
}

/// Outlier ejection: an instance whose replies fail several times in a row takes no requests for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ejection {
    /// Failures in a row, as callers see them; at least 1.
    pub failures: u16,
    /// Time out of rotation at the first ejection; the n-th lasts n times as long.
    pub base_ns: u64,
    /// Most of the running instances that may be ejected at once. One may be, whatever the share, if there are two.
    pub max_share_q32: u64,
}

/// Conditions under which a rollout halts. 0 for none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Gate {
    /// A new instance has to be ready within this time.
    pub ready_within_ns: u64,
    /// New instances may crash or fail to start fewer times than this, counted together.
    pub crashes: u16,
    /// Share of the requests of the new instances that may fail, looked at when a canary's pause is over; 0 for any.
    pub failing_q32: u64,
}

/// Scaling by load: every interval the wanted number becomes `wanted × utilisation / target`, unless that is within a
/// tenth of what it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Autoscaler {
    /// Share of computing capacity of the ready instances to be in use.
    pub target_q32: u64,
    /// Time between looks; utilisation is that of the interval.
    pub interval_ns: u64,
    /// Time until the load of an interval is known to the autoscaler; it acts at once then.
    pub delay_ns: u64,
    /// The number falls only to the highest that was recommended in this time.
    pub cool_down_ns: u64,
    /// Fewest instances.
    pub least: u16,
    /// Most instances.
    pub most: u16,
}
