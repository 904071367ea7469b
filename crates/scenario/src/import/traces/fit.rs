//! A distribution of the language for measured times: of several candidates the one whose quantiles are nearest.
//!
//! Everything is compared at quantiles: the median and the 95th percentile, which people know their services by, count
//! most. All mathematics on `libm`, so that a file is imported to the same text everywhere.

use super::super::quantity::{duration, factor, share};
use crate::model::{Distribution, Step};

/// Quantiles compared, their normal deviates, and what they count.
const POINTS: [(f64, f64, f64); 9] = [
    (0.05, -1.644_854, 0.5),
    (0.10, -1.281_552, 1.0),
    (0.25, -0.674_490, 2.0),
    (0.50, 0.0, 8.0),
    (0.75, 0.674_490, 2.0),
    (0.90, 1.281_552, 4.0),
    (0.95, 1.644_854, 8.0),
    (0.99, 2.326_348, 2.0),
    (0.999, 3.090_232, 0.2),
];

/// Shape of a time around its mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    Constant,
    Exponential,
    LogNormal(f64),
    HyperExponential(f64),
    Erlang(u16),
    Pareto(f64),
}

/// A time: a constant, and beside it a random part, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Time {
    pub(super) least_ns: f64,
    pub(super) mean_ns: f64,
    pub(super) shape: Shape,
}

/// What was fitted: a time for every request, and for a share of them another one after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    pub(super) time: Time,
    /// Share of requests, and their further time.
    pub(super) more: Option<(f64, Time)>,
}

impl Time {
    /// Quantile `q`, whose normal deviate is `z`.
    fn quantile(&self, q: f64, z: f64) -> f64 {
        self.least_ns + self.mean_ns * unit_quantile(self.shape, q, z)
    }

    /// A draw by a number between 0 and 1: evenly spread numbers give evenly spread draws.
    fn drawn(&self, unit: f64) -> f64 {
        let Shape::HyperExponential(scv) = self.shape else {
            return self.quantile(unit, deviate(unit));
        };
        // The choice between the two exponentials and the draw of it are two parts of the same number.
        let first = hyper_share(scv);
        let (share, unit) = if unit < first {
            (first, unit / first)
        } else {
            (1.0 - first, (unit - first) / (1.0 - first))
        };
        let unit = unit.clamp(0.000_5, 0.999_5);
        self.least_ns - self.mean_ns * libm::log(1.0 - unit) / (2.0 * share)
    }

    fn step(mean_ns: f64, shape: Shape) -> Option<Step> {
        let ns = super::super::quantity::scaled(mean_ns, 1.0, 0.0, 1e15);
        if ns == 0 {
            return None;
        }
        let mean = duration(ns);
        Some(match shape {
            Shape::Exponential => Step::Compute(mean),
            Shape::Constant => Step::ComputeAs(mean, Distribution::Constant),
            Shape::LogNormal(sigma) => {
                Step::ComputeAs(mean, Distribution::LogNormal(factor(sigma)))
            }
            Shape::HyperExponential(scv) => {
                Step::ComputeAs(mean, Distribution::HyperExponential(factor(scv)))
            }
            Shape::Erlang(phases) => Step::ComputeAs(mean, Distribution::Erlang(phases)),
            Shape::Pareto(index) => Step::ComputeAs(mean, Distribution::Pareto(factor(index))),
        })
    }

    fn steps(&self) -> Vec<Step> {
        let constant = Self::step(self.least_ns, Shape::Constant);
        constant
            .into_iter()
            .chain(Self::step(self.mean_ns, self.shape))
            .collect()
    }
}

impl Fit {
    /// The steps that take this time; `name` is what the branch of some requests is called.
    pub(super) fn steps(&self, name: &str) -> Vec<Step> {
        let mut steps = self.time.steps();
        if let Some((of_one, time)) = self.more {
            let more = time.steps();
            if !more.is_empty() {
                steps.push(Step::IfShare(name.to_owned(), share(of_one), more));
            }
        }
        steps
    }
}

/// Quantile of a distribution with mean 1.
fn unit_quantile(shape: Shape, q: f64, z: f64) -> f64 {
    match shape {
        Shape::Constant => 1.0,
        Shape::Exponential => -libm::log(1.0 - q),
        Shape::LogNormal(sigma) => libm::exp(sigma * z - sigma * sigma / 2.0),
        Shape::HyperExponential(scv) => hyper_exponential(scv, q),
        Shape::Erlang(phases) => {
            // Wilson and Hilferty (1931): the cube root of a gamma variable is nearly normal.
            let k = f64::from(phases);
            let root = 1.0 - 1.0 / (9.0 * k) + z / (3.0 * libm::sqrt(k));
            (root * root * root).max(0.0)
        }
        Shape::Pareto(index) => (index - 1.0) / index * libm::pow(1.0 - q, -1.0 / index),
    }
}

/// Share of the first of two exponentials with balanced means.
fn hyper_share(scv: f64) -> f64 {
    0.5 * (1.0 + libm::sqrt((scv - 1.0) / (scv + 1.0)))
}

/// Quantile of two exponentials with balanced means, by halving.
fn hyper_exponential(scv: f64, q: f64) -> f64 {
    let first = hyper_share(scv);
    let beyond = |t: f64| {
        first * libm::exp(-2.0 * first * t) + (1.0 - first) * libm::exp(-2.0 * (1.0 - first) * t)
    };
    let (mut low, mut high) = (0.0, 1.0);
    while beyond(high) > 1.0 - q && high < 1e9 {
        high *= 2.0;
    }
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if beyond(middle) > 1.0 - q {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Quantile of sorted values, between neighbours in a straight line.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions in lists of at most a million, and times far below 2^53 ns"
)]
pub(super) fn quantile(sorted: &[u64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let at = q * last as f64;
    let below = at as usize;
    let of = |at: usize| sorted.get(at.min(last)).copied().unwrap_or(0) as f64;
    of(below) + (of(below + 1) - of(below)) * (at - below as f64)
}

#[expect(clippy::cast_precision_loss, reason = "times far below 2^53 ns")]
fn mean(sorted: &[u64]) -> f64 {
    let sum: u128 = sorted.iter().map(|ns| u128::from(*ns)).sum();
    sum as f64 / sorted.len().max(1) as f64
}

/// Shapes of one parameter with few values, and their quantiles at [`POINTS`] for a mean of 1.
pub(super) struct Shapes(Vec<(Shape, [f64; POINTS.len()])>);

impl Shapes {
    pub(super) fn new() -> Self {
        let scvs = [
            1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 4.0, 5.0, 6.0, 7.5, 9.0, 12.0, 16.0, 24.0, 40.0,
        ];
        let phases = [2u16, 3, 4, 6, 8, 12, 16, 24, 40, 64];
        let shapes = scvs.into_iter().map(Shape::HyperExponential);
        let shapes = shapes.chain(phases.into_iter().map(Shape::Erlang));
        Self(
            shapes
                .map(|shape| (shape, POINTS.map(|(q, z, _)| unit_quantile(shape, q, z))))
                .collect(),
        )
    }
}

/// How far a time is from measured quantiles: squares of relative differences. What is small beside the 95th percentile
/// may differ more.
fn distance(
    time: &Time,
    units: &[f64; POINTS.len()],
    measured: &[f64; POINTS.len()],
    floor: f64,
) -> f64 {
    let mut sum = 0.0;
    for (((.., weight), unit), measured) in POINTS.iter().zip(units).zip(measured) {
        let off = (time.least_ns + time.mean_ns * unit - measured) / measured.max(floor);
        sum += weight * off * off;
    }
    sum
}

/// The time that comes nearest to sorted values of nanoseconds.
fn nearest(sorted: &[u64], shapes: &Shapes) -> (Time, f64) {
    let measured: [f64; POINTS.len()] = POINTS.map(|(q, ..)| quantile(sorted, q));
    let [_, _, p25, p50, p75, _, p95, ..] = measured;
    let floor = (p95 * 0.05).max(1.0);
    let average = mean(sorted);
    let mut best = (
        Time {
            least_ns: 0.0,
            mean_ns: p50,
            shape: Shape::Constant,
        },
        f64::INFINITY,
    );
    // The quantiles of a shape are computed where they are not known.
    let mut try_time = |time: Time, units: Option<&[f64; POINTS.len()]>| {
        let of_shape = || POINTS.map(|(q, z, _)| unit_quantile(time.shape, q, z));
        let units = units.copied().unwrap_or_else(of_shape);
        let off = distance(&time, &units, &measured, floor);
        if off.is_finite() && off < best.1 {
            best = (time, off);
        }
    };
    try_time(
        Time {
            least_ns: 0.0,
            mean_ns: p50,
            shape: Shape::Constant,
        },
        None,
    );
    if p95 <= 0.0 {
        return best;
    }
    let least = quantile(sorted, 0.0).min(p50);
    // Times may have a least: the random part is then what is above it, or above a part of it.
    for part in [0.0, 0.5, 0.8, 0.95, 1.0] {
        let least_ns = least * part;
        if part > 0.0 && least_ns < floor {
            continue;
        }
        let above = |value: f64| (value - least_ns).max(0.0);
        let (m25, m50, m75, m95, m) = (
            above(p25),
            above(p50),
            above(p75),
            above(p95),
            above(average),
        );
        for mean_ns in [m, m50 / core::f64::consts::LN_2, m95 / 2.995_732] {
            try_time(
                Time {
                    least_ns,
                    mean_ns,
                    shape: Shape::Exponential,
                },
                None,
            );
        }
        // Two quantiles each give a lognormal.
        for (low, high, width) in [(m50, m95, 1.644_854), (m25, m75, 1.348_980)] {
            if low > 0.0 && high > low {
                let sigma = (libm::log(high / low) / width).min(4.0);
                let mean_ns = m50 * libm::exp(sigma * sigma / 2.0);
                try_time(
                    Time {
                        least_ns,
                        mean_ns,
                        shape: Shape::LogNormal(sigma),
                    },
                    None,
                );
            }
        }
        if m50 > 0.0 && m95 > m50 {
            // Half and a twentieth remain beyond these two: their ratio is ten.
            let index = core::f64::consts::LN_10 / libm::log(m95 / m50);
            if index > 1.05 && index < 1_000.0 {
                let mean_ns = m50 * index / (index - 1.0) * libm::pow(0.5, 1.0 / index);
                try_time(
                    Time {
                        least_ns,
                        mean_ns,
                        shape: Shape::Pareto(index),
                    },
                    None,
                );
            }
        }
        if m50 > 0.0 && m95 > m50 {
            for (shape, units) in &shapes.0 {
                let [_, _, _, unit50, _, _, unit95, ..] = *units;
                for mean_ns in [m, m50 / unit50, m95 / unit95] {
                    let shape = *shape;
                    let time = Time {
                        least_ns,
                        mean_ns,
                        shape,
                    };
                    try_time(time, Some(units));
                }
            }
        }
    }
    best
}

/// A fit for measured times in nanoseconds, which are sorted on the way. No time fits none.
pub(super) fn fit(times: &mut [u64], shapes: &Shapes) -> Fit {
    times.sort_unstable();
    let (time, off) = nearest(times, shapes);
    let single = Fit { time, more: None };
    if times.len() < 40 || off < 0.02 {
        return single;
    }
    // Two kinds of requests, fast and slow: the cut that helps most, if it helps.
    let mut best = (single, off);
    for cut in [0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98] {
        if let Some(two) = split(times, cut, shapes) {
            let off = mixture_distance(&two, times);
            if off < best.1 * 0.6 {
                best = (two, off);
            }
        }
    }
    if best.0.more.is_some() {
        best.0 = polished(best.0, times);
    }
    best.0
}

/// The fast and the slow time drawn to where median and 95th percentile are met.
fn polished(fit: Fit, sorted: &[u64]) -> Fit {
    let mut best = (fit, mixture_distance(&fit, sorted));
    let mut fit = fit;
    for _ in 0..6 {
        let draws = draws(&fit);
        let by = |q: f64| (quantile(sorted, q) / quantile(&draws, q).max(1.0)).clamp(0.6, 1.6);
        let (middle, high) = (by(0.5), by(0.95));
        let stretch = |time: &mut Time, by: f64| {
            time.least_ns *= by;
            time.mean_ns *= by;
        };
        // The part the 95th percentile lies in gives way.
        let slow = fit.more.is_some_and(|(of_one, _)| of_one > 0.05);
        stretch(
            &mut fit.time,
            if slow { middle } else { 0.5 * (middle + high) },
        );
        if let Some((_, more)) = &mut fit.more
            && slow
        {
            stretch(more, high);
        }
        let off = mixture_distance(&fit, sorted);
        if off < best.1 {
            best = (fit, off);
        }
    }
    best.0
}

/// A fast time for all, and what the slow take longer: cut where the gap near quantile `cut` is widest.
fn split(sorted: &[u64], cut: f64, shapes: &Shapes) -> Option<Fit> {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positions in lists of at most a million"
    )]
    let position = |q: f64| (q * sorted.len() as f64) as usize;
    let (from, to) = (position(cut - 0.03), position(cut + 0.03).min(sorted.len()));
    let gap = |at: &usize| {
        let (low, high) = (sorted.get(at - 1), sorted.get(*at));
        low.zip(high).map_or(0, |(low, high)| high - low)
    };
    let at = (from.max(1)..to).max_by_key(gap)?;
    let (fast, slow) = sorted.split_at_checked(at)?;
    if fast.len() < 15 || slow.len() < 8 {
        return None;
    }
    let (time, _) = nearest(fast, shapes);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time"
    )]
    let typical = mean(fast) as u64;
    let more: Vec<u64> = slow.iter().map(|ns| ns.saturating_sub(typical)).collect();
    let (extra, _) = nearest(&more, shapes);
    #[expect(clippy::cast_precision_loss, reason = "counts of at most a million")]
    let of_one = slow.len() as f64 / sorted.len() as f64;
    Some(Fit {
        time,
        more: Some((of_one, extra)),
    })
}

/// How far a fit of two kinds is from measured values.
fn mixture_distance(fit: &Fit, sorted: &[u64]) -> f64 {
    let measured: [f64; POINTS.len()] = POINTS.map(|(q, ..)| quantile(sorted, q));
    let p95 = quantile(sorted, 0.95);
    let floor = (p95 * 0.05).max(1.0);
    let draws = draws(fit);
    let mut sum = 0.0;
    for ((q, _, weight), measured) in POINTS.iter().zip(measured) {
        let off = (quantile(&draws, *q) - measured) / measured.max(floor);
        sum += weight * off * off;
    }
    sum
}

/// Sorted draws of a fit, evenly spread: both parts and the choice between them by points of a lattice.
fn draws(fit: &Fit) -> Vec<u64> {
    const DRAWS: u32 = 1_000;
    let mut draws: Vec<u64> = Vec::new();
    for n in 0..DRAWS {
        // Multiples of the powers of the plastic number's inverse are spread evenly in three dimensions.
        let at = |step: f64| (0.5 + f64::from(n) * step).fract().clamp(0.000_5, 0.999_5);
        let (first, choice, more) = (
            at(0.819_172_513_4),
            at(0.671_043_606_7),
            at(0.549_700_477_9),
        );
        let mut ns = fit.time.drawn(first);
        if let Some((of_one, time)) = &fit.more
            && choice < *of_one
        {
            ns += time.drawn(more);
        }
        draws.push(super::super::quantity::scaled(ns, 1.0, 0.0, 1e15));
    }
    draws.sort_unstable();
    draws
}

/// Normal deviate of a quantile (Abramowitz and Stegun, 26.2.23), off by less than 4.5e-4.
fn deviate(q: f64) -> f64 {
    let tail = q.min(1.0 - q).max(1e-9);
    let t = libm::sqrt(-2.0 * libm::log(tail));
    let top = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let bottom = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let z = t - top / bottom;
    if q < 0.5 { -z } else { z }
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "statistics of a test"
)]
mod tests {
    use super::{Fit, Shape, Shapes, fit, quantile};
    use brownout_sim::dist::Dist;
    use brownout_sim::hash::mix64;

    fn draws(dist: Dist, mean_ns: u64, n: u64) -> Vec<u64> {
        (0..n).map(|i| dist.sample(mean_ns, mix64(i + 1))).collect()
    }

    /// Draws of a fit, by the engine's own samplers.
    fn redraw(fit: &Fit, n: u64) -> Vec<u64> {
        let of = |time: &super::Time, word: u64| {
            let dist = match time.shape {
                Shape::Constant => Dist::Constant,
                Shape::Exponential => Dist::Exponential,
                Shape::LogNormal(sigma) => Dist::LogNormal {
                    sigma_q16: (sigma * 65_536.0) as u32,
                },
                Shape::HyperExponential(scv) => Dist::HyperExponential {
                    scv_q16: (scv * 65_536.0) as u32,
                },
                Shape::Erlang(phases) => Dist::Erlang { phases },
                Shape::Pareto(index) => Dist::Pareto {
                    shape_q16: (index * 65_536.0) as u32,
                },
            };
            time.least_ns as u64 + dist.sample(time.mean_ns as u64, word)
        };
        let mut values: Vec<u64> = (0..n)
            .map(|i| {
                let word = mix64(i + 999_999);
                let more = fit.more.as_ref().map_or(0, |(share, time)| {
                    let slow = (mix64(word ^ 1) as f64) < share * u64::MAX as f64;
                    if slow { of(time, mix64(word ^ 2)) } else { 0 }
                });
                of(&fit.time, word) + more
            })
            .collect();
        values.sort_unstable();
        values
    }

    /// Whatever the times come from, a fit of them has their median and 95th percentile within 8 %.
    #[test]
    fn median_and_95th_percentile_are_kept() {
        let ms = 1_000_000;
        let mut sets: Vec<(&str, Vec<u64>)> = vec![
            ("constant", draws(Dist::Constant, 7 * ms, 500)),
            ("exponential", draws(Dist::Exponential, 7 * ms, 4_000)),
            (
                "lognormal",
                draws(Dist::LogNormal { sigma_q16: 39_321 }, 20 * ms, 4_000),
            ),
            (
                "wide",
                draws(Dist::LogNormal { sigma_q16: 98_304 }, 20 * ms, 4_000),
            ),
            (
                "hyper",
                draws(Dist::HyperExponential { scv_q16: 6 << 16 }, 20 * ms, 6_000),
            ),
            ("erlang", draws(Dist::Erlang { phases: 5 }, 20 * ms, 4_000)),
            (
                "pareto",
                draws(Dist::Pareto { shape_q16: 2 << 16 }, 20 * ms, 6_000),
            ),
            ("few", draws(Dist::Exponential, 7 * ms, 12)),
            ("microseconds", draws(Dist::Exponential, 30_000, 4_000)),
        ];
        // A cache in front of a slow store, and a service that computes for 10 ms at least.
        let fast = draws(Dist::Exponential, ms, 8_000);
        let slow = draws(Dist::LogNormal { sigma_q16: 26_214 }, 60 * ms, 8_000);
        for (name, every) in [
            ("a fifth slow", 5),
            ("a third slow", 3),
            ("one in twelve slow", 12),
        ] {
            let pairs = fast.iter().zip(&slow).enumerate();
            let values = pairs.map(|(i, (f, s))| if i % every == 0 { f + s } else { *f });
            sets.push((name, values.collect()));
        }
        let least = draws(Dist::Exponential, 2 * ms, 4_000);
        sets.push((
            "at least ten",
            least.iter().map(|ns| ns + 10 * ms).collect(),
        ));
        for (name, mut values) in sets {
            let found = fit(&mut values, &Shapes::new());
            let again = redraw(&found, 40_000);
            for q in [0.5, 0.95] {
                let (was, is) = (quantile(&values, q), quantile(&again, q));
                assert!(
                    (is - was).abs() <= 0.08 * was,
                    "{name}: {q}: {was} {is} {found:?}"
                );
            }
        }
    }

    #[test]
    fn nothing_and_zeros_take_no_time() {
        for mut values in [vec![], vec![0], vec![0; 100]] {
            let found = fit(&mut values, &Shapes::new());
            assert!(found.steps("x").is_empty(), "{found:?}");
        }
        // Extremes neither panic nor become no number.
        let mut values = vec![0, 1, u64::MAX / 4, u64::MAX / 2];
        assert!(!fit(&mut values, &Shapes::new()).steps("x").is_empty());
    }
}
