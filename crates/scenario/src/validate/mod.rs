//! Everything that can be wrong with a scenario or a system beyond its form: all at once, with positions.
//!
//! | codes | about |
//! |---|---|
//! | `E0201` `E0202` `E0203` | a quantity that cannot be read; a broken limit; a value out of range |
//! | `E0301` `E0302` `E0303` | an unknown name; a duplicate name; a name or text that is empty, too long or deceptive |
//! | `E0401` … | structure: cycles, missing deployments, empty lists |
//! | `E0501` … | rules of a scenario: times, truths, paging, severities |
//! | `W0601` … | probably not meant |

mod aids;
mod alerts;
mod answers;
mod changes;
mod checker;
mod data;
mod data_changes;
mod instances;
mod network;
mod people;
mod processes;
mod releases;
mod scenario;
mod selection;
mod services;
mod system;
mod traffic;
mod truths;
mod warnings;

pub use people::validate_shared;
pub use scenario::validate_scenario;
pub use system::validate_system;
