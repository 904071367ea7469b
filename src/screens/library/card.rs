//! A scenario's card: its system at the left, what it is about and how one did at the right.

use egui::{
    Align, CursorIcon, Label, Layout, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, WidgetType, pos2, vec2,
};

use super::record::{inks, since};
use super::thumbnail::thumbnail;
use super::{Entry, Shelf};
use crate::field_guide;
use crate::scorebook::{DIMENSIONS, Score};
use crate::theme::Theme;
use crate::widgets::{section, text};

/// Least height of a card in points.
pub(super) const HEIGHT: f32 = 212.0;
/// Greatest height of a card in points: its picture is about square then.
pub(super) const TALLEST: f32 = 372.0;
/// Share of a card's width that its picture takes.
const PICTURE: f32 = 0.46;
/// Width from which facts and families of a scenario stand in one line each, in points.
const WIDE: f32 = 470.0;
/// Height of a title, of a line of facts and of a line of families, with the space around them, in points.
const HEAD: f32 = 56.0;
const FACTS: f32 = 26.0;
const CHIPS: f32 = 30.0;
/// Height of the row of scores at its foot in points.
const FOOT: f32 = 58.0;

/// Height a card needs within a width: that of its words and of its scores.
pub(super) fn needed(ui: &Ui, theme: &Theme, entry: &Entry, width: f32) -> f32 {
    let room = width - (width * PICTURE).round() - theme.space.s - theme.space.l;
    let summary = entry.scenario.summary.clone();
    let font = theme.sans(theme.size.body);
    let summary = ui
        .painter()
        .layout(summary, font, theme.palette.muted, room)
        .size()
        .y;
    // Facts and families may take two lines each where there is little room.
    let lines = if room < WIDE { 2.0 } else { 1.0 };
    let rest = HEAD + lines * (FACTS + CHIPS) + FOOT + 2.0 * theme.space.m;
    (summary + rest).max(HEIGHT)
}

/// Draws a card over the whole width.
pub(super) fn ui(
    ui: &mut Ui,
    theme: &Theme,
    shelf: &Shelf,
    index: usize,
    height: f32,
) -> Option<Response> {
    let palette = theme.palette;
    let entry = shelf.entries.get(index)?;
    let chosen = shelf.chosen == index;
    let scenario = &entry.scenario;
    let size = vec2(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| {
        let words = format!(
            "{}, difficulty {} of 5",
            scenario.title, scenario.difficulty
        );
        WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, words)
    });
    let line = if chosen || response.has_focus() {
        Stroke::new(1.5, palette.accent)
    } else if response.hovered() {
        Stroke::new(1.0, palette.dim)
    } else {
        Stroke::new(1.0, palette.line)
    };
    let painter = ui.painter();
    painter.rect_filled(rect, theme.radius.large, palette.surface);
    painter.rect_stroke(rect, theme.radius.large, line, StrokeKind::Inside);
    let split = rect.left() + (rect.width() * PICTURE).round();
    let picture = Rect::from_min_max(rect.min, pos2(split, rect.bottom())).shrink(theme.space.m);
    painter.rect_filled(picture, theme.radius.small, palette.canvas);
    thumbnail(painter, entry, picture, theme);
    let words = Rect::from_min_max(
        pos2(split + theme.space.s, rect.top() + theme.space.m),
        pos2(
            rect.right() - theme.space.l,
            rect.bottom() - theme.space.m - FOOT,
        ),
    );
    let layout = Layout::top_down(Align::Min);
    let mut above = ui.new_child(UiBuilder::new().max_rect(words).layout(layout));
    above.set_clip_rect(words.intersect(ui.clip_rect()));
    let suggested = shelf
        .suggestion
        .as_ref()
        .is_some_and(|(suggested, _)| *suggested == index);
    about(&mut above, theme, entry, suggested);
    trained(&mut above, theme, entry, words.bottom());
    let foot = Rect::from_min_max(
        pos2(words.left(), rect.bottom() - theme.space.m - FOOT),
        pos2(words.right(), rect.bottom() - theme.space.m),
    );
    ui.painter()
        .hline(foot.x_range(), foot.top(), Stroke::new(1.0, palette.line));
    let mut below = ui.new_child(UiBuilder::new().max_rect(foot).layout(layout));
    below.add_space(theme.space.s);
    if let Some(best) = shelf.book.best(&scenario.name) {
        let played = shelf.book.played(&scenario.name);
        scores(&mut below, theme, best, played);
    } else {
        below.label(text::caption(theme, "Your best"));
        section::empty(&mut below, "Not played to the end yet.");
    }
    Some(response)
}

/// Five steps of difficulty, the number said as well.
fn difficulty(ui: &mut Ui, theme: &Theme, level: u8) {
    ui.label(text::quiet(theme, format!("Difficulty {level} of 5")));
    for step in 1..=5 {
        let (dot, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
        if step <= level {
            ui.painter()
                .rect_filled(dot.shrink(0.5), 2, theme.palette.accent);
        } else {
            let stroke = Stroke::new(1.0, theme.palette.line);
            ui.painter()
                .rect_stroke(dot.shrink(0.5), 2, stroke, StrokeKind::Inside);
        }
    }
}

/// Title, summary, and what it takes.
fn about(ui: &mut Ui, theme: &Theme, entry: &Entry, suggested: bool) {
    let scenario = &entry.scenario;
    ui.horizontal(|ui| {
        let title = RichText::new(&scenario.title)
            .font(theme.semibold(theme.size.heading))
            .color(theme.palette.text);
        ui.label(title);
        if suggested {
            section::chip(ui, "suggested next", theme.palette.accent);
        }
    });
    let summary = RichText::new(&scenario.summary)
        .font(theme.sans(theme.size.body))
        .color(theme.palette.muted);
    ui.add(Label::new(summary).wrap());
    ui.add_space(theme.space.s);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs;
        difficulty(ui, theme, scenario.difficulty);
        // From the page on: what comes before goes by quickly.
        let minutes = scenario.horizon_ns.saturating_sub(scenario.page_latest_ns) / 60_000_000_000;
        // Each stays in one piece where the line is broken.
        let size = format!(
            "  {} services in {} regions",
            scenario.services.len(),
            scenario.blueprint.regions.len()
        );
        for words in [format!("  up to {minutes} min"), size] {
            ui.add(Label::new(text::quiet(theme, words)).extend());
        }
    });
}

/// What the scenario trains, family by family.
fn families(ui: &mut Ui, theme: &Theme, entry: &Entry) {
    ui.add_space(theme.space.xs);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(theme.space.xs);
        for (family, ids) in field_guide::by_family(&entry.scenario.skills) {
            let words = format!("{} {}", family.name, ids.len());
            section::chip(ui, &words, theme.palette.muted).on_hover_text(field_guide::rules(&ids));
        }
    });
}

/// What the scenario trains: rule by rule where that has room above `bottom`, family by family otherwise.
fn trained(ui: &mut Ui, theme: &Theme, entry: &Entry, bottom: f32) {
    let width = ui.available_width();
    let lines = field_guide::by_family(&entry.scenario.skills)
        .into_iter()
        .map(|(family, ids)| {
            let words: Vec<&str> = ids.iter().filter_map(|id| field_guide::rule(id)).collect();
            let mut job = text::Line::default()
                .add(
                    &format!("{}  ", family.name),
                    theme.medium(theme.size.small),
                    theme.palette.text,
                )
                .add(
                    &words.join(" · "),
                    theme.sans(theme.size.small),
                    theme.palette.muted,
                )
                .job();
            job.wrap.max_width = width;
            ui.painter().layout_job(job)
        });
    let lines: Vec<_> = lines.collect();
    let needed: f32 = lines
        .iter()
        .map(|line| line.size().y + theme.space.xs)
        .sum();
    if ui.cursor().top() + theme.space.s + needed > bottom - theme.space.s {
        families(ui, theme, entry);
        return;
    }
    ui.add_space(theme.space.s);
    for line in lines {
        ui.add(Label::new(line));
    }
}

/// The best score so far.
fn scores(ui: &mut Ui, theme: &Theme, best: &Score, played: Option<(usize, u64)>) {
    ui.horizontal(|ui| {
        ui.label(text::caption(theme, "Your best"));
        if let Some((times, last)) = played {
            let times = match times {
                1 => "played once".to_owned(),
                times => format!("played {times} times"),
            };
            ui.label(text::quiet(theme, format!("{times}, last {}", since(last))));
        }
    });
    ui.horizontal(|ui| {
        let overall = text::Line::default()
            .add(
                &best.overall.to_string(),
                theme.mono(theme.size.figure),
                theme.palette.text,
            )
            .add(" / 100   ", theme.mono(theme.size.small), theme.palette.dim);
        ui.label(overall.job());
        for ((dimension, name), ink) in DIMENSIONS.into_iter().zip(inks(theme)) {
            let line = text::Line::default()
                .add(
                    &format!("{} ", best.points(dimension)),
                    theme.mono(theme.size.body),
                    ink,
                )
                .add(
                    &name.to_lowercase(),
                    theme.sans(theme.size.small),
                    theme.palette.muted,
                );
            ui.label(line.job());
        }
    });
}
