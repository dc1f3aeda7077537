//! Groups changed lines into stretches, and moves each stretch to the place where it reads best.
//!
//! If lines are added after equal lines, it is ambiguous which of them are new. The search has
//! picked some of them, but people expect whole blocks: a function from its first line on, and not
//! from the closing brace of the function before. So of the possible places, the code takes the one
//! where the lines at both ends of the stretch are indented least, with empty lines before the
//! stretch rather than in it. Of several such places, it takes the last.

use std::ops::Range;

use crate::lines::{Numbered, lines};
use crate::script::Script;

/// Lines that are replaced by other lines. At most one of the ranges is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// The removed lines, counted from 0.
    pub(super) old: Range<usize>,
    /// The added lines, counted from 0.
    pub(super) new: Range<usize>,
}

/// The maximum number of lines that a stretch is moved.
const FARTHEST: usize = 100;

/// Returns the changes of a script, in order.
pub(super) fn edits(script: &Script, numbered: &Numbered, old: &[u8], new: &[u8]) -> Vec<Edit> {
    let mut edits = stretches(script);
    if edits.is_empty() {
        return edits;
    }
    let indents = |bytes| lines(bytes).map(indent).collect::<Vec<_>>();
    let (old_indents, new_indents) = (indents(old), indents(new));
    for index in 0..edits.len() {
        let before = match index.checked_sub(1).and_then(|index| edits.get(index)) {
            Some(edit) => (edit.old.end, edit.new.end),
            None => (0, 0),
        };
        let after = match edits.get(index + 1) {
            Some(edit) => (edit.old.start, edit.new.start),
            None => (numbered.old.len(), numbered.new.len()),
        };
        let Some(edit) = edits.get_mut(index) else { continue };
        if edit.old.is_empty() {
            let side = Movable { lines: &numbered.new, indents: &new_indents, from: before.1, to: after.1 };
            side.settle(&mut edit.new, &mut edit.old);
        } else if edit.new.is_empty() {
            let side = Movable { lines: &numbered.old, indents: &old_indents, from: before.0, to: after.0 };
            side.settle(&mut edit.old, &mut edit.new);
        }
    }
    joined(edits)
}

/// Joins stretches that touch each other after they were moved.
fn joined(edits: Vec<Edit>) -> Vec<Edit> {
    let mut joined: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match joined.last_mut() {
            Some(last) if last.old.end == edit.old.start && last.new.end == edit.new.start => {
                last.old.end = edit.old.end;
                last.new.end = edit.new.end;
            }
            _ => joined.push(edit),
        }
    }
    joined
}

fn stretches(script: &Script) -> Vec<Edit> {
    let mut edits = Vec::new();
    let (mut old, mut new) = (0, 0);
    let run = |changes: &[bool], start: usize, is_change: bool| {
        let rest = changes.get(start..).unwrap_or_default();
        rest.iter().take_while(|change| **change == is_change).count()
    };
    while old < script.removed.len() || new < script.added.len() {
        let (removed, added) = (run(&script.removed, old, true), run(&script.added, new, true));
        if removed + added > 0 {
            edits.push(Edit { old: old..old + removed, new: new..new + added });
            old += removed;
            new += added;
            continue;
        }
        // Unchanged lines are in both files. So a change, or the end, follows the shorter of both
        // runs.
        let same = run(&script.removed, old, false).min(run(&script.added, new, false)).max(1);
        old += same;
        new += same;
    }
    edits
}

/// One file around a stretch. There is no other change between `from` and `to`.
struct Movable<'a> {
    lines: &'a [u32],
    indents: &'a [Option<usize>],
    from: usize,
    to: usize,
}

impl Movable<'_> {
    /// Moves a stretch to the best place, and the place in the other file with it.
    fn settle(&self, stretch: &mut Range<usize>, other: &mut Range<usize>) {
        let line = |at: usize| self.lines.get(at);
        let mut up = 0;
        while up < FARTHEST
            && stretch.start - up > self.from
            && line(stretch.start - up - 1) == line(stretch.end - up - 1)
        {
            up += 1;
        }
        let mut down = 0;
        while down < FARTHEST
            && stretch.end + down < self.to
            && line(stretch.start + down) == line(stretch.end + down)
        {
            down += 1;
        }
        let first = stretch.start - up;
        let length = stretch.len();
        let places = first..=stretch.start + down;
        let best =
            places.min_by_key(|start| (self.cost(*start) + self.cost(start + length), usize::MAX - start));
        let Some(start) = best else { return };
        let moved = |at: usize| (at + start).saturating_sub(stretch.start);
        *other = moved(other.start)..moved(other.end);
        *stretch = start..start + length;
    }

    /// Returns how bad it is to start or end a stretch before a line.
    fn cost(&self, line: usize) -> usize {
        let indent =
            self.indents.get(line..).unwrap_or_default().iter().take(FARTHEST).find_map(|indent| *indent);
        let is_after_blank = line.checked_sub(1).is_none_or(|line| self.indents.get(line) == Some(&None));
        let is_blank = self.indents.get(line) == Some(&None);
        4 * indent.unwrap_or_default() + 2 * usize::from(is_blank) + usize::from(!is_after_blank)
    }
}

/// Returns the indentation of a line, or `None` if the line is blank.
fn indent(line: &[u8]) -> Option<usize> {
    const TAB: usize = 8;
    let mut columns = 0;
    for byte in line {
        match byte {
            b' ' => columns += 1,
            b'\t' => columns += TAB,
            byte if byte.is_ascii_whitespace() => {}
            _ => return Some(columns),
        }
    }
    None
}
