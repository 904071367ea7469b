//! What can be found in the palette, and what choosing it does.

use brownout_scenario::rubric::HINT_COSTS;
use brownout_session::command::{Action, Command};
use brownout_session::view::{Health, NodeView, PlayerView};
use brownout_telemetry::signal::Signal;

use super::super::board::actions::{Considered, choices};
use super::super::board::{self, form::Form};
use super::super::composer::Composer;
use super::super::dock::{TABS, Tab};
use super::super::intent::Intent;
use super::super::lookup::Lookup;
use super::super::shared_time;
use super::super::state::{Column, Selection, State};
use super::super::topology::health_word;
use super::super::words::{self, SIGNALS};

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
    /// A signal, as a chart.
    Signal(Signal),
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
        ("Declare resolved  Shift R".to_owned(), Item::Resolve),
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
    all.push((
        "Leave, and open this scenario in the author (spoils it)".to_owned(),
        Item::Wish(Intent::Author),
    ));
    if view.hints_left > 0 && view.page.is_some() && !view.ended {
        let words = format!("Ask for a hint, for {HINT_COSTS} points of the score");
        all.push((words, Item::Wish(Intent::Command(Command::AskHint))));
    }
    if !view.acknowledged && view.page.is_some() {
        let item = Item::Wish(Intent::Command(Command::Acknowledge));
        all.push(("Acknowledge the page  A".to_owned(), item));
    }
    all.extend(TABS.map(|(tab, name, key)| (format!("{name}  {key}"), Item::Dock(tab))));
    all.extend(SIGNALS.map(|signal| {
        let words = format!("Metrics: {}", words::signal(signal));
        (words, Item::Signal(signal))
    }));
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
    // What can be done about the selection first, then about every other component, each once.
    let mut known: Vec<Action> = Vec::new();
    let places = nodes(view).into_iter().map(|node| Selection {
        service: node.service.clone(),
        region: node.region,
    });
    for place in state.selection.clone().into_iter().chain(places) {
        for (words, action) in choices(view, lookup, Some(&place)) {
            if !known.contains(&action) {
                known.push(action.clone());
                all.push((words, Item::Consider(action)));
            }
        }
    }
    for (words, until) in super::super::wait::offers(view) {
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
            Action::Scale { .. } => "scale capacity instances replicas more fewer component",
            Action::Consumers { .. } => "queue pause resume consumers stop backlog",
            Action::Redrive { .. } => "queue dead letters retry again replay",
            Action::CaptureEvidence { .. } => "dump heap thread profile evidence component",
            Action::SetFlag { .. } => "flag feature toggle switch disable",
            Action::SetVariable { .. } => "configuration variable env overlay",
            Action::ShiftTraffic { .. } => "traffic drain shift failover evacuate move route",
            Action::PagePerson { .. } => "page call wake ask people expert",
            Action::Deploy { .. } => "deploy release version",
            Action::Limit { .. } => "rate limit shed load throttle turn away",
            Action::BreakCircuit { .. } => "circuit breaker open close fallback cut call",
            Action::CallPolicy { .. } => "timeout retry retries attempts pool connections call",
            Action::Drain { .. } => "drain cordon zone instance evict remove",
            Action::AddIndex { .. } => "database index create slow query",
            Action::KillQueries { .. } => "database kill session query terminate",
            Action::FailOver { .. } => "database primary replica promote failover",
            Action::FlushCache { .. } => "cache flush empty clear invalidate",
            Action::Purge { .. } => "queue purge drop discard delete work",
            Action::Withdraw { .. } => "withdraw release yank block version",
            Action::Watch { .. } => "watch wait do nothing observe leave",
        },
        Item::Dock(_) | Item::Column(_) => "open tab panel",
        Item::Signal(signal) => match signal {
            Signal::LatencyP50 | Signal::LatencyP95 | Signal::LatencyP99 => {
                "latency duration slow chart"
            }
            Signal::ErrorShare | Signal::SuccessShare => "failures availability chart",
            Signal::SlowShare => "latency slow late chart",
            Signal::Rate => "traffic throughput load chart",
            Signal::Saturation => "saturation busy chart",
            Signal::QueueDepth | Signal::QueueAge | Signal::DeadLetters => {
                "queue backlog lag chart"
            }
            Signal::Cpu | Signal::ReadyInstances => "chart",
        },
        Item::Wish(Intent::Author) => "write edit scenario file check",
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
        Item::Signal(signal) => {
            state.dock.tab = Tab::Metrics;
            state.dock.signal = signal;
        }
        Item::Column(column) => state.column = column,
        Item::Select(selection) => state.selection = Some(selection),
        Item::Consider(action) => {
            state.column = Column::Board;
            state.board.action.considered = Some(Considered::new(lookup, action));
        }
        Item::Wish(intent) => intents.push(intent),
    }
}

/// What an item is.
pub(super) const fn kind(item: &Item) -> &'static str {
    match item {
        Item::Symptom | Item::Hypothesis | Item::Update | Item::Resolve => "write",
        Item::Pin(_) | Item::Compare | Item::WholeWindow | Item::Before | Item::Deselect => "view",
        Item::Dock(_) | Item::Signal(_) | Item::Column(_) => "panel",
        Item::Select(_) => "component",
        Item::Consider(_) => "action",
        Item::Wish(_) => "command",
    }
}
