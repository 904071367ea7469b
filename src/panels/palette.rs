//! Everything that can be done or seen, found by typing.

use brownout_session::view::PlayerView;
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Area, CursorIcon, Id, Key, Order, Response, ScrollArea, Sense, TextEdit, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use super::board::actions::{Considered, choices};
use super::board::{self, choice, form::Form};
use super::composer::Composer;
use super::dock::{TABS, Tab};
use super::intent::Intent;
use super::lookup::Lookup;
use super::state::{Column, Selection, State};
use brownout_session::command::{Action, Command};

use crate::theme::Theme;
use crate::widgets::{field, section};

/// Width in points, where the window has as much.
const WIDTH: f32 = 620.0;
/// Height of a row in points.
const ROW: f32 = 28.0;

/// The palette while it is open.
#[derive(Clone, Debug, Default)]
pub struct Finder {
    /// Letters typed.
    pub filter: String,
    /// Position among what was found.
    pub at: usize,
}

/// Something to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// State the symptom.
    Symptom,
    /// Write a hypothesis.
    Hypothesis,
    /// Write an update.
    Update,
    /// Declare it resolved.
    Resolve,
    /// A tab of the dock.
    Dock(Tab),
    /// The right column.
    Column(Column),
    /// A component.
    Select(Selection),
    /// Consider an action.
    Consider(Action),
    /// A wish.
    Wish(Intent),
}

/// Everything there is, with words.
#[must_use]
pub fn items(view: &PlayerView, lookup: &dyn Lookup, state: &State) -> Vec<(String, Item)> {
    let mut all = vec![
        ("State the symptom  S".to_owned(), Item::Symptom),
        ("New hypothesis  H".to_owned(), Item::Hypothesis),
        ("Write an update  U".to_owned(), Item::Update),
        ("Declare resolved".to_owned(), Item::Resolve),
        ("Board  F1".to_owned(), Item::Column(Column::Board)),
        ("War room  F2".to_owned(), Item::Column(Column::WarRoom)),
        (
            "Pause or go on  Space".to_owned(),
            Item::Wish(Intent::TogglePause),
        ),
    ];
    if !view.acknowledged && view.page.is_some() {
        let item = Item::Wish(Intent::Command(Command::Acknowledge));
        all.push(("Acknowledge the page  A".to_owned(), item));
    }
    all.extend(TABS.map(|(tab, name, key)| (format!("{name}  {key}"), Item::Dock(tab))));
    for severity in &view.severities {
        let severity = severity.name.clone();
        let words = format!("Declare {severity}");
        let command = Command::DeclareSeverity { severity };
        all.push((words, Item::Wish(Intent::Command(command))));
    }
    for node in &view.nodes {
        let region = view.regions.get(usize::from(node.region));
        let words = format!("{} · {}", node.service, region.map_or("", String::as_str));
        let selection = Selection {
            service: node.service.clone(),
            region: node.region,
        };
        all.push((words, Item::Select(selection)));
    }
    let actions = choices(view, lookup, state.selection.as_ref());
    all.extend(
        actions
            .into_iter()
            .map(|(words, action)| (words, Item::Consider(action))),
    );
    for (words, until) in super::wait::offers(view) {
        let item = Item::Wish(Intent::Wait(until));
        all.push((format!("Wait until {words}  W"), item));
    }
    for speed in [1, 2, 4, 10] {
        let item = Item::Wish(Intent::SetSpeed(speed));
        all.push((format!("Speed {speed}×"), item));
    }
    all
}

/// Those with all the words typed.
#[must_use]
pub fn found(all: Vec<(String, Item)>, filter: &str) -> Vec<(String, Item)> {
    let filter = filter.to_lowercase();
    let has = |words: &str| {
        let words = words.to_lowercase();
        filter.split_whitespace().all(|word| words.contains(word))
    };
    all.into_iter().filter(|(words, _)| has(words)).collect()
}

/// Does what was chosen.
pub fn choose(
    item: Item,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    match item {
        Item::Symptom => {
            state.column = Column::Board;
            board::open_symptom(view, state);
        }
        Item::Hypothesis => {
            state.column = Column::Board;
            state.board.form = Some(Form::new(view, state));
        }
        Item::Update => {
            state.column = Column::WarRoom;
            state.composer = Some(Composer::after(view, None));
        }
        Item::Resolve => state.resolving = true,
        Item::Dock(tab) => state.dock.tab = tab,
        Item::Column(column) => state.column = column,
        Item::Select(selection) => state.selection = Some(selection),
        Item::Consider(action) => {
            state.column = Column::Board;
            state.board.action.considered = Some(Considered::new(lookup, action));
        }
        Item::Wish(intent) => intents.push(intent),
    }
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
    Area::new(Id::new("palette"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_TOP, vec2(0.0, 90.0))
        .show(ui.ctx(), |ui| {
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
                        let response = row(ui, words, kind(item), on, &theme);
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
    match picked.and_then(|index| all.into_iter().nth(index)) {
        Some((_, item)) => choose(item, view, lookup, state, intents),
        None if escape => {}
        None => state.finder = Some(finder),
    }
}

/// What an item is.
const fn kind(item: &Item) -> &'static str {
    match item {
        Item::Symptom | Item::Hypothesis | Item::Update | Item::Resolve => "write",
        Item::Dock(_) | Item::Column(_) => "panel",
        Item::Select(_) => "component",
        Item::Consider(_) => "action",
        Item::Wish(_) => "command",
    }
}

/// A row over the whole width: the words, and at its end what it is.
fn row(ui: &mut Ui, words: &str, kind: &str, on: bool, theme: &Theme) -> Response {
    let palette = theme.palette;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, on, words));
    if on || response.hovered() {
        ui.painter()
            .rect_filled(rect, theme.radius.small, palette.hover);
    }
    let inner = rect.shrink2(vec2(theme.space.s, 0.0));
    let end = ui.painter().text(
        inner.right_center(),
        Align2::RIGHT_CENTER,
        kind,
        theme.sans(theme.size.small),
        palette.muted,
    );
    let mut job = LayoutJob::simple_singleline(
        words.to_owned(),
        theme.medium(theme.size.body),
        if on { palette.text } else { palette.muted },
    );
    job.wrap = TextWrapping::truncate_at_width(end.left() - inner.left() - theme.space.m);
    let galley = ui.painter().layout_job(job);
    let elided = galley.elided;
    let at = pos2(inner.left(), inner.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, palette.text);
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    if elided {
        return response.on_hover_text(words);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
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
            "resolved",
        ] {
            assert!(!found(all.clone(), wanted).is_empty(), "{wanted}");
        }
        assert!(found(all, "nothing of the kind").is_empty());
    }
}
