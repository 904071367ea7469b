//! Operators between two expressions.

use std::collections::BTreeMap;

use super::evaluate::{Evaluation, Value};
use super::labels::Labels;
use super::lines::{Line, unique};
use super::plan::{Binary, Cardinality, Grouping, Operator};
use super::{Error, Semantics};

impl Evaluation<'_> {
    pub fn binary(&self, binary: &Binary) -> Result<Value, Error> {
        let operator = binary.operator;
        match (self.value(&binary.lhs)?, self.value(&binary.rhs)?) {
            (Value::Scalar(lhs), Value::Scalar(rhs)) => {
                let pairs = lhs.iter().zip(&rhs);
                let results = pairs.map(|(&lhs, &rhs)| match operate(operator, lhs, rhs) {
                    Outcome::Value(value) => value,
                    Outcome::Holds(holds) => f64::from(u8::from(holds)),
                });
                Ok(Value::Scalar(results.collect()))
            }
            (Value::Vector(lines), Value::Scalar(scalars)) => Ok(Value::Vector(
                self.with_scalar(binary, &lines, &scalars, false)?,
            )),
            (Value::Scalar(scalars), Value::Vector(lines)) => Ok(Value::Vector(
                self.with_scalar(binary, &lines, &scalars, true)?,
            )),
            (Value::Vector(lhs), Value::Vector(rhs)) => {
                let (lhs, rhs) = (unique(lhs)?, unique(rhs)?);
                Ok(Value::Vector(match operator {
                    Operator::And | Operator::Or | Operator::Unless => {
                        self.set_operation(binary, lhs, rhs)
                    }
                    _ => self.matched(binary, &lhs, &rhs)?,
                }))
            }
            _ => {
                let message = "an operator stands between scalars and instant vectors only";
                Err(Error::Execution(message.to_owned()))
            }
        }
    }

    /// Whether the result of an operator no longer is what the metric's name says.
    fn drops_name(&self, binary: &Binary) -> bool {
        let keeps = binary.operator.compares() && !binary.truth
            // An oversight of the older version.
            || binary.operator == Operator::Atan2
                && self.settings.semantics == Semantics::Prometheus2;
        !keeps
    }

    fn with_scalar(
        &self,
        binary: &Binary,
        lines: &[Line],
        scalars: &[f64],
        scalar_first: bool,
    ) -> Result<Vec<Line>, Error> {
        let results = lines.iter().map(|line| {
            let values = line.values.iter().zip(scalars).map(|(value, &scalar)| {
                let value = (*value)?;
                let (lhs, rhs) = if scalar_first {
                    (scalar, value)
                } else {
                    (value, scalar)
                };
                match operate(binary.operator, lhs, rhs) {
                    Outcome::Value(result) => Some(result),
                    Outcome::Holds(holds) if binary.truth => Some(f64::from(u8::from(holds))),
                    // Whichever side the scalar is on, it is the vector that is filtered.
                    Outcome::Holds(holds) => holds.then_some(value),
                }
            });
            Line {
                labels: if self.drops_name(binary) {
                    line.labels.nameless()
                } else {
                    line.labels.clone()
                },
                values: values.collect(),
            }
        });
        unique(results.filter(|line| !line.is_empty()).collect())
    }

    fn set_operation(&self, binary: &Binary, lhs: Vec<Line>, rhs: Vec<Line>) -> Vec<Line> {
        let present = |lines: &[Line]| {
            let mut keys: BTreeMap<Labels, Vec<bool>> = BTreeMap::new();
            for line in lines {
                let steps = keys
                    .entry(binary.matching.key(&line.labels))
                    .or_insert_with(|| vec![false; self.grid.steps]);
                for (step, value) in steps.iter_mut().zip(&line.values) {
                    *step |= value.is_some();
                }
            }
            keys
        };
        let filtered = |mut lines: Vec<Line>, others: &BTreeMap<Labels, Vec<bool>>, with: bool| {
            for line in &mut lines {
                let others = others.get(&binary.matching.key(&line.labels));
                for (step, value) in line.values.iter_mut().enumerate() {
                    if others.is_some_and(|steps| steps[step]) != with {
                        *value = None;
                    }
                }
            }
            lines.retain(|line| !line.is_empty());
            lines
        };
        match binary.operator {
            Operator::And => filtered(lhs, &present(&rhs), true),
            Operator::Unless => filtered(lhs, &present(&rhs), false),
            _ => {
                let others = filtered(rhs, &present(&lhs), false);
                let mut all = lhs;
                // A series may come from one side at one step and from the other at another.
                let mut known: BTreeMap<Labels, usize> = all
                    .iter()
                    .enumerate()
                    .map(|(index, line)| (line.labels.clone(), index))
                    .collect();
                for line in others {
                    let index = *known.entry(line.labels.clone()).or_insert(all.len());
                    match all.get_mut(index) {
                        Some(before) => {
                            let pairs = before.values.iter_mut().zip(line.values);
                            pairs.for_each(|(have, new)| *have = have.or(new));
                        }
                        None => all.push(line),
                    }
                }
                all
            }
        }
    }

    /// Arithmetic and comparison between series whose matching labels agree.
    fn matched(&self, binary: &Binary, lhs: &[Line], rhs: &[Line]) -> Result<Vec<Line>, Error> {
        // With `group_right` the sides change places: the "many" side is the first from here on.
        let swapped = matches!(binary.cardinality, Cardinality::OneToMany(_));
        let (many, one) = if swapped { (rhs, lhs) } else { (lhs, rhs) };
        let side = if swapped { "left" } else { "right" };
        let mut groups: BTreeMap<Labels, (Vec<&Line>, Vec<&Line>)> = BTreeMap::new();
        for line in many {
            let key = binary.matching.key(&line.labels);
            groups.entry(key).or_default().0.push(line);
        }
        for line in one {
            let key = binary.matching.key(&line.labels);
            groups.entry(key).or_default().1.push(line);
        }
        // Nothing is wrong with one side as long as the other has nothing at all.
        let some =
            |lines: &[Line], step: usize| lines.iter().any(|line| line.values[step].is_some());
        let steps: Vec<usize> = (0..self.grid.steps)
            .filter(|&step| some(many, step) && some(one, step))
            .collect();
        let mut results: BTreeMap<Labels, Vec<Option<f64>>> = BTreeMap::new();
        for (key, (many, one)) in &groups {
            for &step in &steps {
                let mut present = one
                    .iter()
                    .filter_map(|line| Some((line, line.values[step]?)));
                let Some((single, of_single)) = present.next() else {
                    continue;
                };
                if let Some((another, _)) = present.next() {
                    return Err(Error::Execution(format!(
                        "found duplicate series for the match group {key} on the {side} hand-side of the operation: \
                         [{}, {}];many-to-many matching not allowed: matching labels must be unique on one side",
                        another.labels, single.labels
                    )));
                }
                let mut taken = false;
                for line in many {
                    let Some(of_line) = line.values[step] else {
                        continue;
                    };
                    let (left, right) = if swapped {
                        (of_single, of_line)
                    } else {
                        (of_line, of_single)
                    };
                    let value = match operate(binary.operator, left, right) {
                        Outcome::Value(value) => Some(value),
                        Outcome::Holds(holds) if binary.truth => Some(f64::from(u8::from(holds))),
                        Outcome::Holds(holds) => holds.then_some(left),
                    };
                    // The older version counts only what a comparison lets through.
                    let counts =
                        value.is_some() || self.settings.semantics == Semantics::Prometheus3;
                    if binary.cardinality == Cardinality::OneToOne && taken && counts {
                        let message = "multiple matches for labels: many-to-one matching must be explicit \
                                       (group_left/group_right)";
                        return Err(Error::Execution(message.to_owned()));
                    }
                    taken |= counts;
                    let Some(value) = value else {
                        continue;
                    };
                    let labels = self.result_labels(binary, &line.labels, &single.labels);
                    let values = results
                        .entry(labels)
                        .or_insert_with(|| vec![None; self.grid.steps]);
                    if values[step].is_some() {
                        let message = "multiple matches for labels: grouping labels must ensure unique matches";
                        return Err(Error::Execution(message.to_owned()));
                    }
                    values[step] = Some(value);
                }
            }
        }
        let results = results.into_iter();
        Ok(results
            .map(|(labels, values)| Line { labels, values })
            .collect())
    }

    fn result_labels(&self, binary: &Binary, many: &Labels, one: &Labels) -> Labels {
        let labels = if self.drops_name(binary) {
            many.nameless()
        } else {
            many.clone()
        };
        let included = match &binary.cardinality {
            Cardinality::OneToOne => {
                return match &binary.matching {
                    Grouping::By(names) => labels.only(names),
                    Grouping::Without(names) => names
                        .iter()
                        .fold(labels, |labels, name| labels.with(name, "")),
                };
            }
            Cardinality::ManyToOne(included) | Cardinality::OneToMany(included) => included,
        };
        let copied = included.iter();
        copied.fold(labels, |labels, name| labels.with(name, one.get(name)))
    }
}

/// What an operator yields.
enum Outcome {
    Value(f64),
    /// Whether a comparison holds.
    Holds(bool),
}

#[expect(clippy::float_cmp, reason = "the query language compares so")]
fn operate(operator: Operator, lhs: f64, rhs: f64) -> Outcome {
    match operator {
        Operator::Add => Outcome::Value(lhs + rhs),
        Operator::Sub => Outcome::Value(lhs - rhs),
        Operator::Mul => Outcome::Value(lhs * rhs),
        Operator::Div => Outcome::Value(lhs / rhs),
        Operator::Mod => Outcome::Value(lhs % rhs),
        Operator::Pow => Outcome::Value(libm::pow(lhs, rhs)),
        Operator::Atan2 => Outcome::Value(libm::atan2(lhs, rhs)),
        Operator::Equal => Outcome::Holds(lhs == rhs),
        Operator::NotEqual => Outcome::Holds(lhs != rhs),
        Operator::Greater => Outcome::Holds(lhs > rhs),
        Operator::GreaterOrEqual => Outcome::Holds(lhs >= rhs),
        Operator::Less => Outcome::Holds(lhs < rhs),
        Operator::LessOrEqual => Outcome::Holds(lhs <= rhs),
        // Between sets, not values.
        Operator::And | Operator::Or | Operator::Unless => Outcome::Value(f64::NAN),
    }
}
