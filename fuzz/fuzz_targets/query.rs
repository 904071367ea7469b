//! Asks any text of metrics, logs and traces.

#![no_main]

use brownout_fuzz::harness;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| harness::query::query(bytes));
