//! A debrief as one page that needs nothing else.

use std::fmt::Write as _;

use super::{Debrief, claims, dimensions, times};
use crate::evaluation::{Curve, CurveKind};
use crate::field_guide;

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
                "<tr><td class=\"m\">{}/{}</td><td><b>{}</b><br>{}<br><span class=\"b\">{}</span></td><td class=\"m q\">{}</td><td class=\"q\" title=\"{}\">{}</td></tr>",
                row.earned,
                row.max,
                field_guide::criterion(row.id).unwrap_or(row.id),
                escape(&row.why),
                escape(row.better),
                times(debrief, row),
                escape(&field_guide::rules(row.rules)),
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
        .map(Curve::last)
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
