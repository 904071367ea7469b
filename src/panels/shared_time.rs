//! The time all charts of the incident screen share: what is pointed at, the window zoomed to, a time compared with now.

use std::sync::Arc;

use brownout_session::command::Metric;
use brownout_session::view::PlayerView;
use egui::{Key, Modifiers, Ui};

use super::board::BoardState;
use super::format::SECOND_NS;
use super::lookup::Lookup;
use super::pins::Pins;
use super::readings::{READING_NS, Series};
use super::state::State;
use super::then::Then;
use crate::widgets::button::{Weight, button};
use crate::widgets::chart::{self, Besides, Chart, Drawn, Line};

/// Shortest window worth zooming to.
const SHORTEST_NS: u64 = 30 * SECOND_NS;
/// Readings before a window that are read with it, so that lines reach its edge.
const MINUTE_NS: u64 = 60 * SECOND_NS;
/// How far back the time compared with lies at first.
const FIRST_NS: u64 = 5 * MINUTE_NS;

/// What charts share.
#[derive(Clone, Debug, Default)]
pub struct SharedTime {
    /// The time pointed at in any chart, as of the last frame.
    pub crosshair: Option<u64>,
    pointed: Option<u64>,
    /// The window dragged out of a chart.
    pub zoom: Option<(u64, u64)>,
    /// Whether charts also show as much time before their window, as dashed lines.
    pub before: bool,
    /// Whether the latency chart shows all percentiles of one place.
    pub spread: bool,
    /// A time compared with now.
    pub then: Option<Then>,
    /// Series read at the last scrape.
    kept: Kept,
}

/// Series read since the last scrape: nothing new can be read before the next.
#[derive(Clone, Debug, Default)]
struct Kept {
    scraped_ns: u64,
    series: Vec<(Metric, (u64, u64), Arc<Series>)>,
}

impl SharedTime {
    /// The window a chart shows: the one zoomed to, or its own.
    #[must_use]
    pub fn window(&self, own: (u64, u64)) -> (u64, u64) {
        let (from_ns, to_ns) = self.zoom.unwrap_or(own);
        (from_ns, to_ns.max(from_ns + 1))
    }

    /// Zooms to a range, widened where it would be too short to hold a reading.
    pub fn zoom_to(&mut self, (from_ns, to_ns): (u64, u64)) {
        let short_ns = SHORTEST_NS.saturating_sub(to_ns.saturating_sub(from_ns));
        let from_ns = from_ns.saturating_sub(short_ns / 2);
        self.zoom = Some((from_ns, to_ns.max(from_ns + SHORTEST_NS)));
    }

    /// When the time compared with now is.
    #[must_use]
    pub fn then_ns(&self) -> Option<u64> {
        self.then.as_ref().map(|then| then.at_ns)
    }

    /// Compares with a time from now on.
    pub fn compare_with(&mut self, at_ns: u64) {
        if self.then_ns() != Some(at_ns) {
            self.then = Some(Then::at(at_ns));
        }
    }

    /// Readings of a metric in a window and shortly before; read once per scrape.
    pub fn series(
        &mut self,
        lookup: &dyn Lookup,
        scraped_ns: u64,
        metric: &Metric,
        window: (u64, u64),
    ) -> Arc<Series> {
        if self.kept.scraped_ns != scraped_ns {
            self.kept = Kept {
                scraped_ns,
                series: Vec::new(),
            };
        }
        let kept = self.kept.series.iter();
        if let Some((_, _, series)) = kept
            .clone()
            .find(|(of, over, _)| of == metric && *over == window)
        {
            return Arc::clone(series);
        }
        let from_ns = window.0.saturating_sub(MINUTE_NS);
        let series = Arc::new(lookup.series(metric, from_ns, window.1, READING_NS));
        let entry = (metric.clone(), window, Arc::clone(&series));
        self.kept.series.push(entry);
        series
    }

    /// Draws a chart that shares its time with the others: crosshair, zoom by dragging, the time compared with.
    pub fn chart(&mut self, ui: &mut Ui, chart: &Chart<'_>, besides: Besides<'_>) -> Drawn {
        let mut crosshair = self.crosshair;
        let besides = Besides {
            then: self.then_ns(),
            touched: true,
            ..besides
        };
        let drawn = chart::with(ui, chart, besides, &mut crosshair);
        self.point(&drawn, crosshair);
        if let Some(range) = drawn.range {
            self.zoom_to(range);
        }
        if drawn.response.double_clicked() {
            self.zoom = None;
        }
        drawn
    }

    /// Takes over what a chart was pointed at.
    pub fn point(&mut self, drawn: &Drawn, crosshair: Option<u64>) {
        if drawn.response.hovered() || drawn.response.dragged() {
            self.pointed = crosshair;
        }
    }

    /// Zooms in or out by half about what is pointed at, or the end.
    fn step(&mut self, view: &PlayerView, own_ns: u64, closer: bool) {
        let now_ns = view.scraped_ns;
        let (from_ns, to_ns) = self.window((now_ns.saturating_sub(own_ns), now_ns));
        let span_ns = to_ns - from_ns;
        let wanted_ns = if closer { span_ns / 2 } else { span_ns * 2 };
        if wanted_ns >= own_ns {
            self.zoom = None;
            return;
        }
        let middle_ns = self
            .crosshair
            .unwrap_or(to_ns.saturating_sub(wanted_ns / 2));
        let from_ns = middle_ns
            .saturating_sub(wanted_ns / 2)
            .min(now_ns.saturating_sub(wanted_ns));
        self.zoom_to((from_ns, from_ns + wanted_ns));
    }
}

/// Begins a frame: keys of time, and figures of the time compared with. Before any panel.
pub fn begin(ui: &Ui, view: &PlayerView, lookup: &dyn Lookup, state: &mut State) {
    state.time.crosshair = state.time.pointed.take();
    if !state.takes_keys() && !ui.ctx().egui_wants_keyboard_input() {
        keys(ui, view, state);
    }
    if let Some(then) = &mut state.time.then {
        then.read(view, lookup, state.selection.as_ref());
    }
}

fn keys(ui: &Ui, view: &PlayerView, state: &mut State) {
    let taken = |key: Key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let time = &mut state.time;
    if taken(Key::B) {
        time.before = !time.before;
    }
    if time.zoom.is_some() && (taken(Key::Z) || taken(Key::Backspace)) {
        time.zoom = None;
    }
    let own_ns = state.dock.window_s * SECOND_NS;
    if taken(Key::Plus) || taken(Key::Equals) {
        time.step(view, own_ns, true);
    }
    if taken(Key::Minus) {
        time.step(view, own_ns, false);
    }
    if time.then.is_some() && state.wait.running.is_none() && taken(Key::Escape) {
        time.then = None;
    }
    if taken(Key::T) {
        compare(view, state);
    }
    let time = &mut state.time;
    if let Some(at_ns) = time.then_ns() {
        let step = i8::from(taken(Key::ArrowRight)) - i8::from(taken(Key::ArrowLeft));
        if let Some(at_ns) = state.readings.scrape_beside(at_ns, step) {
            time.compare_with(at_ns);
        }
    }
}

/// Compares with the time a few minutes ago.
pub fn compare(view: &PlayerView, state: &mut State) {
    let first_ns = view.scraped_ns.saturating_sub(FIRST_NS);
    if let Some(at_ns) = state.readings.scrape_at(first_ns) {
        state.time.compare_with(at_ns);
    }
}

/// Takes a time clicked in a chart as the beginning of the symptom being stated, and says so.
pub fn began(ui: &Ui, view: &PlayerView, board: &mut BoardState, pins: &mut Pins, at_ns: u64) {
    if let Some(draft) = &mut board.symptom {
        draft.since(at_ns);
        let words = format!("The symptom: since {}", &view.clock(at_ns)[..5]);
        pins.say(words, ui.input(|input| input.time));
    }
}

/// Says what charts are zoomed to, and offers to compare with the time before.
pub fn controls(ui: &mut Ui, view: &PlayerView, time: &mut SharedTime) {
    let before = button(ui, "before", Some("B"), Weight::Choice(time.before));
    let words = "Draw as much time before this window as dashed lines";
    if before.on_hover_text(words).clicked() {
        time.before = !time.before;
    }
    zoomed(ui, view, time);
}

/// What charts are zoomed to, and the way back.
pub fn zoomed(ui: &mut Ui, view: &PlayerView, time: &mut SharedTime) {
    if let Some((from_ns, to_ns)) = time.zoom {
        let words = format!(
            "zoomed {}–{} ×",
            &view.clock(from_ns)[..5],
            &view.clock(to_ns)[..5]
        );
        let chip = button(ui, &words, Some("Z"), Weight::Primary);
        if chip.on_hover_text("Back to the whole window").clicked() {
            time.zoom = None;
        }
    }
}

/// A series moved to a window from the window of the same length before it.
#[must_use]
pub fn moved(series: &[(u64, Option<u64>)], (from_ns, to_ns): (u64, u64)) -> Series {
    let span_ns = to_ns - from_ns;
    let moved = series
        .iter()
        .map(|(at_ns, reading)| (at_ns + span_ns, *reading));
    moved.collect()
}

/// Highest reading of lines in a window.
#[must_use]
pub fn highest<'a>(lines: impl IntoIterator<Item = &'a Line<'a>>, window: (u64, u64)) -> u64 {
    in_window(lines, window).max().unwrap_or(0)
}

/// Lowest reading of lines in a window.
#[must_use]
pub fn lowest<'a>(
    lines: impl IntoIterator<Item = &'a Line<'a>>,
    window: (u64, u64),
) -> Option<u64> {
    in_window(lines, window).min()
}

fn in_window<'a>(
    lines: impl IntoIterator<Item = &'a Line<'a>>,
    (from_ns, to_ns): (u64, u64),
) -> impl Iterator<Item = u64> {
    lines
        .into_iter()
        .flat_map(|line| line.series)
        .filter(move |(at_ns, _)| (from_ns..=to_ns).contains(at_ns))
        .filter_map(|(_, reading)| *reading)
}

/// Last reading of a series in a window.
#[must_use]
pub fn last(series: &[(u64, Option<u64>)], window: (u64, u64)) -> Option<u64> {
    let end = series.partition_point(|(at_ns, _)| *at_ns <= window.1);
    let (at_ns, reading) = *end.checked_sub(1).and_then(|index| series.get(index))?;
    reading.filter(|_| at_ns >= window.0)
}

/// Why a chart of a metric has no line in a window.
#[must_use]
pub fn why_empty(scraped_ns: u64, window: (u64, u64), metric: &Metric) -> &'static str {
    if scraped_ns == 0 {
        "no samples yet: the first scrape is still to come"
    } else if window.0 >= scraped_ns {
        "no samples: nothing of this window has been scraped yet"
    } else if metric.signal.is_gauge() {
        "no samples: no instance was there to be scraped in this window"
    } else if metric.service.is_some() {
        "no samples: nothing called it in this window"
    } else {
        "no samples: no user asked for it in this window"
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use brownout_telemetry::signal::Signal;

    use super::*;
    use crate::panels::sample;
    use crate::panels::state::Selection;

    /// Answers every series with one reading, and counts the questions.
    #[derive(Default)]
    struct Counting(Cell<u32>);

    impl Lookup for Counting {
        fn series(&self, _metric: &Metric, _from_ns: u64, to_ns: u64, _window_ns: u64) -> Series {
            self.0.set(self.0.get() + 1);
            vec![(to_ns, Some(7))]
        }
    }

    /// Telemetry is asked once per metric, window and scrape, however often a chart is drawn.
    #[test]
    fn a_series_is_read_once_per_scrape() {
        let (lookup, mut time) = (Counting::default(), SharedTime::default());
        let metric = |region| Metric::service(Signal::ErrorShare, "checkout", Some(region));
        for _ in 0..10 {
            time.series(&lookup, 60, &metric("eu"), (0, 60));
            time.series(&lookup, 60, &metric("us"), (0, 60));
        }
        assert_eq!(lookup.0.get(), 2);
        time.series(&lookup, 75, &metric("eu"), (15, 75));
        assert_eq!(lookup.0.get(), 3);
        assert_eq!(time.kept.series.len(), 1, "what left the window is dropped");
    }

    /// A short drag still holds readings; stepping out of the own window ends the zoom.
    #[test]
    fn zooms_are_never_too_short() {
        let mut time = SharedTime::default();
        time.zoom_to((100 * SECOND_NS, 101 * SECOND_NS));
        let (from_ns, to_ns) = time.zoom.unwrap();
        assert!(to_ns - from_ns >= SHORTEST_NS);
        assert!(from_ns <= 100 * SECOND_NS && to_ns >= 101 * SECOND_NS);
        let view = PlayerView {
            scraped_ns: 1_000 * SECOND_NS,
            ..PlayerView::default()
        };
        time.zoom = None;
        time.step(&view, 900 * SECOND_NS, true);
        assert_eq!(time.zoom, Some((550 * SECOND_NS, 1_000 * SECOND_NS)));
        time.step(&view, 900 * SECOND_NS, false);
        assert_eq!(time.zoom, None);
    }

    /// The window before lies exactly under the window.
    #[test]
    fn the_window_before_is_moved_by_its_length() {
        let series = [(40, Some(1)), (60, Some(2)), (100, Some(3))];
        let moved = moved(&series, (60, 100));
        assert_eq!(last(&moved, (60, 100)), Some(2));
        assert_eq!(last(&series, (60, 100)), Some(3));
        assert_eq!(last(&series, (101, 200)), None);
    }

    /// Figures of then are read for all flows and for the selected component, and again when another is selected.
    #[test]
    fn figures_of_then_follow_the_selection() {
        let (lookup, view) = (Counting::default(), sample::calm());
        let mut state = State::default();
        state.time.compare_with(500);
        egui::__run_test_ui(|ui| begin(ui, &view, &lookup, &mut state));
        let then = state.time.then.as_ref().unwrap();
        assert_eq!(then.flows[0][1].p95_us, Some(7));
        assert!(then.selected.is_none());
        state.selection = Some(Selection {
            service: "checkout".to_owned(),
            region: 1,
        });
        egui::__run_test_ui(|ui| begin(ui, &view, &lookup, &mut state));
        let then = state.time.then.as_ref().unwrap();
        assert_eq!(then.selected.as_ref().unwrap().1.queued, Some(7));
    }
}
