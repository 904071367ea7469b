//! What an endpoint does, step by step.

use schemars::JsonSchema;
use serde::Deserialize;

use super::data::Cached;
use super::instances::BytesText;
use super::system::{DurationText, FactorText, ShareText};

/// One step of an endpoint.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub enum Step {
    /// Compute for a random time with this mean, exponentially distributed.
    Compute(DurationText),
    /// Compute for a random time with a chosen distribution.
    ComputeAs(DurationText, Distribution),
    /// Call `(service, endpoint)` and wait.
    Call(String, String),
    /// Call all of these at once and wait for all.
    Parallel(Vec<(String, String)>),
    /// Call without waiting: hand over to a queue.
    Publish(String, String),
    /// Hand over to a queue and wait until it has the work; fail if it does not take it.
    Enqueue(String, String),
    /// Do these steps only for requests the flag is on for.
    IfFlag(String, Vec<Step>),
    /// Do these steps only for users of a segment.
    IfSegment(String, Vec<Step>),
    /// Do these steps only for users with a client version.
    IfClient(String, Vec<Step>),
    /// Do these steps only for requests that carry what has this name, which this share of them do. The same name and
    /// share mean the same requests everywhere.
    IfShare(String, ShareText, Vec<Step>),
    /// Do the steps of one of these: each with the share of requests that do it, the rest none. The same name means the
    /// same draw everywhere.
    OneOf(String, Vec<(ShareText, Vec<Step>)>),
    /// Refuse the request unless the caller's clock and this instance's differ by no more than this.
    CheckToken(DurationText),
    /// Read through a cache.
    Cached(Cached),
    /// Look the request's key up in this cache.
    Lookup,
    /// Store the request's key in this cache.
    Store,
    /// Remove the request's key from this cache.
    Evict,
    /// Run a query of this database.
    Query(String),
    /// Lock the row of the request's key in a table of this database until the request ends here.
    LockRow(String),
    /// Lock a table of this database until the request ends here.
    LockTable(String),
    /// Fail with an internal error for this share of requests.
    FailShare(ShareText),
    /// Write this many bytes to disk; fails when they do not fit.
    Write(BytesText),
}

impl Step {
    /// Lists of steps within this one.
    #[must_use]
    pub fn nested(&self) -> Vec<&[Self]> {
        match self {
            Self::IfFlag(_, inner)
            | Self::IfSegment(_, inner)
            | Self::IfClient(_, inner)
            | Self::IfShare(_, _, inner) => vec![inner],
            Self::OneOf(_, choices) => choices.iter().map(|(_, inner)| inner.as_slice()).collect(),
            Self::Cached(cached) => vec![&cached.miss],
            _ => Vec::new(),
        }
    }
}

/// Distribution of a computing time around its mean.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Always the mean.
    Constant,
    /// Exponential.
    Exponential,
    /// Lognormal with this standard deviation of the logarithm.
    LogNormal(FactorText),
    /// One of two exponentials, with this ratio of variance to squared mean, at least 1.
    HyperExponential(FactorText),
    /// The sum of this many equal exponentials.
    Erlang(u16),
    /// Pareto with this tail index, above 1.
    Pareto(FactorText),
}
