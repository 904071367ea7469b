//! Which changes make sense now.

use super::World;
use super::agenda::Rejected;
use crate::blueprint::{Change, ONE_Q32};
use crate::change::Watched;
use crate::ids::DeploymentId;

impl World {
    pub(super) fn check(&self, change: &Change) -> Result<(), Rejected> {
        let known = |deployment: &DeploymentId| {
            if deployment.index() < self.deployments.len() {
                Ok(())
            } else {
                Err(Rejected::Unknown)
            }
        };
        match change {
            Change::Deploy {
                deployment,
                version,
            } => {
                known(deployment)?;
                let found = self
                    .blueprint
                    .versions
                    .get(version.index())
                    .ok_or(Rejected::Unknown)?;
                if found.service != self.blueprint.deployments[deployment.index()].service {
                    return Err(Rejected::WrongService);
                }
                if self.deployments[deployment.index()].version == *version {
                    return Err(Rejected::NoChange);
                }
                self.check_not_withdrawn(*version)
            }
            Change::Restart { deployment } => known(deployment),
            Change::SetVariable {
                deployment,
                variable,
                value,
            } => {
                known(deployment)?;
                if variable.index() >= self.blueprint.variables.len() {
                    return Err(Rejected::Unknown);
                }
                let overlay = &self.deployments[deployment.index()].overlay;
                let now = overlay
                    .iter()
                    .find(|(v, _)| v == variable)
                    .map(|(_, value)| &self.values[value.index()]);
                if now == value.as_ref() {
                    Err(Rejected::NoChange)
                } else {
                    Ok(())
                }
            }
            Change::SetFlag {
                flag,
                region,
                segment,
                share_q32,
                ..
            } => {
                if flag.index() >= self.blueprint.flags.len()
                    || region.is_some_and(|r| r.index() >= self.tables.regions)
                    || segment.is_some_and(|s| s.index() >= self.tables.segments)
                {
                    return Err(Rejected::Unknown);
                }
                let mut rows = self.flag_rows(*flag, *region, *segment);
                if rows.all(|row| self.flags[row] == *share_q32) {
                    Err(Rejected::NoChange)
                } else {
                    Ok(())
                }
            }
            Change::ShiftTraffic {
                from,
                to,
                share_q32,
                ..
            } => {
                let regions = self.blueprint.regions.len();
                if from.index() >= regions
                    || to.index() >= regions
                    || from == to
                    || *share_q32 > ONE_Q32
                {
                    return Err(Rejected::Unknown);
                }
                let now = self.shifts[from.index()].map_or(0, |s| s.share_q32);
                if now == *share_q32 {
                    Err(Rejected::NoChange)
                } else {
                    Ok(())
                }
            }
            Change::Data(change) => self.check_data(change),
            Change::Slowdown { .. } | Change::Errors { .. } => Ok(()),
            Change::Requests {
                requests, effect, ..
            } => self.check_requests(requests, *effect),
            Change::Monitoring {
                deployment,
                watched,
            } => {
                known(deployment)?;
                let now = self.watched.iter().find(|(known, _)| known == deployment);
                if now.map_or(Watched::WELL, |(_, now)| *now) == *watched {
                    Err(Rejected::NoChange)
                } else {
                    Ok(())
                }
            }
            Change::Process { selector, effect } => self.check_effect(selector, effect),
            Change::Fleet { deployment, action } => {
                known(deployment)?;
                self.check_fleet(*deployment, action)
            }
            Change::Traffic { .. }
            | Change::Limit { .. }
            | Change::Link(_)
            | Change::PointName { .. }
            | Change::AnswerName { .. }
            | Change::Certificate { .. }
            | Change::Credential { .. }
            | Change::Skew { .. } => self.check_around(change),
            Change::Calls {
                client,
                server,
                region,
                terms,
            } => self.check_terms(*client, *server, *region, terms),
            Change::Withdraw { version } => {
                if version.index() >= self.blueprint.versions.len() {
                    return Err(Rejected::Unknown);
                }
                if self.withdrawn.contains(version) {
                    return Err(Rejected::NoChange);
                }
                Ok(())
            }
        }
    }
}
