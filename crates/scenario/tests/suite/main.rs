//! The scenario language: what is read, what is refused and where, what comes out.

#![expect(
    clippy::format_collect,
    clippy::items_after_statements,
    clippy::cast_possible_truncation,
    reason = "small texts and numbers of tests"
)]

mod aids;
mod broken;
mod common;
mod compile;
mod form;
mod format_page;
mod history;
mod import;
mod instances;
mod library;
mod limits;
mod migrate;
mod names;
mod network;
mod own_calls;
mod positions;
mod remembering;
mod remembering_rules;
mod rules;
mod traffic;
mod units;
mod waiting;
