//! Pieces of JSON that formats share. Lists are turned into what is kept of them while they are read, so that a file of
//! nothing but brackets costs no memory.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error, IgnoredAny, SeqAccess, Visitor,
};

use super::super::problem::{Problem, shown};
use crate::diagnostics::Diagnostic;

/// Reads all documents of a text, which may follow each other.
pub(super) fn documents<T: DeserializeOwned>(
    file: &str,
    text: &str,
    mut each: impl FnMut(T) -> Result<(), Diagnostic>,
) -> Result<(), Diagnostic> {
    let text = text.trim_start_matches('\u{feff}');
    let stream = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let mut documents = 0u32;
    for document in stream {
        let document = document.map_err(|error| problem(file, &error))?;
        documents += 1;
        each(document)?;
    }
    if documents == 0 {
        return Err(Problem::of(file).empty("the file is empty".to_owned()));
    }
    Ok(())
}

fn problem(file: &str, error: &serde_json::Error) -> Diagnostic {
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let place = Problem::at(file, narrow(error.line()), narrow(error.column()));
    let words = error.to_string();
    // The place stands before the message here, not after it.
    let words = words.split(" at line ").next().unwrap_or_default();
    place.form(shown(words))
}

/// A whole number, written as one, as a text, or as a decimal without a fraction.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whole(pub(super) i128);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<Whole, E> {
        Ok(Whole(i128::from(n)))
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<Whole, E> {
        Ok(Whole(i128::from(n)))
    }

    #[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
    fn visit_f64<E: Error>(self, n: f64) -> Result<Whole, E> {
        // Beyond 2^63 nothing is a time.
        if n.is_finite() && n.abs() <= 9.3e18 {
            Ok(Whole(n as i128))
        } else {
            Err(E::custom("expected a whole number below 2^63"))
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Whole, E> {
        match text.parse::<i64>() {
            Ok(n) => Ok(Whole(i128::from(n))),
            Err(_) => text
                .parse::<u64>()
                .map(|n| Whole(i128::from(n)))
                .map_err(|_| {
                    E::custom(format!("expected a whole number, found `{}`", shown(text)))
                }),
        }
    }
}

/// A list of which each entry is taken in at once, and only what is kept stays.
pub(super) struct Gathered<T>(pub(super) T);

/// What is gathered from the entries of a list.
pub(super) trait Gather: Default {
    /// An entry as written.
    type Entry: DeserializeOwned;

    /// Takes an entry in; a reason if that is one too many.
    fn take(&mut self, entry: Self::Entry) -> Result<(), String>;
}

impl<T: Gather> Default for Gathered<T> {
    fn default() -> Self {
        Self(T::default())
    }
}

impl<'de, T: Gather> Deserialize<'de> for Gathered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GatherVisitor(PhantomData))
    }
}

struct GatherVisitor<T>(PhantomData<T>);

impl<'de, T: Gather> Visitor<'de> for GatherVisitor<T> {
    type Value = Gathered<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Gathered::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut gathered = T::default();
        while let Some(entry) = list.next_element::<T::Entry>()? {
            gathered.take(entry).map_err(A::Error::custom)?;
        }
        Ok(Gathered(gathered))
    }
}

/// A value as text, if it is a text, a number or a truth value.
pub(super) struct Plain(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PlainVisitor)
    }
}

struct PlainVisitor;

impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Plain;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Plain, E> {
        // Statements of databases may be long; nothing that says something here is.
        Ok(Plain(Some(text.chars().take(512).collect())))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Plain, E> {
        Ok(Plain(Some(value.to_string())))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Plain, E> {
        Ok(Plain(Some(value.to_string())))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Plain, E> {
        Ok(Plain(Some(value.to_string())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Plain, E> {
        Ok(Plain(Some(value.to_string())))
    }

    fn visit_unit<E: Error>(self) -> Result<Plain, E> {
        Ok(Plain(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Plain, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Plain(None))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Plain, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Plain(None))
    }
}
