//! Names: what they resolve to, and what clients remember of it.

use super::World;
use super::agenda::Rejected;
use super::frame::Frame;
use crate::blueprint::{Blueprint, NameState};
use crate::ids::{FrameId, InstanceId, RegionId, ServiceId};
use crate::probe::Status;

/// Where a name leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Service that listens there.
    service: ServiceId,
    /// Region whose deployment it is; `None` for the one that serves the client's region.
    region: Option<RegionId>,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    service: ServiceId,
    ttl_ns: u64,
    answer: Answer,
    /// What a stale name is still answered with.
    stale: Option<Answer>,
    failing: bool,
}

#[derive(Clone, Copy, Debug)]
struct Remembered {
    service: ServiceId,
    answer: Answer,
    until_ns: u64,
}

/// All names, and what every client remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    records: Vec<Record>,
    /// Users of each region, then instances: what they have resolved.
    memories: Vec<Vec<Remembered>>,
}

impl Names {
    pub fn new(blueprint: &Blueprint) -> Self {
        let record = |name: &crate::blueprint::Name| Record {
            service: name.service,
            ttl_ns: name.ttl_ns,
            answer: Answer {
                service: name.service,
                region: None,
            },
            stale: None,
            failing: false,
        };
        Self {
            records: blueprint.names.iter().map(record).collect(),
            memories: Vec::new(),
        }
    }

    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    fn record(&self, service: ServiceId) -> Option<&Record> {
        self.records.iter().find(|record| record.service == service)
    }

    fn record_mut(&mut self, service: ServiceId) -> Option<&mut Record> {
        self.records
            .iter_mut()
            .find(|record| record.service == service)
    }

    /// What a look-up by a client would show.
    pub fn look_up(
        &self,
        client: usize,
        service: ServiceId,
        now_ns: u64,
    ) -> Option<super::NameLookup> {
        let record = self.record(service)?;
        let shown = |answer: Answer| super::Resolved {
            service: answer.service,
            region: answer.region,
        };
        let answer = record.stale.unwrap_or(record.answer);
        let memory = self.memories.get(client).map_or(&[][..], Vec::as_slice);
        let known = memory.iter().find(|known| known.service == service);
        Some(super::NameLookup {
            answer: (!record.failing).then(|| shown(answer)),
            outdated: record.stale.is_some_and(|stale| stale != record.answer),
            remembered: known
                .filter(|known| known.until_ns > now_ns)
                .map(|known| (shown(known.answer), known.until_ns)),
            ttl_ns: record.ttl_ns,
        })
    }

    /// What a client takes a service's name to mean now; `None` when it gets no answer.
    fn resolve(&mut self, client: usize, service: ServiceId, now_ns: u64) -> Option<Answer> {
        let Some(record) = self.record(service).copied() else {
            return Some(Answer {
                service,
                region: None,
            });
        };
        if self.memories.len() <= client {
            self.memories.resize_with(client + 1, Vec::new);
        }
        let memory = &mut self.memories[client];
        let known = memory.iter().position(|known| known.service == service);
        if let Some(index) = known {
            if memory[index].until_ns > now_ns {
                return Some(memory[index].answer);
            }
            memory.swap_remove(index);
        }
        if record.failing {
            return None;
        }
        let answer = record.stale.unwrap_or(record.answer);
        memory.push(Remembered {
            service,
            answer,
            until_ns: now_ns.saturating_add(record.ttl_ns),
        });
        Some(answer)
    }
}

impl World {
    /// The region a client sends a request for `service` to: its own, or what the name says. `Err` when the name does
    /// not resolve, or leads to somebody else; the frame's status says which.
    pub(super) fn resolve_name(
        &mut self,
        id: FrameId,
        service: ServiceId,
        own: RegionId,
    ) -> Result<RegionId, bool> {
        let frame = self.arena.frame(id);
        let client = self.resolver_of(frame);
        let answer = self.names.resolve(client, service, self.now_ns);
        let failure = match answer {
            Some(answer) if answer.service == service => return Ok(answer.region.unwrap_or(own)),
            // Whoever shows a certificate shows another's; otherwise nothing listens for this there.
            Some(_) if self.has_certificate(service) => Status::Untrusted,
            Some(_) => Status::Refused,
            None => Status::Unresolved,
        };
        self.arena.frame_mut(id).status = failure;
        Err(false)
    }

    /// Row of the memory that a frame's client looks into.
    fn resolver_of(&self, frame: &Frame) -> usize {
        if frame.parent == FrameId::NONE {
            return self.client_region(frame).index();
        }
        self.blueprint.regions.len() + self.arena.frame(frame.parent).instance.index()
    }

    /// A new process remembers nothing.
    pub(super) fn forget_names(&mut self, id: InstanceId) {
        let row = self.blueprint.regions.len() + id.index();
        if let Some(memory) = self.names.memories.get_mut(row) {
            memory.clear();
        }
    }

    pub(super) fn check_name(
        &self,
        service: ServiceId,
        to: ServiceId,
        region: Option<RegionId>,
    ) -> Result<(), Rejected> {
        let record = self.names.record(service).ok_or(Rejected::Unknown)?;
        if to.index() >= self.blueprint.services.len()
            || region.is_some_and(|r| r.index() >= self.blueprint.regions.len())
        {
            return Err(Rejected::Unknown);
        }
        if record.answer
            == (Answer {
                service: to,
                region,
            })
        {
            return Err(Rejected::NoChange);
        }
        Ok(())
    }

    /// Let a name point elsewhere. Clients follow as what they remember runs out.
    pub(super) fn point_name(
        &mut self,
        service: ServiceId,
        to: ServiceId,
        region: Option<RegionId>,
    ) {
        if let Some(record) = self.names.record_mut(service) {
            record.answer = Answer {
                service: to,
                region,
            };
        }
    }

    pub(super) fn check_name_state(
        &self,
        service: ServiceId,
        state: NameState,
    ) -> Result<(), Rejected> {
        let record = self.names.record(service).ok_or(Rejected::Unknown)?;
        let now = match (record.failing, record.stale) {
            (true, _) => NameState::Failing,
            (false, Some(_)) => NameState::Stale,
            (false, None) => NameState::Answered,
        };
        if now == state {
            Err(Rejected::NoChange)
        } else {
            Ok(())
        }
    }

    /// Let a name be answered in another way.
    pub(super) fn set_name_state(&mut self, service: ServiceId, state: NameState) {
        if let Some(record) = self.names.record_mut(service) {
            record.failing = state == NameState::Failing;
            record.stale = (state == NameState::Stale).then_some(record.answer);
        }
    }
}
