//! How the reference responder reads the figures: the symptom, the failing call, the change that fits, the way out.

use brownout_sim::blueprint::SECOND_NS;
use brownout_sim::probe::Status;
use brownout_telemetry::signal::Signal;

use super::reference::{Failure, RECENT_S, Reference};
use super::seconds;
use crate::command::{Action, Metric, SymptomKind};
use crate::reader::{Reader, TraceRow};
use crate::view::{ChangeView, FigureView, FlowView, NodeView, PlayerView};

impl Reference {
    /// What users feel, where and since when, by the figures of the overview and the queues: errors before slowness, and
    /// slowness before work that comes late.
    pub(super) fn find_symptom(&mut self, view: &PlayerView, reader: &Reader<'_>) -> bool {
        let Some(flow) = view.main_flow() else {
            return false;
        };
        let limit = view.objective_ppm.saturating_sub(15_000);
        let failing = |figures: &FigureView| figures.success_ppm.is_some_and(|s| s < limit);
        let slow = |figures: &FigureView| figures.p95_us.is_some_and(|p95| p95 > flow.slow_us);
        let bad = |is: &dyn Fn(&FigureView) -> bool| -> Vec<u16> {
            let regions = (0u16..).zip(&flow.regions);
            regions.filter(|(_, f)| is(f)).map(|(r, _)| r).collect()
        };
        let mut late: Vec<u16> = late_queues(view).map(|queue| queue.region).collect();
        late.sort_unstable();
        late.dedup();
        let kinds = [
            (SymptomKind::Errors, bad(&failing)),
            (SymptomKind::Slowness, bad(&slow)),
            (SymptomKind::StaleData, late),
        ];
        let Some((kind, regions)) = kinds.into_iter().find(|(_, bad)| !bad.is_empty()) else {
            return false;
        };
        let names = regions
            .iter()
            .map(|&r| view.regions[usize::from(r)].clone());
        self.found.kind = Some(kind);
        self.found.flow.clone_from(&flow.name);
        self.found.regions = names.collect();
        self.found.severity = severity(view, flow, reader);
        let since_ns = self.began_ns(kind, flow, view, reader);
        self.found.since_s = since_ns.unwrap_or(view.now_ns) / SECOND_NS;
        true
    }

    /// That users notice nothing, as the figures stand; `false` where even that cannot be said.
    pub(super) fn find_nothing(&mut self, view: &PlayerView) -> bool {
        let (Some(flow), Some(mildest)) = (view.main_flow(), view.severities.last()) else {
            return false;
        };
        self.quiet = true;
        self.found.kind = Some(SymptomKind::NoImpact);
        self.found.flow.clone_from(&flow.name);
        self.found.regions.clear();
        self.found.severity.clone_from(&mildest.name);
        let paged = view.page.as_ref();
        self.found.since_s = paged.map_or(view.now_ns, |page| page.at_ns) / SECOND_NS;
        true
    }

    /// The first scrape at which the worst region left its normal band; of work that comes late, when the first of it was
    /// handed over.
    fn began_ns(
        &self,
        kind: SymptomKind,
        flow: &FlowView,
        view: &PlayerView,
        reader: &Reader<'_>,
    ) -> Option<u64> {
        let region = self.found.regions.first().map(String::as_str);
        let from_ns = view.now_ns.saturating_sub(seconds(600));
        let first = |metric: &Metric, window_s: u64, bad: &dyn Fn(u64) -> bool| {
            let series = reader.series(metric, from_ns, view.now_ns, seconds(window_s));
            let mut series = series.into_iter();
            let found = series.find(|(_, reading)| reading.is_some_and(bad));
            found.map(|(at_ns, _)| at_ns)
        };
        match kind {
            SymptomKind::StaleData => {
                let since_ns = |queue: &NodeView| {
                    let bound_us = queue.late_us?;
                    let metric = Metric::service(Signal::QueueAge, &queue.service, region);
                    let late_ns = first(&metric, 5, &|age| age > bound_us)?;
                    Some(late_ns.saturating_sub(bound_us * 1_000))
                };
                late_queues(view).filter_map(since_ns).min()
            }
            SymptomKind::Slowness => {
                let metric = Metric::flow(Signal::LatencyP95, &flow.name, region);
                first(&metric, 60, &|p95| p95 > flow.slow_us)
            }
            _ => {
                let limit = view.objective_ppm.saturating_sub(15_000);
                let metric = Metric::flow(Signal::SuccessShare, &flow.name, region);
                first(&metric, 10, &|success| success < limit)
            }
        }
    }

    /// The call on which failing requests fail: the deepest failing span of most traces.
    pub(super) fn find_failing_call(&mut self, view: &PlayerView, reader: &Reader<'_>) {
        let region = self.found.regions.first().cloned().unwrap_or_default();
        let from_ns = view.now_ns.saturating_sub(seconds(RECENT_S));
        let traces = reader.traces(&self.found.flow, Some(&region), true, from_ns, view.now_ns);
        let mut votes: Vec<((String, String, Failure), usize)> = Vec::new();
        for trace in &traces {
            if let Some(vote) = failing_leaf(trace) {
                match votes.iter_mut().find(|(known, _)| *known == vote) {
                    Some((_, count)) => *count += 1,
                    None => votes.push((vote, 1)),
                }
            }
        }
        let Some(((caller, callee, failure), _)) =
            votes.into_iter().max_by_key(|(_, count)| *count)
        else {
            return;
        };
        // A call that no server ever saw points at the caller; one that a server saw and answered late, at the callee.
        self.found.failure = failure;
        let served = failure != Failure::CallerLost;
        self.found.path = path_to_user(traces.first(), &caller, &callee, served);
        self.found.caller = caller;
        self.found.callee = callee;
        self.found.change = self
            .fitting_change(view)
            .map(|c| (c.title.clone(), c.version.clone()));
    }

    /// The newest release before the symptom of the service that may be behind it.
    pub(super) fn fitting_change<'v>(&self, view: &'v PlayerView) -> Option<&'v ChangeView> {
        let since_ns = i64::try_from(self.found.since_s * SECOND_NS).unwrap_or(i64::MAX);
        view.changes
            .iter()
            .rev()
            .filter(|c| c.at_ns <= since_ns && !c.own && c.version.is_some())
            .find(|c| c.service.as_deref() == Some(self.releaser()))
    }

    pub(super) fn at_callee(&self, signal: Signal) -> Metric {
        Metric::service(
            signal,
            &self.found.callee,
            self.found.regions.first().map(String::as_str),
        )
    }

    /// Readings of the callee in the ten minutes before the symptom.
    pub(super) fn normal(&self, reader: &Reader<'_>, signal: Signal) -> Vec<u64> {
        let until_ns = (self.found.since_s * SECOND_NS).saturating_sub(seconds(120));
        let series = reader.series(
            &self.at_callee(signal),
            until_ns.saturating_sub(seconds(600)),
            until_ns,
            seconds(60),
        );
        series
            .into_iter()
            .filter_map(|(_, reading)| reading)
            .collect()
    }

    /// The least risky change that removes the cause where it is.
    pub(super) fn find_action(&mut self, view: &PlayerView, reader: &Reader<'_>) {
        let region = self.found.regions.first().cloned().unwrap_or_default();
        let rollback = |region| Action::Rollback {
            service: self.releaser().to_owned(),
            region,
        };
        let flag = view
            .flags
            .iter()
            .find(|flag| flag.guards.contains(&self.found.callee));
        let flag = flag.map(|flag| Action::SetFlag {
            flag: flag.name.clone(),
            region: Some(region.clone()),
            percent: 0,
        });
        let everywhere = self.found.regions.len() > 1;
        let released = self.found.change.is_some();
        self.found.action = match self.found.failure {
            Failure::CallerLost => self
                .missing_variable(reader, &region)
                .or_else(|| Some(rollback(Some(region.clone())))),
            Failure::CalleeFails if released => {
                Some(rollback((!everywhere).then(|| region.clone())))
            }
            Failure::CalleeFails | Failure::CalleeSlow => flag,
        }
        .or_else(|| {
            let to = view
                .regions
                .iter()
                .find(|name| !self.found.regions.contains(name))?;
            Some(Action::ShiftTraffic {
                from: region.clone(),
                to: to.clone(),
                percent: 100,
            })
        });
    }

    /// A variable that is unset where it fails and set where it works.
    pub(super) fn missing_variable(&self, reader: &Reader<'_>, region: &str) -> Option<Action> {
        let diff = reader.diff(&self.found.caller)?;
        let here = diff.regions.iter().position(|name| name == region)?;
        diff.variables.iter().find_map(|(name, values)| {
            let elsewhere = values.iter().flatten().next();
            match (&values[here], elsewhere) {
                (None, Some((value, _))) => Some(Action::SetVariable {
                    service: self.found.caller.clone(),
                    region: Some(region.to_owned()),
                    variable: name.clone(),
                    value: Some(value.clone()),
                }),
                _ => None,
            }
        })
    }
}

/// Queues whose oldest work is late.
pub(super) fn late_queues(view: &PlayerView) -> impl Iterator<Item = &NodeView> {
    let late = |node: &&NodeView| node.late_us.is_some_and(|bound| node.oldest_us > bound);
    view.nodes.iter().filter(late)
}

/// The worst severity level that applies.
fn severity(view: &PlayerView, flow: &FlowView, reader: &Reader<'_>) -> String {
    let worst = flow.regions.iter().filter_map(|f| f.success_ppm).min();
    let failing_ppm = 1_000_000 - worst.unwrap_or(1_000_000);
    let slow = view.regions.iter().filter_map(|region| {
        let metric = Metric::flow(Signal::SlowShare, &flow.name, Some(region));
        reader.read(&metric, seconds(60))
    });
    let slow_ppm = slow.max().unwrap_or(0);
    let late_us = late_queues(view).map(|queue| queue.oldest_us).max();
    let mut levels = view.severities.iter();
    let level = levels.find(|l| l.applies(failing_ppm, slow_ppm, late_us.unwrap_or(0)));
    level
        .or(view.severities.last())
        .map(|level| level.name.clone())
        .unwrap_or_default()
}

/// Caller, callee and the way it fails, of the deepest failing span.
fn failing_leaf(trace: &TraceRow) -> Option<(String, String, Failure)> {
    let span = trace
        .spans
        .iter()
        .filter(|s| !s.status.is_ok() || s.abandoned)
        .max_by_key(|s| s.depth)?;
    let failure = match (&span.instance, span.status) {
        (None, _) => Failure::CallerLost,
        (Some(_), Status::Internal) if !span.abandoned => Failure::CalleeFails,
        (Some(_), _) => Failure::CalleeSlow,
    };
    // Where the entrance itself fails nobody of the system calls it: then it answers for both sides.
    let caller = span.caller.as_ref().unwrap_or(&span.service);
    Some((caller.clone(), span.service.clone(), failure))
}

/// Services from the guilty one up to the user's entry, in the order the failure passes through them.
fn path_to_user(trace: Option<&TraceRow>, caller: &str, callee: &str, served: bool) -> Vec<String> {
    let mut path = Vec::new();
    if served && caller != callee {
        path.push(callee.to_owned());
    }
    let mut at = caller.to_owned();
    while let Some(trace) = trace {
        path.push(at.clone());
        let Some(above) = trace
            .spans
            .iter()
            .find(|s| s.service == at)
            .and_then(|s| s.caller.clone())
        else {
            break;
        };
        if path.contains(&above) {
            break;
        }
        at = above;
    }
    path
}
