//! The root of a screen and the parts it is divided into.

use egui::{Context, Id, LayerId, Rect, Ui, UiBuilder, Vec2};

/// A root for panels over the whole window, below windows and tooltips.
#[must_use]
pub fn root(context: &Context) -> Ui {
    Ui::new(
        context.clone(),
        Id::new("root"),
        UiBuilder::new()
            .layer_id(LayerId::background())
            .max_rect(context.viewport_rect()),
    )
}

/// A part of the root with margins, clipped to itself.
pub fn part(root: &mut Ui, rect: Rect, margin: Vec2, contents: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().max_rect(rect.shrink2(margin)).id_salt((
        "part",
        rect.min.x.to_bits(),
        rect.min.y.to_bits(),
    ));
    root.scope_builder(builder, |ui| {
        ui.set_clip_rect(rect);
        contents(ui);
    });
}
