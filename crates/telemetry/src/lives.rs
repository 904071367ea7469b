//! When which process ran in which slot, and when its metrics reached anybody.

use brownout_sim::blueprint::Blueprint;
use brownout_sim::ids::{InstanceId, VersionId};
use brownout_sim::probe::Lifecycle;

/// A process as monitoring sees it: its counters begin at nothing when it starts, and are gone with it. A process whose
/// exporter was dead for a while counts as two: what counts is the exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Version it runs.
    pub version: VersionId,
    /// First moment.
    pub start_ns: u64,
    /// First moment after it; [`Life::OPEN`] while it lasts.
    pub end_ns: u64,
}

impl Life {
    /// The end of what has not ended.
    pub const OPEN: u64 = u64::MAX;
}

/// The lives of a run, by slot.
#[derive(Debug, Default)]
pub struct Lives {
    by_instance: Vec<Vec<Life>>,
    /// Version of the process in each slot, whether or not anything of it is seen.
    running: Vec<Option<VersionId>>,
    dark: Vec<bool>,
    /// Stretches of time in which a slot should have a process: whether or not it has.
    wanted: Vec<Vec<(u64, u64)>>,
}

impl Lives {
    /// The processes that run from the start.
    #[must_use]
    pub fn new(blueprint: &Blueprint) -> Self {
        let running: Vec<Option<VersionId>> = blueprint
            .deployments
            .iter()
            .flat_map(|deployment| {
                let slot = |slot| (slot < deployment.replicas).then_some(deployment.version);
                (0..deployment.slots()).map(slot)
            })
            .collect();
        let life = |version: &Option<VersionId>| {
            version.map(|version| Life {
                version,
                start_ns: 0,
                end_ns: Life::OPEN,
            })
        };
        Self {
            by_instance: running
                .iter()
                .map(|v| life(v).into_iter().collect())
                .collect(),
            dark: vec![false; running.len()],
            wanted: running
                .iter()
                .map(|version| version.iter().map(|_| (0, Life::OPEN)).collect())
                .collect(),
            running,
        }
    }

    /// The lives in a slot, in the order of time.
    #[must_use]
    pub fn of(&self, instance: InstanceId) -> &[Life] {
        self.by_instance
            .get(instance.index())
            .map_or(&[], Vec::as_slice)
    }

    /// Whether a slot should have a process at a time, so that a scrape of it can fail.
    #[must_use]
    pub fn is_target(&self, instance: InstanceId, at_ns: u64) -> bool {
        let wanted = self
            .wanted
            .get(instance.index())
            .map_or(&[][..], Vec::as_slice);
        wanted
            .iter()
            .any(|&(from_ns, to_ns)| from_ns <= at_ns && at_ns < to_ns)
    }

    /// Takes note of what happened to a process.
    pub fn note(&mut self, at_ns: u64, instance: InstanceId, version: VersionId, event: Lifecycle) {
        match event {
            Lifecycle::Starting => {
                self.end(at_ns, instance);
                self.running[instance.index()] = Some(version);
                self.begin(at_ns, instance);
                let wanted = &mut self.wanted[instance.index()];
                if wanted.last().is_none_or(|last| last.1 != Life::OPEN) {
                    wanted.push((at_ns, Life::OPEN));
                }
            }
            Lifecycle::Stopped { .. } | Lifecycle::Crashed { .. } | Lifecycle::Off => {
                self.end(at_ns, instance);
                self.running[instance.index()] = None;
                let last = self.wanted[instance.index()].last_mut();
                if let (Some(open), Lifecycle::Off) = (last, event) {
                    open.1 = open.1.min(at_ns);
                }
            }
            _ => {}
        }
    }

    /// Takes note that nothing of a slot is seen from now on, or is again.
    pub fn darken(&mut self, at_ns: u64, instance: InstanceId, dark: bool) {
        if std::mem::replace(&mut self.dark[instance.index()], dark) == dark {
            return;
        }
        if dark {
            self.end(at_ns, instance);
        } else {
            self.begin(at_ns, instance);
        }
    }

    fn begin(&mut self, at_ns: u64, instance: InstanceId) {
        let index = instance.index();
        if let (Some(version), false) = (self.running[index], self.dark[index]) {
            self.by_instance[index].push(Life {
                version,
                start_ns: at_ns,
                end_ns: Life::OPEN,
            });
        }
    }

    fn end(&mut self, at_ns: u64, instance: InstanceId) {
        let last = self.by_instance[instance.index()].last_mut();
        if let Some(open) = last.filter(|life| life.end_ns == Life::OPEN) {
            open.end_ns = at_ns;
        }
    }
}

#[cfg(test)]
mod tests {
    use brownout_sim::blueprint::Deployment;
    use brownout_sim::probe::CrashReason;

    use super::*;

    #[test]
    fn a_life_ends_with_its_process_or_its_exporter() {
        let blueprint = Blueprint {
            deployments: vec![Deployment {
                replicas: 1,
                spare: 1,
                ..Deployment::default()
            }],
            ..Blueprint::default()
        };
        let (first, spare) = (InstanceId(0), InstanceId(1));
        let (old, new) = (VersionId(0), VersionId(1));
        let life = |version, start_ns, end_ns| Life {
            version,
            start_ns,
            end_ns,
        };
        let mut lives = Lives::new(&blueprint);
        assert_eq!(lives.of(first), [life(old, 0, Life::OPEN)]);
        assert!(lives.of(spare).is_empty());
        lives.note(5, first, old, Lifecycle::Stopped { cut: 0 });
        lives.note(6, first, new, Lifecycle::Starting);
        lives.darken(8, first, true);
        lives.darken(9, first, true);
        lives.darken(12, first, false);
        assert_eq!(
            lives.of(first),
            [life(old, 0, 5), life(new, 6, 8), life(new, 12, Life::OPEN)]
        );
        // Nothing is seen of a process that starts in the dark before that ends.
        lives.darken(13, spare, true);
        lives.note(14, spare, new, Lifecycle::Starting);
        assert!(lives.of(spare).is_empty());
        lives.darken(15, spare, false);
        assert_eq!(lives.of(spare), [life(new, 15, Life::OPEN)]);
        lives.note(
            20,
            spare,
            new,
            Lifecycle::Crashed {
                reason: CrashReason::Killed,
                cut: 0,
            },
        );
        assert!(lives.is_target(spare, 14) && lives.is_target(spare, 21));
        lives.note(22, spare, new, Lifecycle::Off);
        assert!(!lives.is_target(spare, 13) && !lives.is_target(spare, 22));
    }
}
