//! What the player set, kept in a small file in the configuration folder.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Settings of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Colours.
    pub theme: ThemeName,
    /// Size of the interface in per cent, see [`SCALES`].
    pub scale: u16,
    /// Nothing moves that need not.
    pub reduce_motion: bool,
}

/// Least and greatest scale in per cent.
pub const SCALES: (u16, u16) = (80, 200);
/// Per cent between two scales.
const STEP: u16 = 10;

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeName::Dark,
            scale: 100,
            reduce_motion: false,
        }
    }
}

/// A theme by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeName {
    /// The night operations room.
    #[default]
    Dark,
    /// For bright rooms.
    Light,
    /// Brightest text on black.
    Contrast,
}

impl ThemeName {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dark, Self::Light, Self::Contrast];

    /// As typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Contrast => "contrast",
        }
    }
}

impl std::str::FromStr for ThemeName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|theme| theme.name() == text)
            .ok_or_else(|| {
                format!("there is no theme called \"{text}\"; there are: dark, light, contrast")
            })
    }
}

impl Settings {
    /// The scale a step larger or smaller.
    #[must_use]
    pub fn scaled(self, larger: bool) -> Self {
        let scale = if larger {
            self.scale.saturating_add(STEP)
        } else {
            self.scale.saturating_sub(STEP)
        };
        Self {
            scale: scale.clamp(SCALES.0, SCALES.1),
            ..self
        }
    }

    /// The scale as a factor.
    #[must_use]
    pub fn factor(self) -> f32 {
        f32::from(self.scale.clamp(SCALES.0, SCALES.1)) / 100.0
    }

    /// What was kept; what cannot be read is as if never set.
    #[must_use]
    pub fn load() -> Self {
        file()
            .and_then(|file| std::fs::read_to_string(file).ok())
            .and_then(|text| ron::from_str(&text).ok())
            .unwrap_or_default()
    }

    /// Keeps the settings.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self) -> anyhow::Result<()> {
        let Some(file) = file() else {
            anyhow::bail!("there is no folder for settings: HOME is not set");
        };
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let text = ron::ser::to_string_pretty(self, ron::ser::PrettyConfig::default())?;
        std::fs::write(file, text)?;
        Ok(())
    }
}

/// Where settings are kept.
fn file() -> Option<PathBuf> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let folder = set("XDG_CONFIG_HOME")
        .or_else(|| set("APPDATA"))
        .or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("brownout").join("settings.ron"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scales end at 80 and 200 per cent, and files of other versions are read as far as they go.
    #[test]
    fn settings_stay_in_bounds() {
        let mut settings = Settings::default();
        for _ in 0..40 {
            settings = settings.scaled(true);
        }
        assert_eq!(settings.scale, 200);
        for _ in 0..40 {
            settings = settings.scaled(false);
        }
        assert_eq!(settings.scale, 80);
        let read: Settings = ron::from_str("(theme: light)").expect("settings");
        assert_eq!(read.theme, ThemeName::Light);
        assert_eq!(read.scale, 100);
    }
}
