//! What the reference responder says: what is known by then, and nothing more.

use super::reference::{Failure, Reference, Step};
use super::seconds;
use crate::command::{Audience, Claim, Command, Message, Status, Symptom, SymptomKind, Trend};
use crate::view::PlayerView;

impl Reference {
    pub(super) fn symptom(&self) -> Symptom {
        Symptom {
            kind: self.found.kind.unwrap_or(SymptomKind::Errors),
            flow: self.found.flow.clone(),
            regions: self.found.regions.clone(),
            since_s: self.found.since_s,
            severity: self.found.severity.clone(),
            trend: Trend::Steady,
        }
    }

    pub(super) fn update_is_due(&self, view: &PlayerView) -> bool {
        self.step < Step::Close
            && view
                .update_due_ns
                .is_some_and(|due| due <= view.now_ns + seconds(45))
    }

    pub(super) fn answer(&mut self, view: &PlayerView) -> Option<Vec<Command>> {
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
    pub(super) fn update(
        &self,
        view: &PlayerView,
        audience: Audience,
        answers: Option<u32>,
    ) -> Message {
        let mut claims = vec![
            Claim::Impact {
                kind: self.found.kind.unwrap_or(SymptomKind::Errors),
                flow: self.found.flow.clone(),
            },
            Claim::Scope {
                regions: self.found.regions.clone(),
            },
        ];
        if !self.quiet {
            claims.push(Claim::Since {
                since_s: self.found.since_s,
            });
        }
        let acted = !view.actions.is_empty() && self.step > Step::Act;
        let judged = self.step > Step::Test;
        if judged {
            let guilty = if self.found.failure == Failure::CallerLost {
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
        match (acted, self.quiet) {
            (true, true) => claims.push(Claim::Watching),
            (true, false) => claims.push(Claim::Mitigating),
            (false, _) => {}
        }
        if !self.quiet {
            claims.push(Claim::Workaround {
                words: "Please try again in a few minutes.".to_owned(),
            });
        }
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

    pub(super) fn closing(&self, audience: Audience) -> Message {
        Message {
            audience,
            status: Status::Resolved,
            claims: vec![
                Claim::Impact {
                    kind: if self.quiet {
                        SymptomKind::NoImpact
                    } else {
                        self.found.kind.unwrap_or(SymptomKind::Errors)
                    },
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
