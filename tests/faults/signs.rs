//! What is said of each row is seen in ten of ten seeds with the fault, and in none without it.

use std::fmt::Write as _;
use std::sync::OnceLock;

use brownout_scenario::faults::{Fault, Sign, catalogue};

use crate::depot::{BEFORE_S, ONSET_S, broken, depot};
use crate::distinct::{self, Vector};
use crate::run::{Run, on_all_cores};

const SEEDS: u64 = 10;
/// Seeds whose runs go on until the fault has ended, to tell rows apart.
pub const LONG: u64 = 3;

/// What was measured of a row.
pub struct Measured {
    /// By seed, by sign: by how much its measure changed.
    pub changes: Vec<Vec<f64>>,
    /// By seed, of the long runs.
    pub vectors: Vec<Vector>,
}

/// The last sign is read so many seconds after the onset.
pub fn longest_s(fault: &Fault) -> u64 {
    fault
        .signs
        .iter()
        .map(|sign| sign.within_s)
        .max()
        .unwrap_or(0)
}

/// By how much the measures of some signs changed in a run.
pub fn changes(run: &Run, signs: &[Sign]) -> Vec<f64> {
    let change = |sign: &Sign| {
        let before = run.read(sign.measure, ONSET_S, BEFORE_S);
        let window_s = sign.within_s.min(BEFORE_S);
        run.read(sign.measure, ONSET_S + sign.within_s, window_s) / before.max(1e-9)
    };
    signs.iter().map(change).collect()
}

pub fn shows(factor: f64, change: f64) -> bool {
    if factor > 1.0 {
        change >= factor
    } else {
        change <= factor
    }
}

/// Every row in every seed, measured once for all tests.
pub fn measured() -> &'static [Measured] {
    static ALL: OnceLock<Vec<Measured>> = OnceLock::new();
    ALL.get_or_init(|| {
        let (depot, rows) = (depot(), catalogue());
        let seeds = usize::try_from(SEEDS).unwrap_or(0);
        let mut results = on_all_cores(rows.len() * seeds, |index| {
            let (fault, seed) = (rows[index / seeds], 1 + (index % seeds) as u64);
            if seed > LONG {
                let until_s = ONSET_S + longest_s(fault);
                let run = Run::new(broken(&depot, fault, None, None), seed, until_s);
                return (changes(&run, fault.signs), None);
            }
            let ends_s = distinct::ends_s(fault);
            let until_s = ends_s + distinct::AFTER_S;
            let run = Run::new(broken(&depot, fault, Some(ends_s), None), seed, until_s);
            let vector = distinct::vector(&run, ends_s);
            (changes(&run, fault.signs), Some(vector))
        })
        .into_iter();
        let rows = rows.iter().map(|_| {
            let of_row: Vec<_> = results.by_ref().take(seeds).collect();
            let (changes, vectors): (Vec<_>, Vec<_>) = of_row.into_iter().unzip();
            Measured {
                changes,
                vectors: vectors.into_iter().flatten().collect(),
            }
        });
        rows.collect()
    })
}

#[test]
fn faults_show_as_it_is_said_of_them() {
    let rows = catalogue();
    let longest = rows.iter().map(|fault| longest_s(fault)).max().unwrap_or(0);
    let depot = depot();
    let healthy = crate::depot::blueprint(&depot, &[], "");
    let seeds = usize::try_from(SEEDS).unwrap_or(0);
    let healthy = on_all_cores(seeds, |index| {
        Run::new(healthy.clone(), 1 + index as u64, ONSET_S + longest)
    });
    let mut wrong = String::new();
    for (fault, measured) in rows.iter().zip(measured()) {
        for (seed, (with, healthy)) in measured.changes.iter().zip(&healthy).enumerate() {
            // What a preset is without each of its preconditions is tested by itself.
            let without = changes(healthy, fault.signs);
            for ((sign, with), without) in fault.signs.iter().zip(with).zip(without) {
                let (seen, imagined) = (shows(sign.factor, *with), shows(sign.factor, without));
                if !seen || imagined {
                    let _ = writeln!(
                        wrong,
                        "{} seed {}: {:?} expected {} within {} s: {with:.2} with, {without:.2} without",
                        fault.name,
                        seed + 1,
                        sign.measure,
                        sign.factor,
                        sign.within_s
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
