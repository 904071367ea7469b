//! No word is cut off or lies over another, at any size the interface is made for.

use brownout::panels::dock::TABS;
use brownout::panels::state::State;
use egui::accesskit::Role;
use egui::epaint::{ClippedShape, Shape, TextShape};
use egui::{Key, Modifiers, Order, Rect, Vec2, vec2};

use egui_kittest::kittest::NodeT;

use crate::desk::{Desk, Screen};

/// Sizes of the window in pixels.
const SIZES: [Vec2; 2] = [vec2(1440.0, 900.0), vec2(1920.0, 1080.0)];
/// Scales of the interface.
const FACTORS: [f32; 4] = [0.8, 1.0, 1.25, 1.5];
/// Points that may be missing at a side: anti-aliasing, and letters that lean out.
const SLACK: f32 = 1.0;
/// Points two texts may share in both directions.
const SHARED: f32 = 3.0;

/// A text as it stands on the screen.
struct Placed {
    words: String,
    rect: Rect,
    clip: Rect,
    elided: bool,
}

impl Placed {
    fn of(text: &TextShape, clip: Rect) -> Self {
        Self {
            words: text.galley.text().chars().take(60).collect(),
            rect: text.visual_bounding_rect(),
            clip,
            elided: text.galley.elided,
        }
    }

    /// What can be seen of it.
    fn seen(&self) -> Rect {
        self.rect.intersect(self.clip)
    }

    /// Whether it is there to be read; what was scrolled away is not.
    fn is_seen(&self) -> bool {
        let seen = self.rect.y_range().intersection(self.clip.y_range());
        self.rect.is_positive() && seen.span() > SLACK
    }

    /// Whether letters are missing at its sides.
    fn is_cut(&self) -> bool {
        self.rect.left() < self.clip.left() - SLACK || self.rect.right() > self.clip.right() + SLACK
    }

    fn covers(&self, other: &Self) -> bool {
        let shared = self.seen().intersect(other.seen());
        shared.is_positive() && shared.width() > SHARED && shared.height() > SHARED
    }
}

/// Rows that can be scrolled sideways: each bar with the width of what it scrolls.
fn scrolled_sideways(screen: &Screen) -> Vec<Rect> {
    let nodes = screen.0.root().children_recursive();
    nodes
        .filter(|node| node.accesskit_node().role() == Role::ScrollBar)
        .map(|node| node.rect())
        .filter(|bar| bar.width() > bar.height())
        .collect()
}

fn texts(shapes: &[ClippedShape]) -> Vec<Placed> {
    fn gather(shape: &Shape, clip: Rect, found: &mut Vec<Placed>) {
        match shape {
            Shape::Text(text) => found.push(Placed::of(text, clip)),
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| gather(shape, clip, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for clipped in shapes {
        gather(&clipped.shape, clipped.clip_rect, &mut found);
    }
    found.retain(Placed::is_seen);
    found
}

/// What is wrong with the words on the screen as it stands.
fn findings(screen: &mut Screen) -> Vec<String> {
    let placed = texts(&screen.0.output().shapes);
    assert!(placed.len() > 40, "there is something to read");
    let mut wrong: Vec<String> = Vec::new();
    let sideways = scrolled_sideways(screen);
    for text in &placed {
        let can_be_scrolled = sideways.iter().any(|bar| {
            let clip = text.clip.expand(8.0);
            clip.contains_rect(*bar) && bar.width() > text.clip.width() * 0.8
        });
        if text.is_cut() && !can_be_scrolled {
            wrong.push(format!("cut: \"{}\"", text.words));
        }
    }
    for (index, text) in placed.iter().enumerate() {
        for other in &placed[index + 1..] {
            if text.covers(other) {
                wrong.push(format!("\"{}\" lies over \"{}\"", other.words, text.words));
            }
        }
    }
    for text in placed.iter().filter(|text| text.elided) {
        screen.0.hover_at(text.seen().center());
        screen.0.run_steps(4);
        if !tooltip(screen) {
            wrong.push(format!("shortened, never in full: \"{}\"", text.words));
        }
    }
    screen.0.remove_cursor();
    screen.0.run_steps(1);
    wrong
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
const OPEN: [Open; 7] = [
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
