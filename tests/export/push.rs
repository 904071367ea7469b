//! `brownout run --push-otlp`: what a collector gets is what its own types read, nothing of it twice and nothing left out.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;

use crate::brownout;

/// Bodies by path, as they came.
type Got = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// Takes one request after another from a connection, and says that it was taken.
fn answer(stream: TcpStream, got: &Got) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let (mut first, mut length) = (String::new(), 0usize);
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let header = header.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if header.starts_with("content-type:") {
                assert!(header.ends_with("application/json"), "{header}");
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        assert!(first.starts_with("POST "), "{first}");
        got.lock().expect("nobody panicked").push((path, body));
        let reply =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
        stream.write_all(reply.as_bytes())?;
    }
}

#[test]
fn a_collector_gets_everything_once() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let got = Got::default();
    let taken = Arc::clone(&got);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let taken = Arc::clone(&taken);
            std::thread::spawn(move || answer(stream, &taken));
        }
    });
    let ran = brownout(&[
        "run",
        "scenarios/kiosk-config",
        "--until",
        "30s",
        "--seed",
        "3",
        "--push-otlp",
        &format!("http://{address}"),
    ]);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(
        ran.status.success() && !said.contains("going on without"),
        "{said}"
    );
    let got = got.lock().expect("nobody panicked");
    // Counters by series: each point of the same or a greater value than the one before, at a later time.
    let mut counters: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let (mut points, mut lines, mut spans) = (0, Vec::new(), Vec::new());
    for (path, body) in got.iter() {
        match path.as_str() {
            "/v1/metrics" => {
                let read: ExportMetricsServiceRequest =
                    serde_json::from_slice(body).expect("metrics");
                let metrics = read.resource_metrics.iter().flat_map(|of| {
                    let resource = format!("{:?}", of.resource);
                    let scopes = of.scope_metrics.iter().flat_map(|scope| &scope.metrics);
                    scopes.map(move |metric| (resource.clone(), metric))
                });
                for (resource, metric) in metrics {
                    let Some(Data::Histogram(histogram)) = &metric.data else {
                        continue;
                    };
                    for point in &histogram.data_points {
                        points += 1;
                        let key = format!(
                            "{resource} {} {:?} {}",
                            metric.name, point.attributes, point.start_time_unix_nano
                        );
                        let (at_ns, count) = (point.time_unix_nano, point.count);
                        if let Some((before_ns, before)) =
                            counters.insert(key.clone(), (at_ns, count))
                        {
                            assert!(at_ns > before_ns && count >= before, "{key}");
                        }
                    }
                }
            }
            "/v1/logs" => {
                let read: ExportLogsServiceRequest = serde_json::from_slice(body).expect("logs");
                let of = read.resource_logs.iter().flat_map(|of| &of.scope_logs);
                let records = of.flat_map(|scope| &scope.log_records);
                lines.extend(records.map(|record| {
                    (
                        record.observed_time_unix_nano.max(record.time_unix_nano),
                        format!("{:?}", record.body),
                    )
                }));
            }
            "/v1/traces" => {
                let read: ExportTraceServiceRequest = serde_json::from_slice(body).expect("traces");
                let of = read.resource_spans.iter().flat_map(|of| &of.scope_spans);
                spans.extend(
                    of.flat_map(|scope| &scope.spans)
                        .map(|span| span.span_id.clone()),
                );
            }
            other => panic!("{other}"),
        }
    }
    assert!(
        points > 1_000 && lines.len() > 100 && spans.len() > 100,
        "{points} {} {}",
        lines.len(),
        spans.len()
    );
    let count = spans.len();
    spans.sort_unstable();
    spans.dedup();
    assert_eq!(spans.len(), count, "a span came twice");
    let in_order = lines
        .windows(2)
        .all(|pair| pair[0].0 <= pair[1].0 + 5_000_000_000);
    assert!(in_order, "lines come scrape by scrape");
}

/// A collector that is not there does not stop the run, and is told once.
#[test]
fn a_collector_that_is_away_is_told_once() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    let ran = brownout(&[
        "run",
        "scenarios/kiosk-config",
        "--until",
        "10s",
        "--push-otlp",
        &format!("http://{address}"),
    ]);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    assert_eq!(said.matches("going on without").count(), 1, "{said}");
}
