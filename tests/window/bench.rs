//! The window's bench comes to its end and measures what it says.

use std::path::Path;
use std::process::Command;

use crate::display::Display;

#[test]
fn the_window_is_measured() {
    let display = Display::open();
    let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["bench", "--window", "--seconds", "2", "--json"])
        .env("DISPLAY", &display.name)
        .env(
            "XDG_CONFIG_HOME",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("settings"),
        )
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let stages = report["stages"].as_array().expect("stages");
    let part = |stage: &str, part: &str| {
        let stage = stages.iter().find(|row| row["name"] == stage)?;
        let parts = stage["parts"].as_array()?;
        let row = parts.iter().find(|row| row["name"] == part)?;
        Some((row["median_us"].as_u64()?, row["p95_us"].as_u64()?))
    };
    for stage in ["incident, 1×", "incident, 10×"] {
        for name in ["simulation", "view", "panels", "paint", "topology"] {
            let (median, p95) = part(stage, name).unwrap_or_else(|| panic!("{stage}: {name}"));
            assert!(
                median > 0 && median <= p95,
                "{stage}, {name}: {median}, {p95}"
            );
        }
    }
    assert!(part("library", "panels").is_some());
    assert!(
        part("library", "simulation").is_none(),
        "nothing runs in a menu"
    );
    let frames = |name: &str| {
        let stage = stages.iter().find(|row| row["name"] == name);
        stage.and_then(|stage| stage["frames_per_s"].as_f64())
    };
    assert!(
        frames("library, asleep") < frames("library"),
        "a menu left alone sleeps"
    );
}
