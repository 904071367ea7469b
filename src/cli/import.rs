//! `brownout import`: a system file from somebody's own architecture.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use brownout_scenario::import::{
    Format, Imported, Input, MAX_INPUT_BYTES, Note, Options, Times, import as make,
};
use brownout_scenario::units::share_q32;
use serde::Serialize;

use super::{FAILURE, files, print_json};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Files: all of one format, and of one architecture.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What they are; without it that is seen by their content.
    #[arg(long)]
    format: Option<Kind>,
    /// Folder the system file goes to, such as scenarios/systems.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Name of the system and of its file: small letters, digits and hyphens; by default from the first file's name.
    #[arg(long)]
    name: Option<String>,
    /// Share of the requests that were traced, such as 10%: measured rates are divided by it.
    #[arg(long, value_name = "SHARE", default_value = "100%", value_parser = traced)]
    traced: u32,
    /// Write over a file that is there.
    #[arg(long)]
    force: bool,
    /// Report as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    /// Service graph of Istio's load generator isotope (YAML).
    Isotope,
    /// Compose file (YAML).
    Compose,
    /// OpenTelemetry traces (OTLP JSON).
    Otlp,
    /// Traces of Jaeger's API (JSON).
    Jaeger,
}

impl From<Kind> for Format {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Isotope => Self::Isotope,
            Kind::Compose => Self::Compose,
            Kind::Otlp => Self::Otlp,
            Kind::Jaeger => Self::Jaeger,
        }
    }
}

#[derive(Debug, Serialize)]
struct Report {
    format: Format,
    written: Vec<PathBuf>,
    services: usize,
    calls: usize,
    flows: usize,
    notes: Vec<Note>,
    times: Vec<Times>,
}

/// A share in parts per million.
fn traced(text: &str) -> Result<u32, String> {
    let share = share_q32(text).map_err(|error| error.to_string())?;
    let ppm = u128::from(share) * 1_000_000 >> 32;
    match u32::try_from(ppm) {
        Ok(ppm @ 1..) => Ok(ppm),
        _ => Err("expected a share of at least 0.0001%".to_owned()),
    }
}

pub(super) fn import(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut texts = Vec::new();
    for path in &arguments.files {
        texts.push((path.display().to_string(), read(path)?));
    }
    let inputs: Vec<Input<'_>> = texts
        .iter()
        .map(|(file, text)| Input { file, text })
        .collect();
    let name = match (&arguments.name, arguments.files.first()) {
        (Some(name), _) => {
            ensure!(
                *name == slug(name),
                "`{name}` cannot be a name: small letters, digits and hyphens, at most 64"
            );
            name.clone()
        }
        (None, Some(file)) => slug(&file.file_stem().unwrap_or_default().to_string_lossy()),
        (None, None) => bail!("name a file to import"),
    };
    let format = match arguments.format {
        Some(kind) => kind.into(),
        None => kind_of_all(&inputs)?,
    };
    let path = arguments.output.join(format!("{name}.ron"));
    ensure!(
        arguments.force || !path.exists(),
        "{} is there already; --force writes over it",
        path.display()
    );
    let options = Options {
        name: name.clone(),
        traced_ppm: arguments.traced,
    };
    let imported = match make(format, &inputs, &options) {
        Ok(imported) => imported,
        Err(found) => {
            for diagnostic in &found {
                eprintln!("{diagnostic}");
            }
            return Ok(ExitCode::from(FAILURE));
        }
    };
    files::save(&path, &imported.text)
        .with_context(|| format!("cannot write {}", path.display()))?;
    if arguments.json {
        let Imported {
            services,
            calls,
            flows,
            notes,
            times,
            ..
        } = imported;
        print_json(&Report {
            format,
            written: vec![path],
            services,
            calls,
            flows,
            notes,
            times,
        })?;
    } else {
        say(&imported, &path);
    }
    Ok(ExitCode::SUCCESS)
}

/// The text of a plain file, read no further than it may be long.
fn read(path: &Path) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {}", path.display());
    let metadata = fs::metadata(path).with_context(cannot)?;
    ensure!(metadata.is_file(), "{} is not a plain file", path.display());
    let limit = MAX_INPUT_BYTES as u64;
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .with_context(cannot)?;
    ensure!(
        bytes.len() as u64 <= limit,
        "{} is larger than {} MiB",
        path.display(),
        limit >> 20
    );
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let before = error.as_bytes().iter().take(at);
            let line = 1 + before.filter(|byte| **byte == b'\n').count();
            bail!("{}:{line}:1: this is not UTF-8 text", path.display())
        }
    }
}

fn kind_of_all(inputs: &[Input<'_>]) -> anyhow::Result<Format> {
    let mut kind = None;
    for input in inputs {
        let Some(found) = Format::of(input.text) else {
            bail!(
                "{}: it cannot be seen what this is; say it with --format",
                input.file
            );
        };
        ensure!(
            kind.is_none_or(|kind| kind == found),
            "{} is of another format than the files before it",
            input.file
        );
        kind = Some(found);
    }
    kind.context("name a file to import")
}

/// A name from any word.
fn slug(words: &str) -> String {
    let mut name = String::new();
    for c in words.chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(64);
    let name = name.trim_end_matches('-');
    if name.is_empty() { "imported" } else { name }.to_owned()
}

fn say(imported: &Imported, path: &Path) {
    println!("{}", path.display());
    println!(
        "{} services, {} calls, {} flows",
        imported.services, imported.calls, imported.flows
    );
    if !imported.notes.is_empty() {
        println!("Not mapped, assumed or changed:");
        for note in &imported.notes {
            println!("  {}: {}", note.about, note.reason);
        }
    }
    if !imported.times.is_empty() {
        println!("Durations, in the spans and in a run (p50, p95):");
        for times in &imported.times {
            println!(
                "  {}: {:.2} {:.2} ms, run {:.2} {:.2} ms, {} spans",
                times.service,
                milliseconds(times.spans_p50_ns),
                milliseconds(times.spans_p95_ns),
                milliseconds(times.run_p50_ns),
                milliseconds(times.run_p95_ns),
                times.spans
            );
        }
    }
    println!("Then:");
    println!("  brownout check {}", path.display());
    println!("  {}", begin(path));
}

/// The command that begins a scenario on a system file.
fn begin(path: &Path) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().unwrap_or(Path::new("."));
    let (root, system) = match (folder.parent(), folder.file_name()) {
        (Some(root), Some(name)) if !root.as_os_str().is_empty() => {
            (root, format!("{}/{file}", name.to_string_lossy()))
        }
        _ => (folder, file.into_owned()),
    };
    if root == Path::new("scenarios") {
        return format!("brownout new NAME --system {system}");
    }
    format!(
        "brownout new NAME --root {} --system {system}",
        root.display()
    )
}

#[expect(clippy::cast_precision_loss, reason = "for display")]
fn milliseconds(ns: u64) -> f64 {
    ns as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::{begin, slug};
    use std::path::Path;

    #[test]
    fn a_name_is_made_of_any_word() {
        for (words, name) in [
            ("docker-compose.prod", "docker-compose-prod"),
            ("10-svc_10-end", "10-svc-10-end"),
            ("--", "imported"),
            ("Café", "caf"),
        ] {
            assert_eq!(slug(words), name);
            assert_eq!(slug(name), name);
        }
        assert_eq!(slug(&"a-".repeat(100)).len(), 63);
    }

    #[test]
    fn the_next_command_finds_the_system() {
        let of = |path: &str| begin(Path::new(path));
        assert_eq!(
            of("scenarios/systems/shop.ron"),
            "brownout new NAME --system systems/shop.ron"
        );
        assert_eq!(
            of("/tmp/lib/systems/shop.ron"),
            "brownout new NAME --root /tmp/lib --system systems/shop.ron"
        );
        assert_eq!(
            of("out/shop.ron"),
            "brownout new NAME --root out --system shop.ron"
        );
    }
}
