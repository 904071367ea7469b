//! The scenario language: RON model, diagnostics with positions, validation, and compilation to a simulation blueprint.

pub mod action;
pub mod compile;
pub mod compiled;
pub mod defaults;
pub mod diagnostics;
pub mod faults;
mod form;
pub mod format_page;
pub mod glossary;
pub mod graph;
pub mod import;
pub mod limits;
pub mod load;
pub mod migrate;
pub mod model;
pub mod positions;
pub mod rubric;
pub mod scan;
pub mod source;
pub mod text;
pub mod units;
pub mod validate;

pub use compile::{compile, compile_system};
pub use diagnostics::{Diagnostic, Severity};
pub use load::{Document, Loaded, LoadedSystem, load, load_system};
pub use source::{FileError, Files, MemoryFiles};
