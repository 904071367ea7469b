//! Hints, and weights of the score.

use super::checker::Checker;
use crate::load::Loaded;
use crate::rubric::{CRITERIA, DIMENSIONS};

/// Most hints of a scenario.
const MOST_HINTS: u64 = 16;

pub(super) fn check_hints(check: &mut Checker<'_>, loaded: &Loaded) {
    let hints = &loaded.model.hints;
    check.limit("hints", "hints", hints.len() as u64, MOST_HINTS);
    for (index, hint) in hints.iter().enumerate() {
        let path = format!("hints[{index}]");
        check.required_prose(&format!("{path}.text"), &hint.text);
        if let Some(truth) = &hint.truth {
            let known = loaded.model.truths.iter().map(|truth| truth.name.as_str());
            check.known(&format!("{path}.truth"), "truth", truth, known);
        }
    }
}

pub(super) fn check_rubric(check: &mut Checker<'_>, loaded: &Loaded) {
    let rubric = &loaded.model.rubric;
    for (field, kind, weights, known) in [
        (
            "dimensions",
            "dimension",
            &rubric.dimensions,
            DIMENSIONS.as_slice(),
        ),
        (
            "criteria",
            "criterion",
            &rubric.criteria,
            CRITERIA.as_slice(),
        ),
    ] {
        for (name, weight) in weights {
            let path = format!("rubric.{field}[\"{name}\"]");
            check.known(&path, kind, name, known.iter().copied());
            check.limit(&path, "points", u64::from(*weight), 100);
        }
    }
    let weight = |name: &&str| rubric.dimensions.get(*name).copied().unwrap_or(1);
    if DIMENSIONS.iter().map(weight).sum::<u32>() == 0 {
        let message = "no dimension has any weight, so there would be no score";
        check.report("E0203", "rubric.dimensions", message);
    }
}
