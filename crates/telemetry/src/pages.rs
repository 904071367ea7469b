//! What providers' status pages have said, as somebody saw it who looked at each scrape.

use brownout_sim::ids::ServiceId;
use brownout_sim::world::{PageState, World};

/// What a page began to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageEntry {
    /// When.
    pub at_ns: u64,
    /// Whose page.
    pub service: ServiceId,
    /// What it says since.
    pub state: PageState,
}

/// All pages.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    entries: Vec<PageEntry>,
}

impl Pages {
    /// Look at all pages now.
    pub fn note(&mut self, world: &World) {
        for index in 0..world.blueprint().services.len() {
            let service = ServiceId::from_index(index);
            let Some(state) = world.status_page(service) else {
                continue;
            };
            if self
                .of(service)
                .last()
                .is_none_or(|last| last.state != state)
            {
                self.entries.push(PageEntry {
                    at_ns: world.now_ns(),
                    service,
                    state,
                });
            }
        }
    }

    /// What a page has said, oldest first.
    #[must_use]
    pub fn of(&self, service: ServiceId) -> Vec<PageEntry> {
        let all = self.entries.iter();
        all.filter(|entry| entry.service == service)
            .copied()
            .collect()
    }
}
