//! One function per target. Each takes any bytes and panics if something is wrong.

pub mod import;
pub mod journal;
pub mod query;
pub mod run;
pub mod scenario;
