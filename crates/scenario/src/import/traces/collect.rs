//! From spans to requests: what each service was asked, and whom it called for that.

use std::collections::{BTreeMap, BTreeSet};

use super::super::notes::Notes;
use super::span::{Kind, Peer, PeerKind, Span, Spans};

/// A request that a service served.
#[derive(Debug)]
pub(super) struct Request {
    /// Span that stands for it.
    pub(super) span: u32,
    pub(super) service: u32,
    pub(super) endpoint: u32,
    pub(super) start_ns: u64,
    pub(super) duration_ns: u64,
    pub(super) failed: bool,
    pub(super) origin: Origin,
    /// In the order of their start.
    pub(super) calls: Vec<Call>,
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// From outside: the trace begins here.
    Outside,
    /// From a span that is not in the file.
    Lost,
    /// From another service of the file.
    Service,
    /// From a queue.
    Queue,
}

/// Whom a call is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// An endpoint of a service: numbers of words.
    Endpoint(u32, u32),
    /// An operation of something without spans of its own.
    Outside(PeerKind, u32, u32),
    /// A topic: work that nobody waits for.
    Topic(u32),
}

/// A call of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) target: Target,
    /// As the caller saw it, if it has a span of the call; else as the callee did.
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
    /// Time at the callee; without a span of the callee that of the call.
    pub(super) served_ns: u64,
    pub(super) failed: bool,
    /// The caller does not wait for it.
    pub(super) asynchronous: bool,
    /// Attempts made.
    pub(super) attempts: u32,
}

/// Everything that was asked.
#[derive(Debug, Default)]
pub(super) struct Requests {
    pub(super) requests: Vec<Request>,
    /// Half of what calls took longer for the caller than for the callee: one-way latency, nanoseconds, in order.
    pub(super) gaps_ns: Vec<u64>,
    /// Consumers of topics: endpoints that work on what is handed over there.
    pub(super) consumers: BTreeMap<u32, BTreeSet<(u32, u32)>>,
}

const NONE: u32 = u32::MAX;

/// Spans as trees.
struct Forest<'s> {
    spans: &'s [Span],
    parent: Vec<u32>,
    /// Children in the order of their start, as ranges of `order`.
    first: Vec<u32>,
    order: Vec<u32>,
    /// Whether a span stands for a request.
    request: Vec<bool>,
}

/// Most calls of one request that are looked at.
const MAX_CALLS: usize = 2_000;

/// Makes requests of spans.
pub(super) fn collect(spans: &mut Spans, notes: &mut Notes) -> Requests {
    drop_duplicates(&mut spans.spans, notes);
    let forest = Forest::of(&spans.spans, notes);
    let mut requests = Requests::default();
    let mut silent = 0usize;
    let mut folded = BTreeSet::new();
    for (at, span) in forest.spans.iter().enumerate() {
        let at = narrow(at);
        if !forest.is_request(at) {
            if span.kind == Kind::Server {
                folded.insert(span.service);
            }
            continue;
        }
        let mut request = Request {
            span: at,
            service: span.service,
            endpoint: span.name,
            start_ns: span.start_ns,
            duration_ns: span.duration_ns(),
            failed: span.failed,
            origin: forest.origin(at),
            calls: Vec::new(),
        };
        silent += forest.calls(at, &mut request, &mut requests, &mut spans.words);
        request
            .calls
            .sort_by_key(|call| (call.start_ns, call.end_ns, call.target));
        requests.requests.push(request);
    }
    requests.gaps_ns.sort_unstable();
    hand_over(&mut requests, &mut spans.words, notes);
    if silent > 0 {
        let reason = "taken as computing of their services: they call somebody and do not say whom";
        notes.add(&format!("{silent} spans"), reason);
    }
    for service in folded {
        let name = spans.words.word(service).to_owned();
        notes.add(
            &name,
            "calls of the service to itself are taken as its own computing",
        );
    }
    requests
}

/// Work that goes on after its caller has answered is handed over: it goes by a queue here.
fn hand_over(requests: &mut Requests, words: &mut super::span::Words, notes: &mut Notes) {
    let mut late: BTreeMap<Target, (usize, usize)> = BTreeMap::new();
    for call in requests.requests.iter().flat_map(|request| &request.calls) {
        let (asynchronous, all) = late.entry(call.target).or_default();
        *asynchronous += usize::from(call.asynchronous);
        *all += 1;
    }
    late.retain(|target, (late, all)| matches!(target, Target::Endpoint(..)) && 2 * *late > *all);
    let mut topics: BTreeMap<Target, u32> = BTreeMap::new();
    for target in late.into_keys() {
        let Target::Endpoint(service, endpoint) = target else {
            continue;
        };
        let name = words.word(service).to_owned();
        let topic = words.number(&format!("{name} queue"));
        topics.insert(target, topic);
        requests
            .consumers
            .entry(topic)
            .or_default()
            .insert((service, endpoint));
        let reason = format!(
            "`{}` goes on after its callers have answered: they hand it over to a queue here",
            words.word(endpoint)
        );
        notes.add(&name, reason);
    }
    for call in requests
        .requests
        .iter_mut()
        .flat_map(|request| &mut request.calls)
    {
        if let Some(topic) = topics.get(&call.target) {
            call.target = Target::Topic(*topic);
            call.asynchronous = true;
            call.failed = false;
        } else if matches!(call.target, Target::Endpoint(..)) {
            // One of many that was late is a call as the others.
            call.asynchronous = false;
        }
    }
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(NONE)
}

/// A side of a call: some tracers give both the same id.
const fn is_serving(kind: Kind) -> bool {
    matches!(kind, Kind::Server | Kind::Consumer)
}

fn drop_duplicates(spans: &mut Vec<Span>, notes: &mut Notes) {
    let before = spans.len();
    let mut known = BTreeSet::new();
    spans.retain(|span| known.insert((span.trace, span.id, is_serving(span.kind))));
    let dropped = before - spans.len();
    if dropped > 0 {
        let reason = "left out: another span of their trace has the same id";
        notes.add(&format!("{dropped} spans"), reason);
    }
}

impl<'s> Forest<'s> {
    fn of(spans: &'s [Span], notes: &mut Notes) -> Self {
        let mut by_id: BTreeMap<(u32, u32, bool), u32> = BTreeMap::new();
        for (at, span) in spans.iter().enumerate() {
            by_id.insert((span.trace, span.id, is_serving(span.kind)), narrow(at));
        }
        let find = |span: &Span| -> u32 {
            let of = |id: u32, serving: bool| by_id.get(&(span.trace, id, serving)).copied();
            // The calling side of the same id is the parent of the serving side.
            if is_serving(span.kind)
                && let Some(client) = of(span.id, false)
            {
                return client;
            }
            let Some(parent) = span.parent else {
                return NONE;
            };
            of(parent, true)
                .or_else(|| of(parent, false))
                .unwrap_or(NONE)
        };
        let mut parent: Vec<u32> = spans.iter().map(find).collect();
        cut_circles(&mut parent, notes);
        let mut forest = Self {
            spans,
            first: Vec::new(),
            order: Vec::new(),
            request: vec![false; spans.len()],
            parent,
        };
        forest.line_up();
        for at in 0..spans.len() {
            let is = forest.stands_for_request(at);
            if let Some(request) = forest.request.get_mut(at) {
                *request = is;
            }
        }
        forest
    }

    /// Lays children of the same parent side by side, by start.
    fn line_up(&mut self) {
        let mut order: Vec<u32> = (0..narrow(self.spans.len())).collect();
        let key = |at: &u32| {
            let parent = self.parent.get(*at as usize).copied().unwrap_or(NONE);
            let start_ns = self.spans.get(*at as usize).map_or(0, |span| span.start_ns);
            (parent, start_ns, *at)
        };
        order.sort_unstable_by_key(key);
        let mut first = vec![0u32; self.spans.len() + 1];
        let mut at = 0usize;
        for parent in 0..=self.spans.len() {
            while order
                .get(at)
                .and_then(|child| self.parent.get(*child as usize))
                .is_some_and(|p| (*p as usize) < parent)
            {
                at += 1;
            }
            if let Some(place) = first.get_mut(parent) {
                *place = narrow(at);
            }
        }
        self.first = first;
        self.order = order;
    }

    fn children(&self, at: u32) -> &[u32] {
        let from = self.first.get(at as usize).copied().unwrap_or(0) as usize;
        let to = self.first.get(at as usize + 1).copied().unwrap_or(0) as usize;
        self.order.get(from..to).unwrap_or_default()
    }

    fn span(&self, at: u32) -> Option<&'s Span> {
        self.spans.get(at as usize)
    }

    fn parent_of(&self, at: u32) -> Option<&'s Span> {
        self.span(self.parent.get(at as usize).copied()?)
    }

    fn is_request(&self, at: u32) -> bool {
        self.request.get(at as usize).copied().unwrap_or(false)
    }

    /// A span stands for a request if it is the first of its service on the way, or works on a message.
    fn stands_for_request(&self, at: usize) -> bool {
        let Some(span) = self.spans.get(at) else {
            return false;
        };
        match self.parent_of(narrow(at)) {
            None => true,
            Some(parent) => span.kind == Kind::Consumer || parent.service != span.service,
        }
    }

    fn origin(&self, at: u32) -> Origin {
        let Some(span) = self.span(at) else {
            return Origin::Outside;
        };
        match (self.parent_of(at), span.kind) {
            (Some(parent), _) if parent.kind == Kind::Producer => Origin::Queue,
            (_, Kind::Consumer) => Origin::Queue,
            (Some(_), _) => Origin::Service,
            (None, _) if span.parent.is_some() => Origin::Lost,
            (None, _) => Origin::Outside,
        }
    }

    /// The calls of a request: below its own work, the spans of calls, and requests of others. Returns how many calls do
    /// not say whom they are to.
    fn calls(
        &self,
        at: u32,
        request: &mut Request,
        requests: &mut Requests,
        words: &mut super::span::Words,
    ) -> usize {
        let Some(span) = self.span(at) else { return 0 };
        let mut silent = 0;
        // A trace that begins with a call: the span is the work and the call at once.
        if matches!(span.kind, Kind::Client | Kind::Producer) && self.served_by(at).is_none() {
            silent += usize::from(!self.outside(at, request, words));
        }
        if span.kind == Kind::Consumer {
            let topic = self.topic_of(at, words);
            let endpoint = (request.service, request.endpoint);
            requests
                .consumers
                .entry(topic)
                .or_default()
                .insert(endpoint);
        }
        let mut waiting = vec![at];
        while let Some(at) = waiting.pop() {
            let Some(here) = self.span(at) else { continue };
            for &child in self.children(at) {
                let Some(below) = self.span(child) else {
                    continue;
                };
                if request.calls.len() >= MAX_CALLS {
                    return silent;
                }
                if self.is_request(child) {
                    // The first request below the span of a call is the call; more below it are by themselves.
                    let client = (at != request.span
                        || matches!(here.kind, Kind::Client | Kind::Producer))
                        && matches!(here.kind, Kind::Client | Kind::Producer)
                        && self.served_by(at) == Some(child);
                    self.call(client.then_some(here), child, request, requests, words);
                    continue;
                }
                let calling = matches!(below.kind, Kind::Client | Kind::Producer);
                if calling && self.served_by(child).is_none() && !self.calls_within(child) {
                    silent += usize::from(!self.outside(child, request, words));
                } else {
                    waiting.push(child);
                }
            }
        }
        silent
    }

    /// The first request right below a span.
    fn served_by(&self, at: u32) -> Option<u32> {
        self.children(at)
            .iter()
            .copied()
            .find(|child| self.is_request(*child))
    }

    /// Whether there is a call or a request of another service somewhere below a span.
    fn calls_within(&self, at: u32) -> bool {
        let mut waiting = vec![at];
        while let Some(at) = waiting.pop() {
            for &child in self.children(at) {
                let calling = self
                    .span(child)
                    .is_some_and(|span| matches!(span.kind, Kind::Client | Kind::Producer));
                if calling || self.is_request(child) {
                    return true;
                }
                waiting.push(child);
            }
        }
        false
    }

    /// The topic a message was taken from.
    fn topic_of(&self, at: u32, words: &mut super::span::Words) -> u32 {
        let own = self.span(at).and_then(|span| span.peer.as_ref());
        let parents = self.parent_of(at).and_then(|span| span.peer.as_ref());
        let queue = |peer: &&Peer| peer.kind == PeerKind::Queue;
        if let Some(peer) = own.filter(queue).or(parents.filter(queue)) {
            peer.name
        } else {
            let service = self.span(at).map_or(0, |span| span.service);
            let name = format!("{} queue", words.word(service));
            words.number(&name)
        }
    }

    /// A call to a service that has a span of it.
    fn call(
        &self,
        client: Option<&Span>,
        server: u32,
        request: &mut Request,
        requests: &mut Requests,
        words: &mut super::span::Words,
    ) {
        let Some(span) = self.span(server) else {
            return;
        };
        let over = client.unwrap_or(span);
        if span.kind == Kind::Consumer || over.kind == Kind::Producer {
            let topic = self.topic_of(server, words);
            let endpoint = (span.service, span.name);
            requests
                .consumers
                .entry(topic)
                .or_default()
                .insert(endpoint);
            request.calls.push(Call {
                target: Target::Topic(topic),
                start_ns: over.start_ns,
                end_ns: over.end_ns,
                served_ns: 0,
                failed: false,
                asynchronous: true,
                attempts: 1,
            });
            return;
        }
        if let Some(client) = client
            && let Some(gap_ns) = client.duration_ns().checked_sub(span.duration_ns())
        {
            requests.gaps_ns.push(gap_ns / 2);
        }
        let end_ns = request.start_ns.saturating_add(request.duration_ns);
        // Clocks of two machines differ a little, and the end of a span is not the end of its reply.
        let slack_ns = (request.duration_ns / 20).max(1_000_000);
        request.calls.push(Call {
            target: Target::Endpoint(span.service, span.name),
            start_ns: over.start_ns,
            end_ns: over.end_ns,
            served_ns: span.duration_ns(),
            failed: span.failed || over.failed,
            asynchronous: over.end_ns > end_ns.saturating_add(slack_ns),
            attempts: 1,
        });
    }

    /// A call to something without spans of its own; false if nothing says what it is.
    fn outside(&self, at: u32, request: &mut Request, words: &mut super::span::Words) -> bool {
        let Some(span) = self.span(at) else {
            return false;
        };
        let peer = match (&span.peer, span.kind) {
            (Some(peer), _) => peer.clone(),
            (None, _) => return false,
        };
        let produced = span.kind == Kind::Producer || peer.kind == PeerKind::Queue;
        let target = if produced {
            let topic = if peer.kind == PeerKind::Queue {
                peer.name
            } else {
                let name = format!("{} queue", words.word(peer.name));
                words.number(&name)
            };
            Target::Topic(topic)
        } else {
            Target::Outside(peer.kind, peer.name, span.name)
        };
        request.calls.push(Call {
            target,
            start_ns: span.start_ns,
            end_ns: span.end_ns,
            served_ns: span.duration_ns(),
            failed: span.failed,
            asynchronous: produced,
            attempts: 1,
        });
        true
    }
}

/// Spans that are their own ancestors begin a trace of their own.
fn cut_circles(parent: &mut [u32], notes: &mut Notes) {
    // 0 not seen, 1 on the way, 2 known to end.
    let mut state = vec![0u8; parent.len()];
    let mut circles = 0usize;
    let mut way: Vec<u32> = Vec::new();
    for start in 0..parent.len() {
        let mut at = narrow(start);
        loop {
            match state.get(at as usize).copied() {
                Some(0) => {
                    if let Some(state) = state.get_mut(at as usize) {
                        *state = 1;
                    }
                    way.push(at);
                    at = parent.get(at as usize).copied().unwrap_or(NONE);
                }
                Some(1) => {
                    // `at` closes a circle: it has no parent that could come before it.
                    circles += 1;
                    if let Some(parent) = parent.get_mut(at as usize) {
                        *parent = NONE;
                    }
                    break;
                }
                _ => break,
            }
        }
        for at in way.drain(..) {
            if let Some(state) = state.get_mut(at as usize) {
                *state = 2;
            }
        }
    }
    if circles > 0 {
        let reason = "cut: spans that are their own ancestors";
        notes.add(&format!("{circles} circles of spans"), reason);
    }
}
