//! Any two rows can be told apart: in something that is observed while the fault lasts, or after what ends it.

use std::fmt::Write as _;

use brownout_scenario::faults::{Fault, Measure, ResourceSign, SignalSign, catalogue};

use crate::depot::ONSET_S;
use crate::run::Run;
use crate::signs::{longest_s, measured};

/// How long a run goes on once the fault has been ended.
pub const AFTER_S: u64 = 120;
/// Two rows differ in an observable if one has so many times what the other has, in every seed.
const DIFFERENCE: f64 = 1.5;

/// What was observed, by window and observable.
pub type Vector = Vec<f64>;

/// When a fault is ended, in seconds.
pub fn ends_s(fault: &Fault) -> u64 {
    ONSET_S + longest_s(fault).max(180)
}

/// What is observed of every row.
fn observables() -> Vec<Measure> {
    use SignalSign::{Cpu, Errors, P50, P95, Rate, Ready, Waiting};
    let mut all = vec![
        Measure::Segment("register", "private"),
        Measure::Segment("register", "business"),
        Measure::Hits("parcel-cache"),
        Measure::Behind("parcels-db"),
        Measure::LockWaits("parcels-db"),
        Measure::WrongRows("parcels-db"),
        Measure::WrongAnswers,
        Measure::Backlog,
        Measure::DeadLetters,
        Measure::Duplicates,
        Measure::LostWrites,
        Measure::Service(Rate, "labels", ""),
        Measure::Service(P50, "labels", ""),
        Measure::Service(P95, "sender", ""),
    ];
    for region in ["north", "south"] {
        for flow in ["register", "look-up"] {
            all.extend([Rate, Errors, P50, P95].map(|sign| Measure::Flow(sign, flow, region)));
        }
        for service in ["gate", "desk", "parcel-cache", "parcels-db", "sender"] {
            let signs = [Rate, Errors, Cpu, Ready];
            all.extend(signs.map(|sign| Measure::Service(sign, service, region)));
            all.push(Measure::Standing(service, region));
            all.push(Measure::Starting(service, region));
        }
        all.push(Measure::Service(Waiting, "notices", region));
        for callee in ["labels", "parcels-db", "parcel-cache"] {
            let signs = [Errors, P50, P95];
            all.extend(signs.map(|sign| Measure::Calls(sign, "desk", callee, region)));
        }
        let resources = [
            ResourceSign::Heap,
            ResourceSign::Pauses,
            ResourceSign::Descriptors,
            ResourceSign::Ports,
            ResourceSign::Disk,
        ];
        all.extend(resources.map(|resource| Measure::Resource(resource, "desk", region)));
    }
    for service in ["gate", "desk", "parcel-cache", "sender"] {
        all.push(Measure::Restarts(service));
    }
    let calls = [
        ("gate", "desk"),
        ("desk", "labels"),
        ("desk", "parcels-db"),
        ("desk", "parcel-cache"),
        ("notices", "sender"),
    ];
    let statuses = [
        "Internal",
        "BadGateway",
        "Unavailable",
        "Overloaded",
        "Timeout",
        "Reset",
        "Refused",
        "Throttled",
        "Unresolved",
        "Untrusted",
        "Denied",
        "Exhausted",
    ];
    for (from, to) in calls {
        all.extend(statuses.map(|status| Measure::Status(status, from, to)));
    }
    all
}

/// All observables in the first ten seconds and each of the first three minutes of the fault, and in the first and second
/// minute after what ended it.
pub fn vector(run: &Run, ends_s: u64) -> Vector {
    let windows = [
        (ONSET_S + 10, 10),
        (ONSET_S + 60, 60),
        (ONSET_S + 120, 60),
        (ONSET_S + 180, 60),
        (ends_s + 60, 60),
        (ends_s + AFTER_S, 60),
    ];
    let all = observables();
    let read = |(at_s, window_s): (u64, u64)| {
        let all = all.iter();
        all.map(move |measure| run.read(*measure, at_s, window_s))
    };
    windows.into_iter().flat_map(read).collect()
}

/// Observables in which one row has more than another in every seed.
fn exceeds(a: &[Vector], b: &[Vector]) -> bool {
    let count = a.first().map_or(0, Vec::len);
    (0..count).any(|index| {
        let mut pairs = a.iter().zip(b);
        pairs.all(|(a, b)| a[index] > DIFFERENCE * b[index])
    })
}

#[test]
fn any_two_faults_can_be_told_apart() {
    let (rows, measured) = (catalogue(), measured());
    let mut alike = String::new();
    for (index, a) in measured.iter().enumerate() {
        for (other, b) in measured.iter().enumerate().skip(index + 1) {
            if !exceeds(&a.vectors, &b.vectors) && !exceeds(&b.vectors, &a.vectors) {
                let _ = writeln!(alike, "{} and {}", rows[index].name, rows[other].name);
            }
        }
    }
    assert!(alike.is_empty(), "\n{alike}");
}
