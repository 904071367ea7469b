//! Timed changes and the change log.

use brownout_sim::blueprint::{self as sim, Selector, UserSelector};
use brownout_sim::ids::{DeploymentId, RegionId, SegmentId, ServiceId, VersionId};

use super::blueprint::{Builder, duration_or};
use super::instances::narrow;
use super::selection::told;
use super::{Build, missing};
use crate::compiled::{ChangeKind, ChangeRecord};
use crate::model::{Change, HistoryRecord, Only, Record, RecordKind, Requests, TimedChange};
use crate::text::clean;
use crate::units::{duration_ns, factor_q16, share_q32};

impl Builder<'_> {
    /// The name that keys all draws, and the timeline sorted by time; changes of the same time keep the file's order.
    pub(super) fn timeline<'m>(
        &mut self,
        name: &str,
        changes: impl Iterator<Item = &'m TimedChange>,
    ) -> Build<()> {
        name.clone_into(&mut self.blueprint.name);
        let all: Vec<&TimedChange> = changes.collect();
        for &timed in &all {
            let at_ns = duration_or(timed.at.as_ref(), 0)?;
            let changes = self.onset(timed)?;
            let Some(when) = &timed.when else {
                let rows = changes.into_iter().map(|(after_ns, change)| {
                    let at_ns = at_ns + after_ns;
                    sim::TimedChange { at_ns, change }
                });
                self.blueprint.timeline.extend(rows);
                continue;
            };
            let (from_ns, when) = self.condition(when, at_ns, &all)?;
            self.blueprint.conditionals.push(sim::Conditional {
                from_ns,
                when,
                changes,
            });
        }
        self.blueprint.timeline.sort_by_key(|timed| timed.at_ns);
        Ok(())
    }

    pub(super) fn changes(&mut self, change: &Change) -> Build<Vec<sim::Change>> {
        if let Some(changes) = self.data_changes(change)? {
            return Ok(changes);
        }
        Ok(match change {
            Change::Deploy {
                service,
                version,
                regions,
            } => {
                let version = self.version_id(self.service_id(service)?, version)?;
                let deployments = self.deployments_of(service, regions)?;
                deployments
                    .into_iter()
                    .map(|deployment| sim::Change::Deploy {
                        deployment,
                        version,
                    })
                    .collect()
            }
            Change::Restart { service, regions } => {
                let deployments = self.deployments_of(service, regions)?;
                deployments
                    .into_iter()
                    .map(|deployment| sim::Change::Restart { deployment })
                    .collect()
            }
            Change::SetVariable {
                service,
                variable,
                value,
                regions,
            } => {
                let variable = self.variable(variable);
                let set = |deployment| sim::Change::SetVariable {
                    deployment,
                    variable,
                    value: value.clone(),
                };
                self.deployments_of(service, regions)?
                    .into_iter()
                    .map(set)
                    .collect()
            }
            Change::SetFlag {
                flag,
                on,
                regions,
                segments,
            } => {
                let (flag, share_q32) = (self.flag_id(flag)?, share_q32(&on.0)?);
                let set = |(region, segment)| sim::Change::SetFlag {
                    flag,
                    region,
                    segment,
                    share_q32,
                    after_ns: 0,
                };
                let segments = self.segments_or_all(segments)?;
                let regions = self.regions_or_all(regions)?.into_iter();
                let all = regions
                    .flat_map(|region| segments.iter().map(move |segment| (region, *segment)));
                all.map(set).collect()
            }
            Change::Slowdown {
                service,
                endpoint,
                regions,
                only,
                requests,
                factor,
            } => {
                let factor_q16 = factor_q16(&factor.0)?;
                let selectors = self.selectors(service, endpoint.as_deref(), regions, only)?;
                if *requests != Requests::default() {
                    let effect = sim::RequestEffect::Slow { factor_q16 };
                    return self.of_requests(service, selectors, requests, effect);
                }
                selectors
                    .into_iter()
                    .map(|selector| sim::Change::Slowdown {
                        selector,
                        factor_q16,
                    })
                    .collect()
            }
            Change::Errors {
                service,
                endpoint,
                regions,
                only,
                requests,
                status,
                share,
            } => {
                let failure_q32 = share_q32(&share.0)?;
                let selectors = self.selectors(service, endpoint.as_deref(), regions, only)?;
                let share_q32 = failure_q32;
                let effect = status.map(|status| sim::RequestEffect::Refuse {
                    share_q32,
                    status: told(status),
                });
                if effect.is_some() || *requests != Requests::default() {
                    let effect = effect.unwrap_or(sim::RequestEffect::Fail { share_q32 });
                    return self.of_requests(service, selectors, requests, effect);
                }
                selectors
                    .into_iter()
                    .map(|selector| sim::Change::Errors {
                        selector,
                        failure_q32,
                    })
                    .collect()
            }
            Change::Payload {
                service,
                endpoint,
                regions,
                requests,
                factor,
            } => {
                let only = Only::default();
                let selectors = self.selectors(service, endpoint.as_deref(), regions, &only)?;
                let factor_q16 = factor_q16(&factor.0)?;
                let effect = sim::RequestEffect::Size { factor_q16 };
                self.of_requests(service, selectors, requests, effect)?
            }
            Change::Monitoring {
                service,
                regions,
                on,
                traces,
                logs_late,
                unit,
            } => {
                let deployments = self.deployments_of(service, regions)?.into_iter();
                let mut watched = sim::Watched {
                    dark: !*on,
                    ..sim::Watched::WELL
                };
                if let Some(traces) = traces {
                    watched.traces_q32 = share_q32(&traces.0)?;
                }
                if let Some(late) = logs_late {
                    watched.logs_late_ns = duration_ns(&late.0)?;
                }
                if let Some(unit) = unit {
                    watched.unit_q16 = factor_q16(&unit.0)?;
                }
                deployments
                    .map(|deployment| sim::Change::Monitoring {
                        deployment,
                        watched,
                    })
                    .collect()
            }
            Change::Process {
                service,
                regions,
                only,
                effect,
            } => {
                let effect = super::instances::effect(effect)?;
                self.selectors(service, None, regions, only)?
                    .into_iter()
                    .map(|selector| sim::Change::Process { selector, effect })
                    .collect()
            }
            Change::Scale {
                service,
                regions,
                replicas,
            } => {
                let replicas = narrow(*replicas);
                self.fleet(service, regions, sim::FleetAction::Scale { replicas })?
            }
            Change::Canary {
                service,
                version,
                regions,
                share,
                pause,
            } => {
                let action = sim::FleetAction::Canary {
                    version: self.version_id(self.service_id(service)?, version)?,
                    share_q32: share_q32(&share.0)?,
                    pause_ns: duration_or(pause.as_ref(), 0)?,
                };
                self.fleet(service, regions, action)?
            }
            Change::Proceed { service, regions } => {
                self.fleet(service, regions, sim::FleetAction::Proceed)?
            }
            Change::Autoscale {
                service,
                regions,
                on,
            } => self.fleet(service, regions, sim::FleetAction::Autoscale(*on))?,
            Change::Traffic {
                flow,
                regions,
                segment,
                client,
                factor,
            } => {
                let flow = flow.as_deref().map(|name| self.flow_id(name)).transpose()?;
                let segment = segment.as_deref().map(|name| self.segment_id(name));
                let client = client.as_deref().map(|name| self.client_id(name));
                let (segment, client) = (segment.transpose()?, client.transpose()?);
                let factor_q16 = factor_q16(&factor.0)?;
                let scale = |region| sim::Change::Traffic {
                    users: UserSelector {
                        flow,
                        region,
                        segment,
                        client,
                    },
                    factor_q16,
                };
                self.regions_or_all(regions)?
                    .into_iter()
                    .map(scale)
                    .collect()
            }
            _ => self.network_changes(change)?.unwrap_or_default(),
        })
    }

    fn segments_or_all(&self, segments: &[String]) -> Build<Vec<Option<SegmentId>>> {
        if segments.is_empty() {
            return Ok(vec![None]);
        }
        let ids = segments.iter().map(|name| self.segment_id(name).map(Some));
        ids.collect()
    }

    fn regions_or_all(&self, regions: &[String]) -> Build<Vec<Option<RegionId>>> {
        if regions.is_empty() {
            return Ok(vec![None]);
        }
        regions
            .iter()
            .map(|region| self.region_id(region).map(Some))
            .collect()
    }

    fn selectors(
        &self,
        service: &str,
        endpoint: Option<&str>,
        regions: &[String],
        only: &Only,
    ) -> Build<Vec<Selector>> {
        let service = self.service_id(service)?;
        let endpoint = endpoint
            .map(|name| self.endpoint_id(service, name))
            .transpose()?;
        let select = |region| Selector {
            service: Some(service),
            endpoint,
            region,
            ..Selector::default()
        };
        self.regions_or_all(regions)?
            .into_iter()
            .map(|region| self.only(select(region), only))
            .collect()
    }

    /// One change for each deployment of a service.
    fn fleet(
        &self,
        service: &str,
        regions: &[String],
        action: sim::FleetAction,
    ) -> Build<Vec<sim::Change>> {
        let deployments = self.deployments_of(service, regions)?;
        let change = |deployment| sim::Change::Fleet { deployment, action };
        Ok(deployments.into_iter().map(change).collect())
    }

    /// Deployments of a service in the named regions in that order, or in all it has.
    pub(super) fn deployments_of(
        &self,
        service: &str,
        regions: &[String],
    ) -> Build<Vec<DeploymentId>> {
        let id = self.service_id(service)?;
        if regions.is_empty() {
            let rows = self.blueprint.deployments.iter().enumerate();
            return Ok(rows
                .filter(|(_, row)| row.service == id)
                .map(|(index, _)| DeploymentId::from_index(index))
                .collect());
        }
        let mut found = Vec::with_capacity(regions.len());
        for region in regions {
            match self.blueprint.deployment(id, self.region_id(region)?) {
                Some(deployment) => found.push(deployment),
                None => return missing("deployment in region", region),
            }
        }
        Ok(found)
    }

    /// The change log: history and every timed change that leaves a record, sorted by time.
    pub(super) fn records<'m>(
        &self,
        history: &[HistoryRecord],
        changes: impl Iterator<Item = &'m TimedChange>,
    ) -> Build<Vec<ChangeRecord>> {
        let mut records = Vec::new();
        for old in history {
            let before = i64::try_from(duration_ns(&old.before.0)?).unwrap_or(i64::MAX);
            let mut record = self.record(&old.record, -before, ChangeKind::Note)?;
            record.key.clone_from(&old.name);
            if let (Some(service), true) = (record.service, old.from.is_some()) {
                record.kind = ChangeKind::Deploy;
                // The version of a service that runs at the start has the number of the service.
                record.version = Some(VersionId::from_index(service.index()));
            }
            records.push(record);
        }
        let mut conditionals = 0;
        for timed in changes {
            let position = conditionals;
            conditionals += usize::from(timed.when.is_some());
            let Some(record) = &timed.record else {
                continue;
            };
            // When a condition will be met nobody knows.
            let conditional = timed.when.is_some();
            let at_ns = match &timed.at {
                Some(at) if !conditional => i64::try_from(duration_ns(&at.0)?).unwrap_or(i64::MAX),
                _ => i64::MAX,
            };
            let mut record = self.record(record, at_ns, kind(&timed.change))?;
            record.conditional = conditional.then_some(position);
            record.key.clone_from(&timed.name);
            self.describe(&timed.change, &mut record)?;
            records.push(record);
        }
        records.sort_by_key(|record| record.at_ns);
        Ok(records)
    }

    /// Services that were released before the run, with the version that ran until then.
    pub(super) fn before(&self, history: &[HistoryRecord]) -> Build<Vec<(ServiceId, VersionId)>> {
        let mut found = Vec::new();
        for old in history {
            if let (Some(service), Some(from)) = (&old.record.service, &old.from) {
                let service = self.service_id(service)?;
                found.push((service, self.version_id(service, from)?));
            }
        }
        Ok(found)
    }

    fn record(&self, record: &Record, at_ns: i64, kind: ChangeKind) -> Build<ChangeRecord> {
        Ok(ChangeRecord {
            at_ns,
            kind: record.kind.map_or(kind, told_kind),
            title: clean(&record.title),
            by: clean(&record.by),
            detail: clean(&record.detail),
            service: record
                .service
                .as_deref()
                .map(|name| self.service_id(name))
                .transpose()?,
            version: None,
            flag: None,
            regions: self.region_ids(&record.regions)?,
            key: None,
            conditional: None,
        })
    }

    /// Adds what the change itself says to its record.
    fn describe(&self, change: &Change, record: &mut ChangeRecord) -> Build<()> {
        let (service, regions): (Option<ServiceId>, &[String]) = match change {
            Change::Deploy {
                service,
                version,
                regions,
            }
            | Change::Canary {
                service,
                version,
                regions,
                ..
            } => {
                let service = self.service_id(service)?;
                record.version = Some(self.version_id(service, version)?);
                (Some(service), regions)
            }
            Change::SetFlag { flag, regions, .. } => {
                record.flag = Some(self.flag_id(flag)?);
                (None, regions)
            }
            Change::Restart { service, regions }
            | Change::Proceed { service, regions }
            | Change::Process {
                service, regions, ..
            }
            | Change::Scale {
                service, regions, ..
            }
            | Change::Autoscale {
                service, regions, ..
            }
            | Change::SetVariable {
                service, regions, ..
            }
            | Change::Slowdown {
                service, regions, ..
            }
            | Change::Errors {
                service, regions, ..
            }
            | Change::Payload {
                service, regions, ..
            }
            | Change::Monitoring {
                service, regions, ..
            }
            | Change::FlushCache { service, regions }
            | Change::ResizeCache {
                service, regions, ..
            }
            | Change::Pause { service, regions }
            | Change::Resume { service, regions } => (Some(self.service_id(service)?), regions),
            Change::Poison { service, .. }
            | Change::Heal { service, .. }
            | Change::SetPlan { service, .. }
            | Change::GrowTable { service, .. }
            | Change::Migrate { service, .. }
            | Change::Corrupt { service, .. }
            | Change::Repair { service, .. }
            | Change::FailOver { service, .. } => (Some(self.service_id(service)?), &[]),
            Change::Traffic { regions, .. } => (None, regions),
            Change::HotKey { .. } | Change::Note => (None, &[]),
            _ => self.network_scope(change)?,
        };
        // What the author wrote in the record wins: a note may be about another service than the change.
        record.service = record.service.or(service);
        if record.regions.is_empty() {
            record.regions = self.region_ids(regions)?;
        }
        Ok(())
    }

    pub(super) fn region_ids(&self, regions: &[String]) -> Build<Vec<RegionId>> {
        regions
            .iter()
            .map(|region| self.region_id(region))
            .collect()
    }
}

const fn kind(change: &Change) -> ChangeKind {
    match change {
        Change::Deploy { .. } | Change::Canary { .. } | Change::Proceed { .. } => {
            ChangeKind::Deploy
        }
        Change::Restart { .. } => ChangeKind::Restart,
        Change::SetVariable { .. }
        | Change::Limit { .. }
        | Change::Calls { .. }
        | Change::Unlimit { .. }
        | Change::Certificate { .. }
        | Change::Credential { .. }
        | Change::ResizeCache { .. }
        | Change::SetPlan { .. }
        | Change::Pause { .. }
        | Change::Resume { .. } => ChangeKind::Config,
        Change::Migrate { .. } => ChangeKind::Migration,
        Change::Scale { .. } | Change::Autoscale { .. } => ChangeKind::Scaling,
        Change::FailOver { .. } | Change::PointName { .. } => ChangeKind::Traffic,
        Change::SetFlag { .. } => ChangeKind::Flag,
        _ => ChangeKind::Note,
    }
}

const fn told_kind(kind: RecordKind) -> ChangeKind {
    match kind {
        RecordKind::Deploy => ChangeKind::Deploy,
        RecordKind::Restart => ChangeKind::Restart,
        RecordKind::Config => ChangeKind::Config,
        RecordKind::Flag => ChangeKind::Flag,
        RecordKind::Traffic => ChangeKind::Traffic,
        RecordKind::Migration => ChangeKind::Migration,
        RecordKind::Scaling => ChangeKind::Scaling,
        RecordKind::Maintenance => ChangeKind::Maintenance,
        RecordKind::Provider => ChangeKind::Provider,
        RecordKind::Note => ChangeKind::Note,
    }
}
