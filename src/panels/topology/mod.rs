//! The live topology: names, figures and selection. Discs, edges and requests are drawn by `app::topology` below the labels.

mod graph;
mod grid;
mod heights;
pub mod label;
mod layers;
pub mod layout;

use brownout_session::view::{Health, NodeView, PlayerView};
use egui::{
    Align2, Color32, FontId, Rect, Response, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

use self::label::LabelType;
use self::layout::{Arrangement, Layout, Place};
use super::format;
use super::intent::Intent;
use super::state::{Selection, State};
use super::top_bar::success_color;
use crate::theme::{Theme, veil};

/// Calls per second, in thousandths, below which it is not said that they are lost.
const LOST_MILLI: u64 = 500;

/// Layout of the topology and what it was made for.
#[derive(Clone, Debug, Default)]
pub struct TopologyState {
    /// The layout.
    pub layout: Layout,
    /// Area the topology takes, in points, once it was shown.
    pub area: Option<Rect>,
    /// Services in their columns.
    arrangement: Arrangement,
    /// System, components and links when that was made: a scenario's system never changes shape.
    shape: (String, usize, usize),
}

/// Room for region names above the lanes' contents and for labels below them.
const MARGIN: f32 = 8.0;

/// Draws labels and takes clicks in all that is left of `ui`.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, _intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    let (area, background) = ui.allocate_exact_size(ui.available_size(), Sense::click());
    state.topology.fit(view, area, &theme);
    background.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, summary(view)));
    if background.clicked() {
        state.selection = None;
    }
    labels(ui, view, &state.topology.layout, &theme);
    for (index, node) in view.nodes.iter().enumerate() {
        let Some(place) = state.topology.layout.nodes.get(index) else {
            continue;
        };
        let response = component(ui, view, node, place, state.topology.layout.radius);
        let response = response.on_hover_text(describe(view, node));
        if response.clicked() {
            state.selection = Some(Selection {
                service: node.service.clone(),
                region: node.region,
            });
        }
    }
}

impl TopologyState {
    /// Makes the layout for an area if it is not the one at hand.
    pub fn fit(&mut self, view: &PlayerView, area: Rect, theme: &Theme) {
        let shape = (view.title.clone(), view.nodes.len(), view.links.len());
        if self.area == Some(area) && self.shape == shape {
            return;
        }
        if self.shape != shape {
            self.arrangement = Arrangement::of(view);
        }
        let label = LabelType {
            size: theme.size.tiny,
            line: theme.size.tiny + 2.0,
        };
        self.layout = self.arrangement.fitted(view, area.shrink(MARGIN), label);
        (self.area, self.shape) = (Some(area), shape);
    }
}

/// Names of regions and components, with the figure that matters most below each name where there is room.
pub fn labels(ui: &Ui, view: &PlayerView, layout: &Layout, theme: &Theme) {
    let painter = ui.painter();
    let palette = theme.palette;
    let tiny = theme.size.tiny * layout.scale;
    let line_height = (theme.size.tiny + 2.0) * layout.scale;
    for (index, (lane, region)) in layout.lanes.iter().zip(&view.regions).enumerate() {
        let at = lane.left_top() + vec2(theme.space.m, theme.space.s) * layout.scale;
        let name = painter.text(
            at,
            Align2::LEFT_TOP,
            region,
            theme.semibold(theme.size.body * layout.scale),
            palette.text,
        );
        let Some(flow) = view.main_flow() else {
            continue;
        };
        let Some(success) = flow
            .regions
            .get(index)
            .and_then(|figures| figures.success_ppm)
        else {
            continue;
        };
        let words = format!("{} {}", flow.name, format::share(success));
        let color = success_color(theme, success, view.objective_ppm);
        painter.text(
            name.left_bottom() + vec2(0.0, 2.0),
            Align2::LEFT_TOP,
            words,
            theme.mono(tiny),
            color,
        );
    }
    for (region, users) in layout.users.iter().enumerate() {
        let below = pos2(users.x, users.y + layout.radius + 4.0 * layout.scale);
        painter.text(
            below,
            Align2::CENTER_TOP,
            "Users",
            theme.medium(tiny),
            palette.text,
        );
        let rate: u64 = view
            .links
            .iter()
            .filter(|link| link.from.is_none() && usize::from(link.users_region) == region)
            .map(|link| link.figures.rate_milli)
            .sum();
        let below = below + vec2(0.0, line_height);
        painter.text(
            below,
            Align2::CENTER_TOP,
            format::rate(rate),
            theme.mono(tiny),
            palette.dim,
        );
    }
    // Where columns are too full for every name, those of what is unwell come first; the others are told where the pointer
    // is.
    let mut rows: Vec<(&NodeView, &Place)> = view.nodes.iter().zip(&layout.nodes).collect();
    rows.sort_by_key(|(node, _)| std::cmp::Reverse(node.health));
    // No name of what is well lies over another component.
    let disc = |place: &Place| {
        Rect::from_center_size(place.centre, vec2(2.0, 2.0) * (layout.radius * 0.9))
    };
    let discs: Vec<Rect> = layout.nodes.iter().map(disc).collect();
    let mut taken: Vec<Rect> = Vec::new();
    for (node, place) in rows {
        let room = place.label.0.shrink(1.0);
        let well = node.health < Health::Degraded;
        let covers = discs.iter().any(|disc| disc.intersects(room));
        if taken.iter().any(|other| other.intersects(room)) || well && covers {
            continue;
        }
        taken.push(room);
        let (name, figure_color) = inks(node.health, theme);
        let ground = place.label.0.expand2(vec2(2.0, 0.0));
        let inside = layout.lanes.iter().any(|lane| lane.contains(place.centre));
        let under = if inside {
            palette.surface
        } else {
            palette.canvas
        };
        painter.rect_filled(ground, theme.radius.small, veil(under, 0.72));
        let mut at = pos2(place.centre.x, place.label.0.top());
        let mut line = |text: &str, font: FontId, color: Color32| {
            painter.text(at, Align2::CENTER_TOP, text, font, color);
            at.y += line_height;
        };
        for text in &place.lines {
            line(text, theme.sans(tiny), name);
        }
        if place.figure {
            line(&figure(node), theme.mono(tiny - layout.scale), figure_color);
        }
    }
}

/// Colours of a component's name and figure.
fn inks(health: Health, theme: &Theme) -> (Color32, Color32) {
    let palette = theme.palette;
    match health {
        Health::Healthy => (palette.text, palette.dim),
        Health::Degraded => (palette.text, palette.degraded),
        Health::Failing => (palette.text, palette.failing),
        Health::Unknown => (palette.muted, palette.unknown),
    }
}

/// The one figure under a component's name: its errors where it has some, its 95th percentile otherwise.
fn figure(node: &NodeView) -> String {
    named_figure(node).0
}

/// The figure, and what it is.
fn named_figure(node: &NodeView) -> (String, &'static str) {
    match format::error_ppm(&node.figures) {
        None if node.figures.rate_milli == 0 && node.health != Health::Unknown => {
            ("idle".to_owned(), "")
        }
        None => ("no samples".to_owned(), ""),
        Some(ppm) if ppm >= 1_000 => (format::errors(ppm), " errors"),
        Some(_) => match node.figures.p95_us {
            Some(us) => (format::duration(us), " at the 95th percentile"),
            None => (format::rate(node.figures.rate_milli), " requests"),
        },
    }
}

/// The place where a component can be clicked, named for screen readers.
fn component(ui: &Ui, view: &PlayerView, node: &NodeView, place: &Place, radius: f32) -> Response {
    let rect =
        Rect::from_center_size(place.centre, vec2(2.0, 2.0) * (radius + 4.0)).union(place.label.0);
    let id = ui.id().with(("component", &node.service, node.region));
    let response = ui
        .interact(rect, id, Sense::click())
        .on_hover_cursor(egui::CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, describe(view, node)));
    if response.has_focus() {
        let theme = Theme::of(ui.ctx());
        let stroke = egui::Stroke::new(1.0, theme.palette.accent);
        ui.painter().rect_stroke(
            rect.expand(2.0),
            theme.radius.small,
            stroke,
            egui::StrokeKind::Outside,
        );
    }
    response
}

/// A component in one line.
fn describe(view: &PlayerView, node: &NodeView) -> String {
    let region = view
        .regions
        .get(usize::from(node.region))
        .map_or("", String::as_str);
    let (figure, what) = named_figure(node);
    let health = health_word(node.health);
    let lost = lost(view, node).map_or_else(String::new, |words| format!(", {words}"));
    format!(
        "{} in {region}: {health}, {figure}{what}{lost}",
        node.service
    )
}

/// Says so where calls are sent to a component and do not arrive there.
#[must_use]
pub fn lost(view: &PlayerView, node: &NodeView) -> Option<String> {
    let index = view
        .nodes
        .iter()
        .position(|other| std::ptr::eq(other, node))?;
    let to_it = view
        .links
        .iter()
        .filter(|link| usize::from(link.to) == index && link.from.is_some());
    let sent: u64 = to_it.map(|link| link.figures.rate_milli).sum();
    let arrived = node.figures.rate_milli;
    // Less than half: neither a scrape's edge nor ordinary time-outs.
    (sent >= LOST_MILLI && arrived * 2 < sent).then(|| {
        format!(
            "{} sent, {} arrive",
            format::rate(sent),
            format::rate(arrived)
        )
    })
}

/// The topology in one line, for who cannot see it.
fn summary(view: &PlayerView) -> String {
    let of = |health: Health| {
        view.nodes
            .iter()
            .filter(|node| node.health == health)
            .count()
    };
    format!(
        "Topology: {} components, {} failing, {} degraded, {} without samples",
        view.nodes.len(),
        of(Health::Failing),
        of(Health::Degraded),
        of(Health::Unknown)
    )
}

/// Health as a word.
#[must_use]
pub const fn health_word(health: Health) -> &'static str {
    match health {
        Health::Healthy => "healthy",
        Health::Degraded => "degraded",
        Health::Failing => "failing",
        Health::Unknown => "unknown",
    }
}
