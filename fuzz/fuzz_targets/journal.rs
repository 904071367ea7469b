//! Decodes any bytes as a journal.

#![no_main]

use brownout_fuzz::harness;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| harness::journal::journal(bytes));
