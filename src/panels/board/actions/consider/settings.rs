//! What a considered action leaves open: where, how much, which value.

use brownout_session::command::Action;
use brownout_session::offers::Offer;
use brownout_session::view::PlayerView;
use egui::{Id, Key, Label, TextEdit, Ui};

use super::super::super::super::keys;
use super::super::super::super::lookup::Lookup;
use super::super::super::choice;
use super::super::share;
use super::Considered;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{field, text};

/// Keys of the values other regions have.
const DIGITS: [(Key, &str); 3] = [(Key::Num1, "1"), (Key::Num2, "2"), (Key::Num3, "3")];

/// Where, how much, which value: what the action leaves open.
pub(super) fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    considered: &mut Considered,
    theme: &Theme,
) {
    if let Some(region) = considered.action.place_mut() {
        let mut at = region.as_deref();
        let mut places: Vec<(Option<&str>, &str)> = vec![(None, "everywhere")];
        places.extend(
            view.regions
                .iter()
                .map(|name| (Some(name.as_str()), name.as_str())),
        );
        let mut chosen = places
            .iter()
            .position(|(place, _)| *place == at)
            .unwrap_or(0);
        let options: Vec<(usize, &str)> = places
            .iter()
            .enumerate()
            .map(|(index, (_, words))| (index, *words))
            .collect();
        if choice::keyed(ui, Some("R"), "in", &options, &mut chosen) {
            at = places.get(chosen).and_then(|(place, _)| *place);
            *region = at.map(str::to_owned);
        }
    }
    share::ui(ui, &mut considered.action, theme);
    if let Action::SetVariable {
        service,
        region,
        variable,
        value,
    } = &mut considered.action
    {
        let offers = region.as_deref().map_or_else(Vec::new, |region| {
            lookup.offered(service, region).variables()
        });
        let offer = offers.iter().find(|offer| offer.variable == *variable);
        if values(ui, offer, value, considered.valued, theme) {
            considered.valued = true;
        }
    }
}

/// Values seen elsewhere, and a field for any other; whether one was chosen.
fn values(
    ui: &mut Ui,
    offer: Option<&Offer>,
    value: &mut Option<String>,
    valued: bool,
    theme: &Theme,
) -> bool {
    let typing = ui.ctx().egui_wants_keyboard_input();
    let mut chosen = None;
    if let Some(offer) = offer {
        let here = offer.here.as_deref().unwrap_or("not set");
        ui.add(Label::new(text::quiet(theme, format!("here: {here}"))).wrap());
        for (index, other) in offer.elsewhere.iter().enumerate() {
            let on = valued && value.as_ref() == Some(other);
            let digit = DIGITS.get(index);
            ui.horizontal_wrapped(|ui| {
                ui.label(text::quiet(theme, "elsewhere"));
                let cap = digit.map(|(_, cap)| *cap);
                let pressed = digit.is_some_and(|(key, _)| !typing && keys::plain(ui, *key));
                if button(ui, other, cap, Weight::Choice(on)).clicked() || pressed {
                    chosen = Some(Some(other.clone()));
                }
            });
        }
        let on = valued && value.is_none();
        let words = "Take it out of the overlay";
        if offer.overlay
            && (button(ui, words, Some("X"), Weight::Choice(on)).clicked()
                || !typing && keys::plain(ui, Key::X))
        {
            chosen = Some(None);
        }
    }
    let mut typed = value.clone().filter(|_| valued).unwrap_or_default();
    let edit = TextEdit::singleline(&mut typed)
        .id(Id::new("value of the variable"))
        .hint_text("another value (V)")
        .font(theme.mono(theme.size.small))
        .char_limit(200)
        .margin(choice::FIELD)
        .desired_width(f32::INFINITY);
    let response = field::add(ui, "Value of the variable", edit);
    if response.changed() {
        chosen = Some(Some(typed));
    }
    if !typing && keys::plain(ui, Key::V) {
        response.request_focus();
    }
    let any = chosen.is_some();
    if let Some(chosen) = chosen {
        *value = chosen;
    }
    any
}
