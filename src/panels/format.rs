//! Numbers as people read them.

use brownout_session::view::FigureView;

/// Nanoseconds in a second.
pub const SECOND_NS: u64 = 1_000_000_000;

/// A share: `71.3 %`; two digits after the point above 99 %, where they matter.
#[must_use]
pub fn share(ppm: u64) -> String {
    let hundredths = ppm / 100;
    if ppm == 1_000_000 {
        "100 %".to_owned()
    } else if ppm >= 990_000 {
        format!("{}.{:02} %", hundredths / 100, hundredths % 100)
    } else {
        format!("{}.{} %", ppm / 10_000, ppm / 1_000 % 10)
    }
}

/// An error share: one digit after the point.
#[must_use]
pub fn errors(ppm: u64) -> String {
    format!("{}.{} %", ppm / 10_000, ppm / 1_000 % 10)
}

/// A duration from microseconds: `840 µs`, `84 ms`, `3.02 s`.
#[must_use]
pub fn duration(us: u64) -> String {
    match us {
        0 => "0 s".to_owned(),
        1..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", (us + 500) / 1_000),
        1_000_000..10_000_000 => format!("{}.{:02} s", us / 1_000_000, us / 10_000 % 100),
        _ => format!("{}.{} s", us / 1_000_000, us / 100_000 % 10),
    }
}

/// A rate from thousandths of a request per second: `0.4/s`, `35/s`, `2.1k/s`.
#[must_use]
pub fn rate(milli: u64) -> String {
    match milli {
        0..10_000 => format!("{}.{}/s", milli / 1_000, milli / 100 % 10),
        10_000..1_000_000 => format!("{}/s", (milli + 500) / 1_000),
        _ => format!("{}.{}k/s", milli / 1_000_000, milli / 100_000 % 10),
    }
}

/// A span of time: `02:48`, `1:02:48`.
#[must_use]
pub fn span(ns: u64) -> String {
    let seconds = ns / SECOND_NS;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// How long ago in words: `40 s ago`, `12 min ago`, `3 h ago`, `2 d ago`.
#[must_use]
pub fn ago(ns: u64) -> String {
    match ns / SECOND_NS {
        seconds @ 0..60 => format!("{seconds} s ago"),
        seconds @ 60..7_200 => format!("{} min ago", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h ago", seconds / 3_600),
        seconds => format!("{} d ago", seconds / 86_400),
    }
}

pub use brownout_session::score::grouped as count;

/// Share of requests that failed, in parts per million.
#[must_use]
pub fn error_ppm(figures: &FigureView) -> Option<u64> {
    figures
        .success_ppm
        .map(|share| 1_000_000 - share.min(1_000_000))
}

/// Figures of several regions as one: rates add up, shares are weighted by rate, the slowest latency counts.
#[must_use]
pub fn merged(figures: &[FigureView]) -> FigureView {
    let weight: u64 = figures
        .iter()
        .filter(|f| f.success_ppm.is_some())
        .map(|f| f.rate_milli)
        .sum();
    let good: u128 = figures
        .iter()
        .filter_map(|f| {
            f.success_ppm
                .map(|share| u128::from(share) * u128::from(f.rate_milli))
        })
        .sum();
    FigureView {
        rate_milli: figures.iter().map(|f| f.rate_milli).sum(),
        success_ppm: good
            .checked_div(u128::from(weight))
            .and_then(|share| u64::try_from(share).ok()),
        p50_us: figures.iter().filter_map(|f| f.p50_us).max(),
        p95_us: figures.iter().filter_map(|f| f.p95_us).max(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures read as on a dashboard.
    #[test]
    fn figures_read_naturally() {
        assert_eq!(share(713_000), "71.3 %");
        assert_eq!(share(997_312), "99.73 %");
        assert_eq!(share(1_000_000), "100 %");
        assert_eq!(duration(840), "840 µs");
        assert_eq!(duration(84_400), "84 ms");
        assert_eq!(duration(3_021_000), "3.02 s");
        assert_eq!(rate(400), "0.4/s");
        assert_eq!(rate(34_600), "35/s");
        assert_eq!(rate(2_100_000), "2.1k/s");
        assert_eq!(span(168 * SECOND_NS), "02:48");
        assert_eq!(ago(100 * SECOND_NS), "1 min ago");
        assert_eq!(count(12_480), "12 480");
    }

    /// The whole flow's success is weighted by requests, and regions without samples do not count.
    #[test]
    fn merged_figures_are_weighted_by_rate() {
        let of = |rate_milli, success_ppm| FigureView {
            rate_milli,
            success_ppm,
            ..FigureView::default()
        };
        let whole = merged(&[
            of(30_000, Some(1_000_000)),
            of(10_000, Some(600_000)),
            of(0, None),
        ]);
        assert_eq!(whole.success_ppm, Some(900_000));
        assert_eq!(merged(&[]).success_ppm, None);
    }
}
