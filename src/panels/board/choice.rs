//! One of several, as a row of buttons.

use egui::{Align, Layout, Ui, vec2};

use crate::theme::Theme;
use crate::widgets::button::{self, Weight, button, key_cap};
use crate::widgets::text;

/// Width of the column of captions in a form, in points.
const CAPTION: f32 = 76.0;
/// The same in a dense form.
const NARROW: f32 = 54.0;

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
        buttons(ui, options, chosen);
    });
    before != *chosen
}

/// The same as a row of a form, with the key that goes through them.
pub fn keyed<T: Copy + PartialEq>(
    ui: &mut Ui,
    key: Option<&str>,
    caption: &str,
    options: &[(T, &str)],
    chosen: &mut T,
) -> bool {
    let before = *chosen;
    labelled(ui, key, caption, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        buttons(ui, options, chosen);
    });
    before != *chosen
}

/// Buttons for what can be chosen.
pub fn buttons<T: Copy + PartialEq>(ui: &mut Ui, options: &[(T, &str)], chosen: &mut T) {
    for (option, words) in options {
        if button(ui, words, None, Weight::Choice(option == chosen)).clicked() {
            *chosen = *option;
        }
    }
}

/// A row of a form: key and caption in a column of their own, what can be chosen beside it.
pub fn labelled<R>(
    ui: &mut Ui,
    key: Option<&str>,
    caption: &str,
    add: impl FnOnce(&mut Ui) -> R,
) -> R {
    let theme = Theme::of(ui.ctx());
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs;
        let left = Layout::left_to_right(Align::Center);
        // As high as the buttons beside it.
        let height = ui.spacing().interact_size.y;
        let width = if button::is_dense(ui) {
            NARROW
        } else {
            CAPTION
        };
        ui.allocate_ui_with_layout(vec2(width, height), left, |ui| {
            ui.set_min_size(vec2(width, height));
            if let Some(key) = key {
                key_cap(ui, key);
            }
            ui.label(text::quiet(&theme, caption));
        });
        ui.horizontal_wrapped(add).inner
    })
    .inner
}

/// Room around the words of a text field.
pub const FIELD: egui::Margin = egui::Margin::symmetric(8, 5);

/// A button that is on or off.
pub fn toggle(ui: &mut Ui, words: &str, on: &mut bool) -> bool {
    switch(ui, None, words, on)
}

/// The same with its key behind its words.
pub fn switch(ui: &mut Ui, key: Option<&str>, words: &str, on: &mut bool) -> bool {
    let weight = if *on { Weight::Primary } else { Weight::Normal };
    let clicked = button(ui, words, key, weight).clicked();
    if clicked {
        *on = !*on;
    }
    clicked
}
