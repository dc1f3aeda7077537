//! Measured differences between versions, for all projects and runs.
//!
//! The sources of a version never change, so a measurement stays valid as long as the algorithm is
//! the same.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use vet_source::Size;

use crate::cache::Cache;
use crate::cache::kinds::SIZES;
use crate::cache::table::{Rows, Table};

/// What was measured: the step from one source tree to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The start of the step.
    pub from: SourceTree,
    /// The end of the step.
    pub to: SourceTree,
    /// The version of the algorithm. Other versions have other results.
    pub algorithm: u32,
}

/// An unambiguous identifier of a source tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceTree {
    /// The empty tree, from which a full audit starts.
    Nothing,
    /// A published archive, by its checksum.
    Archive(String),
    /// A package in a git repository.
    Git {
        /// The revision.
        revision: String,
        /// The name of the package.
        package: String,
    },
}

/// The result of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All lines were counted.
    Exact(Size),
    /// Counting stopped when it was clear that there are at least this many lines.
    AtLeast(u64),
}

/// The measurements, as they were when they were opened.
#[derive(Debug)]
pub struct Sizes {
    table: Table<Key, Stored>,
    rows: Rows<Key>,
    /// The keys that were requested.
    used: Mutex<HashSet<Key>>,
}

impl Sizes {
    /// Opens the measurements in the cache.
    pub fn open(cache: &Cache) -> Self {
        Self::of(cache.table(&SIZES))
    }

    fn of(table: Table<Key, Stored>) -> Self {
        let rows = table.open();
        Sizes { table, rows, used: Mutex::default() }
    }

    /// An earlier measurement.
    pub fn get(&self, key: &Key) -> Option<Kept> {
        let stored = self.table.value(&self.rows, key)?;
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        Some(stored.into())
    }

    /// Stores measurements for processes that open the cache later.
    pub fn keep(&self, found: &[(Key, Kept)]) {
        let new = found.iter().filter(|(key, kept)| self.get(key) != Some(*kept));
        let new: Vec<(Key, Stored)> = new.map(|(key, kept)| (key.clone(), (*kept).into())).collect();
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        self.table.add_beside(&new, &|key| used.contains(key));
    }
}

/// A measurement in the cache.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Stored {
    /// The insertions, deletions, changed files and lines that are built.
    Exact(u64, u64, u64, u64),
    AtLeast(u64),
}

impl From<Kept> for Stored {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Exact(Size { insertions, deletions, files_changed, built }) => {
                Stored::Exact(insertions, deletions, files_changed, built)
            }
            Kept::AtLeast(lines) => Stored::AtLeast(lines),
        }
    }
}

impl From<Stored> for Kept {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Exact(insertions, deletions, files_changed, built) => {
                Kept::Exact(Size { insertions, deletions, files_changed, built })
            }
            Stored::AtLeast(lines) => Kept::AtLeast(lines),
        }
    }
}

#[cfg(test)]
mod tests;
