//! The engine: draws, single stations, clients, whole worlds.

mod clients;
mod common;
mod draws;
mod physics;
mod stations;
