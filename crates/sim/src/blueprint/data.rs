//! What components remember: key spaces, caches, databases with tables, queries and replicas, queues.

use crate::dist::Dist;
use crate::ids::{KeySpaceId, RegionId, ServiceId, TableId};

/// Things requests are about, such as products or customers. Each user request is about one key of each space; it is
/// the same key for everything the request does, work it hands over included.
#[derive(Clone, Debug, Default)]
pub struct KeySpace {
    /// Unique name.
    pub name: String,
    /// Number of keys, 1 to 2^20.
    pub keys: u32,
    /// Zipf exponent: key `k` (from 1) is asked for in proportion to `k^−skew`; 0 is uniform.
    pub skew_q16: u32,
}

/// A least-recently-used store of keys in each instance of a service. A new process begins empty.
#[derive(Clone, Copy, Debug)]
pub struct CacheSpec {
    /// What the keys are of.
    pub space: KeySpaceId,
    /// Entries an instance has room for.
    pub entries: u32,
    /// How long an entry is good after it was stored; 0 for ever.
    pub ttl_ns: u64,
    /// Whether the run begins with the most asked-for keys stored.
    pub warm: bool,
}

/// A database: its instances are one primary, which takes all writes, and replicas, which apply them later.
#[derive(Clone, Copy, Debug, Default)]
pub struct DatabaseSpec {
    /// Connections clients may hold in all; 0 for no limit. A connection is held by a pool until its process ends, and
    /// by a call over an edge without a pool while it is under way.
    pub connections: u32,
    /// Rows an instance keeps in memory; 0 for all. A new process begins with none.
    pub buffer_rows: u64,
    /// How many times longer it takes to examine a row that is not in memory.
    pub disk_factor: u32,
    /// Longest wait for a lock; 0 for ever.
    pub lock_timeout_ns: u64,
    /// Region of the instance that is primary at the start, its slot 0.
    pub primary: RegionId,
    /// Time a replica needs to apply one write.
    pub apply_ns: u64,
    /// Time from the decision to fail over until a replica is primary.
    pub failover_ns: u64,
}

/// A table of a database.
#[derive(Clone, Debug)]
pub struct Table {
    /// Owning database.
    pub database: ServiceId,
    /// Name, unique within the database.
    pub name: String,
    /// Rows at the start.
    pub rows: u64,
    /// What its rows are found by.
    pub space: KeySpaceId,
}

/// How a query finds its rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Plan {
    /// By an index: the rows it wants and one more for each level of a binary tree over the table.
    #[default]
    Index,
    /// By reading the whole table.
    Scan,
}

/// A class of queries. Its core time is `fixed + examined × row`, where the rows examined follow from plan and table.
#[derive(Clone, Debug)]
pub struct Query {
    /// Table read or written.
    pub table: TableId,
    /// Name, unique within the database.
    pub name: String,
    /// Plan at the start.
    pub plan: Plan,
    /// Rows it returns or changes.
    pub rows: u64,
    /// Time beside that for rows.
    pub fixed_ns: u64,
    /// Time to examine one row in memory.
    pub row_ns: u64,
    /// Distribution of the whole around its mean.
    pub dist: Dist,
    /// What it does to the table.
    pub effect: QueryEffect,
    /// While it runs on a replica, the replica applies no writes.
    pub holds_replay: bool,
}

/// What a query does to its table. Whatever is written reaches the replicas when the transaction ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum QueryEffect {
    /// Nothing.
    #[default]
    Read,
    /// Changes the row of the request's key.
    Update,
    /// Adds its rows to the table.
    Insert,
}

/// Which instances of a database an endpoint is served by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Access {
    /// All, as of any other service.
    #[default]
    Any,
    /// The primary, wherever it is.
    Primary,
    /// Replicas of the caller's region; the primary if there is none.
    Replica,
}

/// How often what an endpoint does may happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Effect {
    /// As often as it likes: it only reads, or it recognises what it has done before.
    #[default]
    Idempotent,
    /// Once per call: if a second attempt of the same call succeeds as well, work is done twice.
    Once,
}

/// What becomes of work a queue cannot deliver. Partitions of a queue are its instances, consumers its workers; the
/// visibility time-out and the number of deliveries are the time-out and attempts of its calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueueSpec {
    /// Work whose deliveries have all failed is kept and can be sent again. Otherwise it is lost.
    pub dead_letters: bool,
    /// Work done later than this after it was handed over is late; 0 for never.
    pub late_ns: u64,
}

/// What a lock of a transaction covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockMode {
    /// The row of the request's key, for itself alone.
    Row,
    /// The whole table, for itself alone.
    Table,
}
