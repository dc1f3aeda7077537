//! Finds the point where a shortest script passes the middle.
//!
//! The old lines are columns and the new lines are rows. A script is a path from the top left to
//! the bottom right: a step to the right removes a line, a step down adds a line, and a diagonal
//! step keeps a line and is free. Two searches start at the two corners. On each diagonal, they go
//! as far as possible with one paid step, then with two, and so on. A shortest path passes the
//! point where they meet.
//!
//! If this takes too long, the search ends early: at the end of a long run of equal lines that has
//! made good progress, or finally at the point that came furthest. The limits are the same as in
//! git. Other limits would give other counts.

use super::{Stretch, rough_root};

/// A run of more equal lines than this is a good sign.
const LONG_RUN: i32 = 20;
/// After this many paid steps, a good sign is enough.
const PATIENCE: i32 = 256;
/// How much further than its paid steps a path must have come to be good.
const PROGRESS: i32 = 4;
/// No search ends early before this many paid steps.
const LEAST_LIMIT: usize = 256;
/// A value behind every column, with room for calculations.
const UNREACHED: i32 = i32::MAX / 2;

/// The point at which a part is divided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    pub(super) old: usize,
    pub(super) new: usize,
    pub(super) is_exact_before: bool,
    pub(super) is_exact_after: bool,
}

/// How far the searches have come on each diagonal.
pub(super) struct Frontiers {
    forward: Diagonals,
    backward: Diagonals,
    /// The number of paid steps after which a search ends early.
    limit: i32,
}

impl Frontiers {
    /// Creates frontiers for files of this many lines.
    pub(super) fn new(old: usize, new: usize) -> Self {
        let number = old + new + 3;
        let diagonals = || Diagonals { reached: vec![0; number], zero: new + 1 };
        let limit = i32::try_from(rough_root(number).max(LEAST_LIMIT)).unwrap_or(i32::MAX);
        Frontiers { forward: diagonals(), backward: diagonals(), limit }
    }
}

/// For each diagonal, the column that was reached. The number of a diagonal is column minus row.
struct Diagonals {
    reached: Vec<i32>,
    /// The index of diagonal 0.
    zero: usize,
}

impl Diagonals {
    #[inline]
    fn get(&self, diagonal: i32) -> i32 {
        self.reached.get(self.zero.wrapping_add_signed(diagonal as isize)).copied().unwrap_or_default()
    }

    #[inline]
    fn set(&mut self, diagonal: i32, column: i32) {
        if let Some(reached) = self.reached.get_mut(self.zero.wrapping_add_signed(diagonal as isize)) {
            *reached = column;
        }
    }
}

/// A part of two files, in the coordinates of the searches. There are no lines behind the end of
/// the part.
#[derive(Clone, Copy)]
struct Area<'a> {
    old: &'a [u32],
    new: &'a [u32],
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

/// The diagonals that a search currently covers.
#[derive(Clone, Copy)]
struct Span {
    low: i32,
    high: i32,
}

impl Span {
    /// Adds a diagonal on each side, or removes one at the edge of the area: a search reaches every
    /// other diagonal.
    fn widen(&mut self, area: &Area<'_>, reached: &mut Diagonals, unreached: i32) {
        if self.low > area.left - area.bottom {
            self.low -= 1;
            reached.set(self.low - 1, unreached);
        } else {
            self.low += 1;
        }
        if self.high < area.right - area.top {
            self.high += 1;
            reached.set(self.high + 1, unreached);
        } else {
            self.high -= 1;
        }
    }

    fn contains(self, diagonal: i32) -> bool {
        self.low <= diagonal && diagonal <= self.high
    }

    /// Iterates from the highest diagonal to the lowest.
    fn diagonals(self) -> impl Iterator<Item = i32> {
        let mut next = self.high;
        std::iter::from_fn(move || {
            let diagonal = next;
            next -= 2;
            (diagonal >= self.low).then_some(diagonal)
        })
    }
}

/// Divides a part. Both sides must have lines. Neither the first two nor the last two lines may be
/// equal.
pub(super) fn split(part: Stretch, old: &[u32], new: &[u32], frontiers: &mut Frontiers) -> Split {
    let number = |place: usize| i32::try_from(place).unwrap_or(i32::MAX);
    let area = Area {
        old: old.get(..part.old.end).unwrap_or_default(),
        new: new.get(..part.new.end).unwrap_or_default(),
        left: number(part.old.start),
        right: number(part.old.end),
        top: number(part.new.start),
        bottom: number(part.new.end),
    };
    let Frontiers { forward, backward, limit } = frontiers;
    let (first, last) = (area.left - area.top, area.right - area.bottom);
    forward.set(first, area.left);
    backward.set(last, area.right);
    let mut ahead = Span { low: first, high: first };
    let mut behind = Span { low: last, high: last };
    // The lengths of all paths are odd, or all are even. So only one of the searches can find the
    // other.
    let is_odd = (first - last) & 1 != 0;
    let mut cost = 0;
    loop {
        cost += 1;
        let mut has_long_run = false;
        ahead.widen(&area, forward, -1);
        let mut above = forward.get(ahead.high + 1);
        for diagonal in ahead.diagonals() {
            let below = forward.get(diagonal - 1);
            let start = if below >= above { below + 1 } else { above };
            above = below;
            let column = area.end_of_run(start, diagonal);
            has_long_run |= column - start > LONG_RUN;
            forward.set(diagonal, column);
            if is_odd && behind.contains(diagonal) && backward.get(diagonal) <= column {
                return area.exact(column, diagonal);
            }
        }
        behind.widen(&area, backward, UNREACHED);
        let mut above = backward.get(behind.high + 1);
        for diagonal in behind.diagonals() {
            let below = backward.get(diagonal - 1);
            let start = if below < above { below } else { above - 1 };
            above = below;
            let column = area.start_of_run(start, diagonal);
            has_long_run |= start - column > LONG_RUN;
            backward.set(diagonal, column);
            if !is_odd && ahead.contains(diagonal) && column <= forward.get(diagonal) {
                return area.exact(column, diagonal);
            }
        }
        if part.is_exact {
            continue;
        }
        if has_long_run && cost > PATIENCE {
            let found =
                area.good_ahead(ahead, forward, cost).or_else(|| area.good_behind(behind, backward, cost));
            if let Some(found) = found {
                return found;
            }
        }
        if cost >= *limit {
            return area.furthest(ahead, forward, behind, backward);
        }
    }
}

impl Area<'_> {
    /// Returns how far the lines are equal along a diagonal, starting at a column.
    #[inline]
    fn end_of_run(&self, mut column: i32, diagonal: i32) -> i32 {
        let mut row = column - diagonal;
        // A negative number becomes an index behind the end.
        while let (Some(old), Some(new)) = (self.old.get(column as usize), self.new.get(row as usize))
            && old == new
        {
            column += 1;
            row += 1;
        }
        column
    }

    /// Returns where the run of equal lines starts along a diagonal that ends at a column.
    #[inline]
    fn start_of_run(&self, mut column: i32, diagonal: i32) -> i32 {
        let mut row = column - diagonal;
        while column > self.left
            && row > self.top
            && let (Some(old), Some(new)) =
                (self.old.get(column as usize - 1), self.new.get(row as usize - 1))
            && old == new
        {
            column -= 1;
            row -= 1;
        }
        column
    }

    fn exact(&self, column: i32, diagonal: i32) -> Split {
        self.at(column, column - diagonal, true, true)
    }

    fn at(&self, column: i32, row: i32, is_exact_before: bool, is_exact_after: bool) -> Split {
        let place = |number: i32| usize::try_from(number).unwrap_or_default();
        Split { old: place(column), new: place(row), is_exact_before, is_exact_after }
    }

    /// Returns the best point of the forward search that has made good progress and is at the end
    /// of a long run.
    fn good_ahead(&self, span: Span, reached: &Diagonals, cost: i32) -> Option<Split> {
        let mut best = (0, None);
        for diagonal in span.diagonals() {
            let column = reached.get(diagonal);
            let row = column - diagonal;
            let aside = (diagonal - (self.left - self.top)).abs();
            let progress = (column - self.left) + (row - self.top) - aside;
            let is_inside = self.left + LONG_RUN <= column
                && column < self.right
                && self.top + LONG_RUN <= row
                && row < self.bottom;
            if progress > PROGRESS * cost
                && progress > best.0
                && is_inside
                && slice(self.old, column - LONG_RUN, column) == slice(self.new, row - LONG_RUN, row)
            {
                best = (progress, Some(self.at(column, row, true, false)));
            }
        }
        best.1
    }

    /// Returns the same for the backward search, at the start of a long run.
    fn good_behind(&self, span: Span, reached: &Diagonals, cost: i32) -> Option<Split> {
        let mut best = (0, None);
        for diagonal in span.diagonals() {
            let column = reached.get(diagonal);
            let row = column - diagonal;
            let aside = (diagonal - (self.right - self.bottom)).abs();
            let progress = (self.right - column) + (self.bottom - row) - aside;
            let is_inside = self.left < column
                && column <= self.right - LONG_RUN
                && self.top < row
                && row <= self.bottom - LONG_RUN;
            if progress > PROGRESS * cost
                && progress > best.0
                && is_inside
                && slice(self.old, column, column + LONG_RUN) == slice(self.new, row, row + LONG_RUN)
            {
                best = (progress, Some(self.at(column, row, false, true)));
            }
        }
        best.1
    }

    /// Returns the point of both searches that came furthest.
    fn furthest(&self, ahead: Span, forward: &Diagonals, behind: Span, backward: &Diagonals) -> Split {
        let mut from_start = (-1, -1);
        for diagonal in ahead.diagonals() {
            let column = forward.get(diagonal).min(self.right).min(self.bottom + diagonal);
            let sum = 2 * column - diagonal;
            if from_start.0 < sum {
                from_start = (sum, column);
            }
        }
        let mut from_end = (UNREACHED, UNREACHED);
        for diagonal in behind.diagonals() {
            let column = backward.get(diagonal).max(self.left).max(self.top + diagonal);
            let sum = 2 * column - diagonal;
            if sum < from_end.0 {
                from_end = (sum, column);
            }
        }
        if self.right + self.bottom - from_end.0 < from_start.0 - (self.left + self.top) {
            self.at(from_start.1, from_start.0 - from_start.1, true, false)
        } else {
            self.at(from_end.1, from_end.0 - from_end.1, false, true)
        }
    }
}

/// Returns the lines from one place to another. Returns none if the range is invalid.
#[inline]
fn slice(lines: &[u32], start: i32, end: i32) -> &[u32] {
    match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) => lines.get(start..end).unwrap_or_default(),
        _ => &[],
    }
}
