//! Label sets.

use std::fmt;
use std::sync::Arc;

/// The label that holds a metric's name.
pub const NAME: &str = "__name__";
/// The label that holds the upper bound of a classic histogram's bucket.
pub const LE: &str = "le";

/// A name or a value, shared by all series that have it.
pub type Text = Arc<str>;

/// The labels of a series, ordered by name, none of them empty: a label that is missing is a label that is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(Arc<Vec<(Text, Text)>>);

impl Labels {
    /// Labels from pairs in any order. Of two with one name the later holds.
    #[must_use]
    pub fn new<N: Into<Text>, V: Into<Text>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut all: Vec<(Text, Text)> = Vec::new();
        for (name, value) in pairs {
            let (name, value) = (name.into(), value.into());
            match all.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => all.push((name, value)),
            }
        }
        all.retain(|(_, value)| !value.is_empty());
        all.sort_unstable();
        Self(Arc::new(all))
    }

    /// Value of a label; empty without one.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.binary_search_by(|(known, _)| (**known).cmp(name));
        found.map_or("", |index| &self.0[index].1)
    }

    /// Name of the metric; empty once an operation has changed what the values mean.
    #[must_use]
    pub fn name(&self) -> &str {
        self.get(NAME)
    }

    /// Names and values, in the order of names.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Text)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same with a label set, or removed by an empty value.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut all = (*self.0).clone();
        match all.binary_search_by(|(known, _)| (**known).cmp(name)) {
            Ok(index) if value.is_empty() => {
                all.remove(index);
            }
            Ok(index) => all[index].1 = value.into(),
            Err(_) if value.is_empty() => {}
            Err(index) => all.insert(index, (name.into(), value.into())),
        }
        Self(Arc::new(all))
    }

    /// Only the named labels.
    #[must_use]
    pub fn only(&self, names: &[String]) -> Self {
        self.filtered(|name| names.iter().any(|wanted| wanted == name))
    }

    /// All but the metric's name and the named labels.
    #[must_use]
    pub fn without(&self, names: &[String]) -> Self {
        self.filtered(|name| name != NAME && !names.iter().any(|dropped| dropped == name))
    }

    /// All but the metric's name.
    #[must_use]
    pub fn nameless(&self) -> Self {
        if self.name().is_empty() {
            return self.clone();
        }
        self.filtered(|name| name != NAME)
    }

    fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        let kept = self.0.iter().filter(|(name, _)| keep(name));
        Self(Arc::new(kept.cloned().collect()))
    }
}

impl fmt::Display for Labels {
    /// As the query language writes a series: the name, then the other labels in braces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name())?;
        let mut others = self.iter().filter(|(name, _)| &***name != NAME).peekable();
        if others.peek().is_none() && !self.name().is_empty() {
            return Ok(());
        }
        write!(f, "{{")?;
        for (index, (name, value)) in others.enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{name}={value:?}")?;
        }
        write!(f, "}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_label_is_no_label() {
        let labels = Labels::new([("b", "2"), (NAME, "m"), ("a", "1"), ("c", "")]);
        assert_eq!(labels.to_string(), "m{a=\"1\", b=\"2\"}");
        assert_eq!(labels.get("c"), "");
        assert_eq!(labels.with("a", "").to_string(), "m{b=\"2\"}");
        assert_eq!(labels.with("c", "3"), labels.with("x", "").with("c", "3"));
        assert_eq!(labels.only(&["a".into()]).to_string(), "{a=\"1\"}");
        assert_eq!(labels.without(&["a".into()]).to_string(), "{b=\"2\"}");
        assert_eq!(labels.nameless().name(), "");
        assert_eq!(Labels::new([(NAME, "m")]).to_string(), "m");
    }
}
