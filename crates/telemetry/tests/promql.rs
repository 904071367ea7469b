//! The query language: scripts with figures worked out by hand, and what is refused.

use brownout_telemetry::promql::script::{Verdict, run};
use brownout_telemetry::promql::{Error, MAX_DEPTH, MAX_TEXT, Query, Semantics, Settings};

const BOTH: [Semantics; 2] = [Semantics::Prometheus3, Semantics::Prometheus2];

/// Every query of a script passes: none fails, none is outside of what is supported.
fn passes(name: &str, script: &str, semantics: Semantics) {
    let cases = run(script, Settings::from(semantics)).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    assert!(cases.len() > 5, "{name}: {} queries", cases.len());
    for case in cases {
        assert_eq!(
            case.verdict,
            Verdict::Passed,
            "{name}:{} by {semantics:?}: {}",
            case.line,
            case.query
        );
    }
}

#[test]
fn what_both_versions_do_alike() {
    for semantics in BOTH {
        passes("both.test", include_str!("promql/both.test"), semantics);
    }
}

#[test]
fn what_prometheus_3_does_otherwise() {
    let script = include_str!("promql/prometheus3.test");
    passes("prometheus3.test", script, Semantics::Prometheus3);
}

#[test]
fn what_prometheus_2_does_otherwise() {
    let script = include_str!("promql/prometheus2.test");
    passes("prometheus2.test", script, Semantics::Prometheus2);
}

/// A script notices what is wrong: values, series too many, too few, in another order, and answers where failure is due.
#[test]
fn a_wrong_expectation_fails() {
    let load = "load 1m\n  m{a=\"1\"} 1\n  m{a=\"2\"} 2\n\n";
    for expectation in [
        "eval instant at 0 m\n  m{a=\"1\"} 1\n  m{a=\"2\"} 3\n",
        "eval instant at 0 m\n  m{a=\"1\"} 1\n",
        "eval instant at 0 m\n  m{a=\"1\"} 1\n  m{a=\"2\"} 2\n  m{a=\"3\"} 2\n",
        "eval instant at 0 m\n  {a=\"1\"} 1\n  m{a=\"2\"} 2\n",
        "eval instant at 0 sort_desc(m)\n  expect ordered\n  m{a=\"1\"} 1\n  m{a=\"2\"} 2\n",
        "eval instant at 0 m\n  expect fail\n",
        "eval instant at 0 m +\n  m{a=\"1\"} 1\n",
        "eval range from 0 to 1m step 1m sum(m)\n  {} 3 4\n",
        "eval range from 0 to 1m step 1m sum(m)\n  {} 3\n",
        "eval instant at 0 1 + 1\n  3\n",
    ] {
        let script = format!("{load}{expectation}");
        let cases = run(&script, Settings::from(Semantics::Prometheus3)).expect("a script");
        let verdict = &cases[0].verdict;
        assert!(
            matches!(verdict, Verdict::Failed(_)),
            "{expectation}: {verdict:?}"
        );
    }
}

#[test]
fn an_unreadable_script_is_refused_with_its_line() {
    for (script, line) in [
        ("load 1m\n  m 1x\n", 1),
        ("clear\nevaluate everything\n", 2),
        ("load soon\n", 1),
        ("\n# a word\nload 1m\n m{a=} 1\n", 3),
    ] {
        let refused = run(script, Settings::from(Semantics::Prometheus3)).expect_err(script);
        assert_eq!(refused.line, line, "{script}: {}", refused.message);
    }
}

fn error(text: &str) -> Error {
    Query::new(text, Semantics::Prometheus3).expect_err(text)
}

/// The parser's time grows with the square of the text, and its depth with the nesting.
#[test]
fn long_and_deep_queries_are_refused() {
    let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Query::new(&nested(MAX_DEPTH), Semantics::Prometheus3).is_ok());
    assert!(error(&nested(MAX_DEPTH + 1)).to_string().contains("nests"));
    assert!(error(&"-".repeat(2_000)).to_string().contains("nests"));
    let chain = format!("1{}", "+1".repeat(MAX_DEPTH + 2));
    assert!(
        error(&chain).to_string().contains("nests"),
        "a chain is a tree as deep as it is long"
    );
    let long = |bytes: usize| format!("{{a=\"{}\"}}", "x".repeat(bytes - 6));
    assert!(Query::new(&long(MAX_TEXT), Semantics::Prometheus3).is_ok());
    assert!(error(&long(MAX_TEXT + 1)).to_string().contains("bytes"));
    // Brackets in texts and comments nest nothing.
    let quoted = format!("{{a=\"{}\"}} # {}", "(".repeat(100), "[".repeat(100));
    assert!(Query::new(&quoted, Semantics::Prometheus3).is_ok());
}

/// What is not supported is refused by its name, not answered somehow.
#[test]
fn what_is_outside_is_named() {
    for (text, name) in [
        ("info(up)", "info"),
        ("histogram_count(up)", "histogram_count"),
        ("limitk(2, up)", "limitk"),
        ("holt_winters(up[1m], 0.5, 0.5)", "holt_winters"),
        (
            "double_exponential_smoothing(up[1m], 0.5, 0.5)",
            "double_exponential_smoothing",
        ),
        ("sum(up) + on() fill(0) sum(down)", "fill"),
    ] {
        let error = error(text);
        assert!(error.to_string().contains(name), "{text}: {error}");
    }
}

/// Any text is answered or refused.
#[test]
fn no_text_brings_it_down() {
    for text in [
        "",
        " ",
        "(",
        "x[",
        "x[1e30]",
        "x OFFSET 1e300",
        "x offset (1e300)",
        "x[NaN]",
        "x[5m+1e300]",
        "x[0]",
        "x offset 1e30",
        "x offset -1e30",
        "x @ 1e300",
        "x @ -1e300",
        "x @ NaN",
        "x[1e18s]",
        "x[5m:0s]",
        "x[5m:1e30]",
        "0x",
        "1e",
        "\"",
        "'\\",
        "{a=\"\\xff\"}",
        "{a=~\"[\"}",
        "sum by (",
        "x[999999999y]",
        "x offset 999999999y",
        "topk(1e300, x)",
        "x{le=~\"(a|a)*b\"}",
        "\u{0}",
        "a\u{202e}b",
        "{\"\"}",
        "{{}}",
        "1 @ 1",
        "x[1m] offset 1m offset 1m",
        "clamp(x)",
        "day_of_month(vector(1e300))",
        "label_replace(x, \"\", \"\", \"\", \"(\")",
    ] {
        for semantics in BOTH {
            let source = brownout_telemetry::promql::source::Held::default();
            if let Ok(query) = Query::new(text, semantics) {
                let _ = query.instant(&source, 1_600_000_000_000);
                let _ = query.range(&source, 0, 600_000, 60_000);
                let _ = query.instant(&source, i64::MAX / 4);
                let _ = query.instant(&source, i64::MIN / 4);
            }
        }
    }
}
