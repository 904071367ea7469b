//! Sessions one after another: each in a file of its own, none lost.

use std::path::{Path, PathBuf};

use brownout_session::journal::read;

use super::bridge::{Bridge, Phase, Record};
use crate::cli::unfinished;

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("brownout-again-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("scratch folder");
    folder
}

/// Goal: again means the same incident from its beginning, and nothing of what was before is touched. Method: a session
/// is begun, left for another one, and brought back. Expectation: two sound journals with the same header; the one
/// brought back stands where it was left, with its clock stopped.
#[test]
fn again_begins_anew_and_keeps_what_was() {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/kiosk-config");
    let loaded = crate::cli::scenario(&scenario, None, 7, None, "person").expect("the scenario");
    let folder = folder();
    let (first, second) = (folder.join("1.jsonl"), folder.join("2.jsonl"));
    let record = Record::At(first.clone());
    let mut bridge = Bridge::new(loaded.scenario, loaded.header, 1, record);
    bridge.start();
    assert_eq!(bridge.phase(), Phase::Hurrying);
    assert!(bridge.is_recorded());
    while bridge.phase() == Phase::Hurrying {
        bridge.frame(100_000_000);
    }
    bridge.carry_out(&[crate::panels::intent::Intent::Command(
        brownout_session::command::Command::Acknowledge,
    )]);
    let header = bridge.header().clone();

    bridge.again(Some(second.clone()));
    assert_eq!(bridge.phase(), Phase::Idle);
    assert!(!second.exists(), "a journal begins with its session");
    bridge.start();
    assert_eq!(bridge.view().now_ns, 0, "from the beginning");
    let journal = |path: &Path| read(&std::fs::read(path).expect("readable")).expect("sound");
    let (left, begun) = (journal(&first), journal(&second));
    assert_eq!((&left.header, &begun.header), (&header, &header));
    assert!(left.damage.is_none() && left.records.len() > 100);
    assert!(begun.records.is_empty());

    let resumed = unfinished::resume(&first, None).expect("it can be gone on with");
    bridge.resume(resumed);
    assert!(bridge.clock().0, "the player looks around first");
    assert!(bridge.is_recorded());
    assert!(bridge.view().page.is_some() && bridge.view().acknowledged);
    bridge.close();
    assert_eq!(journal(&first).records, left.records);
    let _ = std::fs::remove_dir_all(folder);
}
