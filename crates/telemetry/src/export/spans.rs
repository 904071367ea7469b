//! Spans of kept traces as OpenTelemetry sees them: for each attempt of a call one of the client, one of the server, one
//! for the time it waited for a worker, and one for its waits for locks.

use brownout_sim::hash::mix64;
use brownout_sim::probe::Span;

use super::Recorded;
use crate::traces::StoredTrace;

/// The side of a call that measured a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Internal,
    Server,
    Client,
    Consumer,
}

/// A span.
#[derive(Clone, Debug)]
pub struct Plain {
    pub id: u64,
    pub parent: Option<u64>,
    pub side: Side,
    pub name: String,
    /// Service and instance that measured it; no instance for users' devices.
    pub service: String,
    pub instance: Option<String>,
    pub region: String,
    pub start_ns: u64,
    pub end_ns: u64,
    pub failed: bool,
    pub attributes: Vec<(&'static str, String)>,
    /// Trace and span that handed the work over.
    pub link: Option<(u64, u64)>,
}

/// The service that stands for users' devices.
const USERS: &str = "users";

/// Identifier of the span in which a trace begins.
pub fn root_id(trace: u64) -> u64 {
    mix64(trace ^ 0x726f_6f74) | 1
}

impl Recorded<'_> {
    /// The spans of a trace, parents before their children.
    #[must_use]
    pub fn spans(&self, trace: &StoredTrace) -> Vec<Plain> {
        let end = &trace.end;
        let id = |index: usize, part: u64| mix64(end.id ^ mix64(index as u64 * 4 + part)) | 1;
        let region = &self.blueprint.regions[end.region.index()];
        let mut spans = vec![Plain {
            id: root_id(end.id),
            parent: None,
            side: if end.link.is_some() {
                Side::Consumer
            } else {
                Side::Client
            },
            name: self.blueprint.flows[end.flow.index()].name.clone(),
            service: USERS.to_owned(),
            instance: None,
            region: region.clone(),
            start_ns: end.start_ns,
            end_ns: end.result_ns,
            failed: !end.status.is_ok(),
            attributes: vec![("flow", self.blueprint.flows[end.flow.index()].name.clone())],
            link: end.link.map(|link| (link, root_id(link))),
        }];
        for (index, span) in trace.spans.iter().enumerate() {
            let parent = span.parent.map_or_else(
                || root_id(end.id),
                |parent| {
                    let served = trace.spans[parent as usize].arrive_ns > 0;
                    id(parent as usize, u64::from(served))
                },
            );
            let served = span.arrive_ns > 0 && span.instance.is_some();
            let edge = &self.blueprint.edges[span.edge.index()];
            let target = &self.blueprint.endpoints[edge.target.index()];
            let callee = &self.blueprint.services[target.service.index()];
            let caller = span
                .parent
                .and_then(|parent| trace.spans[parent as usize].instance);
            let mut attributes = vec![
                ("server.address", callee.host.clone()),
                ("http.response.status_code", span.status.http().to_string()),
            ];
            if span.attempt > 0 {
                attributes.push(("http.request.resend_count", span.attempt.to_string()));
            }
            if span.abandoned {
                attributes.push(("brownout.abandoned", "true".to_owned()));
            }
            let client_end_ns = span.end_ns.max(span.start_ns);
            spans.push(Plain {
                id: id(index, 0),
                parent: Some(parent),
                side: Side::Client,
                name: target.name.clone(),
                service: edge.client.map_or_else(
                    || USERS.to_owned(),
                    |client| self.blueprint.services[client.index()].name.clone(),
                ),
                instance: caller.map(|instance| self.directory.instance(instance).to_owned()),
                region: region.clone(),
                start_ns: span.start_ns,
                end_ns: client_end_ns,
                failed: !span.status.is_ok(),
                attributes,
                link: None,
            });
            if served {
                self.served(
                    span,
                    target.name.as_str(),
                    &callee.name,
                    &id,
                    index,
                    &mut spans,
                );
            }
        }
        spans
    }

    fn served(
        &self,
        span: &Span,
        name: &str,
        service: &str,
        id: &impl Fn(usize, u64) -> u64,
        index: usize,
        spans: &mut Vec<Plain>,
    ) {
        let Some(instance) = span.instance else {
            return;
        };
        let region = self.directory.region(instance).to_owned();
        let server = Plain {
            id: id(index, 1),
            parent: Some(id(index, 0)),
            side: Side::Server,
            name: name.to_owned(),
            service: service.to_owned(),
            instance: Some(self.directory.instance(instance).to_owned()),
            region,
            start_ns: span.arrive_ns,
            end_ns: span.end_ns.max(span.arrive_ns),
            failed: !span.status.is_ok(),
            attributes: vec![("http.route", name.to_owned())],
            link: None,
        };
        // A request that nobody took waited to its end.
        let begin_ns = if span.begin_ns > 0 {
            span.begin_ns
        } else {
            span.end_ns
        };
        let locked = (span.lock_ns > 0).then(|| Plain {
            id: id(index, 3),
            parent: Some(server.id),
            side: Side::Internal,
            name: "wait for locks".to_owned(),
            start_ns: span.lock_at_ns,
            end_ns: span.lock_at_ns + span.lock_ns,
            failed: false,
            attributes: Vec::new(),
            ..server.clone()
        });
        if begin_ns > span.arrive_ns {
            let waiting = Plain {
                id: id(index, 2),
                parent: Some(server.id),
                side: Side::Internal,
                name: "wait for a worker".to_owned(),
                end_ns: begin_ns,
                failed: false,
                attributes: Vec::new(),
                ..server.clone()
            };
            spans.push(server);
            spans.push(waiting);
        } else {
            spans.push(server);
        }
        spans.extend(locked);
    }
}
