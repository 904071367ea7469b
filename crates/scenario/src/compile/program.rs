//! Steps of an endpoint to flat code.

use brownout_sim::blueprint::{Step as Code, Version};
use brownout_sim::dist::Dist;
use brownout_sim::hash::name_hash;
use brownout_sim::ids::EndpointId;

use super::blueprint::Builder;
use super::{Build, missing};
use crate::model::{Distribution, ShareText, Step};
use crate::units::{bytes, duration_ns, factor_q16, share_q32};

pub(super) fn narrow(pc: usize) -> u16 {
    u16::try_from(pc).unwrap_or(u16::MAX)
}

impl Builder<'_> {
    /// Appends the code of one endpoint; it always ends in [`Code::Return`].
    pub(super) fn program(
        &mut self,
        version: &mut Version,
        endpoint: EndpointId,
        steps: &[Step],
    ) -> Build<()> {
        version.entries.push((endpoint, narrow(version.code.len())));
        self.steps(version, steps)?;
        version.code.push(Code::Return);
        Ok(())
    }

    /// Recursion is bounded by the nesting limit of the scan.
    pub(super) fn steps(&mut self, version: &mut Version, steps: &[Step]) -> Build<()> {
        for step in steps {
            let code = match step {
                Step::Compute(mean) => compute(duration_ns(&mean.0)?, Dist::Exponential, 0),
                Step::ComputeAs(mean, distribution) => {
                    compute(duration_ns(&mean.0)?, dist(distribution)?, 0)
                }
                Step::FailShare(share) => compute(0, Dist::Constant, share_q32(&share.0)?),
                Step::CheckToken(leeway) => Code::CheckToken {
                    leeway_ns: duration_ns(&leeway.0)?,
                },
                Step::Call(service, endpoint) => {
                    Code::Call(self.edge(version.service, service, endpoint)?)
                }
                Step::Write(written) => Code::Write(bytes(&written.0)?),
                Step::Publish(service, endpoint) => {
                    Code::Publish(self.edge(version.service, service, endpoint)?)
                }
                Step::Enqueue(service, endpoint) => {
                    Code::Enqueue(self.edge(version.service, service, endpoint)?)
                }
                Step::Parallel(calls) => {
                    let first = narrow(version.fans.len());
                    for (service, endpoint) in calls {
                        let edge = self.edge(version.service, service, endpoint)?;
                        version.fans.push(edge);
                    }
                    Code::Parallel {
                        first,
                        len: u8::try_from(calls.len()).unwrap_or(u8::MAX),
                    }
                }
                Step::IfFlag(flag, inner) => {
                    let flag = self.flag_id(flag)?;
                    self.branch(version, inner, |otherwise| Code::IfFlag { flag, otherwise })?;
                    continue;
                }
                Step::IfSegment(name, inner) => {
                    let segment = self.segment_id(name)?;
                    self.branch(version, inner, |otherwise| Code::IfSegment {
                        segment,
                        otherwise,
                    })?;
                    continue;
                }
                Step::IfClient(name, inner) => {
                    let client = self.client_id(name)?;
                    self.branch(version, inner, |otherwise| Code::IfClient {
                        client,
                        otherwise,
                    })?;
                    continue;
                }
                Step::IfShare(name, share, inner) => {
                    let share_q32 = u32::try_from(share_q32(&share.0)?).unwrap_or(u32::MAX);
                    self.branch(version, inner, |otherwise| Code::IfShare {
                        name: name_hash(name),
                        from_q32: 0,
                        below_q32: share_q32,
                        otherwise,
                    })?;
                    continue;
                }
                Step::OneOf(name, choices) => {
                    self.one_of(version, name, choices)?;
                    continue;
                }
                Step::Cached(cached) => {
                    self.cached(version, cached)?;
                    continue;
                }
                other => match self.data_step(version, other)? {
                    Some(code) => code,
                    None => return missing("step", "of this kind"),
                },
            };
            version.code.push(code);
        }
        Ok(())
    }

    /// Branches side by side: each request draws one number, and the shares lie one after the other.
    fn one_of(
        &mut self,
        version: &mut Version,
        name: &str,
        choices: &[(ShareText, Vec<Step>)],
    ) -> Build<()> {
        let mut from: u64 = 0;
        for (share, inner) in choices {
            let below = from.saturating_add(share_q32(&share.0)?);
            let bound = |q32: u64| u32::try_from(q32).unwrap_or(u32::MAX);
            self.branch(version, inner, |otherwise| Code::IfShare {
                name: name_hash(name),
                from_q32: bound(from),
                below_q32: bound(below),
                otherwise,
            })?;
            from = below;
        }
        Ok(())
    }

    /// A step that is skipped to the end of its block for requests it is not for.
    fn branch(
        &mut self,
        version: &mut Version,
        inner: &[Step],
        step: impl Fn(u16) -> Code,
    ) -> Build<()> {
        let at = version.code.len();
        version.code.push(step(0));
        self.steps(version, inner)?;
        let after = narrow(version.code.len());
        if let Some(code) = version.code.get_mut(at) {
            *code = step(after);
        }
        Ok(())
    }
}

const fn compute(mean_ns: u64, dist: Dist, failure_q32: u64) -> Code {
    Code::Compute {
        mean_ns,
        dist,
        failure_q32,
    }
}

pub(super) fn dist(distribution: &Distribution) -> Build<Dist> {
    Ok(match distribution {
        Distribution::Constant => Dist::Constant,
        Distribution::Exponential => Dist::Exponential,
        Distribution::LogNormal(sigma) => Dist::LogNormal {
            sigma_q16: factor_q16(&sigma.0)?,
        },
        Distribution::HyperExponential(scv) => Dist::HyperExponential {
            scv_q16: factor_q16(&scv.0)?,
        },
        Distribution::Erlang(phases) => Dist::Erlang { phases: *phases },
        Distribution::Pareto(shape) => Dist::Pareto {
            shape_q16: factor_q16(&shape.0)?,
        },
    })
}
