//! A live list stands still while somebody reads it: rows that move under the pointer are not the ones clicked.

use egui::{Align, Key, Layout, Modifiers, Rect, Ui, UiBuilder};

use super::super::state::State;
use super::cursor;
use crate::widgets::button::{Weight, button};

/// Height of what says so, in points.
const HEIGHT: f32 = 26.0;

/// Whether a list stands still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hold {
    /// The pointer is over it.
    over: bool,
    /// It was told to follow although the pointer is there; until the pointer moves again.
    follows: bool,
}

impl Hold {
    /// Whether the rows stay as they are. `reading`: one of them is open.
    #[must_use]
    pub const fn holds(self, reading: bool) -> bool {
        reading || self.over && !self.follows
    }

    /// Notes where the pointer is.
    pub fn watch(&mut self, ui: &Ui, area: Rect) {
        self.over = ui.rect_contains_pointer(area);
        let moved = ui.input(|input| input.pointer.delta() != egui::Vec2::ZERO);
        if !self.over || moved {
            self.follows = false;
        }
    }

    /// Lets new rows in.
    pub const fn follow(&mut self) {
        self.follows = true;
    }
}

/// Whether End was pressed for a list that stands still; it is used up.
pub fn follow_key(ui: &Ui, state: &State, list: &str) -> bool {
    let free = cursor::free(ui, state, cursor::id(ui, list));
    free && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::End))
}

/// Says over the corner of a list that it stands still and what it leaves out; whether it is to follow again.
pub fn chip(ui: &mut Ui, list: Rect, new: usize, rows: &str) -> bool {
    let words = match new {
        0 => "held".to_owned(),
        1 => format!("held · 1 new {rows}"),
        many => format!("held · {many} new {rows}s"),
    };
    let place = list.with_max_y(list.top() + HEIGHT);
    let corner = UiBuilder::new()
        .max_rect(place)
        .layout(Layout::right_to_left(Align::Center));
    // A child of its own: what comes below the list stays where it is.
    let ui = &mut ui.new_child(corner);
    button(ui, &words, Some("End"), Weight::Primary)
        .on_hover_text("Rows stand still while they are read; End shows what came since")
        .clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_held_by_a_pointer_or_by_an_open_row() {
        let still = Hold {
            over: true,
            follows: false,
        };
        assert!(still.holds(false));
        let mut told = still;
        told.follow();
        assert!(!told.holds(false), "told to follow with the pointer there");
        assert!(told.holds(true), "an open row stays");
        assert!(!Hold::default().holds(false));
    }
}
