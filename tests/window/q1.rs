//! A whole incident played by hand in the window: title, briefing, page, board, action, update, resolution, debrief.
//!
//! Keys and clicks go in through the X server; what became of them is read in the journal. Where things are is asked of the
//! same screen drawn without a window.

use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process};
use std::time::{Duration, Instant};

use brownout_session::command::{Action, Command, Look};
use brownout_session::journal::{Entry, Journal};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;

use crate::desk::{Desk, Screen};
use crate::display::Display;
use crate::program::{is_paged, journal, play, replays, scratch, until, wait_for, xdotool};

/// The first incident of the README.
const SCENARIO: &str = "scenarios/regional-gateway";
/// Milliseconds between keys: a fast typist.
const TYPING_MS: &str = "120";
/// How long one try may take before it is made again.
const TRY: Duration = Duration::from_secs(12);
/// How often something is tried.
const TRIES: u32 = 5;

/// Somebody at the window.
struct Hands {
    display: Display,
    path: PathBuf,
    child: Child,
}

impl Hands {
    /// Presses keys one after the other.
    fn keys(&self, keys: &str) {
        let mut arguments = vec!["key", "--delay", TYPING_MS];
        arguments.extend(keys.split(' '));
        xdotool(&self.display, &arguments);
    }

    /// Types words.
    fn types(&self, words: &str) {
        xdotool(&self.display, &["type", "--delay", TYPING_MS, words]);
    }

    /// Clicks a place in the window, which stands at the corner of the display.
    fn clicks(&self, (x, y): (f32, f32)) {
        let (x, y) = (format!("{x:.0}"), format!("{y:.0}"));
        xdotool(
            &self.display,
            &["mousemove", &x, &y, "sleep", "0.2", "click", "1"],
        );
    }

    /// Does something until the journal holds a command of its kind; each new try begins with Escape.
    fn until<T>(
        &self,
        what: &str,
        act: impl Fn(&Self),
        found: impl Fn(&Command) -> Option<T>,
    ) -> T {
        for _ in 0..TRIES {
            act(self);
            let began = Instant::now();
            while began.elapsed() < TRY {
                let written =
                    journal(&self.path).and_then(|journal| commands(&journal).find_map(&found));
                if let Some(written) = written {
                    return written;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            self.keys("Escape");
        }
        panic!("{TRIES} tries and no {what} in the journal");
    }
}

fn commands(journal: &Journal) -> impl Iterator<Item = &Command> {
    journal
        .records
        .iter()
        .filter_map(|record| match &record.entry {
            Entry::Command(command) => Some(command),
            _ => None,
        })
}

/// Where the mouse has to go, once the page is acknowledged.
struct Places {
    gateway: (f32, f32),
    logs: (f32, f32),
    resolve: (f32, f32),
}

impl Places {
    fn find() -> Self {
        let mut screen = Screen::of(Desk::paged(5));
        screen.tap(Key::A);
        let middle = |role: Role, name: &str| {
            let rect = screen.0.get_by_role_and_label(role, name).rect();
            (rect.center().x, rect.center().y)
        };
        let gateway = screen.component("gateway in eu-west");
        Self {
            gateway: (gateway.center().x, gateway.center().y),
            logs: middle(Role::Button, "Logs"),
            resolve: middle(Role::Button, "Resolve"),
        }
    }
}

fn brownout(arguments: &[&str], file: &Path) -> String {
    let output = Process::new(env!("CARGO_BIN_EXE_brownout"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .arg(file)
        .output()
        .expect("the program can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn an_incident_is_played_from_title_to_debrief() {
    let path = scratch("window-q1").join("session.jsonl");
    let places = Places::find();
    let display = Display::open();
    let child = play(
        &display,
        SCENARIO,
        &["--journal", path.to_str().expect("path")],
    );
    let mut hands = Hands {
        display,
        path,
        child,
    };

    until(&hands.display, &hands.path, "the page", is_paged);
    hands.until(
        "acknowledgement",
        |hands| hands.keys("a"),
        |command| (*command == Command::Acknowledge).then_some(()),
    );
    look(&hands, &places);
    believe(&hands);
    act(&hands);
    tell(&hands);
    hands.until(
        "resolution",
        |hands| {
            hands.clicks(places.resolve);
            hands.keys("y");
        },
        |command| (*command == Command::Resolve).then_some(()),
    );

    // The debrief is on the screen when it takes the key for a report.
    let report = hands.path.with_extension("report.md");
    wait_for("the debrief's report", || {
        hands.keys("m");
        report.exists().then_some(())
    });
    hands.keys("ctrl+q");
    let status = wait_for("the program to end", || {
        hands.child.try_wait().expect("a process")
    });
    assert!(status.success());

    replays(&hands.path);
    let score = brownout(&["score", "--json"], &hands.path);
    let score: serde_json::Value = serde_json::from_str(&score).expect("JSON");
    let overall = score["score"]["overall"].as_u64().expect("a score");
    assert!((1..100).contains(&overall), "{score}");
    let told = score["score"]["communication"].as_u64();
    assert!(told > score["score"]["hypotheses"].as_u64(), "{score}");
}

/// By mouse: a component, then its logs. The look is recorded once it lasted.
fn look(hands: &Hands, places: &Places) {
    hands.until(
        "look at the gateway's logs",
        |hands| {
            hands.clicks(places.gateway);
            hands.clicks(places.logs);
        },
        |command| match command {
            Command::Observe(Look::Logs {
                service, region, ..
            }) => (service == "gateway" && region.as_deref() == Some("eu-west")).then_some(()),
            _ => None,
        },
    );
}

/// Symptom, severity, hypothesis with a prediction, evidence.
fn believe(hands: &Hands) {
    let regions = hands.until(
        "symptom",
        |hands| hands.keys("s Return"),
        |command| match command {
            Command::StateSymptom(symptom) => Some(symptom.regions.clone()),
            _ => None,
        },
    );
    assert_eq!(regions, ["eu-west"], "the selection says where");
    hands.until(
        "severity",
        |_| (),
        |command| matches!(command, Command::DeclareSeverity { .. }).then_some(()),
    );
    let written = hands.until(
        "hypothesis",
        |hands| {
            hands.keys("h");
            hands.types("missing v7");
            hands.keys("Return");
        },
        |command| match command {
            Command::Hypothesise(written) => Some(written.clone()),
            _ => None,
        },
    );
    assert_eq!(written.suspect, "gateway");
    assert_eq!(written.mechanism, "missing-variable");
    assert_eq!(written.confidence, 70);
    assert_eq!(written.predictions.len(), 1);
    let supports = hands.until(
        "evidence",
        |hands| hands.keys("F4 shift+p"),
        |command| match command {
            Command::AttachEvidence { supports, .. } => Some(*supports),
            _ => None,
        },
    );
    assert!(!supports, "with Shift it speaks against");
}

/// An action from the palette; the price is accepted before it is confirmed.
fn act(hands: &Hands) {
    let done = hands.until(
        "action",
        |hands| {
            hands.keys("ctrl+k");
            hands.types("restart gateway in eu");
            hands.keys("Return y Return");
        },
        |command| match command {
            Command::Act(intervention) => Some(intervention.clone()),
            _ => None,
        },
    );
    assert!(done.price_accepted);
    let wanted = Action::Restart {
        service: "gateway".to_owned(),
        region: Some("eu-west".to_owned()),
    };
    assert_eq!(done.action, wanted);
}

/// An update of what was stated, with a promise of ten minutes.
fn tell(hands: &Hands) {
    let message = hands.until(
        "update",
        |hands| hands.keys("u i s 1 Return"),
        |command| match command {
            Command::Tell(message) => Some(message.clone()),
            _ => None,
        },
    );
    assert_eq!(message.claims.len(), 2, "impact and scope");
    assert_eq!(message.next_update_min, Some(10));
}
