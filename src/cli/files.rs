//! Native access to a scenario library.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use brownout_scenario::{FileError, Files};

/// Bytes read of a file at most: one more than a scenario file may have.
const READ_LIMIT: u64 = 256 * 1024 + 1;

/// A library on disk. Nothing outside its root is opened: every path is resolved, links included, before it is opened,
/// and only plain files are.
#[derive(Clone, Debug)]
pub struct Library {
    root: PathBuf,
}

impl Library {
    /// The library that holds `path`, and the path's name within it: the nearest folder above named `scenarios`, or
    /// `root`, or the file's own folder's parent.
    ///
    /// # Errors
    /// If there is no such file, or it lies outside `root`.
    pub fn around(path: &Path, root: Option<&Path>) -> std::io::Result<(Self, String)> {
        let file = path.canonicalize()?;
        let root = match root {
            Some(root) => root.canonicalize()?,
            None => file
                .ancestors()
                .skip(1)
                .find(|folder| folder.file_name().is_some_and(|name| name == "scenarios"))
                .or_else(|| file.parent().and_then(Path::parent))
                .unwrap_or(Path::new("/"))
                .to_path_buf(),
        };
        let name = file.strip_prefix(&root).map_err(|_| {
            std::io::Error::other(format!("it lies outside the root {}", root.display()))
        })?;
        let name = name
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        Ok((Self { root }, name))
    }

    /// The path on disk of a name, for messages.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

impl Files for Library {
    fn read(&self, path: &str) -> Result<String, FileError> {
        let other = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => FileError::Missing,
            _ => FileError::Other(error.to_string()),
        };
        let resolved = self.root.join(path).canonicalize().map_err(other)?;
        if !resolved.starts_with(&self.root) {
            return Err(FileError::Outside);
        }
        if !resolved.metadata().map_err(other)?.is_file() {
            return Err(FileError::Other("not a plain file".to_owned()));
        }
        let mut bytes = Vec::new();
        File::open(&resolved)
            .and_then(|file| file.take(READ_LIMIT).read_to_end(&mut bytes))
            .map_err(other)?;
        if bytes.len() as u64 >= READ_LIMIT {
            return Err(FileError::TooLarge);
        }
        String::from_utf8(bytes).map_err(|_| FileError::NotText)
    }
}

/// Writes a whole file or none: a fresh one beside it takes its place.
pub fn save(path: &Path, text: &str) -> std::io::Result<()> {
    save_by(path, |out| out.write_all(text.as_bytes()))
}

/// The same of what `write` writes, bit by bit.
pub fn save_by(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(format!(".{}.tmp", std::process::id()));
    let fresh = PathBuf::from(fresh);
    let written = File::create_new(&fresh)
        .and_then(|file| {
            let mut out = BufWriter::new(file);
            write(&mut out)?;
            out.into_inner()?.sync_all()
        })
        .and_then(|()| fs::rename(&fresh, path));
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
        return written;
    }
    // The name is safe once the folder is; where a folder cannot be opened, the system sees to it.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}
