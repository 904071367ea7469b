//! From wall time to simulated time, in integers.

/// Longest stretch of wall time one frame may count for. A window that was held up resumes where it was.
const LONGEST_FRAME_NS: u64 = 100_000_000;

/// A clock at a whole multiple of a wall clock's speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// Times as fast as a wall clock.
    pub speed: u32,
    /// Stopped by the player.
    pub paused: bool,
}

impl Clock {
    /// Simulated time that passes in a frame.
    pub fn step_ns(self, frame_ns: u64) -> u64 {
        if self.paused {
            0
        } else {
            frame_ns.min(LONGEST_FRAME_NS) * u64::from(self.speed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    /// Speeds multiply, long frames are cut, a stopped clock stands.
    #[test]
    fn frames_become_simulated_time() {
        let clock = Clock {
            speed: 4,
            paused: false,
        };
        assert_eq!(clock.step_ns(33_000_000), 132_000_000);
        assert_eq!(clock.step_ns(5_000_000_000), 400_000_000);
        assert_eq!(
            Clock {
                paused: true,
                ..clock
            }
            .step_ns(33_000_000),
            0
        );
    }
}
