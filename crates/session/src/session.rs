//! A session: a world, what is recorded of it, people, and a player's desk, advancing together.
//!
//! A run is (scenario, seed, commands): everything here follows from those, in simulated time alone.

use std::sync::Arc;

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::{MILLISECOND_NS, MINUTE_NS, SECOND_NS};
use brownout_sim::world::{Abort, FlowCounts, Imbalance, Progress, World};
use brownout_telemetry::Recorder;
use brownout_telemetry::changes::ChangeEntry;
use brownout_telemetry::recorder::{SCRAPE_NS, Volume};

use crate::claims::Facts;
use crate::command::Command;
use crate::cost::Cost;
use crate::desk::{Desk, Stamp};
use crate::event::{EndReason, Event};
use crate::harm::snapshot;
use crate::journal::{Entry, FORMAT, Header, Record};
use crate::people::Crowd;
use crate::pulse::Pulse;
pub use crate::refused::Refused;
use crate::rules;
use crate::whatif::Fork;

/// Time between beats: when people, running actions and predictions are looked after.
const BEAT_NS: u64 = SECOND_NS;
/// Time between world hashes in the journal.
const HASH_NS: u64 = 10 * SECOND_NS;

/// The page.
#[derive(Clone, Debug)]
pub struct Page {
    /// When and which entry.
    pub stamp: Stamp,
    /// Text.
    pub text: String,
    /// Region it names.
    pub region: Option<String>,
    /// Flow it names.
    pub flow: Option<String>,
}

/// An incident being run.
#[derive(Debug)]
pub struct Session {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) header: Header,
    pub(crate) world: World,
    pub(crate) recorder: Recorder,
    pub(crate) desk: Desk,
    pub(crate) crowd: Crowd,
    pub(crate) page: Option<Page>,
    pub(crate) pulse: Pulse,
    pub(crate) cost: Cost,
    pub(crate) onset: Option<Vec<FlowCounts>>,
    pub(crate) fork: Option<Fork>,
    pub(crate) records: Vec<Record>,
    pub(crate) ended: Option<(Stamp, EndReason)>,
    pub(crate) alerts_seen: usize,
}

impl Session {
    /// A session at simulated time 0.
    #[must_use]
    pub fn new(scenario: Arc<Scenario>, seed: u64) -> Self {
        let header = Header {
            format: FORMAT,
            physics: brownout_sim::PHYSICS_VERSION,
            scenario: scenario.name.clone(),
            scenario_hash: format!("{:016x}", scenario.hash),
            seed,
            forced_truth: None,
            player: "person".to_owned(),
        };
        Self::with_header(scenario, header)
    }

    /// A session as a journal's header describes it.
    #[must_use]
    pub fn with_header(scenario: Arc<Scenario>, header: Header) -> Self {
        let blueprint = &scenario.blueprint;
        let mut recorder = Recorder::new(blueprint, rules::of(&scenario));
        for (index, record) in scenario.records.iter().enumerate() {
            let entry = ChangeEntry {
                at_ns: record.at_ns,
                kind: record.kind,
                title: record.title.clone(),
                by: record.by.clone(),
                detail: record.detail.clone(),
                service: record.service,
                version: record.version,
                flag: record.flag,
                regions: record.regions.clone(),
                record: Some(index),
            };
            match record.conditional {
                Some(conditional) => recorder.changes.keep(conditional, entry),
                None => recorder.changes.push(entry),
            }
        }
        Self {
            world: World::new(Arc::clone(blueprint), header.seed),
            crowd: Crowd::new(&scenario),
            pulse: Pulse::new(&scenario),
            cost: Cost::default(),
            recorder,
            desk: Desk::default(),
            page: None,
            onset: None,
            fork: None,
            records: Vec::new(),
            ended: None,
            alerts_seen: 0,
            header,
            scenario,
        }
    }

    /// Advance to a simulated time, running at most `budget` events. Returns whether the time was reached (or the
    /// session is over); if not, call again.
    pub fn advance_until(&mut self, limit_ns: u64, mut budget: u64) -> bool {
        while self.ended.is_none() && self.world.now_ns() < limit_ns {
            let now_ns = self.world.now_ns();
            let beat_ns = (now_ns / BEAT_NS + 1) * BEAT_NS;
            let mut stop_ns = beat_ns.min(limit_ns);
            let onset_ns = self.scenario.truth.onset_ns;
            if self.onset.is_none() && onset_ns > now_ns {
                stop_ns = stop_ns.min(onset_ns);
            }
            let before = self.world.events();
            match self.recorder.advance(&mut self.world, stop_ns, budget) {
                Progress::Reached => {}
                Progress::Budget => return false,
                Progress::Aborted(abort) => {
                    let why = match abort {
                        Abort::FramesInFlight => EndReason::LimitInFlight,
                        Abort::ZeroDelayLoop => EndReason::LimitZeroDelay,
                    };
                    self.end(why);
                    return true;
                }
            }
            budget = budget.saturating_sub(self.world.events() - before);
            if self.onset.is_none() && self.world.now_ns() >= onset_ns {
                self.onset = Some(snapshot(&self.world));
            }
            if stop_ns == beat_ns {
                self.beat();
            }
        }
        true
    }

    /// What happens once a second.
    fn beat(&mut self) {
        let now_ns = self.world.now_ns();
        if now_ns.is_multiple_of(SCRAPE_NS) {
            self.recorder.scrape(&self.world);
            self.pulse.take(&self.world);
            self.cost
                .take(&self.scenario, &self.world, &self.desk, SCRAPE_NS);
            self.new_alerts();
        }
        if now_ns.is_multiple_of(HASH_NS) {
            let hash = format!("{:016x}", self.world.hash());
            self.record(Entry::World(hash));
        }
        if self.page.is_none() && now_ns >= self.scenario.page_latest_ns {
            let text = self.scenario.page_text.clone();
            self.paged(text, None, None);
        }
        if let Some(page_ns) = self.page_ns() {
            let scenario = Arc::clone(&self.scenario);
            let events = self.crowd.beat(&scenario, page_ns, now_ns, self.next_seq());
            for event in events {
                self.record(Entry::Event(event));
            }
            self.watch_actions();
            self.watch_attempts();
            self.decide_due_predictions();
        }
        if now_ns >= self.scenario.horizon_ns {
            self.end(EndReason::Horizon);
        }
    }

    fn new_alerts(&mut self) {
        let fresh: Vec<_> = self
            .recorder
            .alerts
            .events()
            .iter()
            .skip(self.alerts_seen)
            .copied()
            .collect();
        self.alerts_seen += fresh.len();
        for alert in fresh {
            let rule = &self.recorder.alerts.rules()[alert.rule];
            let region = self.scenario.blueprint.regions[alert.region.index()].clone();
            let (name, scope) = (rule.name.clone(), rule.scope);
            self.record(Entry::Event(Event::Alert {
                rule: name.clone(),
                region: region.clone(),
                firing: alert.firing,
                reading: alert.reading,
            }));
            // Alerts before the onset are noise of ordinary life; the pager is somebody else's then.
            let ours = alert.at_ns >= self.scenario.truth.onset_ns;
            if alert.firing && alert.rule == self.scenario.page_alert && self.page.is_none() && ours
            {
                let flow = scope
                    .flow
                    .and_then(|f| self.scenario.blueprint.flows.get(usize::from(f)));
                let flow = flow.map(|f| f.name.clone());
                self.paged(format!("{name} in {region}"), Some(region), flow);
            }
        }
    }

    fn paged(&mut self, text: String, region: Option<String>, flow: Option<String>) {
        let stamp = self.record(Entry::Event(Event::Paged { text: text.clone() }));
        self.page = Some(Page {
            stamp,
            text,
            region,
            flow,
        });
        self.fork = Some(Fork {
            world: self.world.fork(),
            onset: self.onset.clone().unwrap_or_else(|| snapshot(&self.world)),
            horizon_ns: self.scenario.horizon_ns,
        });
    }

    /// Give a command at the present time, rounded up to the next millisecond.
    ///
    /// # Errors
    /// [`Refused`] says why it makes no sense; the refusal is in the journal too. Nothing else has happened then.
    pub fn submit(&mut self, command: Command) -> Result<u64, Refused> {
        if self.ended.is_some() {
            return Err(Refused::Over);
        }
        let stamp_ns = self.world.now_ns().next_multiple_of(MILLISECOND_NS);
        self.advance_until(stamp_ns, u64::MAX);
        if self.ended.is_some() {
            return Err(Refused::Over);
        }
        let stamp = self.record(Entry::Command(command.clone()));
        let result = if self.page.is_none() {
            Err(Refused::BeforeThePage)
        } else {
            self.carry_out(command, stamp)
        };
        if let Err(refused) = &result {
            self.record(Entry::Event(Event::Refused {
                why: refused.to_string(),
            }));
        }
        result.map(|()| stamp.seq)
    }

    pub(crate) fn record(&mut self, entry: Entry) -> Stamp {
        let seq = self.next_seq();
        let at_ns = self.world.now_ns();
        self.records.push(Record {
            seq,
            at_ms: at_ns / MILLISECOND_NS,
            entry,
        });
        Stamp { at_ns, seq }
    }

    fn next_seq(&self) -> u64 {
        self.records.len() as u64 + 1
    }

    pub(crate) fn end(&mut self, why: EndReason) {
        if self.ended.is_none() {
            let stamp = self.record(Entry::Event(Event::Ended { why }));
            self.ended = Some((stamp, why));
        }
    }

    /// Facts the telemetry holds now.
    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            scenario: &self.scenario,
            recorder: &self.recorder,
            page_ns: self.page_ns().unwrap_or(0),
            now_ns: self.world.now_ns(),
            mitigating: self.desk.actions.iter().any(crate::desk::Acted::is_change),
            watching: self.desk.only_watched(),
        }
    }

    /// When the player's next update is due, and whether they promised it themselves.
    #[must_use]
    pub fn update_due(&self) -> Option<(u64, bool)> {
        let page_ns = self.page_ns()?;
        let pace = self.pace();
        let Some(last) = self.desk.messages.last() else {
            return Some((page_ns + pace * self.scenario.first_message_ns, false));
        };
        if let Some(minutes) = last.message.next_update_min {
            return Some((last.stamp.at_ns + u64::from(minutes) * MINUTE_NS, true));
        }
        let interval_ns = pace * self.scenario.update_interval_ns;
        Some((last.stamp.at_ns + interval_ns, false))
    }

    /// What the clocks of messages are multiplied by: nobody waits for word of what hardly anybody notices, so whoever
    /// has declared the mildest severity has twice as long.
    fn pace(&self) -> u64 {
        let levels = &self.scenario.severities;
        let mildest = levels.last().filter(|_| levels.len() > 1);
        let declared = self.desk.severities.last();
        let calm = declared
            .zip(mildest)
            .is_some_and(|((_, name), level)| *name == level.name);
        if calm { 2 } else { 1 }
    }

    /// Simulated time.
    #[must_use]
    pub const fn now_ns(&self) -> u64 {
        self.world.now_ns()
    }

    /// When the page came.
    #[must_use]
    pub fn page_ns(&self) -> Option<u64> {
        self.page.as_ref().map(|page| page.stamp.at_ns)
    }

    /// Whether the session is over.
    #[must_use]
    pub const fn ended(&self) -> bool {
        self.ended.is_some()
    }

    /// How much telemetry was recorded and dropped so far.
    #[must_use]
    pub fn telemetry_volume(&self) -> Volume {
        self.recorder.volume()
    }

    /// What the player stated, looked at, believed, did and said so far.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Header of the journal.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Journal records so far.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// From where what-if runs start: the world at the page. `None` before it.
    #[must_use]
    pub const fn fork(&self) -> Option<&Fork> {
        self.fork.as_ref()
    }

    /// The scenario.
    #[must_use]
    pub const fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// Events the world has run.
    #[must_use]
    pub const fn world_events(&self) -> u64 {
        self.world.events()
    }

    /// Hash of the world.
    #[must_use]
    pub fn world_hash(&self) -> u64 {
        self.world.hash()
    }

    /// Whether the world's books balance.
    ///
    /// # Errors
    /// See [`World::audit`].
    pub fn audit(&self) -> Result<(), Imbalance> {
        self.world.audit()
    }
}
