//! Where an attempt goes: the address it was given, the region that serves the caller, the instance the balancer picks.
#![expect(
    clippy::inline_always,
    reason = "an attempt goes through all of these within one event: as calls they were a sixth of its instructions"
)]

use super::World;
use super::frame::{Frame, flag};
use super::request::{Purpose, draw};
use crate::blueprint::{Access, Balancer};
use crate::hash::mix64;
use crate::ids::{DeploymentId, FrameId, InstanceId, RegionId};

impl World {
    /// Region the client of a frame is in.
    #[inline]
    pub(super) fn client_region(&self, frame: &Frame) -> RegionId {
        if frame.parent == FrameId::NONE {
            self.arena.traces[frame.trace as usize].region
        } else {
            self.instances[self.arena.frame(frame.parent).instance.index()].region
        }
    }

    /// Where an attempt goes: `Err(true)` when its address leads nowhere, `Err(false)` when no instance is ready.
    #[inline(always)]
    pub(super) fn route(&mut self, id: FrameId) -> Result<(InstanceId, u64), bool> {
        let frame = self.arena.frame(id);
        let (key, parent, edge, trace) = (frame.key, frame.parent, frame.edge, frame.trace);
        let row = &self.tables.edges[edge.index()];
        let (service, access) = (row.service, row.access);
        let client_region = if parent == FrameId::NONE {
            self.arena.traces[trace as usize].region
        } else {
            let caller = &self.instances[self.arena.frame(parent).instance.index()];
            if caller.addressed
                && let Some(address) = caller.addresses.iter().find(|a| a.edge == edge)
            {
                if address.fails {
                    self.arena.frame_mut(id).flags |= flag::FAILS_AT_ONCE;
                    return Err(true);
                }
                // Another service at that address does not know the endpoint; nowhere is nowhere.
                if address.service != Some(service) {
                    return Err(true);
                }
            }
            caller.region
        };
        let mut region = client_region;
        if !self.names.is_empty() {
            region = self.resolve_name(id, service, region)?;
        }
        if parent == FrameId::NONE
            && let Some(shift) = &self.shifts[client_region.index()]
        {
            // By the user's request, not by the attempt: a retry goes where the first attempt went.
            let trace = self.arena.traces[trace as usize].id;
            if self.draw(trace, Purpose::Shift, 0) >> 32 < shift.share_q32 {
                region = shift.to;
            }
        }
        if access != Access::Any {
            let instance = self.member(service, access, region, key).ok_or(false)?;
            let server_region = self.instances[instance.index()].region;
            return Ok((
                instance,
                self.blueprint.latency(client_region, server_region),
            ));
        }
        let route = service.index() * self.tables.regions + region.index();
        let deployment = self.tables.route[route].ok_or(false)?;
        let zoned = !self.deployments[deployment.index()].by_zone.is_empty();
        let zone = (zoned && parent != FrameId::NONE)
            .then(|| self.zone_of_caller(deployment, parent))
            .flatten();
        let instance = self.pick(deployment, key, trace, zone).ok_or(false)?;
        let hop_ns = self.tables.hop_ns.unwrap_or_else(|| {
            let server_region = self.instances[instance.index()].region;
            self.blueprint.latency(client_region, server_region)
        });
        Ok((instance, hop_ns))
    }

    #[inline(always)]
    pub(super) fn pick(
        &mut self,
        id: DeploymentId,
        key: u64,
        trace: u32,
        zone: Option<usize>,
    ) -> Option<InstanceId> {
        let salt = self.salt;
        let deployment = &mut self.deployments[id.index()];
        let balancer = deployment.balancer;
        if let Balancer::Key(space) = balancer {
            return self.owner_of(id, self.key_of(trace, space));
        }
        let ready = zone
            .and_then(|zone| deployment.by_zone.get(zone))
            .unwrap_or(&deployment.ready);
        let count = ready.len() as u64;
        if count <= 1 {
            return ready.first().map(|&i| InstanceId(i));
        }
        let load = |i: u16| self.instances[usize::from(i)].outstanding;
        let chosen = match balancer {
            Balancer::RoundRobin => {
                deployment.pointer = deployment.pointer.wrapping_add(1);
                ready[deployment.pointer as usize % ready.len()]
            }
            // A key's owner has been found above.
            Balancer::Key(_) => return None,
            Balancer::LeastOutstanding => *ready.iter().min_by_key(|&&i| load(i))?,
            Balancer::PowerOfTwo => {
                // Two distinct positions from the two halves of the word.
                let word = draw(key ^ salt, Purpose::Balance, 0);
                let first = (word >> 32) * count >> 32;
                let other = (word & 0xffff_ffff) * (count - 1) >> 32;
                let second = if other >= first { other + 1 } else { other };
                let at = |position: u64| ready[usize::try_from(position).unwrap_or(0)];
                if load(at(second)) < load(at(first)) {
                    at(second)
                } else {
                    at(first)
                }
            }
        };
        Some(InstanceId(chosen))
    }

    /// The instance a key belongs to, if it takes requests.
    fn owner_of(&self, id: DeploymentId, key: u32) -> Option<InstanceId> {
        let deployment = &self.deployments[id.index()];
        let slot = mix64(u64::from(key)) >> 32;
        let slot = (slot * u64::from(deployment.replicas)) >> 32;
        let owner = deployment.first + u16::try_from(slot).unwrap_or(0);
        deployment
            .ready
            .binary_search(&owner)
            .is_ok()
            .then_some(InstanceId(owner))
    }
}
