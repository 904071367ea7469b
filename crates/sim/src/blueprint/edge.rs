//! What a client does over an edge: time-outs, retries and everything beside them.

use crate::ids::{EdgeId, EndpointId, ServiceId};

/// Client-side policy for the calls of one service to one endpoint.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// Calling service; `None` for the users themselves.
    pub client: Option<ServiceId>,
    /// Called endpoint.
    pub target: EndpointId,
    /// How long one attempt may take, from launch to reply.
    pub timeout_ns: u64,
    /// Attempts in all, the first included; at least 1.
    pub attempts: u8,
    /// Pause before the second attempt; doubled by `backoff_factor_q16` for each further one.
    pub backoff_ns: u64,
    /// Growth of the pause per attempt.
    pub backoff_factor_q16: u32,
    /// The pause is multiplied by a draw from `[1 − jitter, 1 + jitter]`.
    pub jitter_q16: u32,
    /// A failure of the call does not fail the caller.
    pub optional: bool,
    /// What the caller goes on with when all attempts have failed.
    pub fallback: Option<Fallback>,
    /// Size of a request, for links with a bandwidth.
    pub request_bytes: u32,
    /// Size of a reply.
    pub reply_bytes: u32,
    /// The client tells the server when it will give up, and passes on what it was told itself.
    pub deadline: bool,
    /// The client tells the server when it has given up, and the server stops working on the request.
    pub cancel: bool,
    /// Connections from one instance of the client.
    pub pool: Option<Pool>,
    /// Limit on retries as a share of calls.
    pub budget: Option<RetryBudget>,
    /// Circuit breaker.
    pub breaker: Option<Breaker>,
    /// A second attempt is launched when the first has no reply after this time; the first reply wins.
    pub hedge_ns: Option<u64>,
}

/// What a caller goes on with when a call has failed for good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fallback {
    /// An answer of its own: the user's request goes on, but is degraded.
    Answer,
    /// Another call. If that fails too, there is no further fallback.
    Call(EdgeId),
}

/// A pool of connections of one client instance; an attempt holds one from launch to result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pool {
    /// Connections. Attempts beyond it wait, first-come-first-served, with their time-out running.
    pub size: u32,
}

/// A token bucket: each call puts `ratio` of a token in, each retry takes one out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetryBudget {
    /// Tokens per call.
    pub ratio_q16: u32,
    /// Most tokens the bucket holds, and what it holds at the start.
    pub burst: u32,
}

/// A circuit breaker over the last calls of one client instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Breaker {
    /// Number of last calls looked at, 1 to 64. It stays closed until there were as many.
    pub window: u8,
    /// Failed ones among them that open it.
    pub failures: u8,
    /// How long it stays open; then one call at a time is let through to try.
    pub open_ns: u64,
    /// Successful tries in a row that close it.
    pub tries: u8,
}
