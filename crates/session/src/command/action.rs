//! What is done to the system.

use serde::{Deserialize, Serialize};

/// An action with what it is meant for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intervention {
    /// Action.
    pub action: Action,
    /// Hypothesis it tests or serves; `None` for containment without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<u32>,
    /// The price shown before confirming was accepted.
    #[serde(default)]
    pub price_accepted: bool,
}

/// An action. Regions left out mean all regions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
