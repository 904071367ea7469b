//! The notation of series in test scripts: a metric with labels, then values or rules for values.

use super::super::labels::{Labels, NAME};

/// Something in the notation that is not part of what is supported, by its name.
pub const NATIVE: &str = "native histograms";

/// A series as it is written.
#[derive(Clone, Debug)]
pub struct Written {
    pub labels: Labels,
    /// A value at each step, or none; [`super::super::source::STALE`] where the series ends.
    pub values: Vec<Option<f64>>,
    /// What it has that is outside of what is supported.
    pub outside: Option<&'static str>,
}

/// Reads a line of a series: `name{label="value"} 0+1x10 _ stale`.
///
/// # Errors
/// What was expected instead.
pub fn series(line: &str) -> Result<Written, String> {
    let (labels, rest) = metric(line)?;
    if rest.contains("{{") {
        return Ok(Written {
            labels,
            values: Vec::new(),
            outside: Some(NATIVE),
        });
    }
    if rest.contains("@st") {
        return Ok(Written {
            labels,
            values: Vec::new(),
            outside: Some("start timestamps"),
        });
    }
    let mut values = Vec::new();
    for word in rest.split_whitespace() {
        expand(word, &mut values)?;
    }
    Ok(Written {
        labels,
        values,
        outside: None,
    })
}

/// A metric with its labels, and what follows it.
fn metric(line: &str) -> Result<(Labels, &str), String> {
    let end = line
        .find(|c: char| c == '{' || c.is_whitespace())
        .unwrap_or(line.len());
    let (name, mut rest) = line.split_at(end);
    let mut pairs = Vec::new();
    if !name.is_empty() {
        pairs.push((NAME.to_owned(), name.to_owned()));
    }
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside.trim_start();
        loop {
            if let Some(after) = rest.strip_prefix('}') {
                rest = after;
                break;
            }
            let (label, after) = word(rest)?;
            let after = after.trim_start();
            rest = if let Some(after) = after.strip_prefix('=') {
                let (value, after) = quoted(after.trim_start())?;
                pairs.push((label, value));
                after.trim_start()
            } else {
                // A name in quotes stands alone.
                pairs.push((NAME.to_owned(), label));
                after
            };
            if let Some(after) = rest.strip_prefix(',') {
                rest = after.trim_start();
            } else if !rest.starts_with('}') {
                return Err("expected a comma or a closing brace".to_owned());
            }
        }
    }
    Ok((Labels::new(pairs), rest.trim()))
}

fn word(text: &str) -> Result<(String, &str), String> {
    if text.starts_with(['"', '\'', '`']) {
        return quoted(text);
    }
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':' || c == '.'))
        .unwrap_or(text.len());
    if end == 0 {
        return Err("expected a label".to_owned());
    }
    Ok((text[..end].to_owned(), &text[end..]))
}

fn quoted(text: &str) -> Result<(String, &str), String> {
    let quote = text.chars().next().filter(|c| ['"', '\'', '`'].contains(c));
    let quote = quote.ok_or_else(|| "expected a value in quotes".to_owned())?;
    let mut escaped = false;
    for (index, letter) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if letter == '\\' && quote != '`' {
            escaped = true;
        } else if letter == quote {
            let end = index + letter.len_utf8();
            let value = promql_parser::util::unquote_string(&text[..end])?;
            return Ok((value, &text[end..]));
        }
    }
    Err("a value in quotes does not end".to_owned())
}

/// Reads a number as the query language does; hexadecimal ones among them.
pub fn number(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    // What follows a sign may not begin with another.
    let first = digits.chars().next()?;
    if !(first.is_ascii_digit() || ".iInN".contains(first)) {
        return None;
    }
    let value = match digits.strip_prefix("0x") {
        Some(hexadecimal) => f64::from(u32::from_str_radix(hexadecimal, 16).ok()?),
        None => digits.parse().ok()?,
    };
    Some(sign * value)
}

fn expand(word: &str, values: &mut Vec<Option<f64>>) -> Result<(), String> {
    let wrong = || format!("{word:?} is no value and no rule for values");
    if word == "_" {
        values.push(None);
        return Ok(());
    }
    if word == "stale" {
        values.push(Some(super::super::source::STALE));
        return Ok(());
    }
    // In a series `0x10` is ten times more the value 0: hexadecimal numbers would be ambiguous.
    if let Some(value) = number(word).filter(|_| !word.contains('x')) {
        values.push(Some(value));
        return Ok(());
    }
    let (rule, times) = word.rsplit_once('x').ok_or_else(wrong)?;
    let times: u32 = times.parse().map_err(|_| wrong())?;
    if times > 1_000_000 {
        return Err(format!("{word:?} has more than a million values"));
    }
    if rule == "_" {
        values.extend((0..times).map(|_| None));
        return Ok(());
    }
    if let Some(value) = number(rule) {
        values.extend((0..=times).map(|_| Some(value)));
        return Ok(());
    }
    // The sign between the two is the last one that does not belong to an exponent.
    let split = rule
        .char_indices()
        .rev()
        .find(|&(index, c)| {
            let before = rule[..index].chars().next_back();
            (c == '+' || c == '-') && before.is_some_and(|b| !"eE+-".contains(b))
        })
        .or_else(|| rule.char_indices().skip(1).find(|(_, c)| "+-".contains(*c)));
    let (index, _) = split.ok_or_else(wrong)?;
    let start = number(&rule[..index]).ok_or_else(wrong)?;
    let step = number(rule[index..].trim_start_matches('+')).ok_or_else(wrong)?;
    let mut value = start;
    for _ in 0..=times {
        values.push(Some(value));
        value += step;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_rules_for_values() {
        let zeros = series("m 0x3").expect("a series");
        assert_eq!(zeros.values, [Some(0.0); 4]);
        let written = series(r#"m{a="x,}\"y"} 1 _ 0+2x2 3x1 _x2 -1-1x1 stale"#).expect("a series");
        assert_eq!(written.labels.get("a"), "x,}\"y");
        let values: Vec<Option<f64>> = written.values[..11].to_vec();
        let some = |v: f64| Some(v);
        assert_eq!(
            values,
            [
                some(1.0),
                None,
                some(0.0),
                some(2.0),
                some(4.0),
                some(3.0),
                some(3.0),
                None,
                None,
                some(-1.0),
                some(-2.0)
            ]
        );
        assert!(written.values[11].is_some_and(crate::promql::source::is_stale));
        assert!(series("m 1y3").is_err());
        assert_eq!(
            series("m {{sum:1}}").expect("a series").outside,
            Some(NATIVE)
        );
        assert_eq!(
            series(r#"{"a.b", c="d"} 1"#)
                .expect("a series")
                .labels
                .name(),
            "a.b"
        );
    }
}
