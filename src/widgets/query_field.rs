//! Fields in which queries are written: Tab completes, arrows stay within.

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{EventFilter, Id, Ui};

/// Puts the cursor behind the last letter.
pub fn to_end(ui: &Ui, id: Id, text: &str) {
    if let Some(mut edit) = TextEditState::load(ui.ctx(), id) {
        let end = CCursor::new(text.chars().count());
        edit.cursor.set_char_range(Some(CCursorRange::one(end)));
        edit.store(ui.ctx(), id);
    }
}

/// Keeps arrows in the field, and Tab as long as it completes something.
pub fn keep_keys(ui: &Ui, id: Id, completes: bool) {
    let filter = EventFilter {
        tab: completes,
        horizontal_arrows: true,
        vertical_arrows: true,
        escape: false,
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
}
