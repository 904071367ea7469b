//! Files of the wrong form: each problem with its place, and a file that is too big or too deep is refused before it is
//! read.

use std::time::Duration;

use crate::common::{SCENARIO, SYSTEM, check};
use brownout_scenario::diagnostics::has_errors;
use brownout_scenario::source::resolve_include;
use brownout_scenario::{Diagnostic, FileError, Files, MemoryFiles, load, load_system};

/// A system file of this text gives exactly these findings, as `line:column code path`, and these parts of messages.
fn check_text(text: &str, expected: &[(&str, &str)]) {
    let files = MemoryFiles::new(&[("systems/a.ron", text)]);
    let found = load_system(&files, "systems/a.ron").1;
    let shown: Vec<String> = found
        .iter()
        .map(|d| format!("{}:{} {} {}", d.line, d.column, d.code, d.path))
        .collect();
    assert_eq!(
        shown,
        expected
            .iter()
            .map(|(place, _)| (*place).to_owned())
            .collect::<Vec<_>>(),
        "{found:#?}"
    );
    for (diagnostic, (_, part)) in found.iter().zip(expected) {
        assert!(
            diagnostic.to_string().contains(part),
            "`{part}` is not in: {diagnostic}"
        );
        assert_eq!(diagnostic.file, "systems/a.ron");
    }
}

#[test]
fn empty_files_have_a_first_line() {
    for text in ["", " ", "\n\n"] {
        let found = load_system(&MemoryFiles::new(&[("a.ron", text)]), "a.ron").1;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].line >= 1 && found[0].column >= 1);
        assert_eq!(found[0].message, "the file is empty");
    }
}

#[test]
fn broken_syntax() {
    check_text(
        "System(\n  format: 1,\n  name: \"a\n)",
        &[("3:9 E0101 name", "expected end of string")],
    );
    check_text(
        "System(\n  format 1,\n)",
        &[("2:9 E0101 ", "expected colon")],
    );
    check_text(
        "System(format: 1) x",
        &[("1:1 E0104 ", "missing field `name`")],
    );
    check_text(
        "Sistem(format: 1)",
        &[("1:1 E0101 ", "expected struct `System` but found `Sistem`")],
    );
    check_text(
        "System(format: \"1\")",
        &[("1:16 E0101 format", "expected integer")],
    );
    check_text("[1, 2", &[("1:1 E0101 ", "")]);
}

/// One misspelt field does not hide the next, nor what the rest of the file says.
#[test]
fn unknown_fields_are_all_reported_and_read_past() {
    check(
        &[
            ("patience: \"5m\"", "◆patients: \"5m\", patience: \"5m\""),
            (
                "hold: \"1m\"",
                "◆holds: \"2m\",\n hold: \"1m\", ◆colour: {\"a\": [1, 2]}",
            ),
            ("onset: \"21m\"", "onset: ◆\"21\""),
            ("workers: 10", "workers: 10, ◆worker: 3"),
        ],
        &[
            (
                "E0102",
                "unknown field `holds` of Alert (did you mean `hold`?)",
            ),
            (
                "E0102",
                "unknown field `colour` of Alert (expected one of `name`, `signal`",
            ),
            (
                "E0102",
                "unknown field `patients` of Person (did you mean `patience`?)",
            ),
            ("E0201", "expected a duration"),
            (
                "E0102",
                "unknown field `worker` of Instance (did you mean `workers`?)",
            ),
        ],
    );
}

#[test]
fn unknown_variants_and_missing_fields() {
    check(
        &[("change: Deploy(", "change: ◆Deplyo(")],
        &[(
            "E0103",
            "unknown variant `Deplyo` of Change (did you mean `Deploy`?)",
        )],
    );
    check(
        &[("role: service_owner", "role: ◆owner")],
        &[("E0103", "expected one of `support_lead`")],
    );
    check(
        &[("Compute(\"1ms\")", "◆Computee(\"1ms\")")],
        &[("E0103", "did you mean `Compute`?")],
    );
    check(
        &[("page: (alert: \"success\", ", "page: ◆(")],
        &[("E0104", "missing field `alert` in Page (add `alert: …`)")],
    );
}

#[test]
fn duplicate_keys_and_fields() {
    check(
        &[("title: \"Small\"", "title: \"Small\", ◆title: \"Big\"")],
        &[("E0105", "duplicate field `title`")],
    );
    check(
        &[(
            "{\"MODE\": \"y\"}",
            "{\"MODE\": \"y\", ◆\"MODE\": \"z\", ◆\"M\\x4fDE\": \"z\"}",
        )],
        &[
            ("E0105", "duplicate key `MODE`"),
            ("E0105", "duplicate key `MODE`"),
        ],
    );
    check(
        &[(
            "replicas: {\"north\": 2}",
            "replicas: {\"north\": 2, ◆\"north\": 3}",
        )],
        &[("E0105", "duplicate key `north`")],
    );
}

#[test]
fn odd_numbers() {
    for number in ["NaN", "inf", "-inf", "1e999", "-0.0", "-0", "-1e-999"] {
        let edit = format!("workers: ◆{number}");
        check(
            &[("workers: 10", &edit)],
            &[(
                "E0106",
                &format!("`{number}` is not a number this format has"),
            )],
        );
    }
}

/// At the limit a file, string, list or nesting passes the scan; one more is refused at its place.
#[test]
fn limits_of_the_scan() {
    let pad = |length: usize| format!("{SYSTEM}{}", " ".repeat(length - SYSTEM.len()));
    check_text(&pad(256 * 1024), &[]);
    check_text(
        &pad(256 * 1024 + 1),
        &[("1:1 E0002 ", "262145 bytes; at most 262144")],
    );

    let description = |length: usize| {
        SYSTEM.replacen(
            "title: \"Shop\",",
            &format!("title: \"Shop\", description: \"{}\",", "x".repeat(length)),
            1,
        )
    };
    check_text(&description(16 * 1024), &[]);
    check_text(
        &description(16 * 1024 + 1),
        &[("4:33 E0108 description", "longer than 16384 bytes")],
    );

    let list = |length: usize| format!("System(segments: [{}", "\"x\",".repeat(length)) + "])";
    check_text(&list(4_096), &[("1:1 E0104 ", "missing field `format`")]);
    check_text(
        &list(4_097),
        &[("1:16403 E0107 segments", "more than 4096 entries")],
    );

    // The struct, the list and the value within count as well.
    let nested = |depth: usize| {
        format!(
            "System(regions: {}{})",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    check_text(&nested(63), &[("1:18 E0101 regions[0]", "expected string")]);
    let place = format!("1:80 E0109 regions{}", "[0]".repeat(63));
    check_text(&nested(64), &[(&place, "more than 64 deep")]);
}

/// A well-formed system with a wrong step over and over.
fn findings(step: &str, count: usize) -> String {
    let steps = step.repeat(count);
    format!(
        "System(format:1,name:\"a\",title:\"a\",regions:[],latency:(within:\"\",between:\"\"),flows:[],services:[(name:\"a\",replicas:{{}},endpoints:[(name:\"e\",steps:[{steps}])])])"
    )
}

/// Texts made to exhaust memory, stack or time. Each is refused in well under the 50 ms a bomb may cost.
#[test]
#[expect(
    clippy::disallowed_types,
    reason = "the time to refuse a bomb is what this test is about"
)]
fn bombs_are_refused_quickly() {
    let limit = 256 * 1024;
    let cut = |unit: &str| unit.repeat(limit / unit.len());
    let bombs = [
        format!("System(services: [{}", "(),".repeat(330_000)),
        format!("System(services: [{}", cut("(),"))[..limit].to_owned(),
        cut("("),
        cut("["),
        cut("{"),
        cut("{{"),
        cut("Some("),
        cut("a("),
        cut("/*"),
        cut("#!["),
        cut("{\"a\":"),
        cut("(a:"),
        cut("r#"),
        cut("\""),
        cut("-0,"),
        format!("[{}", cut("-0,")),
        format!("System(calls: {{{}", cut("\"a\":(),")),
        findings("IfFlag(\"\",[Compute(\"\")]),", 9_000 / 3),
        findings(&format!("Parallel([{}]),", "(\"\",\"\"),".repeat(255)), 100),
    ];
    for bomb in bombs {
        let start = std::time::Instant::now();
        let (loaded, found) = load_system(&MemoryFiles::new(&[("a.ron", &bomb)]), "a.ron");
        let took = start.elapsed();
        assert!(has_errors(&found), "{}", &bomb[..40]);
        assert!(loaded.is_none() || bomb.len() <= limit);
        // Those that are kept, that there are more, and what was wrong with the form.
        assert!(found.len() <= 258, "{} findings", found.len());
        assert!(
            found
                .iter()
                .all(|diagnostic| diagnostic.line >= 1 && diagnostic.column >= 1)
        );
        // Forty times the budget: a loaded machine must not fail the test, quadratic work must.
        assert!(
            took < Duration::from_secs(2),
            "{took:?} for {}",
            &bomb[..40]
        );
    }
}

/// Every prefix of a good file, and every file with one byte replaced, is read or refused without a panic.
#[test]
fn damaged_files_are_refused_with_a_place() {
    let lines = SCENARIO.lines().count() + 1;
    let damaged = (0..SCENARIO.len()).step_by(3).flat_map(|cut| {
        let replaced = ["(", ")", "\"", ",", "{"]
            .map(|with| format!("{}{with}{}", &SCENARIO[..cut], &SCENARIO[cut + 1..]));
        std::iter::once(SCENARIO[..cut].to_owned()).chain(replaced)
    });
    for text in damaged {
        let files =
            MemoryFiles::new(&[("small/scenario.ron", &text), ("systems/shop.ron", SYSTEM)]);
        let (loaded, found) = load(&files, "small/scenario.ron");
        assert!(loaded.is_some() || !found.is_empty());
        assert!(
            found
                .iter()
                .all(|d| (1..=lines).contains(&(d.line as usize)) && d.column >= 1),
            "{found:?}"
        );
    }
}

#[test]
fn includes_stay_inside_the_library() {
    let cases = [
        ("a/scenario.ron", "../systems/b.ron", Some("systems/b.ron")),
        ("a/scenario.ron", "b.ron", Some("a/b.ron")),
        ("a/scenario.ron", "./c/../b.ron", Some("a/b.ron")),
        ("a/b/c.ron", "../../d.ron", Some("d.ron")),
        ("scenario.ron", "systems//b.ron", Some("systems/b.ron")),
        ("a/scenario.ron", "../../b.ron", None),
        ("scenario.ron", "../b.ron", None),
        ("a/scenario.ron", "/etc/passwd", None),
        ("a/scenario.ron", "", None),
        ("a/scenario.ron", "..", None),
        ("a/scenario.ron", "c:\\b.ron", None),
        ("a/scenario.ron", "b\0.ron", None),
        ("a/scenario.ron", "x/../../../b.ron", None),
    ];
    for (from, include, expected) in cases {
        assert_eq!(
            resolve_include(from, include).as_deref(),
            expected,
            "{include:?} from {from}"
        );
    }
    check(
        &[
            ("../systems/shop.ron", "../../shop.ron"),
            ("system: ", "system: ◆"),
        ],
        &[("E0111", "does not lead to a file inside")],
    );
}

/// Files that cannot be read are a finding in the first line, or where they are named.
#[test]
fn unreadable_files() {
    struct Refusing(FileError);
    impl Files for Refusing {
        fn read(&self, _: &str) -> Result<String, FileError> {
            Err(self.0.clone())
        }
    }
    let place = |found: &[Diagnostic]| found.iter().map(ToString::to_string).collect::<Vec<_>>();
    for (error, part) in [
        (FileError::Missing, "no such file"),
        (FileError::Outside, "outside"),
        (FileError::NotText, "UTF-8"),
        (FileError::TooLarge, "256 KiB"),
    ] {
        let shown = place(&load(&Refusing(error), "a/scenario.ron").1);
        assert_eq!(shown.len(), 1);
        assert!(
            shown[0].starts_with("a/scenario.ron:1:1: error[E0001]: cannot read the file")
                && shown[0].contains(part),
            "{shown:?}"
        );
    }
    let files = MemoryFiles::new(&[("small/scenario.ron", SCENARIO)]);
    let shown = place(&load(&files, "small/scenario.ron").1);
    assert_eq!(
        shown,
        [
            "small/scenario.ron:7:13: error[E0001]: cannot read the system file `systems/shop.ron`: no such file"
        ]
    );
}
