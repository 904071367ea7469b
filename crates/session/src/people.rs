//! Simulated people: they ask, wait, grow impatient, and answer when asked.

use brownout_scenario::compiled::{Person, PersonRole, Scenario, Topic};

use crate::command::{Audience, Claim, Message};
use crate::desk::Stamp;
use crate::event::Event;

/// A question somebody asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Position of the person in the scenario.
    pub person: usize,
    /// When and which entry.
    pub stamp: Stamp,
    /// Words.
    pub text: String,
    /// What a good answer contains.
    pub wants: Vec<Topic>,
    /// When patience ends.
    pub patience_ends_ns: u64,
    /// When it was answered, and by which message.
    pub answered: Option<Stamp>,
    /// Whether the answer had what was wanted.
    pub satisfied: bool,
    /// Patience has ended without an answer.
    pub impatient: bool,
}

/// All people of a session.
#[derive(Clone, Debug, Default)]
pub struct Crowd {
    /// Questions asked so far.
    pub asked: Vec<Asked>,
    /// Per person: how many of their questions were asked.
    next: Vec<usize>,
    /// Per person: when they were paged.
    pub paged: Vec<Option<u64>>,
    /// Answers on their way: when, person.
    answers: Vec<(u64, usize)>,
    /// What people said: when, person, words.
    pub said: Vec<(u64, usize, String)>,
}

impl Crowd {
    /// Everybody of a scenario, silent so far.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            next: vec![0; scenario.people.len()],
            paged: vec![None; scenario.people.len()],
            ..Self::default()
        }
    }

    /// What people say at a moment after the page.
    pub fn beat(
        &mut self,
        scenario: &Scenario,
        page_ns: u64,
        now_ns: u64,
        next_seq: u64,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        for (index, person) in scenario.people.iter().enumerate() {
            while let Some(question) = person.asks.get(self.next[index]) {
                if page_ns + question.after_ns > now_ns {
                    break;
                }
                self.next[index] += 1;
                let number = u32::try_from(self.asked.len()).unwrap_or(u32::MAX);
                self.asked.push(Asked {
                    person: index,
                    stamp: Stamp {
                        at_ns: now_ns,
                        seq: next_seq + events.len() as u64,
                    },
                    text: question.text.clone(),
                    wants: question.wants.clone(),
                    patience_ends_ns: now_ns + person.patience_ns,
                    answered: None,
                    satisfied: false,
                    impatient: false,
                });
                events.push(Event::Asked {
                    question: number,
                    person: person.name.clone(),
                    text: question.text.clone(),
                });
            }
        }
        for (number, asked) in self.asked.iter_mut().enumerate() {
            if asked.answered.is_none() && !asked.impatient && asked.patience_ends_ns <= now_ns {
                asked.impatient = true;
                events.push(Event::Impatient {
                    question: u32::try_from(number).unwrap_or(u32::MAX),
                    person: scenario.people[asked.person].name.clone(),
                });
            }
        }
        let due: Vec<_> = self
            .answers
            .iter()
            .copied()
            .filter(|(at, _)| *at <= now_ns)
            .collect();
        self.answers.retain(|(at, _)| *at > now_ns);
        for (_, index) in due {
            let person = &scenario.people[index];
            let text = if person.says.is_empty() {
                "Nothing unusual on our side that I can see.".to_owned()
            } else {
                person.says.join(" ")
            };
            self.said.push((now_ns, index, text.clone()));
            events.push(Event::Said {
                person: person.name.clone(),
                text,
            });
        }
        events
    }

    /// Page somebody. Returns when the answer will come.
    pub fn page(&mut self, person: usize, delay_ns: u64, now_ns: u64) -> u64 {
        self.paged[person] = Some(now_ns);
        self.answers.push((now_ns + delay_ns, person));
        now_ns + delay_ns
    }

    /// A message went out: which open questions it answers.
    pub fn hear(&mut self, scenario: &Scenario, message: &Message, stamp: Stamp) -> Vec<Event> {
        let mut events = Vec::new();
        for (number, asked) in self.asked.iter_mut().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let person = &scenario.people[asked.person];
            let direct = message.answers == Some(number);
            let covers = asked.wants.iter().all(|topic| contains(message, *topic));
            if asked.answered.is_none() && (direct || (covers && reaches(message.audience, person)))
            {
                asked.answered = Some(stamp);
                asked.satisfied = covers;
                events.push(Event::Answered { question: number });
            }
        }
        events
    }
}

/// Whether a person hears messages of an audience.
fn reaches(audience: Audience, person: &Person) -> bool {
    match person.role {
        PersonRole::SupportLead | PersonRole::CustomerSuccess => audience == Audience::Public,
        PersonRole::Executive => audience == Audience::Executives,
        PersonRole::ServiceOwner | PersonRole::ProviderSupport => audience == Audience::Responders,
    }
}

/// Whether a message says something about a topic.
#[must_use]
pub fn contains(message: &Message, topic: Topic) -> bool {
    match topic {
        Topic::NextUpdate => message.next_update_min.is_some(),
        _ => message
            .claims
            .iter()
            .any(|claim| topic_of(claim) == Some(topic)),
    }
}

/// Topic of a claim (C4).
#[must_use]
pub const fn topic_of(claim: &Claim) -> Option<Topic> {
    match claim {
        Claim::Impact { .. } | Claim::Recovered | Claim::DataLoss { .. } => Some(Topic::Impact),
        Claim::Scope { .. } | Claim::Since { .. } => Some(Topic::Scope),
        Claim::Cause { .. } | Claim::CauseUnknown => Some(Topic::Cause),
        Claim::Mitigating | Claim::Watching | Claim::Workaround { .. } => Some(Topic::Action),
        Claim::Figure { .. } | Claim::FollowUp => None,
    }
}
