//! Providers' status pages: late and lenient views of what their services really do.

use std::collections::VecDeque;

use super::World;
use crate::blueprint::{ONE_Q32, SECOND_NS, StatusPage};
use crate::ids::ServiceId;
use crate::probe::Status;

/// Time over which answers are counted together.
const BEAT_NS: u64 = 5 * SECOND_NS;

#[derive(Clone, Copy, Debug, Default)]
struct Beat {
    number: u64,
    answers: u64,
    bad: u64,
}

/// A page and what happened lately.
#[derive(Clone, Debug)]
pub(super) struct Page {
    page: StatusPage,
    beats: VecDeque<Beat>,
}

/// What a status page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageState {
    /// All systems operational.
    Operational,
    /// Some requests fail or are slow.
    Degraded,
    /// Most of them do.
    Outage,
}

impl Page {
    pub const fn new(page: StatusPage) -> Self {
        Self {
            page,
            beats: VecDeque::new(),
        }
    }

    fn note(&mut self, now_ns: u64, bad: bool) {
        let number = now_ns / BEAT_NS;
        if self.beats.back().is_none_or(|beat| beat.number != number) {
            self.beats.push_back(Beat {
                number,
                ..Beat::default()
            });
        }
        if let Some(beat) = self.beats.back_mut() {
            beat.answers += 1;
            beat.bad += u64::from(bad);
        }
        let kept = self.page.delay_ns.saturating_add(self.page.window_ns) / BEAT_NS + 2;
        while self
            .beats
            .front()
            .is_some_and(|beat| beat.number + kept < number)
        {
            self.beats.pop_front();
        }
    }

    /// Share of bad answers the page knows of, over the whole beats of its window.
    fn bad_q32(&self, now_ns: u64) -> u64 {
        let end = now_ns.saturating_sub(self.page.delay_ns) / BEAT_NS;
        let start = now_ns
            .saturating_sub(self.page.delay_ns)
            .saturating_sub(self.page.window_ns)
            / BEAT_NS;
        let seen = self
            .beats
            .iter()
            .filter(|beat| beat.number >= start && beat.number < end);
        let (answers, bad) = seen.fold((0u64, 0u64), |(answers, bad), beat| {
            (answers + beat.answers, bad + beat.bad)
        });
        let share = (u128::from(bad) << 32).checked_div(u128::from(answers));
        u64::try_from(share.unwrap_or(0)).unwrap_or(ONE_Q32)
    }
}

impl World {
    /// A service has answered. What the client brought on itself is none of its provider's business.
    pub(super) fn note_answer(&mut self, service: ServiceId, status: Status, duration_ns: u64) {
        if matches!(
            status,
            Status::Throttled | Status::Denied | Status::Cancelled
        ) {
            return;
        }
        let now_ns = self.now_ns;
        for page in self.pages.iter_mut().filter(|p| p.page.service == service) {
            let bad = !status.is_ok() || duration_ns > page.page.slow_ns;
            page.note(now_ns, bad);
        }
    }

    /// What the status page of a service says now; `None` without one.
    #[must_use]
    pub fn status_page(&self, service: ServiceId) -> Option<PageState> {
        let page = self.pages.iter().find(|p| p.page.service == service)?;
        let bad_q32 = page.bad_q32(self.now_ns);
        Some(if bad_q32 < page.page.threshold_q32 || bad_q32 == 0 {
            PageState::Operational
        } else if bad_q32 < ONE_Q32 / 2 {
            PageState::Degraded
        } else {
            PageState::Outage
        })
    }
}
