//! Any text as a question.

use brownout_telemetry::logql;
use brownout_telemetry::promql::labels::{Labels, NAME};
use brownout_telemetry::promql::source::{Held, Sample, Stored};
use brownout_telemetry::promql::{Query, Semantics};
use brownout_telemetry::search::Search;

/// A few series to ask about.
fn held() -> Held {
    let series = |name: &str, job: &str, le: &str, step: u32| Stored {
        labels: Labels::new([(NAME, name), ("job", job), ("le", le)]),
        samples: (0..40)
            .map(|index| Sample {
                at_ms: i64::from(index) * 15_000,
                value: f64::from(index % 17 * step),
            })
            .collect::<Vec<_>>()
            .into(),
    };
    Held(vec![
        series("a", "x", "", 1),
        series("a", "y", "", 3),
        series("b", "x", "", 0),
        series("h_bucket", "x", "1.0", 2),
        series("h_bucket", "x", "+Inf", 5),
    ])
}

/// Reads the text as a question to metrics, logs and traces, and asks the metrics.
pub fn query(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let _ = logql::Query::new(text);
    let _ = Search::parse(text);
    let held = held();
    for semantics in [Semantics::Prometheus3, Semantics::Prometheus2] {
        if let Ok(query) = Query::new(text, semantics) {
            let _ = query.instant(&held, 300_000);
            let _ = query.range(&held, 0, 600_000, 30_000);
        }
    }
}
