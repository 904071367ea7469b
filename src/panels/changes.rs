//! The change log, newest first.

use brownout_session::command::Look;
use brownout_session::view::{ChangeView, PlayerView, RolloutView};
use egui::epaint::RectShape;
use egui::{
    Align, Color32, CursorIcon, Label, Layout, Rect, Response, RichText, ScrollArea, Sense, Shape,
    Ui, WidgetInfo, WidgetType, vec2,
};

use super::dock::cursor;
use super::format;
use super::intent::Intent;
use super::state::State;
use crate::theme::{Palette, Theme};
use crate::widgets::{mark, section, text};

/// Draws the list; a click opens an entry's details.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, _intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    let selected = state
        .selection
        .as_ref()
        .map(|selection| selection.service.clone());
    let shown = |change: &&(usize, &ChangeView)| {
        selected
            .as_ref()
            .is_none_or(|service| change.1.service.as_ref().is_none_or(|of| of == service))
    };
    let all: Vec<(usize, &ChangeView)> = view.changes.iter().enumerate().rev().collect();
    let changes: Vec<_> = all.iter().filter(shown).collect();
    section::title(ui, "Changes", |ui| {
        super::dock::clear(ui, state);
        let words = match &selected {
            Some(service) => format!("{} of {} · {service}", changes.len(), all.len()),
            None => all.len().to_string(),
        };
        ui.label(text::number(&theme, words, theme.palette.dim));
    });
    if changes.is_empty() {
        section::empty(
            ui,
            if all.is_empty() {
                "The change log is empty so far."
            } else {
                "No change names this component."
            },
        );
        return;
    }
    let item = |change: &ChangeView| Look::Change {
        at_ns: change.at_ns,
        title: change.title.clone(),
    };
    let (_, free) = cursor::list(ui, state, ui.available_rect_before_wrap(), "Change log");
    let mut cursor = std::mem::take(&mut state.dock.cursor);
    let position = cursor
        .at
        .as_ref()
        .and_then(|at| changes.iter().position(|(_, change)| item(change) == *at));
    let keys = cursor.keys(ui, free, position, 0, changes.len());
    let mut under = None;
    let reveal = std::mem::take(&mut cursor.reveal);
    ScrollArea::vertical()
        .id_salt("changes")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            for (place, (index, change)) in changes.iter().enumerate() {
                let open = state.open_change == Some(*index);
                let chosen = keys.to.or(position) == Some(place);
                let response = row(ui, view, change, open, chosen, &theme);
                if reveal && chosen {
                    response.scroll_to_me(None);
                }
                if keys.to == Some(place) {
                    cursor.at = Some(item(change));
                    response.scroll_to_me(None);
                }
                if response.hovered() {
                    under = Some(item(change));
                }
                if response.clicked() || keys.enter && position == Some(place) {
                    cursor.at = Some(item(change));
                    state.open_change = (!open).then_some(*index);
                }
            }
        });
    if keys.back {
        cursor.at = None;
    }
    state.dock.item = cursor.item(under);
    state.dock.cursor = cursor;
}

/// One entry.
fn row(
    ui: &mut Ui,
    view: &PlayerView,
    change: &ChangeView,
    open: bool,
    chosen: bool,
    theme: &Theme,
) -> Response {
    let palette = theme.palette;
    let ground = ui.painter().add(Shape::Noop);
    let shown = ui.scope(|ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            let (sign, _) = ui.allocate_exact_size(vec2(12.0, 18.0), Sense::hover());
            mark::change(
                ui.painter(),
                &palette,
                sign.center(),
                change.kind,
                change.own,
            );
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                    let title = RichText::new(&change.title)
                        .font(theme.medium(theme.size.body))
                        .color(palette.text);
                    let label = Label::new(title);
                    ui.add(if open { label.wrap() } else { label.truncate() });
                });
                let line = text::Line::default()
                    .add(
                        &when(view, change),
                        theme.mono(theme.size.tiny),
                        palette.muted,
                    )
                    .add(
                        &format!(" · {}", whose(change)),
                        theme.sans(theme.size.small),
                        palette.dim,
                    );
                ui.add(Label::new(line.job()).truncate());
                rollouts(ui, view, change, theme);
                if open {
                    ui.add_space(theme.space.xs);
                    ui.add(Label::new(text::quiet(theme, &change.detail)).wrap());
                }
            });
        });
        ui.add_space(theme.space.xs);
    });
    let id = ui.id().with((change.at_ns, &change.title));
    let response = ui
        .interact(shown.response.rect, id, Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    let kind = mark::change_word(change.kind);
    response.widget_info(|| {
        WidgetInfo::labeled(
            WidgetType::Button,
            true,
            format!("{kind}: {}", change.title),
        )
    });
    // A little wider than the row, so that the edge does not lie on the sign.
    let wide = response.rect.expand2(vec2(6.0, 0.0));
    if chosen || response.hovered() {
        let lit = RectShape::filled(wide, theme.radius.small, palette.hover);
        ui.painter().set(ground, lit);
    }
    if chosen {
        let edge = Rect::from_min_size(wide.min, vec2(2.0, wide.height()));
        ui.painter().rect_filled(edge, 0, palette.accent);
    }
    response
}

/// When it came to each region: from the first process it replaced to the last.
fn rollouts(ui: &mut Ui, view: &PlayerView, change: &ChangeView, theme: &Theme) {
    let palette = theme.palette;
    for rollout in &change.rollouts {
        let (words, color) = standing(view, rollout, &palette);
        let line = text::Line::default()
            .add(
                &format!("{:<9} ", rollout.region),
                theme.mono(theme.size.tiny),
                palette.muted,
            )
            .add(&words, theme.mono(theme.size.tiny), color);
        ui.add(Label::new(line.job()).truncate());
    }
}

/// From when to when a rollout replaced processes, or how far it is.
fn standing(view: &PlayerView, rollout: &RolloutView, palette: &Palette) -> (String, Color32) {
    let began = view.clock(rollout.began_ns);
    let (done, of) = rollout.progress;
    match rollout.done_ns {
        Some(done_ns) => (format!("{began} to {}", view.clock(done_ns)), palette.muted),
        None if rollout.overtaken => {
            let words = format!("{began}, overtaken at {done} of {of}");
            (words, palette.dim)
        }
        None => {
            let words = format!("{began}, {done} of {of} replaced");
            (words, palette.accent)
        }
    }
}

/// When a change was made: the clock time, and how long ago.
fn when(view: &PlayerView, change: &ChangeView) -> String {
    let clock = match u64::try_from(change.at_ns) {
        Ok(at_ns) => view.clock(at_ns)[..5].to_owned(),
        Err(_) => String::new(),
    };
    let ago = i64::try_from(view.now_ns)
        .unwrap_or(i64::MAX)
        .saturating_sub(change.at_ns);
    let mut ago = format::ago(u64::try_from(ago).unwrap_or(0));
    if let Some(words) = onset(view, change) {
        ago = format!("{ago} · {words}");
    }
    if clock.is_empty() {
        ago
    } else {
        format!("{clock} · {ago}")
    }
}

/// How long before or after the stated beginning of the symptom it was made; only near it.
fn onset(view: &PlayerView, change: &ChangeView) -> Option<String> {
    const NEAR_S: u64 = 1_800;
    let since_s = i64::try_from(view.symptom.as_ref()?.since_s).ok()?;
    let at_s = change.at_ns.div_euclid(1_000_000_000);
    let apart = since_s.abs_diff(at_s);
    let side = if at_s <= since_s { "before" } else { "after" };
    let span = format::span(apart * format::SECOND_NS);
    (apart <= NEAR_S).then(|| format!("{span} {side} the symptom"))
}

/// Who made a change and where.
fn whose(change: &ChangeView) -> String {
    let place = if change.regions.is_empty() {
        "all regions".to_owned()
    } else {
        change.regions.join(", ")
    };
    let by = if change.own {
        "you"
    } else {
        change.by.as_str()
    };
    format!("{by} · {place}")
}

#[cfg(test)]
mod tests {
    use brownout_session::command::{Symptom, SymptomKind, Trend};
    use brownout_telemetry::changes::ChangeKind;

    use super::*;

    /// How far a change lies from the symptom is told only once the player has said since when there is one.
    #[test]
    fn the_distance_to_the_symptom_needs_a_symptom() {
        let mut view = crate::panels::sample::calm();
        let mut change = ChangeView {
            at_ns: 490_000_000_000,
            kind: ChangeKind::Deploy,
            title: "payments 2".to_owned(),
            by: "ci".to_owned(),
            detail: String::new(),
            service: None,
            version: None,
            flag: None,
            regions: Vec::new(),
            rollouts: Vec::new(),
            own: false,
        };
        assert_eq!(onset(&view, &change), None);
        view.symptom = Some(Symptom {
            kind: SymptomKind::Errors,
            flow: "checkout".to_owned(),
            regions: Vec::new(),
            since_s: 600,
            severity: String::new(),
            trend: Trend::Steady,
        });
        let words = onset(&view, &change);
        assert_eq!(words.as_deref(), Some("01:50 before the symptom"));
        change.at_ns = 660_000_000_000;
        let words = onset(&view, &change);
        assert_eq!(words.as_deref(), Some("01:00 after the symptom"));
        change.at_ns = -7_200_000_000_000;
        assert_eq!(onset(&view, &change), None, "hours apart say nothing");
    }

    /// A rollout that is under way says how far it is, one that is over when it was.
    #[test]
    fn a_rollout_says_where_it_stands() {
        let view = crate::panels::sample::calm();
        let palette = Theme::default().palette;
        let rollout = RolloutView {
            region: "eu-west".to_owned(),
            began_ns: 60_000_000_000,
            progress: (1, 3),
            done_ns: None,
            overtaken: false,
        };
        let words = |rollout: &RolloutView| standing(&view, rollout, &palette).0;
        assert!(words(&rollout).ends_with("1 of 3 replaced"));
        let overtaken = RolloutView {
            overtaken: true,
            ..rollout.clone()
        };
        assert!(words(&overtaken).ends_with("overtaken at 1 of 3"));
        let done = RolloutView {
            done_ns: Some(150_000_000_000),
            ..rollout
        };
        let (from, to) = (view.clock(60_000_000_000), view.clock(150_000_000_000));
        assert_eq!(words(&done), format!("{from} to {to}"));
    }
}
