//! One of several, as a row of buttons.

use egui::Ui;

use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::text;

/// A caption and buttons for what can be chosen; whether another was.
pub fn row<T: Copy + PartialEq>(
    ui: &mut Ui,
    caption: &str,
    options: &[(T, &str)],
    chosen: &mut T,
) -> bool {
    let theme = Theme::of(ui.ctx());
    let before = *chosen;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if !caption.is_empty() {
            ui.label(text::quiet(&theme, caption));
            ui.add_space(theme.space.xs);
        }
        for (option, words) in options {
            if button(ui, words, None, Weight::Choice(option == chosen)).clicked() {
                *chosen = *option;
            }
        }
    });
    before != *chosen
}

/// Room around the words of a text field.
pub const FIELD: egui::Margin = egui::Margin::symmetric(8, 5);

/// A button that is on or off.
pub fn toggle(ui: &mut Ui, words: &str, on: &mut bool) -> bool {
    let weight = if *on { Weight::Primary } else { Weight::Normal };
    let clicked = button(ui, words, None, weight).clicked();
    if clicked {
        *on = !*on;
    }
    clicked
}
