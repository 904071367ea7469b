//! Text goes from another program into an update, and from there to another program.

use std::io::Write;
use std::process::{Command as Process, Stdio};

use brownout_session::command::Command;
use brownout_session::journal::Entry;

use crate::display::Display;
use crate::program::{is_paged, journal, play, scratch, until, wait_for, xdotool};

/// The smallest scenario.
const KIOSK: &str = "scenarios/kiosk-config";

/// Another program puts words into the clipboard.
fn put(display: &Display, words: &str) {
    let mut child = Process::new("xclip")
        .args(["-selection", "clipboard", "-in"])
        .env("DISPLAY", &display.name)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("xclip is needed: apt-get install xclip");
    let mut input = child.stdin.take().expect("its input is piped");
    input.write_all(words.as_bytes()).expect("it reads");
    drop(input);
    child.wait().expect("it goes on in the background");
}

/// What another program gets from the clipboard.
fn got(display: &Display) -> String {
    let output = Process::new("timeout")
        .args(["5", "xclip", "-selection", "clipboard", "-out"])
        .env("DISPLAY", &display.name)
        .output()
        .expect("xclip is needed: apt-get install xclip");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn words_are_exchanged_with_other_programs() {
    let display = Display::open();
    let path = scratch("window-clipboard").join("session.jsonl");
    let file = path.to_str().expect("path");
    let mut child = play(&display, KIOSK, &["--journal", file]);
    until(&display, &path, "the page", is_paged);
    put(&display, "from a ticket");
    // U opens an update, T goes into its words.
    xdotool(&display, &["key", "--delay", "400", "u", "t", "ctrl+v"]);
    xdotool(&display, &["type", "--delay", "120", " 4711"]);
    // The window answers for its clipboard when it next draws.
    wait_for("the words to be copied", || {
        xdotool(&display, &["key", "--delay", "400", "ctrl+a", "ctrl+c"]);
        (got(&display) == "from a ticket 4711").then_some(())
    });
    xdotool(&display, &["key", "Return"]);
    let sent = wait_for("the update to be sent", || {
        journal(&path)?
            .records
            .iter()
            .find_map(|record| match &record.entry {
                Entry::Command(Command::Tell(message)) => Some(message.words.clone()),
                _ => None,
            })
    });
    child.kill().expect("kill");
    child.wait().expect("wait");
    assert_eq!(sent, "from a ticket 4711");
}
