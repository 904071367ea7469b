//! A file to read: numbered lines, coloured by what they are made of, marked where something is wrong with them.

use brownout_scenario::scan::LexemeKind;
use brownout_scenario::{Diagnostic, Severity};
use egui::{
    Align2, Color32, FontId, Key, Modifiers, Rect, ScrollArea, Sense, Stroke, Ui, UiBuilder, Vec2,
    WidgetInfo, WidgetType, pos2, vec2,
};

use super::listing::Listing;
use super::{ink, sign};
use crate::panels::keys;
use crate::theme::{Palette, Theme, tint};
use crate::widgets::{section, text};

/// Height of a line in points.
const ROW: f32 = 17.0;
/// Room for the sign of a marked line beside its number, in points.
const SIGN: f32 = 24.0;
/// Lines that Page Up and Page Down leave in sight.
const KEPT: f32 = 3.0;

/// Where in a file one is.
#[derive(Clone, Debug, Default)]
pub struct CodeState {
    /// The line jumped to, from 1.
    pub line: Option<u32>,
    /// Line and column to be brought into sight.
    reveal: Option<(u32, u32)>,
    /// How far it was scrolled in the last frame.
    offset: Vec2,
    /// Height it had then.
    height: f32,
    /// Width of what was scrolled.
    width: f32,
}

impl CodeState {
    /// Goes to a place.
    pub const fn jump(&mut self, line: u32, column: u32) {
        self.line = Some(line);
        self.reveal = Some((line, column));
    }

    /// The first line that can be seen, from 1.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a row of a bounded file"
    )]
    pub fn top(&self) -> u32 {
        (self.offset.y / ROW).max(0.0) as u32 + 1
    }

    /// How far it is scrolled sideways, in points.
    #[must_use]
    pub const fn aside(&self) -> f32 {
        self.offset.x
    }

    /// Where keys want it scrolled to, in points.
    fn keys(&self, ui: &Ui, rows: usize, room: Vec2) -> Option<Vec2> {
        let sideways = [(Key::ArrowRight, 0.5), (Key::ArrowLeft, -0.5)];
        for (key, share) in sideways {
            if keys::pressed(ui, key) == Some(Modifiers::SHIFT) {
                let to = self.offset.x + share * room.x;
                let most = (self.width - room.x).max(0.0);
                return Some(vec2(to.clamp(0.0, most), self.offset.y));
            }
        }
        let page = (self.height - KEPT * ROW).max(ROW);
        let end = (count(rows) * ROW - self.height).max(0.0);
        let steps = [
            (Key::PageDown, self.offset.y + page),
            (Key::PageUp, self.offset.y - page),
            (Key::Home, 0.0),
            (Key::End, end),
        ];
        let (_, to) = steps.into_iter().find(|(key, _)| keys::plain(ui, *key))?;
        let across = if keys::plain(ui, Key::Home) {
            0.0
        } else {
            self.offset.x
        };
        Some(vec2(across, to.clamp(0.0, end)))
    }
}

/// Draws a file in all the room there is. `found` is what is wrong with it.
pub(super) fn ui(ui: &mut Ui, listing: &Listing, found: &[&Diagnostic], state: &mut CodeState) {
    let theme = Theme::of(ui.ctx());
    let all = ui.available_rect_before_wrap();
    ui.painter().rect_filled(all, 0, theme.palette.canvas);
    if let Some(trouble) = &listing.trouble {
        let inner = ui.new_child(UiBuilder::new().max_rect(all.shrink(theme.space.m)));
        told(inner, &theme, listing, trouble);
        return;
    }
    if listing.is_empty() {
        let mut inner = ui.new_child(UiBuilder::new().max_rect(all.shrink(theme.space.m)));
        section::empty(&mut inner, "This file is empty.");
        return;
    }
    let font = theme.mono(theme.size.small);
    let advance = advance(ui, &font);
    let digits = listing.len().to_string().len();
    let gutter = count(digits.max(3)) * advance + SIGN;
    let body = Rect::from_min_max(pos2(all.left() + gutter, all.top()), all.max);
    let sheet = Sheet {
        listing,
        found,
        line: state.line,
        theme: &theme,
        font: &font,
        advance,
    };
    let mut inner = ui.new_child(UiBuilder::new().max_rect(body));
    inner.spacing_mut().item_spacing = Vec2::ZERO;
    let mut scroll = ScrollArea::both()
        .id_salt(("file", &listing.name))
        .auto_shrink([false, false]);
    let reveal = state.reveal.take().map(|(line, column)| {
        let row = (line as usize).saturating_sub(1);
        let x = count(listing.column(row, column)) * advance;
        let across = if x > body.width() * 0.75 {
            x - body.width() * 0.4
        } else {
            0.0
        };
        vec2(across, (count(row) * ROW - body.height() * 0.35).max(0.0))
    });
    if let Some(to) = reveal.or_else(|| state.keys(ui, listing.len(), body.size())) {
        scroll = scroll.scroll_offset(to);
    }
    let shown = scroll.show_viewport(&mut inner, |ui, viewport| {
        let wide = count(listing.widest() + 2) * advance;
        let size = vec2(wide.max(viewport.width()), count(listing.len()) * ROW);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| {
            let words = format!(
                "{}: {} lines, {} findings",
                listing.short(),
                listing.len(),
                found.len()
            );
            WidgetInfo::labeled(WidgetType::Other, true, words)
        });
        sheet.rows(ui, rect, viewport);
    });
    state.offset = shown.state.offset;
    state.height = shown.inner_rect.height();
    state.width = shown.content_size.x;
    let left = Rect::from_min_max(all.min, pos2(body.left(), shown.inner_rect.bottom()));
    sheet.gutter(ui, left, state.offset.y);
}

/// Says why a file is not shown.
fn told(mut ui: Ui, theme: &Theme, listing: &Listing, trouble: &str) {
    let words = format!("{} cannot be read: {trouble}.", listing.path);
    ui.add(egui::Label::new(text::body(theme, words)).wrap());
    section::empty(
        &mut ui,
        "It is looked for several times a second and read again as soon as it is there.",
    );
}

/// A file being drawn.
struct Sheet<'a> {
    listing: &'a Listing,
    found: &'a [&'a Diagnostic],
    line: Option<u32>,
    theme: &'a Theme,
    font: &'a FontId,
    advance: f32,
}

impl Sheet<'_> {
    /// What is wrong with a row, the worst first.
    fn wrong(&self, row: usize) -> impl Iterator<Item = &Diagnostic> {
        let here = move |found: &&Diagnostic| found.line as usize == row + 1;
        let of = move |severity: Severity| {
            let all = self.found.iter().copied().filter(here);
            all.filter(move |found| found.severity == severity)
        };
        of(Severity::Error).chain(of(Severity::Warning))
    }

    fn rows(&self, ui: &Ui, rect: Rect, viewport: Rect) {
        let palette = self.theme.palette;
        let painter = ui.painter();
        let rows = first(viewport.top(), ROW)..first(viewport.bottom(), ROW) + 1;
        let columns =
            first(viewport.left(), self.advance)..first(viewport.right(), self.advance) + 2;
        for row in rows.start..rows.end.min(self.listing.len()) {
            let top = rect.top() + count(row) * ROW;
            let seen = ui.clip_rect().x_range();
            let whole = Rect::from_x_y_ranges(seen, top..=top + ROW);
            let worst = self.wrong(row).next().map(|found| found.severity);
            if let Some(severity) = worst {
                let ground = tint(ink(&palette, severity), palette.canvas, 0.16);
                painter.rect_filled(whole, 0, ground);
            }
            if self.line == Some(number(row)) {
                let edge = Stroke::new(1.0, palette.accent);
                painter.rect_stroke(whole, 0, edge, egui::StrokeKind::Inside);
            }
            let mut line = text::Line::default();
            for (words, kind) in self.listing.row(row, columns.clone()) {
                line = line.add(&words, self.font.clone(), color(&palette, kind));
            }
            let mut job = line.job();
            job.wrap.max_width = f32::INFINITY;
            let galley = painter.layout_job(job);
            let x = rect.left() + count(columns.start) * self.advance;
            let at = pos2(x, top + (ROW - galley.size().y) / 2.0);
            painter.galley(at, galley, palette.text);
            self.underline(ui, row, rect.left(), top);
            self.tell(ui, row, whole);
        }
    }

    /// Lines below what the findings of a row are about.
    fn underline(&self, ui: &Ui, row: usize, left: f32, top: f32) {
        for found in self.wrong(row) {
            let column = self.listing.column(row, found.column);
            let width = count(self.listing.extent(row, found.column)) * self.advance;
            let x = left + count(column) * self.advance;
            let stroke = Stroke::new(1.5, ink(&self.theme.palette, found.severity));
            ui.painter().hline(x..=x + width, top + ROW - 1.0, stroke);
        }
    }

    /// What is wrong with a row, said to who points at it.
    fn tell(&self, ui: &Ui, row: usize, whole: Rect) {
        let words: Vec<String> = self
            .wrong(row)
            .map(|found| match &found.help {
                Some(help) => format!("{}: {} ({help})", found.code, found.message),
                None => format!("{}: {}", found.code, found.message),
            })
            .collect();
        if !words.is_empty() {
            let id = ui.id().with(("row", row));
            ui.interact(whole, id, Sense::hover())
                .on_hover_text(words.join("\n"));
        }
    }

    /// Line numbers and signs.
    fn gutter(&self, ui: &Ui, left: Rect, offset: f32) {
        let palette = self.theme.palette;
        let painter = ui.painter().with_clip_rect(left.intersect(ui.clip_rect()));
        painter.rect_filled(left, 0, palette.surface);
        painter.vline(
            left.right() - 0.5,
            left.y_range(),
            Stroke::new(1.0, palette.line),
        );
        let rows = first(offset, ROW)..first(offset + left.height(), ROW) + 1;
        for row in rows.start..rows.end.min(self.listing.len()) {
            let middle = left.top() + (count(row) + 0.5) * ROW - offset;
            let worst = self.wrong(row).next().map(|found| found.severity);
            let here = self.line == Some(number(row));
            let ink = match worst {
                Some(severity) => ink(&palette, severity),
                None if here => palette.text,
                None => palette.dim,
            };
            painter.text(
                pos2(left.right() - 8.0, middle),
                Align2::RIGHT_CENTER,
                number(row),
                self.font.clone(),
                ink,
            );
            if let Some(severity) = worst {
                sign(
                    &painter,
                    &palette,
                    pos2(left.left() + 9.0, middle),
                    severity,
                );
            }
        }
    }
}

/// Colour of a piece.
const fn color(palette: &Palette, kind: LexemeKind) -> Color32 {
    match kind {
        LexemeKind::Comment => palette.dim,
        LexemeKind::Text => palette.healthy,
        LexemeKind::Number => palette.degraded,
        LexemeKind::Field => palette.accent,
        LexemeKind::Word => palette.alternative,
        LexemeKind::Mark | LexemeKind::Blank => palette.muted,
        LexemeKind::Stray => palette.failing,
    }
}

/// Width of a letter of a face whose letters are all as wide.
fn advance(ui: &Ui, font: &FontId) -> f32 {
    let ten = "0000000000".to_owned();
    let galley = ui
        .painter()
        .layout_no_wrap(ten, font.clone(), Color32::PLACEHOLDER);
    galley.size().x / 10.0
}

/// A count as a coordinate.
#[expect(clippy::cast_precision_loss, reason = "at most 256 Ki rows or columns")]
const fn count(count: usize) -> f32 {
    count as f32
}

/// The step a coordinate lies in.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a coordinate that is not negative"
)]
fn first(at: f32, step: f32) -> usize {
    (at / step).floor().max(0.0) as usize
}

/// A row's line number.
fn number(row: usize) -> u32 {
    u32::try_from(row + 1).unwrap_or(u32::MAX)
}
