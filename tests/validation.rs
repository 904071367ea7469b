//! The engine against closed forms and published measurements: the table of `brownout validate`, at sizes that fit here.

use brownout::validation::{Case, cases};

fn quick(case: &Case, stretch_percent: u64) -> Vec<brownout::validation::Finding> {
    let size = case.quick.expect("a case for tests");
    case.check(size, stretch_percent)
        .unwrap_or_else(|e| panic!("{}: {e:#}", case.name))
}

/// Every second case from `first`, so that two threads share the work.
fn half(first: usize) -> impl Iterator<Item = &'static Case> {
    let fit = cases().filter(|case| case.quick.is_some());
    fit.skip(first).step_by(2)
}

fn all_hold(first: usize) {
    let missed: Vec<_> = half(first)
        .flat_map(|case| quick(case, 100))
        .filter(|finding| !finding.ok)
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn the_engine_is_what_theory_says() {
    all_hold(0);
}

#[test]
fn the_engine_is_what_theory_says_too() {
    all_hold(1);
}

/// A gate that lets a computation take 5 % longer is no gate.
fn longer_is_noticed(first: usize) {
    for case in half(first) {
        let timed = case.quantities.iter().map(|q| q.timed);
        if !timed.clone().any(|timed| timed) {
            continue;
        }
        for (finding, timed) in quick(case, 105).iter().zip(timed) {
            assert!(
                !timed || !finding.ok,
                "5 % more would pass unnoticed: {finding:#?}"
            );
        }
    }
}

#[test]
fn five_percent_longer_would_be_noticed() {
    longer_is_noticed(0);
}

#[test]
fn five_percent_longer_would_be_noticed_too() {
    longer_is_noticed(1);
}

/// Names are how cases are chosen; the table covers what it is meant to cover.
#[test]
fn cases_have_names_of_their_own() {
    let mut names: Vec<&str> = cases().map(|case| case.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two cases of one name");
    assert!(cases().all(|case| !case.quantities.is_empty() && !case.source.is_empty()));
}
