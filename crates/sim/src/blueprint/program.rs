//! Released versions: programs, and the configuration they read.

use super::LockMode;
use super::resources::Leak;
use crate::dist::Dist;
use crate::ids::{
    ClientId, EdgeId, EndpointId, FlagId, KeySpaceId, QueryId, RegionId, SegmentId, ServiceId,
    TableId, ValueId, VariableId,
};

/// A released version of a service: a program per endpoint and what it reads from its configuration.
#[derive(Clone, Debug, Default)]
pub struct Version {
    /// Owning service.
    pub service: ServiceId,
    /// Release name, such as `2.41.0`.
    pub name: String,
    /// Entry into `code` of each endpoint of the service, in the order of the endpoint table.
    pub entries: Vec<(EndpointId, u16)>,
    /// Steps of all endpoints.
    pub code: Vec<Step>,
    /// Edge lists of the parallel calls in `code`.
    pub fans: Vec<EdgeId>,
    /// Configuration read at process start.
    pub reads: Vec<ConfigRead>,
    /// Schemas of databases it works with; any schema of a database that is not named.
    pub schemas: Vec<SchemaRange>,
    /// The manifest bundled with the release: values per region. A missing row is an unset variable.
    pub manifest: Vec<ManifestRow>,
    /// What its processes never give back.
    pub leak: Leak,
}

/// One value of a bundled manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManifestRow {
    /// Region the value is for.
    pub region: RegionId,
    /// Variable.
    pub variable: VariableId,
    /// Value.
    pub value: ValueId,
}

/// A variable read at process start that holds the address of edges' target.
#[derive(Clone, Debug)]
pub struct ConfigRead {
    /// Variable read.
    pub variable: VariableId,
    /// Edges whose calls go to the address the variable holds.
    pub edges: Vec<EdgeId>,
    /// What the code falls back to when the variable is unset.
    pub default: ValueId,
    /// What a process does when the variable is unset.
    pub on_missing: OnMissing,
}

/// What a process does about an unset variable.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnMissing {
    /// Takes the default.
    #[default]
    Default,
    /// Ends during its start, each time.
    Crash,
    /// Never gets ready.
    Hang,
    /// Runs; calls over the edges concerned fail at once.
    Fail,
}

/// One step of an endpoint's program.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Use a core for a random time.
    Compute {
        /// Mean time.
        mean_ns: u64,
        /// Distribution around the mean.
        dist: Dist,
        /// Probability that the step fails with an internal error.
        failure_q32: u64,
    },
    /// Call and wait for the reply.
    Call(EdgeId),
    /// Launch `len` calls at once, `fans[first..first + len]`, and wait for all replies.
    Parallel {
        /// First entry in [`Version::fans`].
        first: u16,
        /// Number of calls.
        len: u8,
    },
    /// Launch a call, do not wait. It starts a trace of its own, linked to this one.
    Publish(EdgeId),
    /// Hand over as `Publish` does, but wait until the queue has the work; fail if it does not take it.
    Enqueue(EdgeId),
    /// Skip to `otherwise` unless the flag is on for this request.
    IfFlag {
        /// Flag asked.
        flag: FlagId,
        /// Step to go to when the flag is off.
        otherwise: u16,
    },
    /// Write this many bytes to disk; the request fails when they do not fit.
    Write(u64),
    /// Skip to `otherwise` unless the user belongs to the segment.
    IfSegment {
        /// Segment.
        segment: SegmentId,
        /// Step to go to for all others.
        otherwise: u16,
    },
    /// Skip to `otherwise` unless the user has this client version.
    IfClient {
        /// Client version.
        client: ClientId,
        /// Step to go to for all others.
        otherwise: u16,
    },
    /// Skip to `otherwise` unless the user's request is one of a share: what it carries, such as a large basket.
    IfShare {
        /// Hash of the name of what it carries: the same name means the same requests wherever it is asked.
        name: u64,
        /// A request draws a number in 2^-32 by the name, and is one of the share from this on.
        from_q32: u32,
        /// It is below this; `u32::MAX` is no bound.
        below_q32: u32,
        /// Step to go to for all others.
        otherwise: u16,
    },
    /// Refuse the request unless the caller's clock agrees with this instance's: a token dated by the one is checked by
    /// the other.
    CheckToken {
        /// Largest difference that is accepted.
        leeway_ns: u64,
    },
    /// Skip to `otherwise` unless the last call looked a key up in a cache in vain, or failed without being needed.
    IfMiss {
        /// Step to go to when the key was there.
        otherwise: u16,
    },
    /// Look the request's key up in this instance's cache; the reply says whether it was there.
    Lookup,
    /// Store the request's key in this instance's cache.
    Store,
    /// Remove the request's key from this instance's cache.
    Evict,
    /// If a request of this instance about the same key is already past this step and not yet at its `Leave`, wait for
    /// it and go on at `otherwise`, with its result.
    Join {
        /// What the key is of.
        space: KeySpaceId,
        /// Step after the `Leave`.
        otherwise: u16,
    },
    /// Let those who wait at the `Join` go on.
    Leave,
    /// Use a core for as long as a query takes.
    Query(QueryId),
    /// Get a lock, which is held until the request leaves this instance.
    Lock {
        /// Table.
        table: TableId,
        /// What is locked.
        mode: LockMode,
    },
    /// End of the program: reply.
    Return,
}

/// Schemas of a database that a version can work with. Calls to the database fail under any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaRange {
    /// Database.
    pub database: ServiceId,
    /// Oldest.
    pub first: u16,
    /// Newest.
    pub last: u16,
}
