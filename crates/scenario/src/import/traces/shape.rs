//! The program of an endpoint from its requests: which calls, how often, one after the other or at once, and how long it
//! computes beside them.

use std::collections::{BTreeMap, BTreeSet};

use super::collect::{Call, Request, Target};

/// A share so near to one that it is one.
const ALWAYS: f64 = 0.995;
/// Most calls of one target in a program.
const MAX_REPEATS: usize = 128;
/// Most blocks of calls that only some requests make, within each other.
const MAX_BLOCKS: usize = 8;
/// Calls at once.
const MAX_AT_ONCE: usize = 64;

/// Calls that are made together by a share of the requests.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    /// Share of all requests of the endpoint that make them.
    pub(super) share: f64,
    /// Targets, one for each call.
    pub(super) targets: Vec<Target>,
}

/// Blocks of one target, each within the one before; or calls at once.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Group {
    /// One after the other, each block only where the one before it was made.
    InTurn(Vec<Block>),
    /// Each block's calls at once; blocks one after the other.
    AtOnce(Vec<Block>),
}

/// What the requests of an endpoint do.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) groups: Vec<Group>,
    /// Computing time of each request beside its calls, nanoseconds.
    pub(super) own_ns: Vec<u64>,
    /// Share of requests that fail by themselves.
    pub(super) failing: f64,
    /// They do so before they call anybody.
    pub(super) fails_early: bool,
    /// Requests whose calls at once could not be told apart by how often they are made.
    pub(super) mixed: bool,
    /// Requests make one call or another, and hardly ever both.
    pub(super) exclusive: bool,
    /// Calls left out because there were too many.
    pub(super) too_many: bool,
}

#[expect(clippy::cast_precision_loss, reason = "counts of at most a million")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// Calls again after a failure become attempts of one call.
pub(super) fn merge_attempts(calls: &mut Vec<Call>) {
    let mut merged: Vec<Call> = Vec::with_capacity(calls.len());
    for call in calls.drain(..) {
        let again = merged.iter_mut().rev().find(|before| {
            before.target == call.target
                && before.failed
                && !before.asynchronous
                && before.attempts < 10
                && call.start_ns >= before.end_ns
        });
        match again {
            Some(before) => {
                before.end_ns = call.end_ns;
                before.served_ns = call.served_ns;
                before.failed = call.failed;
                before.attempts += 1;
            }
            None => merged.push(call),
        }
    }
    *calls = merged;
}

/// Time a call takes its caller here: what it is served in, and the way there and back.
pub(super) const fn taken_ns(call: &Call, latency_ns: u64) -> u64 {
    if call.asynchronous {
        0
    } else if call.attempts > 1 || matches!(call.target, Target::Outside(..)) {
        let over = call.end_ns.saturating_sub(call.start_ns);
        let way = 2 * latency_ns;
        if over > way { over } else { way }
    } else {
        call.served_ns.saturating_add(2 * latency_ns)
    }
}

/// The program that the requests of one endpoint have in common.
pub(super) fn shape(requests: &[&Request], latency_ns: u64) -> Program {
    let mut program = Program::default();
    let failing = |request: &&Request| fails_by_itself(request);
    let own_failures = requests.iter().copied().filter(|r| failing(r)).count();
    program.failing = ratio(own_failures, requests.len());
    let calls_of = |failed: bool| {
        let some: Vec<&&Request> = requests.iter().filter(|r| failing(r) == failed).collect();
        ratio(
            some.iter().map(|request| request.calls.len()).sum(),
            some.len(),
        )
    };
    program.fails_early =
        own_failures > 0 && own_failures < requests.len() && calls_of(true) < 0.5 * calls_of(false);
    // Those that fail before any call say nothing about how often calls are made by the others.
    let making: Vec<&Request> = requests
        .iter()
        .copied()
        .filter(|request| !(program.fails_early && fails_by_itself(request)))
        .collect();
    let together = Together::of(&making);
    let mut sets = together.sets();
    sets.sort_by(|a, b| together.offset(a).total_cmp(&together.offset(b)));
    let counts = counts(&making);
    let of = |target: &Target, most: usize| shares(counts.get(target), making.len(), most);
    for set in &sets {
        if together.at_once(set) {
            let levels = set.iter().flat_map(|target| {
                let shares = of(target, MAX_AT_ONCE);
                shares.into_iter().map(|share| (share, *target))
            });
            let blocks = clusters(levels.collect());
            program.mixed |= blocks.len() > 1;
            program.groups.push(Group::AtOnce(blocks));
            continue;
        }
        for target in set {
            let most = counts.get(target).and_then(|counts| counts.iter().max());
            program.too_many |= most.is_some_and(|most| *most > MAX_REPEATS);
            let blocks = repeats(&of(target, MAX_REPEATS), *target);
            if !blocks.is_empty() {
                program.groups.push(Group::InTurn(blocks));
            }
        }
    }
    program.exclusive = together.exclusive(&counts, making.len());
    let group_of = group_of(&program.groups);
    program.own_ns = requests
        .iter()
        .map(|request| {
            let modelled = modelled_ns(&program.groups, &group_of, request, latency_ns);
            request.duration_ns.saturating_sub(modelled)
        })
        .collect();
    program
}

/// How often requests call each target, for those that do.
fn counts(requests: &[&Request]) -> BTreeMap<Target, Vec<usize>> {
    let mut counts: BTreeMap<Target, Vec<usize>> = BTreeMap::new();
    for request in requests {
        let mut own: BTreeMap<Target, usize> = BTreeMap::new();
        for call in &request.calls {
            *own.entry(call.target).or_default() += 1;
        }
        for (target, count) in own {
            counts.entry(target).or_default().push(count);
        }
    }
    counts
}

/// The group that has a target.
fn group_of(groups: &[Group]) -> BTreeMap<Target, usize> {
    let targets = |(at, group): (usize, &Group)| {
        let (Group::InTurn(blocks) | Group::AtOnce(blocks)) = group;
        let targets = blocks
            .iter()
            .flat_map(|block| block.targets.iter().copied());
        targets.map(|target| (target, at)).collect::<Vec<_>>()
    };
    groups.iter().enumerate().flat_map(targets).collect()
}

/// A failure that no failed call explains.
pub(super) fn fails_by_itself(request: &Request) -> bool {
    let explained = request
        .calls
        .iter()
        .any(|call| call.failed && !call.asynchronous);
    request.failed && !explained
}

/// Time the calls of a request take it as they are made here.
fn modelled_ns(
    groups: &[Group],
    group_of: &BTreeMap<Target, usize>,
    request: &Request,
    latency_ns: u64,
) -> u64 {
    let mut times: BTreeMap<usize, BTreeMap<Target, Vec<u64>>> = BTreeMap::new();
    for call in &request.calls {
        if let Some(group) = group_of.get(&call.target) {
            let of_group = times.entry(*group).or_default();
            let of_target = of_group.entry(call.target).or_default();
            of_target.push(taken_ns(call, latency_ns));
        }
    }
    let of_group = |(at, times): (usize, BTreeMap<Target, Vec<u64>>)| match groups.get(at) {
        Some(Group::InTurn(blocks)) => {
            let most: usize = blocks.iter().map(|block| block.targets.len()).sum();
            times.values().flatten().take(most).sum::<u64>()
        }
        Some(Group::AtOnce(blocks)) => at_once_ns(blocks, &times),
        None => 0,
    };
    times.into_iter().map(of_group).fold(0, u64::saturating_add)
}

/// Each block takes as long as its longest call. The first calls to a target are those of the first block that has it.
fn at_once_ns(blocks: &[Block], times: &BTreeMap<Target, Vec<u64>>) -> u64 {
    let mut used: BTreeMap<Target, usize> = BTreeMap::new();
    let mut sum = 0u64;
    for block in blocks {
        let mut longest = 0;
        for target in &block.targets {
            let used = used.entry(*target).or_default();
            let time = times.get(target).and_then(|times| times.get(*used));
            longest = longest.max(time.copied().unwrap_or(0));
            *used += 1;
        }
        sum = sum.saturating_add(longest);
    }
    sum
}

/// Share of requests that make at least one call, at least two, and so on.
fn shares(counts: Option<&Vec<usize>>, requests: usize, most: usize) -> Vec<f64> {
    let Some(counts) = counts else {
        return Vec::new();
    };
    let highest = counts.iter().copied().max().unwrap_or(0).min(most);
    let at_least = |least: usize| counts.iter().filter(|count| **count >= least).count();
    (1..=highest)
        .map(|least| ratio(at_least(least), requests))
        .collect()
}

/// Blocks of calls to one target: those made by nearly the same share of requests stand together.
fn repeats(shares: &[f64], target: Target) -> Vec<Block> {
    let mut tolerance = 0.004;
    loop {
        let mut blocks: Vec<(Vec<f64>, f64)> = Vec::new();
        for &share in shares {
            match blocks.last_mut() {
                Some((members, first)) if *first - share <= tolerance => members.push(share),
                _ => blocks.push((vec![share], share)),
            }
        }
        if blocks.len() <= MAX_BLOCKS {
            let block = |(members, _): (Vec<f64>, f64)| {
                let sum: f64 = members.iter().sum();
                Block {
                    #[expect(clippy::cast_precision_loss, reason = "at most a few hundred")]
                    share: sum / members.len() as f64,
                    targets: vec![target; members.len()],
                }
            };
            return blocks.into_iter().map(block).collect();
        }
        tolerance *= 2.0;
    }
}

/// Blocks of calls at once: those made by about the same share of requests stand together.
fn clusters(mut levels: Vec<(f64, Target)>) -> Vec<Block> {
    levels.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    levels.truncate(MAX_AT_ONCE);
    let mut blocks: Vec<Block> = Vec::new();
    for (share, target) in levels {
        let room = blocks.len() < MAX_BLOCKS;
        match blocks.last_mut() {
            Some(block) if block.share - share <= 0.03 => block.targets.push(target),
            _ if room => blocks.push(Block {
                share,
                targets: vec![target],
            }),
            _ => {}
        }
    }
    blocks
}

/// Whether a share is all.
pub(super) const fn is_always(share: f64) -> bool {
    share >= ALWAYS
}

/// Which targets are called at the same time.
struct Together {
    /// By pair of targets, the smaller first: requests in which their calls overlap, and requests with both.
    pairs: BTreeMap<(Target, Target), (usize, usize)>,
    /// Sum of the offsets of the first calls, and their number.
    offsets: BTreeMap<Target, (f64, usize)>,
}

impl Together {
    fn of(requests: &[&Request]) -> Self {
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
    fn sets(&self) -> Vec<Vec<Target>> {
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

    /// Whether there are two calls that requests hardly ever make both, though many make either.
    fn exclusive(&self, counts: &BTreeMap<Target, Vec<usize>>, requests: usize) -> bool {
        let sometimes: Vec<(&Target, f64)> = counts
            .iter()
            .map(|(target, counts)| (target, ratio(counts.len(), requests)))
            .filter(|(_, share)| (0.02..0.98).contains(share))
            .take(MAX_AT_ONCE)
            .collect();
        sometimes.iter().enumerate().any(|(at, (first, share))| {
            sometimes.iter().skip(at + 1).any(|(second, other)| {
                let pair = self.pairs.get(&ordered(**first, **second));
                let both = ratio(pair.map_or(0, |(_, both)| *both), requests);
                // By chance there would be some.
                let expected = share * other;
                let many = ratio(10, requests.max(1));
                expected > many && both < 0.2 * expected
            })
        })
    }

    fn at_once(&self, set: &[Target]) -> bool {
        match set {
            [one] => self.parallel(*one, *one),
            several => several.len() > 1,
        }
    }

    /// Mean time from the beginning of a request to the first call of a set.
    fn offset(&self, set: &[Target]) -> f64 {
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

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "quarters are exact")]
mod tests {
    use super::super::collect::{Call, Origin, Request, Target};
    use super::{Block, Group, merge_attempts, shape};

    const MS: u64 = 1_000_000;

    fn call(target: u32, start_ms: u64, end_ms: u64) -> Call {
        Call {
            target: Target::Endpoint(target, 0),
            start_ns: start_ms * MS,
            end_ns: end_ms * MS,
            served_ns: (end_ms - start_ms) * MS,
            failed: false,
            asynchronous: false,
            attempts: 1,
        }
    }

    fn request(duration_ms: u64, calls: Vec<Call>) -> Request {
        Request {
            span: 0,
            service: 0,
            endpoint: 0,
            start_ns: 0,
            duration_ns: duration_ms * MS,
            failed: false,
            origin: Origin::Outside,
            calls,
        }
    }

    fn block(share: f64, targets: &[u32]) -> Block {
        let targets = targets.iter().map(|t| Target::Endpoint(*t, 0)).collect();
        Block { share, targets }
    }

    #[test]
    fn calls_are_told_apart_by_their_overlap() {
        let one = request(30, vec![call(1, 1, 10), call(2, 10, 20)]);
        let program = shape(&[&one], 0);
        let in_turn = |target| Group::InTurn(vec![block(1.0, &[target])]);
        assert_eq!(program.groups, [in_turn(1), in_turn(2)]);
        assert_eq!(program.own_ns, [11 * MS]);
        let one = request(30, vec![call(1, 1, 10), call(2, 2, 20)]);
        let program = shape(&[&one], 0);
        assert_eq!(program.groups, [Group::AtOnce(vec![block(1.0, &[1, 2])])]);
        // 18 ms of the longer one are waited for.
        assert_eq!(program.own_ns, [12 * MS]);
    }

    #[test]
    fn calls_some_requests_make_are_within_those_more_make() {
        let three = request(40, vec![call(1, 0, 5), call(1, 5, 10), call(1, 10, 15)]);
        let one = request(40, vec![call(1, 0, 5)]);
        let none = request(40, Vec::new());
        let program = shape(&[&three, &one, &one, &none], 0);
        let blocks = vec![block(0.75, &[1]), block(0.25, &[1, 1])];
        assert_eq!(program.groups, [Group::InTurn(blocks)]);
        assert_eq!(program.own_ns, [25 * MS, 35 * MS, 35 * MS, 40 * MS]);
    }

    #[test]
    fn a_call_again_after_a_failure_is_an_attempt() {
        let mut failed = call(1, 0, 5);
        failed.failed = true;
        let mut calls = vec![failed, call(2, 5, 6), call(1, 6, 9), call(1, 9, 12)];
        merge_attempts(&mut calls);
        let attempts: Vec<u32> = calls.iter().map(|call| call.attempts).collect();
        assert_eq!(attempts, [2, 1, 1]);
        assert_eq!(calls[0].end_ns, 9 * MS);
    }

    #[test]
    fn failures_without_calls_come_before_them() {
        let good = request(30, vec![call(1, 0, 20)]);
        let mut bad = request(2, Vec::new());
        bad.failed = true;
        let program = shape(&[&good, &good, &good, &bad], 0);
        assert!(program.fails_early);
        assert_eq!(program.failing, 0.25);
        assert_eq!(program.groups, [Group::InTurn(vec![block(1.0, &[1])])]);
        // A failure that a call explains is none of its own.
        let mut call = call(1, 0, 20);
        call.failed = true;
        let mut passed_on = request(30, vec![call]);
        passed_on.failed = true;
        assert_eq!(shape(&[&passed_on], 0).failing, 0.0);
    }
}
