//! Reading of queries.

use regex::Regex;

use super::Error;
use super::plan::{
    Aggregate, Condition, Metric, Operation, Order, Pipeline, Plan, STREAM, Stage, Test,
};
use crate::promql::source::{Comparison, Matcher};

const OPERATIONS: [(&str, Operation); 5] = [
    ("sum", Operation::Sum),
    ("avg", Operation::Avg),
    ("min", Operation::Min),
    ("max", Operation::Max),
    ("count", Operation::Count),
];

/// What Loki knows and this does not.
const OUTSIDE: [&str; 22] = [
    "absent_over_time",
    "avg_over_time",
    "bottomk",
    "bytes_over_time",
    "bytes_rate",
    "decolorize",
    "drop",
    "first_over_time",
    "keep",
    "label_format",
    "last_over_time",
    "line_format",
    "logfmt",
    "max_over_time",
    "min_over_time",
    "pattern",
    "quantile_over_time",
    "regexp",
    "sum_over_time",
    "topk",
    "unpack",
    "unwrap",
];

pub fn parse(text: &str) -> Result<Plan, Error> {
    let mut reader = Reader { text, at: 0 };
    reader.space();
    let plan = if reader.peek() == Some('{') {
        Plan::Lines(reader.pipeline()?)
    } else {
        Plan::Metric(reader.metric()?)
    };
    reader.space();
    if reader.at < text.len() {
        return Err(reader.wrong("the end of the query"));
    }
    Ok(plan)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn space(&mut self) {
        let trimmed = self.rest().trim_start();
        self.at = self.text.len() - trimmed.len();
    }

    fn wrong(&self, expected: &str) -> Error {
        let column = self.text[..self.at].chars().count() + 1;
        let found = match self.rest().split_whitespace().next() {
            Some(word) => format!("{:?}", word.chars().take(30).collect::<String>()),
            None => "the end".to_owned(),
        };
        Error::Text(format!(
            "column {column}: expected {expected}, found {found}"
        ))
    }

    /// Takes a sign if it stands here.
    fn take(&mut self, sign: &str) -> bool {
        self.space();
        let here = self.rest().starts_with(sign);
        if here {
            self.at += sign.len();
        }
        here
    }

    fn expect(&mut self, sign: &str) -> Result<(), Error> {
        if self.take(sign) {
            return Ok(());
        }
        Err(self.wrong(&format!("{sign:?}")))
    }

    fn word(&mut self) -> Option<&'a str> {
        self.space();
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let word = &rest[..end];
        let starts = word.chars().next().is_some_and(|c| !c.is_ascii_digit());
        if !starts {
            return None;
        }
        self.at += end;
        Some(word)
    }

    fn named(&mut self, expected: &str) -> Result<&'a str, Error> {
        self.word().ok_or_else(|| self.wrong(expected))
    }

    fn string(&mut self) -> Result<String, Error> {
        self.space();
        let quote = self.peek().filter(|c| *c == '"' || *c == '`');
        let quote = quote.ok_or_else(|| self.wrong("a text in quotes"))?;
        let mut escaped = false;
        for (index, letter) in self.rest().char_indices().skip(1) {
            if escaped {
                escaped = false;
            } else if letter == '\\' && quote == '"' {
                escaped = true;
            } else if letter == quote {
                let end = index + letter.len_utf8();
                let written = &self.rest()[..end];
                let value = promql_parser::util::unquote_string(written);
                let value = value.map_err(|_| self.wrong("a text with known escapes"))?;
                self.at += end;
                return Ok(value);
            }
        }
        Err(self.wrong("a text whose quotes are closed"))
    }

    fn regex(&mut self, anchored: bool) -> Result<(Regex, String), Error> {
        let before = self.at;
        let text = self.string()?;
        let whole = if anchored {
            format!("^(?s:{text})$")
        } else {
            text.clone()
        };
        if let Ok(regex) = Regex::new(&whole) {
            return Ok((regex, text));
        }
        self.at = before;
        Err(self.wrong("a regular expression"))
    }

    fn pipeline(&mut self) -> Result<Pipeline, Error> {
        self.expect("{")?;
        let mut pipeline = Pipeline::default();
        loop {
            let name = self.named("a label")?.to_owned();
            if !STREAM.contains(&name.as_str()) {
                self.at -= name.len();
                return Err(self.wrong(&format!("a label of streams ({})", STREAM.join(", "))));
            }
            let (comparison, value) = self.comparison()?;
            pipeline.streams.push(Matcher {
                name,
                comparison,
                value,
            });
            if !self.take(",") {
                break;
            }
        }
        self.expect("}")?;
        if pipeline.streams.iter().all(|matcher| matcher.accepts("")) {
            let message = "at least one label must be compared with something that is not empty";
            return Err(Error::Text(message.to_owned()));
        }
        while self.stage(&mut pipeline)? {}
        Ok(pipeline)
    }

    /// An operator and the text it compares with.
    fn comparison(&mut self) -> Result<(Comparison, String), Error> {
        if self.take("=~") {
            let (regex, text) = self.regex(true)?;
            return Ok((Comparison::Matches(regex), text));
        }
        if self.take("!~") {
            let (regex, text) = self.regex(true)?;
            return Ok((Comparison::MatchesNot(regex), text));
        }
        if self.take("!=") {
            return Ok((Comparison::NotEqual, self.string()?));
        }
        if self.take("=") {
            return Ok((Comparison::Equal, self.string()?));
        }
        Err(self.wrong("=, !=, =~ or !~"))
    }

    /// Takes the next stage, if there is one.
    fn stage(&mut self, pipeline: &mut Pipeline) -> Result<bool, Error> {
        for (sign, not) in [("|=", false), ("!=", true)] {
            if self.take(sign) {
                let text = self.string()?;
                pipeline.stages.push(Stage::Contains { text, not });
                return Ok(true);
            }
        }
        for (sign, not) in [("|~", false), ("!~", true)] {
            if self.take(sign) {
                let (pattern, _) = self.regex(false)?;
                pipeline.stages.push(Stage::Matches { pattern, not });
                return Ok(true);
            }
        }
        if !self.take("|") {
            return Ok(false);
        }
        let before = self.at;
        let word = self.named("json or a condition on a field")?;
        if word == "json" {
            pipeline.extracts = true;
            return Ok(true);
        }
        if OUTSIDE.contains(&word) {
            return Err(Error::Outside(word.to_owned()));
        }
        self.at = before;
        let conditions = self.conditions()?;
        pipeline.stages.push(Stage::Fields(conditions));
        Ok(true)
    }

    /// Conditions with `and` (or a comma) and `or`; `and` binds more strongly.
    fn conditions(&mut self) -> Result<Vec<Vec<Condition>>, Error> {
        let mut any = vec![vec![self.condition()?]];
        loop {
            let before = self.at;
            let joined = if self.take(",") {
                Some("and")
            } else {
                self.word()
            };
            match joined {
                Some("and") => {
                    let condition = self.condition()?;
                    if let Some(all) = any.last_mut() {
                        all.push(condition);
                    }
                }
                Some("or") => any.push(vec![self.condition()?]),
                _ => {
                    self.at = before;
                    return Ok(any);
                }
            }
        }
    }

    fn condition(&mut self) -> Result<Condition, Error> {
        let name = self.named("a field")?.to_owned();
        if !STREAM.contains(&name.as_str()) && !super::fields::NAMES.contains(&name.as_str()) {
            self.at -= name.len();
            let known = super::fields::NAMES.join(", ");
            return Err(self.wrong(&format!("a field ({known}) or a label of streams")));
        }
        let orders = [
            (">=", Order::GreaterOrEqual),
            ("<=", Order::LessOrEqual),
            ("==", Order::Equal),
            (">", Order::Greater),
            ("<", Order::Less),
        ];
        for (sign, order) in orders {
            if self.take(sign) {
                let number = self.number()?;
                let test = Test::Number(order, number);
                return Ok(Condition { name, test });
            }
        }
        let before = self.at;
        for (sign, order) in [("!=", Order::NotEqual), ("=", Order::Equal)] {
            if self.take(sign) {
                self.space();
                if self.peek().is_some_and(|c| c.is_ascii_digit() || c == '-') {
                    let number = self.number()?;
                    let test = Test::Number(order, number);
                    return Ok(Condition { name, test });
                }
                self.at = before;
                break;
            }
        }
        let (comparison, value) = self.comparison()?;
        let test = Test::Text(comparison, value);
        Ok(Condition { name, test })
    }

    /// A number, or a duration in seconds.
    fn number(&mut self) -> Result<f64, Error> {
        self.space();
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
            .unwrap_or(rest.len());
        let number: f64 = rest[..end]
            .parse()
            .map_err(|_| self.wrong("a number, or a duration such as 250ms"))?;
        self.at += end;
        let units = [
            ("ms", 1e-3),
            ("us", 1e-6),
            ("s", 1.0),
            ("m", 60.0),
            ("h", 3_600.0),
        ];
        let unit = units.iter().find(|(unit, _)| self.rest().starts_with(unit));
        Ok(match unit {
            Some((unit, seconds)) => {
                self.at += unit.len();
                number * seconds
            }
            None => number,
        })
    }

    fn metric(&mut self) -> Result<Metric, Error> {
        let name =
            self.named("a stream selector in braces, count_over_time, rate or an aggregation")?;
        if let Some((_, operation)) = OPERATIONS.iter().find(|(known, _)| *known == name) {
            let mut grouping = self.grouping()?;
            self.expect("(")?;
            let inner = self.named("count_over_time or rate")?;
            let mut metric = self.counted(inner)?;
            self.expect(")")?;
            if grouping.is_none() {
                grouping = self.grouping()?;
            }
            let (labels, without) = grouping.unwrap_or_default();
            metric.aggregate = Some(Aggregate {
                operation: *operation,
                labels,
                without,
            });
            return Ok(metric);
        }
        self.counted(name)
    }

    fn grouping(&mut self) -> Result<Option<(Vec<String>, bool)>, Error> {
        let before = self.at;
        let without = match self.word() {
            Some("by") => false,
            Some("without") => true,
            _ => {
                self.at = before;
                return Ok(None);
            }
        };
        self.expect("(")?;
        let mut labels = Vec::new();
        while !self.take(")") {
            labels.push(self.named("a label")?.to_owned());
            if !self.take(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(Some((labels, without)))
    }

    fn counted(&mut self, name: &str) -> Result<Metric, Error> {
        let per_second = match name {
            "count_over_time" => false,
            "rate" => true,
            other if OUTSIDE.contains(&other) => return Err(Error::Outside(other.to_owned())),
            other => {
                self.at -= other.len();
                return Err(self.wrong("count_over_time, rate or an aggregation"));
            }
        };
        self.expect("(")?;
        let pipeline = self.pipeline()?;
        self.expect("[")?;
        let seconds = self.number()?;
        self.expect("]")?;
        self.expect(")")?;
        if !(seconds > 0.0 && seconds <= 86_400.0 * 30.0) {
            return Err(Error::Text(
                "a range is above 0 and at most 30 days".to_owned(),
            ));
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most 30 days")]
        let range_ms = (seconds * 1_000.0).round() as i64;
        Ok(Metric {
            pipeline,
            range_ms,
            per_second,
            aggregate: None,
        })
    }
}
