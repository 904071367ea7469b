//! What lies over a screen while it waits: the menu of the incident, and the table of keys on every screen.

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use egui::{Event, Frame, Id, Key, Label, Margin, Modal, RichText, ScrollArea, Stroke, Ui};

use super::going_on::GoingOn;
use super::settings::Return;
use super::{Draw, PanelState, Wishes};
use crate::app::{Authoring, Bridge, Journal, Phase, Screen};
use crate::panels::bindings;
use crate::panels::intent::Intent;
use crate::theme::{Theme, veil};
use crate::widgets::{button, text};

/// What lies over the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// What can be done but going on with the incident.
    Menu,
    /// The keys.
    Keys,
}

/// The overlay, and what it keeps from the screen below.
#[derive(Resource, Default)]
pub(super) struct Overlay {
    open: Option<Kind>,
    /// The keys were opened from the menu: closing them leads back to it.
    from_menu: bool,
    /// It is drawn for the first time: the first button takes the focus.
    fresh: bool,
    /// It was open when the frame began, so the keys of the frame were for it.
    was_open: bool,
    /// The clock ran when it was opened and will run again.
    goes_on: bool,
    /// Something on the screen took keys in the last frame, so Esc was for it.
    busy: bool,
    /// Keys kept from the screen below.
    held: Vec<Event>,
}

impl Overlay {
    /// Whether it lies over a screen. The menu waits below the settings that were opened from it.
    fn covers(&self, screen: Screen) -> bool {
        match self.open {
            None => false,
            Some(Kind::Menu) => screen == Screen::Incident,
            Some(Kind::Keys) => true,
        }
    }

    /// Closing the keys that were opened from the menu leads back to it; whether it did.
    fn goes_back(&mut self) -> bool {
        let back = self.open == Some(Kind::Keys) && std::mem::take(&mut self.from_menu);
        if back {
            self.open = Some(Kind::Menu);
            self.fresh = true;
        }
        back
    }
}

/// What was chosen in the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Close,
    Settings,
    Keys,
    Leave,
    Quit,
}

/// Adds the overlay.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Overlay>().add_systems(
        EguiPrimaryContextPass,
        (hold.before(Draw), (draw, open).chain().after(Draw)),
    );
}

/// Keeps keys from the screen below.
fn hold(
    mut contexts: EguiContexts,
    mut overlay: ResMut<Overlay>,
    screen: Res<State<Screen>>,
) -> Result {
    overlay.was_open = overlay.covers(*screen.get());
    if !overlay.was_open {
        return Ok(());
    }
    let context = contexts.ctx_mut()?;
    overlay.held = context.input_mut(|input| {
        let is_key = |event: &Event| matches!(event, Event::Key { .. } | Event::Text(_));
        let (held, rest) = std::mem::take(&mut input.events)
            .into_iter()
            .partition(is_key);
        input.events = rest;
        held
    });
    Ok(())
}

/// Opens the overlay by key.
fn open(
    mut contexts: EguiContexts,
    mut overlay: ResMut<Overlay>,
    mut bridge: ResMut<Bridge>,
    mut panels: ResMut<PanelState>,
    screen: Res<State<Screen>>,
) -> Result {
    let context = contexts.ctx_mut()?;
    let in_incident = *screen.get() == Screen::Incident;
    let was_busy = overlay.busy;
    let typing = context.egui_wants_keyboard_input();
    overlay.busy = in_incident && (panels.0.takes_keys() || typing);
    if overlay.was_open || overlay.open.is_some() {
        return Ok(());
    }
    let (asked, escape) = context.input(|input| {
        let asks = |event: &Event| matches!(event, Event::Text(text) if text == "?");
        (
            input.events.iter().any(asks),
            input.key_pressed(Key::Escape),
        )
    });
    let free = !was_busy && !overlay.busy && !typing;
    let asked = asked && free || std::mem::take(&mut panels.0.keys_asked);
    overlay.open = if asked {
        Some(Kind::Keys)
    } else if escape && free && in_incident && bridge.phase() != Phase::Ended {
        Some(Kind::Menu)
    } else {
        None
    };
    if overlay.open.is_some() {
        overlay.fresh = true;
        overlay.from_menu = false;
        overlay.goes_on = in_incident && !bridge.clock().0;
        if in_incident {
            bridge.pause(true);
        }
    }
    Ok(())
}

#[expect(
    clippy::too_many_arguments,
    reason = "a system's parameters are what it touches"
)]
fn draw(
    mut contexts: EguiContexts,
    mut overlay: ResMut<Overlay>,
    mut bridge: ResMut<Bridge>,
    mut journal: ResMut<Journal>,
    mut going_on: ResMut<GoingOn>,
    authoring: Res<Authoring>,
    mut returns: ResMut<Return>,
    mut wishes: ResMut<Wishes>,
    screen: Res<State<Screen>>,
    mut next: ResMut<NextState<Screen>>,
) -> Result {
    let Some(kind) = overlay.open.filter(|_| overlay.covers(*screen.get())) else {
        return Ok(());
    };
    let context = contexts.ctx_mut()?;
    let held = std::mem::take(&mut overlay.held);
    context.input_mut(|input| input.events.extend(held));
    let fresh = std::mem::take(&mut overlay.fresh);
    let choice = match kind {
        Kind::Menu => {
            let recorded = bridge.is_recorded();
            let trying = authoring.trying;
            show(context, 340.0, |ui| menu(ui, fresh, recorded, trying))
        }
        Kind::Keys => show(context, 880.0, |ui| keys(ui, fresh)),
    };
    let Some(choice) = choice else {
        return Ok(());
    };
    match choice {
        Choice::Keys => {
            overlay.open = Some(Kind::Keys);
            overlay.from_menu = true;
            overlay.fresh = true;
            return Ok(());
        }
        Choice::Settings => {
            returns.0 = Screen::Incident;
            overlay.fresh = true;
            NextState::set_if_neq(&mut next, Screen::Settings);
            return Ok(());
        }
        Choice::Close => {
            if overlay.goes_back() {
                return Ok(());
            }
            if overlay.goes_on {
                bridge.pause(false);
            }
        }
        Choice::Leave => {
            bridge.close();
            if !authoring.trying {
                going_on.left.clone_from(&journal.0);
                journal.renew(&bridge.scenario().name);
            }
            bridge.again(authoring.journal(&journal));
            NextState::set_if_neq(&mut next, authoring.instead_of(Screen::Title));
        }
        Choice::Quit => wishes.0.push(Intent::Quit),
    }
    overlay.open = None;
    Ok(())
}

/// Shows something in the middle of a darkened screen; a press beside it or Esc closes it.
fn show(
    context: &egui::Context,
    width: f32,
    contents: impl FnOnce(&mut Ui) -> Option<Choice>,
) -> Option<Choice> {
    let theme = Theme::of(context);
    let room = context.viewport_rect().size() - egui::Vec2::splat(4.0 * theme.space.xl);
    let frame = Frame::new()
        .fill(theme.palette.surface)
        .stroke(Stroke::new(1.0, theme.palette.line))
        .corner_radius(theme.radius.large)
        .inner_margin(Margin::same(24));
    let shown = Modal::new(Id::new("overlay"))
        .backdrop_color(veil(theme.palette.canvas, 0.78))
        .frame(frame)
        .show(context, |ui| {
            ui.set_width(width.min(room.x));
            ui.set_max_height(room.y);
            contents(ui)
        });
    let escape = context.input(|input| input.key_pressed(Key::Escape));
    let beside = shown.backdrop_response.clicked();
    shown
        .inner
        .or_else(|| (escape || beside).then_some(Choice::Close))
}

fn menu(ui: &mut Ui, fresh: bool, recorded: bool, trying: bool) -> Option<Choice> {
    let theme = Theme::of(ui.ctx());
    let mut chosen = None;
    ui.label(
        RichText::new("The clock stands")
            .font(theme.semibold(theme.size.figure))
            .color(theme.palette.text),
    );
    let words = if recorded {
        "Leave whenever you like: everything you did is on disk, and Continue on the title brings you back."
    } else {
        "This session is not recorded: leaving ends it."
    };
    ui.add(Label::new(text::quiet(&theme, words)).wrap());
    ui.add_space(theme.space.m);
    let leave = if trying {
        "Leave to the author"
    } else {
        "Leave to the title"
    };
    let items = [
        ("Resume", "Esc", None, Choice::Close),
        ("Settings", "S", Some(Key::S), Choice::Settings),
        ("Keys", "K", Some(Key::K), Choice::Keys),
        (leave, "L", Some(Key::L), Choice::Leave),
        ("Quit", "Q", Some(Key::Q), Choice::Quit),
    ];
    let width = ui.available_width();
    for (index, (words, cap, key, choice)) in items.into_iter().enumerate() {
        let weight = if index == 0 {
            button::Weight::Primary
        } else {
            button::Weight::Normal
        };
        let response = button::large(ui, words, Some(cap), weight, width);
        if fresh && index == 0 {
            response.request_focus();
        }
        let pressed = key.is_some_and(|key| {
            ui.input(|input| input.key_pressed(key) && input.modifiers.is_none())
        });
        if response.clicked() || pressed {
            chosen = Some(choice);
        }
        ui.add_space(theme.space.xs);
    }
    chosen
}

fn keys(ui: &mut Ui, fresh: bool) -> Option<Choice> {
    let theme = Theme::of(ui.ctx());
    let mut closed = false;
    ui.horizontal(|ui| {
        ui.label(
            RichText::new("Keys")
                .font(theme.semibold(theme.size.figure))
                .color(theme.palette.text),
        );
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let close = button::button(ui, "Close", Some("Esc"), button::Weight::Normal);
            if fresh {
                close.request_focus();
            }
            closed = close.clicked();
        });
    });
    ui.add_space(theme.space.m);
    ScrollArea::vertical().show(ui, bindings::columns);
    closed.then_some(Choice::Close)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Overlay};

    /// Esc goes back as far as one came: from the keys to the menu they were opened from, otherwise out.
    #[test]
    fn keys_lead_back_to_the_menu() {
        let keys = |from_menu| Overlay {
            open: Some(Kind::Keys),
            from_menu,
            ..Overlay::default()
        };
        let mut overlay = keys(true);
        assert!(overlay.goes_back());
        assert_eq!(overlay.open, Some(Kind::Menu));
        assert!(!overlay.goes_back(), "the menu closes");
        assert!(!keys(false).goes_back());
    }
}
