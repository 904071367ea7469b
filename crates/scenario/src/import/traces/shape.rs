//! The program of an endpoint from its requests: which calls, how often, one after the other or at once, and how long it
//! computes beside them.

use std::collections::BTreeMap;

use super::choices::alternatives;
use super::collect::{Call, Request, Target};
use super::together::Together;

/// A share so near to one that it is one.
const ALWAYS: f64 = 0.995;
/// Most calls of one target in a program.
const MAX_REPEATS: usize = 128;
/// Most blocks of calls that only some requests make, within each other.
const MAX_BLOCKS: usize = 8;
/// Calls at once.
pub(super) const MAX_AT_ONCE: usize = 64;

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
    /// The groups of one of these, with the share of requests that make its calls.
    OneOf(Vec<(f64, Vec<Group>)>),
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
    /// Calls left out because there were too many.
    pub(super) too_many: bool,
}

#[expect(clippy::cast_precision_loss, reason = "counts of at most a million")]
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
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
    let mut groups = Vec::new();
    let mut group = |set: &[Target]| {
        if together.at_once(set) {
            let levels = set.iter().flat_map(|target| {
                let shares = of(target, MAX_AT_ONCE);
                shares.into_iter().map(|share| (share, *target))
            });
            let blocks = clusters(levels.collect());
            program.mixed |= blocks.len() > 1;
            return vec![Group::AtOnce(blocks)];
        }
        let mut groups = Vec::new();
        for target in set {
            let most = counts.get(target).and_then(|counts| counts.iter().max());
            program.too_many |= most.is_some_and(|most| *most > MAX_REPEATS);
            let blocks = repeats(&of(target, MAX_REPEATS), *target);
            if !blocks.is_empty() {
                groups.push(Group::InTurn(blocks));
            }
        }
        groups
    };
    for part in alternatives(&sets, &making) {
        match part.as_slice() {
            [(_, sets)] => groups.extend(sets.iter().flat_map(|set| group(set))),
            several => {
                let choice = |(share, sets): &(f64, Vec<&[Target]>)| {
                    (*share, sets.iter().flat_map(|set| group(set)).collect())
                };
                groups.push(Group::OneOf(several.iter().map(choice).collect()));
            }
        }
    }
    program.groups = groups;
    let leaves = leaves(&program.groups);
    let group_of = group_of(&leaves);
    let own_ns = requests.iter().map(|request| {
        let modelled = modelled_ns(&leaves, &group_of, request, latency_ns);
        request.duration_ns.saturating_sub(modelled)
    });
    program.own_ns = own_ns.collect();
    program
}

/// Groups without choices: a request makes the calls of one alternative, and takes no time for those of the others.
fn leaves(groups: &[Group]) -> Vec<&Group> {
    let mut found = Vec::new();
    for group in groups {
        match group {
            Group::OneOf(choices) => found.extend(choices.iter().flat_map(|(_, of)| leaves(of))),
            other => found.push(other),
        }
    }
    found
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
fn group_of(leaves: &[&Group]) -> BTreeMap<Target, usize> {
    let targets = |(at, group): (usize, &&Group)| {
        let blocks = match group {
            Group::InTurn(blocks) | Group::AtOnce(blocks) => blocks.as_slice(),
            Group::OneOf(_) => &[],
        };
        let targets = blocks
            .iter()
            .flat_map(|block| block.targets.iter().copied());
        targets.map(|target| (target, at)).collect::<Vec<_>>()
    };
    leaves.iter().enumerate().flat_map(targets).collect()
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
    leaves: &[&Group],
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
    let of_group = |(at, times): (usize, BTreeMap<Target, Vec<u64>>)| match leaves.get(at) {
        Some(Group::InTurn(blocks)) => {
            let most: usize = blocks.iter().map(|block| block.targets.len()).sum();
            times.values().flatten().take(most).sum::<u64>()
        }
        Some(Group::AtOnce(blocks)) => at_once_ns(blocks, &times),
        _ => 0,
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
