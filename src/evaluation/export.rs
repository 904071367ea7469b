//! A debrief as a file: HTML that needs nothing else, Markdown, JSON.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use brownout_session::score::Dimension;

use super::CurveKind;
use super::debrief::{Debrief, Sent, Standing};

/// Kinds of report files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A page.
    Html,
    /// Text with marks.
    Markdown,
    /// For programs.
    Json,
}

impl Format {
    /// The format a file name asks for.
    ///
    /// # Errors
    /// If the ending is not known.
    pub fn of(path: &Path) -> anyhow::Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("html" | "htm") => Ok(Self::Html),
            Some("md" | "markdown") => Ok(Self::Markdown),
            Some("json") => Ok(Self::Json),
            _ => bail!(
                "{}: a report's name ends in .html, .md or .json",
                path.display()
            ),
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Json => "json",
        }
    }

    /// Name of the report next to a journal.
    #[must_use]
    pub fn beside(self, journal: &Path) -> PathBuf {
        journal.with_extension(format!("report.{}", self.ending()))
    }
}

/// Writes a debrief to a file.
///
/// # Errors
/// If the file cannot be written.
pub fn write(debrief: &Debrief, format: Format, path: &Path) -> anyhow::Result<()> {
    let text = match format {
        Format::Html => html(debrief),
        Format::Markdown => markdown(debrief),
        Format::Json => serde_json::to_string_pretty(debrief)?,
    };
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Dimensions with their names and points.
fn dimensions(debrief: &Debrief) -> Vec<(Dimension, &'static str, u32)> {
    debrief.score.as_ref().map_or_else(Vec::new, |score| {
        vec![
            (Dimension::Containment, "Containment", score.containment),
            (Dimension::Hypotheses, "Hypotheses", score.hypotheses),
            (
                Dimension::Communication,
                "Communication",
                score.communication,
            ),
        ]
    })
}

const fn sign(standing: Standing) -> &'static str {
    match standing {
        Standing::True => "✓",
        Standing::False => "✗",
        Standing::Open => "?",
    }
}

fn claims(sent: &Sent) -> String {
    let claims: Vec<String> = sent
        .claims
        .iter()
        .map(|claim| format!("{} {}", sign(claim.standing), claim.claim))
        .collect();
    claims.join(" · ")
}

/// Up to three evidence times of a criterion.
fn times(debrief: &Debrief, row: &brownout_session::score::Criterion) -> String {
    let times: Vec<String> = debrief
        .evidence_times(row)
        .take(3)
        .map(|at_ns| debrief.clock(at_ns))
        .collect();
    times.join(" ")
}

/// As Markdown.
#[must_use]
pub fn markdown(debrief: &Debrief) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_markdown(&mut out, debrief);
    out
}

fn write_markdown(out: &mut String, debrief: &Debrief) -> std::fmt::Result {
    writeln!(out, "# Debrief: {}\n", debrief.title)?;
    writeln!(
        out,
        "{} · seed {} · {}\n",
        debrief.scenario,
        debrief.seed,
        debrief.ending()
    )?;
    writeln!(out, "| dimension | points |\n|---|---|")?;
    for (_, name, points) in dimensions(debrief) {
        writeln!(out, "| {name} | {points} / 100 |")?;
    }
    writeln!(out, "\n## Would have helped most\n")?;
    for row in debrief.would_have_helped() {
        writeln!(out, "- {} ({} points)", row.better, row.max - row.earned)?;
    }
    writeln!(out, "\n## Harm at the horizon, weighted\n")?;
    for curve in &debrief.curves {
        writeln!(out, "- {}: {}", curve.kind.name(), curve.last())?;
    }
    writeln!(out, "\n## Diagnosis\n")?;
    for part in &debrief.diagnosis {
        let named = if part.named.is_empty() {
            "not named"
        } else {
            &part.named
        };
        let sign = if part.right { "✓" } else { "✗" };
        writeln!(out, "- {sign} {}: {} (you: {named})", part.name, part.truth)?;
    }
    writeln!(out, "\n{}\n", debrief.explanation)?;
    for (dimension, name, points) in dimensions(debrief) {
        writeln!(out, "## {name}: {points} / 100\n")?;
        writeln!(
            out,
            "| points | what was found | when | rules |\n|---|---|---|---|"
        )?;
        for row in debrief.criteria_of(dimension) {
            let better = if row.better.is_empty() {
                String::new()
            } else {
                format!(" **Better:** {}", row.better)
            };
            writeln!(
                out,
                "| {}/{} | {}{} | {} | {} |",
                row.earned,
                row.max,
                cell(&row.why),
                cell(&better),
                times(debrief, row),
                row.rules.join(" ")
            )?;
        }
        writeln!(out)?;
    }
    writeln!(out, "## Actions\n")?;
    for act in &debrief.actions {
        writeln!(
            out,
            "{}. {} {}",
            act.number,
            debrief.clock(act.at_ns),
            act.title
        )?;
    }
    writeln!(out, "\n## Messages\n")?;
    for sent in &debrief.messages {
        writeln!(
            out,
            "- {} to {}, {}: {} {}",
            debrief.clock(sent.at_ns),
            sent.audience,
            sent.status,
            sent.words,
            claims(sent)
        )?;
    }
    Ok(())
}

/// Text inside a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Text inside HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;background:#0a0e14;color:#dce5ee;max-width:1080px;margin:2rem auto;padding:0 1rem}\
h1{margin-bottom:0}h2{margin-top:2rem}.q{color:#a2b2c4}.cards{display:flex;gap:1rem;flex-wrap:wrap}\
.card{background:#101620;border:1px solid #253244;border-radius:8px;padding:.8rem 1.2rem;min-width:12rem}.n{font:2rem ui-monospace,monospace}\
table{border-collapse:collapse;width:100%}td{border-top:1px solid #253244;padding:.4rem .6rem;vertical-align:top}\
.m{font-family:ui-monospace,monospace;white-space:nowrap}.b{color:#e8a33d}svg{width:100%;background:#101620;border-radius:8px}\
@media print{body{background:#fff;color:#000}.q{color:#444}}";

/// As one HTML page without anything from outside.
#[must_use]
pub fn html(debrief: &Debrief) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_html(&mut out, debrief);
    out
}

fn write_html(out: &mut String, debrief: &Debrief) -> std::fmt::Result {
    let title = escape(&debrief.title);
    write!(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Debrief: {title}</title><style>{STYLE}</style></head><body><h1>{title}</h1><p class=\"q\">{} · seed {} · {}</p>",
        escape(&debrief.scenario),
        debrief.seed,
        escape(&debrief.ending())
    )?;
    out.push_str("<div class=\"cards\">");
    for (_, name, points) in dimensions(debrief) {
        write!(
            out,
            "<div class=\"card\">{name}<br><span class=\"n\">{points}</span> / 100</div>"
        )?;
    }
    out.push_str("</div><h2>Would have helped most</h2><ol>");
    for row in debrief.would_have_helped() {
        write!(
            out,
            "<li>{} <span class=\"q\">({} points)</span></li>",
            escape(row.better),
            row.max - row.earned
        )?;
    }
    out.push_str("</ol><h2>Harm over time</h2>");
    write_curves(out, debrief)?;
    out.push_str("<h2>Diagnosis</h2><table>");
    for part in &debrief.diagnosis {
        let (sign, named) = (
            if part.right { "✓" } else { "✗" },
            if part.named.is_empty() {
                "not named"
            } else {
                &part.named
            },
        );
        write!(
            out,
            "<tr><td>{sign} {}</td><td>{}</td><td class=\"q\">you: {}</td></tr>",
            part.name,
            escape(&part.truth),
            escape(named)
        )?;
    }
    write!(out, "</table><p>{}</p>", escape(&debrief.explanation))?;
    for (dimension, name, points) in dimensions(debrief) {
        write!(out, "<h2>{name}: {points} / 100</h2><table>")?;
        for row in debrief.criteria_of(dimension) {
            write!(
                out,
                "<tr><td class=\"m\">{}/{}</td><td>{}<br><span class=\"b\">{}</span></td><td class=\"m q\">{}</td><td class=\"q\">{}</td></tr>",
                row.earned,
                row.max,
                escape(&row.why),
                escape(row.better),
                times(debrief, row),
                row.rules.join(" ")
            )?;
        }
        out.push_str("</table>");
    }
    out.push_str("<h2>Actions</h2><table>");
    for act in &debrief.actions {
        write!(
            out,
            "<tr><td class=\"m\">{}</td><td>{}. {}</td></tr>",
            debrief.clock(act.at_ns),
            act.number,
            escape(&act.title)
        )?;
    }
    out.push_str("</table><h2>Messages</h2><table>");
    for sent in &debrief.messages {
        write!(
            out,
            "<tr><td class=\"m\">{}</td><td>{}, {}</td><td>{}<br>{}</td></tr>",
            debrief.clock(sent.at_ns),
            sent.audience,
            sent.status,
            escape(&sent.words),
            escape(&claims(sent))
        )?;
    }
    out.push_str("</table></body></html>\n");
    Ok(())
}

/// The curves as one inline picture with a legend in words.
#[expect(clippy::cast_precision_loss, reason = "coordinates of a picture")]
fn write_curves(out: &mut String, debrief: &Debrief) -> std::fmt::Result {
    const WIDTH: f64 = 1000.0;
    const HEIGHT: f64 = 260.0;
    let most = debrief
        .curves
        .iter()
        .map(super::Curve::last)
        .max()
        .unwrap_or(0)
        .max(1);
    let span = debrief.horizon_ns.saturating_sub(debrief.onset_ns).max(1);
    write!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Weighted harm over time\">"
    )?;
    for curve in &debrief.curves {
        let points: Vec<String> = curve
            .points
            .iter()
            .map(|(at_ns, harm)| {
                let x = at_ns.saturating_sub(debrief.onset_ns) as f64 / span as f64;
                let y = *harm as f64 / most as f64;
                format!("{:.1},{:.1}", x * WIDTH, (HEIGHT - 10.0) * (1.0 - y) + 5.0)
            })
            .collect();
        let (color, dash) = look(curve.kind);
        write!(
            out,
            "<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\" points=\"{}\"/>",
            points.join(" ")
        )?;
    }
    out.push_str("</svg><p>");
    for curve in &debrief.curves {
        write!(
            out,
            "<span style=\"color:{}\">■</span> {} {} &nbsp; ",
            look(curve.kind).0,
            curve.kind.name(),
            curve.last()
        )?;
    }
    out.push_str("</p>");
    Ok(())
}

const fn look(kind: CurveKind) -> (&'static str, &'static str) {
    match kind {
        CurveKind::You => ("#6cb6ff", "none"),
        CurveKind::Reference => ("#2bb3a3", "none"),
        CurveKind::Nothing => ("#8697ab", "8 5"),
        CurveKind::Without(_) => ("#c096ff", "3 4"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Debrief {
        Debrief {
            title: "A <bad> night".to_owned(),
            explanation: "x & y".to_owned(),
            messages: vec![Sent {
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
}
