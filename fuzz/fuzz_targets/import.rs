//! Imports any bytes as an architecture of one of the formats.

#![no_main]

use brownout_fuzz::harness;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| harness::import::import(bytes));
