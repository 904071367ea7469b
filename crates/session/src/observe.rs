//! What a look shows.

use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};

use crate::command::{Look, Metric};
use crate::names;
use crate::reader::Reader;
use crate::session::{Refused, Session};

/// Reading of a metric now; `None` without samples or for unknown names.
pub(crate) fn read(session: &Session, metric: &Metric, window_ns: u64) -> Option<u64> {
    let scope = names::scope(&session.scenario.blueprint, metric).ok()?;
    session
        .recorder
        .signals()
        .read(metric.signal, scope, session.now_ns(), window_ns)
}

/// Reading of a single signal, and the number of rows shown.
pub(crate) fn shown(session: &Session, look: &Look) -> Result<(Option<u64>, u32), Refused> {
    let blueprint = &session.scenario.blueprint;
    let reader = Reader::new(session);
    let rows = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(match look {
        Look::Overview => (None, rows(blueprint.flows.len() * blueprint.regions.len())),
        Look::Topology => (None, rows(blueprint.deployments.len())),
        Look::Metric { metric, window_s } => {
            names::scope(blueprint, metric)?;
            let window_ns = (window_s * SECOND_NS).max(MINUTE_NS);
            let points = reader.series(
                metric,
                session.now_ns().saturating_sub(window_ns),
                session.now_ns(),
                MINUTE_NS,
            );
            (
                read(session, metric, MINUTE_NS.min(window_ns)),
                rows(points.len()),
            )
        }
        Look::Logs {
            service,
            region,
            window_s,
        } => {
            names::service(blueprint, service)?;
            if let Some(region) = region {
                names::region(blueprint, region)?;
            }
            let from_ns = session.now_ns().saturating_sub(window_s * SECOND_NS);
            (
                None,
                rows(
                    reader
                        .logs(service, region.as_deref(), from_ns, session.now_ns())
                        .len(),
                ),
            )
        }
        Look::Traces {
            flow,
            region,
            failing,
            window_s,
        } => {
            names::flow(blueprint, flow)?;
            let from_ns = session.now_ns().saturating_sub(window_s * SECOND_NS);
            (
                None,
                rows(
                    reader
                        .traces(flow, region.as_deref(), *failing, from_ns, session.now_ns())
                        .len(),
                ),
            )
        }
        Look::Changes { window_s } => {
            let now = i64::try_from(session.now_ns()).unwrap_or(i64::MAX);
            let from = now - i64::try_from(window_s * SECOND_NS).unwrap_or(i64::MAX);
            (
                None,
                rows(
                    session
                        .recorder
                        .changes
                        .until(session.now_ns())
                        .filter(|c| c.at_ns >= from)
                        .count(),
                ),
            )
        }
        Look::Diff { service } => {
            names::service(blueprint, service)?;
            (
                None,
                rows(reader.diff(service).map_or(0, |diff| diff.variables.len())),
            )
        }
        Look::Release { service, version } => {
            let id = names::service(blueprint, service)?;
            names::version(blueprint, id, version)?;
            (None, 1)
        }
    })
}
