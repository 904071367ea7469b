//! Names below components: where they break and how much room they take.

use egui::{Pos2, Rect, pos2, vec2};

use super::layout::count_f32;

/// Widest a character of a label can be on average, as a share of the type size.
const CHARACTER_WIDTH: f32 = 0.55;
/// Least width of a column in points.
const NARROWEST: f32 = 50.0;
/// Most width a column asks for; longer names are broken.
const WIDEST: f32 = 84.0;
/// Least room between the names of neighbouring columns, in points.
pub(super) const GAP: f32 = 6.0;
/// Room between a disc and its name, in points.
const BELOW: f32 = 4.0;

/// Space a label takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelBox(pub Rect);

impl Default for LabelBox {
    fn default() -> Self {
        Self(Rect::ZERO)
    }
}

/// Type size and line height of labels in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelType {
    /// Type size.
    pub size: f32,
    /// Line height.
    pub line: f32,
}

/// The name of a service in one line, or in two broken at a hyphen where one is too wide.
pub(super) fn lines(name: &str, width: f32, label: LabelType) -> Vec<String> {
    if text_width(name, label) <= width {
        return vec![name.to_owned()];
    }
    // Of two breaks that balance alike the later is taken: the first line says more.
    let breaks = name.rmatch_indices('-').map(|(at, _)| at + 1);
    let balance = |at: usize| at.max(name.len() - at);
    match breaks.min_by_key(|&at| balance(at)) {
        Some(at) => vec![name[..at].to_owned(), name[at..].to_owned()],
        None => vec![name.to_owned()],
    }
}

/// Width a column with these names asks for.
pub(super) fn column<'a>(names: impl Iterator<Item = &'a str>, label: LabelType) -> f32 {
    names
        .map(|name| (text_width(name, label) + GAP).clamp(NARROWEST, WIDEST))
        .fold(NARROWEST, f32::max)
}

/// Room so many rows take below a disc.
pub(super) fn height(rows: usize, label: LabelType) -> f32 {
    BELOW + count_f32(rows) * label.line
}

/// Space of a name below a disc, with a figure or without.
pub(super) fn below(
    lines: &[String],
    figure: bool,
    centre: Pos2,
    radius: f32,
    label: LabelType,
) -> LabelBox {
    let widest = lines
        .iter()
        .map(|line| text_width(line, label))
        .fold(0.0, f32::max);
    let rows = lines.len() + usize::from(figure);
    let top_left = pos2(centre.x - widest / 2.0, centre.y + radius + BELOW);
    let size = vec2(widest, count_f32(rows) * label.line);
    LabelBox(Rect::from_min_size(top_left, size))
}

/// Estimated width of a label's line; a little more than it will be.
fn text_width(text: &str, label: LabelType) -> f32 {
    count_f32(text.chars().count()) * label.size * CHARACTER_WIDTH
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name too wide for its column is broken at the hyphen that balances best.
    #[test]
    fn long_names_break_at_hyphens() {
        let label = LabelType {
            size: 11.0,
            line: 13.0,
        };
        assert_eq!(
            lines("orders-db-replica", 80.0, label),
            ["orders-db-", "replica"]
        );
        assert_eq!(lines("checkout", 80.0, label), ["checkout"]);
    }
}
