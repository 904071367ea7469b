//! Conclude and score a session, its what-if runs on all cores.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use brownout_session::Session;
use brownout_session::harm::Harm;
use brownout_session::outcome::{Conclusion, conclude};
use brownout_session::players::Reference;
use brownout_session::run;
use brownout_session::score::{ScoreCard, Trial, score, trial_variants};
use brownout_session::whatif::{Fork, Outcome, Variant};

/// A session with everything computed from it.
pub(super) struct Evaluation {
    pub conclusion: Conclusion,
    pub card: ScoreCard,
}

/// Run variants on all cores; the order of the results is that of the variants.
pub(super) fn run_variants(fork: &Fork, variants: &[Variant]) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(variants.len().max(1));
    let mut results: Vec<(usize, Outcome)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(variant) = variants.get(index) else {
                            return mine;
                        };
                        mine.push((index, fork.run(variant)));
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
    results.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Harm of the reference responder on the same run.
fn reference_harm(session: &Session) -> Harm {
    let mut header = session.header().clone();
    "reference".clone_into(&mut header.player);
    let played = run::play(
        Arc::clone(session.scenario()),
        header,
        &mut Reference::default(),
        None,
    );
    conclude(&played).harm
}

/// Conclude and score.
pub(super) fn evaluate(session: &Session) -> Evaluation {
    let conclusion = conclude(session);
    let is_reference = session.header().player == "reference";
    let trial = std::thread::scope(|scope| {
        let reference = (!is_reference).then(|| scope.spawn(|| reference_harm(session)));
        let outcomes = session
            .fork()
            .map(|fork| run_variants(fork, &trial_variants(session)))
            .unwrap_or_default();
        let reference = reference
            .and_then(|handle| handle.join().ok())
            .unwrap_or_else(|| conclusion.harm.clone());
        Trial::new(session, &outcomes, reference)
    });
    let card = score(session, &conclusion, &trial);
    Evaluation { conclusion, card }
}
