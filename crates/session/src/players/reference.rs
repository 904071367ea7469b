//! The reference responder: works from the user's symptom to the failing call, writes two rival hypotheses with a
//! prediction that separates them, acts on the one that survives, and says so.
//!
//! It is a policy over the view: it knows no scenario, no truth and no times. Each step takes as long as a practised
//! person needs for it.

use brownout_sim::blueprint::SECOND_NS;
use brownout_telemetry::signal::Signal;

use super::{Player, seconds};
use crate::command::{
    Action, Audience, Claim, Command, Expect, Intervention, Look, Message, Metric, NewHypothesis,
    Prediction, Status, Symptom, SymptomKind, Trend, Verdict,
};
use crate::reader::{Reader, TraceRow};
use crate::view::{ChangeView, PlayerView};

/// Windows of looks, in seconds.
const RECENT_S: u64 = 300;
const CHANGE_LOG_S: u64 = 1_800;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Step {
    #[default]
    Acknowledge,
    LookAtImpact,
    StateSymptom,
    FirstMessage,
    LookAtChanges,
    LookAtTraces,
    Hypothesise,
    Test,
    LookAtDiff,
    Capture,
    Act,
    TellMitigating,
    Watch,
    Settle,
    Close,
    Done,
}

/// What it has found so far.
#[derive(Clone, Debug, Default)]
struct Findings {
    flow: String,
    regions: Vec<String>,
    kind: Option<SymptomKind>,
    severity: String,
    since_s: u64,
    /// Service that makes the failing call, and the one called.
    caller: String,
    callee: String,
    /// Change that fits, if any: its title and what was deployed.
    change: Option<(String, Option<String>)>,
    caller_is_guilty: bool,
    /// Requests per second the callee normally gets here, in thousandths, and its normal p95 in microseconds.
    normal_rate: u64,
    normal_us: u64,
    path: Vec<String>,
    action: Option<Action>,
}

/// The reference responder.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    step: Step,
    ready_ns: u64,
    found: Findings,
    guilty: u32,
    good_since_ns: Option<u64>,
    /// Questions already answered directly.
    answered: Vec<u32>,
}

impl Player for Reference {
    fn ready_ns(&self, page_ns: u64) -> u64 {
        self.ready_ns.max(page_ns + seconds(12))
    }

    fn turn(&mut self, view: &PlayerView, reader: &Reader<'_>) -> Vec<Command> {
        // Somebody who has asked is answered within a minute, between two other things.
        if self.step > Step::FirstMessage
            && let Some(commands) = self.answer(view)
        {
            self.wait(view, 20);
            return commands;
        }
        if self.step > Step::FirstMessage && self.step != Step::Done && self.update_is_due(view) {
            self.wait(view, 25);
            return vec![Command::Tell(self.update(view, Audience::Public, None))];
        }
        let (commands, pause_s) = self.work(view, reader);
        self.wait(view, pause_s);
        commands
    }
}

impl PartialOrd for Step {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (*self as u8).partial_cmp(&(*other as u8))
    }
}

impl Reference {
    fn wait(&mut self, view: &PlayerView, pause_s: u64) {
        self.ready_ns = view.now_ns + seconds(pause_s);
    }

    /// One step of work, and how long it takes before the next.
    fn work(&mut self, view: &PlayerView, reader: &Reader<'_>) -> (Vec<Command>, u64) {
        match self.step {
            Step::Acknowledge => self.next(Step::LookAtImpact, vec![Command::Acknowledge], 6),
            Step::LookAtImpact => self.next(
                Step::StateSymptom,
                vec![Command::Observe(Look::Overview)],
                15,
            ),
            Step::StateSymptom => {
                if !self.find_symptom(view, reader) {
                    // Nothing is wrong by the figures: keep looking, touch nothing.
                    return (vec![Command::Observe(Look::Overview)], 20);
                }
                let symptom = self.symptom();
                let severity = Command::DeclareSeverity {
                    severity: self.found.severity.clone(),
                };
                self.next(
                    Step::FirstMessage,
                    vec![Command::StateSymptom(symptom), severity],
                    18,
                )
            }
            Step::FirstMessage => {
                let message = self.update(view, Audience::Public, None);
                self.next(Step::LookAtChanges, vec![Command::Tell(message)], 6)
            }
            Step::LookAtChanges => {
                let look = Look::Changes {
                    window_s: CHANGE_LOG_S,
                };
                self.next(Step::LookAtTraces, vec![Command::Observe(look)], 15)
            }
            Step::LookAtTraces => {
                let region = self.found.regions.first().cloned();
                let look = Look::Traces {
                    flow: self.found.flow.clone(),
                    region,
                    failing: true,
                    window_s: RECENT_S,
                };
                self.find_failing_call(view, reader);
                self.next(Step::Hypothesise, vec![Command::Observe(look)], 20)
            }
            Step::Hypothesise => {
                if self.found.callee.is_empty() {
                    self.step = Step::LookAtTraces;
                    return (Vec::new(), 15);
                }
                let commands = self.hypotheses(reader);
                self.next(Step::Test, commands, 8)
            }
            Step::Test => self.test(view, reader),
            Step::LookAtDiff => {
                let look = Look::Diff {
                    service: self.found.caller.clone(),
                };
                self.find_action(view, reader);
                self.next(Step::Capture, vec![Command::Observe(look)], 12)
            }
            Step::Capture => {
                let replaces = !matches!(
                    self.found.action,
                    Some(Action::SetFlag { .. } | Action::ShiftTraffic { .. })
                );
                if !replaces {
                    self.step = Step::Act;
                    return self.work(view, reader);
                }
                let action = Action::CaptureEvidence {
                    service: self.found.caller.clone(),
                    region: self.found.regions.first().cloned(),
                };
                let capture = Intervention {
                    action,
                    serves: Some(self.guilty),
                    price_accepted: true,
                };
                self.next(Step::Act, vec![Command::Act(capture)], 21)
            }
            Step::Act => {
                let Some(action) = self.found.action.clone() else {
                    self.step = Step::LookAtDiff;
                    return (Vec::new(), 10);
                };
                let act = Intervention {
                    action,
                    serves: Some(self.guilty),
                    price_accepted: true,
                };
                self.next(Step::TellMitigating, vec![Command::Act(act)], 12)
            }
            Step::TellMitigating => {
                let commands = vec![
                    Command::Tell(self.update(view, Audience::Public, None)),
                    Command::Tell(self.update(view, Audience::Executives, None)),
                ];
                self.next(Step::Watch, commands, 25)
            }
            Step::Watch => self.watch(view),
            Step::Settle => {
                let commands = vec![Command::Refine {
                    hypothesis: self.guilty,
                    trigger: self
                        .found
                        .change
                        .as_ref()
                        .filter(|_| self.found.caller_is_guilty)
                        .map(|c| c.0.clone()),
                    sustaining: Some(self.mechanism().to_owned()),
                    path: self.found.path.clone(),
                }];
                self.next(Step::Close, commands, 10)
            }
            Step::Close => {
                let mut commands = vec![Command::Tell(self.closing(Audience::Public))];
                commands.push(Command::Tell(self.closing(Audience::Executives)));
                commands.push(Command::Resolve);
                self.next(Step::Done, commands, 1_000)
            }
            Step::Done => (Vec::new(), 1_000),
        }
    }

    fn next(&mut self, step: Step, commands: Vec<Command>, pause_s: u64) -> (Vec<Command>, u64) {
        self.step = step;
        (commands, pause_s)
    }

    fn mechanism(&self) -> &'static str {
        if self.found.caller_is_guilty {
            "missing-variable"
        } else {
            "third-party-brownout"
        }
    }

    /// Worst flow and the regions it is bad in, by the figures of the overview.
    fn find_symptom(&mut self, view: &PlayerView, reader: &Reader<'_>) -> bool {
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

    fn symptom(&self) -> Symptom {
        Symptom {
            kind: self.found.kind.unwrap_or(SymptomKind::Errors),
            flow: self.found.flow.clone(),
            regions: self.found.regions.clone(),
            since_s: self.found.since_s,
            severity: self.found.severity.clone(),
            trend: Trend::Steady,
        }
    }

    /// The call on which failing requests fail: the deepest failing span of most traces.
    fn find_failing_call(&mut self, view: &PlayerView, reader: &Reader<'_>) {
        let region = self.found.regions.first().cloned().unwrap_or_default();
        let from_ns = view.now_ns.saturating_sub(seconds(RECENT_S));
        let traces = reader.traces(&self.found.flow, Some(&region), true, from_ns, view.now_ns);
        let mut votes: Vec<((String, String, bool), usize)> = Vec::new();
        for trace in &traces {
            if let Some(vote) = failing_leaf(trace) {
                match votes.iter_mut().find(|(known, _)| *known == vote) {
                    Some((_, count)) => *count += 1,
                    None => votes.push((vote, 1)),
                }
            }
        }
        let Some(((caller, callee, served), _)) = votes.into_iter().max_by_key(|(_, count)| *count)
        else {
            return;
        };
        // A call that no server ever saw points at the caller; one that a server saw and answered late, at the callee.
        self.found.caller_is_guilty = !served;
        self.found.path = path_to_user(traces.first(), &caller, &callee, served);
        self.found.caller = caller;
        self.found.callee = callee;
        self.found.change = self
            .fitting_change(view)
            .map(|c| (c.title.clone(), c.version.clone()));
    }

    /// The newest release of the calling service before the symptom.
    fn fitting_change<'v>(&self, view: &'v PlayerView) -> Option<&'v ChangeView> {
        let since_ns = i64::try_from(self.found.since_s * SECOND_NS).unwrap_or(i64::MAX);
        view.changes
            .iter()
            .rev()
            .filter(|c| c.at_ns <= since_ns && !c.own && c.version.is_some())
            .find(|c| c.service.as_deref() == Some(&self.found.caller))
    }

    fn hypotheses(&mut self, reader: &Reader<'_>) -> Vec<Command> {
        // Two signals on which the rivals disagree. If the caller has lost its way, fewer requests arrive, and those of
        // others are served as ever; if the callee is slow, more arrive than ever, with retries, and wait.
        let rates = self.normal(reader, Signal::Rate);
        self.found.normal_rate = rates
            .iter()
            .sum::<u64>()
            .checked_div(rates.len() as u64)
            .unwrap_or(0);
        self.found.normal_us = self
            .normal(reader, Signal::LatencyP95)
            .into_iter()
            .max()
            .unwrap_or(0);
        let predictions = |expect| {
            let row = |signal, threshold| Prediction {
                metric: self.at_callee(signal),
                expect,
                threshold,
                window_s: 60,
                within_s: 180,
            };
            vec![
                row(Signal::Rate, self.found.normal_rate / 2),
                row(Signal::LatencyP95, self.found.normal_us * 2),
            ]
        };
        let trigger = self.found.change.as_ref().map(|(title, _)| title.clone());
        let caller = NewHypothesis {
            suspect: self.found.caller.clone(),
            mechanism: "missing-variable".to_owned(),
            regions: self.found.regions.clone(),
            trigger,
            predictions: predictions(Expect::AtMost),
            confidence: if self.found.caller_is_guilty { 60 } else { 25 },
        };
        let callee = NewHypothesis {
            suspect: self.found.callee.clone(),
            mechanism: "third-party-brownout".to_owned(),
            regions: self.found.regions.clone(),
            trigger: None,
            predictions: predictions(Expect::Above),
            confidence: if self.found.caller_is_guilty { 25 } else { 60 },
        };
        vec![Command::Hypothesise(caller), Command::Hypothesise(callee)]
    }

    fn at_callee(&self, signal: Signal) -> Metric {
        Metric::service(
            signal,
            &self.found.callee,
            self.found.regions.first().map(String::as_str),
        )
    }

    /// Readings of the callee in the ten minutes before the symptom.
    fn normal(&self, reader: &Reader<'_>, signal: Signal) -> Vec<u64> {
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

    /// Look at what was predicted and judge by it.
    fn test(&mut self, view: &PlayerView, reader: &Reader<'_>) -> (Vec<Command>, u64) {
        let slow = reader.read(&self.at_callee(Signal::LatencyP95), seconds(60));
        // A callee that nobody reaches has no latency at all; one that is slow shows it.
        self.found.caller_is_guilty = slow.is_none_or(|us| us <= self.found.normal_us * 2);
        self.guilty = u32::from(!self.found.caller_is_guilty);
        let other = u32::from(self.found.caller_is_guilty);
        // The look gets the number after the last journal entry the view knows; attach it a turn later by asking the
        // view for the newest look instead of guessing.
        let seen = view.looks.last().map(|(seq, _, _)| *seq);
        let look = |signal| {
            Command::Observe(Look::Metric {
                metric: self.at_callee(signal),
                window_s: RECENT_S,
            })
        };
        let mut commands = vec![look(Signal::Rate), look(Signal::LatencyP95)];
        if let Some(observed) = seen {
            commands.push(Command::AttachEvidence {
                hypothesis: self.guilty,
                observed,
                supports: true,
            });
        }
        commands.push(Command::SetConfidence {
            hypothesis: self.guilty,
            percent: 90,
        });
        commands.push(Command::SetConfidence {
            hypothesis: other,
            percent: 5,
        });
        commands.push(Command::Judge {
            hypothesis: self.guilty,
            verdict: Verdict::Supported,
        });
        commands.push(Command::Judge {
            hypothesis: other,
            verdict: Verdict::Refuted,
        });
        self.next(Step::LookAtDiff, commands, 12)
    }

    /// The least risky change that removes the cause where it is.
    fn find_action(&mut self, view: &PlayerView, reader: &Reader<'_>) {
        let region = self.found.regions.first().cloned().unwrap_or_default();
        self.found.action = if self.found.caller_is_guilty {
            self.missing_variable(reader, &region).or_else(|| {
                Some(Action::Rollback {
                    service: self.found.caller.clone(),
                    region: Some(region.clone()),
                })
            })
        } else {
            let flag = view
                .flags
                .iter()
                .find(|flag| flag.guards.contains(&self.found.callee));
            flag.map(|flag| Action::SetFlag {
                flag: flag.name.clone(),
                region: Some(region.clone()),
                percent: 0,
            })
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
    fn missing_variable(&self, reader: &Reader<'_>, region: &str) -> Option<Action> {
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

    /// Watch the users' side until it has held for five minutes.
    fn watch(&mut self, view: &PlayerView) -> (Vec<Command>, u64) {
        let Some(flow) = view.main_flow() else {
            return (Vec::new(), 60);
        };
        let good = flow
            .regions
            .iter()
            .all(|f| f.success_ppm.is_none_or(|s| s >= view.objective_ppm));
        if good {
            let since_ns = *self.good_since_ns.get_or_insert(view.now_ns);
            if view.now_ns - since_ns >= seconds(300) {
                self.step = Step::Settle;
            }
        } else {
            self.good_since_ns = None;
        }
        let region = self.found.regions.first().map(String::as_str);
        let metric = Metric::flow(Signal::SuccessShare, &self.found.flow, region);
        (
            vec![Command::Observe(Look::Metric {
                metric,
                window_s: RECENT_S,
            })],
            40,
        )
    }

    fn update_is_due(&self, view: &PlayerView) -> bool {
        self.step < Step::Close
            && view
                .update_due_ns
                .is_some_and(|due| due <= view.now_ns + seconds(45))
    }

    fn answer(&mut self, view: &PlayerView) -> Option<Vec<Command>> {
        let question = view
            .talk
            .iter()
            .filter(|line| line.answered_ns.is_none() && line.at_ns + seconds(25) <= view.now_ns)
            .find_map(|line| line.question.filter(|q| !self.answered.contains(q)))?;
        self.answered.push(question);
        Some(vec![Command::Tell(self.update(
            view,
            Audience::Responders,
            Some(question),
        ))])
    }

    /// An update with what is known by now, and nothing more.
    fn update(&self, view: &PlayerView, audience: Audience, answers: Option<u32>) -> Message {
        let mut claims = vec![
            Claim::Impact {
                kind: self.found.kind.unwrap_or(SymptomKind::Errors),
                flow: self.found.flow.clone(),
            },
            Claim::Scope {
                regions: self.found.regions.clone(),
            },
            Claim::Since {
                since_s: self.found.since_s,
            },
        ];
        let acted = !view.actions.is_empty() && self.step > Step::Act;
        let judged = self.step > Step::Test;
        if judged {
            let guilty = if self.found.caller_is_guilty {
                &self.found.caller
            } else {
                &self.found.callee
            };
            claims.push(Claim::Cause {
                component: guilty.clone(),
                known: self.good_since_ns.is_some(),
            });
        } else {
            claims.push(Claim::CauseUnknown);
        }
        if acted {
            claims.push(Claim::Mitigating);
        }
        claims.push(Claim::Workaround {
            words: "Please try again in a few minutes.".to_owned(),
        });
        let status = match (judged, self.good_since_ns) {
            (_, Some(_)) => Status::Monitoring,
            (true, None) => Status::Identified,
            _ => Status::Investigating,
        };
        Message {
            audience,
            status,
            claims,
            words: String::new(),
            next_update_min: Some(5),
            answers,
        }
    }

    fn closing(&self, audience: Audience) -> Message {
        Message {
            audience,
            status: Status::Resolved,
            claims: vec![
                Claim::Impact {
                    kind: SymptomKind::Errors,
                    flow: self.found.flow.clone(),
                },
                Claim::Scope {
                    regions: self.found.regions.clone(),
                },
                Claim::Recovered,
                Claim::DataLoss { lost: false },
                Claim::FollowUp,
            ],
            words: String::new(),
            next_update_min: None,
            answers: None,
        }
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

/// Caller, callee and whether a server saw it, of the deepest failing span.
fn failing_leaf(trace: &TraceRow) -> Option<(String, String, bool)> {
    let span = trace
        .spans
        .iter()
        .filter(|s| !s.status.is_ok() || s.abandoned)
        .max_by_key(|s| s.depth)?;
    Some((
        span.caller.clone()?,
        span.service.clone(),
        span.instance.is_some(),
    ))
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
