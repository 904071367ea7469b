//! What the reference responder believes, what it expects to see if it is right, and how it decides.

use brownout_telemetry::signal::Signal;

use super::reference::{Failure, RECENT_S, Reference, Step};
use super::seconds;
use crate::command::{Command, Expect, Look, NewHypothesis, Prediction, Verdict};
use crate::reader::Reader;
use crate::view::PlayerView;

/// Share of a service's own errors from which they are not chance.
const OWN_ERRORS_PPM: u64 = 20_000;

impl Reference {
    /// Two rival hypotheses, each with predictions the other would not make.
    pub(super) fn hypotheses(&mut self, reader: &Reader<'_>) -> Vec<Command> {
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
                versus: None,
                window_s: 60,
                within_s: 180,
            };
            vec![
                row(Signal::Rate, self.found.normal_rate / 2),
                row(Signal::LatencyP95, self.found.normal_us * 2),
            ]
        };
        let trigger = self.found.change.as_ref().map(|(title, _)| title.clone());
        let failure = self.found.failure;
        // A callee that fails by itself says so in its own error rate; one that is never reached has none.
        let errors = |expect| Prediction {
            metric: self.at_callee(Signal::ErrorShare),
            expect,
            threshold: OWN_ERRORS_PPM,
            versus: None,
            window_s: 60,
            within_s: 180,
        };
        let mut caller_predicts = predictions(Expect::AtMost);
        let (callee_predicts, callee_trigger) = match failure {
            Failure::CalleeFails => {
                caller_predicts.push(errors(Expect::AtMost));
                (vec![errors(Expect::Above)], trigger.clone())
            }
            _ => (predictions(Expect::Above), None),
        };
        let caller = NewHypothesis {
            suspect: self.found.caller.clone(),
            mechanism: "missing-variable".to_owned(),
            regions: self.found.regions.clone(),
            trigger,
            predictions: caller_predicts,
            confidence: if failure == Failure::CallerLost {
                60
            } else {
                25
            },
        };
        let callee = NewHypothesis {
            suspect: self.found.callee.clone(),
            mechanism: match failure {
                Failure::CalleeFails => "bad-code",
                _ => "third-party-brownout",
            }
            .to_owned(),
            regions: self.found.regions.clone(),
            trigger: callee_trigger,
            predictions: callee_predicts,
            confidence: if failure == Failure::CallerLost {
                25
            } else {
                60
            },
        };
        vec![Command::Hypothesise(caller), Command::Hypothesise(callee)]
    }

    /// Look at what was predicted and judge by it.
    pub(super) fn test(&mut self, view: &PlayerView, reader: &Reader<'_>) -> (Vec<Command>, u64) {
        let errors = reader.read(&self.at_callee(Signal::ErrorShare), seconds(60));
        let slow = reader.read(&self.at_callee(Signal::LatencyP95), seconds(60));
        let fails = self.found.failure == Failure::CalleeFails
            && errors.is_some_and(|share| share > OWN_ERRORS_PPM);
        // A callee that nobody reaches has no latency at all; one that is slow shows it.
        self.found.failure = if fails {
            Failure::CalleeFails
        } else if slow.is_none_or(|us| us <= self.found.normal_us * 2) {
            Failure::CallerLost
        } else {
            Failure::CalleeSlow
        };
        let callers = self.found.failure == Failure::CallerLost;
        self.guilty = u32::from(!callers);
        let other = u32::from(callers);
        // The look gets the number after the last journal entry the view knows; attach it a turn later by asking the
        // view for the newest look instead of guessing.
        let seen = view.looks.last().map(|(seq, _, _)| *seq);
        let look = |signal| {
            Command::Observe(Look::Metric {
                metric: self.at_callee(signal),
                window_s: RECENT_S,
            })
        };
        let telling = if fails {
            Signal::ErrorShare
        } else {
            Signal::LatencyP95
        };
        let mut commands = vec![look(Signal::Rate), look(telling)];
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
}
