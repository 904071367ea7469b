//! A desk with the incident screen on it and nobody but the test in front.

use std::path::Path;
use std::sync::Arc;

use brownout::panels::incident::{self, Course, Phase, is_narrow};
use brownout::panels::intent::Intent;
use brownout::panels::state::State;
use brownout::theme::Theme;
use brownout::widgets::part::root;
use brownout_session::Session;
use brownout_session::command::Command;
use brownout_session::outside::TicketRow;
use brownout_session::view::PlayerView;
use egui::accesskit::{Action, Role};
use egui::{Event, Key, Modifiers, Rect, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

/// Nanoseconds in a second.
pub const SECOND_NS: u64 = 1_000_000_000;

/// The scenario all tests here play, and its seed.
const SCENARIO: &str = "scenarios/regional-gateway";
const SEED: u64 = 7;

/// A session, and what its screen remembers.
pub struct Desk {
    session: Session,
    /// What the player sees.
    pub view: PlayerView,
    /// What the screen remembers.
    pub panels: State,
    /// Commands the session accepted.
    pub done: Vec<Command>,
    /// Commands it refused, with the reason.
    pub refused: Vec<String>,
    /// Wishes that are not the session's.
    pub wishes: Vec<Intent>,
    dressed: bool,
}

impl Desk {
    /// A session this long after its page.
    pub fn paged(after_s: u64) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCENARIO);
        let loaded = brownout::cli::scenario(&folder, None, SEED, None, "test").expect("scenario");
        let mut session = Session::with_header(Arc::clone(&loaded.scenario), loaded.header);
        while session.page_ns().is_none() {
            session.advance_until(session.now_ns() + SECOND_NS, u64::MAX);
        }
        session.advance_until(session.now_ns() + after_s * SECOND_NS, u64::MAX);
        Self {
            view: session.view(),
            session,
            panels: State::default(),
            done: Vec::new(),
            refused: Vec::new(),
            wishes: Vec::new(),
            dressed: false,
        }
    }

    /// Makes it ready for a screen of another size.
    pub fn undress(&mut self) {
        self.dressed = false;
        self.panels = State::default();
    }

    fn frame(&mut self, context: &egui::Context) {
        if !self.dressed {
            // Fonts are there from the next frame on.
            Theme::dark().install(context);
            self.dressed = true;
            return;
        }
        let course = Course {
            phase: Phase::Running,
            progress: 1.0,
            refusal: None,
        };
        let mut intents = Vec::new();
        let reader = self.session.reader();
        if self.view.scraped_ns > self.panels.readings.to_ns {
            self.panels.readings.extend(&self.view, &reader);
        }
        let mut root = root(context);
        incident::ui(
            &mut root,
            &self.view,
            &reader,
            course,
            &mut self.panels,
            &mut intents,
        );
        for intent in intents {
            match intent {
                Intent::Command(command) => {
                    match self.session.submit(command.clone()) {
                        Ok(_) => self.done.push(command),
                        Err(refused) => self.refused.push(refused.to_string()),
                    }
                    self.view = self.session.view();
                }
                wish => self.wishes.push(wish),
            }
        }
    }
}

/// The screen with a desk behind it.
pub struct Screen(pub Harness<'static, Desk>);

impl Screen {
    /// The screen of a window of a size in pixels, with the interface drawn this many times as large.
    pub fn sized(desk: Desk, pixels: Vec2, factor: f32) -> Self {
        let mut harness = Harness::builder()
            .with_size(pixels / factor)
            .with_pixels_per_point(factor)
            .with_step_dt(0.25)
            .build_ui_state(|ui, desk: &mut Desk| desk.frame(ui.ctx()), desk);
        harness.run_steps(3);
        Self(harness)
    }

    /// The screen at the reference size.
    pub fn of(desk: Desk) -> Self {
        Self::sized(desk, Vec2::new(1440.0, 900.0), 1.0)
    }

    /// The desk.
    pub fn desk(&self) -> &Desk {
        self.0.state()
    }

    /// What was done; looks are recorded by themselves and left out.
    pub fn deeds(&self) -> Vec<&Command> {
        let look = |command: &&Command| matches!(command, Command::Observe(_));
        self.desk().done.iter().filter(|c| !look(c)).collect()
    }

    /// Lets time go by, for the incident and on the wall.
    pub fn wait(&mut self, seconds: u64) {
        let desk = self.0.state_mut();
        desk.session
            .advance_until(desk.session.now_ns() + seconds * SECOND_NS, u64::MAX);
        desk.view = desk.session.view();
        self.0.run_steps(8);
    }

    /// Presses and releases a key within one frame, as a quick finger does.
    pub fn tap_with(&mut self, key: Key, modifiers: Modifiers) {
        let event = |pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        };
        let input = self.0.input_mut();
        input.events.push(event(true));
        if modifiers.is_none()
            && let Some(text) = text(key)
        {
            input.events.push(Event::Text(text));
        }
        input.events.push(event(false));
        self.0.run_steps(2);
    }

    /// Presses and releases a key.
    pub fn tap(&mut self, key: Key) {
        self.tap_with(key, Modifiers::NONE);
    }

    /// Writes a text into the field that has the focus.
    pub fn text(&mut self, words: &str) {
        self.0
            .input_mut()
            .events
            .push(Event::Text(words.to_owned()));
        self.0.run_steps(2);
    }

    /// Types lower-case letters, digits and spaces, one key a frame.
    pub fn typed(&mut self, words: &str) {
        for letter in words.chars() {
            let name = if letter == ' ' {
                "Space".to_owned()
            } else {
                letter.to_uppercase().to_string()
            };
            self.tap(Key::from_name(&name).expect("a key"));
        }
    }

    /// Clicks the one control of a role with a name.
    pub fn click(&mut self, role: Role, name: &str) {
        self.0.get_by_role_and_label(role, name).click();
        self.0.run_steps(3);
    }

    /// Clicks the first control of a role whose name has these words.
    pub fn click_part(&mut self, role: Role, words: &str) {
        let part = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
            node.role() == role && node.label().is_some_and(|label| label.contains(words))
        };
        let found = self.0.query_all_by(part).next();
        found.unwrap_or_else(|| panic!("{words} is there")).click();
        self.0.run_steps(3);
    }

    /// Reports of customers so far.
    pub fn tickets(&self) -> Vec<TicketRow> {
        self.desk().session.reader().tickets(0)
    }

    /// How the waterfall names the first of the deepest failed calls of the newest failing trace.
    pub fn failing_span(&self) -> String {
        let (.., traces) = self
            .desk()
            .panels
            .dock
            .traces
            .as_ref()
            .expect("traces are shown");
        let trace = traces.first().expect("one has failed");
        let failed = trace.spans.iter().filter(|span| !span.status.is_ok());
        let span = failed
            .rev()
            .max_by_key(|span| span.depth)
            .expect("a call has failed");
        let attempt = match span.attempt {
            1 => String::new(),
            number => format!(" #{number}"),
        };
        format!("{} {}{attempt} on ", span.service, span.endpoint)
    }

    /// Selects a component by clicking it in the topology; a narrow window shows it after M.
    pub fn select(&mut self, component: &str) {
        if is_narrow(&self.0.ctx) {
            self.tap(Key::M);
        }
        let at = self.component(component).center();
        self.0.hover_at(at);
        self.0.drag_at(at);
        self.0.drop_at(at);
        self.0.run_steps(3);
    }

    /// Where a component can be clicked.
    pub fn component(&self, component: &str) -> Rect {
        let begins = format!("{component}: ");
        self.0
            .get_by(|node| {
                node.role() == Role::Button
                    && node.label().is_some_and(|label| label.starts_with(&begins))
            })
            .rect()
    }

    /// Whether a text can be read anywhere.
    pub fn shows(&self, words: &str) -> bool {
        self.0.query_all_by_label_contains(words).next().is_some()
    }

    /// Names and roles of everything that can be clicked.
    pub fn clickable(&self) -> Vec<(Role, String)> {
        let nodes = self.0.root().children_recursive();
        nodes
            .filter(|node| {
                let data = node.accesskit_node();
                // A scroll bar says what it is by its role.
                data.role() != Role::ScrollBar && data.data().supports_action(Action::Click)
            })
            .map(|node| {
                let data = node.accesskit_node();
                let role = data.role();
                // A label's name is what it shows.
                let name = match role {
                    Role::Label => data.value(),
                    _ => data.label(),
                };
                (role, name.unwrap_or_default())
            })
            .collect()
    }
}

/// What a key types.
fn text(key: Key) -> Option<String> {
    let name = key.symbol_or_name();
    match key {
        Key::Space => Some(" ".to_owned()),
        _ if name.chars().count() == 1 && name.is_ascii() => Some(name.to_lowercase()),
        _ => None,
    }
}
