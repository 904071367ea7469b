//! A row whose name is a result needs each of its preconditions.

use std::fmt::Write as _;

use brownout_scenario::faults::{Fault, catalogue};

use crate::depot::{ONSET_S, broken, depot};
use crate::run::{Run, on_all_cores};
use crate::signs::{changes, longest_s, shows};

const SEEDS: u64 = 5;

/// With all preconditions the signs are seen, as of every row; without any one of them none of the signs is.
#[test]
fn a_result_needs_all_its_preconditions() {
    let depot = depot();
    let rows = catalogue();
    let presets = rows.iter().filter(|fault| !fault.preconditions.is_empty());
    let tasks: Vec<(&Fault, usize, u64)> = presets
        .flat_map(|fault| {
            let missing = 0..fault.preconditions.len();
            missing.flat_map(move |gone| (1..=SEEDS).map(move |seed| (*fault, gone, seed)))
        })
        .collect();
    assert!(tasks.len() >= 100, "{} runs", tasks.len());
    let results = on_all_cores(tasks.len(), |index| {
        let (fault, gone, seed) = tasks[index];
        let until_s = ONSET_S + longest_s(fault);
        let run = Run::new(broken(&depot, fault, None, Some(gone)), seed, until_s);
        changes(&run, fault.signs)
    });
    let mut wrong = String::new();
    for ((fault, gone, seed), changes) in tasks.iter().zip(results) {
        for (sign, change) in fault.signs.iter().zip(changes) {
            if shows(sign.factor, change) {
                let _ = writeln!(
                    wrong,
                    "{} seed {seed} without that {}: {:?} {change:.2}, expected less than {}",
                    fault.name, fault.preconditions[*gone].what, sign.measure, sign.factor
                );
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
