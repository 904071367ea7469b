//! Journals: what was written is read back, damage is found and named, replay verifies.
#![expect(
    clippy::cast_possible_truncation,
    clippy::naive_bytecount,
    reason = "statistics and positions of a test"
)]

use crate::common;

use brownout_session::Session;
use brownout_session::command::{Command, Look};
use brownout_session::journal::{Chain, Damage, Entry, read};
use brownout_session::players::Reference;
use brownout_session::replay::replay;

fn text(session: &Session, records: usize) -> String {
    let mut chain = Chain::default();
    let mut text = chain.line(session.header());
    for record in &session.records()[..records] {
        text.push_str(&chain.line(record));
    }
    text
}

fn played() -> Session {
    let scenario = common::scenario("kiosk-config", 7, Some(0));
    let mut header = common::header(&scenario, 7, "reference");
    header.forced_truth = Some(0);
    brownout_session::run::play(scenario, header, &mut Reference::default(), None)
}

#[test]
fn a_journal_replays_to_itself() {
    let session = played();
    let journal = read(text(&session, session.records().len()).as_bytes()).expect("sound");
    assert_eq!(journal.damage, None);
    assert_eq!(journal.records, session.records());
    let (again, divergence) = replay(session.scenario().clone(), &journal);
    assert_eq!(divergence, None);
    assert_eq!(again.world_hash(), session.world_hash());
}

#[test]
fn replay_names_the_first_record_that_comes_out_otherwise() {
    let session = played();
    let mut journal = read(text(&session, session.records().len()).as_bytes()).expect("sound");
    // A command that was not given: everything before it is the same, the world hash after it is not.
    let seq = journal
        .records
        .iter()
        .position(|r| matches!(r.entry, Entry::Command(Command::Act(_))))
        .expect("acts");
    journal.records[seq].entry = Entry::Command(Command::Observe(Look::Overview));
    let (_, divergence) = replay(session.scenario().clone(), &journal);
    let found = divergence.expect("it diverges");
    assert!(
        found.seq as usize > seq && (found.seq as usize) < seq + 5,
        "{} after {seq}",
        found.seq
    );
}

/// Flip every bit of a short journal: never a panic, never a changed record taken for good, always a record named.
#[test]
fn every_flipped_bit_is_found() {
    let session = played();
    let count = 64;
    let sound = text(&session, count).into_bytes();
    let records = &session.records()[..count];
    for position in 0..sound.len() {
        for bit in 0..8 {
            let mut bytes = sound.clone();
            bytes[position] ^= 1 << bit;
            match read(&bytes) {
                Ok(journal) => {
                    assert!(
                        journal.records.len() < count || journal.damage.is_some(),
                        "byte {position} bit {bit}"
                    );
                    assert_eq!(
                        journal.records,
                        records[..journal.records.len()],
                        "byte {position} bit {bit}"
                    );
                    if let Some(Damage::Record { seq, .. }) = journal.damage {
                        assert_eq!(seq, journal.records.len() as u64 + 1);
                    }
                }
                Err(damage) => assert!(!damage.to_string().is_empty()),
            }
        }
    }
}

/// Cut anywhere: everything complete before the cut is kept; an unterminated last line is no damage.
#[test]
fn a_cut_journal_keeps_its_complete_records() {
    let session = played();
    let count = session.records().len();
    let sound = text(&session, count).into_bytes();
    let header_end = sound.iter().position(|&b| b == b'\n').expect("header") + 1;
    for cut in 0..sound.len() {
        match read(&sound[..cut]) {
            Ok(journal) => {
                let complete = sound[..cut].iter().filter(|&&b| b == b'\n').count() - 1;
                assert_eq!(journal.records.len(), complete, "cut at {cut}");
                assert_eq!(journal.damage, None, "cut at {cut}");
                assert!(journal.valid_bytes <= cut);
            }
            Err(_) => assert!(cut < header_end, "cut at {cut}"),
        }
        // Whole records in detail, the long tail in strides: reading is quadratic in the number of cuts.
        if cut > 20_000 {
            break;
        }
    }
}

#[test]
fn another_physics_is_refused() {
    let session = played();
    let mut header = session.header().clone();
    header.physics += 1;
    let line = Chain::default().line(&header);
    assert!(matches!(read(line.as_bytes()), Err(Damage::Physics { .. })));
}

#[test]
fn swapped_lines_are_found() {
    let session = played();
    let sound = text(&session, 30);
    let mut lines: Vec<&str> = sound.lines().collect();
    lines.swap(10, 11);
    let journal = read((lines.join("\n") + "\n").as_bytes()).expect("the header is sound");
    assert!(
        matches!(journal.damage, Some(Damage::Record { seq: 10, .. })),
        "{:?}",
        journal.damage
    );
}
