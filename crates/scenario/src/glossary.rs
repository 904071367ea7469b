//! The mechanisms an incident may have: what a player chooses from on the hypothesis board and what a truth names.

/// Family of mechanisms, as in the field guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// F1: databases.
    Databases,
    /// F2: distributed systems.
    Distributed,
    /// F3: infrastructure.
    Infrastructure,
    /// F4: asynchronous work.
    Asynchronous,
    /// F5: dependencies.
    Dependencies,
    /// F6: change.
    Change,
    /// F7: load.
    Load,
    /// F8: feedback.
    Feedback,
    /// F9: nothing is broken. What alarms is expected, planned, or measured wrongly.
    Harmless,
}

impl Family {
    /// Field-guide id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Databases => "F1",
            Self::Distributed => "F2",
            Self::Infrastructure => "F3",
            Self::Asynchronous => "F4",
            Self::Dependencies => "F5",
            Self::Change => "F6",
            Self::Load => "F7",
            Self::Feedback => "F8",
            Self::Harmless => "F9",
        }
    }

    /// Name for a heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Databases => "Databases",
            Self::Distributed => "Distributed systems",
            Self::Infrastructure => "Infrastructure",
            Self::Asynchronous => "Asynchronous work",
            Self::Dependencies => "Dependencies",
            Self::Change => "Change",
            Self::Load => "Load",
            Self::Feedback => "Feedback",
            Self::Harmless => "Nothing broken",
        }
    }
}

/// One mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mechanism {
    /// Stable id, as in scenario files and journals.
    pub id: &'static str,
    /// Family.
    pub family: Family,
    /// A few words.
    pub title: &'static str,
    /// One line.
    pub description: &'static str,
}

/// The mechanisms as a page, family by family: docs/MECHANISMS.md.
#[must_use]
pub fn page() -> String {
    let mut page = "# Mechanisms\n\nWhat can be wrong with a component. A truth names one as `mechanism` and one as \
                    `sustaining`, a hypothesis one as\nits guess. This page is made by `brownout docs mechanisms`.\n"
        .to_owned();
    let mut family = None;
    for mechanism in MECHANISMS {
        if family != Some(mechanism.family) {
            family = Some(mechanism.family);
            page.push_str("\n## ");
            page.push_str(mechanism.family.title());
            page.push_str("\n\n| id | name | what it is |\n|---|---|---|\n");
        }
        let cells = [
            &format!("`{}`", mechanism.id),
            mechanism.title,
            mechanism.description,
        ];
        page.push_str("| ");
        page.push_str(&cells.join(" | "));
        page.push_str(" |\n");
    }
    page
}

/// The mechanism of an id.
#[must_use]
pub fn mechanism(id: &str) -> Option<&'static Mechanism> {
    MECHANISMS.iter().find(|mechanism| mechanism.id == id)
}

/// Whether an id is that of a mechanism under which nothing is broken.
#[must_use]
pub fn is_harmless(id: &str) -> bool {
    mechanism(id).is_some_and(|mechanism| mechanism.family == Family::Harmless)
}

/// Other words for a mechanism, small letters with spaces between: what people type who know it by another name.
#[must_use]
pub fn also_called(id: &str) -> &'static str {
    ALSO_CALLED
        .iter()
        .find(|(of, _)| *of == id)
        .map_or("", |(_, words)| words)
}

/// Other words by mechanism.
const ALSO_CALLED: &[(&str, &str)] = &[
    ("slow-query", "sql scan"),
    ("plan-flip", "optimizer statistics explain"),
    ("missing-index", "full table scan"),
    ("lock-contention", "deadlock blocked row mutex"),
    ("replication-lag", "replica stale delay"),
    ("bad-migration", "ddl alter schema"),
    ("connection-exhaustion", "pool database max"),
    ("failover-data-loss", "failover split brain"),
    ("retry-storm", "amplification backoff"),
    ("timeout-mistuning", "timeout deadline"),
    ("missing-idempotency", "double twice duplicate"),
    ("clock-skew", "time ntp drift"),
    ("network-partition", "packet loss link split"),
    ("cpu-saturation", "overload cores busy throttling"),
    ("memory-pressure", "oom ram swap"),
    ("memory-leak", "oom ram heap"),
    ("gc-pauses", "gc jvm stop the world"),
    ("fd-exhaustion", "fd sockets ulimit files"),
    ("disk-full", "storage volume space"),
    ("noisy-neighbour", "neighbor steal host"),
    ("zone-loss", "az datacenter rack outage"),
    ("queue-backlog", "lag consumer depth"),
    ("poison-message", "dlq stuck"),
    ("dead-letter-growth", "dlq"),
    ("slow-consumer", "worker lag"),
    ("unbounded-producer", "flood publisher"),
    (
        "third-party-brownout",
        "provider vendor external slow degraded",
    ),
    ("third-party-outage", "provider vendor external down"),
    (
        "third-party-quota",
        "provider vendor external rate limit 429",
    ),
    ("auth-provider-failure", "login sso oidc token identity"),
    ("cache-node-loss", "redis memcached eviction"),
    ("dns-failure", "resolver name lookup"),
    ("certificate-expiry", "tls ssl expired x509"),
    ("bad-code", "bug regression release deploy exception"),
    ("missing-optional-data", "null none nil pointer optional"),
    ("n-plus-one", "loop queries"),
    ("heavier-payload", "size bytes large response"),
    ("bad-config", "setting value wrong env environment"),
    ("missing-variable", "env environment unset config setting"),
    ("config-drift", "env environment differs region"),
    ("wrong-flag-rollout", "feature toggle experiment"),
    ("schema-mismatch", "contract format version incompatible"),
    ("scale-to-zero", "replicas instances capacity autoscaling"),
    ("failed-rollback", "revert"),
    ("flash-crowd", "traffic spike surge users"),
    ("cache-miss-amplification", "stampede cold cache"),
    ("hot-key", "shard skew partition"),
    ("thundering-herd", "stampede cron synchronised"),
    ("expensive-tenant", "customer heavy user"),
    ("metastable-collapse", "congestion vicious circle overload"),
    ("health-check-cascade", "liveness readiness probe eviction"),
    ("autoscaler-oscillation", "scaling hpa flap"),
    ("breaker-flapping", "circuit open half"),
    ("expected-load", "normal peak campaign season false alarm"),
    (
        "background-work",
        "batch job cron nightly backup import false alarm",
    ),
    (
        "planned-maintenance",
        "announced rebalance move warming false alarm",
    ),
    (
        "mistaken-alarm",
        "false positive threshold exporter probe noise",
    ),
];

const fn row(
    id: &'static str,
    family: Family,
    title: &'static str,
    description: &'static str,
) -> Mechanism {
    Mechanism {
        id,
        family,
        title,
        description,
    }
}

use Family::{
    Asynchronous, Change, Databases, Dependencies, Distributed, Feedback, Harmless, Infrastructure,
    Load,
};

/// All mechanisms, by family.
#[rustfmt::skip]
pub const MECHANISMS: &[Mechanism] = &[
    row("slow-query", Databases, "Slow query", "One kind of query takes far longer than it should and holds up the others."),
    row("plan-flip", Databases, "Query plan flip", "The database chose another plan for the same query after statistics or the schema changed."),
    row("missing-index", Databases, "Missing index", "A query reads the whole table because no index supports it."),
    row("lock-contention", Databases, "Lock contention", "Transactions wait for a lock that another one holds too long."),
    row("replication-lag", Databases, "Replication lag", "Replicas are behind the primary and serve old rows."),
    row("bad-migration", Databases, "Bad schema migration", "A migration blocks, breaks or rewrites data that is in use."),
    row("connection-exhaustion", Databases, "Connection exhaustion", "All database connections are taken; new requests wait or are refused."),
    row("failover-data-loss", Databases, "Data loss at fail-over", "A new primary lacks writes that the old one had acknowledged."),

    row("partial-failure", Distributed, "Partial failure", "Some instances or paths of a component fail while the rest works."),
    row("retry-storm", Distributed, "Retry storm", "Retries multiply the load on a component that is already failing."),
    row("timeout-mistuning", Distributed, "Mistuned time-outs", "Time-outs are too short to succeed or so long that callers fill up."),
    row("missing-idempotency", Distributed, "Missing idempotency", "A repeated request does its work a second time."),
    row("stale-read", Distributed, "Eventual-consistency read", "A read right after a write does not see it."),
    row("clock-skew", Distributed, "Clock skew", "Clocks of machines disagree, so tokens, orderings or expiries go wrong."),
    row("network-partition", Distributed, "Network partition", "Parts of the system cannot reach each other."),

    row("cpu-saturation", Infrastructure, "CPU saturation", "Work arrives faster than the cores can do it."),
    row("memory-pressure", Infrastructure, "Memory pressure", "Too little memory: swapping, eviction or kills."),
    row("memory-leak", Infrastructure, "Memory leak", "Memory grows with time until the process is killed; restarts hide it."),
    row("gc-pauses", Infrastructure, "Garbage-collection pauses", "The runtime stops requests to collect garbage."),
    row("fd-exhaustion", Infrastructure, "File-descriptor exhaustion", "The process cannot open more sockets or files."),
    row("disk-full", Infrastructure, "Disk full", "Writes fail because a volume has no space left."),
    row("noisy-neighbour", Infrastructure, "Noisy neighbour", "Another tenant of the same machine takes its resources."),
    row("zone-loss", Infrastructure, "Loss of a zone", "A zone or rack is gone with all instances in it."),

    row("queue-backlog", Asynchronous, "Backlog", "Messages arrive faster than they are consumed, and their age grows."),
    row("poison-message", Asynchronous, "Poison message", "One message fails every time it is delivered and holds up others."),
    row("duplicate-processing", Asynchronous, "Duplicates", "Messages are processed more than once."),
    row("dead-letter-growth", Asynchronous, "Dead-letter growth", "Messages give up and collect where nobody looks."),
    row("slow-consumer", Asynchronous, "Slow consumer", "A consumer became slower than its share of the traffic."),
    row("unbounded-producer", Asynchronous, "Unbounded producer", "A producer sends without limit, or far more than before."),

    row("third-party-brownout", Dependencies, "Third-party brownout", "An external provider answers slowly or only in part."),
    row("third-party-outage", Dependencies, "Third-party outage", "An external provider does not answer at all."),
    row("third-party-quota", Dependencies, "Third-party quota", "An external provider refuses requests above an agreed rate."),
    row("auth-provider-failure", Dependencies, "Authentication provider failure", "Sign-in or token checks fail at the identity provider."),
    row("cache-node-loss", Dependencies, "Cache node loss", "A cache lost its content or a node, and its misses hit what is behind it."),
    row("dns-failure", Dependencies, "DNS failure", "Names resolve to nothing or to the wrong address."),
    row("certificate-expiry", Dependencies, "Certificate expiry", "A certificate ran out, so connections are refused."),

    row("bad-code", Change, "Bad code", "A new version fails on requests the old one handled."),
    row("missing-optional-data", Change, "Null on optional data", "A new version takes for granted what some segment of users does not have."),
    row("n-plus-one", Change, "N+1 calls", "A new version makes one call per item where it made one in all."),
    row("heavier-payload", Change, "Heavier payload", "A new version sends or computes much more per request."),
    row("bad-config", Change, "Bad configuration", "A configuration value is wrong."),
    row("missing-variable", Change, "Missing variable in one place", "A version needs a variable that is not set in some region or environment."),
    row("config-drift", Change, "Configuration drift", "Instances or regions that should be alike have come to differ."),
    row("wrong-flag-rollout", Change, "Wrong flag rollout", "A feature flag was switched on for those it should not be."),
    row("schema-mismatch", Change, "Schema mismatch", "Code and data disagree about the shape of records or messages."),
    row("scale-to-zero", Change, "Scaled to zero", "A component was scaled down to too few instances, or none."),
    row("failed-rollback", Change, "Rollback that fails", "Going back does not restore what was, as data or dependants have moved on."),

    row("flash-crowd", Load, "Flash crowd", "Far more users than usual arrive at once."),
    row("cache-miss-amplification", Load, "Cache-miss amplification", "Requests miss the cache and multiply the load behind it."),
    row("hot-key", Load, "Hot key or partition", "One key or partition gets most of the traffic."),
    row("thundering-herd", Load, "Thundering herd", "Many clients do the same thing at the same moment."),
    row("expensive-tenant", Load, "Expensive tenant", "One customer's requests cost far more than those of others."),

    row("metastable-collapse", Feedback, "Metastable collapse", "The overload feeds itself and stays after its trigger has gone."),
    row("health-check-cascade", Feedback, "Health-check eviction cascade", "Slow instances are taken out, which overloads those that remain."),
    row("autoscaler-oscillation", Feedback, "Autoscaler oscillation", "Scaling reacts to its own effects and swings."),
    row("breaker-flapping", Feedback, "Breaker flapping", "A circuit breaker opens and closes over and over."),

    row("expected-load", Harmless, "Expected load", "More users than a moment ago, as planned or as every week, and there is room for them."),
    row("background-work", Harmless, "Background work within its deadline", "A job takes what is free and will be done in time; users notice nothing."),
    row("planned-maintenance", Harmless, "Planned maintenance", "An announced change costs room or warmth for a stated time and passes by itself."),
    row("mistaken-alarm", Harmless, "Mistaken alarm", "A threshold, a probe or an exporter is wrong; what it watches is as it should be."),
];
