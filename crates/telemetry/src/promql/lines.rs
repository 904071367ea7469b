//! Series of intermediate results, and what may not happen to their labels.

use std::collections::BTreeMap;

use super::Error;
use super::labels::Labels;

/// A series of an intermediate result: a value or none at each step.
#[derive(Clone, Debug)]
pub struct Line {
    pub labels: Labels,
    pub values: Vec<Option<f64>>,
}

impl Line {
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }
}

/// Lines whose values mean something else now, and so have lost their metric's name.
pub fn each(lines: &[Line], apply: impl Fn(f64) -> f64) -> Vec<Line> {
    let changed = lines.iter().map(|line| Line {
        labels: line.labels.nameless(),
        values: line.values.iter().map(|value| value.map(&apply)).collect(),
    });
    changed.collect()
}

fn same_labels() -> Error {
    Error::Execution("vector cannot contain metrics with the same labelset".to_owned())
}

/// Lines of the same labels become one, unless they have values at the same time.
pub fn unique(lines: Vec<Line>) -> Result<Vec<Line>, Error> {
    let mut known: BTreeMap<Labels, usize> = BTreeMap::new();
    let mut all: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        let index = *known.entry(line.labels.clone()).or_insert(all.len());
        let Some(before) = all.get_mut(index) else {
            all.push(line);
            continue;
        };
        for (have, new) in before.values.iter_mut().zip(line.values) {
            match (&have, new) {
                (Some(_), Some(_)) => return Err(same_labels()),
                (None, Some(_)) => *have = new,
                _ => {}
            }
        }
    }
    Ok(all)
}

/// Lines, no two of which may have the same labels even at different times.
pub fn distinct(lines: Vec<Line>) -> Result<Vec<Line>, Error> {
    let mut known: Vec<&Labels> = lines.iter().map(|line| &line.labels).collect();
    known.sort_unstable();
    if known.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(same_labels());
    }
    Ok(lines)
}
