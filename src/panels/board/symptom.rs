//! The symptom, stated in one line before any theory.

use brownout_session::command::{Command, Symptom, SymptomKind, Trend};
use brownout_session::view::PlayerView;
use egui::{Key, Label, Ui};

use super::super::format::SECOND_NS;
use super::super::intent::Intent;
use super::super::keys;
use super::super::state::State;
use super::super::words;
use super::choice;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// A symptom being stated. Nothing in it is read from the telemetry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    kind: SymptomKind,
    flow: usize,
    regions: Vec<bool>,
    since_s: u64,
    severity: usize,
    trend: Trend,
}

impl Draft {
    /// A draft from the last statement, or from the selection, else from what the page said.
    #[must_use]
    pub fn new(view: &PlayerView, state: &State) -> Self {
        let paged = || {
            let named = view.page.as_ref()?.region.as_ref();
            view.regions.iter().position(|region| Some(region) == named)
        };
        let selected = state.selection.as_ref().map(|s| usize::from(s.region));
        let place = selected.or_else(paged);
        let main = view.flows.iter().position(|flow| flow.main).unwrap_or(0);
        let severity = |name: Option<&str>| {
            let named = view.severities.iter();
            named
                .map(|severity| Some(severity.name.as_str()))
                .position(|of| of == name)
                .unwrap_or(0)
        };
        let blank = Self {
            kind: SymptomKind::Errors,
            flow: main,
            regions: (0..view.regions.len())
                .map(|index| Some(index) == place)
                .collect(),
            since_s: alerted_ns(view) / SECOND_NS,
            severity: severity(view.severity.as_deref()),
            trend: Trend::Steady,
        };
        let position = |name: &str| view.flows.iter().position(|flow| flow.name == name);
        view.symptom.as_ref().map_or(blank, |stated| Self {
            kind: stated.kind,
            flow: position(&stated.flow).unwrap_or(main),
            regions: view
                .regions
                .iter()
                .map(|region| stated.regions.contains(region))
                .collect(),
            since_s: stated.since_s,
            severity: severity(Some(&stated.severity)),
            trend: stated.trend,
        })
    }

    /// Time the symptom began.
    pub const fn since(&mut self, at_ns: u64) {
        self.since_s = at_ns / SECOND_NS;
    }

    /// Takes keys: kind, flow, place, severity, trend by a letter each, the start by the arrows.
    fn keys(&mut self, ui: &Ui, view: &PlayerView) {
        let pressed = |key: Key| keys::plain(ui, key);
        let after = |index: usize, count: usize| (index + 1) % count.max(1);
        let position = |kind| words::KINDS.iter().position(|k| *k == kind).unwrap_or(0);
        if pressed(Key::K) {
            self.kind = words::KINDS[after(position(self.kind), words::KINDS.len())];
        }
        if pressed(Key::F) {
            self.flow = after(self.flow, view.flows.len());
        }
        if pressed(Key::R) {
            // None, each alone, none again.
            let at = self.regions.iter().position(|on| *on);
            let next = at.map_or(0, |index| index + 1);
            self.regions.fill(false);
            if let Some(on) = self.regions.get_mut(next) {
                *on = true;
            }
        }
        if pressed(Key::V) {
            self.severity = after(self.severity, view.severities.len());
        }
        if pressed(Key::T) {
            self.trend = match self.trend {
                Trend::Worse => Trend::Steady,
                Trend::Steady => Trend::Better,
                Trend::Better => Trend::Worse,
            };
        }
        if pressed(Key::ArrowLeft) {
            self.since_s = self.since_s.saturating_sub(60);
        }
        if pressed(Key::ArrowRight) {
            self.since_s = (self.since_s + 60).min(view.now_ns / SECOND_NS);
        }
    }

    /// The statement.
    #[must_use]
    pub fn symptom(&self, view: &PlayerView) -> Option<Symptom> {
        Some(Symptom {
            kind: self.kind,
            flow: view.flows.get(self.flow)?.name.clone(),
            regions: view
                .regions
                .iter()
                .zip(&self.regions)
                .filter(|(_, on)| **on)
                .map(|(region, _)| region.clone())
                .collect(),
            since_s: self.since_s,
            severity: view.severities.get(self.severity)?.name.clone(),
            trend: self.trend,
        })
    }
}

/// When the alert that woke somebody began: the earliest that still fires. Without one two minutes ago.
fn alerted_ns(view: &PlayerView) -> u64 {
    let firing = view.alerts.iter().filter(|alert| alert.until_ns.is_none());
    let first = firing
        .filter(|alert| alert.pages)
        .map(|alert| alert.since_ns)
        .min();
    first.unwrap_or_else(|| view.now_ns.saturating_sub(120 * SECOND_NS))
}

/// Draws the statement, or the form for it.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    let mut open = false;
    section::title(ui, "Symptom", |ui| {
        if state.board.symptom.is_none() {
            let words = if view.symptom.is_some() {
                "Restate"
            } else {
                "State it"
            };
            open = button(ui, words, Some("S"), Weight::Normal).clicked();
        }
    });
    if open {
        super::open_symptom(view, state);
    }
    if state.board.symptom.is_some() {
        form(ui, view, state, intents, &theme);
        return;
    }
    let Some(symptom) = &view.symptom else {
        section::empty(ui, "What do users feel, where, since when, how bad?");
        return;
    };
    section::card(ui, Some(theme.palette.failing), |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(text::body(&theme, words::symptom(view, symptom))).wrap());
    });
    if view.severity.as_ref() != Some(&symptom.severity) {
        let words = format!("Declare {}", symptom.severity);
        if button(ui, &words, None, Weight::Primary).clicked() {
            declare(intents, &symptom.severity);
        }
    }
}

fn declare(intents: &mut Vec<Intent>, severity: &str) {
    intents.push(Intent::Command(Command::DeclareSeverity {
        severity: severity.to_owned(),
    }));
}

fn form(
    ui: &mut Ui,
    view: &PlayerView,
    state: &mut State,
    intents: &mut Vec<Intent>,
    theme: &Theme,
) {
    let Some(draft) = &mut state.board.symptom else {
        return;
    };
    draft.keys(ui, view);
    let (mut done, mut cancelled) = ui.input(|input| {
        (
            input.key_pressed(Key::Enter),
            input.key_pressed(Key::Escape),
        )
    });
    section::card(ui, Some(theme.palette.accent), |ui| {
        ui.set_width(ui.available_width());
        // As it will be read.
        if let Some(symptom) = draft.symptom(view) {
            let line = text::name(theme, words::symptom(view, &symptom));
            ui.add(Label::new(line).wrap());
            ui.add_space(theme.space.xs);
        }
        choice::keyed(
            ui,
            Some("K"),
            "what",
            &words::KINDS.map(|k| (k, words::kind(k))),
            &mut draft.kind,
        );
        let flows: Vec<(usize, &str)> = view
            .flows
            .iter()
            .enumerate()
            .map(|(index, flow)| (index, flow.title.as_str()))
            .collect();
        choice::keyed(ui, Some("F"), "in", &flows, &mut draft.flow);
        choice::labelled(ui, Some("R"), "where", |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for (region, on) in view.regions.iter().zip(&mut draft.regions) {
                choice::toggle(ui, region, on);
            }
            if !draft.regions.contains(&true) {
                ui.label(text::quiet(theme, "(none: everywhere)"));
            }
        });
        choice::labelled(ui, None, "since", |ui| {
            if button(ui, "-1 min", Some("←"), Weight::Normal).clicked() {
                draft.since_s = draft.since_s.saturating_sub(60);
            }
            let clock = view.clock(draft.since_s * SECOND_NS);
            ui.label(text::number(theme, &clock[..5], theme.palette.text));
            if button(ui, "+1 min", Some("→"), Weight::Normal).clicked() {
                draft.since_s = (draft.since_s + 60).min(view.now_ns / SECOND_NS);
            }
        });
        choice::labelled(ui, None, "", |ui| {
            ui.label(text::quiet(theme, "or click a chart"));
        });
        let severities: Vec<(usize, &str)> = view
            .severities
            .iter()
            .enumerate()
            .map(|(index, severity)| (index, severity.name.as_str()))
            .collect();
        choice::keyed(ui, Some("V"), "severity", &severities, &mut draft.severity);
        if let Some(severity) = view.severities.get(draft.severity) {
            ui.add(Label::new(text::quiet(theme, &severity.when)).wrap());
        }
        choice::keyed(
            ui,
            Some("T"),
            "trend",
            &words::TRENDS.map(|t| (t, words::trend(t))),
            &mut draft.trend,
        );
        ui.add_space(theme.space.xs);
        ui.horizontal(|ui| {
            done |= button(ui, "State and declare", Some("Enter"), Weight::Primary).clicked();
            cancelled |= button(ui, "Cancel", Some("Esc"), Weight::Normal).clicked();
        });
    });
    if done && let Some(symptom) = draft.symptom(view) {
        if view.severity.as_ref() != Some(&symptom.severity) {
            declare(intents, &symptom.severity);
        }
        intents.push(Intent::Command(Command::StateSymptom(symptom)));
    }
    if done || cancelled {
        state.board.symptom = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;
    use brownout_session::view::{AlertView, PageView, SeverityView};

    #[test]
    fn a_symptom_starts_from_what_woke_somebody_and_reads_nothing_else() {
        let mut view = sample::calm();
        view.now_ns = 600 * SECOND_NS;
        view.severities = vec![SeverityView {
            name: "SEV-1".to_owned(),
            when: String::new(),
            failing_ppm: 0,
            slow_ppm: None,
            late_us: None,
        }];
        let draft = Draft::new(&view, &State::default());
        let symptom = draft.symptom(&view).expect("complete");
        assert_eq!(symptom.flow, "checkout");
        assert!(symptom.regions.is_empty(), "no region is announced");
        assert_eq!(symptom.since_s, 480, "two minutes ago");
        view.alerts = vec![AlertView {
            name: "checkout errors".to_owned(),
            region: "eu-west".to_owned(),
            since_ns: 420 * SECOND_NS,
            until_ns: None,
            pages: true,

            runbook: Vec::new(),
            reading: 0,
            unit: "ppm",
        }];
        view.page = Some(PageView {
            at_ns: 430 * SECOND_NS,
            text: String::new(),
            region: Some("eu-west".to_owned()),
            flow: None,
        });
        let draft = Draft::new(&view, &State::default());
        let symptom = draft.symptom(&view).expect("complete");
        assert_eq!(symptom.regions, ["eu-west"]);
        assert_eq!(symptom.since_s, 420);
    }
}
