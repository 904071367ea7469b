//! Least-recently-used stores of keys, and requests that wait for another's fill.

use super::Work;
use super::World;
use super::frame::flag;
use crate::blueprint::CacheSpec;
use crate::ids::{FrameId, InstanceId, KeySpaceId};

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u32,
    /// Towards the most recently used.
    newer: u32,
    older: u32,
    /// How often the key had been written when it was stored.
    version: u32,
    good_until_ns: u64,
}

/// The store of one instance.
#[derive(Clone, Debug)]
pub(super) struct Lru {
    /// Key → entry.
    place: Vec<u32>,
    entries: Vec<Entry>,
    free: Vec<u32>,
    newest: u32,
    oldest: u32,
    capacity: u32,
    pub counts: CacheCounts,
}

/// What a cache instance has done since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Look-ups that found their key.
    pub hits: u64,
    /// Look-ups that did not.
    pub misses: u64,
    /// Entries that gave way to others.
    pub evictions: u64,
}

/// A cache as its own metrics endpoint would report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheGauges {
    /// Counts.
    pub counts: CacheCounts,
    /// Entries stored.
    pub entries: u32,
    /// Entries there is room for.
    pub capacity: u32,
}

impl Lru {
    pub fn new(keys: u32, capacity: u32) -> Self {
        Self {
            place: vec![NONE; keys as usize],
            entries: Vec::new(),
            free: Vec::new(),
            newest: NONE,
            oldest: NONE,
            capacity: capacity.max(1),
            counts: CacheCounts::default(),
        }
    }

    pub fn clear(&mut self) {
        self.place.fill(NONE);
        self.entries.clear();
        self.free.clear();
        self.newest = NONE;
        self.oldest = NONE;
    }

    fn len(&self) -> u32 {
        u32::try_from(self.entries.len() - self.free.len()).unwrap_or(NONE)
    }

    pub fn resize(&mut self, capacity: u32) {
        self.capacity = capacity.max(1);
        while self.len() > self.capacity {
            self.evict_oldest();
        }
    }

    fn unlink(&mut self, at: u32) {
        let Entry { newer, older, .. } = self.entries[at as usize];
        match newer {
            NONE => self.newest = older,
            newer => self.entries[newer as usize].older = older,
        }
        match older {
            NONE => self.oldest = newer,
            older => self.entries[older as usize].newer = newer,
        }
    }

    fn link_newest(&mut self, at: u32) {
        let entry = &mut self.entries[at as usize];
        entry.newer = NONE;
        entry.older = self.newest;
        match self.newest {
            NONE => self.oldest = at,
            newest => self.entries[newest as usize].newer = at,
        }
        self.newest = at;
    }

    fn evict_oldest(&mut self) {
        if self.oldest != NONE {
            self.counts.evictions += 1;
            self.remove(self.entries[self.oldest as usize].key);
        }
    }

    pub fn remove(&mut self, key: u32) {
        let at = std::mem::replace(&mut self.place[key as usize], NONE);
        if at != NONE {
            self.unlink(at);
            self.free.push(at);
        }
    }

    /// The version a key was stored with, if it is there and still good.
    pub fn look_up(&mut self, key: u32, now_ns: u64) -> Option<u32> {
        let at = self.place[key as usize];
        if at != NONE && now_ns < self.entries[at as usize].good_until_ns {
            self.counts.hits += 1;
            self.unlink(at);
            self.link_newest(at);
            return Some(self.entries[at as usize].version);
        }
        self.counts.misses += 1;
        self.remove(key);
        None
    }

    pub fn store(&mut self, key: u32, version: u32, good_until_ns: u64) {
        self.remove(key);
        if self.len() >= self.capacity {
            self.evict_oldest();
        }
        let entry = Entry {
            key,
            newer: NONE,
            older: NONE,
            version,
            good_until_ns,
        };
        let at = if let Some(at) = self.free.pop() {
            self.entries[at as usize] = entry;
            at
        } else {
            self.entries.push(entry);
            u32::try_from(self.entries.len() - 1).unwrap_or(NONE)
        };
        self.place[key as usize] = at;
        self.link_newest(at);
    }
}

/// Requests of an instance about the same key, one of which works for all.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    leader: FrameId,
    waiting: Vec<(FrameId, u64)>,
    otherwise: u16,
}

impl World {
    pub(super) fn new_cache(&self, spec: &CacheSpec) -> Lru {
        let keys = self.blueprint.key_spaces[spec.space.index()].keys.max(1);
        let mut cache = Lru::new(keys, spec.entries);
        if spec.warm {
            // The most asked-for key is stored last, as the one used last.
            for key in (0..spec.entries.min(keys)).rev() {
                cache.store(key, 0, good_until(spec, 0));
            }
        }
        cache
    }

    fn cache_spec(&self, instance: InstanceId) -> Option<CacheSpec> {
        let service = self.instances[instance.index()].service;
        self.blueprint.services[service.index()].cache
    }

    /// Look the request's key up here; the request carries the answer back.
    pub(super) fn look_up(&mut self, id: FrameId) {
        let frame = self.arena.frame(id);
        let (instance, trace) = (frame.instance, frame.trace);
        let Some(spec) = self.cache_spec(instance) else {
            return;
        };
        let key = self.key_of(trace, spec.space);
        let now_ns = self.now_ns;
        let found = self.data.caches[instance.index()]
            .as_mut()
            .and_then(|cache| cache.look_up(key, now_ns));
        let bits = match found {
            None => flag::MISS,
            Some(version) if version < self.version_of(spec.space, key) => flag::STALE,
            Some(_) => 0,
        };
        self.arena.frame_mut(id).flags |= bits;
    }

    /// Store the request's key here, as it was read by whoever sends it.
    pub(super) fn store(&mut self, id: FrameId) {
        let frame = self.arena.frame(id);
        let (instance, trace, parent) = (frame.instance, frame.trace, frame.parent);
        let Some(spec) = self.cache_spec(instance) else {
            return;
        };
        let key = self.key_of(trace, spec.space);
        let read_stale = parent != FrameId::NONE && self.arena.frame(parent).is(flag::STALE);
        let version = self
            .version_of(spec.space, key)
            .saturating_sub(u32::from(read_stale));
        let until_ns = good_until(&spec, self.now_ns);
        if let Some(cache) = self.data.caches[instance.index()].as_mut() {
            cache.store(key, version, until_ns);
        }
    }

    /// Remove the request's key here.
    pub(super) fn evict(&mut self, id: FrameId) {
        let frame = self.arena.frame(id);
        let (instance, trace) = (frame.instance, frame.trace);
        let Some(spec) = self.cache_spec(instance) else {
            return;
        };
        let key = self.key_of(trace, spec.space);
        if let Some(cache) = self.data.caches[instance.index()].as_mut() {
            cache.remove(key);
        }
    }

    /// Whether a request may go on past a `Join`; otherwise it waits for the one that is past it already.
    pub(super) fn join(&mut self, id: FrameId, space: KeySpaceId, otherwise: u16) -> bool {
        let frame = self.arena.frame(id);
        let (key, what) = (frame.key, self.key_of(frame.trace, space));
        let place = (frame.instance, space, what);
        if let Some(flight) = self.data.flights.get_mut(&place) {
            flight.waiting.push((id, key));
            self.arena.frame_mut(id).flags |= flag::PARKED;
            return false;
        }
        let flight = Flight {
            leader: id,
            waiting: Vec::new(),
            otherwise,
        };
        self.data.flights.insert(place, flight);
        self.arena.frame_mut(id).flags |= flag::LEADS;
        true
    }

    /// The request that worked for others is done, or has failed; the others share its fate.
    pub(super) fn leave(&mut self, id: FrameId, ok: bool) {
        let frame = self.arena.frame_mut(id);
        if !frame.is(flag::LEADS) {
            return;
        }
        frame.flags &= !flag::LEADS;
        let instance = frame.instance;
        let from = (instance, KeySpaceId(0), 0);
        let upto = (instance, KeySpaceId(u16::MAX), u32::MAX);
        let led = self
            .data
            .flights
            .range(from..=upto)
            .find(|(_, flight)| flight.leader == id)
            .map(|(place, _)| *place);
        let Some(flight) = led.and_then(|place| self.data.flights.remove(&place)) else {
            return;
        };
        for (waiting, key) in flight.waiting {
            let frame = self.arena.frame_mut(waiting);
            if frame.key != key || !frame.is(flag::PARKED) {
                continue;
            }
            frame.flags &= !flag::PARKED;
            if ok {
                frame.pc = flight.otherwise;
            } else {
                frame.flags |= flag::FAILED;
            }
            self.work.push(Work::Step(waiting));
        }
    }

    /// A process has ended: nobody leads or waits there any more, and what it had stored is gone.
    pub(super) fn forget_cache(&mut self, instance: InstanceId) {
        let from = (instance, KeySpaceId(0), 0);
        let upto = (instance, KeySpaceId(u16::MAX), u32::MAX);
        let places: Vec<_> = self
            .data
            .flights
            .range(from..=upto)
            .map(|(place, _)| *place)
            .collect();
        for place in places {
            self.data.flights.remove(&place);
        }
        if let Some(Some(cache)) = self.data.caches.get_mut(instance.index()) {
            cache.clear();
        }
    }

    /// State of an instance's cache, if it has one.
    #[must_use]
    pub fn cache(&self, instance: InstanceId) -> Option<CacheGauges> {
        let cache = self.data.caches.get(instance.index())?.as_ref()?;
        Some(CacheGauges {
            counts: cache.counts,
            entries: cache.len(),
            capacity: cache.capacity,
        })
    }
}

const fn good_until(spec: &CacheSpec, now_ns: u64) -> u64 {
    match spec.ttl_ns {
        0 => u64::MAX,
        ttl_ns => now_ns.saturating_add(ttl_ns),
    }
}
