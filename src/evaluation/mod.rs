//! Conclude and score a session, its what-if runs on all cores: all at once, or piece by piece for who watches.

pub mod belief;
mod curves;
pub mod debrief;
pub mod diagnosis;
pub mod export;
pub mod moments;
#[cfg(test)]
mod tests;
mod words;

pub use curves::{Curve, CurveKind};
pub use debrief::{Debrief, Piece};

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use brownout_session::Session;
use brownout_session::outcome::{Conclusion, conclude};
use brownout_session::players::Reference;
use brownout_session::run;
use brownout_session::score::{ScoreCard, Trial, score, trial_moves, trial_variants};
use brownout_session::whatif::{Fork, Outcome, Variant};

/// Simulated time between two points of a harm curve.
const SAMPLE_NS: u64 = 10_000_000_000;

/// A session with everything computed from it.
pub(crate) struct Evaluation {
    pub conclusion: Conclusion,
    pub card: ScoreCard,
}

/// Do something with every item on all cores; the results come in the order of the items.
fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(items.len().max(1));
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(item) = items.get(index) else {
                            return mine;
                        };
                        mine.push((index, work(item)));
                    }
                })
            })
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap_or_default())
            .collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Run variants on all cores; the order of the results is that of the variants.
pub(crate) fn run_variants(fork: &Fork, variants: &[Variant]) -> Vec<Outcome> {
    on_all_cores(variants, |variant| fork.run(variant))
}

/// The reference responder on the same run.
fn reference_run(session: &Session) -> Session {
    let mut header = session.header().clone();
    "reference".clone_into(&mut header.player);
    run::play(
        Arc::clone(session.scenario()),
        header,
        &mut Reference::default(),
        None,
    )
}

/// Conclude and score.
pub(crate) fn evaluate(session: &Session) -> Evaluation {
    let mut evaluation = None;
    stream_inner(session, false, &|_| {}, &mut evaluation);
    evaluation.unwrap_or_else(|| unscored(session))
}

/// What is left if a thread failed: a conclusion, and a score without what-if runs.
fn unscored(session: &Session) -> Evaluation {
    let conclusion = conclude(session);
    let trial = Trial::new(session, &[], conclusion.harm.clone());
    let card = score(session, &conclusion, &trial);
    Evaluation { conclusion, card }
}

/// Conclude and score, handing out each piece as soon as it is known: the facts, the curves, the score.
pub fn stream(session: &Session, deliver: &(dyn Fn(Piece) + Sync)) {
    stream_inner(session, true, deliver, &mut None);
}

/// A debrief with all its pieces.
#[must_use]
pub fn debrief(session: &Session) -> Debrief {
    let pieces = std::sync::Mutex::new(Vec::new());
    stream(session, &|piece| {
        if let Ok(mut pieces) = pieces.lock() {
            pieces.push(piece);
        }
    });
    let mut debrief = Debrief::default();
    for piece in pieces.into_inner().unwrap_or_default() {
        debrief.take(piece);
    }
    debrief
}

/// A what-if run to do, and the curve it gives.
struct Job {
    variant: Variant,
    curve: Option<CurveKind>,
}

/// The trial's variants in their order, then the player's actions left out one at a time.
fn jobs(session: &Session, curves: bool) -> (Vec<Job>, usize) {
    let moves = trial_moves(session);
    let variants = trial_variants(session);
    let count = variants.len();
    let mut jobs: Vec<Job> = variants
        .into_iter()
        .enumerate()
        .map(|(index, variant)| {
            let curve = match index {
                0 => Some(CurveKind::Nothing),
                _ if index == moves.len() => Some(CurveKind::You),
                _ => None,
            };
            Job {
                variant,
                curve: curve.filter(|_| curves),
            }
        })
        .collect();
    // Without the only action is the same as nothing done.
    if curves && moves.len() > 1 {
        jobs.extend(moves.iter().map(|left_out| {
            Job {
                variant: Variant {
                    label: format!("without action {}", left_out.action),
                    moves: moves
                        .iter()
                        .filter(|step| step.action != left_out.action)
                        .cloned()
                        .collect(),
                    reseed: None,
                },
                curve: Some(CurveKind::Without(left_out.action)),
            }
        }));
    }
    (jobs, count)
}

fn stream_inner(
    session: &Session,
    curves: bool,
    deliver: &(dyn Fn(Piece) + Sync),
    result: &mut Option<Evaluation>,
) {
    let conclusion = conclude(session);
    deliver(Piece::Facts(Box::new(Debrief::of(session, &conclusion))));
    let is_reference = session.header().player == "reference";
    let (jobs, trial_count) = jobs(session, curves);
    let runs = Runs {
        done: AtomicUsize::new(0),
        of: jobs.len() + usize::from(!is_reference),
        deliver,
    };
    let onset_ns = session.scenario().truth.onset_ns;
    let trial = std::thread::scope(|scope| {
        let reference = (!is_reference).then(|| {
            scope.spawn(|| {
                let played = reference_run(session);
                if let (true, Some(fork)) = (curves, played.fork()) {
                    let variant = Variant {
                        label: "reference".to_owned(),
                        moves: trial_moves(&played),
                        reseed: None,
                    };
                    let (_, points) = fork.run_sampled(&variant, SAMPLE_NS);
                    deliver(Piece::Curve(Curve::new(
                        CurveKind::Reference,
                        onset_ns,
                        points,
                    )));
                }
                let harm = conclude(&played).harm;
                runs.one_more();
                harm
            })
        });
        let outcomes = session
            .fork()
            .map(|fork| run_jobs(fork, &jobs, onset_ns, &runs))
            .unwrap_or_default();
        let reference = reference
            .and_then(|handle| handle.join().ok())
            .unwrap_or_else(|| conclusion.harm.clone());
        let trial_outcomes = &outcomes[..trial_count.min(outcomes.len())];
        Trial::new(session, trial_outcomes, reference)
    });
    let card = score(session, &conclusion, &trial);
    deliver(Piece::Card(card.clone()));
    *result = Some(Evaluation { conclusion, card });
}

/// Counts runs for who watches.
struct Runs<'a> {
    done: AtomicUsize,
    of: usize,
    deliver: &'a (dyn Fn(Piece) + Sync),
}

impl Runs<'_> {
    fn one_more(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.deliver)(Piece::Progress(done, self.of));
    }
}

/// Runs jobs, those with a curve first, and returns their outcomes in the order of the jobs.
fn run_jobs(fork: &Fork, jobs: &[Job], onset_ns: u64, runs: &Runs<'_>) -> Vec<Outcome> {
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|&index| jobs[index].curve.map_or(2, CurveKind::urgency));
    let mut outcomes: Vec<(usize, Outcome)> = on_all_cores(&order, |&index| {
        let job = &jobs[index];
        let Some(kind) = job.curve else {
            let outcome = fork.run(&job.variant);
            runs.one_more();
            return (index, outcome);
        };
        let (outcome, points) = fork.run_sampled(&job.variant, SAMPLE_NS);
        (runs.deliver)(Piece::Curve(Curve::new(kind, onset_ns, points)));
        runs.one_more();
        (index, outcome)
    });
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
