//! Isotope graphs and compose files: what becomes of what is written.

use brownout_scenario::import::{Format, Input, Options, import};

use super::{good, noted, written};

#[test]
fn scripts_become_steps() {
    let imported = good(
        Format::Isotope,
        "defaults: {requestSize: 1 KB, responseSize: 2048, numReplicas: 3, errorRate: 0.5%}\n\
         services:\n\
         - name: a\n  isEntrypoint: true\n  numReplicas: 2\n  script:\n  - sleep: 10ms\n  - [{call: b}, {call: c}, {sleep: 1ms}]\n  - call: {service: d, size: 64, probability: 25}\n\
         - {name: b, errorRate: 0}\n- {name: c}\n- {name: d, responseSize: 1MB}\n- {name: alone}\n",
    );
    written(
        &imported,
        r#"(name: "a", kind: edge, owner: "A team", replicas: {"main": 2}"#,
    );
    written(
        &imported,
        r#"steps: [
            Compute("500us"), ComputeAs("10ms", constant), ComputeAs("1ms", constant),
            Parallel([("b", "handle"), ("c", "handle")]),
            IfShare("a calls d 1", "25%", [Call("d", "handle")]), FailShare("0.5%")]"#,
    );
    written(
        &imported,
        r#""d": (timeout: "5s", request_size: "64B", reply_size: "1MiB")"#,
    );
    written(
        &imported,
        r#""b": (timeout: "5s", request_size: "1KiB", reply_size: "2KiB")"#,
    );
    written(
        &imported,
        r#"endpoints: [(name: "handle", steps: [Compute("500us")])]"#,
    );
    noted(&imported, "alone", "left out: no entry point leads to it");
    noted(&imported, "a", "a sleep beside calls is done before them");
    assert_eq!(
        (imported.services, imported.calls, imported.flows),
        (4, 3, 1)
    );
}

#[test]
fn without_a_mark_requests_enter_where_nobody_calls() {
    let imported = good(
        Format::Isotope,
        "services:\n- {name: a, script: [{call: b}]}\n- {name: b}\n",
    );
    noted(&imported, "a", "taken as an entry point");
    assert_eq!(imported.flows, 1);
}

#[test]
fn a_compose_file_says_who_calls_whom() {
    let imported = good(
        Format::Compose,
        "services:\n\
         \x20 web: {image: 'nginx', ports: ['80:80'], depends_on: {api: {condition: service_started}}}\n\
         \x20 api:\n    image: acme/api\n    environment:\n      - DB_HOST=store\n      - CACHE_URL=redis://sessions:6379/0\n      - MAIL_ADDR\n      - LOG_LEVEL=billing\n      - PEER=http://billing.internal:80\n\
         \x20 store: {image: 'mariadb:11'}\n  sessions: {image: 'redis'}\n  mail-sender: {image: 'acme/mail'}\n  billing: {image: 'acme/billing', hostname: billing.internal}\n",
    );
    written(
        &imported,
        r#"steps: [Compute("6ms"), Cached((lookup: ("sessions", "get"), miss: [Call("store", "query")], fill: ("sessions", "set"))),
           Call("mail-sender", "handle"), Call("billing", "handle")]"#,
    );
    written(&imported, r#"name: "web", kind: edge"#);
    written(&imported, r#"name: "store", kind: database"#);
    written(&imported, r#"entry: ("web", "handle")"#);
    assert_eq!((imported.services, imported.flows), (6, 1));
}

#[test]
fn limits_and_checks_of_a_container_are_kept() {
    let imported = good(
        Format::Compose,
        "services:\n  a:\n    image: x\n    ports: ['1']\n    deploy: {replicas: 3, resources: {limits: {cpus: '0.5', memory: 300M}}}\n    healthcheck: {interval: 5s, timeout: 9s, retries: 4, start_period: 20s}\n  b: {image: y, scale: 2, cpus: 2, depends_on: [a], mem_limit: '${MEM}'}\n",
    );
    written(
        &imported,
        r#"replicas: {"main": 3}, instance: (cores: 1, start: "20s",
           memory: (limit: "300MiB", base: "120MiB", in_flight: "32KiB", garbage: "32KiB", pause_per_mib: "50us"),
           quota: (time: "50ms", period: "100ms")), health: (interval: "5s", timeout: "5s", unhealthy: 4)"#,
    );
    written(&imported, r#"replicas: {"main": 2}, instance: (cores: 2)"#);
    noted(&imported, "b", "`${MEM}` is not known here");
}

/// A queue nobody is seen to consume from has the services as consumers that nobody else could reach.
#[test]
fn consumers_of_a_queue_are_found() {
    let imported = good(
        Format::Compose,
        "services:\n  shop: {image: s, ports: ['80:80'], depends_on: [kafka]}\n  kafka: {image: 'bitnami/kafka', depends_on: [zookeeper]}\n  zookeeper: {image: zookeeper}\n  fraud: {image: f, depends_on: [kafka, fraud-db]}\n  fraud-db: {image: postgres}\n  mailer: {image: m, environment: {BROKERS: 'kafka:9092'}}\n",
    );
    written(
        &imported,
        r#"Publish("kafka", "for fraud"), Publish("kafka", "for mailer")"#,
    );
    written(
        &imported,
        r#"name: "for fraud", steps: [Compute("500us"), Call("fraud", "consume")]"#,
    );
    noted(&imported, "fraud", "taken as a consumer of kafka");
    noted(
        &imported,
        "zookeeper",
        "left out: it tells services where others are",
    );
}

#[test]
fn later_files_add_to_earlier_ones() {
    let base = Input {
        file: "compose.yaml",
        text: "services:\n  a: {image: x, ports: ['1'], environment: {B_HOST: b}}\n  b: {image: y, scale: 1}\n",
    };
    let over = Input {
        file: "prod.yaml",
        text: "services:\n  b: {scale: 4, depends_on: [c]}\n  c: {image: postgres}\n",
    };
    let imported = import(Format::Compose, &[base, over], &Options::default()).expect("imported");
    written(
        &imported,
        r#"name: "b", owner: "B team", replicas: {"main": 4}"#,
    );
    written(&imported, r#"Call("c", "query")"#);
    assert!(
        imported
            .text
            .starts_with("// Imported from compose.yaml and 1 more (compose file).")
    );
}

#[test]
fn what_a_file_is_can_be_seen() {
    for (text, format) in [
        ("services:\n- name: a\n", Some(Format::Isotope)),
        ("services:\n  a: {}\n", Some(Format::Compose)),
        (" {\"resourceSpans\": []}", Some(Format::Otlp)),
        ("{\"data\": [{\"traceID\": \"x\"}]}", Some(Format::Jaeger)),
        ("{}", None),
        ("", None),
        ("hello", None),
        ("services: 5", None),
    ] {
        assert_eq!(Format::of(text), format, "{text}");
    }
}
