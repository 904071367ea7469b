//! Everything that can be done or seen, found by typing.

use brownout_session::view::{Health, NodeView, PlayerView};
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Area, CursorIcon, Id, Key, LayerId, Order, Response, ScrollArea, Sense, TextEdit, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use super::board::actions::{Considered, choices};
use super::board::{self, choice, form::Form};
use super::composer::Composer;
use super::dock::{TABS, Tab};
use super::intent::Intent;
use super::lookup::Lookup;
use super::state::{Column, Selection, State};
use super::topology::health_word;
use super::{pins, shared_time};
use brownout_session::command::{Action, Command};

use crate::theme::{Theme, veil};
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
    /// Pin what is shown: for the hypothesis, or against it.
    Pin(bool),
    /// Compare with a few minutes ago, or no longer.
    Compare,
    /// Charts show their whole window again.
    WholeWindow,
    /// Charts also show the time before their window, or no longer.
    Before,
    /// All components, all regions.
    Deselect,
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
        ("Pin what is shown, for  P".to_owned(), Item::Pin(true)),
        (
            "Pin what is shown, against  Shift P".to_owned(),
            Item::Pin(false),
        ),
        ("Compare with another time  T".to_owned(), Item::Compare),
        (
            "Zoom back to the whole window  Z".to_owned(),
            Item::WholeWindow,
        ),
        ("Show the window before  B".to_owned(), Item::Before),
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
    if state.selection.is_some() {
        all.push(("Select nothing, show all".to_owned(), Item::Deselect));
    }
    for node in nodes(view) {
        let region = view.regions.get(usize::from(node.region));
        let words = format!(
            "{} · {} · {}",
            node.service,
            region.map_or("", String::as_str),
            health_word(node.health)
        );
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

/// Components, those first that are meant rather: where the stated symptom is, then the unhealthy ones.
fn nodes(view: &PlayerView) -> Vec<&NodeView> {
    let stated = |node: &NodeView| {
        let region = view.regions.get(usize::from(node.region));
        view.symptom
            .as_ref()
            .zip(region)
            .is_some_and(|(symptom, region)| symptom.regions.contains(region))
    };
    let mut all: Vec<&NodeView> = view.nodes.iter().collect();
    all.sort_by_key(|node| {
        let health = match node.health {
            Health::Failing => 0,
            Health::Degraded => 1,
            Health::Unknown => 2,
            Health::Healthy => 3,
        };
        (!stated(node), health)
    });
    all
}

/// Other words an item is looked for by.
const fn synonyms(item: &Item) -> &'static str {
    match item {
        Item::Resolve => "end close over fixed",
        Item::Update => "message status communicate comms stakeholders",
        Item::Hypothesis => "cause theory suspect",
        Item::Symptom => "impact what users feel",
        Item::Pin(_) => "evidence attach keep",
        Item::Compare | Item::Before => "compare before earlier baseline",
        Item::WholeWindow => "zoom reset out",
        Item::Deselect => "filter clear remove everything",
        Item::Select(_) => "service select",
        Item::Consider(action) => match action {
            Action::Rollback { .. } => "rollback revert release deploy version component undo",
            Action::Restart { .. } => "reboot bounce kill component",
            Action::CaptureEvidence { .. } => "dump heap thread profile evidence component",
            Action::SetFlag { .. } => "flag feature toggle switch disable",
            Action::SetVariable { .. } => "configuration variable env overlay",
            Action::ShiftTraffic { .. } => "traffic drain shift failover evacuate move route",
            Action::PagePerson { .. } => "page call wake ask people expert",
            Action::Deploy { .. } => "deploy release version",
        },
        Item::Dock(_) | Item::Column(_) => "open tab panel",
        Item::Wish(_) => "",
    }
}

/// Those with all the words typed.
#[must_use]
pub fn found(all: Vec<(String, Item)>, filter: &str) -> Vec<(String, Item)> {
    let filter = filter.to_lowercase();
    let wanted: Vec<&str> = filter.split_whitespace().collect();
    let named = |words: &str| wanted.iter().all(|word| words.contains(word));
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (words, item) in all {
        let name = words.to_lowercase();
        if named(&name) {
            first.push((words, item));
        } else if named(&format!("{name} {} {}", kind(&item), synonyms(&item))) {
            // Found by what it is, not by its name.
            second.push((words, item));
        }
    }
    first.append(&mut second);
    first
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
        // A pin is of what is drawn: the palette itself takes it.
        Item::Pin(_) => {}
        Item::Compare if state.time.then.is_some() => state.time.then = None,
        Item::Compare => shared_time::compare(view, state),
        Item::WholeWindow => state.time.zoom = None,
        Item::Before => state.time.before = !state.time.before,
        Item::Deselect => state.selection = None,
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
    // What lies below steps back.
    let below = LayerId::new(Order::Middle, Id::new("below the palette"));
    let ground = veil(theme.palette.canvas, 0.55);
    ui.ctx()
        .layer_painter(below)
        .rect_filled(ui.ctx().viewport_rect(), 0, ground);
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
        Some((_, Item::Pin(supports))) => {
            pins::pin(ui, view, lookup, state, intents, supports);
        }
        Some((_, item)) => choose(item, view, lookup, state, intents),
        None if escape => {}
        None => state.finder = Some(finder),
    }
}

/// What an item is.
const fn kind(item: &Item) -> &'static str {
    match item {
        Item::Symptom | Item::Hypothesis | Item::Update | Item::Resolve => "write",
        Item::Pin(_) | Item::Compare | Item::WholeWindow | Item::Before | Item::Deselect => "view",
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
            "revert checkout",
            "zoom reset",
            "pin evidence",
            "component checkout",
            "resolved",
        ] {
            assert!(!found(all.clone(), wanted).is_empty(), "{wanted}");
        }
        assert!(found(all, "nothing of the kind").is_empty());
    }
}
