//! Integers as numbers.

/// A count or a time as a number; both stay far below 2^53.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts and times are far below 2^53"
)]
pub const fn float(integer: i64) -> f64 {
    integer as f64
}

/// A number of things as a number.
#[expect(clippy::cast_precision_loss, reason = "nothing is counted up to 2^53")]
pub const fn count(length: usize) -> f64 {
    length as f64
}
