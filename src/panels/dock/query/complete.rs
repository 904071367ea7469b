//! Completion of queries.

use brownout_telemetry::exposition::{Exposition, LABELS};
use brownout_telemetry::{logql, promql};
use egui::{Id, Ui};

use crate::widgets::query_field;

/// Most completions that are offered.
const OFFERED: usize = 6;

/// Words of the language of logs that are no fields.
const LOGQL: [&str; 6] = [
    "service_name",
    "cloud_region",
    "level",
    "count_over_time",
    "rate",
    "json",
];

/// The word that is being written, and where it begins.
fn word(text: &str) -> (usize, &str) {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let start = text.rfind(|c| !part(c)).map_or(0, |index| index + 1);
    (start, text.get(start..).unwrap_or_default())
}

/// What may be meant by the word at the end: metrics and functions, labels within braces and after `by`.
pub(super) fn completions(typed: &str, logs: bool) -> Vec<String> {
    let (start, word) = word(typed);
    if word.len() < 2 {
        return Vec::new();
    }
    let before = &typed[..start];
    let open = |bracket, closing| before.rfind(bracket) > before.rfind(closing);
    let lists = before.rfind(" by (").max(before.rfind("on (")) > before.rfind(')');
    let labels = open('{', '}') || lists && before.contains('(');
    let mut all: Vec<String> = if logs {
        let known = logql::FIELD_NAMES.iter().chain(&LOGQL);
        known.map(|name| (*name).to_owned()).collect()
    } else if labels {
        LABELS.iter().map(|label| (*label).to_owned()).collect()
    } else {
        let functions = promql::functions().map(str::to_owned);
        Exposition::names().into_iter().chain(functions).collect()
    };
    all.retain(|name| name.contains(word) && name != word);
    // What begins so comes before what has it somewhere.
    all.sort_by_key(|name| (!name.starts_with(word), name.clone()));
    all.truncate(OFFERED);
    all
}

/// Puts a name in the place of the word at the end, and the cursor behind it.
pub(super) fn complete(ui: &Ui, id: Id, typed: &mut String, name: &str) {
    let (start, _) = word(typed);
    typed.truncate(start);
    typed.push_str(name);
    query_field::to_end(ui, id, typed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_completed_where_they_can_stand() {
        let first = |typed: &str| completions(typed, false).first().cloned();
        assert_eq!(first("sum(workers_b").as_deref(), Some("workers_busy"));
        assert_eq!(first("histogram_q").as_deref(), Some("histogram_quantile"));
        assert_eq!(first("up{service_na").as_deref(), Some("service_name"));
        assert_eq!(first("sum by (clou").as_deref(), Some("cloud_region"));
        assert!(completions("", false).is_empty());
        assert!(completions("sum(x)", false).is_empty());
        let logs = |typed: &str| completions(typed, true).first().cloned();
        assert_eq!(logs("{service_na").as_deref(), Some("service_name"));
        assert_eq!(logs("count_ov").as_deref(), Some("count_over_time"));
    }
}
