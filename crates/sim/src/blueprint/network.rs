//! What lies between a client and a server: links, rate limits, names, certificates, credentials.

use crate::ids::{DeploymentId, FlowId, RegionId, SegmentId, ServiceId};

/// What a network does to messages beside the latency between regions. The default does nothing.
///
/// Qualities that apply to one message add up: delays, jitters and transmission times are summed, chances to survive
/// multiplied, and one that drops is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// Further one-way delay.
    pub delay_ns: u64,
    /// Mean of a further, exponentially distributed delay.
    pub jitter_ns: u64,
    /// Share of transmissions that are lost and sent again after a time-out of [`RETRANSMIT_NS`], doubled each time; after
    /// [`MAX_LOSSES`] of them the connection is given up.
    pub loss_q32: u64,
    /// Share of messages instead of which the client sees its connection reset.
    pub reset_q32: u64,
    /// Bits per second for all messages this applies to, which wait for each other; 0 for no limit.
    pub bandwidth: u64,
    /// How long a client's pooled connection stays taken after its call is over.
    pub linger_ns: u64,
    /// Nothing arrives.
    pub drops: bool,
}

/// First retransmission time-out: the least that Linux uses.
pub const RETRANSMIT_NS: u64 = 200_000_000;
/// Transmissions of one message that may be lost before its connection is given up.
pub const MAX_LOSSES: u8 = 6;

/// Who sends or receives a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Party {
    /// Anybody.
    #[default]
    Any,
    /// Users.
    Users,
    /// Instances of a service.
    Service(ServiceId),
}

/// Messages in one direction: requests from a client to a server, replies the other way. `None` matches all regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// Region they come from.
    pub from_region: Option<RegionId>,
    /// Region they go to.
    pub to_region: Option<RegionId>,
    /// Zone they come from, in whatever region; users are in none.
    pub from_zone: Option<u16>,
    /// Zone they go to.
    pub to_zone: Option<u16>,
    /// Sender.
    pub from: Party,
    /// Receiver.
    pub to: Party,
}

/// A part of the network that is not perfect from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Messages that pass over it.
    pub messages: Messages,
    /// What it does to them.
    pub quality: Quality,
}

/// A token bucket at the door of a deployment: requests beyond it end as
/// [`Status::Throttled`](crate::probe::Status::Throttled).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Where.
    pub deployment: DeploymentId,
    /// Only requests of this flow.
    pub flow: Option<FlowId>,
    /// Only requests of this segment.
    pub segment: Option<SegmentId>,
    /// Its rate.
    pub rate: TokenRate,
}

/// Rate and size of a token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRate {
    /// Time in which one token comes in.
    pub interval_ns: u64,
    /// Tokens a full bucket holds, at least 1.
    pub burst: u32,
}

/// A service that is called by a name, which clients resolve and remember.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// Service.
    pub service: ServiceId,
    /// How long an answer is remembered by a client instance, or by the resolver of the users of a region.
    pub ttl_ns: u64,
}

/// How a name is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameState {
    /// As its record says.
    #[default]
    Answered,
    /// Not at all.
    Failing,
    /// As its record said when this began.
    Stale,
}

/// A certificate that a service shows when a connection is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Service.
    pub service: ServiceId,
    /// From when on nobody accepts it.
    pub expires_ns: u64,
}

/// A secret that a service wants to see from another with each request. Processes read it when they start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Calling service.
    pub client: ServiceId,
    /// Service that checks.
    pub server: ServiceId,
}

/// What is done about a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialAction {
    /// A new one is issued. Processes that start from now on have it; the server accepts old and new.
    Rotate,
    /// The server accepts only the latest.
    RevokeOlder,
    /// The server accepts none that has been issued so far.
    RevokeAll,
}

/// What a provider's status page says, from the real state of its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusPage {
    /// Service.
    pub service: ServiceId,
    /// How far the page lags behind.
    pub delay_ns: u64,
    /// Time the page looks back on.
    pub window_ns: u64,
    /// Share of bad answers from which it admits trouble. A page that lies has one above all.
    pub threshold_q32: u64,
    /// An answer that took longer is a bad one, as a failed one is.
    pub slow_ns: u64,
}
