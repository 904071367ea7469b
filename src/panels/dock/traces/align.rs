//! Two traces laid over each other by call path.

use brownout_session::reader::SpanRow;

/// A call as it stands in one trace, in the other, or in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Depth below the user.
    pub depth: u16,
    /// Position among the affected trace's spans.
    pub affected: Option<usize>,
    /// Position among the healthy trace's spans.
    pub healthy: Option<usize>,
}

/// What sets a pair apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Nothing worth a look.
    None,
    /// Only the affected trace has it and it failed or is a retry.
    Extra,
    /// Only the affected trace has it: the flow took another path there.
    Aside,
    /// Only the healthy trace has it: it was never called.
    Missing,
    /// It ended otherwise.
    Result,
    /// It took at least twice as long, and a good part of what the whole trace took longer.
    Slower,
    /// It took at most half as long, and 10 ms less.
    Faster,
}

/// One in this many of the whole difference is a good part of it.
const PART: u64 = 5;
/// Durations closer than this are equal, in nanoseconds.
const ALIKE_NS: u64 = 10_000_000;

impl Pair {
    /// What sets it apart.
    #[must_use]
    pub fn difference(&self, affected: &[SpanRow], healthy: &[SpanRow]) -> Difference {
        let (a, h) = match (self.affected, self.healthy) {
            (Some(a), Some(h)) => (&affected[a], &healthy[h]),
            (Some(a), None) => {
                let span = &affected[a];
                let telling = span.attempt > 1 || !span.status.is_ok();
                return if telling {
                    Difference::Extra
                } else {
                    Difference::Aside
                };
            }
            _ => return Difference::Missing,
        };
        if a.status != h.status || a.abandoned != h.abandoned {
            return Difference::Result;
        }
        let whole = |spans: &[SpanRow]| spans.first().map_or(0, |span| span.duration_ns);
        let whole_ns = whole(affected).abs_diff(whole(healthy));
        let apart = a.duration_ns.abs_diff(h.duration_ns) >= ALIKE_NS.max(whole_ns / PART);
        if apart && a.duration_ns >= h.duration_ns.saturating_mul(2) {
            Difference::Slower
        } else if apart && h.duration_ns >= a.duration_ns.saturating_mul(2) {
            Difference::Faster
        } else {
            Difference::None
        }
    }
}

/// Pairs in the order of a waterfall. Spans match when all calls above them match and they are the same call to the same
/// endpoint: the same attempt, and the same in number where a caller calls it more than once.
#[must_use]
pub fn align(affected: &[SpanRow], healthy: &[SpanRow]) -> Vec<Pair> {
    let mut pairs = Vec::with_capacity(affected.len().max(healthy.len()));
    let sides = (Some(None), Some(None));
    below(affected, healthy, sides, 0, &mut pairs);
    pairs
}

/// A parent in a trace: `None` where the trace has no such call, `Some(None)` for the user.
type Parent = Option<Option<usize>>;

fn below(
    affected: &[SpanRow],
    healthy: &[SpanRow],
    parents: (Parent, Parent),
    depth: u16,
    pairs: &mut Vec<Pair>,
) {
    let of = |rows, parent: Parent| parent.map_or_else(Vec::new, |at| children(rows, at, depth));
    let (left, right) = (of(affected, parents.0), of(healthy, parents.1));
    let mut free = right;
    let mut matched: Vec<(Option<usize>, Option<usize>)> = Vec::new();
    for a in left {
        let same = |h: &usize| call(&affected[a]) == call(&healthy[*h]);
        let h = free
            .iter()
            .position(same)
            .map(|position| free.remove(position));
        matched.push((Some(a), h));
    }
    matched.extend(free.into_iter().map(|h| (None, Some(h))));
    for (a, h) in matched {
        pairs.push(Pair {
            depth,
            affected: a,
            healthy: h,
        });
        below(
            affected,
            healthy,
            (a.map(Some), h.map(Some)),
            depth + 1,
            pairs,
        );
    }
}

/// What is called: siblings that call the same are matched in order.
fn call(span: &SpanRow) -> (&str, &str, u8) {
    (&span.service, &span.endpoint, span.attempt)
}

/// Spans of a depth directly below one.
fn children(rows: &[SpanRow], parent: Option<usize>, depth: u16) -> Vec<usize> {
    let first = parent.map_or(0, |at| at + 1);
    rows.iter()
        .enumerate()
        .skip(first)
        .take_while(|(_, row)| parent.is_none() || row.depth >= depth)
        .filter(|(_, row)| row.depth == depth)
        .map(|(index, _)| index)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use brownout_sim::probe::Status;

    fn span(depth: u16, service: &str, attempt: u8, ms: u64, status: Status) -> SpanRow {
        SpanRow {
            depth,
            service: service.to_owned(),
            endpoint: "POST /".to_owned(),
            caller: None,
            instance: None,
            attempt,
            start_ns: 0,
            duration_ns: ms * 1_000_000,
            wait_ns: 0,
            lock_ns: 0,
            lock_start_ns: 0,
            status,
            abandoned: false,
        }
    }

    fn differences(affected: &[SpanRow], healthy: &[SpanRow]) -> Vec<(u16, Difference)> {
        align(affected, healthy)
            .iter()
            .map(|pair| (pair.depth, pair.difference(affected, healthy)))
            .collect()
    }

    #[test]
    fn the_same_trace_differs_nowhere() {
        let trace = [
            span(0, "edge", 1, 90, Status::Ok),
            span(1, "gateway", 1, 80, Status::Ok),
            span(2, "cart", 1, 12, Status::Ok),
            span(2, "payments", 1, 40, Status::Ok),
        ];
        let found = differences(&trace, &trace);
        assert_eq!(found.len(), 4);
        assert!(found.iter().all(|(_, of)| *of == Difference::None));
    }

    #[test]
    fn retries_are_extra_and_what_was_never_called_is_missing() {
        let affected = [
            span(0, "edge", 1, 3_000, Status::BadGateway),
            span(1, "checkout", 1, 2_990, Status::BadGateway),
            span(2, "cart", 1, 12, Status::Ok),
            span(2, "payments", 1, 1_000, Status::Timeout),
            span(2, "payments", 2, 1_000, Status::Timeout),
        ];
        let healthy = [
            span(0, "edge", 1, 90, Status::Ok),
            span(1, "checkout", 1, 80, Status::Ok),
            span(2, "cart", 1, 11, Status::Ok),
            span(2, "payments", 1, 40, Status::Ok),
            span(3, "cardhub", 1, 30, Status::Ok),
            span(2, "orders", 1, 9, Status::Ok),
        ];
        assert_eq!(
            differences(&affected, &healthy),
            [
                (0, Difference::Result),
                (1, Difference::Result),
                (2, Difference::None),
                (2, Difference::Result),
                (3, Difference::Missing),
                (2, Difference::Extra),
                (2, Difference::Missing),
            ]
        );
    }

    #[test]
    fn slower_is_twice_and_ten_milliseconds() {
        let one = |ms| [span(0, "edge", 1, ms, Status::Ok)];
        let of = |a, h| differences(&one(a), &one(h))[0].1;
        assert_eq!(of(80, 40), Difference::Slower);
        assert_eq!(of(40, 80), Difference::Faster);
        assert_eq!(of(8, 2), Difference::None, "both are quick");
        assert_eq!(of(70, 40), Difference::None);
    }

    #[test]
    fn calls_under_different_callers_are_not_the_same() {
        let affected = [
            span(0, "edge", 1, 50, Status::Ok),
            span(1, "search", 1, 20, Status::Ok),
            span(2, "cache", 1, 5, Status::Ok),
        ];
        let healthy = [
            span(0, "edge", 1, 50, Status::Ok),
            span(1, "catalogue", 1, 20, Status::Ok),
            span(2, "cache", 1, 5, Status::Ok),
        ];
        let found = differences(&affected, &healthy);
        let count = |of| found.iter().filter(|(_, d)| *d == of).count();
        assert_eq!(
            (count(Difference::Aside), count(Difference::Missing)),
            (2, 2)
        );
    }
}
