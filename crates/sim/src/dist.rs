//! Distributions of service times, sampled from one uniform word each.
//!
//! Transcendental functions come from `libm`, whose results do not depend on platform, compiler or C library.

use crate::hash::{combine, mix64};

/// Tells the word that chooses a branch from the one drawn within it.
const BRANCH: u64 = 0x2545_f491_4f6c_dd1d;

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
    /// One of two exponentials with balanced means, whose squared coefficient of variation is this, at least 1.
    HyperExponential {
        /// Variance over squared mean, Q16.
        scv_q16: u32,
    },
    /// The sum of this many equal exponentials.
    Erlang {
        /// Phases, at least 1.
        phases: u16,
    },
    /// Pareto with this tail index, above 1.
    Pareto {
        /// Tail index, Q16.
        shape_q16: u32,
    },
}

/// A uniform draw from the open interval (0, 1): the top 53 bits of `word`, centred.
#[inline]
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "53 bits are exact in f64")]
pub fn unit_open(word: u64) -> f64 {
    ((word >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
}

/// Fractional bits of [`exponential_q40`].
pub const EXPONENTIAL_BITS: u32 = 40;
/// Cells of the table of logarithms, a power of two.
const CELLS: usize = 1 << CELL_BITS;
const CELL_BITS: u32 = 11;
/// ln 2 in Q62.
const LN2_Q62: u128 = 3_196_577_161_300_663_915;
/// ln 2 in Q40.
const LN2_Q40: u64 = 762_123_384_785;
/// ln(2 / (1 + i / CELLS)) in Q40, for i from 0 to CELLS.
static LOGARITHMS: [u64; CELLS + 1] = logarithms();

/// Binary logarithms digit by digit: squaring a number doubles its logarithm (Knuth, TAOCP vol. 1, §1.2.2, exercise 25).
#[expect(clippy::large_stack_arrays, reason = "filled at compile time")]
const fn logarithms() -> [u64; CELLS + 1] {
    let mut table = [0; CELLS + 1];
    let mut cell = 0;
    while cell < CELLS {
        let mut power = (1u128 << 62) + ((cell as u128) << (62 - CELL_BITS));
        let mut digits = 0u128;
        let mut digit = 1u128 << 61;
        while digit > 1 << 8 {
            power = power * power >> 62;
            if power >= 2 << 62 {
                power >>= 1;
                digits += digit;
            }
            digit >>= 1;
        }
        table[cell] = (((1 << 62) - digits) * LN2_Q62 >> (62 + 22)) as u64;
        cell += 1;
    }
    table
}

/// An exponential draw with mean 1 in Q40, by inversion in integers: −ln of `word / 2^64`, from its leading zeros and a
/// table of logarithms with linear interpolation. Off by less than 4e-8.
#[inline]
#[must_use]
pub const fn exponential_q40(word: u64) -> u64 {
    let word = word | 1;
    let zeros = word.leading_zeros();
    let mantissa = word << zeros << 1;
    let cell = (mantissa >> (64 - CELL_BITS)) as usize;
    let within = mantissa >> (32 - CELL_BITS) & 0xffff_ffff;
    let (here, next) = (LOGARITHMS[cell], LOGARITHMS[cell + 1]);
    zeros as u64 * LN2_Q40 + here - ((here - next) * within >> 32)
}

/// An exponential draw with mean 1.
#[inline]
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "46 bits are exact in f64")]
pub fn exponential(word: u64) -> f64 {
    exponential_q40(word) as f64 / (1u64 << EXPONENTIAL_BITS) as f64
}

/// `factor_q40 × mean_ns`, rounded down.
#[inline]
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the factor is below 46 and means are far below 2^58 ns"
)]
pub const fn scale_q40(factor_q40: u64, mean_ns: u64) -> u64 {
    (factor_q40 as u128 * mean_ns as u128 >> EXPONENTIAL_BITS) as u64
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
    pub fn sample(self, mean_ns: u64, word: u64) -> u64 {
        match self {
            Self::Constant => mean_ns,
            Self::Exponential => scale_q40(exponential_q40(word), mean_ns),
            other => other.sample_rare(mean_ns, word),
        }
    }

    /// A draw from one of the distributions that cost more than a call.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "draws are positive and saturate far above any simulated length"
    )]
    fn sample_rare(self, mean_ns: u64, word: u64) -> u64 {
        match self {
            Self::Constant | Self::Exponential => self.sample(mean_ns, word),
            Self::LogNormal { sigma_q16 } => {
                let sigma = f64::from(sigma_q16) / 65_536.0;
                // exp(sigma z − sigma²/2) has mean 1.
                (libm::exp(sigma * normal(word) - sigma * sigma * 0.5) * mean_ns as f64) as u64
            }
            Self::HyperExponential { scv_q16 } => {
                // Balanced means: each branch carries half of the mean (Tijms 2003, appendix B).
                let scv = f64::from(scv_q16.max(65_536)) / 65_536.0;
                let first = 0.5 * (1.0 + libm::sqrt((scv - 1.0) / (scv + 1.0)));
                let share = if unit_open(mix64(word ^ BRANCH)) < first {
                    first
                } else {
                    1.0 - first
                };
                (exponential(word) * mean_ns as f64 / (2.0 * share)) as u64
            }
            Self::Erlang { phases } => {
                let phases = u64::from(phases.max(1));
                let sum_q40: u64 = (0..phases)
                    .map(|phase| exponential_q40(combine(word, phase)))
                    .sum();
                scale_q40(sum_q40 / phases, mean_ns)
            }
            Self::Pareto { shape_q16 } => {
                let shape = f64::from(shape_q16.max(65_537)) / 65_536.0;
                // u^(-1/shape) for uniform u is exp(e/shape) for exponential e; the least value makes the mean 1.
                (libm::exp(exponential(word) / shape) * (shape - 1.0) / shape * mean_ns as f64)
                    as u64
            }
        }
    }
}
