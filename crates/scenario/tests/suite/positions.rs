//! The position index over RON texts that are hard to read.

use brownout_scenario::positions::Positions;
use brownout_scenario::scan::index;

/// Every path must stand where the text has its marker: `‹N›` marks the value of the N-th path.
fn check(marked: &str, paths: &[&str]) {
    let mut text = marked.to_owned();
    for number in 0..paths.len() {
        text = text.replace(&format!("‹{number}›"), "");
    }
    let positions = index(&text).expect("the text is complete RON");
    for (number, path) in paths.iter().enumerate() {
        let mut before = marked
            .split(&format!("‹{number}›"))
            .next()
            .expect("split gives one part")
            .to_owned();
        assert!(before.len() < marked.len(), "marker {number} is missing");
        for other in 0..paths.len() {
            before = before.replace(&format!("‹{other}›"), "");
        }
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .expect("split gives one part")
            .chars()
            .count()
            + 1;
        let found = positions.of(path);
        assert!(positions.contains(path), "{path} is not in the index");
        assert_eq!(
            (found.line as usize, found.column as usize),
            (line, column),
            "{path}"
        );
    }
}

#[test]
fn structs_lists_maps_and_variants() {
    check(
        "‹0›System(\n  services: ‹1›[\n    (name: ‹2›\"a\", replicas: {\"us-east\": ‹3›2, \"eu-west\": ‹4›3}),\n    (endpoints: [(steps: [Compute(‹5›\"1ms\"), ‹6›IfFlag(\"f\", [‹7›Call(\"x\", ‹8›\"y\")])])]),\n  ],\n  change: ‹9›Deploy(service: ‹10›\"b\"),\n)",
        &[
            "",
            "services",
            "services[0].name",
            "services[0].replicas.us-east",
            "services[0].replicas.eu-west",
            "services[1].endpoints[0].steps[0][0]",
            "services[1].endpoints[0].steps[1]",
            "services[1].endpoints[0].steps[1][1][0]",
            "services[1].endpoints[0].steps[1][1][0][1]",
            "change",
            "change.service",
        ],
    );
}

#[test]
fn comments_and_attributes() {
    check(
        "#![enable(implicit_some)]\n// a: 1\n/* b /* c: 2 */ \" */ ( /* x: 3 */ a /* : */ : /* ( */ ‹0›1, // ), z: 3\n  b: ‹1›(\n/**/‹2›2, /* , 9 */ ‹3›3))// end",
        &["a", "b", "b[0]", "b[1]"],
    );
}

#[test]
fn strings_and_characters() {
    check(
        "(a: ‹0›\"x\\\"), b: 9\\\\\", b: ‹1›r#\"raw \" , c: (\n\"#, c: ‹2›'\"', d: ‹3›'\\'', e: ‹4›b\"by\\\"tes\", f: ‹5›'\\u{1F600}', g: ‹6›r\"\\\", h: ‹7›br##\"x\"#\"##, i: ‹8›b'x', j: ‹9›\"ü😀\", k: ‹10›1)",
        &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"],
    );
}

#[test]
fn numbers_words_and_options() {
    check(
        "(a: ‹0›-1.5e-3, b: ‹1›0xFF_u8, c: Some(‹2›5), d: ‹3›None, e: ‹4›true, f: Some(Some([‹5›1, ‹6›2])), r#type: ‹7›(), g: ‹8›Unit, h: ‹9›+3)",
        &["a", "b", "c", "d", "e", "f[0]", "f[1]", "type", "g", "h"],
    );
}

#[test]
fn keys_with_dots_brackets_and_escapes() {
    check(
        r#"(m: {"a.b": ‹0›1, "c": (d: ‹1›2), "c[0]": ‹2›3, "q\"x": ‹3›4, r"raw": ‹4›5})"#,
        &["m.a.b", "m.c.d", "m.c[0]", "m.q\"x", "m.raw"],
    );
}

/// A path that is not there points to its nearest ancestor, so that a field left out has a place too.
#[test]
fn missing_paths_fall_back_to_their_ancestor() {
    let positions: Positions = index("(\n  a: (b: 1),\n)").expect("complete RON");
    let place = |path: &str| (positions.of(path).line, positions.of(path).column);
    assert!(!positions.contains("a.c") && !positions.contains("z"));
    assert_eq!(
        (place("a.c"), place("a.b.x[3]"), place("z")),
        ((2, 6), (2, 10), (1, 1))
    );
    assert_eq!(
        (positions.key_of("a").line, positions.key_of("a").column),
        (2, 3)
    );
}

/// Texts that are no RON have no index; none of them may hang or panic.
#[test]
fn broken_texts_have_no_index() {
    for text in [
        "",
        " ",
        "(",
        "(a",
        "(a:",
        "(a: 1",
        "[1,,2]",
        "{\"a\" 1}",
        "\"open",
        "r#\"open\"",
        "/* open",
        "'ab'",
        "(a: 1))",
        "#![enable(",
        "(a: @)",
        "Some(1",
        "\\",
        "b'",
        "r#",
    ] {
        assert!(index(text).is_none(), "{text:?}");
    }
}
