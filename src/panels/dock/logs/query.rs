//! The query bar of the log: `level:error instance:eu-west-2 "connection reset" -cart`.
//!
//! Words must stand in the text, `-` turns a condition round, quotes hold words together. Of several levels, instances or
//! patterns one must fit.

use brownout_session::reader::LogRow;

/// What a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Severity.
    Level,
    /// Instance, by any part of its name.
    Instance,
    /// Pattern of the text.
    Pattern,
    /// Trace, by the beginning of its id.
    Trace,
    /// Text.
    Text,
}

/// Fields with their names in a query.
const FIELDS: [(Field, &str); 4] = [
    (Field::Level, "level"),
    (Field::Instance, "instance"),
    (Field::Pattern, "pattern"),
    (Field::Trace, "trace"),
];
/// Levels that can be asked for.
const LEVELS: [&str; 3] = ["error", "warn", "info"];

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What it is about.
    pub field: Field,
    /// What it asks for, in small letters.
    pub value: String,
    /// Lines must not fulfil it.
    pub not: bool,
}

impl Term {
    /// A condition on a field.
    #[must_use]
    pub fn of(field: Field, value: &str) -> Self {
        Self {
            field,
            value: within_quotes(value),
            not: false,
        }
    }

    fn fits(&self, row: &LogRow) -> bool {
        match self.field {
            Field::Level => row.level.word().eq_ignore_ascii_case(&self.value),
            Field::Instance => row.instance.contains(&self.value),
            Field::Pattern => within_quotes(&pattern(&row.text)) == self.value,
            Field::Trace => format!("{:016x}", row.trace).starts_with(&self.value),
            Field::Text => row.text.to_lowercase().contains(&self.value),
        }
    }

    /// The condition as it is typed.
    fn typed(&self) -> String {
        let sign = if self.not { "-" } else { "" };
        let value = if self.value.contains(' ') {
            format!("\"{}\"", self.value)
        } else {
            self.value.clone()
        };
        match FIELDS.iter().find(|(field, _)| *field == self.field) {
            Some((_, name)) => format!("{sign}{name}:{value}"),
            None => format!("{sign}{value}"),
        }
    }
}

/// Several conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Conditions in the order they were typed.
    pub terms: Vec<Term>,
}

impl Query {
    /// Reads a query. Everything typed means something: what is no field is text.
    #[must_use]
    pub fn parse(typed: &str) -> Self {
        let terms = tokens(typed).into_iter().filter_map(|token| {
            let (not, rest) = match token.strip_prefix('-') {
                Some(rest) if !rest.is_empty() => (true, rest),
                _ => (false, token.as_str()),
            };
            let named = rest.split_once(':').and_then(|(name, value)| {
                let name = name.to_lowercase();
                let field = FIELDS.iter().find(|(_, of)| *of == name)?;
                Some((field.0, value))
            });
            let (field, value) = named.unwrap_or((Field::Text, rest));
            let value = value.trim_matches('"').to_lowercase();
            (!value.is_empty()).then_some(Term { field, value, not })
        });
        Self {
            terms: terms.collect(),
        }
    }

    /// Whether a line fulfils the query: every word, no excluded one, and one of each field asked for.
    #[must_use]
    pub fn fits(&self, row: &LogRow) -> bool {
        let excluded = self.terms.iter().any(|term| term.not && term.fits(row));
        let words = self
            .terms
            .iter()
            .filter(|term| !term.not && term.field == Field::Text);
        !excluded
            && words.into_iter().all(|term| term.fits(row))
            && FIELDS.iter().all(|(field, _)| {
                let mut asked = self.terms.iter().filter(|t| !t.not && t.field == *field);
                asked.clone().next().is_none() || asked.any(|term| term.fits(row))
            })
    }

    /// The query without the conditions on a field: what that field's values are counted over.
    #[must_use]
    pub fn without(&self, field: Field) -> Self {
        let mut rest = self.clone();
        rest.terms.retain(|term| term.field != field);
        rest
    }

    /// Whether a condition stands in it.
    #[must_use]
    pub fn has(&self, term: &Term) -> bool {
        self.terms.contains(term)
    }

    /// The query with a condition added, or taken out if it stood there.
    #[must_use]
    pub fn toggled(mut self, term: Term) -> String {
        if self.has(&term) {
            self.terms.retain(|of| *of != term);
        } else {
            self.terms.push(term);
        }
        let typed: Vec<String> = self.terms.iter().map(Term::typed).collect();
        typed.join(" ")
    }
}

/// A value as it can stand within quotes: in small letters, its own quotes as apostrophes.
fn within_quotes(value: &str) -> String {
    value.to_lowercase().replace('"', "'")
}

/// Divides a query at spaces outside quotes.
fn tokens(typed: &str) -> Vec<String> {
    let (mut all, mut token, mut quoted) = (Vec::new(), String::new(), false);
    for letter in typed.chars() {
        match letter {
            '"' => {
                quoted = !quoted;
                token.push(letter);
            }
            letter if letter.is_whitespace() && !quoted => all.push(std::mem::take(&mut token)),
            letter => token.push(letter),
        }
    }
    all.push(token);
    all.retain(|token| !token.is_empty());
    all
}

/// What the last word typed could become, as letters to add to it.
#[must_use]
pub fn completion(typed: &str, instances: &[&str]) -> Option<String> {
    let last = typed.rsplit(char::is_whitespace).next()?;
    let last = last.strip_prefix('-').unwrap_or(last).to_lowercase();
    let names = FIELDS.map(|(_, name)| name);
    let rest = |options: &[&str], begun: &str| {
        let rests = options.iter().filter_map(|of| of.strip_prefix(begun));
        rests
            .filter(|rest| !rest.is_empty())
            .map(str::to_owned)
            .next()
    };
    match last.split_once(':') {
        Some(("level", begun)) => rest(&LEVELS, begun),
        Some(("instance", begun)) => rest(instances, begun),
        Some(_) => None,
        None if last.is_empty() => None,
        None => {
            let name = rest(&names, &last)?;
            Some(format!("{name}:"))
        }
    }
}

/// The pattern of a line: numbers and ids become `·`. Results of requests stay, since they tell lines apart.
#[must_use]
pub fn pattern(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '.';
        if !letter.is_ascii_alphanumeric() {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        let alone = out.is_empty() || out.ends_with(' ');
        out.push_str(&plain(
            token,
            alone && (after.is_empty() || after.starts_with(' ')),
        ));
        rest = after;
    }
    out
}

/// A word without its numbers.
fn plain(token: &str, alone: bool) -> String {
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let result =
        alone && token.len() == 3 && digits == 3 && token.starts_with(['1', '2', '3', '4', '5']);
    if digits == 0 || result {
        return token.to_owned();
    }
    if token.len() >= 6 && token.bytes().all(|b| b.is_ascii_hexdigit()) {
        return "·".to_owned();
    }
    let mut out = String::new();
    for letter in token.chars() {
        let number = letter.is_ascii_digit() || (letter == '.' && out.ends_with('·'));
        if !number {
            out.push(letter);
        } else if !out.ends_with('·') {
            out.push('·');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use brownout_telemetry::logs::Level;

    fn row(level: Level, instance: &str, text: &str) -> LogRow {
        LogRow {
            at_ns: 1,
            stamp_ns: 1,
            level,
            instance: instance.to_owned(),
            text: text.to_owned(),
            trace: 0x00ab_cdef_0000_0001,
        }
    }

    fn fits(query: &str) -> bool {
        let row = row(
            Level::Error,
            "checkout-eu-west-2",
            "upstream timeout after 1000ms service=payments",
        );
        Query::parse(query).fits(&row)
    }

    #[test]
    fn words_fields_quotes_and_exclusions() {
        for query in [
            "",
            "timeout",
            "TIMEOUT upstream",
            "\"timeout after\"",
            "level:error",
            "level:error level:warn",
            "instance:eu-west-2",
            "-cart",
            "-level:info payments",
            "trace:00abcdef",
            "service=payments",
        ] {
            assert!(fits(query), "{query}");
        }
        for query in [
            "reset",
            "timeout reset",
            "\"after timeout\"",
            "level:warn",
            "level:err",
            "instance:us-east",
            "-timeout",
            "-level:error",
            "-\"timeout after\"",
        ] {
            assert!(!fits(query), "{query}");
        }
    }

    #[test]
    fn half_a_query_is_no_condition() {
        for query in ["level:", "-", "\"", "instance: "] {
            let terms = Query::parse(query).terms;
            assert!(
                terms.iter().all(|term| term.field == Field::Text),
                "{query}: {terms:?}"
            );
        }
        assert!(fits("level:"), "nothing is asked of the level yet");
    }

    #[test]
    fn a_facet_goes_in_and_out_of_the_query() {
        let error = || Term::of(Field::Level, "ERROR");
        let with = Query::parse("timeout -cart").toggled(error());
        assert_eq!(with, "timeout -cart level:error");
        assert_eq!(Query::parse(&with).toggled(error()), "timeout -cart");
    }

    #[test]
    fn a_pattern_chosen_finds_its_lines_again() {
        let line = row(
            Level::Error,
            "checkout-eu-west-2",
            "\"POST /checkout\" 502 12.3ms error=\"upstream failed\"",
        );
        let term = Term::of(Field::Pattern, &pattern(&line.text));
        let typed = Query::default().toggled(term);
        let query = Query::parse(&typed);
        assert!(query.fits(&line), "{typed}");
        let other = row(
            Level::Info,
            "checkout-eu-west-2",
            "\"POST /checkout\" 200 9.1ms",
        );
        assert!(!query.fits(&other));
    }

    #[test]
    fn lines_that_differ_in_numbers_alone_have_one_pattern() {
        let one = pattern("upstream timeout after 1000ms url=http://0.0.0.0/pay attempt=1/3");
        let two = pattern("upstream timeout after 998ms url=http://10.2.3.4/pay attempt=2/3");
        assert_eq!(one, two);
        assert_eq!(
            one,
            "upstream timeout after ·ms url=http://·/pay attempt=·/·"
        );
        assert_eq!(pattern("trace 9f31c2aa ended"), "trace · ended");
        assert_eq!(
            pattern("process started version=2.41.0"),
            "process started version=·"
        );
        assert_ne!(
            pattern("\"GET /\" 200 1.0ms"),
            pattern("\"GET /\" 502 1.0ms")
        );
    }

    #[test]
    fn the_last_word_is_completed() {
        let instances = ["checkout-eu-west-1", "checkout-eu-west-2"];
        let complete = |typed: &str| completion(typed, &instances);
        assert_eq!(complete("le").as_deref(), Some("vel:"));
        assert_eq!(complete("timeout level:e").as_deref(), Some("rror"));
        assert_eq!(complete("-level:w").as_deref(), Some("arn"));
        assert_eq!(complete("instance:checkout-eu").as_deref(), Some("-west-1"));
        assert_eq!(complete("level:error"), None);
        assert_eq!(complete(""), None);
        assert_eq!(complete("zebra"), None);
    }
}
