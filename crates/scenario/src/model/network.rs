//! What lies between a client and a server: links, rate limits, names, certificates, credentials, providers' pages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::system::{DurationText, RateText, ShareText};

/// A size as text: `"500B"`, `"4KiB"`, `"1.5MB"`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(transparent)]
pub struct MessageSizeText(pub String);

/// A bandwidth as text: `"100Mbit/s"`, `"1Gbit/s"`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(transparent)]
pub struct BandwidthText(pub String);

/// A link between two regions, or within one, that is not perfect.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Region.
    pub from: String,
    /// Region; may be the same.
    pub to: String,
    /// Whether it is like that in the other direction too; default true.
    #[serde(default = "yes")]
    pub both: bool,
    /// One-way latency in the place of the system's.
    #[serde(default)]
    pub latency: Option<DurationText>,
    /// What it does to messages beside that.
    #[serde(default)]
    pub quality: Quality,
}

const fn yes() -> bool {
    true
}

/// What a network does to messages.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Quality {
    /// Further one-way delay.
    pub delay: Option<DurationText>,
    /// Mean of a further, exponentially distributed delay.
    pub jitter: Option<DurationText>,
    /// Share of transmissions that are lost and sent again: after 200 ms, then after twice as long each time.
    pub loss: Option<ShareText>,
    /// Share of messages instead of which the client sees its connection reset.
    pub reset: Option<ShareText>,
    /// Capacity for all its messages in one direction together.
    pub bandwidth: Option<BandwidthText>,
    /// How long a pooled connection stays taken once its call is over.
    pub linger: Option<DurationText>,
    /// Nothing arrives; default false.
    pub drops: bool,
}

/// A rate limit at the door of each deployment of a service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests let through in the long run.
    pub rate: RateText,
    /// Requests that may come at once; default 1.
    #[serde(default)]
    pub burst: Option<u32>,
    /// Only requests of this flow.
    #[serde(default)]
    pub flow: Option<String>,
    /// Only requests of users of this segment.
    #[serde(default)]
    pub segment: Option<String>,
}

/// What a provider's status page says.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusPage {
    /// How far it lags behind; default 5 min.
    #[serde(default)]
    pub delay: Option<DurationText>,
    /// Time it looks back on; default 5 min.
    #[serde(default)]
    pub window: Option<DurationText>,
    /// Share of bad answers from which it admits trouble; `None` for a page that never does.
    pub admits: Option<ShareText>,
    /// An answer that took longer is a bad one; default 10 s.
    #[serde(default)]
    pub slow: Option<DurationText>,
}

/// What a caller goes on with when a call has failed for good.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// An answer of its own; the user's request is degraded.
    Answer,
    /// Call `(service, endpoint)` instead. If that fails too, the call has failed.
    Call(String, String),
}

/// Who sends or receives messages.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Anybody.
    #[default]
    Any,
    /// Users.
    Users,
    /// Instances of a service.
    Service(String),
}

/// How a name is answered.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum NameState {
    /// As its record says.
    Answered,
    /// Not at all.
    Failing,
    /// As its record said when this began.
    Stale,
}

/// What is done about a credential.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum CredentialAction {
    /// A new one is issued; processes that start from now on have it, and both are accepted.
    Rotate,
    /// Only the latest is accepted.
    RevokeOlder,
    /// None that has been issued so far is accepted.
    RevokeAll,
}
