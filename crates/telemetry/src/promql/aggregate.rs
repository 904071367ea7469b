//! Aggregation of series into groups.

use std::collections::BTreeMap;

use super::evaluate::Evaluation;
use super::labels::Labels;
use super::lines::Line;
use super::plan::{Aggregate, Grouping, Node, Operation};
use super::windows::{greatest, least, mean, quantile, sum, variance};
use super::{Error, Semantics, number};
use crate::numbers::count;

impl Grouping {
    /// The labels that tell a series' group from others.
    pub fn key(&self, labels: &Labels) -> Labels {
        match self {
            Self::By(names) => labels.only(names),
            Self::Without(names) => labels.without(names),
        }
    }
}

impl Evaluation<'_> {
    pub fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<Line>, Error> {
        let operation = aggregate.operation;
        if operation == Operation::CountValues {
            return self.count_values(aggregate);
        }
        let parameters = match aggregate.parameter.as_deref() {
            Some(node) => self.scalar(node)?,
            None => Vec::new(),
        };
        let lines = self.vector(&aggregate.inner)?;
        let mut groups: BTreeMap<Labels, Vec<&Line>> = BTreeMap::new();
        for line in &lines {
            let key = aggregate.grouping.key(&line.labels);
            groups.entry(key).or_default().push(line);
        }
        if matches!(operation, Operation::Topk | Operation::Bottomk) {
            return self.select(operation, &groups, &parameters);
        }
        let mut inside: Vec<f64> = Vec::new();
        let mut result = Vec::with_capacity(groups.len());
        for (labels, members) in groups {
            let values = (0..self.grid.steps).map(|step| {
                inside.clear();
                inside.extend(members.iter().filter_map(|line| line.values[step]));
                let parameter = parameters.get(step).copied().unwrap_or(f64::NAN);
                (!inside.is_empty()).then(|| self.reduce(operation, parameter, &mut inside))
            });
            let values = values.collect();
            result.push(Line { labels, values });
        }
        Ok(result)
    }

    fn reduce(&self, operation: Operation, parameter: f64, values: &mut [f64]) -> f64 {
        let all = values.iter().copied();
        match operation {
            // The older version takes the first value for its own mean, whatever it is.
            Operation::Stddev | Operation::Stdvar
                if values.len() == 1 && self.settings.semantics == Semantics::Prometheus2 =>
            {
                0.0
            }
            Operation::Sum if self.settings.semantics == Semantics::Prometheus2 => {
                all.fold(0.0, |sum, value| sum + value)
            }
            Operation::Sum => sum(all),
            Operation::Avg => mean(all),
            Operation::Min => least(all),
            Operation::Max => greatest(all),
            Operation::Stddev => libm::sqrt(variance(all)),
            Operation::Stdvar => variance(all),
            Operation::Quantile => quantile(parameter, values),
            Operation::Count => count(values.len()),
            // Chosen by `select`, counted by `count_values`; whoever is in a group is in it.
            Operation::Group | Operation::Topk | Operation::Bottomk | Operation::CountValues => 1.0,
        }
    }

    /// Of each group and step the `k` series with the greatest or smallest values, with their own labels. Of a single time
    /// they come in the order of their values.
    fn select(
        &self,
        operation: Operation,
        groups: &BTreeMap<Labels, Vec<&Line>>,
        parameters: &[f64],
    ) -> Result<Vec<Line>, Error> {
        let mut result = Vec::new();
        let limits: Result<Vec<usize>, Error> = parameters.iter().map(|&k| limit(k)).collect();
        let limits = limits?;
        for members in groups.values() {
            let mut chosen: Vec<Vec<Option<f64>>> =
                vec![vec![None; self.grid.steps]; members.len()];
            let mut order: Vec<usize> = (0..members.len()).collect();
            for (step, &limit) in limits.iter().enumerate() {
                let mut ranked: Vec<(usize, f64)> = members
                    .iter()
                    .enumerate()
                    .filter_map(|(index, line)| Some((index, line.values[step]?)))
                    .collect();
                ranked.sort_by(|a, b| match (a.1.is_nan(), b.1.is_nan()) {
                    (true, true) => std::cmp::Ordering::Equal,
                    (true, false) => std::cmp::Ordering::Greater,
                    (false, true) => std::cmp::Ordering::Less,
                    _ if operation == Operation::Topk => b.1.total_cmp(&a.1),
                    _ => a.1.total_cmp(&b.1),
                });
                ranked.truncate(limit);
                for &(index, value) in &ranked {
                    chosen[index][step] = Some(value);
                }
                if self.grid.steps == 1 {
                    order = ranked.iter().map(|(index, _)| *index).collect();
                }
            }
            for index in order {
                let line = Line {
                    labels: members[index].labels.clone(),
                    values: std::mem::take(&mut chosen[index]),
                };
                if !line.is_empty() {
                    result.push(line);
                }
            }
        }
        Ok(result)
    }

    fn count_values(&self, aggregate: &Aggregate) -> Result<Vec<Line>, Error> {
        let label = aggregate.parameter.as_deref();
        let label = Self::text(label.unwrap_or(&Node::Number(0.0)))?;
        if !is_label(label, self.settings.semantics) {
            return Err(Error::Execution(format!("invalid label name {label:?}")));
        }
        let grouping = match &aggregate.grouping {
            Grouping::By(names) => {
                let mut names = names.clone();
                names.push(label.to_owned());
                Grouping::By(names)
            }
            without @ Grouping::Without(_) => without.clone(),
        };
        let mut groups: BTreeMap<Labels, Vec<Option<f64>>> = BTreeMap::new();
        for line in self.vector(&aggregate.inner)? {
            for (step, value) in line.values.iter().enumerate() {
                let Some(value) = value else {
                    continue;
                };
                let key = grouping.key(&line.labels.with(label, &number(*value)));
                let counts = groups
                    .entry(key)
                    .or_insert_with(|| vec![None; self.grid.steps]);
                counts[step] = Some(counts[step].unwrap_or(0.0) + 1.0);
            }
        }
        let lines = groups.into_iter();
        Ok(lines
            .map(|(labels, values)| Line { labels, values })
            .collect())
    }
}

/// How many series `topk` and `bottomk` choose.
fn limit(parameter: f64) -> Result<usize, Error> {
    // Bounds of a 64-bit integer, as a number.
    let bound = 9.223_372_036_854_776e18;
    if parameter.is_nan() || parameter >= bound || parameter < -bound {
        let message = format!("Scalar value {} overflows int64", number(parameter));
        return Err(Error::Execution(message));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative and within bounds"
    )]
    let limit = parameter.max(0.0) as usize;
    Ok(limit)
}

/// Whether something can be the name of a label.
pub fn is_label(name: &str, semantics: Semantics) -> bool {
    if semantics == Semantics::Prometheus3 {
        return !name.is_empty();
    }
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
