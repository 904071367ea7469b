//! The author screen's script: a copy of a scenario, sound at first, then broken, then mended.

use std::path::{Path, PathBuf};

use bevy::prelude::*;

use super::script::{Moment, Step, step};
use crate::app::Authoring;
use crate::author::{Asked, Chosen, Disk, check};
use crate::screens::author::Table;

/// A copy of a scenario's files that may be broken.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
    /// The scenario's own file.
    file: PathBuf,
    /// Its text as it was.
    sound: String,
}

impl Scratch {
    /// Copies a scenario with all its files into a folder of this process.
    pub fn of(path: &Path) -> anyhow::Result<Self> {
        let disk = Disk::open(path, None)?;
        let checked = check(&disk, disk.name(), &[]);
        let folder = std::env::temp_dir().join(format!("brownout-shots-{}", std::process::id()));
        let root = folder.join("scenarios");
        let mut sound = String::new();
        for source in checked.files {
            let text = source.text?;
            let to = root.join(&source.name);
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&to, &text)?;
            if source.name == disk.name() {
                sound = text;
            }
        }
        Ok(Self {
            file: root.join(disk.name()),
            folder,
            sound,
        })
    }

    /// What the author screen is to open.
    pub fn asked(&self, seed: u64) -> Asked {
        Asked {
            path: self.file.clone(),
            root: None,
            chosen: Chosen { seed, truth: None },
        }
    }

    /// Saves the file with names in it that do not exist, or as it was.
    pub fn save(&self, broken: bool) {
        let text = if broken {
            self.sound
                .replace("alert: \"", "alert: \"x-")
                .replace("component: \"", "component: \"x-")
        } else {
            self.sound.clone()
        };
        if let Err(error) = std::fs::write(&self.file, text) {
            error!("{}: {error}", self.file.display());
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// What a step does to the author screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    /// The truth is shown.
    Truth,
    /// The file is saved broken.
    Break,
    /// The file is saved as it was.
    Mend,
}

/// The run, the run with the truth shown, errors with the run before them, and the run again.
pub(super) fn author() -> Vec<Step> {
    let also = |write: Write, moment: Moment| Step {
        write: Some(write),
        ..step(moment, vec![])
    };
    vec![
        step(Moment::Previewed(false), vec![]),
        also(Write::Truth, Moment::Previewed(false)),
        also(Write::Break, Moment::Previewed(true)),
        also(Write::Mend, Moment::Previewed(false)),
    ]
}

/// Whether the latest reading is sound or broken as wanted, and nothing runs any more.
pub(super) fn previewed(authoring: &Authoring, broken: bool) -> bool {
    authoring.desk.as_ref().is_some_and(|desk| {
        let sound = desk.checked().map(|checked| checked.loaded.is_some());
        sound == Some(!broken) && !authoring.awaits() && desk.course().is_some()
    })
}

/// Does what a step does, before its moment is waited for.
pub(super) fn write(write: Write, scratch: Option<&Scratch>, table: &mut Table) {
    match write {
        Write::Truth => table.state.truth_shown = true,
        Write::Break | Write::Mend => {
            if let Some(scratch) = scratch {
                scratch.save(write == Write::Break);
            }
        }
    }
}
