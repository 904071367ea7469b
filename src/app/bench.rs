//! The window measured by a fixed script: what frames cost, what idling costs, whether memory grows.

use std::fs;
use std::sync::{Arc, Mutex};

use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use bevy::winit::WinitSettings;
use brownout_scenario::compiled::Scenario;
use brownout_session::journal::Header;
use serde::Serialize;

use super::bridge::{Bridge, Phase};
use super::input::LastInput;
use super::meter::{self, Meter};
use super::{SLEEP_AFTER_S, Screen};
use crate::panels::dock::TABS;
use crate::panels::intent::Intent;
use crate::panels::state::{Selection, State};
use crate::screens::PanelState;

/// Seconds a screen is left alone before it is measured.
const SETTLE_S: f64 = 3.0;
/// Seconds a tab stays open while the incident is measured.
const TAB_S: f64 = 2.5;
/// Clock ticks in a second, as Linux reports processor time to programs.
const TICKS: f64 = 100.0;

/// Options of [`bench`](super::bench()).
#[derive(Clone, Debug)]
pub struct BenchOptions {
    /// The incident.
    pub scenario: Arc<Scenario>,
    /// What its journal would begin with: the seed, and who plays.
    pub header: Header,
    /// Minutes of the incident at ordinary speed in which memory is watched.
    pub soak_min: u32,
    /// Seconds each stage is measured.
    pub stage_s: u32,
}

/// What was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WindowReport {
    /// What draws; a software renderer's work is part of the processor shares.
    pub adapter: String,
    /// A share per stage of the script.
    pub stages: Vec<StageRow>,
    /// Memory at the start of the soak, after each minute, and at its end.
    pub soak: Vec<MemoryRow>,
}

/// One stage of the script.
#[derive(Clone, Debug, Serialize)]
pub struct StageRow {
    /// Its name.
    pub name: String,
    /// Frames a second.
    pub frames_per_s: f64,
    /// Processor time of the whole program in per cent of one core; none where the system does not tell.
    pub processor_percent: Option<f64>,
    /// Parts of the main thread's frames.
    pub parts: Vec<PartRow>,
}

/// Wall time of a part over the frames in which it had something to do.
#[derive(Clone, Debug, Serialize)]
pub struct PartRow {
    /// Its name.
    pub name: &'static str,
    /// Those frames.
    pub frames: usize,
    /// Half of them took no longer, in microseconds.
    pub median_us: u64,
    /// 95 of 100 took no longer, in microseconds.
    pub p95_us: u64,
}

/// Memory at a time.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MemoryRow {
    /// Minutes since the soak began.
    pub minute: f64,
    /// Resident memory in KiB.
    pub resident_kib: u64,
}

/// A stage of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Title,
    Library,
    Asleep,
    ToThePage,
    Speed(u32),
    Soak(u32),
}

impl Stage {
    fn name(self) -> String {
        match self {
            Self::Title => "title, asleep".to_owned(),
            Self::Library => "library".to_owned(),
            Self::Asleep => "library, asleep".to_owned(),
            Self::ToThePage => "to the page".to_owned(),
            Self::Speed(speed) => format!("incident, {speed}×"),
            Self::Soak(_) => "soak, 1×".to_owned(),
        }
    }

    /// Seconds it is measured, where a stage of the script is given so many.
    fn lasts_s(self, stage_s: u32) -> f64 {
        match self {
            Self::Soak(minutes) => f64::from(minutes) * 60.0,
            _ => f64::from(stage_s),
        }
    }
}

#[derive(Resource)]
struct Script {
    stages: Vec<Stage>,
    index: usize,
    /// When the stage was entered, once it was.
    entered_s: Option<f64>,
    /// When measuring began, and the processor time used by then.
    began: Option<(f64, Option<f64>)>,
    minutes: u32,
    stage_s: u32,
    report: Arc<Mutex<WindowReport>>,
}

impl Script {
    fn next(&mut self) {
        self.index += 1;
        self.entered_s = None;
        self.began = None;
    }

    fn write(&self, write: impl FnOnce(&mut WindowReport)) {
        if let Ok(mut report) = self.report.lock() {
            write(&mut report);
        }
    }
}

/// Adds the script; what it measures is in `report` when the program ends.
pub(super) fn install(app: &mut App, options: &BenchOptions, report: Arc<Mutex<WindowReport>>) {
    let soak_min = options.soak_min;
    // What is awake comes before what sleeps: a window asleep looks at a script only every few seconds.
    let mut stages = vec![
        Stage::Library,
        Stage::Asleep,
        Stage::Title,
        Stage::ToThePage,
        Stage::Speed(1),
        Stage::Speed(10),
    ];
    stages.extend((soak_min > 0).then_some(Stage::Soak(soak_min)));
    app.insert_resource(Script {
        stages,
        index: 0,
        entered_s: None,
        began: None,
        minutes: 0,
        stage_s: options.stage_s,
        report,
    })
    .add_plugins(meter::plugin)
    .add_systems(PostUpdate, focus)
    .add_systems(First, drive);
}

/// Nobody sits in front: the window is paced as if it had the keyboard.
fn focus(mut settings: ResMut<WinitSettings>) {
    if settings.unfocused_mode != settings.focused_mode {
        settings.unfocused_mode = settings.focused_mode;
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a system's parameters are what it touches"
)]
fn drive(
    time: Res<Time<Real>>,
    adapter: Option<Res<RenderAdapterInfo>>,
    mut script: ResMut<Script>,
    mut bridge: ResMut<Bridge>,
    mut panels: ResMut<PanelState>,
    mut meter: ResMut<Meter>,
    mut input: ResMut<LastInput>,
    mut next: ResMut<NextState<Screen>>,
    mut exit: MessageWriter<AppExit>,
) {
    let now_s = time.elapsed_secs_f64();
    let Some(stage) = script.stages.get(script.index).copied() else {
        exit.write(AppExit::Success);
        return;
    };
    let Some(entered_s) = script.entered_s else {
        if let Some(adapter) = adapter {
            script.write(|report| report.adapter.clone_from(&adapter.name));
        }
        enter(stage, &mut bridge, &mut panels.0, &mut next);
        script.entered_s = Some(now_s);
        return;
    };
    match stage {
        Stage::Title | Stage::Asleep => input.0 = now_s - 2.0 * SLEEP_AFTER_S,
        Stage::Library => input.0 = now_s,
        Stage::ToThePage => {
            if bridge.phase() == Phase::Running {
                select(&bridge, &mut panels.0);
                script.next();
            }
            return;
        }
        Stage::Speed(_) | Stage::Soak(_) => {
            if bridge.phase() == Phase::Ended {
                // A soak longer than the incident goes on with another.
                bridge.again(None);
                enter(Stage::ToThePage, &mut bridge, &mut panels.0, &mut next);
            }
            tab(now_s, &mut panels.0);
        }
    }
    let Some((began_s, processor_s)) = script.began else {
        if now_s - entered_s >= SETTLE_S {
            meter.take();
            script.began = Some((now_s, processor_time_s()));
        }
        return;
    };
    let elapsed_s = now_s - began_s;
    let over = elapsed_s >= stage.lasts_s(script.stage_s);
    if let Stage::Soak(_) = stage
        && (over || elapsed_s >= f64::from(script.minutes) * 60.0)
    {
        let row = MemoryRow {
            minute: (elapsed_s / 6.0).round() / 10.0,
            resident_kib: resident_kib(),
        };
        script.write(|report| report.soak.push(row));
        script.minutes += 1;
    }
    if over {
        let used_s = processor_time_s()
            .zip(processor_s)
            .map(|(now, then)| now - then);
        let row = row(stage, elapsed_s, used_s, &mut meter);
        script.write(|report| report.stages.push(row));
        script.next();
    }
}

fn enter(stage: Stage, bridge: &mut Bridge, panels: &mut State, next: &mut NextState<Screen>) {
    match stage {
        Stage::Asleep => {}
        Stage::Title => NextState::set_if_neq(next, Screen::Title),
        Stage::Library => NextState::set_if_neq(next, Screen::Library),
        Stage::ToThePage => {
            bridge.start();
            *panels = State::default();
            NextState::set_if_neq(next, Screen::Incident);
        }
        Stage::Speed(speed) => bridge.carry_out(&[Intent::SetSpeed(speed)]),
        Stage::Soak(_) => bridge.carry_out(&[Intent::SetSpeed(1)]),
    }
}

/// Selects the entry of the main flow, so that every tab has something to show.
fn select(bridge: &Bridge, panels: &mut State) {
    panels.selection = bridge.view().main_flow().map(|flow| Selection {
        service: flow.entry.clone(),
        region: 0,
    });
}

/// Opens one tab after the other.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds since the start"
)]
fn tab(now_s: f64, panels: &mut State) {
    let (tab, ..) = TABS[(now_s / TAB_S) as usize % TABS.len()];
    panels.dock.tab = tab;
}

#[expect(clippy::cast_precision_loss, reason = "figures of a report")]
fn row(stage: Stage, elapsed_s: f64, used_s: Option<f64>, meter: &mut Meter) -> StageRow {
    let frames = meter.frames;
    let parts = meter
        .take()
        .into_iter()
        .map(|(part, times)| PartRow {
            name: part.name(),
            frames: times.len(),
            median_us: percentile(&times, 50),
            p95_us: percentile(&times, 95),
        })
        .collect();
    let tenths = |value: f64| (value * 10.0).round() / 10.0;
    StageRow {
        name: stage.name(),
        frames_per_s: tenths(frames as f64 / elapsed_s),
        processor_percent: used_s.map(|used_s| tenths(used_s / elapsed_s * 100.0)),
        parts,
    }
}

/// The value this share of ascending values does not exceed; the nearest rank.
fn percentile(ascending: &[u64], percent: usize) -> u64 {
    let rank = (ascending.len() * percent).div_ceil(100).max(1);
    ascending.get(rank - 1).copied().unwrap_or(0)
}

/// Processor time of all threads so far, in seconds; known on Linux.
fn processor_time_s() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name may hold spaces; fields are counted from behind it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u32>().ok();
    Some((f64::from(ticks(11)?) + f64::from(ticks(12)?)) / TICKS)
}

/// Resident memory in KiB; 0 where it is not known.
fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let times: Vec<u64> = (1..=20).collect();
        assert_eq!(percentile(&times, 50), 10);
        assert_eq!(percentile(&times, 95), 19);
        assert_eq!(percentile(&[7], 95), 7);
        assert_eq!(percentile(&[], 50), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_tells_time_and_memory() {
        assert!(processor_time_s().is_some());
        assert!(resident_kib() > 1_000);
    }
}
