//! Traces: services, endpoints and calls as the spans show them, rates and failures as measured, and computing times
//! fitted to what spans lasted beside their calls.

mod capacity;
mod choices;
mod collect;
mod fit;
mod jaeger;
mod json;
mod names;
mod otlp;
mod proof;
mod shape;
mod span;
mod system;
mod together;

use std::collections::BTreeMap;

use super::finish::finish;
use super::isotope::from;
use super::notes::Notes;
use super::problem::Problem;
use super::{Format, Imported, Input, Options};
use crate::diagnostics::Diagnostic;
use span::{MAX_SPANS, Spans};

/// Durations in a run may differ from those of the spans by this much, in per cent, before it is said.
const NEAR_PERCENT: u64 = 15;

/// Makes a system of traces.
pub(super) fn import(
    format: Format,
    inputs: &[Input<'_>],
    options: &Options,
) -> Result<Imported, Vec<Diagnostic>> {
    let mut spans = Spans::default();
    let mut found = Vec::new();
    for input in inputs {
        let read = match format {
            Format::Jaeger => jaeger::read(input.file, input.text, &mut spans),
            _ => otlp::read(input.file, input.text, &mut spans),
        };
        found.extend(read.err());
    }
    let Some(first) = inputs.first().filter(|_| found.is_empty()) else {
        return Err(found);
    };
    if spans.spans.len() > MAX_SPANS {
        let message = format!("{} spans; at most {MAX_SPANS} are read", spans.spans.len());
        return Err(vec![Problem::of(first.file).limit(message)]);
    }
    let mut notes = Notes::default();
    spans.say(&mut notes);
    if spans.spans.is_empty() {
        let message = "no span in it can be used".to_owned();
        return Err(vec![Problem::of(first.file).empty(message)]);
    }
    let requests = collect::collect(&mut spans, &mut notes);
    let made = system::make(&spans, requests, options, &mut notes);
    let from = from(
        inputs,
        match format {
            Format::Jaeger => "Jaeger traces",
            _ => "OpenTelemetry traces",
        },
    );
    let (mut imported, blueprint) = finish(made.sketch, notes, first.file, &from, options)?;
    imported.times = proof::compare(blueprint, &made.durations);
    for times in &imported.times {
        let off = |run: u64, spans: u64| run.abs_diff(spans) * 100 > spans * NEAR_PERCENT;
        if off(times.run_p50_ns, times.spans_p50_ns) || off(times.run_p95_ns, times.spans_p95_ns) {
            let note = super::Note {
                about: times.service.clone(),
                reason: format!(
                    "durations in a run differ by more than {NEAR_PERCENT} % from those of its spans: see the times"
                ),
            };
            // The head of the file is written already: the line goes to its end.
            let line = format!("\n// - {}: {}\nSystem(\n", note.about, note.reason);
            imported.text = imported.text.replacen("\nSystem(\n", &line, 1);
            imported.notes.push(note);
        }
    }
    Ok(imported)
}

/// Durations of the requests of each service, sorted, by the service's name.
type Durations = BTreeMap<String, Vec<u64>>;
