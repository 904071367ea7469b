//! What a player may know: the only thing panels, program players and remote players see.
//!
//! A view holds numbers, names and the player's own notes. It is computed from telemetry and from what people said, with
//! the delay of the last scrape; nothing in it comes from the scenario's truth.

mod changes;
mod desk;

use brownout_sim::blueprint::ServiceKind;
pub use brownout_sim::world::PageState;

use crate::command::{Audience, Claim, Look, Message, Status, Symptom};

pub use changes::{ChangeView, RolloutView};
pub use desk::{
    ActionView, AttemptView, EvidenceView, HypothesisView, PredictionOutcome, Preflight,
};

/// A snapshot for the player.
#[derive(Clone, Debug, Default)]
pub struct PlayerView {
    /// Simulated time in nanoseconds.
    pub now_ns: u64,
    /// Calendar time of simulated time 0, Unix seconds.
    pub start_unix_s: i64,
    /// Time of the scrape all figures are of.
    pub scraped_ns: u64,
    /// Scenario title.
    pub title: String,
    /// Briefing text.
    pub briefing: String,
    /// The page, once it came.
    pub page: Option<PageView>,
    /// Whether the page was acknowledged.
    pub acknowledged: bool,
    /// When it was.
    pub acknowledged_ns: Option<u64>,
    /// Declared severity.
    pub severity: Option<String>,
    /// Last announced status.
    pub status: Option<Status>,
    /// When the player's next update is due: promised, or by the clocks of the policy.
    pub update_due_ns: Option<u64>,
    /// The main flow has met its objective, and has not been slow, in every region for two minutes: from then on it is true
    /// to say that users are served again.
    pub recovered: bool,
    /// The player watches or watched on purpose, and has changed nothing.
    pub only_watched: bool,
    /// Hints asked for so far.
    pub hints: Vec<String>,
    /// Hints there are beside those.
    pub hints_left: u32,
    /// The session is over.
    pub ended: bool,
    /// Regions in scenario order.
    pub regions: Vec<String>,
    /// Severity policy, worst first.
    pub severities: Vec<SeverityView>,
    /// Objective of the main flow, parts per million.
    pub objective_ppm: u64,
    /// Flows.
    pub flows: Vec<FlowView>,
    /// Components in regions.
    pub nodes: Vec<NodeView>,
    /// Calls between them.
    pub links: Vec<LinkView>,
    /// Alerts, firing ones first, then ended ones, newest first.
    pub alerts: Vec<AlertView>,
    /// Stated symptom, the latest.
    pub symptom: Option<Symptom>,
    /// Hypotheses, oldest first.
    pub hypotheses: Vec<HypothesisView>,
    /// Actions, oldest first.
    pub actions: Vec<ActionView>,
    /// What people said and asked, oldest first.
    pub talk: Vec<TalkView>,
    /// Messages the player sent, oldest first.
    pub messages: Vec<(u64, Message)>,
    /// Requests the player made, oldest first.
    pub attempts: Vec<AttemptView>,
    /// Dumps that were captured, oldest first: when, of which service, in which region.
    pub dumps: Vec<(u64, String, String)>,
    /// Segments of users.
    pub segments: Vec<String>,
    /// Flags.
    pub flags: Vec<FlagView>,
    /// People who can be paged.
    pub people: Vec<PersonView>,
    /// Changes of the time shown in the change log, oldest first.
    pub changes: Vec<ChangeView>,
    /// Things looked at, oldest first: sequence number, time, what.
    pub looks: Vec<(u64, u64, Look)>,
}

/// A level of the severity policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeverityView {
    /// Name.
    pub name: String,
    /// When it applies, in words.
    pub when: String,
    /// Failing share of the main flow in the worst region from which it applies, parts per million.
    pub failing_ppm: u64,
    /// Slow share from which it applies too, parts per million.
    pub slow_ppm: Option<u64>,
    /// Age of the oldest work in a queue with a bound from which it applies too, in microseconds.
    pub late_us: Option<u64>,
}

impl SeverityView {
    /// Whether the level applies at this failing and slow share, in parts per million, and this age of the oldest work in
    /// microseconds.
    #[must_use]
    pub fn applies(&self, failing_ppm: u64, slow_ppm: u64, late_us: u64) -> bool {
        failing_ppm >= self.failing_ppm
            || self.slow_ppm.is_some_and(|from| slow_ppm >= from)
            || self.late_us.is_some_and(|from| late_us >= from)
    }
}

/// The page.
#[derive(Clone, Debug)]
pub struct PageView {
    /// When.
    pub at_ns: u64,
    /// Text.
    pub text: String,
    /// Region it names.
    pub region: Option<String>,
    /// Flow it names.
    pub flow: Option<String>,
}

/// A flow.
#[derive(Clone, Debug)]
pub struct FlowView {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Whether objectives and page are about it.
    pub main: bool,
    /// Per region: figures over the last minute.
    pub regions: Vec<FigureView>,
    /// Components its requests enter by, one per region.
    pub entry: String,
    /// A success later than this is slow, in microseconds.
    pub slow_us: u64,
}

/// Figures over the last minute. `None` where there are no samples.
#[derive(Clone, Copy, Debug, Default)]
pub struct FigureView {
    /// Thousandths of a request per second.
    pub rate_milli: u64,
    /// Share that succeeded, parts per million.
    pub success_ppm: Option<u64>,
    /// Median in microseconds.
    pub p50_us: Option<u64>,
    /// 95th percentile in microseconds.
    pub p95_us: Option<u64>,
}

/// Health as a dashboard would colour it, from figures alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Errors below 1 %, no pressure.
    #[default]
    Healthy,
    /// Errors of 1 % or more, or workers nearly used up.
    Degraded,
    /// Errors of 10 % or more, or no instance ready.
    Failing,
    /// No samples.
    Unknown,
}

/// A component in a region.
#[derive(Clone, Debug)]
pub struct NodeView {
    /// Service.
    pub service: String,
    /// Position in [`PlayerView::regions`].
    pub region: u16,
    /// Kind.
    pub kind: ServiceKind,
    /// Longest call distance from the users, for layout.
    pub rank: u16,
    /// Owning team.
    pub owner: String,
    /// What it does.
    pub description: String,
    /// Figures of its replies.
    pub figures: FigureView,
    /// Share of workers in use, parts per million.
    pub saturation_ppm: Option<u64>,
    /// Share of computing capacity in use, parts per million.
    pub cpu_ppm: Option<u64>,
    /// Requests waiting.
    pub queued: u64,
    /// Age of the oldest of them in microseconds.
    pub oldest_us: u64,
    /// Age from which its work is late, if it is a queue with such a bound, in microseconds.
    pub late_us: Option<u64>,
    /// Work it has given up and keeps, if it is a queue that does.
    pub dead_letters: Option<u64>,
    /// What its provider's status page says, if it has one: late, and no worse than the provider admits.
    pub status_page: Option<PageState>,
    /// Instances that take requests.
    pub ready: u16,
    /// Instances that are wanted.
    pub replicas: u16,
    /// Instances there is room for.
    pub slots: u16,
    /// Versions running, with how many instances each.
    pub versions: Vec<(String, u16)>,
    /// Health.
    pub health: Health,
    /// A rollout is under way.
    pub rolling: bool,
}

/// Calls from one component to another.
#[derive(Clone, Copy, Debug)]
pub struct LinkView {
    /// Position of the caller in [`PlayerView::nodes`]; `None` for the users.
    pub from: Option<u16>,
    /// Region of the users, for links from them.
    pub users_region: u16,
    /// Position of the callee in [`PlayerView::nodes`].
    pub to: u16,
    /// Figures as the caller sees them.
    pub figures: FigureView,
}

/// An alert.
#[derive(Clone, Debug)]
pub struct AlertView {
    /// Rule.
    pub name: String,
    /// Region.
    pub region: String,
    /// Began to fire.
    pub since_ns: u64,
    /// Ended.
    pub until_ns: Option<u64>,
    /// Whether it wakes somebody.
    pub pages: bool,
    /// What the runbook says, step by step.
    pub runbook: Vec<String>,
    /// Reading when it fired, with its unit.
    pub reading: u64,
    /// Unit.
    pub unit: &'static str,
}

/// Something somebody said.
#[derive(Clone, Debug)]
pub struct TalkView {
    /// When.
    pub at_ns: u64,
    /// Who.
    pub person: String,
    /// Words.
    pub text: String,
    /// Number of the question, if an answer is awaited.
    pub question: Option<u32>,
    /// When it was answered.
    pub answered_ns: Option<u64>,
    /// When patience ends.
    pub patience_ends_ns: Option<u64>,
}

/// A flag.
#[derive(Clone, Debug)]
pub struct FlagView {
    /// Name.
    pub name: String,
    /// Feature users lose while it is off.
    pub feature: String,
    /// Share it is on for, parts per million, per region.
    pub share_ppm: Vec<u64>,
    /// Services asked only for requests it is on for, as the service catalogue says.
    pub guards: Vec<String>,
}

/// Somebody who can be paged.
#[derive(Clone, Debug)]
pub struct PersonView {
    /// Name.
    pub name: String,
    /// Role.
    pub role: brownout_scenario::compiled::PersonRole,
    /// Service they answer for.
    pub owns: Option<String>,
    /// Already paged.
    pub paged: bool,
}

impl PlayerView {
    /// Calendar time of a simulated time as `HH:MM:SS`.
    #[must_use]
    pub fn clock(&self, at_ns: u64) -> String {
        let seconds = self.start_unix_s + i64::try_from(at_ns / 1_000_000_000).unwrap_or(0);
        let day = seconds.rem_euclid(86_400);
        format!("{:02}:{:02}:{:02}", day / 3_600, day / 60 % 60, day % 60)
    }

    /// The main flow.
    #[must_use]
    pub fn main_flow(&self) -> Option<&FlowView> {
        self.flows.iter().find(|flow| flow.main)
    }

    /// A component by service name and region position.
    #[must_use]
    pub fn node(&self, service: &str, region: u16) -> Option<&NodeView> {
        self.nodes
            .iter()
            .find(|node| node.service == service && node.region == region)
    }

    /// Users failing per minute over all flows, by what the telemetry shows.
    #[must_use]
    pub fn failing_per_minute(&self) -> u64 {
        let failing = |figures: &FigureView| {
            let bad_ppm = 1_000_000 - figures.success_ppm.unwrap_or(1_000_000);
            figures.rate_milli * 60 * bad_ppm / 1_000_000_000
        };
        self.flows
            .iter()
            .flat_map(|flow| &flow.regions)
            .map(failing)
            .sum()
    }

    /// Whether a message of an audience was sent.
    #[must_use]
    pub fn told(&self, audience: Audience) -> bool {
        self.messages
            .iter()
            .any(|(_, message)| message.audience == audience)
    }

    /// Whether any message claims recovery.
    #[must_use]
    pub fn claimed_recovery(&self) -> bool {
        self.messages
            .iter()
            .any(|(_, message)| message.claims.contains(&Claim::Recovered))
    }
}
