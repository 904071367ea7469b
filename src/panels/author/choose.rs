//! Which scenario to write: all that were found, also those that cannot be played yet.

use egui::{
    Align, CursorIcon, Key, Label, Layout, RichText, ScrollArea, Sense, Stroke, Ui, UiBuilder,
    WidgetInfo, WidgetType, pos2, vec2,
};

use crate::panels::keys;
use crate::panels::words::counted;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{fade, section, text};

/// Height of a row in points.
const ROW: f32 = 48.0;
/// Greatest width of the list in points.
const WIDTH: f32 = 760.0;

/// A scenario that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Name of its folder or file.
    pub name: String,
    /// Its title, if it can be read.
    pub title: Option<String>,
    /// Where it is.
    pub path: String,
    /// Errors in its files.
    pub errors: usize,
}

/// All that were found.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// The scenarios.
    pub found: Vec<Found>,
    /// The one at hand.
    pub at: usize,
    /// Why the one chosen last could not be opened.
    pub note: String,
}

/// Draws the list over the whole window; returns the one chosen, and whether to go back.
pub fn ui(ui: &mut Ui, shelf: &mut Shelf) -> (Option<usize>, bool) {
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    let screen = ui.max_rect();
    ui.painter().rect_filled(screen, 0, palette.canvas);
    let mut back = keys::plain(ui, Key::Escape);
    let mut chosen = None;
    let mut moved = false;
    if !ui.memory(|memory| memory.focused().is_some()) {
        let last = shelf.found.len().saturating_sub(1);
        let before = shelf.at;
        if keys::plain(ui, Key::ArrowDown) {
            shelf.at = (shelf.at + 1).min(last);
        }
        if keys::plain(ui, Key::ArrowUp) {
            shelf.at = shelf.at.saturating_sub(1);
        }
        moved = shelf.at != before;
        if keys::plain(ui, Key::Enter) && shelf.at < shelf.found.len() {
            chosen = Some(shelf.at);
        }
    }
    let margin = vec2(
        (theme.space.xl * 2.0).min(screen.width() * 0.03),
        theme.space.xl,
    );
    let mut page = ui.new_child(UiBuilder::new().max_rect(screen.shrink2(margin)));
    page.horizontal(|ui| {
        let title = RichText::new("Author")
            .font(theme.semibold(theme.size.figure * 1.3))
            .color(palette.text);
        ui.label(title);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            back |= button(ui, "Back", Some("Esc"), Weight::Normal).clicked();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let words = "Write an incident in your own editor and watch here what becomes of it. Arrows choose, Enter opens.";
                ui.add(Label::new(text::quiet(&theme, words)).truncate())
                    .on_hover_text(words);
            });
        });
    });
    page.add_space(theme.space.m);
    if !shelf.note.is_empty() {
        let words = text::body(&theme, &shelf.note).color(palette.degraded);
        page.add(Label::new(words).wrap());
        page.add_space(theme.space.s);
    }
    if shelf.found.is_empty() {
        section::empty(
            &mut page,
            "No scenarios folder was found here or above. Start the program where one is, or name a scenario: brownout author FOLDER",
        );
    }
    let hint = 44.0;
    let height = (page.available_height() - hint).max(ROW);
    let shown = ScrollArea::vertical()
        .id_salt("scenarios")
        .max_height(height)
        .auto_shrink([false, true])
        .show(&mut page, |ui| {
            ui.set_max_width(WIDTH.min(ui.available_width()));
            for index in 0..shelf.found.len() {
                let Some(found) = shelf.found.get(index) else {
                    break;
                };
                let on = shelf.at == index;
                let response = row(ui, found, on, &theme);
                if on && moved {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    chosen = Some(index);
                }
            }
        });
    fade::lower_edge(&page, &shown, palette.canvas);
    page.add_space(theme.space.s);
    let words = "A new one that can be played as it stands: brownout new NAME --system systems/kiosk.ron, beside the others.";
    page.add(Label::new(text::quiet(&theme, words)).wrap());
    if let Some(index) = chosen {
        shelf.at = index;
    }
    (chosen, back)
}

fn row(ui: &mut Ui, found: &Found, on: bool, theme: &Theme) -> egui::Response {
    let palette = theme.palette;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    let state = if found.errors > 0 {
        counted(found.errors as u64, "error", "errors")
    } else {
        "no errors".to_owned()
    };
    let title = found.title.as_deref().unwrap_or("cannot be read yet");
    response.widget_info(|| {
        let words = format!("{}: {title}, {state}", found.name);
        WidgetInfo::selected(WidgetType::SelectableLabel, true, on, words)
    });
    let lit = response.hovered() || response.has_focus();
    let fill = if lit { palette.hover } else { palette.surface };
    let line = if on || response.has_focus() {
        Stroke::new(1.5, palette.accent)
    } else {
        Stroke::new(1.0, palette.line)
    };
    let painter = ui.painter();
    painter.rect_filled(rect, theme.radius.small, fill);
    painter.rect_stroke(rect, theme.radius.small, line, egui::StrokeKind::Inside);
    let ink = if found.errors > 0 {
        palette.failing
    } else {
        palette.healthy
    };
    let end = painter.text(
        rect.right_center() - vec2(theme.space.m, 0.0),
        egui::Align2::RIGHT_CENTER,
        state,
        theme.medium(theme.size.small),
        ink,
    );
    let room = end.left() - rect.left() - 3.0 * theme.space.m;
    let put = |words: &str, font: egui::FontId, color: egui::Color32, y: f32| {
        let mut job = text::Line::default().add(words, font, color).job();
        job.wrap = egui::text::TextWrapping::truncate_at_width(room);
        let galley = painter.layout_job(job);
        let at = pos2(rect.left() + theme.space.m, y - galley.size().y / 2.0);
        let elided = galley.elided;
        painter.galley(at, galley, color);
        elided
    };
    let elided = put(
        &format!("{}   {title}", found.name),
        theme.medium(theme.size.body),
        palette.text,
        rect.top() + 16.0,
    );
    let cut = put(
        &found.path,
        theme.mono(theme.size.tiny),
        palette.dim,
        rect.top() + 34.0,
    );
    if elided || cut {
        return response.on_hover_text(format!("{}: {title}\n{}", found.name, found.path));
    }
    response
}
