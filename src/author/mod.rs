//! Writing a scenario: its files are watched while they are edited elsewhere, checked after each save, and run with nobody
//! acting, so that its author sees within a second what is wrong with it, or how it behaves.
//!
//! [`Watch`], [`check`], [`Course`] and [`facts`](facts::facts) are pure; [`Desk`] does it on threads, over real files.

pub mod check;
pub mod course;
pub mod desk;
pub mod disk;
pub mod facts;
pub mod plan;
pub mod watch;

pub use check::{Checked, SourceFile, check};
pub use course::{Course, End, Firing, Paged};
pub use desk::{Asked, Chosen, Desk};
pub use disk::Disk;
pub use plan::{Planned, plan};
pub use watch::{Stamp, Stamps, Watch};
