//! What changes in a world, and when.

use schemars::JsonSchema;
use serde::Deserialize;

use super::data::Plan;
use super::incident::Record;
use super::instances::{Only, ProcessEffect};
use super::network::{CredentialAction, NameState, Party, Quality, RateLimit};
use super::selection::{Readers, RefusalStatus, Requests, When};
use super::system::{DurationText, FactorText, ShareText};

/// A world change at a fixed time, or when something is the case for the first time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimedChange {
    /// Simulated time; with `when` the earliest. Only with `when` may it be left out.
    #[serde(default)]
    pub at: Option<DurationText>,
    /// What it waits for.
    #[serde(default)]
    pub when: Option<When>,
    /// Unique name, for a truth to name it as its trigger.
    #[serde(default)]
    pub name: Option<String>,
    /// What happens.
    pub change: Change,
    /// It comes little by little; without this all at once.
    #[serde(default)]
    pub ramp: Option<Ramp>,
    /// It comes and goes; without this it stays.
    #[serde(default)]
    pub flap: Option<Flap>,
    /// What the change log says; without it the change leaves no record.
    #[serde(default)]
    pub record: Option<Record>,
}

/// A change of a size grows in equal steps: slowness, errors, traffic, what a link does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ramp {
    /// From the first step until the whole.
    pub over: DurationText,
    /// Steps, the last included.
    pub steps: u32,
}

/// A change and its end, in turn.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flap {
    /// How long it lasts each time.
    pub on: DurationText,
    /// How long it is gone.
    pub off: DurationText,
    /// How many times it comes.
    pub times: u32,
    /// What ends it.
    pub end: Change,
}

/// A world change. Regions left out mean all regions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Change {
    /// Deploy a version.
    Deploy {
        /// Service.
        service: String,
        /// Version.
        version: String,
        /// Regions, one after the other in one rollout each, at the same time.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Restart a service.
    Restart {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Set (or with `value: None` unset) a variable in the overlay.
    SetVariable {
        /// Service.
        service: String,
        /// Variable.
        variable: String,
        /// Value.
        value: Option<String>,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Change a flag's share.
    SetFlag {
        /// Flag.
        flag: String,
        /// Share of requests.
        on: ShareText,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Segments of users.
        #[serde(default)]
        segments: Vec<String>,
    },
    /// Empty a cache.
    FlushCache {
        /// Cache.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Give a cache's instances room for another number of entries.
    ResizeCache {
        /// Cache.
        service: String,
        /// Entries of each instance.
        entries: u32,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Have a share of all requests be about one key; `0%` ends it.
    HotKey {
        /// Key space.
        keys: String,
        /// Key, from 0; 0 is the most asked-for anyway.
        key: u32,
        /// Share.
        share: ShareText,
    },
    /// Have an endpoint fail for requests about keys from `first` to `last`.
    Poison {
        /// Service.
        service: String,
        /// Endpoint.
        endpoint: String,
        /// Key space.
        keys: String,
        /// First key.
        first: u32,
        /// Last key.
        last: u32,
        /// Only processes of this version; default all.
        #[serde(default)]
        version: Option<String>,
    },
    /// Have an endpoint fail for no keys any more.
    Heal {
        /// Service.
        service: String,
        /// Endpoint.
        endpoint: String,
    },
    /// Change how a query finds its rows: an index is dropped or built, statistics mislead the planner.
    SetPlan {
        /// Database.
        service: String,
        /// Query.
        query: String,
        /// New plan.
        plan: Plan,
        /// Time until it is in force, such as that of building an index; default none.
        #[serde(default)]
        after: Option<DurationText>,
    },
    /// Add rows to a table.
    GrowTable {
        /// Database.
        service: String,
        /// Table.
        table: String,
        /// Rows.
        rows: u64,
    },
    /// Bring a database to another schema by rebuilding a table.
    Migrate {
        /// Database.
        service: String,
        /// Table.
        table: String,
        /// Schema afterwards; the run begins with 0.
        schema: u16,
        /// How long it takes once it has begun.
        over: DurationText,
        /// It has the table to itself meanwhile; default true.
        #[serde(default = "yes")]
        locks: bool,
    },
    /// Make a replica the primary.
    FailOver {
        /// Database.
        service: String,
        /// Region of the new primary; default that of the replica that has most.
        #[serde(default)]
        to: Option<String>,
    },
    /// Stop the consumers of a queue.
    Pause {
        /// Queue.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Start the consumers of a queue again.
    Resume {
        /// Queue.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Multiply computing time.
    Slowdown {
        /// Service.
        service: String,
        /// Endpoint, or all.
        #[serde(default)]
        endpoint: Option<String>,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Instances concerned; default all.
        #[serde(default)]
        only: Only,
        /// Requests concerned; default all.
        #[serde(default)]
        requests: Requests,
        /// Factor.
        factor: FactorText,
    },
    /// Fail a share of requests: with an internal error as they compute, or with a status before they have begun.
    Errors {
        /// Service.
        service: String,
        /// Endpoint, or all.
        #[serde(default)]
        endpoint: Option<String>,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Instances concerned; default all.
        #[serde(default)]
        only: Only,
        /// Requests concerned; default all.
        #[serde(default)]
        requests: Requests,
        /// Turn them away on arrival, and with what; by default they fail in the course of their work.
        #[serde(default)]
        status: Option<RefusalStatus>,
        /// Share.
        share: ShareText,
    },
    /// Multiply the size of the messages of calls, both ways.
    Payload {
        /// Service that is called.
        service: String,
        /// Endpoint, or all.
        #[serde(default)]
        endpoint: Option<String>,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Requests concerned; default all.
        #[serde(default)]
        requests: Requests,
        /// Factor; `"1"` ends it.
        factor: FactorText,
    },
    /// Let what is recorded of a service's instances reach nobody, late, in part or in another unit; what is left out is as
    /// it should be, so that nothing but the service makes all of it well again.
    Monitoring {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Whether metrics and log lines get through; default true.
        #[serde(default = "yes")]
        on: bool,
        /// Share of the traces through it that get through; default all.
        #[serde(default)]
        traces: Option<ShareText>,
        /// How much later its log lines get through; default not at all.
        #[serde(default)]
        logs_late: Option<DurationText>,
        /// What its exporters multiply durations by, such as `"1000"` for milliseconds taken as seconds; default `"1"`.
        #[serde(default)]
        unit: Option<FactorText>,
    },
    /// Have a share of the rows written to a table from now on be wrong; `0%` ends it.
    Corrupt {
        /// Database.
        service: String,
        /// Table.
        table: String,
        /// Share.
        share: ShareText,
        /// What readers of such a row do; by default they do not notice.
        #[serde(default)]
        readers: Readers,
    },
    /// Put right the rows of a table that are wrong.
    Repair {
        /// Database.
        service: String,
        /// Table.
        table: String,
    },
    /// Something happens to the processes of a service.
    Process {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Instances concerned; default all.
        #[serde(default)]
        only: Only,
        /// What happens.
        effect: ProcessEffect,
    },
    /// Run another number of instances.
    Scale {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Instances in each region.
        replicas: u32,
    },
    /// Deploy a version to a share of the instances, wait, then to the rest.
    Canary {
        /// Service.
        service: String,
        /// Version.
        version: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Share of the instances, rounded up.
        share: ShareText,
        /// Pause once they are ready; left out, it waits for `Proceed`.
        #[serde(default)]
        pause: Option<DurationText>,
    },
    /// Go on with a canary that waits.
    Proceed {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Let the autoscaler work, or not.
    Autoscale {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Whether it works.
        on: bool,
    },
    /// Multiply the arrival rate of some of the users: a spike, a campaign, a flash crowd, or its end.
    Traffic {
        /// Flow, or all.
        #[serde(default)]
        flow: Option<String>,
        /// Regions of the users.
        #[serde(default)]
        regions: Vec<String>,
        /// Segment, or all.
        #[serde(default)]
        segment: Option<String>,
        /// Client version, or all.
        #[serde(default)]
        client: Option<String>,
        /// Factor on top of the flow's own profile.
        factor: FactorText,
    },
    /// Limit the rate of requests at the door of a service's deployments, in the place of a limit of the same scope.
    Limit {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Limit.
        limit: RateLimit,
    },
    /// Take the limit of a scope away.
    Unlimit {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Flow of the limit.
        #[serde(default)]
        flow: Option<String>,
        /// Segment of the limit.
        #[serde(default)]
        segment: Option<String>,
    },
    /// Change how the processes of a service call another one, at once and without a release: a setting read live. What is
    /// left out stays as it is.
    Calls {
        /// Service that calls.
        service: String,
        /// Service called.
        callee: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Longest wait for an attempt.
        #[serde(default)]
        timeout: Option<DurationText>,
        /// Attempts of a call, the first one included.
        #[serde(default)]
        attempts: Option<u32>,
        /// Connections of each process's pool; only where it has one.
        #[serde(default)]
        pool: Option<u32>,
    },
    /// Give messages another quality beside that of the system's links; a quality left out ends it.
    Link {
        /// Region they come from, or all.
        #[serde(default)]
        from_region: Option<String>,
        /// Region they go to, or all.
        #[serde(default)]
        to_region: Option<String>,
        /// Zone they come from, or all.
        #[serde(default)]
        from_zone: Option<u32>,
        /// Zone they go to, or all.
        #[serde(default)]
        to_zone: Option<u32>,
        /// Sender.
        #[serde(default)]
        from: Party,
        /// Receiver.
        #[serde(default)]
        to: Party,
        /// Messages in the other direction too.
        #[serde(default)]
        both: bool,
        /// Quality.
        #[serde(default)]
        quality: Quality,
    },
    /// Let a service's name point elsewhere.
    PointName {
        /// Service.
        service: String,
        /// Service it points to, by mistake; without it the right one.
        #[serde(default)]
        to: Option<String>,
        /// Region it points to; without it the one that serves the client's region.
        #[serde(default)]
        region: Option<String>,
    },
    /// Let a service's name be answered in another way.
    AnswerName {
        /// Service.
        service: String,
        /// How.
        state: NameState,
    },
    /// Give a service another certificate.
    Certificate {
        /// Service.
        service: String,
        /// Simulated time at which it expires.
        expires: DurationText,
    },
    /// Rotate or revoke the credential of one service with another.
    Credential {
        /// Service that holds it.
        client: String,
        /// Service that checks it.
        server: String,
        /// What is done.
        action: CredentialAction,
    },
    /// Set clocks; neither ahead nor behind sets them right.
    Skew {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Position of one instance in each deployment, from 0; all without.
        #[serde(default)]
        instance: Option<u16>,
        /// How far they are ahead.
        #[serde(default)]
        ahead: Option<DurationText>,
        /// How far they are behind.
        #[serde(default)]
        behind: Option<DurationText>,
    },
    /// A note in the change log without any effect on the world (a decoy such as a rebuilt index).
    Note,
}

const fn yes() -> bool {
    true
}
