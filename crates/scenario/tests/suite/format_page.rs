//! The reference of the language: it is up to date, leaves nothing out, and its examples are right.

use brownout_scenario::diagnostics::{CODES, has_errors};
use brownout_scenario::format_page::examples::EXAMPLES;
use brownout_scenario::format_page::{Form, constructs, page};
use brownout_scenario::limits::LIMITS;
use brownout_scenario::units::{self, QUANTITIES};
use brownout_scenario::{MemoryFiles, compile, compile_system, load, load_system, scan};

/// What stands around an example, field by field. A field that the example has itself is left out.
type Host = &'static [(&'static str, &'static str)];

const SYSTEM: Host = &[
    ("format", "2"),
    ("name", r#""page""#),
    ("title", r#""Page""#),
    ("regions", r#"["us-east", "eu-west"]"#),
    ("segments", r#"["guest", "member"]"#),
    ("clients", r#"["4.1", "4.2"]"#),
    ("latency", r#"(within: "1ms", between: "40ms")"#),
    ("zones", r#"{"us-east": 3}"#),
    (
        "keys",
        r#"[(name: "order", count: 1000), (name: "product", count: 1000)]"#,
    ),
    ("flags", r#"[(name: "new-look", on: "0%")]"#),
    ("services", "[SERVICES]"),
    ("flows", "[FLOWS]"),
];

const SERVICES: &str = r#"
    (name: "edge", kind: edge, replicas: {"us-east": 2}, endpoints: [(name: "pay", steps: [Call("shop", "pay")]), (name: "browse", steps: [Call("shop", "browse")])]),
    (name: "quotes", kind: third_party, replicas: {"us-east": 1}, credentials: ["shop"], certificate: "30d_in_h", name_ttl: "1m", endpoints: [(name: "live", steps: [Compute("1ms")])]),
    (name: "loyalty", replicas: {"us-east": 1}, endpoints: [(name: "points", steps: [Compute("1ms")])]),
    (name: "rates", replicas: {"us-east": 1}, endpoints: [(name: "table", steps: [Compute("1ms")]), (name: "live", steps: [Compute("1ms")])]),
    (name: "fulfilment", replicas: {"us-east": 1}, endpoints: [(name: "handle", steps: [Compute("1ms")])]),
    (name: "catalogue-db", replicas: {"us-east": 1}, endpoints: [(name: "read", steps: [Compute("1ms")])]),
    (name: "cache", kind: cache, replicas: {"us-east": 1}, cache: (keys: "order", entries: 10), endpoints: [(name: "get", steps: [Lookup]), (name: "set", steps: [Store])]),
    (name: "db", kind: database, replicas: {"us-east": 1, "eu-west": 1}, database: (tables: [(name: "orders", keys: "order", rows: 1000)], queries: [(name: "by id", table: "orders", row: "1us")]), endpoints: [(name: "read", steps: [Query("by id")])]),
    (name: "jobs", kind: queue, replicas: {"us-east": 1}, queue: (dead_letters: true), endpoints: [(name: "do", steps: [Call("fulfilment", "handle")])]),
"#;

const SHOP: Host = &[
    ("name", r#""shop""#),
    ("replicas", r#"{"us-east": 2}"#),
    ("autoscaler", r#"(target: "60%", most: 4)"#),
    ("limits", r#"[(rate: "500/s")]"#),
    ("calls", r#"{"quotes": (timeout: "1s"), "db": (pool: 10)}"#),
    ("endpoints", "[(ENDPOINT), (name: \"browse\", steps: [])]"),
];

const ENDPOINT: Host = &[
    ("name", r#""pay""#),
    (
        "steps",
        r#"[Call("quotes", "live"), Call("loyalty", "points"), Call("cache", "get"), Call("db", "read"), Publish("jobs", "do")]"#,
    ),
];

const FLOW: Host = &[
    ("name", r#""pay""#),
    ("title", r#""Pay""#),
    ("entry", r#"("edge", "pay")"#),
    ("slow", r#""1s""#),
    ("timeout", r#""5s""#),
    ("rates", r#"{"us-east": "5/s"}"#),
    ("main", "true"),
];

const SCENARIO: Host = &[
    ("format", "2"),
    ("name", r#""page""#),
    ("title", r#""Page""#),
    ("summary", r#""It is slow.""#),
    ("briefing", r#""You are on call.""#),
    ("system", r#""../systems/page.ron""#),
    ("starts", r#""2026-03-04T17:40:00Z""#),
    ("horizon", r#""45m""#),
    ("objective", r#""99%""#),
    (
        "page",
        r#"(alert: "bought", latest: "29m", text: "It does not work.")"#,
    ),
    (
        "alerts",
        r#"[(name: "bought", signal: FlowSuccessBelow("pay", "97%"), window: "1m", hold: "1m", level: page)]"#,
    ),
    ("versions", "[(VERSION)]"),
    (
        "timeline",
        r#"[(at: "22m", name: "release", change: Deploy(service: "shop", version: "2.0.0"), record: (title: "Deploy", by: "Shop")), TIMELINE]"#,
    ),
    ("people", "[]"),
    (
        "severities",
        r#"[(name: "SEV-1", when: "Most fail", failing: "50%"), (name: "SEV-2", when: "Some fail", failing: "0%")]"#,
    ),
    ("truths", "[(TRUTH)]"),
];

const VERSION: Host = &[
    ("service", r#""shop""#),
    ("name", r#""2.0.0""#),
    ("notes", r#""Faster.""#),
    (
        "reads",
        r#"[(variable: "QUOTES_URL", callee: "quotes", default: "quotes.internal")]"#,
    ),
    (
        "manifest",
        r#"{"us-east": {"QUOTES_URL": "quotes.internal"}}"#,
    ),
];

const TRUTH: Host = &[
    ("name", r#""bad-release""#),
    ("onset", r#""22m""#),
    ("component", r#""shop""#),
    ("regions", r#"["us-east"]"#),
    ("mechanism", r#""bad-code""#),
    ("trigger", r#""release""#),
    ("sustaining", r#""bad-code""#),
    ("path", r#"["shop", "edge"]"#),
    ("explanation", r#""The release.""#),
];

/// The fields of a host that a block does not have, and the block.
fn around(host: Host, block: &str) -> String {
    let own = scan::index(&format!("({block})")).unwrap_or_else(|| panic!("not RON: {block}"));
    let rest = host.iter().filter(|(name, _)| !own.contains(name));
    let rest: String = rest
        .map(|(name, value)| format!("{name}: {value},\n"))
        .collect();
    rest + block
}

/// The system and the scenario with a block in its place; `None` if there is no such place.
fn files(place: &str, block: &str) -> Option<(String, String)> {
    let places = [
        "file",
        "people-file",
        "system",
        "scenario",
        "service",
        "flow",
        "timeline",
        "of-service",
        "of-endpoint",
        "of-flow",
        "of-version",
        "of-truth",
    ];
    if !places.contains(&place) {
        return None;
    }
    let at = |wanted: &str| if place == wanted { block } else { "" };
    let endpoint = around(ENDPOINT, at("of-endpoint"));
    let shop = around(SHOP, at("of-service")).replace("ENDPOINT", &endpoint);
    let services = format!("{SERVICES}({shop}), {}", at("service")).replace("30d_in_h", "720h");
    let flows = format!("({}), {}", around(FLOW, at("of-flow")), at("flow"));
    let system = around(SYSTEM, at("system"))
        .replace("[SERVICES]", &format!("[{services}]"))
        .replace("[FLOWS]", &format!("[{flows}]"));
    let scenario = around(SCENARIO, at("scenario"))
        .replace(
            "(VERSION)",
            &format!("({})", around(VERSION, at("of-version"))),
        )
        .replace("(TRUTH)", &format!("({})", around(TRUTH, at("of-truth"))))
        .replace("TIMELINE", at("timeline"));
    let scenario = match place {
        "people-file" => format!("shared_people: [\"../people/page.ron\"],\n{scenario}"),
        _ => scenario,
    };
    let mut system = format!("System({system})");
    let mut scenario = format!("Scenario({scenario})");
    if place == "file" && block.starts_with("Scenario") {
        block.clone_into(&mut scenario);
    } else if place == "file" {
        block.clone_into(&mut system);
    }
    Some((system, scenario))
}

/// What is wrong with a block in its place.
fn wrong(place: &str, block: &str) -> Option<String> {
    let Some((system, scenario)) = files(place, block) else {
        return Some(format!("there is no place `{place}`"));
    };
    let files = MemoryFiles::new(&[
        ("systems/page.ron", &system),
        ("it/scenario.ron", &scenario),
        ("people/page.ron", block),
    ]);
    // A system's own fields may be all of its flows: it is looked at without the scenario.
    if place == "system" || (place == "file" && block.starts_with("System")) {
        let (system, found) = load_system(&files, "systems/page.ron");
        return match system {
            Some(system) if !has_errors(&found) => {
                let compiled = compile_system(&system);
                compiled.err().map(|found| format!("{found:#?}"))
            }
            _ => Some(format!("{found:#?}")),
        };
    }
    let (loaded, found) = load(&files, "it/scenario.ron");
    let errors = || -> Vec<String> {
        let errors = found.iter().filter(|d| d.code.starts_with('E'));
        errors.map(ToString::to_string).collect()
    };
    match loaded {
        Some(loaded) if !has_errors(&found) => {
            let compiled = compile(&loaded, Some(0), 1);
            compiled.err().map(|found| format!("{found:#?}"))
        }
        _ => Some(errors().join("\n")),
    }
}

/// `docs/SCENARIO_FORMAT.md` is what the command prints.
#[test]
fn the_page_is_up_to_date() {
    let written = include_str!("../../../../docs/SCENARIO_FORMAT.md");
    assert!(
        written == page(),
        "write it anew: brownout docs scenario-format > docs/SCENARIO_FORMAT.md"
    );
}

/// `docs/MECHANISMS.md` is what the command prints.
#[test]
fn the_page_of_mechanisms_is_up_to_date() {
    let written = include_str!("../../../../docs/MECHANISMS.md");
    assert!(
        written == brownout_scenario::glossary::page(),
        "write it anew: brownout docs mechanisms > docs/MECHANISMS.md"
    );
}

/// Every block of the page is read in the place it names; a block that names none, or is of another kind, fails.
#[test]
fn every_example_of_the_page_is_right() {
    let page = page();
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(tag) = line.trim_start().strip_prefix("```") {
            let text: Vec<&str> = lines
                .by_ref()
                .take_while(|l| !l.starts_with("```"))
                .collect();
            blocks.push((tag.to_owned(), text.join("\n")));
        }
    }
    assert!(blocks.len() > EXAMPLES.len() + 10, "{}", blocks.len());
    let mut failed = Vec::new();
    for (tag, text) in &blocks {
        let wrong = match tag.strip_prefix("ron ") {
            Some(place) => wrong(place, text),
            None => Some(format!("`{tag}` names no place")),
        };
        if let Some(wrong) = wrong {
            failed.push(format!("{text}\n--> {wrong}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    // The hosts would hide an example that nobody reads.
    assert!(wrong("of-service", "nonsense: 1,").is_some());
    assert!(wrong("timeline", "(at: \"22m\", change: Nonsense),").is_some());
    assert!(wrong("elsewhere", "").is_some());
    assert_eq!(wrong("scenario", ""), None);
}

/// Every construct says what it is, as does each of its parts, and has an example that shows all its variants. Names
/// alone need none: the table has them.
#[test]
fn nothing_is_left_out() {
    let constructs = constructs();
    assert!(constructs.len() > 60, "{}", constructs.len());
    let mut silent = Vec::new();
    let said = |silent: &mut Vec<String>, what: &str, meaning: &str, kind: &str| {
        if meaning.is_empty() || kind.is_empty() {
            silent.push(format!("{what} does not say what it is"));
        }
    };
    for construct in &constructs {
        let name = &construct.name;
        let examples: Vec<&str> = EXAMPLES
            .iter()
            .filter(|example| example.construct == name)
            .map(|example| example.text)
            .collect();
        said(&mut silent, name, &construct.meaning, "-");
        match &construct.form {
            Form::Struct(fields) => {
                for field in fields {
                    let what = format!("{name}.{}", field.name);
                    said(&mut silent, &what, &field.meaning, &field.kind);
                }
                if examples.is_empty() {
                    silent.push(format!("{name} has no example"));
                }
            }
            Form::Enum(variants) => {
                let bare = variants
                    .iter()
                    .all(|v| v.values.is_empty() && v.fields.is_empty());
                for variant in variants {
                    let path = format!("{name}.{}", variant.name);
                    said(&mut silent, &path, &variant.meaning, "-");
                    for field in &variant.fields {
                        let what = format!("{path}.{}", field.name);
                        said(&mut silent, &what, &field.meaning, &field.kind);
                    }
                    let shown = examples.iter().any(|text| {
                        text.split(|c: char| !c.is_alphanumeric() && c != '_')
                            .any(|word| word == variant.name)
                    });
                    // Actions of responders are many and alike.
                    if !bare
                        && !shown
                        && !["Action", "Discipline", "Balancer"].contains(&name.as_str())
                    {
                        silent.push(format!("no example shows {name}.{}", variant.name));
                    }
                }
                if !bare && examples.is_empty() {
                    silent.push(format!("{name} has no example"));
                }
            }
        }
    }
    for example in EXAMPLES {
        if !constructs.iter().any(|c| c.name == example.construct) {
            silent.push(format!(
                "an example of {}, which is nothing",
                example.construct
            ));
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

/// Each kind of quantity reads what the page says it reads, and refuses what the page says it refuses.
#[test]
fn quantities_are_what_the_page_says() {
    for quantity in &QUANTITIES {
        let reads = |text: &str| match quantity.construct {
            "DurationText" => units::duration_ns(text).is_ok(),
            "RateText" => units::interarrival_ns(text).is_ok(),
            "ShareText" => units::share_q32(text).is_ok(),
            "FactorText" => units::factor_q16(text).is_ok(),
            "BytesText" => units::bytes(text).is_ok(),
            "MessageSizeText" => units::message_bytes(text).is_ok(),
            "BandwidthText" => units::bits_per_second(text).is_ok(),
            other => panic!("nothing reads {other}"),
        };
        for text in quantity.examples {
            assert!(reads(text), "{text}");
        }
        for text in quantity.refused {
            assert!(!reads(text), "{text}");
        }
    }
    // A new kind of quantity would show as a construct without a form.
    for construct in constructs() {
        assert!(!construct.name.ends_with("Text"), "{}", construct.name);
    }
    assert!(!page().contains("text](#"), "a quantity without a row");
}

/// Limits stand at fields that exist, and codes are in order and told once.
#[test]
fn limits_and_codes_are_of_the_language() {
    let mut fields = Vec::new();
    for construct in constructs() {
        let name = construct.name;
        match construct.form {
            Form::Struct(own) => fields.extend(own.iter().map(|f| format!("{name}.{}", f.name))),
            Form::Enum(variants) => {
                for variant in variants {
                    let variant_name = format!("{name}.{}", variant.name);
                    let own = variant.fields.iter();
                    fields.extend(own.map(|field| format!("{variant_name}.{}", field.name)));
                    fields.push(variant_name);
                }
            }
        }
    }
    for limit in LIMITS {
        for field in limit.fields {
            assert!(fields.iter().any(|f| f == field), "no field {field}");
        }
        if let Some(code) = limit.code {
            assert!(CODES.iter().any(|(known, _)| *known == code), "{code}");
        }
    }
    assert!(CODES.is_sorted_by(|a, b| a.0 < b.0));
}
