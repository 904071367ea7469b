//! What changes during a run, as the files say it: what the player can see of it, and what only the author knows.

use brownout_scenario::Loaded;
use brownout_scenario::compiled::{ChangeKind, Scenario};
use brownout_scenario::text::clean;
use brownout_scenario::units::duration_ns;

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// When it begins, in nanoseconds.
    pub at_ns: u64,
    /// What it is, in a line.
    pub words: String,
    /// Kind, as the change log has it; `None`: the change log has nothing of it.
    pub kind: Option<ChangeKind>,
    /// It is what sets the incident off.
    pub trigger: bool,
    /// Line of the scenario's file.
    pub line: u32,
}

/// All changes of a scenario that come at a time under the truth it was compiled for, in the order of time.
#[must_use]
pub fn plan(loaded: &Loaded, scenario: &Scenario) -> Vec<Planned> {
    let truth = scenario.truth.index;
    let own = loaded.model.truths.get(truth);
    let common = loaded.model.timeline.iter().enumerate();
    let common = common.map(|(index, change)| (format!("timeline[{index}]"), change));
    let own_changes = own
        .map(|truth| truth.timeline.as_slice())
        .unwrap_or_default();
    let own_changes = own_changes
        .iter()
        .enumerate()
        .map(|(index, change)| (format!("truths[{truth}].timeline[{index}]"), change));
    let trigger = own.and_then(|truth| truth.trigger.as_deref());
    let planned = common.chain(own_changes).filter_map(|(path, timed)| {
        // What waits for a condition comes when it will: the files do not say.
        if timed.when.is_some() {
            return None;
        }
        let at_ns = duration_ns(&timed.at.as_ref()?.0).ok()?;
        let form = format!("{:?}", timed.change);
        // The variant's name: what stands before its fields.
        let form = form.split(|c: char| !c.is_alphanumeric()).next();
        let name = timed.name.as_deref().or(form).unwrap_or_default();
        let words = match &timed.record {
            Some(record) => clean(&record.title),
            None => format!("{} (not in the change log)", clean(name)),
        };
        let mut records = scenario.records.iter();
        let kind = timed.record.as_ref().map(|record| {
            let found = records.find(|of| {
                u64::try_from(of.at_ns) == Ok(at_ns) && of.title == clean(&record.title)
            });
            found.map_or(ChangeKind::Note, |of| of.kind)
        });
        Some(Planned {
            at_ns,
            words,
            kind,
            trigger: trigger.is_some() && timed.name.as_deref() == trigger,
            line: loaded.document.positions.of(&path).line,
        })
    });
    let mut all: Vec<Planned> = planned.collect();
    all.sort_by_key(|change| change.at_ns);
    all
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::author::Disk;

    /// Every change of the shipped scenarios is there under each truth, on the line it stands on, the trigger known by name.
    #[test]
    fn changes_are_told_with_their_lines() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        for name in ["regional-gateway", "wallet-payments"] {
            let disk = Disk::open(&root.join(name), None).unwrap();
            let text = std::fs::read_to_string(disk.path(disk.name())).unwrap();
            let loaded = brownout_scenario::load(&disk, disk.name()).0.unwrap();
            for truth in 0..loaded.model.truths.len() {
                let scenario = brownout_scenario::compile(&loaded, Some(truth), 0).unwrap();
                let plan = plan(&loaded, &scenario);
                let own = &loaded.model.truths[truth];
                let count = loaded.model.timeline.len() + own.timeline.len();
                assert_eq!(plan.len(), count, "{name} {truth}");
                assert!(plan.is_sorted_by_key(|change| change.at_ns));
                let triggers = plan.iter().filter(|change| change.trigger).count();
                assert_eq!(triggers, usize::from(own.trigger.is_some()));
                let seen = plan.iter().filter(|change| change.kind.is_some()).count();
                let logged = scenario.records.iter().filter(|of| of.at_ns >= 0).count();
                assert_eq!(seen, logged, "{name} {truth}");
                for change in plan {
                    let line = text.lines().nth(change.line as usize - 1).unwrap();
                    assert!(line.trim_start().starts_with('('), "{line}");
                }
            }
        }
    }
}
