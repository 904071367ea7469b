//! Traces: small ones made by hand, and what becomes of them.

use std::fmt::Write;

use brownout_scenario::import::{Format, Imported, Input, Options, import};

use super::{good, noted, written};

/// A span in a line: id, parent or `-`, service, name, kind (s, c, p, w for a consumer, or i), start and end in
/// milliseconds, and attributes `key=value`; `!` marks a failure.
fn otlp(traces: &[&str]) -> String {
    let mut text = String::new();
    for (trace, spans) in traces.iter().enumerate() {
        for line in spans.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [id, parent, service, name, kind, start, end, rest @ ..] = words.as_slice() else {
                panic!("{line}");
            };
            let kind = match *kind {
                "s" => 2,
                "c" => 3,
                "p" => 4,
                "w" => 5,
                _ => 1,
            };
            let time = |ms: &str| {
                1_000_000 * (1_000_000 + 1_000 * trace as u64 + ms.parse::<u64>().expect("ms"))
            };
            let parent = if *parent == "-" { "" } else { parent };
            let attributes: Vec<String> = rest
                .iter()
                .filter_map(|word| word.split_once('='))
                .map(|(key, value)| {
                    format!("{{\"key\":\"{key}\",\"value\":{{\"stringValue\":\"{value}\"}}}}")
                })
                .collect();
            let status = if rest.contains(&"!") {
                "{\"code\":2}"
            } else {
                "{}"
            };
            let name = name.replace('_', " ");
            // Documents may follow each other, as exporters that write lines do it.
            let _ = writeln!(
                text,
                "{{\"resourceSpans\":[{{\"resource\":{{\"attributes\":[{{\"key\":\"service.name\",\"value\":{{\"stringValue\":\"{service}\"}}}}]}},\
                 \"scopeSpans\":[{{\"spans\":[{{\"traceId\":\"{trace}\",\"spanId\":\"{id}\",\"parentSpanId\":\"{parent}\",\"name\":\"{name}\",\
                 \"kind\":{kind},\"startTimeUnixNano\":\"{}\",\"endTimeUnixNano\":\"{}\",\"attributes\":[{}],\"status\":{status}}}]}}]}}]}}",
                time(start),
                time(end),
                attributes.join(",")
            );
        }
    }
    text
}

fn traced(traces: &[&str]) -> Imported {
    good(Format::Otlp, &otlp(traces))
}

#[test]
fn calls_in_turn_and_at_once() {
    let imported = traced(&["
        1 - front GET_/x s 0 100
        2 1 front call c 10 30
        3 2 a ask s 11 29
        4 1 front call c 40 90
        5 4 b ask s 41 89
        6 1 front call c 42 80
        7 6 c ask s 43 79
    "]);
    written(
        &imported,
        r#"Call("a", "ask"), Parallel([("b", "ask"), ("c", "ask")])"#,
    );
    // 100 ms less 20 and 50 of calls; the way of each is 1 ms there and back.
    written(&imported, r#"latency: (within: "1ms""#);
    written(
        &imported,
        r#"steps: [ComputeAs("30ms", constant), Call("a", "ask")"#,
    );
    assert_eq!(
        (imported.services, imported.calls, imported.flows),
        (4, 3, 1)
    );
}

#[test]
fn work_within_a_service_is_its_own() {
    let imported = traced(&["
        1 - front GET_/x s 0 100
        2 1 front render i 5 95
        3 2 front call c 10 30
        4 3 a ask s 10 30
    "]);
    // 100 ms less 20 of the call and 0.1 each way.
    written(
        &imported,
        r#"steps: [ComputeAs("79.8ms", constant), Call("a", "ask")]"#,
    );
}

#[test]
fn stores_and_strangers_have_no_spans() {
    let imported = traced(&["
        1 - front GET_/x s 0 100
        2 1 front SELECT_x c 10 30 db.system=postgresql db.namespace=orders
        3 1 front GET c 40 50 db.system=redis server.address=cache
        4 1 front POST c 60 90 url.full=https://api.example.com:443/pay
        5 1 front mystery c 91 95
    "]);
    written(&imported, r#"name: "postgresql orders", kind: database"#);
    written(&imported, r#"name: "redis cache", kind: cache"#);
    written(&imported, r#"name: "api.example.com", kind: third_party"#);
    noted(
        &imported,
        "postgresql orders",
        "made of what its callers waited",
    );
    noted(&imported, "1 spans", "do not say whom");
    assert_eq!(imported.services, 4);
}

/// Messages: handed over in one trace, worked on in it or in another.
#[test]
fn topics_become_queues() {
    let destination = "messaging.system=kafka messaging.destination.name=orders";
    let imported = traced(&[
        &format!(
            "1 - shop buy s 0 50\n2 1 shop send p 40 41 {destination}\n3 2 mail work w 60 90 {destination}"
        ),
        &format!("1 - shop buy s 0 50\n2 1 shop send p 40 41 {destination}"),
        &format!("9 - stock count w 60 90 {destination}"),
    ]);
    written(&imported, r#"name: "kafka orders", kind: queue"#);
    written(
        &imported,
        r#"Publish("kafka orders", "mail work"), Publish("kafka orders", "stock count")"#,
    );
    written(&imported, r#"Call("stock", "count")"#);
    // Only the shop is entered by users.
    assert_eq!(imported.flows, 1);
    written(&imported, r#"entry: ("shop", "buy")"#);
}

#[test]
fn work_after_the_answer_is_handed_over() {
    let imported = traced(&["
        1 - shop buy s 0 50
        2 1 audit log s 45 400
    "]);
    written(&imported, r#"Publish("audit queue", "audit log")"#);
    noted(
        &imported,
        "audit",
        "goes on after its callers have answered",
    );
}

#[test]
fn shares_of_calls_failures_and_attempts_are_kept() {
    let plain = "1 - front x s 0 40\n2 1 front call c 10 20\n3 2 a ask s 10 20";
    let without = "1 - front x s 0 40";
    let failed = "1 - front x s 0 40 !\n2 1 front call c 10 20\n3 2 a ask s 10 20";
    let again = "1 - front x s 0 40\n2 1 front call c 10 20 !\n3 2 a ask s 10 20 !\n4 1 front call c 22 30\n5 4 a ask s 22 30";
    let imported = traced(&[plain, plain, without, failed, again]);
    written(&imported, r#""80%", [Call("a", "ask")]"#);
    // One of five requests fails by itself at the front, and one of the five that are made of the other.
    written(
        &imported,
        r#"IfShare("front x a 2", "80%", [Call("a", "ask")]), FailShare("20%")"#,
    );
    written(
        &imported,
        r#"(name: "ask", steps: [ComputeAs("10ms", constant), FailShare("20%")])"#,
    );
    written(&imported, r"attempts: 2");
    noted(&imported, "front", "1 of 5 requests");
}

#[test]
fn rates_are_measured_or_said_to_be_assumed() {
    let one = "1 - front x s 0 40";
    let imported = traced(&[one; 5]);
    noted(&imported, "rates", "10/s in all");
    written(&imported, r#"rates: {"main": "10/s"}"#);
    // A trace each second, of which one in fifty was kept.
    let text = otlp(&[one; 41]);
    let input = Input {
        file: "traces",
        text: &text,
    };
    let options = Options {
        traced_ppm: 20_000,
        ..Options::default()
    };
    let imported = import(Format::Otlp, &[input], &options).expect("imported");
    written(&imported, r#"rates: {"main": "50/s"}"#);
}

#[test]
fn addresses_with_ids_are_one_endpoint_and_many_are_one_more() {
    let traces: Vec<String> = (0..60)
        .map(|n| format!("1 - front GET_/users/{} s 0 40", 1_000 + n))
        .collect();
    let traces: Vec<&str> = traces.iter().map(String::as_str).collect();
    let imported = traced(&traces);
    assert_eq!(imported.flows, 1);
    written(&imported, r#"name: "GET /users/{id}""#);
    let word = |n: usize| {
        format!(
            "{}{}",
            char::from(b'a' + (n / 26) as u8),
            char::from(b'a' + (n % 26) as u8)
        )
    };
    let traces: Vec<String> = (0..60)
        .map(|n| format!("1 - front GET_/{} s 0 40", word(n)))
        .collect();
    let traces: Vec<&str> = traces.iter().map(String::as_str).collect();
    let imported = traced(&traces);
    assert_eq!(imported.flows, 41);
    noted(
        &imported,
        "front",
        "20 operations beyond the 40 most frequent are one endpoint, `other`",
    );
}

/// Two sides of a call with one id, as old tracers send them.
#[test]
fn sides_of_a_call_may_share_an_id() {
    let imported = traced(&["
        1 - front x s 0 40
        2 1 front call c 10 20
        2 1 a ask s 11 19
    "]);
    written(&imported, r#"Call("a", "ask")"#);
    assert_eq!((imported.services, imported.calls), (2, 1));
}
