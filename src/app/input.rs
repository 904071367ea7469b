//! When the player last did anything.

use bevy::prelude::*;
use bevy::window::{CursorMoved, WindowFocused};
use bevy_egui::EguiContexts;

/// Wall time of the last input, in seconds since the program began.
#[derive(Resource, Default)]
pub(crate) struct LastInput(pub f64);

/// Adds the record of inputs.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<LastInput>().add_systems(Update, note);
}

pub(super) fn note(
    mut last: ResMut<LastInput>,
    mut moved: MessageReader<CursorMoved>,
    mut focused: MessageReader<WindowFocused>,
    mut contexts: EguiContexts,
    time: Res<Time<Real>>,
) {
    let pressed = contexts.ctx_mut().is_ok_and(|context| {
        context.input(|input| !input.keys_down.is_empty() || input.pointer.any_down())
    });
    if pressed || moved.read().count() + focused.read().count() > 0 {
        last.0 = time.elapsed_secs_f64();
    }
}
