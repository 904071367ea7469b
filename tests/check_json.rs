//! `brownout check --json`: whatever it is given, standard output is one JSON report, and every diagnostic has a place.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A library of its own for a test.
fn library(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("check-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("scenarios/systems")).expect("a folder");
    fs::create_dir_all(folder.join("scenarios/it")).expect("a folder");
    let kiosk = root().join("scenarios/systems/kiosk.ron");
    fs::copy(kiosk, folder.join("scenarios/systems/kiosk.ron")).expect("the system");
    folder.join("scenarios")
}

/// What `check --json` says of a path: exit code and report. It must not hang on what never ends.
fn checked(path: &Path) -> (Option<i32>, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .args(["check", "--json"])
        .arg(path)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let began = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        // The report of a file fits into the pipe: nothing is waited for but the program.
        if began.elapsed() > Duration::from_mins(1) {
            let _ = child.kill();
            panic!("{} is never done", path.display());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().expect("output");
    let report = serde_json::from_slice(&output.stdout);
    let report: Value = report.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    for key in ["files", "errors", "warnings"] {
        assert!(report[key].is_u64(), "{key}: {report}");
    }
    for diagnostic in report["diagnostics"].as_array().expect("a list") {
        for key in ["code", "severity", "file", "path", "message"] {
            assert!(diagnostic[key].is_string(), "{key}: {diagnostic}");
        }
        for key in ["line", "column"] {
            assert!(diagnostic[key].as_u64() >= Some(1), "{key}: {diagnostic}");
        }
        assert!(diagnostic.get("help").is_some(), "{diagnostic}");
    }
    (output.status.code(), report)
}

fn codes(report: &Value) -> Vec<&str> {
    let all = report["diagnostics"].as_array().expect("a list");
    all.iter().filter_map(|d| d["code"].as_str()).collect()
}

/// Files that are empty, too long, no text, no plain file or not there: exit 1, one error in the first line.
#[test]
fn what_cannot_be_read_has_a_first_line() {
    let library = library("unreadable");
    let file = |name: &str, bytes: &[u8]| {
        let path = library.join("it").join(name);
        fs::write(&path, bytes).expect("a file");
        path
    };
    let pipe = library.join("it/pipe.ron");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let zero = library.join("it/zero.ron");
    symlink("/dev/zero", &zero).expect("a link");
    let cases = [
        (file("empty.ron", b""), "E0101"),
        (file("blank.ron", b"\n\n// nothing\n"), "E0101"),
        (file("long.ron", &vec![b' '; 256 * 1024 + 1]), "E0001"),
        (file("latin.ron", b"Scenario(title: \"\xe4\")"), "E0001"),
        (library.join("it/missing.ron"), "E0001"),
        (library.join("it/no/such/folder"), "E0001"),
        (pipe, "E0001"),
        (zero, "E0001"),
    ];
    for (path, code) in cases {
        let (exit, report) = checked(&path);
        assert_eq!(exit, Some(1), "{}", path.display());
        assert_eq!(codes(&report), [code], "{report}");
        assert_eq!(report["errors"], 1);
    }
}

/// A bomb is one error too, and one error of syntax ends its file, while all mistakes of meaning come together.
#[test]
fn limits_syntax_and_meaning() {
    let library = library("form");
    let path = library.join("it/scenario.ron");
    let good =
        fs::read_to_string(root().join("scenarios/kiosk-config/scenario.ron")).expect("a file");
    let said = |text: &str| {
        fs::write(&path, text).expect("a file");
        checked(&path)
    };
    assert_eq!(said(&good).0, Some(0));
    let bomb = format!("Scenario(alerts: [{}", "(),".repeat(80_000));
    let (exit, report) = said(&bomb);
    assert_eq!((exit, codes(&report)), (Some(1), vec!["E0107"]));
    let broken =
        good.replacen("horizon:", "horizon", 1)
            .replacen("difficulty: ", "difficulty: 9", 1);
    let (exit, report) = said(&broken);
    assert_eq!((exit, codes(&report)), (Some(1), vec!["E0101"]));
    let wrong = good.replacen("difficulty: ", "difficulty: 9", 1).replacen(
        "objective: \"",
        "objective: \"1",
        1,
    );
    let (exit, report) = said(&wrong);
    let mut found = codes(&report);
    found.sort_unstable();
    assert_eq!((exit, found), (Some(1), vec!["E0201", "E0203"]));
}

/// Whatever a scenario names as its system, nothing outside the library is opened, and nothing that is no plain file.
#[test]
fn includes_that_lead_elsewhere_are_refused_where_they_are_named() {
    let library = library("includes");
    let outside = library.join("../outside.ron");
    fs::copy(root().join("scenarios/systems/kiosk.ron"), &outside).expect("a copy");
    symlink(&outside, library.join("systems/link.ron")).expect("a link");
    symlink("/dev/zero", library.join("systems/device.ron")).expect("a link");
    symlink("loop.ron", library.join("systems/loop.ron")).expect("a link");
    fs::create_dir(library.join("systems/folder.ron")).expect("a folder");
    let made = Command::new("mkfifo")
        .arg(library.join("systems/pipe.ron"))
        .status();
    assert!(made.expect("mkfifo").success());
    let good =
        fs::read_to_string(root().join("scenarios/kiosk-config/scenario.ron")).expect("a file");
    let path = library.join("it/scenario.ron");
    let cases = [
        ("../systems/link.ron", "E0001"),
        ("../systems/device.ron", "E0001"),
        ("../systems/loop.ron", "E0001"),
        ("../systems/folder.ron", "E0001"),
        ("../systems/pipe.ron", "E0001"),
        ("../systems/missing.ron", "E0001"),
        ("../../outside.ron", "E0111"),
        ("/etc/passwd", "E0111"),
        ("", "E0111"),
        ("..", "E0111"),
        ("../systems/k\u{202e}iosk.ron", "E0001"),
    ];
    let line = good
        .lines()
        .position(|line| line.contains("system: "))
        .expect("it names one")
        + 1;
    for (include, code) in cases {
        let text = good.replacen(
            "\"../systems/kiosk.ron\"",
            &format!("{include:?}").replace("\\u{202e}", "\u{202e}"),
            1,
        );
        fs::write(&path, text).expect("a file");
        let (exit, report) = checked(&path);
        assert_eq!(
            (exit, codes(&report)),
            (Some(1), vec![code]),
            "{include}: {report}"
        );
        let diagnostic = &report["diagnostics"][0];
        assert_eq!(diagnostic["line"], line, "{diagnostic}");
        let shown = diagnostic["message"].as_str().expect("a message");
        assert!(!shown.contains("root:"), "{shown}");
    }
}
