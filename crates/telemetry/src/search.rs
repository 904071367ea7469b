//! Search among kept traces.

use crate::export::{Recorded, Span, trace_id};
use crate::traces::{Outcome, StoredTrace};

/// What a trace must have; a span that fulfils all that is asked of spans must be in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    flow: Option<String>,
    region: Option<String>,
    service: Option<String>,
    operation: Option<String>,
    status: Option<Wanted>,
    least_ns: Option<u64>,
    most_ns: Option<u64>,
    attribute: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Ok,
    Error,
    Slow,
    Code(u16),
}

/// Keys of a search.
const KEYS: &str = "flow, region, service, operation, status (ok, error, slow or a code), min, max, or an attribute such as attempt";

impl Search {
    /// Reads conditions such as `service=checkout operation="POST /pay" status=error min=250ms`.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut search = Self::default();
        for (key, value) in conditions(text)? {
            match key.as_str() {
                "flow" => search.flow = Some(value),
                "region" => search.region = Some(value),
                "service" => search.service = Some(value),
                "operation" => search.operation = Some(value),
                "min" => search.least_ns = Some(duration_ns(&value)?),
                "max" => search.most_ns = Some(duration_ns(&value)?),
                "status" => {
                    search.status = Some(match value.as_str() {
                        "ok" => Wanted::Ok,
                        "error" => Wanted::Error,
                        "slow" => Wanted::Slow,
                        code => Wanted::Code(code.parse().map_err(|_| {
                            format!(
                                "expected ok, error, slow or a code such as 503, found {code:?}"
                            )
                        })?),
                    });
                }
                "attempt" | "server.address" | "http.response.status_code" => {
                    search.attribute = Some((key, value));
                }
                other => return Err(format!("expected {KEYS}; found {other:?}")),
            }
        }
        Ok(search)
    }
}

fn conditions(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut rest = text.trim();
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (key, after) = rest
            .split_once('=')
            .ok_or_else(|| format!("expected KEY=VALUE, found {rest:?}"))?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted
                .split_once('"')
                .ok_or_else(|| "a quote is not closed".to_owned())?,
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        all.push((key.trim().to_owned(), value.to_owned()));
        rest = after.trim();
    }
    Ok(all)
}

fn duration_ns(text: &str) -> Result<u64, String> {
    let wrong = || format!("expected a duration such as 250ms or 1.5s, found {text:?}");
    let (digits, size) = if let Some(digits) = text.strip_suffix("ms") {
        (digits, 1e6)
    } else if let Some(digits) = text.strip_suffix('s') {
        (digits, 1e9)
    } else {
        return Err(wrong());
    };
    let amount: f64 = digits.parse().map_err(|_| wrong())?;
    if !(0.0..=1e9).contains(&amount) {
        return Err(wrong());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "in range"
    )]
    let ns = (amount * size) as u64;
    Ok(ns)
}

impl Recorded<'_> {
    /// Kept traces that fulfil a search, the latest of those whose result came in a stretch of time.
    #[must_use]
    pub fn search(
        &self,
        search: &Search,
        (from_ns, to_ns): Span,
        limit: usize,
    ) -> Vec<&StoredTrace> {
        let all = self.traces.between(from_ns, to_ns);
        let mut found: Vec<&StoredTrace> =
            all.filter(|trace| self.fulfils(search, trace)).collect();
        found.sort_by_key(|trace| (trace.end.result_ns, trace.end.id));
        found.split_off(found.len().saturating_sub(limit))
    }

    fn fulfils(&self, search: &Search, trace: &StoredTrace) -> bool {
        let end = &trace.end;
        let is = |wanted: &Option<String>, name: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == name)
        };
        let duration_ns = end.result_ns.saturating_sub(end.start_ns);
        is(&search.flow, &self.blueprint.flows[end.flow.index()].name)
            && is(&search.region, &self.blueprint.regions[end.region.index()])
            && search.least_ns.is_none_or(|least| duration_ns >= least)
            && search.most_ns.is_none_or(|most| duration_ns <= most)
            && match search.status {
                None => true,
                Some(Wanted::Ok) => Outcome::of(end) == Outcome::Ok,
                Some(Wanted::Error) => !end.status.is_ok(),
                Some(Wanted::Slow) => end.slow,
                Some(Wanted::Code(code)) => {
                    trace.spans.iter().any(|span| span.status.http() == code)
                }
            }
            && self.has_span(search, trace)
    }

    fn has_span(&self, search: &Search, trace: &StoredTrace) -> bool {
        if search.service.is_none() && search.operation.is_none() && search.attribute.is_none() {
            return true;
        }
        trace.spans.iter().any(|span| {
            let target =
                &self.blueprint.endpoints[self.blueprint.edges[span.edge.index()].target.index()];
            let callee = &self.blueprint.services[target.service.index()];
            let has = search
                .attribute
                .as_ref()
                .is_none_or(|(key, value)| match key.as_str() {
                    "attempt" => value.parse() == Ok(span.attempt + 1),
                    "server.address" => *value == callee.host,
                    _ => value.parse() == Ok(span.status.http()),
                });
            has && search
                .service
                .as_ref()
                .is_none_or(|name| *name == callee.name)
                && search
                    .operation
                    .as_ref()
                    .is_none_or(|name| *name == target.name)
        })
    }

    /// A trace in one line.
    #[must_use]
    pub fn summary(&self, trace: &StoredTrace) -> String {
        let end = &trace.end;
        let (at_s, duration_ns) = (
            end.start_ns / 1_000_000_000,
            end.result_ns.saturating_sub(end.start_ns),
        );
        let failed = trace
            .spans
            .iter()
            .filter(|span| !span.status.is_ok())
            .count();
        let outcome = match Outcome::of(end) {
            Outcome::Ok => "ok",
            Outcome::Slow => "slow",
            Outcome::Failed => "failed",
            Outcome::Asynchronous => "queued",
        };
        format!(
            "{:02}:{:02} {} {} {} {outcome} {}.{:01} ms, {} spans, {failed} of them failed",
            at_s / 60,
            at_s % 60,
            trace_id(end.id),
            self.blueprint.flows[end.flow.index()].name,
            self.blueprint.regions[end.region.index()],
            duration_ns / 1_000_000,
            duration_ns / 100_000 % 10,
            trace.spans.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_or_refused() {
        let read = Search::parse("service=pay operation=\"POST /pay\" status=503 min=1.5s")
            .expect("a search");
        assert_eq!(read.operation.as_deref(), Some("POST /pay"));
        assert_eq!(
            (read.status, read.least_ns),
            (Some(Wanted::Code(503)), Some(1_500_000_000))
        );
        for wrong in [
            "service",
            "colour=red",
            "min=3",
            "min=-1s",
            "operation=\"x",
            "status=bad",
        ] {
            assert!(Search::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Search::parse(" ").expect("everything"), Search::default());
    }
}
