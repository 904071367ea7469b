//! Everything that can be done or seen, found by typing.

mod items;
mod row;

use brownout_session::view::PlayerView;
use egui::{Align2, Area, Id, Key, LayerId, Order, ScrollArea, Shadow, TextEdit, Ui, vec2};

use super::board::choice;
use super::intent::Intent;
use super::keys;
use super::lookup::Lookup;
use super::pins;
use super::state::State;
use crate::theme::{Theme, veil};
use crate::widgets::{field, section};

pub use items::{Item, choose, found, items};

/// Width in points, where the window has as much.
const WIDTH: f32 = 620.0;

/// The palette while it is open.
#[derive(Clone, Debug, Default)]
pub struct Finder {
    /// Letters typed.
    pub filter: String,
    /// Position among what was found.
    pub at: usize,
}

/// Draws the palette while it is open.
pub fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let Some(mut finder) = state.finder.take() else {
        return;
    };
    let theme = Theme::of(ui.ctx());
    let (enter, escape, up, down) = ui.input(|input| {
        (
            input.key_pressed(Key::Enter),
            input.key_pressed(Key::Escape),
            input.key_pressed(Key::ArrowUp),
            input.key_pressed(Key::ArrowDown),
        )
    });
    let all = found(items(view, lookup, state), &finder.filter);
    finder.at = match (up, down) {
        (true, _) => finder.at.saturating_sub(1),
        (_, true) => finder.at + 1,
        _ => finder.at,
    }
    .min(all.len().saturating_sub(1));
    let mut picked = enter.then_some(finder.at);
    // What lies below steps back.
    let below = LayerId::new(Order::Middle, Id::new("below the palette"));
    let ground = veil(theme.palette.canvas, 0.62);
    ui.ctx()
        .layer_painter(below)
        .rect_filled(ui.ctx().viewport_rect(), 0, ground);
    Area::new(Id::new("palette"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_TOP, vec2(0.0, 90.0))
        .show(ui.ctx(), |ui| {
            let lifted = egui::Frame::new()
                .shadow(shadow(ui))
                .corner_radius(theme.radius.large);
            lifted.show(ui, |ui| {
                section::card(ui, Some(theme.palette.accent), |ui| {
                    ui.set_width(WIDTH.min(ui.ctx().viewport_rect().width() - 80.0));
                    let edit = TextEdit::singleline(&mut finder.filter)
                        .id_salt("palette filter")
                        .hint_text("command, component, panel, action ...")
                        .margin(choice::FIELD)
                        .desired_width(f32::INFINITY);
                    let response = field::add(ui, "Find", edit);
                    if response.changed() {
                        finder.at = 0;
                    }
                    response.request_focus();
                    ui.add_space(theme.space.s);
                    ScrollArea::vertical().max_height(380.0).show(ui, |ui| {
                        ui.spacing_mut().item_spacing.y = 0.0;
                        for (index, (words, item)) in all.iter().enumerate() {
                            let on = index == finder.at;
                            let kind = items::kind(item);
                            let response = row::ui(ui, words, &finder.filter, kind, on, &theme);
                            if on && (up || down) {
                                response.scroll_to_me(None);
                            }
                            if response.clicked() {
                                picked = Some(index);
                            }
                        }
                        if all.is_empty() {
                            section::empty(ui, "Nothing has these letters.");
                        }
                    });
                });
            });
        });
    match picked.and_then(|index| all.into_iter().nth(index)) {
        Some((_, Item::Pin(supports))) => {
            pins::pin(ui, view, lookup, state, intents, supports);
        }
        Some((_, item)) => choose(item, view, lookup, state, intents),
        None if escape => {}
        None => state.finder = Some(finder),
    }
    // The next key is for what was chosen, not for the field that is gone: a quick Y accepts a price.
    if state.finder.is_none() {
        keys::release(ui);
    }
}

/// A shadow wide enough to lift the palette off what lies below.
fn shadow(ui: &Ui) -> Shadow {
    Shadow {
        offset: [0, 14],
        blur: 40,
        spread: 6,
        ..ui.visuals().window_shadow
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::state::Selection;
    use crate::panels::{lookup::Blank, sample};

    #[test]
    fn components_and_actions_are_found_by_letters() {
        let view = sample::calm();
        let state = State {
            selection: Some(Selection {
                service: "checkout".to_owned(),
                region: 1,
            }),
            ..State::default()
        };
        let all = items(&view, &Blank, &state);
        for wanted in [
            "roll back checkout eu",
            "payments us-east",
            "war room",
            "revert checkout",
            "zoom reset",
            "pin evidence",
            "component checkout",
            "resolved",
            "author",
            "edit scenario",
        ] {
            assert!(!found(all.clone(), wanted).is_empty(), "{wanted}");
        }
        assert!(found(all, "nothing of the kind").is_empty());
    }
}
