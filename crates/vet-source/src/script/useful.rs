//! Selects the lines that are worth comparing.
//!
//! A line that the other file does not have is certainly removed or added. A line that is very
//! frequent in the other file, such as a brace or an empty line, is no better guide if it stands
//! among such lines: a match would split blocks that belong together, and cost time. So it counts
//! as changed, too.
//!
//! The numbers here are the same as in git. Other numbers would give other counts.

use super::{equal_end, equal_start, rough_root};
use crate::lines::{Numbered, Occurrences};

/// How many lines around a frequent line are considered.
const WINDOW: usize = 100;
/// A frequent line is left out if less than one in this many lines around it is frequent, too. The
/// others have no match.
const SHARE: usize = 4;
/// A line that occurs this often is frequent, however long the files are.
const OFTEN: usize = 1024;

/// The lines to compare, and what is known about the others.
pub(super) struct Useful {
    pub(super) old: Lines,
    pub(super) new: Lines,
    pub(super) removed: Vec<bool>,
    pub(super) added: Vec<bool>,
}

/// Some of the lines of a file.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) numbers: Vec<u32>,
    /// The place of each line in the file.
    pub(super) places: Vec<u32>,
}

/// How a line matches the other file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    None,
    Some,
    Many,
}

/// Leaves out the lines that are equal at both ends, and the lines that are not worth comparing.
pub(super) fn useful(lines: &Numbered) -> Useful {
    let start = equal_start(&lines.old, &lines.new);
    let rest = |all: &[u32]| all.get(start..).map(<[u32]>::len).unwrap_or_default();
    let end =
        equal_end(lines.old.get(start..).unwrap_or_default(), lines.new.get(start..).unwrap_or_default());
    let middle = |all: &[u32]| start..start + (rest(all) - end);
    let (old, removed) = of_one(&lines.old, middle(&lines.old), |number| lines.occurrences(number).in_new());
    let (new, added) = of_one(&lines.new, middle(&lines.new), |number| lines.occurrences(number).in_old());
    Useful { old, new, removed, added }
}

fn of_one(
    all: &[u32],
    middle: std::ops::Range<usize>,
    in_other: impl Fn(u32) -> usize,
) -> (Lines, Vec<bool>) {
    let often = rough_root(all.len()).min(OFTEN);
    let matches: Vec<Match> = all
        .get(middle.clone())
        .unwrap_or_default()
        .iter()
        .map(|number| match in_other(*number) {
            0 => Match::None,
            count if count >= often => Match::Many,
            _ => Match::Some,
        })
        .collect();
    let mut changes = vec![false; all.len()];
    let mut useful = Lines::default();
    for (index, found) in matches.iter().enumerate() {
        let place = middle.start + index;
        let is_useful = match found {
            Match::None => false,
            Match::Some => true,
            Match::Many => !stands_among_others(&matches, index),
        };
        match (is_useful, all.get(place), changes.get_mut(place)) {
            (true, Some(number), _) => {
                useful.numbers.push(*number);
                useful.places.push(u32::try_from(place).unwrap_or(u32::MAX));
            }
            (_, _, Some(change)) => *change = true,
            _ => {}
        }
    }
    (useful, changes)
}

/// Whether most lines around a frequent line have no match, up to the next line with few matches.
fn stands_among_others(matches: &[Match], index: usize) -> bool {
    let before = matches.get(index.saturating_sub(WINDOW)..index).unwrap_or_default();
    let after = matches.get(index + 1..matches.len().min(index + 1 + WINDOW)).unwrap_or_default();
    let (none_before, many_before) = run(before.iter().rev());
    let (none_after, many_after) = run(after.iter());
    if none_before == 0 || none_after == 0 {
        return false;
    }
    let none = none_before + none_after;
    // Both sides count the line itself.
    let many = many_before + many_after + 2;
    many * SHARE < many + none
}

/// Returns how many lines without a match, and with many matches, come before the next line with
/// few matches.
fn run<'a>(matches: impl Iterator<Item = &'a Match>) -> (usize, usize) {
    let (mut none, mut many) = (0, 0);
    for found in matches.take_while(|found| **found != Match::Some) {
        match found {
            Match::None => none += 1,
            _ => many += 1,
        }
    }
    (none, many)
}

impl Occurrences {
    fn in_old(self) -> usize {
        self.old as usize
    }

    fn in_new(self) -> usize {
        self.new as usize
    }
}
