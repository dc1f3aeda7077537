//! Finds out which added file is a removed file under another name.
//!
//! This follows git with its default settings. Each of three rounds handles what the previous round
//! left over:
//!
//! 1. files with the same content; if there are several, those with the same name
//! 2. files whose name is unique on each side, if at least three quarters of the content is the
//!    same
//! 3. all other files, the most similar first, if at least half of the content is the same; skipped
//!    if there are too many to compare
//!
//! A file that is still at its path is never the origin of another file.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use super::similarity::{Chunks, HALF, SAME, Score, THREE_QUARTERS, percentage, score};
use super::{Pair, Side};

/// The limit on pairs. Above it, files are not compared.
const MOST_PAIRS: usize = 1000 * 1000;
/// The number of origins to remember for each added file.
const CANDIDATES: usize = 4;
/// The limit on files with the same content among which the best one is searched.
const MOST_ALIKE: usize = 102;

/// Adds the files of both lists. The lists must be in the order of [`super::in_folders`].
pub(super) fn pair<'a>(gone: Vec<Side<'a>>, new: Vec<Side<'a>>, pairs: &mut Vec<Pair<'a>>) {
    let mut matching = Matching {
        origins: vec![None; new.len()],
        is_used: vec![false; gone.len()],
        chunks: ChunksOfFiles::default(),
        gone: &gone,
        new: &new,
    };
    if !gone.is_empty() && !new.is_empty() {
        matching.same_content();
        matching.same_name();
        matching.most_similar();
    }
    let Matching { origins, is_used, .. } = matching;
    let removed = gone.iter().zip(is_used).filter(|(_, is_used)| !is_used);
    pairs.extend(removed.map(|(old, _)| Pair { old: Some(*old), new: None, similarity: None }));
    pairs.extend(new.iter().zip(origins).map(|(new, origin)| {
        let old = origin.and_then(|(index, _)| gone.get(index)).copied();
        Pair { old, new: Some(*new), similarity: origin.map(|(_, score)| percentage(score)) }
    }));
}

struct Matching<'a, 'b> {
    gone: &'b [Side<'a>],
    new: &'b [Side<'a>],
    /// For each added file, its origin.
    origins: Vec<Option<(usize, Score)>>,
    /// For each removed file, whether it has been paired.
    is_used: Vec<bool>,
    chunks: ChunksOfFiles,
}

/// The chunks of files, by index. They are computed when needed.
#[derive(Default)]
struct ChunksOfFiles {
    gone: HashMap<usize, Chunks>,
    new: HashMap<usize, Chunks>,
}

impl<'a> Matching<'a, '_> {
    fn settle(&mut self, old: usize, new: usize, score: Score) {
        if let (Some(is_used), Some(origin)) = (self.is_used.get_mut(old), self.origins.get_mut(new)) {
            *is_used = true;
            *origin = Some((old, score));
        }
    }

    fn open_old(&self) -> impl Iterator<Item = (usize, Side<'a>)> {
        let sides = self.gone.iter().zip(&self.is_used).enumerate();
        sides.filter(|(_, (_, is_used))| !**is_used).map(|(index, (side, _))| (index, *side))
    }

    fn open_new(&self) -> impl Iterator<Item = (usize, Side<'a>)> {
        let sides = self.new.iter().zip(&self.origins).enumerate();
        sides.filter(|(_, (_, origin))| origin.is_none()).map(|(index, (side, _))| (index, *side))
    }

    fn same_content(&mut self) {
        let mut by_content: HashMap<&[u8], VecDeque<usize>> = HashMap::new();
        for (index, side) in self.open_old() {
            by_content.entry(&side.file.bytes).or_default().push_back(index);
        }
        let new = self.new;
        for (index, side) in new.iter().enumerate() {
            let Some(alike) = by_content.get_mut(&*side.file.bytes) else { continue };
            let has_same_name =
                |old: &usize| self.gone.get(*old).is_some_and(|old| name(old.path) == name(side.path));
            let place = alike.iter().take(MOST_ALIKE).position(has_same_name).unwrap_or_default();
            if let Some(old) = alike.remove(place) {
                self.settle(old, index, SAME);
            }
        }
    }

    fn same_name(&mut self) {
        let old_names = only_ones(self.open_old());
        let new_names = only_ones(self.open_new());
        let mut both: Vec<(usize, usize)> =
            old_names.into_iter().filter_map(|(name, old)| Some((old?, (*new_names.get(name)?)?))).collect();
        both.sort_unstable();
        for (old, new) in both {
            let score = self.score(old, new, THREE_QUARTERS);
            if score >= THREE_QUARTERS {
                self.settle(old, new, score);
            }
        }
    }

    fn most_similar(&mut self) {
        let old: Vec<usize> = self.open_old().map(|(index, _)| index).collect();
        let new: Vec<usize> = self.open_new().map(|(index, _)| index).collect();
        if old.len().saturating_mul(new.len()) > MOST_PAIRS {
            return;
        }
        let mut candidates = Vec::new();
        for new in new {
            let mut best: Vec<Candidate> = Vec::with_capacity(CANDIDATES + 1);
            for old in old.iter().copied() {
                let score = self.score(old, new, HALF);
                let has_same_name = match (self.gone.get(old), self.new.get(new)) {
                    (Some(old), Some(new)) => name(old.path) == name(new.path),
                    _ => false,
                };
                remember(&mut best, Candidate { rank: (score, has_same_name), old, new });
            }
            candidates.append(&mut best);
            self.chunks.new.remove(&new);
        }
        candidates.sort_by_key(|candidate| Reverse(candidate.rank));
        for Candidate { rank: (score, _), old, new } in candidates {
            if score < HALF {
                break;
            }
            let is_open = self.is_used.get(old) == Some(&false) && self.origins.get(new) == Some(&None);
            if is_open {
                self.settle(old, new, score);
            }
        }
    }

    /// Returns how similar two files are, or 0 if their sizes rule out `least`.
    fn score(&mut self, old: usize, new: usize, least: Score) -> Score {
        let (Some(one), Some(other)) = (self.gone.get(old), self.new.get(new)) else { return 0 };
        let (one, other) = (&one.file.bytes, &other.file.bytes);
        score(one, other, least, || {
            let old = &*self.chunks.gone.entry(old).or_insert_with(|| Chunks::of(one));
            let new = &*self.chunks.new.entry(new).or_insert_with(|| Chunks::of(other));
            old.in_common(new)
        })
    }
}

/// A possible origin of an added file.
#[derive(Clone, Copy)]
struct Candidate {
    /// The similarity, then whether the name is the same.
    rank: (Score, bool),
    old: usize,
    new: usize,
}

/// Keeps the best few candidates. As in git, candidates that are not similar enough also take a
/// place. This affects the order of equally good ones.
fn remember(best: &mut Vec<Candidate>, candidate: Candidate) {
    if best.len() < CANDIDATES {
        best.push(candidate);
        return;
    }
    // The first of several worst candidates is replaced.
    let worst = best.iter_mut().reduce(|worst, next| if next.rank < worst.rank { next } else { worst });
    if let Some(worst) = worst.filter(|worst| worst.rank < candidate.rank) {
        *worst = candidate;
    }
}

/// Returns the last part of a path.
fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Returns the files by name. A name of several files has the value `None`.
fn only_ones<'a>(sides: impl Iterator<Item = (usize, Side<'a>)>) -> HashMap<&'a str, Option<usize>> {
    let mut names = HashMap::new();
    for (index, side) in sides {
        match names.entry(name(side.path)) {
            Entry::Vacant(entry) => {
                entry.insert(Some(index));
            }
            Entry::Occupied(mut entry) => {
                entry.insert(None);
            }
        }
    }
    names
}
