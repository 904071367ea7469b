//! How far back the strip goes.

use brownout_session::view::PlayerView;

use super::super::format::SECOND_NS;

/// What is shown before the page at first.
const BEFORE_NS: u64 = 10 * 60 * SECOND_NS;
/// The shortest stretch worth showing.
const SHORTEST_NS: u64 = 2 * 60 * SECOND_NS;
/// The part of the strip after now, where what is written beside the latest marks finds room.
const AHEAD: u64 = 16;

/// How far back the strip goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// From ten minutes before the page, or for the last ten minutes while there is none.
    #[default]
    Incident,
    /// Since the run began.
    Whole,
    /// Since a time in nanoseconds.
    Since(u64),
}

impl Span {
    /// When the strip begins, in nanoseconds.
    #[must_use]
    pub fn from_ns(self, view: &PlayerView) -> u64 {
        let from_ns = match self {
            Self::Incident => {
                let page = view.page.as_ref();
                let at_ns = page.map_or(view.now_ns, |page| page.at_ns);
                at_ns.saturating_sub(BEFORE_NS)
            }
            Self::Whole => 0,
            Self::Since(at_ns) => at_ns,
        };
        from_ns.min(view.now_ns.saturating_sub(SHORTEST_NS))
    }

    /// The time shown: it goes on a little after now.
    #[must_use]
    pub fn window(self, view: &PlayerView) -> (u64, u64) {
        let from_ns = self.from_ns(view);
        let shown_ns = view.now_ns - from_ns;
        (from_ns, view.now_ns + (shown_ns / AHEAD).max(1))
    }

    /// The strip drawn out to a multiple of its length, in per cent; now stays where it is.
    #[must_use]
    pub fn stretched(self, view: &PlayerView, percent: u64) -> Self {
        let shown_ns = view.now_ns - self.from_ns(view);
        let wanted_ns = (shown_ns / 100 * percent).max(SHORTEST_NS);
        match view.now_ns.checked_sub(wanted_ns) {
            None | Some(0) => Self::Whole,
            Some(from_ns) => Self::Since(from_ns),
        }
    }
}

#[cfg(test)]
mod tests {
    use brownout_session::view::PageView;

    use super::*;

    const MINUTE_NS: u64 = 60 * SECOND_NS;

    fn view(page_min: Option<u64>, now_min: u64) -> PlayerView {
        PlayerView {
            now_ns: now_min * MINUTE_NS,
            page: page_min.map(|at_min| PageView {
                at_ns: at_min * MINUTE_NS,
                text: String::new(),
                region: None,
                flow: None,
            }),
            ..PlayerView::default()
        }
    }

    /// The strip begins ten minutes before the page, wherever now is, and there is room after now.
    #[test]
    fn the_incident_begins_before_the_page() {
        for now_min in [31, 40, 70] {
            let view = view(Some(30), now_min);
            let (from_ns, to_ns) = Span::Incident.window(&view);
            assert_eq!(from_ns, 20 * MINUTE_NS);
            assert!(to_ns > view.now_ns && to_ns - view.now_ns < (view.now_ns - from_ns) / 10);
        }
        assert_eq!(Span::Incident.from_ns(&view(None, 25)), 15 * MINUTE_NS);
        assert_eq!(Span::Incident.from_ns(&view(Some(4), 9)), 0);
    }

    /// Drawn out far enough the strip shows the whole run; drawn in it never gets shorter than two minutes.
    #[test]
    fn stretching_has_two_ends() {
        let view = view(Some(30), 40);
        let twice = Span::Incident.stretched(&view, 150);
        assert_eq!(twice, Span::Since(10 * MINUTE_NS));
        assert_eq!(twice.stretched(&view, 200), Span::Whole);
        let short = (0..40).fold(Span::Whole, |span, _| span.stretched(&view, 70));
        assert_eq!(short, Span::Since(38 * MINUTE_NS));
    }
}
