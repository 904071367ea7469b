//! Hypotheses with their predictions and evidence.

use brownout_session::command::{Command, Look, Verdict};
use brownout_session::view::{HypothesisView, PlayerView, PredictionOutcome};
use egui::{
    EventFilter, Key, Label, Modifiers, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::super::intent::Intent;
use super::super::lookup::Lookup;
use super::super::state::State;
use super::super::{dock, pins, words};
use super::evidence;
use super::form::{self, Form};
use super::refine::{self, Refinement};
use super::verdict::{self, Standing};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// Draws the list and the form for a new one.
pub fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let theme = Theme::of(ui.ctx());
    let mut open = false;
    section::title(ui, "Hypotheses", |ui| {
        if state.board.form.is_none() {
            open = button(ui, "New", Some("H"), Weight::Normal).clicked();
        }
    });
    if open {
        state.board.form = Some(Form::new(view, state));
    }
    form::ui(ui, view, lookup, state, intents);
    refine::ui(ui, view, state, intents);
    pins::clipboard(ui, view, state);
    if view.hypotheses.is_empty() && state.board.form.is_none() {
        section::empty(
            ui,
            "Write a suspect and a mechanism down, and what would show it.",
        );
    }
    let chosen = state.board.chosen(view);
    if state.board.judging {
        state.board.judging = !verdict::judged(ui, view, chosen, intents);
    }
    for (index, hypothesis) in view.hypotheses.iter().enumerate() {
        let is_chosen = chosen == Some(hypothesis.id);
        let standing = match (is_chosen, state.board.judging) {
            (false, _) => Standing::Other,
            (true, false) => Standing::Chosen,
            (true, true) => Standing::Judged,
        };
        let (asked, again) = card(ui, view, hypothesis, index, standing, intents, &theme);
        if asked.is_some() {
            state.board.hypothesis = Some(hypothesis.id);
        }
        if asked == Some(Asked::Judge) {
            state.board.judging = true;
        }
        if asked == Some(Asked::Refine) {
            state.board.refinement = Refinement::new(view, state);
        }
        if let Some(look) = again {
            dock::reopen(view, state, &look);
        }
        ui.add_space(theme.space.xs);
    }
    if !view.hypotheses.is_empty() {
        let held: u32 = view
            .hypotheses
            .iter()
            .filter(|h| matches!(h.verdict, Verdict::Open | Verdict::Supported))
            .map(|h| u32::from(h.confidence))
            .sum();
        ui.horizontal(|ui| {
            ui.label(text::quiet(&theme, "something else"));
            let rest = if held > 100 {
                format!("0 % (yours add up to {held} %)")
            } else {
                format!("{} %", 100 - held)
            };
            ui.label(text::number(&theme, rest, theme.palette.muted));
        });
    }
}

/// What a click on a card asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// Pins go to it.
    Choose,
    /// The form for what became known later.
    Refine,
    /// The verdict, by key.
    Judge,
}

/// What became known later: what set it off, what keeps it going, which way it takes.
fn known(ui: &mut Ui, hypothesis: &HypothesisView, theme: &Theme) {
    let trigger = hypothesis.written.trigger.as_deref();
    let sustaining = hypothesis.sustaining.as_deref().map(words::mechanism);
    let path = hypothesis.path.join(" → ");
    let lines = [
        ("set off by", trigger),
        ("kept going by", sustaining),
        ("path", Some(path.as_str())),
    ];
    for (caption, words) in lines {
        if let Some(words) = words.filter(|words| !words.is_empty()) {
            let line = format!("{caption}: {words}");
            ui.add(Label::new(text::quiet(theme, line)).wrap());
        }
    }
}

/// One hypothesis; whether something was asked of it, and evidence to show again.
fn card(
    ui: &mut Ui,
    view: &PlayerView,
    hypothesis: &HypothesisView,
    index: usize,
    standing: Standing,
    intents: &mut Vec<Intent>,
    theme: &Theme,
) -> (Option<Asked>, Option<Look>) {
    let palette = theme.palette;
    let chosen = standing != Standing::Other;
    let edge = match (hypothesis.verdict, chosen) {
        (Verdict::Supported, _) => palette.healthy,
        (Verdict::Refuted, _) => palette.failing,
        (Verdict::Open, true) => palette.accent,
        _ => palette.line,
    };
    let (mut asked, mut evidence) = (None, None);
    section::card(ui, Some(edge), |ui| {
        ui.set_width(ui.available_width());
        let written = &hypothesis.written;
        let title = format!(
            "H{} {} · {}",
            index + 1,
            written.suspect,
            words::mechanism(&written.mechanism)
        );
        let clicked = ui
            .add(
                Label::new(text::name(theme, title))
                    .wrap()
                    .sense(Sense::click()),
            )
            .on_hover_text("Pins go to the chosen hypothesis")
            .clicked();
        asked = clicked.then_some(Asked::Choose);
        ui.horizontal(|ui| {
            ui.label(text::quiet(theme, words::regions(&written.regions)));
            if chosen {
                ui.label(text::quiet(theme, "· P pins here").color(palette.accent));
            }
        });
        for (prediction, outcome) in written.predictions.iter().zip(&hypothesis.outcomes) {
            let color = match outcome {
                PredictionOutcome::Met => palette.healthy,
                PredictionOutcome::NotMet => palette.failing,
                _ => palette.muted,
            };
            let words = format!(
                "Predicts {}: {}",
                words::prediction(prediction),
                words::outcome(*outcome)
            );
            ui.add(Label::new(text::quiet(theme, words).color(color)).wrap());
        }
        known(ui, hypothesis, theme);
        ui.add_space(theme.space.xs);
        if chosen
            && button(ui, "Trigger, cause, path", Some("E"), Weight::Normal)
                .on_hover_text("What set it off, what keeps it going, which way it takes to users")
                .clicked()
        {
            asked = Some(Asked::Refine);
        }
        evidence = evidence::ui(ui, view, hypothesis, theme);
        ui.add_space(theme.space.xs);
        confidence(ui, hypothesis, intents);
        if verdict::ui(ui, hypothesis, standing, intents) {
            asked = Some(Asked::Judge);
        }
    });
    (asked, evidence)
}

/// What an arrow changes a confidence by, in percent.
const STEP: u8 = 5;

/// Shows that the keys belong to a bar.
fn ring(ui: &Ui, rect: Rect, theme: &Theme) {
    let stroke = Stroke::new(1.5, theme.palette.accent);
    let kind = StrokeKind::Outside;
    ui.painter()
        .rect_stroke(rect.expand(2.0), theme.radius.small + 2, stroke, kind);
}

/// A bar to drag; a command goes out when it is let go. With the focus, digits set it in tens and arrows move it.
fn confidence(ui: &mut Ui, hypothesis: &HypothesisView, intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    let key = ui.id().with(("confidence", hypothesis.id));
    let held: Option<u8> = ui.ctx().data(|data| data.get_temp(key));
    let mut percent = held.unwrap_or(hypothesis.confidence);
    let (rect, response) = ui
        .horizontal(|ui| {
            let size = vec2(ui.available_width() - 52.0, 20.0);
            let shown = ui.allocate_exact_size(size, Sense::click_and_drag());
            ui.label(text::number(
                &theme,
                format!("{percent:>3} %"),
                palette.text,
            ));
            shown
        })
        .inner;
    response.widget_info(|| WidgetInfo::slider(true, f64::from(percent), "Confidence"));
    let track = rect.shrink2(vec2(0.0, 7.0));
    ui.painter().rect_filled(track, 3, palette.line);
    let done = track.width() * f32::from(percent) / 100.0;
    let fill = Rect::from_min_size(track.min, vec2(done, track.height()));
    ui.painter().rect_filled(fill, 3, palette.accent);
    let knob = if response.has_focus() || response.hovered() {
        7.0
    } else {
        5.0
    };
    ui.painter()
        .circle_filled(pos2(fill.right(), track.center().y), knob, palette.accent);
    if response.is_pointer_button_down_on()
        && let Some(at) = response.interact_pointer_pos()
    {
        percent = twentieths((at.x - track.left()) / track.width());
        ui.ctx().data_mut(|data| data.insert_temp(key, percent));
        return;
    }
    if response.has_focus() {
        ring(ui, rect, &theme);
        // Arrows are the bar's own, not those that go from control to control.
        let filter = EventFilter {
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let arrow = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if arrow(Key::ArrowRight) {
            percent = percent.saturating_add(STEP).min(100);
        }
        if arrow(Key::ArrowLeft) {
            percent = percent.saturating_sub(STEP);
        }
        let digits = [
            Key::Num1,
            Key::Num2,
            Key::Num3,
            Key::Num4,
            Key::Num5,
            Key::Num6,
            Key::Num7,
            Key::Num8,
            Key::Num9,
        ];
        for (tens, digit) in (1..).zip(digits) {
            if ui.input(|input| input.key_pressed(digit)) {
                percent = tens * 10;
            }
        }
    }
    ui.ctx().data_mut(|data| data.remove::<u8>(key));
    if percent != hypothesis.confidence {
        intents.push(Intent::Command(Command::SetConfidence {
            hypothesis: hypothesis.id,
            percent,
        }));
    }
}

/// A share in steps of five per cent.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 20"
)]
fn twentieths(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 20.0).round() as u8 * 5
}
