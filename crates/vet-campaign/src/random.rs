//! Random choices, determined by a seed.

/// A generator of random numbers (SplitMix64). The same seed gives the same numbers on every
/// machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator for a part of a campaign, such as a project or a checkout.
    pub fn new(seed: u64, part: &str, number: u64) -> Self {
        let mut random = Random(seed ^ 0x9e37_79b9_7f4a_7c15);
        for byte in part.bytes() {
            random.0 ^= u64::from(byte);
            random.number();
        }
        random.0 ^= number.wrapping_mul(0xd6e8_feb8_6659_fd93);
        random.number();
        random
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which must not be zero.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit as u64) as usize
    }

    /// Returns `true` with the given probability in percent.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several values, or `None` if there are none.
    pub fn maybe<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { all.get(self.below(all.len())) }
    }

    /// One of several values.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A new generator, seeded with the next number.
    pub fn fork(&mut self) -> Random {
        Random(self.number())
    }
}
