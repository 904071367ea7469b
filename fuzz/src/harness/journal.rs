//! Any bytes as a journal: a sound prefix and the first damage, or a refusal.

use brownout_session::journal::{Chain, read};

/// # Panics
/// If bytes are not handled properly.
pub fn journal(bytes: &[u8]) {
    decoded(bytes);
    // Chance does not hit a hash chain: the same lines once more with a chain that fits, for what lies behind it.
    let mut chain = Chain::default();
    let mut chained = String::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let value: Option<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_slice(line).ok();
        if let Some(mut value) = value {
            value.remove("chain");
            chained.push_str(&chain.line(&value));
        }
    }
    decoded(chained.as_bytes());
}

fn decoded(bytes: &[u8]) {
    let Ok(journal) = read(bytes) else {
        return;
    };
    assert!(journal.valid_bytes <= bytes.len());
    let sound = bytes.get(..journal.valid_bytes).expect("a prefix");
    // What is sound is sound by itself, and `play --resume` relies on it.
    let again = read(sound).expect("it was sound");
    assert_eq!(again.records.len(), journal.records.len());
    assert!(again.damage.is_none(), "{:?}", again.damage);
    assert_eq!(again.valid_bytes, sound.len());
    if let Some(damage) = journal.damage {
        assert!(!damage.to_string().contains('\n'), "{damage}");
    }
}
