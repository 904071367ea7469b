//! The dock by keys alone: what the cursor stands on is what a pin takes.

use std::collections::BTreeMap;

use brownout_session::command::{Command, Look};
use brownout_session::reader::{DiffView, LogRow, SpanRow, TraceRow};
use brownout_session::view::PlayerView;
use brownout_sim::probe::Status;
use brownout_telemetry::logs::Level;
use egui::{Context, Event, Key, Modifiers, RawInput, Rect, pos2, vec2};

use super::super::intent::Intent;
use super::super::lookup::Lookup;
use super::super::state::{Selection, State};
use super::super::{pins, sample};
use super::{Tab, reopen};
use crate::theme::Theme;

const TRACE: u64 = 0x1234_5678_0000_0001;

/// From this time on there is another line.
const LATER_NS: u64 = 1 << 60;

/// A telemetry of a few rows.
struct Few;

impl Lookup for Few {
    fn logs(&self, _: &str, _: Option<&str>, _: u64, to_ns: u64) -> Vec<LogRow> {
        let line = |at_ns, text: &str, trace| LogRow {
            at_ns,
            stamp_ns: at_ns,
            level: Level::Error,
            instance: "checkout-eu-west-2".to_owned(),
            text: text.to_owned(),
            trace,
        };
        let mut lines = vec![
            line(1, "oldest", 0),
            line(2, "older", TRACE),
            line(3, "newest", 0),
        ];
        if to_ns >= LATER_NS {
            lines.push(line(4, "since", 0));
        }
        lines
    }

    fn traces(&self, _: &str, _: Option<&str>, _: bool, _: u64, _: u64) -> Vec<TraceRow> {
        self.trace(TRACE).into_iter().collect()
    }

    fn trace(&self, id: u64) -> Option<TraceRow> {
        let span = |depth, service: &str| SpanRow {
            depth,
            service: service.to_owned(),
            endpoint: "POST /".to_owned(),
            caller: None,
            instance: None,
            attempt: 1,
            start_ns: 0,
            duration_ns: 1_000_000,
            wait_ns: 0,
            lock_ns: 0,
            lock_start_ns: 0,
            status: Status::BadGateway,
            abandoned: false,
        };
        (id == TRACE).then(|| TraceRow {
            id,
            link: None,
            flow: "checkout".to_owned(),
            region: "eu-west".to_owned(),
            start_ns: 0,
            duration_ns: 1_000_000,
            status: Status::BadGateway,
            slow: false,
            spans: vec![span(0, "edge"), span(1, "checkout")],
        })
    }

    fn diff(&self, _: &str) -> Option<DiffView> {
        let value = |text: &str| Some((text.to_owned(), false));
        Some(DiffView {
            regions: vec!["us-east".to_owned(), "eu-west".to_owned()],
            versions: vec!["2.41.0".to_owned(), "2.41.0".to_owned()],
            variables: vec![
                ("ALIKE".to_owned(), vec![value("a"), value("a")]),
                ("URL".to_owned(), vec![value("a"), None]),
            ],
            settings: Vec::new(),
        })
    }
}

struct Desk {
    context: Context,
    view: PlayerView,
    state: State,
    intents: Vec<Intent>,
}

impl Desk {
    fn new(tab: Tab) -> Self {
        let context = Context::default();
        Theme::dark().install(&context);
        let mut state = State {
            selection: Some(Selection {
                service: "checkout".to_owned(),
                region: 1,
            }),
            ..State::default()
        };
        state.dock.tab = tab;
        let mut desk = Self {
            context,
            view: sample::calm(),
            state,
            intents: Vec::new(),
        };
        desk.frame(None);
        desk
    }

    fn frame(&mut self, key: Option<Key>) {
        let event = |key| Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(520.0, 700.0))),
            events: key.into_iter().map(event).collect(),
            ..RawInput::default()
        };
        let context = self.context.clone();
        let mut output = context.run_ui(input, |ui| {
            super::ui(ui, &self.view, &Few, &mut self.state, &mut self.intents);
            if key == Some(Key::P) {
                pins::pin(
                    ui,
                    &self.view,
                    &Few,
                    &mut self.state,
                    &mut self.intents,
                    true,
                );
            }
        });
        // Nobody paints here.
        output.textures_delta.clear();
    }

    fn keys(&mut self, keys: &[Key]) {
        for key in keys {
            self.frame(Some(*key));
        }
    }

    /// Looks recorded so far.
    fn pinned(&self) -> Vec<&Look> {
        let looks = self.intents.iter().filter_map(|intent| match intent {
            Intent::Command(Command::Observe(look)) => Some(look),
            _ => None,
        });
        looks.collect()
    }
}

fn span(of: &Look) -> Option<u32> {
    match of {
        Look::Span { span, .. } => Some(*span),
        _ => None,
    }
}

#[test]
fn a_log_line_is_pinned_without_a_mouse() {
    let mut desk = Desk::new(Tab::Logs);
    desk.keys(&[Key::P, Key::ArrowUp, Key::P, Key::ArrowUp, Key::P]);
    let pinned = desk.pinned();
    assert!(matches!(pinned[0], Look::Logs { .. }), "no cursor: the tab");
    let text = |look: &Look| match look {
        Look::LogLine { text, region, .. } => (text.clone(), region.clone()),
        other => panic!("{other:?}"),
    };
    let of = |text: &str| (text.to_owned(), "eu-west".to_owned());
    assert_eq!(text(pinned[1]), of("newest"));
    assert_eq!(text(pinned[2]), of("older"));
}

/// Goal: rows do not move under who reads them. Method: a line is opened, and another one is written. Expectation: the
/// rows stay until End lets the new one in, and no line is open then.
#[test]
fn lines_stand_still_while_one_is_open() {
    let mut desk = Desk::new(Tab::Logs);
    desk.keys(&[Key::ArrowUp]);
    let later = |desk: &mut Desk| {
        desk.view.now_ns = LATER_NS;
        desk.view.scraped_ns = LATER_NS;
        desk.frame(None);
    };
    later(&mut desk);
    assert_eq!(desk.state.dock.logs.rows.len(), 3, "held");
    desk.keys(&[Key::End]);
    desk.frame(None);
    assert_eq!(desk.state.dock.logs.rows.len(), 4, "let in");
    assert_eq!(desk.state.dock.cursor.at, None);

    let mut desk = Desk::new(Tab::Logs);
    later(&mut desk);
    assert_eq!(
        desk.state.dock.logs.rows.len(),
        4,
        "nobody reads: it follows"
    );
}

/// Going into a trace comes to the deepest call that failed, and the trace stays although the list would lose it.
#[test]
fn a_trace_is_entered_where_it_failed() {
    let mut desk = Desk::new(Tab::Traces);
    desk.keys(&[Key::ArrowDown, Key::ArrowRight]);
    assert_eq!(desk.state.dock.cursor.at.as_ref().and_then(span), Some(1));
    desk.keys(&[Key::ArrowLeft]);
    assert!(!desk.state.dock.opened.inside);
    assert_eq!(desk.state.dock.trace, Some(TRACE));
}

#[test]
fn enter_goes_from_a_line_to_its_trace_and_into_its_spans() {
    let mut desk = Desk::new(Tab::Logs);
    desk.keys(&[Key::ArrowUp, Key::ArrowUp, Key::Enter]);
    assert_eq!(
        (desk.state.dock.tab, desk.state.dock.trace),
        (Tab::Traces, Some(TRACE))
    );
    desk.frame(None);
    desk.keys(&[Key::Enter, Key::ArrowDown, Key::P]);
    assert_eq!(
        desk.pinned()
            .into_iter()
            .filter_map(span)
            .collect::<Vec<_>>(),
        [1]
    );
    let before = desk.state.selection.clone();
    desk.keys(&[Key::ArrowUp, Key::Enter]);
    assert_ne!(
        desk.state.selection, before,
        "Enter on a span selects its service"
    );
}

#[test]
fn rows_that_differ_come_first_and_can_be_pinned() {
    let mut desk = Desk::new(Tab::Diff);
    desk.keys(&[Key::ArrowDown, Key::ArrowDown, Key::P]);
    let row = Look::DiffRow {
        service: "checkout".to_owned(),
        variable: "URL".to_owned(),
    };
    assert_eq!(desk.pinned(), [&row]);
}

/// Keys that are typed somewhere else move nothing here.
#[test]
fn the_cursor_stays_while_a_form_is_open() {
    let mut desk = Desk::new(Tab::Logs);
    desk.state.resolving = true;
    desk.keys(&[Key::ArrowUp]);
    assert_eq!(desk.state.dock.cursor.at, None);
}

#[test]
fn evidence_opens_where_it_was_seen() {
    let mut desk = Desk::new(Tab::Overview);
    let look = Look::Span {
        flow: "checkout".to_owned(),
        failing: true,
        trace: TRACE,
        span: 1,
    };
    reopen(&desk.view, &mut desk.state, &look);
    assert_eq!(desk.state.dock.tab, Tab::Traces);
    desk.frame(None);
    assert_eq!(desk.state.dock.item, Some(look));
    let tabs: BTreeMap<&str, (Look, Tab)> = BTreeMap::from([
        ("whole", (Look::Changes { window_s: 60 }, Tab::Changes)),
        (
            "diff",
            (
                Look::Diff {
                    service: "payments".to_owned(),
                },
                Tab::Diff,
            ),
        ),
    ]);
    for (name, (look, tab)) in tabs {
        reopen(&desk.view, &mut desk.state, &look);
        assert_eq!(desk.state.dock.tab, tab, "{name}");
        assert_eq!(desk.state.dock.cursor.at, None, "{name}");
    }
    assert_eq!(super::service(&desk.state), Some("payments"));
}
