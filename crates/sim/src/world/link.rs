//! Messages under way: delay, jitter, loss, resets, bandwidth, and messages that never arrive.

use super::Work;
use super::World;
use super::agenda::Rejected;
use super::frame::{Frame, flag};
use super::request::Purpose;
use crate::blueprint::{Link, MAX_LOSSES, Messages, ONE_Q32, Party, Quality, RETRANSMIT_NS};
use crate::dist;
use crate::event::EventKind;
use crate::ids::{FrameId, InstanceId, RegionId, ServiceId};
use crate::probe::Status;

/// A link and when it will have sent what it was given.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinkState {
    link: Link,
    busy_until_ns: u64,
}

impl LinkState {
    pub const fn new(link: Link) -> Self {
        Self {
            link,
            busy_until_ns: 0,
        }
    }

    /// Time until a message of so many bytes given to the link now has left it.
    fn send(&mut self, now_ns: u64, bytes: u32) -> u64 {
        let bandwidth = self.link.quality.bandwidth;
        if bandwidth == 0 || bytes == 0 {
            return 0;
        }
        let bits = u128::from(bytes) * 8 * 1_000_000_000;
        let sending_ns = u64::try_from(bits / u128::from(bandwidth)).unwrap_or(u64::MAX);
        self.busy_until_ns = self.busy_until_ns.max(now_ns).saturating_add(sending_ns);
        self.busy_until_ns - now_ns
    }
}

/// A message in one direction.
struct Message {
    from_region: RegionId,
    to_region: RegionId,
    /// Users are in no zone.
    from_zone: Option<u16>,
    to_zone: Option<u16>,
    from: Option<ServiceId>,
    to: Option<ServiceId>,
    bytes: u32,
    /// 0 for a request, 1 for a reply: tells their draws apart.
    leg: u16,
}

impl Messages {
    fn include(&self, message: &Message) -> bool {
        let party = |party: Party, service: Option<ServiceId>| match party {
            Party::Any => true,
            Party::Users => service.is_none(),
            Party::Service(wanted) => service == Some(wanted),
        };
        self.from_region.is_none_or(|r| r == message.from_region)
            && self.to_region.is_none_or(|r| r == message.to_region)
            && (self.from_zone.is_none() || self.from_zone == message.from_zone)
            && (self.to_zone.is_none() || self.to_zone == message.to_zone)
            && party(self.from, message.from)
            && party(self.to, message.to)
    }
}

/// What becomes of a message.
enum Fate {
    Arrives(u64),
    Reset(u64),
    Lost,
}

impl World {
    /// What becomes of a message, with the links' transmission queues moved on.
    fn transmit(&mut self, key: u64, message: &Message) -> Fate {
        let now_ns = self.now_ns;
        let mut all = Quality::default();
        let mut survive = ONE_Q32;
        let mut intact = ONE_Q32;
        let mut sending_ns = 0u64;
        for state in &mut self.links {
            if !state.link.messages.include(message) {
                continue;
            }
            let quality = &state.link.quality;
            if quality.drops {
                return Fate::Lost;
            }
            all.delay_ns = all.delay_ns.saturating_add(quality.delay_ns);
            all.jitter_ns = all.jitter_ns.saturating_add(quality.jitter_ns);
            survive = product_q32(survive, ONE_Q32 - quality.loss_q32.min(ONE_Q32));
            intact = product_q32(intact, ONE_Q32 - quality.reset_q32.min(ONE_Q32));
            sending_ns = sending_ns.saturating_add(state.send(now_ns, message.bytes));
        }
        let mut delay_ns = self
            .blueprint
            .latency(message.from_region, message.to_region)
            .saturating_add(all.delay_ns)
            .saturating_add(sending_ns);
        if all.jitter_ns > 0 {
            let word = self.draw(key, Purpose::Jitter, message.leg);
            let jitter_ns = dist::scale_q40(dist::exponential_q40(word), all.jitter_ns);
            delay_ns = delay_ns.saturating_add(jitter_ns);
        }
        if intact < ONE_Q32 && self.draw(key, Purpose::Cut, message.leg) >> 32 >= intact {
            return Fate::Reset(delay_ns);
        }
        if survive < ONE_Q32 {
            for loss in 0..MAX_LOSSES {
                let step = message.leg << 8 | u16::from(loss);
                if self.draw(key, Purpose::Loss, step) >> 32 < survive {
                    return Fate::Arrives(delay_ns);
                }
                delay_ns = delay_ns.saturating_add(RETRANSMIT_NS << loss);
            }
            return Fate::Reset(delay_ns);
        }
        Fate::Arrives(delay_ns)
    }

    /// Send a request over links that are not perfect.
    pub(super) fn send_request(&mut self, id: FrameId, server: InstanceId) {
        let frame = *self.arena.frame(id);
        let edge = &self.blueprint.edges[frame.edge.index()];
        let message = Message {
            from_region: self.client_region(&frame),
            to_region: self.instances[server.index()].region,
            from_zone: self.client_zone(&frame),
            to_zone: Some(self.instances[server.index()].zone),
            from: edge.client,
            to: Some(self.instances[server.index()].service),
            bytes: self.message_bytes(&frame, server, edge.request_bytes),
            leg: 0,
        };
        match self.transmit(frame.key, &message) {
            Fate::Arrives(delay_ns) => {
                self.arena.frame_mut(id).instance = server;
                self.instances[server.index()].outstanding += 1;
                self.after(delay_ns, EventKind::Arrive, Work::Arrive(id), id);
            }
            Fate::Reset(delay_ns) => self.reset_by_network(id, delay_ns),
            Fate::Lost => self.arena.frame_mut(id).flags |= flag::LOST,
        }
    }

    /// Send a reply over links that are not perfect.
    pub(super) fn send_reply(&mut self, id: FrameId) {
        let frame = *self.arena.frame(id);
        let server = &self.instances[frame.instance.index()];
        let edge = &self.blueprint.edges[frame.edge.index()];
        let message = Message {
            from_region: server.region,
            to_region: self.client_region(&frame),
            from_zone: Some(server.zone),
            to_zone: self.client_zone(&frame),
            from: Some(server.service),
            to: edge.client,
            bytes: self.message_bytes(&frame, frame.instance, edge.reply_bytes),
            leg: 1,
        };
        match self.transmit(frame.key, &message) {
            Fate::Arrives(delay_ns) => {
                self.after(delay_ns, EventKind::Deliver, Work::Deliver(id), id);
            }
            Fate::Reset(delay_ns) => self.reset_by_network(id, delay_ns),
            Fate::Lost => self.arena.frame_mut(id).flags |= flag::LOST,
        }
    }

    fn client_zone(&self, frame: &Frame) -> Option<u16> {
        let parent = (frame.parent != FrameId::NONE).then(|| self.arena.frame(frame.parent));
        parent.map(|parent| self.instances[parent.instance.index()].zone)
    }

    /// Whether what one instance of a service sends another never arrives.
    pub(super) fn drops(&self, from: InstanceId, to: InstanceId) -> bool {
        let (from, to) = (&self.instances[from.index()], &self.instances[to.index()]);
        let message = Message {
            from_region: from.region,
            to_region: to.region,
            from_zone: Some(from.zone),
            to_zone: Some(to.zone),
            from: Some(from.service),
            to: Some(to.service),
            bytes: 0,
            leg: 0,
        };
        let mut links = self.links.iter();
        links.any(|state| state.link.quality.drops && state.link.messages.include(&message))
    }

    /// How long the connection of a call stays taken once the call is over.
    pub(super) fn linger_ns(&self, frame: &Frame) -> u64 {
        if self.links.is_empty() || frame.instance == Frame::NO_INSTANCE {
            return 0;
        }
        let server = &self.instances[frame.instance.index()];
        let message = Message {
            from_region: self.client_region(frame),
            to_region: server.region,
            from_zone: self.client_zone(frame),
            to_zone: Some(server.zone),
            from: self.blueprint.edges[frame.edge.index()].client,
            to: Some(server.service),
            bytes: 0,
            leg: 0,
        };
        let links = self.links.iter().map(|state| &state.link);
        let matching = links.filter(|link| link.messages.include(&message));
        matching
            .map(|link| link.quality.linger_ns)
            .fold(0, u64::saturating_add)
    }

    fn reset_by_network(&mut self, id: FrameId, delay_ns: u64) {
        self.arena.frame_mut(id).status = Status::Reset;
        self.after(delay_ns, EventKind::Deliver, Work::Deliver(id), id);
    }

    pub(super) fn check_link(&self, link: &Link) -> Result<(), Rejected> {
        let regions = self.blueprint.regions.len();
        let services = self.blueprint.services.len();
        let region = |region: Option<RegionId>| region.is_none_or(|r| r.index() < regions);
        let party = |party: Party| match party {
            Party::Service(service) => service.index() < services,
            Party::Any | Party::Users => true,
        };
        let messages = &link.messages;
        let known = region(messages.from_region)
            && region(messages.to_region)
            && party(messages.from)
            && party(messages.to);
        let quality = &link.quality;
        if !known || quality.loss_q32 > ONE_Q32 || quality.reset_q32 > ONE_Q32 {
            return Err(Rejected::Unknown);
        }
        let now = self.injected_link(messages);
        let now = now.map_or_else(Quality::default, |index| self.links[index].link.quality);
        if now == link.quality {
            Err(Rejected::NoChange)
        } else {
            Ok(())
        }
    }

    /// The row that a change made for these messages. The system's own links stand first and are not touched.
    fn injected_link(&self, messages: &Messages) -> Option<usize> {
        let own = self.blueprint.links.len();
        let injected = self.links.iter().enumerate().skip(own);
        injected
            .filter(|(_, state)| state.link.messages == *messages)
            .map(|(index, _)| index)
            .next()
    }

    /// Give some messages another quality beside that of the system's own links.
    pub(super) fn set_link(&mut self, link: &Link) {
        match self.injected_link(&link.messages) {
            Some(index) if link.quality == Quality::default() => {
                self.links.remove(index);
            }
            Some(index) => self.links[index].link.quality = link.quality,
            None => self.links.push(LinkState::new(*link)),
        }
        self.replicas_feel_links();
    }
}

fn product_q32(a: u64, b: u64) -> u64 {
    u64::try_from(u128::from(a) * u128::from(b) >> 32).unwrap_or(ONE_Q32)
}
