use super::*;
use crate::evaluation::belief::Belief;
use crate::evaluation::moments::{Moment, MomentKind};

fn sample() -> Debrief {
    Debrief {
        title: "A <bad> night".to_owned(),
        explanation: "x & y".to_owned(),
        messages: vec![Sent {
            seq: 1,
            at_ns: 0,
            audience: "public",
            status: "resolved",
            words: "<script>alert(1)</script>".to_owned(),
            claims: Vec::new(),
        }],
        ..Debrief::default()
    }
}

/// What a player typed cannot become markup, and nothing is fetched from elsewhere.
#[test]
fn the_page_is_closed() {
    let page = html(&sample());
    assert!(page.contains("A &lt;bad&gt; night") && page.contains("x &amp; y"));
    assert!(!page.contains("<script") && !page.contains("http"));
    assert!(markdown(&sample()).starts_with("# Debrief: A <bad> night"));
}

/// The ending decides, and an unknown one is refused with the known ones named.
#[test]
fn endings_name_formats() {
    assert_eq!(Format::of(Path::new("a.html")).ok(), Some(Format::Html));
    assert_eq!(Format::of(Path::new("a.md")).ok(), Some(Format::Markdown));
    let error = Format::of(Path::new("a.doc")).map_err(|error| error.to_string());
    assert!(error.is_err_and(|error| error.contains(".json")));
    assert_eq!(
        Format::Html.beside(Path::new("/x/s.jsonl")),
        Path::new("/x/s.report.html")
    );
}

/// What somebody might type to break out of a file.
const NASTY: &str =
    "</td><img src=x onerror=alert(1)>|[here](javascript:x) \"q\" & *b* `c`\n# Heading";

fn played() -> Debrief {
    let belief = Belief {
        number: 1,
        name: NASTY.to_owned(),
        right: true,
        confidence: vec![(60_000_000_000, 40), (120_000_000_000, 90)],
        borne_out: Vec::new(),
        turns: Vec::new(),
    };
    let moment = |seq, at_s: u64, kind, own, words: &str| Moment {
        seq,
        at_ns: at_s * 1_000_000_000,
        kind,
        own,
        words: words.to_owned(),
    };
    Debrief {
        scenario: "s".to_owned(),
        page_ns: Some(30_000_000_000),
        end_ns: 300_000_000_000,
        explanation: "the secret truth".to_owned(),
        symptoms: vec![(50_000_000_000, NASTY.to_owned())],
        beliefs: vec![belief],
        moments: vec![
            moment(1, 10, MomentKind::Alert, false, "before the page"),
            moment(2, 70, MomentKind::Message, true, NASTY),
            moment(3, 80, MomentKind::Look, true, "You looked at the overview"),
        ],
        ..sample()
    }
}

/// Whatever was typed stays text in the page: no tag of it, and no link anywhere.
#[test]
fn html_takes_words_as_words() {
    let page = html(&played());
    assert!(!page.contains("<img") && !page.contains("<script"));
    assert!(
        !page.contains("href") && !page.contains("src="),
        "nothing to follow or fetch"
    );
    let opened = page.matches("<td").count();
    assert_eq!(
        opened,
        page.matches("</td>").count(),
        "no cell is torn open"
    );
}

/// Neither heading nor link nor tag can be made of what was typed.
#[test]
fn markdown_takes_words_as_words() {
    let text = markdown(&played());
    assert!(!text.contains("<img") && !text.contains("<script"));
    let unescaped = text.replace("\\]", "");
    assert!(!unescaped.contains("](javascript"), "no link");
    assert!(!text.lines().any(|line| line.starts_with("# Heading")));
    assert!(text.contains("## Postmortem draft"));
}

/// The draft holds what the player wrote with the times of it, and nothing of what only the debrief knows.
#[test]
fn the_postmortem_is_in_the_players_words() {
    let draft = postmortem(&played());
    assert!(draft.contains("00:01:10") && draft.contains("00:00:50"));
    assert!(draft.contains("40 % at first, 90 % at the end"));
    assert!(
        !draft.contains("secret truth"),
        "the truth is not the player's"
    );
    assert!(!draft.contains("guilty"));
    assert!(!draft.contains("before the page"));
    assert!(draft.contains("1 looks"));
}

/// The JSON can be read back and says the same.
#[test]
fn json_is_json() {
    let written = text(&played(), Format::Json).expect("JSON");
    let value: serde_json::Value = serde_json::from_str(&written).expect("valid");
    assert_eq!(value["moments"][1]["words"], NASTY);
    assert_eq!(value["beliefs"][0]["confidence"][1][1], 90);
    assert_eq!(value["moments"][1]["kind"], "message");
}
