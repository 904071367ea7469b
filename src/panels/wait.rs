//! `W`: wait until something happens. The clock runs fast meanwhile and drops back when it has.

use brownout_session::view::PlayerView;
use brownout_session::wait::{self, Until};
use egui::{
    Align, Align2, Area, Event, Id, Key, Layout, Order, Sense, Ui, WidgetInfo, WidgetType, vec2,
};

use super::format::SECOND_NS;
use super::intent::Intent;
use super::keys::taken;
use super::state::State;
use super::timeline;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button, key_cap};
use crate::widgets::{section, text};

/// What can be waited for with one key: the key, its cap, what it is, in a word, in a line.
const KINDS: [(Key, &str, Until, &str, &str); 7] = [
    (
        Key::A,
        "A",
        Until::ActionDone,
        "action",
        "an action is done",
    ),
    (Key::L, "L", Until::Alert, "alert", "a new alert fires"),
    (
        Key::M,
        "M",
        Until::Message,
        "message",
        "somebody writes or asks",
    ),
    (
        Key::P,
        "P",
        Until::PromiseDue,
        "promise",
        "a minute before the promised update",
    ),
    (
        Key::D,
        "D",
        Until::Prediction,
        "prediction",
        "a prediction is decided",
    ),
    (
        Key::R,
        "R",
        Until::Served,
        "recovery",
        "users are served again",
    ),
    (
        Key::Enter,
        "Enter",
        Until::Anything,
        "anything",
        "whatever comes first",
    ),
];
/// Minutes a player may ask to wait, at most.
const MOST_MINUTES: u64 = 60;

/// What the window knows of waiting.
#[derive(Clone, Debug, Default)]
pub struct WaitState {
    /// The menu, while it is open.
    pub menu: Option<Menu>,
    /// What is waited for.
    pub running: Option<Until>,
    /// What ended the last wait, for a moment.
    pub notice: Option<String>,
}

/// The menu of waits.
#[derive(Clone, Debug, Default)]
pub struct Menu {
    /// Digits of the minutes to wait, while a time is being stated.
    pub minutes: Option<String>,
}

/// Waits that can end now, with words.
#[must_use]
pub fn offers(view: &PlayerView) -> Vec<(&'static str, Until)> {
    KINDS
        .into_iter()
        .filter(|(_, _, until, ..)| wait::possible(*until, view).is_ok())
        .map(|(_, _, until, _, words)| (words, until))
        .collect()
}

/// What is waited for, in a word.
#[must_use]
pub fn word(view: &PlayerView, until: Until) -> String {
    if let Until::At(at_ns) = until {
        return view.clock(at_ns);
    }
    KINDS
        .into_iter()
        .find(|(_, _, kind, ..)| *kind == until)
        .map_or_else(String::new, |(_, _, _, word, _)| word.to_owned())
}

/// Takes the keys of waiting before anything else does, and draws the menu while it is open.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, intents: &mut Vec<Intent>) {
    if let Some(menu) = state.wait.menu.take() {
        state.wait.menu = menu_ui(ui, view, menu, intents);
        return;
    }
    let busy = state.writes() || ui.ctx().egui_wants_keyboard_input();
    if state.wait.running.is_some() {
        // Whoever begins to write wants the clock back.
        if state.writes() || !busy && (taken(ui, Key::W) || taken(ui, Key::Escape)) {
            intents.push(Intent::StopWaiting);
        }
    } else if !busy && view.page.is_some() && taken(ui, Key::W) {
        state.wait.menu = Some(Menu::default());
    }
    notice(ui, state);
}

/// Says above the strip, clear of tabs and clocks, what ended the last wait.
fn notice(ui: &Ui, state: &State) {
    let Some(words) = &state.wait.notice else {
        return;
    };
    let theme = Theme::of(ui.ctx());
    Area::new(Id::new("wait notice"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_BOTTOM, vec2(0.0, -timeline::HEIGHT - 8.0))
        .interactable(false)
        .show(ui.ctx(), |ui| {
            section::card(ui, Some(theme.palette.accent), |ui| {
                let line = text::Line::default()
                    .add(
                        "Wait over: ",
                        theme.sans(theme.size.body),
                        theme.palette.muted,
                    )
                    .add(words, theme.medium(theme.size.body), theme.palette.text);
                ui.label(line.job());
            });
        });
}

/// Draws the menu; what remains of it.
fn menu_ui(
    ui: &mut Ui,
    view: &PlayerView,
    mut menu: Menu,
    intents: &mut Vec<Intent>,
) -> Option<Menu> {
    let mut closed = taken(ui, Key::Escape);
    if closed && menu.minutes.take().is_some() {
        closed = false;
    }
    let mut chosen = keys(ui, view, &mut menu);
    closed |= menu.minutes.is_none() && taken(ui, Key::W);
    let theme = Theme::of(ui.ctx());
    let area = Area::new(Id::new("wait menu"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_TOP, vec2(0.0, 90.0));
    let shown = area.show(ui.ctx(), |ui| {
        section::card(ui, Some(theme.palette.accent), |ui| {
            ui.set_width(400.0);
            section::title(ui, "Wait until", |ui| {
                ui.label(text::quiet(
                    &theme,
                    "at 10×, a minute before a promise at most",
                ));
            });
            for (_, key, until, _, words) in KINDS {
                let reason = wait::possible(until, view).err();
                if row(ui, key, words, reason) {
                    chosen = Some(until);
                }
            }
            match &menu.minutes {
                None => {
                    if row(ui, "T", "a stated time", None) {
                        menu.minutes = Some(String::new());
                    }
                }
                Some(digits) => {
                    if let Some(until) = stated(ui, view, digits) {
                        chosen = Some(until);
                    }
                }
            }
        });
    });
    let elsewhere = shown.response.clicked_elsewhere();
    if let Some(until) = chosen {
        intents.push(Intent::Wait(until));
    }
    (chosen.is_none() && !closed && !elsewhere).then_some(menu)
}

/// What a key chose.
fn keys(ui: &Ui, view: &PlayerView, menu: &mut Menu) -> Option<Until> {
    if let Some(digits) = &mut menu.minutes {
        type_digits(ui, digits);
        let enter = taken(ui, Key::Enter);
        return after(view, digits).filter(|_| enter);
    }
    if taken(ui, Key::T) {
        menu.minutes = Some(String::new());
        return None;
    }
    KINDS
        .into_iter()
        .find(|(key, _, until, ..)| taken(ui, *key) && wait::possible(*until, view).is_ok())
        .map(|(_, _, until, ..)| until)
}

/// Digits typed, however the keyboard makes them.
fn type_digits(ui: &Ui, digits: &mut String) {
    ui.input(|input| {
        for event in &input.events {
            match event {
                Event::Text(typed) => {
                    digits.extend(typed.chars().filter(char::is_ascii_digit));
                }
                Event::Key {
                    key: Key::Backspace,
                    pressed: true,
                    ..
                } => {
                    digits.pop();
                }
                _ => {}
            }
        }
    });
    digits.truncate(2);
}

/// The time stated in minutes from now.
fn after(view: &PlayerView, digits: &str) -> Option<Until> {
    let minutes: u64 = digits.parse().ok()?;
    (1..=MOST_MINUTES)
        .contains(&minutes)
        .then(|| Until::At(view.now_ns + minutes * 60 * SECOND_NS))
}

/// The time being stated; it, once it is confirmed with a click.
fn stated(ui: &mut Ui, view: &PlayerView, digits: &str) -> Option<Until> {
    let theme = Theme::of(ui.ctx());
    let until = after(view, digits);
    ui.horizontal(|ui| {
        key_cap(ui, "T");
        ui.label(text::body(&theme, "in"));
        let shown = format!("{digits}_");
        ui.label(text::number(&theme, shown, theme.palette.accent));
        ui.label(text::body(&theme, "minutes"));
        if let Some(Until::At(at_ns)) = until {
            let clock = view.clock(at_ns);
            ui.label(text::number(&theme, clock, theme.palette.muted));
            button(ui, "Wait", Some("Enter"), Weight::Primary).clicked()
        } else {
            ui.label(text::quiet(&theme, "type 1 to 60"));
            false
        }
    })
    .inner
    .then_some(until)
    .flatten()
}

/// A line of the menu: key, words, and why it cannot be chosen, if so. Whether it was clicked.
fn row(ui: &mut Ui, key: &str, words: &str, reason: Option<&str>) -> bool {
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    let builder = egui::UiBuilder::new().sense(Sense::click());
    let shown = ui.scope_builder(builder, |ui| {
        let response = ui.response();
        let active = reason.is_none() && (response.hovered() || response.has_focus());
        let ground = ui.painter().add(egui::Shape::Noop);
        ui.horizontal(|ui| {
            ui.set_min_size(vec2(ui.available_width(), 26.0));
            let left = Layout::left_to_right(Align::Center);
            ui.allocate_ui_with_layout(vec2(52.0, 22.0), left, |ui| {
                ui.set_min_width(52.0);
                key_cap(ui, key);
            });
            match reason {
                None => ui.label(text::body(&theme, words)),
                Some(_) => ui.label(text::body(&theme, words).color(palette.dim)),
            };
            if let Some(reason) = reason {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.label(text::quiet(&theme, reason).color(palette.dim));
                });
            }
        });
        if active {
            let rect = ui.min_rect().expand2(vec2(4.0, 0.0));
            let fill = egui::Shape::rect_filled(rect, theme.radius.small, palette.hover);
            ui.painter().set(ground, fill);
        }
    });
    let response = shown.response;
    response.widget_info(|| {
        let name = match reason {
            None => format!("Wait until {words}"),
            Some(reason) => format!("Wait until {words}: {reason}"),
        };
        WidgetInfo::labeled(WidgetType::Button, reason.is_none(), name)
    });
    response.clicked() && reason.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;

    /// Only waits that can end are offered, and minutes are bounded.
    #[test]
    fn what_cannot_end_is_not_offered() {
        let mut view = sample::calm();
        view.now_ns = 60 * SECOND_NS;
        let offered: Vec<Until> = offers(&view).into_iter().map(|(_, until)| until).collect();
        assert_eq!(offered, [Until::Alert, Until::Message, Until::Anything]);
        view.update_due_ns = Some(600 * SECOND_NS);
        assert_eq!(offers(&view).len(), 4);
        view.recovered = false;
        assert_eq!(offers(&view).len(), 5, "users are not served");
        assert_eq!(after(&view, "2"), Some(Until::At(180 * SECOND_NS)));
        assert_eq!((after(&view, "0"), after(&view, "")), (None, None));
        assert_eq!(after(&view, "61"), None);
    }
}
