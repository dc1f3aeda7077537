//! The mode that a user last chose for each command.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::State;
use crate::regular_file::read_utf8;

/// A command with modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Reading a version.
    Inspect,
    /// Reading changes.
    Diff,
}

impl Command {
    fn name(self) -> &'static str {
        match self {
            Command::Inspect => "inspect",
            Command::Diff => "diff",
        }
    }
}

/// The last modes of the commands, as they are written on the command line.
#[derive(Clone, Debug)]
pub struct LastModes {
    state: State,
    cache_folder: PathBuf,
}

/// The file with the modes: an object of commands and their modes.
const FILE: &str = "modes.json";

impl LastModes {
    /// The modes in the state folder. The original has its own in its cache, in `cache_folder` or
    /// beside it.
    pub fn of(state: &State, cache_folder: &Path) -> Self {
        LastModes { state: state.clone(), cache_folder: cache_folder.to_owned() }
    }

    /// The last mode of a command; if this tool has none, the original's.
    pub fn last(&self, command: Command) -> Option<String> {
        self.own().remove(command.name()).or_else(|| {
            self.originals().into_iter().find_map(|folder| {
                let text = read_utf8(&folder.join("command-history.json")).ok()?;
                serde_json::from_str::<History>(&text).ok()?.mode(command)?.text()
            })
        })
    }

    /// Records the mode of a command. Errors are ignored: the user can choose it again.
    pub fn remember(&self, command: Command, mode: &str) {
        let mut modes = self.own();
        if mode.contains(char::is_control) {
            return;
        }
        if modes.insert(command.name().to_owned(), mode.to_owned()).as_deref() == Some(mode) {
            return;
        }
        if let Ok(json) = serde_json::to_string(&modes) {
            let _ = self.state.replace(FILE, &format!("{json}\n"));
        }
    }

    fn own(&self) -> BTreeMap<String, String> {
        let text = read_utf8(&self.state.path(FILE)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Where the original's cache may be: in the same folder, or beside it if both use their
    /// defaults.
    fn originals(&self) -> Vec<PathBuf> {
        let is_default = self.cache_folder.file_name() == Some(OsStr::new("cargo-vet-rs"));
        let beside = is_default.then(|| self.cache_folder.with_file_name("cargo-vet"));
        std::iter::once(self.cache_folder.clone()).chain(beside).collect()
    }
}

/// The relevant part of what the original remembers.
#[derive(Debug, Deserialize)]
struct History {
    last_inspect_fetch_mode: Option<Mode>,
    last_diff_fetch_mode: Option<Mode>,
    /// Used before the two commands had separate modes.
    last_fetch_mode: Option<Mode>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Mode {
    Plain(String),
    Custom {
        #[serde(rename = "CustomUrl")]
        template: String,
    },
}

impl History {
    fn mode(self, command: Command) -> Option<Mode> {
        let own = match command {
            Command::Inspect => self.last_inspect_fetch_mode,
            Command::Diff => self.last_diff_fetch_mode,
        };
        own.or(self.last_fetch_mode)
    }
}

impl Mode {
    /// As it is written on the command line.
    fn text(&self) -> Option<String> {
        match self {
            Mode::Plain(name) => {
                let text = match name.as_str() {
                    "Local" => "local",
                    "CratesIo" => "crates.io",
                    "DiffRs" => "diff.rs",
                    "Sourcegraph" => "sourcegraph",
                    _ => return None,
                };
                Some(text.to_owned())
            }
            Mode::Custom { template } => Some(format!("custom_url={template}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn last(modes: &LastModes) -> [Option<String>; 2] {
        [Command::Inspect, Command::Diff].map(|command| modes.last(command))
    }

    #[test]
    fn each_command_has_a_mode_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let modes = LastModes::of(&State::new(folder.path().join("state")), &folder.path().join("cache"));
        assert_eq!(last(&modes), [None, None]);
        modes.remember(Command::Diff, "local");
        assert_eq!(last(&modes), [None, Some("local".to_owned())]);
        modes.remember(Command::Inspect, "custom_url=https://example.org/{package} {version}");
        modes.remember(Command::Diff, "diff.rs");
        modes.remember(Command::Diff, "custom_url=a\nb");
        let custom = "custom_url=https://example.org/{package} {version}".to_owned();
        assert_eq!(last(&modes), [Some(custom), Some("diff.rs".to_owned())]);
    }

    #[test]
    fn the_modes_of_the_original_count_until_there_are_ours() {
        let text = |text: &str| Some(text.to_owned());
        for (history, expected) in [
            (
                "{\"version\":\"1\",\"Inspect\":{\"package\":\"itoa\",\"version\":\"1.0.9\"},\
                  \"last_diff_fetch_mode\":null,\"last_inspect_fetch_mode\":\"Local\"}",
                [text("local"), None],
            ),
            (
                "{\"version\":\"1\",\"last_diff_fetch_mode\":\"DiffRs\",\
                  \"last_inspect_fetch_mode\":{\"CustomUrl\":\"https://x.example/{package}\"}}",
                [text("custom_url=https://x.example/{package}"), text("diff.rs")],
            ),
            (
                "{\"version\":\"1\",\"last_fetch_mode\":\"Sourcegraph\"}",
                [text("sourcegraph"), text("sourcegraph")],
            ),
            (
                "{\"version\":\"1\",\"last_diff_fetch_mode\":\"New\",\"last_inspect_fetch_mode\":\"CratesIo\"}",
                [text("crates.io"), None],
            ),
            ("{\"version\":\"1\",\"last_diff_fetch_mode\":7}", [None, None]),
            ("nonsense", [None, None]),
        ] {
            for (ours, theirs) in [("cargo-vet-rs", "cargo-vet"), ("shared", "shared")] {
                let folder = tempfile::tempdir().unwrap();
                fs::create_dir(folder.path().join(theirs)).unwrap();
                fs::write(folder.path().join(theirs).join("command-history.json"), history).unwrap();
                let modes =
                    LastModes::of(&State::new(folder.path().join("state")), &folder.path().join(ours));
                assert_eq!(last(&modes), expected, "{history}");
                modes.remember(Command::Inspect, "diff.rs");
                assert_eq!(last(&modes), [text("diff.rs"), expected[1].clone()], "{history}");
            }
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("cargo-vet")).unwrap();
        fs::write(folder.path().join("cargo-vet/command-history.json"), "{\"last_fetch_mode\":\"Local\"}")
            .unwrap();
        assert_eq!(
            last(&LastModes::of(&State::new(folder.path()), &folder.path().join("another"))),
            [None, None]
        );
    }
}
