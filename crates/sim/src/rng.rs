//! Named random streams for arrivals. Everything a request does draws from keyed hashes instead: see [`crate::hash`].

use rand::SeedableRng;
use rand::rand_core::Rng;
use rand::rngs::Xoshiro256PlusPlus;

use crate::hash::{combine, mix64};

/// A stream of 64-bit words, seeded from a key.
#[derive(Clone, Debug)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of `key`. The seed is spread by our own hash, so it cannot change with the `rand` crate.
    #[must_use]
    pub fn new(key: u64) -> Self {
        let mut seed = [0u8; 32];
        for (index, chunk) in seed.chunks_exact_mut(8).enumerate() {
            chunk.copy_from_slice(&combine(mix64(key), index as u64).to_le_bytes());
        }
        Self(Xoshiro256PlusPlus::from_seed(seed))
    }

    /// The next word.
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }
}
