//! The engine: draws, clients, whole worlds, random systems. Closed forms and published measurements are checked by the
//! table behind `brownout validate`, in the root package's `tests/validation.rs`.

mod anything;
mod bounds;
mod clients;
mod common;
mod configuration;
mod criticality;
mod draws;
mod flags;
mod fleet;
mod names;
mod network;
mod pauses;
mod physics;
mod random;
mod resources;
mod rotation;
mod scaling;
mod selected;
mod terms;
mod traffic;
mod zones;
