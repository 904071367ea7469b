//! What holds where a file says nothing. The documentation of the fields in [`model`](crate::model) names the same values.

use brownout_sim::blueprint::{MILLISECOND_NS, MINUTE_NS, SECOND_NS};

/// Longest wait for one attempt of a call.
pub const TIMEOUT_NS: u64 = SECOND_NS;
/// Attempts of a call in all.
pub const ATTEMPTS: u8 = 1;
/// Pause before the second attempt.
pub const BACKOFF_NS: u64 = 50 * MILLISECOND_NS;
/// Growth of the pause, Q16.
pub const BACKOFF_FACTOR_Q16: u32 = 2 << 16;
/// Random share of the pause in Q16: 20 %, rounded.
pub const JITTER_Q16: u32 = 13_107;
/// Cores of an instance.
pub const CORES: u32 = 4;
/// Requests in progress at once.
pub const WORKERS: u32 = 64;
/// Requests that may wait for a worker.
pub const QUEUE: u32 = 256;
/// Start-up time of an instance.
pub const START_NS: u64 = 20 * SECOND_NS;
/// Longest drain of an instance.
pub const DRAIN_NS: u64 = 10 * SECOND_NS;
/// Instances out of service at once in a rollout.
pub const MAX_UNAVAILABLE: u32 = 1;
/// Time before a rollout touches the first instance.
pub const ROLLOUT_LEAD_NS: u64 = 15 * SECOND_NS;
/// Time before a restart or configuration push touches the first instance.
pub const RESTART_LEAD_NS: u64 = 5 * SECOND_NS;
/// Pause of a collection per MiB of live heap.
pub const PAUSE_PER_MIB_NS: u64 = MILLISECOND_NS;
/// Descriptors of an idle process.
pub const DESCRIPTORS: u32 = 16;
/// Rest of an ephemeral port.
pub const PORT_REST_NS: u64 = 60 * SECOND_NS;
/// Period of a quota.
pub const QUOTA_PERIOD_NS: u64 = 100 * MILLISECOND_NS;
/// Missed checks in a row that take an instance out of rotation.
pub const UNHEALTHY: u32 = 3;
/// Passed checks in a row that bring it back.
pub const HEALTHY: u32 = 2;
/// Most of the instances that may be ejected at once, Q32.
pub const EJECTED_Q32: u64 = 1 << 31;
/// Time between looks of an autoscaler.
pub const AUTOSCALE_INTERVAL_NS: u64 = 15 * SECOND_NS;
/// Time an autoscaler remembers its recommendations.
pub const COOL_DOWN_NS: u64 = 5 * MINUTE_NS;
/// First message after the page (field guide C2).
pub const FIRST_MESSAGE_NS: u64 = 3 * MINUTE_NS;
/// Message with scope after the page (field guide C2).
pub const SCOPE_MESSAGE_NS: u64 = 6 * MINUTE_NS;
/// Longest time between updates (field guide C3).
pub const UPDATE_INTERVAL_NS: u64 = 6 * MINUTE_NS;
/// How long a person takes to answer.
pub const ANSWERS_AFTER_NS: u64 = 90 * SECOND_NS;
/// How far a provider's status page lags behind.
pub const PAGE_DELAY_NS: u64 = 5 * MINUTE_NS;
/// Time a provider's status page looks back on.
pub const PAGE_WINDOW_NS: u64 = 5 * MINUTE_NS;
/// An answer that takes longer is a bad one to a provider's status page.
pub const PAGE_SLOW_NS: u64 = 10 * SECOND_NS;
/// How many times longer a row takes that is not in a database's memory.
pub const DISK_FACTOR: u32 = 20;
/// Time a replica needs to apply a write.
pub const APPLY_NS: u64 = 1_000_000;
/// Time a fail-over takes.
pub const FAILOVER_NS: u64 = 30 * 1_000_000_000;
