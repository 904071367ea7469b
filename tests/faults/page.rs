//! The page is what the program says, names are names, and what other tools are said to have they have.

use std::path::Path;

use brownout_scenario::faults::{LiesIn, Onset, Primitive, TOOLS, catalogue, page, selectors};

#[test]
fn the_page_of_faults_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/FAULTS.md");
    let written = std::fs::read_to_string(path).expect("the page");
    assert!(
        written == page(),
        "docs/FAULTS.md is out of date: brownout docs faults > docs/FAULTS.md"
    );
}

#[test]
fn rows_are_complete() {
    let mut names: Vec<&str> = catalogue().iter().map(|fault| fault.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two faults of one name");
    for fault in catalogue() {
        let complete = !fault.signs.is_empty()
            && !fault.written.is_empty()
            && !fault.what.is_empty()
            && !fault.recovery.is_empty();
        assert!(complete, "{}", fault.name);
        for written in fault.written {
            let change = written.change;
            assert!(Primitive::of(change).is_some(), "{}: {change}", fault.name);
            assert!(!selectors(change).is_empty(), "{}: {change}", fault.name);
        }
        for precondition in fault.preconditions {
            if let LiesIn::Change(at) = precondition.lies_in {
                assert!(at < fault.written.len(), "{}", fault.name);
            }
        }
        for (tool, kind) in fault.elsewhere {
            let known = TOOLS.iter().find(|known| known.name == *tool);
            let known = known.unwrap_or_else(|| panic!("{}: no tool {tool}", fault.name));
            assert!(
                known.kinds.contains(kind),
                "{}: {tool} documents no {kind}",
                fault.name
            );
        }
    }
}

/// Every primitive, every way to come and most of the selectors are used by some row: nothing of them is for show.
/// Whether an onset is of a kind.
type Is = fn(&Onset) -> bool;

#[test]
fn primitives_onsets_and_selectors_are_used() {
    let all: Vec<_> = catalogue().iter().flat_map(|f| f.written).collect();
    for primitive in Primitive::ALL {
        let used = |change: &str| Primitive::of(change) == Some(primitive);
        assert!(all.iter().any(|w| used(w.change)), "{primitive:?}");
    }
    let onsets: [Is; 4] = [
        |onset| matches!(onset, Onset::Step),
        |onset| matches!(onset, Onset::Ramp { .. }),
        |onset| matches!(onset, Onset::Flapping { .. }),
        |onset| matches!(onset, Onset::When(_)),
    ];
    for is in onsets {
        assert!(all.iter().any(|written| is(&written.onset)));
    }
    let selected: Vec<&str> = all.iter().flat_map(|w| selectors(w.change)).collect();
    for selector in [
        "service",
        "endpoint",
        "edge",
        "region",
        "zone",
        "version",
        "instance",
        "share of instances",
        "segment",
        "client version",
        "flag",
        "query class",
        "key range",
        "flow",
        "table",
    ] {
        assert!(selected.contains(&selector), "{selector}");
    }
}
