//! What a player does at the incident screen becomes commands.

use brownout::panels::dock::{TABS, Tab};
use brownout::panels::state::Column;
use brownout_session::command::{Action, Audience, Command, Look, Status, SymptomKind, Verdict};
use brownout_telemetry::signal::Signal;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};

use crate::desk::{Desk, Screen};

fn screen() -> Screen {
    Screen::of(Desk::paged(120))
}

#[test]
fn the_page_is_acknowledged_by_key_and_by_click() {
    let mut screen = screen();
    assert!(screen.shows("You are paged"));
    screen.tap(Key::A);
    assert_eq!(screen.deeds(), [&Command::Acknowledge]);
    assert!(!screen.shows("You are paged"));

    let mut screen = self::screen();
    screen.click(Role::Button, "Acknowledge");
    assert_eq!(screen.deeds(), [&Command::Acknowledge]);
}

/// Tabs open by their key and by their name, and only one is open.
#[test]
fn tabs_open_by_key_and_by_name() {
    let keys = [
        Key::F3,
        Key::F4,
        Key::F5,
        Key::F6,
        Key::F7,
        Key::F8,
        Key::F9,
        Key::F10,
        Key::F11,
        Key::F12,
    ];
    let mut screen = screen();
    for (key, (tab, name, _)) in keys.into_iter().zip(TABS).rev() {
        screen.tap(key);
        assert_eq!(screen.desk().panels.dock.tab, tab, "{name} by its key");
    }
    for (tab, name, _) in TABS.into_iter().rev() {
        screen.click(Role::Button, name);
        assert_eq!(screen.desk().panels.dock.tab, tab, "{name} by its name");
    }
}

/// A symptom in a few keys: what is stated is what the keys said, and the severity is declared with it.
#[test]
fn a_symptom_is_stated_with_keys() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap(Key::S);
    screen.tap(Key::V);
    screen.tap(Key::Enter);
    let severity = screen.desk().view.severities[1].name.clone();
    let declared = Command::DeclareSeverity {
        severity: severity.clone(),
    };
    assert!(screen.desk().done.contains(&declared));
    let symptom = screen.desk().view.symptom.clone().expect("stated");
    assert_eq!(symptom.kind, SymptomKind::Errors);
    assert_eq!(symptom.regions, ["eu-west"]);
    assert_eq!(symptom.severity, severity);
    assert_eq!(screen.desk().view.severity, Some(severity));
}

/// At most twelve keys: H, letters of the mechanism, a digit, Enter.
#[test]
fn a_hypothesis_is_written_in_twelve_keys() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap(Key::H);
    let keys = "missing v7";
    screen.typed(keys);
    screen.tap(Key::Enter);
    let written = screen.desk().view.hypotheses[0].written.clone();
    assert_eq!(written.suspect, "gateway");
    assert_eq!(written.mechanism, "missing-variable");
    assert_eq!(written.regions, ["eu-west"]);
    assert_eq!(written.confidence, 70);
    assert!(keys.len() + 2 <= 12);
    assert!(!screen.desk().panels.board.busy(), "the form is closed");
}

/// Escape leaves nothing behind, and letters meant for a form do nothing else: an A there acknowledges no page.
#[test]
fn a_form_keeps_its_letters_to_itself() {
    let mut screen = screen();
    screen.tap(Key::H);
    screen.typed("shupa");
    screen.tap(Key::Escape);
    assert!(screen.deeds().is_empty());
    let desk = screen.desk();
    assert!(desk.panels.composer.is_none() && !desk.panels.board.busy());
}

/// An action waits for a yes; the price is accepted with one key.
#[test]
fn an_action_is_considered_and_confirmed() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap_with(Key::K, Modifiers::COMMAND);
    screen.typed("restart gateway in eu");
    screen.tap(Key::Enter);
    assert!(screen.shows("price"));
    assert!(
        !screen.desk().done.iter().any(is_act),
        "nothing is done before the yes"
    );
    screen.tap(Key::Y);
    screen.tap(Key::Enter);
    let deeds = screen.deeds();
    let [Command::Act(intervention)] = deeds.as_slice() else {
        panic!("one action: {deeds:?}");
    };
    assert!(intervention.price_accepted);
    let wanted = Action::Restart {
        service: "gateway".to_owned(),
        region: Some("eu-west".to_owned()),
    };
    assert_eq!(intervention.action, wanted);
    assert_eq!(screen.desk().view.actions.len(), 1);
}

/// A key for each frame: what follows the palette's Enter at once is for what was chosen there.
#[test]
fn a_quick_yes_after_the_palette_counts() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap_with(Key::K, Modifiers::COMMAND);
    screen.typed("restart gateway in eu");
    for key in [Key::Enter, Key::Y, Key::Enter] {
        screen.0.input_mut().events.push(Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::NONE,
        });
        screen.0.run_steps(1);
    }
    let deeds = screen.deeds();
    let [Command::Act(intervention)] = deeds.as_slice() else {
        panic!("one action: {deeds:?}");
    };
    assert!(intervention.price_accepted);
}

const fn is_act(command: &Command) -> bool {
    matches!(command, Command::Act(_))
}

/// Enter alone asks about the price first; Enter again goes without it.
#[test]
fn a_price_is_not_accepted_by_the_way() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap_with(Key::Num2, Modifiers::ALT);
    screen.tap(Key::Enter);
    assert!(screen.deeds().is_empty(), "asked first");
    assert!(screen.shows("price is not accepted"));
    screen.tap(Key::Enter);
    let deeds = screen.deeds();
    let [Command::Act(intervention)] = deeds.as_slice() else {
        panic!("one action: {deeds:?}");
    };
    assert!(!intervention.price_accepted);
}

/// An action on what the hypothesis suspects tests it; one elsewhere is containment.
#[test]
fn an_action_serves_the_hypothesis_about_its_component() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap(Key::H);
    screen.typed("missing v7");
    screen.tap(Key::Enter);
    let serves = |screen: &Screen| {
        let considered = screen.desk().panels.board.action.considered.as_ref();
        considered.expect("considered").serves
    };
    screen.tap_with(Key::Num2, Modifiers::ALT);
    let hypothesis = screen.desk().view.hypotheses[0].id;
    assert_eq!(serves(&screen), Some(hypothesis));
    screen.tap(Key::Escape);
    screen.select("catalogue in eu-west");
    screen.tap_with(Key::Num2, Modifiers::ALT);
    assert_eq!(serves(&screen), None);
}

/// A form that closes leaves no control with the focus: the next letter is for the screen.
#[test]
fn a_form_that_closes_gives_the_keys_back() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap(Key::H);
    screen.typed("missing v");
    screen.tap(Key::Tab);
    screen.typed("8");
    screen.tap(Key::Enter);
    let written = screen.desk().view.hypotheses[0].written.clone();
    assert_eq!(written.confidence, 80, "a digit outside the field counts");
    screen.tap(Key::U);
    assert!(screen.desk().panels.composer.is_some(), "U is heard");
}

/// What became known later is written with keys: what set it off, what keeps it going, which way it takes.
#[test]
fn trigger_cause_and_path_are_named_with_keys() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap(Key::H);
    screen.typed("missing v7");
    screen.tap(Key::Enter);
    screen.click(Role::Button, "Changes");
    screen.wait(2);
    screen.tap(Key::E);
    screen.0.run_steps(1);
    screen.tap(Key::ArrowDown);
    screen.tap(Key::Tab);
    screen.typed("retry st");
    screen.tap(Key::Tab);
    screen.tap(Key::End);
    screen.typed("catal");
    screen.tap(Key::Enter);
    let found = screen.desk().view.hypotheses[0].clone();
    let newest = screen.desk().view.changes.last().expect("a change");
    assert_eq!(found.written.trigger.as_ref(), Some(&newest.title));
    assert_eq!(found.sustaining.as_deref(), Some("retry-storm"));
    assert_eq!(found.path, ["gateway", "catalogue"]);
    assert!(screen.shows("kept going by"), "the card says so");
}

/// What appears or goes above a field moves it, but what is typed goes on into it: the page comes when it comes.
#[test]
fn a_page_takes_no_letters_from_a_field() {
    let mut screen = screen();
    screen.tap(Key::U);
    screen.tap(Key::T);
    screen.typed("we ");
    assert!(screen.shows("You are paged"));
    screen.0.state_mut().view.acknowledged = true;
    screen.0.run_steps(1);
    assert!(!screen.shows("You are paged"));
    screen.typed("are at it");
    let composer = screen.desk().panels.composer.clone().expect("open");
    assert_eq!(composer.words, "we are at it");
    assert!(screen.deeds().is_empty(), "no letter was a command");
}

/// An update that says nothing is not sent, and answers nobody.
#[test]
fn an_empty_update_is_not_sent() {
    let mut screen = screen();
    screen.tap(Key::U);
    screen.tap(Key::Num1);
    screen.tap(Key::Enter);
    assert!(screen.deeds().is_empty());
    assert!(screen.shows("Nothing is said yet"));
    assert!(screen.desk().panels.composer.is_some(), "still open");
}

#[test]
fn an_action_is_not_done_without_a_yes() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap_with(Key::K, Modifiers::COMMAND);
    screen.typed("restart gateway");
    screen.tap(Key::Enter);
    screen.tap(Key::Escape);
    assert!(!screen.desk().done.iter().any(is_act));
    assert!(!screen.desk().panels.board.busy());
}

/// An update says what was stated and switched on, and nothing else.
#[test]
fn an_update_is_written_with_keys() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap(Key::S);
    screen.tap(Key::Enter);
    screen.tap(Key::U);
    assert_eq!(screen.desk().panels.column, Column::WarRoom);
    screen.typed("is1");
    screen.tap(Key::Enter);
    let view = &screen.desk().view;
    let (_, message) = view.messages.last().expect("sent");
    assert_eq!(message.claims.len(), 2, "impact and scope");
    assert_eq!(message.next_update_min, Some(10));
    assert!(view.update_due_ns.is_some(), "the promise is kept in sight");
}

/// What is on the screen for a second and a half was looked at; a pin goes to the hypothesis at hand.
#[test]
fn looks_are_recorded_and_pinned() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap(Key::H);
    screen.typed("missing v7");
    screen.tap(Key::Enter);
    screen.click(Role::Button, "Metrics");
    let looks = screen.desk().view.looks.len();
    screen.wait(2);
    assert!(screen.desk().view.looks.len() > looks, "a look lasts");
    screen.tap(Key::P);
    screen.0.run_steps(8);
    let evidence = &screen.desk().view.hypotheses[0].evidence;
    assert_eq!(evidence.len(), 1);
    assert!(evidence[0].supports, "P supports, Shift P speaks against");
}

/// The palette finds a component, and selecting it filters the tab at hand.
#[test]
fn the_palette_finds_components_and_tabs() {
    let mut screen = screen();
    screen.tap_with(Key::K, Modifiers::CTRL);
    screen.typed("payments us");
    screen.tap(Key::Enter);
    let selection = screen.desk().panels.selection.clone().expect("selected");
    assert_eq!(selection.service, "payments");
    screen.tap_with(Key::K, Modifiers::CTRL);
    screen.typed("logs");
    screen.tap(Key::Enter);
    assert_eq!(screen.desk().panels.dock.tab, Tab::Logs);
}

/// J asks for the verdict on the hypothesis at hand and a letter gives it; the letter does nothing else.
#[test]
fn a_hypothesis_is_judged_with_two_keys() {
    let mut screen = screen();
    screen.tap(Key::J);
    assert!(!screen.desk().panels.board.busy(), "there is none to judge");
    screen.select("gateway in eu-west");
    screen.tap(Key::H);
    screen.typed("missing v7");
    screen.tap(Key::Enter);
    for (letter, verdict) in [
        (Key::S, Verdict::Supported),
        (Key::R, Verdict::Refuted),
        (Key::D, Verdict::Abandoned),
        (Key::O, Verdict::Open),
    ] {
        screen.tap(Key::J);
        screen.tap(letter);
        let desk = screen.desk();
        assert_eq!(desk.view.hypotheses[0].verdict, verdict);
        assert!(!desk.panels.takes_keys(), "{letter:?} opens nothing");
    }
    screen.tap(Key::J);
    screen.tap(Key::Escape);
    screen.tap(Key::S);
    let desk = screen.desk();
    assert_eq!(desk.view.hypotheses[0].verdict, Verdict::Open);
    assert!(
        desk.panels.board.symptom.is_some(),
        "S states the symptom again"
    );
}

/// Status and what became of data go round with a key each; what is not so yet is doubted before it is sent.
#[test]
fn an_update_has_a_key_for_each_row() {
    let mut screen = screen();
    screen.tap(Key::U);
    screen.typed("ggdmr");
    let composer = screen.desk().panels.composer.as_ref().expect("open");
    assert_eq!(composer.status, Status::Monitoring);
    assert_eq!(composer.data_loss, Some(false));
    assert!(screen.shows("Mitigating: no action"));
    assert!(screen.shows("Recovered: users are not yet"));
    screen.typed("mrwcall");
    let composer = screen.desk().panels.composer.as_ref().expect("open");
    assert_eq!(
        composer.workaround.as_deref(),
        Some("call"),
        "W leads into it"
    );
    assert_eq!(
        composer.audience,
        Audience::Public,
        "its letters stay in it"
    );
    assert!(!screen.shows("Mitigating: no action"));
    assert!(!screen.shows("Recovered: users are not yet"));
}

/// Another company's component is offered nothing the session would refuse: who answers for it can be asked.
#[test]
fn nothing_is_offered_that_is_not_ours_to_do() {
    let mut screen = screen();
    screen.tap_with(Key::K, Modifiers::CTRL);
    screen.typed("parcel");
    screen.tap(Key::Enter);
    let selection = screen.desk().panels.selection.clone().expect("selected");
    assert_eq!(selection.service, "parcel-quotes");
    assert!(!screen.shows("Roll back parcel-quotes"));
    assert!(screen.shows("another company"));
    screen.tap_with(Key::Num1, Modifiers::ALT);
    screen.tap(Key::Y);
    screen.tap(Key::Enter);
    let deeds = screen.deeds();
    let [Command::Act(asked)] = deeds.as_slice() else {
        panic!("one page: {deeds:?}");
    };
    assert!(matches!(asked.action, Action::PagePerson { .. }));
    assert!(screen.desk().refused.is_empty());
}

/// Signals are found by name and by what people call them, and gone through with a key.
#[test]
fn signals_are_chosen_with_keys() {
    let mut screen = screen();
    screen.select("gateway in eu-west");
    screen.tap_with(Key::K, Modifiers::CTRL);
    screen.typed("latency");
    screen.tap(Key::Enter);
    let dock = |screen: &Screen| {
        (
            screen.desk().panels.dock.tab,
            screen.desk().panels.dock.signal,
        )
    };
    assert_eq!(dock(&screen), (Tab::Metrics, Signal::LatencyP95));
    screen.tap(Key::V);
    assert_eq!(dock(&screen).1, Signal::Rate);
    screen.tap_with(Key::V, Modifiers::SHIFT);
    screen.tap_with(Key::V, Modifiers::SHIFT);
    assert_eq!(dock(&screen).1, Signal::ErrorShare);
    screen.tap_with(Key::V, Modifiers::SHIFT);
    assert_ne!(dock(&screen).1, Signal::ErrorShare, "round the end");
}

/// Shift R asks whether it is over and says what users were told last; Y ends it.
#[test]
fn resolving_has_a_key() {
    let mut screen = screen();
    screen.typed("ry");
    assert!(screen.deeds().is_empty(), "letters alone end nothing");
    screen.tap_with(Key::R, Modifiers::SHIFT);
    assert!(screen.shows("nobody was told anything"));
    screen.tap(Key::Escape);
    assert!(screen.deeds().is_empty());
    screen.tap_with(Key::R, Modifiers::SHIFT);
    screen.tap(Key::Y);
    assert_eq!(screen.deeds(), [&Command::Resolve]);
}

/// Resolving ends the session and asks first.
#[test]
fn resolving_asks_first() {
    let mut screen = screen();
    screen.click(Role::Button, "Resolve");
    screen.tap(Key::N);
    assert!(!screen.desk().done.contains(&Command::Resolve));
    screen.click(Role::Button, "Resolve");
    screen.tap(Key::Y);
    assert_eq!(screen.deeds(), [&Command::Resolve]);
    assert!(screen.desk().view.ended);
}

/// A query is chosen or typed, answered with series and refused in words; what was asked counts as looked at.
#[test]
fn metrics_are_asked_for_by_a_query() {
    let mut screen = screen();
    screen.tap(Key::F9);
    screen.click(Role::Button, "p95 by service");
    assert!(
        screen.shows("{service_name=\"edge\"}"),
        "an answer by service"
    );
    let asked = screen.desk().panels.dock.ask.asked.clone();
    assert!(asked.starts_with("histogram_quantile"), "{asked}");
    screen.tap(Key::Slash);
    screen.typed(" +");
    screen.tap(Key::Enter);
    assert!(
        !screen.shows("{service_name=\"edge\"}"),
        "no answer to what is no question"
    );
    let asked = &screen.desk().panels.dock.ask.asked;
    assert!(asked.ends_with('+'), "{asked}");
}

/// The logs are asked in their own language: lines, or figures over time.
#[test]
fn logs_are_asked_for_by_a_query() {
    let mut screen = screen();
    screen.tap(Key::F9);
    screen.click(Role::Button, "logs · LogQL");
    screen.click(Role::Button, "time-outs");
    screen.0.run_steps(8);
    assert!(screen.shows("upstream timeout after"), "lines");
    let asked = screen.desk().done.iter().any(|command| {
        matches!(command, Command::Observe(Look::Query { logs: true, text, .. }) if text.contains("timeout"))
    });
    assert!(asked, "it counts as looked at");
    screen.click(Role::Button, "metrics · PromQL");
    assert!(screen.desk().panels.dock.ask.asked.is_empty());
    screen.click(Role::Button, "logs · LogQL");
    screen.click(Role::Button, "errors by service");
    assert!(screen.shows("{service_name=\"checkout\"}"), "figures");
}
