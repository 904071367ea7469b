//! Changes of a world: the one type behind faults, decoys, releases and responders' actions.

use crate::blueprint::{CredentialAction, Leak, Link, NameState, Plan, Quota, RateLimit};
use crate::ids::{
    ClientId, DeploymentId, EndpointId, FlagId, FlowId, KeySpaceId, QueryId, RegionId, SegmentId,
    ServiceId, TableId, VariableId, VersionId,
};
use crate::probe::Status;

/// A world change at a fixed time.
#[derive(Clone, Debug)]
pub struct TimedChange {
    /// When it is applied.
    pub at_ns: u64,
    /// What is applied.
    pub change: Change,
}

/// How what is recorded of a deployment reaches those who watch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watched {
    /// Metrics and log lines reach nobody.
    pub dark: bool,
    /// Share of the traces through it that are kept whole and reach anybody, in 2^-32.
    pub traces_q32: u64,
    /// Log lines reach the collector so much later.
    pub logs_late_ns: u64,
    /// Its exporters tell durations times this factor: another unit than the dashboard's.
    pub unit_q16: u32,
}

impl Watched {
    /// As it should be.
    pub const WELL: Self = Self {
        dark: false,
        traces_q32: crate::blueprint::ONE_Q32,
        logs_late_ns: 0,
        unit_q16: crate::blueprint::ONE_Q16,
    };
    /// Nothing but traces gets through.
    pub const DARK: Self = Self {
        dark: true,
        ..Self::WELL
    };
}

/// Something that alters artefacts, routing or resources. Faults, decoys and responders' actions are all of this type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Replace the instances of a deployment by `version`, one batch at a time. A rollback is a deploy of an older version.
    Deploy {
        /// Where.
        deployment: DeploymentId,
        /// To what.
        version: VersionId,
    },
    /// Replace the instances of a deployment without changing what they run. They read their configuration again.
    Restart {
        /// Where.
        deployment: DeploymentId,
    },
    /// Set a variable in the deployment's overlay, which wins over the bundled manifest, then restart its instances.
    SetVariable {
        /// Where.
        deployment: DeploymentId,
        /// Variable.
        variable: VariableId,
        /// Text of the new value; `None` removes the variable from the overlay.
        value: Option<String>,
    },
    /// Set the share of requests a flag is on for.
    SetFlag {
        /// Flag.
        flag: FlagId,
        /// Region, or all regions.
        region: Option<RegionId>,
        /// Segment of the users, or all.
        segment: Option<SegmentId>,
        /// New share.
        share_q32: u64,
        /// Time until running instances see it.
        after_ns: u64,
    },
    /// Send a share of the users of one region to another region, growing linearly in [`SHIFT_STEPS`] steps.
    ShiftTraffic {
        /// Region whose users move.
        from: RegionId,
        /// Region that serves them.
        to: RegionId,
        /// Share at the end.
        share_q32: u64,
        /// Time until all resolvers have followed.
        over_ns: u64,
    },
    /// Multiply the computing time of matching endpoints.
    Slowdown {
        /// What it applies to.
        selector: Selector,
        /// Factor; replaces an earlier factor with the same selector.
        factor_q16: u32,
    },
    /// Make matching endpoints fail with an internal error with this probability beside their own.
    Errors {
        /// What it applies to.
        selector: Selector,
        /// Probability; replaces an earlier one with the same selector.
        failure_q32: u64,
    },
    /// Something happens to some of the requests that matching instances are asked.
    Requests {
        /// Which instances and endpoints.
        selector: Selector,
        /// Which of their requests.
        requests: RequestSelector,
        /// What; replaces an earlier effect of its kind on the same requests, and one that does nothing ends it.
        effect: RequestEffect,
    },
    /// What is recorded of a deployment's instances reaches nobody, late, in part or in another unit, or as it should again.
    /// Nothing else in the world changes.
    Monitoring {
        /// Where.
        deployment: DeploymentId,
        /// How it is watched from now on.
        watched: Watched,
    },
    /// Something happens to the processes or hosts of matching instances.
    Process {
        /// Which; its endpoint counts for nothing.
        selector: Selector,
        /// What.
        effect: ProcessEffect,
    },
    /// The control plane does something about a deployment's instances as a whole.
    Fleet {
        /// Where.
        deployment: DeploymentId,
        /// What.
        action: FleetAction,
    },
    /// Change what components remember: caches, tables, locks, queues.
    Data(DataChange),
    /// Multiply the arrival rate of matching open-loop sources.
    Traffic {
        /// Which users.
        users: UserSelector,
        /// Factor on top of the sources' own profiles; replaces an earlier factor of the same sources.
        factor_q16: u32,
    },
    /// Let only so many requests through a deployment's door, or all again. Where users enter this is load shedding.
    Limit {
        /// Where, and to which requests it applies. Replaces an earlier limit of the same scope.
        limit: RateLimit,
        /// Whether the limit is set or taken away.
        sets: bool,
    },
    /// Give messages in one direction another quality beside that of the system's own links; the default one ends it.
    Link(Link),
    /// Let a service's name point to a region's deployment, or to another service. Clients follow as what they remember
    /// runs out.
    PointName {
        /// Service whose name it is.
        service: ServiceId,
        /// Service it points to; the same one unless somebody has made a mistake.
        to: ServiceId,
        /// Region it points to; `None` for the one that serves the client's region.
        region: Option<RegionId>,
    },
    /// Let a service's name be answered, not answered, or answered with old data.
    AnswerName {
        /// Service whose name it is.
        service: ServiceId,
        /// How it is answered.
        state: NameState,
    },
    /// Give a service a certificate that expires at another time: a renewal, or one that was made out wrongly.
    Certificate {
        /// Service; it has a certificate.
        service: ServiceId,
        /// From when on nobody accepts it.
        expires_ns: u64,
    },
    /// Rotate or revoke a credential.
    Credential {
        /// Service that holds it.
        client: ServiceId,
        /// Service that checks it.
        server: ServiceId,
        /// What is done.
        action: CredentialAction,
    },
    /// Set clocks.
    Skew {
        /// Where.
        deployment: DeploymentId,
        /// One instance, by its position in the deployment; all without.
        slot: Option<u16>,
        /// How far they are ahead of true time; negative when behind.
        skew_ns: i64,
    },
    /// Give the calls of one service to another other terms than the system's own: a client's configuration, pushed to
    /// its running processes.
    Calls {
        /// Service that calls.
        client: ServiceId,
        /// Service that is called.
        server: ServiceId,
        /// Region of the client's processes, or all.
        region: Option<RegionId>,
        /// What changes; what is left out stays as it is.
        terms: CallTerms,
    },
    /// Take a version out: nobody can deploy it any more. Processes that run it go on.
    Withdraw {
        /// Version.
        version: VersionId,
    },
}

/// Terms of a client's calls that can be changed while it runs. `None` leaves one as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallTerms {
    /// How long one attempt may take; attempts under way keep the time they began with.
    pub timeout_ns: Option<u64>,
    /// Attempts in all, the first included; at least 1.
    pub attempts: Option<u8>,
    /// Connections of each process; only where it has a pool.
    pub pool: Option<u32>,
    /// Whether the circuit is held open by hand: then no attempt is sent, and each fails at once.
    pub open: Option<bool>,
}

/// Some of the users. `None` matches all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserSelector {
    /// Flow.
    pub flow: Option<FlowId>,
    /// Region the users are in.
    pub region: Option<RegionId>,
    /// Segment.
    pub segment: Option<SegmentId>,
    /// Client version.
    pub client: Option<ClientId>,
}

/// What happens to processes. Those marked *lasting* hold for instances that are created later too, and replace an
/// earlier effect of the same kind with the same selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessEffect {
    /// They are killed and start again, after a pause that grows with each time.
    Kill,
    /// They stand still (`SIGSTOP`, a frozen host).
    Pause {
        /// For how long; 0 until resumed.
        for_ns: u64,
    },
    /// They go on.
    Resume,
    /// *Lasting:* they compute at this speed. Under processor sharing work in flight follows at once, otherwise from
    /// the next computation on.
    Speed {
        /// 2^16 is full speed; at least 1.
        speed_q16: u32,
    },
    /// *Lasting:* their computing time is limited; no limit with a time of 0.
    Quota(Quota),
    /// *Lasting:* they leak this beside what their version does.
    Leak(Leak),
    /// *Lasting:* a process that starts ends before it is ready.
    FailStart(bool),
    /// *Lasting:* they take no requests; what they have they finish.
    Cordon(bool),
    /// *Lasting:* cordoned, and their processes end when they have finished; others start in free slots elsewhere.
    /// `false` ends it, and a cordon with the same selector.
    Drain(bool),
    /// Their disks are cleaned up: back to what was in use at the start.
    CleanDisk,
}

/// What the control plane does about a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetAction {
    /// Run this many instances.
    Scale {
        /// At most the slots there are.
        replicas: u16,
    },
    /// Replace a share of the instances by `version`, wait, then the rest.
    Canary {
        /// To what.
        version: VersionId,
        /// Share of the instances, rounded up.
        share_q32: u64,
        /// Pause after these are ready; 0 to wait for [`FleetAction::Proceed`].
        pause_ns: u64,
    },
    /// Go on with a canary that waits.
    Proceed,
    /// Let the autoscaler work, or not.
    Autoscale(bool),
}

/// Steps in which a traffic shift reaches its share.
pub const SHIFT_STEPS: u64 = 6;

/// Which instances and endpoints a layer applies to. `None` matches all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Service.
    pub service: Option<ServiceId>,
    /// Endpoint.
    pub endpoint: Option<EndpointId>,
    /// Region.
    pub region: Option<RegionId>,
    /// Version.
    pub version: Option<VersionId>,
    /// Zone of the region, from 0.
    pub zone: Option<u16>,
    /// Position among the instances of its deployment, from 0.
    pub slot: Option<u16>,
    /// Share of the instances, chosen by the hash of their names: the same ones each time.
    pub share_q32: Option<u64>,
}

/// Some of the requests an instance is asked. `None` matches all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestSelector {
    /// Flow of the user.
    pub flow: Option<FlowId>,
    /// Segment of the user.
    pub segment: Option<SegmentId>,
    /// Version of the user's program.
    pub client: Option<ClientId>,
    /// Those this flag is on for, in the region of the instance.
    pub flag: Option<FlagId>,
    /// Those of this caller.
    pub from: Option<ServiceId>,
    /// The part of them that is this query. Only [`RequestEffect::Slow`] and [`RequestEffect::Fail`] know queries.
    pub query: Option<QueryId>,
    /// Those about these keys.
    pub keys: Option<KeyRange>,
}

/// Keys of a space, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRange {
    /// Key space.
    pub space: KeySpaceId,
    /// First.
    pub first: u32,
    /// Last.
    pub last: u32,
}

/// What happens to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestEffect {
    /// They compute so many times as long.
    Slow {
        /// Factor, Q16.
        factor_q16: u32,
    },
    /// They fail with an internal error once they have computed.
    Fail {
        /// Probability for each computation.
        share_q32: u64,
    },
    /// They are turned away on arrival, without any work.
    Refuse {
        /// Probability.
        share_q32: u64,
        /// What the caller is told; not a success.
        status: Status,
    },
    /// Their messages and those of their replies are so many times as large.
    Size {
        /// Factor, Q16.
        factor_q16: u32,
    },
}

/// What has to be the case in a world for changes to be made. All of it is looked at once a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// More requests wait for a worker of a service than this: a backlog, where it is a queue.
    Waiting {
        /// Service.
        service: ServiceId,
        /// Region, or all together.
        region: Option<RegionId>,
        /// More than so many.
        above: u64,
    },
    /// Fewer instances of a service take requests than this.
    Ready {
        /// Service.
        service: ServiceId,
        /// Region, or all together.
        region: Option<RegionId>,
        /// Fewer than so many.
        below: u64,
    },
    /// A table has more rows than this.
    Rows {
        /// Table.
        table: TableId,
        /// More than so many.
        above: u64,
    },
    /// A larger share of the connections of one service's pools to another is in use than this.
    Pool {
        /// Whose pools.
        client: ServiceId,
        /// To whom.
        server: ServiceId,
        /// Region of the client, or all together.
        region: Option<RegionId>,
        /// Share of all their connections.
        above_q32: u64,
    },
    /// Another conditional change has been made, by its position.
    Made {
        /// Position in the list of conditional changes.
        other: u16,
    },
    /// Nothing beside the time.
    Always,
}

/// Changes that are made when something is the case for the first time.
#[derive(Clone, Debug)]
pub struct Conditional {
    /// When they are made at the earliest.
    pub from_ns: u64,
    /// What has to be the case.
    pub when: Condition,
    /// Changes, with how long after that each is made.
    pub changes: Vec<(u64, Change)>,
}

/// What kind of change a line of a change log is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A release.
    Deploy,
    /// A restart.
    Restart,
    /// A configuration change.
    Config,
    /// A flag change.
    Flag,
    /// Traffic moved between regions.
    Traffic,
    /// A migration of a database.
    Migration,
    /// More or fewer instances.
    Scaling,
    /// Planned work on what runs the services.
    Maintenance,
    /// A notice of a provider.
    Provider,
    /// Anything else.
    Note,
}

/// A change of what components remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataChange {
    /// Empty the caches of a deployment.
    FlushCache {
        /// Where.
        deployment: DeploymentId,
    },
    /// Give each cache of a deployment room for another number of entries.
    ResizeCache {
        /// Where.
        deployment: DeploymentId,
        /// Entries, at least 1.
        entries: u32,
    },
    /// Have a share of the requests be about one key.
    HotKey {
        /// Key space.
        space: KeySpaceId,
        /// Key.
        key: u32,
        /// Share; 0 ends it.
        share_q32: u64,
    },
    /// Have an endpoint fail for requests about some keys.
    Poison {
        /// Endpoint.
        endpoint: EndpointId,
        /// Key space.
        space: KeySpaceId,
        /// First of the keys.
        first: u32,
        /// Last of the keys.
        last: u32,
        /// Only processes of this version.
        version: Option<VersionId>,
    },
    /// Have an endpoint fail for no keys any more.
    Heal {
        /// Endpoint.
        endpoint: EndpointId,
    },
    /// Change how a query finds its rows: an index is built or dropped, statistics change.
    SetPlan {
        /// Query.
        query: QueryId,
        /// New plan.
        plan: Plan,
        /// Time until it is in force.
        after_ns: u64,
    },
    /// Add rows to a table.
    GrowTable {
        /// Table.
        table: TableId,
        /// Rows.
        rows: u64,
    },
    /// Bring a database to another schema by rebuilding a table.
    Migrate {
        /// Table.
        table: TableId,
        /// Schema afterwards.
        schema: u16,
        /// How long it takes once it has begun.
        over_ns: u64,
        /// Whether it has the table to itself meanwhile.
        locks: bool,
    },
    /// Give a migration up. What it has done so far is undone at once.
    CancelMigration {
        /// Table.
        table: TableId,
    },
    /// Have a share of what is written to a table from now on be wrong. A row that is written right again is right.
    Corrupt {
        /// Table.
        table: TableId,
        /// Probability for each row written; 0 ends it.
        share_q32: u64,
        /// Who reads such a row fails; otherwise nobody notices.
        breaks: bool,
    },
    /// Put right the rows of a table that are wrong.
    Repair {
        /// Table.
        table: TableId,
    },
    /// Make a replica the primary. Writes it has not received are lost.
    FailOver {
        /// Database.
        database: ServiceId,
        /// Region the new primary is to be in.
        to: Option<RegionId>,
    },
    /// Stop or start the consumers of a queue.
    Pause {
        /// The queue's partitions in one region.
        deployment: DeploymentId,
        /// Whether they pause.
        paused: bool,
    },
    /// Throw waiting work away, the oldest first. It is lost.
    Purge {
        /// The queue's partitions in one region.
        deployment: DeploymentId,
        /// Most pieces of work per partition.
        most: u32,
    },
    /// Send dead letters again.
    Redrive {
        /// The queue's partitions in one region.
        deployment: DeploymentId,
    },
    /// End the sessions that are at a query.
    KillQueries {
        /// Query.
        query: QueryId,
        /// Only in this region.
        region: Option<RegionId>,
    },
}
