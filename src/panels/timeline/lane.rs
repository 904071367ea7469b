//! A lane of marks above the strip. Marks too near to each other to be told apart are one, with their number beside it.

use std::sync::Arc;

use brownout_session::view::PlayerView;
use egui::{
    Align2, CursorIcon, Galley, Painter, Rect, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2,
};

use super::super::state::State;
use super::marks::{self, Mark};
use crate::theme::Theme;
use crate::widgets::chart;

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

/// Marks nearer to the first of a group than this, in points, belong to it.
const GROUP: f32 = 17.0;
/// Room for the number of marks in a group, in points.
const NUMBER: f32 = 9.0;
/// Half the width of a mark in points.
const HALF: f32 = 7.0;
/// Names shown together, at most.
const NAMES: usize = 8;

/// Where lanes are drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strip {
    /// Space of both lanes.
    pub lanes: Rect,
    /// The plot below them.
    pub plot: Rect,
    /// The time the plot shows, in nanoseconds.
    pub window: (u64, u64),
    /// Where now is.
    pub now: f32,
}

impl Strip {
    fn x(&self, at_ns: u64) -> f32 {
        chart::x_at(self.plot, self.window, at_ns)
    }
}

/// Marks drawn as one, the most important first.
struct Group<'a> {
    marks: Vec<&'a Mark>,
    /// Where the first of them lies.
    x: f32,
    /// Where the last of them lies.
    last: f32,
}

impl Group<'_> {
    /// How far from its first mark another belongs to it: where a number stands beside it, nothing else has room.
    fn reach(&self) -> f32 {
        if self.marks.len() > 1 {
            GROUP + NUMBER
        } else {
            GROUP
        }
    }

    /// Whether its number has no room between it and the word that says "now".
    fn at_now(&self, strip: &Strip) -> bool {
        (0.0..HALF + NUMBER).contains(&(strip.now - self.x)) && self.marks.len() > 1
    }

    /// What may be said beside it, from the most to the least; the last is always said.
    fn names(&self) -> Vec<String> {
        let name = self.marks.first().map_or("", |mark| mark.name.as_str());
        match self.marks.len() {
            0 | 1 => vec![name.to_owned()],
            count => vec![format!("{name} +{}", count - 1), count.to_string()],
        }
    }
}

/// Groups of marks in order of time, each led by its most important mark.
fn groups<'a>(marks: impl Iterator<Item = &'a Mark>, x: impl Fn(&Mark) -> f32) -> Vec<Group<'a>> {
    let mut marks: Vec<&Mark> = marks.collect();
    marks.sort_by_key(|mark| mark.at_ns);
    let mut groups: Vec<Group<'a>> = Vec::new();
    for mark in marks {
        let at = x(mark);
        match groups.last_mut() {
            Some(group) if at - group.x < group.reach() => {
                group.marks.push(mark);
                group.last = at;
            }
            _ => groups.push(Group {
                marks: vec![mark],
                x: at,
                last: at,
            }),
        }
    }
    for group in &mut groups {
        group
            .marks
            .sort_by_key(|mark| (std::cmp::Reverse(mark.about.rank()), mark.at_ns));
    }
    groups
}

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
        match self {
            Self::Theirs => marks::theirs(view),
            Self::Own => marks::own(view),
        }
    }

    /// Draws the lane above a plot; a click opens what a mark is about.
    pub fn ui(self, ui: &mut Ui, view: &PlayerView, state: &mut State, strip: &Strip) {
        let theme = Theme::of(ui.ctx());
        let index = if self == Self::Theirs { 0.5 } else { 1.5 };
        let y = strip.lanes.top() + Self::HEIGHT * index;
        let font = theme.sans(theme.size.tiny - 1.0);
        ui.painter().text(
            pos2(strip.plot.left() - 6.0, y),
            Align2::RIGHT_CENTER,
            self.name(),
            font,
            theme.palette.dim,
        );
        let line = Stroke::new(1.0, theme.palette.line);
        let ground = y + Self::HEIGHT / 2.0;
        ui.painter().hline(strip.plot.x_range(), ground, line);
        let mut marks = self.marks(view);
        marks.retain(|mark| mark.at_ns >= strip.window.0);
        let x = |mark: &Mark| strip.x(mark.at_ns);
        let (looks, others): (Vec<&Mark>, Vec<&Mark>) =
            marks.iter().partition(|mark| mark.about.is_look());
        for look in &looks {
            let at = pos2(x(look), ground - 2.5);
            look.about.paint(ui.painter(), at, &theme);
        }
        let groups = groups(others.into_iter(), x);
        for group in &groups {
            if let Some(first) = group.marks.first() {
                first.about.paint(ui.painter(), pos2(group.x, y), &theme);
            }
        }
        names(ui.painter(), &groups, y, strip, &theme);
        let space = Rect::from_x_y_ranges(
            strip.plot.left() - HALF..=strip.plot.right(),
            y - Self::HEIGHT / 2.0..=ground,
        );
        let response = ui.interact(space, ui.id().with(self.name()), Sense::click());
        response.widget_info(|| {
            let words = format!("Marks of the timeline, {}: {}", self.name(), marks.len());
            WidgetInfo::labeled(WidgetType::Button, true, words)
        });
        let Some(at) = response.hover_pos() else {
            return;
        };
        let group = groups
            .iter()
            .find(|group| (group.x - HALF..=group.last.max(group.x + HALF)).contains(&at.x));
        let near: Vec<&Mark> = match group {
            Some(group) => group.marks.clone(),
            None => looks
                .into_iter()
                .filter(|look| (x(look) - at.x).abs() <= HALF)
                .collect(),
        };
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

/// Names beside marks, where there is room; how many a mark stands for in any case.
fn names(painter: &Painter, groups: &[Group<'_>], y: f32, strip: &Strip, theme: &Theme) {
    let font = theme.sans(theme.size.tiny - 1.0);
    let lay = |words: String| painter.layout_no_wrap(words, font.clone(), theme.palette.muted);
    let mut free = strip.plot.left();
    for (index, group) in groups.iter().enumerate() {
        let next = groups.get(index + 1).map_or(strip.plot.right(), |next| {
            // The number of what comes just before now stands at its left.
            let number = if next.at_now(strip) { NUMBER } else { 0.0 };
            next.x - HALF - number
        });
        // The word that says "now" has its place; what comes just before it is named at its left.
        let last = group.x <= strip.now && next > strip.now;
        let right = if last { strip.now - 2.0 } else { next };
        let place = |galley: &Arc<Galley>, must: bool| {
            let width = galley.size().x;
            let (before, after) = (group.x - HALF - width, group.x + HALF);
            if after + width <= right {
                Some(after)
            } else if last && (before >= free || must) {
                Some(before)
            } else {
                must.then_some(after)
            }
        };
        let mut names = group.names();
        let shortest = (names.len() > 1).then(|| names.pop()).flatten();
        let long = names.into_iter().map(|words| (lay(words), false));
        let short = shortest.into_iter().map(|words| (lay(words), true));
        let fits = long
            .chain(short)
            .find_map(|(galley, must)| place(&galley, must).map(|left| (galley, left)));
        free = group.x + HALF;
        if let Some((galley, left)) = fits {
            free = free.max(left + galley.size().x) + 4.0;
            // Clear of the looks on the lane's ground.
            let at = pos2(left, y - galley.size().y / 2.0 - 1.5);
            painter.galley(at, galley, theme.palette.muted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::marks::About;
    use super::*;

    fn mark(at_ns: u64, about: About) -> Mark {
        Mark {
            at_ns,
            about,
            name: "it".to_owned(),
            words: String::new(),
        }
    }

    /// Marks that would lie over each other are one, led by what matters most; none is lost.
    #[test]
    fn near_marks_are_one() {
        let marks = [
            mark(100, About::Alert(false)),
            mark(108, About::Page),
            mark(118, About::Message),
            mark(130, About::Talk(false)),
            mark(150, About::Talk(true)),
        ];
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let groups = groups(marks.iter(), |mark| mark.at_ns as f32);
        let leaders: Vec<About> = groups.iter().map(|group| group.marks[0].about).collect();
        assert_eq!(
            leaders,
            [About::Page, About::Talk(false), About::Talk(true)]
        );
        let count: usize = groups.iter().map(|group| group.marks.len()).sum();
        assert_eq!(count, marks.len());
        // The third is farther from the first than two lone marks would need, but it would lie on their number.
        assert_eq!(groups[0].names(), ["it +2", "3"]);
        assert_eq!(groups[2].names(), ["it"]);
    }
}
