//! Everything of a scenario that is not physics: texts, alerts, people, clocks, the truth.

use std::fmt::{Debug, Write};
use std::sync::Arc;

use brownout_sim::blueprint::Blueprint;
use brownout_sim::hash::StableHasher;

use super::blueprint::{Builder, duration_or};
use super::{Build, missing};
use crate::compiled::{
    self, AlertRule, AlertSignal, FlowText, Question, Release, Scenario, ServiceText,
};
use crate::defaults;
use crate::graph::ServiceGraph;
use crate::load::Loaded;
use crate::model;
use crate::rubric::DIMENSIONS;
use crate::text::clean;
use crate::units::{duration_ns, factor_q16, share_q32, unix_seconds};

/// The scenario around a finished blueprint, which the caller puts in together with the hash.
pub(super) fn scenario(
    loaded: &Loaded,
    index: usize,
    truth: &model::Truth,
    builder: &Builder<'_>,
) -> Build<Scenario> {
    let (model, system) = (&loaded.model, &loaded.system.model);
    let Some(main) = system.flows.iter().find(|flow| flow.main) else {
        return missing("main flow", "");
    };
    let Some(page_alert) = model
        .alerts
        .iter()
        .position(|alert| alert.name == model.page.alert)
    else {
        return missing("alert", &model.page.alert);
    };
    let before = builder.before(&model.history)?;
    let records = builder.records(&model.history, model.timeline.iter().chain(&truth.timeline))?;
    let communication = &model.communication;
    Ok(Scenario {
        name: model.name.clone(),
        title: clean(&model.title),
        summary: clean(&model.summary),
        briefing: clean(&model.briefing),
        skills: model.skills.iter().map(|skill| clean(skill)).collect(),
        difficulty: model.difficulty,
        system: (
            system.name.clone(),
            clean(&system.title),
            clean(&system.description),
        ),
        blueprint: Arc::new(Blueprint::default()),
        hash: 0,
        start_unix_s: unix_seconds(&model.starts)?,
        horizon_ns: duration_ns(&model.horizon.0)?,
        objective_q32: share_q32(&model.objective.0)?,
        page_alert,
        page_latest_ns: duration_ns(&model.page.latest.0)?,
        page_text: clean(&model.page.text),
        alerts: model
            .alerts
            .iter()
            .map(|alert| rule(alert, share_q32(&model.objective.0)?, builder))
            .collect::<Build<_>>()?,
        releases: releases(model, builder),
        people: model
            .people
            .iter()
            .map(|person| self::person(person, &truth.name, builder))
            .collect::<Build<_>>()?,
        severities: model
            .severities
            .iter()
            .map(severity)
            .collect::<Build<_>>()?,
        first_message_ns: duration_or(communication.first.as_ref(), defaults::FIRST_MESSAGE_NS)?,
        scope_message_ns: duration_or(communication.scope.as_ref(), defaults::SCOPE_MESSAGE_NS)?,
        update_interval_ns: duration_or(
            communication.update.as_ref(),
            defaults::UPDATE_INTERVAL_NS,
        )?,
        flows: system
            .flows
            .iter()
            .map(|flow| FlowText {
                title: clean(&flow.title),
                main: flow.main,
            })
            .collect(),
        main_flow: builder.flow_id(&main.name)?,
        services: system.services.iter().map(service_text).collect(),
        flag_features: system
            .flags
            .iter()
            .map(|flag| clean(&flag.feature))
            .collect(),
        ranks: ServiceGraph::of(system, &model.versions).ranks(),
        truth: self::truth(truth, index, &records, builder)?,
        truth_count: model.truths.len(),
        rivals: super::answers::rivals(loaded)?,
        hints: model
            .hints
            .iter()
            .filter(|hint| hint.truth.as_ref().is_none_or(|name| *name == truth.name))
            .map(|hint| clean(&hint.text))
            .collect(),
        dimension_weights: DIMENSIONS
            .map(|name| model.rubric.dimensions.get(name).copied().unwrap_or(1)),
        criteria_points: model.rubric.criteria.clone(),
        records,
        before,
    })
}

/// Hash over everything that decides a run or is shown during it. Title, summary, briefing, skills, difficulty and the
/// debrief's explanation are left out: correcting their wording must not invalidate journals.
pub(super) fn hash(scenario: &Scenario) -> u64 {
    struct Feed(StableHasher);
    impl Write for Feed {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.bytes(text.as_bytes());
            Ok(())
        }
    }
    let s = scenario;
    let t = &s.truth;
    // The debug text holds integers and names only, so it is the same on every platform.
    let parts: [&dyn Debug; 26] = [
        &s.name,
        &s.start_unix_s,
        &s.horizon_ns,
        &s.objective_q32,
        &s.page_alert,
        &s.page_latest_ns,
        &s.page_text,
        &s.alerts,
        &s.releases,
        &s.records,
        &s.people,
        &s.severities,
        &s.first_message_ns,
        &s.scope_message_ns,
        &s.update_interval_ns,
        &s.flows,
        &s.main_flow,
        &s.truth_count,
        &t.index,
        &t.name,
        &t.onset_ns,
        &t.component,
        &t.regions,
        &t.mechanism,
        &(t.trigger, &t.sustaining),
        &t.path,
    ];
    let mut feed = Feed(StableHasher::new());
    feed.0.word(s.blueprint.hash());
    for (service, version) in &s.before {
        feed.0
            .word(u64::from(service.0) << 16 | u64::from(version.0));
    }
    for part in parts {
        if write!(feed, "{part:?};").is_err() {
            return 0;
        }
    }
    feed.0.finish()
}

fn rule(alert: &model::Alert, objective_q32: u64, builder: &Builder<'_>) -> Build<AlertRule> {
    let signal = match &alert.signal {
        model::AlertSignal::FlowSuccessBelow(flow, share) => {
            AlertSignal::FlowSuccessBelow(builder.flow_id(flow)?, share_q32(&share.0)?)
        }
        model::AlertSignal::FlowLatencyAbove(flow, limit) => {
            AlertSignal::FlowLatencyAbove(builder.flow_id(flow)?, duration_ns(&limit.0)?)
        }
        model::AlertSignal::ServiceErrorsAbove(service, share) => {
            AlertSignal::ServiceErrorsAbove(builder.service_id(service)?, share_q32(&share.0)?)
        }
        model::AlertSignal::SaturationAbove(service, share) => {
            AlertSignal::SaturationAbove(builder.service_id(service)?, share_q32(&share.0)?)
        }
        model::AlertSignal::CpuAbove(service, share) => {
            AlertSignal::CpuAbove(builder.service_id(service)?, share_q32(&share.0)?)
        }
        model::AlertSignal::WaitingAbove(service, count) => {
            AlertSignal::WaitingAbove(builder.service_id(service)?, u64::from(*count))
        }
        model::AlertSignal::QueueAgeAbove(service, age) => {
            AlertSignal::QueueAgeAbove(builder.service_id(service)?, duration_ns(&age.0)?)
        }
        model::AlertSignal::DeadLettersAbove(service, most) => {
            AlertSignal::DeadLettersAbove(builder.service_id(service)?, u64::from(*most))
        }
        model::AlertSignal::BurnRateAbove(flow, factor, short) => {
            let failing = (1u64 << 32).saturating_sub(objective_q32);
            let share = failing.saturating_mul(u64::from(factor_q16(&factor.0)?)) >> 16;
            let short_ns = duration_ns(&short.0)?;
            AlertSignal::BurnRateAbove(builder.flow_id(flow)?, share, short_ns)
        }
        model::AlertSignal::Absent(service) => AlertSignal::Absent(builder.service_id(service)?),
    };
    Ok(AlertRule {
        name: alert.name.clone(),
        signal,
        window_ns: duration_ns(&alert.window.0)?,
        hold_ns: duration_ns(&alert.hold.0)?,
        level: alert.level,
        runbook: alert.runbook.clone(),
    })
}

/// One entry per version of the blueprint, empty where nobody wrote a release note.
fn releases(model: &model::ScenarioFile, builder: &Builder<'_>) -> Vec<Release> {
    let describe = |version: &brownout_sim::blueprint::Version| {
        let service = builder
            .model
            .services
            .get(version.service.index())
            .map_or("", |service| service.name.as_str());
        let written = model
            .versions
            .iter()
            .find(|release| release.service == service && release.name == version.name);
        written.map_or_else(Release::default, |release| Release {
            notes: clean(&release.notes),
            feature: clean(&release.feature),
            hunks: release
                .hunks
                .iter()
                .map(|(file, text)| (clean(file), clean(text)))
                .collect(),
        })
    };
    builder.blueprint.versions.iter().map(describe).collect()
}

fn person(person: &model::Person, truth: &str, builder: &Builder<'_>) -> Build<compiled::Person> {
    let mut asks = Vec::with_capacity(person.asks.len());
    for ask in &person.asks {
        asks.push(Question {
            after_ns: duration_ns(&ask.after.0)?,
            text: clean(&ask.text),
            wants: ask.wants.clone(),
        });
    }
    asks.sort_by_key(|ask| ask.after_ns);
    let knows = person
        .knows
        .iter()
        .filter(|knowledge| knowledge.truth.as_deref().is_none_or(|name| name == truth));
    Ok(compiled::Person {
        name: person.name.clone(),
        role: person.role,
        owns: person
            .owns
            .as_deref()
            .map(|name| builder.service_id(name))
            .transpose()?,
        patience_ns: duration_ns(&person.patience.0)?,
        answers_after_ns: duration_or(person.answers_after.as_ref(), defaults::ANSWERS_AFTER_NS)?,
        asks,
        says: knows.map(|knowledge| clean(&knowledge.text)).collect(),
    })
}

fn severity(severity: &model::Severity) -> Build<compiled::Severity> {
    let failing_q32 = share_q32(&severity.failing.0)?;
    Ok(compiled::Severity {
        name: severity.name.clone(),
        when: clean(&severity.when),
        failing_q32,
        slow_q32: severity
            .slow
            .as_ref()
            .map(|slow| share_q32(&slow.0))
            .transpose()?,
        late_ns: severity
            .late
            .as_ref()
            .map(|late| duration_ns(&late.0))
            .transpose()?,
    })
}

fn service_text(service: &model::Service) -> ServiceText {
    ServiceText {
        description: clean(&service.description),
        owner: clean(&service.owner),
    }
}

fn truth(
    truth: &model::Truth,
    index: usize,
    records: &[compiled::ChangeRecord],
    builder: &Builder<'_>,
) -> Build<compiled::Truth> {
    let trigger = match &truth.trigger {
        None => None,
        Some(name) => match records
            .iter()
            .position(|record| record.key.as_ref() == Some(name))
        {
            None => return missing("recorded change", name),
            found => found,
        },
    };
    Ok(compiled::Truth {
        index,
        name: truth.name.clone(),
        onset_ns: duration_ns(&truth.onset.0)?,
        control: truth.control,
        component: builder.service_id(&truth.component)?,
        regions: builder.region_ids(&truth.regions)?,
        mechanism: truth.mechanism.clone(),
        trigger,
        sustaining: truth.sustaining.clone(),
        path: truth
            .path
            .iter()
            .map(|name| builder.service_id(name))
            .collect::<Build<_>>()?,
        explanation: clean(&truth.explanation),
    })
}
