//! Alerts over signals, one state per rule and region: thresholds, burn rates over two windows, absence.

use brownout_sim::ids::RegionId;

use crate::signal::{Scope, Signal, SignalReader};

/// An alert rule; it is evaluated for each region by itself.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Unique name.
    pub name: String,
    /// Signal.
    pub signal: Signal,
    /// Scope without region.
    pub scope: Scope,
    /// Fires when the reading is on the bad side of this, in the signal's unit.
    pub threshold: u64,
    /// Whether below is bad.
    pub below: bool,
    /// Look-back window.
    pub window_ns: u64,
    /// A shorter window over which the reading has to be bad as well, for burn rates: it ends the alert soon after the cause.
    pub short_ns: Option<u64>,
    /// Fires when there is no reading in the window, and at none.
    pub absent: bool,
    /// How long the condition must hold.
    pub hold_ns: u64,
    /// Whether it wakes somebody.
    pub pages: bool,
}

/// State of a rule in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AlertState {
    /// All is well, or there are no samples.
    #[default]
    Inactive,
    /// The condition has held since then, not yet long enough.
    Pending(u64),
    /// Firing since then.
    Firing(u64),
}

/// A change of state that people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertEvent {
    /// Position of the rule.
    pub rule: usize,
    /// Region.
    pub region: RegionId,
    /// When.
    pub at_ns: u64,
    /// Whether it began to fire; otherwise it ended.
    pub firing: bool,
    /// Reading at that moment.
    pub reading: u64,
}

/// All rules with their states and history.
#[derive(Debug, Default)]
pub struct Alerts {
    rules: Vec<Rule>,
    states: Vec<AlertState>,
    events: Vec<AlertEvent>,
    regions: usize,
}

impl Alerts {
    /// Rules over a number of regions, all inactive.
    #[must_use]
    pub fn new(rules: Vec<Rule>, regions: usize) -> Self {
        let states = vec![AlertState::Inactive; rules.len() * regions];
        Self {
            rules,
            states,
            events: Vec::new(),
            regions,
        }
    }

    /// Evaluate every rule at a scrape.
    pub fn evaluate(&mut self, now_ns: u64, reader: SignalReader<'_>) {
        for (index, rule) in self.rules.iter().enumerate() {
            for region in 0..self.regions {
                let id = RegionId::from_index(region);
                let scope = rule.scope.in_region(Some(id));
                let read = |window_ns| reader.read(rule.signal, scope, now_ns, window_ns);
                let reading = read(rule.window_ns);
                let state = &mut self.states[index * self.regions + region];
                let is_bad = |reading: &u64| {
                    if rule.below {
                        *reading < rule.threshold
                    } else {
                        *reading > rule.threshold
                    }
                };
                let bad = if rule.absent {
                    // Before the first window is over nothing can be missing; where it never runs nothing is.
                    let silent = reading.is_none() && now_ns >= rule.window_ns;
                    (silent && reader.runs(scope)).then_some(0)
                } else {
                    let short = rule
                        .short_ns
                        .map(|window_ns| read(window_ns).filter(is_bad));
                    reading.filter(is_bad).filter(|_| short != Some(None))
                };
                let next = match (bad, *state) {
                    (Some(_), AlertState::Inactive) => AlertState::Pending(now_ns),
                    (Some(_), AlertState::Pending(since)) if now_ns - since >= rule.hold_ns => {
                        AlertState::Firing(now_ns)
                    }
                    (Some(_), unchanged) => unchanged,
                    (None, _) => AlertState::Inactive,
                };
                let was = matches!(*state, AlertState::Firing(_));
                let is = matches!(next, AlertState::Firing(_));
                if was != is {
                    let reading = reading.or(bad).unwrap_or(0);
                    self.events.push(AlertEvent {
                        rule: index,
                        region: id,
                        at_ns: now_ns,
                        firing: is,
                        reading,
                    });
                }
                *state = next;
            }
        }
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// State of a rule in a region.
    #[must_use]
    pub fn state(&self, rule: usize, region: RegionId) -> AlertState {
        self.states
            .get(rule * self.regions + region.index())
            .copied()
            .unwrap_or_default()
    }

    /// History, oldest first.
    #[must_use]
    pub fn events(&self) -> &[AlertEvent] {
        &self.events
    }
}
