//! Frames and traces: the arena of everything in flight.

use crate::ids::{ClientId, EdgeId, FlowId, FrameId, InstanceId, RegionId, SegmentId};
use crate::probe::Status;

/// Bits of [`Frame::flags`].
pub(super) mod flag {
    /// The client has its result or is gone; nobody waits for this frame.
    pub const GONE: u32 = 1;
    /// At a server: arrived and not finished.
    pub const SERVED: u32 = 1 << 1;
    /// Waiting for a worker.
    pub const QUEUED: u32 = 1 << 2;
    /// A computation of it is running: a `Computed` event is pending.
    pub const COMPUTING: u32 = 1 << 3;
    /// A call it depends on has failed.
    pub const FAILED: u32 = 1 << 4;
    /// Its address led nowhere.
    pub const UNROUTABLE: u32 = 1 << 5;
    /// Nothing more will happen to it.
    pub const RETIRED: u32 = 1 << 6;
    /// Its server process was stopped under it.
    pub const KILLED: u32 = 1 << 7;
    /// The client gave up before the reply.
    pub const ABANDONED: u32 = 1 << 8;
    /// Holds a connection of its client's pool.
    pub const CONNECTED: u32 = 1 << 9;
    /// Waits for a connection of its client's pool.
    pub const AWAITS_CONNECTION: u32 = 1 << 10;
    /// The server was told that nobody waits.
    pub const CANCELLED: u32 = 1 << 11;
    /// The network has swallowed the request, or the reply.
    pub const LOST: u32 = 1 << 26;
    /// Made because another call had failed.
    pub const FALLBACK: u32 = 1 << 27;
    /// Nothing of it is under way: there will be no reply, and nobody else holds on to it.
    pub const NOWHERE: u32 = UNROUTABLE | AWAITS_CONNECTION | LOST;
    /// Looked a key up in vain.
    pub const MISS: u32 = 1 << 12;
    /// Its last call looked a key up in vain, or failed without being needed.
    pub const MISSED: u32 = 1 << 13;
    /// Was given data older than what had been written.
    pub const STALE: u32 = 1 << 14;
    /// Waits at its server for another request: for a lock, or for what the other is fetching.
    pub const PARKED: u32 = 1 << 15;
    /// Others wait for what it is fetching.
    pub const LEADS: u32 = 1 << 16;
    /// Holds locks, or waits for a row of a table it has entered.
    pub const HOLDS: u32 = 1 << 17;
    /// Has written to a database in a transaction that is not over.
    pub const WROTE: u32 = 1 << 18;
    /// Is bound to fail for what it is about.
    pub const POISONED: u32 = 1 << 19;
    /// Has done something that may happen once per call.
    pub const DONE: u32 = 1 << 20;
    /// Its query holds a replica's replay.
    pub const HOLDS_REPLAY: u32 = 1 << 21;
    /// Waits for a queue to take its work.
    pub const AWAITS_QUEUE: u32 = 1 << 22;
    /// Was given a row that is wrong.
    pub const WRONG: u32 = 1 << 23;
    /// Anything that has to be settled when its server is done with it.
    pub const SETTLES: u32 = LEADS | HOLDS | PARKED | WROTE;
    /// Its `Computed` event came while its process stood still.
    pub const PUT_OFF: u32 = 1 << 28;
    /// Holds a descriptor of its client.
    pub const HAS_DESCRIPTOR: u32 = 1 << 29;
    /// Holds an ephemeral port of its client.
    pub const HAS_PORT: u32 = 1 << 30;
    /// Its client has no address to send it to, and knows it.
    pub const FAILS_AT_ONCE: u32 = 1 << 31;
}

/// One attempt of one call; at the same time the span that will be reported.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Identity for draws: a hash of seed, root request, call path and attempt.
    pub key: u64,
    pub start_ns: u64,
    pub arrive_ns: u64,
    pub begin_ns: u64,
    /// When it ended at the server; while it computes on a core of its own, when that is done.
    pub end_ns: u64,
    /// When its client gives up at the latest, if it told the server; otherwise [`Frame::NO_DEADLINE`].
    pub deadline_ns: u64,
    pub parent: FrameId,
    /// The other attempt of a hedged call, while both are under way.
    pub twin: FrameId,
    /// Link of the accept queue or run queue the frame stands in.
    pub next: FrameId,
    /// Link of its trace's list, or of the free list.
    pub sibling: FrameId,
    pub trace: u32,
    /// Low 32 bits of the sequence number of its time-out; 0 when none is armed.
    pub timer: u32,
    pub instance: InstanceId,
    pub edge: EdgeId,
    pub flags: u32,
    pub pc: u16,
    /// Where in its caller's program it was called: attempts of one call share it.
    pub site: u16,
    pub attempt: u8,
    /// Calls it waits for.
    pub pending: u8,
    pub status: Status,
}

impl Frame {
    pub const NO_INSTANCE: InstanceId = InstanceId(u16::MAX);

    pub const NO_DEADLINE: u64 = u64::MAX;

    pub const EMPTY: Self = Self {
        key: 0,
        start_ns: 0,
        arrive_ns: 0,
        begin_ns: 0,
        end_ns: 0,
        deadline_ns: Self::NO_DEADLINE,
        parent: FrameId::NONE,
        twin: FrameId::NONE,
        next: FrameId::NONE,
        sibling: FrameId::NONE,
        trace: 0,
        timer: 0,
        instance: Self::NO_INSTANCE,
        edge: EdgeId(0),
        pc: 0,
        site: 0,
        flags: flag::RETIRED,
        attempt: 0,
        pending: 0,
        status: Status::Ok,
    };

    #[inline]
    pub const fn is(&self, bits: u32) -> bool {
        self.flags & bits != 0
    }
}

/// One more attempt of a call: what a new frame begins with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub key: u64,
    pub parent: FrameId,
    pub twin: FrameId,
    pub trace: u32,
    pub edge: EdgeId,
    pub attempt: u8,
    pub site: u16,
}

/// A root request, or work handed over by one, with everything it caused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trace {
    pub id: u64,
    /// Trace that handed the work over; 0 for a user's request.
    pub link: u64,
    /// The user's request it all began with.
    pub origin: u64,
    pub start_ns: u64,
    pub result_ns: u64,
    /// Newest frame; older ones follow by [`Frame::sibling`]. Link of the free list when unused.
    pub head: FrameId,
    /// Oldest frame.
    pub tail: FrameId,
    /// Frames that are not retired.
    pub live: u32,
    /// All of its frames.
    pub frames: u32,
    pub flow: FlowId,
    pub region: RegionId,
    pub segment: SegmentId,
    pub client: ClientId,
    /// When the user's patience runs out; 0 for users without end.
    pub leaves_ns: u64,
    /// Source it came from.
    pub source: u16,
    /// Tries by hand before this one.
    pub tries: u8,
    pub status: Status,
    pub slow: bool,
    /// Whether something was answered with less than was asked for.
    pub degraded: bool,
    /// Whether it is handed-over work that counts as late already.
    pub late: bool,
    /// Whether the slot is in use.
    pub used: bool,
    /// Whether the user has no result yet.
    pub open: bool,
}

/// Free-list arenas of frames and traces.
#[derive(Clone, Debug)]
pub(super) struct Arena {
    pub frames: Vec<Frame>,
    pub traces: Vec<Trace>,
    free_frame: FrameId,
    free_trace: u32,
    /// Frames in use, those kept for an unfinished trace included.
    pub used_frames: u32,
}

const NO_TRACE: u32 = u32::MAX;

impl Arena {
    pub const fn new() -> Self {
        Self {
            frames: Vec::new(),
            traces: Vec::new(),
            free_frame: FrameId::NONE,
            free_trace: NO_TRACE,
            used_frames: 0,
        }
    }

    #[inline]
    pub fn frame(&self, id: FrameId) -> &Frame {
        &self.frames[id.index()]
    }

    #[inline]
    pub fn frame_mut(&mut self, id: FrameId) -> &mut Frame {
        &mut self.frames[id.index()]
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cap on frames lies far below 2^32"
    )]
    pub fn alloc_trace(&mut self, trace: Trace) -> u32 {
        if self.free_trace == NO_TRACE {
            self.traces.push(trace);
            return (self.traces.len() - 1) as u32;
        }
        let index = self.free_trace;
        self.free_trace = self.traces[index as usize].live;
        self.traces[index as usize] = trace;
        index
    }

    /// A new frame at the head of its trace's list.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cap on frames lies far below 2^32"
    )]
    pub fn alloc_frame(&mut self, call: &Call) -> FrameId {
        let id = if self.free_frame == FrameId::NONE {
            self.frames.push(Frame::EMPTY);
            FrameId((self.frames.len() - 1) as u32)
        } else {
            let id = self.free_frame;
            self.free_frame = self.frames[id.index()].sibling;
            id
        };
        self.used_frames += 1;
        let trace = &mut self.traces[call.trace as usize];
        trace.live += 1;
        trace.frames += 1;
        if trace.tail == FrameId::NONE {
            trace.tail = id;
        }
        self.frames[id.index()] = Frame {
            key: call.key,
            parent: call.parent,
            twin: call.twin,
            sibling: trace.head,
            trace: call.trace,
            edge: call.edge,
            attempt: call.attempt,
            site: call.site,
            flags: 0,
            ..Frame::EMPTY
        };
        trace.head = id;
        id
    }

    /// Give a finished trace and its frames, all of them retired, back: their list becomes the head of the free list as
    /// it is. After an overload most frames have long left the cache, and none is touched before its slot is used again.
    pub fn free_trace(&mut self, trace: u32) {
        let slot = &mut self.traces[trace as usize];
        if slot.head != FrameId::NONE {
            self.frames[slot.tail.index()].sibling = self.free_frame;
            self.free_frame = slot.head;
            self.used_frames -= slot.frames;
        }
        slot.used = false;
        slot.head = FrameId::NONE;
        slot.live = self.free_trace;
        self.free_trace = trace;
    }

    /// Make the frames of a finished trace strangers to whoever remembers their keys.
    pub fn forget_keys(&mut self, trace: u32) {
        let mut id = self.traces[trace as usize].head;
        while id != FrameId::NONE {
            let frame = &mut self.frames[id.index()];
            frame.key = 0;
            id = frame.sibling;
        }
    }
}

/// An intrusive first-in-first-out list of frames, linked by [`Frame::next`].
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameQueue {
    pub head: FrameId,
    pub tail: FrameId,
    pub len: u32,
}

impl FrameQueue {
    pub const EMPTY: Self = Self {
        head: FrameId::NONE,
        tail: FrameId::NONE,
        len: 0,
    };

    #[inline]
    pub fn push(&mut self, arena: &mut Arena, id: FrameId) {
        arena.frame_mut(id).next = FrameId::NONE;
        if self.tail == FrameId::NONE {
            self.head = id;
        } else {
            arena.frame_mut(self.tail).next = id;
        }
        self.tail = id;
        self.len += 1;
    }

    /// In front of all others.
    #[inline]
    pub fn push_front(&mut self, arena: &mut Arena, id: FrameId) {
        arena.frame_mut(id).next = self.head;
        if self.tail == FrameId::NONE {
            self.tail = id;
        }
        self.head = id;
        self.len += 1;
    }

    #[inline]
    pub fn pop(&mut self, arena: &Arena) -> Option<FrameId> {
        let id = self.head;
        if id == FrameId::NONE {
            return None;
        }
        self.head = arena.frame(id).next;
        if self.head == FrameId::NONE {
            self.tail = FrameId::NONE;
        }
        self.len -= 1;
        Some(id)
    }
}
