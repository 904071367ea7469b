//! Bounds of the language. A file beyond them is refused before anything is simulated. [`LIMITS`] is what the reference
//! page and the tests know of them.

use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};
use brownout_sim::world::{MAX_FRAMES, MAX_STEPS_PER_INSTANT};

use crate::scan::{MAX_DEPTH, MAX_ENTRIES, MAX_FILE_BYTES, MAX_STRING_BYTES};

/// Services of a system.
pub const MAX_SERVICES: usize = 512;
/// Client-side edges of a system with all releases.
pub const MAX_EDGES: usize = 4_096;
/// Instances of a system in all regions.
pub const MAX_REPLICAS: u64 = 10_000;
/// Places of a queue or pool.
pub const MAX_POOL: u64 = 1_000_000;
/// Descriptors of a process.
pub const MAX_DESCRIPTORS: u64 = 1_000_000;
/// Ephemeral ports of a host.
pub const MAX_PORTS: u64 = 65_535;
/// Zones of a region.
pub const MAX_ZONES: u64 = 16;
/// Checks or failures in a row.
pub const MAX_IN_A_ROW: u64 = 1_000;
/// Longest pause of a collection per MiB of live heap.
pub const MAX_PAUSE_PER_MIB_NS: u64 = SECOND_NS;
/// Largest warm-up factor, Q16.
pub const MAX_WARM_UP_Q16: u32 = 1_000 << 16;
/// Shortest period of a quota: each is an event at each instance.
pub const MIN_QUOTA_PERIOD_NS: u64 = SECOND_NS / 1_000;
/// Shortest time between health checks or looks of an autoscaler.
pub const MIN_CHECK_NS: u64 = SECOND_NS / 10;
/// Cores of an instance.
pub const MAX_CORES: u64 = 1_000_000;
/// Bytes of a name or other short text.
pub const MAX_NAME_BYTES: usize = 256;
/// Bytes of prose.
pub const MAX_PROSE_BYTES: usize = 16 * 1024;
/// Timed changes of a scenario: those common to all truths and those of all truths together.
pub const MAX_TIMED_CHANGES: usize = 4_096;
/// Conditional changes under one truth: each is looked at once a second.
pub const MAX_CONDITIONALS: usize = 64;
/// Longest simulated time.
pub const MAX_SIMULATED_NS: u64 = 30 * 24 * 60 * MINUTE_NS;
/// Attempts of a call in all.
pub const MAX_ATTEMPTS: u64 = 10;
/// Calls a circuit breaker looks back on.
pub const MAX_BREAKER_WINDOW: u64 = 64;
/// Users of one closed loop.
pub const MAX_USERS: u64 = 100_000;
/// Most growth of the pause between attempts per attempt.
pub const MAX_BACKOFF_FACTOR_Q16: u32 = 100 << 16;
/// Oldest entry of the change log before the run.
pub const MAX_HISTORY_NS: u64 = 10 * 365 * 24 * 60 * MINUTE_NS;
/// Traffic sources of a system: flow, region and segment.
pub const MAX_SOURCES: usize = 8_192;
/// Versions of the program on the users' side.
pub const MAX_CLIENTS: usize = 32;
/// Profiles of one flow.
pub const MAX_PROFILES: usize = 16;
/// Factors of recorded traffic.
pub const MAX_REPLAYED: usize = 1_024;
/// Shortest wave of traffic.
pub const MIN_PERIOD_NS: u64 = MINUTE_NS;
/// Steps of the rates of all sources together.
pub const MAX_RATE_STEPS: usize = 65_536;
/// Most growth of traffic by one profile or change.
pub const MAX_TRAFFIC_FACTOR_Q16: u32 = 1_000 << 16;
/// Tries of a user by hand, the first included.
pub const MAX_TRIES: u64 = 20;
/// Links of a system that are told of by themselves.
pub const MAX_LINKS: usize = 1_024;
/// Rate limits of one service.
pub const MAX_DOOR_LIMITS: usize = 64;
/// Bytes of one message.
pub const MAX_MESSAGE_BYTES: u64 = 1 << 30;
/// Regions of a system.
pub const MAX_REGIONS: usize = 32;
/// Customer segments of a system.
pub const MAX_SEGMENTS: usize = 64;
/// Flows of a system.
pub const MAX_FLOWS: usize = 64;
/// Flags of a system.
pub const MAX_FLAGS: usize = 1_024;
/// Endpoints of a system.
pub const MAX_ENDPOINTS: usize = 8_192;
/// Releases of a scenario.
pub const MAX_RELEASES: usize = 1_024;
/// Key spaces of a system.
pub const MAX_KEY_SPACES: usize = 64;
/// Keys of a key space.
pub const MAX_KEYS: u64 = 1 << 20;
/// Keys of all cache instances' spaces together.
pub const MAX_CACHED_KEYS: u64 = 1 << 24;
/// Tables of a database.
pub const MAX_TABLES: usize = 256;
/// Query classes of a database.
pub const MAX_QUERIES: usize = 1_024;
/// Rows of a table.
pub const MAX_ROWS: u64 = 1_000_000_000_000;
/// How many times longer a row takes that is not in memory.
pub const MAX_DISK_FACTOR: u64 = 100_000;
/// Steps of all endpoints of one service, nested ones included.
pub const MAX_STEPS: usize = 8_192;
/// Calls of one parallel step.
pub const MAX_PARALLEL: usize = 255;
/// Users one simulated request may stand for.
pub const MAX_WEIGHT: u64 = 1_000_000;
/// Normal life before any harm, for "now against normal" to exist.
pub const MIN_NORMAL_NS: u64 = 20 * MINUTE_NS;
/// Look-back window of an alert.
pub const MAX_ALERT_WINDOW_NS: u64 = 60 * MINUTE_NS;
/// Shortest look-back window of an alert.
pub const MIN_ALERT_WINDOW_NS: u64 = SECOND_NS;
/// Steps of a ramp, and times a change comes and goes.
pub const MAX_RAMP_STEPS: u64 = 100;
/// Alerts of a scenario.
pub const MAX_ALERTS: usize = 256;
/// Steps of an alert's runbook.
pub const MAX_RUNBOOK: usize = 20;
/// Truths of a scenario.
pub const MAX_TRUTHS: usize = 64;
/// Problems listed of one file.
pub const MAX_LISTED: usize = 256;

/// Most files of people that a scenario shares with others.
pub const MAX_SHARED: usize = 8;
/// Equal exponentials that a computing time may be the sum of.
pub const MAX_PHASES: u64 = 100;

/// What a bound counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Nanoseconds.
    Time,
    /// A factor.
    Factor,
}

/// A bound of the language.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Name, unique.
    pub name: &'static str,
    /// What is bounded, in words.
    pub what: &'static str,
    /// Smallest value; 0 if any small one will do.
    pub least: u64,
    /// Largest value; `u64::MAX` if any large one will do.
    pub most: u64,
    /// What is counted.
    pub unit: Unit,
    /// Code of the diagnostic about a value beyond; `None` if it shows in a run only.
    pub code: Option<&'static str>,
    /// Fields it is about, as `Construct.field`.
    pub fields: &'static [&'static str],
    /// Test with a value at the limit and one beyond.
    pub test: &'static str,
}

impl Limit {
    /// The bound in words, such as `1 to 10` or `at most 256 KiB`.
    #[must_use]
    pub fn value_in_words(&self) -> String {
        let words = |value| in_words(value, self.unit);
        match (self.least, self.most) {
            (least, u64::MAX) => format!("at least {}", words(least)),
            (0, most) => format!("at most {}", words(most)),
            (least, most) => format!("{} to {}", words(least), words(most)),
        }
    }
}

fn in_words(value: u64, unit: Unit) -> String {
    let whole = |units: &[(u64, &str)], smallest: &str| {
        let fits = units
            .iter()
            .find(|(size, _)| value >= *size && value.is_multiple_of(*size));
        match fits {
            Some((size, name)) => format!("{} {name}", grouped(value / size)),
            None => format!("{} {smallest}", grouped(value)),
        }
    };
    match unit {
        Unit::Count | Unit::Factor => grouped(value),
        Unit::Bytes => whole(
            &[(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")],
            "bytes",
        ),
        Unit::Time => {
            let hour = 60 * MINUTE_NS;
            let units = [
                (365 * 24 * hour, "years"),
                (24 * hour, "days"),
                (hour, "h"),
                (MINUTE_NS, "min"),
                (SECOND_NS, "s"),
                (SECOND_NS / 1_000, "ms"),
            ];
            whole(&units, "ns")
        }
    }
}

/// Digits with a comma between thousands.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The test that takes a limit from the table, one value after the other.
const TABLE: &str = "limits::each_limit_holds_at_its_value_and_one_beyond";

const fn limit(
    name: &'static str,
    what: &'static str,
    range: (u64, u64),
    unit: Unit,
    code: &'static str,
    fields: &'static [&'static str],
) -> Limit {
    Limit {
        name,
        what,
        least: range.0,
        most: range.1,
        unit,
        code: Some(code),
        fields,
        test: TABLE,
    }
}

const fn elsewhere(test: &'static str, limit: Limit) -> Limit {
    Limit { test, ..limit }
}

const ANY: u64 = u64::MAX;

/// All limits that a file or a run can meet.
pub const LIMITS: &[Limit] = &[
    limit(
        "file",
        "a file",
        (0, MAX_FILE_BYTES as u64),
        Unit::Bytes,
        "E0002",
        &[],
    ),
    elsewhere(
        "form::limits_of_the_scan",
        limit(
            "entries",
            "entries of one list, tuple, map or struct",
            (0, MAX_ENTRIES as u64),
            Unit::Count,
            "E0107",
            &[],
        ),
    ),
    limit(
        "string",
        "a text, as it is written between its quotes",
        (0, MAX_STRING_BYTES as u64),
        Unit::Bytes,
        "E0108",
        &[],
    ),
    limit(
        "name",
        "a name or other short text",
        (0, MAX_NAME_BYTES as u64),
        Unit::Bytes,
        "E0202",
        &[
            "System.name",
            "Service.name",
            "Scenario.name",
            "Scenario.title",
        ],
    ),
    elsewhere(
        "form::limits_of_the_scan",
        limit(
            "depth",
            "nesting of values",
            (0, MAX_DEPTH as u64),
            Unit::Count,
            "E0109",
            &[],
        ),
    ),
    limit(
        "listed",
        "problems listed of one file",
        (0, MAX_LISTED as u64),
        Unit::Count,
        "E0299",
        &[],
    ),
    limit(
        "services",
        "services of a system",
        (1, MAX_SERVICES as u64),
        Unit::Count,
        "E0202",
        &["System.services"],
    ),
    elsewhere(
        "rules::limits_of_the_graph",
        limit(
            "edges",
            "edges of a system with all releases: a service that calls an endpoint",
            (0, MAX_EDGES as u64),
            Unit::Count,
            "E0202",
            &[],
        ),
    ),
    limit(
        "replicas",
        "instances of a system in all regions",
        (0, MAX_REPLICAS),
        Unit::Count,
        "E0202",
        &["Service.replicas"],
    ),
    limit(
        "regions",
        "regions",
        (1, MAX_REGIONS as u64),
        Unit::Count,
        "E0202",
        &["System.regions"],
    ),
    limit(
        "segments",
        "segments of users",
        (1, MAX_SEGMENTS as u64),
        Unit::Count,
        "E0202",
        &["System.segments"],
    ),
    limit(
        "flows",
        "flows",
        (1, MAX_FLOWS as u64),
        Unit::Count,
        "E0202",
        &["System.flows"],
    ),
    limit(
        "clients",
        "versions of the users' program",
        (0, MAX_CLIENTS as u64),
        Unit::Count,
        "E0202",
        &["System.clients"],
    ),
    limit(
        "flags",
        "flags",
        (0, MAX_FLAGS as u64),
        Unit::Count,
        "E0202",
        &["System.flags"],
    ),
    limit(
        "links",
        "links",
        (0, MAX_LINKS as u64),
        Unit::Count,
        "E0202",
        &["System.links"],
    ),
    limit(
        "zones",
        "zones of a region",
        (1, MAX_ZONES),
        Unit::Count,
        "E0203",
        &["System.zones"],
    ),
    limit(
        "key-spaces",
        "key spaces",
        (0, MAX_KEY_SPACES as u64),
        Unit::Count,
        "E0202",
        &["System.keys"],
    ),
    limit(
        "keys",
        "keys of a key space",
        (1, MAX_KEYS),
        Unit::Count,
        "E0203",
        &["Keys.count"],
    ),
    limit(
        "cached-keys",
        "keys of the spaces of all cache instances together",
        (0, MAX_CACHED_KEYS),
        Unit::Count,
        "E0202",
        &[],
    ),
    limit(
        "endpoints",
        "endpoints of all services",
        (0, MAX_ENDPOINTS as u64),
        Unit::Count,
        "E0202",
        &[],
    ),
    limit(
        "steps",
        "steps of all endpoints of a service, nested ones included",
        (0, MAX_STEPS as u64),
        Unit::Count,
        "E0202",
        &["Endpoint.steps"],
    ),
    limit(
        "parallel",
        "calls of one `Parallel`",
        (1, MAX_PARALLEL as u64),
        Unit::Count,
        "E0202",
        &["Step.Parallel"],
    ),
    limit(
        "sources",
        "traffic sources: flow, region, segment and client version",
        (0, MAX_SOURCES as u64),
        Unit::Count,
        "E0202",
        &[],
    ),
    limit(
        "profiles",
        "profiles of a flow",
        (0, MAX_PROFILES as u64),
        Unit::Count,
        "E0202",
        &["Flow.profile"],
    ),
    limit(
        "replayed",
        "factors of recorded traffic",
        (1, MAX_REPLAYED as u64),
        Unit::Count,
        "E0202",
        &["Profile.replay.factors"],
    ),
    limit(
        "rate-steps",
        "steps of the rates of all sources together",
        (0, MAX_RATE_STEPS as u64),
        Unit::Count,
        "E0202",
        &[],
    ),
    limit(
        "traffic-factor",
        "growth of traffic by one profile or change",
        (0, MAX_TRAFFIC_FACTOR_Q16 as u64 >> 16),
        Unit::Factor,
        "E0203",
        &[
            "Profile.constant",
            "Profile.ramp.to",
            "Profile.spike.factor",
            "Profile.replay.factors",
            "Change.Traffic.factor",
        ],
    ),
    limit(
        "wave",
        "a wave of traffic",
        (MIN_PERIOD_NS, ANY),
        Unit::Time,
        "E0203",
        &["Profile.diurnal.period"],
    ),
    limit(
        "rate",
        "arrivals of one source in a second",
        (0, 1_000_000),
        Unit::Count,
        "E0201",
        &["Flow.rates", "RateLimit.rate"],
    ),
    limit(
        "users",
        "users of one closed loop",
        (1, MAX_USERS),
        Unit::Count,
        "E0203",
        &["Users.count"],
    ),
    limit(
        "weight",
        "users that a simulated request stands for",
        (1, MAX_WEIGHT),
        Unit::Count,
        "E0203",
        &["Flow.weight"],
    ),
    limit(
        "tries",
        "tries of a user",
        (1, MAX_TRIES),
        Unit::Count,
        "E0203",
        &["Patience.tries"],
    ),
    limit(
        "cores",
        "cores of an instance",
        (1, MAX_CORES),
        Unit::Count,
        "E0203",
        &["Instance.cores"],
    ),
    limit(
        "workers",
        "workers of an instance",
        (1, MAX_POOL),
        Unit::Count,
        "E0203",
        &["Instance.workers"],
    ),
    limit(
        "queue",
        "places of the queue of an instance",
        (0, MAX_POOL),
        Unit::Count,
        "E0203",
        &["Instance.queue"],
    ),
    limit(
        "descriptors",
        "descriptors of a process",
        (1, MAX_DESCRIPTORS),
        Unit::Count,
        "E0203",
        &["Descriptors.limit"],
    ),
    limit(
        "ports",
        "ephemeral ports",
        (1, MAX_PORTS),
        Unit::Count,
        "E0203",
        &["Ports.limit"],
    ),
    limit(
        "pause",
        "pause of a collection per MiB",
        (0, MAX_PAUSE_PER_MIB_NS),
        Unit::Time,
        "E0202",
        &["Memory.pause_per_mib"],
    ),
    limit(
        "warm-up",
        "factor of a warm-up",
        (1, MAX_WARM_UP_Q16 as u64 >> 16),
        Unit::Factor,
        "E0203",
        &["WarmUp.factor"],
    ),
    limit(
        "quota",
        "period of a quota",
        (MIN_QUOTA_PERIOD_NS, ANY),
        Unit::Time,
        "E0203",
        &["Quota.period"],
    ),
    limit(
        "check",
        "time between health checks, or between looks of an autoscaler",
        (MIN_CHECK_NS, ANY),
        Unit::Time,
        "E0203",
        &["HealthCheck.interval", "Autoscaler.interval"],
    ),
    limit(
        "in-a-row",
        "checks, failures or crashes that are counted",
        (1, MAX_IN_A_ROW),
        Unit::Count,
        "E0203",
        &[
            "HealthCheck.unhealthy",
            "HealthCheck.healthy",
            "Ejection.failures",
            "Gate.crashes",
        ],
    ),
    limit(
        "attempts",
        "attempts of a call",
        (1, MAX_ATTEMPTS),
        Unit::Count,
        "E0203",
        &["CallPolicy.attempts"],
    ),
    limit(
        "backoff",
        "growth of the pause between attempts",
        (0, MAX_BACKOFF_FACTOR_Q16 as u64 >> 16),
        Unit::Factor,
        "E0203",
        &["CallPolicy.backoff_factor"],
    ),
    limit(
        "pool",
        "connections of a pool",
        (1, MAX_POOL),
        Unit::Count,
        "E0203",
        &["CallPolicy.pool"],
    ),
    limit(
        "budget",
        "retries that may come at once",
        (0, MAX_POOL),
        Unit::Count,
        "E0203",
        &["RetryBudget.burst"],
    ),
    limit(
        "breaker",
        "calls that a breaker looks back on",
        (1, MAX_BREAKER_WINDOW),
        Unit::Count,
        "E0203",
        &["Breaker.window"],
    ),
    limit(
        "message",
        "a message",
        (0, MAX_MESSAGE_BYTES),
        Unit::Bytes,
        "E0201",
        &["CallPolicy.request_size", "CallPolicy.reply_size"],
    ),
    limit(
        "door-limits",
        "rate limits of a service",
        (0, MAX_DOOR_LIMITS as u64),
        Unit::Count,
        "E0202",
        &["Service.limits"],
    ),
    limit(
        "burst",
        "requests that a rate limit lets through at once",
        (1, MAX_POOL),
        Unit::Count,
        "E0203",
        &["RateLimit.burst"],
    ),
    limit(
        "tables",
        "tables of a database",
        (0, MAX_TABLES as u64),
        Unit::Count,
        "E0202",
        &["Database.tables"],
    ),
    limit(
        "queries",
        "queries of a database",
        (0, MAX_QUERIES as u64),
        Unit::Count,
        "E0202",
        &["Database.queries"],
    ),
    limit(
        "rows",
        "rows of a table",
        (0, MAX_ROWS),
        Unit::Count,
        "E0203",
        &["Table.rows", "Query.rows"],
    ),
    limit(
        "disk-factor",
        "how many times longer a row on disk takes",
        (1, MAX_DISK_FACTOR),
        Unit::Count,
        "E0203",
        &["Database.disk_factor"],
    ),
    limit(
        "phases",
        "exponentials of an Erlang distribution",
        (1, MAX_PHASES),
        Unit::Count,
        "E0203",
        &["Distribution.erlang"],
    ),
    limit(
        "releases",
        "releases",
        (0, MAX_RELEASES as u64),
        Unit::Count,
        "E0202",
        &["Scenario.versions"],
    ),
    limit(
        "timed",
        "timed changes of a scenario with all its truths",
        (0, MAX_TIMED_CHANGES as u64),
        Unit::Count,
        "E0202",
        &["Scenario.timeline"],
    ),
    limit(
        "conditional",
        "changes that wait for something under one truth",
        (0, MAX_CONDITIONALS as u64),
        Unit::Count,
        "E0202",
        &["TimedChange.when"],
    ),
    limit(
        "ramp",
        "steps of a ramp",
        (2, MAX_RAMP_STEPS),
        Unit::Count,
        "E0203",
        &["Ramp.steps"],
    ),
    limit(
        "flap",
        "times that a change comes and goes",
        (2, MAX_RAMP_STEPS),
        Unit::Count,
        "E0203",
        &["Flap.times"],
    ),
    limit(
        "alerts",
        "alerts",
        (1, MAX_ALERTS as u64),
        Unit::Count,
        "E0202",
        &["Scenario.alerts"],
    ),
    limit(
        "runbook",
        "steps of a runbook",
        (0, MAX_RUNBOOK as u64),
        Unit::Count,
        "E0202",
        &["Alert.runbook"],
    ),
    limit(
        "truths",
        "truths",
        (1, MAX_TRUTHS as u64),
        Unit::Count,
        "E0202",
        &["Scenario.truths"],
    ),
    limit(
        "difficulty",
        "difficulty",
        (1, 5),
        Unit::Count,
        "E0203",
        &["Scenario.difficulty"],
    ),
    limit(
        "simulated",
        "simulated time, and any duration",
        (0, MAX_SIMULATED_NS),
        Unit::Time,
        "E0202",
        &["Scenario.horizon"],
    ),
    limit(
        "history",
        "age of an entry of the change log",
        (0, MAX_HISTORY_NS),
        Unit::Time,
        "E0202",
        &["HistoryRecord.before"],
    ),
    limit(
        "normal",
        "normal life before the harm",
        (MIN_NORMAL_NS, ANY),
        Unit::Time,
        "E0502",
        &["Truth.onset"],
    ),
    limit(
        "alert-window",
        "what an alert looks back on",
        (MIN_ALERT_WINDOW_NS, MAX_ALERT_WINDOW_NS),
        Unit::Time,
        "E0203",
        &["Alert.window"],
    ),
    limit(
        "alert-hold",
        "how long an alert has to hold",
        (0, MAX_ALERT_WINDOW_NS),
        Unit::Time,
        "E0203",
        &["Alert.hold"],
    ),
    Limit {
        name: "in-flight",
        what: "requests in flight; a run with more ends as aborted",
        least: 0,
        most: MAX_FRAMES as u64,
        unit: Unit::Count,
        code: None,
        fields: &[],
        test: "crates/sim/tests/suite/bounds.rs",
    },
    Limit {
        name: "instant",
        what: "events without any time passing; a run with more ends as aborted",
        least: 0,
        most: MAX_STEPS_PER_INSTANT as u64,
        unit: Unit::Count,
        code: None,
        fields: &[],
        test: "crates/sim/tests/suite/bounds.rs",
    },
];
