//! Own 64-bit hashing: the same values on every platform, compiler and build.

/// Finaliser of `splitmix64` (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", §5).
#[inline]
#[must_use]
pub const fn mix64(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Combine two words into one. Not commutative.
#[inline]
#[must_use]
pub const fn combine(a: u64, b: u64) -> u64 {
    mix64(
        a.wrapping_add(0x9e37_79b9_7f4a_7c15).rotate_left(23)
            ^ b.wrapping_mul(0xd6e8_feb8_6659_fd93),
    )
}

/// Hash of a stable name.
#[must_use]
pub fn name_hash(name: &str) -> u64 {
    let mut hasher = StableHasher::new();
    hasher.bytes(name.as_bytes());
    hasher.finish()
}

/// Incremental hash over words and bytes (FNV-1a over bytes, finished by [`mix64`]).
#[derive(Clone, Copy, Debug)]
pub struct StableHasher(u64);

impl Default for StableHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl StableHasher {
    /// An empty hash.
    #[must_use]
    pub const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Feed bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Feed one word.
    pub fn word(&mut self, word: u64) {
        self.0 = combine(self.0, word);
    }

    /// The hash of everything fed so far.
    #[must_use]
    pub const fn finish(self) -> u64 {
        mix64(self.0)
    }
}
