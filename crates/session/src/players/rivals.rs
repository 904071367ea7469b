//! The reference responder where a scenario says what tells its truths apart.
//!
//! A practised person thinks of several causes and knows for each which reading would give it away. The responder has
//! every truth a scenario might have, and does not know which one holds: it writes all down as rivals, looks at what each
//! predicts, and goes by the readings.

use brownout_scenario::compiled::{Rival, Sign, SignSignal};
use brownout_telemetry::signal::Signal;

use super::reference::{Failure, RECENT_S, Reference, Step};
use super::seconds;
use crate::command::{
    Action, Command, Expect, Intervention, Look, Metric, NewHypothesis, Prediction, Verdict,
};
use crate::reader::Reader;
use crate::view::PlayerView;

/// Window over which a sign is read.
const WINDOW_S: u64 = 60;
/// Rivals held at a time: more than a few nobody keeps apart.
const MOST: usize = 4;
/// Times the readings are taken again before the best so far has to do.
const TRIES: u32 = 4;

/// What is held of the rivals so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Trying {
    /// How often the readings were taken.
    tries: u32,
    /// Position of the one gone by, once there is one.
    pub chosen: Option<usize>,
    /// Actions of the containment begun, and of the correction.
    contained: usize,
    fixed: usize,
}

/// The rivals of a session; none where its truths have no signs.
pub(super) fn rivals<'r>(reader: &'r Reader<'_>) -> &'r [Rival] {
    let all = &reader.session().scenario().rivals;
    let known = all.iter().all(|rival| !rival.signs.is_empty());
    if known {
        &all[..all.len().min(MOST)]
    } else {
        &[]
    }
}

fn metric(sign: &Sign) -> Metric {
    let signal = match sign.signal {
        SignSignal::Rate => Signal::Rate,
        SignSignal::SuccessShare => Signal::SuccessShare,
        SignSignal::ErrorShare => Signal::ErrorShare,
        SignSignal::SlowShare => Signal::SlowShare,
        SignSignal::LatencyP50 => Signal::LatencyP50,
        SignSignal::LatencyP95 => Signal::LatencyP95,
        SignSignal::LatencyP99 => Signal::LatencyP99,
        SignSignal::Saturation => Signal::Saturation,
        SignSignal::QueueDepth => Signal::QueueDepth,
        SignSignal::QueueAge => Signal::QueueAge,
        SignSignal::DeadLetters => Signal::DeadLetters,
        SignSignal::Cpu => Signal::Cpu,
        SignSignal::ReadyInstances => Signal::ReadyInstances,
    };
    Metric {
        signal,
        flow: sign.flow.clone(),
        service: sign.service.clone(),
        callee: sign.callee.clone(),
        region: sign.region.clone(),
        version: sign.version.clone(),
    }
}

fn shows(sign: &Sign, reader: &Reader<'_>) -> bool {
    // What has no reading, such as the duration of calls nobody makes, is above nothing.
    let reading = reader.read(&metric(sign), seconds(WINDOW_S));
    if sign.above {
        reading.is_some_and(|reading| reading > sign.threshold)
    } else {
        reading.is_none_or(|reading| reading <= sign.threshold)
    }
}

fn prediction(sign: &Sign) -> Prediction {
    Prediction {
        metric: metric(sign),
        expect: if sign.above {
            Expect::Above
        } else {
            Expect::AtMost
        },
        threshold: sign.threshold,
        versus: None,
        window_s: WINDOW_S,
        within_s: 180,
    }
}

impl Reference {
    /// All rivals, alike in confidence, with something left over for what nobody has thought of.
    pub(super) fn write_rivals(&mut self, rivals: &[Rival]) -> Vec<Command> {
        let each = u8::try_from(80 / rivals.len().max(1)).unwrap_or(80);
        let written = |rival: &Rival| {
            Command::Hypothesise(NewHypothesis {
                suspect: rival.component.clone(),
                mechanism: rival.mechanism.clone(),
                regions: self.found.regions.clone(),
                trigger: rival.trigger.clone(),
                predictions: rival.signs.iter().map(prediction).collect(),
                confidence: each,
            })
        };
        rivals.iter().map(written).collect()
    }

    /// Look at what the rivals predict and go by it. Nothing is decided while none of them shows all its signs, or two do,
    /// unless that goes on for too long.
    pub(super) fn test_rivals(
        &mut self,
        rivals: &[Rival],
        view: &PlayerView,
        reader: &Reader<'_>,
    ) -> (Vec<Command>, u64) {
        let seen = |rival: &Rival| {
            let shown = rival
                .signs
                .iter()
                .filter(|sign| shows(sign, reader))
                .count();
            shown * 1_000 / rival.signs.len().max(1)
        };
        let shares: Vec<usize> = rivals.iter().map(seen).collect();
        let mut looks: Vec<Metric> = Vec::new();
        for sign in rivals.iter().flat_map(|rival| &rival.signs) {
            let about = metric(sign);
            if !looks.contains(&about) {
                looks.push(about);
            }
        }
        let mut commands: Vec<Command> = looks
            .into_iter()
            .map(|metric| {
                Command::Observe(Look::Metric {
                    metric,
                    window_s: RECENT_S,
                })
            })
            .collect();
        let pause_s = 6 * commands.len() as u64;
        self.trying.tries += 1;
        let best = shares.iter().copied().max().unwrap_or(0);
        let first = shares.iter().position(|share| *share == best).unwrap_or(0);
        let clear = best == 1_000 && shares.iter().filter(|share| **share == best).count() == 1;
        if !clear && self.trying.tries < TRIES {
            return (commands, pause_s + 20);
        }
        let rival = &rivals[first];
        self.trying.chosen = Some(first);
        self.guilty = u32::try_from(first).unwrap_or(0);
        // What is said of the cause is said of the component found guilty.
        self.found.failure = Failure::CalleeFails;
        self.found.callee.clone_from(&rival.component);
        self.found.caller.clone_from(&rival.component);
        self.found.path.clone_from(&rival.path);
        self.found.change = rival.trigger.clone().map(|title| (title, None));
        if let Some((observed, _, _)) = view.looks.last() {
            commands.push(Command::AttachEvidence {
                hypothesis: self.guilty,
                observed: *observed,
                supports: true,
            });
        }
        for other in 0..u32::try_from(rivals.len()).unwrap_or(0) {
            let (percent, verdict) = if other == self.guilty {
                (90, Verdict::Supported)
            } else {
                (3, Verdict::Refuted)
            };
            commands.push(Command::SetConfidence {
                hypothesis: other,
                percent,
            });
            commands.push(Command::Judge {
                hypothesis: other,
                verdict,
            });
        }
        self.next(Step::LookAtDiff, commands, pause_s)
    }

    /// The rival gone by.
    pub(super) fn gone_by<'r>(&self, reader: &'r Reader<'_>) -> Option<&'r Rival> {
        rivals(reader).get(self.trying.chosen?)
    }

    /// The next action of the containment, or of the correction once that is done.
    pub(super) fn next_action(&mut self, reader: &Reader<'_>, fixes: bool) -> Option<Action> {
        let rival = self.gone_by(reader)?;
        let (variants, done) = if fixes {
            (&rival.fix, self.trying.fixed)
        } else {
            (&rival.contain, self.trying.contained)
        };
        let action = variants.first()?.get(done)?.clone();
        if fixes {
            self.trying.fixed += 1;
        } else {
            self.trying.contained += 1;
        }
        Some(action)
    }

    pub(super) fn acting(&self, action: Action) -> Command {
        Command::Act(Intervention {
            action,
            serves: Some(self.guilty),
            price_accepted: true,
        })
    }
}
