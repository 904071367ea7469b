//! A session played in the window: what it records, a headless replay reproduces; what a crash leaves, it goes on with.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use brownout_session::event::Event;
use brownout_session::journal::{Entry, Journal, read};

use crate::display::Display;

/// Longest wait for anything: software rendering on a busy machine is slow.
const PATIENCE: Duration = Duration::from_mins(2);

fn xdotool(display: &Display, arguments: &[&str]) -> String {
    let output = Command::new("xdotool")
        .args(arguments)
        .env("DISPLAY", &display.name)
        .output()
        .expect("xdotool is needed: apt-get install xdotool");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Try until it works or patience ends.
fn wait_for<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Start the program and press Enter on its title.
fn play(display: &Display, arguments: &[&str]) -> Child {
    let child = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["play", "scenarios/kiosk-config", "--speed", "10"])
        .args(arguments)
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let window = wait_for("the window", || {
        let found = xdotool(display, &["search", "--onlyvisible", "--name", "Brownout"]);
        found.lines().next().map(str::to_owned)
    });
    // There is no window manager to give it the focus.
    xdotool(display, &["windowfocus", "--sync", &window]);
    child
}

fn journal(path: &Path) -> Option<Journal> {
    read(&std::fs::read(path).ok()?).ok()
}

fn is_paged(journal: &Journal) -> bool {
    let paged = |entry: &Entry| matches!(entry, Entry::Event(Event::Paged { .. }));
    journal.records.iter().any(|record| paged(&record.entry))
}

/// Press Enter every now and then until the journal is as far as `enough` says.
fn until(display: &Display, path: &Path, what: &str, enough: impl Fn(&Journal) -> bool) -> usize {
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

fn replays(path: &Path) {
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

fn scratch() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window-play");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("scratch folder");
    folder
}

#[test]
fn a_killed_session_replays_headless_and_goes_on() {
    let display = Display::open();
    let path = scratch().join("session.jsonl");
    let file = path.to_str().expect("path");

    let mut child = play(&display, &["--journal", file]);
    until(&display, &path, "ten seconds after the page", |journal| {
        is_paged(journal)
            && journal
                .records
                .last()
                .is_some_and(|last| last.at_ms > 1_380_000)
    });
    child.kill().expect("kill -9");
    child.wait().expect("wait");
    let first = journal(&path).expect("the journal");
    assert_eq!(first.damage, None);
    replays(&path);

    // A crash in the middle of a line, and rubbish behind it.
    let mut bytes = std::fs::read(&path).expect("journal");
    bytes.extend_from_slice(b"{\"chain\":\"0000000000000000\",\"seq\":9}\n{\"chain\":\"12");
    std::fs::write(&path, bytes).expect("write");
    let mut child = play(&display, &["--resume", file]);
    let count = first.records.len();
    xdotool(&display, &["key", "Return"]);
    wait_for("the session to go on", || {
        xdotool(&display, &["key", "Return"]);
        journal(&path).filter(|journal| journal.records.len() > count + 3)
    });
    child.kill().expect("kill -9");
    child.wait().expect("wait");
    let second = journal(&path).expect("the journal");
    assert_eq!(
        second.records[..count],
        first.records,
        "nothing of the first part is lost"
    );
    let mut damaged = path.as_os_str().to_owned();
    damaged.push(".damaged");
    assert!(
        std::fs::read_to_string(damaged)
            .expect("the rest was kept")
            .contains("\"seq\":9")
    );
    replays(&path);
}
