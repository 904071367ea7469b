//! What the script does, and when a picture is taken.

use brownout_session::command::{
    Action, Command, Expect, Intervention, Look, Metric, NewHypothesis, Prediction, Symptom,
    SymptomKind, Trend,
};
use brownout_telemetry::signal::Signal;

use super::author::Write;
use crate::app::ShotsOptions;
use crate::panels::dock::Tab;
use crate::panels::intent::Intent;
use crate::panels::palette::Item;
use crate::panels::state::{Column, Selection};

/// Nanoseconds in a second.
pub(super) const SECOND_NS: u64 = 1_000_000_000;

/// A moment a picture is taken of.
#[derive(Clone, Debug)]
pub(super) enum Moment {
    /// As soon as the screen is up.
    AtOnce,
    /// This share of the way to the page, per cent.
    BeforePage(u8),
    /// This long after the page.
    AfterPage(u64),
    /// When everything is scored.
    Scored,
    /// When the author screen has read sound files, or broken ones, and nothing runs.
    Previewed(bool),
}

/// A step of the script: what the player does at a moment, and then the picture.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub moment: Moment,
    pub wishes: Vec<Intent>,
    pub select: Option<Selection>,
    pub open: Vec<Item>,
    pub also: Also,
    /// What is done to the scenario being written before the moment is waited for.
    pub write: Option<Write>,
}

/// What no item of the palette does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Also {
    /// Nothing.
    Nothing,
    /// Pins the last look to the last hypothesis, for it.
    Pin,
    /// Opens the palette with letters typed.
    Find(&'static str),
}

pub(super) fn step(moment: Moment, wishes: Vec<Intent>) -> Step {
    Step {
        moment,
        wishes,
        select: None,
        open: Vec::new(),
        also: Also::Nothing,
        write: None,
    }
}

/// Ordinary life, the page, two minutes in, six minutes in.
pub(super) fn incident(options: &ShotsOptions) -> Vec<Step> {
    let scenario = &options.scenario;
    let worst = scenario
        .severities
        .first()
        .map(|severity| severity.name.clone());
    let flow = &scenario.blueprint.flows[scenario.main_flow.index()];
    // A service that main-flow requests pass through, two calls from the users where there are so many.
    let path = &scenario.truth.path;
    let passed = path.get(path.len().saturating_sub(3));
    let passed = passed.unwrap_or(&scenario.truth.component);
    let service = scenario.blueprint.services[passed.index()].name.clone();
    let selection = Selection {
        service: service.clone(),
        region: 1,
    };
    let declare = worst
        .clone()
        .map(|severity| Intent::Command(Command::DeclareSeverity { severity }));
    let acknowledge = Intent::Command(Command::Acknowledge);
    let region = scenario.blueprint.regions.get(1).cloned();
    let believe = Intent::Command(Command::Hypothesise(NewHypothesis {
        suspect: service.clone(),
        mechanism: "slow-query".to_owned(),
        regions: region.iter().cloned().collect(),
        trigger: None,
        predictions: vec![Prediction {
            metric: Metric::service(Signal::ErrorShare, &service, region.as_deref()),
            expect: Expect::Above,
            threshold: 50_000,
            versus: None,
            window_s: 60,
            within_s: 300,
        }],
        confidence: 40,
    }));
    let look = Intent::Command(Command::Observe(Look::Metric {
        metric: Metric::service(Signal::ErrorShare, &service, region.as_deref()),
        window_s: 900,
    }));
    let act = Action::Restart {
        service,
        region: region.clone(),
    };
    let confirm = Intent::Command(Command::Act(Intervention {
        action: act.clone(),
        serves: None,
        price_accepted: true,
    }));
    let state_it = worst.map(|severity| {
        Intent::Command(Command::StateSymptom(Symptom {
            kind: SymptomKind::Errors,
            flow: flow.name.clone(),
            regions: region.into_iter().collect(),
            since_s: scenario.page_latest_ns / SECOND_NS - 120,
            severity,
            trend: Trend::Worse,
        }))
    });
    let open = |after: u64, open: Vec<Item>| Step {
        open,
        ..step(Moment::AfterPage(after), vec![])
    };
    vec![
        step(Moment::BeforePage(60), vec![]),
        step(Moment::AfterPage(2), vec![]),
        Step {
            select: Some(selection),
            ..step(
                Moment::AfterPage(120),
                std::iter::once(acknowledge).chain(declare).collect(),
            )
        },
        open(130, vec![Item::Dock(Tab::Metrics), Item::Symptom]),
        Step {
            open: vec![Item::Dock(Tab::Logs), Item::Hypothesis],
            ..step(Moment::AfterPage(140), state_it.into_iter().collect())
        },
        Step {
            open: vec![Item::Dock(Tab::Traces), Item::Consider(act)],
            ..step(Moment::AfterPage(200), vec![look, believe])
        },
        Step {
            open: vec![Item::Dock(Tab::Overview)],
            also: Also::Pin,
            ..step(Moment::AfterPage(230), vec![confirm])
        },
        open(260, vec![Item::Dock(Tab::Diff), Item::Update]),
        open(
            360,
            vec![Item::Dock(Tab::Changes), Item::Column(Column::WarRoom)],
        ),
        Step {
            also: Also::Find("gateway"),
            ..open(365, vec![Item::Dock(Tab::Overview)])
        },
        open(370, vec![Item::Resolve]),
    ]
}
