//! How a change of a row comes.

/// A change of a row: what, when, how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Written {
    /// Seconds after the fault begins.
    pub after_s: u64,
    /// How it comes.
    pub onset: Onset,
    /// The change, in the language.
    pub change: &'static str,
}

/// How a change comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Onset {
    /// At once.
    Step,
    /// In equal steps.
    Ramp {
        /// From the first to the last, as in the language.
        over: &'static str,
        /// How many.
        steps: u32,
    },
    /// On and off.
    Flapping {
        /// How long it is there.
        on: &'static str,
        /// How long it is gone.
        off: &'static str,
        /// How often.
        times: u32,
        /// The change that ends it.
        end: &'static str,
    },
    /// When something is the case, in the language.
    When(&'static str),
}

impl Written {
    /// The timed change, as a scenario has it, of a fault that begins at a time in seconds.
    #[must_use]
    pub fn timed(&self, begins_s: u64) -> String {
        let at_s = begins_s + self.after_s;
        self.entry(&format!("at: \"{at_s}s\", "))
    }

    /// As [`Written::timed`], with its time given as text.
    pub(super) fn entry(&self, at: &str) -> String {
        let change = self.change;
        match self.onset {
            Onset::Step => format!("({at}change: {change})"),
            Onset::Ramp { over, steps } => {
                format!("({at}ramp: (over: \"{over}\", steps: {steps}), change: {change})")
            }
            Onset::Flapping {
                on,
                off,
                times,
                end,
            } => format!(
                "({at}flap: (on: \"{on}\", off: \"{off}\", times: {times}, end: {end}), change: {change})"
            ),
            Onset::When(condition) => format!("({at}when: {condition}, change: {change})"),
        }
    }
}

pub(super) const fn now(change: &'static str) -> Written {
    after(0, change)
}

pub(super) const fn after(after_s: u64, change: &'static str) -> Written {
    Written {
        after_s,
        onset: Onset::Step,
        change,
    }
}

pub(super) const fn ramp(over: &'static str, steps: u32, change: &'static str) -> Written {
    Written {
        after_s: 0,
        onset: Onset::Ramp { over, steps },
        change,
    }
}

pub(super) const fn flapping(
    (on, off, times): (&'static str, &'static str, u32),
    change: &'static str,
    end: &'static str,
) -> Written {
    Written {
        after_s: 0,
        onset: Onset::Flapping {
            on,
            off,
            times,
            end,
        },
        change,
    }
}

pub(super) const fn when(condition: &'static str, change: &'static str) -> Written {
    Written {
        after_s: 0,
        onset: Onset::When(condition),
        change,
    }
}
