//! No word is cut off or lies over another, at any size the interface is made for.

use brownout::panels::dock::TABS;
use brownout::panels::state::State;
use brownout::widgets::legible;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Order, Rect, Vec2, vec2};

use egui_kittest::kittest::NodeT;

use crate::desk::{Desk, Screen};

/// Sizes of the window in pixels.
const SIZES: [Vec2; 2] = [vec2(1440.0, 900.0), vec2(1920.0, 1080.0)];
/// Scales of the interface.
const FACTORS: [f32; 4] = [0.8, 1.0, 1.25, 1.5];
/// What is wrong with the words on the screen as it stands.
fn findings(screen: &mut Screen) -> Vec<String> {
    let placed = legible::texts(&screen.0.output().shapes);
    assert!(placed.len() > 40, "there is something to read");
    let mut wrong = legible::findings(&screen.0.ctx, &placed, &scrolled_sideways(screen));
    for text in placed.iter().filter(|text| text.elided) {
        screen.0.hover_at(text.middle);
        screen.0.run_steps(4);
        if !tooltip(screen) {
            wrong.push(format!("shortened, never in full: \"{}\"", text.words));
        }
    }
    screen.0.remove_cursor();
    screen.0.run_steps(1);
    wrong
}

/// Bars that scroll sideways; the harness keeps the accessibility tree to itself.
fn scrolled_sideways(screen: &Screen) -> Vec<Rect> {
    let nodes = screen.0.root().children_recursive();
    nodes
        .filter(|node| node.accesskit_node().role() == Role::ScrollBar)
        .map(|node| node.rect())
        .filter(|bar| bar.width() > bar.height())
        .collect()
}

/// Whether something is told about what the pointer is on.
fn tooltip(screen: &Screen) -> bool {
    screen.0.ctx.memory(|memory| {
        let shown = memory.areas().visible_layer_ids();
        shown.iter().any(|layer| layer.order == Order::Tooltip)
    })
}

/// What is open while a screen is looked at, in words, and how it is opened.
type Open = (&'static str, fn(&mut Screen));
const OPEN: [Open; 8] = [
    ("board", |screen| screen.tap(Key::F1)),
    ("symptom", |screen| screen.tap(Key::S)),
    ("hypothesis", |screen| screen.tap(Key::H)),
    ("update", |screen| screen.tap(Key::U)),
    ("war room", |screen| screen.tap(Key::F2)),
    ("map", |screen| screen.tap(Key::M)),
    ("action", |screen| {
        screen.tap_with(Key::K, Modifiers::COMMAND);
        screen.typed("restart gateway in eu");
        screen.tap(Key::Enter);
        assert!(screen.desk().panels.board.busy(), "it is considered");
    }),
    ("palette", |screen| {
        screen.tap_with(Key::K, Modifiers::COMMAND);
        screen.typed("gateway");
    }),
];

#[test]
fn no_word_of_the_incident_is_cut() {
    let mut all = Vec::new();
    let mut desk = Some(Desk::paged(200));
    for size in SIZES {
        for factor in FACTORS {
            let mut at_hand = desk.take().expect("handed on");
            at_hand.undress();
            let mut screen = Screen::sized(at_hand, size, factor);
            // Every tab with nothing open, and the fullest tab with each form.
            let tabs = TABS.map(|(tab, name, _)| (tab, name, OPEN[0]));
            let forms = OPEN[1..].iter().map(|open| (TABS[0].0, TABS[0].1, *open));
            for (tab, name, (open, opens)) in tabs.into_iter().chain(forms) {
                screen.0.state_mut().panels = State::default();
                screen.0.run_steps(2);
                screen.select("gateway in eu-west");
                screen.0.state_mut().panels.dock.tab = tab;
                opens(&mut screen);
                screen.0.run_steps(2);
                let place = format!("{}x{} at {factor}, {name}, {open}", size.x, size.y);
                let found = findings(&mut screen);
                all.extend(found.into_iter().map(|wrong| format!("{place}: {wrong}")));
            }
            desk = Some(screen.0.into_state());
        }
    }
    assert!(
        all.is_empty(),
        "{} findings:\n{}",
        all.len(),
        all.join("\n")
    );
}
