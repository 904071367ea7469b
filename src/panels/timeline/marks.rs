//! What the strip marks: what happened, what the player did, and what a click on it opens.

use brownout_session::view::PlayerView;
use brownout_telemetry::changes::ChangeKind;
use egui::{Painter, Pos2, Rect, Stroke, StrokeKind, Vec2, vec2};

use super::super::dock::{self, Tab};
use super::super::state::{Column, State};
use super::super::words;
use crate::theme::{Palette, Theme};
use crate::widgets::mark;

/// What a mark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Page,
    /// Whether it wakes somebody.
    Alert(bool),
    /// Position in the view's changes, and its kind.
    Change(usize, ChangeKind),
    /// Whether an answer is awaited.
    Talk(bool),
    /// Position in the view's looks.
    Look(usize),
    Message,
    Action,
    Hypothesis(u32),
}

/// A mark.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub at_ns: u64,
    pub about: About,
    /// A word or two, beside the mark where there is room.
    pub name: String,
    /// What is said of it to who points at it.
    pub words: String,
}

/// What the system and other people did.
pub(super) fn theirs(view: &PlayerView) -> Vec<Mark> {
    let page = view.page.iter().map(|page| Mark {
        at_ns: page.at_ns,
        about: About::Page,
        name: "page".to_owned(),
        words: format!("page: {}", page.text),
    });
    let alerts = view.alerts.iter().map(|alert| Mark {
        at_ns: alert.since_ns,
        about: About::Alert(alert.pages),
        name: "alert".to_owned(),
        words: format!("alert: {}, {}", alert.name, alert.region),
    });
    let changes = view.changes.iter().enumerate();
    let changes = changes
        .filter(|(_, change)| !change.own)
        .filter_map(|(index, change)| {
            Some(Mark {
                at_ns: u64::try_from(change.at_ns).ok()?,
                about: About::Change(index, change.kind),
                name: mark::change_word(change.kind).to_owned(),
                words: change.title.clone(),
            })
        });
    let talk = view.talk.iter().map(|line| Mark {
        at_ns: line.at_ns,
        about: About::Talk(line.question.is_some() && line.answered_ns.is_none()),
        name: line.person.clone(),
        words: format!("{}: {}", line.person, line.text),
    });
    page.chain(alerts).chain(changes).chain(talk).collect()
}

/// What the player did.
pub(super) fn own(view: &PlayerView) -> Vec<Mark> {
    let looks = view.looks.iter().enumerate();
    let looks = looks.map(|(index, (_, at_ns, look))| Mark {
        at_ns: *at_ns,
        about: About::Look(index),
        name: String::new(),
        words: format!("looked at {}", words::look(look)),
    });
    let messages = view.messages.iter().enumerate();
    let messages = messages.map(|(index, (at_ns, message))| Mark {
        at_ns: *at_ns,
        about: About::Message,
        name: format!("update {}", index + 1),
        words: format!(
            "update to {}: {}",
            words::audience(message.audience).to_lowercase(),
            words::status(message.status).to_lowercase()
        ),
    });
    let actions = view.actions.iter().enumerate();
    let actions = actions.map(|(index, action)| Mark {
        at_ns: action.at_ns,
        about: About::Action,
        name: format!("action {}", index + 1),
        words: action.title.clone(),
    });
    let hypotheses = view.hypotheses.iter().enumerate();
    let hypotheses = hypotheses.map(|(index, hypothesis)| Mark {
        at_ns: hypothesis.at_ns,
        about: About::Hypothesis(hypothesis.id),
        name: format!("H{}", index + 1),
        words: format!(
            "hypothesis: {}, {}",
            hypothesis.written.suspect,
            words::mechanism(&hypothesis.written.mechanism)
        ),
    });
    looks
        .chain(messages)
        .chain(actions)
        .chain(hypotheses)
        .collect()
}

impl About {
    /// What covers what: the least important first.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Look(_) => 0,
            Self::Talk(false) => 1,
            Self::Change(..) | Self::Message => 2,
            Self::Talk(true) | Self::Action => 3,
            Self::Alert(_) | Self::Hypothesis(_) => 4,
            Self::Page => 5,
        }
    }

    /// Whether it is one of the many looks, which are ticks on the lane's ground.
    pub const fn is_look(self) -> bool {
        matches!(self, Self::Look(_))
    }

    /// Paints its shape: every kind has one of its own.
    pub fn paint(self, painter: &Painter, at: Pos2, theme: &Theme) {
        let palette: &Palette = &theme.palette;
        let square = |size: Vec2| Rect::from_center_size(at, size);
        match self {
            Self::Page => mark::triangle(painter, at, 5.5, palette.failing, mark::Direction::Up),
            Self::Alert(pages) => {
                let color = if pages {
                    palette.failing
                } else {
                    palette.degraded
                };
                painter.circle_stroke(at, 3.5, Stroke::new(1.5, color));
                painter.circle_filled(at, 1.2, color);
            }
            Self::Change(_, kind) => mark::change(painter, palette, at, kind, false),
            Self::Talk(open) => {
                let color = if open { palette.degraded } else { palette.dim };
                mark::speech(painter, at, color);
            }
            Self::Look(_) => {
                painter.vline(
                    at.x,
                    at.y - 2.0..=at.y + 2.0,
                    Stroke::new(1.5, palette.muted),
                );
            }
            Self::Message => mark::speech(painter, at, palette.accent),
            Self::Action => {
                mark::triangle(painter, at, 5.0, palette.text, mark::Direction::Right);
            }
            Self::Hypothesis(_) => {
                let stroke = Stroke::new(1.5, palette.accent);
                painter.rect_stroke(square(vec2(8.0, 8.0)), 1, stroke, StrokeKind::Inside);
            }
        }
    }

    /// Opens what it is about.
    pub fn open(self, view: &PlayerView, state: &mut State) {
        match self {
            Self::Page | Self::Alert(_) => state.dock.tab = Tab::Overview,
            Self::Change(index, _) => {
                let service = view.changes.get(index).and_then(|of| of.service.as_deref());
                // A filter by another component would hide it.
                if state
                    .selection
                    .as_ref()
                    .is_some_and(|selected| service.is_some_and(|of| of != selected.service))
                {
                    state.selection = None;
                }
                state.open_change = Some(index);
                state.dock.tab = Tab::Changes;
            }
            Self::Talk(_) | Self::Message => state.column = Column::WarRoom,
            Self::Action => state.column = Column::Board,
            Self::Hypothesis(id) => {
                state.column = Column::Board;
                state.board.hypothesis = Some(id);
            }
            Self::Look(index) => {
                if let Some((_, _, look)) = view.looks.get(index) {
                    dock::reopen(view, state, look);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use brownout_session::command::Look;
    use brownout_session::view::{ChangeView, PageView};

    use super::*;
    use crate::panels::state::Selection;

    fn view() -> PlayerView {
        let mut view = crate::panels::sample::calm();
        view.page = Some(PageView {
            at_ns: 90,
            text: "help".to_owned(),
            region: None,
            flow: None,
        });
        let change = |own| ChangeView {
            at_ns: 30,
            kind: ChangeKind::Deploy,
            title: "payments 2".to_owned(),
            by: "ci".to_owned(),
            detail: String::new(),
            service: Some("payments".to_owned()),
            version: None,
            flag: None,
            regions: Vec::new(),
            rollouts: Vec::new(),
            own,
        };
        view.changes = vec![change(false), change(true)];
        view.looks = vec![(
            1,
            100,
            Look::Logs {
                service: "cart".to_owned(),
                region: Some("eu-west".to_owned()),
                window_s: 60,
            },
        )];
        view
    }

    /// Doings of the player and of the system lie in different lanes; own changes are shown as actions, not twice.
    #[test]
    fn each_lane_has_its_own_marks() {
        let view = view();
        let about = |marks: &[Mark]| -> Vec<About> { marks.iter().map(|of| of.about).collect() };
        let deploy = About::Change(0, ChangeKind::Deploy);
        assert_eq!(about(&theirs(&view)), [About::Page, deploy]);
        assert_eq!(about(&own(&view)), [About::Look(0)]);
    }

    /// A mark opens what it is about, and lifts a filter that would hide it.
    #[test]
    fn marks_open_what_they_are_about() {
        let (view, mut state) = (view(), State::default());
        About::Look(0).open(&view, &mut state);
        assert_eq!(state.dock.tab, Tab::Logs);
        let cart = Selection {
            service: "cart".to_owned(),
            region: 1,
        };
        assert_eq!(state.selection.as_ref(), Some(&cart));
        About::Change(0, ChangeKind::Deploy).open(&view, &mut state);
        assert_eq!((state.dock.tab, state.open_change), (Tab::Changes, Some(0)));
        assert_eq!(state.selection, None);
        About::Hypothesis(4).open(&view, &mut state);
        assert_eq!(state.board.hypothesis, Some(4));
    }
}
