//! A lower bound for the number of lines to read, without comparing lines.
//!
//! To choose among many pairs of versions, most pairs need not be measured: it is enough to know
//! that they are no better than a measured one. So the bound must be fast to compute, and must
//! never exceed the size.
//!
//! - A text at the same path costs at least the difference of the line counts. If the counts are
//!   equal but the texts differ, it costs at least two lines.
//! - A removed text can be an added text under another name. Then the two cost at least the
//!   difference of their line counts. The cheapest pairing matches the longest with the longest,
//!   and so on. A text without a partner costs all its lines.
//! - Two kinds of files can pair with a text at no cost: binary files, and files that do not count.
//!   If one side has such files of about the size of a text on the other side, the code compares
//!   only the sums of lines, without the longest texts that these files can pair with.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::changes::{could_be_renamed, sides};
use crate::lines::{count, is_binary, key, lines};
use crate::size::Comparison;
use crate::tree::{File, Tree};

/// The data of a tree that is needed to compare it with many others: a few bytes for each file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    files: BTreeMap<String, FileOutline>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileOutline {
    bytes: usize,
    /// The number of lines and a hash of all lines, or `None` for a binary file.
    text: Option<(u64, u64)>,
}

impl Outline {
    /// Computes the outline of a tree.
    pub fn of(tree: &Tree) -> Self {
        Outline { files: tree.files().map(|(path, file)| (path.to_owned(), FileOutline::of(file))).collect() }
    }

    /// Returns a lower bound for the lines of [`size`](crate::size()), given the outlines of two
    /// trees.
    pub fn at_least(from: &Self, to: &Self, kind: Comparison) -> u64 {
        let mut lines = 0;
        let (mut gone, mut new) = (Side::default(), Side::default());
        for (path, old) in &from.files {
            match to.files.get(path) {
                Some(new) if kind.counts(path) => lines += old.at_least(new),
                Some(_) => {}
                None => gone.add(old, kind.counts(path)),
            }
        }
        for (path, file) in to.files.iter().filter(|(path, _)| !from.files.contains_key(*path)) {
            new.add(file, kind.counts(path));
        }
        lines + paired_off(gone, new)
    }
}

/// Returns a lower bound for the lines of [`size`](crate::size()).
///
/// To compare all pairs of several versions, compute an [`Outline`] of each version.
pub fn at_least(from: &Tree, to: &Tree, kind: Comparison) -> u64 {
    let (mut old_outline, mut new_outline) = (Outline::default(), Outline::default());
    for (old, new) in sides(from, to) {
        if old.map(|side| &side.file.bytes) != new.map(|side| &side.file.bytes) {
            let outline = |side: crate::changes::Side<'_>| (side.path.to_owned(), FileOutline::of(side.file));
            old_outline.files.extend(old.map(outline));
            new_outline.files.extend(new.map(outline));
        }
    }
    Outline::at_least(&old_outline, &new_outline, kind)
}

impl FileOutline {
    fn of(file: &File) -> Self {
        let bytes = &*file.bytes;
        let text = (!is_binary(bytes)).then(|| {
            // If two texts have the same hash, the bound is lower than possible, but still correct.
            let mut hasher = DefaultHasher::new();
            lines(bytes).map(key).for_each(|line| line.hash(&mut hasher));
            (count(bytes), hasher.finish())
        });
        FileOutline { bytes: bytes.len(), text }
    }

    fn at_least(&self, new: &FileOutline) -> u64 {
        match (self.text, new.text) {
            (Some((old_lines, old)), Some((new_lines, new))) if old_lines == new_lines => {
                if old == new {
                    0
                } else {
                    2
                }
            }
            (Some((old_lines, _)), Some((new_lines, _))) => old_lines.abs_diff(new_lines),
            _ => 0,
        }
    }
}

/// The files that are in only one of two trees.
#[derive(Default)]
struct Side {
    /// The lines and bytes of texts that count.
    texts: Vec<(u64, usize)>,
    /// The bytes of files that a text can be paired with at no cost.
    free: Vec<usize>,
}

impl Side {
    fn add(&mut self, file: &FileOutline, counts: bool) {
        match file.text {
            Some((lines, _)) if counts => self.texts.push((lines, file.bytes)),
            _ => self.free.push(file.bytes),
        }
    }

    /// Returns how many lines the other side could take away at no cost.
    fn lost_to(&self, other: &Side) -> u64 {
        const MOST: usize = 1_000_000;
        if self.texts.len().saturating_mul(other.free.len()) > MOST {
            return self.lines();
        }
        let fits = |bytes: usize, free: usize| could_be_renamed(bytes, free);
        let takers =
            other.free.iter().filter(|free| self.texts.iter().any(|(_, bytes)| fits(*bytes, **free)));
        let at_risk =
            self.texts.iter().filter(|(_, bytes)| other.free.iter().any(|free| fits(*bytes, *free)));
        at_risk.map(|(lines, _)| lines).take(takers.count()).sum()
    }

    fn lines(&self) -> u64 {
        self.texts.iter().map(|(lines, _)| lines).sum()
    }
}

/// Returns the least number of lines of all ways to pair texts.
fn paired_off(mut gone: Side, mut new: Side) -> u64 {
    let longest_first = |side: &mut Side| side.texts.sort_unstable_by(|one, other| other.cmp(one));
    longest_first(&mut gone);
    longest_first(&mut new);
    let (lost_of_gone, lost_of_new) = (gone.lost_to(&new), new.lost_to(&gone));
    if lost_of_gone == 0 && lost_of_new == 0 {
        let longer = gone.texts.len().max(new.texts.len());
        let lines = |side: &Side, index: usize| side.texts.get(index).map_or(0, |(lines, _)| *lines);
        return (0..longer).map(|index| lines(&gone, index).abs_diff(lines(&new, index))).sum();
    }
    let too_many_gone = (gone.lines() - lost_of_gone).saturating_sub(new.lines());
    let too_many_new = (new.lines() - lost_of_new).saturating_sub(gone.lines());
    too_many_gone.max(too_many_new)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::size::size;

    /// Small trees with many similar files, so that some count as renamed.
    fn tree() -> impl Strategy<Value = Tree> {
        let paths = ["a", "b", "x/a", "x/b", "y/a", "Cargo.lock", "Cargo.toml", "y/Cargo.lock", "z"];
        let content = (0..3_usize, 0..12_usize, 0..3_u8, prop::bool::weighted(0.15), any::<bool>()).prop_map(
            |(first, lines, end, is_binary, is_executable)| {
                let mut bytes: Vec<u8> =
                    (first..first + lines).flat_map(|line| format!("line {line}\n").into_bytes()).collect();
                match end {
                    0 => drop(bytes.pop()),
                    1 => bytes = String::from_utf8_lossy(&bytes).replace('\n', "\r\n").into_bytes(),
                    _ => {}
                }
                if is_binary {
                    bytes.push(0);
                }
                File { bytes: bytes.into(), is_executable }
            },
        );
        prop::collection::vec((prop::sample::select(paths.to_vec()), content), 0..7)
            .prop_map(|files| Tree::new(files.into_iter().map(|(path, file)| (path.to_owned(), file))))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn never_more_than_the_size(from in tree(), to in tree(), is_git in any::<bool>()) {
            let kind = if is_git { Comparison::Git } else { Comparison::Published };
            let bound = at_least(&from, &to, kind);
            prop_assert!(bound <= size(&from, &to, kind).lines());
            prop_assert_eq!(bound, Outline::at_least(&Outline::of(&from), &Outline::of(&to), kind));
        }

        #[test]
        fn exact_from_nothing(to in tree()) {
            let from = Tree::default();
            prop_assert_eq!(at_least(&from, &to, Comparison::Published), size(&from, &to, Comparison::Published).lines());
        }
    }

    #[test]
    fn bounds() {
        let text = |lines: usize| "line\n".repeat(lines);
        let binary = |size: usize| format!("{}\0", "x".repeat(size));
        // The old files, the new files, and the bound.
        type Files = Vec<(&'static str, String)>;
        let cases: Vec<(Files, Files, u64)> = vec![
            (vec![("a", text(3))], vec![("a", text(3))], 0),
            (vec![("a", text(3))], vec![("a", text(5))], 2),
            (vec![("a", "x\n".to_owned())], vec![("a", "y\n".to_owned())], 2),
            (vec![("a", "x\r\n".to_owned())], vec![("a", "x".to_owned())], 0),
            (vec![("a", text(3))], vec![("a", binary(15))], 0),
            (vec![("a", text(3))], vec![("b", text(5))], 2),
            (vec![("a", text(3)), ("b", text(9))], vec![("c", text(10)), ("d", text(1))], 3),
            (vec![("a", text(3))], vec![], 3),
            (vec![("a", text(3)), ("b", text(30))], vec![("c", binary(15)), ("d", text(1))], 29),
            (vec![("a", text(3)), ("b", text(30))], vec![("c", binary(150)), ("d", text(1))], 2),
            (vec![("Cargo.lock", text(3))], vec![("Cargo.lock", text(5))], 0),
            (vec![("Cargo.lock", text(3)), ("a", text(4))], vec![("b", text(5))], 0),
        ];
        for (old, new, bound) in cases {
            let tree = |files: &Files| {
                let file = |text: &str| File { bytes: text.as_bytes().to_vec().into(), is_executable: false };
                Tree::new(files.iter().map(|(path, text)| ((*path).to_owned(), file(text))))
            };
            assert_eq!(at_least(&tree(&old), &tree(&new), Comparison::Published), bound, "{old:?} {new:?}");
        }
    }
}
