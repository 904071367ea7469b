//! An example of each construct. A test reads each in its place.

/// A piece of a file.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Construct it shows.
    pub construct: &'static str,
    /// Where it belongs; see the page's introduction.
    pub place: &'static str,
    /// The piece.
    pub text: &'static str,
}

const fn example(construct: &'static str, place: &'static str, text: &'static str) -> Example {
    Example {
        construct,
        place,
        text,
    }
}

/// At least one for each construct that has fields or contents.
pub const EXAMPLES: &[Example] = &[
    example(
        "System",
        "file",
        r#"System(
    format: 2,
    name: "shop",
    title: "Shop",
    regions: ["us-east", "eu-west"],
    latency: (within: "1ms", between: "40ms"),
    services: [
        (name: "web", kind: edge, replicas: {"us-east": 2, "eu-west": 2}, endpoints: [(name: "buy", steps: [Call("stock", "take")])]),
        (name: "stock", replicas: {"us-east": 2}, endpoints: [(name: "take", steps: [Compute("4ms")])]),
    ],
    flows: [
        (name: "buy", title: "Buy", entry: ("web", "buy"), slow: "1s", timeout: "5s", rates: {"us-east": "40/s", "eu-west": "20/s"}, main: true),
    ],
)"#,
    ),
    example(
        "Latency",
        "system",
        r#"latency: (within: "500us", between: "45ms"),"#,
    ),
    example(
        "Link",
        "system",
        r#"links: [(from: "us-east", to: "eu-west", both: false, latency: "60ms", quality: (loss: "0.1%"))],"#,
    ),
    example(
        "Quality",
        "timeline",
        r#"(at: "22m", change: Link(from_region: "us-east", to_region: "eu-west", quality: (delay: "80ms", jitter: "20ms", loss: "2%", reset: "1%", bandwidth: "50Mbit/s"))),"#,
    ),
    example(
        "CallPolicy",
        "of-service",
        r#"calls: {"quotes": (timeout: "300ms", attempts: 3, backoff: "50ms", backoff_factor: "2", jitter: "20%", pool: 64, deadline: true, cancel: true)},"#,
    ),
    example(
        "RetryBudget",
        "system",
        r#"calls: (attempts: 3, budget: (ratio: "10%", burst: 20)),"#,
    ),
    example(
        "Breaker",
        "of-service",
        r#"calls: {"quotes": (breaker: (window: 20, failures: 10, open: "5s", tries: 3))},"#,
    ),
    example(
        "Fallback",
        "of-service",
        r#"calls: {"quotes": (fallback: call("rates", "table")), "loyalty": (fallback: answer)},"#,
    ),
    example(
        "Service",
        "service",
        r#"(
    name: "pricing", kind: service, description: "Prices with discounts", owner: "Pricing", host: "pricing.internal", home: "us-east",
    replicas: {"us-east": 3, "eu-west": 2}, version: "4.0.1", balancer: least_outstanding,
    endpoints: [(name: "price", steps: [Compute("3ms"), Call("quotes", "live")])],
    calls: {"quotes": (timeout: "300ms")},
),"#,
    ),
    example(
        "Instance",
        "of-service",
        r#"instance: (cores: 2, workers: 32, queue: 100, start: "30s", drain: "10s", discipline: lifo, sharing: equal),"#,
    ),
    example(
        "Discipline",
        "of-service",
        r#"instance: (discipline: codel("5ms", "100ms")),"#,
    ),
    example(
        "Memory",
        "of-service",
        r#"instance: (memory: (limit: "512MiB", base: "180MiB", in_flight: "200KiB", garbage: "1MiB", pause_per_mib: "0.5ms")),"#,
    ),
    example(
        "Descriptors",
        "of-service",
        r"instance: (descriptors: (limit: 1024, base: 40)),",
    ),
    example(
        "Ports",
        "of-service",
        r#"instance: (ports: (limit: 28000, rest: "60s")),"#,
    ),
    example(
        "Disk",
        "of-service",
        r#"instance: (disk: (capacity: "20GiB", used: "6GiB", per_request: "2KiB")),"#,
    ),
    example(
        "WarmUp",
        "of-service",
        r#"instance: (warm_up: (factor: "3", over: "90s")),"#,
    ),
    example(
        "Quota",
        "of-service",
        r#"instance: (quota: (time: "150ms", period: "100ms")),"#,
    ),
    example(
        "HealthCheck",
        "of-service",
        r#"health: (interval: "5s", timeout: "1s", unhealthy: 3, healthy: 2, fail_open: "50%"),"#,
    ),
    example(
        "Ejection",
        "of-service",
        r#"ejection: (failures: 5, base: "30s", most: "34%"),"#,
    ),
    example(
        "Autoscaler",
        "of-service",
        r#"autoscaler: (target: "60%", interval: "15s", delay: "30s", cool_down: "5m", least: 2, most: 10),"#,
    ),
    example("Balancer", "of-service", r#"balancer: by_key("order"),"#),
    example(
        "Rollout",
        "of-service",
        r#"rollout: (max_unavailable: 0, max_surge: 1, lead: "15s", restart_lead: "5s"),"#,
    ),
    example(
        "Gate",
        "of-service",
        r#"rollout: (gate: (ready_within: "2m", crashes: 3, failing: "5%")),"#,
    ),
    example(
        "Cache",
        "service",
        r#"(name: "page-cache", kind: cache, replicas: {"us-east": 1}, cache: (keys: "order", entries: 5000, ttl: "5m", cold: true),
 endpoints: [(name: "get", steps: [Lookup]), (name: "set", steps: [Store]), (name: "drop", steps: [Evict])]),"#,
    ),
    example(
        "Cached",
        "of-endpoint",
        r#"steps: [
    Cached((lookup: ("cache", "get"), miss: [Call("db", "read")], fill: ("cache", "set"), single_flight: true)),
],"#,
    ),
    example(
        "Database",
        "service",
        r#"(name: "ledger", kind: database, replicas: {"us-east": 1, "eu-west": 1},
 database: (
    primary: "us-east", connections: 300, buffer: 1000000, disk_factor: 20, lock_timeout: "10s", apply: "1ms", failover: "30s",
    tables: [(name: "entries", keys: "order", rows: 4000000)],
    queries: [(name: "by id", table: "entries", row: "20us")],
 ),
 endpoints: [(name: "read", access: replica, steps: [Query("by id")])]),"#,
    ),
    example(
        "Table",
        "service",
        r#"(name: "archive", kind: database, replicas: {"us-east": 1}, database: (tables: [(name: "orders", keys: "order", rows: 90000000)]),
 endpoints: [(name: "lock", steps: [LockTable("orders")])]),"#,
    ),
    example(
        "Query",
        "service",
        r#"(name: "warehouse", kind: database, replicas: {"us-east": 2}, database: (
    tables: [(name: "sales", keys: "order", rows: 900000)],
    queries: [(name: "month", table: "sales", plan: scan, rows: 30000, fixed: "2ms", row: "50ns", distribution: constant, effect: read, holds_replay: true)],
 ), endpoints: [(name: "report", steps: [Query("month")])]),"#,
    ),
    example(
        "Queue",
        "service",
        r#"(name: "mails", kind: queue, replicas: {"us-east": 2}, instance: (workers: 1, queue: 10000), queue: (dead_letters: true),
 endpoints: [(name: "send", steps: [Call("quotes", "live")])], calls: {"quotes": (timeout: "10s", attempts: 5)}),"#,
    ),
    example(
        "Endpoint",
        "of-service",
        r#"endpoints: [(name: "pay", steps: [Compute("4ms")], effect: once), (name: "browse", steps: [])],"#,
    ),
    example(
        "Step",
        "of-endpoint",
        r#"steps: [
    Compute("3ms"),
    ComputeAs("3ms", log_normal("0.5")),
    Call("quotes", "live"),
    Parallel([("quotes", "live"), ("loyalty", "points")]),
    Publish("jobs", "do"),
    Enqueue("jobs", "do"),
    IfFlag("new-look", [Compute("1ms")]),
    IfSegment("member", [Call("loyalty", "points")]),
    IfClient("4.1", [Compute("1ms")]),
    IfShare("large basket", "5%", [Compute("80ms")]),
    OneOf("payment", [("60%", [Call("quotes", "live")]), ("30%", [Compute("2ms")])]),
    CheckToken("30s"),
    Cached((lookup: ("cache", "get"), miss: [Call("db", "read")])),
    FailShare("0.1%"),
    Write("1KiB"),
],"#,
    ),
    example(
        "Step",
        "service",
        r#"(name: "steps-cache", kind: cache, replicas: {"us-east": 1}, cache: (keys: "order", entries: 100),
 endpoints: [(name: "get", steps: [Lookup]), (name: "set", steps: [Store]), (name: "drop", steps: [Evict])]),
(name: "steps-db", kind: database, replicas: {"us-east": 1}, database: (
    tables: [(name: "t", keys: "order", rows: 100)], queries: [(name: "q", table: "t", row: "1us")],
 ), endpoints: [(name: "go", steps: [LockRow("t"), Query("q")]), (name: "all", steps: [LockTable("t")])]),"#,
    ),
    example(
        "Distribution",
        "of-endpoint",
        r#"steps: [
    ComputeAs("2ms", constant), ComputeAs("2ms", exponential), ComputeAs("2ms", log_normal("0.8")),
    ComputeAs("2ms", hyper_exponential("4")), ComputeAs("2ms", erlang(3)), ComputeAs("2ms", pareto("2.2")),
],"#,
    ),
    example(
        "RateLimit",
        "of-service",
        r#"limits: [(rate: "200/s", burst: 50), (rate: "20/s", segment: "guest")],"#,
    ),
    example(
        "StatusPage",
        "of-service",
        r#"status_page: (admits: "20%", delay: "10m", window: "5m", slow: "10s"),"#,
    ),
    example(
        "Keys",
        "system",
        r#"keys: [(name: "order", count: 100000), (name: "product", count: 20000, skew: "0.9")],"#,
    ),
    example(
        "Flag",
        "system",
        r#"flags: [(name: "new-look", feature: "the new look", on: "5%", segments: {"member": "100%"})],"#,
    ),
    example(
        "Flow",
        "flow",
        r#"(name: "browse", title: "Browse", entry: ("shop", "browse"), slow: "1s", timeout: "5s",
 rates: {"us-east": "200/s"}, segments: {"guest": "70%", "member": "30%"}, clients: {"4.1": "20%", "4.2": "80%"},
 criticality: sheddable, weight: 10),"#,
    ),
    example(
        "Users",
        "flow",
        r#"(name: "staff", title: "Staff", entry: ("shop", "browse"), slow: "1s", timeout: "5s", users: {"us-east": (count: 200, think: "20s")}),"#,
    ),
    example(
        "Profile",
        "of-flow",
        r#"profile: [
    constant("1.2"),
    diurnal(period: "24h", peak: "14h", low: "30%"),
    ramp(from: "10m", over: "30m", to: "1.5"),
    spike(at: "30m", rise: "10s", hold: "2m", fall: "1m", factor: "4"),
    replay(at: "0s", every: "1m", factors: ["1", "1.3", "0.9"]),
],"#,
    ),
    example(
        "Patience",
        "of-flow",
        r#"patience: (mean: "8s", distribution: log_normal("0.5"), again: "60%", pause: "3s", tries: 3),"#,
    ),
    example(
        "Scenario",
        "file",
        r#"Scenario(
    format: 2,
    name: "slow-stock",
    title: "Buying takes long",
    summary: "Shoppers wait, and some give up.",
    briefing: "You are on call for the shop.",
    skills: ["P1", "P2"],
    difficulty: 1,
    system: "../systems/page.ron",
    starts: "2026-03-04T17:40:00Z",
    horizon: "45m",
    objective: "99%",
    page: (alert: "bought", latest: "29m", text: "Support here: shoppers cannot pay."),
    alerts: [(name: "bought", signal: FlowSuccessBelow("pay", "97%"), window: "1m", hold: "1m", level: page)],
    versions: [(service: "shop", name: "2.0.0", notes: "Faster search.")],
    timeline: [
        (at: "22m", name: "release", change: Deploy(service: "shop", version: "2.0.0"), record: (title: "Deploy shop 2.0.0", by: "Shop")),
    ],
    people: [(name: "Robin Vale", role: support_lead, patience: "4m")],
    severities: [(name: "SEV-1", when: "Most shoppers fail", failing: "50%"), (name: "SEV-2", when: "Some fail", failing: "0%")],
    truths: [
        (
            name: "bad-release", onset: "22m",
            timeline: [(at: "20m", change: Errors(service: "shop", only: (version: "2.0.0"), share: "35%"))],
            component: "shop", regions: ["us-east"], mechanism: "bad-code", trigger: "release", sustaining: "bad-code",
            path: ["shop", "edge"], explanation: "The release fails a third of its requests.",
        ),
    ],
)"#,
    ),
    example(
        "Page",
        "scenario",
        r#"page: (alert: "bought", latest: "29m", text: "Support here: users write that it does not work."),"#,
    ),
    example(
        "Alert",
        "scenario",
        r#"alerts: [
    (name: "bought", signal: FlowSuccessBelow("pay", "97%"), window: "1m", hold: "1m", level: page,
     runbook: ["See which regions and segments are concerned before anything else.", "The change log of the last two hours."]),
    (name: "shop-busy", signal: SaturationAbove("shop", "90%"), window: "1m", hold: "5m", level: warning),
],"#,
    ),
    example(
        "AlertSignal",
        "scenario",
        r#"alerts: [
    (name: "bought", signal: FlowSuccessBelow("pay", "97%"), window: "1m", hold: "1m", level: page),
    (name: "slow", signal: FlowLatencyAbove("pay", "800ms"), window: "1m", hold: "1m", level: warning),
    (name: "errors", signal: ServiceErrorsAbove("shop", "5%"), window: "1m", hold: "1m", level: warning),
    (name: "busy", signal: SaturationAbove("shop", "90%"), window: "1m", hold: "1m", level: warning),
    (name: "hot", signal: CpuAbove("shop", "85%"), window: "1m", hold: "5m", level: warning),
    (name: "waiting", signal: WaitingAbove("shop", 400), window: "1m", hold: "1m", level: warning),
    (name: "old-work", signal: QueueAgeAbove("jobs", "60s"), window: "30s", hold: "30s", level: warning),
    (name: "dead-letters", signal: DeadLettersAbove("jobs", 20), window: "30s", hold: "0s", level: warning),
    (name: "budget", signal: BurnRateAbove("pay", "10", "2m"), window: "15m", hold: "0s", level: page),
    (name: "silent", signal: Absent("shop"), window: "1m", hold: "30s", level: warning),
],"#,
    ),
    example(
        "Version",
        "scenario",
        r#"versions: [
    (
        service: "shop", name: "2.0.0", notes: "Faster search.", feature: "search by colour",
        hunks: [("src/find.rs", "@@ -4 +4 @@\n-    all()\n+    some()\n")],
        endpoints: [(name: "browse", steps: [Compute("2ms")])],
        reads: [(variable: "QUOTES_URL", callee: "quotes", default: "quotes.internal")],
        manifest: {"us-east": {"QUOTES_URL": "quotes.internal"}},
        leak: (memory: "4KiB"),
    ),
],"#,
    ),
    example(
        "ConfigRead",
        "of-version",
        r#"reads: [(variable: "QUOTES_URL", callee: "quotes", default: "localhost", on_missing: crash)], manifest: {"us-east": {"QUOTES_URL": "quotes.internal"}},"#,
    ),
    example(
        "Leak",
        "of-version",
        r#"leak: (memory: "4KiB", descriptors: "0.1%", connections: "0.1%"),"#,
    ),
    example(
        "HistoryRecord",
        "scenario",
        r#"history: [(before: "26h", record: (title: "Index rebuilt", by: "Storage"))],"#,
    ),
    example(
        "Record",
        "timeline",
        r#"(at: "21m", change: Note, record: (title: "Log retention is 14 days", by: "Platform", detail: "It was 30 days.", service: "shop", kind: config, regions: ["us-east"])),"#,
    ),
    example(
        "TimedChange",
        "timeline",
        r#"(at: "22m", name: "go", change: Deploy(service: "shop", version: "2.0.0"), record: (title: "Deploy shop 2.0.0", by: "Shop")),"#,
    ),
    example(
        "Ramp",
        "timeline",
        r#"(at: "25m", change: Traffic(flow: "pay", factor: "2"), ramp: (over: "10m", steps: 10)),"#,
    ),
    example(
        "Flap",
        "timeline",
        r#"(at: "25m", change: Errors(service: "quotes", share: "50%"), flap: (on: "20s", off: "40s", times: 6, end: Errors(service: "quotes", share: "0%"))),"#,
    ),
    example(
        "Change",
        "timeline",
        r#"(at: "22m", change: Deploy(service: "shop", version: "2.0.0", regions: ["us-east"])),
(at: "22m", change: Restart(service: "shop")),
(at: "22m", change: SetVariable(service: "shop", variable: "MODE", value: "fast")),
(at: "22m", change: SetFlag(flag: "new-look", on: "50%", segments: ["member"])),
(at: "22m", change: FlushCache(service: "cache")),
(at: "22m", change: ResizeCache(service: "cache", entries: 100)),
(at: "22m", change: HotKey(keys: "order", key: 7, share: "20%")),
(at: "22m", change: Poison(service: "shop", endpoint: "pay", keys: "order", first: 0, last: 99)),
(at: "23m", change: Heal(service: "shop", endpoint: "pay")),
(at: "22m", change: SetPlan(service: "db", query: "by id", plan: scan, after: "10s")),
(at: "22m", change: GrowTable(service: "db", table: "orders", rows: 1000000)),
(at: "22m", change: Migrate(service: "db", table: "orders", schema: 1, over: "2m", locks: false)),
(at: "22m", change: FailOver(service: "db", to: "eu-west")),
(at: "22m", change: Pause(service: "jobs")),
(at: "23m", change: Resume(service: "jobs")),
(at: "22m", change: Slowdown(service: "quotes", factor: "4")),
(at: "22m", change: Errors(service: "quotes", endpoint: "live", share: "20%")),
(at: "22m", change: Process(service: "shop", only: (share: "25%"), effect: Kill)),
(at: "22m", change: Scale(service: "shop", replicas: 2)),
(at: "22m", change: Canary(service: "shop", version: "2.0.0", share: "25%", pause: "2m")),
(at: "23m", change: Proceed(service: "shop")),
(at: "22m", change: Autoscale(service: "shop", on: false)),
(at: "22m", change: Traffic(flow: "pay", segment: "guest", factor: "3")),
(at: "22m", change: Limit(service: "shop", limit: (rate: "50/s", burst: 10))),
(at: "23m", change: Unlimit(service: "shop")),
(at: "22m", change: Calls(service: "shop", callee: "quotes", timeout: "200ms", attempts: 4)),
(at: "22m", change: Link(from: service("shop"), to: service("quotes"), both: true, quality: (delay: "80ms"))),
(at: "22m", change: PointName(service: "quotes", to: "rates")),
(at: "22m", change: AnswerName(service: "quotes", state: stale)),
(at: "22m", change: Certificate(service: "quotes", expires: "40m")),
(at: "22m", change: Credential(client: "shop", server: "quotes", action: rotate)),
(at: "22m", change: Skew(service: "shop", instance: 0, ahead: "45s")),
(at: "22m", change: Payload(service: "quotes", factor: "20")),
(at: "22m", change: Monitoring(service: "shop", on: false)),
(at: "24m", change: Monitoring(service: "shop", traces: "1%", logs_late: "3m", unit: "1000")),
(at: "22m", change: Corrupt(service: "db", table: "orders", share: "5%", readers: fail)),
(at: "23m", change: Repair(service: "db", table: "orders")),
(at: "22m", change: Note),"#,
    ),
    example(
        "When",
        "timeline",
        r#"(when: Waiting(service: "jobs", region: "us-east", above: 500), name: "paused",
 change: Slowdown(service: "fulfilment", factor: "4"), record: (title: "Batch import", by: "Data")),
(when: Made("paused"), change: Traffic(factor: "3")),
(when: Rows(service: "db", table: "orders", above: 2000000), change: Slowdown(service: "db", factor: "2")),
(when: Pool(client: "shop", server: "db", above: "90%"), change: Restart(service: "shop")),
(at: "22m", when: Ready(service: "shop", below: 2), change: Autoscale(service: "shop", on: false)),"#,
    ),
    example(
        "Requests",
        "timeline",
        r#"(at: "22m", change: Errors(service: "shop", requests: (flow: "pay", segment: "guest", keys: (space: "order", first: 0, last: 9)), share: "100%", status: denied)),"#,
    ),
    example(
        "HiddenCalls",
        "of-truth",
        r#"calls: [(service: "shop", version: "2.0.0", callee: "quotes", policy: (timeout: "30s"))],"#,
    ),
    example(
        "Does",
        "of-truth",
        r#"does: [(service: "shop", version: "2.0.0", endpoints: [(name: "pay", steps: [Compute("40ms")])])],"#,
    ),
    example(
        "KeyRange",
        "timeline",
        r#"(at: "22m", change: Slowdown(service: "shop", requests: (keys: (space: "product", first: 0, last: 0)), factor: "50")),"#,
    ),
    example(
        "Only",
        "timeline",
        r#"(at: "22m", change: Slowdown(service: "shop", only: (version: "1.0.0", zone: 0, slot: 0, share: "50%"), factor: "3")),"#,
    ),
    example(
        "ProcessEffect",
        "timeline",
        r#"(at: "22m", change: Process(service: "shop", effect: Kill)),
(at: "22m", change: Process(service: "shop", effect: Pause("30s"))),
(at: "22m", change: Process(service: "shop", effect: Freeze)),
(at: "23m", change: Process(service: "shop", effect: Resume)),
(at: "22m", change: Process(service: "shop", effect: Speed("0.5"))),
(at: "22m", change: Process(service: "shop", effect: Quota((time: "20ms")))),
(at: "23m", change: Process(service: "shop", effect: NoQuota)),
(at: "22m", change: Process(service: "shop", effect: Leak((memory: "1MiB")))),
(at: "22m", change: Process(service: "shop", effect: FailStart(true))),
(at: "22m", change: Process(service: "shop", effect: Cordon(true))),
(at: "22m", change: Process(service: "shop", effect: Drain(true))),
(at: "22m", change: Process(service: "shop", effect: CleanDisk)),"#,
    ),
    example(
        "Party",
        "timeline",
        r#"(at: "22m", change: Link(from: users, to: service("edge"), quality: (loss: "5%"))),
(at: "22m", change: Link(from: any, to: service("db"), quality: (drops: true))),"#,
    ),
    example(
        "Person",
        "scenario",
        r#"people: [
    (
        name: "Kit Moreno", role: service_owner, owns: "shop", patience: "8m", answers_after: "90s",
        knows: [(truth: "bad-release", text: "We released an hour ago."), (text: "It looked fine in testing.")],
    ),
],"#,
    ),
    example(
        "People",
        "people-file",
        r#"People(
    format: 2,
    people: [(name: "Robin Vale", role: support_lead, patience: "4m")],
)"#,
    ),
    example(
        "Hint",
        "scenario",
        r#"hints: [(text: "What do the requests that fail have in common?"), (text: "Look at the calls of the shop.", truth: "bad-release")],"#,
    ),
    example(
        "Rubric",
        "scenario",
        r#"rubric: (dimensions: {"communication": 2}, criteria: {"evidence-kept": 0, "verified": 16}),"#,
    ),
    example(
        "Question",
        "scenario",
        r#"people: [
    (name: "Robin Vale", role: support_lead, patience: "4m", asks: [(after: "3m", text: "What may we tell users?", wants: [impact, scope, next_update])]),
],"#,
    ),
    example(
        "Knowledge",
        "scenario",
        r#"people: [(name: "Rates support", role: provider_support, owns: "quotes", patience: "20m", knows: [(text: "All systems are operational.")])],"#,
    ),
    example(
        "Severity",
        "scenario",
        r#"severities: [
    (name: "SEV-1", when: "Most users of a region are not served", failing: "60%"),
    (name: "SEV-2", when: "Many users are not served", failing: "10%"),
    (name: "SEV-3", when: "Some users are not served", failing: "0%"),
],"#,
    ),
    example(
        "Communication",
        "scenario",
        r#"communication: (first: "3m", scope: "6m", update: "6m"),"#,
    ),
    example(
        "Truth",
        "scenario",
        r#"truths: [
    (
        name: "bad-release", onset: "22m",
        timeline: [(at: "20m", change: Errors(service: "shop", only: (version: "2.0.0"), share: "35%"))],
        component: "shop", regions: ["us-east"], mechanism: "bad-code", trigger: "release", sustaining: "bad-code",
        path: ["shop", "edge"], explanation: "The release fails a third of its requests.",
    ),
],"#,
    ),
    example(
        "Unset",
        "of-truth",
        r#"unset: [(service: "shop", version: "2.0.0", region: "us-east", variable: "QUOTES_URL")],"#,
    ),
    example(
        "Sign",
        "of-truth",
        r#"signs: [(signal: error_share, service: "shop", region: "us-east", version: "2.0.0", above: "5%")], contain: [[rollback(service: "shop")]],"#,
    ),
    example(
        "Action",
        "of-truth",
        r#"contain: [[rollback(service: "shop")], [deploy(service: "shop", version: "1.0.0", region: "us-east")]],
fix: [[withdraw(service: "shop", version: "2.0.0")]],
tempting: [[restart(service: "shop")], [scale(service: "shop", replicas: 4)], [set_flag(flag: "new-look", percent: 0)]],"#,
    ),
];
