//! The report of a run, as JSON and as text.

use brownout_session::Session;
use brownout_session::cost::CostReport;
use brownout_session::event::Event;
use brownout_session::harm::Harm;
use brownout_session::journal::Entry;
use brownout_session::outcome::{Diagnosed, OutcomeKind};
use brownout_session::score::{Criterion, Dimension, ScoreCard};
use brownout_telemetry::recorder::Volume;
use serde::Serialize;

use crate::evaluation::Evaluation;
use crate::evaluation::debrief::ending_of_a_control;

/// Stable shape of `run --json` and `score --json`: fields are added, never renamed.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    scenario: String,
    seed: u64,
    truth: String,
    player: String,
    engine_version: String,
    simulated_s: u64,
    events: u64,
    wall_s: f64,
    state_hash: String,
    page_s: Option<u64>,
    outcome: OutcomeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    abort_reason: Option<&'static str>,
    contained_s: Option<u64>,
    /// Nothing was broken.
    control: bool,
    diagnosed: Diagnosed,
    harm: Harm,
    mitigation_cost: CostReport,
    telemetry: Volume,
    /// Commands that were refused, with the reason.
    refused: Vec<String>,
    score: ScoreCard,
    criteria: Vec<Criterion>,
}

/// Version of the engine as reports name it.
pub(super) fn engine_version() -> String {
    format!(
        "{} physics {}",
        env!("CARGO_PKG_VERSION"),
        brownout_sim::PHYSICS_VERSION
    )
}

/// What was refused, with what was asked for.
fn refused(session: &Session) -> Vec<String> {
    let records = session.records().iter();
    let asked = records.clone().zip(records.skip(1));
    asked
        .filter_map(|(before, after)| match (&before.entry, &after.entry) {
            (Entry::Command(command), Entry::Event(Event::Refused { why })) => {
                let command = serde_json::to_string(command).unwrap_or_default();
                Some(format!("{command}: {why}"))
            }
            _ => None,
        })
        .collect()
}

impl Report {
    pub(super) fn new(session: &Session, evaluation: Evaluation, wall_s: f64) -> Self {
        let Evaluation { conclusion, card } = evaluation;
        let header = session.header();
        Self {
            scenario: header.scenario.clone(),
            seed: header.seed,
            truth: session.scenario().truth.name.clone(),
            player: header.player.clone(),
            engine_version: engine_version(),
            simulated_s: conclusion.simulated_s,
            events: conclusion.events,
            wall_s,
            state_hash: format!("{:016x}", conclusion.state_hash),
            page_s: session.page_ns().map(|ns| ns / 1_000_000_000),
            outcome: conclusion.outcome,
            abort_reason: conclusion.abort_reason,
            contained_s: conclusion.contained_s,
            control: session.scenario().truth.control,
            diagnosed: conclusion.diagnosed,
            harm: conclusion.harm,
            mitigation_cost: conclusion.cost,
            telemetry: session.telemetry_volume(),
            refused: refused(session),
            criteria: card.criteria.clone(),
            score: card,
        }
    }

    pub(super) fn print(&self) {
        let outcome = format!("{:?}", self.outcome).to_lowercase();
        let contained = self.contained_s.map_or_else(
            || "not contained".to_owned(),
            |s| format!("contained {}:{:02} after the onset", s / 60, s % 60),
        );
        let ending = if self.control {
            ending_of_a_control(self.outcome, self.contained_s)
        } else {
            format!("{outcome}, {contained}")
        };
        println!(
            "{} · seed {} · player {} · {ending}",
            self.scenario, self.seed, self.player
        );
        println!("truth: {}", self.truth);
        println!();
        println!(
            "  harm from the onset to the horizon: {} of {} requests failed, {} were slow, {} orders lost",
            self.harm.failed, self.harm.requests, self.harm.slow, self.harm.lost
        );
        for (region, harm) in &self.harm.by_region {
            let share = (harm.failed + harm.slow) * 10_000 / harm.requests.max(1);
            println!(
                "    {region:<12} {:>7} failed {:>7} slow  {:>3}.{:02} %",
                harm.failed,
                harm.slow,
                share / 100,
                share % 100
            );
        }
        if self.harm.weighted == 0 && !self.control {
            println!("    nobody was harmed: whatever this truth breaks does not reach its users");
        }
        for refused in &self.refused {
            println!("  refused: {refused}");
        }
        println!(
            "  mitigation cost: {} feature-seconds lost, {} s of users served far away",
            self.mitigation_cost.feature_lost_s, self.mitigation_cost.shifted_s
        );
        println!();
        for (dimension, points) in [
            (Dimension::Containment, self.score.containment),
            (Dimension::Hypotheses, self.score.hypotheses),
            (Dimension::Communication, self.score.communication),
        ] {
            println!(
                "  {:<14} {points:>3} / 100",
                format!("{dimension:?}").to_uppercase()
            );
            for row in self
                .criteria
                .iter()
                .filter(|row| row.dimension == dimension)
            {
                let seqs: Vec<String> = row
                    .evidence
                    .iter()
                    .take(6)
                    .map(|seq| format!("#{seq}"))
                    .collect();
                let more = if row.evidence.len() > 6 { " …" } else { "" };
                println!(
                    "    {:>2}/{:<2} {:<15} {}  [{}{more}; {}]",
                    row.earned,
                    row.max,
                    row.id,
                    row.why,
                    seqs.join(" "),
                    row.rules.join(" ")
                );
                if !row.better.is_empty() {
                    println!("          better: {}", row.better);
                }
            }
        }
        println!();
        println!("  OVERALL        {:>3} / 100", self.score.overall);
        let volume = &self.telemetry;
        println!(
            "  telemetry: {} of {} traces kept, {} log lines kept and {} dropped, {} series in {} KiB",
            volume.traces_kept,
            volume.traces_seen,
            volume.log_lines,
            volume.log_lines_dropped,
            volume.series,
            volume.metric_bytes / 1024
        );
        println!(
            "  {} simulated seconds, {} events, {:.1} s, world hash {}",
            self.simulated_s, self.events, self.wall_s, self.state_hash
        );
    }
}
