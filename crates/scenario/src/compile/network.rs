//! Links, rate limits, names, certificates, credentials and providers' pages, and changes of them.

use brownout_sim::blueprint::{self as sim, Messages, ONE_Q32, Quality};
use brownout_sim::ids::{DeploymentId, RegionId, ServiceId};

use super::Build;
use super::blueprint::{Builder, duration_or};
use super::instances::narrow;
use crate::defaults;
use crate::model::{self, Change};
use crate::units::{bits_per_second, duration_ns, interarrival_ns, message_bytes, share_q32};

impl Builder<'_> {
    /// Everything that is not perfect about the system's network from the start.
    pub(super) fn network(&mut self) -> Build<()> {
        let regions = self.model.regions.len();
        for link in &self.model.links {
            let (from, to) = (self.region_id(&link.from)?, self.region_id(&link.to)?);
            let quality = quality(&link.quality)?;
            let mut directions = vec![(from, to)];
            if link.both && from != to {
                directions.push((to, from));
            }
            for (from, to) in directions {
                if let Some(latency) = &link.latency {
                    let row = from.index() * regions + to.index();
                    if let Some(slot) = self.blueprint.latency_ns.get_mut(row) {
                        *slot = duration_ns(&latency.0)?;
                    }
                }
                if quality != Quality::default() {
                    let messages = Messages {
                        from_region: Some(from),
                        to_region: Some(to),
                        ..Messages::default()
                    };
                    self.blueprint.links.push(sim::Link { messages, quality });
                }
            }
        }
        Ok(())
    }

    /// What a service asks of its clients and tells them. Its deployments are in the tables already.
    pub(super) fn door(&mut self, service: &model::Service) -> Build<()> {
        let id = self.service_id(&service.name)?;
        for limit in &service.limits {
            for deployment in self.deployments_of(&service.name, &[])? {
                let limit = self.rate_limit(deployment, limit)?;
                self.blueprint.limits.push(limit);
            }
        }
        if let Some(ttl) = &service.name_ttl {
            let ttl_ns = duration_ns(&ttl.0)?;
            self.blueprint.names.push(sim::Name {
                service: id,
                ttl_ns,
            });
        }
        if let Some(expires) = &service.certificate {
            self.blueprint.certificates.push(sim::Certificate {
                service: id,
                expires_ns: duration_ns(&expires.0)?,
            });
        }
        for client in &service.credentials {
            let client = self.service_id(client)?;
            self.blueprint
                .credentials
                .push(sim::Credential { client, server: id });
        }
        if let Some(page) = &service.status_page {
            let admits = page.admits.as_ref().map(|share| share_q32(&share.0));
            self.blueprint.pages.push(sim::StatusPage {
                service: id,
                delay_ns: duration_or(page.delay.as_ref(), defaults::PAGE_DELAY_NS)?,
                window_ns: duration_or(page.window.as_ref(), defaults::PAGE_WINDOW_NS)?,
                // Above all shares there can be: it never admits anything.
                threshold_q32: admits.transpose()?.unwrap_or(2 * ONE_Q32),
                slow_ns: duration_or(page.slow.as_ref(), defaults::PAGE_SLOW_NS)?,
            });
        }
        Ok(())
    }

    fn rate_limit(
        &self,
        deployment: DeploymentId,
        limit: &model::RateLimit,
    ) -> Build<sim::RateLimit> {
        let flow = limit.flow.as_deref().map(|name| self.flow_id(name));
        let segment = limit.segment.as_deref().map(|name| self.segment_id(name));
        Ok(sim::RateLimit {
            deployment,
            flow: flow.transpose()?,
            segment: segment.transpose()?,
            rate: sim::TokenRate {
                interval_ns: interarrival_ns(&limit.rate.0)?,
                burst: limit.burst.unwrap_or(1),
            },
        })
    }

    fn party(&self, party: &model::Party) -> Build<sim::Party> {
        Ok(match party {
            model::Party::Any => sim::Party::Any,
            model::Party::Users => sim::Party::Users,
            model::Party::Service(name) => sim::Party::Service(self.service_id(name)?),
        })
    }

    fn optional_region(&self, name: Option<&String>) -> Build<Option<RegionId>> {
        name.map(|name| self.region_id(name)).transpose()
    }

    /// Changes of what this file is about; `None` for all others.
    pub(super) fn network_changes(&self, change: &Change) -> Build<Option<Vec<sim::Change>>> {
        Ok(Some(match change {
            Change::Limit {
                service,
                regions,
                limit,
            } => self.limits(service, regions, limit, true)?,
            Change::Unlimit {
                service,
                regions,
                flow,
                segment,
            } => {
                let scope = model::RateLimit {
                    rate: model::RateText("1/s".to_owned()),
                    burst: None,
                    flow: flow.clone(),
                    segment: segment.clone(),
                };
                self.limits(service, regions, &scope, false)?
            }
            Change::Calls {
                service,
                callee,
                regions,
                timeout,
                attempts,
                pool,
            } => {
                let terms = sim::CallTerms {
                    timeout_ns: timeout.as_ref().map(|t| duration_ns(&t.0)).transpose()?,
                    attempts: attempts.map(|n| u8::try_from(n).unwrap_or(u8::MAX)),
                    pool: *pool,
                    open: None,
                };
                let (client, server) = (self.service_id(service)?, self.service_id(callee)?);
                let calls = |region| sim::Change::Calls {
                    client,
                    server,
                    region,
                    terms,
                };
                let regions = self.region_ids(regions)?;
                if regions.is_empty() {
                    vec![calls(None)]
                } else {
                    regions.into_iter().map(Some).map(calls).collect()
                }
            }
            Change::Link {
                from_region,
                to_region,
                from_zone,
                to_zone,
                from,
                to,
                both,
                quality,
            } => {
                let quality = self::quality(quality)?;
                let there = Messages {
                    from_region: self.optional_region(from_region.as_ref())?,
                    to_region: self.optional_region(to_region.as_ref())?,
                    from_zone: from_zone.map(narrow),
                    to_zone: to_zone.map(narrow),
                    from: self.party(from)?,
                    to: self.party(to)?,
                };
                let back = Messages {
                    from_region: there.to_region,
                    to_region: there.from_region,
                    from_zone: there.to_zone,
                    to_zone: there.from_zone,
                    from: there.to,
                    to: there.from,
                };
                let mut directions = vec![there];
                if *both && back != there {
                    directions.push(back);
                }
                let link = |messages| sim::Change::Link(sim::Link { messages, quality });
                directions.into_iter().map(link).collect()
            }
            Change::PointName {
                service,
                to,
                region,
            } => {
                let service = self.service_id(service)?;
                let to = to.as_deref().map(|name| self.service_id(name));
                vec![sim::Change::PointName {
                    service,
                    to: to.transpose()?.unwrap_or(service),
                    region: self.optional_region(region.as_ref())?,
                }]
            }
            Change::AnswerName { service, state } => vec![sim::Change::AnswerName {
                service: self.service_id(service)?,
                state: match state {
                    model::NameState::Answered => sim::NameState::Answered,
                    model::NameState::Failing => sim::NameState::Failing,
                    model::NameState::Stale => sim::NameState::Stale,
                },
            }],
            Change::Certificate { service, expires } => vec![sim::Change::Certificate {
                service: self.service_id(service)?,
                expires_ns: duration_ns(&expires.0)?,
            }],
            Change::Credential {
                client,
                server,
                action,
            } => vec![sim::Change::Credential {
                client: self.service_id(client)?,
                server: self.service_id(server)?,
                action: match action {
                    model::CredentialAction::Rotate => sim::CredentialAction::Rotate,
                    model::CredentialAction::RevokeOlder => sim::CredentialAction::RevokeOlder,
                    model::CredentialAction::RevokeAll => sim::CredentialAction::RevokeAll,
                },
            }],
            Change::Skew {
                service,
                regions,
                instance,
                ahead,
                behind,
            } => {
                let skew_ns = skew(ahead.as_ref(), 1)? + skew(behind.as_ref(), -1)?;
                let deployments = self.deployments_of(service, regions)?;
                let set = |deployment| sim::Change::Skew {
                    deployment,
                    slot: *instance,
                    skew_ns,
                };
                deployments.into_iter().map(set).collect()
            }
            _ => return Ok(None),
        }))
    }

    fn limits(
        &self,
        service: &str,
        regions: &[String],
        limit: &model::RateLimit,
        sets: bool,
    ) -> Build<Vec<sim::Change>> {
        let mut changes = Vec::new();
        for deployment in self.deployments_of(service, regions)? {
            let limit = self.rate_limit(deployment, limit)?;
            changes.push(sim::Change::Limit { limit, sets });
        }
        Ok(changes)
    }

    /// Service and regions that a change of what this file is about touches, for its record.
    pub(super) fn network_scope<'m>(
        &self,
        change: &'m Change,
    ) -> Build<(Option<ServiceId>, &'m [String])> {
        let (service, regions): (Option<&String>, &[String]) = match change {
            Change::Limit {
                service, regions, ..
            }
            | Change::Unlimit {
                service, regions, ..
            }
            | Change::Calls {
                service, regions, ..
            }
            | Change::Skew {
                service, regions, ..
            } => (Some(service), regions),
            Change::PointName { service, .. }
            | Change::AnswerName { service, .. }
            | Change::Certificate { service, .. } => (Some(service), &[]),
            Change::Credential { server, .. } => (Some(server), &[]),
            _ => (None, &[]),
        };
        let service = service.map(|name| self.service_id(name)).transpose()?;
        Ok((service, regions))
    }
}

fn skew(text: Option<&model::DurationText>, sign: i64) -> Build<i64> {
    let ns = duration_or(text, 0)?;
    Ok(i64::try_from(ns).unwrap_or(i64::MAX).saturating_mul(sign))
}

pub(super) fn quality(quality: &model::Quality) -> Build<Quality> {
    let share = |share: Option<&model::ShareText>| share.map_or(Ok(0), |s| share_q32(&s.0));
    let bandwidth = quality.bandwidth.as_ref();
    Ok(Quality {
        delay_ns: duration_or(quality.delay.as_ref(), 0)?,
        jitter_ns: duration_or(quality.jitter.as_ref(), 0)?,
        loss_q32: share(quality.loss.as_ref())?,
        reset_q32: share(quality.reset.as_ref())?,
        bandwidth: bandwidth.map_or(Ok(0), |text| bits_per_second(&text.0))?,
        linger_ns: duration_or(quality.linger.as_ref(), 0)?,
        drops: quality.drops,
    })
}

/// Bytes of a message; 0 where the file says nothing.
pub(super) fn bytes(text: Option<&model::MessageSizeText>) -> Build<u32> {
    Ok(text.map_or(Ok(0), |text| message_bytes(&text.0))?)
}
