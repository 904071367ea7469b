//! Which calls requests make at the same time.

use std::collections::{BTreeMap, BTreeSet};

use super::collect::{Call, Request, Target};
use super::shape::MAX_AT_ONCE;

/// Which targets are called at the same time.
pub(super) struct Together {
    /// By pair of targets, the smaller first: requests in which their calls overlap, and requests with both.
    pairs: BTreeMap<(Target, Target), (usize, usize)>,
    /// Sum of the offsets of the first calls, and their number.
    offsets: BTreeMap<Target, (f64, usize)>,
}

impl Together {
    pub(super) fn of(requests: &[&Request]) -> Self {
        let mut together = Self {
            pairs: BTreeMap::new(),
            offsets: BTreeMap::new(),
        };
        for request in requests {
            together.add(request);
        }
        together
    }

    fn add(&mut self, request: &Request) {
        let mut counts: BTreeMap<Target, usize> = BTreeMap::new();
        let mut overlapping: BTreeSet<(Target, Target)> = BTreeSet::new();
        // Calls under way, in runs: a run ends when the next call begins after all of it.
        let mut run: Vec<&Call> = Vec::new();
        let mut run_end_ns = 0u64;
        for call in &request.calls {
            let count = counts.entry(call.target).or_default();
            *count += 1;
            if *count == 1 {
                let offsets = self.offsets.entry(call.target).or_default();
                #[expect(clippy::cast_precision_loss, reason = "a time")]
                let offset = call.start_ns.saturating_sub(request.start_ns) as f64;
                offsets.0 += offset;
                offsets.1 += 1;
            }
            if call.asynchronous {
                continue;
            }
            if call.start_ns >= run_end_ns {
                run.clear();
            }
            for other in run.iter().rev().take(MAX_AT_ONCE) {
                if overlap(other, call) {
                    overlapping.insert(ordered(other.target, call.target));
                }
            }
            run.push(call);
            run_end_ns = run_end_ns.max(call.end_ns);
        }
        let present: Vec<(Target, usize)> = counts.into_iter().take(MAX_AT_ONCE).collect();
        for (at, (first, count)) in present.iter().enumerate() {
            for (second, _) in present.iter().skip(at) {
                if first == second && *count < 2 {
                    continue;
                }
                let pair = ordered(*first, *second);
                let (overlaps, both) = self.pairs.entry(pair).or_default();
                *both += 1;
                *overlaps += usize::from(overlapping.contains(&pair));
            }
        }
    }

    fn parallel(&self, a: Target, b: Target) -> bool {
        self.pairs
            .get(&ordered(a, b))
            .is_some_and(|(overlaps, both)| 2 * overlaps > *both)
    }

    /// Targets in sets: those called at the same time stand together.
    pub(super) fn sets(&self) -> Vec<Vec<Target>> {
        // Each target leads to another of its set, and the first of a set to itself.
        let mut leads: BTreeMap<Target, Target> = self.offsets.keys().map(|t| (*t, *t)).collect();
        for ((a, b), (overlaps, both)) in &self.pairs {
            if 2 * overlaps > *both {
                let (a, b) = (first_of(&mut leads, *a), first_of(&mut leads, *b));
                leads.insert(a.max(b), a.min(b));
            }
        }
        let targets: Vec<Target> = leads.keys().copied().collect();
        let mut sets: BTreeMap<Target, Vec<Target>> = BTreeMap::new();
        for target in targets {
            let first = first_of(&mut leads, target);
            sets.entry(first).or_default().push(target);
        }
        sets.into_values().collect()
    }

    pub(super) fn at_once(&self, set: &[Target]) -> bool {
        match set {
            [one] => self.parallel(*one, *one),
            several => several.len() > 1,
        }
    }

    /// Mean time from the beginning of a request to the first call of a set.
    pub(super) fn offset(&self, set: &[Target]) -> f64 {
        let of = |target: &Target| {
            let (sum, count) = self.offsets.get(target).copied().unwrap_or_default();
            #[expect(clippy::cast_precision_loss, reason = "counts of at most a million")]
            let count = count.max(1) as f64;
            sum / count
        };
        set.iter().map(of).fold(f64::INFINITY, f64::min)
    }
}

/// The first of a target's set; the way there is shortened.
fn first_of(leads: &mut BTreeMap<Target, Target>, target: Target) -> Target {
    let mut at = target;
    while let Some(next) = leads.get(&at).copied().filter(|next| *next != at) {
        let after = leads.get(&next).copied().unwrap_or(next);
        leads.insert(at, after);
        at = next;
    }
    at
}

fn ordered(a: Target, b: Target) -> (Target, Target) {
    if a <= b { (a, b) } else { (b, a) }
}

/// Whether two calls overlap by more than clocks and rounding explain.
fn overlap(earlier: &Call, later: &Call) -> bool {
    let common = earlier
        .end_ns
        .min(later.end_ns)
        .saturating_sub(later.start_ns);
    let length = |call: &Call| call.end_ns.saturating_sub(call.start_ns);
    common > length(earlier).min(length(later)) / 10
}
