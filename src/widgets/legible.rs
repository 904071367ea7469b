//! Whether every word on the screen can be read: none cut at its sides, none over another.
//!
//! Asked of the shapes a frame is painted from; pictures and tests do so, nothing else.

use egui::accesskit::{Role, TreeUpdate};
use egui::epaint::{ClippedShape, Shape, TextShape};
use egui::{Context, Order, Pos2, Rect, pos2};

/// Points that may be missing at a side: anti-aliasing, and letters that lean out.
const SLACK: f32 = 1.0;
/// Points two texts may share in both directions.
const SHARED: f32 = 3.0;
/// Letters of a text that are quoted.
const QUOTED: usize = 60;

/// A text as it stands on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Its beginning.
    pub words: String,
    /// Middle of what can be seen of it.
    pub middle: Pos2,
    /// Letters are left out at its end.
    pub elided: bool,
    rect: Rect,
    clip: Rect,
}

impl Placed {
    fn of(text: &TextShape, clip: Rect) -> Self {
        let rect = text.visual_bounding_rect();
        Self {
            words: text.galley.text().chars().take(QUOTED).collect(),
            middle: rect.intersect(clip).center(),
            elided: text.galley.elided,
            rect,
            clip,
        }
    }

    /// Whether it is there to be read; what was scrolled away is not.
    fn is_seen(&self) -> bool {
        let seen = self.rect.y_range().intersection(self.clip.y_range());
        self.rect.is_positive() && seen.span() > SLACK
    }

    fn is_cut(&self) -> bool {
        self.rect.left() < self.clip.left() - SLACK || self.rect.right() > self.clip.right() + SLACK
    }

    fn covers(&self, other: &Self) -> bool {
        let seen = |text: &Self| text.rect.intersect(text.clip);
        let shared = seen(self).intersect(seen(other));
        shared.is_positive() && shared.width() > SHARED && shared.height() > SHARED
    }

    /// Whether it stands in something a horizontal bar scrolls.
    fn scrolls(&self, bars: &[Rect]) -> bool {
        bars.iter().any(|bar| {
            let clip = self.clip.expand(8.0);
            clip.contains_rect(*bar) && bar.width() > self.clip.width() * 0.8
        })
    }
}

/// All texts that can be seen.
#[must_use]
pub fn texts(shapes: &[ClippedShape]) -> Vec<Placed> {
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

/// Bars that scroll sideways, in points, as all bounds of the tree are: its root scales them.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "screen coordinates of the accessibility tree"
)]
pub fn bars(tree: &TreeUpdate) -> Vec<Rect> {
    let point = |x: f64, y: f64| pos2(x as f32, y as f32);
    tree.nodes
        .iter()
        .filter(|(_, node)| node.role() == Role::ScrollBar)
        .filter_map(|(_, node)| node.bounds())
        .map(|bounds| Rect::from_min_max(point(bounds.x0, bounds.y0), point(bounds.x1, bounds.y1)))
        .filter(|bar| bar.width() > bar.height())
        .collect()
}

/// What cannot be read, a line each. What floats over a screen is meant to cover it, so nothing is compared then.
#[must_use]
pub fn findings(context: &Context, placed: &[Placed], bars: &[Rect]) -> Vec<String> {
    let floats = context.memory(|memory| {
        let shown = memory.areas().visible_layer_ids();
        shown.iter().any(|layer| layer.order != Order::Background)
    });
    let mut wrong: Vec<String> = placed
        .iter()
        .filter(|text| text.is_cut() && !text.scrolls(bars))
        .map(|text| format!("cut: \"{}\"", text.words))
        .collect();
    if floats {
        return wrong;
    }
    for (index, text) in placed.iter().enumerate() {
        for other in &placed[index + 1..] {
            if text.covers(other) {
                wrong.push(format!("\"{}\" lies over \"{}\"", other.words, text.words));
            }
        }
    }
    wrong
}
