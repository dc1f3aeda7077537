//! Measures how much of a file is in another file.
//!
//! Both files are cut into chunks, at the end of each line and after 64 bytes of a long line.
//! Chunks are counted by a hash with few values, so two different chunks can count as equal. The
//! hash is the same as in git: for files that are about half the same, it decides whether they
//! count as renamed.

use crate::lines::is_binary;

/// A similarity, as a part of [`SAME`].
pub(super) type Score = u64;

/// The similarity of equal contents.
pub(super) const SAME: Score = 60_000;
/// Half of the content: the minimum similarity of a renamed file.
pub(super) const HALF: Score = 30_000;
/// The minimum similarity for files of the same name.
pub(super) const THREE_QUARTERS: Score = 45_000;

/// The maximum length of a chunk, in bytes.
const LONGEST: u32 = 64;
/// Hashes are smaller than this prime.
const HASHES: u32 = 107_927;

/// Converts a similarity to percent, rounded down: only equal contents have 100 percent.
pub(super) fn percentage(score: Score) -> u8 {
    u8::try_from(score.saturating_mul(100) / SAME).unwrap_or(100)
}

/// The chunks of a file.
pub(super) struct Chunks {
    /// For each hash, the number of bytes with this hash. Ordered by hash.
    bytes: Vec<(u32, u32)>,
}

impl Chunks {
    /// Cuts a file into chunks. In a text, the carriage return before a line feed is ignored.
    pub(super) fn of(content: &[u8]) -> Self {
        let is_text = !is_binary(content);
        let mut chunks: Vec<(u32, u32)> = Vec::with_capacity(content.len() / 32);
        let (mut state, mut length) = (0_u64, 0);
        let mut rest = content.iter().copied().peekable();
        while let Some(byte) = rest.next() {
            if is_text && byte == b'\r' && rest.peek() == Some(&b'\n') {
                continue;
            }
            let turned = state.rotate_left(7);
            // Only the lower half adds the byte. There is no carry to the upper half.
            let low = (turned as u32).wrapping_add(u32::from(byte));
            state = (turned & !u64::from(u32::MAX)) | u64::from(low);
            length += 1;
            if length == LONGEST || byte == b'\n' {
                chunks.push((hash(state), length));
                (state, length) = (0, 0);
            }
        }
        if length > 0 {
            chunks.push((hash(state), length));
        }
        chunks.sort_unstable_by_key(|(hash, _)| *hash);
        chunks.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 += next.1;
            }
            is_same
        });
        chunks.shrink_to_fit();
        Chunks { bytes: chunks }
    }

    /// Returns the number of bytes in both files.
    pub(super) fn in_common(&self, other: &Chunks) -> u64 {
        let (mut one, mut other) = (self.bytes.iter().peekable(), other.bytes.iter().peekable());
        let mut common = 0;
        while let (Some((left, count)), Some((right, other_count))) = (one.peek(), other.peek()) {
            if left == right {
                common += u64::from(*count.min(other_count));
            }
            let (is_behind, is_ahead) = (left <= right, right <= left);
            if is_behind {
                one.next();
            }
            if is_ahead {
                other.next();
            }
        }
        common
    }
}

fn hash(state: u64) -> u32 {
    let (low, high) = (state as u32, (state >> 32) as u32);
    low.wrapping_add(high.wrapping_mul(0x61)) % HASHES
}

/// Returns the similarity of two files, or 0 if their sizes rule out `least`. Calls `in_common`
/// only if the sizes do not.
pub(super) fn score(one: &[u8], other: &[u8], least: Score, in_common: impl FnOnce() -> u64) -> Score {
    let largest = one.len().max(other.len()) as u64;
    if largest == 0 || !allows(one.len(), other.len(), least) {
        return 0;
    }
    in_common() * SAME / largest
}

/// Whether the sizes of two files allow that one is the other after a rename.
pub(crate) fn could_be_renamed(one: usize, other: usize) -> bool {
    allows(one, other, HALF)
}

fn allows(one: usize, other: usize, least: Score) -> bool {
    let (largest, difference) = (one.max(other) as u64, one.abs_diff(other) as u64);
    largest * (SAME - least) >= difference * SAME
}
