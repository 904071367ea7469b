//! Runs what is left of a scenario of the library after any bytes have changed it.

#![no_main]

use brownout_fuzz::harness;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| harness::run::run(bytes));
