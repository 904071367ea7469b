//! The war room: what people say and ask, what was told to whom, and the composer.

use brownout_session::command::Message;
use brownout_session::view::{PlayerView, TalkView};
use egui::{Color32, Label, ScrollArea, Sense, Ui, WidgetInfo, WidgetType, vec2};

use super::composer::{self, Composer};
use super::format;
use super::intent::Intent;
use super::lookup::Lookup;
use super::state::State;
use super::words;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{fade, section, text};

/// Questions nobody has answered yet.
#[must_use]
pub fn unanswered(view: &PlayerView) -> usize {
    view.talk.iter().filter(|talk| waiting(talk)).count()
}

/// The question to answer next: the one whose patience ends first.
#[must_use]
pub fn next_question(view: &PlayerView) -> Option<u32> {
    view.talk
        .iter()
        .filter(|talk| waiting(talk))
        .min_by_key(|talk| (talk.patience_ends_ns, talk.at_ns))
        .and_then(|talk| talk.question)
}

const fn waiting(talk: &TalkView) -> bool {
    talk.question.is_some() && talk.answered_ns.is_none()
}

/// Draws the room, newest first.
pub fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let theme = Theme::of(ui.ctx());
    let mut open = None;
    section::title(ui, "War room", |ui| {
        if state.composer.is_none() && button(ui, "Update", Some("U"), Weight::Normal).clicked() {
            open = Some(None);
        }
    });
    let shown = ScrollArea::vertical()
        .id_salt("war room")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            composer::ui(ui, view, lookup, state, intents);
            ui.add_space(theme.space.s);
            if view.talk.is_empty() && view.messages.is_empty() {
                section::empty(ui, "Nobody has said anything yet. Silence is noticed.");
            }
            let said = view.talk.iter().map(|talk| (talk.at_ns, Ok(talk)));
            let told = view
                .messages
                .iter()
                .map(|(at_ns, message)| (*at_ns, Err(message)));
            let mut all: Vec<(u64, Result<&TalkView, &Message>)> = said.chain(told).collect();
            // Open questions first, the most pressing at the top; then the newest.
            all.sort_by_key(|(at_ns, line)| match line {
                Ok(talk) if waiting(talk) => (0, talk.patience_ends_ns.unwrap_or(u64::MAX), *at_ns),
                _ => (1, u64::MAX - *at_ns, 0),
            });
            let first = next_question(view).filter(|_| state.composer.is_none());
            for (at_ns, line) in all {
                match line {
                    Ok(talk) => {
                        let next = first.is_some() && talk.question == first;
                        if let Some(question) = spoken(ui, view, talk, next, &theme) {
                            open = Some(Some(question));
                        }
                    }
                    Err(message) => own(ui, view, at_ns, message, &theme),
                }
                ui.add_space(theme.space.xs);
            }
        });
    fade::lower_edge(ui, &shown, theme.palette.surface);
    if let Some(answers) = open {
        state.composer = Some(Composer::after(view, answers));
    }
}

/// Something somebody said; the question the player wants to answer.
fn spoken(
    ui: &mut Ui,
    view: &PlayerView,
    talk: &TalkView,
    next: bool,
    theme: &Theme,
) -> Option<u32> {
    let palette = theme.palette;
    let left_ns = talk
        .patience_ends_ns
        .map(|ends_ns| ends_ns.saturating_sub(view.now_ns));
    let impatient = waiting(talk) && left_ns == Some(0);
    let edge = match (waiting(talk), impatient) {
        (true, true) => palette.failing,
        (true, false) => palette.degraded,
        _ => palette.line,
    };
    let mut answer = None;
    section::card(ui, Some(edge), |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(text::name(theme, &talk.person));
            let ago = format::ago(view.now_ns.saturating_sub(talk.at_ns));
            ui.label(text::quiet(theme, ago));
        });
        ui.add(Label::new(text::body(theme, &talk.text)).wrap());
        if waiting(talk)
            && let Some(share) = age(view, talk)
        {
            ageing(ui, share, edge, &talk.person, theme);
        }
        if let Some(question) = talk.question {
            ui.horizontal(|ui| {
                if waiting(talk) {
                    let key = next.then_some("U");
                    if button(ui, "Answer", key, Weight::Normal).clicked() {
                        answer = Some(question);
                    }
                    let words = match left_ns {
                        Some(0) => "out of patience".to_owned(),
                        Some(left) => format!("patient for {}", format::span(left)),
                        None => "waiting".to_owned(),
                    };
                    ui.label(text::number(theme, words, edge));
                } else {
                    ui.label(text::quiet(theme, "answered"));
                }
            });
        }
    });
    answer
}

/// How much of somebody's patience is used up, 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a share to be drawn")]
fn age(view: &PlayerView, talk: &TalkView) -> Option<f32> {
    let whole = talk.patience_ends_ns?.checked_sub(talk.at_ns)?.max(1);
    let gone = view.now_ns.saturating_sub(talk.at_ns);
    Some((gone as f32 / whole as f32).min(1.0))
}

/// A bar that grows towards impatience.
fn ageing(ui: &mut Ui, share: f32, ink: Color32, person: &str, theme: &Theme) {
    let (track, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    response.widget_info(|| {
        let words = format!("{person} has used {:.0} % of their patience", share * 100.0);
        WidgetInfo::labeled(WidgetType::ProgressIndicator, true, words)
    });
    let track = track.shrink2(vec2(0.0, 1.0));
    ui.painter().rect_filled(track, 2, theme.palette.line);
    let done = egui::Rect::from_min_size(track.min, vec2(track.width() * share, track.height()));
    ui.painter().rect_filled(done, 2, ink);
}

fn own(ui: &mut Ui, view: &PlayerView, at_ns: u64, message: &Message, theme: &Theme) {
    section::card(ui, Some(theme.palette.accent), |ui| {
        ui.set_width(ui.available_width());
        let audience = words::audience(message.audience);
        let status = words::status(message.status);
        ui.horizontal(|ui| {
            ui.label(text::name(theme, format!("You to {audience}: {status}")));
            ui.label(text::quiet(theme, &view.clock(at_ns)[..5]));
        });
        ui.add(Label::new(text::body(theme, said(view, message))).wrap());
    });
}

/// A message as people read it.
pub(super) fn said(view: &PlayerView, message: &Message) -> String {
    let mut line: Vec<String> = message.claims.iter().map(|c| claim(view, c)).collect();
    if !message.words.is_empty() {
        line.push(message.words.clone());
    }
    if let Some(minutes) = message.next_update_min {
        line.push(format!("next update in {minutes} min"));
    }
    line.join(" · ")
}

/// A claim in words.
fn claim(view: &PlayerView, claim: &brownout_session::command::Claim) -> String {
    use brownout_session::command::Claim;
    match claim {
        Claim::Impact { kind, flow } => {
            format!("{} in {}", words::kind(*kind), words::flow(view, flow))
        }
        Claim::Scope { regions } if regions.is_empty() => "nowhere".to_owned(),
        Claim::Scope { regions } => words::regions(regions),
        Claim::Since { since_s } => {
            format!("since {}", &view.clock(since_s * format::SECOND_NS)[..5])
        }
        Claim::Figure { metric, value } => format!(
            "{} {}",
            words::metric(metric),
            words::reading(metric.signal)(*value)
        ),
        Claim::Cause { component, known } => {
            let sure = if *known { "cause" } else { "suspected" };
            format!("{sure}: {component}")
        }
        Claim::CauseUnknown => "cause unknown".to_owned(),
        Claim::Mitigating => "mitigating".to_owned(),
        Claim::Watching => "watching on purpose, changing nothing".to_owned(),
        Claim::Workaround { words } => format!("workaround: {words}"),
        Claim::Recovered => "users are served again".to_owned(),
        Claim::DataLoss { lost: true } => "work was lost".to_owned(),
        Claim::DataLoss { lost: false } => "nothing was lost".to_owned(),
        Claim::FollowUp => "a review will follow".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;

    fn question(number: u32, at_ns: u64, ends_ns: u64) -> TalkView {
        TalkView {
            at_ns,
            person: "Mara".to_owned(),
            text: "What may I tell them?".to_owned(),
            question: Some(number),
            answered_ns: None,
            patience_ends_ns: Some(ends_ns),
        }
    }

    #[test]
    fn the_most_pressing_question_is_answered_first() {
        let mut view = PlayerView {
            now_ns: 150,
            talk: vec![question(0, 100, 900), question(1, 120, 200)],
            ..sample::calm()
        };
        assert_eq!(next_question(&view), Some(1));
        assert_eq!(unanswered(&view), 2);
        view.talk[1].answered_ns = Some(140);
        assert_eq!(next_question(&view), Some(0));
    }

    #[test]
    fn patience_runs_out_and_stays_out() {
        let view = PlayerView {
            now_ns: 150,
            ..sample::calm()
        };
        assert_eq!(age(&view, &question(0, 100, 200)), Some(0.5));
        assert_eq!(age(&view, &question(0, 100, 120)), Some(1.0));
        assert_eq!(age(&view, &question(0, 150, 150)), Some(0.0));
    }
}
