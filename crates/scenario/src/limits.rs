//! Bounds of the language. A file beyond them is refused before anything is simulated.

use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};

/// Services of a system.
pub const MAX_SERVICES: usize = 512;
/// Client-side edges of a system with all releases.
pub const MAX_EDGES: usize = 4_096;
/// Instances of a system in all regions.
pub const MAX_REPLICAS: u64 = 10_000;
/// Places of a queue or pool.
pub const MAX_POOL: u64 = 1_000_000;
/// Descriptors of a process.
pub const MAX_DESCRIPTORS: u64 = 1_000_000;
/// Ephemeral ports of a host.
pub const MAX_PORTS: u64 = 65_535;
/// Zones of a region.
pub const MAX_ZONES: u64 = 16;
/// Checks or failures in a row.
pub const MAX_IN_A_ROW: u64 = 1_000;
/// Longest pause of a collection per MiB of live heap.
pub const MAX_PAUSE_PER_MIB_NS: u64 = SECOND_NS;
/// Largest warm-up factor, Q16.
pub const MAX_WARM_UP_Q16: u32 = 1_000 << 16;
/// Shortest period of a quota: each is an event at each instance.
pub const MIN_QUOTA_PERIOD_NS: u64 = SECOND_NS / 1_000;
/// Shortest time between health checks or looks of an autoscaler.
pub const MIN_CHECK_NS: u64 = SECOND_NS / 10;
/// Cores of an instance.
pub const MAX_CORES: u64 = 1_000_000;
/// Bytes of a name or other short text.
pub const MAX_NAME_BYTES: usize = 256;
/// Bytes of prose.
pub const MAX_PROSE_BYTES: usize = 16 * 1024;
/// Timed changes of a scenario: those common to all truths and those of all truths together.
pub const MAX_TIMED_CHANGES: usize = 4_096;
/// Conditional changes under one truth: each is looked at once a second.
pub const MAX_CONDITIONALS: usize = 64;
/// Longest simulated time.
pub const MAX_SIMULATED_NS: u64 = 30 * 24 * 60 * MINUTE_NS;
/// Attempts of a call in all.
pub const MAX_ATTEMPTS: u64 = 10;
/// Calls a circuit breaker looks back on.
pub const MAX_BREAKER_WINDOW: u64 = 64;
/// Users of one closed loop.
pub const MAX_USERS: u64 = 100_000;
/// Most growth of the pause between attempts per attempt.
pub const MAX_BACKOFF_FACTOR_Q16: u32 = 100 << 16;
/// Oldest entry of the change log before the run.
pub const MAX_HISTORY_NS: u64 = 10 * 365 * 24 * 60 * MINUTE_NS;
/// Traffic sources of a system: flow, region and segment.
pub const MAX_SOURCES: usize = 8_192;
/// Versions of the program on the users' side.
pub const MAX_CLIENTS: usize = 32;
/// Profiles of one flow.
pub const MAX_PROFILES: usize = 16;
/// Factors of recorded traffic.
pub const MAX_REPLAYED: usize = 1_024;
/// Shortest wave of traffic.
pub const MIN_PERIOD_NS: u64 = MINUTE_NS;
/// Steps of the rates of all sources together.
pub const MAX_RATE_STEPS: usize = 65_536;
/// Most growth of traffic by one profile or change.
pub const MAX_TRAFFIC_FACTOR_Q16: u32 = 1_000 << 16;
/// Tries of a user by hand, the first included.
pub const MAX_TRIES: u64 = 20;
/// Links of a system that are told of by themselves.
pub const MAX_LINKS: usize = 1_024;
/// Rate limits of one service.
pub const MAX_DOOR_LIMITS: usize = 64;
/// Bytes of one message.
pub const MAX_MESSAGE_BYTES: u64 = 1 << 30;
/// Regions of a system.
pub const MAX_REGIONS: usize = 32;
/// Customer segments of a system.
pub const MAX_SEGMENTS: usize = 64;
/// Flows of a system.
pub const MAX_FLOWS: usize = 64;
/// Flags of a system.
pub const MAX_FLAGS: usize = 1_024;
/// Endpoints of a system.
pub const MAX_ENDPOINTS: usize = 8_192;
/// Releases of a scenario.
pub const MAX_RELEASES: usize = 1_024;
/// Key spaces of a system.
pub const MAX_KEY_SPACES: usize = 64;
/// Keys of a key space.
pub const MAX_KEYS: u64 = 1 << 20;
/// Keys of all cache instances' spaces together.
pub const MAX_CACHED_KEYS: u64 = 1 << 24;
/// Tables of a database.
pub const MAX_TABLES: usize = 256;
/// Query classes of a database.
pub const MAX_QUERIES: usize = 1_024;
/// Rows of a table.
pub const MAX_ROWS: u64 = 1_000_000_000_000;
/// How many times longer a row takes that is not in memory.
pub const MAX_DISK_FACTOR: u64 = 100_000;
/// Steps of all endpoints of one service, nested ones included.
pub const MAX_STEPS: usize = 8_192;
/// Calls of one parallel step.
pub const MAX_PARALLEL: usize = 255;
/// Users one simulated request may stand for.
pub const MAX_WEIGHT: u64 = 1_000_000;
/// Normal life before any harm, for "now against normal" to exist.
pub const MIN_NORMAL_NS: u64 = 20 * MINUTE_NS;
/// Look-back window of an alert.
pub const MAX_ALERT_WINDOW_NS: u64 = 60 * MINUTE_NS;
/// Shortest look-back window of an alert.
pub const MIN_ALERT_WINDOW_NS: u64 = SECOND_NS;
