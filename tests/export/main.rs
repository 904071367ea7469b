//! `brownout export`: what is written is what the formats' own readers read.

mod push;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use opentelemetry_proto::tonic::logs::v1::LogsData;
use opentelemetry_proto::tonic::metrics::v1::MetricsData;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::TracesData;
use prost::Message;
use serde_json::Value;

fn brownout(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_brownout"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()
        .expect("the program runs")
}

/// An empty folder with the journal of a run in it.
fn run(name: &str, scenario: &str) -> (PathBuf, PathBuf) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("export-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let journal = folder.join("run.journal");
    let path = journal.to_string_lossy().into_owned();
    let ran = brownout(&[
        "run",
        scenario,
        "--until",
        "4m",
        "--journal",
        &path,
        "--seed",
        "3",
    ]);
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    (folder, journal)
}

fn export(journal: &Path, format: &str, output: &Path) {
    // The last minutes are enough; everything would be large.
    let now = brownout(&["query", &journal.to_string_lossy(), "--promql", "time()"]);
    let now: f64 = String::from_utf8_lossy(&now.stdout)
        .trim()
        .parse()
        .expect("a time");
    let start = (now - 360.0).to_string();
    let done = brownout(&[
        "export",
        &journal.to_string_lossy(),
        "--format",
        format,
        "--start",
        &start,
        "-o",
        &output.to_string_lossy(),
    ]);
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Everything that was written is in what the official types have read: nothing was unknown to them or misspelt.
fn contains(read: &Value, written: &Value, path: &str) {
    match (read, written) {
        (Value::Object(read), Value::Object(written)) => {
            for (key, value) in written {
                let below = format!("{path}.{key}");
                match read.get(key) {
                    Some(found) => contains(found, value, &below),
                    None => panic!("{below} was not read"),
                }
            }
        }
        (Value::Array(read), Value::Array(written)) => {
            assert_eq!(read.len(), written.len(), "{path}");
            for (index, (read, written)) in read.iter().zip(written).enumerate() {
                contains(read, written, &format!("{path}[{index}]"));
            }
        }
        (Value::Number(read), Value::Number(written)) => {
            assert_eq!(read.as_f64(), written.as_f64(), "{path}");
        }
        (read, written) => {
            let plain = |value: &Value| value.to_string().trim_matches('"').to_owned();
            assert_eq!(plain(read), plain(written), "{path}");
        }
    }
}

/// Reads a file as the official type, and checks that it goes through the protobuf encoding unchanged.
fn official<T>(path: &Path) -> T
where
    T: Message + Default + PartialEq + serde::de::DeserializeOwned + serde::Serialize,
{
    let text = std::fs::read_to_string(path).expect("an export");
    let message: T =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let written: Value = serde_json::from_str(&text).expect("JSON");
    let read = serde_json::to_value(&message).expect("JSON");
    contains(&read, &written, "");
    let decoded = T::decode(message.encode_to_vec().as_slice()).expect("a message");
    assert!(
        decoded == message,
        "{}: changed by encoding",
        path.display()
    );
    message
}

#[test]
fn otlp_is_what_the_official_schema_says() {
    let (folder, journal) = run("otlp", "scenarios/kiosk-config");
    export(&journal, "otlp-json", &folder.join("run.json"));

    let metrics: MetricsData = official(&folder.join("run-metrics.json"));
    let mut points = 0;
    let mut names = BTreeSet::new();
    for resource in &metrics.resource_metrics {
        for metric in &resource.scope_metrics[0].metrics {
            names.insert(metric.name.clone());
            match metric.data.as_ref().expect("data") {
                Data::Histogram(histogram) => {
                    for point in &histogram.data_points {
                        points += 1;
                        let bounds = point.explicit_bounds.len();
                        assert_eq!(point.bucket_counts.len(), bounds + 1, "{}", metric.name);
                        let inside: u64 = point.bucket_counts.iter().sum();
                        assert_eq!(inside, point.count, "{}", metric.name);
                    }
                }
                Data::Gauge(gauge) => points += gauge.data_points.len(),
                Data::Sum(sum) => points += sum.data_points.len(),
                other => panic!("{}: {other:?}", metric.name),
            }
        }
    }
    assert!(points > 1_000, "{points} points");
    assert!(names.contains("http.server.request.duration"), "{names:?}");

    let logs: LogsData = official(&folder.join("run-logs.json"));
    let lines: usize = logs
        .resource_logs
        .iter()
        .map(|r| r.scope_logs[0].log_records.len())
        .sum();
    assert!(lines > 50, "{lines} lines");

    let traces: TracesData = official(&folder.join("run-traces.json"));
    // Every span has its parent in its trace, lies after its start, and has an identifier of its own.
    let mut spans = BTreeMap::new();
    for resource in &traces.resource_spans {
        for span in &resource.scope_spans[0].spans {
            let key = (span.trace_id.clone(), span.span_id.clone());
            assert!(spans.insert(key, span).is_none(), "{} twice", span.name);
        }
    }
    assert!(spans.len() > 100, "{} spans", spans.len());
    for span in spans.values() {
        assert!(
            span.start_time_unix_nano <= span.end_time_unix_nano,
            "{}",
            span.name
        );
        if !span.parent_span_id.is_empty() {
            let key = (span.trace_id.clone(), span.parent_span_id.clone());
            let parent = spans
                .get(&key)
                .unwrap_or_else(|| panic!("{} has no parent", span.name));
            assert!(
                parent.start_time_unix_nano <= span.start_time_unix_nano,
                "{}",
                span.name
            );
        }
    }
    // A failure of a call is found in the traces, and the line that tells of it in the logs.
    let failed = spans
        .values()
        .any(|span| span.status.as_ref().is_some_and(|s| s.code == 2));
    assert!(failed, "the incident shows in the traces");
    let told: BTreeSet<_> = logs
        .resource_logs
        .iter()
        .flat_map(|r| &r.scope_logs[0].log_records)
        .map(|record| record.trace_id.clone())
        .collect();
    assert!(
        spans.keys().any(|(trace, _)| told.contains(trace)),
        "lines lead to traces"
    );
}

/// Jaeger's own shape: what an importer of it makes of an export is the system the run was of.
#[test]
fn jaeger_traces_lead_back_to_the_system() {
    let (folder, journal) = run("jaeger", "scenarios/kiosk-config");
    let file = folder.join("traces.json");
    export(&journal, "jaeger-json", &file);
    let text = std::fs::read_to_string(&file).expect("an export");
    let jaeger: Value = serde_json::from_str(&text).expect("JSON");
    let traces = jaeger["data"].as_array().expect("traces");
    assert!(traces.len() > 20, "{} traces", traces.len());
    for trace in traces {
        for span in trace["spans"].as_array().expect("spans") {
            let process = span["processID"].as_str().expect("a process");
            assert!(
                trace["processes"][process]["serviceName"].is_string(),
                "{process}"
            );
        }
    }
    let systems = folder.join("systems");
    let imported = brownout(&[
        "import",
        &file.to_string_lossy(),
        "--format",
        "jaeger",
        "-o",
        &systems.to_string_lossy(),
    ]);
    let said = String::from_utf8_lossy(&imported.stdout).into_owned();
    assert!(
        imported.status.success(),
        "{}",
        String::from_utf8_lossy(&imported.stderr)
    );
    let written = std::fs::read_dir(&systems)
        .expect("a system")
        .filter_map(Result::ok);
    let text: String = written
        .map(|entry| std::fs::read_to_string(entry.path()).expect("a system"))
        .collect();
    for service in ["front", "tickets", "fares", "seats"] {
        assert!(
            text.contains(&format!("\"{service}\"")),
            "{service} is missing: {said}"
        );
    }
}

/// What cannot be exported is said in one line.
#[test]
fn a_missing_journal_is_said() {
    let done = brownout(&[
        "export",
        "no-such.journal",
        "--format",
        "openmetrics",
        "-o",
        "nowhere",
    ]);
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(
        said.contains("no-such.journal") && said.lines().count() == 1,
        "{said}"
    );
    assert!(!Path::new("nowhere").exists());
}
