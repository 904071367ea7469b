//! A system from requests.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Options;
use super::super::circles::closing;
use super::super::compose::roles::{Role, role};
use super::super::notes::Notes;
use super::super::quantity::{duration, share};
use super::super::sketch::{Endpoint, Flow, Names, Service, Sketch, tidy, title};
use super::Durations;
use super::capacity::{Load, provide, rounded_up};
use super::collect::{Origin, Request, Requests, Target};
use super::fit::{Fit, Shapes, fit, quantile};
use super::names::{Directory, Party, Place};
use super::shape::{Block, Group, Program, is_always, merge_attempts, shape, taken_ns};
use super::span::{PeerKind, Spans};
use crate::model::{CallPolicy, DurationText, ServiceKind, Step};

/// Share of entering requests that fail, in percent, from which it is said.
const FAILING_PERCENT: usize = 2;
/// Fewest traces whose times say something about a rate.
const MIN_TRACES: usize = 10;
/// Rate of all entry points together where the traces do not say it.
const PER_SECOND: f64 = 10.0;
/// One-way latency where no call has spans on both sides.
const LATENCY_NS: u64 = 100_000;
/// Computing of a queue for each message.
const QUEUE_NS: u64 = 200_000;

/// A system, and how long its services took in the spans.
pub(super) struct Made {
    pub(super) sketch: Sketch,
    pub(super) durations: Durations,
}

/// A vertex of the graph of calls: an endpoint, or a topic.
type Node = (bool, u32, u32);

/// What is seen of the calls of one service to another.
#[derive(Default)]
struct Seen {
    /// Times of calls.
    times_ns: Vec<u64>,
    attempts: u32,
    failed: usize,
    /// Failed calls whose callers succeeded.
    made_up_for: usize,
}

struct Maker<'a> {
    spans: &'a Spans,
    notes: &'a mut Notes,
    directory: Directory,
    requests: Vec<Request>,
    /// Endpoint of each request.
    places: Vec<Place>,
    /// Endpoints that work on a topic.
    consumers: BTreeMap<u32, BTreeSet<Place>>,
    latency_ns: u64,
    /// Requests from outside by endpoint.
    arrivals: BTreeMap<Place, usize>,
    /// Requests per second for each one in the file.
    rate_each: f64,
    branches: u32,
    shapes: Shapes,
}

/// Makes a system.
pub(super) fn make(
    spans: &Spans,
    mut found: Requests,
    options: &Options,
    notes: &mut Notes,
) -> Made {
    for request in &mut found.requests {
        merge_attempts(&mut request.calls);
    }
    let directory = Directory::of(&found.requests, &spans.words, notes);
    let latency_ns = latency(&found.gaps_ns, notes);
    let mut maker = Maker {
        spans,
        notes,
        requests: found.requests,
        places: Vec::new(),
        consumers: BTreeMap::new(),
        latency_ns,
        arrivals: BTreeMap::new(),
        rate_each: 0.0,
        branches: 0,
        shapes: Shapes::new(),
        directory,
    };
    maker.find_places(&found.consumers);
    maker.find_arrivals();
    maker.find_rate(options);
    maker.tell_failures();
    maker.cut_circles();
    maker.make()
}

/// One-way latency: a low quantile, because what a call takes longer than that is work of its caller or callee.
fn latency(gaps_ns: &[u64], notes: &mut Notes) -> u64 {
    if gaps_ns.len() < 3 {
        notes.add(
            "latency",
            "0.1 ms one way between services: too few calls have spans on both sides",
        );
        return LATENCY_NS;
    }
    // Up to a second; what is longer is a queue, not a network.
    super::super::quantity::scaled(quantile(gaps_ns, 0.2), 1.0, 0.0, 1e9)
}

impl Maker<'_> {
    /// Targets are places of the directory from here on.
    fn find_places(&mut self, consumers: &BTreeMap<u32, BTreeSet<(u32, u32)>>) {
        let directory = &self.directory;
        let place = |request: &Request| {
            directory
                .place(request.service, request.endpoint)
                .unwrap_or_default()
        };
        self.places = self.requests.iter().map(place).collect();
        for request in &mut self.requests {
            for call in &mut request.calls {
                let Some((service, endpoint)) = directory.target(call.target) else {
                    continue;
                };
                call.target = match call.target {
                    Target::Outside(kind, ..) => Target::Outside(kind, service, endpoint),
                    _ => Target::Endpoint(service, endpoint),
                };
            }
        }
        for (topic, endpoints) in consumers {
            let places = endpoints
                .iter()
                .filter_map(|(service, name)| directory.place(*service, *name));
            self.consumers.insert(*topic, places.collect());
        }
    }

    /// Requests that come from outside: traces that begin there, and lost callers of what nobody else calls.
    fn find_arrivals(&mut self) {
        let mut counts: BTreeMap<Place, [usize; 4]> = BTreeMap::new();
        for (request, place) in self.requests.iter().zip(&self.places) {
            let [outside, lost, service, queue] = counts.entry(*place).or_default();
            *match request.origin {
                Origin::Outside => outside,
                Origin::Lost => lost,
                Origin::Service => service,
                Origin::Queue => queue,
            } += 1;
        }
        let produced: BTreeSet<u32> = self
            .requests
            .iter()
            .flat_map(|request| &request.calls)
            .filter_map(|call| match call.target {
                Target::Topic(topic) => Some(topic),
                _ => None,
            })
            .collect();
        let fed: BTreeSet<Place> = self
            .consumers
            .iter()
            .filter(|(topic, _)| produced.contains(topic))
            .flat_map(|(_, places)| places.iter().copied())
            .collect();
        for (place, [outside, lost, service, queue]) in counts {
            let name = self.directory.name(place.0).to_owned();
            let mut arrivals = outside;
            if lost > service + outside {
                arrivals += lost;
                let reason = format!(
                    "`{}` is taken as an entry point: the callers of {lost} of its spans are not in the file",
                    self.directory.endpoint(place)
                );
                self.notes.add(&name, reason);
            } else if lost > 0 {
                let reason = format!(
                    "the callers of {lost} spans of `{}` are not in the file: not counted as arrivals",
                    self.directory.endpoint(place)
                );
                self.notes.add(&name, reason);
            }
            if queue > 0 && !fed.contains(&place) {
                arrivals += queue;
                let reason = format!(
                    "`{}` is taken as an entry point: who hands work over to it is not in the file",
                    self.directory.endpoint(place)
                );
                self.notes.add(&name, reason);
            }
            if arrivals > 0 {
                self.arrivals.insert(place, arrivals);
            }
        }
        if self.arrivals.is_empty() {
            // Nothing comes from outside: circles of spans. Everything may be where requests enter.
            let all = self.places.iter().copied();
            self.arrivals = all.map(|place| (place, 1)).collect();
        }
    }

    /// Requests per second, from the time between the first and the last.
    fn find_rate(&mut self, options: &Options) {
        let arriving = self.requests.iter().zip(&self.places);
        let mut starts: Vec<u64> = arriving
            .filter(|(request, place)| {
                request.origin != Origin::Service && self.arrivals.contains_key(place)
            })
            .map(|(request, _)| request.start_ns)
            .collect();
        starts.sort_unstable();
        let arrivals: usize = self.arrivals.values().sum();
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts and times far below 2^53"
        )]
        let (arrivals, gaps) = (
            arrivals.max(1) as f64,
            starts.len().saturating_sub(1) as f64,
        );
        let window_ns = match (starts.first(), starts.last()) {
            (Some(first), Some(last)) => last - first,
            _ => 0,
        };
        if starts.len() < MIN_TRACES || window_ns < 1_000_000 {
            self.rate_each = PER_SECOND / arrivals;
            let reason = format!(
                "10/s in all: fewer than {MIN_TRACES} traces, or all at one moment, say nothing about rates"
            );
            self.notes.add("rates", reason);
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "rates are rounded anyway")]
        let seconds = window_ns as f64 / 1e9;
        let per_second = gaps / seconds * 1e6 / f64::from(options.traced_ppm.max(1));
        self.rate_each = per_second / arrivals;
        if per_second < 1.0 {
            let reason = format!(
                "{} in all: little for an incident to be seen in; if only a share was traced, say so with --traced",
                super::super::quantity::rate(per_second).0
            );
            self.notes.add("rates", reason);
        } else if options.traced_ppm == 1_000_000 {
            self.notes.add(
                "rates",
                "as traced; if only a share was traced, say so with --traced",
            );
        }
    }

    /// What fails where requests enter fails in every run as well, before anything is broken: whoever sets alerts has to know.
    fn tell_failures(&mut self) {
        for place in self.arrivals.keys() {
            let of = self.requests.iter().zip(&self.places);
            let entering =
                of.filter(|(request, at)| request.origin != Origin::Service && *at == place);
            let (mut all, mut failed) = (0usize, 0usize);
            for (request, _) in entering {
                all += 1;
                failed += usize::from(request.failed);
            }
            if failed * 100 > all * FAILING_PERCENT {
                let reason = format!(
                    "{failed} of {all} requests to `{}` fail in the spans, and as many will in every run: leave alerts and the objective room, or lower `FailShare`",
                    self.directory.endpoint(*place)
                );
                let name = self.directory.name(place.0).to_owned();
                self.notes.add(&name, reason);
            }
        }
    }

    fn node(target: Target) -> Node {
        match target {
            Target::Endpoint(service, endpoint) | Target::Outside(_, service, endpoint) => {
                (false, service, endpoint)
            }
            Target::Topic(topic) => (true, topic, 0),
        }
    }

    /// Calls that close a circle of endpoints are left out before computing times are measured, so that their time stays.
    fn cut_circles(&mut self) {
        let mut calls: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
        for (request, place) in self.requests.iter().zip(&self.places) {
            let targets = request.calls.iter().map(|call| Self::node(call.target));
            calls
                .entry((false, place.0, place.1))
                .or_default()
                .extend(targets);
        }
        for (topic, places) in &self.consumers {
            let places = places.iter().map(|place| (false, place.0, place.1));
            calls.entry((true, *topic, 0)).or_default().extend(places);
        }
        let next = calls
            .into_iter()
            .map(|(node, next)| (node, next.into_iter().collect()))
            .collect();
        let mut entries: Vec<(usize, Place)> = self
            .arrivals
            .iter()
            .map(|(place, n)| (*n, *place))
            .collect();
        entries.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let starts: Vec<Node> = entries
            .iter()
            .map(|(_, place)| (false, place.0, place.1))
            .collect();
        let cuts: BTreeSet<(Node, Node)> = closing(&next, &starts).into_iter().collect();
        for ((from_topic, from, _), (to_topic, to, _)) in &cuts {
            if *from_topic {
                self.consumers
                    .entry(*from)
                    .or_default()
                    .retain(|place| !cuts.contains(&((true, *from, 0), (false, place.0, place.1))));
                continue;
            }
            let callee = if *to_topic {
                self.spans.words.word(*to)
            } else {
                self.directory.name(*to)
            };
            let about = format!("{} → {callee}", self.directory.name(*from));
            let reason =
                "a call back is taken as computing of its caller: a request on a circle never ends";
            self.notes.add(&about, reason);
        }
        for (request, place) in self.requests.iter_mut().zip(&self.places) {
            let here = (false, place.0, place.1);
            request
                .calls
                .retain(|call| !cuts.contains(&(here, Self::node(call.target))));
        }
    }

    fn make(mut self) -> Made {
        let mut by_place: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        for (at, place) in self.places.iter().enumerate() {
            by_place.entry(*place).or_default().push(at);
        }
        let mut services = self.services();
        let mut loads: Vec<Load> = vec![Load::default(); services.len()];
        let mut durations: Durations = BTreeMap::new();
        for (place, requests) in &by_place {
            let requests: Vec<&Request> = requests
                .iter()
                .filter_map(|at| self.requests.get(*at))
                .collect();
            let mut program = shape(&requests, self.latency_ns);
            let times = requests.iter().map(|request| request.duration_ns);
            let name = self.directory.name(place.0).to_owned();
            durations.entry(name).or_default().extend(times);
            if let Some(load) = loads.get_mut(place.0 as usize) {
                load.computing += self.per_second(program.own_ns.iter().copied());
                load.in_progress +=
                    self.per_second(requests.iter().map(|request| request.duration_ns));
            }
            let fitted = fit(&mut program.own_ns, &self.shapes);
            let steps = Steps {
                directory: &self.directory,
                consumers: &self.consumers,
                branches: &mut self.branches,
                place: *place,
            }
            .of(&program, &fitted);
            self.say(*place, &program);
            if let Some(service) = services.get_mut(place.0 as usize) {
                let name = self.directory.endpoint(*place).to_owned();
                service.endpoints.push(Endpoint { name, steps });
            }
        }
        self.outside(&mut services, &mut loads);
        self.topics(&mut services, &mut loads);
        self.policies(&mut services);
        for (service, load) in services.iter_mut().zip(loads) {
            provide(service, load);
        }
        for durations in durations.values_mut() {
            durations.sort_unstable();
        }
        let sketch = Sketch {
            description: "An architecture imported from traces.".to_owned(),
            region: self.region(),
            latency_ns: self.latency_ns,
            flows: self.flows(&by_place),
            services,
            ..Sketch::default()
        };
        Made { sketch, durations }
    }

    /// Sum of times over requests, in seconds per second.
    fn per_second(&self, times_ns: impl Iterator<Item = u64>) -> f64 {
        let sum: u128 = times_ns.map(u128::from).sum();
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let seconds = sum as f64 / 1e9;
        seconds * self.rate_each
    }

    /// Services without endpoints yet, by their numbers.
    fn services(&self) -> Vec<Service> {
        let mut instances: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for span in &self.spans.spans {
            if let (Some(instance), Some(number)) = (
                span.instance,
                self.directory.number(Party::Traced(span.service)),
            ) {
                instances.entry(number).or_default().insert(instance);
            }
        }
        let service = |(number, (party, name)): (usize, &(Party, String))| {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let (kind, replicas) = match party {
                Party::Traced(_) => {
                    let kind = match role("", name) {
                        Role::Edge => ServiceKind::Edge,
                        Role::Database => ServiceKind::Database,
                        Role::Cache => ServiceKind::Cache,
                        _ => ServiceKind::Service,
                    };
                    let seen = instances.get(&number).map_or(2, BTreeSet::len);
                    (kind, u32::try_from(seen.clamp(1, 100)).unwrap_or(1))
                }
                Party::Outside(kind, _) => match kind {
                    PeerKind::Database => (ServiceKind::Database, 1),
                    PeerKind::Cache => (ServiceKind::Cache, 1),
                    PeerKind::Queue => (ServiceKind::Queue, 1),
                    PeerKind::Service if name.contains('.') => (ServiceKind::ThirdParty, 1),
                    PeerKind::Service => (ServiceKind::Service, 2),
                },
                Party::Topic(_) => (ServiceKind::Queue, 1),
            };
            Service {
                name: name.clone(),
                kind,
                replicas,
                ..Service::default()
            }
        };
        self.directory
            .services()
            .iter()
            .enumerate()
            .map(service)
            .collect()
    }

    /// Endpoints of what has no spans of its own: they take what their callers waited, without the way.
    fn outside(&mut self, services: &mut [Service], loads: &mut [Load]) {
        let mut served: BTreeMap<Place, (Vec<u64>, usize)> = BTreeMap::new();
        for call in self.requests.iter().flat_map(|request| &request.calls) {
            if let Target::Outside(_, service, endpoint) = call.target {
                let way_ns = 2 * self.latency_ns;
                let (times, failed) = served.entry((service, endpoint)).or_default();
                times.push(taken_ns(call, self.latency_ns).saturating_sub(way_ns));
                *failed += usize::from(call.failed);
            }
        }
        let mut said = BTreeSet::new();
        for (place, (mut times, failed)) in served {
            let load = self.per_second(times.iter().copied());
            #[expect(clippy::cast_precision_loss, reason = "counts of at most a million")]
            let failing = failed as f64 / times.len().max(1) as f64;
            let fitted = fit(&mut times, &self.shapes);
            let program = Program {
                failing,
                ..Program::default()
            };
            let steps = Steps {
                directory: &self.directory,
                consumers: &self.consumers,
                branches: &mut self.branches,
                place,
            }
            .of(&program, &fitted);
            if let Some(load_of) = loads.get_mut(place.0 as usize) {
                load_of.computing += load;
                load_of.in_progress += load;
            }
            if let Some(service) = services.get_mut(place.0 as usize) {
                let name = self.directory.endpoint(place).to_owned();
                service.endpoints.push(Endpoint { name, steps });
                if said.insert(place.0) {
                    let reason = "has no spans of its own: made of what its callers waited for it";
                    self.notes.add(&service.name, reason);
                }
            }
        }
    }

    /// Queues between those who hand work over and those who do it.
    fn topics(&mut self, services: &mut [Service], loads: &mut [Load]) {
        for (party, name) in self.directory.services() {
            let Party::Topic(topic) = party else { continue };
            let Some(number) = self.directory.number(*party) else {
                continue;
            };
            let Some(service) = services.get_mut(number as usize) else {
                continue;
            };
            service.dead_letters = true;
            let consumers = self.consumers.get(topic).cloned().unwrap_or_default();
            if consumers.is_empty() {
                self.notes.add(
                    name,
                    "nobody takes work from it in the file: it is handed over, and that is all",
                );
                service.endpoints.push(Endpoint {
                    name: ALONE.to_owned(),
                    steps: vec![Step::Compute(duration(QUEUE_NS))],
                });
                continue;
            }
            let mut in_progress = 0.0;
            for place in consumers.iter().copied() {
                let consumer = self.directory.name(place.0).to_owned();
                let endpoint = self.directory.endpoint(place).to_owned();
                let asked = self
                    .requests
                    .iter()
                    .zip(&self.places)
                    .filter(|(_, at)| **at == place);
                in_progress += self.per_second(asked.map(|(request, _)| request.duration_ns));
                service.endpoints.push(Endpoint {
                    name: delivery(&self.directory, &consumers, place),
                    steps: vec![
                        Step::Compute(duration(QUEUE_NS)),
                        Step::Call(consumer.clone(), endpoint),
                    ],
                });
                service.calls.insert(
                    consumer,
                    CallPolicy {
                        timeout: Some(DurationText("60s".to_owned())),
                        attempts: Some(3),
                        ..CallPolicy::default()
                    },
                );
            }
            if let Some(load) = loads.get_mut(number as usize) {
                load.in_progress += in_progress;
            }
        }
    }

    /// Time-outs, attempts, and whether a caller can do without.
    fn policies(&mut self, services: &mut [Service]) {
        let mut seen: BTreeMap<(u32, u32), Seen> = BTreeMap::new();
        for (request, place) in self.requests.iter().zip(&self.places) {
            for call in &request.calls {
                let (Target::Endpoint(callee, _) | Target::Outside(_, callee, _)) = call.target
                else {
                    continue;
                };
                let seen = seen.entry((place.0, callee)).or_default();
                seen.times_ns
                    .push(call.end_ns.saturating_sub(call.start_ns));
                seen.attempts = seen.attempts.max(call.attempts);
                seen.failed += usize::from(call.failed);
                seen.made_up_for += usize::from(call.failed && !request.failed);
            }
        }
        for ((caller, callee), mut seen) in seen {
            seen.times_ns.sort_unstable();
            let high =
                super::super::quantity::scaled(quantile(&seen.times_ns, 0.99), 4.0, 0.0, 1e13);
            let timeout_ns = rounded_up(high).clamp(500_000_000, 600_000_000_000);
            let mut policy = CallPolicy {
                timeout: Some(duration(timeout_ns)),
                ..CallPolicy::default()
            };
            if seen.attempts > 1 {
                policy.attempts = Some(u8::try_from(seen.attempts.min(10)).unwrap_or(1));
                policy.backoff = Some(DurationText("10ms".to_owned()));
            }
            policy.optional = (2 * seen.made_up_for > seen.failed).then_some(true);
            let name = self.directory.name(callee).to_owned();
            if let Some(service) = services.get_mut(caller as usize) {
                service.calls.insert(name, policy);
            }
        }
        self.notes.add(
            "time-outs",
            "four times the 99th percentile of the calls, at least 500 ms: spans do not tell them",
        );
    }

    fn region(&mut self) -> String {
        match self.spans.regions.as_slice() {
            [one] => tidy(one),
            [] => "main".to_owned(),
            _ => {
                self.notes.add(
                    "regions",
                    "taken together: everything is in one region here",
                );
                "main".to_owned()
            }
        }
    }

    fn say(&mut self, place: Place, program: &Program) {
        let name = self.directory.name(place.0).to_owned();
        let endpoint = self.directory.endpoint(place).to_owned();
        if program.mixed {
            let reason = format!(
                "of the calls of `{endpoint}` at once, those that only some requests make come one after the other"
            );
            self.notes.add(&name, reason);
        }
        if program.too_many {
            let reason = format!(
                "very many calls of `{endpoint}` to the same: the first are kept, the rest is computing"
            );
            self.notes.add(&name, reason);
        }
    }

    /// Entry points as flows, the most frequent first.
    fn flows(&mut self, by_place: &BTreeMap<Place, Vec<usize>>) -> Vec<Flow> {
        let mut names = Names::default();
        let mut entries: Vec<(usize, Place)> = self
            .arrivals
            .iter()
            .map(|(place, n)| (*n, *place))
            .collect();
        entries.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut flows = Vec::new();
        for (arrivals, place) in entries {
            let (service, endpoint) =
                (self.directory.name(place.0), self.directory.endpoint(place));
            let of = by_place.get(&place).map_or(&[][..], Vec::as_slice);
            let mut times: Vec<u64> = of
                .iter()
                .filter_map(|at| self.requests.get(*at))
                .map(|request| request.duration_ns)
                .collect();
            times.sort_unstable();
            let high = super::super::quantity::scaled(quantile(&times, 0.99), 2.0, 0.0, 1e13);
            let slow_ns = rounded_up(high).clamp(100_000_000, 300_000_000_000);
            let key = format!("{service}\u{0}{endpoint}");
            let name = names.beside(&key, endpoint, "the flow", self.notes);
            #[expect(clippy::cast_precision_loss, reason = "counts of at most a million")]
            let per_second = arrivals as f64 * self.rate_each;
            flows.push(Flow {
                title: title(&name),
                name,
                entry: (service.to_owned(), endpoint.to_owned()),
                slow_ns,
                timeout_ns: (slow_ns * 5).max(2_000_000_000),
                per_second,
            });
        }
        flows
    }
}

/// The endpoint of a topic nobody takes work from.
const ALONE: &str = "hand over";

/// The endpoint of a topic that one of its consumers is served by.
fn delivery(directory: &Directory, consumers: &BTreeSet<Place>, place: Place) -> String {
    let name = |place: Place| format!("{} {}", directory.name(place.0), directory.endpoint(place));
    let own = name(place);
    let before = consumers.iter().take_while(|other| **other != place);
    match before.filter(|other| name(**other) == own).count() {
        0 => own,
        alike => format!("{own} {}", alike + 1),
    }
}

/// Makes the steps of an endpoint.
struct Steps<'m> {
    directory: &'m Directory,
    consumers: &'m BTreeMap<u32, BTreeSet<Place>>,
    branches: &'m mut u32,
    place: Place,
}

impl Steps<'_> {
    fn of(mut self, program: &Program, fitted: &Fit) -> Vec<Step> {
        let slow = self.branch("slow");
        let mut steps = fitted.steps(&slow);
        let fails = (program.failing > 0.0).then(|| Step::FailShare(share(program.failing)));
        if program.fails_early {
            steps.extend(fails.clone());
        }
        steps.extend(self.groups(&program.groups, 1.0));
        if !program.fails_early {
            steps.extend(fails);
        }
        steps
    }

    /// Groups one after the other, in a branch that has this share of the requests.
    fn groups(&mut self, groups: &[Group], within: f64) -> Vec<Step> {
        let mut steps = Vec::new();
        for group in groups {
            match group {
                Group::InTurn(blocks) => steps.extend(self.in_turn(blocks, within)),
                Group::AtOnce(blocks) => {
                    for block in blocks {
                        let calls: Vec<(String, String)> = block
                            .targets
                            .iter()
                            .filter_map(|target| self.pair(*target))
                            .collect();
                        let step = match calls.as_slice() {
                            [] => continue,
                            [(service, endpoint)] => Step::Call(service.clone(), endpoint.clone()),
                            _ => Step::Parallel(calls),
                        };
                        let share = block.share / within.max(1e-9);
                        steps.extend(self.perhaps(share, "at once", vec![step]));
                    }
                }
                Group::OneOf(choices) => {
                    let name = self.branch("one of");
                    let choice =
                        |(of, groups): &(f64, Vec<Group>)| (share(*of), self.groups(groups, *of));
                    steps.push(Step::OneOf(name, choices.iter().map(choice).collect()));
                }
            }
        }
        steps
    }

    /// Blocks within each other: a request that makes the second call has made the first.
    fn in_turn(&mut self, blocks: &[Block], before: f64) -> Vec<Step> {
        let Some((block, rest)) = blocks.split_first() else {
            return Vec::new();
        };
        let calls = block.targets.iter();
        let mut steps: Vec<Step> = calls.flat_map(|target| self.calls(*target)).collect();
        steps.extend(self.in_turn(rest, block.share));
        let callee = block.targets.first().and_then(|target| self.pair(*target));
        let label = callee.map_or_else(String::new, |(service, _)| service);
        self.perhaps(block.share / before.max(1e-9), &label, steps)
    }

    /// Steps that a share of the requests take.
    fn perhaps(&mut self, of_one: f64, label: &str, steps: Vec<Step>) -> Vec<Step> {
        if is_always(of_one) || steps.is_empty() {
            return steps;
        }
        vec![Step::IfShare(self.branch(label), share(of_one), steps)]
    }

    /// A name for a branch that no other has: what requests carry is drawn by it.
    fn branch(&mut self, label: &str) -> String {
        *self.branches += 1;
        let words = format!(
            "{} {} {label}",
            self.directory.name(self.place.0),
            self.directory.endpoint(self.place)
        );
        format!("{} {}", tidy(&words), self.branches)
    }

    /// The endpoint of a target that is waited for.
    fn pair(&self, target: Target) -> Option<(String, String)> {
        match target {
            Target::Endpoint(service, endpoint) | Target::Outside(_, service, endpoint) => {
                let name = self.directory.name(service).to_owned();
                Some((
                    name,
                    self.directory.endpoint((service, endpoint)).to_owned(),
                ))
            }
            Target::Topic(_) => None,
        }
    }

    /// The steps that call a target once: work for a topic is handed over for each of its consumers.
    fn calls(&self, target: Target) -> Vec<Step> {
        let Target::Topic(topic) = target else {
            let pair = self
                .pair(target)
                .map(|(service, endpoint)| Step::Call(service, endpoint));
            return pair.into_iter().collect();
        };
        let Some(number) = self.directory.number(Party::Topic(topic)) else {
            return Vec::new();
        };
        let name = self.directory.name(number).to_owned();
        let consumers = self
            .consumers
            .get(&topic)
            .filter(|places| !places.is_empty());
        let Some(consumers) = consumers else {
            return vec![Step::Publish(name, ALONE.to_owned())];
        };
        let publish = |place: &Place| {
            Step::Publish(name.clone(), delivery(self.directory, consumers, *place))
        };
        consumers.iter().map(publish).collect()
    }
}
