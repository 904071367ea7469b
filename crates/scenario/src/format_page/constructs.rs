//! The constructs of the language, read off the schema that the types give of themselves.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::values::{default_in_ron, type_in_words};
use crate::model::{PeopleFile, ScenarioFile, System};

/// A field of a struct or of a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name as written.
    pub name: String,
    /// Type in words, with links to constructs.
    pub kind: String,
    /// Whether a file must have it.
    pub required: bool,
    /// What holds where it is left out, as it would be written; `None` if nothing does, or if the meaning tells.
    pub default: Option<String>,
    /// What it means.
    pub meaning: String,
}

/// One way to write an enumeration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Name as written.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// Types in words of what stands in its parentheses, if that has no names.
    pub values: Vec<String>,
    /// What stands in its parentheses by name.
    pub fields: Vec<Field>,
}

/// What a construct is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Fields by name.
    Struct(Vec<Field>),
    /// One of several.
    Enum(Vec<Variant>),
}

/// A type of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Construct {
    /// Name.
    pub name: String,
    /// What it is.
    pub meaning: String,
    /// Fields or variants.
    pub form: Form,
    /// `System` or `Scenario`: the file it first occurs in, seen from the top.
    pub root: &'static str,
}

/// All constructs of system files, then those that only scenario files have, each in the order in which reading from the
/// top meets them.
#[must_use]
pub fn constructs() -> Vec<Construct> {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let system = generator.subschema_for::<System>().to_value();
    let scenario = generator.subschema_for::<ScenarioFile>().to_value();
    let people = generator.subschema_for::<PeopleFile>().to_value();
    let types = generator.take_definitions(true);
    let mut found: Vec<Construct> = Vec::new();
    for (root, top) in [
        ("System", system),
        ("Scenario", scenario),
        ("People", people),
    ] {
        let mut open = Vec::new();
        named(&top, &mut open);
        while let Some(name) = open.pop() {
            if found.iter().any(|construct| construct.name == name) {
                continue;
            }
            let Some(schema) = types.get(&name) else {
                continue;
            };
            // The first that is met comes out first.
            let mut inner = Vec::new();
            named(schema, &mut inner);
            open.extend(inner.into_iter().rev());
            if let Some(form) = form(schema) {
                found.push(Construct {
                    name,
                    meaning: meaning(schema),
                    form,
                    root,
                });
            }
        }
    }
    found
}

/// Names of the types that a schema refers to, in order.
fn named(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        names.extend(referred(reference).map(str::to_owned));
                    }
                    other => named(other, names),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| named(value, names)),
        _ => {}
    }
}

/// The type that a reference of a schema names.
pub(super) fn referred(reference: &str) -> Option<&str> {
    reference.rsplit('/').next()
}

/// A comment in one line.
fn meaning(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str);
    text.unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// `None` for quantities, which are text.
fn form(schema: &Value) -> Option<Form> {
    if let Some(fields) = fields(schema) {
        return Some(Form::Struct(fields));
    }
    let ways = schema.get("oneOf").and_then(Value::as_array);
    if let Some(ways) = ways {
        return Some(Form::Enum(ways.iter().flat_map(variants).collect()));
    }
    let names = schema.get("enum").and_then(Value::as_array)?;
    Some(Form::Enum(names.iter().filter_map(bare).collect()))
}

fn fields(schema: &Value) -> Option<Vec<Field>> {
    let properties = schema.get("properties").and_then(Value::as_object)?;
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let field = |(name, schema): (&String, &Value)| Field {
        name: name.clone(),
        kind: type_in_words(schema),
        required: required.contains(&name.as_str()),
        default: schema.get("default").and_then(default_in_ron),
        meaning: meaning(schema),
    };
    Some(properties.iter().map(field).collect())
}

fn bare(name: &Value) -> Option<Variant> {
    Some(Variant {
        name: name.as_str()?.to_owned(),
        meaning: String::new(),
        values: Vec::new(),
        fields: Vec::new(),
    })
}

/// The variants that one alternative of a schema stands for: names without anything, or one with contents.
fn variants(way: &Value) -> Vec<Variant> {
    if let Some(name) = way.get("const").and_then(bare) {
        return vec![Variant {
            meaning: meaning(way),
            ..name
        }];
    }
    if let Some(names) = way.get("enum").and_then(Value::as_array) {
        return names.iter().filter_map(bare).collect();
    }
    let contents = way.get("properties").and_then(Value::as_object);
    let one = contents.map(Map::iter).into_iter().flatten();
    one.map(|(name, contents)| {
        let fields = fields(contents);
        let tuple = contents.get("prefixItems").and_then(Value::as_array);
        let values = match (&fields, tuple) {
            (Some(_), _) => Vec::new(),
            (None, Some(values)) => values.iter().map(type_in_words).collect(),
            (None, None) => vec![type_in_words(contents)],
        };
        Variant {
            name: name.clone(),
            meaning: meaning(way),
            values,
            fields: fields.unwrap_or_default(),
        }
    })
    .collect()
}
