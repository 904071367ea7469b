//! What the fuzz targets do with the bytes they are given. `tests/corpus.rs` of the main workspace includes the same
//! files and replays `tests/corpus/` through them.

pub mod harness;
