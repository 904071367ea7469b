//! Figures of the selected component.

use brownout_session::view::{NodeView, PageState, PlayerView};
use brownout_sim::blueprint::ServiceKind;
use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, Label, RichText, Sense, Ui, vec2};

use super::format;
use super::intent::Intent;
use super::state::State;
use super::then::NodeThen;
use super::topology::{health_word, lost};
use crate::theme::Theme;
use crate::widgets::{mark, section, text};

/// Draws the figures, or what to do to see some.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, _intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    let node = state
        .selection
        .as_ref()
        .and_then(|selection| view.node(&selection.service, selection.region));
    let Some(node) = node else {
        section::title(ui, "Selected", |_| ());
        section::empty(
            ui,
            "Click a component to see its figures, versions and neighbours. Everything else then filters by it.",
        );
        legend(ui, &theme);
        return;
    };
    let region = view
        .regions
        .get(usize::from(node.region))
        .map_or("", String::as_str);
    heading(ui, view, node, region, &theme);
    ui.add_space(theme.space.xs);
    let then = state
        .time
        .then
        .as_ref()
        .and_then(|then| then.selected.as_ref())
        .filter(|(of, _)| of.service == node.service && of.region == node.region)
        .map(|(_, figures)| *figures);
    figures(ui, node, then, &theme);
    ui.add_space(theme.space.s);
    waiting(ui, node, &theme);
    status_page(ui, node, &theme);
    neighbours(ui, view, node, &theme);
}

fn heading(ui: &mut Ui, view: &PlayerView, node: &NodeView, region: &str, theme: &Theme) {
    let palette = theme.palette;
    section::title(ui, &format!("Selected · {}", kind_word(node.kind)), |ui| {
        ui.label(text::quiet(theme, format!("owned by {}", node.owner)));
    });
    ui.horizontal(|ui| {
        let (sign, _) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::hover());
        mark::health(ui.painter(), &palette, sign.center(), 6.0, node.health);
        ui.label(
            RichText::new(&node.service)
                .font(theme.semibold(theme.size.body + 2.0))
                .color(palette.text),
        );
        ui.label(text::quiet(theme, region));
        ui.label(
            text::quiet(theme, health_word(node.health))
                .color(mark::health_color(&palette, node.health)),
        );
        if node.rolling {
            section::chip(ui, "rolling out", palette.alternative);
        }
        if let Some(words) = lost(view, node) {
            section::chip(ui, &words, palette.failing)
                .on_hover_text("Callers send it requests that never reach it");
        }
    });
    let font = theme.sans(theme.size.small);
    let mut job = LayoutJob::simple(node.description.clone(), font, palette.muted, 0.0);
    job.wrap = TextWrapping {
        max_width: ui.available_width(),
        max_rows: 2,
        ..TextWrapping::default()
    };
    let words = ui.painter().layout_job(job);
    ui.add(Label::new(words)).on_hover_text(&node.description);
}

/// Kind as words.
const fn kind_word(kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::Edge => "edge",
        ServiceKind::Service => "service",
        ServiceKind::Database => "database",
        ServiceKind::Cache => "cache",
        ServiceKind::Queue => "queue",
        ServiceKind::ThirdParty => "third party",
    }
}

/// What the provider of somebody else's service says of it. It comes late, and is the provider's word, not a measurement.
fn status_page(ui: &mut Ui, node: &NodeView, theme: &Theme) {
    let Some(says) = node.status_page else {
        return;
    };
    let (words, ink) = match says {
        PageState::Operational => ("all systems operational", theme.palette.healthy),
        PageState::Degraded => ("degraded performance", theme.palette.degraded),
        PageState::Outage => ("major outage", theme.palette.failing),
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs;
        ui.label(text::quiet(theme, "The provider's status page:"));
        ui.label(text::body(theme, words).color(ink));
    });
}

/// What waits in a queue: how old the oldest work is, from when it is late, and what was given up.
fn waiting(ui: &mut Ui, node: &NodeView, theme: &Theme) {
    if node.kind != ServiceKind::Queue {
        return;
    }
    let late = node.late_us.is_some_and(|from| node.oldest_us > from);
    let age = match node.queued {
        0 => "nothing waits".to_owned(),
        _ => format!("oldest work {}", format::duration(node.oldest_us)),
    };
    let bound = node.late_us.map_or_else(String::new, |from| {
        format!(", late from {}", format::duration(from))
    });
    let dead = node.dead_letters.map_or_else(String::new, |count| {
        format!(" · dead letters {}", format::count(count))
    });
    let ink = if late || node.dead_letters.is_some_and(|count| count > 0) {
        theme.palette.degraded
    } else {
        theme.palette.muted
    };
    let words = text::quiet(theme, format!("{age}{bound}{dead}")).color(ink);
    ui.add(Label::new(words).wrap());
}

fn figures(ui: &mut Ui, node: &NodeView, then: Option<NodeThen>, theme: &Theme) {
    let palette = theme.palette;
    let errors = format::error_ppm(&node.figures);
    let error_color = match errors {
        None => palette.unknown,
        Some(0..10_000) => palette.text,
        Some(10_000..100_000) => palette.degraded,
        Some(_) => palette.failing,
    };
    let busy_color = match node.saturation_ppm {
        None => palette.unknown,
        Some(0..750_000) => palette.text,
        Some(_) => palette.degraded,
    };
    let ready_color = if node.ready < node.replicas {
        palette.degraded
    } else {
        palette.text
    };
    let none = || "–".to_owned();
    let cells: [(&str, String, Color32); 6] = [
        (
            "requests",
            format::rate(node.figures.rate_milli),
            palette.text,
        ),
        (
            "errors",
            errors.map_or_else(none, format::errors),
            error_color,
        ),
        (
            "p95",
            node.figures.p95_us.map_or_else(none, format::duration),
            palette.text,
        ),
        (
            "workers",
            node.saturation_ppm.map_or_else(none, whole_percent),
            busy_color,
        ),
        (
            "waiting",
            format::count(node.queued),
            if node.queued > 0 {
                palette.degraded
            } else {
                palette.text
            },
        ),
        (
            "ready",
            format!("{}/{}", node.ready, node.replicas),
            ready_color,
        ),
    ];
    let before = then.map(|then| before(&then));
    ui.columns_const(|columns: &mut [Ui; 6]| {
        for (index, (ui, (name, figure, color))) in columns.iter_mut().zip(cells).enumerate() {
            let before = before.as_ref().map(|all| all[index].as_str());
            cell(ui, name, &figure, before, color, theme);
        }
    });
}

/// The same figures at the time compared with.
fn before(then: &NodeThen) -> [String; 6] {
    let none = || "–".to_owned();
    let figures = &then.figures;
    [
        format::rate(figures.rate_milli),
        format::error_ppm(figures).map_or_else(none, format::errors),
        figures.p95_us.map_or_else(none, format::duration),
        then.saturation_ppm.map_or_else(none, whole_percent),
        then.queued.map_or_else(none, format::count),
        then.ready.map_or_else(none, format::count),
    ]
}

fn cell(
    ui: &mut Ui,
    name: &str,
    figure: &str,
    before: Option<&str>,
    color: Color32,
    theme: &Theme,
) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 46.0), Sense::hover());
    let palette = theme.palette;
    let painter = ui.painter();
    painter.rect_filled(rect, theme.radius.small, palette.raised);
    let top = if before.is_some() { 2.0 } else { 6.0 };
    let at = rect.left_top() + vec2(theme.space.s, top);
    painter.text(
        at,
        egui::Align2::LEFT_TOP,
        name,
        theme.sans(theme.size.tiny),
        palette.muted,
    );
    // A figure to compare with takes the foot of the tile; the one of now then moves up and is smaller.
    let (foot, size) = if before.is_some() {
        (-15.0, theme.size.body)
    } else {
        (-6.0, theme.size.heading - 1.0)
    };
    let put = |foot: f32, words: &str, size: f32, color: Color32| {
        let lay = |size| painter.layout_no_wrap(words.to_owned(), theme.mono(size), color);
        let room = rect.width() - 2.0 * theme.space.s;
        // A long figure is smaller rather than cut.
        let whole = lay(size);
        let shrink = (room / whole.size().x).min(1.0);
        let galley = if shrink < 1.0 {
            lay(size * shrink)
        } else {
            whole
        };
        let at = rect.left_bottom() + vec2(theme.space.s, foot - galley.size().y);
        painter.galley(at, galley, color);
    };
    put(foot, figure, size, color);
    if let Some(before) = before {
        put(-3.0, before, theme.size.tiny, palette.alternative);
    }
    response.widget_info(|| {
        let then = before.map_or_else(String::new, |before| format!(", then {before}"));
        let words = format!("{name} {figure}{then}");
        egui::WidgetInfo::labeled(egui::WidgetType::Label, true, words)
    });
}

/// A share without digits after the point.
fn whole_percent(ppm: u64) -> String {
    format!("{} %", (ppm + 5_000) / 10_000)
}

/// Versions running, callers and callees in one line each.
fn neighbours(ui: &mut Ui, view: &PlayerView, node: &NodeView, theme: &Theme) {
    let index = view
        .nodes
        .iter()
        .position(|other| std::ptr::eq(other, node));
    let name = |index: u16| {
        view.nodes
            .get(usize::from(index))
            .map_or("", |node| node.service.as_str())
    };
    let is = |position: u16| Some(usize::from(position)) == index;
    let callers: Vec<&str> = view
        .links
        .iter()
        .filter(|link| is(link.to))
        .map(|link| link.from.map_or("users", name))
        .collect();
    let callees: Vec<&str> = view
        .links
        .iter()
        .filter(|link| link.from.is_some_and(is))
        .map(|link| name(link.to))
        .collect();
    let versions: Vec<String> = node
        .versions
        .iter()
        .map(|(version, count)| format!("{version} ×{count}"))
        .collect();
    let named = |line: text::Line, words: &str, names: &str| match names {
        "" => line,
        _ => line
            .add(
                &format!("{words} "),
                theme.sans(theme.size.small),
                theme.palette.dim,
            )
            .add(
                &format!("{names}   "),
                theme.mono(theme.size.small),
                theme.palette.text,
            ),
    };
    let first = named(text::Line::default(), "runs", &versions.join("  "));
    let first = named(first, "called by", &callers.join(", "));
    ui.add(Label::new(first.job()).truncate());
    if !callees.is_empty() {
        let second = named(text::Line::default(), "calls", &callees.join(", "));
        ui.add(Label::new(second.job()).truncate());
    }
}

/// What the signs of the topology mean.
fn legend(ui: &mut Ui, theme: &Theme) {
    use brownout_session::view::Health;
    ui.add_space(theme.space.s);
    ui.horizontal_wrapped(|ui| {
        for health in [
            Health::Healthy,
            Health::Degraded,
            Health::Failing,
            Health::Unknown,
        ] {
            let (sign, _) = ui.allocate_exact_size(vec2(12.0, 16.0), Sense::hover());
            mark::health(ui.painter(), &theme.palette, sign.center(), 5.0, health);
            ui.label(text::quiet(theme, health_word(health)));
            ui.add_space(theme.space.s);
        }
    });
    ui.add(Label::new(text::quiet(theme, "Figure: 95th percentile, or errors where there are some. Ring: share of errors. Fill: workers in use. Width of an edge: requests per second. Dots: a sample of requests, slow ones move slowly; arrows where motion is reduced.")).wrap());
}
