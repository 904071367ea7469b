//! The cursor in a tab's rows: moved by arrows, put by a click, and what a pin takes.

use brownout_session::command::Look;
use egui::{EventFilter, Id, Key, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, WidgetType};

use super::super::state::State;
use crate::theme::Theme;

/// Rows a page key moves by.
const PAGE: usize = 10;

/// The cursor. It holds the thing itself, since rows come and go above it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cursor {
    /// Where it stands.
    pub at: Option<Look>,
    /// Its row is to be scrolled to: it was put there from elsewhere.
    pub reveal: bool,
    /// Arrows moved it last; otherwise the pointer goes before it.
    by_keys: bool,
}

/// What keys asked for in this frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Row the cursor goes to.
    pub to: Option<usize>,
    /// The row is to be opened.
    pub enter: bool,
    /// Back to where one came from.
    pub back: bool,
}

/// Whether plain keys are for the dock: nothing else is being typed into, and no button has the focus.
#[must_use]
pub fn free(ui: &Ui, state: &State, list: Id) -> bool {
    let focused = ui.ctx().memory(egui::Memory::focused);
    !state.takes_keys() && focused.is_none_or(|id| id == list)
}

/// Where the focus is when a list has it.
pub fn id(ui: &Ui, name: &str) -> Id {
    ui.id().with((name, "list"))
}

/// Makes a part of the screen a list that keys walk through, with a name and a visible focus.
pub fn list(ui: &Ui, state: &State, rect: Rect, name: &str) -> (Id, bool) {
    let id = self::id(ui, name);
    let response = ui.interact(rect, id, Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, name));
    if response.has_focus() {
        let theme = Theme::of(ui.ctx());
        let stroke = Stroke::new(1.5, theme.palette.accent);
        ui.painter()
            .rect_stroke(rect.expand(2.0), 3, stroke, StrokeKind::Outside);
        let filter = EventFilter {
            vertical_arrows: true,
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
    (id, free(ui, state, id))
}

impl Cursor {
    /// Takes the keys of a frame. `at` is the row the cursor stands on, `first` the one it comes to when it is nowhere.
    pub fn keys(
        &mut self,
        ui: &Ui,
        free: bool,
        at: Option<usize>,
        first: usize,
        rows: usize,
    ) -> Keys {
        if ui.input(|input| input.pointer.delta() != egui::Vec2::ZERO) {
            self.by_keys = false;
        }
        if !free || rows == 0 {
            return Keys::default();
        }
        let pressed =
            |key: Key| ui.input(|input| input.modifiers.is_none() && input.key_pressed(key));
        let steps = [
            (Key::ArrowDown, 1, true),
            (Key::ArrowUp, 1, false),
            (Key::PageDown, PAGE, true),
            (Key::PageUp, PAGE, false),
            (Key::Home, rows, false),
            (Key::End, rows, true),
        ];
        let step = steps.into_iter().find(|(key, _, _)| pressed(*key));
        let to = step.map(|(_, by, down)| moved(at, first, rows, by, down));
        self.by_keys |= to.is_some();
        Keys {
            to,
            enter: pressed(Key::Enter),
            back: pressed(Key::Backspace) || pressed(Key::ArrowLeft) || pressed(Key::Escape),
        }
    }

    /// What a pin takes: the thing under the pointer if that moved last, or else the one at the cursor.
    #[must_use]
    pub fn item(&self, under: Option<Look>) -> Option<Look> {
        if self.by_keys {
            self.at.clone()
        } else {
            under.or_else(|| self.at.clone())
        }
    }
}

/// The row after a step, within the rows.
fn moved(at: Option<usize>, first: usize, rows: usize, by: usize, down: bool) -> usize {
    let last = rows.saturating_sub(1);
    match at {
        None => first.min(last),
        Some(at) if down => at.saturating_add(by).min(last),
        Some(at) => at.saturating_sub(by),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_within_the_rows() {
        assert_eq!(moved(None, 7, 3, 1, true), 2);
        assert_eq!(moved(None, 0, 3, 1, false), 0);
        assert_eq!(moved(Some(2), 0, 3, 1, true), 2);
        assert_eq!(moved(Some(0), 0, 3, 1, false), 0);
        assert_eq!(moved(Some(9), 0, 3, 10, false), 0);
        assert_eq!(moved(Some(1), 0, 30, 10, true), 11);
    }

    #[test]
    fn the_pointer_goes_before_the_cursor_until_a_key_is_pressed() {
        let change = |at_ns| Look::Change {
            at_ns,
            title: "deploy".to_owned(),
        };
        let mut cursor = Cursor {
            at: Some(change(1)),
            ..Cursor::default()
        };
        assert_eq!(cursor.item(Some(change(2))), Some(change(2)));
        assert_eq!(cursor.item(None), Some(change(1)));
        cursor.by_keys = true;
        assert_eq!(cursor.item(Some(change(2))), Some(change(1)));
    }
}
