//! What the metrics of a run look like to whoever scrapes them: OpenTelemetry's names in the standard Prometheus form.
//!
//! Nothing is stored for it. The store holds what each series gained between scrapes; here that is expanded to the
//! cumulative samples a server would have scraped, for the series and the time a query asks for.

mod directory;
mod gauges;
mod histograms;

use brownout_sim::blueprint::Blueprint;

pub use directory::Directory;

use crate::lives::Lives;
use crate::metrics::Metrics;
use crate::promql::labels::NAME;
use crate::promql::source::{Matcher, Source, Stored};

/// What kind of metric a family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value that goes up and down.
    Gauge,
    /// A value that only goes up while a process lives.
    Counter,
    /// A classic histogram of durations in seconds.
    Histogram,
}

/// A metric family.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Name, without the suffixes of a histogram's or counter's samples.
    pub name: &'static str,
    /// The name OpenTelemetry has for it, or would have.
    pub otel: &'static str,
    /// Kind.
    pub kind: Kind,
    /// Unit, which the name ends with; empty without one.
    pub unit: &'static str,
    /// What it says.
    pub help: &'static str,
}

/// Names of all labels there are, the metric's name apart.
pub const LABELS: [&str; 18] = [
    "client_version",
    "cloud_region",
    "db_operation_name",
    "error_type",
    "flow",
    "http_request_method",
    "http_response_status_code",
    "http_route",
    "le",
    "messaging_destination_name",
    "messaging_operation_name",
    "outcome",
    "server_address",
    "service_instance_id",
    "service_name",
    "service_version",
    "url_template",
    "user_segment",
];

/// All families, in the order of their names.
#[must_use]
pub fn families() -> Vec<Family> {
    let mut all: Vec<Family> = histograms::FAMILIES
        .iter()
        .copied()
        .chain(gauges::GAUGES.iter().map(|gauge| gauge.family))
        .collect();
    all.sort_by_key(|family| family.name);
    all
}

/// The metrics of a run as they would be scraped.
#[derive(Clone, Copy, Debug)]
pub struct Exposition<'a> {
    pub(crate) blueprint: &'a Blueprint,
    pub(crate) metrics: &'a Metrics,
    pub(crate) lives: &'a Lives,
    pub(crate) directory: &'a Directory,
    /// Simulated time 0, in milliseconds since the Unix epoch.
    pub(crate) start_ms: i64,
}

impl Exposition<'_> {
    /// Unix milliseconds of a simulated time.
    #[must_use]
    pub fn unix_ms(&self, at_ns: u64) -> i64 {
        let offset = i64::try_from(at_ns / 1_000_000).unwrap_or(i64::MAX);
        self.start_ms.saturating_add(offset)
    }

    /// Names of everything that may be asked for: samples of all families.
    #[must_use]
    pub fn names() -> Vec<String> {
        let mut names = Vec::new();
        for family in families() {
            let suffixes: &[&str] = match family.kind {
                Kind::Gauge => &[""],
                Kind::Counter => &["_total"],
                Kind::Histogram => &["_bucket", "_count", "_sum"],
            };
            let name = |suffix: &&str| format!("{}{suffix}", family.name);
            names.extend(suffixes.iter().map(name));
        }
        names
    }
}

impl Source for Exposition<'_> {
    fn select(&self, matchers: &[Matcher], from_ms: i64, to_ms: i64) -> Vec<Stored> {
        let (names, others): (Vec<&Matcher>, Vec<&Matcher>) =
            matchers.iter().partition(|matcher| matcher.name == NAME);
        let wanted = Wanted {
            names,
            others,
            from_ms,
            to_ms,
        };
        let mut found = self.histograms(&wanted);
        found.extend(self.gauges(&wanted));
        found.sort_by(|a, b| a.labels.cmp(&b.labels));
        found
    }
}

/// What a query asks for.
pub(crate) struct Wanted<'a> {
    names: Vec<&'a Matcher>,
    others: Vec<&'a Matcher>,
    from_ms: i64,
    to_ms: i64,
}

impl Wanted<'_> {
    /// Whether a metric of this name is asked for.
    fn names(&self, name: &str) -> bool {
        self.names.iter().all(|matcher| matcher.accepts(name))
    }

    /// Whether labels are, the name and those in `except` apart.
    fn labels(&self, labels: &crate::promql::labels::Labels, except: &str) -> bool {
        let mut others = self.others.iter().filter(|matcher| matcher.name != except);
        others.all(|matcher| matcher.accepts(labels.get(&matcher.name)))
    }

    /// Whether a value of one label is.
    fn label(&self, name: &str, value: &str) -> bool {
        let mut here = self.others.iter().filter(|matcher| matcher.name == name);
        here.all(|matcher| matcher.accepts(value))
    }

    fn time(&self, at_ms: i64) -> bool {
        self.from_ms <= at_ms && at_ms <= self.to_ms
    }
}
