//! A sample of requests on their way: which dots there are, not how they are drawn.
//!
//! Departures follow from a counter by hashing, so a picture depends on nothing but the view and the clock.

use egui::Color32;

use super::route::Route;

/// Most dots at a time.
pub(super) const CAPACITY: usize = 5_000;
/// Departures are drawn this far ahead, so that the mesh changes only a few times a second.
const AHEAD_S: f64 = 0.2;
/// A stream that begins is as full as if it had run this long.
const WARM_UP_S: f64 = 5.0;

/// A request on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Particle {
    /// Index of its route.
    pub route: usize,
    /// When it leaves, in seconds of the picture's clock.
    pub depart_s: f64,
    /// How long it takes.
    pub duration_s: f32,
    /// Offset from the middle of the edge, in points.
    pub offset: f32,
    /// Colour of its outcome.
    pub color: Color32,
}

/// Colours of outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcomes {
    /// Served.
    pub ok: Color32,
    /// Failed.
    pub failed: Color32,
}

/// The dots at hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    live: Vec<Particle>,
    /// Per route: when the next dot leaves.
    next_s: Vec<f64>,
    /// Departures drawn so far, the hash's counter.
    drawn: u64,
    until_s: f64,
}

impl Stream {
    /// Dots at hand.
    pub fn live(&self) -> &[Particle] {
        &self.live
    }

    /// Forgets all dots; the next advance starts as full as a running stream.
    pub fn clear(&mut self) {
        *self = Self {
            drawn: self.drawn,
            ..Self::default()
        };
    }

    /// Draws departures up to a little after `now_s` and drops dots that have arrived. Whether anything changed.
    pub fn advance(&mut self, routes: &[Route], outcomes: Outcomes, now_s: f64) -> bool {
        if self.next_s.len() != routes.len() {
            self.clear();
            self.until_s = now_s - WARM_UP_S;
            let start_s = self.until_s;
            self.next_s = (0..routes.len())
                .map(|index| start_s + f64::from(self.unit(index)) / 2.0)
                .collect();
        }
        if now_s + AHEAD_S / 2.0 < self.until_s {
            return false;
        }
        self.until_s = now_s + AHEAD_S;
        self.live
            .retain(|particle| particle.depart_s + f64::from(particle.duration_s) > now_s);
        for (index, route) in routes.iter().enumerate() {
            self.depart(index, route, outcomes, now_s);
        }
        true
    }

    fn depart(&mut self, index: usize, route: &Route, outcomes: Outcomes, now_s: f64) {
        if route.rate <= 0.0 {
            self.next_s[index] = self.until_s;
            return;
        }
        // A stream that was slow may have its next departure far ahead of what its rate is now.
        let gap_s = 1.0 / f64::from(route.rate);
        self.next_s[index] = self.next_s[index]
            .min(self.until_s + gap_s)
            .max(now_s - WARM_UP_S);
        while self.next_s[index] < self.until_s {
            let depart_s = self.next_s[index];
            self.next_s[index] += gap_s * (0.5 + f64::from(self.unit(index)));
            let arrived = depart_s + f64::from(route.duration_s) <= now_s;
            if arrived || self.live.len() >= CAPACITY {
                continue;
            }
            let failed = self.unit(index) < route.failing;
            let offset = (self.unit(index) - 0.5) * 2.0 * (route.half_width - 0.5).max(0.0);
            let color = if failed { outcomes.failed } else { outcomes.ok };
            self.live.push(Particle {
                route: index,
                depart_s,
                duration_s: route.duration_s,
                offset,
                color,
            });
        }
    }

    /// A number in [0, 1) from the counter (`SplitMix64`).
    fn unit(&mut self, salt: usize) -> f32 {
        self.drawn = self.drawn.wrapping_add(1);
        let mut z = (self.drawn ^ (salt as u64) << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = u16::try_from((z ^ (z >> 31)) >> 48).unwrap_or(0);
        f32::from(bits) / 65_536.0
    }
}

/// How long a dot is on its way for a latency: longer for slower calls, but never so fast that it cannot be seen. Each
/// doubling of the latency above 10 ms adds 0.4 s.
pub(super) fn travel_s(latency_us: u64) -> f32 {
    let doublings = (latency_us / 10_000 + 1).ilog2();
    // Between doublings the time grows evenly.
    let base = 1u64 << doublings;
    let within = (latency_us / 10_000 + 1 - base) * 100 / base;
    let within = f32::from(u16::try_from(within).unwrap_or(0)) / 100.0;
    0.9 + 0.4 * (f32::from(u16::try_from(doublings).unwrap_or(0)) + within)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    const OUTCOMES: Outcomes = Outcomes {
        ok: Color32::GREEN,
        failed: crate::theme::DARK.failing,
    };

    fn route(rate: f32, failing: f32) -> Route {
        Route {
            points: vec![pos2(0.0, 0.0), pos2(90.0, 0.0)],
            rate,
            duration_s: 2.0,
            failing,
            half_width: 2.0,
        }
    }

    /// However much traffic there is, the sample stays within its cap.
    #[test]
    fn the_sample_is_capped() {
        let mut stream = Stream::default();
        let routes = vec![route(400.0, 0.0); 60];
        for step in 0..50 {
            stream.advance(&routes, OUTCOMES, f64::from(step) * 0.1);
            assert!(stream.live().len() <= CAPACITY);
        }
        assert!(stream.live().len() > CAPACITY / 2);
    }

    /// A stream starts full, holds rate × duration dots, and colours the share that fails.
    #[test]
    fn dots_follow_rate_and_outcome() {
        let mut stream = Stream::default();
        let routes = [route(50.0, 0.4)];
        stream.advance(&routes, OUTCOMES, 10.0);
        let count = stream.live().len();
        assert!((90..=130).contains(&count), "{count}");
        let failed = stream
            .live()
            .iter()
            .filter(|particle| particle.color == crate::theme::DARK.failing)
            .count();
        assert!(
            failed > count / 5 && failed < count * 3 / 5,
            "{failed} of {count}"
        );
    }

    /// Slow calls take longer, steadily.
    #[test]
    fn slow_requests_move_slowly() {
        let times: Vec<f32> = [1_000, 20_000, 100_000, 1_000_000, 3_000_000]
            .map(travel_s)
            .to_vec();
        assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
        assert!(times[4] < 6.0);
    }
}
