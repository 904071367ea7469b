//! The program as a user runs it.
#![expect(clippy::naive_bytecount, reason = "a short file, once")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

fn brownout(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_brownout"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts")
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text}\n{}", String::from_utf8_lossy(&output.stderr)))
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder of this test's own, empty.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("scratch folder");
    folder
}

const KIOSK: &str = "scenarios/kiosk-config";

#[test]
fn check_finds_nothing_wrong_with_the_library() {
    let output = brownout(&["check", "scenarios", "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let report = json(&output);
    assert_eq!(report["errors"], 0);
    assert_eq!(report["warnings"], 0);
    assert!(report["files"].as_u64() >= Some(4));
}

#[test]
fn check_names_file_line_and_column_and_suggests() {
    let folder = scratch("check");
    let library = folder.join("scenarios");
    fs::create_dir_all(library.join("systems")).expect("folder");
    fs::create_dir_all(library.join("broken")).expect("folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    fs::copy(
        root.join("systems/kiosk.ron"),
        library.join("systems/kiosk.ron"),
    )
    .expect("copy");
    let text = fs::read_to_string(root.join("kiosk-config/scenario.ron")).expect("scenario");
    let broken = text
        .replace("alert: \"tickets-sold\"", "alert: \"tickets-slod\"")
        .replace(
            "mechanism: \"missing-variable\"",
            "mechanism: \"missing-varable\"",
        );
    let file = library.join("broken/scenario.ron");
    fs::write(&file, &broken).expect("write");
    let output = brownout(&["check", file.to_str().expect("path"), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    let found = report["diagnostics"].as_array().expect("list");
    for (wrong, right) in [
        ("tickets-slod", "tickets-sold"),
        ("missing-varable", "missing-variable"),
    ] {
        let line = broken
            .lines()
            .position(|l| l.contains(wrong))
            .expect("line") as u64
            + 1;
        let diagnostic = found
            .iter()
            .find(|d| d["message"].as_str().is_some_and(|m| m.contains(wrong)))
            .unwrap_or_else(|| panic!("{wrong}: {found:?}"));
        assert_eq!(diagnostic["line"].as_u64(), Some(line));
        assert!(diagnostic["column"].as_u64() > Some(1));
        let everything = diagnostic.to_string();
        assert!(everything.contains(right), "{everything}");
    }
    // The same for people: one block per problem on standard error, nothing lost.
    let shown = stderr(&brownout(&["check", file.to_str().expect("path")]));
    assert!(
        shown.contains("tickets-slod") && shown.contains("missing-varable"),
        "{shown}"
    );
    // And when the file is named from where one stands: the line it is about is shown all the same.
    let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .args(["check", "scenarios/broken/scenario.ron"])
        .current_dir(&folder)
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    let shown = stderr(&output);
    assert!(
        shown.contains("scenarios/broken/scenario.ron:")
            && shown.contains("alert: \"tickets-slod\""),
        "{shown}"
    );
}

#[test]
fn check_of_nothing_is_an_error_with_a_line() {
    for path in ["no/such/file.ron", "docs/nothing-here"] {
        let output = brownout(&["check", path, "--json"]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(json(&output)["diagnostics"][0]["line"], 1);
    }
}

#[test]
fn run_reports_the_documented_shape_and_replays() {
    let folder = scratch("run");
    let journal = folder.join("run.jsonl");
    let journal = journal.to_str().expect("path");
    let output = brownout(&[
        "run",
        KIOSK,
        "--seed",
        "7",
        "--player",
        "reference",
        "--json",
        "--journal",
        journal,
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    let report = json(&output);
    for field in [
        "scenario",
        "seed",
        "player",
        "engine_version",
        "simulated_s",
        "events",
        "wall_s",
        "state_hash",
        "outcome",
        "contained_s",
        "diagnosed",
        "harm",
        "mitigation_cost",
        "score",
        "criteria",
    ] {
        assert!(!report[field].is_null(), "{field}");
    }
    for kind in [
        "requests",
        "failed",
        "slow",
        "stale",
        "lost",
        "duplicated",
        "late",
        "weighted",
        "by_region",
    ] {
        assert!(!report["harm"][kind].is_null(), "{kind}");
    }
    for row in report["criteria"].as_array().expect("criteria") {
        assert!(
            row["evidence"]
                .as_array()
                .is_some_and(|list| !list.is_empty()),
            "{row}"
        );
    }
    assert_eq!(report["outcome"], "resolved");

    let replay = brownout(&["replay", journal, "--verify", "--json"]);
    assert!(replay.status.success(), "{}", stderr(&replay));
    let replay = json(&replay);
    assert_eq!(replay["ok"], true);
    assert_eq!(
        replay["state_hash"], report["state_hash"],
        "window or headless, live or replayed: one world"
    );

    let score = json(&brownout(&["score", journal, "--json"]));
    assert_eq!(score["score"], report["score"]);
    assert_eq!(score["harm"], report["harm"]);

    let what_if = json(&brownout(&["what-if", journal, "--json"]));
    assert_eq!(what_if["base"]["harm"], report["harm"]);
    let nothing = &what_if["variants"][0];
    assert_eq!(nothing["label"], "nothing done");
    assert!(
        nothing["averted"].as_i64() > Some(0),
        "the reference averted harm"
    );

    // An existing journal is never overwritten.
    let again = brownout(&["run", KIOSK, "--player", "none", "--journal", journal]);
    assert_eq!(again.status.code(), Some(1));
    assert!(json(&brownout(&["replay", journal, "--json"]))["ok"] == true);
}

#[test]
fn a_flipped_byte_is_refused_with_the_entry_named() {
    let folder = scratch("flip");
    let journal = folder.join("run.jsonl");
    let path = journal.to_str().expect("path");
    let output = brownout(&[
        "run",
        KIOSK,
        "--player",
        "none",
        "--until",
        "1s",
        "--journal",
        path,
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut bytes = fs::read(&journal).expect("journal");
    let position = bytes
        .windows(11)
        .position(|w| w == b"\"at_ms\":300")
        .expect("a record")
        + 8;
    bytes[position] = b'4';
    let line = bytes[..position].iter().filter(|&&b| b == b'\n').count() + 1;
    fs::write(&journal, &bytes).expect("write");
    for command in ["replay", "score", "what-if"] {
        let output = brownout(&[command, path]);
        assert_eq!(output.status.code(), Some(1), "{command}");
        let said = stderr(&output);
        assert!(
            said.contains(&format!("line {line}: record {}", line - 1)),
            "{command}: {said}"
        );
    }
}

#[test]
fn another_version_of_the_scenario_is_refused() {
    let folder = scratch("other");
    let journal = folder.join("run.jsonl");
    let path = journal.to_str().expect("path");
    assert!(
        brownout(&[
            "run",
            KIOSK,
            "--player",
            "none",
            "--until",
            "1s",
            "--journal",
            path
        ])
        .status
        .success()
    );
    let output = brownout(&["replay", path, "--scenario", "scenarios/regional-gateway"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("another version"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn usage_errors_exit_with_2() {
    for arguments in [
        &["run"][..],
        &["run", KIOSK, "--player", "nobody-known"],
        &["no-such-command"],
        &["run", KIOSK, "--until", "soon"],
    ] {
        assert_eq!(brownout(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_missing_scenario_is_one_clear_line() {
    let output = brownout(&["run", "scenarios/no-such-thing"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("no-such-thing") && said.lines().count() == 1,
        "{said}"
    );
}

/// Without a display the program says so in one line and names what works.
#[cfg(target_os = "linux")]
#[test]
fn without_a_display_it_names_what_works() {
    for arguments in [&[][..], &["play", KIOSK], &["shots", "unused"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = stderr(&output);
        assert!(
            said.contains("brownout run") && said.trim().lines().count() == 1,
            "{arguments:?}: {said}"
        );
    }
}

/// Kill the program at odd moments: what it had acknowledged is in the journal, and the journal replays.
#[test]
fn kill_9_loses_nothing_that_was_acknowledged() {
    let folder = scratch("kill");
    let rounds = std::env::var("BROWNOUT_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(4u64);
    for round in 0..rounds {
        let journal = folder.join(format!("{round}.jsonl"));
        let path = journal.to_str().expect("path");
        let mut child = Command::new(env!("CARGO_BIN_EXE_brownout"))
            .args([
                "run",
                KIOSK,
                "--player",
                "reference",
                "--follow",
                "--journal",
                path,
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // Read what it acknowledges in the background, kill it after a while that differs from round to round.
        let out = child.stdout.take().expect("pipe");
        let reader = std::thread::spawn(move || {
            let lines = BufReader::new(out).lines().map_while(Result::ok);
            lines
                .filter_map(|l| l.strip_prefix('#')?.split(' ').next()?.parse::<u64>().ok())
                .max()
        });
        std::thread::sleep(Duration::from_millis(200 + 173 * round % 900));
        child.kill().expect("kill");
        child.wait().expect("wait");
        let acknowledged = reader.join().expect("reader").unwrap_or(0);
        let bytes = fs::read(&journal).expect("journal");
        if bytes.is_empty() {
            assert_eq!(acknowledged, 0, "round {round}");
            continue;
        }
        let kept = brownout_session::journal::read(&bytes).expect("the header was synced first");
        assert_eq!(kept.damage, None, "round {round}");
        assert!(
            kept.records.len() as u64 >= acknowledged,
            "round {round}: {acknowledged} acknowledged"
        );
        let replay = brownout(&["replay", path, "--json"]);
        assert!(
            replay.status.success(),
            "round {round}: {}",
            stderr(&replay)
        );
    }
}

/// A journal's debrief goes to standard output as JSON or to a file by its ending, and one of neither is a usage error.
#[test]
fn report_writes_what_is_asked_for() {
    let folder = scratch("report");
    let file = |name: &str| folder.join(name).to_str().expect("path").to_owned();
    let (journal, page) = (file("session.jsonl"), file("debrief.html"));
    let run = ["run", KIOSK, "--player", "reference", "--journal", &journal];
    assert!(brownout(&run).status.success());
    let report = json(&brownout(&["report", &journal, "--format", "json"]));
    assert!(report["score"]["overall"].is_u64());
    let moments = report["moments"].as_array().expect("moments");
    let page_word = |moment: &Value| {
        moment["words"]
            .as_str()
            .is_some_and(|w| w.starts_with("The page"))
    };
    assert_eq!(moments.iter().filter(|moment| page_word(moment)).count(), 1);
    let told = brownout(&["report", &journal, "-o", &page]);
    assert!(told.status.success(), "{}", stderr(&told));
    let html = fs::read_to_string(&page).expect("the page");
    assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"));
    assert_eq!(brownout(&["report", &journal]).status.code(), Some(2));
}

/// Dev and release builds, window or not, give the same world. Compares with a release build where one is at hand.
#[test]
fn other_builds_agree() {
    let Some(other) = std::env::var_os("BROWNOUT_OTHER_BUILD") else {
        return;
    };
    let arguments = [
        "run",
        KIOSK,
        "--seed",
        "11",
        "--player",
        "restart-all",
        "--json",
    ];
    let mine = json(&brownout(&arguments));
    let theirs = Command::new(other)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("starts");
    assert_eq!(json(&theirs)["state_hash"], mine["state_hash"]);
}

/// A new scenario passes its check, pages, and is not written over; on every system of the library.
#[test]
fn new_begins_a_scenario_that_can_be_played() {
    let folder = scratch("new");
    let library = folder.join("scenarios");
    fs::create_dir_all(library.join("systems")).expect("folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/systems");
    for entry in fs::read_dir(&root).expect("systems").flatten() {
        fs::copy(
            entry.path(),
            library.join("systems").join(entry.file_name()),
        )
        .expect("copy");
    }
    let inside = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_brownout"))
            .args(arguments)
            .current_dir(&folder)
            .output()
            .expect("the program starts")
    };
    for system in [
        "kiosk",
        "storefront",
        "depot",
        "streaming",
        "ingest",
        "surgeries",
    ] {
        let name = format!("on-{system}");
        let file = format!("systems/{system}.ron");
        let arguments = ["new", name.as_str(), "--system", file.as_str()];
        let output = inside(&arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let path = format!("scenarios/{name}/scenario.ron");
        assert!(folder.join(&path).is_file());
        let report = json(&inside(&["check", &path, "--json"]));
        assert_eq!(
            (&report["errors"], &report["warnings"]),
            (&0.into(), &0.into()),
            "{report}"
        );
        let again = inside(&arguments);
        assert!(!again.status.success() && stderr(&again).contains("is there already"));
        let scenario = format!("scenarios/{name}");
        let run = json(&inside(&[
            "run", &scenario, "--player", "none", "--until", "30m", "--json",
        ]));
        // By the alert, minutes after the release and before anybody has to call.
        let paged_s = run["page_s"].as_u64().expect("it pages");
        assert!((22 * 60..29 * 60).contains(&paged_s), "{system}: {paged_s}");
        // And it can be found out and ended.
        let run = json(&inside(&[
            "run",
            &scenario,
            "--player",
            "reference",
            "--json",
        ]));
        assert_eq!(run["outcome"], "resolved", "{system}");
        assert_eq!(run["diagnosed"]["mechanism"], true, "{system}");
    }
    for (arguments, why) in [
        (
            ["new", "Not A Name", "--system", "systems/kiosk.ron"],
            "cannot be a name",
        ),
        (
            ["new", "nowhere", "--system", "systems/none.ron"],
            "cannot be read",
        ),
    ] {
        let output = inside(&arguments);
        assert!(!output.status.success());
        let said = stderr(&output);
        assert!(said.contains(why) && said.lines().count() == 1, "{said}");
    }
}
