//! What becomes of a scenario when nobody acts: gathered while it runs.

use std::sync::Arc;

use brownout_scenario::compiled::{AlertLevel, Scenario};
use brownout_session::Session;
use brownout_session::command::Metric;
use brownout_session::event::Event;
use brownout_session::harm::Harm;
use brownout_session::journal::{Entry, FORMAT, Header};
use brownout_session::outcome::conclude;
use brownout_session::view::PlayerView;
use brownout_telemetry::recorder::SCRAPE_NS;
use brownout_telemetry::signal::Signal;

/// What one reading is taken over, in nanoseconds: as in the charts of the incident.
pub const READING_NS: u64 = 30_000_000_000;
/// Simulated time between two pictures of the system at first, in nanoseconds.
const PICTURE_NS: u64 = 15_000_000_000;
/// Most pictures kept; with more, every other one goes.
const PICTURES: usize = 240;
/// Events between two looks at whether to go on.
const EVENTS: u64 = 20_000;

/// Readings at scrapes, as charts draw them; `None` where there were no samples.
pub type Series = Vec<(u64, Option<u64>)>;

/// An alert while it fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing {
    /// Rule.
    pub rule: String,
    /// Region.
    pub region: String,
    /// It is of the level that wakes somebody.
    pub pages: bool,
    /// Began, in nanoseconds.
    pub from_ns: u64,
    /// Ended, in nanoseconds; `None`: it still fires.
    pub until_ns: Option<u64>,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged {
    /// When, in nanoseconds.
    pub at_ns: u64,
    /// The alert and its region; `None` if a person had to call.
    pub by: Option<String>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Harm from the onset to the horizon.
    pub harm: Harm,
    /// The objective was missed and then held again, this many seconds after the onset, without anybody's doing.
    pub healed_s: Option<u64>,
    /// Why the world could not go on.
    pub aborted: Option<&'static str>,
}

/// A run of a scenario with nobody acting, as far as it has come.
#[derive(Clone, Debug)]
pub struct Course {
    /// The scenario under the truth at hand.
    pub scenario: Arc<Scenario>,
    /// The seed.
    pub seed: u64,
    /// How far it is, in nanoseconds of simulated time.
    pub now_ns: u64,
    /// Events run.
    pub events: u64,
    /// Success share of the main flow in parts per million, per region.
    pub success: Vec<Series>,
    /// 95th percentile of the main flow in microseconds, per region.
    pub latency: Vec<Series>,
    /// Alerts in the order they began.
    pub firing: Vec<Firing>,
    /// The page, once it came.
    pub paged: Option<Paged>,
    /// The system at times, oldest first.
    pub pictures: Vec<Arc<PlayerView>>,
    /// Its end, once it is there.
    pub end: Option<End>,
    /// Time between two pictures.
    step_ns: u64,
    /// Journal records looked at.
    records: usize,
}

impl Course {
    /// A run that has not begun.
    #[must_use]
    pub fn new(scenario: Arc<Scenario>, seed: u64) -> Self {
        let regions = scenario.blueprint.regions.len();
        Self {
            scenario,
            seed,
            now_ns: 0,
            events: 0,
            success: vec![Series::new(); regions],
            latency: vec![Series::new(); regions],
            firing: Vec::new(),
            paged: None,
            pictures: Vec::new(),
            end: None,
            step_ns: PICTURE_NS,
            records: 0,
        }
    }

    /// Takes in what has happened since the last time.
    pub fn note(&mut self, session: &Session) {
        let from_ns = self.now_ns;
        self.now_ns = session.now_ns();
        self.events = session.world_events();
        self.read(session, from_ns);
        self.watch(session);
        self.picture(session);
        if session.ended() {
            let conclusion = conclude(session);
            self.end = Some(End {
                harm: conclusion.harm,
                healed_s: conclusion.contained_s,
                aborted: conclusion.abort_reason,
            });
        }
    }

    fn read(&mut self, session: &Session, from_ns: u64) {
        let blueprint = &self.scenario.blueprint;
        let flow = &blueprint.flows[self.scenario.main_flow.index()].name;
        let reader = session.reader();
        let kept = [
            (Signal::SuccessShare, &mut self.success),
            (Signal::LatencyP95, &mut self.latency),
        ];
        for (signal, all) in kept {
            for (series, region) in all.iter_mut().zip(&blueprint.regions) {
                let metric = Metric::flow(signal, flow, Some(region));
                series.extend(reader.series(&metric, from_ns, self.now_ns, READING_NS));
            }
        }
    }

    fn watch(&mut self, session: &Session) {
        let fresh = session.records().get(self.records..).unwrap_or_default();
        self.records += fresh.len();
        for record in fresh {
            let at_ns = record.at_ms * 1_000_000;
            match &record.entry {
                Entry::Event(Event::Alert {
                    rule,
                    region,
                    firing: true,
                    ..
                }) => {
                    let mut rules = self.scenario.alerts.iter();
                    let pages = rules
                        .find(|of| of.name == *rule)
                        .is_some_and(|of| of.level == AlertLevel::Page);
                    self.firing.push(Firing {
                        rule: rule.clone(),
                        region: region.clone(),
                        pages,
                        from_ns: at_ns,
                        until_ns: None,
                    });
                }
                Entry::Event(Event::Alert { rule, region, .. }) => {
                    let mut open = self.firing.iter_mut().rev();
                    let ended = open.find(|of| {
                        of.until_ns.is_none() && of.rule == *rule && of.region == *region
                    });
                    if let Some(ended) = ended {
                        ended.until_ns = Some(at_ns);
                    }
                }
                Entry::Event(Event::Paged { text }) => {
                    let by = (*text != self.scenario.page_text).then(|| text.clone());
                    self.paged = Some(Paged { at_ns, by });
                }
                _ => {}
            }
        }
    }

    /// Takes a picture of the system if it is time for one; the first one, and one of the end, in any case.
    fn picture(&mut self, session: &Session) {
        let due = self
            .pictures
            .last()
            .is_none_or(|last| self.now_ns >= last.now_ns + self.step_ns);
        if !due && !session.ended() {
            return;
        }
        self.pictures.push(Arc::new(session.view()));
        if self.pictures.len() > PICTURES {
            let mut index = 0;
            self.pictures.retain(|_| {
                index += 1;
                index % 2 == 0
            });
            self.step_ns *= 2;
        }
    }

    /// The system at a time, or the next one later; without a time the latest.
    #[must_use]
    pub fn picture_at(&self, at_ns: Option<u64>) -> Option<&Arc<PlayerView>> {
        let Some(at_ns) = at_ns else {
            return self.pictures.last();
        };
        let index = self
            .pictures
            .partition_point(|picture| picture.now_ns < at_ns);
        self.pictures.get(index).or(self.pictures.last())
    }

    /// Position of the picture shown for a time.
    #[must_use]
    pub fn picture_index(&self, at_ns: Option<u64>) -> usize {
        let last = self.pictures.len().saturating_sub(1);
        at_ns.map_or(last, |at_ns| {
            self.pictures
                .partition_point(|picture| picture.now_ns < at_ns)
                .min(last)
        })
    }

    /// When harm begins to count, in nanoseconds.
    #[must_use]
    pub fn onset_ns(&self) -> u64 {
        self.scenario.truth.onset_ns
    }

    /// Lowest success share in a stretch of time: parts per million, when, and the region's position.
    #[must_use]
    pub fn lowest(&self, from_ns: u64, to_ns: u64) -> Option<(u64, u64, usize)> {
        let each = self.success.iter().enumerate();
        each.flat_map(|(region, series)| {
            series
                .iter()
                .filter(|(at_ns, _)| (from_ns..to_ns).contains(at_ns))
                .filter_map(move |(at_ns, reading)| Some(((*reading)?, *at_ns, region)))
        })
        .min()
    }
}

/// The session of a run with nobody acting.
#[must_use]
pub fn session(scenario: &Arc<Scenario>, seed: u64, forced_truth: Option<usize>) -> Session {
    Session::with_header(
        Arc::clone(scenario),
        header(scenario, seed, forced_truth, "none"),
    )
}

/// What the journal of a session begins with.
#[must_use]
pub fn header(scenario: &Scenario, seed: u64, forced_truth: Option<usize>, player: &str) -> Header {
    Header {
        format: FORMAT,
        physics: brownout_sim::PHYSICS_VERSION,
        scenario: scenario.name.clone(),
        scenario_hash: format!("{:016x}", scenario.hash),
        seed,
        forced_truth,
        player: player.to_owned(),
    }
}

/// Runs a session to its end in slices: `note` is called at each scrape, and between slices `stop` says whether to give up.
pub fn run(session: &mut Session, stop: impl Fn() -> bool, mut note: impl FnMut(&Session)) {
    while !session.ended() && !stop() {
        let next_ns = (session.now_ns() / SCRAPE_NS + 1) * SCRAPE_NS;
        if session.advance_until(next_ns, EVENTS) {
            note(session);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::path::Path;

    use brownout_session::players::Nobody;
    use brownout_session::run::play;

    use super::*;

    fn kiosk(seed: u64) -> Arc<Scenario> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/kiosk-config");
        crate::cli::scenario(&path, None, seed, None, "test")
            .unwrap()
            .scenario
    }

    fn whole(scenario: &Arc<Scenario>, seed: u64) -> Course {
        let mut course = Course::new(Arc::clone(scenario), seed);
        let mut session = session(scenario, seed, None);
        run(&mut session, || false, |session| course.note(session));
        course
    }

    /// A preview in slices comes to what `brownout run --player none` comes to, whose harm is counted by other code paths: the
    /// same harm, the same page, each scrape once.
    #[test]
    fn a_preview_is_the_run_of_nobody() {
        let scenario = kiosk(3);
        let course = whole(&scenario, 3);
        let header = header(&scenario, 3, None, "none");
        let played = play(Arc::clone(&scenario), header, &mut Nobody, None);
        let end = course.end.expect("it ends");
        assert_eq!(end.harm, conclude(&played).harm);
        assert!(end.harm.failed > 0 && end.aborted.is_none());
        assert_eq!(course.paged.map(|page| page.at_ns), played.page_ns());
        let scrapes = usize::try_from(scenario.horizon_ns / SCRAPE_NS).unwrap();
        for series in course.success.iter().chain(&course.latency) {
            assert_eq!(series.len(), scrapes);
            assert!(series.is_sorted_by(|a, b| a.0 < b.0));
        }
    }

    /// Pictures are bounded however long a run is, in order, and the last one is of the end.
    #[test]
    fn pictures_are_bounded() {
        let scenario = kiosk(3);
        let mut course = Course::new(Arc::clone(&scenario), 3);
        course.step_ns = SCRAPE_NS;
        let mut session = session(&scenario, 3, None);
        let most = Cell::new(0);
        run(
            &mut session,
            || false,
            |session| {
                course.note(session);
                most.set(most.get().max(course.pictures.len()));
            },
        );
        assert!(course.pictures.len() > PICTURES / 3 && most.get() <= PICTURES);
        assert!(course.pictures.is_sorted_by(|a, b| a.now_ns < b.now_ns));
        let last = course.picture_at(None).unwrap();
        assert_eq!(last.now_ns, scenario.horizon_ns);
        let at = course.picture_at(Some(600_000_000_000)).unwrap().now_ns;
        assert!((600_000_000_000..660_000_000_000).contains(&at), "{at}");
    }

    /// A run that is no longer wanted stops within a slice.
    #[test]
    fn a_run_can_be_given_up() {
        let scenario = kiosk(3);
        let mut course = Course::new(Arc::clone(&scenario), 3);
        let mut session = session(&scenario, 3, None);
        let asked = Cell::new(0);
        run(
            &mut session,
            || {
                asked.set(asked.get() + 1);
                asked.get() > 50
            },
            |session| course.note(session),
        );
        assert!(course.end.is_none() && course.now_ns > 0);
        assert!(session.world_events() <= 50 * EVENTS);
    }
}
