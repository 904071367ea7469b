//! Dates of the proleptic Gregorian calendar, in UTC.

/// A point in time by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    /// From 1.
    pub month: i64,
    /// Day of the month, from 1.
    pub day: i64,
    /// Day of the year, from 1.
    pub day_of_year: i64,
    /// From 0, a Sunday.
    pub weekday: i64,
    pub hour: i64,
    pub minute: i64,
}

impl Civil {
    /// Calendar of seconds since the Unix epoch.
    pub fn of(seconds: i64) -> Self {
        let days = seconds.div_euclid(86_400);
        let of_day = seconds.rem_euclid(86_400);
        // Years that begin in March, counted from 0000-03-01: the leap day is then the last of its year.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let from_march = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * from_march + 2) / 153;
        let day = from_march - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
        let index = usize::try_from(month - 1).unwrap_or(0);
        let leap_day = i64::from(month > 2 && is_leap(year));
        Self {
            year,
            month,
            day,
            day_of_year: before[index] + day + leap_day,
            weekday: (days + 4).rem_euclid(7),
            hour: of_day / 3_600,
            minute: of_day / 60 % 60,
        }
    }

    /// Days of its month.
    pub fn days_in_month(self) -> i64 {
        match self.month {
            2 if is_leap(self.year) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

#[cfg(test)]
mod tests {
    use super::Civil;

    /// Against what a calendar says.
    #[test]
    fn known_days() {
        let leap = Civil::of(1_709_208_000);
        assert_eq!((leap.year, leap.month, leap.day), (2024, 2, 29));
        assert_eq!((leap.weekday, leap.day_of_year, leap.hour), (4, 60, 12));
        assert_eq!(leap.days_in_month(), 29);
        let before = Civil::of(-1);
        assert_eq!((before.year, before.month, before.day), (1969, 12, 31));
        assert_eq!((before.weekday, before.day_of_year), (3, 365));
        assert_eq!((before.hour, before.minute), (23, 59));
        let century = Civil::of(4_107_542_400);
        assert_eq!((century.year, century.month, century.day), (2100, 3, 1));
    }
}
