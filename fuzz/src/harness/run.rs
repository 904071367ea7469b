//! Scenarios of the library with values changed, entries gone or doubled: what is still valid must run, and its books
//! must balance.

use std::ops::Range;

use brownout_scenario::diagnostics::has_errors;
use brownout_scenario::{MemoryFiles, compile, load, scan};
use brownout_sim::probe::Blind;
use brownout_sim::world::{Progress, World};

/// Scenarios with the names and texts of their systems.
const LIBRARY: [(&str, &str, &str); 3] = [
    (
        include_str!("../../../scenarios/kiosk-config/scenario.ron"),
        "systems/kiosk.ron",
        include_str!("../../../scenarios/systems/kiosk.ron"),
    ),
    (
        include_str!("../../../scenarios/regional-gateway/scenario.ron"),
        "systems/storefront.ron",
        include_str!("../../../scenarios/systems/storefront.ron"),
    ),
    (
        include_str!("../../../scenarios/wallet-payments/scenario.ron"),
        "systems/payments.ron",
        include_str!("../../../scenarios/systems/payments.ron"),
    ),
];
const EVENTS: u64 = 100_000;
const MOST_CHANGES: usize = 12;

/// Bytes as a source of choices; zeros when they have run out.
struct Choices<'b>(&'b [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*first)
    }

    fn below(&mut self, count: usize) -> usize {
        (self.byte() << 8 | self.byte()) % count.max(1)
    }
}

/// # Panics
/// If a valid scenario does not compile or run, or its books do not balance.
pub fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let seed = choices.byte() as u64;
    let (scenario, name, system) = LIBRARY[choices.byte() % LIBRARY.len()];
    let (mut scenario, mut system) = (scenario.to_owned(), system.to_owned());
    for _ in 0..=choices.byte() % MOST_CHANGES {
        let text = if choices.byte() % 2 == 0 {
            &mut scenario
        } else {
            &mut system
        };
        change(text, &mut choices);
    }
    let files = MemoryFiles::new(&[(name, &system), ("it/scenario.ron", &scenario)]);
    let (loaded, found) = load(&files, "it/scenario.ron");
    let (Some(loaded), false) = (loaded, has_errors(&found)) else {
        return;
    };
    let compiled =
        compile(&loaded, None, seed).unwrap_or_else(|found| panic!("valid, but: {found:?}"));
    let mut world = World::new(compiled.blueprint.clone(), seed);
    let progress = world.advance_until(compiled.horizon_ns, EVENTS, &mut Blind);
    // Aborted is an answer too.
    if !matches!(progress, Progress::Aborted(_)) {
        world.audit().unwrap_or_else(|wrong| panic!("{wrong:?}"));
    }
}

/// One change of a text: a value is exchanged for another of the same text, made larger or smaller, taken out, or its
/// entry is doubled.
fn change(text: &mut String, choices: &mut Choices<'_>) {
    let Some(index) = scan::index(text) else {
        return;
    };
    let values: Vec<(Range<usize>, Range<usize>)> = index.ranges().collect();
    let (entry, value) = values[choices.below(values.len())].clone();
    let (_, other) = values[choices.below(values.len())].clone();
    let written = text[value.clone()].to_owned();
    match choices.byte() % 8 {
        0 => text.replace_range(entry, ""),
        1 => text.insert_str(
            entry.start,
            &format!("{},", text[entry.clone()].trim_end_matches(',')),
        ),
        2 => {
            let other = text[other].to_owned();
            text.replace_range(value, &other);
        }
        _ => {
            if let Some(number) = scaled(&written, choices.byte()) {
                text.replace_range(value, &number);
            }
        }
    }
}

/// The first whole number in a text made larger or smaller.
fn scaled(written: &str, how: usize) -> Option<String> {
    let from = written.find(|c: char| c.is_ascii_digit())?;
    let rest = &written[from..];
    let length = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let number: u64 = rest[..length].parse().ok()?;
    let number = match how % 8 {
        0 => 0,
        1 => 1,
        2 => number.saturating_add(1),
        3 => number.saturating_sub(1),
        4 => number.saturating_mul(10),
        5 => number.saturating_mul(1_000),
        6 => number / 10,
        _ => number.saturating_mul(2),
    };
    Some(format!("{}{number}{}", &written[..from], &rest[length..]))
}
