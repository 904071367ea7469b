//! The pictures of the debrief: harm over time by who acts, and what was believed when.

use egui::{Color32, Label, Rect, Sense, Ui, vec2};

use super::page::State;
use super::plot::{self, Line, Mark, Plot, Style};
use crate::evaluation::belief::TurnKind;
use crate::evaluation::{Curve, CurveKind, Debrief};
use crate::panels::format;
use crate::theme::{Theme, tint};
use crate::widgets::scale::round_up;
use crate::widgets::{section, text};

/// Heights of the harm picture and of the picture of beliefs, in points, from the lowest page to a high one; and their shares
/// of what is seen of the page at once: both are, without scrolling, to their time axis.
const HARM: (f32, f32, f32) = (170.0, 300.0, 0.37);
const BELIEFS: (f32, f32, f32) = (140.0, 260.0, 0.31);

/// Height of a picture on a page of which so much is seen at once.
fn height((least, most, share): (f32, f32, f32), page: f32) -> f32 {
    (page * share).clamp(least, most)
}

/// Colour of a curve.
const fn ink(theme: &Theme, kind: CurveKind) -> Color32 {
    match kind {
        CurveKind::You => theme.palette.accent,
        CurveKind::Reference => theme.palette.healthy,
        CurveKind::Nothing => theme.palette.unknown,
        // Neighbouring numbers differ.
        CurveKind::Without(number) if number % 2 == 0 => theme.palette.series[1],
        CurveKind::Without(_) => theme.palette.alternative,
    }
}

const fn style(kind: CurveKind) -> Style {
    match kind {
        CurveKind::You => Style::Filled,
        CurveKind::Reference => Style::Solid,
        CurveKind::Nothing | CurveKind::Without(_) => Style::Dashed,
    }
}

/// Time the cursor stands at.
fn cursor(debrief: &Debrief, state: &State) -> Option<u64> {
    let moment = debrief.moments.get(state.cursor?)?;
    Some(moment.at_ns)
}

/// Jumps to the record nearest to a time.
fn jump(debrief: &Debrief, state: &mut State, pressed: Option<u64>) {
    if let Some(at_ns) = pressed {
        state.cursor = super::timeline::nearest(&debrief.moments, at_ns);
    }
}

/// Harm over time: the same world again without and with each move.
pub(super) fn harm(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &mut State, page: f32) {
    let height = height(HARM, page);
    section::title(ui, "Harm to users, added up, by who acts", |_| {});
    if debrief.curves.is_empty() {
        ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
            ui.set_min_height(height);
            section::empty(
                ui,
                "The run is being played again, with and without each of your actions.",
            );
        });
        return;
    }
    let series: Vec<Vec<(u64, Option<u64>)>> = debrief
        .curves
        .iter()
        .map(|curve| {
            let points = curve.points.iter();
            points.map(|(at_ns, harm)| (*at_ns, Some(*harm))).collect()
        })
        .collect();
    let lines = debrief.curves.iter().zip(&series);
    let most = debrief.curves.iter().map(Curve::last).max();
    let page = debrief.page_ns.map(|at_ns| Mark {
        at_ns,
        level: None,
        sign: "page".to_owned(),
        words: String::new(),
        color: theme.palette.failing,
    });
    let actions = debrief.actions.iter().filter(|act| act.changes);
    let acted = actions.map(|act| Mark {
        at_ns: act.at_ns,
        level: None,
        sign: act.number.to_string(),
        words: act.title.clone(),
        color: theme.palette.text,
    });
    let summary: Vec<String> = debrief
        .curves
        .iter()
        .map(|curve| format!("{} {}", curve.kind.name(), curve.last()))
        .collect();
    let plot = Plot {
        name: format!("Harm over time: {}", summary.join(", ")),
        window: (
            debrief.onset_ns,
            debrief.horizon_ns.max(debrief.onset_ns + 1),
        ),
        start_unix_s: debrief.start_unix_s,
        most: round_up(most.unwrap_or(0).max(10)),
        words: format::count,
        lines: lines
            .map(|(curve, points)| Line {
                points,
                color: ink(theme, curve.kind),
                style: style(curve.kind),
                stepped: false,
                end: format!("{} {}", curve.kind.name(), format::count(curve.last())),
            })
            .collect(),
        marks: page.into_iter().chain(acted).collect(),
        cursor: cursor(debrief, state),
        height,
    };
    let (_, pressed) = plot::ui(ui, &plot);
    jump(debrief, state, pressed);
    if debrief.actions.iter().all(|act| !act.changes) {
        let words = "You changed nothing, so that is your curve too.";
        ui.label(text::quiet(theme, words));
    }
    if debrief.actions.iter().any(|act| act.changes) {
        let words = "The numbers above are your changes, as listed below.";
        ui.label(text::quiet(theme, words).color(theme.palette.dim));
    }
}

/// What was believed: an area per hypothesis, on top of each other, and what they left for something else.
pub(super) fn beliefs(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &mut State, page: f32) {
    section::title(ui, "What you believed, and what your evidence said", |_| {});
    if debrief.beliefs.is_empty() {
        section::empty(
            ui,
            "No hypothesis was written down, so there is no belief to compare with what was true. The key H writes one.",
        );
        return;
    }
    let percent = |points: &[(u64, u8)]| -> Vec<(u64, Option<u64>)> {
        let points = points.iter();
        points
            .map(|(at_ns, percent)| (*at_ns, Some(u64::from(*percent))))
            .collect()
    };
    let from_ns = debrief.page_ns.unwrap_or(debrief.onset_ns);
    let all: Vec<&[(u64, u8)]> = debrief
        .beliefs
        .iter()
        .map(|belief| belief.confidence.as_slice())
        .collect();
    let held: Vec<_> = (0..all.len()).map(|index| stacked(&all, index)).collect();
    let sums = held.iter().flatten().filter_map(|(_, sum)| *sum);
    let most = sums.max().unwrap_or(0).max(100);
    let rest = [(from_ns, Some(100))];
    let rest_ink = tint(theme.palette.unknown, theme.palette.surface, 0.5);
    let borne_out = debrief
        .beliefs
        .iter()
        .find(|belief| belief.right && !belief.borne_out.is_empty())
        .map(|belief| percent(&belief.borne_out));
    let mut lines = vec![Line {
        points: &rest,
        color: rest_ink,
        style: Style::Stacked,
        stepped: true,
        end: String::new(),
    }];
    // The highest first: each covers what is above it of the one below.
    lines.extend(held.iter().enumerate().rev().map(|(index, points)| Line {
        points,
        color: theme.series(index),
        style: Style::Stacked,
        stepped: true,
        end: String::new(),
    }));
    lines.extend(borne_out.iter().map(|points| Line {
        points,
        color: theme.palette.text,
        style: Style::Dashed,
        stepped: true,
        end: String::new(),
    }));
    let marks = debrief
        .beliefs
        .iter()
        .enumerate()
        .flat_map(|(index, belief)| {
            let all = &all;
            belief.turns.iter().map(move |turn| Mark {
                at_ns: turn.at_ns,
                level: Some(sum(all, index, turn.at_ns)),
                sign: sign(turn.kind).to_owned(),
                words: String::new(),
                color: theme.series(index),
            })
        });
    let plot = Plot {
        name: format!("Beliefs over time, {} hypotheses", debrief.beliefs.len()),
        window: (from_ns, debrief.end_ns.max(from_ns + 1)),
        start_unix_s: debrief.start_unix_s,
        most,
        words: |percent| format!("{percent} %"),
        lines,
        marks: marks.collect(),
        cursor: cursor(debrief, state),
        height: height(BELIEFS, page),
    };
    let (_, pressed) = plot::ui(ui, &plot);
    jump(debrief, state, pressed);
    for (index, belief) in debrief.beliefs.iter().enumerate() {
        let color = if belief.right {
            theme.palette.healthy
        } else {
            theme.palette.dim
        };
        let verdict = format!("  {}", debrief.verdict_on(belief.right));
        let line = text::Line::default()
            .add(
                &format!("{} {}", belief.number, belief.name),
                theme.medium(theme.size.small),
                theme.palette.text,
            )
            .add(&verdict, theme.sans(theme.size.small), color)
            .add(
                &format!("  {}", belief.evidence()),
                theme.sans(theme.size.small),
                theme.palette.muted,
            );
        named(ui, theme.series(index), line);
    }
    legend(ui, theme, rest_ink, borne_out.is_some());
}

/// The colour of an area with what it stands for beside.
fn named(ui: &mut Ui, color: Color32, words: text::Line) {
    ui.horizontal_top(|ui| {
        let (swatch, _) = ui.allocate_exact_size(vec2(10.0, 16.0), Sense::hover());
        let square = Rect::from_center_size(swatch.center(), vec2(9.0, 9.0));
        ui.painter().rect_filled(square, 2, color);
        ui.add(Label::new(words.job()).wrap());
    });
}

/// What is drawn besides hypotheses.
fn legend(ui: &mut Ui, theme: &Theme, rest: Color32, borne_out: bool) {
    let mut legend = text::Line::default().add(
        "something else   ",
        theme.sans(theme.size.small),
        theme.palette.muted,
    );
    if borne_out {
        legend = legend
            .add("- - ", theme.mono(theme.size.small), theme.palette.text)
            .add(
                "predictions about the guilty component that came true   ",
                theme.sans(theme.size.small),
                theme.palette.muted,
            );
    }
    legend = legend.add(
        "+ − pinned for, against   ✓ ✗ prediction   S R A supported, refuted, given up",
        theme.sans(theme.size.small),
        theme.palette.dim,
    );
    named(ui, rest, legend);
}

/// Confidence in a hypothesis and those before it at a time, in percent: the upper edge of its area.
fn sum(all: &[&[(u64, u8)]], index: usize, at_ns: u64) -> u64 {
    all[..=index].iter().map(|held| level(held, at_ns)).sum()
}

/// The upper edge of a hypothesis's area from when it was written down.
fn stacked(all: &[&[(u64, u8)]], index: usize) -> Vec<(u64, Option<u64>)> {
    let Some(&(from_ns, _)) = all[index].first() else {
        return Vec::new();
    };
    let changes = all[..=index].iter().copied().flatten();
    let mut times: Vec<u64> = changes.map(|(at_ns, _)| *at_ns).collect();
    times.retain(|at_ns| *at_ns >= from_ns);
    times.sort_unstable();
    times.dedup();
    let edge = |at_ns: u64| (at_ns, Some(sum(all, index, at_ns)));
    times.into_iter().map(edge).collect()
}

/// Confidence at a time, in percent.
fn level(confidence: &[(u64, u8)], at_ns: u64) -> u64 {
    let index = confidence.partition_point(|(from_ns, _)| *from_ns <= at_ns);
    index
        .checked_sub(1)
        .map_or(0, |index| u64::from(confidence[index].1))
}

/// Sign of a turn.
const fn sign(kind: TurnKind) -> &'static str {
    match kind {
        TurnKind::For => "+",
        TurnKind::Against => "−",
        TurnKind::Met => "✓",
        TurnKind::NotMet => "✗",
        TurnKind::Supported => "S",
        TurnKind::Refuted => "R",
        TurnKind::Abandoned => "A",
    }
}

#[cfg(test)]
mod tests {
    use super::{level, stacked};

    /// Areas lie on top of each other: one moves when one below it does, and begins when its hypothesis does.
    #[test]
    fn beliefs_are_stacked() {
        let (first, second): (&[_], &[_]) = (&[(10, 40), (30, 70)], &[(20, 20)]);
        assert_eq!(
            stacked(&[first, second], 0),
            [(10, Some(40)), (30, Some(70))]
        );
        assert_eq!(
            stacked(&[first, second], 1),
            [(20, Some(60)), (30, Some(90))]
        );
    }

    /// A mark stands on its hypothesis's line.
    #[test]
    fn marks_stand_on_the_line() {
        let confidence = [(10, 40), (20, 70)];
        assert_eq!(level(&confidence, 5), 0);
        assert_eq!(level(&confidence, 10), 40);
        assert_eq!(level(&confidence, 99), 70);
    }
}
