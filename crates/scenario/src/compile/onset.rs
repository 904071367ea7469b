//! How a change comes: all at once, little by little, or on and off.

use brownout_sim::blueprint::{Change, Link, ONE_Q16, Quality, RequestEffect};

use super::Build;
use super::blueprint::Builder;
use crate::model::TimedChange;
use crate::units::duration_ns;

impl Builder<'_> {
    /// The world changes of a timed change, with how long after its time each of them comes.
    pub(super) fn onset(&mut self, timed: &TimedChange) -> Build<Vec<(u64, Change)>> {
        let changes = self.changes(&timed.change)?;
        if let Some(ramp) = &timed.ramp {
            let over_ns = duration_ns(&ramp.over.0)?;
            let steps = u64::from(ramp.steps.max(1));
            let step = |step: u64| {
                let then_ns = over_ns / steps * (step - 1);
                let part = changes
                    .iter()
                    .map(move |change| scaled(change, step, steps));
                part.map(move |change| (then_ns, change))
            };
            return Ok((1..=steps).flat_map(step).collect());
        }
        let mut all: Vec<(u64, Change)> = changes.into_iter().map(|c| (0, c)).collect();
        if let Some(flap) = &timed.flap {
            let (on_ns, off_ns) = (duration_ns(&flap.on.0)?, duration_ns(&flap.off.0)?);
            let begins = all.clone();
            let ends = self.changes(&flap.end)?;
            all.clear();
            for time in 0..u64::from(flap.times) {
                let from_ns = time * (on_ns + off_ns);
                all.extend(begins.iter().map(|(_, change)| (from_ns, change.clone())));
                all.extend(ends.iter().map(|change| (from_ns + on_ns, change.clone())));
            }
        }
        Ok(all)
    }
}

/// Step `step` of `steps` of a change that has a size.
fn scaled(change: &Change, step: u64, steps: u64) -> Change {
    let share = |whole: u64| whole * step / steps;
    let factor = |whole: u32| {
        let (one, step, steps) = (i64::from(ONE_Q16), step.cast_signed(), steps.cast_signed());
        u32::try_from(one + (i64::from(whole) - one) * step / steps).unwrap_or(whole)
    };
    match change {
        Change::Slowdown {
            selector,
            factor_q16,
        } => Change::Slowdown {
            selector: *selector,
            factor_q16: factor(*factor_q16),
        },
        Change::Errors {
            selector,
            failure_q32,
        } => Change::Errors {
            selector: *selector,
            failure_q32: share(*failure_q32),
        },
        Change::Requests {
            selector,
            requests,
            effect,
        } => Change::Requests {
            selector: *selector,
            requests: *requests,
            effect: match *effect {
                RequestEffect::Slow { factor_q16 } => RequestEffect::Slow {
                    factor_q16: factor(factor_q16),
                },
                RequestEffect::Size { factor_q16 } => RequestEffect::Size {
                    factor_q16: factor(factor_q16),
                },
                RequestEffect::Fail { share_q32 } => RequestEffect::Fail {
                    share_q32: share(share_q32),
                },
                RequestEffect::Refuse { share_q32, status } => RequestEffect::Refuse {
                    share_q32: share(share_q32),
                    status,
                },
            },
        },
        Change::Traffic { users, factor_q16 } => Change::Traffic {
            users: *users,
            factor_q16: factor(*factor_q16),
        },
        Change::Link(link) => Change::Link(Link {
            quality: Quality {
                delay_ns: share(link.quality.delay_ns),
                jitter_ns: share(link.quality.jitter_ns),
                loss_q32: share(link.quality.loss_q32),
                reset_q32: share(link.quality.reset_q32),
                linger_ns: share(link.quality.linger_ns),
                ..link.quality
            },
            ..*link
        }),
        other => other.clone(),
    }
}
