//! Request-level discrete-event simulation of a service graph.
//!
//! Knows nothing of files, wall clocks, threads, rendering or scoring: a [`Blueprint`](blueprint::Blueprint) goes in,
//! a world runs, and a probe sees what requests do.

pub mod blueprint;
pub mod dist;
pub mod hash;
pub mod ids;
