//! A construct as a section of the page.

use std::fmt::Write as _;

use super::constructs::{Construct, Field, Form, Variant};
use super::examples::EXAMPLES;
use crate::limits::LIMITS;

pub(super) fn construct(page: &mut String, construct: &Construct) {
    let name = &construct.name;
    let _ = writeln!(page, "### {name}\n\n{}\n", construct.meaning);
    match &construct.form {
        Form::Struct(fields) => {
            page.push_str("| field | type | default | limits | meaning |\n|---|---|---|---|---|\n");
            for field in fields {
                row(page, name, field);
            }
        }
        Form::Enum(variants) => enumeration(page, name, variants),
    }
    page.push('\n');
    for example in EXAMPLES.iter().filter(|e| e.construct == name) {
        let _ = writeln!(
            page,
            "```ron {}\n{}\n```\n",
            example.place,
            example.text.trim()
        );
    }
}

fn row(page: &mut String, owner: &str, field: &Field) {
    let default = match (&field.default, field.required) {
        (_, true) => "required".to_owned(),
        (Some(default), false) => format!("`{default}`"),
        (None, false) => "none".to_owned(),
    };
    let _ = writeln!(
        page,
        "| `{}` | {} | {default} | {} | {} |",
        field.name,
        field.kind,
        limits(&format!("{owner}.{}", field.name)),
        field.meaning
    );
}

fn enumeration(page: &mut String, name: &str, variants: &[Variant]) {
    let with_fields = variants.iter().any(|variant| !variant.fields.is_empty());
    if with_fields {
        page.push_str("| written | type | default | limits | meaning |\n|---|---|---|---|---|\n");
    } else {
        page.push_str("| written | meaning |\n|---|---|\n");
    }
    for variant in variants {
        let inner = if variant.values.is_empty() {
            String::new()
        } else {
            format!(" ({})", variant.values.join(", "))
        };
        let parentheses = match (variant.fields.is_empty(), variant.values.is_empty()) {
            (true, true) => "",
            _ => "(…)",
        };
        let written = format!("`{}{parentheses}`{inner}", variant.name);
        if with_fields {
            let _ = writeln!(page, "| **{written}** | | | | {} |", variant.meaning);
        } else {
            let limits = limits(&format!("{name}.{}", variant.name));
            let limits = if limits.is_empty() {
                limits
            } else {
                format!(" ({limits})")
            };
            let _ = writeln!(page, "| {written} | {}{limits} |", variant.meaning);
        }
        for field in &variant.fields {
            row(page, &format!("{name}.{}", variant.name), field);
        }
    }
}

/// The limits of a field in words.
fn limits(path: &str) -> String {
    let own = LIMITS.iter().filter(|limit| limit.fields.contains(&path));
    let words: Vec<String> = own
        .map(super::super::limits::Limit::value_in_words)
        .collect();
    words.join("; ")
}
