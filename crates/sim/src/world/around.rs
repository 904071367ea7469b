//! Changes of what lies around instances: users, doors, links, names, trust, clocks. All take effect at once.

use super::World;
use super::agenda::Rejected;
use crate::blueprint::Change;

impl World {
    /// Whether a change of this kind makes sense now; others are not looked at.
    pub(super) fn check_around(&self, change: &Change) -> Result<(), Rejected> {
        match change {
            Change::Traffic { users, factor_q16 } => self.check_traffic(users, *factor_q16),
            Change::Limit { limit, sets } => self.check_limit(limit, *sets),
            Change::Link(link) => self.check_link(link),
            Change::PointName {
                service,
                to,
                region,
            } => self.check_name(*service, *to, *region),
            Change::AnswerName { service, state } => self.check_name_state(*service, *state),
            Change::Certificate {
                service,
                expires_ns,
            } => self.check_certificate(*service, *expires_ns),
            Change::Credential {
                client,
                server,
                action,
            } => self.check_credential(*client, *server, *action),
            Change::Skew {
                deployment,
                slot,
                skew_ns,
            } => self.check_skew(*deployment, *slot, *skew_ns),
            _ => Ok(()),
        }
    }

    /// Carry out a change of this kind that has been checked.
    pub(super) fn apply_around(&mut self, change: &Change) {
        match change {
            Change::Traffic { users, factor_q16 } => self.scale_traffic(users, *factor_q16),
            Change::Limit { limit, sets } => self.set_limit(limit, *sets),
            Change::Link(link) => self.set_link(link),
            Change::PointName {
                service,
                to,
                region,
            } => self.point_name(*service, *to, *region),
            Change::AnswerName { service, state } => self.set_name_state(*service, *state),
            Change::Certificate {
                service,
                expires_ns,
            } => self.set_certificate(*service, *expires_ns),
            Change::Credential {
                client,
                server,
                action,
            } => self.change_credential(*client, *server, *action),
            Change::Skew {
                deployment,
                slot,
                skew_ns,
            } => self.set_skew(*deployment, *slot, *skew_ns),
            _ => {}
        }
    }
}
