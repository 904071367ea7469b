//! How the incident screen is divided.

use egui::{Rect, pos2};

use super::page_banner;
use super::state::Column;
use super::timeline;

/// Height of the top bar in points.
const TOP_BAR: f32 = 44.0;
/// Height of the selected component's figures in points.
const SELECTED: f32 = 212.0;

/// Height in points the map wants for itself in a narrow window before it shares with the selected component.
const MAP: f32 = 440.0;
/// Height of the tabs that choose the column, in points.
const TABS: f32 = 40.0;
/// Below this width in points, map, board and war room share one place.
const NARROW: f32 = 1_300.0;

/// From this width in points, board and war room stand beside each other.
const WIDE: f32 = 1_800.0;
/// Least width of the dock beside both columns: its rows of choices keep to one line.
const DOCK: f32 = 510.0;

/// Whether the window has no room for map and board side by side.
#[must_use]
pub fn is_narrow(context: &egui::Context) -> bool {
    context.viewport_rect().width() < NARROW
}

/// Whether the window has room for board and war room side by side.
#[must_use]
pub fn is_wide(context: &egui::Context) -> bool {
    context.viewport_rect().width() >= WIDE
}

/// Parts of the screen, in points; what is not shown takes none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parts {
    pub top_bar: Rect,
    pub banner: Rect,
    pub topology: Rect,
    pub selected: Rect,
    pub dock: Rect,
    pub tabs: Rect,
    pub column: Rect,
    /// The war room beside the board, in a wide window.
    pub beside: Rect,
    pub timeline: Rect,
}

impl Parts {
    /// Divides the window: topology at the left, the dock in the middle, board or war room at the right, the run at the
    /// bottom. A narrow window shows topology, board or war room at the left; a wide one shows both columns.
    pub fn of(screen: Rect, banner: bool, column: Column) -> Self {
        let rect = |left: f32, top: f32, right: f32, bottom: f32| {
            Rect::from_min_max(pos2(left, top), pos2(right, bottom))
        };
        let top = screen.top() + TOP_BAR;
        let bottom = screen.bottom() - timeline::HEIGHT;
        let tabs_top = top + if banner { page_banner::HEIGHT } else { 0.0 };
        let below = tabs_top + TABS;
        let bars = Self {
            top_bar: rect(screen.left(), screen.top(), screen.right(), top),
            timeline: rect(screen.left(), bottom, screen.right(), screen.bottom()),
            ..Self::NONE
        };
        if screen.width() < NARROW {
            let (left, middle) = (screen.left(), screen.center().x.round());
            let below = top + TABS;
            let parts = Self {
                banner: rect(middle, top, screen.right(), tabs_top),
                tabs: rect(left, top, middle, below),
                dock: rect(middle, tabs_top, screen.right(), bottom),
                ..bars
            };
            let map = column == Column::Map;
            let tall = map && bottom - below > SELECTED + MAP;
            let split = if tall { bottom - SELECTED } else { bottom };
            return if map {
                Self {
                    topology: rect(left, below, middle, split),
                    selected: rect(left, split, middle, bottom),
                    ..parts
                }
            } else {
                Self {
                    column: rect(left, below, middle, bottom),
                    ..parts
                }
            };
        }
        if screen.width() >= WIDE {
            return Self::wide(screen, tabs_top, bars);
        }
        let width = (screen.width() * 0.265).round().clamp(300.0, 480.0);
        let left = (screen.width() * 0.38).round();
        let middle = screen.right() - width;
        Self {
            banner: rect(middle, top, screen.right(), tabs_top),
            topology: rect(screen.left(), top, left, bottom - SELECTED),
            selected: rect(screen.left(), bottom - SELECTED, left, bottom),
            dock: rect(left, top, middle, bottom),
            tabs: rect(middle, tabs_top, screen.right(), below),
            column: rect(middle, below, screen.right(), bottom),
            ..bars
        }
    }

    /// Four columns: topology, dock, board, war room.
    fn wide(screen: Rect, tabs_top: f32, bars: Self) -> Self {
        let (top, bottom) = (bars.top_bar.bottom(), bars.timeline.top());
        let rect = |left: f32, top: f32, right: f32, bottom: f32| {
            Rect::from_min_max(pos2(left, top), pos2(right, bottom))
        };
        let room = (screen.width() * 0.20).round().clamp(380.0, 480.0);
        let board = (screen.width() * 0.205).round().clamp(380.0, 500.0);
        let map = (screen.width() * 0.32).min(screen.width() - room - board - DOCK);
        let map = map.round();
        let (right, middle) = (screen.right() - room, screen.right() - room - board);
        let left = screen.left() + map;
        Self {
            banner: rect(middle, top, screen.right(), tabs_top),
            topology: rect(screen.left(), top, left, bottom - SELECTED),
            selected: rect(screen.left(), bottom - SELECTED, left, bottom),
            dock: rect(left, top, middle, bottom),
            tabs: rect(middle, tabs_top, right, tabs_top + TABS),
            column: rect(middle, tabs_top + TABS, right, bottom),
            beside: rect(right, tabs_top, screen.right(), bottom),
            ..bars
        }
    }

    /// No part at all.
    const NONE: Self = Self {
        top_bar: Rect::ZERO,
        banner: Rect::ZERO,
        topology: Rect::ZERO,
        selected: Rect::ZERO,
        dock: Rect::ZERO,
        tabs: Rect::ZERO,
        column: Rect::ZERO,
        beside: Rect::ZERO,
        timeline: Rect::ZERO,
    };

    /// Parts with an opaque ground: all but the topology, which the engine draws below egui.
    pub const fn opaque(&self) -> [Rect; 7] {
        [
            self.top_bar,
            self.selected,
            self.dock,
            self.tabs,
            self.column,
            self.beside,
            self.timeline,
        ]
    }
}

#[cfg(test)]
mod tests {
    use egui::vec2;

    use super::*;

    /// Parts cover the window and none lies over another, at both reference sizes, in a narrow window, and with and
    /// without a page.
    #[test]
    fn parts_tile_the_window() {
        let columns = [Column::Board, Column::WarRoom, Column::Map];
        for (width, height) in [
            (1440.0, 900.0),
            (1920.0, 1080.0),
            (2560.0, 1440.0),
            (960.0, 600.0),
        ] {
            for (banner, column) in [(false, columns[0]), (true, columns[1]), (true, columns[2])] {
                let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(width, height));
                let parts = Parts::of(screen, banner, column);
                let mut all = parts.opaque().to_vec();
                all.extend([parts.banner, parts.topology]);
                let covered: f32 = all.iter().map(Rect::area).sum();
                assert!((covered - screen.area()).abs() < 1.0, "{covered}");
                assert!(all.iter().all(|rect| screen.contains_rect(*rect)));
                assert_eq!(parts.beside.is_positive(), width >= WIDE);
                assert!(parts.dock.height() > 240.0 && parts.dock.width() > 440.0);
            }
        }
    }
}
