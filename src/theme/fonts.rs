//! Fonts shipped in the program; their licences are in `assets/LICENSES.md`.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

/// Family of medium weight.
pub(super) const MEDIUM: &str = "medium";
/// Family of semibold weight.
pub(super) const SEMIBOLD: &str = "semibold";

/// Family name and bytes of each face.
const FACES: [(&str, &[u8]); 4] = [
    (
        "regular",
        include_bytes!("../../assets/fonts/Inter-Regular.otf"),
    ),
    (
        MEDIUM,
        include_bytes!("../../assets/fonts/Inter-Medium.otf"),
    ),
    (
        SEMIBOLD,
        include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
    ),
    (
        "mono",
        include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf"),
    ),
];

/// A named family.
pub(super) fn family(name: &str) -> FontFamily {
    FontFamily::Name(name.into())
}

/// All families; the monospace face stands in for signs the sans faces lack.
pub(super) fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in FACES {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let mut assign = |family: FontFamily, faces: &[&str]| {
        fonts
            .families
            .insert(family, faces.iter().map(|&face| face.to_owned()).collect());
    };
    assign(FontFamily::Proportional, &["regular", "mono"]);
    assign(family(MEDIUM), &[MEDIUM, "mono"]);
    assign(family(SEMIBOLD), &[SEMIBOLD, "mono"]);
    assign(FontFamily::Monospace, &["mono", "regular"]);
    fonts
}
