//! Profiles of traffic to steps of a rate.

use brownout_sim::blueprint::{ONE_Q16, ONE_Q32, RateStep, SECOND_NS};

use super::Build;
use crate::model::Profile;
use crate::units::{duration_ns, factor_q16, share_q32};

/// Steps of one wave, unless the run has so many waves that it would be more than [`MOST_WAVE_STEPS`].
const WAVE_STEPS: u64 = 96;
const MOST_WAVE_STEPS: u64 = 2_048;
/// Most steps of one slope.
const MOST_SLOPE_STEPS: u64 = 120;

/// A profile with its quantities read. Times in nanoseconds, factors in Q16.
enum Shape {
    Constant(u32),
    Wave {
        period: u64,
        peak: u64,
        low: u32,
    },
    /// Corners `(time, factor)`, straight lines between them; 1 before the first, constant after the last.
    Lines(Vec<(u64, u32)>),
    Steps(Vec<(u64, u32)>),
}

fn shape(profile: &Profile) -> Build<Shape> {
    Ok(match profile {
        Profile::Constant(factor) => Shape::Constant(factor_q16(&factor.0)?),
        Profile::Diurnal { period, peak, low } => Shape::Wave {
            period: duration_ns(&period.0)?.max(1),
            peak: duration_ns(&peak.0)?,
            low: u32::try_from(share_q32(&low.0)?.min(ONE_Q32) >> 16).unwrap_or(ONE_Q16),
        },
        Profile::Ramp { from, over, to } => {
            let from = duration_ns(&from.0)?;
            let end = from.saturating_add(duration_ns(&over.0)?);
            Shape::Lines(vec![(from, ONE_Q16), (end, factor_q16(&to.0)?)])
        }
        Profile::Spike {
            at,
            rise,
            hold,
            fall,
            factor,
        } => {
            let top = factor_q16(&factor.0)?;
            let mut time = duration_ns(&at.0)?;
            let mut corners = vec![(time, ONE_Q16)];
            for (after, factor) in [(rise, top), (hold, top), (fall, ONE_Q16)] {
                time = time.saturating_add(duration_ns(&after.0)?);
                corners.push((time, factor));
            }
            Shape::Lines(corners)
        }
        Profile::Replay { at, every, factors } => {
            let (mut time, every) = (duration_ns(&at.0)?, duration_ns(&every.0)?);
            let mut steps = Vec::with_capacity(factors.len() + 1);
            for factor in factors {
                steps.push((time, factor_q16(&factor.0)?));
                time = time.saturating_add(every);
            }
            steps.push((time, ONE_Q16));
            Shape::Steps(steps)
        }
    })
}

impl Shape {
    /// When the factor changes, up to `until_ns`.
    fn times(&self, until_ns: u64, times: &mut Vec<u64>) {
        match self {
            Self::Constant(_) => times.push(0),
            Self::Wave { period, .. } => {
                let step = (period / WAVE_STEPS).max(until_ns / MOST_WAVE_STEPS).max(1);
                times.extend((0..=until_ns / step).map(|n| n * step));
            }
            Self::Steps(steps) => times.extend(steps.iter().map(|(at, _)| *at)),
            Self::Lines(corners) => {
                times.extend(corners.iter().map(|(at, _)| *at));
                for (from, to) in corners.iter().zip(corners.iter().skip(1)) {
                    if from.1 == to.1 {
                        continue;
                    }
                    let step = ((to.0 - from.0) / MOST_SLOPE_STEPS).max(SECOND_NS);
                    times.extend((1..=(to.0 - from.0) / step).map(|n| from.0 + n * step));
                }
            }
        }
    }

    /// Factor in Q16 of the step that begins at a time and ends at another: that in its middle, but what it settles at
    /// once the last corner has passed.
    fn factor(&self, from_ns: u64, to_ns: u64) -> u32 {
        let middle = from_ns + (to_ns - from_ns) / 2;
        match self {
            Self::Constant(factor) => *factor,
            Self::Wave { period, peak, low } => wave(*period, *peak, *low, middle),
            Self::Steps(steps) => steps
                .iter()
                .rev()
                .find(|(at, _)| *at <= from_ns)
                .map_or(ONE_Q16, |(_, factor)| *factor),
            Self::Lines(corners) => {
                let after = corners.iter().position(|(at, _)| *at > from_ns);
                match after {
                    Some(0) => ONE_Q16,
                    Some(next) => match (corners.get(next - 1), corners.get(next)) {
                        (Some(from), Some(to)) => between(*from, *to, middle),
                        _ => ONE_Q16,
                    },
                    None => corners.last().map_or(ONE_Q16, |(_, factor)| *factor),
                }
            }
        }
    }
}

/// A point on the line between two corners.
fn between(from: (u64, u32), to: (u64, u32), at_ns: u64) -> u32 {
    let length = i128::from(to.0.saturating_sub(from.0).max(1));
    let rise = i128::from(to.1) - i128::from(from.1);
    let passed = i128::from(at_ns.saturating_sub(from.0)).min(length);
    u32::try_from(i128::from(from.1) + rise * passed / length).unwrap_or(ONE_Q16)
}

/// `low + (1 − low)(1 + cos φ)/2`, φ being the phase after a peak.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a phase within one period and a factor between 0 and 1"
)]
fn wave(period: u64, peak: u64, low: u32, at_ns: u64) -> u32 {
    let phase = (at_ns % period + period - peak % period) % period;
    let angle = core::f64::consts::TAU * phase as f64 / period as f64;
    let swing = f64::from(ONE_Q16 - low.min(ONE_Q16));
    low + (swing * (1.0 + libm::cos(angle)) / 2.0) as u32
}

/// The steps of the product of all profiles of a flow, up to `until_ns`; after that the last one holds.
pub(crate) fn rate_steps(profiles: &[Profile], until_ns: u64) -> Build<Vec<RateStep>> {
    let shapes = profiles.iter().map(shape).collect::<Build<Vec<Shape>>>()?;
    let mut times = Vec::new();
    for shape in &shapes {
        shape.times(until_ns, &mut times);
    }
    times.retain(|at| *at <= until_ns);
    times.sort_unstable();
    times.dedup();
    let mut steps: Vec<RateStep> = Vec::new();
    for (index, at_ns) in times.iter().copied().enumerate() {
        let end_ns = times.get(index + 1).copied().unwrap_or(at_ns);
        let product = shapes.iter().fold(u64::from(ONE_Q16), |product, shape| {
            (product * u64::from(shape.factor(at_ns, end_ns)) >> 16).min(u64::from(u32::MAX))
        });
        let factor_q16 = u32::try_from(product).unwrap_or(u32::MAX);
        let before = steps.last().map_or(ONE_Q16, |step| step.factor_q16);
        if factor_q16 != before {
            steps.push(RateStep { at_ns, factor_q16 });
        }
    }
    Ok(steps)
}
