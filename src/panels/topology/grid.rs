//! Columns and lanes of an area.

use egui::{Rect, Vec2, pos2};

use super::layout::count_f32;

/// Columns and lanes of an area.
pub(super) struct Grid {
    pub area: Rect,
    pub regions: usize,
    /// Width of each column: users, ranks, externals.
    pub widths: Vec<f32>,
    external: bool,
    pub gap: f32,
    /// Discs stand this much above the middle of their row, labels hang below.
    pub label_lift: f32,
}

impl Grid {
    /// Columns take what they ask for and share what is left; where there is too little, all give up the same share.
    pub fn new(area: Rect, regions: usize, asked: &[f32], external: bool) -> Self {
        let sum: f32 = asked.iter().sum();
        let left = (area.width() - sum) / count_f32(asked.len().max(1));
        let widths = if left >= 0.0 {
            asked.iter().map(|width| width + left).collect()
        } else {
            asked
                .iter()
                .map(|width| width * area.width() / sum)
                .collect()
        };
        Self {
            area,
            regions,
            widths,
            external,
            gap: 12.0,
            label_lift: 14.0,
        }
    }

    /// Middle of a column.
    pub fn x(&self, column: usize) -> f32 {
        self.area.left() + self.widths[..column].iter().sum::<f32>() + self.widths[column] / 2.0
    }

    pub fn lane_height(&self) -> f32 {
        (self.area.height() - self.gap * (count_f32(self.regions) - 1.0)) / count_f32(self.regions)
    }

    pub fn lane(&self, region: usize) -> Rect {
        let top = self.area.top() + count_f32(region) * (self.lane_height() + self.gap);
        let left = self.area.left() + self.widths[0];
        let external = self.widths.last().filter(|_| self.external).copied();
        let right = self.area.right() - external.unwrap_or(0.0);
        Rect::from_min_size(pos2(left, top), Vec2::new(right - left, self.lane_height()))
    }

    pub fn row_y(&self, lane: Rect, share: f32) -> f32 {
        lane.top() + lane.height() * share - self.label_lift
    }

    pub fn shared_height(&self, count: usize) -> f32 {
        count_f32(count) * (self.lane_height() / 4.0).min(72.0)
    }
}
