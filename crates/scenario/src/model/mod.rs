//! The scenario language as it is written: one Rust type per RON construct, quantities still as text.
//!
//! Nothing here is checked beyond its shape; [`validate`](crate::validate) finds what is wrong, with positions, and
//! [`compile`](crate::compile) turns a valid model into a [`Scenario`](crate::compiled::Scenario).

mod change;
mod data;
mod incident;
mod instances;
mod network;
mod people;
mod program;
mod selection;
mod system;
mod traffic;

pub use change::*;
pub use data::*;
pub use incident::*;
pub use instances::*;
pub use network::*;
pub use people::*;
pub use program::*;
pub use selection::*;
pub use system::*;
pub use traffic::*;
