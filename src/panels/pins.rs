//! Pins: what is shown becomes evidence. A pin is a look at once; it is attached when the session has recorded it, or
//! waits for the first hypothesis.

use brownout_session::command::{Command, Look};
use brownout_session::view::PlayerView;
use egui::{Align2, Area, Id, Label, Order, Rect, Ui, WidgetInfo, WidgetType, vec2};

use super::composer::{Figure, Quote};
use super::dock;
use super::format::SECOND_NS;
use super::intent::Intent;
use super::lookup::Lookup;
use super::state::State;
use super::words;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// How long a notice stays, in seconds.
const NOTICE_S: f64 = 3.0;
/// After this many seconds a look that was not recorded is given up: the session refused it.
const PATIENCE_S: f64 = 3.0;

/// Something pinned and not attached yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    /// What.
    pub look: Look,
    /// Whether it speaks for the hypothesis; otherwise against.
    pub supports: bool,
    /// Hypothesis it goes to; `None`: the first that is written.
    pub hypothesis: Option<u32>,
    /// Number of the newest look when it was pinned: its own is a later one.
    after: u64,
    /// Wall time it was pinned at, in seconds.
    at_s: f64,
    /// Number of its look, once recorded.
    pub observed: Option<u64>,
}

/// A line that says what has just happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    words: String,
    until_s: f64,
}

/// What is pinned and what was said of it.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    /// Not attached yet, oldest first.
    pub waiting: Vec<Pin>,
    notice: Option<Notice>,
}

impl Pins {
    /// Says something for a few seconds.
    pub fn say(&mut self, words: String, now_s: f64) {
        self.notice = Some(Notice {
            words,
            until_s: now_s + NOTICE_S,
        });
    }

    /// Recorded pins that wait for a hypothesis.
    pub fn clipboard(&self) -> impl Iterator<Item = &Pin> {
        self.waiting
            .iter()
            .filter(|pin| pin.hypothesis.is_none() && pin.observed.is_some())
    }

    /// Finds the looks of what waits, and takes out what can be attached: hypothesis, look and side of each.
    fn settle(&mut self, view: &PlayerView, now_s: f64) -> Vec<(u32, u64, bool)> {
        let mut refused = None;
        let first = view.hypotheses.last().map(|hypothesis| hypothesis.id);
        let mut ready = Vec::new();
        self.waiting.retain_mut(|pin| {
            if pin.observed.is_none() {
                let recorded = view
                    .looks
                    .iter()
                    .rev()
                    .find(|(seq, _, look)| *seq > pin.after && *look == pin.look);
                pin.observed = recorded.map(|(seq, _, _)| *seq);
            }
            match (pin.observed, pin.hypothesis.or(first)) {
                (Some(observed), Some(hypothesis)) => {
                    ready.push((hypothesis, observed, pin.supports));
                    false
                }
                (Some(_), None) => true,
                (None, _) => {
                    let late = now_s - pin.at_s > PATIENCE_S;
                    if late {
                        refused = Some(format!("Not pinned: {} is gone", words::look(&pin.look)));
                    }
                    !late
                }
            }
        });
        if let Some(words) = refused {
            self.say(words, now_s);
        }
        ready
    }
}

/// Pins the thing at the cursor, or else what the dock shows.
pub fn pin(
    ui: &Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
    supports: bool,
) {
    let thing = state.dock.item.clone();
    let now_s = ui.input(|input| input.time);
    let Some(look) = thing.or_else(|| dock::look(view, state)) else {
        let words =
            "Nothing to pin: this tab shows nothing yet. Select a component, or point at a line.";
        state.pins.say(words.to_owned(), now_s);
        return;
    };
    keep(lookup, state, &look);
    let hypothesis = state.board.chosen(view);
    // What is pinned is what is seen now.
    intents.push(Intent::Command(Command::Observe(look.clone())));
    if dock::look(view, state).as_ref() == Some(&look) {
        state.watch.recorded();
    }
    let number = |id| view.hypotheses.iter().position(|h| Some(h.id) == id);
    let side = if supports { "for" } else { "against" };
    let change = matches!(look, Look::Change { .. }) && supports && hypothesis.is_some();
    let words = match number(hypothesis) {
        Some(index) if change => format!(
            "Pinned {side} H{}: {}. E names it as what set it off",
            index + 1,
            words::look(&look)
        ),
        Some(index) => format!("Pinned {side} H{}: {}", index + 1, words::look(&look)),
        None => format!("Pinned, no hypothesis yet: {}", words::look(&look)),
    };
    state.pins.say(words, now_s);
    state.pins.waiting.push(Pin {
        look,
        supports,
        hypothesis,
        after: view.looks.last().map_or(0, |(seq, _, _)| *seq),
        at_s: now_s,
        observed: None,
    });
}

/// Keeps what a message can say of a pin: the figure of a chart, the words of a line.
fn keep(lookup: &dyn Lookup, state: &mut State, look: &Look) {
    match look {
        Look::Metric { metric, .. } => {
            if let Some(value) = lookup.read(metric, 60 * SECOND_NS) {
                state.figures.retain(|figure| figure.metric != *metric);
                state.figures.push(Figure {
                    metric: metric.clone(),
                    value,
                    said: false,
                });
            }
        }
        look => {
            if let Some(quote) = Quote::of(look)
                && !state.quotes.contains(&quote)
            {
                state.quotes.push(quote);
            }
        }
    }
}

/// Attaches what was pinned once its look is in the view, and draws the notice over the foot of the dock.
pub fn follow(ui: &Ui, view: &PlayerView, state: &mut State, intents: &mut Vec<Intent>) {
    let now_s = ui.input(|input| input.time);
    for (hypothesis, observed, supports) in state.pins.settle(view, now_s) {
        intents.push(Intent::Command(Command::AttachEvidence {
            hypothesis,
            observed,
            supports,
        }));
    }
    let over = state
        .pins
        .notice
        .as_ref()
        .is_some_and(|n| n.until_s <= now_s);
    if over {
        state.pins.notice = None;
    }
}

/// Draws the notice over the foot of an area.
pub fn notice(ui: &Ui, state: &State, area: Rect) {
    let Some(notice) = &state.pins.notice else {
        return;
    };
    let theme = Theme::of(ui.ctx());
    Area::new(Id::new("pin notice"))
        .order(Order::Foreground)
        .interactable(false)
        .pivot(Align2::CENTER_BOTTOM)
        .fixed_pos(area.center_bottom() - vec2(0.0, theme.space.m))
        .show(ui.ctx(), |ui| {
            section::card(ui, Some(theme.palette.accent), |ui| {
                ui.set_max_width((area.width() - 4.0 * theme.space.xl).min(440.0));
                let words = text::body(&theme, &notice.words);
                let response = ui.add(Label::new(words).truncate());
                response
                    .widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &notice.words));
            });
        });
}

/// Draws what waits for a hypothesis.
pub fn clipboard(ui: &mut Ui, view: &PlayerView, state: &mut State) {
    let waiting: Vec<(usize, String, bool)> = state
        .pins
        .waiting
        .iter()
        .enumerate()
        .filter(|(_, pin)| pin.hypothesis.is_none())
        .map(|(index, pin)| (index, words::item(view, &pin.look), pin.supports))
        .collect();
    if waiting.is_empty() {
        return;
    }
    let theme = Theme::of(ui.ctx());
    let mut dropped = None;
    section::card(ui, None, |ui| {
        ui.set_width(ui.available_width());
        ui.label(text::quiet(&theme, "Pinned, no hypothesis yet"));
        for (index, words, supports) in waiting {
            ui.horizontal(|ui| {
                let width = ui.available_width() - 44.0;
                ui.allocate_ui(vec2(width, 26.0), |ui| {
                    ui.set_width(width);
                    let sign = if supports { "+" } else { "−" };
                    let words = text::quiet(&theme, format!("{sign} {words}"));
                    ui.add(Label::new(words.color(theme.palette.text)).truncate());
                });
                if button(ui, "×", None, Weight::Choice(false))
                    .on_hover_text("Drop this pin")
                    .clicked()
                {
                    dropped = Some(index);
                }
            });
        }
    });
    ui.add_space(theme.space.xs);
    if let Some(index) = dropped {
        state.pins.waiting.remove(index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;
    use brownout_session::command::{NewHypothesis, Verdict};
    use brownout_session::view::HypothesisView;

    fn pin(hypothesis: Option<u32>) -> Pin {
        Pin {
            look: Look::Overview,
            supports: true,
            hypothesis,
            after: 4,
            at_s: 10.0,
            observed: None,
        }
    }

    fn pins(hypothesis: Option<u32>) -> Pins {
        Pins {
            waiting: vec![pin(hypothesis)],
            notice: None,
        }
    }

    fn view(looks: &[u64]) -> PlayerView {
        PlayerView {
            looks: looks.iter().map(|&seq| (seq, 0, Look::Overview)).collect(),
            ..sample::calm()
        }
    }

    #[test]
    fn a_pin_is_attached_to_its_own_look_not_to_an_older_one() {
        let mut pins = pins(Some(2));
        assert_eq!(pins.settle(&view(&[3, 4]), 10.5), []);
        assert_eq!(pins.settle(&view(&[3, 4, 9]), 11.0), [(2, 9, true)]);
        assert!(pins.waiting.is_empty());
    }

    #[test]
    fn without_a_hypothesis_it_waits_for_one() {
        let mut pins = pins(None);
        assert_eq!(pins.settle(&view(&[9]), 100.0), []);
        assert_eq!(pins.clipboard().count(), 1);
        let mut view = view(&[9]);
        view.hypotheses.push(HypothesisView {
            id: 7,
            at_ns: 0,
            written: NewHypothesis {
                suspect: "checkout".to_owned(),
                mechanism: "slow-query".to_owned(),
                regions: Vec::new(),
                trigger: None,
                predictions: Vec::new(),
                confidence: 50,
            },
            sustaining: None,
            path: Vec::new(),
            confidence: 50,
            verdict: Verdict::Open,
            outcomes: Vec::new(),
            evidence: Vec::new(),
        });
        assert_eq!(pins.settle(&view, 200.0), [(7, 9, true)]);
    }

    #[test]
    fn what_the_session_refused_is_given_up_and_said() {
        let mut pins = pins(Some(2));
        assert_eq!(pins.settle(&view(&[3]), 14.0), []);
        assert!(pins.waiting.is_empty());
        assert!(pins.notice.is_some());
    }
}
