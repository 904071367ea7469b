//! Parts that panels are made of.

pub mod badge;
pub mod button;
pub mod chart;
pub mod decimate;
pub mod fade;
pub mod field;
pub mod legible;
pub mod mark;
pub mod part;
pub mod query_field;
pub mod scale;
pub mod section;
pub mod text;
