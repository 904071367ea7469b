//! The player's view cannot leak the truth.

use crate::common;

use brownout_scenario::compiled::Scenario;
use brownout_session::command::Look;
use brownout_session::journal::Entry;
use brownout_session::players::{Nobody, Player};
use brownout_session::reader::Reader;
use brownout_session::view::PlayerView;
use brownout_session::{Session, command::Command};

/// Words that only the scenario's author and the debrief may use.
fn secrets(scenario: &Scenario) -> Vec<String> {
    let mut secrets = vec![
        scenario.truth.name.clone(),
        scenario.truth.explanation.clone(),
    ];
    secrets.extend(
        scenario
            .records
            .iter()
            .filter_map(|record| record.key.clone()),
    );
    secrets.extend(scenario.truth.explanation.split(". ").map(str::to_owned));
    secrets
}

/// Looks at everything there is, every minute, and keeps what it saw as text.
#[derive(Default)]
struct Snoop {
    turns: u64,
    seen: Vec<String>,
}

impl Player for Snoop {
    fn ready_ns(&self, page_ns: u64) -> u64 {
        page_ns + self.turns * 60_000_000_000
    }

    fn turn(&mut self, view: &PlayerView, reader: &Reader<'_>) -> Vec<Command> {
        self.turns += 1;
        self.seen.push(format!("{view:?}"));
        for node in &view.nodes {
            self.seen.push(format!("{:?}", reader.diff(&node.service)));
            self.seen.push(format!(
                "{:?}",
                reader.logs(&node.service, None, 0, view.now_ns)
            ));
            for (version, _) in &node.versions {
                self.seen
                    .push(format!("{:?}", reader.release(&node.service, version)));
            }
        }
        for flow in &view.flows {
            self.seen.push(format!(
                "{:?}",
                reader.traces(&flow.name, None, true, 0, view.now_ns)
            ));
        }
        vec![Command::Observe(Look::Topology)]
    }
}

#[test]
fn nothing_a_player_can_read_names_the_truth() {
    for (name, truth) in [
        ("regional-gateway", 0),
        ("regional-gateway", 1),
        ("kiosk-config", 0),
        ("wallet-payments", 0),
        ("wallet-payments", 1),
        ("premiere-evening", 0),
        ("premiere-evening", 1),
        ("lunch-rush", 0),
        ("lunch-rush", 1),
        ("quiet-evening", 0),
        ("quiet-evening", 1),
        ("poisoned-stream", 0),
        ("poisoned-stream", 1),
        ("poisoned-stream", 2),
        ("slow-mornings", 0),
        ("slow-mornings", 1),
        ("slow-mornings", 2),
    ] {
        // Reading everything again and again takes longer than the run: ordinary test runs take the first truth of each.
        if truth > 0 && !common::wide() {
            continue;
        }
        let scenario = common::scenario(name, 7, Some(truth));
        let mut snoop = Snoop::default();
        let session: Session = common::play(&scenario, 7, &mut snoop);
        let all = snoop.seen.join("\n") + &format!("{:?}", session.records());
        for secret in secrets(&scenario).iter().filter(|s| !s.is_empty()) {
            assert!(
                !all.contains(secret.as_str()),
                "{name}, truth {truth}: a player could read \"{secret}\""
            );
        }
        assert!(all.contains(&scenario.title), "the views were looked at");
    }
}

/// Before the page, both truths look alike: the same commands and the same records up to the moment they part.
#[test]
fn the_truths_cannot_be_told_apart_before_the_onset() {
    let records = |truth| {
        let scenario = common::scenario("regional-gateway", 7, Some(truth));
        let until_ms = scenario.truth.onset_ns.min(20 * 60_000_000_000) / 1_000_000;
        let session = common::play(&scenario, 7, &mut Nobody);
        // World hashes cover what is planned, which differs; a player never sees them.
        let seen = session
            .records()
            .iter()
            .filter(|r| r.at_ms <= until_ms && !matches!(r.entry, Entry::World(_)));
        let seen: Vec<_> = seen.map(|r| (r.at_ms, r.entry.clone())).collect();
        assert!(!seen.is_empty(), "ordinary life has its alerts");
        seen
    };
    assert_eq!(records(0), records(1));
}
