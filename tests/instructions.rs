//! Instructions per request, counted by valgrind: a figure that does not depend on what else the machine does. It guards
//! the hot path against getting slower unnoticed. Where there is no valgrind there is nothing to compare, and the test
//! says so.

use std::path::Path;
use std::process::Command;

/// Workload, fewest and most requests counted, instructions per request allowed. About a tenth above what was measured when
/// the bound was set; lower it when the engine gets faster.
const BOUNDS: [(&str, u64, u64, u64); 3] = [
    ("W1", 1_000, 5_000, 2_700),
    ("W2", 1_000, 2_000, 21_300),
    ("W3", 1_000, 2_000, 21_600),
];

/// Instructions of a whole run.
fn instructions(workload: &str, requests: u64) -> u64 {
    let counts =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{workload}-{requests}.callgrind"));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(env!("CARGO_BIN_EXE_brownout"))
        .args(["bench", "--only", workload, "--json", "--requests"])
        .arg(requests.to_string())
        .output()
        .expect("valgrind starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = std::fs::read_to_string(&counts).expect("counts");
    let total = text.lines().rev().find_map(|line| {
        let rest = line
            .strip_prefix("summary: ")
            .or(line.strip_prefix("totals: "))?;
        rest.trim().parse().ok()
    });
    total.expect("a total")
}

#[test]
fn a_request_costs_no_more_instructions_than_it_did() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("no valgrind here: instructions were not counted");
        return;
    }
    for (workload, few, many, bound) in BOUNDS {
        // The difference of two lengths leaves out what a run costs whatever its length.
        let more = instructions(workload, many) - instructions(workload, few);
        let each = more / (many - few);
        println!("{workload}: {each} instructions per request");
        assert!(
            each > bound / 4,
            "{workload}: {each} are too few to be true"
        );
        assert!(
            each <= bound,
            "{workload}: {each} instructions per request, {bound} allowed"
        );
    }
}
