//! The scenarios that ship with the game: they are free of complaints and compile under every truth.

use brownout_scenario::compile::truth_index;
use brownout_scenario::compiled::{ChangeKind, Scenario};
use brownout_scenario::glossary::{MECHANISMS, mechanism};
use brownout_scenario::{MemoryFiles, compile, compile_system, load, load_system};
use brownout_sim::blueprint::{Change, Step};

/// Files of the library by their path in it.
macro_rules! files {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../../../scenarios/", $path)))),*]
    };
}

fn library() -> MemoryFiles {
    MemoryFiles::new(&files![
        "systems/storefront.ron",
        "systems/kiosk.ron",
        "regional-gateway/scenario.ron",
        "kiosk-config/scenario.ron",
        "systems/payments.ron",
        "wallet-payments/scenario.ron",
        "systems/streaming.ron",
        "premiere-evening/scenario.ron",
        "systems/kitchens.ron",
        "lunch-rush/scenario.ron",
        "quiet-evening/scenario.ron",
        "systems/ingest.ron",
        "poisoned-stream/scenario.ron",
        "systems/surgeries.ron",
        "slow-mornings/scenario.ron",
    ])
}

fn compiled(path: &str, truth: usize) -> Scenario {
    let (loaded, found) = load(&library(), path);
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, Vec::<String>::new());
    compile(&loaded.expect("the scenario loads"), Some(truth), 0).expect("the scenario compiles")
}

#[test]
fn regional_gateway_compiles_under_both_truths() {
    for (truth, component, trigger) in [
        (0, "checkout", Some("Deploy checkout 2.41.0")),
        (1, "parcel-quotes", None),
    ] {
        let scenario = compiled("regional-gateway/scenario.ron", truth);
        assert_eq!(scenario.truth_count, 2);
        assert_eq!(
            scenario.blueprint.services[scenario.truth.component.index()].name,
            component
        );
        let named = scenario
            .truth
            .trigger
            .map(|record| scenario.records[record].title.as_str());
        assert_eq!(named, trigger);
        assert_eq!(
            scenario.blueprint.regions[scenario.truth.regions[0].index()],
            "eu-west"
        );
    }
}

/// The interview scenario's first truth is what documentation calls seed 7.
#[test]
fn seed_7_draws_the_first_truth_of_regional_gateway() {
    assert_eq!(truth_index("regional-gateway", 7, 2), 0);
    let (loaded, _) = load(&library(), "regional-gateway/scenario.ron");
    let drawn =
        compile(&loaded.expect("the scenario loads"), None, 7).expect("the scenario compiles");
    assert_eq!(drawn.truth.name, "unset-variable");
}

/// Over many seeds both truths come up about equally often, and the name of the scenario matters.
#[test]
fn seeds_draw_all_truths() {
    let drawn: Vec<usize> = (0..1_000)
        .map(|seed| truth_index("regional-gateway", seed, 2))
        .collect();
    let second = drawn.iter().filter(|truth| **truth == 1).count();
    assert!(
        (400..600).contains(&second),
        "{second} of 1000 seeds draw the second truth"
    );
    let other: Vec<usize> = (0..1_000)
        .map(|seed| truth_index("kiosk-config", seed, 2))
        .collect();
    assert_ne!(drawn, other);
}

/// Only the truth that says so lacks the manifest row; everything a player can list is the same.
#[test]
fn a_truth_unsets_a_manifest_entry_and_shows_it_nowhere_else() {
    let rows = |truth| {
        let scenario = compiled("regional-gateway/scenario.ron", truth);
        let version = scenario
            .blueprint
            .versions
            .iter()
            .find(|v| v.name == "2.41.0")
            .cloned()
            .expect("2.41.0 exists");
        let variable = scenario
            .blueprint
            .variables
            .iter()
            .position(|v| v == "PAYMENTS_GATEWAY_URL")
            .expect("it is read");
        version
            .manifest
            .iter()
            .filter(|row| row.variable.index() == variable)
            .map(|row| row.region.index())
            .collect::<Vec<_>>()
    };
    // Manifests are kept in order of region names.
    assert_eq!((rows(0), rows(1)), (vec![0], vec![1, 0]));
    let (first, second) = (
        compiled("regional-gateway/scenario.ron", 0),
        compiled("regional-gateway/scenario.ron", 1),
    );
    assert_eq!(
        format!("{:?}", first.records),
        format!("{:?}", second.records)
    );
    assert_eq!(first.blueprint.values, second.blueprint.values);
    assert_eq!(first.blueprint.variables, second.blueprint.variables);
    assert_eq!(
        format!("{:?}", first.releases),
        format!("{:?}", second.releases)
    );
    assert_ne!(first.hash, second.hash);
}

/// Words that would tell the player what is going on.
#[test]
fn nothing_a_player_reads_betrays_the_truth() {
    for path in [
        "regional-gateway/scenario.ron",
        "kiosk-config/scenario.ron",
        "wallet-payments/scenario.ron",
        "premiere-evening/scenario.ron",
        "lunch-rush/scenario.ron",
        "quiet-evening/scenario.ron",
    ] {
        let scenario = compiled(path, 0);
        let shown = format!(
            "{} {} {} {:?} {:?} {:?} {:?} {:?}",
            scenario.title,
            scenario.summary,
            scenario.briefing,
            scenario.alerts,
            scenario.releases,
            scenario.records,
            scenario.people,
            scenario.services
        );
        for secret in [
            "unset",
            "missing",
            "slow-provider",
            "brownout",
            "truth",
            "faulty",
            "decoy",
            "innocent",
            "guilty",
        ] {
            assert!(
                !shown.to_lowercase().contains(secret),
                "{path} shows `{secret}`"
            );
        }
    }
}

/// The release redirects the payments calls of checkout, and no other edge.
#[test]
fn a_configuration_read_redirects_the_edges_towards_its_callee() {
    let scenario = compiled("regional-gateway/scenario.ron", 0);
    let blueprint = &scenario.blueprint;
    let version = blueprint
        .versions
        .iter()
        .find(|v| v.name == "2.41.0")
        .expect("2.41.0 exists");
    let read = &version.reads[0];
    let described = |edge: &brownout_sim::ids::EdgeId| {
        let edge = &blueprint.edges[edge.index()];
        let endpoint = &blueprint.endpoints[edge.target.index()];
        let client = edge.client.map_or("users", |client| {
            blueprint.services[client.index()].name.as_str()
        });
        format!(
            "{client} → {} {}",
            blueprint.services[endpoint.service.index()].name,
            endpoint.name
        )
    };
    assert_eq!(
        read.edges.iter().map(described).collect::<Vec<_>>(),
        ["checkout → payments charge"]
    );
    let edge = &blueprint.edges[read.edges[0].index()];
    assert_eq!(
        (
            edge.timeout_ns,
            edge.attempts,
            edge.backoff_ns,
            edge.optional
        ),
        (1_000_000_000, 3, 50_000_000, false)
    );
    assert_eq!(
        blueprint.resolve_address(&blueprint.values[read.default.index()]),
        None
    );
    let set = version
        .manifest
        .iter()
        .find(|row| row.variable == read.variable)
        .expect("us-east has the variable");
    let payments = blueprint.resolve_address(&blueprint.values[set.value.index()]);
    assert_eq!(
        payments.map(|service| blueprint.services[service.index()].name.as_str()),
        Some("payments")
    );
}

/// The base version of service `i` is version `i`, a release copies what it does not replace.
#[test]
fn a_release_keeps_the_program_it_does_not_replace() {
    let scenario = compiled("regional-gateway/scenario.ron", 0);
    let versions = &scenario.blueprint.versions;
    for (index, service) in scenario.blueprint.services.iter().enumerate() {
        assert_eq!(
            scenario.blueprint.services[versions[index].service.index()].name,
            service.name
        );
    }
    let (old, new) = (
        versions.iter().find(|v| v.name == "2.40.3"),
        versions.iter().find(|v| v.name == "2.41.0"),
    );
    let (old, new) = (old.expect("2.40.3 exists"), new.expect("2.41.0 exists"));
    assert_eq!(
        (format!("{:?}", old.code), &old.entries),
        (format!("{:?}", new.code), &new.entries)
    );
    assert!(old.reads.is_empty() && new.reads.len() == 1);
}

#[test]
fn the_change_log_is_sorted_and_knows_its_kinds() {
    let records = compiled("regional-gateway/scenario.ron", 0).records;
    assert!(records.is_sorted_by_key(|record| record.at_ns));
    let kinds: Vec<ChangeKind> = records
        .iter()
        .filter(|record| record.at_ns >= 0)
        .map(|record| record.kind)
        .collect();
    assert_eq!(
        kinds,
        [ChangeKind::Flag, ChangeKind::Deploy, ChangeKind::Deploy]
    );
    assert!(records.iter().filter(|record| record.at_ns < 0).count() >= 4);
}

/// Total arrivals of the storefront, from the compiled sources: at least 200 a second, 27 to 30 % of them checkouts.
#[test]
fn the_storefront_carries_its_traffic() {
    let scenario = compiled("regional-gateway/scenario.ron", 0);
    let blueprint = &scenario.blueprint;
    let rate = |flow: Option<usize>| -> u64 {
        let sources = blueprint
            .sources
            .iter()
            .filter(|source| flow.is_none_or(|flow| source.flow.index() == flow));
        sources
            .map(|source| 1_000_000_000_000 / source.interarrival_ns)
            .sum()
    };
    let (all, checkout) = (rate(None), rate(Some(scenario.main_flow.index())));
    assert!(all >= 200_000, "{all} requests per 1000 s");
    assert!(
        (270..=300).contains(&(checkout * 1_000 / all)),
        "{checkout} of {all} are checkouts"
    );
    assert!(blueprint.services.len() >= 14);
    assert_eq!(scenario.ranks[0], 0);
}

#[test]
fn wallet_payments_compiles_under_both_truths() {
    for (truth, component, trigger) in [
        (0, "wallets", Some("Deploy wallets 5.3.0")),
        (1, "wallet-hub", None),
    ] {
        let scenario = compiled("wallet-payments/scenario.ron", truth);
        assert_eq!(scenario.truth_count, 2);
        let named = scenario.truth.component.index();
        assert_eq!(scenario.blueprint.services[named].name, component);
        let set_off = scenario.truth.trigger;
        let title = set_off.map(|record| scenario.records[record].title.as_str());
        assert_eq!(title, trigger);
    }
}

/// Under one truth the release waits for similar titles as long as they take; everything a player can list is the same.
#[test]
fn a_truth_changes_the_calls_of_a_release_and_shows_it_nowhere_else() {
    let patience = |truth| -> Vec<u64> {
        let scenario = compiled("premiere-evening/scenario.ron", truth);
        let blueprint = &scenario.blueprint;
        let service = |index: usize| blueprint.services[index].name.as_str();
        let to_similar = blueprint.edges.iter().filter(|edge| {
            let callee = blueprint.endpoints[edge.target.index()].service;
            let client = edge.client.map(|client| service(client.index()));
            client == Some("device-api") && service(callee.index()) == "similar"
        });
        to_similar.map(|edge| edge.timeout_ns / 1_000_000).collect()
    };
    assert_eq!((patience(0), patience(1)), (vec![350], vec![350, 30_000]));
    let [first, second] = [0, 1].map(|truth| compiled("premiere-evening/scenario.ron", truth));
    assert_eq!(
        format!("{:?} {:?}", first.records, first.releases),
        format!("{:?} {:?}", second.records, second.releases)
    );
    assert_ne!(first.hash, second.hash);
}

#[test]
fn lunch_rush_compiles_under_both_truths() {
    for (truth, component, trigger) in [
        (0, "menus", "Push 'Soup weather'"),
        (1, "menu-cache", "menu-cache: Dublin moved to the new nodes"),
    ] {
        let scenario = compiled("lunch-rush/scenario.ron", truth);
        assert_eq!(scenario.truth_count, 2);
        let named = scenario.truth.component.index();
        assert_eq!(scenario.blueprint.services[named].name, component);
        let set_off = scenario.truth.trigger;
        let title = set_off.map(|record| scenario.records[record].title.as_str());
        assert_eq!(title, Some(trigger));
    }
}

/// Both truths of the control are controls, and nothing else in the library is.
#[test]
fn quiet_evening_is_a_control_under_both_truths() {
    for (truth, component, trigger) in [
        (0, "importer", "Reminder to the kitchens: next week's menus"),
        (1, "menu-cache", "menu-cache: Dublin onto new nodes"),
    ] {
        let scenario = compiled("quiet-evening/scenario.ron", truth);
        assert_eq!(scenario.truth_count, 2);
        assert!(scenario.truth.control);
        let named = scenario.truth.component.index();
        assert_eq!(scenario.blueprint.services[named].name, component);
        let set_off = scenario.truth.trigger;
        let title = set_off.map(|record| scenario.records[record].title.as_str());
        assert_eq!(title, Some(trigger));
    }
    assert!(!compiled("lunch-rush/scenario.ron", 0).truth.control);
}

#[test]
fn the_poisoned_stream_and_the_slow_mornings_compile_under_their_truths() {
    let firmware = Some("Boxes: third wave of firmware 7.2 opened to fleets in Europe");
    let migration =
        Some("Migration 0212 of diary-db: appointments get `made_by`, partitioned by month");
    let cases = [
        ("poisoned-stream", 0, "readings", firmware),
        (
            "poisoned-stream",
            1,
            "decoder",
            Some("Deploy decoder 4.11.0"),
        ),
        ("poisoned-stream", 2, "atlas", None),
        ("slow-mornings", 0, "diary", Some("Deploy diary 3.18.0")),
        ("slow-mornings", 1, "diary-db", migration),
        ("slow-mornings", 2, "assura", None),
    ];
    for (name, truth, component, trigger) in cases {
        let scenario = compiled(&format!("{name}/scenario.ron"), truth);
        assert_eq!(scenario.truth_count, 3);
        let named = scenario.truth.component.index();
        assert_eq!(scenario.blueprint.services[named].name, component);
        let set_off = scenario.truth.trigger;
        let title = set_off.map(|record| scenario.records[record].title.as_str());
        assert_eq!(title, trigger, "{name}, truth {truth}");
    }
}

#[test]
fn the_kiosk_compiles_with_another_guilty_service() {
    let scenario = compiled("kiosk-config/scenario.ron", 0);
    assert_eq!(
        scenario.blueprint.services[scenario.truth.component.index()].name,
        "tickets"
    );
    let deploys = scenario
        .blueprint
        .timeline
        .iter()
        .filter(|timed| matches!(timed.change, Change::Deploy { .. }));
    assert_eq!(deploys.count(), 4, "two releases in two regions");
}

#[test]
fn systems_compile_by_themselves() {
    for path in [
        "systems/storefront.ron",
        "systems/kiosk.ron",
        "systems/payments.ron",
        "systems/streaming.ron",
        "systems/kitchens.ron",
        "systems/ingest.ron",
        "systems/surgeries.ron",
    ] {
        let (system, found) = load_system(&library(), path);
        assert_eq!(found, []);
        let blueprint =
            compile_system(&system.expect("the system loads")).expect("the system compiles");
        assert!(blueprint.timeline.is_empty());
        for version in &blueprint.versions {
            assert!(
                version
                    .entries
                    .iter()
                    .all(|(_, pc)| usize::from(*pc) < version.code.len())
            );
            assert!(matches!(version.code.last(), Some(Step::Return)));
        }
    }
}

#[test]
fn glossary_ids_are_unique_and_found() {
    for entry in MECHANISMS {
        assert_eq!(
            mechanism(entry.id).map(|found| found.title),
            Some(entry.title)
        );
        assert!(!entry.description.is_empty() && entry.family.id().starts_with('F'));
    }
    let mut ids: Vec<&str> = MECHANISMS.iter().map(|entry| entry.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), MECHANISMS.len());
    assert_eq!(mechanism("gremlins"), None);
}
