//! What a process needs beside cores and workers: memory, descriptors, ports, disk, time to warm up; what it leaks.

/// Resources of an instance. `None` means there is always enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Resources {
    /// Heap with a collector and a limit.
    pub memory: Option<Memory>,
    /// File descriptors.
    pub descriptors: Option<Descriptors>,
    /// Ephemeral ports for calls over edges without a pool.
    pub ports: Option<Ports>,
    /// Disk. It outlives the process.
    pub disk: Option<Disk>,
    /// Slower computing right after a start.
    pub warm_up: Option<WarmUp>,
    /// Limit on computing time per period.
    pub quota: Option<Quota>,
}

impl Resources {
    /// Whether there is anything to keep account of.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.memory.is_some()
            || self.descriptors.is_some()
            || self.ports.is_some()
            || self.disk.is_some()
            || self.warm_up.is_some()
            || self.quota.is_some()
    }
}

/// A heap. Live are `base`, what has leaked, and `in_flight` for each request in progress or queued; each request begun
/// leaves `garbage`. When live and garbage reach the limit the collector runs and the process stands still meanwhile;
/// when the live part alone is beyond the limit the process is killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Memory {
    /// Bytes there are.
    pub limit: u64,
    /// Bytes an idle process lives on.
    pub base: u64,
    /// Bytes each request in progress or queued holds.
    pub in_flight: u64,
    /// Bytes each request leaves to be collected.
    pub garbage: u64,
    /// Pause of a collection per MiB of live heap: tracing visits what lives.
    pub pause_ns_per_mib: u64,
}

/// File descriptors of a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Descriptors {
    /// How many may be open.
    pub limit: u32,
    /// Open in an idle process.
    pub base: u32,
}

/// Ephemeral ports of an instance's host.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ports {
    /// How many there are.
    pub limit: u32,
    /// How long a port rests after its connection was closed (`TIME_WAIT`, RFC 9293 §3.6).
    pub rest_ns: u64,
}

/// A disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Disk {
    /// Bytes there are.
    pub capacity: u64,
    /// Bytes in use at the start.
    pub used: u64,
    /// Bytes each request answered adds, whatever it does: logs. Dropped when the disk is full.
    pub per_request: u64,
}

/// Slow computing after a start: caches and compilers are cold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WarmUp {
    /// Factor on computing times right after the start; falls linearly to 1.
    pub factor_q16: u32,
    /// Time it takes to fall.
    pub over_ns: u64,
}

/// Limit on computing: a process that has used `time` within a period stands still until the period ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quota {
    /// Computing time of all cores together per period.
    pub time_ns: u64,
    /// Length of a period. Periods follow each other from time 0.
    pub period_ns: u64,
}

/// What a process never gives back. Belongs to the code: a version leaks, or a fault makes one leak.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Leak {
    /// Bytes per request answered.
    pub memory: u64,
    /// Share of calls made whose descriptor is never closed.
    pub descriptors_q32: u64,
    /// Share of calls over an edge with a pool whose connection is never given back.
    pub connections_q32: u64,
}

impl Leak {
    /// Nothing leaks.
    pub const NONE: Self = Self {
        memory: 0,
        descriptors_q32: 0,
        connections_q32: 0,
    };

    /// Both leaks at once; shares do not exceed 1.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let share = |a: u64, b: u64| a.saturating_add(b).min(super::ONE_Q32);
        Self {
            memory: self.memory.saturating_add(other.memory),
            descriptors_q32: share(self.descriptors_q32, other.descriptors_q32),
            connections_q32: share(self.connections_q32, other.connections_q32),
        }
    }
}
