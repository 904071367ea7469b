//! Numbers as the texts of the language: three significant digits are more than anybody measured.

use crate::model::{BytesText, DurationText, FactorText, RateText, ShareText};

/// Three significant digits.
const DIGITS: u64 = 1_000;

/// A whole number rounded to three significant digits.
fn rounded(n: u64) -> u64 {
    let mut unit = 1u64;
    while n / unit >= DIGITS {
        unit *= 10;
    }
    (n / unit + u64::from(n % unit >= unit.div_ceil(2) && unit > 1)).saturating_mul(unit)
}

/// `n / 10^scale` without needless zeros.
fn decimal(n: u64, scale: u32) -> String {
    let unit = 10u64.pow(scale);
    let (whole, part) = (n / unit, n % unit);
    if part == 0 {
        return whole.to_string();
    }
    let digits = format!("{part:0width$}", width = scale as usize);
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

/// A duration: `"8.42ms"`.
pub(super) fn duration(ns: u64) -> DurationText {
    // 30 days are what the language allows; beyond a day nobody counts in parts of seconds.
    let ns = rounded(ns.min(30 * 86_400_000_000_000));
    DurationText(match ns {
        0 => "0ms".to_owned(),
        1..1_000 => format!("{ns}ns"),
        1_000..1_000_000 => format!("{}us", decimal(ns, 3)),
        1_000_000..1_000_000_000 => format!("{}ms", decimal(ns, 6)),
        _ => format!("{}s", decimal(ns, 9)),
    })
}

/// A rate from requests in a hundred hours: `"12.5/s"`, `"30/m"`. At least one in that time, at most a million a second.
pub(super) fn rate(per_second: f64) -> RateText {
    let (value, unit) = if per_second >= 1.0 {
        (per_second, "s")
    } else if per_second * 60.0 >= 1.0 {
        (per_second * 60.0, "m")
    } else {
        (per_second * 3_600.0, "h")
    };
    RateText(format!(
        "{}/{unit}",
        decimal(thousandths(value, 0.01, 1e6), 3)
    ))
}

/// A share of one: `"12.5%"`.
pub(super) fn share(of_one: f64) -> ShareText {
    // Ten-thousandths of a per cent.
    let parts = scaled(of_one * 100.0, 10_000.0, 0.0, 100.0);
    let parts = if parts > 999_000 {
        parts
    } else {
        rounded(parts)
    };
    ShareText(format!("{}%", decimal(parts, 4)))
}

/// A factor: `"0.85"`.
pub(super) fn factor(value: f64) -> FactorText {
    FactorText(decimal(thousandths(value, 0.001, 60_000.0), 3))
}

/// A number of bytes: `"512MiB"`.
pub(super) fn bytes(n: u64) -> BytesText {
    let units = [(1u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units
        .into_iter()
        .find(|(unit, _)| n >= *unit && n.is_multiple_of(*unit));
    BytesText(match unit {
        Some((unit, name)) => format!("{}{name}", n / unit),
        None => format!("{n}B"),
    })
}

fn thousandths(value: f64, least: f64, most: f64) -> u64 {
    rounded(scaled(value, 1_000.0, least, most))
}

/// `value × scale` as a whole number, the value kept within bounds; what is no number is the least.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded below 2^53 just before"
)]
pub(super) fn scaled(value: f64, scale: f64, least: f64, most: f64) -> u64 {
    let value = if value.is_nan() { least } else { value };
    (value.clamp(least, most) * scale + 0.5) as u64
}

#[cfg(test)]
mod tests {
    use super::{bytes, decimal, duration, factor, rate, share};
    use crate::units;

    /// What is written is read as the same number, to three digits.
    #[test]
    fn texts_are_read_back() {
        for ns in [
            0,
            7,
            999,
            1_000,
            123_456,
            8_420_000,
            999_999_999,
            61_500_000_000,
            u64::MAX,
        ] {
            let text = duration(ns).0;
            let read = units::duration_ns(&text).expect(&text);
            let wanted = ns.min(30 * 86_400_000_000_000);
            assert!(read.abs_diff(wanted) * 200 <= wanted, "{ns}: {text}");
        }
        for per_second in [
            0.0,
            1e-9,
            0.004,
            0.5,
            1.0,
            12.34,
            1e6,
            1e9,
            f64::NAN,
            f64::INFINITY,
        ] {
            let text = rate(per_second).0;
            units::interarrival_ns(&text).expect(&text);
        }
        assert_eq!(rate(12.34).0, "12.3/s");
        assert_eq!(rate(0.5).0, "30/m");
        for part in [-1.0, 0.0, 1e-9, 0.123456, 0.9995, 1.0, 2.0, f64::NAN] {
            let text = share(part).0;
            units::share_q32(&text).expect(&text);
        }
        assert_eq!(share(0.1234).0, "12.3%");
        for value in [0.0, 0.001, 0.5, 1.5, 1e9, f64::NAN] {
            let text = factor(value).0;
            units::factor_q16(&text).expect(&text);
        }
        for n in [0, 1, 1024, 300 << 20, 1 << 40] {
            let text = bytes(n).0;
            assert_eq!(units::bytes(&text), Ok(n), "{text}");
        }
    }

    #[test]
    fn no_needless_zeros() {
        assert_eq!(decimal(1_500, 3), "1.5");
        assert_eq!(decimal(2_000, 3), "2");
        assert_eq!(decimal(5, 3), "0.005");
        assert_eq!(duration(1_234_567).0, "1.23ms");
        assert_eq!(duration(999_600).0, "1ms");
    }
}
