//! The control plane: changes, rollouts, and the agenda of what it has planned.

use super::agenda::{AgendaItem, Operation, OperationState, Rejected, Shift};
use super::instance::InstanceState;
use super::{Layer, World};
use crate::blueprint::{Change, ONE_Q16, SHIFT_STEPS, Selector};
use crate::change::Watched;
use crate::event::EventKind;
use crate::ids::RegionId;
use crate::probe::Probe;

impl World {
    pub(super) fn plan(&mut self, at_ns: u64, item: AgendaItem) {
        let index = if let Some(index) = self.free_agenda.pop() {
            self.agenda[index as usize] = item;
            index
        } else {
            self.agenda.push(item);
            u32::try_from(self.agenda.len() - 1).unwrap_or(u32::MAX)
        };
        self.queue.push(at_ns, EventKind::Agenda, index);
    }

    pub(super) fn agenda_due<P: Probe>(&mut self, index: usize, probe: &mut P) {
        self.free_agenda
            .push(u32::try_from(index).unwrap_or(u32::MAX));
        match self.agenda[index].clone() {
            AgendaItem::Apply(change) => {
                // A scheduled change that makes no sense any more (the player was faster) is dropped, as a real
                // pipeline would find nothing to do.
                let _ = self.apply_change(&change, probe);
            }
            AgendaItem::Rollout {
                deployment,
                generation,
            } => {
                if self.deployments[deployment.index()].generation == generation {
                    self.roll(deployment, probe);
                }
            }
            AgendaItem::DrainDeadline { instance, process } => {
                let state = &self.instances[instance.index()];
                if state.process == process && state.state == InstanceState::Draining {
                    self.stop(instance, probe);
                }
            }
            AgendaItem::Started { instance, process } => {
                if self.instances[instance.index()].process == process {
                    self.started(instance, probe);
                }
            }
            AgendaItem::Flag {
                flag,
                region,
                segment,
                share_q32,
                operation,
            } => {
                if self.operations[operation as usize].state == OperationState::Running {
                    for row in self.flag_rows(flag, region, segment) {
                        self.flags[row] = share_q32;
                    }
                    self.complete(operation);
                }
            }
            AgendaItem::Again {
                source,
                origin,
                tries,
            } => self.request(usize::from(source), origin, tries, probe),
            AgendaItem::LockTimeout { frame, key, table } => {
                self.lock_timeout(frame, key, table, probe);
            }
            AgendaItem::Replayed { database, instance } => self.replayed(database, instance),
            AgendaItem::Promoted {
                database,
                instance,
                operation,
            } => self.promoted(database, instance, operation),
            AgendaItem::Planned {
                query,
                plan,
                operation,
            } => self.planned(query, plan, operation),
            AgendaItem::Migrated { operation } => self.migrated(operation),
            AgendaItem::Acknowledged {
                producer,
                key,
                taken,
            } => self.acknowledged(producer, key, taken, probe),
            AgendaItem::Conditions => self.look_at_conditions(probe),
            AgendaItem::Linger {
                row,
                instance,
                process,
            } => {
                if self.instances[instance.index()].process == process {
                    let size = self.size_of_row(row, instance);
                    self.free_connection(row, size);
                }
            }
            AgendaItem::ShiftStep {
                from,
                to,
                start_q32,
                end_q32,
                step,
                operation,
            } => {
                self.shift_step(from, to, (start_q32, end_q32), step, operation);
            }
            item => self.instances_due(&item, probe),
        }
    }

    pub(super) fn complete(&mut self, operation: u32) {
        self.operations[operation as usize].state = OperationState::Done(self.now_ns);
    }

    pub(super) fn supersede(&mut self, overtaken: impl Fn(&Change) -> bool) {
        for operation in &mut self.operations {
            if operation.state == OperationState::Running && overtaken(&operation.change) {
                operation.state = OperationState::Superseded(self.now_ns);
            }
        }
    }

    pub(super) fn apply_change<P: Probe>(
        &mut self,
        change: &Change,
        probe: &mut P,
    ) -> Result<u32, Rejected> {
        self.check(change)?;
        match change {
            Change::SetFlag {
                flag,
                region,
                segment,
                ..
            } => self.supersede(|other| {
                matches!(other, Change::SetFlag { flag: f, region: r, segment: s, .. }
                    if (f, r, s) == (flag, region, segment))
            }),
            Change::ShiftTraffic { from, .. } => {
                self.supersede(
                    |other| matches!(other, Change::ShiftTraffic { from: f, .. } if f == from),
                );
            }
            _ => {}
        }
        let operation = u32::try_from(self.operations.len()).unwrap_or(u32::MAX);
        self.operations.push(Operation {
            change: change.clone(),
            since_ns: self.now_ns,
            state: OperationState::Running,
        });
        match change {
            Change::Deploy {
                deployment,
                version,
            } => {
                self.deployments[deployment.index()].version = *version;
                self.start_rollout(*deployment, operation, |service| service.rollout_lead_ns);
            }
            Change::Restart { deployment } => {
                self.end_canary(*deployment);
                self.start_rollout(*deployment, operation, |service| service.restart_lead_ns);
            }
            Change::SetVariable {
                deployment,
                variable,
                value,
            } => {
                let value = value.as_ref().map(|text| self.value(text));
                let overlay = &mut self.deployments[deployment.index()].overlay;
                overlay.retain(|(v, _)| v != variable);
                overlay.extend(value.map(|value| (*variable, value)));
                self.end_canary(*deployment);
                self.start_rollout(*deployment, operation, |service| service.restart_lead_ns);
            }
            Change::SetFlag {
                flag,
                region,
                segment,
                share_q32,
                after_ns,
            } => {
                let item = AgendaItem::Flag {
                    flag: *flag,
                    region: *region,
                    segment: *segment,
                    share_q32: *share_q32,
                    operation,
                };
                self.plan(self.now_ns + after_ns, item);
            }
            Change::ShiftTraffic {
                from,
                to,
                share_q32,
                over_ns,
            } => {
                let start_q32 = self.shifts[from.index()]
                    .filter(|s| s.to == *to)
                    .map_or(0, |s| s.share_q32);
                for step in 1..=SHIFT_STEPS {
                    let at_ns = self.now_ns + over_ns * step / SHIFT_STEPS;
                    let end_q32 = *share_q32;
                    self.plan(
                        at_ns,
                        AgendaItem::ShiftStep {
                            from: *from,
                            to: *to,
                            start_q32,
                            end_q32,
                            step,
                            operation,
                        },
                    );
                }
            }
            Change::Slowdown {
                selector,
                factor_q16,
            } => {
                self.layer(*selector).factor_q16 = *factor_q16;
                self.recompute_all();
                self.complete(operation);
            }
            Change::Errors {
                selector,
                failure_q32,
            } => {
                self.layer(*selector).failure_q32 = *failure_q32;
                self.recompute_all();
                self.complete(operation);
            }
            Change::Requests {
                selector,
                requests,
                effect,
            } => {
                self.set_request_layer(selector, requests, *effect);
                self.complete(operation);
            }
            Change::Monitoring {
                deployment,
                watched,
            } => {
                self.watched.retain(|(known, _)| known != deployment);
                if *watched != Watched::WELL {
                    self.watched.push((*deployment, *watched));
                }
                probe.monitoring(self.now_ns, *deployment, watched);
                self.complete(operation);
            }
            Change::Process { selector, effect } => {
                self.apply_effect(selector, *effect);
                self.complete(operation);
            }
            Change::Fleet { deployment, action } => {
                self.apply_fleet(*deployment, *action, operation);
            }
            Change::Traffic { .. }
            | Change::Limit { .. }
            | Change::Link(_)
            | Change::PointName { .. }
            | Change::AnswerName { .. }
            | Change::Certificate { .. }
            | Change::Credential { .. }
            | Change::Skew { .. } => {
                self.apply_around(change);
                self.complete(operation);
            }
            Change::Calls {
                client,
                server,
                region,
                terms,
            } => {
                self.set_terms(*client, *server, *region, terms);
                self.complete(operation);
            }
            Change::Withdraw { version } => {
                self.withdrawn.push(*version);
                self.complete(operation);
            }
            Change::Data(change) => self.apply_data(change, operation, probe),
        }
        Ok(operation)
    }

    /// The layer with this selector, new if there is none.
    pub(super) fn layer(&mut self, selector: Selector) -> &mut Layer {
        let index = self
            .layers
            .iter()
            .position(|l| l.selector == selector)
            .unwrap_or_else(|| {
                self.layers.push(Layer {
                    selector,
                    factor_q16: ONE_Q16,
                    failure_q32: 0,
                });
                self.layers.len() - 1
            });
        &mut self.layers[index]
    }

    pub(super) fn shift_step(
        &mut self,
        from: RegionId,
        to: RegionId,
        share: (u64, u64),
        step: u64,
        operation: u32,
    ) {
        if self.operations[operation as usize].state != OperationState::Running {
            return;
        }
        let (start, end) = share;
        let share_q32 = if end >= start {
            start + (end - start) * step / SHIFT_STEPS
        } else {
            start - (start - end) * step / SHIFT_STEPS
        };
        self.shifts[from.index()] = (share_q32 > 0).then_some(Shift { to, share_q32 });
        if step == SHIFT_STEPS {
            self.complete(operation);
        }
    }

    /// Every change accepted so far, in order.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }
}
