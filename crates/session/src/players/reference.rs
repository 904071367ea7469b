//! The reference responder: works from the user's symptom to the failing call, writes two rival hypotheses with a
//! prediction that separates them, acts on the one that survives, and says so.
//!
//! It is a policy over the view: it knows no scenario, no truth and no times. Each step takes as long as a practised
//! person needs for it.

use brownout_telemetry::signal::Signal;

use super::finding::late_queues;
use super::rivals::{Trying, rivals};
use super::{Player, seconds};
use crate::command::{Action, Audience, Command, Intervention, Look, Metric, SymptomKind};
use crate::reader::Reader;
use crate::view::PlayerView;

/// Windows of looks, in seconds.
pub(super) const RECENT_S: u64 = 300;
const CHANGE_LOG_S: u64 = 1_800;
/// Looks at the users' side without a symptom, 20 s apart, after which there is none.
const QUIET_LOOKS: u32 = 4;
/// How long it watches on purpose where nobody says how long.
const WATCH_MIN: u8 = 10;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Step {
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

/// How the failing call fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Failure {
    /// No server ever saw it: the caller sends it nowhere.
    #[default]
    CallerLost,
    /// A server saw it and answered too late, or not at all.
    CalleeSlow,
    /// A server answered with an error of its own.
    CalleeFails,
}

/// What it has found so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    pub flow: String,
    pub regions: Vec<String>,
    pub kind: Option<SymptomKind>,
    pub severity: String,
    pub since_s: u64,
    /// Service that makes the failing call, and the one called.
    pub caller: String,
    pub callee: String,
    /// Change that fits, if any: its title and what was deployed.
    pub change: Option<(String, Option<String>)>,
    pub failure: Failure,
    /// Requests per second the callee normally gets here, in thousandths, and its normal p95 in microseconds.
    pub normal_rate: u64,
    pub normal_us: u64,
    pub path: Vec<String>,
    pub action: Option<Action>,
}

/// The reference responder.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    pub(super) step: Step,
    pub(super) ready_ns: u64,
    pub(super) found: Findings,
    pub(super) guilty: u32,
    pub(super) good_since_ns: Option<u64>,
    /// Where the scenario says what tells its truths apart.
    pub(super) trying: Trying,
    /// A release that was rolled back, with its service, until it is withdrawn for good.
    pub(super) rolled_back: Option<(String, String)>,
    /// Questions already answered directly.
    pub(super) answered: Vec<u32>,
    /// Looks at the users' side that showed nothing.
    quiet_looks: u32,
    /// Users notice nothing by all that was seen so far.
    pub(super) quiet: bool,
    /// Until when it watches on purpose.
    watch_until_ns: u64,
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
            return vec![Command::Tell(self.update(view, self.heard_by(), None))];
        }
        let early = self.step > Step::StateSymptom && self.step < Step::Settle;
        if self.quiet && early && self.find_symptom(view, reader) {
            // It was nothing; now it is something, and everything begins again.
            self.quiet = false;
            self.trying = Trying::default();
            self.step = Step::StateSymptom;
        }
        if let Some(commands) = self.spread(view, reader) {
            self.wait(view, 15);
            return commands;
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

    /// What was true of one region at the page may be true of more by now: then it is stated anew, before more is said.
    fn spread(&mut self, view: &PlayerView, reader: &Reader<'_>) -> Option<Vec<Command>> {
        if self.quiet || self.step <= Step::FirstMessage || self.step >= Step::Act {
            return None;
        }
        let known = self.found.clone();
        let found = self.find_symptom(view, reader);
        let here = |region: &&String| !known.regions.contains(region);
        let new: Vec<String> = self.found.regions.iter().filter(here).cloned().collect();
        if !found || self.found.kind != known.kind || new.is_empty() {
            self.found = known;
            return None;
        }
        self.found.since_s = known.since_s;
        self.found.regions = known.regions;
        self.found.regions.extend(new);
        let mut commands = vec![Command::StateSymptom(self.symptom())];
        if self.found.severity != known.severity {
            commands.push(Command::DeclareSeverity {
                severity: self.found.severity.clone(),
            });
        }
        Some(commands)
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
                    // Nothing is wrong by the figures: keep looking, touch nothing, and then say so.
                    self.quiet_looks += 1;
                    if self.quiet_looks < QUIET_LOOKS || !self.find_nothing(view) {
                        return (vec![Command::Observe(Look::Overview)], 20);
                    }
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
                let message = self.update(view, self.heard_by(), None);
                self.next(Step::LookAtChanges, vec![Command::Tell(message)], 6)
            }
            Step::LookAtChanges => {
                // Where no request fails there is no trace to read: the map shows what is busy.
                let look = if self.quiet {
                    Look::Topology
                } else {
                    Look::Changes {
                        window_s: CHANGE_LOG_S,
                    }
                };
                self.next(Step::LookAtTraces, vec![Command::Observe(look)], 15)
            }
            Step::LookAtTraces if self.quiet => {
                let look = Look::Changes {
                    window_s: CHANGE_LOG_S,
                };
                let step = if rivals(reader).is_empty() {
                    self.found.action = Some(Action::Watch { minutes: WATCH_MIN });
                    Step::Act
                } else {
                    Step::Hypothesise
                };
                self.next(step, vec![Command::Observe(look)], 20)
            }
            Step::LookAtTraces => {
                let region = self.found.regions.first().cloned();
                let look = Look::Traces {
                    flow: self.found.flow.clone(),
                    region,
                    failing: true,
                    window_s: RECENT_S,
                };
                if rivals(reader).is_empty() {
                    self.find_failing_call(view, reader);
                }
                self.next(Step::Hypothesise, vec![Command::Observe(look)], 20)
            }
            Step::Hypothesise if !rivals(reader).is_empty() => {
                // They may stand there already, from when users noticed nothing.
                let commands = if view.hypotheses.is_empty() {
                    self.write_rivals(rivals(reader))
                } else {
                    Vec::new()
                };
                let pause_s = 8 * commands.len() as u64;
                self.next(Step::Test, commands, pause_s)
            }
            Step::Hypothesise => {
                if self.found.callee.is_empty() {
                    self.step = Step::LookAtTraces;
                    return (Vec::new(), 15);
                }
                let commands = self.hypotheses(reader);
                self.next(Step::Test, commands, 8)
            }
            Step::Test if !rivals(reader).is_empty() => {
                self.test_rivals(rivals(reader), view, reader)
            }
            Step::Test => self.test(view, reader),
            Step::LookAtDiff => {
                let look = Look::Diff {
                    service: self.releaser().to_owned(),
                };
                if self.trying.chosen.is_some() {
                    self.found.action = self.next_action(reader, false);
                } else {
                    self.find_action(view, reader);
                }
                self.next(Step::Capture, vec![Command::Observe(look)], 12)
            }
            Step::Capture => {
                let replaces = self.found.action.as_ref().map(Action::replaces_processes);
                if replaces != Some(true) {
                    self.step = Step::Act;
                    return self.work(view, reader);
                }
                let action = Action::CaptureEvidence {
                    service: self.releaser().to_owned(),
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
                if let Action::Watch { minutes } = action {
                    self.watch_until_ns = view.now_ns + seconds(60 * u64::from(minutes));
                }
                if let (Action::Rollback { service, .. }, None) = (&action, self.trying.chosen) {
                    let version = self.found.change.as_ref().and_then(|c| c.1.clone());
                    self.rolled_back = version.map(|version| (service.clone(), version));
                }
                let commands = vec![self.acting(action)];
                self.found.action = self.next_action(reader, false);
                let step = if self.found.action.is_some() {
                    Step::Act
                } else {
                    Step::TellMitigating
                };
                self.next(step, commands, 12)
            }
            Step::TellMitigating => {
                let mut commands =
                    vec![Command::Tell(self.update(view, Audience::Executives, None))];
                if !self.quiet {
                    let public = self.update(view, Audience::Public, None);
                    commands.insert(0, Command::Tell(public));
                }
                self.next(Step::Watch, commands, 25)
            }
            Step::Watch => self.watch(view),
            Step::Settle => {
                let withdraw = self
                    .rolled_back
                    .take()
                    .map(|(service, version)| Action::Withdraw { service, version });
                if let Some(action) = self.next_action(reader, true).or(withdraw) {
                    // The cause goes too; then it has to hold again.
                    self.good_since_ns = None;
                    let commands = vec![self.acting(action)];
                    return self.next(Step::Watch, commands, 20);
                }
                let commands = vec![Command::Refine {
                    hypothesis: self.guilty,
                    trigger: self
                        .found
                        .change
                        .as_ref()
                        .filter(|_| self.found.failure != Failure::CalleeSlow)
                        .map(|c| c.0.clone()),
                    sustaining: Some(match self.gone_by(reader) {
                        Some(rival) => rival.sustaining.clone(),
                        None => self.mechanism().to_owned(),
                    }),
                    path: self.found.path.clone(),
                }];
                self.next(Step::Close, commands, 10)
            }
            Step::Close => {
                let mut commands = vec![Command::Tell(self.closing(Audience::Executives))];
                if !self.quiet {
                    commands.insert(0, Command::Tell(self.closing(Audience::Public)));
                }
                commands.push(Command::Resolve);
                self.next(Step::Done, commands, 1_000)
            }
            Step::Done => (Vec::new(), 1_000),
        }
    }

    pub(super) fn next(
        &mut self,
        step: Step,
        commands: Vec<Command>,
        pause_s: u64,
    ) -> (Vec<Command>, u64) {
        self.step = step;
        (commands, pause_s)
    }

    /// Whom updates go to: where users notice nothing, those who see the dashboard and nobody else.
    const fn heard_by(&self) -> Audience {
        if self.quiet {
            Audience::Executives
        } else {
            Audience::Public
        }
    }

    pub(super) fn mechanism(&self) -> &'static str {
        match self.found.failure {
            Failure::CallerLost => "missing-variable",
            Failure::CalleeSlow => "third-party-brownout",
            Failure::CalleeFails => "bad-code",
        }
    }

    /// The service whose release or configuration may be behind it.
    pub(super) fn releaser(&self) -> &str {
        match self.found.failure {
            Failure::CallerLost | Failure::CalleeSlow => &self.found.caller,
            Failure::CalleeFails => &self.found.callee,
        }
    }

    /// Watch the users' side until it has held for five minutes.
    fn watch(&mut self, view: &PlayerView) -> (Vec<Command>, u64) {
        let Some(flow) = view.main_flow() else {
            return (Vec::new(), 60);
        };
        let good = flow.regions.iter().all(|f| {
            f.success_ppm.is_none_or(|s| s >= view.objective_ppm)
                && f.p95_us.is_none_or(|p95| p95 <= flow.slow_us)
        });
        if good && late_queues(view).next().is_none() {
            let since_ns = *self.good_since_ns.get_or_insert(view.now_ns);
            if view.now_ns - since_ns >= seconds(300) && view.now_ns >= self.watch_until_ns {
                self.step = Step::Settle;
            }
        } else {
            self.good_since_ns = None;
        }
        let region = self.found.regions.first().map(String::as_str);
        let signal = match self.found.kind {
            Some(SymptomKind::Slowness) => Signal::LatencyP95,
            _ => Signal::SuccessShare,
        };
        let metric = Metric::flow(signal, &self.found.flow, region);
        (
            vec![Command::Observe(Look::Metric {
                metric,
                window_s: RECENT_S,
            })],
            40,
        )
    }
}
