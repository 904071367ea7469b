//! Looks inside components, requests made on purpose, reports of customers and status pages: goal, they show what the
//! world does, and nothing else. Method: incidents of the library at a moment after the page, and what is known of them.

use crate::common;

use std::collections::BTreeSet;

use brownout_session::command::{Command, Look};
use brownout_session::event::Event;
use brownout_session::inside::{Inside, Table};
use brownout_session::journal::Entry;
use brownout_session::reader::TraceRow;
use brownout_session::{Refused, Session};
use brownout_sim::blueprint::{MILLISECOND_NS, MINUTE_NS, SECOND_NS, ServiceKind};
use brownout_sim::world::PageState;
use brownout_telemetry::tickets::Channel;

/// An incident so many seconds after its page.
fn session(name: &str, truth: usize, after_s: u64) -> Session {
    let scenario = common::scenario(name, 7, Some(truth));
    let header = common::header(&scenario, 7, "test");
    let mut session = Session::with_header(scenario, header);
    while session.page_ns().is_none() {
        let next_ns = session.now_ns() + SECOND_NS;
        session.advance_until(next_ns, u64::MAX);
    }
    let then_ns = session.now_ns() + after_s * SECOND_NS;
    session.advance_until(then_ns, u64::MAX);
    session
}

fn inside(session: &Session, service: &str, region: &str) -> Inside {
    let found = session.reader().inside(service, region);
    found.unwrap_or_else(|| panic!("{service} runs in {region}"))
}

fn table<'a>(inside: &'a Inside, title: &str) -> &'a Table {
    let found = inside
        .tables
        .iter()
        .find(|table| table.title.starts_with(title));
    found.unwrap_or_else(|| panic!("{title}: {inside:?}"))
}

fn truth_of(name: &str, truth: &str) -> usize {
    let count = common::scenario(name, 7, Some(0)).truth_count;
    let mut truths = 0..count;
    truths
        .find(|at| common::scenario(name, 7, Some(*at)).truth.name == truth)
        .unwrap_or_else(|| panic!("{truth}"))
}

/// A query that reads the whole table does so in one truth of slow-mornings and in no other.
#[test]
fn a_database_tells_how_its_queries_find_their_rows() {
    let scans = |truth: &str| {
        let session = session("slow-mornings", truth_of("slow-mornings", truth), 60);
        let mut scanned = BTreeSet::new();
        let view = session.view();
        for node in &view.nodes {
            let region = &view.regions[usize::from(node.region)];
            let Some(inside) = session.reader().inside(&node.service, region) else {
                continue;
            };
            for table in inside
                .tables
                .iter()
                .filter(|t| t.title == "Queries it knows")
            {
                let plans = table
                    .rows
                    .iter()
                    .filter(|row| row.cells[3] == "reads the whole table");
                scanned.extend(plans.map(|row| (node.service.clone(), row.cells[0].clone())));
            }
        }
        scanned
    };
    let lost = scans("lost-index");
    assert!(!lost.is_empty());
    for other in ["one-by-one", "slow-clearing"] {
        let scanned = scans(other);
        assert!(scanned.is_disjoint(&lost), "{other}: {scanned:?}");
    }
}

/// A service whose workers wait for somebody says for whom; after a restart it is all gone.
#[test]
fn threads_say_whom_they_wait_for_and_die_with_their_process() {
    let name = "premiere-evening";
    let mut session = session(name, truth_of(name, "slow-exchange"), 60);
    let work = |session: &Session| {
        let inside = inside(session, "ads", "europe");
        table(&inside, "What its requests are at").clone()
    };
    let before = work(&session);
    let most = &before.rows[0].cells;
    assert!(most[2].starts_with("waits for ad-exchange"), "{before:?}");
    let waiting: u32 = most[0].parse().expect("a number");
    assert!(waiting > 20, "{before:?}");
    // What was captured before stays.
    let capture = brownout_session::command::Action::CaptureEvidence {
        service: "ads".to_owned(),
        region: Some("europe".to_owned()),
    };
    let act = |action| {
        Command::Act(brownout_session::command::Intervention {
            action,
            serves: None,
            price_accepted: true,
        })
    };
    session.submit(act(capture)).expect("it can be dumped");
    let then_ns = session.now_ns() + 30 * SECOND_NS;
    session.advance_until(then_ns, u64::MAX);
    assert_eq!(session.view().dumps.len(), 1);
    let before = work(&session);
    let restart = brownout_session::command::Action::Restart {
        service: "ads".to_owned(),
        region: Some("europe".to_owned()),
    };
    session.submit(act(restart)).expect("it can be restarted");
    // What was there is gone once every process is another one.
    let seen = before.rows.iter().filter_map(|row| row.trace);
    let seen: BTreeSet<u64> = seen.collect();
    let then_ns = session.now_ns() + 4 * MINUTE_NS;
    session.advance_until(then_ns, u64::MAX);
    let after: BTreeSet<u64> = work(&session)
        .rows
        .iter()
        .filter_map(|row| row.trace)
        .collect();
    assert!(seen.is_disjoint(&after));
    let dump = session.reader().dump(1).expect("it was captured");
    let kept = table(&dump.inside, "What its requests are at");
    assert!(
        kept.rows[0].cells[2].starts_with("waits for ad-exchange"),
        "{kept:?}"
    );
    session
        .submit(Command::Observe(Look::Dump {
            service: "ads".to_owned(),
            number: 1,
        }))
        .expect("it can be read");
}

/// What a queue gave up is shown with its newest, and nothing of it where nothing is poisoned.
#[test]
fn a_queue_shows_a_sample_of_what_it_gave_up() {
    let name = "poisoned-stream";
    let session = session(name, truth_of(name, "new-firmware"), 240);
    let view = session.view();
    let mut dead = 0;
    for node in view.nodes.iter().filter(|node| node.dead_letters.is_some()) {
        let region = &view.regions[usize::from(node.region)];
        let inside = inside(&session, &node.service, region);
        let letters = table(&inside, "Dead letters");
        dead += letters.rows.len();
        let kept = node.dead_letters.unwrap_or(0);
        assert!(
            letters.rows.len() <= 12 && (kept == 0 || !letters.rows.is_empty()),
            "{inside:?}"
        );
    }
    assert!(dead > 0);
}

/// Names, certificates, credentials and pools of what a component calls stand beside each other.
#[test]
fn a_component_tells_whom_it_reaches() {
    let session = session("regional-gateway", 0, 60);
    let checkout = inside(&session, "checkout", "eu-west");
    let reach = table(&checkout, "Whom it reaches");
    assert!(reach.rows.len() > 1);
    for row in &reach.rows {
        assert_eq!(row.cells.len(), reach.columns.len());
        assert_eq!(row.cells[1], "itself", "{row:?}");
    }
    // Somebody else's machines say nothing.
    let view = session.view();
    let other = view
        .nodes
        .iter()
        .find(|node| node.kind == ServiceKind::ThirdParty);
    let other = other.expect("a provider");
    let region = &view.regions[usize::from(other.region)];
    assert!(inside(&session, &other.service, region).tables.is_empty());
    assert_eq!(session.reader().inside("nobody", "eu-west"), None);
    assert_eq!(session.reader().data_check("checkout"), None);
}

fn tried(session: &Session) -> Vec<(u64, String)> {
    let records = session.records().iter();
    records
        .filter_map(|record| match &record.entry {
            Entry::Event(Event::Tried { words, .. }) => {
                Some((record.at_ms * MILLISECOND_NS, words.clone()))
            }
            _ => None,
        })
        .collect()
}

/// A request made on purpose fails where users' fail and succeeds where they succeed, is known when it is over, and
/// nobody's figures change by it.
#[test]
fn a_request_made_on_purpose_meets_what_users_meet() {
    let mut watched = session(
        "regional-gateway",
        truth_of("regional-gateway", "unset-variable"),
        60,
    );
    let mut alone = session(
        "regional-gateway",
        truth_of("regional-gateway", "unset-variable"),
        60,
    );
    let begun_ns = watched.now_ns();
    let attempt = |region: &str| Command::Try {
        flow: "checkout".to_owned(),
        region: region.to_owned(),
        segment: None,
    };
    let regions = watched.view().regions;
    for region in &regions {
        let before = tried(&watched).len();
        // Three times in each region, one after the other: one may be lucky.
        for _ in 0..3 {
            watched.submit(attempt(region)).expect("users are there");
            let then_ns = watched.now_ns() + 65 * SECOND_NS;
            watched.advance_until(then_ns, u64::MAX);
        }
        assert_eq!(tried(&watched).len(), before + 3, "{region}");
    }
    let results = tried(&watched);
    let good = |region: &str| {
        let of = results
            .iter()
            .filter(|(_, words)| words.contains(&format!("from {region}")));
        of.filter(|(_, words)| words.contains(": 200 after"))
            .count()
    };
    // Users of eu-west fail in more than half of the cases in this truth; nobody else does.
    for region in &regions {
        let shown = watched.view();
        let flow = shown
            .flows
            .iter()
            .find(|flow| flow.name == "checkout")
            .expect("checkout");
        let at = shown
            .regions
            .iter()
            .position(|of| of == region)
            .expect("region");
        let success_ppm = flow.regions[at].success_ppm.expect("users");
        if success_ppm > 990_000 {
            assert_eq!(good(region), 3, "{region}: {results:?}");
        } else if success_ppm < 400_000 {
            assert!(good(region) < 3, "{region}: {results:?}");
        }
    }
    let failed = results.iter().find(|(_, words)| !words.contains(": 200 "));
    let (_, words) = failed.expect("eu-west fails");
    assert!(words.contains(", first at "), "{words}");
    // The world is the same as without.
    alone.advance_until(watched.now_ns(), u64::MAX);
    assert_eq!(watched.world_hash(), alone.world_hash());
    assert_eq!(
        watched.view().flows[0].regions.len(),
        alone.view().flows[0].regions.len()
    );
    // A result is told when the request would be over, and can be pinned from then on.
    let first: TraceRow = watched.desk().attempts[0].trace.clone().expect("it ended");
    assert!(results[0].0 >= begun_ns + first.duration_ns);
    watched
        .submit(Command::Observe(Look::Attempt { number: 1 }))
        .expect("it is there");
    watched.submit(attempt("eu-west")).expect("users are there");
    let number = u32::try_from(watched.desk().attempts.len()).expect("few");
    if watched.desk().attempts[number as usize - 1].ready_ns > watched.now_ns() {
        let early = watched.submit(Command::Observe(Look::Attempt { number }));
        assert!(matches!(early, Err(Refused::Unknown { .. })), "{early:?}");
    }
    let nobody = watched.submit(attempt("nowhere"));
    assert!(nobody.is_err());
}

/// Reports come from requests of users something really happened to, minutes later, and say nothing else of them.
#[test]
fn reports_are_of_requests_that_really_went_wrong() {
    let session = session(
        "regional-gateway",
        truth_of("regional-gateway", "unset-variable"),
        600,
    );
    let tickets = session.reader().tickets(0);
    let page_ns = session.page_ns().expect("paged");
    let since: Vec<_> = tickets.iter().filter(|t| t.at_ns > page_ns).collect();
    assert!(since.len() >= 5, "{} of {}", since.len(), tickets.len());
    let view = session.view();
    let mut joined = 0;
    for ticket in &tickets {
        assert!(ticket.at_ns <= session.now_ns());
        // Nothing users cannot know.
        for node in view.nodes.iter().filter(|node| node.rank > 0) {
            let named = ticket
                .text
                .split(|c: char| !c.is_alphanumeric() && c != '-');
            let flows = view.flows.iter().any(|f| {
                f.title
                    .to_lowercase()
                    .contains(&node.service.to_lowercase())
            });
            assert!(
                flows || !named.clone().any(|word| word == node.service),
                "{ticket:?}"
            );
        }
        match (ticket.channel, ticket.trace) {
            (Channel::Social, None) => assert_eq!(ticket.region, None),
            (Channel::Support, Some(id)) => {
                assert!(ticket.region.is_some());
                if let Some(trace) = session.reader().trace(id) {
                    joined += 1;
                    let ended_ns = trace.start_ns + trace.duration_ns;
                    assert!(!trace.status.is_ok() || trace.slow, "{ticket:?} {trace:?}");
                    assert!(ticket.at_ns >= ended_ns + 30 * SECOND_NS);
                    assert_eq!(ticket.region.as_ref(), Some(&trace.region));
                }
            }
            odd => panic!("{odd:?}"),
        }
    }
    let known = tickets
        .iter()
        .filter(|ticket| ticket.trace.is_some())
        .count();
    assert!(
        joined > 0 && joined + 2 >= known,
        "{joined} of {known} requests were kept"
    );
    // Most of what comes in after the page is from where it is broken.
    let broken = since
        .iter()
        .filter(|t| t.region.as_deref() == Some("eu-west"))
        .count();
    let placed = since.iter().filter(|t| t.region.is_some()).count();
    assert!(broken * 2 > placed, "{broken} of {placed}");
}

/// A page that admits nothing says that all is well while everything fails (Q15); its history is what was seen.
#[test]
fn status_pages_are_late_and_lenient() {
    let session = session(
        "premiere-evening",
        truth_of("premiere-evening", "slow-exchange"),
        300,
    );
    let pages = session.reader().status_pages();
    let exchange = pages
        .iter()
        .find(|page| page.service == "ad-exchange")
        .expect("a provider");
    let states: Vec<PageState> = exchange.history.iter().map(|(_, state)| *state).collect();
    assert_eq!(states, [PageState::Operational]);
    let view = session.view();
    let node = view
        .nodes
        .iter()
        .find(|node| node.service == "ad-exchange")
        .expect("it is there");
    assert!(node.figures.p50_us > Some(5_000_000), "{node:?}");
}

/// Looking changes nothing, wherever one looks.
#[test]
fn looking_inside_changes_nothing() {
    for name in ["lunch-rush", "poisoned-stream", "wallet-payments"] {
        let session = session(name, 0, 30);
        let before = session.world_hash();
        let view = session.view();
        let mut tables = 0;
        for node in &view.nodes {
            for region in &view.regions {
                if let Some(inside) = session.reader().inside(&node.service, region) {
                    for table in &inside.tables {
                        tables += 1;
                        let fits = table
                            .rows
                            .iter()
                            .all(|row| row.cells.len() == table.columns.len());
                        assert!(fits, "{name}: {table:?}");
                    }
                }
            }
            let _ = session.reader().data_check(&node.service);
        }
        assert!(tables > 30, "{name}");
        assert_eq!(before, session.world_hash());
    }
}

/// Work that is delivered again before it is done is done twice, and only then.
#[test]
fn a_check_of_the_data_finds_what_was_done_twice() {
    let name = "poisoned-stream";
    let twice = |truth: &str| -> u64 {
        let session = session(name, truth_of(name, truth), 300);
        let view = session.view();
        let databases = view
            .nodes
            .iter()
            .filter(|node| node.kind == ServiceKind::Database);
        let names: BTreeSet<&str> = databases.map(|node| node.service.as_str()).collect();
        let counts = names.into_iter().map(|database| {
            let check = session.reader().data_check(database).expect("a database");
            let books = table(&check, "Requests against");
            let found: u64 = books
                .rows
                .iter()
                .map(|row| row.cells[2].parse::<u64>().expect("a number"))
                .sum();
            // The line that is kept says the same.
            assert!(
                check
                    .summary
                    .contains(&format!("{found} requests done twice")),
                "{check:?}"
            );
            found
        });
        counts.max().expect("there are databases")
    };
    assert!(twice("slow-names") > 100);
    assert_eq!(twice("new-firmware"), 0);
}

/// Where the time goes: of what an incident added to a request, most is at the guilty component or at those who wait for
/// it, and before the incident nothing of the kind. The parts add up to at least what the user waited.
#[test]
fn the_time_an_incident_adds_is_found_where_it_goes() {
    let name = "slow-mornings";
    let session = session(name, truth_of(name, "lost-index"), 180);
    let now_ns = session.now_ns();
    let onset_ns = session.scenario().truth.onset_ns;
    let spent = |from_ns, to_ns| session.reader().time_spent("day", None, from_ns, to_ns);
    let before = spent(onset_ns - 8 * MINUTE_NS, onset_ns - 3 * MINUTE_NS);
    let now = spent(now_ns - 2 * MINUTE_NS, now_ns);
    assert!(
        before.traces >= 10 && now.traces >= 10,
        "{before:?} {now:?}"
    );
    assert!(
        now.duration_ns > 3 * before.duration_ns,
        "{before:?} {now:?}"
    );
    let sum: u64 = now.by.values().sum();
    assert!(sum >= now.duration_ns * 9 / 10, "{sum} {now:?}");
    let added = |service: &str| {
        let of = |spent: &brownout_session::spent::TimeSpent| -> u64 {
            let parts = spent.by.iter().filter(|((of, ..), _)| of == service);
            parts.map(|(_, ns)| *ns).sum()
        };
        of(&now).saturating_sub(of(&before))
    };
    let services: BTreeSet<&str> = now
        .by
        .keys()
        .map(|(service, ..)| service.as_str())
        .collect();
    let most = services.into_iter().max_by_key(|service| added(service));
    assert_eq!(most, Some("diary-db"), "{now:?}");
}

/// Work handed over to a queue is kept with the trace that handed it over, in nearly all cases, and leads back to it.
#[test]
fn traces_are_kept_on_both_sides_of_a_queue() {
    let session = session("wallet-payments", 0, 60);
    let (reader, now_ns) = (session.reader(), session.now_ns());
    let kept = reader.traces(
        "pay",
        None,
        false,
        now_ns - 10 * MINUTE_NS,
        now_ns - MINUTE_NS,
    );
    assert!(kept.len() > 60, "{}", kept.len());
    let mut with = 0;
    for trace in &kept {
        let handed = reader.handed_over(trace.id);
        with += u32::from(!handed.is_empty());
        for other in handed {
            assert_eq!(other.link, Some(trace.id));
            assert!(other.start_ns >= trace.start_ns);
        }
    }
    // Where many of the flow fail, those of one outcome are fewer than the work of all.
    assert!(
        with * 2 > u32::try_from(kept.len()).expect("few"),
        "{with} of {}",
        kept.len()
    );
}
