//! What components remember: key spaces, caches, databases, queues.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Distribution, DurationText, FactorText, Step};

/// Things requests are about. Each user request is about one key, the same for everything it does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Unique name, such as `product`.
    pub name: String,
    /// How many there are, 1 to 1,048,576.
    pub count: u32,
    /// Zipf exponent; 0, the default, asks for all alike, 1 is typical of products and pages.
    #[serde(default)]
    pub skew: Option<FactorText>,
}

/// What each instance of a cache stores: the keys used last.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// What the keys are of.
    pub keys: String,
    /// Entries an instance has room for.
    pub entries: u32,
    /// How long an entry is good; default for ever.
    #[serde(default)]
    pub ttl: Option<DurationText>,
    /// Begins the run empty; default with the most asked-for keys.
    #[serde(default)]
    pub cold: bool,
}

/// A database: one of its instances is the primary, the others are replicas.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// Region of the primary; default the service's home. Its first instance there takes all writes.
    pub primary: Option<String>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Classes of queries.
    pub queries: Vec<Query>,
    /// Connections clients may hold in all; default no limit.
    pub connections: Option<u32>,
    /// Rows an instance keeps in memory; default all.
    pub buffer: Option<u64>,
    /// How many times longer a row takes that is not in memory; default 20.
    pub disk_factor: Option<u32>,
    /// Longest wait for a lock; default for ever.
    pub lock_timeout: Option<DurationText>,
    /// Time a replica needs to apply a write; default 1 ms.
    pub apply: Option<DurationText>,
    /// Time a fail-over takes; default 30 s.
    pub failover: Option<DurationText>,
}

/// A table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Name, unique within the database.
    pub name: String,
    /// What its rows are found by.
    pub keys: String,
    /// Rows at the start.
    pub rows: u64,
}

/// A class of queries: takes `fixed` and `row` for each row examined.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Name, unique within the database.
    pub name: String,
    /// Table.
    pub table: String,
    /// How it finds its rows; default by an index.
    #[serde(default)]
    pub plan: Plan,
    /// Rows it returns or changes; default 1.
    #[serde(default = "one")]
    pub rows: u64,
    /// Time beside that for rows; default 0.
    #[serde(default)]
    pub fixed: Option<DurationText>,
    /// Time to examine a row in memory.
    pub row: DurationText,
    /// Distribution of the whole; default exponential.
    #[serde(default)]
    pub distribution: Option<Distribution>,
    /// What it does to the table; default it reads.
    #[serde(default)]
    pub effect: QueryEffect,
    /// While it runs on a replica, the replica applies no writes; default false.
    #[serde(default)]
    pub holds_replay: bool,
}

const fn one() -> u64 {
    1
}

/// How a query finds its rows.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// By an index.
    #[default]
    Index,
    /// By reading the whole table.
    Scan,
}

/// What a query does to its table.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum QueryEffect {
    /// Nothing.
    #[default]
    Read,
    /// Changes the row of the request's key.
    Update,
    /// Adds rows.
    Insert,
}

/// Which instances of a database serve an endpoint.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// All.
    #[default]
    Any,
    /// The primary.
    Primary,
    /// Replicas of the caller's region, or else the primary.
    Replica,
}

/// How often what an endpoint does may happen.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// As often as it likes.
    #[default]
    Idempotent,
    /// Once per call: done again by a retry, it counts as duplicated work.
    Once,
}

/// A queue beside its instances (partitions), workers (consumers) and calls (deliveries).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// Work whose deliveries have all failed is kept and can be sent again; default it is lost.
    pub dead_letters: bool,
    /// Work done later than this after it was handed over is late; default never.
    pub late: Option<DurationText>,
}

/// A read through a cache.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cached {
    /// `(cache, endpoint)` that looks the key up. If the call fails, that is a miss, provided it is optional.
    pub lookup: (String, String),
    /// What is done on a miss.
    pub miss: Vec<Step>,
    /// `(cache, endpoint)` that stores the key afterwards; default nothing is stored.
    #[serde(default)]
    pub fill: Option<(String, String)>,
    /// Requests of one instance that miss the same key at the same time wait for the first of them; default false.
    #[serde(default)]
    pub single_flight: bool,
}

/// Schemas of databases that a release works with, as `database: (oldest, newest)`.
pub type Schemas = BTreeMap<String, (u16, u16)>;
