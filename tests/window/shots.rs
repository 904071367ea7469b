//! Pictures of the screens: they come out, and they show something.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use bevy::asset::RenderAssetUsages;
use bevy::image::{CompressedImageFormats, Image, ImageSampler, ImageType};

use crate::display::Display;

/// Size of the window, the reference of the interface brief.
const SIZE: (u32, u32) = (1440, 900);
/// Colours a picture with text, charts and a topology has at the very least.
const FEWEST_COLORS: usize = 500;

/// Draws a screen's pictures into a folder of their own.
fn shots(display: &Display, screen: &str) -> PathBuf {
    shots_of(display, screen, "scenarios/regional-gateway")
}

/// Draws a screen's pictures with a scenario.
fn shots_of(display: &Display, screen: &str, scenario: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("shots-{screen}-{}", std::process::id()));
    let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("shots")
        .arg(&folder)
        .args([
            "--size",
            &format!("{}x{}", SIZE.0, SIZE.1),
            "--screen",
            screen,
            "--theme",
            "dark",
            "--scenario",
            scenario,
        ])
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    folder
}

/// A picture's pixels.
struct Picture {
    width: usize,
    height: usize,
    rgba: Vec<u8>,
}

impl Picture {
    fn read(folder: &Path, screen: &str, number: usize) -> Self {
        let path = folder.join(format!("{screen}-{}x{}-{number}.png", SIZE.0, SIZE.1));
        let bytes =
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let image = Image::from_buffer(
            &bytes,
            ImageType::Extension("png"),
            CompressedImageFormats::NONE,
            true,
            ImageSampler::Default,
            RenderAssetUsages::default(),
        )
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let rgba = image.data.clone().expect("a decoded picture has pixels");
        Self {
            width: image.width() as usize,
            height: image.height() as usize,
            rgba,
        }
    }

    /// Pixels of the part between two corners, given in per cent of width and height.
    fn part(&self, (left, top): (usize, usize), (right, bottom): (usize, usize)) -> Vec<&[u8]> {
        let at = |percent: usize, of: usize| percent * of / 100;
        let columns = at(left, self.width)..at(right, self.width);
        let pixel = |x: usize, y: usize| &self.rgba[(y * self.width + x) * 4..][..4];
        (at(top, self.height)..at(bottom, self.height))
            .flat_map(|y| columns.clone().map(move |x| pixel(x, y)))
            .collect()
    }

    fn check(&self, what: &str) {
        assert_eq!(
            (self.width, self.height),
            (SIZE.0 as usize, SIZE.1 as usize),
            "{what}"
        );
        let colors: BTreeSet<&[u8]> = self.part((0, 0), (100, 100)).into_iter().collect();
        assert!(
            colors.len() >= FEWEST_COLORS,
            "{what} has {} colours: is it blank?",
            colors.len()
        );
    }
}

/// Pixels of a thousand that differ between two parts of equal size.
fn difference_per_mille(one: &[&[u8]], other: &[&[u8]]) -> usize {
    let differing = one.iter().zip(other).filter(|(a, b)| a != b).count();
    differing * 1_000 / one.len()
}

/// The incident screen is drawn at every moment of the script, and the topology moves from one to the next.
#[test]
fn the_incident_is_drawn_and_lives() {
    let display = Display::open();
    let folder = shots(&display, "incident");
    let pictures: Vec<Picture> = (1..=4)
        .map(|number| Picture::read(&folder, "incident", number))
        .collect();
    for (index, picture) in pictures.iter().enumerate() {
        picture.check(&format!("moment {}", index + 1));
    }
    // The topology takes the upper left; the part looked at holds nothing else.
    let topology = |index: usize| pictures[index].part((2, 8), (44, 60));
    let changed = difference_per_mille(&topology(0), &topology(3));
    assert!(
        changed > 5,
        "only {changed} of 1000 pixels of the topology changed from ordinary life to the incident"
    );
    std::fs::remove_dir_all(folder).ok();
}

/// The title is drawn, and the calm system behind it breathes.
#[test]
fn the_title_is_drawn_and_breathes() {
    let display = Display::open();
    let folder = shots(&display, "title");
    let pictures: Vec<Picture> = (1..=2)
        .map(|number| Picture::read(&folder, "title", number))
        .collect();
    for picture in &pictures {
        picture.check("title");
    }
    let system = |picture: &Picture| picture.part((40, 0), (100, 100)).concat();
    assert_ne!(
        system(&pictures[0]),
        system(&pictures[1]),
        "no request moved"
    );
    std::fs::remove_dir_all(folder).ok();
}

/// The author screen follows its file: a save with errors in it changes the file and the diagnostics at the left and leaves the
/// run's graph as it was, marked as stale; a save without them brings the first picture back.
#[test]
fn the_author_screen_follows_its_file() {
    let display = Display::open();
    let folder = shots_of(&display, "author", "scenarios/kiosk-config");
    let pictures: Vec<Picture> = (1..=4)
        .map(|number| Picture::read(&folder, "author", number))
        .collect();
    for (index, picture) in pictures.iter().enumerate() {
        picture.check(&format!("step {}", index + 1));
    }
    let changed = |(one, other): (usize, usize), from, to| {
        difference_per_mille(
            &pictures[one].part(from, to),
            &pictures[other].part(from, to),
        )
    };
    // The diagnostics are the lower left; the graph is the upper right, below the row that says whether it is stale.
    let diagnostics = ((0, 76), (41, 98));
    let graph = ((44, 20), (98, 55));
    assert!(
        changed((1, 2), diagnostics.0, diagnostics.1) > 20,
        "errors are listed"
    );
    assert_eq!(
        changed((1, 2), graph.0, graph.1),
        0,
        "the last sound run stays"
    );
    assert!(changed((0, 1), graph.0, graph.1) > 0, "the truth is marked");
    assert!(
        changed((2, 3), diagnostics.0, diagnostics.1) > 20,
        "they are gone"
    );
    std::fs::remove_dir_all(folder).ok();
}

/// With a display and no driver to draw with, it says so in one line as well, and does not panic.
#[test]
fn no_driver_is_said_in_one_line() {
    let display = Display::open();
    let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["play", "scenarios/kiosk-config", "--journal"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-driver.jsonl"))
        .env("DISPLAY", &display.name)
        .env("VK_ICD_FILENAMES", "/nonexistent")
        .env("VK_DRIVER_FILES", "/nonexistent")
        .env("WGPU_BACKEND", "vulkan")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program can be started");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("no window can be opened") && said.contains("brownout run"),
        "{said}"
    );
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}

/// Without a display the program says so in one line, names the way without, and fails.
#[test]
fn no_display_is_said_in_one_line() {
    let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["play", "scenarios/regional-gateway"])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program can be started");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("display") && said.contains("brownout run"),
        "{said}"
    );
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}
