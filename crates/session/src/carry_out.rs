//! Carrying out commands.

use std::sync::Arc;

use brownout_sim::blueprint::{Blueprint, Change, SECOND_NS};
use brownout_sim::ids::RegionId;
use brownout_telemetry::changes::{ChangeEntry, ChangeKind};

use crate::actions::{self, Plan};
use crate::command::{
    Action, Command, Intervention, Look, Message, Metric, NewHypothesis, Prediction, Verdict,
};
use crate::desk::{Acted, Dump, Hypothesis, Looked, Stamp, Told};
use crate::event::{EndReason, Event};
use crate::journal::Entry;
use crate::names;
use crate::observe;
use crate::progress::{CutShort, progress};
use crate::session::{Refused, Session};
use crate::view::PredictionOutcome;

/// Longest free text of a message, in characters.
pub const MAX_WORDS: usize = 140;

impl Session {
    pub(crate) fn carry_out(&mut self, command: Command, stamp: Stamp) -> Result<(), Refused> {
        match command {
            Command::Acknowledge => {
                self.desk.acknowledged.get_or_insert(stamp);
            }
            Command::DeclareSeverity { severity } => {
                names::severity(&self.scenario, &severity)?;
                self.desk.severities.push((stamp, severity));
            }
            Command::StateSymptom(symptom) => {
                names::flow(&self.scenario.blueprint, &symptom.flow)?;
                names::regions(&self.scenario.blueprint, &symptom.regions)?;
                names::severity(&self.scenario, &symptom.severity)?;
                self.desk.symptoms.push((stamp, symptom));
            }
            Command::Observe(look) => self.look(look, stamp)?,
            Command::Try {
                flow,
                region,
                segment,
            } => self.attempt(&flow, &region, segment.as_deref(), stamp)?,
            Command::Hypothesise(written) => self.hypothesise(written, stamp)?,
            Command::SetConfidence {
                hypothesis,
                percent,
            } => {
                if percent > 100 {
                    return Err(Refused::Range("a confidence is at most 100 percent"));
                }
                let at_ns = stamp.at_ns;
                self.hypothesis(hypothesis)?
                    .confidences
                    .push((at_ns, percent));
            }
            Command::AttachEvidence {
                hypothesis,
                observed,
                supports,
            } => {
                if !self
                    .desk
                    .looks
                    .iter()
                    .any(|look| look.stamp.seq == observed)
                {
                    return Err(Refused::unknown("observation", &observed.to_string()));
                }
                self.hypothesis(hypothesis)?
                    .evidence
                    .push((observed, supports, stamp));
            }
            Command::Judge {
                hypothesis,
                verdict,
            } => {
                self.hypothesis(hypothesis)?.verdicts.push((stamp, verdict));
            }
            Command::Refine {
                hypothesis,
                trigger,
                sustaining,
                path,
            } => {
                for service in &path {
                    names::service(&self.scenario.blueprint, service)?;
                }
                let found = self.hypothesis(hypothesis)?;
                found.written.trigger = trigger.or(found.written.trigger.take());
                found.sustaining = sustaining.or(found.sustaining.take());
                if !path.is_empty() {
                    found.path = path;
                }
            }
            Command::Tell(message) => self.tell(message, stamp)?,
            Command::Act(intervention) => self.act(intervention, stamp)?,
            Command::AskHint => {
                let Some(text) = self.scenario.hints.get(self.desk.hints.len()).cloned() else {
                    return Err(Refused::NothingToDo {
                        what: "there are no more hints".to_owned(),
                    });
                };
                self.desk.hints.push(stamp);
                self.record(Entry::Event(Event::Hinted { text }));
            }
            Command::Resolve => {
                self.desk.resolved = Some(stamp);
                self.end(EndReason::Declared);
            }
        }
        Ok(())
    }

    fn hypothesis(&mut self, id: u32) -> Result<&mut Hypothesis, Refused> {
        self.desk
            .hypotheses
            .get_mut(id as usize)
            .ok_or_else(|| Refused::unknown("hypothesis", &id.to_string()))
    }

    fn look(&mut self, look: Look, stamp: Stamp) -> Result<(), Refused> {
        let shown = observe::shown(self, &look)?;
        self.record(Entry::Event(Event::Seen {
            reading: shown.reading,
            rows: shown.rows,
            words: shown.words.clone(),
        }));
        if let Look::Metric { metric, .. } = &look {
            self.decide_predictions(|prediction| prediction.metric == *metric, stamp);
        }
        self.desk.looks.push(Looked {
            stamp,
            look,
            reading: shown.reading,
            rows: shown.rows,
            words: shown.words,
        });
        Ok(())
    }

    fn hypothesise(&mut self, written: NewHypothesis, stamp: Stamp) -> Result<(), Refused> {
        let blueprint = &self.scenario.blueprint;
        names::service(blueprint, &written.suspect)?;
        names::regions(blueprint, &written.regions)?;
        for prediction in &written.predictions {
            names::scope(blueprint, &prediction.metric)?;
            if let Some(versus) = &prediction.versus {
                names::region(blueprint, versus)?;
            }
        }
        if brownout_scenario::glossary::mechanism(&written.mechanism).is_none() {
            return Err(Refused::unknown("mechanism", &written.mechanism));
        }
        if written.confidence > 100 {
            return Err(Refused::Range("a confidence is at most 100 percent"));
        }
        self.desk.hypotheses.push(Hypothesis {
            stamp,
            sustaining: None,
            path: Vec::new(),
            confidences: vec![(stamp.at_ns, written.confidence)],
            verdicts: vec![(stamp, Verdict::Open)],
            outcomes: vec![(PredictionOutcome::Undecided, None, None); written.predictions.len()],
            evidence: Vec::new(),
            written,
        });
        Ok(())
    }

    /// Decide predictions that are due although nobody looked.
    pub(crate) fn decide_due_predictions(&mut self) {
        let now_ns = self.world.now_ns();
        let stamp = Stamp {
            at_ns: now_ns,
            seq: self.records.len() as u64 + 1,
        };
        let due: Vec<Metric> = self
            .desk
            .hypotheses
            .iter()
            .flat_map(|h| {
                let started_ns = h.stamp.at_ns;
                h.written
                    .predictions
                    .iter()
                    .zip(&h.outcomes)
                    .filter(move |(p, o)| {
                        o.0 == PredictionOutcome::Undecided
                            && started_ns.saturating_add(p.within_s.saturating_mul(SECOND_NS))
                                <= now_ns
                    })
                    .map(|(p, _)| p.metric.clone())
            })
            .collect();
        for metric in due {
            self.decide_predictions(|prediction| prediction.metric == metric, stamp);
        }
    }

    fn decide_predictions(&mut self, about: impl Fn(&Prediction) -> bool, stamp: Stamp) {
        let mut decided = Vec::new();
        for (h, hypothesis) in self.desk.hypotheses.iter().enumerate() {
            for (p, prediction) in hypothesis.written.predictions.iter().enumerate() {
                if hypothesis.outcomes[p].0 != PredictionOutcome::Undecided || !about(prediction) {
                    continue;
                }
                let reading = observe::predicted(self, prediction);
                let outcome = match reading {
                    None => PredictionOutcome::NotObservable,
                    Some(r) if prediction.expect.holds(r, prediction.threshold) => {
                        PredictionOutcome::Met
                    }
                    Some(_) => PredictionOutcome::NotMet,
                };
                decided.push((h, p, outcome, reading));
            }
        }
        for (h, p, outcome, reading) in decided {
            self.desk.hypotheses[h].outcomes[p] = (outcome, reading, Some(stamp));
            self.record(Entry::Event(Event::Decided {
                hypothesis: u32::try_from(h).unwrap_or(u32::MAX),
                prediction: u32::try_from(p).unwrap_or(u32::MAX),
                outcome,
                reading,
            }));
        }
    }

    fn tell(&mut self, mut message: Message, stamp: Stamp) -> Result<(), Refused> {
        if message.words.chars().count() > MAX_WORDS {
            return Err(Refused::Range("a message has at most 140 free characters"));
        }
        if message.says_nothing() {
            return Err(Refused::Range(
                "an update says something: a statement or a few words",
            ));
        }
        if message
            .answers
            .is_some_and(|q| q as usize >= self.crowd.asked.len())
        {
            return Err(Refused::unknown(
                "question",
                &message.answers.unwrap_or(0).to_string(),
            ));
        }
        message.words.retain(|c| !c.is_control());
        let facts = self.facts();
        let checks = message
            .claims
            .iter()
            .map(|claim| facts.check(claim))
            .collect();
        let due = self.update_due();
        let scenario = Arc::clone(&self.scenario);
        let events = self.crowd.hear(&scenario, &message, stamp);
        self.desk.messages.push(Told {
            stamp,
            message,
            checks,
            due_ns: due.map(|(at_ns, _)| at_ns),
            promised: due.is_some_and(|(_, promised)| promised),
        });
        for event in events {
            self.record(Entry::Event(event));
        }
        Ok(())
    }

    fn act(&mut self, intervention: Intervention, stamp: Stamp) -> Result<(), Refused> {
        if intervention
            .serves
            .is_some_and(|h| h as usize >= self.desk.hypotheses.len())
        {
            return Err(Refused::unknown(
                "hypothesis",
                &intervention.serves.unwrap_or(0).to_string(),
            ));
        }
        let plan = actions::plan(&self.scenario, &self.world, &intervention.action)?;
        let mut operations = Vec::new();
        let mut why = "it has no effect";
        for change in &plan.changes {
            match self.world.apply(change, &mut self.recorder) {
                Ok(operation) => operations.push(operation),
                Err(rejected) => why = actions::rejection(rejected),
            }
        }
        if !plan.changes.is_empty() && operations.is_empty() {
            return Err(Refused::NothingToDo {
                what: why.to_owned(),
            });
        }
        let due_ns = match plan.person {
            Some(person) if self.crowd.paged[person].is_some() => {
                return Err(Refused::NothingToDo {
                    what: "they have been paged already".to_owned(),
                });
            }
            Some(person) => {
                let delay_ns = self.scenario.people[person].answers_after_ns;
                Some(self.crowd.page(person, delay_ns, stamp.at_ns))
            }
            None => plan.lasts_ns.map(|lasts_ns| stamp.at_ns + lasts_ns),
        };
        self.note_change(&intervention.action, &plan, stamp);
        self.desk.actions.push(Acted {
            stamp,
            intervention,
            title: plan.preflight.title,
            expected_ns: plan.preflight.expected_ns,
            changes: plan.changes,
            operations,
            replaces: plan.replaces,
            due_ns,
            done_ns: None,
            cut_short: None,
        });
        // Actions are numbered from 1, as people count.
        let action = u32::try_from(self.desk.actions.len()).unwrap_or(u32::MAX);
        self.record(Entry::Event(Event::Began { action }));
        Ok(())
    }

    /// A responder's change stands in the change log like any other.
    fn note_change(&mut self, action: &Action, plan: &Plan, stamp: Stamp) {
        let (kind, service, flag) = match action {
            Action::Rollback { service, .. } | Action::Deploy { service, .. } => {
                (ChangeKind::Deploy, Some(service.as_str()), None)
            }
            Action::Restart { service, .. } => (ChangeKind::Restart, Some(service.as_str()), None),
            Action::SetFlag { flag, .. } => (ChangeKind::Flag, None, Some(flag)),
            Action::ShiftTraffic { .. } | Action::Limit { .. } => (ChangeKind::Traffic, None, None),
            _ if plan.changes.is_empty() => return,
            other => (ChangeKind::Config, other.component(), None),
        };
        let blueprint = &self.scenario.blueprint;
        self.recorder.changes.push(ChangeEntry {
            at_ns: i64::try_from(stamp.at_ns).unwrap_or(i64::MAX),
            kind,
            title: plan.preflight.title.clone(),
            by: "you".to_owned(),
            detail: String::new(),
            service: service.and_then(|name| names::service(blueprint, name).ok()),
            version: plan.changes.iter().find_map(|change| match change {
                Change::Deploy { version, .. } => Some(*version),
                _ => None,
            }),
            flag: flag.and_then(|name| names::flag(blueprint, name).ok()),
            regions: regions(blueprint, action, plan),
            record: None,
        });
    }

    /// Notice actions that are done or overtaken.
    pub(crate) fn watch_actions(&mut self) {
        let now_ns = self.world.now_ns();
        for index in 0..self.desk.actions.len() {
            let acted = &self.desk.actions[index];
            if acted.done_ns.is_some() {
                continue;
            }
            let (done_ns, cut_short) = if acted.operations.is_empty() {
                (acted.due_ns.filter(|due| *due <= now_ns), None)
            } else {
                let (_, _, done_ns, cut) = progress(&self.world, &acted.operations);
                (done_ns, cut)
            };
            if done_ns.is_some() {
                let action = u32::try_from(index + 1).unwrap_or(u32::MAX);
                self.desk.actions[index].done_ns = done_ns;
                self.desk.actions[index].cut_short = cut_short;
                let event = match cut_short {
                    None => Event::Done { action },
                    Some(CutShort::Overtaken) => Event::Superseded { action },
                    Some(CutShort::Halted) => Event::Halted { action },
                };
                self.record(Entry::Event(event));
                if cut_short.is_none() {
                    self.keep_dumps(index);
                }
            }
        }
    }

    /// Evidence that was captured is kept.
    fn keep_dumps(&mut self, action: usize) {
        let Some(Action::CaptureEvidence { service, region }) = self
            .desk
            .actions
            .get(action)
            .map(|acted| acted.action().clone())
        else {
            return;
        };
        let regions = match region {
            Some(region) => vec![region],
            None => self.scenario.blueprint.regions.clone(),
        };
        for region in regions {
            let inside = self.reader().inside(&service, &region);
            if let Some(inside) = inside.filter(|inside| !inside.tables.is_empty()) {
                self.desk.dumps.push(Dump {
                    at_ns: self.world.now_ns(),
                    service: service.clone(),
                    region,
                    inside,
                });
            }
        }
    }
}

/// Where an action changes something: the regions of the processes it replaces, or those it names; none for all.
fn regions(blueprint: &Blueprint, action: &Action, plan: &Plan) -> Vec<RegionId> {
    let mut regions: Vec<RegionId> = match action {
        Action::ShiftTraffic { from, to, .. } => [from, to]
            .into_iter()
            .filter_map(|name| names::region(blueprint, name).ok())
            .collect(),
        Action::SetFlag {
            region: Some(name), ..
        }
        | Action::Scale {
            region: Some(name), ..
        }
        | Action::Consumers {
            region: Some(name), ..
        }
        | Action::Redrive {
            region: Some(name), ..
        } => names::region(blueprint, name).ok().into_iter().collect(),
        _ => {
            let replaced = plan.replaces.iter();
            replaced
                .map(|id| blueprint.deployments[id.index()].region)
                .collect()
        }
    };
    regions.sort_unstable();
    regions.dedup();
    regions
}
