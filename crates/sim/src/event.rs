//! The event queue: a heap of 128-bit keys that are totally ordered and never equal.

/// What an event is about; the meaning of its index depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventKind {
    /// A root request of source `index` arrives.
    Arrival,
    /// The attempt of frame `index` is launched after its pause.
    Launch,
    /// Frame `index` reaches its server.
    Arrive,
    /// Frame `index` has finished a computation.
    Computed,
    /// The reply to frame `index` reaches its client.
    Deliver,
    /// The head of edge `index`'s timer list is due.
    Timeout,
    /// Item `index` of the control plane's agenda is due.
    Agenda,
    /// The processor-sharing instance `index` has finished a computation.
    Shared,
    /// The deadline frame `index` was given by its caller's caller has passed.
    Deadline,
    /// The head of edge `index`'s list of calls to hedge is due.
    Hedge,
    /// The user of trace `index` has waited long enough.
    Patience,
}

impl EventKind {
    const ALL: [Self; 16] = {
        let mut all = [Self::Agenda; 16];
        all[0] = Self::Arrival;
        all[1] = Self::Launch;
        all[2] = Self::Arrive;
        all[3] = Self::Computed;
        all[4] = Self::Deliver;
        all[5] = Self::Timeout;
        all[7] = Self::Shared;
        all[8] = Self::Deadline;
        all[9] = Self::Hedge;
        all[10] = Self::Patience;
        all
    };
}

/// Bits of the index: the cap on frames in flight (2^21, the 2 M of the scenario limits).
pub const INDEX_BITS: u32 = 21;
const KIND_BITS: u32 = 4;
const SEQUENCE_BITS: u32 = 39;

/// An event taken from the queue.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// When it is due.
    pub at_ns: u64,
    /// Position in the order of creation.
    pub sequence: u64,
    /// Kind.
    pub kind: EventKind,
    /// Index whose meaning depends on the kind.
    pub index: u32,
}

/// Children of a heap node. Four keys are one cache line, and a heap half as deep is worth the comparisons: measured a
/// quarter faster than a binary heap on whole runs.
const ARITY: usize = 4;

/// Pending events ordered by (time, sequence). Layout of a key: `time:64 | sequence:39 | kind:4 | index:21`.
#[derive(Clone, Debug, Default)]
pub struct EventQueue {
    /// Minimum heap.
    heap: Vec<u128>,
    sequence: u64,
    /// The root has been taken. Nearly every event schedules another, which takes its place without the heap having to
    /// close over it first.
    vacant: bool,
}

/// Position and value of the smallest of four keys, without a branch to mispredict.
#[inline]
fn smallest_of(children: &[u128]) -> (usize, u128) {
    let left = usize::from(children[1] < children[0]);
    let right = 2 + usize::from(children[3] < children[2]);
    let smallest = [left, right][usize::from(children[right] < children[left])];
    (smallest, children[smallest])
}

/// The same of the last, incomplete brood of a heap.
#[inline]
fn smallest_of_few(children: &[u128]) -> Option<(usize, u128)> {
    let keys = children.iter().copied().enumerate();
    keys.min_by_key(|&(_, key)| key)
}

impl EventQueue {
    /// Take the next sequence number without scheduling anything.
    #[inline]
    pub fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Schedule an event.
    #[inline]
    pub fn push(&mut self, at_ns: u64, kind: EventKind, index: u32) {
        let sequence = self.next_sequence();
        self.push_with_sequence(at_ns, sequence, kind, index);
    }

    /// Schedule an event under a sequence number taken earlier.
    #[inline]
    pub fn push_with_sequence(&mut self, at_ns: u64, sequence: u64, kind: EventKind, index: u32) {
        debug_assert!(sequence < 1 << SEQUENCE_BITS && index < 1 << INDEX_BITS);
        let low =
            sequence << (KIND_BITS + INDEX_BITS) | (kind as u64) << INDEX_BITS | u64::from(index);
        self.insert(u128::from(at_ns) << 64 | u128::from(low));
    }

    #[inline]
    fn insert(&mut self, key: u128) {
        if self.vacant {
            self.vacant = false;
            return self.sift_down(key);
        }
        let mut hole = self.heap.len();
        self.heap.push(key);
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.heap[parent] <= key {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = key;
    }

    /// Put a key into the vacant root and from there to its place.
    fn sift_down(&mut self, key: u128) {
        let heap = self.heap.as_mut_slice();
        let mut hole = 0;
        loop {
            let first = ARITY * hole + 1;
            let (smallest, least) = match heap.get(first..first + ARITY) {
                Some(children) => smallest_of(children),
                None => match heap.get(first..).and_then(smallest_of_few) {
                    Some(found) => found,
                    None => break,
                },
            };
            if key <= least {
                break;
            }
            heap[hole] = least;
            hole = first + smallest;
        }
        heap[hole] = key;
    }

    /// Moves the hole at the root down to a leaf along the smallest children, then the last key up from there. The last
    /// key belongs near the leaves, so comparing with it on the way down would only mislead the branch predictor.
    fn close_vacancy(&mut self) {
        self.vacant = false;
        let Some(last) = self.heap.pop() else { return };
        let heap = self.heap.as_mut_slice();
        if heap.is_empty() {
            return;
        }
        let mut hole = 0;
        loop {
            let first = ARITY * hole + 1;
            let Some(children) = heap.get(first..first + ARITY) else {
                break;
            };
            let (smallest, least) = smallest_of(children);
            heap[hole] = least;
            hole = first + smallest;
        }
        let first = ARITY * hole + 1;
        if let Some((smallest, least)) = heap.get(first..).and_then(smallest_of_few) {
            heap[hole] = least;
            hole = first + smallest;
        }
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if heap[parent] <= last {
                break;
            }
            heap[hole] = heap[parent];
            hole = parent;
        }
        heap[hole] = last;
    }

    /// The first event due before `limit_ns`, if any.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "taking the key's fields apart"
    )]
    pub fn pop_before(&mut self, limit_ns: u64) -> Option<Event> {
        if self.vacant {
            self.close_vacancy();
        }
        let &key = self.heap.first()?;
        if (key >> 64) as u64 >= limit_ns {
            return None;
        }
        self.vacant = true;
        let low = key as u64;
        Some(Event {
            at_ns: (key >> 64) as u64,
            sequence: low >> (KIND_BITS + INDEX_BITS),
            kind: EventKind::ALL[(low >> INDEX_BITS & 15) as usize],
            index: (low & ((1 << INDEX_BITS) - 1)) as u32,
        })
    }

    /// Number of pending events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len() - usize::from(self.vacant)
    }
}
