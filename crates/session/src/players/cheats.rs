//! Lazy strategies that a good score must not reward, and scripted moves for tests.

use brownout_sim::blueprint::ServiceKind;

use super::{Player, seconds};
use crate::command::{Action, Command, Intervention};
use crate::reader::Reader;
use crate::view::PlayerView;

/// Time from the page to a cheat's first move, and between its moves.
const FIRST_NS: u64 = seconds(30);
const EACH_NS: u64 = seconds(15);

fn act(action: Action) -> Command {
    Command::Act(Intervention {
        action,
        serves: None,
        price_accepted: false,
    })
}

/// Restarts every service, front to back.
#[derive(Clone, Debug, Default)]
pub struct RestartAll {
    moves: usize,
}

impl Player for RestartAll {
    fn ready_ns(&self, page_ns: u64) -> u64 {
        page_ns + FIRST_NS + EACH_NS * self.moves as u64
    }

    fn turn(&mut self, view: &PlayerView, _reader: &Reader<'_>) -> Vec<Command> {
        let mut services: Vec<(u16, &str)> = view
            .nodes
            .iter()
            .filter(|node| node.kind != ServiceKind::ThirdParty)
            .map(|node| (node.rank, node.service.as_str()))
            .collect();
        services.sort_unstable();
        services.dedup();
        let service = services.get(self.moves);
        self.moves += 1;
        service
            .map(|(_, name)| {
                act(Action::Restart {
                    service: (*name).to_owned(),
                    region: None,
                })
            })
            .into_iter()
            .collect()
    }
}

/// Rolls back everything the change log says was deployed, newest first.
#[derive(Clone, Debug, Default)]
pub struct RollbackAll {
    moves: usize,
}

impl Player for RollbackAll {
    fn ready_ns(&self, page_ns: u64) -> u64 {
        page_ns + FIRST_NS + EACH_NS * self.moves as u64
    }

    fn turn(&mut self, view: &PlayerView, _reader: &Reader<'_>) -> Vec<Command> {
        let mut services: Vec<&str> = Vec::new();
        for change in view
            .changes
            .iter()
            .rev()
            .filter(|c| c.version.is_some() && !c.own)
        {
            if let Some(service) = change.service.as_deref()
                && !services.contains(&service)
            {
                services.push(service);
            }
        }
        let service = services.get(self.moves);
        self.moves += 1;
        service
            .map(|name| {
                act(Action::Rollback {
                    service: (*name).to_owned(),
                    region: None,
                })
            })
            .into_iter()
            .collect()
    }
}

/// Gives commands at set times after the page.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    /// Nanoseconds after the page, and the command; in the order of time.
    pub script: Vec<(u64, Command)>,
    /// Position of the next one.
    pub next: usize,
}

/// How long after the page [`Scripted::actions`] begin, and how long after each other, in seconds: a practised person
/// who already knows.
const KNOWING_S: u64 = 120;
const KNOWING_EACH_S: u64 = 15;

impl Scripted {
    /// These actions, from two minutes after the page on, a quarter of a minute apart, and nothing else.
    #[must_use]
    pub fn actions(actions: &[Action]) -> Self {
        let command = |(index, action): (u64, &Action)| {
            let intervention = Intervention {
                action: action.clone(),
                serves: None,
                price_accepted: true,
            };
            let after_ns = seconds(KNOWING_S + index * KNOWING_EACH_S);
            (after_ns, Command::Act(intervention))
        };
        Self {
            script: (0..).zip(actions).map(command).collect(),
            next: 0,
        }
    }

    /// A single action so many seconds after the page.
    #[must_use]
    pub fn action(after_s: u64, action: Action) -> Self {
        Self {
            script: vec![(seconds(after_s), act(action))],
            next: 0,
        }
    }
}

impl Player for Scripted {
    fn ready_ns(&self, page_ns: u64) -> u64 {
        self.script
            .get(self.next)
            .map_or(u64::MAX, |(after_ns, _)| page_ns + after_ns)
    }

    fn turn(&mut self, _view: &PlayerView, _reader: &Reader<'_>) -> Vec<Command> {
        let command = self
            .script
            .get(self.next)
            .map(|(_, command)| command.clone());
        self.next += 1;
        command.into_iter().collect()
    }
}
