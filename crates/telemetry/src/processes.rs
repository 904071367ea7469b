//! Which process took the place of which, and when: what a control plane's event log tells of a rollout.

use brownout_sim::ids::{InstanceId, VersionId};
use brownout_sim::probe::Lifecycle;

/// A process that is taken out of service for another in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Slot of both.
    pub instance: InstanceId,
    /// Version of the process that goes.
    pub from: VersionId,
    /// Version of the process that comes, once it starts.
    pub to: Option<VersionId>,
    /// When the one stopped taking requests, in nanoseconds of simulated time.
    pub began_ns: u64,
    /// When the other started, bound to the version and configuration of that moment; `None` until then.
    pub started_ns: Option<u64>,
    /// When the other took requests; `None` until then.
    pub ready_ns: Option<u64>,
}

/// Replacements of a run, in the order they began. Processes that die are not replaced but restarted, and not here.
#[derive(Debug, Default)]
pub struct Processes(Vec<Replacement>);

impl Processes {
    /// Takes note of what happened to a process.
    pub fn note(&mut self, at_ns: u64, instance: InstanceId, version: VersionId, event: Lifecycle) {
        if event == Lifecycle::Draining {
            self.0.push(Replacement {
                instance,
                from: version,
                to: None,
                began_ns: at_ns,
                started_ns: None,
                ready_ns: None,
            });
            return;
        }
        let last = self.0.iter().rposition(|of| of.instance == instance);
        let Some(last) = last.filter(|&last| self.0[last].ready_ns.is_none()) else {
            return;
        };
        if event == Lifecycle::Off {
            // Nothing comes in its place.
            self.0.remove(last);
            return;
        }
        let open = &mut self.0[last];
        match event {
            Lifecycle::Starting => {
                open.to = Some(version);
                open.started_ns = Some(at_ns);
            }
            Lifecycle::Ready => open.ready_ns = Some(at_ns),
            _ => {}
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Replacement] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A replacement is open until the new process is ready; a process that dies by itself is none.
    #[test]
    fn a_replacement_goes_from_draining_to_ready() {
        let mut all = Processes::default();
        let (one, two) = (InstanceId(1), InstanceId(2));
        let (old, new) = (VersionId(0), VersionId(1));
        all.note(5, two, old, Lifecycle::Stopped { cut: 1 });
        all.note(5, two, old, Lifecycle::Starting);
        all.note(9, two, old, Lifecycle::Ready);
        assert!(all.all().is_empty());
        all.note(10, one, old, Lifecycle::Draining);
        all.note(14, one, old, Lifecycle::Stopped { cut: 0 });
        assert_eq!((all.all()[0].to, all.all()[0].ready_ns), (None, None));
        all.note(14, one, new, Lifecycle::Starting);
        all.note(20, one, new, Lifecycle::Ready);
        let done = Replacement {
            instance: one,
            from: old,
            to: Some(new),
            began_ns: 10,
            started_ns: Some(14),
            ready_ns: Some(20),
        };
        assert_eq!(all.all(), [done]);
        all.note(22, two, old, Lifecycle::Draining);
        all.note(25, two, old, Lifecycle::Stopped { cut: 0 });
        all.note(25, two, old, Lifecycle::Off);
        assert_eq!(all.all(), [done], "what is turned off is not replaced");
        // Dying later does not move the time it was ready.
        all.note(30, one, new, Lifecycle::Starting);
        all.note(40, one, new, Lifecycle::Ready);
        assert_eq!(all.all(), [done]);
    }
}
