//! Writing an update: the player's own statements as slots, what was pinned, a few free words, a promise.

mod fields;
mod pinned;

use brownout_session::command::{Audience, Claim, Message, Status};
use brownout_session::view::PlayerView;

pub use fields::ui;
pub use pinned::{Figure, Quote};

/// Longest free text.
const WORDS: usize = 140;

/// What is said of the cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// Nothing.
    #[default]
    Unsaid,
    /// That it is unknown.
    Unknown,
    /// The chosen hypothesis' suspect, as suspected.
    Suspected,
    /// The same, as known.
    Known,
}

/// A message being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composer {
    /// Whom it is for.
    pub audience: Audience,
    /// Status.
    pub status: Status,
    /// What users feel, as stated.
    pub impact: bool,
    /// Where, as stated.
    pub scope: bool,
    /// Since when, as stated.
    pub since: bool,
    /// Cause.
    pub cause: Cause,
    /// Something is being done.
    pub mitigating: bool,
    /// What users can do meanwhile.
    pub workaround: Option<String>,
    /// Users are served again.
    pub recovered: bool,
    /// Whether work was lost, if said.
    pub data_loss: Option<bool>,
    /// A review will follow.
    pub follow_up: bool,
    /// Free words.
    pub words: String,
    /// Minutes until the next update.
    pub promise: Option<u32>,
    /// Question it answers.
    pub answers: Option<u32>,
}

impl Default for Composer {
    fn default() -> Self {
        Self {
            audience: Audience::Public,
            status: Status::Investigating,
            impact: false,
            scope: false,
            since: false,
            cause: Cause::Unsaid,
            mitigating: false,
            workaround: None,
            recovered: false,
            data_loss: None,
            follow_up: false,
            words: String::new(),
            promise: None,
            answers: None,
        }
    }
}

impl Composer {
    /// A new message on from the last one: audience, status and promise stay, statements are made anew.
    #[must_use]
    pub fn after(view: &PlayerView, answers: Option<u32>) -> Self {
        let last = view.messages.last().map(|(_, message)| message);
        Self {
            audience: last.map_or(Audience::Public, |message| message.audience),
            status: view.status.unwrap_or(Status::Investigating),
            promise: last.and_then(|message| message.next_update_min),
            answers,
            ..Self::default()
        }
    }

    /// The message: only what the player switched on, from what the player stated.
    #[must_use]
    pub fn message(&self, view: &PlayerView, suspect: Option<&str>, figures: &[Figure]) -> Message {
        let mut claims = Vec::new();
        if let Some(stated) = &view.symptom {
            if self.impact {
                claims.push(Claim::Impact {
                    kind: stated.kind,
                    flow: stated.flow.clone(),
                });
            }
            if self.scope {
                let regions = if stated.regions.is_empty() {
                    view.regions.clone()
                } else {
                    stated.regions.clone()
                };
                claims.push(Claim::Scope { regions });
            }
            if self.since {
                claims.push(Claim::Since {
                    since_s: stated.since_s,
                });
            }
        }
        claims.extend(
            figures
                .iter()
                .filter(|f| f.said)
                .map(|figure| Claim::Figure {
                    metric: figure.metric.clone(),
                    value: figure.value,
                }),
        );
        match (self.cause, suspect) {
            (Cause::Unknown, _) => claims.push(Claim::CauseUnknown),
            (Cause::Suspected | Cause::Known, Some(component)) => claims.push(Claim::Cause {
                component: component.to_owned(),
                known: self.cause == Cause::Known,
            }),
            _ => {}
        }
        if self.mitigating {
            claims.push(Claim::Mitigating);
        }
        if let Some(words) = &self.workaround {
            claims.push(Claim::Workaround {
                words: words.clone(),
            });
        }
        if self.recovered {
            claims.push(Claim::Recovered);
        }
        if let Some(lost) = self.data_loss {
            claims.push(Claim::DataLoss { lost });
        }
        if self.follow_up {
            claims.push(Claim::FollowUp);
        }
        Message {
            audience: self.audience,
            status: self.status,
            claims,
            words: self.words.chars().take(WORDS).collect(),
            next_update_min: self.promise,
            answers: self.answers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;
    use brownout_session::command::{Metric, Symptom, SymptomKind, Trend};
    use brownout_telemetry::signal::Signal;

    fn view() -> PlayerView {
        PlayerView {
            symptom: Some(Symptom {
                kind: SymptomKind::Errors,
                flow: "checkout".to_owned(),
                regions: vec!["eu-west".to_owned()],
                since_s: 900,
                severity: "SEV-2".to_owned(),
                trend: Trend::Worse,
            }),
            ..sample::calm()
        }
    }

    #[test]
    fn nothing_is_said_that_was_not_switched_on() {
        let message = Composer::default().message(&view(), Some("payments"), &[]);
        assert!(message.claims.is_empty());
        assert_eq!(message.next_update_min, None);
    }

    #[test]
    fn slots_say_what_the_player_stated() {
        let figure = Figure {
            metric: Metric::flow(Signal::ErrorShare, "checkout", Some("eu-west")),
            value: 380_000,
            said: true,
        };
        let composer = Composer {
            impact: true,
            scope: true,
            since: true,
            cause: Cause::Suspected,
            mitigating: true,
            data_loss: Some(false),
            words: "x".repeat(200),
            promise: Some(10),
            answers: Some(3),
            ..Composer::default()
        };
        let message = composer.message(&view(), Some("payments"), std::slice::from_ref(&figure));
        assert_eq!(message.claims.len(), 7);
        assert!(message.claims.contains(&Claim::Since { since_s: 900 }));
        assert!(message.claims.contains(&Claim::Cause {
            component: "payments".to_owned(),
            known: false
        }));
        assert!(message.claims.contains(&Claim::Figure {
            metric: figure.metric,
            value: 380_000
        }));
        assert_eq!(message.words.len(), 140);
        assert_eq!(message.answers, Some(3));
    }
}
