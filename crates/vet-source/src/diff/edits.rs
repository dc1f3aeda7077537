//! Changed lines as stretches, each at the place where it reads best.
//!
//! If lines are added after others that are the same, it cannot be told which of them are the new ones. The
//! search has taken some; people expect whole blocks: a function from its first line on, not from the brace
//! that ended the one before. So of the places where a stretch could be, that one is taken at whose ends the
//! code is indented least, with empty lines before rather than in it; and the last of several such places.

use std::ops::Range;

use crate::lines::{Numbered, lines};
use crate::script::Script;

/// Lines that are replaced by others. Not both are empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// The lines that are gone, counted from zero.
    pub(super) old: Range<usize>,
    /// The lines that are new.
    pub(super) new: Range<usize>,
}

/// The farthest that a stretch is moved.
const FARTHEST: usize = 100;

/// The changes of a script, in order.
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

/// Stretches that touch after they were moved are one.
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
        // What is not changed is in both files. The shorter of both runs is therefore followed by a change,
        // or the end.
        let same = run(&script.removed, old, false).min(run(&script.added, new, false)).max(1);
        old += same;
        new += same;
    }
    edits
}

/// One file around a stretch, with no other change between `from` and `to`.
struct Movable<'a> {
    lines: &'a [u32],
    indents: &'a [Option<usize>],
    from: usize,
    to: usize,
}

impl Movable<'_> {
    /// Moves a stretch to the best place, and the place in the other file along.
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

    /// How bad it is to begin or end a stretch before a line.
    fn cost(&self, line: usize) -> usize {
        let indent =
            self.indents.get(line..).unwrap_or_default().iter().take(FARTHEST).find_map(|indent| *indent);
        let is_after_blank = line.checked_sub(1).is_none_or(|line| self.indents.get(line) == Some(&None));
        let is_blank = self.indents.get(line) == Some(&None);
        4 * indent.unwrap_or_default() + 2 * usize::from(is_blank) + usize::from(!is_after_blank)
    }
}

/// How far a line is indented; nothing if it is blank.
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
