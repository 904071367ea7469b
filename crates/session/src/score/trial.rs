//! The what-if runs that containment is judged by.

use brownout_sim::blueprint::SECOND_NS;
use serde::Serialize;

use crate::command::{Action, Look};
use crate::desk::Acted;
use crate::harm::Harm;
use crate::session::Session;
use crate::whatif::{Move, Outcome, Variant};

/// Re-seeded forks by which chance is measured.
const RESEEDS: u64 = 8;
/// Time a person needs from seeing something to acting on it.
const REACTION_NS: u64 = 15 * SECOND_NS;

/// Results of all what-if runs of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// Nothing done.
    pub none: Harm,
    /// The reference responder.
    pub reference: Harm,
    /// After the first 0, 1, 2 … of the player's changes; the last one is what the player did.
    pub prefixes: Vec<Harm>,
    /// Per change: harm had it been made as soon as its evidence had been seen; `None` if it was.
    pub earlier: Vec<Option<Harm>>,
    /// Differences in weighted harm up to this are chance: two standard deviations over re-seeded forks.
    pub noise: u64,
}

/// World-changing actions of a session as moves, in order.
#[must_use]
pub fn moves(session: &Session) -> Vec<Move> {
    let actions = session
        .desk
        .actions
        .iter()
        .enumerate()
        .filter(|(_, acted)| acted.is_change());
    actions
        .map(|(index, acted)| Move {
            action: u32::try_from(index + 1).unwrap_or(u32::MAX),
            at_ns: acted.stamp.at_ns,
            changes: acted.changes.clone(),
        })
        .collect()
}

fn variant(label: String, moves: &[Move]) -> Variant {
    Variant {
        label,
        moves: moves.to_vec(),
        reseed: None,
    }
}

/// The variants to compute, in the order [`Trial::new`] expects: prefixes, earlier ones, re-seeded ones.
#[must_use]
pub fn trial_variants(session: &Session) -> Vec<Variant> {
    let all = moves(session);
    let mut variants: Vec<Variant> = (0..=all.len())
        .map(|count| variant(format!("the first {count} changes"), &all[..count]))
        .collect();
    for (index, time) in earliest(session, &all) {
        let mut moved = all.clone();
        moved[index].at_ns = time;
        variants.push(variant(
            format!(
                "action {} as soon as its evidence was seen",
                all[index].action
            ),
            &moved,
        ));
    }
    variants.extend((1..=RESEEDS).map(|salt| Variant {
        label: format!("other draws {salt}"),
        moves: all.clone(),
        reseed: Some(salt),
    }));
    variants
}

/// Changes that could have been made markedly earlier, with the time.
fn earliest(session: &Session, all: &[Move]) -> Vec<(usize, u64)> {
    all.iter()
        .enumerate()
        .filter_map(|(index, step)| {
            let acted = session
                .desk
                .actions
                .get((step.action as usize).checked_sub(1)?)?;
            let seen_ns = first_evidence(session, acted)?;
            let time = seen_ns + REACTION_NS;
            (time + 2 * SECOND_NS < step.at_ns).then_some((index, time))
        })
        .collect()
}

/// When the player first saw something that points at what an action changes; `None` if never.
fn first_evidence(session: &Session, acted: &Acted) -> Option<u64> {
    let looks = session
        .desk
        .looks
        .iter()
        .filter(|look| look.stamp.at_ns <= acted.stamp.at_ns);
    looks
        .filter(|look| points_at(&look.look, acted.action()))
        .map(|look| look.stamp.at_ns)
        .min()
}

fn points_at(look: &Look, action: &Action) -> bool {
    let look = &look.whole();
    match action {
        // The change log names what was released.
        Action::Rollback { service, .. } => {
            matches!(look, Look::Changes { .. })
                || matches!(look, Look::Diff { service: s } if s == service)
        }
        Action::Deploy { service, .. } | Action::Restart { service, .. } => {
            matches!(look, Look::Logs { service: s, .. } | Look::Diff { service: s } | Look::Inside { service: s, .. } if s == service)
                || matches!(look, Look::Metric { metric, .. } if metric.service.as_ref() == Some(service))
        }
        Action::SetVariable { service, .. } => {
            matches!(look, Look::Diff { service: s } if s == service)
        }
        // Which call fails is what makes one think of the flag in front of it.
        Action::SetFlag { .. } => matches!(look, Look::Traces { failing: true, .. }),
        Action::ShiftTraffic { .. } => matches!(look, Look::Overview | Look::Topology),
        Action::CaptureEvidence { .. } | Action::PagePerson { .. } | Action::Watch { .. } => false,
        // How much there is to do, and how much of it gets done, here or further down.
        other => {
            let about = |service: &String| {
                let service = Some(service.as_str());
                service == other.component() || service == other.callee()
            };
            matches!(look, Look::Topology)
                || matches!(look, Look::Logs { service, .. } | Look::Diff { service } | Look::Inside { service, .. } if about(service))
                || matches!(look, Look::Metric { metric, .. }
                    if metric.service.as_ref().is_some_and(about) || metric.callee.as_ref().is_some_and(about))
        }
    }
}

impl Trial {
    /// Put the outcomes of [`trial_variants`] together with the harm of the reference responder.
    #[must_use]
    pub fn new(session: &Session, outcomes: &[Outcome], reference: Harm) -> Self {
        let all = moves(session);
        let mut rest = outcomes.iter().map(|outcome| outcome.harm.clone());
        let prefixes: Vec<Harm> = rest.by_ref().take(all.len() + 1).collect();
        let mut earlier = vec![None; all.len()];
        for (index, _) in earliest(session, &all) {
            earlier[index] = rest.next();
        }
        let samples: Vec<u64> = rest.map(|harm| harm.weighted).collect();
        Self {
            none: prefixes.first().cloned().unwrap_or_default(),
            noise: 2 * deviation(&samples),
            prefixes,
            earlier,
            reference,
        }
    }

    /// Weighted harm the reference responder averted.
    #[must_use]
    pub fn avertable(&self) -> u64 {
        self.none.weighted.saturating_sub(self.reference.weighted)
    }

    /// Weighted harm of the run itself.
    #[must_use]
    pub fn actual(&self) -> u64 {
        self.prefixes.last().map_or(0, |harm| harm.weighted)
    }
}

/// Standard deviation of a sample, rounded down.
fn deviation(samples: &[u64]) -> u64 {
    let count = samples.len() as u64;
    if count < 2 {
        return 0;
    }
    let mean = samples.iter().sum::<u64>() / count;
    let squares: u128 = samples
        .iter()
        .map(|&s| u128::from(s.abs_diff(mean)).pow(2))
        .sum();
    u64::try_from((squares / u128::from(count - 1)).isqrt()).unwrap_or(u64::MAX)
}
