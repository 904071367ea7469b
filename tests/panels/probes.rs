//! Probes, reports of customers and status pages at the incident screen, and the ways from one signal to the next.

use brownout::panels::dock::Tab;
use brownout_session::command::{Command, Look};
use egui::Key;
use egui::accesskit::Role;

use crate::desk::{Desk, SECOND_NS, Screen};

fn screen() -> Screen {
    Screen::of(Desk::paged(240))
}

/// A component says what it is at; requests made on purpose come back with a result, and that opens as a trace.
#[test]
fn a_component_is_looked_into_and_a_request_is_made() {
    let mut screen = screen();
    screen.select("checkout in eu-west");
    screen.tap(Key::F10);
    for words in ["What its requests are at", "Processes", "Whom it reaches"] {
        assert!(screen.shows(&words.to_uppercase()), "{words}");
    }
    let looked = Look::Inside {
        service: "checkout".to_owned(),
        region: "eu-west".to_owned(),
    };
    screen.0.run_steps(8);
    assert!(screen.desk().done.contains(&Command::Observe(looked)));
    screen.click(Role::Button, "Send from us-east");
    let Some(Command::Try { flow, region, .. }) = screen.deeds().last().copied().cloned() else {
        panic!("{:?}", screen.deeds());
    };
    assert_eq!((flow.as_str(), region.as_str()), ("checkout", "us-east"));
    screen.wait(20);
    let (words, trace) = screen.desk().view.attempts[0]
        .result
        .clone()
        .expect("it is over");
    screen.click(Role::Button, &words);
    assert_eq!(screen.desk().panels.dock.tab, Tab::Traces);
    assert_eq!(screen.desk().panels.dock.trace, trace.map(|trace| trace.id));
}

/// From a report to the request it is about.
#[test]
fn a_report_leads_to_its_request() {
    let mut screen = screen();
    screen.wait(240);
    screen.tap(Key::F11);
    screen.0.run_steps(8);
    let tickets = screen.tickets();
    let ticket = tickets.iter().rev().find(|ticket| ticket.trace.is_some());
    let ticket = ticket.expect("somebody has written");
    screen.click_part(Role::Button, &format!("Report: {}", ticket.text));
    screen.click_part(Role::Button, "Their request");
    assert_eq!(screen.desk().panels.dock.tab, Tab::Traces);
    assert_eq!(screen.desk().panels.dock.trace, ticket.trace);
}

/// What every provider says stands in one place.
#[test]
fn status_pages_stand_beside_each_other() {
    let mut screen = screen();
    screen.tap(Key::F12);
    for name in ["cardhub", "parcel-quotes"] {
        assert!(screen.shows(name), "{name}");
        screen.click(Role::Button, &format!("Status page of {name}"));
    }
    assert!(screen.shows("all systems operational"));
}

/// From the spike to a failing trace, to the log of the component that failed, to the change that fits: two clicks each at
/// most.
#[test]
fn from_a_spike_to_the_change_in_two_clicks_each() {
    let mut screen = screen();
    // The chart of errors is in view; the failing trace is open behind one click.
    assert_eq!(screen.desk().panels.dock.tab, Tab::Overview);
    screen.click(Role::Button, "Traces");
    screen.0.run_steps(6);
    let open = screen.failing_span();
    // A click on the span that failed, and one on the log.
    screen.click_part(Role::Button, &open);
    let service = screen
        .desk()
        .panels
        .selection
        .clone()
        .expect("its component")
        .service;
    assert!(open.starts_with(&service), "{open}");
    screen.click(Role::Button, "Logs");
    screen.0.run_steps(2);
    assert!(!screen.desk().panels.dock.logs.rows.is_empty(), "its log");
    // One click, and what was changed there stands alone.
    screen.click(Role::Button, "Changes");
    assert_eq!(screen.desk().panels.dock.tab, Tab::Changes);
    assert_eq!(
        screen
            .desk()
            .panels
            .selection
            .as_ref()
            .map(|s| s.service.clone()),
        Some(service)
    );
}

/// What a chart is zoomed to is what lines, traces and reports are of.
#[test]
fn one_window_of_time_for_all() {
    let mut screen = screen();
    screen.select("checkout in eu-west");
    let page_ns = screen.desk().view.page.as_ref().expect("paged").at_ns;
    let zoom = (page_ns - 60 * SECOND_NS, page_ns);
    screen.0.state_mut().panels.time.zoom = Some(zoom);
    screen.tap(Key::F5);
    screen.0.run_steps(2);
    let rows = &screen.desk().panels.dock.logs.rows;
    assert!(!rows.is_empty());
    assert!(
        rows.iter()
            .all(|row| row.at_ns > zoom.0 && row.at_ns <= zoom.1)
    );
    screen.tap(Key::F6);
    screen.0.run_steps(2);
    let (.., traces) = screen.desk().panels.dock.traces.as_ref().expect("read");
    assert!(!traces.is_empty());
    let ends = traces
        .iter()
        .map(|trace| trace.start_ns + trace.duration_ns);
    assert!(
        ends.clone()
            .all(|end_ns| end_ns > zoom.0 && end_ns <= zoom.1)
    );
    screen.tap(Key::Z);
    screen.0.run_steps(2);
    let (.., traces) = screen.desk().panels.dock.traces.as_ref().expect("read");
    assert!(traces.iter().any(|trace| trace.start_ns > zoom.1));
}

/// Where the time goes is a choice of the traces, with both times named.
#[test]
fn the_tab_of_traces_tells_where_the_time_goes() {
    let mut screen = screen();
    screen.tap(Key::F6);
    screen.click(Role::Button, "where the time goes");
    assert!(screen.shows("mean per request"));
    assert!(screen.shows("before, "));
}

/// An alert opens what its runbook says.
#[test]
fn an_alert_opens_its_runbook() {
    let mut screen = screen();
    screen.click(Role::Button, "Runbook of checkout-success, eu-west");
    assert!(screen.shows("1. Overview: which region"));
}

/// Traces are searched by conditions; what is none is said.
#[test]
fn traces_are_searched() {
    let mut screen = screen();
    screen.tap(Key::F6);
    screen.tap(Key::Slash);
    screen.text("service=payments status=504");
    screen.tap(Key::Enter);
    screen.0.run_steps(2);
    let (.., found) = screen.desk().panels.dock.traces.as_ref().expect("searched");
    assert!(!found.is_empty());
    for trace in found {
        let span = trace.spans.iter().find(|span| span.service == "payments");
        assert!(span.is_some(), "{trace:?}");
    }
    screen.tap(Key::Slash);
    screen.text(" colour=red");
    screen.tap(Key::Enter);
    screen.0.run_steps(2);
    assert!(screen.shows("colour"), "what is wrong is said");
}
