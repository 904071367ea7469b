//! `brownout`, `brownout play` and `brownout shots`: the window.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Choice;
use crate::settings::ThemeName;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// Times as fast as a wall clock.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10))]
    speed: u32,
    /// Journal of this session; by default a new file in the data folder, named on exit.
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    journal: Option<PathBuf>,
    /// Go on with the session of a journal.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ShotsArguments {
    /// Folder for the pictures.
    dir: PathBuf,
    /// Sizes of the window, separated by commas.
    #[arg(long, default_values = ["1440x900", "1920x1080"], value_parser = parse_size, value_delimiter = ',')]
    size: Vec<(u32, u32)>,
    /// Size of the interface in per cent, 80 to 200.
    #[arg(long, value_name = "PERCENT", default_value_t = 100, value_parser = clap::value_parser!(u16).range(80..=200))]
    scale: u16,
    /// Fail if a word is cut or lies over another; which ones is said in any case.
    #[arg(long)]
    strict: bool,
    /// Draw one screen only.
    #[arg(long)]
    screen: Option<String>,
    /// Draw in one theme only: dark, light or contrast.
    #[arg(long)]
    theme: Option<ThemeName>,
    /// Scenario folder or file.
    #[arg(long, default_value = "scenarios/regional-gateway")]
    scenario: PathBuf,
    /// Seed.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

fn parse_size(text: &str) -> Result<(u32, u32), String> {
    let wrong = || format!("\"{text}\" is no size; write WIDTHxHEIGHT, such as 1440x900");
    let (width, height) = text.split_once('x').ok_or_else(wrong)?;
    let side = |part: &str| {
        part.parse::<u32>()
            .ok()
            .filter(|side| (320..=7680).contains(side))
            .ok_or_else(wrong)
    };
    Ok((side(width)?, side(height)?))
}

#[cfg(not(feature = "window"))]
mod imp {
    use super::{Arguments, ExitCode, ShotsArguments};

    fn refuse() -> anyhow::Result<ExitCode> {
        anyhow::bail!("this build has no window; `brownout run SCENARIO` plays without one")
    }

    pub(in crate::cli) fn title() -> anyhow::Result<ExitCode> {
        refuse()
    }

    pub(in crate::cli) fn play(arguments: &Arguments) -> anyhow::Result<ExitCode> {
        let _ = (
            &arguments.choice,
            arguments.speed,
            &arguments.journal,
            &arguments.resume,
        );
        refuse()
    }

    pub(in crate::cli) fn shots(arguments: &ShotsArguments) -> anyhow::Result<ExitCode> {
        let _ = (
            &arguments.dir,
            &arguments.size,
            (arguments.scale, arguments.strict),
            &arguments.screen,
            arguments.theme,
            arguments.scale,
            &arguments.scenario,
            arguments.seed,
        );
        refuse()
    }
}

#[cfg(feature = "window")]
mod imp {
    use std::path::PathBuf;
    use std::sync::Arc;

    use anyhow::{Context, bail};

    use super::{Arguments, ExitCode, ShotsArguments, ThemeName};
    use crate::app::{self, PlayOptions, ShotScreen, ShotsOptions};
    use crate::cli::journal_file::new_path;
    use crate::cli::{load, unfinished};

    /// Scenario the title screen offers when none was named.
    const FIRST: &str = "scenarios/regional-gateway";

    pub(in crate::cli) fn title() -> anyhow::Result<ExitCode> {
        app::require_display()?;
        let path = first_scenario()
            .context("no scenarios folder was found; name one: brownout play SCENARIO")?;
        let loaded = load::scenario(&path, None, 7, None, "person")?;
        open(PlayOptions {
            title: "Brownout".to_owned(),
            ..fresh(loaded, 1, None)?
        })
    }

    /// A new session of a scenario, in a file of its own.
    fn fresh(
        loaded: load::Loaded,
        speed: u32,
        journal: Option<PathBuf>,
    ) -> anyhow::Result<PlayOptions> {
        let journal = match journal {
            Some(path) => path,
            None => new_path(&loaded.scenario.name)?,
        };
        Ok(PlayOptions {
            title: format!("Brownout · {}", loaded.scenario.title),
            scenario: loaded.scenario,
            header: loaded.header,
            journal: Some(journal),
            resumed: None,
            speed,
            named: false,
            file: None,
        })
    }

    /// The first scenario at or above the working folder or the program.
    fn first_scenario() -> Option<PathBuf> {
        let starts = [std::env::current_dir().ok(), std::env::current_exe().ok()];
        let found = starts
            .iter()
            .flatten()
            .flat_map(|start| start.ancestors())
            .map(|folder| folder.join(FIRST));
        found.into_iter().find(|folder| folder.is_dir())
    }

    pub(in crate::cli) fn play(arguments: &Arguments) -> anyhow::Result<ExitCode> {
        app::require_display()?;
        let Some(file) = &arguments.resume else {
            let loaded = load::chosen(&arguments.choice, "person")?;
            let options = fresh(loaded, arguments.speed, arguments.journal.clone())?;
            return open(PlayOptions {
                named: true,
                file: Some(load::scenario_file(&arguments.choice.scenario)),
                ..options
            });
        };
        let resumed = unfinished::resume(file, Some(&arguments.choice.scenario))?;
        if let Some(note) = &resumed.note {
            eprintln!("{note}");
        }
        open(PlayOptions {
            title: format!("Brownout · {}", resumed.scenario.title),
            scenario: Arc::clone(&resumed.scenario),
            header: resumed.session.header().clone(),
            journal: Some(file.clone()),
            resumed: Some(resumed),
            speed: arguments.speed,
            named: true,
            file: Some(load::scenario_file(&arguments.choice.scenario)),
        })
    }

    fn open(options: PlayOptions) -> anyhow::Result<ExitCode> {
        let journal = options.journal.clone();
        app::play(options)?;
        if let Some(journal) = journal.filter(|journal| journal.exists()) {
            println!(
                "the session is in {}; `brownout score` reads it, `brownout play --resume` goes on",
                journal.display()
            );
        }
        Ok(ExitCode::SUCCESS)
    }

    pub(in crate::cli) fn shots(arguments: &ShotsArguments) -> anyhow::Result<ExitCode> {
        app::require_display()?;
        let screens: Vec<ShotScreen> = match &arguments.screen {
            Some(name) => vec![name.parse().map_err(anyhow::Error::msg)?],
            None => ShotScreen::ALL.to_vec(),
        };
        let loaded = load::scenario(&arguments.scenario, None, arguments.seed, None, "script")?;
        let themes: Vec<ThemeName> = arguments
            .theme
            .map_or_else(|| ThemeName::ALL.to_vec(), |theme| vec![theme]);
        if let ([screen], [theme], [size]) = (
            screens.as_slice(),
            themes.as_slice(),
            arguments.size.as_slice(),
        ) {
            app::shots(ShotsOptions {
                dir: arguments.dir.clone(),
                size: *size,
                scale: arguments.scale,
                strict: arguments.strict,
                screen: *screen,
                theme: *theme,
                scenario: loaded.scenario,
                header: loaded.header,
                file: arguments.scenario.clone(),
            })?;
            return Ok(ExitCode::SUCCESS);
        }
        // A window's event loop can be made once in a process, so each screen gets a process of its own.
        let program = std::env::current_exe()?;
        let pairs = screens
            .iter()
            .flat_map(|screen| themes.iter().map(move |theme| (screen, theme)));
        let all = pairs.flat_map(|pair| arguments.size.iter().map(move |size| (pair, size)));
        let mut failed = Vec::new();
        for ((screen, theme), (width, height)) in all {
            let status = std::process::Command::new(&program)
                .arg("shots")
                .arg(&arguments.dir)
                .args(["--size", &format!("{width}x{height}")])
                .args(["--scale", &arguments.scale.to_string()])
                .args(["--screen", screen.name()])
                .args(["--theme", theme.name()])
                .arg("--scenario")
                .arg(&arguments.scenario)
                .args(["--seed", &arguments.seed.to_string()])
                .args(arguments.strict.then_some("--strict"))
                .status()?;
            if !status.success() {
                failed.push(format!(
                    "{} {} {width}x{height}",
                    screen.name(),
                    theme.name()
                ));
            }
        }
        if !failed.is_empty() {
            bail!("not drawn, or not legible: {}", failed.join(", "));
        }
        Ok(ExitCode::SUCCESS)
    }
}

pub(super) use imp::{play, shots, title};
