//! Writing an update: the player's own statements as slots, what was pinned, a few free words, a promise.

mod fields;
mod pinned;

use brownout_scenario::compiled::PersonRole;
use brownout_session::command::{Audience, Claim, Message, Status, SymptomKind};
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
            audience: answers
                .and_then(|number| asker(view, number))
                .or_else(|| last.map(|message| message.audience))
                .unwrap_or(Audience::Public),
            status: view.status.unwrap_or(Status::Investigating),
            promise: last.and_then(|message| message.next_update_min),
            answers,
            ..Self::default()
        }
    }

    /// Says again what the last message said: the same statements with what is stated now. A cause is said anew only of
    /// the suspect at hand.
    pub fn repeat(&mut self, view: &PlayerView, suspect: Option<&str>, figures: &mut [Figure]) {
        let Some((_, last)) = view.messages.last() else {
            return;
        };
        for claim in &last.claims {
            match claim {
                Claim::Impact { .. } => self.impact = true,
                Claim::Scope { .. } => self.scope = true,
                Claim::Since { .. } => self.since = true,
                Claim::Figure { metric, .. } => {
                    for figure in figures.iter_mut().filter(|f| f.metric == *metric) {
                        figure.said = true;
                    }
                }
                Claim::Cause { component, known } if suspect == Some(component) => {
                    self.cause = if *known {
                        Cause::Known
                    } else {
                        Cause::Suspected
                    };
                }
                Claim::Cause { .. } => {}
                Claim::CauseUnknown => self.cause = Cause::Unknown,
                Claim::Mitigating | Claim::Watching => self.mitigating = true,
                Claim::Workaround { words } => self.workaround = Some(words.clone()),
                Claim::Recovered => self.recovered = true,
                Claim::DataLoss { lost } => self.data_loss = Some(*lost),
                Claim::FollowUp => self.follow_up = true,
            }
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
                let regions = if stated.kind == SymptomKind::NoImpact {
                    Vec::new()
                } else if stated.regions.is_empty() {
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
            claims.push(if view.only_watched {
                Claim::Watching
            } else {
                Claim::Mitigating
            });
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

/// Whom an answer to a question goes to: by the role of who asked it.
fn asker(view: &PlayerView, number: u32) -> Option<Audience> {
    let asked = view
        .talk
        .iter()
        .find(|talk| talk.question == Some(number))?;
    let person = view.people.iter().find(|of| of.name == asked.person)?;
    Some(match person.role {
        PersonRole::Executive => Audience::Executives,
        PersonRole::SupportLead | PersonRole::CustomerSuccess => Audience::Public,
        PersonRole::ServiceOwner | PersonRole::ProviderSupport => Audience::Responders,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;
    use brownout_session::command::{Metric, Symptom, Trend};
    use brownout_session::view::{PersonView, TalkView};
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

    /// An answer goes to who asked, whoever was told something last.
    #[test]
    fn an_answer_goes_to_who_asked() {
        for (role, audience) in [
            (PersonRole::Executive, Audience::Executives),
            (PersonRole::SupportLead, Audience::Public),
            (PersonRole::ServiceOwner, Audience::Responders),
        ] {
            let view = PlayerView {
                people: vec![PersonView {
                    name: "Mara".to_owned(),
                    role,
                    owns: None,
                    paged: false,
                }],
                talk: vec![TalkView {
                    at_ns: 0,
                    person: "Mara".to_owned(),
                    text: String::new(),
                    question: Some(4),
                    answered_ns: None,
                    patience_ends_ns: None,
                }],
                ..view()
            };
            assert_eq!(Composer::after(&view, Some(4)).audience, audience);
            assert_eq!(Composer::after(&view, None).audience, Audience::Public);
        }
    }

    #[test]
    fn the_last_statements_are_said_again_with_one_key() {
        let first = Composer {
            impact: true,
            since: true,
            cause: Cause::Suspected,
            data_loss: Some(false),
            ..Composer::default()
        };
        let mut view = view();
        let said = first.message(&view, Some("payments"), &[]);
        view.messages = vec![(0, said.clone())];
        let mut again = Composer::after(&view, None);
        assert!(again.message(&view, Some("payments"), &[]).says_nothing());
        again.repeat(&view, Some("payments"), &mut []);
        let message = again.message(&view, Some("payments"), &[]);
        assert_eq!(message.claims, said.claims);
        let mut other = Composer::after(&view, None);
        other.repeat(&view, Some("catalog"), &mut []);
        let message = other.message(&view, Some("catalog"), &[]);
        assert_eq!(message.claims.len(), 3, "no cause nobody suspects any more");
    }

    /// Whoever touches nothing mitigates nothing.
    #[test]
    fn a_watch_is_told_as_a_watch() {
        let composer = Composer {
            mitigating: true,
            ..Composer::default()
        };
        for (only_watched, claim) in [(true, Claim::Watching), (false, Claim::Mitigating)] {
            let view = PlayerView {
                only_watched,
                ..view()
            };
            assert_eq!(composer.message(&view, None, &[]).claims, [claim]);
        }
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
