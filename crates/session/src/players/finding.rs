//! How the reference responder reads the figures: the symptom, the failing call, the change that fits, the way out.

use brownout_sim::blueprint::SECOND_NS;
use brownout_sim::probe::Status;
use brownout_telemetry::signal::Signal;

use super::reference::{Failure, RECENT_S, Reference};
use super::seconds;
use crate::command::{Action, Metric, SymptomKind};
use crate::reader::{Reader, TraceRow};
use crate::view::{ChangeView, PlayerView};

impl Reference {
    /// Worst flow and the regions it is bad in, by the figures of the overview.
    pub(super) fn find_symptom(&mut self, view: &PlayerView, reader: &Reader<'_>) -> bool {
        let Some(flow) = view.main_flow() else {
            return false;
        };
        let limit = view.objective_ppm.saturating_sub(15_000);
        let bad: Vec<usize> = (0..flow.regions.len())
            .filter(|&r| {
                flow.regions[r]
                    .success_ppm
                    .is_some_and(|success| success < limit)
            })
            .collect();
        if bad.is_empty() {
            return false;
        }
        let worst = bad
            .iter()
            .filter_map(|&r| flow.regions[r].success_ppm)
            .min()
            .unwrap_or(1_000_000);
        self.found.kind = Some(SymptomKind::Errors);
        self.found.flow.clone_from(&flow.name);
        self.found.regions = bad.iter().map(|&r| view.regions[r].clone()).collect();
        self.found.severity = severity_for(view, 1_000_000 - worst);
        // The first scrape at which the success of the worst region left its normal band.
        let metric = Metric::flow(
            Signal::SuccessShare,
            &flow.name,
            self.found.regions.first().map(String::as_str),
        );
        let from_ns = view.now_ns.saturating_sub(seconds(600));
        let series = reader.series(&metric, from_ns, view.now_ns, seconds(10));
        let began = series
            .iter()
            .find(|(_, reading)| reading.is_some_and(|r| r < limit));
        self.found.since_s = began.map_or(view.now_ns, |(at_ns, _)| *at_ns) / SECOND_NS;
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

/// The worst severity level whose threshold a failing share reaches.
fn severity_for(view: &PlayerView, failing_ppm: u64) -> String {
    let level = view
        .severities
        .iter()
        .find(|level| failing_ppm >= level.failing_ppm);
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
    Some((span.caller.clone()?, span.service.clone(), failure))
}

/// Services from the guilty one up to the user's entry, in the order the failure passes through them.
fn path_to_user(trace: Option<&TraceRow>, caller: &str, callee: &str, served: bool) -> Vec<String> {
    let mut path = Vec::new();
    if served {
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
