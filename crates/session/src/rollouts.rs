//! How the changes of the change log replaced processes, as the control plane's event log tells it.

use std::collections::BTreeMap;

use brownout_sim::ids::{InstanceId, RegionId, ServiceId};
use brownout_telemetry::changes::{ChangeEntry, ChangeKind};
use brownout_telemetry::processes::Replacement;

use crate::session::Session;
use crate::view::RolloutView;

/// Replacements of one change in one region, by slot.
type Slots = BTreeMap<InstanceId, Replacement>;

impl Session {
    /// Per entry of the change log, the regions it came to, in the order it did.
    pub(crate) fn view_rollouts(&self, entries: &[&ChangeEntry]) -> Vec<Vec<RolloutView>> {
        let mut found: BTreeMap<(usize, RegionId), Slots> = BTreeMap::new();
        for replacement in self.recorder.processes.all() {
            let service = self.recorder.service_of(replacement.instance);
            let region = self.recorder.region_of(replacement.instance);
            if let Some(entry) = cause(entries, replacement, service, region) {
                let slots = found.entry((entry, region)).or_default();
                slots.insert(replacement.instance, *replacement);
            }
        }
        let mut views: Vec<Vec<RolloutView>> = vec![Vec::new(); entries.len()];
        for (&(entry, region), slots) in &found {
            let service = entries[entry].service;
            let overtaken = found.keys().any(|(other, at)| {
                *other > entry && *at == region && entries[*other].service == service
            });
            let mut rollout = self.rollout(region, slots, overtaken);
            // A process stopped for an earlier change may come up with this one.
            let made_ns = u64::try_from(entries[entry].at_ns).unwrap_or(0);
            rollout.began_ns = rollout.began_ns.max(made_ns);
            views[entry].push(rollout);
        }
        for view in &mut views {
            view.sort_by_key(|rollout| rollout.began_ns);
        }
        views
    }

    fn rollout(&self, region: RegionId, slots: &Slots, overtaken: bool) -> RolloutView {
        let blueprint = &self.scenario.blueprint;
        let service = slots.keys().next().map(|id| self.recorder.service_of(*id));
        let here = blueprint.deployments.iter();
        let all = here
            .filter(|of| Some(of.service) == service && of.region == region)
            .map(|of| of.replicas)
            .sum();
        let ready = slots.values().filter_map(|of| of.ready_ns);
        let replaced = u16::try_from(ready.clone().count()).unwrap_or(u16::MAX);
        let done_ns = ready.max().filter(|_| replaced >= all);
        RolloutView {
            region: blueprint.regions[region.index()].clone(),
            began_ns: slots.values().map(|of| of.began_ns).min().unwrap_or(0),
            progress: (replaced, all),
            done_ns,
            overtaken: overtaken && done_ns.is_none(),
        }
    }
}

/// The entry a replacement comes from: the latest about the service and region when the new process started, which is what
/// it is bound to, whatever the old one was stopped for. Where the version changes it is the latest that releases that
/// version, if there is one: a note about the configuration may have followed it meanwhile.
fn cause(
    entries: &[&ChangeEntry],
    replacement: &Replacement,
    service: ServiceId,
    region: RegionId,
) -> Option<usize> {
    let bound_ns = replacement.started_ns.unwrap_or(replacement.began_ns);
    let bound_ns = i64::try_from(bound_ns).unwrap_or(i64::MAX);
    let fits = |entry: &ChangeEntry| {
        let replaces = matches!(
            entry.kind,
            ChangeKind::Deploy | ChangeKind::Restart | ChangeKind::Config
        );
        let here = entry.regions.is_empty() || entry.regions.contains(&region);
        replaces && here && entry.service == Some(service) && entry.at_ns <= bound_ns
    };
    let to = replacement.to.filter(|to| *to != replacement.from);
    let releases = |entry: &ChangeEntry| to.is_some() && entry.version == to && fits(entry);
    let released = entries.iter().rposition(|entry| releases(entry));
    released.or_else(|| entries.iter().rposition(|entry| fits(entry)))
}
