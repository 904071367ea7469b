//! Opening the window, which the engine answers with a panic where it cannot.
//!
//! The display answers, but there may be no driver to draw with, or the window library may refuse. Until the first frame, a
//! panic of the main thread is such an answer and becomes an error of one line; from then on it is a defect and stays one.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use bevy::prelude::*;

/// What was said while the window was being opened.
#[derive(Default)]
struct Opening {
    open: AtomicBool,
    said: Mutex<Option<String>>,
}

impl Opening {
    fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    fn note(&self, info: &PanicHookInfo<'_>) {
        let words = info.payload_as_str().unwrap_or("no reason was given");
        if let Ok(mut said) = self.said.lock() {
            said.get_or_insert_with(|| first_sentence(words).to_owned());
        }
    }
}

/// Builds the application and runs it to its end.
///
/// # Errors
/// If no window can be opened; in one line that says why and names the way without.
pub(super) fn run(build: impl FnOnce() -> App) -> anyhow::Result<AppExit> {
    let opening = Arc::new(Opening::default());
    let usual = Arc::new(panic::take_hook());
    panic::set_hook(Box::new({
        let (opening, usual) = (Arc::clone(&opening), Arc::clone(&usual));
        move |info| {
            if opening.is_open() {
                usual(info);
            } else {
                opening.note(info);
            }
        }
    }));
    let ran = panic::catch_unwind(AssertUnwindSafe(|| {
        let mut app = build();
        let opening = Arc::clone(&opening);
        app.add_systems(Last, move || opening.open.store(true, Ordering::Relaxed));
        app.run()
    }));
    panic::set_hook(Box::new(move |info| usual(info)));
    match ran {
        Ok(exit) => Ok(exit),
        Err(payload) if opening.is_open() => panic::resume_unwind(payload),
        Err(_) => {
            let said = opening.said.lock().ok().and_then(|mut said| said.take());
            anyhow::bail!(
                "no window can be opened: {}; `brownout run SCENARIO` works without one",
                said.as_deref().unwrap_or("no reason was given")
            )
        }
    }
}

/// The beginning of a message, to its first full stop.
fn first_sentence(words: &str) -> &str {
    let line = words.lines().next().unwrap_or_default();
    line.split(['!', '.']).next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_to_one_sentence() {
        let said = "Unable to find a GPU! Install drivers.\nSee elsewhere.";
        assert_eq!(first_sentence(said), "Unable to find a GPU");
    }
}
