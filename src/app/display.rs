//! Whether there is anything to open a window on, found out before the window library is asked: it panics where there is not.

use anyhow::bail;

/// One line for who has no display.
const NO_DISPLAY: &str =
    "there is no display to open a window on; `brownout run SCENARIO` works without one";

/// Makes sure that a window can be opened.
///
/// # Errors
/// If no display can be reached; in one line that names the way without.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn require() -> anyhow::Result<()> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let x11 = set("DISPLAY").is_some_and(|display| x11_answers(&display));
    let wayland = set("WAYLAND_DISPLAY").is_some_and(|display| wayland_answers(&display));
    if x11 || wayland {
        return Ok(());
    }
    bail!(NO_DISPLAY)
}

/// Makes sure that a window can be opened; here it always can.
///
/// # Errors
/// None.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub fn require() -> anyhow::Result<()> {
    Ok(())
}

/// Whether an X server listens; one on another machine is taken on trust.
#[cfg(all(unix, not(target_os = "macos")))]
fn x11_answers(display: &str) -> bool {
    let Some((host, number)) = display.rsplit_once(':') else {
        return false;
    };
    if !host.is_empty() && host != "unix" {
        return true;
    }
    let number = number.split('.').next().unwrap_or_default();
    let socket = format!("/tmp/.X11-unix/X{number}");
    std::os::unix::net::UnixStream::connect(&socket).is_ok() || abstract_answers(&socket)
}

/// Servers may listen on an abstract socket only.
#[cfg(target_os = "linux")]
fn abstract_answers(socket: &str) -> bool {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixStream};
    SocketAddr::from_abstract_name(socket)
        .and_then(|address| UnixStream::connect_addr(&address))
        .is_ok()
}

#[cfg(all(unix, not(target_os = "macos"), not(target_os = "linux")))]
fn abstract_answers(_socket: &str) -> bool {
    false
}

#[cfg(all(unix, not(target_os = "macos")))]
fn wayland_answers(display: &str) -> bool {
    let path = std::path::Path::new(display);
    let socket = match std::env::var_os("XDG_RUNTIME_DIR") {
        _ if path.is_absolute() => path.to_owned(),
        Some(folder) => std::path::Path::new(&folder).join(path),
        None => return false,
    };
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::{NO_DISPLAY, x11_answers};

    /// A display nobody listens on is none, and the message is one line that names the way without.
    #[test]
    fn a_dead_display_is_no_display() {
        assert!(!x11_answers(":6553"));
        assert!(!x11_answers("nonsense"));
        assert!(!NO_DISPLAY.contains('\n') && NO_DISPLAY.contains("brownout run"));
    }
}
