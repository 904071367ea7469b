//! What is looked at to see a fault. This crate does not depend on telemetry, so the signals have names of their own.

/// A signal over a scope, as telemetry has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignalSign {
    /// Requests per second.
    Rate,
    /// Share of requests that failed.
    Errors,
    /// Median duration.
    P50,
    /// 95th percentile of the duration.
    P95,
    /// 99th percentile of the duration.
    P99,
    /// Requests waiting for a worker.
    Waiting,
    /// Share of computing capacity in use.
    Cpu,
    /// Instances that take requests.
    Ready,
}

/// A resource that can run out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResourceSign {
    /// Share of the heap no collection frees.
    Heap,
    /// Share of the time processes stood still.
    Pauses,
    /// Share of the descriptors in use.
    Descriptors,
    /// Share of the ephemeral ports in use or resting.
    Ports,
    /// Share of the disk in use.
    Disk,
}

/// What is looked at. Regions are names of the depot's; `""` is all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// A signal of a flow from the users of a region.
    Flow(SignalSign, &'static str, &'static str),
    /// Errors of a flow's users of one segment.
    Segment(&'static str, &'static str),
    /// A signal of a service in a region.
    Service(SignalSign, &'static str, &'static str),
    /// A signal of the calls of one service to another, from a region.
    Calls(SignalSign, &'static str, &'static str, &'static str),
    /// Calls of one service to another that ended with a status, by its name.
    Status(&'static str, &'static str, &'static str),
    /// A resource of a service in a region, of its worst instance.
    Resource(ResourceSign, &'static str, &'static str),
    /// Instances of a service in a region that have a process or wait for one.
    Standing(&'static str, &'static str),
    /// Instances of a service in a region that are coming up.
    Starting(&'static str, &'static str),
    /// Processes of a service that ended unasked.
    Restarts(&'static str),
    /// Share of look-ups a cache answers.
    Hits(&'static str),
    /// Writes a database's replicas have not applied, at most.
    Behind(&'static str),
    /// Requests that wait for locks of a database.
    LockWaits(&'static str),
    /// Work handed over and not done.
    Backlog,
    /// Work handed over and given up.
    DeadLetters,
    /// Effects that happened again.
    Duplicates,
    /// Writes a fail-over lost.
    LostWrites,
    /// Rows of a database's tables that a check would find wrong.
    WrongRows(&'static str),
    /// Answers given with such rows.
    WrongAnswers,
}

/// Something that is seen of a fault: a measure changes by at least this factor within a time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sign {
    /// What.
    pub measure: Measure,
    /// At least so many times what it was if above 1, at most if below.
    pub factor: f64,
    /// How soon after the onset, in seconds.
    pub within_s: u64,
}

pub(super) const fn rises(measure: Measure, factor: f64, within_s: u64) -> Sign {
    Sign {
        measure,
        factor,
        within_s,
    }
}

pub(super) const fn falls(measure: Measure, factor: f64, within_s: u64) -> Sign {
    rises(measure, factor, within_s)
}

impl SignalSign {
    const fn words(self) -> &'static str {
        match self {
            Self::Rate => "requests",
            Self::Errors => "errors",
            Self::P50 => "median duration",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Waiting => "requests waiting",
            Self::Cpu => "computing",
            Self::Ready => "instances ready",
        }
    }
}

impl Measure {
    fn words(self) -> String {
        let place = |region: &str| match region {
            "" => String::new(),
            region => format!(" in the {region}"),
        };
        match self {
            Self::Flow(sign, flow, at) => {
                format!("{} of the flow `{flow}`{}", sign.words(), place(at))
            }
            Self::Segment(flow, segment) => {
                format!("errors of the flow `{flow}` for the segment `{segment}`")
            }
            Self::Service(sign, service, at) => {
                format!("{} of `{service}`{}", sign.words(), place(at))
            }
            Self::Calls(sign, from, to, at) => format!(
                "{} of calls from `{from}` to `{to}`{}",
                sign.words(),
                place(at)
            ),
            Self::Status(status, from, to) => {
                format!("calls from `{from}` to `{to}` that end as {status}")
            }
            Self::Resource(sign, service, at) => {
                let what = match sign {
                    ResourceSign::Heap => "live heap",
                    ResourceSign::Pauses => "time standing still",
                    ResourceSign::Descriptors => "descriptors in use",
                    ResourceSign::Ports => "ephemeral ports in use",
                    ResourceSign::Disk => "disk in use",
                };
                format!("{what} of the worst `{service}`{}", place(at))
            }
            Self::Standing(service, at) => format!("processes of `{service}`{}", place(at)),
            Self::Starting(service, at) => {
                format!("processes of `{service}` coming up{}", place(at))
            }
            Self::Restarts(service) => format!("restarts of `{service}`"),
            Self::Hits(cache) => format!("hit ratio of `{cache}`"),
            Self::Behind(database) => format!("writes the replicas of `{database}` are behind"),
            Self::LockWaits(database) => format!("requests waiting for locks of `{database}`"),
            Self::Backlog => "work handed over and not done".to_owned(),
            Self::DeadLetters => "dead letters".to_owned(),
            Self::Duplicates => "work done twice".to_owned(),
            Self::LostWrites => "writes lost".to_owned(),
            Self::WrongRows(database) => {
                format!("rows of `{database}` that a check of the data finds wrong")
            }
            Self::WrongAnswers => "answers with wrong rows".to_owned(),
        }
    }
}

impl Sign {
    pub(super) fn words(&self) -> String {
        let change = if self.factor > 1.0 {
            format!("at least {} times", self.factor)
        } else {
            format!("at most {} times", self.factor)
        };
        format!(
            "{}: {change} what it was, within {} s",
            self.measure.words(),
            self.within_s
        )
    }
}
