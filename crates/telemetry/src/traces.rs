//! Sampled traces: per (flow, region, outcome and kind of error) and minute a bounded quota, chosen by a hash of the trace
//! id; and those that customers' reports are about.
//!
//! The kept traces of a minute are those with the smallest hashes, so the choice depends on nothing but the ids and is
//! fair among all traces of the class. What was not kept is counted.

use std::collections::BTreeMap;

use brownout_sim::blueprint::MINUTE_NS;
use brownout_sim::hash::mix64;
use brownout_sim::ids::{FlowId, RegionId};
use brownout_sim::probe::{Span, Status, TraceEnd};

/// Traces kept per class and minute.
pub const QUOTA_PER_MINUTE: usize = 6;

/// A place without a bucket.
const NONE: usize = usize::MAX;

/// Outcome class of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Success in time.
    Ok,
    /// Success too late.
    Slow,
    /// Failure.
    Failed,
    /// Work handed over to a queue.
    Asynchronous,
}

impl Outcome {
    /// Class of a finished trace.
    #[must_use]
    pub const fn of(end: &TraceEnd) -> Self {
        match (end.link.is_some(), end.status.is_ok(), end.slow) {
            (true, ..) => Self::Asynchronous,
            (_, false, _) => Self::Failed,
            (_, true, true) => Self::Slow,
            (_, true, false) => Self::Ok,
        }
    }
}

/// A kept trace.
#[derive(Clone, Debug)]
pub struct StoredTrace {
    /// Summary.
    pub end: TraceEnd,
    /// Spans, parents before children.
    pub spans: Box<[Span]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Class {
    minute: u64,
    flow: FlowId,
    region: RegionId,
    outcome: Outcome,
    /// Every kind of error has a quota of its own, so that a rare one is not lost among many of another.
    status: Status,
}

impl Class {
    /// Where the class's last bucket is remembered: outcomes that are no failures, then statuses.
    const fn place(&self) -> usize {
        let kind = match self.outcome {
            Outcome::Failed => 3 + self.status as usize,
            Outcome::Ok => 0,
            Outcome::Slow => 1,
            Outcome::Asynchronous => 2,
        };
        (self.flow.index() << 5 | self.region.index()) << 5 | kind
    }
}

#[derive(Debug)]
struct Bucket {
    seen: u64,
    /// Greatest hash kept; `u64::MAX` as long as there is room.
    worst: u64,
    /// Hash and position in `stored`, at most [`QUOTA_PER_MINUTE`].
    kept: Vec<(u64, usize)>,
}

/// Minute and bucket of the last trace of a flow, region and outcome: most traces are of the same minute as the last.
type Last = (u64, usize);

/// The traces of a run.
#[derive(Debug, Default)]
pub struct Traces {
    stored: Vec<StoredTrace>,
    buckets: Vec<Bucket>,
    classes: BTreeMap<Class, usize>,
    /// By flow, region and outcome.
    last: Vec<Last>,
    /// Bucket and hash decided by the last call of [`Traces::wants`], so that `store` need not decide again.
    decided: Option<(usize, u64)>,
}

impl Traces {
    fn class(end: &TraceEnd) -> Class {
        Class {
            minute: end.result_ns / MINUTE_NS,
            flow: end.flow,
            region: end.region,
            outcome: Outcome::of(end),
            status: match Outcome::of(end) {
                Outcome::Failed => end.status,
                _ => Status::Ok,
            },
        }
    }

    /// Whether a finished trace is among those to keep as things stand. Counts it as seen.
    pub fn wants(&mut self, end: &TraceEnd) -> bool {
        let class = Self::class(end);
        // Work handed over goes by the trace it comes from, so that both are kept, or neither.
        let hash = mix64(end.link.unwrap_or(end.id));
        let place = class.place();
        let index = match self.last.get(place) {
            Some(&(minute, index)) if minute == class.minute && index != NONE => index,
            _ => self.look_up(class, place),
        };
        let bucket = &mut self.buckets[index];
        bucket.seen += 1;
        let wanted = hash < bucket.worst || bucket.kept.len() < QUOTA_PER_MINUTE;
        self.decided = wanted.then_some((index, hash));
        wanted
    }

    /// The bucket of a class, remembered at its place.
    #[cold]
    fn look_up(&mut self, class: Class, place: usize) -> usize {
        let index = *self.classes.entry(class).or_insert_with(|| {
            self.buckets.push(Bucket {
                seen: 0,
                worst: u64::MAX,
                kept: Vec::new(),
            });
            self.buckets.len() - 1
        });
        if place >= self.last.len() {
            self.last.resize(place + 1, (0, NONE));
        }
        self.last[place] = (class.minute, index);
        index
    }

    /// Keep a trace that [`Traces::wants`] has just accepted.
    pub fn store(&mut self, end: &TraceEnd, spans: &[Span]) {
        let Some((index, hash)) = self.decided.take() else {
            return;
        };
        let bucket = &mut self.buckets[index];
        let stored = StoredTrace {
            end: *end,
            spans: spans.into(),
        };
        if bucket.kept.len() < QUOTA_PER_MINUTE {
            bucket.kept.push((hash, self.stored.len()));
            self.stored.push(stored);
        } else if let Some(worst) = bucket
            .kept
            .iter_mut()
            .max_by_key(|(kept_hash, _)| *kept_hash)
        {
            let slot = worst.1;
            *worst = (hash, slot);
            self.stored[slot] = stored;
        }
        if bucket.kept.len() == QUOTA_PER_MINUTE {
            let hashes = bucket.kept.iter().map(|(kept_hash, _)| *kept_hash);
            bucket.worst = hashes.max().unwrap_or(u64::MAX);
        }
    }

    /// Do not keep a trace that [`Traces::wants`] has just accepted.
    pub const fn pass_over(&mut self) {
        self.decided = None;
    }

    /// Keep a trace in any case. To be called after [`Traces::wants`].
    pub fn keep(&mut self, end: &TraceEnd, spans: &[Span]) {
        if self.decided.is_some() {
            return self.store(end, spans);
        }
        self.stored.push(StoredTrace {
            end: *end,
            spans: spans.into(),
        });
    }

    /// Kept traces whose result came in `(from_ns, to_ns]`, in the order they were first kept.
    pub fn between(&self, from_ns: u64, to_ns: u64) -> impl Iterator<Item = &StoredTrace> {
        self.stored
            .iter()
            .filter(move |t| t.end.result_ns > from_ns && t.end.result_ns <= to_ns)
    }

    /// Traces of the quotas whose result came in `(from_ns, to_ns]`, each with how many it stands for, in thousandths: as
    /// many as were seen of its kind in its minute for each that was kept.
    pub fn weighted(
        &self,
        flow: FlowId,
        region: Option<RegionId>,
        from_ns: u64,
        to_ns: u64,
    ) -> impl Iterator<Item = (&StoredTrace, u64)> {
        let classes = self.classes.iter();
        classes
            .filter(move |(class, _)| {
                class.flow == flow
                    && class.outcome != Outcome::Asynchronous
                    && region.is_none_or(|region| class.region == region)
                    && (from_ns / MINUTE_NS..=to_ns / MINUTE_NS).contains(&class.minute)
            })
            .flat_map(move |(_, index)| {
                let bucket = &self.buckets[*index];
                let weight = bucket.seen * 1_000 / (bucket.kept.len() as u64).max(1);
                let kept = bucket.kept.iter().map(|(_, slot)| &self.stored[*slot]);
                kept.map(move |trace| (trace, weight))
            })
            .filter(move |(trace, _)| trace.end.result_ns > from_ns && trace.end.result_ns <= to_ns)
    }

    /// A kept trace by its id.
    #[must_use]
    pub fn find(&self, id: u64) -> Option<&StoredTrace> {
        self.stored.iter().find(|t| t.end.id == id)
    }

    /// Kept traces of work that a trace handed over.
    pub fn handed_over(&self, by: u64) -> impl Iterator<Item = &StoredTrace> {
        self.stored.iter().filter(move |t| t.end.link == Some(by))
    }

    /// Traces (seen, kept) of a flow's users in a region by outcome in the minutes of `(from_ns, to_ns]`.
    #[must_use]
    pub fn seen_and_kept(
        &self,
        flow: FlowId,
        region: RegionId,
        from_ns: u64,
        to_ns: u64,
    ) -> (u64, u64) {
        self.classes
            .iter()
            .map(|(class, index)| (class, &self.buckets[*index]))
            .filter(|(class, _)| class.flow == flow && class.region == region)
            .filter(|(class, _)| {
                class.minute >= from_ns / MINUTE_NS && class.minute <= to_ns / MINUTE_NS
            })
            .fold((0, 0), |(seen, kept), (_, bucket)| {
                (seen + bucket.seen, kept + bucket.kept.len() as u64)
            })
    }

    /// Traces seen and kept in all.
    #[must_use]
    pub fn volume(&self) -> (u64, u64) {
        let seen = self.buckets.iter().map(|bucket| bucket.seen).sum();
        (seen, self.stored.len() as u64)
    }

    /// Number of kept traces.
    #[must_use]
    pub fn len(&self) -> usize {
        self.stored.len()
    }

    /// Whether no trace is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stored.is_empty()
    }
}
