//! A display to draw on.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held by the test that has a window: several windows drawn in software at once are too slow to be played by hand.
static TURN: Mutex<()> = Mutex::new(());

/// An X server that ends with the test.
pub struct Display {
    _turn: MutexGuard<'static, ()>,
    server: Option<Child>,
    /// Name, such as `:99`.
    pub name: String,
}

impl Display {
    /// The display at hand, or one in memory on a number the server chooses itself.
    pub fn open() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = std::env::var("DISPLAY")
            .ok()
            .filter(|name| !name.is_empty())
        {
            return Self {
                _turn: turn,
                server: None,
                name,
            };
        }
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1920x1080x24",
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is needed where there is no display: apt-get install xvfb");
        let output = server.stdout.take().expect("the server's output is piped");
        let mut number = String::new();
        BufReader::new(output)
            .read_line(&mut number)
            .expect("Xvfb says its display's number");
        assert!(
            !number.trim().is_empty(),
            "Xvfb ended without opening a display"
        );
        Self {
            _turn: turn,
            server: Some(server),
            name: format!(":{}", number.trim()),
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            server.kill().ok();
            server.wait().ok();
        }
    }
}
