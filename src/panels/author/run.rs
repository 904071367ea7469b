//! Which run is shown, and what its author has to know of it.

use brownout_scenario::compile::truth_index;
use brownout_session::view::Health;
use egui::{Align, Label, Layout, Rect, Sense, Ui, vec2};

use super::{AuthorView, Part, Standing, State, Wish, another_seed, parts};
use crate::author::facts::{self, Tone};
use crate::author::{Chosen, Course};
use crate::panels::format;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{mark, section, text};

/// Width of the column of a fact's name in points.
const NAMES: f32 = 116.0;
/// Width from which a fact has its name beside it instead of above, in points.
const BESIDE: f32 = 460.0;
/// Width that how far the run is takes, in points.
const PROGRESS: f32 = 300.0;

/// Draws what is chosen and how far it is. `divided`: graph and signals have no room for both.
pub(super) fn controls(
    ui: &mut Ui,
    view: &AuthorView<'_>,
    state: &mut State,
    divided: bool,
    wishes: &mut Vec<Wish>,
) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs;
        ui.add(Label::new(text::caption(&theme, "Truth")).extend());
        ui.add_space(theme.space.xs);
        let drawn = view
            .course
            .map(|course| course.scenario.name.as_str())
            .map(|name| truth_index(name, view.chosen.seed, view.truths.len()));
        let by_seed = drawn
            .and_then(|index| view.truths.get(index))
            .filter(|_| view.truths.len() > 1)
            .map_or_else(|| "by seed".to_owned(), |name| format!("by seed: {name}"));
        let each = view.truths.iter().enumerate();
        let each = each.map(|(index, name)| (Some(index), name.clone()));
        for (truth, words) in std::iter::once((None, by_seed)).chain(each) {
            let on = view.chosen.truth == truth;
            let key = (truth.is_none() && view.truths.len() > 1).then_some("T");
            if button(ui, &words, key, Weight::Choice(on)).clicked() {
                let chosen = Chosen {
                    truth,
                    ..view.chosen
                };
                wishes.push(Wish::Run(chosen));
            }
        }
    });
    let mut inline = false;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs;
        ui.add(Label::new(text::caption(&theme, "Seed")).extend());
        ui.add_space(theme.space.xs);
        let seed = text::number(&theme, view.chosen.seed.to_string(), theme.palette.text);
        ui.add(Label::new(seed).extend());
        ui.add_space(theme.space.xs);
        if button(ui, "Previous", Some("Shift N"), Weight::Normal)
            .on_hover_text("The run of the seed before")
            .clicked()
        {
            wishes.extend(another_seed(view, false));
        }
        if button(ui, "Next", Some("N"), Weight::Normal)
            .on_hover_text("The run of the next seed")
            .clicked()
        {
            wishes.extend(another_seed(view, true));
        }
        ui.add_space(theme.space.s);
        let weight = Weight::Choice(state.truth_shown);
        if button(ui, "Show the truth", Some("X"), weight)
            .on_hover_text("Marks the component at fault, the way the failure takes to the users, and changes players do not see")
            .clicked()
        {
            state.truth_shown = !state.truth_shown;
        }
        if divided {
            ui.add_space(theme.space.s);
            let both = [(Part::Graph, "Graph", "G"), (Part::Signals, "Signals", "S")];
            parts(ui, state, &both);
        }
        ui.add_space(theme.space.m);
        inline = ui.available_width() >= PROGRESS;
        if let Some(course) = view.course.filter(|_| inline) {
            progress(ui, view, course, &theme);
        }
    });
    if let Some(course) = view.course.filter(|_| !inline) {
        ui.horizontal(|ui| progress(ui, view, course, &theme));
    }
}

/// How far the run is, in a row.
fn progress(ui: &mut Ui, view: &AuthorView<'_>, course: &Course, theme: &Theme) {
    let palette = theme.palette;
    let horizon_ns = course.scenario.horizon_ns;
    let whole = facts::span(horizon_ns);
    let (seconds, tenths) = (view.took_ms / 1_000, view.took_ms / 100 % 10);
    let words = if view.running {
        format!("Nobody acts: {} of {whole} run", facts::span(course.now_ns))
    } else {
        format!("Nobody acts: {whole} run in {seconds}.{tenths} s")
    };
    let told = format!(
        "The incident with nobody acting, to its horizon: {} events so far",
        format::count(course.events)
    );
    let (rect, _) = ui.allocate_exact_size(vec2(72.0, 16.0), Sense::hover());
    let bar = Rect::from_center_size(rect.center(), vec2(rect.width(), 4.0));
    ui.painter().rect_filled(bar, 2, palette.line);
    let mut done = bar;
    done.set_width(bar.width() * share(course.now_ns, horizon_ns));
    let sound = view.standing == Standing::Sound;
    let ink = if sound {
        palette.accent
    } else {
        palette.degraded
    };
    ui.painter().rect_filled(done, 2, ink);
    ui.add_space(theme.space.xs);
    // While something is wrong, that this is old matters more than how long it took.
    let words = if sound {
        text::quiet(theme, words)
    } else {
        text::quiet(theme, "of the last reading without errors").color(palette.degraded)
    };
    ui.add(Label::new(words).extend()).on_hover_text(told);
}

#[expect(clippy::cast_precision_loss, reason = "a bar's length")]
fn share(part: u64, whole: u64) -> f32 {
    (part as f32 / whole.max(1) as f32).clamp(0.0, 1.0)
}

/// Says why there is no run.
pub(super) fn nothing(ui: &mut Ui, view: &AuthorView<'_>) {
    let words = match (view.trouble, view.standing) {
        (Some(trouble), _) => trouble,
        (None, Standing::Reading) => "Reading the files …",
        (None, Standing::System) => {
            "A system has no incident of its own. Open a scenario that names it to see it run: there, its file is checked as well."
        }
        (None, Standing::Broken { .. }) => {
            "Nothing can run yet. The graph and the signals of a run with nobody acting appear here as soon as the errors are gone."
        }
        (None, Standing::Sound) => "The run begins …",
    };
    section::empty(ui, words);
}

/// Draws what has to be known of the run.
pub(super) fn facts(ui: &mut Ui, course: &Course) {
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    let beside = ui.available_width() >= BESIDE;
    for fact in facts::facts(course) {
        ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let (sign, _) = ui.allocate_exact_size(vec2(18.0, 18.0), Sense::hover());
            let at = sign.center() - vec2(3.0, 0.0);
            match fact.tone {
                Tone::Fine => mark::health(ui.painter(), &palette, at, 4.0, Health::Healthy),
                Tone::Note => {
                    ui.painter().circle_filled(at, 2.5, palette.muted);
                }
                Tone::Doubt => mark::health(ui.painter(), &palette, at, 5.0, Health::Degraded),
            }
            let ink = match fact.tone {
                Tone::Doubt => palette.degraded,
                _ => palette.muted,
            };
            if beside {
                let start = ui.cursor().left();
                ui.label(text::name(&theme, fact.name));
                ui.add_space((start + NAMES - ui.cursor().left()).max(0.0));
                let words = text::body(&theme, fact.words).color(ink);
                ui.add(Label::new(words).wrap());
            } else {
                let line = text::Line::default()
                    .add(
                        &format!("{}  ", fact.name),
                        theme.medium(theme.size.body),
                        palette.text,
                    )
                    .add(&fact.words, theme.sans(theme.size.body), ink);
                ui.add(Label::new(line.job()).wrap());
            }
        });
    }
}
