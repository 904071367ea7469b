//! The command: what it writes can be checked, begun on and run, and it writes over nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn brownout(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_brownout"))
        .args(arguments)
        .current_dir(folder)
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

fn input(name: &str) -> String {
    format!("{}/tests/import/inputs/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn notes(report: &Value) -> Vec<String> {
    let notes = report["notes"].as_array().expect("notes");
    let note = |note: &Value| {
        let part = |key: &str| note[key].as_str().expect("text").to_owned();
        format!("{}: {}", part("about"), part("reason"))
    };
    notes.iter().map(note).collect()
}

/// Goal: a team can practise on what was imported. Method: every format, then check, new and runs. Expectation: no
/// errors or warnings, the page fires by the alert, and the reference brings users back.
#[test]
fn every_format_becomes_a_scenario_that_can_be_played() {
    let folder = scratch("import-formats");
    let cases: [(&[&str], [u64; 3], &[&str]); 4] = [
        (
            &["library.isotope.yaml"],
            [6, 6, 1],
            &["type: left out", "numRbacPolicies: left out", "rates: 20/s"],
        ),
        (
            &["bakery.compose.yaml"],
            [7, 7, 1],
            &[
                "volumes: left out",
                "collector: left out: it watches",
                "migrate: left out: it runs once",
                "ovens: taken as a consumer of tickets",
            ],
        ),
        (
            &["ferry.otlp.json"],
            [7, 6, 1],
            &[
                "postgresql places: has no spans of its own",
                "api.bank.example: has no spans",
            ],
        ),
        (
            &["museum.jaeger.json", "museum-2.jaeger.json"],
            [3, 2, 1],
            &["archive: has no spans of its own", "rates: 10/s in all"],
        ),
    ];
    for (files, [services, calls, flows], expected) in cases {
        let name = files[0].split('.').next().expect("name");
        let paths: Vec<String> = files.iter().map(|file| input(file)).collect();
        let mut arguments = vec!["import"];
        arguments.extend(paths.iter().map(String::as_str));
        arguments.extend(["-o", "scenarios/systems", "--name", name, "--json"]);
        let output = brownout(&folder, &arguments);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        let report = json(&output);
        let file = format!("scenarios/systems/{name}.ron");
        assert_eq!(report["written"], serde_json::json!([file]));
        let counts =
            ["services", "calls", "flows"].map(|key| report[key].as_u64().expect("a number"));
        assert_eq!(counts, [services, calls, flows], "{name}: {report}");
        let notes = notes(&report);
        for part in expected {
            assert!(
                notes.iter().any(|note| note.starts_with(part)),
                "{name}: {part}: {notes:#?}"
            );
        }
        // The notes stand at the head of the file too.
        let text = fs::read_to_string(folder.join(&file)).expect("written");
        for note in &notes {
            assert!(text.contains(&format!("// - {note}\n")), "{note}");
        }
        let checked = json(&brownout(&folder, &["check", &file, "--json"]));
        assert_eq!(
            (&checked["errors"], &checked["warnings"]),
            (&0.into(), &0.into()),
            "{name}: {checked}"
        );
        let scenario = format!("on-{name}");
        let system = format!("systems/{name}.ron");
        let begun = brownout(&folder, &["new", &scenario, "--system", &system]);
        assert!(begun.status.success(), "{name}: {}", stderr(&begun));
        let path = format!("scenarios/{scenario}");
        let checked = json(&brownout(&folder, &["check", &path, "--json"]));
        assert_eq!(checked["errors"], 0, "{name}: {checked}");
        let nobody = json(&brownout(
            &folder,
            &["run", &path, "--player", "none", "--until", "30m", "--json"],
        ));
        let paged_s = nobody["page_s"].as_u64().expect("it pages");
        assert!((22 * 60..29 * 60).contains(&paged_s), "{name}: {paged_s}");
        let reference = json(&brownout(
            &folder,
            &["run", &path, "--player", "reference", "--json"],
        ));
        let failed = |run: &Value| run["harm"]["failed"].as_u64().expect("a number");
        assert_eq!(reference["outcome"], "resolved", "{name}: {reference}");
        assert!(failed(&reference) < failed(&nobody), "{name}");
    }
}

#[test]
fn nothing_is_written_over_and_nothing_half() {
    let folder = scratch("import-force");
    let file = input("library.isotope.yaml");
    let out = folder.join("out");
    fs::create_dir(&out).expect("folder");
    fs::write(out.join("library-isotope.ron"), "mine").expect("write");
    let arguments = ["import", file.as_str(), "-o", "out"];
    let refused = brownout(&folder, &arguments);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("is there already; --force writes over it"),
        "{}",
        stderr(&refused)
    );
    assert_eq!(
        fs::read_to_string(out.join("library-isotope.ron")).expect("read"),
        "mine"
    );
    let forced = brownout(&folder, &["import", file.as_str(), "-o", "out", "--force"]);
    assert!(forced.status.success(), "{}", stderr(&forced));
    let said = String::from_utf8_lossy(&forced.stdout).into_owned();
    assert!(
        said.contains("6 services, 6 calls, 1 flows")
            && said.contains("brownout new NAME --root out"),
        "{said}"
    );
    // Nothing but the file itself is left in the folder.
    let left: Vec<_> = fs::read_dir(&out)
        .expect("folder")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left, ["library-isotope.ron"]);
}

/// What is wrong is said in one line each, with the place; the exit code is 1, for usage 2.
#[test]
fn bad_input_is_one_line_with_its_place() {
    let folder = scratch("import-bad");
    fs::write(
        folder.join("a.yaml"),
        "services:\n- name: a\n  script:\n  - call: b\n",
    )
    .expect("write");
    fs::write(
        folder.join("b.json"),
        "{\"resourceSpans\": [\n{\"scopeSpans\": [{\"spans\": [{}]}]}]}",
    )
    .expect("write");
    fs::write(folder.join("c.yaml"), [b'a', b':', b'\n', 0xff]).expect("write");
    for (arguments, expected) in [
        (
            &["import", "a.yaml", "-o", "out"][..],
            "a.yaml:4:11: error[E0701]: unknown service `b`",
        ),
        (
            &["import", "b.json", "-o", "out"],
            "b.json:2:29: error[E0701]: missing field `traceId`",
        ),
        (
            &["import", "c.yaml", "-o", "out"],
            "c.yaml:2:1: this is not UTF-8 text",
        ),
        (
            &["import", "none.yaml", "-o", "out"],
            "cannot read none.yaml",
        ),
        (&["import", ".", "-o", "out"], ". is not a plain file"),
        (
            &["import", "a.yaml", "b.json", "-o", "out"],
            "b.json is of another format",
        ),
        (
            &["import", "a.yaml", "-o", "out", "--format", "jaeger"],
            "a.yaml:1:1: error[E0701]: expected value",
        ),
        (
            &["import", "a.yaml", "-o", "out", "--name", "../x"],
            "`../x` cannot be a name",
        ),
    ] {
        let output = brownout(&folder, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = stderr(&output);
        assert!(
            said.contains(expected) && said.trim_end().lines().count() == 1,
            "{arguments:?}: {said}"
        );
        assert!(!folder.join("out").exists(), "{arguments:?}");
    }
    for arguments in [
        &["import", "a.yaml"][..],
        &["import", "-o", "out"],
        &["import", "a.yaml", "-o", "out", "--traced", "0%"],
    ] {
        assert_eq!(
            brownout(&folder, arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}
