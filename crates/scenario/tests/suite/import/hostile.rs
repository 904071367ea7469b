//! Inputs made to harm: each is refused in one line with its place, or imported with a note.

use std::fmt::Write;

use brownout_scenario::import::{Format, compose_bytes, isotope_bytes, jaeger_bytes, otlp_bytes};

use super::{good, made, noted, refused, written};

/// An OTLP file of spans `(id, parent, service, start ms, end ms)`, all servers of one trace.
fn otlp(spans: &[(&str, &str, &str, i64, i64)]) -> String {
    let mut text = String::from("{\"resourceSpans\":[");
    for (at, (id, parent, service, start, end)) in spans.iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(
            text,
            "{comma}{{\"resource\":{{\"attributes\":[{{\"key\":\"service.name\",\"value\":{{\"stringValue\":{service:?}}}}}]}},\
             \"scopeSpans\":[{{\"spans\":[{{\"traceId\":\"t\",\"spanId\":\"{id}\",\"parentSpanId\":\"{parent}\",\"name\":\"op\",\
             \"kind\":2,\"startTimeUnixNano\":\"{start}000000\",\"endTimeUnixNano\":\"{end}000000\"}}]}}]}}"
        );
    }
    text + "]}"
}

#[test]
fn aliases_cannot_grow_a_file() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..30 {
        let _ = writeln!(
            bomb,
            "a{n}: &a{n} [{}]",
            vec![format!("*a{}", n - 1); 10].join(", ")
        );
    }
    bomb.push_str("services: *a29\n");
    for format in [Format::Isotope, Format::Compose] {
        refused(
            format,
            &bomb,
            ": error[E0702]: aliases unfold to more than 500000 values",
        );
    }
    // The same by merging.
    let mut merges = String::from("a0: &a0 {k: v}\n");
    for n in 1..60 {
        let _ = writeln!(merges, "a{n}: &a{n} {{<<: *a{}, k{n}: v}}", n - 1);
    }
    refused(
        Format::Compose,
        &(merges + "services: *a59\n"),
        "nested deeper than 48, aliases unfolded",
    );
    refused(
        Format::Isotope,
        "services: &a\n- *a\n",
        "input:2:3: error[E0701]: an alias within the value it names",
    );
    refused(
        Format::Isotope,
        "services: *a\n",
        "input:1:11: error[E0701]: this is not YAML",
    );
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let text = format!(
            "services: {}{}",
            open.repeat(100_000),
            close.repeat(100_000)
        );
        let found = made(Format::Isotope, &text).expect_err("refused");
        assert_eq!(found.len(), 1);
    }
    let mut deep = String::new();
    for n in 0..60 {
        let _ = writeln!(deep, "{}a:", " ".repeat(n));
    }
    refused(
        Format::Compose,
        &deep,
        "input:49:49: error[E0702]: values are nested deeper than 48",
    );
    let text = format!("{{\"resourceSpans\":{}", "[".repeat(100_000));
    refused(Format::Otlp, &text, "error[E0701]");
    let text = format!("{{\"data\":[{{\"spans\":{}", "[{\"tags\":".repeat(50_000));
    refused(Format::Jaeger, &text, "error[E0701]");
}

#[test]
fn numbers_out_of_all_bounds_are_refused() {
    let isotope = |line: &str| format!("services:\n- name: a\n  {line}\n");
    for (line, expected) in [
        (
            "numReplicas: 99999999999999999999",
            "input:3:16: error[E0701]: expected replicas between 1 and 10000",
        ),
        ("numReplicas: 0", "input:3:16: error[E0701]"),
        ("numReplicas: -1", "input:3:16: error[E0701]"),
        (
            "errorRate: .nan",
            "input:3:14: error[E0701]: expected a share",
        ),
        (
            "errorRate: NaN",
            "input:3:14: error[E0701]: expected a share",
        ),
        (
            "errorRate: 1e999",
            "input:3:14: error[E0701]: expected a share",
        ),
        (
            "errorRate: 101%",
            "input:3:14: error[E0701]: expected a share",
        ),
        (
            "responseSize: 9999999 TB",
            "input:3:17: error[E0701]: expected a size",
        ),
        (
            "script: [{sleep: 9999h}]",
            "input:3:20: error[E0701]: expected a duration up to 60s",
        ),
        ("script: [{sleep: -1s}]", "input:3:20: error[E0701]"),
        (
            "script: [{call: {service: a, probability: inf}}]",
            "input:3:45: error[E0701]: expected a number between 0 and 100",
        ),
    ] {
        refused(Format::Isotope, &isotope(line), expected);
    }
    let compose = |line: &str| format!("services:\n  a:\n    {line}\n");
    for (line, expected) in [
        (
            "deploy: {replicas: 1000000}",
            "input:3:24: error[E0701]: expected replicas between 0 and 10000",
        ),
        ("cpus: NaN", "input:3:11: error[E0701]: expected cpus"),
        ("cpus: 1e400", "input:3:11: error[E0701]: expected cpus"),
        (
            "mem_limit: 99999999999999999999G",
            "input:3:16: error[E0701]: expected a memory limit",
        ),
        (
            "healthcheck: {interval: 99999h}",
            "input:3:29: error[E0701]: expected a duration up to 1h",
        ),
        (
            "healthcheck: {retries: -5}",
            "input:3:28: error[E0701]: expected retries",
        ),
    ] {
        refused(Format::Compose, &compose(line), expected);
    }
    let span = |start: &str, end: &str| {
        format!(
            "{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{{\"traceId\":\"t\",\"spanId\":\"s\",\n\"startTimeUnixNano\":{start},\"endTimeUnixNano\":{end}}}]}}]}}]}}"
        )
    };
    for (start, expected) in [
        ("1e999", "input:2:25: error[E0701]: number out of range"),
        (
            "1e30",
            "input:2:24: error[E0701]: expected a whole number below 2^63",
        ),
        ("NaN", "input:2:21: error[E0701]: expected value"),
        (
            "\"abc\"",
            "input:2:25: error[E0701]: expected a whole number, found `abc`",
        ),
        (
            "\"-99999999999999999999\"",
            "expected a whole number, found",
        ),
    ] {
        refused(Format::Otlp, &span(start, "1"), expected);
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let services = |n: usize| {
        let mut text = String::from("services:\n");
        for at in 0..n {
            let _ = writeln!(text, "- {{name: s{at}, isEntrypoint: {}}}", at == 0);
        }
        text.push_str("- name: last\n  isEntrypoint: true\n  script:\n");
        for at in 0..n {
            let _ = writeln!(text, "  - call: s{at}");
        }
        text
    };
    assert_eq!(good(Format::Isotope, &services(511)).services, 512);
    refused(
        Format::Isotope,
        &services(512),
        "error[E0702]: 513 services; at most 512 are allowed",
    );
    refused(
        Format::Isotope,
        "services:\n- {name: a, numReplicas: 10000, isEntrypoint: true, script: [{call: b}]}\n- {name: b}\n",
        "error[E0702]: 10001 replicas in all; at most 10000 are allowed",
    );
    let mut script = String::from("services:\n- name: a\n- name: b\n  script:\n");
    script.push_str(&"  - call: a\n".repeat(1_001));
    refused(
        Format::Isotope,
        &script,
        "input:5:5: error[E0702]: 1001 commands; at most 1000 are read",
    );
    let long = format!("services:\n- name: a # {}\n", "x".repeat(4 << 20));
    refused(
        Format::Isotope,
        &long,
        "input:1:1: error[E0702]: the file has",
    );
    // More entry points than there may be flows: the rest is left out, and said to be.
    let mut entries = String::from("services:\n");
    for at in 0..70 {
        let _ = writeln!(entries, "- {{name: s{at}, isEntrypoint: true}}");
    }
    let imported = good(Format::Isotope, &entries);
    assert_eq!(imported.flows, 64);
    noted(&imported, "s69", "entry point left out");
    // A list of nothing but brackets is read and costs nothing.
    let nothing = format!("{{\"resourceSpans\":[{}{{}}]}}", "{},".repeat(300_000));
    refused(
        Format::Otlp,
        &nothing,
        "input:1:1: error[E0703]: no span in it can be used",
    );
}

#[test]
fn names_that_deceive_are_made_harmless() {
    let names = "services:\n- name: \"a\\u202Eb\\x07\"\n  isEntrypoint: true\n  script: [{call: ab}]\n- name: ab\n- name: \"\"\n";
    let imported = good(Format::Isotope, names);
    noted(&imported, "ab", "the service is called `ab-2` here");
    written(&imported, "Call(\"ab-2\", \"handle\")");
    assert!(
        !imported.text.contains(['\u{202e}', '\u{7}']),
        "{}",
        imported.text
    );
    // Quotes and backslashes stay what they are.
    let quoted = "services:\n- name: 'say \"hi\" \\ \\\"'\n  isEntrypoint: true\n";
    written(
        &good(Format::Isotope, quoted),
        r#"name: "say \"hi\" \\ \\\"""#,
    );
    // In spans, too.
    let text = otlp(&[("1", "", "a\u{202e}\u{0}b\n\"", 1, 2)]);
    let text = text
        .replace("\\u{202e}", "\\u202e")
        .replace("\\0", "\\u0000");
    let imported = good(Format::Otlp, &text);
    written(&imported, r#"name: "ab \"""#);
    // A name in a message is not repeated at full length, and in one line.
    let long = format!(
        "services:\n- name: a\n  script: [{{call: \"{}\\n\\u202E\"}}]\n",
        "x".repeat(10_000)
    );
    refused(Format::Isotope, &long, "unknown service `xxx");
}

#[test]
fn circles_are_cut_and_said() {
    let circle = "services:\n- {name: a, isEntrypoint: true, script: [{call: b}]}\n- {name: b, script: [{call: a}, {call: b}]}\n";
    let imported = good(Format::Isotope, circle);
    noted(&imported, "b → a", "it would close a circle");
    noted(&imported, "b → b", "a call of a service to itself left out");
    assert_eq!(imported.calls, 1);
    let compose = "services:\n  a: {ports: ['1:1'], depends_on: [b]}\n  b: {depends_on: [a, b]}\n";
    let imported = good(Format::Compose, compose);
    noted(&imported, "b → a", "it would close a circle");
    noted(&imported, "b", "a call of a service to itself left out");
    // Spans: a calls b, which calls a again; and c calls itself.
    let spans = otlp(&[
        ("1", "", "a", 0, 100),
        ("2", "1", "b", 10, 90),
        ("3", "2", "a", 20, 80),
        ("4", "3", "c", 30, 70),
        ("5", "4", "c", 40, 60),
    ]);
    let imported = good(Format::Otlp, &spans);
    noted(&imported, "b → a", "taken as computing of its caller");
    noted(&imported, "c", "calls of the service to itself");
}

#[test]
fn spans_of_no_use_are_counted() {
    for text in ["", "  \n"] {
        refused(
            Format::Otlp,
            text,
            "input:1:1: error[E0703]: the file is empty",
        );
        refused(
            Format::Isotope,
            text,
            "input:1:1: error[E0703]: the file is empty",
        );
    }
    refused(
        Format::Otlp,
        "{\"resourceSpans\":[]}",
        "input:1:1: error[E0703]: no span in it can be used",
    );
    refused(
        Format::Jaeger,
        "{\"data\":[]}",
        "input:1:1: error[E0703]: no span in it can be used",
    );
    refused(Format::Jaeger, "{\"data\":null}", "error[E0703]");
    refused(
        Format::Otlp,
        "{\"resourceLogs\":[]}",
        "error[E0701]: missing field `resourceSpans`",
    );
    let imported = good(
        Format::Otlp,
        &otlp(&[
            ("1", "", "a", 100, 200),
            ("2", "1", "b", 150, 120),
            ("1", "", "a", 100, 200),
            ("3", "1", "c", 100, 90_000_100),
            ("4", "gone", "d", 100, 150),
            ("5", "6", "e", 100, 150),
            ("6", "5", "f", 100, 150),
        ]),
    );
    noted(&imported, "1 spans", "they end before they begin");
    noted(
        &imported,
        "1 spans",
        "another span of their trace has the same id",
    );
    noted(&imported, "1 spans", "they last longer than a day");
    noted(
        &imported,
        "d",
        "the callers of 1 of its spans are not in the file",
    );
    noted(
        &imported,
        "1 circles of spans",
        "spans that are their own ancestors",
    );
    let jaeger = |start: &str, duration: &str, process: &str| {
        format!(
            "{{\"data\":[{{\"spans\":[{{\"traceID\":\"t\",\"spanID\":\"s\",\"startTime\":{start},\"duration\":{duration},\"processID\":\"{process}\"}}],\
             \"processes\":{{\"p\":{{\"serviceName\":\"a\"}}}}}}]}}"
        )
    };
    assert_eq!(good(Format::Jaeger, &jaeger("1000", "5", "p")).services, 1);
    refused(
        Format::Jaeger,
        &jaeger("0", "-5", "p"),
        "no span in it can be used",
    );
    refused(
        Format::Jaeger,
        &jaeger("1000", "5", "q"),
        "no span in it can be used",
    );
    refused(
        Format::Jaeger,
        &jaeger("1000", "9223372036854775807", "p"),
        "no span in it can be used",
    );
}

#[test]
fn wrong_forms_have_a_place() {
    for (text, expected) in [
        (
            "- a\n",
            "input:1:1: error[E0701]: expected a map with a list `services`",
        ),
        ("services: 5\n", "input:1:1: error[E0701]"),
        (
            "services:\n- nam: a\n",
            "input:2:3: error[E0701]: expected a service with a `name`",
        ),
        (
            "services:\n- name: a\n- name: a\n",
            "input:3:3: error[E0701]: the service `a` stands here twice",
        ),
        (
            "services:\n- name: a\n  name: b\n",
            "input:3:3: error[E0701]: the key `name` stands here twice",
        ),
        (
            "services:\n- name: a\n  script: {call: a}\n",
            "input:3:11: error[E0701]: expected a list of commands",
        ),
        (
            "services:\n- name: a\n  script: [{jump: b}]\n",
            "input:3:12: error[E0701]: unknown command `jump`",
        ),
        (
            "services:\n- name: cart\n  script: [{call: crat}]\n",
            "did you mean `cart`?",
        ),
        (
            "services:\n- name: a\n  isEntrypoint: maybe\n",
            "input:3:17: error[E0701]: expected `true` or `false`",
        ),
        (
            "services:\n- name: a\n---\nservices: []\n",
            "error[E0701]: expected one YAML document",
        ),
        ("services: [}\n", "error[E0701]: this is not YAML"),
    ] {
        refused(Format::Isotope, text, expected);
    }
    for (text, expected) in [
        (
            "services: [a]\n",
            "input:1:1: error[E0701]: expected a map with a map `services`",
        ),
        (
            "services: {a: 5}\n",
            "input:1:15: error[E0701]: expected a map for the service `a`",
        ),
        (
            "services: {a: {depends_on: b}}\n",
            "input:1:28: error[E0701]: expected a list or map of services",
        ),
        (
            "services: {a: {depends_on: [b]}}\n",
            "input:1:29: error[E0701]: unknown service `b`",
        ),
        (
            "services: {db: {image: postgres}}\n",
            "error[E0703]: no service was found where requests enter",
        ),
        (
            "services: {}\n",
            "error[E0703]: no service was found where requests enter",
        ),
    ] {
        refused(Format::Compose, text, expected);
    }
}

/// Every prefix of good inputs, and inputs with a byte changed, give an answer.
#[test]
fn damaged_inputs_give_an_answer() {
    let isotope = "defaults: {errorRate: 1%}\nservices:\n- name: a\n  script: [[{call: b}, {sleep: 1ms}]]\n- &b {name: b}\n";
    let compose = "services:\n  a: &a {image: 'x:1', ports: ['80'], environment: [B_ADDR=b:80, 'C=${D:-1}']}\n  b: {<<: *a, cpus: '0.5'}\n";
    let otlp = otlp(&[("1", "", "a", 0, 9), ("2", "1", "b", 1, 5)]);
    let jaeger = "{\"data\":[{\"spans\":[{\"traceID\":\"t\",\"spanID\":\"s\",\"startTime\":1,\"duration\":2,\"processID\":\"p\"}],\"processes\":{\"p\":{\"serviceName\":\"a\"}}}]}";
    type Entry =
        fn(
            &[u8],
        )
            -> Result<brownout_scenario::import::Imported, Vec<brownout_scenario::Diagnostic>>;
    let cases: [(&str, Entry); 4] = [
        (isotope, isotope_bytes),
        (compose, compose_bytes),
        (&otlp, otlp_bytes),
        (jaeger, jaeger_bytes),
    ];
    for (text, entry) in cases {
        assert!(entry(text.as_bytes()).is_ok(), "{text}");
        for end in 0..text.len() {
            let _ = entry(&text.as_bytes()[..end]);
            for byte in [b'{', b']', b'-', b'\n', b'9', 0xff] {
                let mut bytes = text.as_bytes().to_vec();
                bytes[end] = byte;
                if let Err(found) = entry(&bytes) {
                    assert!(
                        !found.is_empty()
                            && found.iter().all(|d| d.line >= 1 && !d.message.is_empty())
                    );
                    // Nothing but what is wrong with the input: the system made of it is sound.
                    assert!(found.iter().all(|d| d.code != "E0799"), "{found:?}");
                }
            }
        }
    }
}
