//! A session played in the window: what it records, a headless replay reproduces; what a crash leaves, it goes on with.

use crate::display::Display;
use crate::program::{is_paged, journal, play, replays, scratch, until, wait_for, xdotool};

/// The smallest scenario.
const KIOSK: &str = "scenarios/kiosk-config";

#[test]
fn a_killed_session_replays_headless_and_goes_on() {
    let display = Display::open();
    let path = scratch("window-play").join("session.jsonl");
    let file = path.to_str().expect("path");

    let mut child = play(&display, KIOSK, &["--journal", file]);
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
    let mut child = play(&display, KIOSK, &["--resume", file]);
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
