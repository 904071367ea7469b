//! Edges of the architecture that must not be crossed: see docs/ARCHITECTURE.md.

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .map(|e| e.flatten().map(|e| e.path()).collect())
        .unwrap_or_default();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            files(&entry, extension, found);
        } else if entry.extension().is_some_and(|e| e == extension) {
            found.push(entry);
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Only the application and its tests may name the engine or the toolkit.
#[test]
fn the_crates_know_neither_bevy_nor_egui() {
    let mut found = Vec::new();
    files(&root().join("crates"), "rs", &mut found);
    files(&root().join("crates"), "toml", &mut found);
    assert!(found.len() > 20, "the crates were looked through");
    for file in found {
        let text = fs::read_to_string(&file).expect("readable").to_lowercase();
        for word in ["bevy", "egui", "winit", "wgpu"] {
            assert!(!text.contains(word), "{} names {word}", file.display());
        }
    }
}

/// Data flows one way: each crate may depend only on those before it.
#[test]
fn crates_depend_only_downwards() {
    let allowed: [(&str, &[&str]); 4] = [
        ("sim", &[]),
        ("telemetry", &["sim"]),
        ("scenario", &["sim"]),
        ("session", &["sim", "telemetry", "scenario"]),
    ];
    for (name, below) in allowed {
        let manifest = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml"))
            .expect("manifest");
        for (other, _) in allowed {
            let named = manifest.contains(&format!("brownout-{other}.workspace"));
            assert!(
                !named || below.contains(&other),
                "{name} depends on {other}"
            );
        }
    }
}

/// The deterministic crates are fenced by lints, and forbid unsafe code.
#[test]
fn the_core_is_fenced() {
    for name in ["sim", "telemetry", "scenario", "session"] {
        let folder = root().join("crates").join(name);
        let clippy = fs::read_to_string(folder.join("clippy.toml")).expect("clippy.toml");
        for fence in [
            "HashMap",
            "Instant",
            "SystemTime",
            "f64::ln",
            "f64::exp",
            "f64::powf",
        ] {
            assert!(clippy.contains(fence), "{name}: no fence against {fence}");
        }
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("manifest");
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{name} does not take the workspace's lints"
        );
    }
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("manifest");
    assert!(workspace.contains("unsafe_code = \"forbid\""));
}

/// The core touches no files, threads, environment or sockets: those sit in the application.
#[test]
fn the_core_does_no_input_or_output() {
    let mut found = Vec::new();
    for name in ["sim", "telemetry", "scenario", "session"] {
        files(
            &root().join("crates").join(name).join("src"),
            "rs",
            &mut found,
        );
    }
    for file in found {
        let text = fs::read_to_string(&file).expect("readable");
        for word in [
            "std::fs",
            "std::thread",
            "std::env",
            "std::net",
            "std::process",
            "println!",
        ] {
            assert!(!text.contains(word), "{} uses {word}", file.display());
        }
    }
}

/// Colours are tokens: no literal outside the theme.
#[test]
fn colours_come_from_the_theme() {
    let mut found = Vec::new();
    for folder in ["app", "panels", "screens", "widgets"] {
        files(&root().join("src").join(folder), "rs", &mut found);
    }
    assert!(found.len() > 10, "the interface was looked through");
    for file in found {
        let text = fs::read_to_string(&file).expect("readable");
        // Tests may mix colours as they like.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for maker in [
            "from_rgb",
            "from_gray",
            "from_black_alpha",
            "from_white_alpha",
            "srgb",
            "srgb_u8",
            "srgba",
            "linear_rgb",
            "hex_color!",
        ] {
            for (position, _) in text.match_indices(maker) {
                // A call whose first argument is a number is a colour made up on the spot.
                let rest =
                    text[position + maker.len()..].trim_start_matches(['(', ' ', '\n', '"', '#']);
                assert!(
                    !rest.starts_with(|c: char| c.is_ascii_digit()),
                    "{} has a colour of its own: {maker}",
                    file.display()
                );
            }
        }
        for named in [
            "Color32::WHITE",
            "Color32::BLACK",
            "Color32::RED",
            "Color::WHITE",
            "Color::BLACK",
        ] {
            assert!(
                !text.contains(named),
                "{} has a colour of its own: {named}",
                file.display()
            );
        }
    }
}

/// The program starts on a bare Linux: X11, Wayland and Vulkan are loaded at run time, nothing else is linked.
#[cfg(target_os = "linux")]
#[test]
fn the_program_links_only_the_c_library() {
    let output = std::process::Command::new("ldd")
        .arg(env!("CARGO_BIN_EXE_brownout"))
        .output()
        .expect("ldd");
    let text = String::from_utf8_lossy(&output.stdout);
    let known = [
        "linux-vdso",
        "ld-linux",
        "libc.so",
        "libm.so",
        "libgcc_s",
        "libdl",
        "libpthread",
        "librt",
    ];
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert!(
            known.iter().any(|name| line.contains(name)),
            "the program links {line}"
        );
    }
    assert!(text.contains("libc.so"), "{text}");
}
