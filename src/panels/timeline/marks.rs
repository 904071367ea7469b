//! Marks above the strip: what happened in one lane, what the player did in the other.

use brownout_session::view::PlayerView;
use brownout_telemetry::changes::ChangeKind;
use egui::{Align2, CursorIcon, Painter, Pos2, Rect, Sense, Stroke, Ui, WidgetInfo, WidgetType};
use egui::{StrokeKind, Vec2, pos2, vec2};

use super::super::dock::{self, Tab};
use super::super::state::{Column, State};
use super::super::words;
use crate::theme::{Palette, Theme};
use crate::widgets::chart;
use crate::widgets::mark;

/// Whose doings a lane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// The system's and other people's.
    Theirs,
    /// The player's.
    Own,
}

/// Lanes from the top.
pub(super) const LANES: [Lane; 2] = [Lane::Theirs, Lane::Own];

/// What a mark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
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
struct Mark {
    at_ns: u64,
    about: About,
    words: String,
}

/// Marks this near each other, in points, are named together.
const NEAR: f32 = 6.0;
/// Names shown together, at most.
const NAMES: usize = 8;

impl Lane {
    /// Height in points.
    pub const HEIGHT: f32 = 15.0;

    const fn name(self) -> &'static str {
        match self {
            Self::Theirs => "system",
            Self::Own => "you",
        }
    }

    fn marks(self, view: &PlayerView) -> Vec<Mark> {
        let mut marks = match self {
            Self::Theirs => theirs(view),
            Self::Own => own(view),
        };
        // What matters more is drawn later, over the rest.
        marks.sort_by_key(|mark| (mark.about.rank(), mark.at_ns));
        marks
    }

    /// Draws the lane above a plot; a click opens what a mark is about.
    pub fn ui(
        self,
        ui: &mut Ui,
        view: &PlayerView,
        state: &mut State,
        lanes: Rect,
        plot: Rect,
        window: (u64, u64),
    ) {
        let theme = Theme::of(ui.ctx());
        let index = if self == Self::Theirs { 0.5 } else { 1.5 };
        let y = lanes.top() + Self::HEIGHT * index;
        let font = theme.sans(theme.size.tiny - 1.0);
        ui.painter().text(
            pos2(plot.left() - 6.0, y),
            Align2::RIGHT_CENTER,
            self.name(),
            font,
            theme.palette.dim,
        );
        let line = Stroke::new(1.0, theme.palette.line);
        ui.painter()
            .hline(plot.x_range(), y + Self::HEIGHT / 2.0, line);
        let place = |mark: &Mark| pos2(chart::x_at(plot, window, mark.at_ns), y);
        let marks = self.marks(view);
        for mark in &marks {
            mark.about.paint(ui.painter(), place(mark), &theme);
        }
        if self == Self::Own {
            names(ui.painter(), &marks, place, plot.right(), &theme);
        }
        let strip = Rect::from_x_y_ranges(
            plot.left() - NEAR..=plot.right() + NEAR,
            y - Self::HEIGHT / 2.0..=y + Self::HEIGHT / 2.0,
        );
        let response = ui.interact(strip, ui.id().with(self.name()), Sense::click());
        response.widget_info(|| {
            let words = format!("Marks of the timeline, {}: {}", self.name(), marks.len());
            WidgetInfo::labeled(WidgetType::Button, true, words)
        });
        let Some(at) = response.hover_pos() else {
            return;
        };
        let mut near: Vec<&Mark> = marks
            .iter()
            .filter(|mark| (place(mark).x - at.x).abs() <= NEAR)
            .collect();
        near.reverse();
        let Some(first) = near.first() else { return };
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        if response.clicked() {
            first.about.open(view, state);
        }
        response.on_hover_ui_at_pointer(|ui| {
            for mark in near.iter().take(NAMES) {
                ui.label(format!("{}  {}", view.clock(mark.at_ns), mark.words));
            }
            if near.len() > NAMES {
                ui.label(format!("and {} more", near.len() - NAMES));
            }
        });
    }
}

fn theirs(view: &PlayerView) -> Vec<Mark> {
    let page = view.page.iter().map(|page| Mark {
        at_ns: page.at_ns,
        about: About::Page,
        words: format!("page: {}", page.text),
    });
    let alerts = view.alerts.iter().map(|alert| Mark {
        at_ns: alert.since_ns,
        about: About::Alert(alert.pages),
        words: format!("alert: {}, {}", alert.name, alert.region),
    });
    let changes = view.changes.iter().enumerate();
    let changes = changes
        .filter(|(_, change)| !change.own)
        .filter_map(|(index, change)| {
            Some(Mark {
                at_ns: u64::try_from(change.at_ns).ok()?,
                about: About::Change(index, change.kind),
                words: change.title.clone(),
            })
        });
    let talk = view.talk.iter().map(|line| Mark {
        at_ns: line.at_ns,
        about: About::Talk(line.question.is_some() && line.answered_ns.is_none()),
        words: format!("{}: {}", line.person, line.text),
    });
    page.chain(alerts).chain(changes).chain(talk).collect()
}

fn own(view: &PlayerView) -> Vec<Mark> {
    let looks = view.looks.iter().enumerate();
    let looks = looks.map(|(index, (_, at_ns, look))| Mark {
        at_ns: *at_ns,
        about: About::Look(index),
        words: format!("looked at {}", words::look(look)),
    });
    let messages = view.messages.iter().map(|(at_ns, message)| Mark {
        at_ns: *at_ns,
        about: About::Message,
        words: format!(
            "update to {}: {}",
            words::audience(message.audience).to_lowercase(),
            words::status(message.status).to_lowercase()
        ),
    });
    let actions = view.actions.iter().map(|action| Mark {
        at_ns: action.at_ns,
        about: About::Action,
        words: action.title.clone(),
    });
    let hypotheses = view.hypotheses.iter().map(|hypothesis| Mark {
        at_ns: hypothesis.at_ns,
        about: About::Hypothesis(hypothesis.id),
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

/// Names beside the marks of hypotheses, actions and updates, where there is room.
fn names(
    painter: &Painter,
    marks: &[Mark],
    place: impl Fn(&Mark) -> Pos2,
    right: f32,
    theme: &Theme,
) {
    let font = theme.sans(theme.size.tiny - 1.0);
    let mut named: Vec<(&Mark, String)> = Vec::new();
    let (mut hypotheses, mut actions, mut updates) = (0, 0, 0);
    for mark in marks {
        let (word, count) = match mark.about {
            About::Hypothesis(_) => ("H", &mut hypotheses),
            About::Action => ("action ", &mut actions),
            About::Message => ("update ", &mut updates),
            _ => continue,
        };
        *count += 1;
        named.push((mark, format!("{word}{count}")));
    }
    named.sort_by_key(|(mark, _)| mark.at_ns);
    // A word is as far from its own mark as from other marks of any kind.
    let others: Vec<f32> = marks.iter().map(|mark| place(mark).x).collect();
    let mut free = f32::NEG_INFINITY;
    for (mark, words) in &named {
        let at = place(mark);
        let galley = painter.layout_no_wrap(words.clone(), font.clone(), theme.palette.muted);
        let width = galley.size().x;
        let clear = |left: f32| {
            let taken = |x: f32| x + 5.0 > left && x - 5.0 < left + width && (x - at.x).abs() > 0.5;
            left >= free && left + width <= right && !others.iter().any(|x| taken(*x))
        };
        // At its right; at the end of the strip, at its left.
        let places = [at.x + 7.0, at.x - 7.0 - width];
        let Some(left) = places.into_iter().find(|left| clear(*left)) else {
            continue;
        };
        free = at.x.max(left + width) + 4.0;
        let at = pos2(left, at.y - galley.size().y / 2.0);
        painter.galley(at, galley, theme.palette.muted);
    }
}

impl About {
    /// What covers what: the least important first.
    const fn rank(self) -> u8 {
        match self {
            Self::Look(_) => 0,
            Self::Talk(false) => 1,
            Self::Change(..) | Self::Message => 2,
            Self::Talk(true) | Self::Action => 3,
            Self::Alert(_) | Self::Hypothesis(_) => 4,
            Self::Page => 5,
        }
    }

    /// Paints its shape: every kind has one of its own.
    fn paint(self, painter: &Painter, at: Pos2, theme: &Theme) {
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
                    at.y - 3.0..=at.y + 3.0,
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
    fn open(self, view: &PlayerView, state: &mut State) {
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
        let about = |lane: Lane| -> Vec<About> {
            lane.marks(&view).iter().map(|mark| mark.about).collect()
        };
        let deploy = About::Change(0, ChangeKind::Deploy);
        assert_eq!(about(Lane::Theirs), [deploy, About::Page]);
        assert_eq!(about(Lane::Own), [About::Look(0)]);
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
