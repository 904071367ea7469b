//! The form on the screen.

use brownout_session::view::PlayerView;
use egui::{DragValue, Event, Id, Key, TextEdit, Ui};

use super::super::super::intent::Intent;
use super::super::super::lookup::Lookup;
use super::super::super::state::State;
use super::super::{choice, prediction};
use super::{Form, mechanisms};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button, key_cap};
use crate::widgets::{field, section, text};

/// Draws the form.
pub fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let theme = Theme::of(ui.ctx());
    let Some(form) = &mut state.board.form else {
        return;
    };
    let (mut done, mut cancelled, up, down) = ui.input(|input| {
        (
            input.key_pressed(Key::Enter),
            input.key_pressed(Key::Escape),
            input.key_pressed(Key::ArrowUp),
            input.key_pressed(Key::ArrowDown),
        )
    });
    section::card(ui, Some(theme.palette.accent), |ui| {
        ui.set_width(ui.available_width());
        ui.label(text::name(&theme, format!("Suspect: {}", form.suspect)))
            .on_hover_text("Click a component of the topology to suspect another");
        // At the head of the form, where they stay in sight however long that is.
        let weight = if form.command(view).is_some() {
            Weight::Primary
        } else {
            Weight::Normal
        };
        ui.add_space(theme.space.xs);
        ui.horizontal(|ui| {
            done |= button(ui, "Write it down", Some("Enter"), weight).clicked();
            cancelled |= button(ui, "Cancel", Some("Esc"), Weight::Normal).clicked();
        });
        ui.add_space(theme.space.xs);
        let mut regions: Vec<(Option<usize>, &str)> = vec![(None, "all regions")];
        let named = view.regions.iter().enumerate();
        regions.extend(named.map(|(index, name)| (Some(index), name.as_str())));
        choice::keyed(ui, None, "in", &regions, &mut form.region);
        let edit = TextEdit::singleline(&mut form.filter)
            .hint_text("mechanism: type a few letters")
            .id(Id::new("mechanism of the hypothesis"))
            .margin(choice::FIELD)
            .desired_width(f32::INFINITY);
        let response = field::add(ui, "Mechanism", edit);
        if response.changed() {
            form.typed(view);
        }
        // The field has the focus unless the player took it elsewhere, to a threshold for instance.
        let nowhere = ui.ctx().memory(|memory| memory.focused().is_none());
        if !done && !cancelled && (form.fresh || nowhere) {
            response.request_focus();
            form.fresh = false;
        }
        let here = response.has_focus();
        if !here && !ui.ctx().text_edit_focused() {
            signs(ui, view, form);
        }
        mechanisms::ui(ui, view, form, up && here, down && here, &theme);
        prediction::ui(ui, view, lookup, form, &theme);
        choice::labelled(ui, None, "confidence", |ui| {
            key_cap(ui, "1");
            ui.label(text::quiet(&theme, "to"));
            key_cap(ui, "0");
            let percent = DragValue::new(&mut form.confidence)
                .range(0..=100)
                .suffix(" %");
            field::add(ui, "Confidence", percent);
        });
    });
    if cancelled {
        state.board.form = None;
    } else if done && let Some(command) = form.command(view) {
        intents.push(Intent::Command(command));
        state.board.form = None;
        state.board.hypothesis = None;
        let now_s = ui.input(|input| input.time);
        state.watch.again(now_s);
    }
}

/// Digits and signs typed while no field takes them.
fn signs(ui: &Ui, view: &PlayerView, form: &mut Form) {
    let typed: String = ui.input(|input| {
        let texts = input.events.iter().filter_map(|event| match event {
            Event::Text(typed) => Some(typed.as_str()),
            _ => None,
        });
        texts.collect()
    });
    for letter in typed.chars() {
        form.sign(view, letter);
    }
}
