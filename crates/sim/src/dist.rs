//! Distributions of service times, sampled from one uniform word each.
//!
//! Transcendental functions come from `libm`, whose results do not depend on platform, compiler or C library.

use crate::hash::mix64;

/// A distribution with mean 1, scaled by the mean at hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Dist {
    /// Always the mean.
    Constant,
    /// Exponential.
    #[default]
    Exponential,
    /// Lognormal whose logarithm has this standard deviation, in Q16.
    LogNormal {
        /// Standard deviation of the logarithm, Q16.
        sigma_q16: u32,
    },
}

/// A uniform draw from the open interval (0, 1): the top 53 bits of `word`, centred.
#[inline]
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "53 bits are exact in f64")]
pub fn unit_open(word: u64) -> f64 {
    ((word >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
}

/// An exponential draw with mean 1, by inversion.
#[inline]
#[must_use]
pub fn exponential(word: u64) -> f64 {
    -libm::log(unit_open(word))
}

/// A standard normal draw, by the polar-free Box–Muller transform; the second word is derived from the first.
#[must_use]
pub fn normal(word: u64) -> f64 {
    let radius = libm::sqrt(2.0 * exponential(word));
    let angle = core::f64::consts::TAU * unit_open(mix64(word ^ 0x5851_f42d_4c95_7f2d));
    radius * libm::cos(angle)
}

impl Dist {
    /// A draw with mean `mean_ns`, rounded down to whole nanoseconds.
    #[inline]
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "draws are positive and saturate far above any simulated length"
    )]
    pub fn sample(self, mean_ns: u64, word: u64) -> u64 {
        match self {
            Self::Constant => mean_ns,
            Self::Exponential => (exponential(word) * mean_ns as f64) as u64,
            Self::LogNormal { sigma_q16 } => {
                let sigma = f64::from(sigma_q16) / 65_536.0;
                // exp(sigma z − sigma²/2) has mean 1.
                (libm::exp(sigma * normal(word) - sigma * sigma * 0.5) * mean_ns as f64) as u64
            }
        }
    }
}
