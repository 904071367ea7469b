//! What tells truths apart, what contains and corrects them, and what does not.

use super::changes::versions_of;
use super::checker::Checker;
use super::network::{callees, has_pool, no_pool};
use super::services::service_names;
use crate::action::Action;
use crate::compile::sign_threshold;
use crate::load::Loaded;
use crate::model::{Sign, Truth};

/// Most variants of an answer, actions of a variant, and signs of a truth.
const MOST: usize = 16;

pub(super) fn check_answers(check: &mut Checker<'_>, path: &str, truth: &Truth, loaded: &Loaded) {
    check.limit(
        &format!("{path}.signs"),
        "signs",
        truth.signs.len() as u64,
        MOST as u64,
    );
    for (index, sign) in truth.signs.iter().enumerate() {
        check_sign(check, &format!("{path}.signs[{index}]"), sign, loaded);
    }
    if !truth.signs.is_empty() && truth.contain.is_empty() {
        let help = "say what contains it: contain: [[rollback(service: \"...\")]]";
        check.advise(
            "E0509",
            &format!("{path}.signs"),
            "signs without anything that contains it: whoever sees them could do nothing",
            help,
        );
    }
    for (field, variants) in [
        ("contain", &truth.contain),
        ("fix", &truth.fix),
        ("tempting", &truth.tempting),
    ] {
        let path_of = format!("{path}.{field}");
        check.limit(&path_of, "variants", variants.len() as u64, MOST as u64);
        for (index, variant) in variants.iter().enumerate() {
            let path = format!("{path}.{field}[{index}]");
            check.length(&path, "actions", variant.len(), MOST);
            for (index, action) in variant.iter().enumerate() {
                check_action(check, &format!("{path}[{index}]"), action, loaded);
            }
        }
    }
}

fn check_sign(check: &mut Checker<'_>, path: &str, sign: &Sign, loaded: &Loaded) {
    let system = &loaded.system.model;
    for (field, name) in [("service", &sign.service), ("callee", &sign.callee)] {
        if let Some(name) = name {
            check.known(
                &format!("{path}.{field}"),
                "service",
                name,
                service_names(system),
            );
        }
    }
    if let Some(flow) = &sign.flow {
        let flows = system.flows.iter().map(|flow| flow.name.as_str());
        check.known(&format!("{path}.flow"), "flow", flow, flows);
    }
    if let Some(region) = &sign.region {
        let regions = system.regions.iter().map(String::as_str);
        check.known(&format!("{path}.region"), "region", region, regions);
    }
    if let (Some(service), Some(version)) = (&sign.service, &sign.version) {
        let known = versions_of(service, loaded);
        let kind = format!("version of `{service}`");
        check.known(&format!("{path}.version"), &kind, version, known);
    }
    if sign.flow.is_some() == sign.service.is_some() {
        let message = "a sign is read of a flow or of a service: give one of the two";
        check.report("E0510", path, message);
    } else if sign.service.is_none() && (sign.callee.is_some() || sign.version.is_some()) {
        let message = "a callee and a version belong to a service: give the service";
        check.report("E0510", path, message);
    }
    let (field, text) = match (&sign.above, &sign.at_most) {
        (Some(text), None) => ("above", text),
        (None, Some(text)) => ("at_most", text),
        _ => {
            let message = "give one threshold: `above` or `at_most`";
            check.report("E0510", path, message);
            return;
        }
    };
    check.quantity(
        &format!("{path}.{field}"),
        sign_threshold(sign.signal, text),
    );
}

/// Everything an action names has to exist.
fn check_action(check: &mut Checker<'_>, path: &str, action: &Action, loaded: &Loaded) {
    let system = &loaded.system.model;
    let inner = |field: &str| format!("{path}.{field}");
    if let Some(service) = action.component() {
        if !check.known(&inner("service"), "service", service, service_names(system)) {
            return;
        }
        let found = system.services.iter().find(|of| of.name == service);
        if found.is_some_and(|of| of.kind == crate::model::ServiceKind::ThirdParty) {
            let message = format!("`{service}` is another company's: nobody here can change it");
            check.report("E0508", &inner("service"), message);
        }
        if let Some(Some(region)) = action.place() {
            let runs = found.map(|of| of.replicas.keys().map(String::as_str));
            let kind = format!("region of `{service}`");
            check.known(&inner("region"), &kind, region, runs.into_iter().flatten());
        }
        if let Some(callee) = action.callee() {
            let calls = callees(system, &loaded.model.versions, service);
            if let Action::CallPolicy { pool: Some(_), .. } = action
                && !has_pool(loaded, service, callee)
            {
                check.report("E0404", &inner("pool"), no_pool(service, callee));
            }
            let kind = format!("callee of `{service}`");
            check.known(
                &inner("callee"),
                &kind,
                callee,
                calls.iter().map(String::as_str),
            );
        }
    } else if let Some(Some(region)) = action.place() {
        let regions = system.regions.iter().map(String::as_str);
        check.known(&inner("region"), "region", region, regions);
    }
    match action {
        Action::Deploy {
            service, version, ..
        }
        | Action::Withdraw { service, version } => {
            let known = versions_of(service, loaded);
            let kind = format!("version of `{service}`");
            check.known(&inner("version"), &kind, version, known);
        }
        Action::SetFlag { flag, .. } => {
            let flags = system.flags.iter().map(|flag| flag.name.as_str());
            check.known(&inner("flag"), "flag", flag, flags);
        }
        Action::ShiftTraffic { from, to, .. } => {
            for (field, region) in [("from", from), ("to", to)] {
                let regions = system.regions.iter().map(String::as_str);
                check.known(&inner(field), "region", region, regions);
            }
        }
        Action::Limit { flow, segment, .. } => {
            if let Some(flow) = flow {
                let flows = system.flows.iter().map(|flow| flow.name.as_str());
                check.known(&inner("flow"), "flow", flow, flows);
            }
            if let Some(segment) = segment {
                let segments = system.segments.iter().map(String::as_str);
                check.known(&inner("segment"), "segment", segment, segments);
            }
        }
        Action::AddIndex { service, query } | Action::KillQueries { service, query, .. } => {
            let found = system.services.iter().find(|of| of.name == *service);
            let database = found.and_then(|of| of.database.as_ref());
            let queries = database.into_iter().flat_map(|of| &of.queries);
            let kind = format!("query of `{service}`");
            check.known(
                &inner("query"),
                &kind,
                query,
                queries.map(|query| query.name.as_str()),
            );
        }
        Action::FailOver {
            to: Some(region), ..
        } => {
            let regions = system.regions.iter().map(String::as_str);
            check.known(&inner("to"), "region", region, regions);
        }
        Action::PagePerson { person } => {
            let people = loaded.model.people.iter().map(|of| of.name.as_str());
            check.known(&inner("person"), "person", person, people);
        }
        _ => {}
    }
}
