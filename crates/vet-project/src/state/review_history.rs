//! What was read with `inspect` and `diff`. It is recorded per project, so that users do not
//! accidentally certify what they read in another one.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vet_store::{Date, Version};

use super::State;
use crate::regular_file::read_utf8;
use crate::sha256::sha256;

/// The file: one JSON object per line.
const FILE: &str = "review-history.jsonl";

/// The maximum number of records for all projects together.
const MOST: usize = 1000;

/// A subject that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The crate.
    pub package: String,
    /// The version that the changes start from, for a delta audit.
    pub from: Option<Version>,
    /// The version, or the version that the changes lead to.
    pub to: Version,
    /// The day on which it was last read.
    pub when: Date,
    /// Whether it was ever shown to a person at a terminal, and not only printed for a program.
    pub is_shown: bool,
}

impl Look {
    /// Whether this version was read, or the changes from a version to it.
    pub fn is_about(&self, package: &str, from: Option<&Version>, to: &Version) -> bool {
        self.package == package && self.from.as_ref() == from && self.to == *to
    }
}

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Record {
    /// The digest of the path of the store folder.
    store: String,
    when: String,
    package: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    to: String,
    #[serde(default)]
    shown: bool,
}

/// What was read in one project.
#[derive(Clone, Debug)]
pub struct ReviewHistory {
    state: State,
    store: String,
}

impl ReviewHistory {
    /// The history of the project with this store folder.
    pub fn of(state: &State, store_folder: &Path) -> Self {
        let store: PathBuf = store_folder.canonicalize().unwrap_or_else(|_| store_folder.to_owned());
        ReviewHistory { state: state.clone(), store: sha256(store.as_os_str().as_encoded_bytes()) }
    }

    /// All records, latest last, without duplicates.
    pub fn all(&self) -> Vec<Look> {
        self.text().lines().filter_map(|line| self.look(line)).collect()
    }

    /// Records that a subject was read. What was shown once stays shown. If another process does
    /// the same at the same moment, one of the records may be lost.
    pub fn remember(&self, look: &Look) {
        let text = self.text();
        let Look { package, from, to, when, is_shown } = look;
        let same = |line: &str| {
            let old = self.look(line)?;
            old.is_about(package, from.as_ref(), to).then_some(old)
        };
        let was_shown = text.lines().filter_map(same).any(|old| old.is_shown);
        let mut lines: Vec<&str> = text.lines().filter(|line| same(line).is_none()).collect();
        let record = Record {
            store: self.store.clone(),
            when: when.to_string(),
            package: package.clone(),
            from: from.as_ref().map(Version::to_string),
            to: to.to_string(),
            shown: *is_shown || was_shown,
        };
        let Ok(new) = serde_json::to_string(&record) else { return };
        lines.push(&new);
        let kept = lines.iter().skip(lines.len().saturating_sub(MOST));
        let _ = self.state.replace(FILE, &kept.map(|line| format!("{line}\n")).collect::<String>());
    }

    fn text(&self) -> String {
        read_utf8(&self.state.path(FILE)).unwrap_or_default()
    }

    /// The record in a line, if it is about this project.
    fn look(&self, line: &str) -> Option<Look> {
        let Record { store, when, package, from, to, shown } = serde_json::from_str(line).ok()?;
        (store == self.store).then_some(())?;
        let from = from.map(|from| from.parse()).transpose().ok()?;
        Some(Look { package, from, to: to.parse().ok()?, when: when.parse().ok()?, is_shown: shown })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REVISION: &str = "1.0.0@git:00112233445566778899aabbccddeeff00112233";

    /// A subject such as `2024-01-31 serde 1.0.0`; the version that changes start from comes at the
    /// end.
    fn look(text: &str) -> Look {
        let mut words = text.split(' ');
        Look {
            when: words.next().unwrap().parse().unwrap(),
            package: words.next().unwrap().to_owned(),
            to: words.next().unwrap().parse().unwrap(),
            from: words.next().map(|from| from.parse().unwrap()),
            is_shown: true,
        }
    }

    #[test]
    fn looks_are_remembered_by_project() {
        let folder = tempfile::tempdir().unwrap();
        let of = |store: &str| ReviewHistory::of(&State::new(folder.path().join("state")), Path::new(store));
        let git = format!("2024-01-04 foo {REVISION} 1.0.0");
        for (store, text) in [
            ("/a", "2024-01-01 serde 1.0.0"),
            ("/b", "2024-01-01 itoa 1.0.0"),
            ("/a", "2024-01-02 serde 1.0.1 1.0.0"),
            ("/a", "2024-01-03 serde 1.0.0"),
            ("/a", &git),
            ("/a", "2024-01-05 odd\nname 1.0.0"),
        ] {
            of(store).remember(&look(text));
        }
        let expected =
            ["2024-01-02 serde 1.0.1 1.0.0", "2024-01-03 serde 1.0.0", &git, "2024-01-05 odd\nname 1.0.0"];
        let expected = expected.map(look);
        assert_eq!(of("/a").all(), expected);
        assert_eq!(of("/b").all(), [look("2024-01-01 itoa 1.0.0")]);
        assert_eq!(of("/c").all(), []);
    }

    #[test]
    fn lines_that_make_no_sense_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let history = ReviewHistory::of(&State::new(folder.path()), Path::new("/a"));
        let store = &history.store;
        let line = |rest: &str| format!("{{\"store\":\"{store}\",\"package\":\"a\",{rest}}}\n");
        let text: String = [
            "\"when\":\"2024-01-01\",\"to\":\"1.0.0\"",
            "\"when\":\"2024-01-01\"",
            "\"when\":\"today\",\"to\":\"1.0.0\"",
            "\"when\":\"2024-01-01\",\"to\":\"1.0\"",
            "\"when\":\"2024-01-01\",\"to\":\"1.0.0\",\"from\":\"x\"",
            "",
        ]
        .map(line)
        .concat();
        history.state.replace(FILE, &format!("{text}nonsense\n")).unwrap();
        let printed = Look { is_shown: false, ..look("2024-01-01 a 1.0.0") };
        assert_eq!(history.all(), [printed]);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let of = |store: &str| ReviewHistory::of(&State::new(folder.path()), Path::new(store));
        of("/a").remember(&look("2024-01-01 a 0.0.0"));
        let first = of("/a").text();
        let line = |number: usize| first.replace("0.0.0", &format!("{number}.0.0"));
        of("/a").state.replace(FILE, &(0..MOST).map(line).collect::<String>()).unwrap();
        of("/b").remember(&look("2024-01-01 b 1.0.0"));
        let all = of("/a").all();
        assert_eq!((all.len(), all.first()), (MOST - 1, Some(&look("2024-01-01 a 1.0.0"))));
        assert_eq!(of("/b").all().len(), 1);
    }

    /// The folder of a project may also be reached through a link.
    #[cfg(unix)]
    #[test]
    fn links_do_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let (store, link) = (folder.path().join("store"), folder.path().join("link"));
        std::fs::create_dir(&store).unwrap();
        std::os::unix::fs::symlink(&store, &link).unwrap();
        ReviewHistory::of(&State::new(folder.path()), &store).remember(&look("2024-01-01 a 1.0.0"));
        assert_eq!(ReviewHistory::of(&State::new(folder.path()), &link).all().len(), 1);
    }

    #[test]
    fn what_was_shown_once_stays_shown() {
        let folder = tempfile::tempdir().unwrap();
        let history = ReviewHistory::of(&State::new(folder.path()), Path::new("/a"));
        for (is_shown, expected) in [(false, false), (true, true), (false, true)] {
            history.remember(&Look { is_shown, ..look("2024-01-01 a 1.0.0") });
            let all = history.all();
            assert_eq!(all.iter().map(|look| look.is_shown).collect::<Vec<_>>(), [expected]);
        }
    }
}
