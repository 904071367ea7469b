//! Scales of a chart: levels at the left, times below.

use egui::{Align2, Shape, Stroke, pos2};

use super::frame::Frame;
use crate::theme::tint;
use crate::widgets::scale::ticks;

impl Frame<'_> {
    /// Draws both scales and the level to compare with.
    pub fn axes(&self) {
        let palette = self.theme.palette;
        let font = self.theme.mono(self.theme.size.tiny - 1.0);
        let (low, high) = self.chart.range;
        for step in 0..=2u64 {
            let reading = low + (high - low) * step / 2;
            let y = self.y(reading).round() + 0.5;
            let stroke = Stroke::new(
                1.0,
                tint(
                    palette.line,
                    palette.surface,
                    if step == 0 { 1.0 } else { 0.55 },
                ),
            );
            self.painter.hline(self.plot.x_range(), y, stroke);
            let at = pos2(self.plot.left() - 6.0, y);
            self.painter.text(
                at,
                Align2::RIGHT_CENTER,
                (self.chart.words)(reading),
                font.clone(),
                palette.dim,
            );
        }
        for (at_ns, words) in ticks(
            self.chart.window,
            self.chart.start_unix_s,
            self.plot.width(),
        ) {
            let x = self.x(at_ns);
            if x - self.plot.left() > 12.0 && self.plot.right() - x > 12.0 {
                let at = pos2(x, self.plot.bottom() + 4.0);
                self.painter
                    .text(at, Align2::CENTER_TOP, words, font.clone(), palette.dim);
            }
        }
        if let Some(level) = self
            .chart
            .level
            .filter(|level| (low..=high).contains(level))
        {
            let y = self.y(level);
            let ends = [pos2(self.plot.left(), y), pos2(self.plot.right(), y)];
            self.painter.extend(Shape::dashed_line(
                &ends,
                Stroke::new(1.0, palette.dim),
                3.0,
                4.0,
            ));
        }
    }
}
