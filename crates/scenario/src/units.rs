//! Quantities as text to integers: decimals are read digit by digit and never pass through a float, so that a file
//! means the same number on every platform.

use thiserror::Error;

use crate::limits::MAX_MESSAGE_BYTES;

/// Why a quantity cannot be read. The text says what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("expected {expected}, found `{found}`")]
pub struct UnitError {
    /// What was expected, with an example.
    pub expected: &'static str,
    /// What was found, shortened.
    pub found: String,
}

/// Most bytes of anything: 2^50.
pub const MAX_BYTES: u64 = 1 << 50;

/// Fastest rate of one source: a million a second.
pub const MIN_INTERARRIVAL_NS: u64 = 1_000;

const WHOLE: &str = "a whole number in quotes such as \"400\"";
const DURATION: &str = "a duration such as \"750ms\", \"1.5s\", \"20m\", \"500us\" or \"2h10m\"";
const DURATION_TOO_FINE: &str = "a duration in whole nanoseconds";
const DURATION_TOO_LONG: &str = "a duration of at most 584 years";
const RATE: &str = "a rate such as \"120/s\", \"30/m\" or \"5/h\"";
const RATE_RANGE: &str =
    "a rate above 0 and of at most 1000000/s (leave the region out for no traffic)";
const SHARE: &str = "a share such as \"25%\" or \"0.5%\"";
const SHARE_RANGE: &str = "a share between \"0%\" and \"100%\"";
const FACTOR: &str = "a decimal factor in quotes such as \"2\" or \"0.8\"";
const FACTOR_RANGE: &str = "a factor of at least 0.0001 and at most 60000";
const BYTES: &str = "a number of bytes such as \"512MiB\", \"1.5GB\" or \"900B\"";
const BYTES_RANGE: &str = "at most 1048576GiB";
const SIZE: &str = "a size such as \"500B\", \"4KiB\" or \"1.5MB\"";
const SIZE_RANGE: &str = "a size of whole bytes and at most 1GiB";
const BANDWIDTH: &str = "a bandwidth such as \"500kbit/s\", \"100Mbit/s\" or \"1Gbit/s\"";
const BANDWIDTH_RANGE: &str = "a bandwidth of at least 1bit/s and at most 1000000Gbit/s";
const CALENDAR: &str = "a calendar time such as \"2026-03-04T17:40:00Z\"";

/// A kind of quantity, for the reference of the language.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    /// Type of [`model`](crate::model) that holds it.
    pub construct: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Units it may have.
    pub units: &'static str,
    /// What it may be.
    pub range: &'static str,
    /// Texts that are read.
    pub examples: &'static [&'static str],
    /// Texts that are refused.
    pub refused: &'static [&'static str],
}

/// All kinds of quantities. A range that a field narrows stands with the field.
pub const QUANTITIES: [Quantity; 7] = [
    Quantity {
        construct: "DurationText",
        what: "duration",
        units: "`ns`, `us`, `ms`, `s`, `m` (minutes), `h`; several from large to small",
        range: "whole nanoseconds, at most 30 days in most places",
        examples: &["750ms", "1.5s", "2h10m", "0s"],
        refused: &["10", "1.5ns", "5 s", "10m2h", "-1s", "1d"],
    },
    Quantity {
        construct: "RateText",
        what: "rate",
        units: "`/s`, `/m`, `/h`",
        range: "above 0, at most 1,000,000 a second",
        examples: &["120/s", "30/m", "0.5/h"],
        refused: &["120", "0/s", "1000001/s", "5/d"],
    },
    Quantity {
        construct: "ShareText",
        what: "share",
        units: "`%`",
        range: "0 to 100 %",
        examples: &["25%", "0.5%", "100%"],
        refused: &["0.25", "100.1%", "-1%"],
    },
    Quantity {
        construct: "FactorText",
        what: "factor",
        units: "none",
        range: "0.0001 to 60,000",
        examples: &["2", "0.8", "60000"],
        refused: &["2x", "0", "60001", "1e3"],
    },
    Quantity {
        construct: "BytesText",
        what: "bytes",
        units: "`B`, `kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`",
        range: "at most 2^50 bytes",
        examples: &["512MiB", "1.5GB", "900B"],
        refused: &["512", "5mb", "1048577GiB"],
    },
    Quantity {
        construct: "MessageSizeText",
        what: "size of a message",
        units: "`B`, `kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`",
        range: "whole bytes, at most 1 GiB",
        examples: &["4KiB", "1.5MB", "500B"],
        refused: &["4k", "0.5B", "1025MiB"],
    },
    Quantity {
        construct: "BandwidthText",
        what: "bandwidth",
        units: "`bit/s`, `kbit/s`, `Mbit/s`, `Gbit/s`",
        range: "1 bit/s to 1,000,000 Gbit/s",
        examples: &["100Mbit/s", "1Gbit/s"],
        refused: &["100MB/s", "0bit/s", "1000001Gbit/s"],
    },
];

fn refuse<T>(expected: &'static str, found: &str) -> Result<T, UnitError> {
    let found = found.chars().take(40).filter(|c| !c.is_control()).collect();
    Err(UnitError { expected, found })
}

/// An exact decimal: `digits` / 10^`scale`.
#[derive(Clone, Copy)]
struct Decimal {
    digits: u128,
    scale: u32,
}

/// Splits a leading decimal off a text. Bounded to 18 digits on either side, which keeps all later products in u128.
fn decimal(text: &str) -> Option<(Decimal, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    let (whole, fraction) = match number.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (number, ""),
    };
    if whole.is_empty() || whole.len() > 18 || fraction.len() > 12 || fraction.contains('.') {
        return None;
    }
    let mut digits: u128 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        digits = digits * 10 + u128::from(byte - b'0');
    }
    let scale = u32::try_from(fraction.len()).ok()?;
    Some((Decimal { digits, scale }, rest))
}

/// `value × numerator / denominator`, rounded to the nearest integer.
fn scaled(value: Decimal, numerator: u128, denominator: u128) -> u128 {
    let divisor = 10u128.pow(value.scale).saturating_mul(denominator);
    (value.digits.saturating_mul(numerator) + divisor / 2) / divisor
}

/// Units of durations, largest first.
const DURATION_UNITS: [(&str, u128); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// A whole number in quotes, such as `400`.
pub fn whole(text: &str) -> Result<u64, UnitError> {
    let digits = text.trim();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value = plain.then(|| digits.parse().ok()).flatten();
    value.map_or_else(|| refuse(WHOLE, text), Ok)
}

/// A duration in nanoseconds. Several parts are added up, from large units to small ones: `2h10m`.
///
/// # Errors
/// If the text is not a decimal followed by `ns`, `us`, `ms`, `s`, `m` or `h`, or not a whole number of nanoseconds.
pub fn duration_ns(text: &str) -> Result<u64, UnitError> {
    let mut units = DURATION_UNITS.iter();
    let mut total: u128 = 0;
    let mut rest = text;
    loop {
        let Some((value, after)) = decimal(rest) else {
            return refuse(DURATION, text);
        };
        let end = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, next) = after.split_at_checked(end).unwrap_or((after, ""));
        // Taking units from one iterator refuses repeated and rising ones.
        let Some((_, unit_ns)) = units.find(|(name, _)| *name == unit) else {
            return refuse(DURATION, text);
        };
        let divisor = 10u128.pow(value.scale);
        let product = value.digits.saturating_mul(*unit_ns);
        if product % divisor != 0 {
            return refuse(DURATION_TOO_FINE, text);
        }
        total = total.saturating_add(product / divisor);
        if next.is_empty() {
            return u64::try_from(total).or_else(|_| refuse(DURATION_TOO_LONG, text));
        }
        rest = next;
    }
}

/// Mean time between arrivals of a rate, in nanoseconds, rounded to the nearest.
///
/// # Errors
/// If the text is not a decimal followed by `/s`, `/m` or `/h`, or the rate is 0 or above a million a second.
pub fn interarrival_ns(text: &str) -> Result<u64, UnitError> {
    let Some((value, unit)) = decimal(text) else {
        return refuse(RATE, text);
    };
    let unit_ns: u128 = match unit {
        "/s" => 1_000_000_000,
        "/m" => 60_000_000_000,
        "/h" => 3_600_000_000_000,
        _ => return refuse(RATE, text),
    };
    if value.digits == 0 {
        return refuse(RATE_RANGE, text);
    }
    let numerator = unit_ns * 10u128.pow(value.scale);
    // Compared before rounding, so that one arrival more than the limit is refused.
    if numerator < u128::from(MIN_INTERARRIVAL_NS) * value.digits {
        return refuse(RATE_RANGE, text);
    }
    let ns = (numerator + value.digits / 2) / value.digits;
    u64::try_from(ns).or_else(|_| refuse(RATE_RANGE, text))
}

/// A share in Q32: 100 % is 2^32.
///
/// # Errors
/// If the text is not a decimal followed by `%`, or above 100 %.
pub fn share_q32(text: &str) -> Result<u64, UnitError> {
    let Some((value, "%")) = decimal(text) else {
        return refuse(SHARE, text);
    };
    if value.digits > 100 * 10u128.pow(value.scale) {
        return refuse(SHARE_RANGE, text);
    }
    u64::try_from(scaled(value, 1 << 32, 100)).or_else(|_| refuse(SHARE_RANGE, text))
}

/// A positive factor in Q16: 1 is 2^16.
///
/// # Errors
/// If the text is not a plain decimal, or too small or too large for Q16.
pub fn factor_q16(text: &str) -> Result<u32, UnitError> {
    let Some((value, "")) = decimal(text) else {
        return refuse(FACTOR, text);
    };
    let unit = 10u128.pow(value.scale);
    if value.digits * 10_000 < unit || value.digits > 60_000 * unit {
        return refuse(FACTOR_RANGE, text);
    }
    u32::try_from(scaled(value, 1 << 16, 1)).or_else(|_| refuse(FACTOR_RANGE, text))
}

/// Units of bytes.
const BYTE_UNITS: [(&str, u128); 7] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// A number of bytes, rounded to the nearest.
///
/// # Errors
/// If the text is not a decimal followed by `B`, `kB`, `MB`, `GB`, `KiB`, `MiB` or `GiB`, or above 2^50 bytes.
pub fn bytes(text: &str) -> Result<u64, UnitError> {
    let Some((value, unit)) = decimal(text) else {
        return refuse(BYTES, text);
    };
    let Some((_, size)) = BYTE_UNITS.iter().find(|(name, _)| *name == unit) else {
        return refuse(BYTES, text);
    };
    match u64::try_from(scaled(value, *size, 1)) {
        Ok(bytes) if bytes <= MAX_BYTES => Ok(bytes),
        _ => refuse(BYTES_RANGE, text),
    }
}

/// A decimal of one of several units as a fraction of the smallest.
fn fraction(text: &str, units: &[(&str, u128)]) -> Option<(u128, u128)> {
    let (value, unit) = decimal(text)?;
    let (_, of_unit) = units.iter().find(|(name, _)| *name == unit)?;
    let product = value.digits.checked_mul(*of_unit)?;
    Some((product, 10u128.pow(value.scale)))
}

/// Size of a message in bytes.
///
/// # Errors
/// If the text is not a decimal followed by `B`, `kB`, `KiB`, `MB`, `MiB`, `GB` or `GiB`, not a whole number of bytes, or
/// above the limit of a message.
pub fn message_bytes(text: &str) -> Result<u32, UnitError> {
    let Some((digits, scale)) = fraction(text, &BYTE_UNITS) else {
        return refuse(SIZE, text);
    };
    if digits % scale != 0 || digits / scale > u128::from(MAX_MESSAGE_BYTES) {
        return refuse(SIZE_RANGE, text);
    }
    u32::try_from(digits / scale).or_else(|_| refuse(SIZE_RANGE, text))
}

/// Bandwidth in bits per second.
///
/// # Errors
/// If the text is not a decimal followed by `bit/s`, `kbit/s`, `Mbit/s` or `Gbit/s`, or out of range.
pub fn bits_per_second(text: &str) -> Result<u64, UnitError> {
    let units = [
        ("bit/s", 1),
        ("kbit/s", 1_000),
        ("Mbit/s", 1_000_000),
        ("Gbit/s", 1_000_000_000),
    ];
    let Some((digits, scale)) = fraction(text, &units) else {
        return refuse(BANDWIDTH, text);
    };
    let range = 1..=1_000_000_000_000_000;
    if digits % scale != 0 || !range.contains(&(digits / scale)) {
        return refuse(BANDWIDTH_RANGE, text);
    }
    u64::try_from(digits / scale).or_else(|_| refuse(BANDWIDTH_RANGE, text))
}

/// Calendar time `YYYY-MM-DDTHH:MM:SSZ` in Unix seconds.
///
/// # Errors
/// If the text has another form, or names a day or time that does not exist.
pub fn unix_seconds(text: &str) -> Result<i64, UnitError> {
    let shape = text.len() == 20
        && text
            .bytes()
            .zip(*b"dddd-dd-ddTdd:dd:ddZ")
            .all(|(byte, expected)| match expected {
                b'd' => byte.is_ascii_digit(),
                other => byte == other,
            });
    if !shape {
        return refuse(CALENDAR, text);
    }
    let field = |from: usize, to: usize| {
        text.get(from..to)
            .and_then(|digits| digits.parse::<i64>().ok())
            .unwrap_or(-1)
    };
    let (year, month, day) = (field(0, 4), field(5, 7), field(8, 10));
    let (hour, minute, second) = (field(11, 13), field(14, 16), field(17, 19));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return refuse(CALENDAR, text),
    };
    if year < 1970 || day < 1 || day > days || hour > 23 || minute > 59 || second > 59 {
        return refuse(CALENDAR, text);
    }
    Ok(days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`), for years from 1970.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year / 400;
    let year_of_era = year % 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}
