//! The parts of the player's view that come from people and from the player's own desk.

use brownout_sim::blueprint::Step;
use brownout_sim::ids::{FlagId, RegionId, ServiceId};
use brownout_telemetry::changes::ChangeEntry;

use crate::progress::progress;
use crate::session::Session;
use crate::view::{
    ActionView, AlertView, AttemptView, ChangeView, EvidenceView, FlagView, HypothesisView,
    PersonView, TalkView,
};

impl Session {
    pub(crate) fn view_alerts(&self) -> Vec<AlertView> {
        let mut alerts: Vec<AlertView> = Vec::new();
        for event in self.recorder.alerts.events() {
            let rule = &self.recorder.alerts.rules()[event.rule];
            let region = self.scenario.blueprint.regions[event.region.index()].clone();
            if event.firing {
                alerts.push(AlertView {
                    name: rule.name.clone(),
                    region,
                    since_ns: event.at_ns,
                    until_ns: None,
                    pages: rule.pages,
                    runbook: self
                        .scenario
                        .alerts
                        .get(event.rule)
                        .map_or_else(Vec::new, |alert| alert.runbook.clone()),
                    reading: event.reading,
                    unit: rule.signal.unit(),
                });
            } else if let Some(open) = alerts
                .iter_mut()
                .rev()
                .find(|a| a.name == rule.name && a.region == region && a.until_ns.is_none())
            {
                open.until_ns = Some(event.at_ns);
            }
        }
        alerts.sort_by_key(|a| (a.until_ns.is_some(), std::cmp::Reverse(a.since_ns)));
        alerts
    }

    pub(crate) fn view_attempts(&self) -> Vec<AttemptView> {
        let made = self.desk.attempts.iter().enumerate();
        made.map(|(index, made)| AttemptView {
            number: u32::try_from(index + 1).unwrap_or(u32::MAX),
            at_ns: made.stamp.at_ns,
            flow: made.flow.clone(),
            region: made.region.clone(),
            segment: made.segment.clone(),
            result: (made.ready_ns <= self.now_ns())
                .then(|| (made.words.clone(), made.trace.clone())),
        })
        .collect()
    }

    pub(crate) fn view_hypotheses(&self) -> Vec<HypothesisView> {
        let now_ns = self.now_ns();
        let rows = self.desk.hypotheses.iter().enumerate();
        rows.map(|(index, hypothesis)| HypothesisView {
            id: u32::try_from(index).unwrap_or(u32::MAX),
            at_ns: hypothesis.stamp.at_ns,
            written: hypothesis.written.clone(),
            sustaining: hypothesis.sustaining.clone(),
            path: hypothesis.path.clone(),
            confidence: hypothesis.confidence_at(now_ns),
            verdict: hypothesis.verdict(),
            outcomes: hypothesis
                .outcomes
                .iter()
                .map(|(outcome, _, _)| *outcome)
                .collect(),
            evidence: hypothesis
                .evidence
                .iter()
                .filter_map(|(seq, supports, _)| self.view_evidence(*seq, *supports))
                .collect(),
        })
        .collect()
    }

    fn view_evidence(&self, observed: u64, supports: bool) -> Option<EvidenceView> {
        let looks = &self.desk.looks;
        let index = looks
            .binary_search_by_key(&observed, |looked| looked.stamp.seq)
            .ok()?;
        let looked = &looks[index];
        Some(EvidenceView {
            observed,
            supports,
            at_ns: looked.stamp.at_ns,
            look: looked.look.clone(),
            reading: looked.reading,
            words: looked.words.clone(),
        })
    }

    pub(crate) fn view_actions(&self) -> Vec<ActionView> {
        let rows = self.desk.actions.iter().enumerate();
        rows.map(|(index, acted)| {
            let (steps, total, _, _) = progress(&self.world, &acted.operations);
            ActionView {
                id: u32::try_from(index + 1).unwrap_or(u32::MAX),
                at_ns: acted.stamp.at_ns,
                action: acted.action().clone(),
                title: acted.title.clone(),
                serves: acted.intervention.serves,
                progress: (steps, total),
                expected_ns: acted.expected_ns,
                done_ns: acted.done_ns,
                cut_short: acted.cut_short,
            }
        })
        .collect()
    }

    pub(crate) fn view_talk(&self) -> Vec<TalkView> {
        let name = |person: usize| self.scenario.people[person].name.clone();
        let mut talk: Vec<TalkView> = self
            .crowd
            .asked
            .iter()
            .enumerate()
            .map(|(number, asked)| TalkView {
                at_ns: asked.stamp.at_ns,
                person: name(asked.person),
                text: asked.text.clone(),
                question: u32::try_from(number).ok(),
                answered_ns: asked.answered.map(|stamp| stamp.at_ns),
                patience_ends_ns: Some(asked.patience_ends_ns),
            })
            .chain(
                self.crowd
                    .said
                    .iter()
                    .map(|(at_ns, person, text)| TalkView {
                        at_ns: *at_ns,
                        person: name(*person),
                        text: text.clone(),
                        question: None,
                        answered_ns: None,
                        patience_ends_ns: None,
                    }),
            )
            .collect();
        talk.sort_by_key(|line| line.at_ns);
        talk
    }

    pub(crate) fn view_flags(&self) -> Vec<FlagView> {
        let blueprint = &self.scenario.blueprint;
        let rows = blueprint.flags.iter().enumerate();
        rows.map(|(index, flag)| {
            let id = FlagId::from_index(index);
            let share =
                |r: usize| self.world.flag_share(id, RegionId::from_index(r)) * 1_000_000 >> 32;
            FlagView {
                name: flag.name.clone(),
                feature: self
                    .scenario
                    .flag_features
                    .get(index)
                    .cloned()
                    .unwrap_or_default(),
                share_ppm: (0..blueprint.regions.len()).map(share).collect(),
                guards: self.guarded(id),
            }
        })
        .collect()
    }

    /// Services called only behind a flag.
    fn guarded(&self, flag: FlagId) -> Vec<String> {
        let blueprint = &self.scenario.blueprint;
        let mut found: Vec<ServiceId> = Vec::new();
        for version in &blueprint.versions {
            for (pc, step) in version.code.iter().enumerate() {
                let Step::IfFlag {
                    flag: asked,
                    otherwise,
                } = step
                else {
                    continue;
                };
                if *asked != flag {
                    continue;
                }
                for inner in &version.code[pc + 1..usize::from(*otherwise).max(pc + 1)] {
                    let edges = match inner {
                        Step::Call(edge) | Step::Publish(edge) => vec![*edge],
                        Step::Parallel { first, len } => version.fans
                            [usize::from(*first)..usize::from(*first) + usize::from(*len)]
                            .to_vec(),
                        _ => Vec::new(),
                    };
                    for edge in edges {
                        let target = blueprint.edges[edge.index()].target;
                        found.push(blueprint.endpoints[target.index()].service);
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
            .into_iter()
            .map(|id| blueprint.services[id.index()].name.clone())
            .collect()
    }

    pub(crate) fn view_people(&self) -> Vec<PersonView> {
        let blueprint = &self.scenario.blueprint;
        let rows = self.scenario.people.iter().enumerate();
        rows.map(|(index, person)| PersonView {
            name: person.name.clone(),
            role: person.role,
            owns: person
                .owns
                .map(|id| blueprint.services[id.index()].name.clone()),
            paged: self.crowd.paged.get(index).copied().flatten().is_some(),
        })
        .collect()
    }

    pub(crate) fn view_changes(&self) -> Vec<ChangeView> {
        let blueprint = &self.scenario.blueprint;
        let entries: Vec<&ChangeEntry> = self.recorder.changes.until(self.now_ns()).collect();
        let rollouts = self.view_rollouts(&entries);
        let entries = entries.into_iter().zip(rollouts);
        entries
            .map(|(entry, rollouts)| ChangeView {
                at_ns: entry.at_ns,
                kind: entry.kind,
                title: entry.title.clone(),
                by: entry.by.clone(),
                detail: entry.detail.clone(),
                service: entry
                    .service
                    .map(|id| blueprint.services[id.index()].name.clone()),
                version: entry
                    .version
                    .map(|id| blueprint.versions[id.index()].name.clone()),
                flag: entry
                    .flag
                    .map(|id| blueprint.flags[id.index()].name.clone()),
                regions: entry
                    .regions
                    .iter()
                    .map(|r| blueprint.regions[r.index()].clone())
                    .collect(),
                rollouts,
                own: entry.record.is_none(),
            })
            .collect()
    }
}
