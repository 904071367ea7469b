//! Reading of scripts, line by line.

use super::Unreadable;
use super::notation::{self, Written};

/// A command of a script.
#[derive(Clone, Debug)]
pub enum Command {
    Clear,
    Load {
        step_ms: i64,
        series: Vec<Written>,
    },
    /// Something that is not supported and decides about everything after it.
    Outside {
        line: usize,
        name: &'static str,
    },
    Evaluate(Evaluation),
}

/// When a query is evaluated.
#[derive(Clone, Copy, Debug)]
pub enum Span {
    Instant(i64),
    Range {
        start_ms: i64,
        end_ms: i64,
        step_ms: i64,
    },
}

/// A query and what it must answer.
#[derive(Clone, Debug)]
pub struct Evaluation {
    pub line: usize,
    pub query: String,
    pub span: Span,
    pub must_fail: bool,
    /// What the failure must say, and whether that is a pattern.
    pub message: Option<(String, bool)>,
    pub ordered: bool,
    pub text: Option<String>,
    /// Times of expected samples where they are not those of the query.
    pub samples_at: Option<Span>,
    pub series: Vec<Written>,
    /// A number, where the answer is one.
    pub number: Option<f64>,
    pub outside: Option<String>,
}

/// Reads a script.
pub fn script(text: &str) -> Result<Vec<Command>, Unreadable> {
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.starts_with('#'))
        .peekable();
    let mut commands = Vec::new();
    while let Some((line, text)) = lines.next() {
        if text.is_empty() {
            continue;
        }
        let fail = |message: String| Unreadable { line, message };
        // What belongs to a command follows it without an empty line.
        let mut body = Vec::new();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if first != "clear" {
            while let Some(next) = lines.next_if(|(_, next)| !next.is_empty()) {
                body.push(next);
            }
        }
        match first {
            "clear" => commands.push(Command::Clear),
            "load" => commands.push(load(rest, &body).map_err(fail)?),
            "load_with_nhcb" => commands.push(Command::Outside {
                line,
                name: notation::NATIVE,
            }),
            word if word.starts_with("eval") => {
                commands.push(Command::Evaluate(evaluation(line, word, rest, &body)?));
            }
            word => {
                return Err(fail(format!(
                    "expected load, clear or eval, found {word:?}"
                )));
            }
        }
    }
    Ok(commands)
}

fn load(step: &str, body: &[(usize, &str)]) -> Result<Command, String> {
    let step_ms = duration(step)?;
    let series: Result<Vec<Written>, String> = body
        .iter()
        .map(|(line, text)| notation::series(text).map_err(|e| format!("line {line}: {e}")))
        .collect();
    Ok(Command::Load {
        step_ms,
        series: series?,
    })
}

/// Units of durations, in milliseconds. `ms` stands before `m`.
const UNITS: [(&str, f64); 7] = [
    ("ms", 1.0),
    ("s", 1e3),
    ("m", 60e3),
    ("h", 3_600e3),
    ("d", 86_400e3),
    ("w", 7.0 * 86_400e3),
    ("y", 365.0 * 86_400e3),
];

/// Milliseconds of a duration like `5m`, `-1m30s`, or of seconds.
fn duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("expected a duration, found {text:?}");
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let mut millis = 0.0;
    while !rest.is_empty() {
        let is_digit = |c: char| c.is_ascii_digit() || c == '.';
        let end = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        let amount: f64 = digits.parse().map_err(|_| wrong())?;
        let unit = UNITS.iter().find(|(unit, _)| after.starts_with(unit));
        let (unit, size) = match unit {
            Some((unit, size)) => (*unit, *size),
            None if after.is_empty() => ("", 1e3),
            None => return Err(wrong()),
        };
        millis += amount * size;
        rest = &after[unit.len()..];
    }
    if text.is_empty() {
        return Err(wrong());
    }
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let millis = (sign * millis).round() as i64;
    Ok(millis)
}

/// `from A to B step C`, and what follows it.
fn range(text: &str) -> Result<(Span, &str), String> {
    let mut rest = text;
    let mut part = |keyword: &str| {
        let after = rest.trim_start().strip_prefix(keyword);
        let after = after
            .ok_or_else(|| format!("expected {keyword:?}"))?
            .trim_start();
        let (value, after) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
        rest = after;
        duration(value)
    };
    let span = Span::Range {
        start_ms: part("from")?,
        end_ms: part("to")?,
        step_ms: part("step")?,
    };
    Ok((span, rest.trim()))
}

fn evaluation(
    line: usize,
    word: &str,
    rest: &str,
    body: &[(usize, &str)],
) -> Result<Evaluation, Unreadable> {
    let fail = |message: String| Unreadable { line, message };
    let (span, query) = if let Some(rest) = rest.strip_prefix("instant") {
        let rest = rest.trim_start().strip_prefix("at");
        let rest = rest
            .ok_or_else(|| fail("expected \"at\"".to_owned()))?
            .trim_start();
        let (at, query) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        (Span::Instant(duration(at).map_err(fail)?), query.trim())
    } else if let Some(rest) = rest.strip_prefix("range") {
        range(rest).map_err(fail)?
    } else {
        return Err(fail("expected \"instant\" or \"range\"".to_owned()));
    };
    let mut wanted = Evaluation {
        line,
        query: query.to_owned(),
        span,
        must_fail: word == "eval_fail",
        message: None,
        ordered: word == "eval_ordered",
        text: None,
        samples_at: None,
        series: Vec::new(),
        number: None,
        outside: match word {
            "eval" | "eval_fail" | "eval_ordered" => None,
            // Hints beside the answer are not produced here.
            _ => Some("annotations".to_owned()),
        },
    };
    for (line, text) in body {
        expectation(text, &mut wanted).map_err(|message| Unreadable {
            line: *line,
            message,
        })?;
    }
    Ok(wanted)
}

fn expectation(text: &str, wanted: &mut Evaluation) -> Result<(), String> {
    if let Some(rest) = text.strip_prefix("expected_fail_message") {
        wanted.message = Some((rest.trim().to_owned(), false));
    } else if let Some(rest) = text.strip_prefix("expected_fail_regexp") {
        wanted.message = Some((rest.trim().to_owned(), true));
    } else if let Some(rest) = text.strip_prefix("expect ") {
        let (what, rest) = rest
            .trim()
            .split_once(char::is_whitespace)
            .unwrap_or((rest.trim(), ""));
        match what {
            "fail" => {
                wanted.must_fail = true;
                let rest = rest.trim();
                let message = rest
                    .strip_prefix("msg:")
                    .map(|m| (m.trim().to_owned(), false));
                let pattern = rest
                    .strip_prefix("regex:")
                    .map(|m| (m.trim().to_owned(), true));
                wanted.message = message.or(pattern);
            }
            "ordered" => wanted.ordered = true,
            "string" => {
                wanted.text = Some(promql_parser::util::unquote_string(rest.trim())?);
            }
            "range" => {
                let rest = rest
                    .trim()
                    .strip_prefix("vector")
                    .ok_or("expected \"vector\"")?;
                wanted.samples_at = Some(range(rest)?.0);
            }
            "warn" | "info" => wanted.outside = Some("annotations".to_owned()),
            // None are produced.
            "no_warn" | "no_info" => {}
            _ => return Err(format!("{what:?} is no expectation")),
        }
    } else if let Some(number) = notation::number(text) {
        wanted.number = Some(number);
    } else if text.starts_with("{{") {
        wanted.outside = Some(notation::NATIVE.to_owned());
    } else {
        let series = notation::series(text)?;
        if let Some(name) = series.outside {
            wanted.outside = Some(name.to_owned());
        }
        wanted.series.push(series);
    }
    Ok(())
}
