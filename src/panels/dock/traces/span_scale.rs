//! The time axis of a waterfall: where a time within the trace lies, and round times to read it by.

use egui::{Align2, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::super::super::format;
use super::waterfall::{NAMES, ROW};
use crate::theme::{Theme, tint};

/// Room for the words behind the longest bar, in points.
const BEHIND: f32 = 70.0;
/// Points a label takes with the gap to the next one.
const APART: f32 = 62.0;
/// Nanoseconds in a microsecond.
const MICRO_NS: u64 = 1_000;

/// Where times lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpanScale {
    /// Where the trace begins, in points of the screen.
    pub(super) left: f32,
    /// Width of the whole trace.
    pub(super) width: f32,
    /// Length of the trace in nanoseconds.
    pub(super) end_ns: u64,
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "screen coordinates"
)]
impl SpanScale {
    /// A scale over the right part of a row.
    pub(super) fn of(row: Rect, end_ns: u64) -> Self {
        let left = row.left() + row.width() * NAMES + 8.0;
        Self {
            left,
            width: (row.right() - left - BEHIND).max(20.0),
            end_ns: end_ns.max(1),
        }
    }

    /// Width of a time.
    pub(super) fn length(&self, ns: u64) -> f32 {
        self.width * (ns as f64 / self.end_ns as f64) as f32
    }

    /// Round times with their words, as close to each other as they can be read.
    pub(super) fn ticks(&self) -> Vec<(u64, String)> {
        let most = f64::from(self.width / APART).max(1.0);
        let least_ns = (self.end_ns as f64 / most).ceil();
        let step_ns = step(least_ns);
        (0..=self.end_ns / step_ns)
            .map(|index| (index * step_ns, words(index * step_ns)))
            .collect()
    }

    /// Draws the labels in a row of their own.
    pub(super) fn labels(&self, ui: &mut Ui, theme: &Theme) {
        let (row, _) =
            ui.allocate_exact_size(vec2(ui.available_width(), ROW - 4.0), Sense::hover());
        let font = theme.mono(theme.size.tiny - 1.0);
        for (at_ns, words) in self.ticks() {
            let at = pos2(self.left + self.length(at_ns), row.center().y);
            // The first one begins where the bars do, so that it stays clear of the names.
            let align = if at_ns == 0 {
                Align2::LEFT_CENTER
            } else {
                Align2::CENTER_CENTER
            };
            ui.painter()
                .text(at, align, words, font.clone(), theme.palette.dim);
        }
    }

    /// Draws faint lines at the round times down a number of rows.
    pub(super) fn lines(&self, ui: &Ui, rows: usize, theme: &Theme) {
        let top = ui.cursor().top();
        let stroke = Stroke::new(1.0, tint(theme.palette.line, theme.palette.surface, 0.7));
        for (at_ns, _) in self.ticks() {
            let x = (self.left + self.length(at_ns)).round() + 0.5;
            ui.painter().vline(x, top..=top + rows as f32 * ROW, stroke);
        }
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is no shorter, in nanoseconds, from a microsecond on.
#[expect(clippy::cast_precision_loss, reason = "screen coordinates")]
fn step(least_ns: f64) -> u64 {
    let mut scale_ns = MICRO_NS;
    loop {
        for factor in [1, 2, 5] {
            let step_ns = scale_ns.saturating_mul(factor);
            if step_ns as f64 >= least_ns || step_ns == u64::MAX {
                return step_ns;
            }
        }
        scale_ns = scale_ns.saturating_mul(10);
    }
}

/// A round time, without the digits that are none.
fn words(ns: u64) -> String {
    let us = ns / MICRO_NS;
    match us {
        0 => "0".to_owned(),
        1_000_000.. if us.is_multiple_of(1_000_000) => format!("{} s", us / 1_000_000),
        1_000_000.. => format!("{}.{} s", us / 1_000_000, us / 100_000 % 10),
        _ => format::duration(us),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(width: f32, end_ns: u64) -> SpanScale {
        SpanScale {
            left: 0.0,
            width,
            end_ns,
        }
    }

    /// Ticks are round, begin at 0, lie within the trace and far enough apart to be read.
    #[test]
    fn ticks_are_round_and_legible() {
        let ticks = scale(300.0, 3_230_000_000).ticks();
        let said: Vec<&str> = ticks.iter().map(|(_, words)| words.as_str()).collect();
        assert_eq!(said, ["0", "1 s", "2 s", "3 s"]);
        for (width, end_ns) in [
            (300.0, 87_000_000),
            (120.0, 912_000),
            (40.0, 61_000_000_000),
        ] {
            let scale = scale(width, end_ns);
            let ticks = scale.ticks();
            assert!(ticks.iter().all(|(at_ns, _)| *at_ns <= end_ns));
            for pair in ticks.windows(2) {
                let apart = scale.length(pair[1].0) - scale.length(pair[0].0);
                assert!(apart >= APART.min(width), "{apart} of {width}");
            }
        }
        assert_eq!(words(1_500_000_000), "1.5 s");
        assert_eq!(words(50_000_000), "50 ms");
    }
}
