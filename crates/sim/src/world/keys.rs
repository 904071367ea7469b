//! What requests are about: keys of key spaces, drawn once per user request.

use super::World;
use crate::blueprint::{KeySpace, ONE_Q16};
use crate::hash::{combine, name_hash};
use crate::ids::{EndpointId, KeySpaceId, VersionId};

/// Immutable part of a key space.
#[derive(Clone, Debug)]
pub(super) struct KeyTable {
    key: u64,
    keys: u32,
    /// Probability that a draw is at most key `k`, as a fraction of 2^64; empty for a uniform space.
    cumulated: Vec<u64>,
}

impl KeyTable {
    pub fn new(space: &KeySpace) -> Self {
        let keys = space.keys.max(1);
        let cumulated = if space.skew_q16 == 0 {
            Vec::new()
        } else {
            zipf(keys, f64::from(space.skew_q16) / f64::from(ONE_Q16))
        };
        Self {
            key: name_hash(&space.name),
            keys,
            cumulated,
        }
    }

    fn draw(&self, word: u64) -> u32 {
        let row = if self.cumulated.is_empty() {
            u128::from(word) * u128::from(self.keys) >> 64
        } else {
            self.cumulated.partition_point(|&upto| upto <= word) as u128
        };
        u32::try_from(row).unwrap_or(u32::MAX).min(self.keys - 1)
    }
}

/// The distribution function of Zipf's law over `keys` keys, as fractions of 2^64.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "fractions of 1 in 53 bits"
)]
fn zipf(keys: u32, skew: f64) -> Vec<u64> {
    let weight = |key: u32| libm::pow(f64::from(key) + 1.0, -skew);
    let total: f64 = (0..keys).map(weight).sum();
    let mut upto = 0.0;
    let mut cumulated: Vec<u64> = (0..keys)
        .map(|key| {
            upto += weight(key);
            ((upto / total).min(1.0) * (1u64 << 53) as f64) as u64
        })
        .map(|share| {
            share
                .checked_shl(11)
                .filter(|_| share < 1 << 53)
                .unwrap_or(u64::MAX)
        })
        .collect();
    if let Some(last) = cumulated.last_mut() {
        *last = u64::MAX;
    }
    cumulated
}

/// A share of the requests of a space is about one key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HotKey {
    pub key: u32,
    pub share_q32: u64,
}

/// Requests of an endpoint about these keys fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Poison {
    pub endpoint: EndpointId,
    pub space: KeySpaceId,
    pub first: u32,
    pub last: u32,
    pub version: Option<VersionId>,
}

impl World {
    /// The key of a space that a trace is about.
    pub(super) fn key_of(&self, trace: u32, space: KeySpaceId) -> u32 {
        let table = &self.tables.keys[space.index()];
        let word = combine(self.arena.traces[trace as usize].origin, table.key);
        let hot = self.data.hot[space.index()];
        // Another word, so that a hot key takes its share evenly from all others.
        if hot.share_q32 > 0 && combine(word, HOT) >> 32 < hot.share_q32 {
            return hot.key;
        }
        table.draw(word)
    }

    /// Whether a request of an endpoint is bound to fail for what it is about.
    pub(super) fn poisoned(&self, endpoint: EndpointId, version: VersionId, trace: u32) -> bool {
        self.data.poisons.iter().any(|poison| {
            poison.endpoint == endpoint
                && poison.version.is_none_or(|only| only == version)
                && (poison.first..=poison.last).contains(&self.key_of(trace, poison.space))
        })
    }
}

/// Sets the draw of whether a request is about the hot key apart from that of its key.
const HOT: u64 = 0x686f_7421;
