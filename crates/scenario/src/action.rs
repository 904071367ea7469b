//! What responders do to a system. Players act with it, and scenarios name with it what contains an incident and what
//! does not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An action. Regions left out mean all regions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Deploy the version that ran before the last deploy (A1).
    Rollback {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
    /// Deploy a version (A16).
    Deploy {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Version.
        version: String,
    },
    /// Set a flag's share (A2).
    SetFlag {
        /// Flag.
        flag: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Percent of requests.
        percent: u8,
    },
    /// Set a configuration value and restart what reads it (A3).
    SetVariable {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Variable.
        variable: String,
        /// Value; `None` removes it from the overlay.
        value: Option<String>,
    },
    /// Send users of a region to another (A4).
    ShiftTraffic {
        /// From.
        from: String,
        /// To.
        to: String,
        /// Percent of users.
        percent: u8,
    },
    /// Restart a service, one batch at a time (A10).
    Restart {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
    /// Run another number of instances (A5).
    Scale {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Instances in each region.
        replicas: u16,
    },
    /// Stop the consumers of a queue, or let them go on (A7).
    Consumers {
        /// Queue.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Whether they are to pause.
        paused: bool,
    },
    /// Send the dead letters of a queue again (A15).
    Redrive {
        /// Queue.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
    /// Let only so many requests through a service's door (A6); without a number the limit is taken away.
    Limit {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Only requests of this flow.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow: Option<String>,
        /// Only requests of users of this segment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        segment: Option<String>,
        /// Requests a second in each region; 1 to 1,000,000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        per_second: Option<u32>,
    },
    /// Hold a circuit open by hand, or let it close (A8). While it is open the caller's calls fail at once, or take what
    /// the caller has in their place.
    BreakCircuit {
        /// Service that calls.
        service: String,
        /// Service it calls.
        callee: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Whether it is to be open.
        open: bool,
    },
    /// Change how a service calls another (A9). What is left out stays as it is.
    CallPolicy {
        /// Service that calls.
        service: String,
        /// Service it calls.
        callee: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// How long one attempt may take, in milliseconds; 1 to 86,400,000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<u32>,
        /// Attempts in all, the first included; 1 to 10.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempts: Option<u8>,
        /// Connections of each of the caller's processes; 1 to 1,000,000. Only where it has a pool.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pool: Option<u32>,
    },
    /// Take the instances of a zone, or one of them, out of service and start others elsewhere, or let them come back
    /// (A11).
    Drain {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Zone of the region, from 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<u16>,
        /// Position among the instances of its deployment, from 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance: Option<u16>,
        /// Whether they are to be out of service.
        out: bool,
    },
    /// Build an index for a query (A12). The query goes on as before until it is built.
    AddIndex {
        /// Database.
        service: String,
        /// Query.
        query: String,
    },
    /// End the sessions that are at a query (A12).
    KillQueries {
        /// Database.
        service: String,
        /// Query.
        query: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
    /// Make a replica the primary (A4).
    FailOver {
        /// Database.
        service: String,
        /// Region of the new primary; that of the replica that has most without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// Empty a cache (A14).
    FlushCache {
        /// Cache.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
    /// Throw waiting work of a queue away, the oldest first (A15). It is lost.
    Purge {
        /// Queue.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Most pieces of work of each partition.
        most: u32,
    },
    /// Take a bad release out, so that nobody deploys it again (A16): what has to happen after a rollback.
    Withdraw {
        /// Service.
        service: String,
        /// Version.
        version: String,
    },
    /// Touch nothing and watch, on purpose, for a stated time (A21).
    Watch {
        /// Minutes; 1 to 60.
        minutes: u8,
    },
    /// Take a thread and connection dump of a service's instances, which a restart would destroy (A18).
    CaptureEvidence {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
    /// Ask somebody who may know (A19).
    PagePerson {
        /// Name.
        person: String,
    },
}

/// A number an action leaves open, with the range it may have.
#[derive(Debug)]
pub enum Amount<'a> {
    /// Instances in each region.
    Replicas(&'a mut u16),
    /// Requests a second; none lifts the limit.
    PerSecond(&'a mut u32),
    /// Milliseconds an attempt may take.
    Milliseconds(&'a mut u32),
    /// Attempts in all.
    Attempts(&'a mut u8),
    /// Connections of each process.
    Connections(&'a mut u32),
    /// Pieces of work of each partition.
    Work(&'a mut u32),
    /// Minutes.
    Minutes(&'a mut u8),
}

/// The region of an action that can be confined to one, borrowed as the action is.
macro_rules! place {
    ($action:expr) => {
        match $action {
            Self::Rollback { region, .. }
            | Self::Deploy { region, .. }
            | Self::SetFlag { region, .. }
            | Self::SetVariable { region, .. }
            | Self::Restart { region, .. }
            | Self::Scale { region, .. }
            | Self::Consumers { region, .. }
            | Self::Redrive { region, .. }
            | Self::Limit { region, .. }
            | Self::BreakCircuit { region, .. }
            | Self::CallPolicy { region, .. }
            | Self::Drain { region, .. }
            | Self::KillQueries { region, .. }
            | Self::FlushCache { region, .. }
            | Self::Purge { region, .. }
            | Self::CaptureEvidence { region, .. } => Some(region),
            Self::ShiftTraffic { .. }
            | Self::AddIndex { .. }
            | Self::FailOver { .. }
            | Self::Withdraw { .. }
            | Self::PagePerson { .. }
            | Self::Watch { .. } => None,
        }
    };
}

impl Action {
    /// The component it is done to, if it is done to one.
    #[must_use]
    pub fn component(&self) -> Option<&str> {
        match self {
            Self::Rollback { service, .. }
            | Self::Deploy { service, .. }
            | Self::SetVariable { service, .. }
            | Self::Restart { service, .. }
            | Self::Scale { service, .. }
            | Self::Consumers { service, .. }
            | Self::Redrive { service, .. }
            | Self::Limit { service, .. }
            | Self::BreakCircuit { service, .. }
            | Self::CallPolicy { service, .. }
            | Self::Drain { service, .. }
            | Self::AddIndex { service, .. }
            | Self::KillQueries { service, .. }
            | Self::FailOver { service, .. }
            | Self::FlushCache { service, .. }
            | Self::Purge { service, .. }
            | Self::Withdraw { service, .. }
            | Self::CaptureEvidence { service, .. } => Some(service),
            Self::SetFlag { .. }
            | Self::ShiftTraffic { .. }
            | Self::PagePerson { .. }
            | Self::Watch { .. } => None,
        }
    }

    /// The component whose calls it is about, beside the one that makes them.
    #[must_use]
    pub fn callee(&self) -> Option<&str> {
        match self {
            Self::BreakCircuit { callee, .. } | Self::CallPolicy { callee, .. } => Some(callee),
            _ => None,
        }
    }

    /// The region it is confined to, where it can be confined to one.
    #[must_use]
    pub fn place(&self) -> Option<&Option<String>> {
        place!(self)
    }

    /// The same, to be set.
    pub fn place_mut(&mut self) -> Option<&mut Option<String>> {
        place!(self)
    }

    /// The share it sets, in percent.
    pub fn percent_mut(&mut self) -> Option<&mut u8> {
        match self {
            Self::SetFlag { percent, .. } | Self::ShiftTraffic { percent, .. } => Some(percent),
            _ => None,
        }
    }

    /// The number it sets.
    pub fn amount_mut(&mut self) -> Option<Amount<'_>> {
        Some(match self {
            Self::Scale { replicas, .. } => Amount::Replicas(replicas),
            Self::Limit {
                per_second: Some(number),
                ..
            } => Amount::PerSecond(number),
            Self::CallPolicy {
                timeout_ms: Some(number),
                ..
            } => Amount::Milliseconds(number),
            Self::CallPolicy {
                attempts: Some(number),
                ..
            } => Amount::Attempts(number),
            Self::CallPolicy {
                pool: Some(number), ..
            } => Amount::Connections(number),
            Self::Purge { most, .. } => Amount::Work(most),
            Self::Watch { minutes } => Amount::Minutes(minutes),
            _ => return None,
        })
    }

    /// Whether it begins a rollout of processes: what they hold is lost.
    #[must_use]
    pub const fn replaces_processes(&self) -> bool {
        matches!(
            self,
            Self::Rollback { .. }
                | Self::Deploy { .. }
                | Self::SetVariable { .. }
                | Self::Restart { .. }
        )
    }
}
