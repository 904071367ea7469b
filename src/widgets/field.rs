//! Fields to type into.

use egui::{Response, Ui, Widget};

/// Adds a field with a name for screen readers, which otherwise hear only what stands in it.
pub fn add(ui: &mut Ui, name: &str, field: impl Widget) -> Response {
    let response = ui.add(field);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_label(name);
    });
    response
}
