//! Which requests a change is about, what they are told, and what a change waits for.

use schemars::JsonSchema;
use serde::Deserialize;

use super::system::ShareText;

/// Which requests of a service a change is about; a field left out means all.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Requests {
    /// Those of users of this flow.
    pub flow: Option<String>,
    /// Those of users of this segment.
    pub segment: Option<String>,
    /// Those of users with this client version.
    pub client: Option<String>,
    /// Those this flag is on for.
    pub flag: Option<String>,
    /// Those this service makes.
    pub from: Option<String>,
    /// The part of them that is this query of the database.
    pub query: Option<String>,
    /// Those about some keys.
    pub keys: Option<KeyRange>,
}

/// Keys of a key space.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct KeyRange {
    /// Key space.
    pub space: String,
    /// First key, from 0.
    pub first: u32,
    /// Last key.
    pub last: u32,
}

/// What a refused caller is told.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RefusalStatus {
    /// Status 500.
    Internal,
    /// Status 503: nobody there.
    Unavailable,
    /// Status 503: too much to do.
    Overloaded,
    /// Status 503: the connection is not taken.
    Refused,
    /// Status 502: the connection is cut.
    Reset,
    /// Status 503: no certificate both agree on.
    Untrusted,
    /// Status 429.
    Throttled,
    /// Status 403.
    Denied,
}

/// What readers of a wrong row do.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Readers {
    /// They go on with it.
    #[default]
    Unaware,
    /// They fail.
    Fail,
}

/// What a change waits for. It is looked at once a second.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub enum When {
    /// More requests wait for a worker of a service: a backlog, where it is a queue.
    Waiting {
        /// Service.
        service: String,
        /// Region; all together without.
        #[serde(default)]
        region: Option<String>,
        /// More than so many.
        above: u64,
    },
    /// Fewer instances of a service take requests.
    Ready {
        /// Service.
        service: String,
        /// Region; all together without.
        #[serde(default)]
        region: Option<String>,
        /// Fewer than so many.
        below: u64,
    },
    /// A table has more rows.
    Rows {
        /// Database.
        service: String,
        /// Table.
        table: String,
        /// More than so many.
        above: u64,
    },
    /// More of the connections in one service's pools to another is in use.
    Pool {
        /// Service whose pools they are.
        client: String,
        /// Service they lead to.
        server: String,
        /// Region of the client; all together without.
        #[serde(default)]
        region: Option<String>,
        /// More than this share of all of them.
        above: ShareText,
    },
    /// Another timed change has been made.
    Made(String),
}
