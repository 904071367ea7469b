//! The text of lines.

use std::borrow::Cow;
use std::fmt::{self, Write};

use brownout_sim::blueprint::Blueprint;
use brownout_sim::hash::{combine, name_hash};
use brownout_sim::ids::{EdgeId, EndpointId, InstanceId};
use brownout_sim::probe::{CrashReason, Status};

use super::{LogLine, Logs, Message};

/// The path of a route without its method.
fn path(name: &str) -> &str {
    name.split_once(' ')
        .map_or(name, |(_, path)| path)
        .trim_start_matches('/')
}

/// Letters and digits of a name, for a file or a function.
fn plain(name: &str) -> String {
    let letters = name.chars().map(|c| {
        if c.is_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    });
    letters.collect::<String>().trim_matches('_').to_owned()
}

/// The frames of an unhandled error, innermost first, on one line as collectors keep them. Which place in the code it is
/// belongs to the endpoint and stays the same for all its errors.
fn stack(blueprint: &Blueprint, endpoint: EndpointId, out: &mut String) -> fmt::Result {
    let name = &blueprint.endpoints[endpoint.index()].name;
    let service = &blueprint.services[blueprint.endpoints[endpoint.index()].service.index()].name;
    let (file, function) = (plain(service), plain(path(name)));
    let line =
        |purpose: u64| 20 + combine(name_hash(name), combine(name_hash(service), purpose)) % 300;
    write!(
        out,
        " stack=\"{file}::{function} ({function}.rs:{}) < {file}::handle (router.rs:{}) < server::serve (worker.rs:{})\"",
        line(1),
        line(2),
        line(3) % 90 + 10
    )
}

/// What the kernel says of a process it has killed for its memory.
fn oom(blueprint: &Blueprint, line: &LogLine, out: &mut String) -> fmt::Result {
    let mut before = 0;
    let deployment = blueprint.deployments.iter().find(|deployment| {
        before += usize::from(deployment.slots());
        line.instance.index() < before
    });
    let Some(service) = deployment.map(|of| &blueprint.services[of.service.index()]) else {
        return Ok(());
    };
    let limit = service
        .instance
        .resources
        .memory
        .map_or(0, |memory| memory.limit);
    let process = 1_000 + combine(u64::from(line.instance.0), line.at_ns) % 30_000;
    let rss = limit >> 10;
    write!(
        out,
        "kernel: Memory cgroup out of memory: Killed process {process} ({}) total-vm:{}kB, anon-rss:{rss}kB, oom_score_adj:984; ",
        service.name,
        rss * 3
    )
}

impl Logs {
    /// Base address of calls over an edge by an instance at a time: from its configuration, or by service discovery.
    fn address(
        &self,
        blueprint: &Blueprint,
        instance: InstanceId,
        edge: EdgeId,
        at_ns: u64,
    ) -> Cow<'_, str> {
        let bound = self.bindings.get(&instance).and_then(|all| {
            let binding = all.iter().rev().find(|b| b.since_ns <= at_ns)?;
            binding
                .addresses
                .iter()
                .find(|(e, _)| *e == edge)
                .map(|(_, address)| Cow::Borrowed(address.as_str()))
        });
        bound.unwrap_or_else(|| {
            let target = &blueprint.endpoints[blueprint.edges[edge.index()].target.index()];
            Cow::Owned(format!(
                "http://{}",
                blueprint.services[target.service.index()].host
            ))
        })
    }

    /// Address a call over an edge goes to.
    pub(crate) fn url(
        &self,
        blueprint: &Blueprint,
        instance: InstanceId,
        edge: EdgeId,
        at_ns: u64,
    ) -> String {
        let base = self.address(blueprint, instance, edge, at_ns);
        let name = &blueprint.endpoints[blueprint.edges[edge.index()].target.index()].name;
        format!("{base}/{}", path(name))
    }

    /// The line's text after time, level and instance.
    #[must_use]
    pub fn render(&self, blueprint: &Blueprint, line: &LogLine) -> String {
        let mut text = String::new();
        self.write(blueprint, line, &mut text);
        text
    }

    /// Appends the line's text after time, level and instance.
    pub fn write(&self, blueprint: &Blueprint, line: &LogLine, out: &mut String) {
        // A text can be written to.
        let _ = self.try_write(blueprint, line, out);
    }

    fn try_write(&self, blueprint: &Blueprint, line: &LogLine, out: &mut String) -> fmt::Result {
        let route = |endpoint: EndpointId| blueprint.endpoints[endpoint.index()].name.as_str();
        let ms = |us: u32| f64::from(us) / 1_000.0;
        match line.message {
            Message::Access {
                endpoint,
                status,
                duration_us,
            }
            | Message::Failed {
                endpoint,
                status,
                duration_us,
            } => {
                let result = match status {
                    Status::BadGateway => " error=\"upstream failed\"",
                    Status::Internal => " error=\"internal error\"",
                    Status::Reset => " error=\"connection reset\"",
                    Status::Expired => " error=\"deadline exceeded\"",
                    Status::Cancelled => " error=\"client closed request\"",
                    Status::Refused => " error=\"connection refused\"",
                    Status::Throttled => " error=\"rate limit exceeded\"",
                    Status::Denied => " error=\"not authorised\"",
                    Status::LockTimeout => " error=\"lock wait timeout exceeded\"",
                    _ => "",
                };
                write!(
                    out,
                    "\"{}\" {} {:.1}ms{result}",
                    route(endpoint),
                    status.http(),
                    ms(duration_us)
                )?;
                if status == Status::Internal {
                    stack(blueprint, endpoint, out)?;
                }
                Ok(())
            }
            Message::CallTimeout {
                edge,
                attempt,
                waited_us,
            } => {
                let target =
                    blueprint.endpoints[blueprint.edges[edge.index()].target.index()].service;
                write!(
                    out,
                    "upstream timeout after {:.0}ms service={} url={} attempt={}/{}",
                    ms(waited_us),
                    blueprint.services[target.index()].name,
                    self.url(blueprint, line.instance, edge, line.at_ns),
                    attempt + 1,
                    blueprint.edges[edge.index()].attempts
                )
            }
            Message::CallFailed {
                edge,
                attempt,
                status,
            } => {
                let target =
                    blueprint.endpoints[blueprint.edges[edge.index()].target.index()].service;
                match status {
                    Status::CircuitOpen => out.write_str("circuit open, not sent"),
                    Status::Expired => out.write_str("deadline passed, not sent"),
                    Status::Refused => out.write_str("connection refused"),
                    Status::Reset => out.write_str("connection reset by peer"),
                    Status::Unresolved => out.write_str("name resolution failed"),
                    Status::Untrusted => out.write_str("certificate verify failed"),
                    Status::Exhausted => {
                        out.write_str("no local port or descriptor left, not sent")
                    }
                    _ => write!(out, "upstream answered {}", status.http()),
                }?;
                write!(
                    out,
                    " service={} url={} attempt={}/{}",
                    blueprint.services[target.index()].name,
                    self.url(blueprint, line.instance, edge, line.at_ns),
                    attempt + 1,
                    blueprint.edges[edge.index()].attempts
                )
            }
            Message::SlowQuery {
                endpoint,
                duration_us,
            } => write!(
                out,
                "slow query: {:.1}ms statement=\"{}\"",
                ms(duration_us),
                route(endpoint)
            ),
            Message::Collected { times, paused_ms } => write!(
                out,
                "gc: {times} collections, application stopped for {paused_ms}ms"
            ),
            Message::Refused { endpoint } => {
                write!(out, "\"{}\" 503 accept queue full", route(endpoint))
            }
            Message::Started { version } => {
                write!(
                    out,
                    "process started version={}",
                    blueprint.versions[version.index()].name
                )
            }
            Message::Ready => out.write_str("ready, taking requests"),
            Message::Draining => out.write_str("draining, no new requests"),
            Message::Stopped { cut: 0 } => out.write_str("process stopped"),
            Message::Stopped { cut } => write!(out, "process stopped, {cut} requests cut off"),
            Message::Crashed { reason, cut } => {
                if reason == CrashReason::OutOfMemory {
                    oom(blueprint, line, out)?;
                }
                let reason = match reason {
                    CrashReason::OutOfMemory => "out of memory (exit code 137)",
                    CrashReason::Killed => "killed (signal 9)",
                    CrashReason::StartFailed => "failed to start (exit code 1)",
                };
                write!(out, "process ended: {reason}, {cut} requests cut off")
            }
            Message::Unhealthy => out.write_str("health checks failed, out of rotation"),
            Message::Healthy => out.write_str("health checks pass, back in rotation"),
            Message::Ejected => out.write_str("too many failures in a row, ejected from rotation"),
            Message::Returned => out.write_str("ejection over, back in rotation"),
            Message::Off => out.write_str("instance removed"),
        }
    }
}
