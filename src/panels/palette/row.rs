//! One thing found: its words with the letters that were looked for, and what it is.

use egui::text::TextWrapping;
use egui::{Align2, CursorIcon, Response, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

use crate::theme::Theme;
use crate::widgets::text::Line;

/// Height of a row in points.
const ROW: f32 = 28.0;

/// Draws a row over the whole width.
pub(super) fn ui(
    ui: &mut Ui,
    words: &str,
    filter: &str,
    kind: &str,
    on: bool,
    theme: &Theme,
) -> Response {
    let palette = theme.palette;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, on, words));
    if on || response.hovered() {
        ui.painter()
            .rect_filled(rect, theme.radius.small, palette.hover);
    }
    let inner = rect.shrink2(vec2(theme.space.s, 0.0));
    let end = ui.painter().text(
        inner.right_center(),
        Align2::RIGHT_CENTER,
        kind,
        theme.sans(theme.size.small),
        palette.muted,
    );
    let ink = if on { palette.text } else { palette.muted };
    let mut line = Line::default();
    for (piece, hit) in pieces(words, filter) {
        line = if hit {
            line.add(&piece, theme.semibold(theme.size.body), palette.accent)
        } else {
            line.add(&piece, theme.medium(theme.size.body), ink)
        };
    }
    let mut job = line.job();
    job.wrap = TextWrapping::truncate_at_width(end.left() - inner.left() - theme.space.m);
    let galley = ui.painter().layout_job(job);
    let elided = galley.elided;
    let at = pos2(inner.left(), inner.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, palette.text);
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    if elided {
        return response.on_hover_text(words);
    }
    response
}

/// The words in pieces: those that hold letters that were looked for, and those between.
fn pieces(words: &str, filter: &str) -> Vec<(String, bool)> {
    let letters: Vec<char> = words.chars().collect();
    let same = |a: char, b: char| a.to_lowercase().eq(b.to_lowercase());
    let mut hit = vec![false; letters.len()];
    for wanted in filter.split_whitespace() {
        let wanted: Vec<char> = wanted.chars().collect();
        for (at, window) in letters.windows(wanted.len()).enumerate() {
            if window.iter().zip(&wanted).all(|(a, b)| same(*a, *b)) {
                hit[at..at + wanted.len()].fill(true);
            }
        }
    }
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for (letter, hit) in letters.into_iter().zip(hit) {
        match pieces.last_mut() {
            Some((piece, of)) if *of == hit => piece.push(letter),
            _ => pieces.push((letter.to_string(), hit)),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::pieces;

    /// Every place of every word looked for, whatever its case; the pieces make up the words again.
    #[test]
    fn what_was_looked_for_stands_out() {
        let of = |words, filter| -> Vec<(String, bool)> { pieces(words, filter) };
        let piece = |words: &str, hit| (words.to_owned(), hit);
        assert_eq!(
            of("Roll back checkout", "CHECK ll"),
            [
                piece("Ro", false),
                piece("ll", true),
                piece(" back ", false),
                piece("check", true),
                piece("out", false)
            ]
        );
        assert_eq!(of("Board  F1", ""), [piece("Board  F1", false)]);
        // Letters whose small ones take another number of bytes.
        let whole: String = of("ŞİŞLİ · eu", "eu").into_iter().map(|(p, _)| p).collect();
        assert_eq!(whole, "ŞİŞLİ · eu");
        assert_eq!(of("aaaa", "aa"), [piece("aaaa", true)]);
        assert_eq!(of("ab", "abc"), [piece("ab", false)]);
    }
}
