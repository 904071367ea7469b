//! Totals of a run: what a measurement of the engine wants to know, without any telemetry.

use crate::blueprint::Blueprint;
use crate::probe::{CallEnd, Probe, RootEnd, ServerEnd, Status};
use crate::world::{Progress, World};

/// What the servers of one endpoint did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerTotals {
    /// Requests finished, whatever the result.
    pub finished: u64,
    /// Those that succeeded.
    pub ok: u64,
    /// Those that waited for a worker, whatever the result.
    pub waited: u64,
    /// Their waits for a worker. One refused at the door has waited for nothing.
    pub wait_ns: u128,
    /// From arrival to the end.
    pub time_ns: u128,
}

/// What users got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserTotals {
    /// Requests finished, whatever the result.
    pub finished: u64,
    /// Successes, late ones included.
    pub ok: u64,
    /// Successes later than the flow's bound.
    pub slow: u64,
    /// Attempts made by the users themselves.
    pub attempts: u64,
    /// From click to result.
    pub sojourn_ns: u128,
}

/// An observer that adds up everything that ends while it watches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// When it began to watch.
    pub since_ns: u64,
    /// When it last looked.
    pub until_ns: u64,
    /// By endpoint.
    pub servers: Vec<ServerTotals>,
    /// Attempts of calls that ended, by edge.
    pub calls: Vec<u64>,
    /// Attempts of calls that ended, by [`Status`].
    pub statuses: [u64; Status::ALL.len()],
    /// All users together.
    pub users: UserTotals,
    /// Time from click to result of every request, when they are to be kept.
    pub durations_ns: Option<Vec<u64>>,
}

impl Measure {
    /// An observer of worlds of `blueprint` that begins at `since_ns`.
    #[must_use]
    pub fn new(blueprint: &Blueprint, since_ns: u64) -> Self {
        Self {
            since_ns,
            until_ns: since_ns,
            servers: vec![ServerTotals::default(); blueprint.endpoints.len()],
            calls: vec![0; blueprint.edges.len()],
            ..Self::default()
        }
    }

    /// Watch a world until `limit_ns`. The event loop is compiled here, with this crate's optimisation, whoever calls it.
    pub fn watch(&mut self, world: &mut World, limit_ns: u64) -> Progress {
        let progress = world.advance_until(limit_ns, u64::MAX, self);
        self.until_ns = world.now_ns();
        progress
    }
}

impl Probe for Measure {
    fn server_end(&mut self, end: &ServerEnd) {
        let Some(server) = self.servers.get_mut(end.endpoint.index()) else {
            return;
        };
        server.finished += 1;
        server.ok += u64::from(end.status.is_ok());
        server.waited += u64::from(end.wait_ns > 0);
        server.wait_ns += u128::from(end.wait_ns);
        server.time_ns += u128::from(end.duration_ns);
    }

    fn call_end(&mut self, end: &CallEnd) {
        if let Some(calls) = self.calls.get_mut(end.edge.index()) {
            *calls += 1;
        }
        self.statuses[end.status as usize] += 1;
    }

    fn root_end(&mut self, end: &RootEnd) {
        self.users.finished += 1;
        self.users.ok += u64::from(end.status.is_ok());
        self.users.slow += u64::from(end.slow);
        self.users.attempts += u64::from(end.attempts);
        self.users.sojourn_ns += u128::from(end.duration_ns);
        if let Some(durations) = &mut self.durations_ns {
            durations.push(end.duration_ns);
        }
    }
}
