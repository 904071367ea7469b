//! From a sketch to a system file that passes the check: circles of calls are cut, what no request reaches is left out,
//! limits are held, and the result is read back as any system file would be.

use std::collections::{BTreeMap, BTreeSet};

use brownout_sim::blueprint::Blueprint;

use super::circles::closing;
use super::notes::Notes;
use super::problem::Problem;
use super::sketch::{Service, Sketch, title};
use super::{Imported, Options, write};
use crate::diagnostics::{Diagnostic, Severity, has_errors};
use crate::limits::{MAX_EDGES, MAX_ENDPOINTS, MAX_FLOWS, MAX_REPLICAS, MAX_SERVICES};
use crate::model::{ServiceKind, Step};
use crate::scan::MAX_FILE_BYTES;
use crate::{MemoryFiles, compile_system, load_system};

/// Endpoint by service and position.
type Place = (usize, usize);

/// Finishes a sketch made of `file`, and maybe others.
pub(super) fn finish(
    mut sketch: Sketch,
    mut notes: Notes,
    file: &str,
    from: &str,
    options: &Options,
) -> Result<(Imported, Blueprint), Vec<Diagnostic>> {
    if sketch.flows.len() > MAX_FLOWS {
        for flow in sketch.flows.drain(MAX_FLOWS..) {
            let reason = format!("entry point left out: a system has at most {MAX_FLOWS} flows");
            notes.add(&flow.name, reason);
        }
    }
    let entries = places_of(&sketch);
    let starts: Vec<Place> = sketch
        .flows
        .iter()
        .filter_map(|flow| entries.get(&flow.entry).copied())
        .collect();
    if starts.is_empty() {
        let message = "no service was found where requests enter".to_owned();
        return Err(vec![Problem::of(file).empty(message)]);
    }
    cut_circles(&mut sketch, &entries, &starts, &mut notes);
    drop_unreached(&mut sketch, &entries, &starts, &mut notes);
    settle_edges(&mut sketch);
    let calls = count_calls(&sketch);
    hold_limits(&sketch, calls).map_err(|message| vec![Problem::of(file).limit(message)])?;
    let notes = notes.finish();
    let heading = title(&options.name);
    let text = write::system(&sketch, &options.name, &heading, from, &notes);
    if text.len() > MAX_FILE_BYTES {
        let message = format!(
            "the system file would have {} bytes; at most {MAX_FILE_BYTES} are allowed",
            text.len()
        );
        let help = "import fewer services, or fewer traces";
        return Err(vec![Problem::of(file).help(help).limit(message)]);
    }
    let blueprint = read_back(&text).map_err(|found| vec![unsound(file, &found)])?;
    let imported = Imported {
        text,
        services: sketch.services.len(),
        calls,
        flows: sketch.flows.len(),
        notes,
        times: Vec::new(),
    };
    Ok((imported, blueprint))
}

fn places_of(sketch: &Sketch) -> BTreeMap<(String, String), Place> {
    let mut places = BTreeMap::new();
    for (at, service) in sketch.services.iter().enumerate() {
        for (position, endpoint) in service.endpoints.iter().enumerate() {
            let name = (service.name.clone(), endpoint.name.clone());
            places.insert(name, (at, position));
        }
    }
    places
}

/// Calls of steps, nested ones included. Nesting is bounded by what importers make.
fn calls_of<'s>(
    steps: &'s [Step],
    calls: &mut Vec<&'s (String, String)>,
    pairs: &mut Vec<(String, String)>,
) {
    for step in steps {
        match step {
            Step::Call(service, endpoint)
            | Step::Publish(service, endpoint)
            | Step::Enqueue(service, endpoint) => pairs.push((service.clone(), endpoint.clone())),
            Step::Parallel(several) => calls.extend(several),
            Step::Cached(cached) => {
                calls.push(&cached.lookup);
                calls.extend(&cached.fill);
                calls_of(&cached.miss, calls, pairs);
            }
            other => {
                for inner in other.nested() {
                    calls_of(inner, calls, pairs);
                }
            }
        }
    }
}

/// Callees of an endpoint, each once, in the order of their names.
fn callees(steps: &[Step]) -> BTreeSet<(String, String)> {
    let (mut calls, mut pairs) = (Vec::new(), Vec::new());
    calls_of(steps, &mut calls, &mut pairs);
    pairs
        .into_iter()
        .chain(calls.into_iter().cloned())
        .collect()
}

/// Walks from the entries in order; a call back to an endpoint that is on the way is cut, because a request on a circle
/// would never end.
fn cut_circles(
    sketch: &mut Sketch,
    entries: &BTreeMap<(String, String), Place>,
    starts: &[Place],
    notes: &mut Notes,
) {
    let next: BTreeMap<Place, Vec<Place>> = entries
        .values()
        .filter_map(|&(service, endpoint)| {
            let steps = &sketch.services.get(service)?.endpoints.get(endpoint)?.steps;
            let callees = callees(steps);
            let places = callees
                .iter()
                .filter_map(|callee| entries.get(callee).copied());
            Some(((service, endpoint), places.collect()))
        })
        .collect();
    let cuts = closing(&next, starts);
    for ((service, endpoint), (to_service, to_endpoint)) in cuts {
        let Some(callee) = sketch.services.get(to_service).and_then(|service| {
            let endpoint = service.endpoints.get(to_endpoint)?;
            Some((service.name.clone(), endpoint.name.clone()))
        }) else {
            continue;
        };
        let Some(caller) = sketch.services.get_mut(service) else {
            continue;
        };
        let about = format!("{} → {}", caller.name, callee.0);
        let reason = if caller.name == callee.0 {
            "a call of a service to itself left out: a request on a circle never ends"
        } else {
            "a call back left out: it would close a circle, and a request on a circle never ends"
        };
        notes.add(&about, reason);
        if let Some(endpoint) = caller.endpoints.get_mut(endpoint) {
            endpoint.steps = without(std::mem::take(&mut endpoint.steps), &callee);
        }
    }
}

/// Steps without the calls to a callee; blocks that become empty go with them.
fn without(steps: Vec<Step>, callee: &(String, String)) -> Vec<Step> {
    let is = |service: &String, endpoint: &String| (service, endpoint) == (&callee.0, &callee.1);
    let keep = |step: Step| match step {
        Step::Call(service, endpoint) if is(&service, &endpoint) => None,
        Step::Publish(service, endpoint) if is(&service, &endpoint) => None,
        Step::Enqueue(service, endpoint) if is(&service, &endpoint) => None,
        Step::Parallel(mut calls) => {
            calls.retain(|(service, endpoint)| !is(service, endpoint));
            (!calls.is_empty()).then_some(Step::Parallel(calls))
        }
        Step::IfShare(name, share, inner) => {
            let inner = without(inner, callee);
            (!inner.is_empty()).then_some(Step::IfShare(name, share, inner))
        }
        Step::Cached(mut cached) => {
            cached.miss = without(cached.miss, callee);
            Some(Step::Cached(cached))
        }
        other => Some(other),
    };
    steps.into_iter().filter_map(keep).collect()
}

/// Leaves out endpoints and services no request reaches, and policies of calls nobody makes.
fn drop_unreached(
    sketch: &mut Sketch,
    entries: &BTreeMap<(String, String), Place>,
    starts: &[Place],
    notes: &mut Notes,
) {
    let mut reached: BTreeSet<Place> = starts.iter().copied().collect();
    let mut waiting: Vec<Place> = starts.to_vec();
    while let Some((service, endpoint)) = waiting.pop() {
        let steps = sketch
            .services
            .get(service)
            .and_then(|service| service.endpoints.get(endpoint))
            .map_or(&[][..], |endpoint| &endpoint.steps);
        for callee in callees(steps) {
            if let Some(place) = entries.get(&callee)
                && reached.insert(*place)
            {
                waiting.push(*place);
            }
        }
    }
    let mut at = 0;
    sketch.services.retain_mut(|service| {
        let mut position = 0;
        let name = service.name.clone();
        service.endpoints.retain(|endpoint| {
            let keep = reached.contains(&(at, position));
            position += 1;
            // A cache is filled by what reads it through; a service left out is noted as a whole.
            if !keep && reached.range((at, 0)..(at + 1, 0)).next().is_some() {
                let reason = format!("endpoint of {name} left out: no entry point leads to it");
                notes.add(&endpoint.name, reason);
            }
            keep
        });
        at += 1;
        if service.endpoints.is_empty() {
            notes.add(&name, "left out: no entry point leads to it");
        }
        !service.endpoints.is_empty()
    });
    for service in &mut sketch.services {
        let callees: BTreeSet<String> = service
            .endpoints
            .iter()
            .flat_map(|endpoint| callees(&endpoint.steps))
            .map(|(callee, _)| callee)
            .collect();
        service.calls.retain(|callee, _| callees.contains(callee));
    }
}

/// An edge passes on to a service of its own. One that does not is the application itself.
fn settle_edges(sketch: &mut Sketch) {
    let kinds: BTreeMap<String, ServiceKind> = sketch
        .services
        .iter()
        .map(|service| (service.name.clone(), service.kind))
        .collect();
    for service in &mut sketch.services {
        if service.kind == ServiceKind::Edge && !passes_on(service, &kinds) {
            service.kind = ServiceKind::Service;
        }
    }
}

fn passes_on(service: &Service, kinds: &BTreeMap<String, ServiceKind>) -> bool {
    service.endpoints.iter().all(|endpoint| {
        let first = endpoint.steps.iter().find_map(|step| match step {
            Step::Call(service, _) => Some(service),
            Step::Parallel(calls) => calls.first().map(|(service, _)| service),
            _ => None,
        });
        first.and_then(|callee| kinds.get(callee)) == Some(&ServiceKind::Service)
    })
}

fn hold_limits(sketch: &Sketch, calls: usize) -> Result<(), String> {
    let services = sketch.services.len();
    if services > MAX_SERVICES {
        return Err(format!(
            "{services} services; at most {MAX_SERVICES} are allowed"
        ));
    }
    let endpoints: usize = sketch.services.iter().map(|s| s.endpoints.len()).sum();
    if endpoints > MAX_ENDPOINTS {
        return Err(format!(
            "{endpoints} endpoints; at most {MAX_ENDPOINTS} are allowed"
        ));
    }
    if calls + sketch.flows.len() > MAX_EDGES {
        return Err(format!(
            "{calls} different calls; at most {MAX_EDGES} are allowed"
        ));
    }
    let replicas: u64 = sketch.services.iter().map(|s| u64::from(s.replicas)).sum();
    if replicas > MAX_REPLICAS {
        return Err(format!(
            "{replicas} replicas in all; at most {MAX_REPLICAS} are allowed"
        ));
    }
    Ok(())
}

/// Different calls: from a service to an endpoint.
fn count_calls(sketch: &Sketch) -> usize {
    let mut calls = BTreeSet::new();
    for service in &sketch.services {
        for endpoint in &service.endpoints {
            let callees = callees(&endpoint.steps);
            calls.extend(callees.into_iter().map(|callee| (&service.name, callee)));
        }
    }
    calls.len()
}

/// Reads the text as any system file; whatever is wrong with it is reported as such.
fn read_back(text: &str) -> Result<Blueprint, Vec<Diagnostic>> {
    let files = MemoryFiles::new(&[("imported.ron", text)]);
    let (loaded, found) = load_system(&files, "imported.ron");
    match loaded {
        Some(loaded) if !has_errors(&found) => compile_system(&loaded),
        _ => Err(found),
    }
}

/// What was made does not pass the check: that should not be, and is said as what it is.
fn unsound(file: &str, found: &[Diagnostic]) -> Diagnostic {
    let first = found
        .iter()
        .find(|diagnostic| diagnostic.severity == Severity::Error);
    let message = first.map_or("it cannot be read", |diagnostic| {
        diagnostic.message.as_str()
    });
    let place = first.map_or("", |diagnostic| diagnostic.path.as_str());
    let message = format!("what was made of this does not pass the check: {place}: {message}");
    Diagnostic {
        code: "E0799",
        help: Some("this should not be: please report it".to_owned()),
        ..Problem::of(file).form(message)
    }
}
