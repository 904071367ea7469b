//! What comes from outside: reports of customers and the status pages of providers.

use brownout_sim::blueprint::{SECOND_NS, ServiceKind};
use brownout_sim::ids::ServiceId;
use brownout_sim::world::PageState;
use brownout_telemetry::tickets::{Channel, Grievance, Ticket};

use crate::reader::Reader;

/// A report of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketRow {
    /// Number, from 1, in the order they came.
    pub number: u32,
    /// When it came in.
    pub at_ns: u64,
    /// Where it was said.
    pub channel: Channel,
    /// Region of the account; nobody knows it of what is said in public.
    pub region: Option<String>,
    /// Segment of the account.
    pub segment: Option<String>,
    /// Words.
    pub text: String,
    /// Request they mean, as support finds it by the account; not known of what is said in public.
    pub trace: Option<u64>,
}

/// A provider and what its status page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRow {
    /// Service.
    pub service: String,
    /// Who runs it.
    pub owner: String,
    /// Where it is reached.
    pub host: Option<String>,
    /// What its page says, since when, oldest first; empty without a page.
    pub history: Vec<(u64, PageState)>,
}

impl Reader<'_> {
    /// Reports that came in since a time, oldest first.
    #[must_use]
    pub fn tickets(&self, from_ns: u64) -> Vec<TicketRow> {
        let session = self.session();
        let all = session.recorder.tickets.until(session.now_ns());
        let rows = all.iter().enumerate();
        rows.filter(|(_, ticket)| ticket.at_ns >= from_ns)
            .map(|(index, ticket)| self.ticket(index, ticket))
            .collect()
    }

    fn ticket(&self, index: usize, ticket: &Ticket) -> TicketRow {
        let blueprint = &self.session().scenario.blueprint;
        let known = ticket.channel == Channel::Support;
        let region = blueprint.regions[ticket.region.index()].clone();
        let segment = self.session().segment_name(ticket.segment);
        TicketRow {
            number: u32::try_from(index + 1).unwrap_or(u32::MAX),
            at_ns: ticket.at_ns,
            channel: ticket.channel,
            region: known.then_some(region),
            segment: Some(segment).filter(|name| known && !name.is_empty()),
            text: words(
                ticket,
                &blueprint.flows[ticket.flow.index()].name,
                &self.title(ticket),
            ),
            trace: known.then_some(ticket.trace),
        }
    }

    fn title(&self, ticket: &Ticket) -> String {
        let flows = &self.session().scenario.flows;
        flows
            .get(ticket.flow.index())
            .map_or_else(String::new, |flow| flow.title.clone())
    }

    /// Providers, with what their pages have said.
    #[must_use]
    pub fn status_pages(&self) -> Vec<ProviderRow> {
        let session = self.session();
        let services = session.scenario.blueprint.services.iter().enumerate();
        services
            .filter(|(_, service)| service.kind == ServiceKind::ThirdParty)
            .map(|(index, service)| {
                let id = ServiceId::from_index(index);
                let text = session.scenario.services.get(index);
                let entries = session.recorder.pages.of(id);
                ProviderRow {
                    service: service.name.clone(),
                    owner: text.map_or_else(String::new, |text| text.owner.clone()),
                    host: Some(service.host.clone()).filter(|host| !host.is_empty()),
                    history: entries.iter().map(|e| (e.at_ns, e.state)).collect(),
                }
            })
            .collect()
    }
}

/// What a status page says, in its own words.
#[must_use]
pub const fn says(state: PageState) -> &'static str {
    match state {
        PageState::Operational => "all systems operational",
        PageState::Degraded => "degraded performance, we are investigating",
        PageState::Outage => "major outage, we are working on a fix",
    }
}

/// How a user says it, who knows nothing of services and statuses.
fn words(ticket: &Ticket, name: &str, title: &str) -> String {
    let what = if title.is_empty() { name } else { title };
    let waited = match ticket.waited_ns / SECOND_NS {
        0..=3 => "a few seconds",
        4..=8 => "ten seconds or so",
        9..=25 => "half a minute",
        _ => "ages",
    };
    let choices: &[&str] = match (ticket.grievance, ticket.channel) {
        (Grievance::Failed, Channel::Support) => &[
            "{what} does not work, I only get an error page. I tried twice.",
            "I got an error with {what}. Did it go through or not? Please check.",
            "Hello, {what} says something went wrong and to try again later. I did, same thing.",
            "I can't get past {what} at the moment. Is it my account or is it you?",
            "An error came up at {what}. It worked yesterday.",
            "My colleague and I both get errors with {what}, since this hour or so.",
            "{what}: oops, it says. Oops indeed.",
            "Sometimes {what} works and sometimes it throws me out.",
        ],
        (Grievance::Failed, Channel::Social) => &[
            "anyone else getting errors with {what}?",
            "{what} is broken again, great timing",
            "is {what} down or is it just me",
            "third error with {what} in a row. giving up",
        ],
        (Grievance::Slow, Channel::Support) => &[
            "{what} is terribly slow today, it took {waited}.",
            "I waited {waited} for {what}. It did come in the end.",
            "It hangs for {waited} at {what}, then it goes on.",
            "Has something changed with {what}? It used to be quick.",
            "Everything is fine except {what}, that takes {waited}.",
        ],
        (Grievance::Slow, Channel::Social) => &[
            "{what} so slow today, made a coffee meanwhile",
            "who pulled the plug on {what}? {waited} per click",
        ],
        (Grievance::Left, Channel::Support) => &[
            "{what}: it just keeps loading. I closed it after {waited}.",
            "Nothing happens at {what}, the wheel turns and turns.",
            "I gave up on {what} after {waited}. Did it go through or not?",
            "{what} gets stuck. On my telephone and on the computer.",
        ],
        (Grievance::Left, Channel::Social) => &[
            "{what} just spins and spins. gave up",
            "loading… loading… {what} loading…",
        ],
        (Grievance::Less, Channel::Support) => &[
            "Something is missing at {what}, parts of it are empty.",
            "{what} looks different today, half of it is gone?",
            "Where did the rest of {what} go? Yesterday there was more.",
        ],
        (Grievance::Less, Channel::Social) => &["where did half of {what} go?"],
        (Grievance::Old, Channel::Support) => &[
            "{what} shows something old. I changed it and it is back to before.",
            "What I see at {what} is not up to date.",
            "I just did something and {what} does not know about it.",
        ],
        (Grievance::Old, Channel::Social) => &["{what} shows me yesterday's news lol"],
    };
    let choice = choices[ticket.voice as usize % choices.len()];
    let text = choice
        .replace("{what}", &format!("“{what}”"))
        .replace("{waited}", waited);
    let mut letters = text.chars();
    match (ticket.channel, letters.next()) {
        (Channel::Support, Some(first)) => first.to_uppercase().chain(letters).collect(),
        _ => text,
    }
}
