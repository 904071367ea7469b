//! Quantities: exact decimals, never through floats.

use brownout_scenario::units::{
    UnitError, duration_ns, factor_q16, interarrival_ns, share_q32, unix_seconds,
};

fn check<T: PartialEq + std::fmt::Debug>(
    read: impl Fn(&str) -> Result<T, UnitError>,
    cases: &[(&str, Option<T>)],
) {
    for (text, expected) in cases {
        let found = read(text);
        assert_eq!(
            found.as_ref().ok(),
            expected.as_ref(),
            "{text:?} gives {found:?}"
        );
        if let Err(error) = found {
            assert!(error.to_string().starts_with("expected a "), "{error}");
        }
    }
}

#[test]
fn durations() {
    check(
        duration_ns,
        &[
            ("750ms", Some(750_000_000)),
            ("1.5s", Some(1_500_000_000)),
            ("20m", Some(1_200_000_000_000)),
            ("500us", Some(500_000)),
            ("2h", Some(7_200_000_000_000)),
            ("1ns", Some(1)),
            ("0s", Some(0)),
            ("2h10m", Some(7_800_000_000_000)),
            ("1m0.25s", Some(60_250_000_000)),
            // 0.1 + 0.2 is exact here, and so is what a float would round.
            ("0.3s", Some(300_000_000)),
            ("9007199254740993ns", Some(9_007_199_254_740_993)),
            ("18446744073.709551615s", Some(u64::MAX)),
            ("18446744073.709551616s", None),
            ("0.5ns", None),
            ("1.0000000001s", None),
            ("10m2h", None),
            ("1s1s", None),
            ("5", None),
            ("ms", None),
            ("", None),
            ("-1s", None),
            ("+1s", None),
            ("1 s", None),
            (" 1s", None),
            ("1e3s", None),
            (".5s", None),
            ("1.s", None),
            ("1.2.3s", None),
            ("1S", None),
            ("NaN", None),
            ("١s", None),
            ("9999999999999999999h", None),
            ("999999999999999999h", None),
        ],
    );
}

#[test]
fn rates_up_to_a_million_a_second() {
    check(
        interarrival_ns,
        &[
            ("120/s", Some(8_333_333)),
            ("30/m", Some(2_000_000_000)),
            ("5/h", Some(720_000_000_000)),
            ("0.5/s", Some(2_000_000_000)),
            ("3/s", Some(333_333_333)),
            ("600000/s", Some(1_667)),
            ("1000000/s", Some(1_000)),
            ("1000001/s", None),
            ("60000000/m", Some(1_000)),
            ("60000001/m", None),
            ("0/s", None),
            ("0.000000000001/h", None),
            ("5", None),
            ("5/d", None),
            ("/s", None),
        ],
    );
}

#[test]
fn shares() {
    check(
        share_q32,
        &[
            ("0%", Some(0)),
            ("25%", Some(1 << 30)),
            ("0.5%", Some(21_474_836)),
            ("99.9%", Some(4_290_672_329)),
            ("100%", Some(1 << 32)),
            ("100.0%", Some(1 << 32)),
            ("100.000000000001%", None),
            ("101%", None),
            ("25", None),
            ("0.25", None),
            ("-1%", None),
            ("%", None),
        ],
    );
}

#[test]
fn factors() {
    check(
        factor_q16,
        &[
            ("1", Some(65_536)),
            ("2", Some(131_072)),
            ("0.8", Some(52_429)),
            ("100", Some(6_553_600)),
            ("0.0001", Some(7)),
            ("0.00009", None),
            ("60000", Some(3_932_160_000)),
            ("60000.1", None),
            ("0", None),
            ("-1", None),
            ("2x", None),
            ("inf", None),
            ("", None),
        ],
    );
}

#[test]
fn calendar_times() {
    check(
        unix_seconds,
        &[
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:00:00Z", Some(951_825_600)),
            ("2026-03-04T17:40:00Z", Some(1_772_646_000)),
            ("2100-03-01T00:00:00Z", Some(4_107_542_400)),
            ("9999-12-31T23:59:59Z", Some(253_402_300_799)),
            ("2026-02-29T00:00:00Z", None),
            ("2100-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-00-01T00:00:00Z", None),
            ("2026-04-31T00:00:00Z", None),
            ("2026-03-04T24:00:00Z", None),
            ("2026-03-04T17:40:60Z", None),
            ("2026-03-04 17:40:00Z", None),
            ("2026-03-04T17:40:00", None),
            ("1969-12-31T23:59:59Z", None),
            ("２026-03-04T17:40Z", None),
        ],
    );
}
