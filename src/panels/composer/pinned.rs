//! What a message can say from pins: figures of charts, words of single things.

use brownout_session::command::{Look, Metric};
use egui::{Key, Ui};

use super::super::board::choice;
use super::super::lookup::Lookup;
use super::super::{keys, words};
use super::WORDS;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::text;

/// What a figure is read over.
const WINDOW_NS: u64 = 60 * super::super::format::SECOND_NS;
/// Quotes offered, the newest first.
const QUOTES: usize = 4;

/// A figure the player pinned, with the value seen then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Signal.
    pub metric: Metric,
    /// Value seen.
    pub value: u64,
    /// Whether the message says it.
    pub said: bool,
}

impl Figure {
    /// Whether the signal has moved away from the value by more than a tenth.
    #[must_use]
    pub fn stale(&self, now: Option<u64>) -> bool {
        now.is_none_or(|now| now.abs_diff(self.value) > self.value.max(now) / 10)
    }
}

/// Words the player pinned: a log line's text, a change's title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Words.
    pub words: String,
}

impl Quote {
    /// Longest quote, in characters: it shall leave room for words of one's own.
    const LONGEST: usize = 80;

    /// The words of a single thing that has some.
    #[must_use]
    pub fn of(look: &Look) -> Option<Self> {
        let words = match look {
            Look::LogLine { text, .. } => text,
            Look::Change { title, .. } => title,
            Look::DiffRow { variable, .. } => variable,
            _ => return None,
        };
        let mut short: String = words.chars().take(Self::LONGEST).collect();
        if short.len() < words.len() {
            short.push('…');
        }
        Some(Self { words: short })
    }
}

/// Draws the figures as chips, those that have changed since struck out until refreshed.
pub(super) fn figures(ui: &mut Ui, lookup: &dyn Lookup, figures: &mut [Figure], theme: &Theme) {
    if figures.is_empty() {
        ui.label(text::quiet(theme, "Pin a chart (P) to say a figure."));
        return;
    }
    for figure in figures {
        let now = lookup.read(&figure.metric, WINDOW_NS);
        let stale = figure.stale(now);
        ui.horizontal_wrapped(|ui| {
            let reading = words::reading(figure.metric.signal);
            choice::toggle(ui, &words::metric(&figure.metric), &mut figure.said);
            let value = text::number(theme, reading(figure.value), theme.palette.text);
            ui.label(if stale { value.strikethrough() } else { value });
            if stale && let Some(now) = now {
                let words = format!("now {}", reading(now));
                if button(ui, &words, None, Weight::Normal).clicked() {
                    figure.value = now;
                }
            }
        });
    }
}

/// Draws pinned words as chips; one that is chosen goes to the end of the message, as far as there is room.
pub(super) fn quotes(
    ui: &mut Ui,
    quotes: &[Quote],
    typing: bool,
    said: &mut String,
    theme: &Theme,
) {
    if quotes.is_empty() {
        return;
    }
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        ui.label(text::quiet(theme, "quote"));
        for (index, quote) in quotes.iter().rev().take(QUOTES).enumerate() {
            let short: String = quote.words.chars().take(24).collect();
            let dots = if short.len() < quote.words.len() {
                "…"
            } else {
                ""
            };
            let words = format!("\"{short}{dots}\"");
            let key = (index == 0).then_some("Q");
            if button(ui, &words, key, Weight::Normal)
                .on_hover_text(&quote.words)
                .clicked()
            {
                chosen = Some(quote);
            }
        }
    });
    if !typing && keys::plain(ui, Key::Q) {
        chosen = quotes.last();
    }
    if let Some(quote) = chosen {
        *said = joined(said, &quote.words);
    }
}

/// Words with a quote behind them, within the length of a message.
fn joined(said: &str, quote: &str) -> String {
    let gap = if said.is_empty() || said.ends_with(' ') {
        ""
    } else {
        " "
    };
    let all = format!("{said}{gap}\"{quote}\"");
    all.chars().take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use brownout_telemetry::signal::Signal;

    #[test]
    fn a_figure_that_moved_is_stale() {
        let figure = Figure {
            metric: Metric::flow(Signal::ErrorShare, "checkout", None),
            value: 400_000,
            said: true,
        };
        assert!(!figure.stale(Some(390_000)));
        assert!(figure.stale(Some(100_000)));
        assert!(figure.stale(None));
    }

    #[test]
    fn a_line_can_be_quoted_but_a_chart_has_no_words() {
        let line = Look::LogLine {
            service: "checkout".to_owned(),
            region: "eu-west".to_owned(),
            instance: "checkout-eu-west-1".to_owned(),
            at_ns: 1,
            text: "upstream timeout ".repeat(20),
        };
        let quote = Quote::of(&line).expect("it has words");
        assert!(quote.words.chars().count() < WORDS);
        assert_eq!(Quote::of(&Look::Overview), None);
        let said = joined("We see", &quote.words);
        assert!(said.starts_with("We see \"upstream timeout"));
        let long = joined(&"x".repeat(139), &quote.words);
        assert_eq!(long.chars().count(), WORDS);
    }
}
