//! Computes which lines of a file are removed, and which are added, to get another file.
//!
//! There are many such scripts, and people know the numbers of git. So this code follows git. It
//! uses Myers' algorithm in linear space ("An O(ND) Difference Algorithm and Its Variations",
//! 1986), which finds a shortest script. Two shortcuts make it fast on files with little in common,
//! but sometimes miss a shortest script:
//!
//! - lines that cannot match anything useful are left out first ([`useful`])
//! - a search that takes too long stops at a point that looks good ([`split`])

mod split;
mod useful;

use crate::lines::Numbered;
use split::{Frontiers, Split, split};
use useful::useful;

/// For each line, whether it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// Whether each line of the old file is removed.
    pub(crate) removed: Vec<bool>,
    /// Whether each line of the new file is added.
    pub(crate) added: Vec<bool>,
}

impl Script {
    /// Computes the script that leads from the old lines to the new lines.
    pub(crate) fn new(lines: &Numbered) -> Self {
        let useful = useful(lines);
        let mut script = Script { removed: useful.removed, added: useful.added };
        let mut frontiers = Frontiers::new(useful.old.numbers.len(), useful.new.numbers.len());
        let whole = Stretch {
            old: Range { start: 0, end: useful.old.numbers.len() },
            new: Range { start: 0, end: useful.new.numbers.len() },
            is_exact: false,
        };
        let mut parts = vec![whole];
        while let Some(part) = parts.pop() {
            let part = part.without_equal_ends(&useful.old.numbers, &useful.new.numbers);
            if part.old.is_empty() || part.new.is_empty() {
                mark(&mut script.removed, part.old.of(&useful.old.places));
                mark(&mut script.added, part.new.of(&useful.new.places));
                continue;
            }
            let found = split(part, &useful.old.numbers, &useful.new.numbers, &mut frontiers);
            let (before, after) = part.at(found);
            parts.extend([after, before]);
        }
        script
    }
}

fn mark(changes: &mut [bool], places: &[u32]) {
    for place in places {
        if let Some(change) = changes.get_mut(*place as usize) {
            *change = true;
        }
    }
}

/// A stretch of the lines of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    start: usize,
    end: usize,
}

impl Range {
    fn is_empty(self) -> bool {
        self.start >= self.end
    }

    fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.start..self.end).unwrap_or_default()
    }
}

/// Stretches of both files that still have to be compared.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    old: Range,
    new: Range,
    /// Whether to find a shortest script here, however long it takes. The part is known to have a
    /// short one.
    is_exact: bool,
}

impl Stretch {
    fn without_equal_ends(self, old: &[u32], new: &[u32]) -> Self {
        let Stretch { old: mut old_range, new: mut new_range, is_exact } = self;
        let start = equal_start(old_range.of(old), new_range.of(new));
        old_range.start += start;
        new_range.start += start;
        let end = equal_end(old_range.of(old), new_range.of(new));
        old_range.end -= end;
        new_range.end -= end;
        Stretch { old: old_range, new: new_range, is_exact }
    }

    /// Returns the parts before and after a point.
    fn at(self, split: Split) -> (Self, Self) {
        let Stretch { old, new, .. } = self;
        // The point is inside the part. If it were not, clamping would still lose no lines.
        let old_middle = split.old.clamp(old.start, old.end);
        let new_middle = split.new.clamp(new.start, new.end);
        (
            Stretch {
                old: Range { start: old.start, end: old_middle },
                new: Range { start: new.start, end: new_middle },
                is_exact: split.is_exact_before,
            },
            Stretch {
                old: Range { start: old_middle, end: old.end },
                new: Range { start: new_middle, end: new.end },
                is_exact: split.is_exact_after,
            },
        )
    }
}

/// Returns the number of equal lines at the beginning of both.
fn equal_start(old: &[u32], new: &[u32]) -> usize {
    old.iter().zip(new).take_while(|(old, new)| old == new).count()
}

/// Returns the number of equal lines at the end of both.
fn equal_end(old: &[u32], new: &[u32]) -> usize {
    old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count()
}

/// Returns roughly the square root of a number of lines: the next power of two.
fn rough_root(number: usize) -> usize {
    let bits = usize::BITS - number.leading_zeros();
    1 << bits.div_ceil(2)
}
