//! A system of one's own in steady state: what queueing theory would say about each of its stations.

use brownout_sim::blueprint::{Blueprint, MILLISECOND_NS, SECOND_NS};
use serde::Serialize;

use super::{Ratio, Run, measured, pooled, standard_error};

/// A mean over seeds with its confidence interval.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Estimate {
    /// Pooled over all seeds.
    pub mean: f64,
    /// Half the width of the 95 % confidence interval, from the differences between seeds; `None` with one seed.
    pub half_width: Option<f64>,
}

/// A service, all its instances together.
#[derive(Clone, Debug, Serialize)]
pub struct Station {
    /// Its name.
    pub service: String,
    /// Requests it finishes per second.
    pub rate_per_s: Estimate,
    /// Share of its cores' time spent computing.
    pub utilisation: Estimate,
    /// Mean wait of a request for a worker or core, in milliseconds.
    pub wait_ms: Estimate,
    /// Mean time of a request from arrival to reply, calls it makes included, in milliseconds.
    pub sojourn_ms: Estimate,
    /// Share of requests that failed or were turned away.
    pub loss: Estimate,
}

/// A system in steady state.
#[derive(Clone, Debug, Serialize)]
pub struct Survey {
    /// Requests per seed.
    pub requests: u64,
    /// Seeds.
    pub seeds: u64,
    /// Requests of users that end per second.
    pub rate_per_s: Estimate,
    /// Mean time from a user's click to the result, in milliseconds.
    pub sojourn_ms: Estimate,
    /// Share of users' requests that failed.
    pub loss: Estimate,
    /// Services, in the order of the file.
    pub stations: Vec<Station>,
}

/// Figures of one service or of the users, in one run.
const FIGURES: usize = 5;
type Figures = [Ratio; FIGURES];

/// The figures of one seed: those of the users, then those of each service.
///
/// # Errors
/// If the run was aborted, or nobody comes.
#[expect(clippy::cast_precision_loss, reason = "sums of a run")]
pub fn observe(blueprint: &Blueprint, seed: u64, requests: u64) -> anyhow::Result<Vec<Figures>> {
    let run = Run {
        case: "stations",
        seed,
        requests,
        stretch_percent: 100,
    };
    let watched = run.watch(blueprint.clone())?;
    let measure = &watched.measure;
    let length_ns = (measure.until_ns - measure.since_ns) as f64;
    let per_second = |count: u64| Ratio {
        sum: count as f64,
        count: length_ns / SECOND_NS as f64,
    };
    let mut all = vec![[
        per_second(measure.users.finished),
        Ratio::default(),
        Ratio::default(),
        measured::sojourn(measure),
        measured::failed(measure),
    ]];
    for (index, _) in blueprint.services.iter().enumerate() {
        let own = |service: usize| service == index;
        let (mut finished, mut ok, mut time_ns) = (0, 0, 0u128);
        for (endpoint, totals) in blueprint.endpoints.iter().zip(&measure.servers) {
            if own(endpoint.service.index()) {
                finished += totals.finished;
                ok += totals.ok;
                time_ns += totals.time_ns;
            }
        }
        let (mut busy_ns, mut cores, mut wait_ns) = (0, 0, 0);
        for (before, after) in watched.before.iter().zip(&watched.after) {
            if own(after.service.index()) {
                busy_ns += after.cpu_ns - before.cpu_ns;
                cores += u64::from(after.cores);
                wait_ns += after.wait_ns - before.wait_ns;
            }
        }
        let milliseconds = |sum: f64| Ratio {
            sum: sum / MILLISECOND_NS as f64,
            count: finished as f64,
        };
        all.push([
            per_second(finished),
            Ratio {
                sum: busy_ns as f64,
                count: cores as f64 * length_ns,
            },
            milliseconds(wait_ns as f64),
            milliseconds(time_ns as f64),
            measured::ratio(finished - ok, finished),
        ]);
    }
    Ok(all)
}

/// Pool the figures of all seeds.
#[must_use]
pub fn survey(blueprint: &Blueprint, requests: u64, seeds: &[Vec<Figures>]) -> Survey {
    let estimate = |row: usize, figure: usize| {
        let ratios: Vec<Ratio> = seeds.iter().map(|seed| seed[row][figure]).collect();
        Estimate {
            mean: pooled(&ratios).value(),
            half_width: standard_error(&ratios).map(|error| error * student(ratios.len() - 1)),
        }
    };
    let stations = blueprint
        .services
        .iter()
        .zip(1..)
        .map(|(service, row)| Station {
            service: service.name.clone(),
            rate_per_s: estimate(row, 0),
            utilisation: estimate(row, 1),
            wait_ms: estimate(row, 2),
            sojourn_ms: estimate(row, 3),
            loss: estimate(row, 4),
        });
    Survey {
        requests,
        seeds: seeds.len() as u64,
        rate_per_s: estimate(0, 0),
        sojourn_ms: estimate(0, 3),
        loss: estimate(0, 4),
        stations: stations.collect(),
    }
}

/// 97.5th percentile of Student's distribution (Abramowitz and Stegun 1964, 26.7.5, exact for one and two degrees).
#[expect(clippy::cast_precision_loss, reason = "a number of seeds")]
fn student(degrees: usize) -> f64 {
    const NORMAL: f64 = 1.959_963_985;
    match degrees {
        0 => f64::INFINITY,
        1 => 12.706_204_74,
        2 => 4.302_652_73,
        _ => {
            let (z, n) = (NORMAL, degrees as f64);
            let (z3, z5, z7, z9) = (z.powi(3), z.powi(5), z.powi(7), z.powi(9));
            z + (z3 + z) / (4.0 * n)
                + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * n.powi(2))
                + (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / (384.0 * n.powi(3))
                + (79.0 * z9 + 776.0 * z7 + 1482.0 * z5 - 1920.0 * z3 - 945.0 * z)
                    / (92_160.0 * n.powi(4))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::student;

    /// Against printed tables.
    #[test]
    fn students_percentiles() {
        for (degrees, printed) in [
            (3, 3.182),
            (5, 2.571),
            (10, 2.228),
            (29, 2.045),
            (100, 1.984),
        ] {
            assert!(
                (student(degrees) / printed - 1.0).abs() < 0.005,
                "{degrees}"
            );
        }
    }
}
