//! One function per target. Each takes any bytes and panics if something is wrong.
//!
//! Importers belong here as soon as there are any: a file `import.rs` with one function per format, and a target each.

pub mod journal;
pub mod run;
pub mod scenario;
