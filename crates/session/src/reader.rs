//! Queries a player may make of the telemetry, by name.

use std::collections::BTreeMap;

use brownout_sim::ids::{DeploymentId, InstanceId, ServiceId, VariableId};
use brownout_sim::probe::{Span, Status};
use brownout_telemetry::export::Recorded;
use brownout_telemetry::exposition::Exposition;
use brownout_telemetry::logql::{self, Lines};
use brownout_telemetry::logs::Level;
use brownout_telemetry::promql::labels::Labels;
use brownout_telemetry::promql::source::Sample;
use brownout_telemetry::promql::{Answer, Query, Semantics};
use brownout_telemetry::search::Search;
use brownout_telemetry::traces::{Outcome, StoredTrace};

use crate::command::{Action, Metric};
use crate::session::{Refused, Session};
use crate::view::Preflight;
use crate::{actions, names, observe};

/// A log line as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// When the collector got it: the order of lines.
    pub at_ns: u64,
    /// When it was written, by its instance's clock.
    pub stamp_ns: u64,
    /// Severity.
    pub level: Level,
    /// Instance, such as `checkout-eu-west-2`.
    pub instance: String,
    /// Text.
    pub text: String,
    /// Trace; 0 for none.
    pub trace: u64,
}

/// A span as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanRow {
    /// Depth below the user.
    pub depth: u16,
    /// Service called.
    pub service: String,
    /// Endpoint called.
    pub endpoint: String,
    /// Service that called; `None` for the user.
    pub caller: Option<String>,
    /// Instance that served it; `None` when there is no span from a server.
    pub instance: Option<String>,
    /// Attempt, from 1.
    pub attempt: u8,
    /// Start, relative to the trace's.
    pub start_ns: u64,
    /// How long the client waited (or the server worked, where the client had left).
    pub duration_ns: u64,
    /// Part of it spent waiting for a worker.
    pub wait_ns: u64,
    /// Part of it spent waiting for locks, and when the first of those waits began, relative to the trace's start.
    pub lock_ns: u64,
    /// See `lock_ns`.
    pub lock_start_ns: u64,
    /// Result.
    pub status: Status,
    /// The client left before the reply.
    pub abandoned: bool,
}

/// A trace as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceRow {
    /// Identifier.
    pub id: u64,
    /// Trace that handed the work over.
    pub link: Option<u64>,
    /// Flow.
    pub flow: String,
    /// Region of the user.
    pub region: String,
    /// Start.
    pub start_ns: u64,
    /// Duration for the user.
    pub duration_ns: u64,
    /// Result.
    pub status: Status,
    /// Success too late.
    pub slow: bool,
    /// Spans, in the order of their start within their parent.
    pub spans: Vec<SpanRow>,
}

/// A series a query answers with.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryLine {
    /// Its labels, as the query language writes them.
    pub name: String,
    /// Nanoseconds of simulated time, and values.
    pub points: Vec<(u64, f64)>,
}

/// What a query of the logs answers with.
#[derive(Clone, Debug)]
pub enum LogAnswer {
    /// Lines.
    Lines(logql::Found),
    /// Figures over time.
    Figures(Vec<QueryLine>),
}

/// Most traces a search answers with.
pub const MAX_TRACES: usize = 500;
/// Most lines a query of the logs answers with.
const MAX_LINES: usize = 5_000;

/// Series as they are drawn, where this many milliseconds since the Unix epoch are simulated time 0.
fn drawn(series: Vec<(Labels, Vec<Sample>)>, zero_ms: i64) -> Vec<QueryLine> {
    let line = |(labels, samples): (Labels, Vec<Sample>)| QueryLine {
        name: labels.to_string(),
        points: samples
            .iter()
            .map(|sample| {
                let at_ms = u64::try_from(sample.at_ms - zero_ms).unwrap_or(0);
                (at_ms.saturating_mul(1_000_000), sample.value)
            })
            .collect(),
    };
    series.into_iter().map(line).collect()
}

/// Configuration and versions of a service across regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffView {
    /// Regions the service runs in.
    pub regions: Vec<String>,
    /// Version new processes start with, per region.
    pub versions: Vec<String>,
    /// Variables: name, and per region the value and whether it comes from the overlay. `None` is unset.
    pub variables: Vec<VariableRow>,
    /// How it calls others and how its queries find their rows: name, and what it is per region.
    pub settings: Vec<VariableRow>,
}

pub use crate::levers::{CallLever, Levers};

/// One variable across regions: name, and per region its value and whether that comes from the overlay.
pub type VariableRow = (String, Vec<Option<(String, bool)>>);

/// Release note and patch of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseView {
    /// Note.
    pub notes: String,
    /// Patch excerpts as (file, text).
    pub hunks: Vec<(String, String)>,
}

/// Queries over a session: its telemetry, and for looks inside components their state of this moment. It changes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    session: &'a Session,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(session: &'a Session) -> Self {
        Self { session }
    }

    pub(crate) const fn session(&self) -> &'a Session {
        self.session
    }

    /// Reading of a metric over the `window_ns` before now. `None`: no samples, or an unknown name.
    #[must_use]
    pub fn read(&self, metric: &Metric, window_ns: u64) -> Option<u64> {
        observe::read(self.session, metric, window_ns)
    }

    /// Readings at each scrape of `(from_ns, to_ns]`, each over the `window_ns` before it.
    #[must_use]
    pub fn series(
        &self,
        metric: &Metric,
        from_ns: u64,
        to_ns: u64,
        window_ns: u64,
    ) -> Vec<(u64, Option<u64>)> {
        names::scope(&self.session.scenario.blueprint, metric).map_or_else(
            |_| Vec::new(),
            |scope| {
                let to_ns = to_ns.min(self.session.now_ns());
                self.session.recorder.signals().series(
                    metric.signal,
                    scope,
                    from_ns,
                    to_ns,
                    window_ns,
                )
            },
        )
    }

    /// What a query in the language of Prometheus answers from one time to another, in nanoseconds of simulated time.
    ///
    /// # Errors
    /// Why it cannot be answered.
    pub fn promql(
        &self,
        text: &str,
        (from_ns, to_ns): (u64, u64),
        step_ns: u64,
    ) -> Result<Vec<QueryLine>, String> {
        let exposition = self.exposition();
        let zero_ms = exposition.unix_ms(0);
        let query = Query::new(text, Semantics::default()).map_err(|e| e.to_string())?;
        let step_ms = i64::try_from(step_ns / 1_000_000).unwrap_or(i64::MAX);
        let (start_ms, end_ms) = (exposition.unix_ms(from_ns), exposition.unix_ms(to_ns));
        let answer = query.range(&exposition, start_ms, end_ms, step_ms);
        let Answer::Matrix(series) = answer.map_err(|e| e.to_string())? else {
            return Err("a text is nothing to draw".to_owned());
        };
        Ok(drawn(series, zero_ms))
    }

    /// What a query in the language of Loki answers from one time to another, in nanoseconds of simulated time: lines, the
    /// latest of them, or figures every `step_ns`.
    ///
    /// # Errors
    /// Why it cannot be answered.
    pub fn logql(
        &self,
        text: &str,
        (from_ns, to_ns): (u64, u64),
        step_ns: u64,
    ) -> Result<LogAnswer, String> {
        let query = logql::Query::new(text).map_err(|e| e.to_string())?;
        let lines = self.lines();
        if !query.is_metric() {
            let found = lines.find(&query, (from_ns, to_ns), MAX_LINES);
            return found.map(LogAnswer::Lines).map_err(|e| e.to_string());
        }
        let exposition = self.exposition();
        let span = (exposition.unix_ms(from_ns), exposition.unix_ms(to_ns));
        let step_ms = i64::try_from(step_ns / 1_000_000).unwrap_or(i64::MAX);
        let answer = lines
            .range(&query, span, step_ms)
            .map_err(|e| e.to_string())?;
        let Answer::Matrix(series) = answer else {
            return Err("a text is nothing to draw".to_owned());
        };
        Ok(LogAnswer::Figures(drawn(series, exposition.unix_ms(0))))
    }

    /// The metrics as a server would have scraped them so far.
    #[must_use]
    pub fn exposition(&self) -> Exposition<'a> {
        let session = self.session;
        session.recorder.exposition(session.scenario.start_unix_s)
    }

    /// The logs for queries.
    #[must_use]
    pub fn lines(&self) -> Lines<'a> {
        let session = self.session;
        session.recorder.lines(session.scenario.start_unix_s)
    }

    /// Everything that was recorded so far, for export.
    #[must_use]
    pub fn recorded(&self) -> Recorded<'a> {
        self.recorded_since(self.session.scenario.start_unix_s)
    }

    /// The same as if simulated time 0 were so many seconds after the Unix epoch.
    #[must_use]
    pub fn recorded_since(&self, start_unix_s: i64) -> Recorded<'a> {
        self.session.recorder.recorded(start_unix_s)
    }

    /// Simulated time of the last scrape; 0 before the first.
    #[must_use]
    pub fn last_scrape_ns(&self) -> u64 {
        self.session.recorder.metrics.last_scrape_ns()
    }

    fn instance_name(&self, id: InstanceId) -> String {
        let blueprint = &self.session.scenario.blueprint;
        let recorder = &self.session.recorder;
        format!(
            "{}-{}-{}",
            blueprint.services[recorder.service_of(id).index()].name,
            blueprint.regions[recorder.region_of(id).index()],
            self.session.world.instance_slot(id) + 1
        )
    }

    /// Log lines of a service in `(from_ns, to_ns]`, oldest first.
    #[must_use]
    pub fn logs(
        &self,
        service: &str,
        region: Option<&str>,
        from_ns: u64,
        to_ns: u64,
    ) -> Vec<LogRow> {
        let blueprint = &self.session.scenario.blueprint;
        let Ok(service) = names::service(blueprint, service) else {
            return Vec::new();
        };
        let region = region.and_then(|name| names::region(blueprint, name).ok());
        let recorder = &self.session.recorder;
        recorder
            .logs
            .between(from_ns, to_ns.min(self.session.now_ns()))
            .iter()
            .filter(|line| recorder.service_of(line.instance) == service)
            .filter(|line| region.is_none_or(|r| recorder.region_of(line.instance) == r))
            .map(|line| LogRow {
                at_ns: line.at_ns,
                stamp_ns: line.stamp_ns(),
                level: line.message.level(),
                instance: self.instance_name(line.instance),
                text: recorder.logs.render(blueprint, line),
                trace: line.trace,
            })
            .collect()
    }

    /// Log lines of a service that were dropped because their kind was over quota.
    #[must_use]
    pub fn suppressed_logs(&self, service: &str) -> u64 {
        names::service(&self.session.scenario.blueprint, service)
            .map_or(0, |id| self.session.recorder.logs.suppressed(id.0))
    }

    /// Kept traces of a flow whose result came in `(from_ns, to_ns]`.
    #[must_use]
    pub fn traces(
        &self,
        flow: &str,
        region: Option<&str>,
        failing: bool,
        from_ns: u64,
        to_ns: u64,
    ) -> Vec<TraceRow> {
        let blueprint = &self.session.scenario.blueprint;
        let Ok(flow) = names::flow(blueprint, flow) else {
            return Vec::new();
        };
        let region = region.and_then(|name| names::region(blueprint, name).ok());
        self.session
            .recorder
            .traces
            .between(from_ns, to_ns.min(self.session.now_ns()))
            .filter(|trace| trace.end.flow == flow && region.is_none_or(|r| trace.end.region == r))
            .filter(|trace| {
                let outcome = Outcome::of(&trace.end);
                if failing {
                    matches!(outcome, Outcome::Failed | Outcome::Slow)
                } else {
                    outcome == Outcome::Ok
                }
            })
            .map(|trace| self.trace_row(trace))
            .collect()
    }

    /// Kept traces that fulfil conditions such as `service=checkout status=error min=250ms`, of those whose result came in
    /// `(from_ns, to_ns]`: the latest, at most [`MAX_TRACES`].
    ///
    /// # Errors
    /// What was expected.
    pub fn search_traces(
        &self,
        text: &str,
        (from_ns, to_ns): (u64, u64),
    ) -> Result<Vec<TraceRow>, String> {
        let search = Search::parse(text)?;
        let recorded = self.recorded();
        let found = recorded.search(&search, (from_ns, to_ns), MAX_TRACES);
        Ok(found
            .into_iter()
            .map(|trace| self.trace_row(trace))
            .collect())
    }

    /// A kept trace by its id.
    #[must_use]
    pub fn trace(&self, id: u64) -> Option<TraceRow> {
        self.session
            .recorder
            .traces
            .find(id)
            .map(|trace| self.trace_row(trace))
    }

    /// Kept traces of work that a trace handed over to queues, oldest first.
    #[must_use]
    pub fn handed_over(&self, by: u64) -> Vec<TraceRow> {
        let kept = self.session.recorder.traces.handed_over(by);
        let mut rows: Vec<TraceRow> = kept.map(|trace| self.trace_row(trace)).collect();
        rows.sort_by_key(|row| (row.start_ns, row.id));
        rows
    }

    /// Traces of a flow in a region: seen and kept since `from_ns`, by minute.
    #[must_use]
    pub fn traces_seen_and_kept(&self, flow: &str, region: &str, from_ns: u64) -> (u64, u64) {
        let blueprint = &self.session.scenario.blueprint;
        match (
            names::flow(blueprint, flow),
            names::region(blueprint, region),
        ) {
            (Ok(flow), Ok(region)) => self.session.recorder.traces.seen_and_kept(
                flow,
                region,
                from_ns,
                self.session.now_ns(),
            ),
            _ => (0, 0),
        }
    }

    /// A trace as shown.
    pub(crate) fn row_of(&self, trace: &StoredTrace) -> TraceRow {
        self.trace_row(trace)
    }

    fn trace_row(&self, trace: &StoredTrace) -> TraceRow {
        let blueprint = &self.session.scenario.blueprint;
        let mut depths = vec![0u16; trace.spans.len()];
        let mut rows = Vec::with_capacity(trace.spans.len());
        let mut children: BTreeMap<Option<u32>, Vec<usize>> = BTreeMap::new();
        for (index, span) in trace.spans.iter().enumerate() {
            children.entry(span.parent).or_default().push(index);
        }
        // Depth first, so that the rows read like a waterfall.
        let mut stack: Vec<usize> = children.get(&None).cloned().unwrap_or_default();
        stack.reverse();
        while let Some(index) = stack.pop() {
            let span: &Span = &trace.spans[index];
            depths[index] = span.parent.map_or(0, |p| depths[p as usize] + 1);
            let edge = &blueprint.edges[span.edge.index()];
            let target = &blueprint.endpoints[edge.target.index()];
            rows.push(SpanRow {
                depth: depths[index],
                service: blueprint.services[target.service.index()].name.clone(),
                endpoint: target.name.clone(),
                caller: edge
                    .client
                    .map(|id| blueprint.services[id.index()].name.clone()),
                instance: span
                    .instance
                    .filter(|_| span.arrive_ns > 0)
                    .map(|id| self.instance_name(id)),
                attempt: span.attempt + 1,
                start_ns: span.start_ns.saturating_sub(trace.end.start_ns),
                duration_ns: span.end_ns.saturating_sub(span.start_ns),
                wait_ns: if span.begin_ns > 0 {
                    span.begin_ns - span.arrive_ns
                } else {
                    0
                },
                lock_ns: span.lock_ns,
                lock_start_ns: span.lock_at_ns.saturating_sub(trace.end.start_ns),
                status: span.status,
                abandoned: span.abandoned,
            });
            if let Some(below) = u32::try_from(index)
                .ok()
                .and_then(|i| children.get(&Some(i)))
            {
                stack.extend(below.iter().rev());
            }
        }
        TraceRow {
            id: trace.end.id,
            link: trace.end.link,
            flow: blueprint.flows[trace.end.flow.index()].name.clone(),
            region: blueprint.regions[trace.end.region.index()].clone(),
            start_ns: trace.end.start_ns,
            duration_ns: trace.end.result_ns.saturating_sub(trace.end.start_ns),
            status: trace.end.status,
            slow: trace.end.slow,
            spans: rows,
        }
    }

    /// Configuration and versions of a service across its regions.
    #[must_use]
    pub fn diff(&self, service: &str) -> Option<DiffView> {
        let blueprint = &self.session.scenario.blueprint;
        let world = &self.session.world;
        let (service, deployments) = self.own(service)?;
        let mut variables: Vec<VariableId> = Vec::new();
        for version in blueprint.versions.iter().filter(|v| v.service == service) {
            let read = version.reads.iter().map(|r| r.variable);
            variables.extend(read.chain(version.manifest.iter().map(|row| row.variable)));
        }
        variables.sort_unstable();
        variables.dedup();
        let rows: Vec<VariableRow> = variables
            .into_iter()
            .map(|variable| {
                let values = deployments
                    .iter()
                    .map(|&d| {
                        world
                            .variable(d, variable)
                            .map(|(text, overlay)| (text.to_owned(), overlay))
                    })
                    .collect();
                (blueprint.variables[variable.index()].clone(), values)
            })
            .filter(|(_, values): &VariableRow| values.iter().any(Option::is_some))
            .collect();
        let regions: Vec<_> = deployments
            .iter()
            .map(|d| blueprint.deployments[d.index()].region)
            .collect();
        Some(DiffView {
            settings: self.settings(&blueprint.services[service.index()].name, &regions),
            regions: deployments
                .iter()
                .map(|d| blueprint.regions[blueprint.deployments[d.index()].region.index()].clone())
                .collect(),
            versions: deployments
                .iter()
                .map(|&d| {
                    blueprint.versions[world.deployment(d).version.index()]
                        .name
                        .clone()
                })
                .collect(),
            variables: rows,
        })
    }

    fn own(&self, service: &str) -> Option<(ServiceId, Vec<DeploymentId>)> {
        names::deployments(&self.session.scenario.blueprint, service, None).ok()
    }

    /// Release note and patch of a version.
    #[must_use]
    pub fn release(&self, service: &str, version: &str) -> Option<ReleaseView> {
        let blueprint = &self.session.scenario.blueprint;
        let id = names::service(blueprint, service).ok()?;
        let version = names::version(blueprint, id, version).ok()?;
        let release = self.session.scenario.releases.get(version.index())?;
        Some(ReleaseView {
            notes: release.notes.clone(),
            hunks: release.hunks.clone(),
        })
    }

    /// What an action would mean now.
    ///
    /// # Errors
    /// [`Refused`] when it names something unknown or makes no sense now.
    pub fn preflight(&self, action: &Action) -> Result<Preflight, Refused> {
        actions::plan(&self.session.scenario, &self.session.world, action)
            .map(|plan| plan.preflight)
    }
}

impl Session {
    /// Queries over the telemetry.
    #[must_use]
    pub const fn reader(&self) -> Reader<'_> {
        Reader::new(self)
    }
}
