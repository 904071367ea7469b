//! The functions there are: one table.

use super::dates::Civil;
use super::plan::Kind;
use super::windows::{Window, predict};
use super::{Error, Semantics};
use crate::numbers::float;

/// A function.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    pub name: &'static str,
    pub work: Work,
    /// Not in Prometheus 2.42.
    since_3: bool,
}

/// What a function does.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// One value of the samples in a range; with the position of a scalar argument, where it takes one.
    Window {
        apply: fn(&Window<'_>, f64) -> Option<f64>,
        parameter: Option<usize>,
        keeps_name: bool,
    },
    /// A value of a value.
    Each(fn(f64) -> f64),
    /// A value of a date; of the time of the query without an argument.
    Date(fn(Civil) -> i64),
    /// Something else.
    Special(Special),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    Absent,
    AbsentOverTime,
    Clamp,
    ClampMin,
    ClampMax,
    HistogramQuantile,
    LabelJoin,
    LabelReplace,
    Pi,
    Round,
    Scalar,
    Sort,
    SortDescending,
    Time,
    Timestamp,
    Vector,
}

impl Function {
    pub const fn kind(&self) -> Kind {
        match self.work {
            Work::Special(Special::Pi | Special::Scalar | Special::Time) => Kind::Scalar,
            _ => Kind::Vector,
        }
    }
}

const fn window(name: &'static str, apply: fn(&Window<'_>, f64) -> Option<f64>) -> Function {
    Function {
        name,
        work: Work::Window {
            apply,
            parameter: None,
            keeps_name: false,
        },
        since_3: false,
    }
}

const fn keeping(name: &'static str, apply: fn(&Window<'_>, f64) -> Option<f64>) -> Function {
    Function {
        name,
        work: Work::Window {
            apply,
            parameter: None,
            keeps_name: true,
        },
        since_3: false,
    }
}

const fn with(
    name: &'static str,
    apply: fn(&Window<'_>, f64) -> Option<f64>,
    parameter: usize,
) -> Function {
    Function {
        name,
        work: Work::Window {
            apply,
            parameter: Some(parameter),
            keeps_name: false,
        },
        since_3: false,
    }
}

const fn each(name: &'static str, apply: fn(f64) -> f64) -> Function {
    Function {
        name,
        work: Work::Each(apply),
        since_3: false,
    }
}

const fn date(name: &'static str, part: fn(Civil) -> i64) -> Function {
    Function {
        name,
        work: Work::Date(part),
        since_3: false,
    }
}

const fn special(name: &'static str, special: Special) -> Function {
    Function {
        name,
        work: Work::Special(special),
        since_3: false,
    }
}

impl Function {
    const fn since_3(self) -> Self {
        Self {
            since_3: true,
            ..self
        }
    }
}

const FUNCTIONS: &[Function] = &[
    window("avg_over_time", |w, _| Some(w.avg())),
    window("changes", |w, _| Some(w.changes())),
    window("count_over_time", |w, _| Some(w.count())),
    window("delta", |w, _| w.delta()),
    window("deriv", |w, _| w.deriv()),
    keeping("first_over_time", |w, _| w.earliest()).since_3(),
    window("idelta", |w, _| w.idelta()),
    window("increase", |w, _| w.increase()),
    window("irate", |w, _| w.irate()),
    keeping("last_over_time", |w, _| w.latest()),
    window("mad_over_time", |w, _| Some(w.mad())).since_3(),
    window("max_over_time", |w, _| Some(w.max())),
    window("min_over_time", |w, _| Some(w.min())),
    with("predict_linear", predict, 1),
    window("present_over_time", |_, _| Some(1.0)),
    with("quantile_over_time", |w, p| Some(w.quantile(p)), 0),
    window("rate", |w, _| w.rate()),
    window("resets", |w, _| Some(w.resets())),
    window("stddev_over_time", |w, _| Some(w.stddev())),
    window("stdvar_over_time", |w, _| Some(w.stdvar())),
    window("sum_over_time", |w, _| Some(w.sum())),
    each("abs", f64::abs),
    each("acos", libm::acos),
    each("acosh", libm::acosh),
    each("asin", libm::asin),
    each("asinh", libm::asinh),
    each("atan", libm::atan),
    each("atanh", libm::atanh),
    each("ceil", f64::ceil),
    each("cos", libm::cos),
    each("cosh", libm::cosh),
    each("deg", |v| v * 180.0 / std::f64::consts::PI),
    each("exp", libm::exp),
    each("floor", f64::floor),
    each("ln", libm::log),
    each("log10", libm::log10),
    each("log2", libm::log2),
    each("rad", |v| v * std::f64::consts::PI / 180.0),
    each("sgn", sign),
    each("sin", libm::sin),
    each("sinh", libm::sinh),
    each("sqrt", libm::sqrt),
    each("tan", libm::tan),
    each("tanh", libm::tanh),
    date("day_of_month", |civil| civil.day),
    date("day_of_week", |civil| civil.weekday),
    date("day_of_year", |civil| civil.day_of_year),
    date("days_in_month", Civil::days_in_month),
    date("hour", |civil| civil.hour),
    date("minute", |civil| civil.minute),
    date("month", |civil| civil.month),
    date("year", |civil| civil.year),
    special("absent", Special::Absent),
    special("absent_over_time", Special::AbsentOverTime),
    special("clamp", Special::Clamp),
    special("clamp_max", Special::ClampMax),
    special("clamp_min", Special::ClampMin),
    special("histogram_quantile", Special::HistogramQuantile),
    special("label_join", Special::LabelJoin),
    special("label_replace", Special::LabelReplace),
    special("pi", Special::Pi),
    special("round", Special::Round),
    special("scalar", Special::Scalar),
    special("sort", Special::Sort),
    special("sort_desc", Special::SortDescending),
    special("time", Special::Time),
    special("timestamp", Special::Timestamp),
    special("vector", Special::Vector),
];

fn sign(value: f64) -> f64 {
    if value < 0.0 {
        -1.0
    } else if value > 0.0 {
        1.0
    } else {
        value
    }
}

/// A part of the date of a value in seconds.
pub fn part_of_date(part: fn(Civil) -> i64, seconds: f64) -> f64 {
    if !seconds.is_finite() {
        return f64::NAN;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, and no calendar reaches so far"
    )]
    let whole = (seconds as i64).clamp(-8_000_000_000_000, 8_000_000_000_000);
    float(part(Civil::of(whole)))
}

/// The function of a name.
///
/// # Errors
/// [`Error::Outside`] for a function that the parser knows and this does not; [`Error::Text`] for one that the version
/// does not know.
pub fn find(name: &str, semantics: Semantics) -> Result<&'static Function, Error> {
    let found = FUNCTIONS.iter().find(|function| function.name == name);
    let found = found.ok_or_else(|| Error::Outside(format!("the function {name}")))?;
    if found.since_3 && semantics == Semantics::Prometheus2 {
        let message = format!("unknown function with name {name:?}");
        return Err(Error::Text(message));
    }
    Ok(found)
}

/// Names of all functions, in the order of the alphabet within their kinds.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}
