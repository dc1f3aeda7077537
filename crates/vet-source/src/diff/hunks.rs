//! Groups changed lines into hunks, with a few lines around them.

use std::ops::Range;

use super::Lines;
use super::edits::Edit;
use crate::lines::lines;

/// The number of lines shown around a change.
const CONTEXT: usize = 3;

/// Changes that are near each other, with the lines around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk<'a> {
    /// The lines of the old file, counted from 1. If there are none, the range starts at the line
    /// before.
    pub old: Range<u64>,
    /// The lines of the new file, in the same form.
    pub new: Range<u64>,
    /// The last line before the hunk that looks like the start of a section, such as a function.
    pub section: Option<&'a [u8]>,
    /// The lines.
    pub lines: Vec<Line<'a>>,
}

/// A line of a hunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line in both files, as in the old and in the new file. Its ends may differ.
    Same(Text<'a>, Text<'a>),
    /// A removed line.
    Removed(Text<'a>),
    /// An added line.
    Added(Text<'a>),
}

/// A line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// The line number, counted from 1.
    pub number: u64,
    /// The content without the line feed. It may end in a carriage return.
    pub bytes: &'a [u8],
    /// Whether the line ends in a line feed. Only the last line of a file may lack it.
    pub has_end: bool,
}

impl<'a> Text<'a> {
    fn new(index: usize, line: &'a [u8]) -> Self {
        let content = line.strip_suffix(b"\n");
        Text { number: index as u64 + 1, bytes: content.unwrap_or(line), has_end: content.is_some() }
    }
}

impl<'a> Lines<'a> {
    /// Returns all changes, in order.
    pub fn hunks(&self) -> Vec<Hunk<'a>> {
        let old: Vec<&[u8]> = lines(self.old).collect();
        let new: Vec<&[u8]> = lines(self.new).collect();
        let mut hunks = Vec::new();
        let mut rest = self.edits.as_slice();
        while let Some(first) = rest.first() {
            let is_near = |pair: &[Edit]| match pair {
                [one, next] => next.old.start - one.old.end <= 2 * CONTEXT,
                _ => false,
            };
            let length = 1 + rest.windows(2).take_while(|pair| is_near(pair)).count();
            let (near, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            rest = after;
            let end = near.last().map_or(first.old.end, |last| last.old.end);
            let context = first.old.start.min(CONTEXT)..(old.len() - end.min(old.len())).min(CONTEXT);
            hunks.push(hunk(near, context, &old, &new));
        }
        hunks
    }
}

/// Creates the hunk of some edits, with `context.start` lines before and `context.end` lines after
/// them.
fn hunk<'a>(edits: &[Edit], context: Range<usize>, old: &[&'a [u8]], new: &[&'a [u8]]) -> Hunk<'a> {
    let text = |lines: &[&'a [u8]], index: usize| Some(Text::new(index, lines.get(index)?));
    let (before, after) = (context.start, context.end);
    let start = edits.first().map_or((0, 0), |edit| (edit.old.start - before, edit.new.start - before));
    let (mut old_at, mut new_at) = start;
    let mut shown = Vec::new();
    let same = |old_at: &mut usize, new_at: &mut usize, until: usize, shown: &mut Vec<Line<'a>>| {
        while *old_at < until {
            let both = text(old, *old_at).zip(text(new, *new_at));
            shown.extend(both.map(|(old, new)| Line::Same(old, new)));
            *old_at += 1;
            *new_at += 1;
        }
    };
    for edit in edits {
        same(&mut old_at, &mut new_at, edit.old.start, &mut shown);
        shown.extend(edit.old.clone().filter_map(|index| text(old, index)).map(Line::Removed));
        shown.extend(edit.new.clone().filter_map(|index| text(new, index)).map(Line::Added));
        (old_at, new_at) = (edit.old.end, edit.new.end);
    }
    let until = old_at + after;
    same(&mut old_at, &mut new_at, until, &mut shown);
    Hunk {
        old: range(start.0..old_at),
        new: range(start.1..new_at),
        section: section(old, start.0),
        lines: shown,
    }
}

/// Converts a range to line numbers, counted from 1. An empty range starts at the line before.
fn range(lines: Range<usize>) -> Range<u64> {
    let first = if lines.is_empty() { lines.start } else { lines.start + 1 } as u64;
    first..first + lines.len() as u64
}

/// Returns the last line before a place that begins with a letter.
fn section<'a>(lines: &[&'a [u8]], before: usize) -> Option<&'a [u8]> {
    /// The maximum distance of the search, in lines.
    const FARTHEST: usize = 2000;
    let is_beginning =
        |line: &[u8]| line.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    let above = lines.get(before.saturating_sub(FARTHEST)..before)?;
    let line = above.iter().rev().find(|line| is_beginning(line))?;
    Some(line.trim_ascii_end())
}
