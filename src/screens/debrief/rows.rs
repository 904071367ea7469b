//! Lists of the debrief: criteria, diagnosis, actions, messages.

use brownout_session::score::{Criterion, Dimension};
use egui::{Align, Color32, Label, Layout, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::page::State;
use crate::evaluation::Debrief;
use crate::evaluation::debrief::{Sent, Standing};
use crate::evaluation::diagnosis::Part;
use crate::field_guide;
use crate::theme::Theme;
use crate::widgets::mark::{self, Direction};
use crate::widgets::{section, text};

/// Width of the first column in points.
const FIRST: f32 = 72.0;
/// Room of the sign of a jump in points.
const ARROW: f32 = 11.0;
/// Times shown per criterion.
const EVIDENCE: usize = 5;

/// A hairline over the whole width.
fn hairline(ui: &mut Ui, theme: &Theme) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 9.0), Sense::hover());
    ui.painter().hline(
        rect.x_range(),
        rect.center().y.round() + 0.5,
        Stroke::new(1.0, theme.palette.line),
    );
}

/// A time that jumps to the moment of its journal entry.
fn jump(
    ui: &mut Ui,
    theme: &Theme,
    debrief: &Debrief,
    state: &mut State,
    (seq, at_ns): (u64, u64),
) {
    let moment = debrief.moment_at(seq);
    let here = moment.is_some() && moment == state.cursor;
    let palette = theme.palette;
    let words = debrief.clock(at_ns);
    let galley =
        ui.painter()
            .layout_no_wrap(words.clone(), theme.mono(theme.size.tiny), palette.accent);
    let size = galley.size() + vec2(10.0 + ARROW, 5.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    response.widget_info(|| {
        WidgetInfo::selected(
            WidgetType::Button,
            true,
            here,
            format!("Jump to {words}, record {seq}"),
        )
    });
    let lit = here || response.hovered() || response.has_focus();
    let fill = if lit { palette.hover } else { palette.raised };
    ui.painter().rect_filled(rect, theme.radius.small, fill);
    if lit {
        let stroke = Stroke::new(1.0, palette.accent);
        ui.painter()
            .rect_stroke(rect, theme.radius.small, stroke, egui::StrokeKind::Inside);
    }
    ui.painter()
        .galley(rect.min + vec2(5.0, 2.5), galley, palette.accent);
    let tip = pos2(rect.right() - 7.0, rect.center().y);
    mark::triangle(ui.painter(), tip, 3.0, palette.accent, Direction::Down);
    let response = match moment.and_then(|index| debrief.moments.get(index)) {
        Some(moment) => response.on_hover_text(&moment.words),
        None => response,
    };
    if response.clicked() {
        state.cursor = moment;
    }
}

/// A cell of fixed width at the left of a row.
fn first(ui: &mut Ui, theme: &Theme, words: &str, color: Color32) {
    ui.allocate_ui_with_layout(vec2(FIRST, 18.0), Layout::top_down(Align::Min), |ui| {
        ui.set_width(FIRST);
        ui.label(text::number(theme, words, color));
    });
}

/// Criteria of one dimension.
pub(super) fn criteria(
    ui: &mut Ui,
    theme: &Theme,
    debrief: &Debrief,
    state: &mut State,
    (dimension, name): (Dimension, &str),
) {
    section::title(ui, &format!("{name}, criterion by criterion"), |_| {});
    if debrief.score.is_none() {
        section::empty(ui, "Being scored. This takes a few seconds.");
        return;
    }
    for row in debrief.criteria_of(dimension) {
        hairline(ui, theme);
        criterion(ui, theme, debrief, state, row);
    }
}

fn criterion(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &mut State, row: &Criterion) {
    let palette = theme.palette;
    let color = if row.earned == row.max {
        palette.healthy
    } else if row.earned * 2 >= row.max {
        palette.degraded
    } else {
        palette.failing
    };
    ui.horizontal_top(|ui| {
        let points = format!("{:>2} / {}", row.earned, row.max);
        first(ui, theme, &points, color);
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = theme.space.xs;
            // As low as the points beside it.
            ui.spacing_mut().interact_size.y = 18.0;
            ui.horizontal(|ui| {
                let title = field_guide::criterion(row.id).unwrap_or(row.id);
                ui.label(text::name(theme, title));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.label(text::number(theme, row.rules.join(" "), palette.dim))
                        .on_hover_text(field_guide::rules(row.rules));
                });
            });
            let why = ui.add(Label::new(text::quiet(theme, &row.why)).wrap());
            let terms = said(&row.why);
            if !terms.is_empty() {
                why.on_hover_text(terms);
            }
            if !row.better.is_empty() {
                let better = text::Line::default()
                    .add("better: ", theme.medium(theme.size.small), palette.accent)
                    .add(row.better, theme.sans(theme.size.small), palette.text);
                ui.add(Label::new(better.job()).wrap());
            }
            evidence(ui, theme, debrief, state, row);
        });
    });
}

/// Times of what a criterion rests on.
fn evidence(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &mut State, row: &Criterion) {
    if row.evidence.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(theme.space.xs, theme.space.xs);
        ui.label(text::quiet(theme, "see").color(theme.palette.dim));
        for seq in row.evidence.iter().take(EVIDENCE) {
            if let Some(at_ns) = debrief.times.get(seq) {
                jump(ui, theme, debrief, state, (*seq, *at_ns));
            }
        }
        if row.evidence.len() > EVIDENCE {
            let more = format!("and {} more", row.evidence.len() - EVIDENCE);
            ui.label(text::quiet(theme, more));
        }
    });
}

/// What the uncommon words of a sentence mean.
fn said(sentence: &str) -> String {
    let terms = field_guide::TERMS.iter();
    let lines: Vec<String> = terms
        .filter(|(term, _)| sentence.contains(term))
        .map(|(term, meaning)| format!("{term}: {meaning}"))
        .collect();
    lines.join("\n")
}

/// What the uncommon words of the page mean.
pub(super) fn terms(ui: &mut Ui, theme: &Theme) {
    section::title(ui, "Words of this page", |_| {});
    for (term, meaning) in field_guide::TERMS {
        let line = text::Line::default()
            .add(
                &format!("{term}  "),
                theme.medium(theme.size.small),
                theme.palette.text,
            )
            .add(meaning, theme.sans(theme.size.small), theme.palette.muted);
        ui.add(Label::new(line.job()).wrap());
    }
}

/// The diagnosis part by part, and what really happened.
pub(super) fn diagnosis(ui: &mut Ui, theme: &Theme, debrief: &Debrief) {
    section::title(ui, "Diagnosis", |_| {});
    for part in &debrief.diagnosis {
        ui.horizontal_top(|ui| diagnosed(ui, theme, part));
    }
    if !debrief.explanation.is_empty() {
        hairline(ui, theme);
        ui.add(Label::new(text::body(theme, &debrief.explanation)).wrap());
    }
}

fn diagnosed(ui: &mut Ui, theme: &Theme, part: &Part) {
    let palette = theme.palette;
    let (sign, color) = if part.right {
        ("✓", palette.healthy)
    } else if part.named.is_empty() {
        ("–", palette.degraded)
    } else {
        ("✗", palette.failing)
    };
    let yours = if part.right {
        String::new()
    } else if part.named.is_empty() {
        "  not named".to_owned()
    } else {
        format!("  you said {}", part.named)
    };
    let line = text::Line::default()
        .add(
            &format!("{sign} {:<11} ", part.name),
            theme.mono(theme.size.small),
            color,
        )
        .add(&part.truth, theme.mono(theme.size.small), palette.text)
        .add(&yours, theme.sans(theme.size.small), color);
    ui.add(Label::new(line.job()).wrap());
}

/// What was done, numbered as the curves are.
pub(super) fn actions(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &mut State) {
    section::title(ui, "Your actions", |_| {});
    if debrief.actions.is_empty() {
        section::empty(ui, "None: nothing was changed, captured or asked for.");
    }
    for act in &debrief.actions {
        ui.horizontal_top(|ui| {
            jump(ui, theme, debrief, state, (act.seq, act.at_ns));
            let line = text::Line::default()
                .add(
                    &format!("{} ", act.number),
                    theme.mono(theme.size.small),
                    if act.changes {
                        theme.palette.accent
                    } else {
                        theme.palette.dim
                    },
                )
                .add(&act.title, theme.sans(theme.size.body), theme.palette.text);
            ui.add(Label::new(line.job()).wrap());
        });
    }
}

/// Messages with their claims checked.
pub(super) fn messages(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &mut State) {
    section::title(ui, "Messages, claims checked against the world", |_| {});
    if debrief.messages.is_empty() {
        section::empty(ui, "None were sent: nobody outside knew what was going on.");
    }
    for sent in &debrief.messages {
        hairline(ui, theme);
        message(ui, theme, debrief, state, sent);
    }
}

fn message(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &mut State, sent: &Sent) {
    let palette = theme.palette;
    ui.horizontal_top(|ui| {
        jump(ui, theme, debrief, state, (sent.seq, sent.at_ns));
        ui.vertical(|ui| {
            let line = text::Line::default()
                .add(
                    &format!("{}, {}  ", sent.audience, sent.status),
                    theme.sans(theme.size.body),
                    palette.muted,
                )
                .add(&sent.words, theme.sans(theme.size.body), palette.text);
            ui.add(Label::new(line.job()).wrap());
            let mut claims = text::Line::default();
            for claim in &sent.claims {
                let (sign, color) = match claim.standing {
                    Standing::True => ("✓", palette.healthy),
                    Standing::False => ("✗", palette.failing),
                    Standing::Open => ("·", palette.dim),
                };
                claims = claims.add(
                    &format!("{sign} {}   ", claim.claim),
                    theme.sans(theme.size.small),
                    color,
                );
            }
            ui.add(Label::new(claims.job()).wrap());
        });
    });
}
