//! The author screen: hands the scenario being written to the panel and carries out what the panel asks for.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use brownout_scenario::diagnostics::has_errors;

use super::Draw;
use crate::app::{Authoring, Bridge, Journal, Opened, Screen, Stage, wake};
use crate::author::check::{Checked, findings};
use crate::author::{Asked, Chosen, Desk, Disk, Planned, plan};
use crate::panels::author::{self, AuthorView, Found, Listing, Shelf, Standing, State, Wish};

/// What is shown of the scenario being written.
#[derive(Resource, Default)]
pub(crate) struct Table {
    /// What the panel remembers.
    pub state: State,
    /// The reading the rest was prepared from.
    checked: Option<Arc<Checked>>,
    files: Vec<Listing>,
    truths: Vec<String>,
    title: String,
    services: Vec<(String, usize, u32)>,
    /// What changes, and the scenario (its hash and truth) it was read for.
    plan: (Option<(u64, usize)>, Vec<Planned>),
    /// Scenarios to choose from, while one is to be chosen.
    shelf: Option<Shelf>,
}

impl Table {
    /// Prepares what is shown of a new reading.
    fn read(&mut self, desk: &Desk) {
        let Some(checked) = desk.checked() else {
            return;
        };
        if self
            .checked
            .as_ref()
            .is_some_and(|before| Arc::ptr_eq(before, checked))
        {
            return;
        }
        self.checked = Some(Arc::clone(checked));
        let files = checked.files.iter().map(|file| {
            let path = desk.path(&file.name).display().to_string();
            Listing::of(&file.name, path, &file.text)
        });
        self.files = files.collect();
        self.plan.0 = None;
        if let Some(loaded) = desk.good().and_then(|good| good.loaded.as_ref()) {
            self.title.clone_from(&loaded.model.title);
            self.truths = loaded
                .model
                .truths
                .iter()
                .map(|truth| truth.name.clone())
                .collect();
            let system = &loaded.system;
            let file = self
                .files
                .iter()
                .position(|file| file.name == system.document.file);
            let services = system.model.services.iter().enumerate();
            self.services = services
                .map(|(index, service)| {
                    let path = format!("services[{index}]");
                    let line = system.document.positions.of(&path).line;
                    (service.name.clone(), file.unwrap_or(0), line)
                })
                .collect();
        } else {
            desk.name().clone_into(&mut self.title);
        }
    }

    /// Reads what changes under the truth that runs, if that is another one.
    fn read_plan(&mut self, desk: &Desk) {
        let Some(course) = desk.course() else { return };
        let scenario = Arc::clone(&course.scenario);
        drop(course);
        let of = Some((scenario.hash, scenario.truth.index));
        if self.plan.0 == of {
            return;
        }
        // Another system may be laid out otherwise although it has as many parts.
        self.state.renew_graph();
        let loaded = desk.good().and_then(|good| good.loaded.as_ref());
        let changes = loaded.map(|loaded| plan(loaded, &scenario));
        self.plan = (of, changes.unwrap_or_default());
    }
}

/// Adds the screen.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Table>()
        .add_systems(OnEnter(Screen::Author), enter)
        .add_systems(
            EguiPrimaryContextPass,
            draw.in_set(Draw).run_if(in_state(Screen::Author)),
        );
}

/// Opens what was asked for; what a trial comes back to is open already.
fn enter(
    mut authoring: ResMut<Authoring>,
    mut table: ResMut<Table>,
    proxy: Option<Res<EventLoopProxyWrapper>>,
) {
    authoring.trying = false;
    open(&mut authoring, &mut table, proxy.as_deref());
}

fn open(authoring: &mut Authoring, table: &mut Table, proxy: Option<&EventLoopProxyWrapper>) {
    if authoring.asked.is_some() {
        *table = Table::default();
        let wake = proxy.map_or_else(|| Arc::new(|| ()) as _, wake);
        authoring.open(wake);
    }
    if authoring.desk.is_none() {
        table.shelf = Some(shelf(None, std::mem::take(&mut authoring.note)));
    }
}

/// All scenarios of the library and of the one the open scenario is in, whatever is wrong with them.
fn shelf(desk: Option<&Desk>, note: String) -> Shelf {
    let open = desk.map(|desk| desk.path(desk.name()));
    let mut files = crate::cli::library_files();
    if let Some(open) = &open {
        let library = open.parent().and_then(Path::parent);
        let beside = library.map_or_else(Vec::new, crate::cli::scenario_files);
        files.splice(0..0, beside);
        files.insert(0, open.clone());
    }
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(file.canonicalize().ok()));
    files.sort();
    let found = files.into_iter().filter_map(|file| {
        let disk = Disk::open(&file, None).ok()?;
        let (_, loaded, diagnostics) = findings(&disk, disk.name());
        let folder = file.parent().and_then(Path::file_name);
        let errors = diagnostics
            .iter()
            .filter(|found| has_errors(std::slice::from_ref(found)))
            .count();
        Some(Found {
            name: folder.map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            title: loaded.map(|loaded| loaded.model.title),
            path: file.display().to_string(),
            errors,
        })
    });
    let found: Vec<Found> = found.collect();
    let open = open.map(|open| open.display().to_string());
    Shelf {
        at: found
            .iter()
            .position(|found| Some(&found.path) == open.as_ref())
            .unwrap_or(0),
        found,
        note,
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a system's parameters are what it touches"
)]
fn draw(
    mut contexts: EguiContexts,
    mut authoring: ResMut<Authoring>,
    mut table: ResMut<Table>,
    mut bridge: ResMut<Bridge>,
    mut journal: ResMut<Journal>,
    mut opened: ResMut<Opened>,
    mut stage: ResMut<Stage>,
    proxy: Option<Res<EventLoopProxyWrapper>>,
    mut next: ResMut<NextState<Screen>>,
) -> Result {
    let mut ui = super::root(contexts.ctx_mut()?);
    stage.view = None;
    if table.shelf.is_some() {
        choose(&mut ui, &mut authoring, &mut table, proxy.as_deref());
        if table.shelf.is_none() && authoring.desk.is_none() {
            leave(&mut authoring, &mut bridge, &mut journal, &mut next);
        }
        return Ok(());
    }
    let mut wishes = Vec::new();
    if let Some(desk) = &authoring.desk {
        show(&mut ui, desk, &mut table, &mut stage, &mut wishes);
    }
    for wish in wishes {
        match wish {
            Wish::Leave => leave(&mut authoring, &mut bridge, &mut journal, &mut next),
            Wish::Play => {
                if authoring.begin_trial(&mut bridge, &mut opened) {
                    NextState::set_if_neq(&mut next, Screen::Briefing);
                }
            }
            Wish::Run(chosen) => {
                table.state.at_ns = None;
                if let Some(desk) = &mut authoring.desk {
                    desk.choose(chosen);
                }
            }
            Wish::Copy(words) => ui.ctx().copy_text(words),
            Wish::Choose => {
                table.shelf = Some(shelf(authoring.desk.as_ref(), String::new()));
            }
        }
    }
    Ok(())
}

/// Draws the list of scenarios and opens the one chosen.
fn choose(
    ui: &mut egui::Ui,
    authoring: &mut Authoring,
    table: &mut Table,
    proxy: Option<&EventLoopProxyWrapper>,
) {
    let Some(shelf) = &mut table.shelf else {
        return;
    };
    let (chosen, back) = author::choose(ui, shelf);
    let path = chosen.and_then(|index| shelf.found.get(index));
    if let Some(path) = path.map(|found| found.path.clone().into()) {
        // The same run of another scenario.
        let chosen = authoring.desk.as_ref().map_or(
            Chosen {
                seed: SEED,
                truth: None,
            },
            Desk::chosen,
        );
        authoring.asked = Some(Asked {
            path,
            root: None,
            chosen,
        });
        table.shelf = None;
        open(authoring, table, proxy);
    } else if back {
        table.shelf = None;
    }
}

/// Seed of the first run shown.
const SEED: u64 = 7;

/// Leaves for where one came from.
fn leave(
    authoring: &mut Authoring,
    bridge: &mut Bridge,
    journal: &mut Journal,
    next: &mut NextState<Screen>,
) {
    authoring.close(bridge, journal);
    let back = std::mem::take(&mut authoring.back);
    NextState::set_if_neq(next, back);
}

/// Draws the scenario at hand.
fn show(
    ui: &mut egui::Ui,
    desk: &Desk,
    table: &mut Table,
    stage: &mut Stage,
    wishes: &mut Vec<Wish>,
) {
    let fresh = table.checked.clone();
    table.read(desk);
    table.read_plan(desk);
    let standing = match desk.checked() {
        None => Standing::Reading,
        Some(checked) if checked.is_system => Standing::System,
        Some(checked) if checked.loaded.is_some() => Standing::Sound,
        Some(_) => Standing::Broken {
            stale: desk.is_stale(),
        },
    };
    let millis = |took: std::time::Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let course = desk.course();
    let checked = table.checked.clone();
    let diagnostics = checked
        .as_ref()
        .map(|checked| checked.diagnostics.as_slice());
    let view = AuthorView {
        title: &table.title,
        files: &table.files,
        diagnostics: diagnostics.unwrap_or_default(),
        standing,
        reloaded_ms: desk.reloaded().map(millis),
        truths: &table.truths,
        chosen: desk.chosen(),
        course: course.as_deref(),
        running: desk.is_running(),
        took_ms: desk.took().map_or(0, millis),
        trouble: desk.trouble(),
        plan: &table.plan.1,
        services: &table.services,
    };
    let same = match (&fresh, &checked) {
        (Some(before), Some(now)) => Arc::ptr_eq(before, now),
        (None, None) => true,
        _ => false,
    };
    if !same {
        table.state.renew(&view);
    }
    author::ui(ui, &view, &mut table.state, wishes);
    if table.state.graph_shown {
        let picture = view
            .course
            .and_then(|course| author::picture(course, &table.state));
        stage.view = picture.cloned();
        stage.layout.clone_from(&table.state.map.topology.layout);
        stage.area = table.state.map.topology.area;
        stage.screen = ui.max_rect().size();
        stage.selection.clone_from(&table.state.map.selection);
        (stage.alpha, stage.pace, stage.lanes) = (1.0, 0.0, true);
    }
}
