//! The `brownout` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    brownout::cli::main()
}
