//! Letters drawn for the first time are on the screen in the frame that needs them.
//!
//! egui adds them to its texture while a frame is laid out. The engine copies a texture when its change has been announced,
//! and announces changes once per frame; without an order between the two, new letters are missing for one frame.

use bevy::asset::AssetEventSystems;
use bevy::prelude::*;
use bevy_egui::EguiPostUpdateSet;

/// Adds the order.
pub(super) fn plugin(app: &mut App) {
    app.configure_sets(
        PostUpdate,
        EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pictures announced as changed by the end of a frame.
    #[derive(Resource, Default)]
    struct Announced(usize);

    /// What is written into a picture where egui writes its letters is announced in the same frame.
    #[test]
    fn a_change_of_a_texture_is_announced_in_its_own_frame() {
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, AssetPlugin::default()))
            .init_asset::<Image>()
            .init_resource::<Announced>()
            .add_plugins(plugin)
            .add_systems(
                PostUpdate,
                (|mut images: ResMut<Assets<Image>>| {
                    images.add(Image::default());
                })
                .in_set(EguiPostUpdateSet::PostProcessOutput),
            )
            .add_systems(
                Last,
                |mut changes: MessageReader<AssetEvent<Image>>,
                 mut announced: ResMut<Announced>| {
                    announced.0 += changes
                        .read()
                        .filter(|event| matches!(event, AssetEvent::Added { .. }))
                        .count();
                },
            );
        for frame in 1..4 {
            app.update();
            assert_eq!(app.world().resource::<Announced>().0, frame);
        }
    }
}
