//! Closed forms. Times are in units of the service time.

/// Probability that an arrival waits in M/M/c, Erlang's C (Kleinrock 1975, "Queueing Systems", vol. 1, §3.5).
#[must_use]
pub fn erlang_c(servers: u32, rho: f64) -> f64 {
    let offered = rho * f64::from(servers);
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..servers {
        term *= offered / f64::from(k);
        sum += term;
    }
    let last = term * offered / f64::from(servers) / (1.0 - rho);
    last / (sum + last)
}

/// Mean wait in M/M/c.
#[must_use]
pub fn mmc_wait(servers: u32, rho: f64) -> f64 {
    erlang_c(servers, rho) / (f64::from(servers) * (1.0 - rho))
}

/// Mean sojourn in M/M/c.
#[must_use]
pub fn mmc_sojourn(servers: u32, rho: f64) -> f64 {
    1.0 + mmc_wait(servers, rho)
}

/// Mean sojourn in M/G/1 by Pollaczek and Khinchine; `scv` is the squared coefficient of variation of the service time
/// (Kleinrock 1975, vol. 1, §5.6).
#[must_use]
pub fn mg1_sojourn(rho: f64, scv: f64) -> f64 {
    1.0 + rho / (1.0 - rho) * (1.0 + scv) / 2.0
}

/// Mean waits of two classes at one server that takes the first class first and interrupts nobody; `urgent` and `other`
/// are their loads, `scv` the squared coefficient of variation of the service time (Cobham 1954; Kleinrock 1976, vol. 2,
/// §3.2).
#[must_use]
pub fn priority_waits(urgent: f64, other: f64, scv: f64) -> (f64, f64) {
    // What is left of the service under way when somebody arrives.
    let residual = (urgent + other) * (1.0 + scv) / 2.0;
    let first = residual / (1.0 - urgent);
    (first, first / (1.0 - urgent - other))
}

/// Mean sojourn under processor sharing, whatever the service times (Kleinrock 1976, vol. 2, §4.4).
#[must_use]
pub fn sharing_sojourn(rho: f64) -> f64 {
    1.0 / (1.0 - rho)
}

/// Squared coefficient of variation of a lognormal whose logarithm has standard deviation `sigma`.
#[must_use]
pub fn lognormal_scv(sigma: f64) -> f64 {
    (sigma * sigma).exp_m1()
}

/// Share of arrivals lost in M/M/1/K (Kleinrock 1975, vol. 1, §3.6).
#[must_use]
pub fn mm1k_loss(rho: f64, places: i32) -> f64 {
    (1.0 - rho) * rho.powi(places) / (1.0 - rho.powi(places + 1))
}

/// Throughput and residence time of a closed loop of `users` who think for `think` on average and share one station, by
/// mean value analysis (Reiser and Lavenberg 1980).
#[must_use]
pub fn closed_loop(users: u32, think: f64) -> (f64, f64) {
    let (mut queue, mut throughput, mut residence) = (0.0, 0.0, 1.0);
    for population in 1..=users {
        residence = 1.0 + queue;
        throughput = f64::from(population) / (think + residence);
        queue = throughput * residence;
    }
    (throughput, residence)
}

/// Calls per request when each attempt fails with probability `p` and `attempts` are allowed: a geometric sum.
#[must_use]
pub fn amplification(p: f64, attempts: i32) -> f64 {
    (1.0 - p.powi(attempts)) / (1.0 - p)
}

/// Probability that at least one of `n` independent events of probability `p` happens.
#[must_use]
pub fn any_of(n: i32, p: f64) -> f64 {
    1.0 - (1.0 - p).powi(n)
}
