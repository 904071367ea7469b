//! Which requests a change is about, and what a change waits for.

use brownout_sim::blueprint::{
    Change, Condition, KeyRange, RequestEffect, RequestSelector, Selector,
};
use brownout_sim::probe::Status;

use super::Build;
use super::blueprint::{Builder, duration_or};
use super::missing;
use crate::model::{RefusalStatus, Requests, TimedChange, When};
use crate::units::share_q32;

impl Builder<'_> {
    /// One effect on the chosen requests of each of some selectors.
    pub(super) fn of_requests(
        &self,
        service: &str,
        selectors: Vec<Selector>,
        requests: &Requests,
        effect: RequestEffect,
    ) -> Build<Vec<Change>> {
        let requests = self.requests(service, requests)?;
        let change = |selector| Change::Requests {
            selector,
            requests,
            effect,
        };
        Ok(selectors.into_iter().map(change).collect())
    }

    fn requests(&self, service: &str, requests: &Requests) -> Build<RequestSelector> {
        let database = self.service_id(service)?;
        let flow = requests.flow.as_deref().map(|name| self.flow_id(name));
        let segment = requests.segment.as_deref();
        let segment = segment.map(|name| self.segment_id(name));
        let client = requests.client.as_deref().map(|name| self.client_id(name));
        let flag = requests.flag.as_deref().map(|name| self.flag_id(name));
        let from = requests.from.as_deref().map(|name| self.service_id(name));
        let query = requests.query.as_deref();
        let query = query.map(|name| self.query_id(database, name));
        let keys = requests.keys.as_ref().map(|keys| {
            let space = self.key_space_id(&keys.space)?;
            Build::Ok(KeyRange {
                space,
                first: keys.first,
                last: keys.last,
            })
        });
        Ok(RequestSelector {
            flow: flow.transpose()?,
            segment: segment.transpose()?,
            client: client.transpose()?,
            flag: flag.transpose()?,
            from: from.transpose()?,
            query: query.transpose()?,
            keys: keys.transpose()?,
        })
    }

    /// What a timed change waits for, and from when. `all` are the timed changes in the order of their positions.
    pub(super) fn condition(
        &self,
        when: &When,
        at_ns: u64,
        all: &[&TimedChange],
    ) -> Build<(u64, Condition)> {
        let region = |name: &Option<String>| {
            let id = name.as_deref().map(|name| self.region_id(name));
            id.transpose()
        };
        let condition = match when {
            When::Waiting {
                service,
                region: at,
                above,
            } => Condition::Waiting {
                service: self.service_id(service)?,
                region: region(at)?,
                above: *above,
            },
            When::Ready {
                service,
                region: at,
                below,
            } => Condition::Ready {
                service: self.service_id(service)?,
                region: region(at)?,
                below: *below,
            },
            When::Rows {
                service,
                table,
                above,
            } => Condition::Rows {
                table: self.table_id(self.service_id(service)?, table)?,
                above: *above,
            },
            When::Pool {
                client,
                server,
                region: at,
                above,
            } => Condition::Pool {
                client: self.service_id(client)?,
                server: self.service_id(server)?,
                region: region(at)?,
                above_q32: share_q32(&above.0)?,
            },
            When::Made(name) => {
                let named = |timed: &&&TimedChange| timed.name.as_ref() == Some(name);
                let Some(other) = all.iter().find(named) else {
                    return missing("timed change", name);
                };
                if other.when.is_none() {
                    // It comes at a time of its own.
                    let other_ns = duration_or(other.at.as_ref(), 0)?;
                    return Ok((at_ns.max(other_ns), Condition::Always));
                }
                let before = all.iter().take_while(|timed| !named(timed));
                let position = before.filter(|timed| timed.when.is_some()).count();
                Condition::Made {
                    other: u16::try_from(position).unwrap_or(u16::MAX),
                }
            }
        };
        Ok((at_ns, condition))
    }
}

/// What a refused caller is told.
pub(super) const fn told(status: RefusalStatus) -> Status {
    match status {
        RefusalStatus::Internal => Status::Internal,
        RefusalStatus::Unavailable => Status::Unavailable,
        RefusalStatus::Overloaded => Status::Overloaded,
        RefusalStatus::Refused => Status::Refused,
        RefusalStatus::Reset => Status::Reset,
        RefusalStatus::Untrusted => Status::Untrusted,
        RefusalStatus::Throttled => Status::Throttled,
        RefusalStatus::Denied => Status::Denied,
    }
}
