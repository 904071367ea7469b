//! The graph of the system during the run, with the truth marked for its author.

use egui::epaint::CubicBezierShape;
use egui::{Color32, Pos2, Rect, Stroke, Ui, UiBuilder, pos2, vec2};

use super::{AuthorView, State, picture};
use crate::author::{Course, facts};
use crate::panels::topology::{self, layout::curve};
use crate::theme::Theme;
use crate::widgets::text;

/// Height of the line above the graph in points.
const LINE: f32 = 20.0;

/// Draws names, figures and marks; discs and calls are drawn below by the engine.
pub(super) fn ui(ui: &mut Ui, view: &AuthorView<'_>, course: &Course, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    let all = ui.available_rect_before_wrap();
    let Some(picture) = picture(course, state).cloned() else {
        return;
    };
    let head = Rect::from_min_max(all.min, pos2(all.right(), all.top() + LINE));
    let mut above = ui.new_child(UiBuilder::new().max_rect(head.shrink2(vec2(8.0, 0.0))));
    let onset_ns = course.onset_ns();
    let relative = if picture.now_ns < onset_ns {
        format!(
            "{} before the onset",
            facts::span(onset_ns - picture.now_ns)
        )
    } else {
        format!("{} after the onset", facts::span(picture.now_ns - onset_ns))
    };
    let latest = if state.at_ns.is_none() && view.running {
        ", running"
    } else {
        ""
    };
    let (more, ink) = if state.truth_shown {
        let truth = &course.scenario.truth;
        let service = course
            .scenario
            .blueprint
            .services
            .get(truth.component.index());
        let service = service.map_or("", |service| service.name.as_str());
        let words = if truth.control {
            format!(
                "A control: nothing is broken. The thick ring is what it looks like: {service} ({}).",
                truth.mechanism
            )
        } else {
            format!(
                "At fault: {service} ({}), thick ring. The line is the failure's way to the users.",
                truth.mechanism
            )
        };
        (words, theme.palette.alternative)
    } else {
        let words = "← → or a press on a chart: another time. A component leads to its lines.";
        (words.to_owned(), theme.palette.muted)
    };
    let line = text::Line::default()
        .add(
            &format!("{}  ", picture.clock(picture.now_ns)),
            theme.mono(theme.size.small),
            theme.palette.text,
        )
        .add(
            &format!("{relative}{latest}.  "),
            theme.sans(theme.size.small),
            theme.palette.muted,
        )
        .add(&more, theme.sans(theme.size.small), ink);
    above
        .add(egui::Label::new(line.job()).truncate())
        .on_hover_text(more);
    let before = state.map.selection.clone();
    let rest = Rect::from_min_max(pos2(all.left(), head.bottom()), all.max);
    let mut below = ui.new_child(UiBuilder::new().max_rect(rest));
    topology::ui(&mut below, &picture, &mut state.map, &mut Vec::new());
    if state.truth_shown {
        truth(&below, course, state, &theme);
    }
    // What was selected leads to where it is written.
    if state.map.selection != before
        && let Some(selection) = &state.map.selection
        && let Some((_, file, line)) = view
            .services
            .iter()
            .find(|(name, ..)| *name == selection.service)
    {
        let (file, line) = (*file, *line);
        let part = state.part;
        state.go_to(file, line);
        // Where only one part has room the graph stays: F shows the lines.
        state.part = part;
    }
}

/// Marks the component at fault and the way the failure takes.
fn truth(ui: &Ui, course: &Course, state: &State, theme: &Theme) {
    let scenario = &course.scenario;
    let truth = &scenario.truth;
    let layout = &state.map.topology.layout;
    let Some(picture) = picture(course, state) else {
        return;
    };
    let color = theme.palette.alternative;
    let name = |service: usize| {
        let service = scenario.blueprint.services.get(service);
        service.map_or("", |service| service.name.as_str())
    };
    let path: Vec<&str> = truth.path.iter().map(|id| name(id.index())).collect();
    let regions: Vec<u16> = truth
        .regions
        .iter()
        .filter_map(|id| u16::try_from(id.index()).ok())
        .collect();
    let affected = |region: u16| regions.is_empty() || regions.contains(&region);
    let service = |index: u16| picture.nodes.get(usize::from(index));
    let painter = ui.painter();
    for (link, way) in picture.links.iter().zip(&layout.ways) {
        let Some((from, to)) = link.from.and_then(service).zip(service(link.to)) else {
            continue;
        };
        // The path leads from the guilty component to the users, calls the other way.
        let on_path = path
            .windows(2)
            .any(|pair| pair[0] == to.service && pair[1] == from.service);
        if !on_path || !affected(from.region) {
            continue;
        }
        let ends = link.from.map(usize::from).zip(Some(usize::from(link.to)));
        let ends =
            ends.and_then(|(from, to)| Some((layout.nodes.get(from)?, layout.nodes.get(to)?)));
        if let Some((from, to)) = ends {
            let points: Vec<Pos2> = [&[from.centre], way.as_slice(), &[to.centre]].concat();
            for pair in points.windows(2) {
                let stroke = Stroke::new(2.5, color);
                let handles = curve(pair[0], pair[1]);
                painter.add(CubicBezierShape::from_points_stroke(
                    handles,
                    false,
                    Color32::TRANSPARENT,
                    stroke,
                ));
            }
        }
    }
    let guilty = name(truth.component.index());
    for (node, place) in picture.nodes.iter().zip(&layout.nodes) {
        let at_fault = node.service == guilty;
        if !(at_fault || path.contains(&node.service.as_str())) || !affected(node.region) {
            continue;
        }
        // Between the disc and its name.
        let radius = layout.radius + 2.0 * layout.scale;
        let width = if at_fault { 3.0 } else { 1.5 };
        painter.circle_stroke(place.centre, radius, Stroke::new(width, color));
    }
}
