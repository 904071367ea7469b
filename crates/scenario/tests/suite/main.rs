//! The scenario language: what is read, what is refused and where, what comes out.

mod broken;
mod common;
mod compile;
mod form;
mod import;
mod instances;
mod library;
mod names;
mod network;
mod positions;
mod remembering;
mod remembering_rules;
mod rules;
mod traffic;
mod units;
