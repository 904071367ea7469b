//! The engine: draws, single stations, clients, whole worlds.

mod anything;
mod clients;
mod common;
mod draws;
mod names;
mod network;
mod physics;
mod stations;
mod traffic;
