//! Hints, weights of the score, people that several scenarios share.

use brownout_scenario::diagnostics::has_errors;
use brownout_scenario::{MemoryFiles, compile, load};

use crate::common::{SCENARIO, SYSTEM, check};

const PEOPLE: &str = r#"People(
    format: 2,
    people: [
        (name: "Robin Vale", role: support_lead, patience: "4m"),
        (name: "Kit Moreno", role: service_owner, owns: "store", patience: "8m"),
    ],
)"#;

/// What is said of a scenario with these fields beside its own, and the people of a shared file.
fn said(fields: &str, people: &str) -> Vec<String> {
    let text = SCENARIO.replacen("Scenario(", &format!("Scenario(\n{fields}"), 1);
    let files = MemoryFiles::new(&[
        ("s/scenario.ron", &text),
        ("systems/shop.ron", SYSTEM),
        ("people/platform.ron", people),
    ]);
    let (loaded, found) = load(&files, "s/scenario.ron");
    if has_errors(&found)
        && let Some(loaded) = loaded
    {
        assert!(
            compile(&loaded, Some(0), 1).is_err(),
            "errors keep it from running"
        );
    }
    found.iter().map(ToString::to_string).collect()
}

const SHARED: &str = r#"shared_people: ["../people/platform.ron"],"#;

#[test]
fn shared_people_follow_the_own_ones() {
    let text = SCENARIO.replacen("Scenario(", &format!("Scenario(\n{SHARED}"), 1);
    let files = MemoryFiles::new(&[
        ("s/scenario.ron", &text),
        ("systems/shop.ron", SYSTEM),
        ("people/platform.ron", PEOPLE),
    ]);
    let (loaded, found) = load(&files, "s/scenario.ron");
    assert_eq!(found, []);
    let scenario = compile(&loaded.expect("loads"), Some(0), 1).expect("compiles");
    let names: Vec<&str> = scenario.people.iter().map(|p| p.name.as_str()).collect();
    assert!(names.ends_with(&["Robin Vale", "Kit Moreno"]), "{names:?}");
}

/// What is wrong with a shared file is said at its place in that file.
#[test]
fn shared_people_are_checked_where_they_stand() {
    let twice = PEOPLE.replace("Kit Moreno", "Robin Vale");
    let found = said(SHARED, &twice);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("people/platform.ron:5:16: error[E0302]"),
        "{found:?}"
    );
    let nobody = PEOPLE.replace(r#"owns: "store""#, r#"owns: "stor""#);
    let found = said(SHARED, &nobody);
    assert!(
        found[0].starts_with("people/platform.ron:5:57: error[E0301]"),
        "{found:?}"
    );
    assert!(found[0].contains("`store`"), "a suggestion: {found:?}");
    let broken = said(SHARED, "People(format: 2, people: [(name: \"A\"");
    assert!(
        broken[0].starts_with("people/platform.ron:1:"),
        "{broken:?}"
    );
    let nowhere = said(r#"shared_people: ["../../../etc/passwd"],"#, PEOPLE);
    assert!(nowhere[0].contains("E0111"), "{nowhere:?}");
    let missing = said(r#"shared_people: ["../people/nobody.ron"],"#, PEOPLE);
    assert!(missing[0].contains("E0001"), "{missing:?}");
    let paths = [r#""../people/platform.ron""#; 9].join(", ");
    let many = said(&format!("shared_people: [{paths}],"), PEOPLE);
    assert!(many[0].contains("E0202"), "{many:?}");
}

#[test]
fn hints_and_weights_are_checked() {
    let hint = r#"hints: [(text: "Look.", truth: "no-such-truth")],"#;
    assert!(said(hint, PEOPLE)[0].contains("E0301"));
    let weights = r#"rubric: (criteria: {"verifed": 10}),"#;
    let found = said(weights, PEOPLE);
    assert!(found[0].contains("`verified`"), "{found:?}");
    let none = r#"rubric: (dimensions: {"containment": 0, "hypotheses": 0, "communication": 0}),"#;
    assert!(said(none, PEOPLE)[0].contains("no score"));
    let much = r#"rubric: (criteria: {"verified": 101}),"#;
    assert!(said(much, PEOPLE)[0].contains("E0202"));
    check(&[], &[]);
}
