//! Ratios read off the totals of a run. Times are in units of 1 ms, the service time of nearly all cases.
#![expect(
    clippy::cast_precision_loss,
    reason = "counts of a run are far below 2^53"
)]

use brownout_sim::blueprint::MILLISECOND_NS;
use brownout_sim::measure::Measure;
use brownout_sim::probe::Status;

use super::Ratio;

const UNIT: f64 = MILLISECOND_NS as f64;

pub fn ratio(sum: u64, count: u64) -> Ratio {
    Ratio {
        sum: sum as f64,
        count: count as f64,
    }
}

/// Mean time from a user's click to the result.
pub fn sojourn(m: &Measure) -> Ratio {
    Ratio {
        sum: m.users.sojourn_ns as f64 / UNIT,
        count: m.users.finished as f64,
    }
}

/// Mean wait for a worker of the first service.
pub fn wait(m: &Measure) -> Ratio {
    let server = m.servers.first().copied().unwrap_or_default();
    Ratio {
        sum: server.wait_ns as f64 / UNIT,
        count: server.finished as f64,
    }
}

/// Share of the first service's requests that waited for a worker.
pub fn waited(m: &Measure) -> Ratio {
    let server = m.servers.first().copied().unwrap_or_default();
    ratio(server.waited, server.finished)
}

/// Share of users' requests that failed.
pub fn failed(m: &Measure) -> Ratio {
    ratio(m.users.finished - m.users.ok, m.users.finished)
}

/// Share of users' requests that succeeded.
pub fn succeeded(m: &Measure) -> Ratio {
    ratio(m.users.ok, m.users.finished)
}

/// Share of users' requests that were slow.
pub fn slow(m: &Measure) -> Ratio {
    ratio(m.users.slow, m.users.finished)
}

/// Users' requests per unit of time.
pub fn throughput(m: &Measure) -> Ratio {
    Ratio {
        sum: m.users.finished as f64,
        count: (m.until_ns - m.since_ns) as f64 / UNIT,
    }
}

/// Attempts that reached the server of endpoint `endpoint`, or ended before, per user's request.
pub fn calls(m: &Measure, edge: usize) -> Ratio {
    ratio(m.calls.get(edge).copied().unwrap_or(0), m.users.finished)
}

/// Attempts of all calls per request of a user, the users' own attempts left out.
pub fn attempts(m: &Measure) -> Ratio {
    let all: u64 = m.calls.iter().sum();
    ratio(all - m.users.attempts, m.users.finished)
}

/// Attempts that ended in this way.
pub const fn ended(m: &Measure, status: Status) -> u64 {
    m.statuses[status as usize]
}
