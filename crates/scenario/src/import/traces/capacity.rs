//! How much a service needs so that its requests hardly wait: what spans lasted has their waiting in it already.

use super::super::sketch::Service;

/// Share of the cores that is busy on average.
const BUSY: f64 = 0.12;
/// Workers for each request in progress on average.
const SPARE: f64 = 8.0;

/// What a service has to do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Load {
    /// Computing per second, in seconds: cores that are busy.
    pub(super) computing: f64,
    /// Requests in progress.
    pub(super) in_progress: f64,
}

/// Cores, workers and queue for a load on this many instances.
pub(super) fn provide(service: &mut Service, load: Load) {
    let each = |total: f64| total / f64::from(service.replicas.max(1));
    let cores = power(each(load.computing) / BUSY, 4, 1 << 16);
    let workers = power(each(load.in_progress) * SPARE, 64, 1 << 17);
    service.cores = Some(cores);
    service.workers = Some(workers);
    service.queue = Some((workers * 4).max(256));
}

/// The next power of two.
fn power(wanted: f64, least: u32, most: u32) -> u32 {
    let mut power = least;
    while f64::from(power) < wanted && power < most {
        power *= 2;
    }
    power
}

/// A time rounded up to 1, 2 or 5 of a decimal unit.
pub(super) fn rounded_up(ns: u64) -> u64 {
    let mut unit = 1u64;
    while unit < ns && unit < 10_u64.pow(17) {
        let next = [2, 5, 10]
            .into_iter()
            .map(|n| n * unit)
            .find(|at| *at >= ns);
        if let Some(next) = next {
            return next;
        }
        unit *= 10;
    }
    unit
}

#[cfg(test)]
mod tests {
    use super::{power, rounded_up};

    #[test]
    fn rounding_goes_up() {
        for (ns, expected) in [
            (0, 1),
            (1, 1),
            (3, 5),
            (100, 100),
            (101, 200),
            (5_000_001, 10_000_000),
        ] {
            assert_eq!(rounded_up(ns), expected);
        }
        assert_eq!(rounded_up(u64::MAX), 10_u64.pow(17));
        assert_eq!(power(5.0, 4, 64), 8);
        assert_eq!(power(f64::NAN, 4, 64), 4);
        assert_eq!(power(f64::INFINITY, 4, 64), 64);
    }
}
