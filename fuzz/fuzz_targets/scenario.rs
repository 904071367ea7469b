//! Reads any text as a scenario and as a system.

#![no_main]

use brownout_fuzz::harness;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| harness::scenario::scenario(bytes));
