//! `brownout import`: what it makes of somebody's own architecture can be checked, begun on and run.

mod command;
