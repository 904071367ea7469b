//! Request-level discrete-event simulation of a service graph.
//!
//! Knows nothing of files, wall clocks, threads, rendering or scoring: a [`Blueprint`](blueprint::Blueprint) goes in,
//! a [`World`](world::World) runs, and a [`Probe`](probe::Probe) sees what requests do.

pub mod blueprint;
pub mod change;
pub mod dist;
mod event;
pub mod hash;
pub mod ids;
pub mod measure;
pub mod probe;
mod rng;
pub mod world;

/// Version of the physics: two builds with the same number give the same bytes for the same run.
///
/// Raise it whenever a golden hash changes; journals of another physics are refused instead of silently re-scored.
pub const PHYSICS_VERSION: u32 = 4;
