//! Each limit of the table: a file with a value at the limit is read, one beyond it is refused with the code that the
//! table says.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use brownout_scenario::limits::{LIMITS, Limit, Unit};
use brownout_scenario::{Diagnostic, MemoryFiles, load};

use super::common::{SCENARIO, SYSTEM};

/// One after the other, `{}` being the number.
fn many(count: u64, each: &str) -> String {
    (0..count).fold(String::new(), |mut text, index| {
        let _ = write!(text, "{}", each.replace("{}", &index.to_string()));
        text
    })
}

fn region(index: u64) -> String {
    match index {
        0 => "north".to_owned(),
        1 => "south".to_owned(),
        more => format!("r{more}"),
    }
}

/// The list of this many regions, and rates in each of them.
fn regions(count: u64) -> (String, String) {
    let names = (0..count).map(region);
    let list: String = names.clone().map(|name| format!("\"{name}\",")).collect();
    let rates = names.map(|name| format!("\"{name}\":\"1/s\",")).collect();
    (format!("regions: [{list}],\n    seg"), rates)
}

fn flow(name: &str, rates: &str, more: &str) -> String {
    format!(
        "(name: \"{name}\", title: \"F\", entry: (\"edge\", \"buy\"), slow: \"1s\", timeout: \"1s\", rates: {{{rates}}}, {more}),"
    )
}

type Edits = Vec<(&'static str, String)>;

const REGIONS: &str = "regions: [\"north\", \"south\"],\n    seg";
const SEGMENTS: &str = "segments: [\"guest\", \"member\"]";
const SERVICES: &str = "services: [";
const FLOWS: &str = "flows: [";

/// Changes of a system that give a limited number of things in it; `None` for other limits.
fn of_the_system(name: &str, n: u64) -> Option<Edits> {
    let count = usize::try_from(n).expect("a small machine");
    let top = |fields: String| vec![(SERVICES, format!("{fields}, {SERVICES}"))];
    let services = |more: String| vec![(SERVICES, format!("{SERVICES}{more}"))];
    let endpoints = |name: &str, list: String| {
        format!("(name: \"{name}\", replicas: {{\"north\": 1}}, endpoints: [{list}]),")
    };
    let database = |fields: String| {
        vec![(
            SERVICES,
            format!(
                "keys: [(name: \"k\", count: 1)], services: [(name: \"db\", kind: database, replicas: {{\"north\": 1}},
                 endpoints: [(name: \"x\", steps: [])], database: ({fields})),"
            ),
        )]
    };
    Some(match name {
        "services" => services(many(
            n - 2,
            "(name: \"s{}\", replicas: {\"north\": 1}, endpoints: [(name: \"x\", steps: [])]),",
        )),
        "replicas" => vec![("\"north\": 2}", format!("\"north\": {}}}", n - 2))],
        "regions" => vec![(REGIONS, regions(n).0)],
        "segments" => {
            let more = many(n - 2, "\"s{}\",");
            vec![(
                SEGMENTS,
                format!("segments: [\"guest\", \"member\", {more}]"),
            )]
        }
        "flows" => {
            let more = (1..n).map(|index| flow(&format!("f{index}"), "\"north\": \"1/s\"", ""));
            vec![(FLOWS, format!("{FLOWS}{}", more.collect::<String>()))]
        }
        "clients" => top(format!("clients: [{}]", many(n, "\"c{}\","))),
        "flags" => {
            let more = many(n - 1, "(name: \"f{}\", on: \"1%\"),");
            vec![("flags: [", format!("flags: [{more}"))]
        }
        "links" => {
            // One in each direction between any two of 32 regions.
            let link = |index: u64| {
                let (from, to) = (region(index / 32 % 32), region(index % 32));
                format!("(from: \"{from}\", to: \"{to}\", both: false),")
            };
            let mut edits = top(format!("links: [{}]", (0..n).map(link).collect::<String>()));
            edits.push((REGIONS, regions(32).0));
            edits
        }
        "zones" => top(format!("zones: {{\"north\": {n}}}")),
        "key-spaces" => top(format!("keys: [{}]", many(n, "(name: \"k{}\", count: 1),"))),
        "keys" => top(format!("keys: [(name: \"k\", count: {n})]")),
        "cached-keys" => {
            // Sixteen instances of the largest space, and as many of the smallest as are missing.
            let cache = |name: &str, keys: &str, replicas: u64| {
                format!(
                    "(name: \"{name}\", kind: cache, replicas: {{\"north\": {replicas}}}, cache: (keys: \"{keys}\", entries: 1), endpoints: [(name: \"x\", steps: [Lookup])]),"
                )
            };
            let more = n - (1 << 24);
            let small = (more > 0).then(|| cache("b", "small", more));
            let all = cache("a", "large", 16) + &small.unwrap_or_default();
            let keys = "(name: \"large\", count: 1048576), (name: \"small\", count: 1)";
            vec![(SERVICES, format!("keys: [{keys}], {SERVICES}{all}"))]
        }
        "endpoints" => {
            let list = |count: u64| many(count, "(name:\"{}\",steps:[]),");
            // Two are there already.
            let parts = [("a", 4_000), ("b", 4_000), ("c", n - 8_002)];
            services(
                parts
                    .map(|(name, count)| endpoints(name, list(count)))
                    .concat(),
            )
        }
        "steps" => {
            let parts = [("x", 4_000), ("y", 4_000), ("z", count - 8_000)];
            let list = parts.map(|(name, count)| {
                format!(
                    "(name: \"{name}\", steps: [{}]),",
                    "Compute(\"1s\"),".repeat(count)
                )
            });
            services(endpoints("a", list.concat()))
        }
        "parallel" => {
            let calls = "(\"store\", \"sell\"),".repeat(count);
            vec![(
                "Compute(\"1ms\"), Call",
                format!("Parallel([{calls}]), Call"),
            )]
        }
        "sources" => {
            // 64 × 32 × 2 × 2, or what comes next in steps of five.
            let (list, rates) = regions(32);
            let (flows, segments, clients) = if n == 8_192 { (63, 2, 2) } else { (51, 1, 5) };
            let last = if n == 8_192 { &rates } else { &regions(7).1 };
            let more = (0..flows).map(|index| flow(&format!("f{index}"), &rates, ""));
            let clients = format!("clients: [{}]", many(clients, "\"c{}\","));
            let mut edits = top(clients);
            edits.push((REGIONS, list));
            edits.push((FLOWS, format!("{FLOWS}{}", more.collect::<String>())));
            edits.push(("{\"north\": \"5/s\"}", format!("{{{last}}}")));
            if segments == 1 {
                edits.push(("\"guest\", \"member\"", "\"guest\"".to_owned()));
            }
            edits
        }
        "rate-steps" => {
            // Two flows of 32 sources with 1,024 steps each, the way back to 1 included, and single steps.
            let (list, rates) = regions(32);
            let factors = "\"2\",\"3\",".repeat(511);
            let replay =
                format!("profile: [replay(at: \"0s\", every: \"1s\", factors: [{factors}\"2\"])]");
            let single = "profile: [constant(\"2\")]";
            let more = (n > 65_536).then(|| flow("c", "\"north\": \"1/s\"", single));
            let flows = flow("a", &rates, &replay)
                + &flow("b", &rates, &replay)
                + &more.unwrap_or_default();
            vec![
                (REGIONS, list),
                ("\"guest\", \"member\"", "\"guest\"".to_owned()),
                (FLOWS, format!("{FLOWS}{flows}")),
            ]
        }
        "tables" => {
            let tables = many(n, "(name: \"t{}\", keys: \"k\", rows: 1),");
            database(format!("tables: [{tables}]"))
        }
        "queries" => {
            let queries = many(n, "(name: \"q{}\", table: \"t\", row: \"1us\"),");
            database(format!(
                "tables: [(name: \"t\", keys: \"k\", rows: 1)], queries: [{queries}]"
            ))
        }
        "rows" => database(format!("tables: [(name: \"t\", keys: \"k\", rows: {n})]")),
        "disk-factor" => database(format!("disk_factor: {n}")),
        _ => return None,
    })
}

/// Changes of a system that give a field of a service or a flow a value; `None` for other limits.
fn of_a_part(name: &str, n: u64) -> Option<Edits> {
    const CALL: &str = "timeout: \"1s\", attempts: 2";
    const RATES: &str = "rates: {\"north\": \"5/s\"}";
    const STORE: &str = "home: \"north\",";
    const INSTANCE: &str = "instance: (cores: 1, workers: 10, queue: 20)";
    let count = usize::try_from(n).expect("a small machine");
    let flow = |fields: String| vec![(RATES, fields)];
    let with = |fields: &str| vec![(RATES, format!("{RATES}, {fields}"))];
    let profile = |of: String| with(&format!("profile: [{of}]"));
    let store = |fields: String| vec![(STORE, format!("{STORE} {fields},"))];
    let instance = |fields: String| vec![(INSTANCE, format!("instance: ({fields})"))];
    let call = |fields: String| vec![(CALL, fields)];
    Some(match name {
        "profiles" => profile("constant(\"2\"),".repeat(count)),
        "replayed" => {
            let factors = "\"2\",".repeat(count);
            profile(format!(
                "replay(at: \"0s\", every: \"1s\", factors: [{factors}])"
            ))
        }
        "traffic-factor" => profile(format!("constant(\"{n}\")")),
        "wave" => profile(format!(
            "diurnal(period: \"{n}ns\", peak: \"0s\", low: \"0%\")"
        )),
        "rate" => flow(format!("rates: {{\"north\": \"{n}/s\"}}")),
        "users" => flow(format!("users: {{\"north\": (count: {n}, think: \"1s\")}}")),
        "weight" => with(&format!("weight: {n}")),
        "tries" => with(&format!("patience: (mean: \"1s\", tries: {n})")),
        "cores" => instance(format!("cores: {n}")),
        "workers" => instance(format!("workers: {n}")),
        "queue" => instance(format!("queue: {n}")),
        "descriptors" => instance(format!("descriptors: (limit: {n}, base: 0)")),
        "ports" => instance(format!("ports: (limit: {n})")),
        "pause" => instance(format!(
            "memory: (limit: \"2MiB\", base: \"1MiB\", pause_per_mib: \"{n}ns\")"
        )),
        "warm-up" => instance(format!("warm_up: (factor: \"{n}\", over: \"1s\")")),
        "quota" => instance(format!("quota: (time: \"1ns\", period: \"{n}ns\")")),
        "check" => store(format!("health: (interval: \"{n}ns\", timeout: \"1ms\")")),
        "in-a-row" => store(format!("ejection: (failures: {n}, base: \"1s\")")),
        "door-limits" => {
            let one = |index: u64| format!("(rate: \"{}/s\"),", index + 1);
            store(format!("limits: [{}]", (0..n).map(one).collect::<String>()))
        }
        "burst" => store(format!("limits: [(rate: \"1/s\", burst: {n})]")),
        "attempts" => call(format!("attempts: {n}")),
        "backoff" => call(format!("backoff_factor: \"{n}\"")),
        "pool" => call(format!("pool: {n}")),
        "budget" => call(format!("attempts: 2, budget: (ratio: \"1%\", burst: {n})")),
        "breaker" => call(format!(
            "breaker: (window: {n}, failures: 1, open: \"1s\", tries: 1)"
        )),
        "message" => call(format!("request_size: \"{n}B\"")),
        _ => return None,
    })
}

/// Changes of a file or a scenario; `None` for other limits.
fn of_the_scenario(name: &str, n: u64) -> Option<Edits> {
    const DEPLOY: &str =
        "change: Deploy(service: \"store\", version: \"2.0.0\", regions: [\"north\"]),";
    let count = usize::try_from(n).expect("a small machine");
    let slowly = |how: String| {
        let change = "change: Slowdown(service: \"store\", factor: \"2\")";
        vec![(DEPLOY, format!("{change}, {how},"))]
    };
    Some(match name {
        "file" => vec![(
            "System(",
            format!("{}System(", " ".repeat(count - SYSTEM.len())),
        )],
        "string" => {
            let text = "x".repeat(count);
            vec![(
                "title: \"Shop\",",
                format!("title: \"Shop\", description: \"{text}\","),
            )]
        }
        "name" => vec![("\"Small\"", format!("\"{}\"", "x".repeat(count)))],
        // Each of the names is a problem.
        "listed" => vec![(
            "starts: ",
            format!("skills: [{}], starts: ", "\"\",".repeat(count)),
        )],
        "phases" => vec![(
            "Compute(\"3ms\")",
            format!("ComputeAs(\"3ms\", erlang({n}))"),
        )],
        "releases" => {
            let more = many(n - 1, "(service: \"store\", name: \"v{}\", notes: \"\"),");
            vec![("versions: [", format!("versions: [{more}"))]
        }
        "conditional" => {
            let waiting = "(when: Made(\"release\"), change: Note),".repeat(count);
            vec![("    timeline: [\n", format!("    timeline: [\n{waiting}"))]
        }
        "timed" => {
            let notes = |count: usize| "(at: \"1m\", change: Note),".repeat(count);
            // One is there already, and no list has more than 4,096 entries.
            vec![
                (
                    "    timeline: [\n",
                    format!("    timeline: [\n{}", notes(3_000)),
                ),
                (
                    "unset: [",
                    format!("timeline: [{}], unset: [", notes(count - 3_001)),
                ),
            ]
        }
        "ramp" => slowly(format!("ramp: (over: \"1s\", steps: {n})")),
        "flap" => slowly(format!(
            "flap: (on: \"1s\", off: \"1s\", times: {n}, end: Slowdown(service: \"store\", factor: \"1\"))"
        )),
        "alerts" => {
            let more = many(
                n - 1,
                "(name: \"a{}\", signal: SaturationAbove(\"store\", \"9%\"), window: \"1m\", hold: \"1m\", level: warning),",
            );
            vec![("alerts: [", format!("alerts: [{more}"))]
        }
        "truths" => {
            let more = many(
                n - 1,
                "(name: \"t{}\", onset: \"21m\", component: \"store\", regions: [\"north\"], mechanism: \"bad-code\",
                  sustaining: \"bad-code\", path: [\"store\"], explanation: \"It.\"),",
            );
            vec![("truths: [", format!("truths: [{more}"))]
        }
        "difficulty" => vec![("\"Small\"", format!("\"Small\", difficulty: {n}"))],
        "simulated" => vec![("horizon: \"50m\"", format!("horizon: \"{n}ns\""))],
        "history" => vec![("before: \"2h\"", format!("before: \"{n}ns\""))],
        "normal" => vec![("onset: \"21m\"", format!("onset: \"{n}ns\""))],
        "runbook" => {
            let steps = vec!["\"See where.\""; usize::try_from(n).expect("few")].join(", ");
            let level = "level: page)".to_owned();
            vec![(
                "level: page)",
                level.replace(')', &format!(", runbook: [{steps}])")),
            )]
        }
        "alert-window" => vec![("window: \"1m\"", format!("window: \"{n}ns\""))],
        "alert-hold" => vec![("hold: \"1m\"", format!("hold: \"{n}ns\""))],
        _ => return None,
    })
}

/// What is said of the small scenario with a limited thing of this size.
fn said(limit: &Limit, n: u64) -> Vec<Diagnostic> {
    let edits = of_the_system(limit.name, n)
        .or_else(|| of_a_part(limit.name, n))
        .or_else(|| of_the_scenario(limit.name, n));
    let (mut system, mut scenario) = (SYSTEM.to_owned(), SCENARIO.to_owned());
    for (from, to) in edits.unwrap_or_else(|| panic!("nothing has {}", limit.name)) {
        let text = if scenario.contains(from) {
            &mut scenario
        } else {
            &mut system
        };
        assert!(text.contains(from), "{}: {from}", limit.name);
        *text = text.replacen(from, &to, 1);
    }
    let files = MemoryFiles::new(&[("systems/shop.ron", &system), ("small/s.ron", &scenario)]);
    load(&files, "small/s.ron").1
}

#[test]
fn each_limit_holds_at_its_value_and_one_beyond() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for limit in LIMITS
        .iter()
        .filter(|limit| limit.test.starts_with("limits::"))
    {
        let code = limit.code.expect("what a file can break has a code");
        let mut within = |n: u64| {
            let found = said(limit, n);
            // A file with as many problems as are listed is not free of them.
            let bad = found
                .iter()
                .filter(|d| d.code.starts_with('E') && (d.code == code || limit.name != "listed"));
            wrong.extend(bad.map(|d| format!("{} at {n}: {d}", limit.name)));
        };
        let ends = [limit.least, limit.most]
            .into_iter()
            .filter(|n| *n != 0 && *n != u64::MAX);
        // An empty list is another mistake than one that is too long, and a factor of nothing is none.
        let low = limit.least > 0 && code != "E0202" && limit.unit != Unit::Factor;
        ends.filter(|n| low || *n == limit.most)
            .for_each(&mut within);
        let mut beyond = Vec::new();
        if low {
            beyond.push(limit.least - 1);
        }
        if limit.most != u64::MAX {
            beyond.push(limit.most + 1);
        }
        for n in beyond {
            tried += 1;
            let found = said(limit, n);
            if !found.iter().any(|d| d.code == code) {
                let found: Vec<String> = found.iter().map(ToString::to_string).collect();
                wrong.push(format!("{} at {n} is let through: {found:?}", limit.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 80, "{tried}");
}

/// Names are unique, and tests that are named elsewhere exist.
#[test]
fn every_limit_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let names: BTreeSet<&str> = LIMITS.iter().map(|limit| limit.name).collect();
    assert_eq!(names.len(), LIMITS.len());
    for limit in LIMITS {
        let (file, function) = match limit.test.rsplit_once("::") {
            Some((module, function)) => {
                (format!("crates/scenario/tests/suite/{module}.rs"), function)
            }
            None => (limit.test.to_owned(), "fn "),
        };
        let text = fs::read_to_string(root.join(&file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert!(text.contains(function), "{file} has no {function}");
    }
}
