//! The engine: draws, single stations, clients, whole worlds.

mod clients;
mod common;
mod draws;
mod names;
mod network;
mod physics;
mod random;
mod stations;
mod traffic;
