//! What an observer of a world sees: every finished piece of a request, as it happens.

use crate::change::Watched;
use crate::ids::{
    ClientId, DeploymentId, EdgeId, EndpointId, FlowId, InstanceId, RegionId, SegmentId, SourceId,
    VersionId,
};

/// How a piece of a request ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
#[repr(u8)]
pub enum Status {
    /// Success.
    #[default]
    Ok,
    /// The server failed by itself (500).
    Internal,
    /// A call the server depends on failed (502).
    BadGateway,
    /// No instance was there to take the request (503).
    Unavailable,
    /// The server's accept queue was full (503).
    Overloaded,
    /// The client gave up waiting (504 to its own caller).
    Timeout,
    /// The server process was stopped while it worked on the request.
    Reset,
    /// The deadline that came with the request had passed (504).
    Expired,
    /// The client's circuit breaker was open: nothing was sent (503 to its own caller).
    CircuitOpen,
    /// The client told the server that it no longer waits (499).
    Cancelled,
    /// The server would not take the connection: nothing listens, or it has no room for one more (503).
    Refused,
    /// A rate limit or quota is used up (429).
    Throttled,
    /// The callee's name did not resolve: nothing was sent (503 to the caller's caller).
    Unresolved,
    /// The two sides could not agree on a certificate (503 to the caller's caller).
    Untrusted,
    /// The credential was not accepted (403).
    Denied,
    /// The client had no port, descriptor or connection left: nothing was sent (503 to its own caller).
    Exhausted,
    /// A lock was not got in the time the database allows (500).
    LockTimeout,
    /// The user lost patience and left (499).
    Abandoned,
}

impl Status {
    /// Every status, in the order of its discriminants.
    pub const ALL: [Self; 18] = [
        Self::Ok,
        Self::Internal,
        Self::BadGateway,
        Self::Unavailable,
        Self::Overloaded,
        Self::Timeout,
        Self::Reset,
        Self::Expired,
        Self::CircuitOpen,
        Self::Cancelled,
        Self::Refused,
        Self::Throttled,
        Self::Unresolved,
        Self::Untrusted,
        Self::Denied,
        Self::Exhausted,
        Self::LockTimeout,
        Self::Abandoned,
    ];

    /// Whether this is a success.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        matches!(self, Self::Ok)
    }

    /// The HTTP status code that stands for it.
    #[must_use]
    pub const fn http(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::Internal | Self::LockTimeout => 500,
            Self::BadGateway | Self::Reset => 502,
            Self::Unavailable
            | Self::Overloaded
            | Self::CircuitOpen
            | Self::Refused
            | Self::Unresolved
            | Self::Untrusted
            | Self::Exhausted => 503,
            Self::Timeout | Self::Expired => 504,
            Self::Cancelled | Self::Abandoned => 499,
            Self::Throttled => 429,
            Self::Denied => 403,
        }
    }
}

/// The server side of a request is over.
#[derive(Clone, Copy, Debug)]
pub struct ServerEnd {
    /// Now.
    pub at_ns: u64,
    /// Endpoint.
    pub endpoint: EndpointId,
    /// Instance.
    pub instance: InstanceId,
    /// Version the instance runs.
    pub version: VersionId,
    /// Result.
    pub status: Status,
    /// Time from arrival to the end.
    pub duration_ns: u64,
    /// Part of it spent waiting for a worker.
    pub wait_ns: u64,
    /// How far the instance's clock is ahead; its log lines carry that time.
    pub skew_ns: i64,
    /// Trace.
    pub trace: u64,
}

/// The client side of one attempt of a call is over.
#[derive(Clone, Copy, Debug)]
pub struct CallEnd {
    /// Now.
    pub at_ns: u64,
    /// Edge.
    pub edge: EdgeId,
    /// Calling instance; `None` for the users themselves and for hand-overs to a queue.
    pub client: Option<InstanceId>,
    /// Version the calling instance runs.
    pub client_version: Option<VersionId>,
    /// Result as the client sees it.
    pub status: Status,
    /// Time from launch to result.
    pub duration_ns: u64,
    /// Attempt, from 0.
    pub attempt: u8,
    /// Whether the address led nowhere: nothing answered, and nothing will.
    pub unroutable: bool,
    /// How far the client's clock is ahead; its log lines carry that time.
    pub skew_ns: i64,
    /// Trace.
    pub trace: u64,
}

/// How a user's request ended.
#[derive(Clone, Copy, Debug)]
pub struct RootEnd {
    /// Now.
    pub at_ns: u64,
    /// Flow.
    pub flow: FlowId,
    /// Region the user is in.
    pub region: RegionId,
    /// Segment of the user.
    pub segment: SegmentId,
    /// Version of the user's program.
    pub client: ClientId,
    /// Source the user belongs to, which says all of that at once.
    pub source: SourceId,
    /// Result.
    pub status: Status,
    /// A success that came later than the flow's bound.
    pub slow: bool,
    /// Something on the way had failed and was made up for by a fallback answer.
    pub degraded: bool,
    /// A success that showed data older than what had been written.
    pub stale: bool,
    /// Time from the user's click to the result, attempts included.
    pub duration_ns: u64,
    /// Attempts made.
    pub attempts: u8,
    /// Trace.
    pub trace: u64,
}

/// One attempt of one call within a finished trace. Its launch is by the client's clock, the rest by the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Position of the parent within the trace's spans; `None` for a root attempt.
    pub parent: Option<u32>,
    /// Edge called over.
    pub edge: EdgeId,
    /// Serving instance; `None` when nothing was reached.
    pub instance: Option<InstanceId>,
    /// Attempt, from 0.
    pub attempt: u8,
    /// Result of the attempt as the client saw it.
    pub status: Status,
    /// Launch by the client.
    pub start_ns: u64,
    /// Arrival at the server; 0 when it never arrived.
    pub arrive_ns: u64,
    /// Start of work by a worker; 0 when none took it.
    pub begin_ns: u64,
    /// When its first wait for a lock began; 0 when it had none.
    pub lock_at_ns: u64,
    /// How long it waited for locks in all.
    pub lock_ns: u64,
    /// End at the server, or of the client's wait when nothing was reached.
    pub end_ns: u64,
    /// The client left before the reply.
    pub abandoned: bool,
    /// The address led nowhere.
    pub unroutable: bool,
}

/// A finished trace without its spans.
#[derive(Clone, Copy, Debug)]
pub struct TraceEnd {
    /// Identifier.
    pub id: u64,
    /// Trace that handed this work over, if it is asynchronous.
    pub link: Option<u64>,
    /// Flow.
    pub flow: FlowId,
    /// Region of the user.
    pub region: RegionId,
    /// Segment of the user.
    pub segment: SegmentId,
    /// When it began.
    pub start_ns: u64,
    /// When the user (or the producer) had the result.
    pub result_ns: u64,
    /// Result.
    pub status: Status,
    /// A success later than the flow's bound.
    pub slow: bool,
}

/// A change in an instance's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// It stopped taking requests and finishes those it has.
    Draining,
    /// The process ended, cutting off this many requests.
    Stopped {
        /// Requests cut off.
        cut: u32,
    },
    /// A new process began.
    Starting,
    /// It takes requests.
    Ready,
    /// The process ended without anybody's wish, cutting off this many requests.
    Crashed {
        /// Why.
        reason: CrashReason,
        /// Requests cut off.
        cut: u32,
    },
    /// Health checks have taken it out of rotation.
    Unhealthy,
    /// Health checks have brought it back.
    Healthy,
    /// Its failures have taken it out of rotation for a while.
    Ejected,
    /// It is back after that.
    Returned,
    /// The slot is empty.
    Off,
}

/// Why a process ended without anybody's wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashReason {
    /// It needed more memory than it may have.
    OutOfMemory,
    /// It was killed.
    Killed,
    /// It ended while it came up.
    StartFailed,
}

/// An observer. Every method has an empty default: an observer implements what it needs.
///
/// An observer sees but cannot act; a run is the same whichever observer watches.
pub trait Probe {
    /// The server side of a request is over.
    fn server_end(&mut self, _end: &ServerEnd) {}
    /// The client side of an attempt is over.
    fn call_end(&mut self, _end: &CallEnd) {}
    /// A user has their result.
    fn root_end(&mut self, _end: &RootEnd) {}
    /// Whether [`Probe::trace_end`] wants the spans of this trace.
    fn wants_trace(&mut self, _end: &TraceEnd) -> bool {
        false
    }
    /// The last piece of a wanted trace is over, abandoned work included. Parents stand before their children.
    fn trace_end(&mut self, _end: &TraceEnd, _spans: &[Span]) {}
    /// An instance changed state.
    fn lifecycle(
        &mut self,
        _at_ns: u64,
        _instance: InstanceId,
        _version: VersionId,
        _event: Lifecycle,
    ) {
    }
    /// What is recorded of a deployment's instances reaches those who watch in this way from now on.
    fn monitoring(&mut self, _at_ns: u64, _deployment: DeploymentId, _watched: &Watched) {}
    /// What a conditional change waited for is the case; position in the blueprint's list.
    fn condition_met(&mut self, _at_ns: u64, _conditional: usize) {}
}

/// The observer that sees nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blind;

impl Probe for Blind {}
