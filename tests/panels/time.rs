//! Waiting, zooming and comparing, by keys and by hand.

use brownout::panels::intent::Intent;
use brownout_session::wait::Until;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::kittest::Queryable;

use crate::desk::{Desk, SECOND_NS, Screen};

fn screen() -> Screen {
    Screen::of(Desk::paged(120))
}

/// `W` and a letter wait; a letter of a wait that cannot end does nothing, and no key reaches what lies below the menu.
#[test]
fn a_wait_is_chosen_with_two_keys() {
    let mut screen = screen();
    screen.tap(Key::W);
    assert!(screen.shows("Wait until a new alert fires"));
    assert!(screen.shows("no action is running"));
    screen.tap(Key::A);
    assert!(screen.deeds().is_empty(), "the page is not acknowledged");
    assert!(screen.shows("Wait until a new alert fires"));
    screen.tap(Key::L);
    assert_eq!(screen.desk().wishes, [Intent::Wait(Until::Alert)]);
    assert!(!screen.shows("Wait until a new alert fires"));
}

/// Minutes are typed; a click does what a key does; Escape waits for nothing.
#[test]
fn a_time_is_stated_in_minutes() {
    let mut screen = screen();
    screen.tap(Key::W);
    screen.tap(Key::Escape);
    screen.click(Role::Button, "Wait");
    screen.click(Role::Button, "Wait until a stated time");
    screen.typed("12");
    screen.tap(Key::Backspace);
    screen.tap(Key::Enter);
    let until_ns = screen.desk().view.now_ns + 60 * SECOND_NS;
    assert_eq!(
        screen.desk().wishes,
        [Intent::Wait(Until::At(until_ns))],
        "one minute"
    );
}

/// `T` compares with a time before, arrows move it by a scrape, and Escape ends it.
#[test]
fn then_is_beside_now() {
    let mut screen = screen();
    screen.tap(Key::T);
    assert!(screen.shows("comparing with"));
    let then_ns = |screen: &Screen| screen.desk().panels.time.then_ns();
    let first_ns = then_ns(&screen).expect("a time");
    screen.tap(Key::ArrowLeft);
    let readings = &screen.desk().panels.readings;
    assert_eq!(then_ns(&screen), readings.scrape_beside(first_ns, -1));
    screen.tap(Key::ArrowRight);
    assert_eq!(then_ns(&screen), Some(first_ns));
    // Checkout worked in both regions then, and fails in one now.
    let clock = screen.desk().view.clock(first_ns);
    assert!(screen.shows(&format!("in eu-west at {clock}")));
    let then = screen.desk().panels.time.then.as_ref().expect("a time");
    let now = &screen.desk().view.flows[0].regions;
    let worst = now.iter().filter_map(|f| f.success_ppm).min();
    let before = then.flows[0].iter().filter_map(|f| f.success_ppm).min();
    assert!(worst < Some(500_000) && before > Some(980_000));
    screen.tap(Key::Escape);
    assert!(!screen.shows("comparing with"));
}

/// A range dragged out of one chart is the window of all, until `Z`; `B` names the time before.
#[test]
fn a_dragged_range_is_shared() {
    let mut screen = screen();
    let chart = screen.0.get_by(|node| {
        node.label()
            .is_some_and(|label| label.starts_with("success: "))
    });
    let middle = chart.rect().center();
    drag(&mut screen, middle, middle + vec2(90.0, 0.0));
    let (from_ns, to_ns) = screen.desk().panels.time.zoom.expect("zoomed");
    assert!((60..600).contains(&((to_ns - from_ns) / SECOND_NS)));
    assert!(screen.shows("zoomed"));
    screen.tap(Key::B);
    assert!(screen.shows(" earlier "));
    screen.tap(Key::F4);
    assert!(screen.shows("zoomed"), "in the other tab too");
    screen.tap(Key::Z);
    assert_eq!(screen.desk().panels.time.zoom, None);
}

/// While a symptom is being stated, a click in a chart or in the strip says since when; nothing is compared by it.
#[test]
fn a_click_says_since_when() {
    for chart in ["success: ", "timeline: "] {
        let mut screen = screen();
        let stated = |screen: &Screen| screen.desk().view.symptom.as_ref().map(|of| of.since_s);
        screen.tap(Key::S);
        let rect = screen
            .0
            .get_by(|node| node.label().is_some_and(|label| label.starts_with(chart)))
            .rect();
        let at = rect.left_center() + vec2(rect.width() * 0.7, 4.0);
        drag(&mut screen, at, at);
        assert!(screen.shows("The symptom: since"), "{chart}");
        assert_eq!(screen.desk().panels.time.then_ns(), None);
        screen.tap(Key::Enter);
        let early = screen.desk().view.now_ns / SECOND_NS - 180;
        assert!(stated(&screen).expect("stated") < early, "{chart}");
    }
}

fn drag(screen: &mut Screen, from: Pos2, to: Pos2) {
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    let events = [
        Event::PointerMoved(from),
        button(from, true),
        Event::PointerMoved(from + (to - from) / 2.0),
        Event::PointerMoved(to),
        button(to, false),
    ];
    for event in events {
        screen.0.input_mut().events.push(event);
        screen.0.run_steps(1);
    }
    screen.0.run_steps(2);
}
