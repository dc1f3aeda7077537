//! Memory for the contents of files.
//!
//! Trees are large, and several threads create and drop them. An allocator keeps freed memory for a
//! while, for each thread, so the process would use more memory than all trees need. So contents
//! are stored in blocks that come from the system. A block goes back to the system as soon as no
//! file in it is in use.

use std::io::{self, Read};

use bytes::Bytes;
use memmap2::MmapMut;

/// The size of a block in bytes, unless a single file is larger. Unwritten parts use no memory.
const BLOCK: usize = 1 << 20;

/// The contents of several files, one after the other.
#[derive(Default)]
pub(super) struct Contents {
    full: Vec<MmapMut>,
    last: Option<MmapMut>,
    /// The number of bytes that are used in the last block.
    used: usize,
}

/// The place of the content of a file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    block: usize,
    start: usize,
    end: usize,
}

impl Contents {
    /// Reads the content of a file with `bytes` bytes.
    pub(super) fn read(&mut self, bytes: usize, from: &mut dyn Read) -> io::Result<Place> {
        if bytes == 0 {
            return Ok(Place::default());
        }
        let has_room = |block: &MmapMut| block.len() - self.used >= bytes;
        if !self.last.as_ref().is_some_and(has_room) {
            self.full.extend(self.last.take());
            self.used = 0;
            self.last = Some(MmapMut::map_anon(BLOCK.max(bytes))?);
        }
        let place = Place { block: self.full.len(), start: self.used, end: self.used + bytes };
        let room = self.last.as_mut().and_then(|block| block.get_mut(place.start..place.end));
        from.read_exact(room.unwrap_or_default())?;
        self.used = place.end;
        Ok(place)
    }

    /// Frees the content that was read last.
    pub(super) fn forget(&mut self, last: Place) {
        if last.block == self.full.len() && last.end == self.used {
            self.used = last.start;
        }
    }

    pub(super) fn get(&self, place: Place) -> &[u8] {
        let block = self.full.get(place.block).or(self.last.as_ref());
        block.and_then(|block| block.get(place.start..place.end)).unwrap_or_default()
    }

    /// Finishes the blocks. [`at`] returns the contents in them.
    pub(super) fn finish(self) -> Vec<Bytes> {
        self.full.into_iter().chain(self.last).map(Bytes::from_owner).collect()
    }
}

/// Returns the content at a place.
pub(super) fn at(blocks: &[Bytes], place: Place) -> Bytes {
    match blocks.get(place.block) {
        Some(block) if place.end > place.start && place.end <= block.len() => {
            block.slice(place.start..place.end)
        }
        _ => Bytes::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Contents are found again, in any number of blocks, and freed contents use no space.
        #[test]
        fn what_was_read_is_there(files in prop::collection::vec((0..BLOCK * 3 / 2, any::<u8>(), any::<bool>()), 0..6)) {
            let mut contents = Contents::default();
            let mut kept = Vec::new();
            for (length, byte, is_kept) in files {
                let content = vec![byte; length];
                let used = contents.used;
                let place = contents.read(length, &mut content.as_slice()).unwrap();
                prop_assert_eq!(contents.get(place), content.as_slice());
                match is_kept {
                    true => kept.push((place, content)),
                    false => {
                        contents.forget(place);
                        prop_assert!(contents.used <= used);
                    }
                }
            }
            let blocks = contents.finish();
            for (place, content) in kept {
                prop_assert_eq!(at(&blocks, place), content);
            }
        }
    }

    #[test]
    fn what_ends_too_early_fails() {
        let mut contents = Contents::default();
        assert!(contents.read(3, &mut &b"ab"[..]).is_err());
        let place = contents.read(2, &mut &b"cd"[..]).unwrap();
        assert_eq!(contents.get(place), b"cd");
    }
}
