//! Columns and lanes of an area.

use egui::{Rect, Vec2, pos2};

use super::heights::Bounds;
use super::layout::count_f32;

/// Room between lanes in points.
const GAP: f32 = 12.0;
/// Room between a lane's edge and what stands in it, in points.
const INSET: f32 = 4.0;
/// What the name of a region and the line below it take of its lane's corner, in points.
const CORNER: Vec2 = Vec2::new(120.0, 42.0);

/// Columns and lanes of an area.
pub(super) struct Grid {
    pub area: Rect,
    regions: usize,
    /// Width of each column: users, ranks, externals.
    pub widths: Vec<f32>,
    external: bool,
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
        }
    }

    /// Middle of a column.
    pub fn x(&self, column: usize) -> f32 {
        let column = column.min(self.widths.len() - 1);
        self.area.left() + self.widths[..column].iter().sum::<f32>() + self.widths[column] / 2.0
    }

    /// The part of the area that is a region's.
    pub fn lane(&self, region: usize) -> Rect {
        let height =
            (self.area.height() - GAP * (count_f32(self.regions) - 1.0)) / count_f32(self.regions);
        let top = self.area.top() + count_f32(region) * (height + GAP);
        let left = self.area.left() + self.widths[0];
        let external = self.widths.last().filter(|_| self.external).copied();
        let right = self.area.right() - external.unwrap_or(0.0);
        Rect::from_min_size(pos2(left, top), Vec2::new(right - left, height))
    }

    /// From where to where things may stand in a column of a lane: clear of the region's name, and of the lane's edges.
    pub fn bounds(&self, column: usize, region: usize) -> Bounds {
        let lane = self.lane(region);
        let inside = column > 0 && column + usize::from(self.external) < self.widths.len();
        let left = self.x(column) - self.widths.get(column).copied().unwrap_or(0.0) / 2.0;
        let named = inside && left < lane.left() + CORNER.x;
        let top = if named { CORNER.y } else { INSET };
        (lane.top() + top, lane.bottom() - INSET)
    }
}
