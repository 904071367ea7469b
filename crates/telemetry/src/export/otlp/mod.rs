//! The OpenTelemetry protocol in its JSON form: 64-bit integers as texts, identifiers in hexadecimal.

mod logs;
mod metrics;
mod traces;

use std::collections::BTreeMap;

use serde::Serialize;

pub use logs::{LogsData, logs};
pub use metrics::{MetricsData, metrics};
pub use traces::{TracesData, traces};

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KeyValue {
    key: String,
    value: AnyValue,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
enum AnyValue {
    StringValue(String),
}

impl KeyValue {
    fn new(key: &str, value: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            value: AnyValue::StringValue(value.into()),
        }
    }
}

/// What produced telemetry.
#[derive(Clone, Debug, Serialize)]
struct Resource {
    attributes: Vec<KeyValue>,
}

/// Who wrote it.
#[derive(Clone, Debug, Serialize)]
struct Scope {
    name: &'static str,
}

const SCOPE: Scope = Scope { name: "brownout" };

/// The attributes of a resource from its service, instance, region and version, as far as it has them.
fn resource(parts: [(&str, &str); 4]) -> Vec<KeyValue> {
    parts
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| KeyValue::new(key, *value))
        .collect()
}

/// Things grouped by what produced them.
struct ByResource<T>(BTreeMap<Vec<KeyValue>, Vec<T>>);

impl<T> ByResource<T> {
    const fn new() -> Self {
        Self(BTreeMap::new())
    }

    fn add(&mut self, resource: Vec<KeyValue>, item: T) {
        self.0.entry(resource).or_default().push(item);
    }

    fn into_groups(self) -> impl Iterator<Item = (Resource, Vec<T>)> {
        let groups = self.0.into_iter();
        groups.map(|(attributes, items)| (Resource { attributes }, items))
    }
}
