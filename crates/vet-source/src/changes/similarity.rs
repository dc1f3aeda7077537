//! How much of a file is in another.
//!
//! Both are cut into chunks, at the end of each line, and after 64 bytes of a long one. Chunks are counted by
//! a hash of few values, so that now and then two different ones pass for the same. The hash is the one of
//! git: whether a file counts as renamed depends on it where two are just about half the same.

use crate::lines::is_binary;

/// Similarity in parts of [`SAME`].
pub(super) type Score = u64;

/// The same content.
pub(super) const SAME: Score = 60_000;
/// Half of the content: no less makes a file the same as another.
pub(super) const HALF: Score = 30_000;
/// For files of the same name.
pub(super) const THREE_QUARTERS: Score = 45_000;

/// The longest chunk.
const LONGEST: u32 = 64;
/// Hashes are below this prime.
const HASHES: u32 = 107_927;

/// Similarity in percent, rounded down: no less than all is all.
pub(super) fn percentage(score: Score) -> u8 {
    u8::try_from(score.saturating_mul(100) / SAME).unwrap_or(100)
}

/// The chunks of a file.
pub(super) struct Chunks {
    /// For each hash how many bytes have it, in order of hash.
    bytes: Vec<(u32, u32)>,
}

impl Chunks {
    /// Cuts a file into chunks. In a text, the carriage return before a line feed does not count.
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
            // Only the lower half takes the byte; nothing is carried over.
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

    /// How many bytes are in both.
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

/// How similar two files are; nothing if their sizes do not allow as much as `least`. Only then they are
/// asked for what they have in common.
pub(super) fn score(one: &[u8], other: &[u8], least: Score, in_common: impl FnOnce() -> u64) -> Score {
    let largest = one.len().max(other.len()) as u64;
    if largest == 0 || !allows(one.len(), other.len(), least) {
        return 0;
    }
    in_common() * SAME / largest
}

/// Whether files of these sizes can count as one that was renamed.
pub(crate) fn could_be_renamed(one: usize, other: usize) -> bool {
    allows(one, other, HALF)
}

fn allows(one: usize, other: usize, least: Score) -> bool {
    let (largest, difference) = (one.max(other) as u64, one.abs_diff(other) as u64);
    largest * (SAME - least) >= difference * SAME
}
