//! Types in words and defaults as they would be written.

use serde_json::Value;

use super::constructs::referred;
use crate::units::QUANTITIES;

/// The type a schema stands for, in words.
pub(super) fn type_in_words(schema: &Value) -> String {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = referred(reference).unwrap_or_default();
        let quantity = QUANTITIES.iter().find(|q| q.construct == name);
        return match quantity {
            Some(quantity) => {
                let example = quantity.examples.first().copied().unwrap_or_default();
                format!("{}, `\"{example}\"`", quantity.what)
            }
            None => format!("[{name}](#{})", name.to_lowercase()),
        };
    }
    // A value that may be left out: the type beside null.
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        let mut some = choices
            .iter()
            .filter(|choice| choice.get("type").and_then(Value::as_str) != Some("null"));
        return some.next().map(type_in_words).unwrap_or_default();
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|k| *k != "null"),
        Some(Value::String(kind)) => Some(kind.as_str()),
        _ => None,
    };
    match kind {
        Some("string") => "text".to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("array") => {
            if let Some(parts) = schema.get("prefixItems").and_then(Value::as_array) {
                let parts: Vec<String> = parts.iter().map(type_in_words).collect();
                format!("({})", parts.join(", "))
            } else {
                let item = schema.get("items").map(type_in_words);
                format!("list of {}", item.unwrap_or_default())
            }
        }
        Some("object") => {
            let value = schema.get("additionalProperties").map(type_in_words);
            format!("map `{{\"name\": …}}` to {}", value.unwrap_or_default())
        }
        _ => String::new(),
    }
}

/// A default as it would be written; `None` for nothing at all, which the meaning of a field tells of.
pub(super) fn default_in_ron(value: &Value) -> Option<String> {
    match value {
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        // Variants of enumerations are written without quotes; the two texts with a default look like no variant.
        Value::String(word) if is_variant(word) => Some(word.clone()),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(format!("{text:?}")),
        Value::Array(values) if !values.is_empty() => {
            let values: Vec<String> = values
                .iter()
                .map(|value| {
                    value
                        .as_str()
                        .map_or(value.to_string(), |s| format!("{s:?}"))
                })
                .collect();
            Some(format!("[{}]", values.join(", ")))
        }
        Value::Array(_) | Value::Object(_) | Value::Null => None,
    }
}

fn is_variant(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}
