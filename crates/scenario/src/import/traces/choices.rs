//! Calls of which requests make one or another: by card, by wallet or by transfer.

use std::collections::BTreeMap;

use super::collect::{Request, Target};
use super::shape::ratio;

/// Calls made by fewer requests are no alternative to anything, and those made by more are no choice.
const SOMETIMES: std::ops::Range<f64> = 0.01..0.99;
/// Most units looked at; each pair of them is compared.
const MAX_UNITS: usize = 32;
/// Fewest requests that would make both calls of a pair if one had nothing to do with the other.
const FEWEST: f64 = 10.0;

/// Calls that belong together: made in turn or at once.
struct Unit {
    /// Places among the sets.
    sets: Vec<usize>,
    /// Which requests make one of the calls.
    made: Vec<bool>,
    count: usize,
}

/// How many requests make calls of both.
fn both(a: &Unit, b: &Unit) -> usize {
    let pairs = a.made.iter().zip(&b.made);
    pairs.filter(|(a, b)| **a && **b).count()
}

/// By chance some requests would make both, and hardly any does.
fn excludes(a: &Unit, b: &Unit, requests: usize) -> bool {
    let expected = ratio(a.count, requests) * ratio(b.count, requests);
    let both = ratio(both(a, b), requests);
    expected > ratio(1, requests.max(1)) * FEWEST && both < 0.05 * expected
}

/// Nearly the same requests make both.
fn goes_with(a: &Unit, b: &Unit) -> bool {
    both(a, b) * 20 >= a.count.max(b.count) * 19
}

/// One part of a program: its alternatives, each with the share of requests that take it. One alone is no choice.
pub(super) type Part<'s> = Vec<(f64, Vec<&'s [Target]>)>;

/// Puts sets of calls, in their order, into parts; those of which requests make one or another are one part, which
/// stands where its first set stood.
pub(super) fn alternatives<'s>(sets: &'s [Vec<Target>], requests: &[&Request]) -> Vec<Part<'s>> {
    let mut choice_at: BTreeMap<usize, Vec<Unit>> = BTreeMap::new();
    let mut units = units(sets, requests);
    // The most frequent first: it is where a choice begins.
    while !units.is_empty() {
        let mut choice = vec![units.remove(0)];
        let mut rest = Vec::new();
        for unit in units {
            if choice.iter().all(|of| excludes(of, &unit, requests.len())) {
                choice.push(unit);
            } else {
                rest.push(unit);
            }
        }
        units = rest;
        let first = choice
            .iter()
            .flat_map(|unit| unit.sets.iter().copied())
            .min();
        if let Some(first) = first.filter(|_| choice.len() > 1) {
            choice_at.insert(first, choice);
        }
    }
    let taken: Vec<usize> = choice_at
        .values()
        .flatten()
        .flat_map(|unit| unit.sets.iter().copied())
        .collect();
    let mut parts = Vec::new();
    for (at, set) in sets.iter().enumerate() {
        if let Some(choice) = choice_at.remove(&at) {
            let sum: f64 = choice
                .iter()
                .map(|unit| ratio(unit.count, requests.len()))
                .sum();
            let of_unit = |unit: Unit| {
                let sets = unit.sets.iter().filter_map(|at| sets.get(*at));
                // A few requests may have made two of them.
                let share = ratio(unit.count, requests.len()) / sum.max(1.0);
                (share, sets.map(Vec::as_slice).collect())
            };
            parts.push(choice.into_iter().map(of_unit).collect());
        } else if !taken.contains(&at) {
            parts.push(vec![(1.0, vec![set.as_slice()])]);
        }
    }
    parts
}

/// Calls that only some requests make, those of the same requests taken together, the most frequent first.
fn units(sets: &[Vec<Target>], requests: &[&Request]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    for (at, set) in sets.iter().enumerate() {
        let makes =
            |request: &&Request| request.calls.iter().any(|call| set.contains(&call.target));
        let made: Vec<bool> = requests.iter().map(makes).collect();
        let count = made.iter().filter(|made| **made).count();
        if !SOMETIMES.contains(&ratio(count, requests.len())) || units.len() >= MAX_UNITS {
            continue;
        }
        let unit = Unit {
            sets: vec![at],
            made,
            count,
        };
        match units.iter_mut().find(|of| goes_with(of, &unit)) {
            Some(of) => of.sets.push(at),
            None => units.push(unit),
        }
    }
    units.sort_by(|a, b| b.count.cmp(&a.count).then(a.sets.cmp(&b.sets)));
    units
}
