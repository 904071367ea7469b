//! Golden vectors: draws must not change with platform, compiler, profile or the version of a library.
#![expect(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    reason = "statistics and positions of a test"
)]

use brownout_sim::dist::{Dist, exponential, normal};
use brownout_sim::hash::{combine, mix64, name_hash};

const GOLDEN_COMBINE: [u64; 3] = [0xcb536ffea291217f, 0x46923dfc898bdc6f, 0x700d2dc720f7f2d9];
const GOLDEN_NAMES: [u64; 2] = [0xf52a15e9a9b5e89b, 0x728c506b4e6f024];
const GOLDEN_EXPONENTIAL: [u64; 4] = [
    0x40462e42fefa2000,
    0x40462e42fefa2000,
    0x4015aa163a2b3800,
    0x3d70000000000000,
];
const GOLDEN_NORMAL: [u64; 4] = [
    0x4021e0a9f484dec3,
    0xc022d6978b8aed70,
    0xbfda0e209bac0628,
    0x3eaadd424a80c262,
];
const GOLDEN_LOGNORMAL: [u64; 4] = [4622988585, 49, 403688, 606531];

#[test]
fn hashes_are_pinned() {
    // mix64 is the finaliser of splitmix64, whose first output from state 0 is published as e220a8397b1dcdaf.
    assert_eq!(mix64(0x9e37_79b9_7f4a_7c15), 0xe220_a839_7b1d_cdaf);
    let pinned = [(0, 0), (1, 2), (u64::MAX, 7)].map(|(a, b)| combine(a, b));
    assert_eq!(pinned, GOLDEN_COMBINE);
    assert_eq!([name_hash(""), name_hash("checkout")], GOLDEN_NAMES);
    assert_ne!(combine(1, 2), combine(2, 1), "the order matters");
}

#[test]
fn samplers_are_pinned_to_the_bit() {
    let words = [0, 1, 0x0123_4567_89ab_cdef, u64::MAX];
    assert_eq!(words.map(|w| exponential(w).to_bits()), GOLDEN_EXPONENTIAL);
    assert_eq!(words.map(|w| normal(w).to_bits()), GOLDEN_NORMAL);
    let lognormal = Dist::LogNormal { sigma_q16: 65_536 };
    assert_eq!(
        words.map(|w| lognormal.sample(1_000_000, w)),
        GOLDEN_LOGNORMAL
    );
}

/// The table against the platform's logarithm, over words of every magnitude.
#[test]
fn exponential_draws_are_logarithms() {
    for shift in 0..64 {
        for i in 0..2_000u64 {
            let word = combine(3, i) >> shift | 1;
            let expected = -(word as f64 / 2f64.powi(64)).ln();
            let drawn = exponential(word);
            assert!(
                (drawn - expected).abs() < 4e-8,
                "{word:#x}: {drawn}, expected {expected}"
            );
        }
    }
}

/// Means within three standard errors of the closed form, over hashed counters as a run draws them.
#[test]
fn samplers_have_the_right_mean_and_spread() {
    let count = 200_000u64;
    for (dist, variance) in [
        (Dist::Constant, 0.0),
        (Dist::Exponential, 1.0),
        (Dist::LogNormal { sigma_q16: 32_768 }, 0.25f64.exp_m1()),
        (Dist::HyperExponential { scv_q16: 4 << 16 }, 4.0),
        (Dist::Erlang { phases: 4 }, 0.25),
        // Variance of a Pareto with mean 1 and tail index a: 1 / (a (a − 2)).
        (Dist::Pareto { shape_q16: 6 << 16 }, 1.0 / (6.0 * 4.0)),
    ] {
        let draws: Vec<f64> = (0..count)
            .map(|i| dist.sample(1_000_000, combine(9, i)) as f64 / 1e6)
            .collect();
        let mean = draws.iter().sum::<f64>() / count as f64;
        let spread = draws.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / count as f64;
        let error = (variance / count as f64).sqrt();
        assert!(
            (mean - 1.0).abs() <= 3.0 * error + 1e-6,
            "{dist:?}: mean {mean}"
        );
        assert!(
            (spread - variance).abs() <= 0.03 * variance + 1e-9,
            "{dist:?}: variance {spread}, expected {variance}"
        );
    }
}
