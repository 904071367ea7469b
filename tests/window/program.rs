//! The program in its window, driven from outside: keys and mouse go in, the journal says what became of them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use brownout_session::event::Event;
use brownout_session::journal::{Entry, Journal, read};

use crate::display::Display;

/// Longest wait for anything: software rendering on a busy machine is slow.
const PATIENCE: Duration = Duration::from_mins(2);

/// Runs xdotool; what it says.
pub fn xdotool(display: &Display, arguments: &[&str]) -> String {
    let output = Command::new("xdotool")
        .args(arguments)
        .env("DISPLAY", &display.name)
        .output()
        .expect("xdotool is needed: apt-get install xdotool");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Try until it works or patience ends.
pub fn wait_for<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Start the program on a scenario at ten times the speed, with settings and sessions of its own, and give its window the
/// keyboard. What was played before on this machine would stand on the title, and what is played here in its scores.
pub fn play(display: &Display, scenario: &str, arguments: &[&str]) -> Child {
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let data = scratch(&format!("sessions-{number}"));
    let child = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["play", scenario, "--speed", "10"])
        .args(arguments)
        .env("DISPLAY", &display.name)
        .env(
            "XDG_CONFIG_HOME",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("settings"),
        )
        .env("XDG_DATA_HOME", data)
        .env_remove("WAYLAND_DISPLAY")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let window = wait_for("the window", || {
        let found = xdotool(display, &["search", "--name", "Brownout"]);
        found.lines().next().map(str::to_owned)
    });
    // There is no window manager to give it the focus.
    xdotool(display, &["windowfocus", "--sync", &window]);
    child
}

/// The journal as far as it is written.
pub fn journal(path: &Path) -> Option<Journal> {
    read(&std::fs::read(path).ok()?).ok()
}

/// Whether the page has come.
pub fn is_paged(journal: &Journal) -> bool {
    let paged = |entry: &Entry| matches!(entry, Entry::Event(Event::Paged { .. }));
    journal.records.iter().any(|record| paged(&record.entry))
}

/// Press Enter every now and then until the journal is as far as `enough` says.
pub fn until(
    display: &Display,
    path: &Path,
    what: &str,
    enough: impl Fn(&Journal) -> bool,
) -> usize {
    let mut presses = 0;
    wait_for(what, || {
        // The title takes Enter only once it is drawn.
        if presses < 40 && journal(path).is_none_or(|journal| !is_paged(&journal)) {
            xdotool(display, &["key", "Return"]);
            presses += 1;
        }
        journal(path)
            .filter(|journal| enough(journal))
            .map(|journal| journal.records.len())
    })
}

/// Checks that a journal is reproduced headless.
pub fn replays(path: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("replay")
        .arg(path)
        .arg("--verify")
        .output()
        .expect("the program can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// An empty folder.
pub fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("scratch folder");
    folder
}
