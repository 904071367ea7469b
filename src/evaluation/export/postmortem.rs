//! A draft of the postmortem from the player's own words and times. Nothing is in it that the player could not have
//! known, and nothing is judged: what has to be thought about is left to be written.

use std::fmt::Write as _;

use super::Debrief;
use super::markdown::line;
use crate::evaluation::moments::MomentKind;

/// The draft as Markdown.
#[must_use]
pub fn postmortem(debrief: &Debrief) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_postmortem(&mut out, debrief);
    out
}

pub(super) fn write_postmortem(out: &mut String, debrief: &Debrief) -> std::fmt::Result {
    writeln!(out, "## Postmortem draft\n")?;
    writeln!(
        out,
        "*From what you wrote and when. Lines in italics are for you to write.*\n"
    )?;
    writeln!(out, "### {}\n", line(&debrief.title))?;
    let told = |kind: MomentKind| {
        let moments = debrief.moments.iter();
        moments.filter(move |moment| moment.own && moment.kind == kind)
    };
    if let Some(page_ns) = debrief.page_ns {
        writeln!(
            out,
            "Paged at {}, worked on until {}.\n",
            debrief.clock(page_ns),
            debrief.clock(debrief.end_ns)
        )?;
    }
    writeln!(out, "### Impact\n")?;
    if debrief.symptoms.is_empty() {
        writeln!(out, "- No symptom was stated.")?;
    }
    for (at_ns, symptom) in &debrief.symptoms {
        writeln!(out, "- {} {}", debrief.clock(*at_ns), line(symptom))?;
    }
    writeln!(out, "\n*Who was affected, and how much?*\n")?;
    writeln!(out, "### What was suspected\n")?;
    if debrief.beliefs.is_empty() {
        writeln!(out, "- No hypothesis was written down.")?;
    }
    for belief in &debrief.beliefs {
        let (first, last) = (belief.confidence.first(), belief.confidence.last());
        if let (Some((at_ns, first)), Some((_, last))) = (first, last) {
            writeln!(
                out,
                "- {} {}: {first} % at first, {last} % at the end; {}",
                debrief.clock(*at_ns),
                line(&belief.name),
                belief.evidence()
            )?;
        }
    }
    writeln!(out, "\n*What was the cause, and how do we know?*\n")?;
    writeln!(out, "### Timeline\n")?;
    let kinds = [
        MomentKind::Frame,
        MomentKind::Belief,
        MomentKind::Action,
        MomentKind::Message,
    ];
    let from_ns = debrief.page_ns.unwrap_or(0);
    for moment in &debrief.moments {
        if moment.at_ns >= from_ns && kinds.contains(&moment.kind) {
            let words = line(&moment.words);
            writeln!(out, "- {} {words}", debrief.clock(moment.at_ns))?;
        }
    }
    let looks = told(MomentKind::Look).count();
    writeln!(out, "\n{looks} looks at the telemetry are left out.\n")?;
    writeln!(out, "### What was said\n")?;
    for sent in &debrief.messages {
        writeln!(
            out,
            "- {} to {}, {}: {}",
            debrief.clock(sent.at_ns),
            sent.audience,
            sent.status,
            line(&sent.words)
        )?;
    }
    writeln!(
        out,
        "\n### What we will change\n\n*What made it possible, what made it last, what made it hard to see?*"
    )
}
