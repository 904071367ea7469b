//! A window left alone costs next to nothing, and what wakes it is not lost.

use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use crate::display::Display;
use crate::program::{play, wait_for, xdotool};

/// The smallest scenario.
const KIOSK: &str = "scenarios/kiosk-config";
/// Longer than a window stays awake after the last input.
const ALONE: Duration = Duration::from_secs(24);
/// How long the sleeper is watched; it draws a frame every few seconds all the same.
const WATCHED: Duration = Duration::from_secs(11);
/// Most processor time it may take meanwhile, in per cent of one core: a few frames drawn in software.
const PERCENT: f64 = 10.0;

/// Processor time of a program so far, in seconds; Linux counts a hundred ticks in each.
fn processor_s(child: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("it runs");
    // The program's name may hold spaces; fields are counted from behind it.
    let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
    let fields: Vec<f64> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse().expect("ticks"))
        .collect();
    fields.iter().sum::<f64>() / 100.0
}

#[test]
fn a_window_left_alone_sleeps_and_wakes() {
    let display = Display::open();
    let mut child = play(&display, KIOSK, &[]);
    sleep(ALONE);
    let before_s = processor_s(&child);
    sleep(WATCHED);
    let percent = (processor_s(&child) - before_s) / WATCHED.as_secs_f64() * 100.0;
    assert!(
        percent < PERCENT,
        "asleep it takes {percent:.1} % of a core"
    );
    // Pressed once: the frame it causes must already see it.
    xdotool(&display, &["key", "ctrl+q"]);
    let status = wait_for("the program to end", || {
        child.try_wait().expect("a process")
    });
    assert!(status.success());
}

/// Where the title of a scenario has its Quit, in a window of 1440 by 900 points.
const QUIT: [&str; 2] = ["260", "670"];

#[test]
fn a_click_wakes_a_window_and_counts() {
    let display = Display::open();
    let mut child = play(&display, KIOSK, &[]);
    sleep(ALONE);
    // Both at once: the pointer comes from elsewhere and presses where it stops.
    xdotool(&display, &["mousemove", QUIT[0], QUIT[1], "click", "1"]);
    let status = wait_for("the program to end", || {
        child.try_wait().expect("a process")
    });
    assert!(status.success());
}
