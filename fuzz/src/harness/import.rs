//! Any bytes as an architecture to import: a system file that is right, or a refusal. The first byte chooses the format.

use brownout_scenario::import::{compose_bytes, isotope_bytes, jaeger_bytes, otlp_bytes};
use brownout_scenario::{MemoryFiles, load_system};

/// # Panics
/// If a system comes out that `brownout check` would refuse.
pub fn import(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let imported = match first % 4 {
        0 => isotope_bytes(rest),
        1 => compose_bytes(rest),
        2 => otlp_bytes(rest),
        _ => jaeger_bytes(rest),
    };
    match imported {
        Ok(imported) => {
            let files = MemoryFiles::new(&[("it.ron", &imported.text)]);
            let (_, found) = load_system(&files, "it.ron");
            let wrong: Vec<_> = found.iter().filter(|d| d.code.starts_with('E')).collect();
            assert!(wrong.is_empty(), "{wrong:?}\n{}", imported.text);
        }
        Err(found) => assert!(!found.is_empty()),
    }
}
