//! The engine: draws, clients, whole worlds, random systems. Closed forms and published measurements are checked by the
//! table behind `brownout validate`, in the root package's `tests/validation.rs`.

mod anything;
mod clients;
mod common;
mod draws;
mod names;
mod network;
mod physics;
mod random;
mod traffic;
