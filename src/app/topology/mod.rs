//! The moving part of the topology: three dynamic meshes drawn below egui, which draws the labels.

mod material;
mod particles;
mod picture;
mod route;

use std::sync::Arc;

use bevy::asset::{RenderAssetUsages, embedded_asset};
use bevy::camera::visibility::NoFrustumCulling;
use bevy::math::{Vec2, Vec4};
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;
use bevy::sprite_render::Material2dPlugin;
use brownout_session::view::PlayerView;
use egui::{Color32, Rect};

use self::material::{Frame, Layer, TopologyMaterial};
use self::particles::{CAPACITY, Outcomes, Stream};
use self::picture::{Extras, Quads};
use self::route::Route;
use super::meter::{self, Part};
use crate::app::Preferences;
use crate::panels::state::Selection;
use crate::panels::topology::layout::Layout;
use crate::theme::{Theme, mix};

/// The shader's clock starts again after this long, to keep its resolution.
const EPOCH_S: f64 = 600.0;

/// What to draw. Screens fill it in; nothing is drawn while `view` is empty.
#[derive(Resource, Default)]
pub(crate) struct Stage {
    /// The system.
    pub view: Option<Arc<PlayerView>>,
    /// Where its parts are.
    pub layout: Layout,
    /// Area drawn in, in points.
    pub area: Option<Rect>,
    /// Size of the window in points.
    pub screen: egui::Vec2,
    /// What is selected.
    pub selection: Option<Selection>,
    /// How fast requests move, relative to a wall clock; 0 stops them.
    pub pace: f32,
    /// Opacity.
    pub alpha: f32,
    /// Whether regions are drawn as lanes.
    pub lanes: bool,
}

/// What was uploaded last.
#[derive(Resource, Default)]
struct Drawn {
    view: Option<Arc<PlayerView>>,
    area: Option<Rect>,
    layout: Layout,
    selection: Option<Selection>,
    /// Arrows were drawn instead of dots.
    still: bool,
    routes: Vec<Route>,
    stream: Stream,
    now_s: f64,
    epoch_s: f64,
    quads: [usize; 3],
}

/// Handles of mesh and material per layer.
#[derive(Resource)]
struct Layers([(Handle<Mesh>, Handle<TopologyMaterial>, Entity); 3]);

/// Adds the topology.
pub(super) fn plugin(app: &mut App) {
    embedded_asset!(app, "topology.wgsl");
    app.add_plugins(Material2dPlugin::<TopologyMaterial>::default())
        .init_resource::<Stage>()
        .init_resource::<Drawn>()
        .add_systems(Startup, spawn)
        .add_systems(
            Update,
            (
                meter::begin(Part::Topology),
                advance,
                upload,
                shade,
                meter::end(Part::Topology),
            )
                .chain(),
        );
}

fn spawn(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<TopologyMaterial>>,
) {
    let layers = [
        (Layer::Edges, 0.0),
        (Layer::Nodes, 2.0),
        (Layer::Particles, 1.0),
    ]
    .map(|(layer, depth)| {
        let mesh = meshes.add(mesh(&Quads::default(), 1));
        let material = materials.add(TopologyMaterial {
            frame: Frame::default(),
            layer,
        });
        let entity = commands
            .spawn((
                Mesh2d(mesh.clone()),
                MeshMaterial2d(material.clone()),
                Transform::from_xyz(0.0, 0.0, depth),
                NoFrustumCulling,
                Visibility::Hidden,
            ))
            .id();
        (mesh, material, entity)
    });
    commands.insert_resource(Layers(layers));
}

/// Moves the picture's clock and the sample of requests.
fn advance(
    time: Res<Time>,
    theme: Res<Tokens>,
    preferences: Res<Preferences>,
    stage: Res<Stage>,
    mut drawn: ResMut<Drawn>,
) {
    let Some(view) = &stage.view else { return };
    let same_view = drawn
        .view
        .as_ref()
        .is_some_and(|drawn| Arc::ptr_eq(drawn, view));
    if !same_view || drawn.layout != stage.layout {
        if drawn.layout != stage.layout {
            drawn.stream.clear();
        }
        drawn.routes = route::routes(view, &stage.layout);
    }
    // Reduced motion takes the sample of requests away: arrows say where requests go and how they fare.
    if preferences.0.reduce_motion {
        if !drawn.stream.live().is_empty() {
            drawn.stream.clear();
            drawn.quads[2] = usize::MAX;
        }
        return;
    }
    drawn.now_s += time.delta_secs_f64().min(0.1) * f64::from(stage.pace);
    let palette = theme.0.palette;
    let outcomes = Outcomes {
        ok: mix(palette.healthy, palette.text),
        failed: palette.failing,
    };
    let Drawn {
        stream,
        routes,
        now_s,
        ..
    } = &mut *drawn;
    if stream.advance(routes, outcomes, *now_s) {
        drawn.quads[2] = usize::MAX;
    }
}

/// Theme of everything the engine draws itself.
#[derive(Resource, Default)]
pub(crate) struct Tokens(pub Theme);

/// Uploads meshes that have changed.
fn upload(
    stage: Res<Stage>,
    tokens: Res<Tokens>,
    preferences: Res<Preferences>,
    layers: Res<Layers>,
    mut drawn: ResMut<Drawn>,
    mut meshes: ResMut<Assets<Mesh>>,
) {
    let still = preferences.0.reduce_motion;
    let (Some(view), Some(area)) = (&stage.view, stage.area) else {
        // The theme may change meanwhile: what comes next is drawn anew.
        drawn.view = None;
        return;
    };
    let palette = &tokens.0.palette;
    let same = drawn
        .view
        .as_ref()
        .is_some_and(|drawn| Arc::ptr_eq(drawn, view))
        && drawn.area == stage.area
        && drawn.layout == stage.layout
        && drawn.still == still
        && !tokens.is_changed();
    let mut replace = |layer: usize, quads: &Quads, count: usize| {
        if let Some(mut slot) = meshes.get_mut(&layers.0[layer].0) {
            *slot = mesh(quads, count);
        }
    };
    if !same || drawn.selection != stage.selection {
        let extras = Extras {
            lanes: stage.lanes,
            arrows: still,
        };
        let selection = stage.selection.as_ref();
        let quads = picture::edges(view, &stage.layout, area, selection, extras, palette);
        replace(0, &quads, quads.a.len() / 4);
        let quads = picture::nodes(view, &stage.layout, selection, palette);
        replace(1, &quads, quads.a.len() / 4);
    }
    if drawn.quads[2] == usize::MAX {
        if drawn.now_s - drawn.epoch_s > EPOCH_S {
            drawn.epoch_s = drawn.now_s;
        }
        let live = drawn.stream.live();
        let quads = picture::particles(live, &drawn.routes, drawn.now_s, drawn.epoch_s);
        // A dot is on two curves at most, while it passes from one to the next.
        let most = (2 * CAPACITY).next_power_of_two();
        let count = (quads.a.len() / 4).next_power_of_two().clamp(256, most);
        replace(2, &quads, count);
        drawn.quads[2] = count;
    }
    if !same {
        drawn.view = Some(Arc::clone(view));
        drawn.area = stage.area;
        drawn.layout = stage.layout.clone();
        drawn.still = still;
    }
    drawn.selection.clone_from(&stage.selection);
}

/// A mesh of `count` quads; those beyond the ones given cover nothing.
fn mesh(quads: &Quads, count: usize) -> Mesh {
    let mut quads = quads.clone();
    quads.pad(count);
    let corners = |quad: u32| [0, 1, 2, 2, 1, 3].map(|corner| quad * 4 + corner);
    let indices: Vec<u32> = (0..u32::try_from(count).unwrap_or(0))
        .flat_map(corners)
        .collect();
    Mesh::new(
        PrimitiveTopology::TriangleList,
        RenderAssetUsages::default(),
    )
    .with_inserted_attribute(material::A, quads.a)
    .with_inserted_attribute(material::B, quads.b)
    .with_inserted_attribute(
        material::COLOR,
        bevy::mesh::VertexAttributeValues::Unorm8x4(quads.color),
    )
    .with_inserted_indices(Indices::U32(indices))
}

/// Gives the shader the frame's clock and area, and hides everything while nothing is staged.
fn shade(
    stage: Res<Stage>,
    drawn: Res<Drawn>,
    tokens: Res<Tokens>,
    layers: Res<Layers>,
    mut materials: ResMut<Assets<TopologyMaterial>>,
    mut visibility: Query<&mut Visibility>,
) {
    let shown = stage.view.is_some() && stage.area.is_some() && drawn.view.is_some();
    for (_, material, entity) in &layers.0 {
        if let Ok(mut visibility) = visibility.get_mut(*entity) {
            visibility.set_if_neq(if shown {
                Visibility::Visible
            } else {
                Visibility::Hidden
            });
        }
        if shown && let Some(mut slot) = materials.get_mut(material) {
            slot.frame = frame(&stage, &drawn, &tokens.0);
        }
    }
}

fn frame(stage: &Stage, drawn: &Drawn, theme: &Theme) -> Frame {
    let palette = theme.palette;
    let area = stage.area.unwrap_or(Rect::ZERO);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the epoch rolls so that this fits a float of the shader"
    )]
    let time = (drawn.now_s - drawn.epoch_s) as f32;
    Frame {
        clip: Vec4::new(area.left(), area.top(), area.right(), area.bottom()),
        surface: linear(palette.surface),
        line: linear(palette.line),
        failing: linear(palette.failing),
        accent: linear(palette.accent),
        alternative: linear(palette.alternative),
        screen: Vec2::new(stage.screen.x.max(1.0), stage.screen.y.max(1.0)),
        time,
        alpha: stage.alpha,
    }
}

fn linear(color: Color32) -> Vec4 {
    let [r, g, b, a] = egui::Rgba::from(color).to_array();
    Vec4::new(r, g, b, a)
}
