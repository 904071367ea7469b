//! Round times and round readings for the axes of charts.

/// Times to label in a window: round minutes, about one per 90 points.
pub(crate) fn ticks(
    (from_ns, to_ns): (u64, u64),
    start_unix_s: i64,
    width: f32,
) -> Vec<(u64, String)> {
    const SECOND_NS: u64 = 1_000_000_000;
    let steps_s: [u64; 9] = [5, 15, 30, 60, 120, 300, 600, 900, 1_800];
    let span_s = (to_ns.saturating_sub(from_ns) / SECOND_NS).max(1);
    let fits =
        |step_s: u64| width / 90.0 >= f32::from(u16::try_from(span_s / step_s).unwrap_or(u16::MAX));
    let step_s = steps_s
        .into_iter()
        .find(|&step_s| fits(step_s))
        .unwrap_or(3_600);
    let phase_s =
        u64::try_from(start_unix_s.rem_euclid(i64::try_from(step_s).unwrap_or(1))).unwrap_or(0);
    let from_s = from_ns / SECOND_NS;
    let first_s = (from_s + phase_s).next_multiple_of(step_s) - phase_s;
    (0..=span_s / step_s)
        .map(|index| (first_s + index * step_s) * SECOND_NS)
        .take_while(|&at_ns| at_ns <= to_ns)
        .map(|at_ns| (at_ns, clock(at_ns, start_unix_s, step_s < 60)))
        .collect()
}

/// Calendar time of a simulated time.
pub(crate) fn clock(at_ns: u64, start_unix_s: i64, seconds: bool) -> String {
    let day = (start_unix_s + i64::try_from(at_ns / 1_000_000_000).unwrap_or(0)).rem_euclid(86_400);
    let (hours, minutes) = (day / 3_600, day / 60 % 60);
    if seconds {
        format!("{hours:02}:{minutes:02}:{:02}", day % 60)
    } else {
        format!("{hours:02}:{minutes:02}")
    }
}

/// Smallest of 1, 2, 5 times a power of ten that is at least `reading`.
#[must_use]
pub fn round_up(reading: u64) -> u64 {
    let mut scale = 1u64;
    while scale.saturating_mul(10) < reading {
        scale = scale.saturating_mul(10);
    }
    [1, 2, 5, 10]
        .into_iter()
        .map(|step| scale.saturating_mul(step))
        .find(|&level| level >= reading)
        .unwrap_or(reading)
}

#[cfg(test)]
mod tests {
    use super::{clock, round_up, ticks};

    /// Labels stand at round times of the calendar, whenever the run began.
    #[test]
    fn ticks_are_round_times() {
        let start_unix_s = 17 * 3_600 + 40 * 60 + 13;
        let ticks = ticks((60_000_000_000, 1_260_000_000_000), start_unix_s, 400.0);
        assert!(!ticks.is_empty());
        for (at_ns, words) in &ticks {
            assert_eq!(words, &clock(*at_ns, start_unix_s, false));
            assert!(
                clock(*at_ns, start_unix_s, true).ends_with(":00"),
                "{words}"
            );
        }
    }

    /// Scales end at 1, 2 or 5.
    #[test]
    fn scales_end_round() {
        assert_eq!(
            [round_up(7), round_up(120), round_up(3_020_000), round_up(1)],
            [10, 200, 5_000_000, 1]
        );
    }
}
