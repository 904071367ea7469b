//! What was pinned to a hypothesis, as it was seen then.

use brownout_session::command::Look;
use brownout_session::view::{EvidenceView, HypothesisView, PlayerView};
use egui::{CursorIcon, Label, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::super::words;
use crate::theme::Theme;
use crate::widgets::text;

/// Draws the evidence of a hypothesis; what was clicked is to be shown again.
pub(super) fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    hypothesis: &HypothesisView,
    theme: &Theme,
) -> Option<Look> {
    let mut again = None;
    for (index, evidence) in hypothesis.evidence.iter().enumerate() {
        if row(ui, view, evidence, index, theme) {
            again = Some(evidence.look.clone());
        }
    }
    again
}

/// What was seen, in words.
fn seen(view: &PlayerView, evidence: &EvidenceView) -> String {
    let what = if evidence.words.is_empty() {
        words::look(&evidence.look)
    } else {
        evidence.words.clone()
    };
    let value = match (&evidence.look, evidence.reading) {
        (Look::Metric { metric, .. }, Some(reading)) => {
            format!(" {}", words::reading(metric.signal)(reading))
        }
        (Look::Metric { .. }, None) => " without samples".to_owned(),
        _ => String::new(),
    };
    format!("{what}{value} at {}", &view.clock(evidence.at_ns)[..5])
}

fn row(
    ui: &mut Ui,
    view: &PlayerView,
    evidence: &EvidenceView,
    index: usize,
    theme: &Theme,
) -> bool {
    let palette = theme.palette;
    let (sign, side, ink) = if evidence.supports {
        ("✓", "for", palette.healthy)
    } else {
        ("✗", "against", palette.failing)
    };
    let seen = seen(view, evidence);
    let shown = ui.horizontal_top(|ui| {
        let (at, _) = ui.allocate_exact_size(vec2(14.0, 16.0), Sense::hover());
        let font = theme.semibold(theme.size.heading);
        let middle = pos2(at.left() + 5.0, at.center().y);
        ui.painter()
            .text(middle, egui::Align2::CENTER_CENTER, sign, font, ink);
        ui.add(
            Label::new(text::quiet(theme, &seen).color(palette.text))
                .wrap()
                .selectable(false),
        );
    });
    let id = ui.id().with(("evidence", evidence.observed, index));
    let response = ui
        .interact(shown.response.rect, id, Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text("Show it again");
    let words = format!("Evidence {side}: {seen}");
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &words));
    if response.has_focus() {
        let stroke = egui::Stroke::new(1.5, palette.accent);
        ui.painter()
            .rect_stroke(response.rect, 3, stroke, egui::StrokeKind::Outside);
    }
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;
    use brownout_session::command::Metric;
    use brownout_telemetry::signal::Signal;

    fn evidence(look: Look, reading: Option<u64>, words: &str) -> EvidenceView {
        EvidenceView {
            observed: 1,
            supports: true,
            at_ns: 0,
            look,
            reading,
            words: words.to_owned(),
        }
    }

    #[test]
    fn a_chart_says_the_value_of_then_and_a_line_its_words() {
        let view = sample::calm();
        let clock = &view.clock(0)[..5];
        let metric = Metric::service(Signal::ErrorShare, "checkout", Some("eu-west"));
        let chart = evidence(
            Look::Metric {
                metric,
                window_s: 60,
            },
            Some(380_000),
            "",
        );
        let words = seen(&view, &chart);
        assert!(
            words.contains("38.0 %") && words.ends_with(clock),
            "{words}"
        );
        let row = evidence(
            Look::DiffRow {
                service: "checkout".to_owned(),
                variable: "URL".to_owned(),
            },
            None,
            "checkout URL: us-east a, eu-west b",
        );
        let words = seen(&view, &row);
        assert!(words.contains("eu-west b"), "{words}");
    }
}
