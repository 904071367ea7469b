//! Opening a file with the program the desktop has for it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// What opens files here.
const OPENER: &str = if cfg!(target_os = "windows") {
    "explorer"
} else if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

/// Opens a file.
///
/// # Errors
/// If there is nothing to open it with.
pub(super) fn open(path: &Path) -> std::io::Result<()> {
    open_with(OsStr::new(OPENER), path)
}

fn open_with(opener: &OsStr, path: &Path) -> std::io::Result<()> {
    let mut child = Command::new(opener)
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // Somebody has to take its end, or it stays in the system's table for as long as the window is open.
    std::thread::Builder::new()
        .name("opener".to_owned())
        .spawn(move || drop(child.wait()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine without a desktop has no opener: that is said, not a crash.
    #[test]
    fn no_opener_is_an_error() {
        let missing = OsStr::new("no-such-opener-anywhere");
        assert!(open_with(missing, Path::new("report.html")).is_err());
    }
}
