//! What instances need beside cores and workers, how they are watched, replaced and multiplied, and what can happen to
//! them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::system::{DurationText, FactorText, ShareText};

/// A number of bytes as text: `"512MiB"`, `"1.5GB"`, `"900B"`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(transparent)]
pub struct BytesText(pub String);

/// A heap with a collector.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Bytes there are; a process whose live heap is beyond them is killed.
    pub limit: BytesText,
    /// Bytes an idle process lives on.
    pub base: BytesText,
    /// Bytes each request in progress or queued holds; default none.
    #[serde(default)]
    pub in_flight: Option<BytesText>,
    /// Bytes each request leaves to be collected; default none.
    #[serde(default)]
    pub garbage: Option<BytesText>,
    /// Pause of a collection per MiB of live heap; default 1 ms.
    #[serde(default)]
    pub pause_per_mib: Option<DurationText>,
}

/// File descriptors of a process.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Descriptors {
    /// How many may be open.
    pub limit: u32,
    /// Open in an idle process; default 16.
    #[serde(default)]
    pub base: Option<u32>,
}

/// Ephemeral ports for calls without a pool.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ports {
    /// How many there are.
    pub limit: u32,
    /// How long one rests after its connection was closed; default 60 s.
    #[serde(default)]
    pub rest: Option<DurationText>,
}

/// A disk. It outlives the process.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disk {
    /// Bytes there are.
    pub capacity: BytesText,
    /// Bytes in use at the start; default none.
    #[serde(default)]
    pub used: Option<BytesText>,
    /// Bytes each request adds to the logs; default none.
    #[serde(default)]
    pub per_request: Option<BytesText>,
}

/// Slower computing right after a start.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WarmUp {
    /// Factor on computing times at first, at least 1; falls linearly to 1.
    pub factor: FactorText,
    /// Time it takes to fall.
    pub over: DurationText,
}

/// Limit on computing time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Computing time of all cores together per period.
    pub time: DurationText,
    /// Length of a period; default 100 ms.
    #[serde(default)]
    pub period: Option<DurationText>,
}

/// What a process never gives back.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Leak {
    /// Bytes per request; default none.
    pub memory: Option<BytesText>,
    /// Share of calls whose descriptor is never closed; default none.
    pub descriptors: Option<ShareText>,
    /// Share of calls over an edge with a pool whose connection is never given back; default none.
    pub connections: Option<ShareText>,
}

/// Active checks of a service's instances.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// Time between checks of an instance.
    pub interval: DurationText,
    /// Longest wait for the answer; at most the interval.
    pub timeout: DurationText,
    /// Missed checks in a row that take an instance out of rotation; default 3.
    #[serde(default)]
    pub unhealthy: Option<u32>,
    /// Passed checks in a row that bring it back; default 2.
    #[serde(default)]
    pub healthy: Option<u32>,
    /// When a smaller share of the running instances is healthy, load goes to all; default never.
    #[serde(default)]
    pub fail_open: Option<ShareText>,
}

/// Ejection of instances whose replies fail.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ejection {
    /// Failures in a row that eject.
    pub failures: u32,
    /// Time out of rotation at first; the n-th ejection lasts n times as long.
    pub base: DurationText,
    /// Most of the instances that may be ejected at once; default 50 %.
    #[serde(default)]
    pub most: Option<ShareText>,
}

/// What halts a rollout. A field left out never does.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// A new instance has to be ready within this time.
    pub ready_within: Option<DurationText>,
    /// This many crashes of new instances.
    pub crashes: Option<u32>,
    /// A larger share of failed requests at the canary.
    pub failing: Option<ShareText>,
}

/// Scaling by load.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Autoscaler {
    /// Share of computing capacity to be in use.
    pub target: ShareText,
    /// Time between looks; default 15 s.
    #[serde(default)]
    pub interval: Option<DurationText>,
    /// Age of the figures it acts on; default 0.
    #[serde(default)]
    pub delay: Option<DurationText>,
    /// The number falls only to the highest recommended in this time; default 5 min.
    #[serde(default)]
    pub cool_down: Option<DurationText>,
    /// Fewest instances in a region; default 1.
    #[serde(default)]
    pub least: Option<u32>,
    /// Most instances in a region.
    pub most: u32,
}

/// Which instances of a service a change is about; a field left out means all.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Only {
    /// Those that run this version.
    pub version: Option<String>,
    /// Those in this zone of their region, from 0.
    pub zone: Option<u32>,
    /// The one in this slot, from 0.
    pub slot: Option<u32>,
    /// This share of them, chosen by name.
    pub share: Option<ShareText>,
}

/// What happens to processes. The lasting ones hold for instances that come later too, and replace an earlier one of
/// the same kind and target.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub enum ProcessEffect {
    /// They are killed and start again.
    Kill,
    /// They stand still for this long.
    Pause(DurationText),
    /// They stand still until they are resumed.
    Freeze,
    /// They go on.
    Resume,
    /// Lasting: they compute at this speed, 1 being full.
    Speed(FactorText),
    /// Lasting: their computing time is limited.
    Quota(Quota),
    /// Lasting: no such limit beside their own.
    NoQuota,
    /// Lasting: they leak this beside what their version does.
    Leak(Leak),
    /// Lasting: a process that starts ends before it is ready.
    FailStart(bool),
    /// Lasting: they take no requests.
    Cordon(bool),
    /// Lasting: they take no requests, and end; others start elsewhere. `false` ends a cordon too.
    Drain(bool),
    /// Their disks are cleaned up.
    CleanDisk,
}
