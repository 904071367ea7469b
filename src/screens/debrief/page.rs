//! The page of the debrief: header, score cards, the harm over time at the left, criteria and messages at the right.

use std::path::PathBuf;
use std::sync::Arc;

use brownout_session::score::Dimension;
use egui::{
    Align, Color32, CursorIcon, Frame, Galley, Label, Layout, Margin, Rect, ScrollArea, Sense,
    Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2,
};

use super::{Wish, pictures, rows, timeline};
use crate::evaluation::Debrief;
use crate::evaluation::export::Format;
use crate::screens::library::record::empty_bar;
use crate::theme::Theme;
use crate::widgets::{button, fade, section, text};

/// What the page remembers between frames.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The dimension whose criteria are open, 0 to 2.
    pub dimension: usize,
    /// Where leaving leads, on the button.
    pub leads_to: &'static str,
    /// One line about the last export.
    pub note: String,
    /// The report file written last.
    pub exported: Option<PathBuf>,
    /// How many runs are done, of how many, while the score is computed.
    pub progress: Option<(usize, usize)>,
    /// The moment jumped to.
    pub cursor: Option<usize>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            dimension: 0,
            leads_to: "Library",
            note: String::new(),
            exported: None,
            progress: None,
            cursor: None,
        }
    }
}

/// Dimensions in the order of their cards.
const DIMENSIONS: [(Dimension, &str); 3] = [
    (Dimension::Containment, "Containment"),
    (Dimension::Hypotheses, "Hypotheses"),
    (Dimension::Communication, "Communication"),
];
/// Least height of the score cards in points.
const CARD: f32 = 124.0;
/// Height of the caption of a card with the space below it, in points.
const CAPTION: f32 = 20.0;
/// Width of the points that something would have earned, in points of the screen.
const POINTS: f32 = 34.0;

/// Draws the page over the whole window.
pub(super) fn ui(ui: &mut Ui, debrief: &Debrief, state: &mut State, wishes: &mut Vec<Wish>) {
    let theme = Theme::of(ui.ctx());
    let screen = ui.max_rect();
    ui.painter().rect_filled(screen, 0, theme.palette.canvas);
    let strip_height = timeline::height(screen.height());
    let builder = UiBuilder::new().max_rect(screen.shrink2(vec2(theme.space.xl, theme.space.l)));
    ui.scope_builder(builder, |ui| {
        header(ui, &theme, debrief, state, wishes);
        if !state.note.is_empty() {
            note(ui, &theme, state, wishes);
        }
        ui.add_space(theme.space.m);
        cards(ui, &theme, debrief, state);
        ui.add_space(theme.space.m);
        let height = (ui.available_height() - strip_height).max(120.0);
        let shown = ScrollArea::vertical()
            .auto_shrink([false, false])
            .max_height(height)
            .show(ui, |ui| body(ui, &theme, debrief, state, height));
        fade::lower_edge(ui, &shown, theme.palette.canvas);
    });
    let strip = Rect::from_min_max(
        pos2(screen.left(), screen.bottom() - strip_height),
        screen.max,
    );
    ui.painter().rect_filled(strip, 0, theme.palette.surface);
    ui.painter().hline(
        strip.x_range(),
        strip.top() + 0.5,
        Stroke::new(1.0, theme.palette.line),
    );
    let inner = strip.shrink2(vec2(theme.space.xl, theme.space.s));
    ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
        timeline::ui(ui, debrief, state);
    });
}

fn header(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &State, wishes: &mut Vec<Wish>) {
    // The buttons keep their place at the right; the title takes the rest and is cut where it must.
    ui.horizontal(|ui| {
        ui.set_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let export = |format| (button::Weight::Normal, Wish::Export(format));
            let buttons = [
                ("Again", "A", (button::Weight::Primary, Wish::Again)),
                (state.leads_to, "L", (button::Weight::Normal, Wish::Leave)),
                ("Copy", "C", (button::Weight::Normal, Wish::Copy)),
                ("JSON", "J", export(Format::Json)),
                ("Markdown", "M", export(Format::Markdown)),
                ("HTML", "E", export(Format::Html)),
            ];
            for (words, key, (weight, wish)) in buttons {
                if button::button(ui, words, Some(key), weight).clicked() {
                    wishes.push(wish);
                }
            }
            ui.label(text::quiet(theme, "Export"));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(text::caption(theme, "Debrief"));
                let line = text::Line::default()
                    .add(
                        &debrief.title,
                        theme.semibold(theme.size.heading),
                        theme.palette.text,
                    )
                    .add(
                        &format!("   {} · seed {}", debrief.ending(), debrief.seed),
                        theme.sans(theme.size.small),
                        theme.palette.muted,
                    );
                ui.add(Label::new(line.job()).truncate())
                    .on_hover_text(SEED);
            });
        });
    });
}

/// What a seed is.
const SEED: &str = "Scenario and seed make the incident: the same seed is the same traffic and the same truth again, \
    another seed another night.";

/// What came of the last export, and what can be done with the file.
fn note(ui: &mut Ui, theme: &Theme, state: &State, wishes: &mut Vec<Wish>) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let buttons = [
                ("Open", "O", Wish::Open),
                ("Open folder", "F", Wish::OpenFolder),
            ];
            for (words, key, wish) in buttons {
                if state.exported.is_some()
                    && button::button(ui, words, Some(key), button::Weight::Normal).clicked()
                {
                    wishes.push(wish);
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(text::quiet(theme, &state.note)).truncate());
            });
        });
    });
}

/// Three scores and what would have helped most, as high as the words need.
fn cards(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &mut State) {
    let gap = theme.space.m;
    let all = ui.available_width();
    let last = (all * 0.4).max(300.0);
    let width = (all - last - 3.0 * gap) / 3.0;
    let helped: Vec<Helped> = debrief
        .would_have_helped()
        .into_iter()
        .map(|row| Helped {
            points: row.max - row.earned,
            words: wrapped(ui, theme, row.better, last - 2.0 * theme.space.l - POINTS),
        })
        .collect();
    let words: f32 = helped
        .iter()
        .map(|row| row.words.size().y + theme.space.xs)
        .sum();
    let height = (words + 2.0 * theme.space.m + CAPTION).max(CARD);
    let (row, _) = ui.allocate_exact_size(vec2(all, height), Sense::hover());
    let inks = [
        theme.palette.accent,
        theme.palette.healthy,
        theme.palette.degraded,
    ];
    for (index, ((dimension, name), ink)) in DIMENSIONS.into_iter().zip(inks).enumerate() {
        let offset = [0.0, 1.0, 2.0][index] * (width + gap);
        let rect = Rect::from_min_size(row.min + vec2(offset, 0.0), vec2(width, height));
        let points = debrief.score.as_ref().map(|score| match dimension {
            Dimension::Containment => score.containment,
            Dimension::Hypotheses => score.hypotheses,
            Dimension::Communication => score.communication,
        });
        let mut rows = debrief.criteria_of(dimension).peekable();
        let full = rows.peek().is_some().then(|| {
            let (full, all) = rows.fold((0, 0), |(full, all), row| {
                (full + u32::from(row.earned == row.max), all + 1)
            });
            format!("{full} of {all} in full")
        });
        let card = Card {
            index,
            name,
            points,
            full,
            ink,
        };
        if score_card(ui, theme, rect, &card, state.dimension) {
            state.dimension = index;
        }
    }
    let rect = Rect::from_min_max(pos2(row.right() - last, row.top()), row.max);
    panel(ui, theme, rect, theme.palette.line);
    let inner = rect.shrink2(vec2(theme.space.l, theme.space.m));
    // A child of its own: what stands at a fixed place does not move what comes after the row.
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
    child.spacing_mut().item_spacing.y = theme.space.xs;
    helped_most(&mut child, theme, debrief, state, helped);
}

/// Words laid out within a width.
fn wrapped(ui: &Ui, theme: &Theme, words: &str, width: f32) -> Arc<Galley> {
    let font = theme.sans(theme.size.small);
    ui.painter()
        .layout(words.to_owned(), font, theme.palette.text, width)
}

/// A move that would have earned points.
struct Helped {
    points: u32,
    words: Arc<Galley>,
}

/// The three moves that would have earned most.
fn helped_most(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &State, rows: Vec<Helped>) {
    ui.label(text::caption(theme, "Would have helped most, in points"));
    if rows.is_empty() {
        if debrief.score.is_some() {
            section::empty(ui, "Nothing: every point was earned.");
        } else {
            progress(ui, theme, state.progress);
        }
    }
    for row in rows {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let points = format!("+{}", row.points);
            let size = vec2(POINTS, row.words.size().y);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Min), |ui| {
                ui.set_min_size(size);
                ui.label(text::number(theme, points, theme.palette.degraded));
            });
            ui.label(row.words);
        });
    }
}

/// How far the score is.
fn progress(ui: &mut Ui, theme: &Theme, progress: Option<(usize, usize)>) {
    let words = progress.map_or_else(
        || "Being scored: the run is played again without each move.".to_owned(),
        |(done, of)| format!("Being scored: {done} of {of} runs with other moves are played."),
    );
    section::empty(ui, &words);
    let (track, _) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
    empty_bar(ui, theme, track);
    let (done, of) = progress.unwrap_or((0, 1));
    let count = |runs: usize| f32::from(u16::try_from(runs).unwrap_or(u16::MAX));
    let share = count(done) / count(of).max(1.0);
    let done = Rect::from_min_size(track.min, vec2(track.width() * share, track.height()));
    ui.painter().rect_filled(done, 2, theme.palette.accent);
}

fn panel(ui: &Ui, theme: &Theme, rect: Rect, line: Color32) {
    let painter = ui.painter();
    painter.rect_filled(rect, theme.radius.large, theme.palette.surface);
    painter.rect_stroke(
        rect,
        theme.radius.large,
        Stroke::new(1.0, line),
        StrokeKind::Inside,
    );
}

/// A score.
struct Card {
    index: usize,
    name: &'static str,
    points: Option<u32>,
    /// How many of its criteria earned everything, in words.
    full: Option<String>,
    ink: Color32,
}

/// A score with its bar; pressing it opens its criteria.
fn score_card(ui: &mut Ui, theme: &Theme, rect: Rect, card: &Card, open: usize) -> bool {
    let Card {
        index,
        name,
        points,
        ink,
        ..
    } = *card;
    let palette = theme.palette;
    let response = ui
        .interact(rect, ui.id().with(("score", index)), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| {
        let words = points.map_or_else(
            || format!("{name}, being scored"),
            |points| format!("{name} {points} of 100"),
        );
        WidgetInfo::selected(WidgetType::SelectableLabel, true, open == index, words)
    });
    let line = if open == index || response.has_focus() {
        ink
    } else {
        palette.line
    };
    panel(ui, theme, rect, line);
    let inner = rect.shrink2(vec2(theme.space.l, theme.space.m));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
    {
        let ui = &mut child;
        ui.horizontal(|ui| {
            ui.label(text::caption(theme, name));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                button::key_cap(ui, &(index + 1).to_string());
            });
        });
        let figure = points.map_or_else(|| "–".to_owned(), |points| points.to_string());
        let line = text::Line::default()
            .add(&figure, theme.mono(theme.size.figure * 1.7), ink)
            .add("  / 100", theme.mono(theme.size.small), palette.dim);
        ui.label(line.job());
        if let Some(words) = &card.full {
            ui.add(Label::new(text::quiet(theme, words)).truncate());
        }
    }
    let track = Rect::from_min_max(
        pos2(inner.left(), inner.bottom() - 4.0),
        pos2(inner.right(), inner.bottom()),
    );
    empty_bar(ui, theme, track);
    let share = f32::from(u16::try_from(points.unwrap_or(0).min(100)).unwrap_or(0)) / 100.0;
    let done = Rect::from_min_size(track.min, vec2(track.width() * share, track.height()));
    ui.painter().rect_filled(done, 2, ink);
    response.clicked()
}

/// A framed part of a column.
fn framed(ui: &mut Ui, theme: &Theme, contents: impl FnOnce(&mut Ui)) {
    Frame::new()
        .fill(theme.palette.surface)
        .stroke(Stroke::new(1.0, theme.palette.line))
        .corner_radius(theme.radius.large)
        .inner_margin(Margin::symmetric(16, 12))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            contents(ui);
        });
    ui.add_space(theme.space.m);
}

/// Both columns; `seen` is how much of them is seen at once, in points.
fn body(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &mut State, seen: f32) {
    let gap = theme.space.m;
    let width = (ui.available_width() - gap) / 2.0;
    ui.horizontal_top(|ui| {
        let within = ui.spacing().item_spacing.x;
        ui.spacing_mut().item_spacing.x = gap;
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.x = within;
            ui.set_width(width);
            framed(ui, theme, |ui| {
                pictures::harm(ui, theme, debrief, state, seen);
            });
            framed(ui, theme, |ui| {
                pictures::beliefs(ui, theme, debrief, state, seen);
            });
            framed(ui, theme, |ui| rows::diagnosis(ui, theme, debrief));
            framed(ui, theme, |ui| rows::actions(ui, theme, debrief, state));
            framed(ui, theme, |ui| rows::terms(ui, theme));
        });
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.x = within;
            ui.set_width(width);
            let (dimension, name) = DIMENSIONS[state.dimension.min(2)];
            framed(ui, theme, |ui| {
                rows::criteria(ui, theme, debrief, state, (dimension, name));
            });
            framed(ui, theme, |ui| rows::messages(ui, theme, debrief, state));
        });
    });
}
