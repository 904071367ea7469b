//! Service graphs of Istio's load generator isotope: services with scripts of calls and sleeps.

use std::collections::{BTreeMap, BTreeSet};

use super::finish::finish;
use super::notes::Notes;
use super::problem::{Problem, shown};
use super::quantity::{duration, scaled, share};
use super::sketch::{Endpoint, Flow, Names, Service, Sketch, title};
use super::yaml::{Item, Tree, parse};
use super::{Imported, Input, Options};
use crate::diagnostics::{Diagnostic, suggest};
use crate::limits::{MAX_MESSAGE_BYTES, MAX_PARALLEL, MAX_REPLICAS};
use crate::model::{CallPolicy, Distribution, DurationText, MessageSizeText, ServiceKind, Step};

/// The one endpoint of a service.
const ENDPOINT: &str = "handle";
/// Time a service needs beside what its script says; its own work is nothing but the script.
const OWN_NS: u64 = 500_000;
/// Rate at each entry point: the rate of a load test stands in another file.
const PER_SECOND: f64 = 20.0;
/// Most services read; those no request reaches are left out, so there may be more than a system can have.
const MAX_ENTRIES: usize = 2_048;
/// Most steps of a script.
const MAX_SCRIPT: usize = 1_000;
/// Longest sleep.
const MAX_SLEEP_NS: u64 = 60_000_000_000;

/// What holds where a service says nothing.
#[derive(Clone, Copy, Default)]
struct Defaults<'t> {
    request_size: Option<Item<'t>>,
    response_size: Option<Item<'t>>,
    error_rate: Option<Item<'t>>,
    replicas: Option<Item<'t>>,
    script: Option<Item<'t>>,
}

/// Makes a system of isotope files; the services of all of them are one graph.
pub(super) fn import(inputs: &[Input<'_>], options: &Options) -> Result<Imported, Vec<Diagnostic>> {
    let mut trees = Vec::new();
    let mut found = Vec::new();
    for input in inputs {
        match parse(input.file, input.text) {
            Ok(tree) => trees.push(tree),
            Err(problem) => found.push(problem),
        }
    }
    let Some(first) = inputs.first().filter(|_| found.is_empty()) else {
        return Err(found);
    };
    let mut notes = Notes::default();
    let sketch = Graph::read(&trees, &mut notes).map_err(|problem| vec![problem])?;
    finish(sketch, notes, first.file, &from(inputs, "isotope"), options)
        .map(|(imported, _)| imported)
}

/// The inputs in words, for the head of the file.
pub(super) fn from(inputs: &[Input<'_>], format: &str) -> String {
    let name = |file: &str| shown(file.rsplit(['/', '\\']).next().unwrap_or(file));
    match inputs {
        [one] => format!("{} ({format})", name(one.file)),
        [first, rest @ ..] => format!("{} and {} more ({format})", name(first.file), rest.len()),
        [] => format.to_owned(),
    }
}

/// A service as it is in the file.
struct Entry<'t> {
    raw: &'t str,
    item: Item<'t>,
    defaults: Defaults<'t>,
}

struct Graph<'t, 'n> {
    entries: Vec<Entry<'t>>,
    known: BTreeMap<&'t str, String>,
    /// Sizes of replies by service, for those who call them.
    replies: BTreeMap<&'t str, MessageSizeText>,
    notes: &'n mut Notes,
}

impl<'t> Graph<'t, '_> {
    fn read(trees: &'t [Tree], notes: &mut Notes) -> Result<Sketch, Diagnostic> {
        let mut entries = Vec::new();
        for tree in trees {
            let root = tree.root();
            let Some(services) = root.get("services").and_then(Item::list) else {
                let help = "a graph of isotope has a list `services`, each with a `name`";
                let message = "expected a map with a list `services`".to_owned();
                return Err(root.problem().help(help).form(message));
            };
            let defaults = defaults(root, notes);
            for item in services {
                let Some(raw) = item.get("name").and_then(Item::text) else {
                    let message = "expected a service with a `name`".to_owned();
                    return Err(item.problem().form(message));
                };
                if entries.len() >= MAX_ENTRIES {
                    let message = format!("more than {MAX_ENTRIES} services");
                    return Err(item.problem().limit(message));
                }
                entries.push(Entry {
                    raw,
                    item,
                    defaults,
                });
            }
        }
        let mut names = Names::default();
        let mut graph = Graph {
            entries,
            known: BTreeMap::new(),
            replies: BTreeMap::new(),
            notes,
        };
        graph.index(&mut names)?;
        graph.sketch()
    }

    fn index(&mut self, names: &mut Names) -> Result<(), Diagnostic> {
        for entry in &self.entries {
            let name = names.of(entry.raw, "the service", self.notes);
            if self.known.insert(entry.raw, name).is_some() {
                let message = format!("the service `{}` stands here twice", shown(entry.raw));
                return Err(entry.item.problem().form(message));
            }
            let size = entry
                .item
                .get("responseSize")
                .or(entry.defaults.response_size);
            if let Some(size) = size {
                self.replies.insert(entry.raw, message_size(size)?);
            }
        }
        Ok(())
    }

    fn sketch(&mut self) -> Result<Sketch, Diagnostic> {
        let mut sketch = Sketch {
            description: "A service graph imported from isotope.".to_owned(),
            region: "main".to_owned(),
            latency_ns: 250_000,
            ..Sketch::default()
        };
        let mut marked = Vec::new();
        let mut called = BTreeSet::new();
        for at in 0..self.entries.len() {
            let (service, is_entry) = self.service(at, &mut called)?;
            if is_entry {
                marked.push(service.name.clone());
            }
            sketch.services.push(service);
        }
        if marked.is_empty() {
            // Without a mark requests enter where nobody else calls.
            let nobody = sketch.services.iter().filter(|s| !called.contains(&s.name));
            marked = nobody.map(|service| service.name.clone()).collect();
            for name in &marked {
                let reason =
                    "taken as an entry point: no service has `isEntrypoint`, and nobody calls it";
                self.notes.add(name, reason);
            }
        }
        for name in marked {
            sketch.flows.push(Flow {
                title: title(&name),
                entry: (name.clone(), ENDPOINT.to_owned()),
                name,
                slow_ns: 1_000_000_000,
                timeout_ns: 5_000_000_000,
                per_second: PER_SECOND,
            });
        }
        self.notes.add(
            "rates",
            "20/s at each entry point: a graph of isotope has none; edit `rates` of the flows",
        );
        self.notes.add(
            "computing",
            "0.5 ms for each request beside its script, exponential: a graph of isotope has none",
        );
        self.notes.add(
            "latency",
            "0.25 ms one way between services: a graph of isotope has none",
        );
        Ok(sketch)
    }

    fn service(
        &mut self,
        at: usize,
        called: &mut BTreeSet<String>,
    ) -> Result<(Service, bool), Diagnostic> {
        let Some(&Entry {
            raw,
            item,
            defaults,
        }) = self.entries.get(at)
        else {
            return Ok((Service::default(), false));
        };
        let name = self.known.get(raw).cloned().unwrap_or_default();
        let is_entry = match item.get("isEntrypoint") {
            Some(mark) => flag(mark)?,
            None => false,
        };
        for (key, _) in item.map().unwrap_or_default() {
            let known = [
                "name",
                "isEntrypoint",
                "script",
                "errorRate",
                "responseSize",
                "numReplicas",
            ];
            if !known.contains(&key) {
                self.notes.add(key, unmapped(key));
            }
        }
        let mut steps = vec![Step::Compute(duration(OWN_NS))];
        let mut shares = 0;
        let mut service = Service {
            replicas: replicas(item.get("numReplicas").or(defaults.replicas))?,
            // A sleep holds a core here, and no core there.
            cores: Some(64),
            workers: Some(512),
            queue: Some(512),
            ..Service::default()
        };
        if let Some(script) = item
            .get("script")
            .or(defaults.script)
            .filter(|s| !s.is_null())
        {
            let Some(commands) = script.list() else {
                let message = "expected a list of commands".to_owned();
                return Err(script.problem().form(message));
            };
            if commands.len() > MAX_SCRIPT {
                let message = format!("{} commands; at most {MAX_SCRIPT} are read", commands.len());
                return Err(script.problem().limit(message));
            }
            for command in commands {
                let mut script = Script {
                    owner: &name,
                    request_size: defaults.request_size,
                    calls: &mut service.calls,
                    called,
                    shares: &mut shares,
                };
                steps.extend(self.command(command, &mut script)?);
            }
        }
        if let Some(rate) = item.get("errorRate").or(defaults.error_rate) {
            let failing = fraction(rate)?;
            if failing > 0.0 {
                steps.push(Step::FailShare(share(failing)));
            }
        }
        service.endpoints.push(Endpoint {
            name: ENDPOINT.to_owned(),
            steps,
        });
        service.kind = if is_entry {
            ServiceKind::Edge
        } else {
            ServiceKind::Service
        };
        service.name = name;
        Ok((service, is_entry))
    }

    /// One command of a script: `call`, `sleep`, or a list of commands that run at once.
    fn command(
        &mut self,
        item: Item<'t>,
        script: &mut Script<'_, 't>,
    ) -> Result<Vec<Step>, Diagnostic> {
        if let Some(several) = item.list() {
            return self.at_once(&several, script);
        }
        let Some([(kind, value)]) = item
            .map()
            .as_deref()
            .and_then(|m| <[_; 1]>::try_from(m).ok())
        else {
            let message =
                "expected `call: SERVICE`, `sleep: DURATION` or a list of them".to_owned();
            return Err(item.problem().form(message));
        };
        match kind {
            "sleep" => Ok(vec![Step::ComputeAs(sleep(value)?, Distribution::Constant)]),
            "call" => {
                let (callee, probability) = self.call(value, script)?;
                let call = Step::Call(callee.clone(), ENDPOINT.to_owned());
                Ok(vec![script.perhaps(&callee, probability, call)])
            }
            other => {
                let message = format!("unknown command `{}`", shown(other));
                let help = "isotope knows `call`, `sleep` and lists of them";
                Err(item.problem().help(help).form(message))
            }
        }
    }

    /// Commands that run at once. A sleep is over before the calls begin here: what is called takes as long anyway.
    fn at_once(
        &mut self,
        items: &[Item<'t>],
        script: &mut Script<'_, 't>,
    ) -> Result<Vec<Step>, Diagnostic> {
        let mut calls = Vec::new();
        let mut steps = Vec::new();
        for item in items {
            let Some([(kind, value)]) = item
                .map()
                .as_deref()
                .and_then(|m| <[_; 1]>::try_from(m).ok())
            else {
                let message =
                    "expected `call: SERVICE` or `sleep: DURATION` in a list of what runs at once";
                return Err(item.problem().form(message.to_owned()));
            };
            match kind {
                "call" => {
                    let (callee, probability) = self.call(value, script)?;
                    let pair = (callee.clone(), ENDPOINT.to_owned());
                    if probability < 1.0 {
                        let reason = "a call that is made only sometimes, beside others at once, is made after them";
                        self.notes.add(script.owner, reason);
                        let call = Step::Call(pair.0, pair.1);
                        steps.push(script.perhaps(&callee, probability, call));
                    } else {
                        calls.push(pair);
                    }
                }
                "sleep" => {
                    self.notes
                        .add(script.owner, "a sleep beside calls is done before them");
                    steps.insert(0, Step::ComputeAs(sleep(value)?, Distribution::Constant));
                }
                other => {
                    let message = format!("unknown command `{}`", shown(other));
                    return Err(item.problem().form(message));
                }
            }
        }
        if calls.len() > MAX_PARALLEL {
            let message = format!(
                "{} calls at once; at most {MAX_PARALLEL} are allowed",
                calls.len()
            );
            let place = items
                .first()
                .map_or_else(|| Problem::of(""), |item| item.problem());
            return Err(place.limit(message));
        }
        if !calls.is_empty() {
            steps.push(Step::Parallel(calls));
        }
        Ok(steps)
    }

    /// Callee of a call, and how often it is made.
    fn call(
        &mut self,
        item: Item<'t>,
        script: &mut Script<'_, 't>,
    ) -> Result<(String, f64), Diagnostic> {
        let callee = item.text().or_else(|| item.get("service")?.text());
        let Some(callee) = callee else {
            let message = "expected the name of a service to call".to_owned();
            return Err(item.problem().form(message));
        };
        let Some(name) = self.known.get(callee).cloned() else {
            let message = format!("unknown service `{}`", shown(callee));
            let help = suggest(callee, self.known.keys().copied()).unwrap_or_default();
            return Err(item.problem().help(&help).form(message));
        };
        let size = item.get("size").or(script.request_size);
        let policy = script
            .calls
            .entry(name.clone())
            .or_insert_with(|| CallPolicy {
                timeout: Some(DurationText("5s".to_owned())),
                ..CallPolicy::default()
            });
        if let Some(size) = size {
            policy.request_size = Some(message_size(size)?);
        }
        policy.reply_size = self.replies.get(callee).cloned();
        script.called.insert(name.clone());
        let probability = match item.get("probability") {
            Some(per_cent) => number(per_cent, 0.0, 100.0)? / 100.0,
            None => 1.0,
        };
        // In isotope a probability of 0 is one that was not given.
        Ok((name, if probability == 0.0 { 1.0 } else { probability }))
    }
}

/// What a script writes to.
struct Script<'s, 't> {
    owner: &'s str,
    request_size: Option<Item<'t>>,
    calls: &'s mut BTreeMap<String, CallPolicy>,
    called: &'s mut BTreeSet<String>,
    /// Tells the branches of a script apart.
    shares: &'s mut usize,
}

impl Script<'_, '_> {
    /// Steps that are done for a share of requests.
    fn perhaps(&mut self, callee: &str, probability: f64, step: Step) -> Step {
        if probability >= 1.0 {
            return step;
        }
        *self.shares += 1;
        let name = format!("{} calls {callee} {}", self.owner, self.shares);
        Step::IfShare(name, share(probability), vec![step])
    }
}

fn defaults<'t>(root: Item<'t>, notes: &mut Notes) -> Defaults<'t> {
    for (key, _) in root.map().unwrap_or_default() {
        if !["apiVersion", "kind", "defaults", "services"].contains(&key) {
            notes.add(key, unmapped(key));
        }
    }
    let Some(item) = root.get("defaults") else {
        return Defaults::default();
    };
    let mut defaults = Defaults::default();
    for (key, value) in item.map().unwrap_or_default() {
        let place = match key {
            "requestSize" => &mut defaults.request_size,
            "responseSize" => &mut defaults.response_size,
            "errorRate" => &mut defaults.error_rate,
            "numReplicas" => &mut defaults.replicas,
            "script" => &mut defaults.script,
            _ => {
                notes.add(key, unmapped(key));
                continue;
            }
        };
        *place = Some(value);
    }
    defaults
}

fn unmapped(key: &str) -> &'static str {
    match key {
        "type" => "left out: services are called alike whatever the protocol",
        "numRbacPolicies" => "left out: policies of access cost nothing here",
        _ => "left out: nothing here corresponds to it",
    }
}

fn flag(item: Item<'_>) -> Result<bool, Diagnostic> {
    match item.text() {
        Some("true" | "True" | "TRUE") => Ok(true),
        Some("false" | "False" | "FALSE") => Ok(false),
        _ => Err(item.problem().form("expected `true` or `false`".to_owned())),
    }
}

/// A decimal within bounds.
fn number(item: Item<'_>, least: f64, most: f64) -> Result<f64, Diagnostic> {
    let text = item.text().unwrap_or_default();
    match text.trim().parse::<f64>() {
        Ok(number) if number >= least && number <= most => Ok(number),
        _ => {
            let message = format!(
                "expected a number between {least} and {most}, found `{}`",
                shown(text)
            );
            Err(item.problem().form(message))
        }
    }
}

/// `0.1%` or `0.001`.
fn fraction(item: Item<'_>) -> Result<f64, Diagnostic> {
    let text = item.text().unwrap_or_default().trim();
    let (digits, unit) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim_end(), 100.0),
        None => (text, 1.0),
    };
    match digits.parse::<f64>() {
        Ok(number) if (0.0..=unit).contains(&number) => Ok(number / unit),
        _ => {
            let message = format!(
                "expected a share such as `0.1%` or `0.001`, found `{}`",
                shown(text)
            );
            Err(item.problem().form(message))
        }
    }
}

fn replicas(item: Option<Item<'_>>) -> Result<u32, Diagnostic> {
    let Some(item) = item else { return Ok(1) };
    let text = item.text().unwrap_or_default();
    match text.parse::<u32>() {
        Ok(n) if n >= 1 && u64::from(n) <= MAX_REPLICAS => Ok(n),
        _ => {
            let message = format!(
                "expected replicas between 1 and {MAX_REPLICAS}, found `{}`",
                shown(text)
            );
            Err(item.problem().form(message))
        }
    }
}

/// A duration as Go writes it: `10ms`, `1m30s`.
fn sleep(item: Item<'_>) -> Result<DurationText, Diagnostic> {
    let text = item.text().unwrap_or_default().trim();
    match crate::units::duration_ns(&text.replace('µ', "u")) {
        Ok(ns) if ns <= MAX_SLEEP_NS => Ok(duration(ns)),
        _ => {
            let message = format!(
                "expected a duration up to 60s such as `10ms`, found `{}`",
                shown(text)
            );
            Err(item.problem().form(message))
        }
    }
}

/// A size as isotope reads it: `1 KB` is 1024 bytes, a number alone is bytes.
fn message_size(item: Item<'_>) -> Result<MessageSizeText, Diagnostic> {
    let text = item.text().unwrap_or_default().trim();
    binary_bytes(text)
        .filter(|bytes| *bytes <= MAX_MESSAGE_BYTES)
        .map(|bytes| MessageSizeText(super::quantity::bytes(bytes).0))
        .ok_or_else(|| {
            let message = format!(
                "expected a size up to 1 GiB such as `128` or `1 KB`, found `{}`",
                shown(text)
            );
            item.problem().form(message)
        })
}

/// Bytes with binary units, as Docker and isotope count: `300M` are 300 × 2^20.
pub(super) fn binary_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at_checked(end)?;
    let number: f64 = digits.parse().ok()?;
    let unit = unit.trim().to_ascii_lowercase();
    let scale = match unit.trim_end_matches('b').trim_end_matches('i') {
        "" => 1u64,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        "t" => 1 << 40,
        _ => return None,
    };
    #[expect(clippy::cast_precision_loss, reason = "powers of two are exact")]
    let scale = scale as f64;
    let bytes = number * scale;
    // 2^50: beyond it no whole number is safe.
    (bytes <= 1_125_899_906_842_624.0).then(|| scaled(bytes, 1.0, 0.0, bytes))
}
