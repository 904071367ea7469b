//! The author screen over real files and a real run, without a window.

use std::sync::{Arc, OnceLock};

use brownout::author::check::Checked;
use brownout::author::course::{Course, run, session};
use brownout::author::{Chosen, Planned, Stamp, Stamps, check, plan};
use brownout::panels::author::{
    self, AuthorView, Found, Listing, Part, Shelf, Standing, State, Wish,
};
use brownout::theme::Theme;
use brownout::widgets::legible;
use brownout::widgets::part::root;
use brownout_scenario::{FileError, Files, MemoryFiles};
use egui::accesskit::{Action, Role};
use egui::{Event, Key, Modifiers, Order, Rect, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

const NAME: &str = "kiosk-config/scenario.ron";
const SYSTEM: &str = "systems/kiosk.ron";
const FILES: [(&str, &str); 2] = [
    (
        NAME,
        include_str!("../../scenarios/kiosk-config/scenario.ron"),
    ),
    (SYSTEM, include_str!("../../scenarios/systems/kiosk.ron")),
];

/// Files in memory, which nobody saves.
struct Memory(MemoryFiles);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<String, FileError> {
        self.0.read(path)
    }
}

impl Stamps for Memory {
    fn stamp(&self, _name: &str) -> Option<Stamp> {
        None
    }
}

fn checked(change: impl Fn(&str, &str) -> String) -> Checked {
    let files = FILES.map(|(name, text)| (name.to_owned(), change(name, text)));
    let library = MemoryFiles(files.into_iter().collect());
    check(
        &Memory(library),
        NAME,
        &FILES.map(|(name, _)| name.to_owned()),
    )
}

fn sound() -> Checked {
    checked(|_, text| text.to_owned())
}

/// Names that do not exist in both files.
fn broken() -> Checked {
    checked(|_, text| {
        text.replace("alert: \"", "alert: \"x-")
            .replace("Call(\"fares\"", "Call(\"fairs\"")
    })
}

/// The sound scenario's run to its end and its changes; run once for all tests.
fn whole() -> &'static (Course, Vec<Planned>) {
    static RUN: OnceLock<(Course, Vec<Planned>)> = OnceLock::new();
    RUN.get_or_init(|| {
        let loaded = sound().loaded.expect("sound");
        let scenario = brownout_scenario::compile(&loaded, None, 7).expect("compiles");
        let changes = plan(&loaded, &scenario);
        let scenario = Arc::new(scenario);
        let mut course = Course::new(Arc::clone(&scenario), 7);
        let mut session = session(&scenario, 7, None);
        run(&mut session, || false, |session| course.note(session));
        (course, changes)
    })
}

/// The screen's content and what became of it.
struct Bench {
    checked: Checked,
    files: Vec<Listing>,
    truths: Vec<String>,
    services: Vec<(String, usize, u32)>,
    standing: Standing,
    state: State,
    wishes: Vec<Wish>,
    dressed: bool,
}

impl Bench {
    fn of(checked: Checked, standing: Standing) -> Self {
        let files = checked.files.iter().map(|file| {
            let path = format!("/home/somebody/incidents/scenarios/{}", file.name);
            Listing::of(&file.name, path, &file.text)
        });
        Self {
            files: files.collect(),
            checked,
            truths: vec!["kiosk-config-missing".to_owned()],
            services: vec![("fares".to_owned(), 1, 30)],
            standing,
            state: State::default(),
            wishes: Vec::new(),
            dressed: false,
        }
    }

    fn sound() -> Self {
        Self::of(sound(), Standing::Sound)
    }

    fn broken() -> Self {
        Self::of(broken(), Standing::Broken { stale: true })
    }

    fn frame(&mut self, context: &egui::Context) {
        if !self.dressed {
            // Fonts are there from the next frame on.
            Theme::dark().install(context);
            self.dressed = true;
            return;
        }
        let (course, changes) = whole();
        let view = AuthorView {
            title: "Kiosks refuse passengers",
            files: &self.files,
            diagnostics: &self.checked.diagnostics,
            standing: self.standing,
            reloaded_ms: Some(240),
            truths: &self.truths,
            chosen: Chosen {
                seed: 7,
                truth: None,
            },
            course: Some(course),
            running: false,
            took_ms: 1_234,
            trouble: None,
            plan: changes,
            services: &self.services,
        };
        let mut root = root(context);
        author::ui(&mut root, &view, &mut self.state, &mut self.wishes);
    }
}

struct Screen(Harness<'static, Bench>);

impl Screen {
    fn sized(bench: Bench, pixels: Vec2, factor: f32) -> Self {
        let mut harness = Harness::builder()
            .with_size(pixels / factor)
            .with_pixels_per_point(factor)
            .with_step_dt(0.25)
            .build_ui_state(|ui, bench: &mut Bench| bench.frame(ui.ctx()), bench);
        // What the heights follow from is measured in the first frames.
        harness.run_steps(5);
        Self(harness)
    }

    fn of(bench: Bench) -> Self {
        Self::sized(bench, vec2(1440.0, 900.0), 1.0)
    }

    fn bench(&self) -> &Bench {
        self.0.state()
    }

    fn tap_with(&mut self, key: Key, modifiers: Modifiers) {
        for pressed in [true, false] {
            self.0.input_mut().events.push(Event::Key {
                key,
                physical_key: None,
                pressed,
                repeat: false,
                modifiers,
            });
        }
        self.0.run_steps(2);
    }

    fn tap(&mut self, key: Key) {
        self.tap_with(key, Modifiers::NONE);
    }

    /// What a key makes the screen wish for.
    fn wished(&mut self, key: Key, modifiers: Modifiers) -> Vec<Wish> {
        self.tap_with(key, modifiers);
        std::mem::take(&mut self.0.state_mut().wishes)
    }

    /// What a button makes it wish for.
    fn pressed(&mut self, name: &str) -> Vec<Wish> {
        self.0.get_by_role_and_label(Role::Button, name).click();
        self.0.run_steps(3);
        std::mem::take(&mut self.0.state_mut().wishes)
    }

    /// Everything that can be read.
    fn words(&self) -> Vec<String> {
        let placed = legible::texts(&self.0.output().shapes);
        placed.into_iter().map(|placed| placed.words).collect()
    }

    fn reads(&self, wanted: &str) -> bool {
        self.words().iter().any(|words| words.contains(wanted))
    }
}

/// Down and Enter go to the line of each finding, in whichever file it is, and bring it into sight; a click does the same.
#[test]
fn findings_lead_to_their_lines() {
    let mut screen = Screen::of(Bench::broken());
    let all = screen.bench().checked.diagnostics.clone();
    let files: Vec<&str> = all.iter().map(|found| found.file.as_str()).collect();
    assert!(
        files.contains(&NAME) && files.contains(&SYSTEM),
        "{files:?}"
    );
    for (index, found) in all.iter().enumerate() {
        if index > 0 {
            screen.tap(Key::ArrowDown);
        }
        screen.tap(Key::Enter);
        let state = &screen.bench().state;
        assert_eq!(screen.bench().files[state.file].name, found.file);
        assert_eq!(state.code.line, Some(found.line), "{found}");
        let seen = state.code.top()..state.code.top() + 30;
        assert!(seen.contains(&found.line), "{found} is not in {seen:?}");
    }
    screen.tap(Key::ArrowDown);
    assert_eq!(
        screen.bench().state.found,
        all.len() - 1,
        "the last one stays"
    );
    let first = format!("{} at scenario.ron", all[0].code);
    let begins = |name: Option<String>| name.is_some_and(|name| name.starts_with(&first));
    screen.0.get_by(|node| begins(node.label())).click();
    screen.0.run_steps(3);
    let state = &screen.bench().state;
    assert_eq!((state.file, state.code.line), (0, Some(all[0].line)));
}

/// Whatever a button does a key does too.
#[test]
fn keys_do_what_buttons_do() {
    let mut screen = Screen::of(Bench::sound());
    let run = |seed| {
        let chosen = Chosen { seed, truth: None };
        vec![Wish::Run(chosen)]
    };
    let path = screen.bench().files[0].path.clone();
    let shift = Modifiers::SHIFT;
    let none = Modifiers::NONE;
    let same = [
        ("Play this", Key::P, none, vec![Wish::Play]),
        ("Other scenario", Key::O, none, vec![Wish::Choose]),
        ("Leave", Key::Escape, none, vec![Wish::Leave]),
        ("Copy path", Key::C, none, vec![Wish::Copy(path)]),
        ("Next", Key::N, none, run(8)),
        ("Previous", Key::N, shift, run(6)),
    ];
    for (name, key, modifiers, wishes) in same {
        assert_eq!(screen.wished(key, modifiers), wishes, "{name} by key");
        assert_eq!(screen.pressed(name), wishes, "{name} by button");
    }
    screen.tap(Key::Num2);
    assert_eq!(screen.bench().state.file, 1);
}

/// Pages of a file go by with Page Down to its end, and back.
#[test]
fn files_are_read_by_key() {
    let mut screen = Screen::of(Bench::sound());
    assert_eq!(screen.bench().state.code.top(), 1);
    screen.tap(Key::PageDown);
    let second = screen.bench().state.code.top();
    assert!(second > 10, "{second}");
    screen.tap(Key::End);
    assert!(screen.bench().state.code.top() > second);
    let last = screen.bench().files[0].len().to_string();
    assert!(screen.reads(&last), "the last line's number");
    screen.tap(Key::Home);
    assert_eq!(screen.bench().state.code.top(), 1);
    // Sideways, without touching the time of the graph.
    let shift = Modifiers::SHIFT;
    screen.tap_with(Key::ArrowRight, shift);
    assert!(screen.bench().state.code.aside() > 100.0);
    screen.tap_with(Key::ArrowLeft, shift);
    assert!(screen.bench().state.code.aside() < 1.0);
    assert_eq!(screen.bench().state.at_ns, None);
}

/// The truth is on the screen for who asks for it, and gone again.
#[test]
fn the_truth_is_shown_on_demand() {
    let mut screen = Screen::of(Bench::sound());
    for wanted in [false, true, false] {
        assert_eq!(screen.reads("At fault"), wanted);
        screen.tap(Key::X);
    }
}

/// The time of the graph goes back and forth by key; at the end it is the latest again.
#[test]
fn the_graph_goes_back_in_time() {
    let mut screen = Screen::of(Bench::sound());
    let pictures = &whole().0.pictures;
    screen.tap(Key::ArrowLeft);
    let before = pictures[pictures.len() - 2].now_ns;
    assert_eq!(screen.bench().state.at_ns, Some(before));
    screen.tap(Key::ArrowRight);
    assert_eq!(screen.bench().state.at_ns, None);
}

/// A broken scenario says so, and that what is shown of its run is old; a sound one says that it is.
#[test]
fn what_is_stale_is_marked() {
    let screen = Screen::of(Bench::broken());
    let errors = screen.bench().checked.counts().0;
    assert!(errors > 1 && screen.reads(&format!("{errors} errors")));
    assert!(screen.reads("stale preview") && screen.reads("of the last reading without errors"));
    let screen = Screen::of(Bench::sound());
    assert!(screen.reads("no errors") && !screen.reads("stale"));
    assert!(screen.reads("if nobody acts"), "what doing nothing costs");
}

/// Whatever takes a click says what it is.
#[test]
fn what_can_be_clicked_has_a_name() {
    let mut nameless = Vec::new();
    for bench in [Bench::sound(), Bench::broken()] {
        let mut screen = Screen::of(bench);
        screen.tap(Key::X);
        let nodes: Vec<(Role, String)> = screen
            .0
            .root()
            .children_recursive()
            .filter_map(|node| {
                let data = node.accesskit_node();
                let role = data.role();
                let taken = role != Role::ScrollBar && data.data().supports_action(Action::Click);
                let name = match role {
                    Role::Label => data.value(),
                    _ => data.label(),
                };
                taken.then(|| (role, name.unwrap_or_default()))
            })
            .collect();
        assert!(nodes.len() > 20, "there are controls");
        nameless.extend(nodes.into_iter().filter(|(_, name)| name.trim().is_empty()));
    }
    assert!(nameless.is_empty(), "{nameless:?}");
}

/// Bars that scroll sideways.
fn bars(screen: &Screen) -> Vec<Rect> {
    let nodes = screen.0.root().children_recursive();
    nodes
        .filter(|node| node.accesskit_node().role() == Role::ScrollBar)
        .map(|node| node.rect())
        .filter(|bar| bar.width() > bar.height())
        .collect()
}

/// No word is cut or lies over another at any size, in any part, whatever is wrong; what is shortened is told in full to who
/// points at it.
#[test]
fn no_word_of_the_author_screen_is_cut() {
    let mut all = Vec::new();
    for pixels in [vec2(1440.0, 900.0), vec2(1920.0, 1080.0)] {
        for factor in [0.8, 1.0, 1.25, 1.5, 2.0] {
            for (name, bench) in [("sound", Bench::sound()), ("broken", Bench::broken())] {
                let mut screen = Screen::sized(bench, pixels, factor);
                screen.tap(Key::X);
                for part in [Part::File, Part::Graph, Part::Signals] {
                    screen.0.state_mut().state.part = part;
                    screen.0.run_steps(3);
                    let placed = legible::texts(&screen.0.output().shapes);
                    assert!(placed.len() > 15, "there is something to read");
                    let mut wrong = legible::findings(&screen.0.ctx, &placed, &bars(&screen));
                    for text in placed.iter().filter(|text| text.elided) {
                        screen.0.hover_at(text.middle);
                        screen.0.run_steps(4);
                        let told = screen.0.ctx.memory(|memory| {
                            let shown = memory.areas().visible_layer_ids();
                            shown.iter().any(|layer| layer.order == Order::Tooltip)
                        });
                        if !told {
                            wrong.push(format!("shortened, never in full: \"{}\"", text.words));
                        }
                    }
                    screen.0.remove_cursor();
                    let place = format!("{}x{} at {factor}, {name}, {part:?}", pixels.x, pixels.y);
                    all.extend(wrong.into_iter().map(|wrong| format!("{place}: {wrong}")));
                }
            }
        }
    }
    assert!(
        all.is_empty(),
        "{} findings:\n{}",
        all.len(),
        all.join("\n")
    );
}

/// Scenarios are chosen with arrows and Enter, also those with errors.
#[test]
fn a_scenario_is_chosen_by_key() {
    struct Choice(Shelf, Option<usize>, bool, bool);
    let found = |name: &str, errors| Found {
        name: name.to_owned(),
        title: (errors == 0).then(|| "A title".to_owned()),
        path: format!("/scenarios/{name}/scenario.ron"),
        errors,
    };
    let shelf = Shelf {
        found: vec![found("one", 0), found("two", 3)],
        ..Shelf::default()
    };
    let mut harness = Harness::builder()
        .with_size(vec2(1440.0, 900.0))
        .build_ui_state(
            |ui, choice: &mut Choice| {
                if !choice.3 {
                    Theme::dark().install(ui.ctx());
                    choice.3 = true;
                    return;
                }
                let (chosen, back) = author::choose(&mut root(ui.ctx()), &mut choice.0);
                choice.1 = choice.1.or(chosen);
                choice.2 |= back;
            },
            Choice(shelf, None, false, false),
        );
    harness.run_steps(3);
    for key in [Key::ArrowDown, Key::Enter, Key::Escape] {
        harness.key_press(key);
        harness.run_steps(2);
    }
    assert_eq!(harness.state().1, Some(1));
    assert!(harness.state().2, "Esc goes back");
    let words: Vec<String> = legible::texts(&harness.output().shapes)
        .into_iter()
        .map(|placed| placed.words)
        .collect();
    assert!(words.iter().any(|words| words == "3 errors"), "{words:?}");
}
