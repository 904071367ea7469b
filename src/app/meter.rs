//! Wall time each part of the main thread takes per frame, kept only while somebody measures.

use std::collections::BTreeMap;

use bevy::platform::time::Instant;
use bevy::prelude::*;
use bevy_egui::{EguiPostUpdateSet, EguiPrimaryContextPass};

use super::bridge::Bridge;
use crate::screens::Draw;

/// A part of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The world and what is recorded of it.
    Simulation,
    /// What the player can know, taken ten times a second.
    View,
    /// The panels of the screen.
    Panels,
    /// Their shapes made into triangles.
    Paint,
    /// The moving picture of the system.
    Topology,
}

impl Part {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simulation => "simulation",
            Self::View => "view",
            Self::Panels => "panels",
            Self::Paint => "paint",
            Self::Topology => "topology",
        }
    }
}

/// Collects times; there is none unless somebody measures.
#[derive(Resource, Debug, Default)]
pub(crate) struct Meter {
    /// Frames since the last report.
    pub frames: usize,
    frame: BTreeMap<Part, u128>,
    began: BTreeMap<Part, Instant>,
    kept_us: BTreeMap<Part, Vec<u64>>,
}

impl Meter {
    /// Times of every frame since the last call, in microseconds, shortest first. A part that had nothing to do in a frame
    /// is not in it.
    pub fn take(&mut self) -> Vec<(Part, Vec<u64>)> {
        self.frames = 0;
        let mut kept: Vec<_> = std::mem::take(&mut self.kept_us).into_iter().collect();
        for (_, times) in &mut kept {
            times.sort_unstable();
        }
        kept
    }

    fn spend(&mut self, part: Part, nanoseconds: u128) {
        *self.frame.entry(part).or_default() += nanoseconds;
    }

    fn close(&mut self) {
        self.frames += 1;
        for (part, nanoseconds) in std::mem::take(&mut self.frame) {
            if nanoseconds > 0 {
                let microseconds = u64::try_from(nanoseconds.div_ceil(1_000)).unwrap_or(u64::MAX);
                self.kept_us.entry(part).or_default().push(microseconds);
            }
        }
    }
}

/// Begins a part, if somebody measures.
pub(crate) fn begin(part: Part) -> impl Fn(Option<ResMut<Meter>>) {
    move |meter| {
        if let Some(mut meter) = meter {
            meter.began.insert(part, Instant::now());
        }
    }
}

/// Ends a part.
pub(crate) fn end(part: Part) -> impl Fn(Option<ResMut<Meter>>) {
    move |meter| {
        if let Some(mut meter) = meter
            && let Some(began) = meter.began.remove(&part)
        {
            meter.spend(part, began.elapsed().as_nanos());
        }
    }
}

/// Adds the meter.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Meter>()
        .add_systems(
            EguiPrimaryContextPass,
            (
                begin(Part::Panels).before(Draw),
                end(Part::Panels).after(Draw),
            ),
        )
        .add_systems(
            PostUpdate,
            (
                begin(Part::Paint)
                    .after(EguiPostUpdateSet::EndPass)
                    .before(EguiPostUpdateSet::ProcessOutput),
                end(Part::Paint)
                    .after(EguiPostUpdateSet::ProcessOutput)
                    .before(EguiPostUpdateSet::PostProcessOutput),
            ),
        )
        .add_systems(Last, close);
}

fn close(mut meter: ResMut<Meter>, bridge: Res<Bridge>) {
    let spent = bridge.spent();
    meter.spend(Part::Simulation, spent.simulation_ns);
    meter.spend(Part::View, spent.view_ns);
    meter.close();
}
