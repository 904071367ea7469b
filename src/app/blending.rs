//! How transparent colours of egui mix with what lies below.

use bevy::prelude::*;
use bevy::shader::Shader;
use bevy_egui::render::EGUI_SHADER_HANDLE;
use egui::Color32;

use super::Preferences;
use crate::theme::Theme;

/// Adds the shader in place of the one of `bevy_egui`, which decodes colours after they were multiplied by their opacity:
/// rims of shapes and text come out too dark on a bright ground.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, install.run_if(resource_changed::<Preferences>));
}

fn install(preferences: Res<Preferences>, mut shaders: ResMut<Assets<Shader>>) {
    let ground = brightness(Theme::named(preferences.0.theme).palette.surface);
    let source = format!(
        "const GROUND: f32 = {ground:.4};\n{}",
        include_str!("egui.wgsl")
    );
    let shader = Shader::from_wgsl(source, concat!(module_path!(), "/egui.wgsl"));
    if let Err(error) = shaders.insert(EGUI_SHADER_HANDLE.id(), shader) {
        warn!("colours mix as bevy_egui mixes them: {error}");
    }
}

/// How bright an encoded colour is, encoded, 0 to 1 (Rec. 601); as in the shader.
fn brightness(color: Color32) -> f32 {
    let [red, green, blue, _] = color.to_array().map(|part| f32::from(part) / 255.0);
    0.299 * red + 0.587 * green + 0.114 * blue
}
