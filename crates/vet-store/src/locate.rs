//! Finds the place of a value in its file.
//!
//! Values carry no spans. If a value turns out to be wrong, this module parses the text again and
//! walks down to the value. Only the rare path of an error pays for this.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vet_diagnostics::wording;

use crate::files::StoreFile;
use crate::read::policy_key;
use crate::version::Version;
use crate::write::Key;

/// The place of a value in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) file: StoreFile,
    pub(crate) path: Vec<PathStep>,
}

/// One step down into the tree of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathStep {
    /// To the value of a key.
    Key(String),
    /// To the policy of a crate, or of one version of it.
    Policy(String, Option<Version>),
    /// To an entry of an array of tables.
    Entry(usize),
    /// To an element of a list. A single string counts as a list of one element.
    Element(usize),
}

impl Location {
    pub(crate) fn new(file: StoreFile, keys: &[&str]) -> Self {
        Location { file, path: keys.iter().map(|&key| PathStep::Key(key.to_owned())).collect() }
    }

    #[must_use]
    pub(crate) fn key(mut self, key: &str) -> Self {
        self.path.push(PathStep::Key(key.to_owned()));
        self
    }

    #[must_use]
    pub(crate) fn entry(mut self, index: usize) -> Self {
        self.path.push(PathStep::Entry(index));
        self
    }

    #[must_use]
    pub(crate) fn element(mut self, index: usize) -> Self {
        self.path.push(PathStep::Element(index));
        self
    }

    #[must_use]
    pub(crate) fn policy(mut self, name: &str, version: Option<&Version>) -> Self {
        self.path.push(PathStep::Policy(name.to_owned(), version.cloned()));
        self
    }
}

/// Shown as a dotted key, with entries counted from 1: `audits.serde[2].criteria`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.path.iter().enumerate() {
            let separator = if index == 0 { "" } else { "." };
            match step {
                PathStep::Key(key) => write!(f, "{separator}{}", wording::shown(&Key(key).to_string()))?,
                PathStep::Policy(name, None) => {
                    write!(f, "{separator}{}", wording::shown(&Key(name).to_string()))?
                }
                PathStep::Policy(name, Some(version)) => {
                    let key = format!("{name}:{version}");
                    write!(f, "{separator}{}", wording::shown(&Key(&key).to_string()))?;
                }
                PathStep::Entry(index) => write!(f, "[{}]", index + 1)?,
                PathStep::Element(_) => {}
            }
        }
        Ok(())
    }
}

/// Returns the place of the policy of a crate, or of one version of it, in `config.toml`. Byte
/// offsets; `None` if there is none.
pub fn policy_place(config: &str, name: &str, version: Option<&Version>) -> Option<Range<usize>> {
    let location = Location::new(StoreFile::Config, &["policy"]).policy(name, version);
    Map::new(config).find(&location.path)
}

/// Returns the place of an exemption in `config.toml`, by its position among those of its crate,
/// counted from 0.
pub fn exemption_place(config: &str, name: &str, position: usize) -> Option<Range<usize>> {
    let path =
        [PathStep::Key("exemptions".to_owned()), PathStep::Key(name.to_owned()), PathStep::Entry(position)];
    Map::new(config).find(&path)
}

/// Returns the place of a setting in `vet.toml`, by its path of keys.
pub fn setting_place(settings: &str, keys: &[&str]) -> Option<Range<usize>> {
    let path: Vec<PathStep> = keys.iter().map(|&key| PathStep::Key(key.to_owned())).collect();
    Map::new(settings).find(&path)
}

/// A parsed text that can be searched for places.
pub(crate) struct Map<'a>(DeTable<'a>);

impl<'a> Map<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Map(DeTable::parse_recoverable(text).0.into_inner())
    }

    /// Returns the span of the value at the end of the path, or `None` if the text has no such
    /// value.
    pub(crate) fn find(&self, path: &[PathStep]) -> Option<Range<usize>> {
        let mut table = Some(&self.0);
        let mut value: Option<&Spanned<DeValue<'_>>> = None;
        for step in path {
            let next = match step {
                PathStep::Key(key) => child(table?, key)?,
                PathStep::Policy(name, version) => policy(table?, name, version.as_ref())?,
                PathStep::Entry(index) => value?.get_ref().as_array()?.get(*index)?,
                PathStep::Element(index) => match value?.get_ref() {
                    DeValue::Array(list) => list.get(*index)?,
                    DeValue::String(_) if *index == 0 => value?,
                    _ => return None,
                },
            };
            table = next.get_ref().as_table();
            value = Some(next);
        }
        value.map(Spanned::span)
    }
}

fn child<'t, 'a>(table: &'t DeTable<'a>, key: &str) -> Option<&'t Spanned<DeValue<'a>>> {
    match table.get(key) {
        // The name of the table in old versions of the format.
        None if key == "exemptions" => table.get("unaudited"),
        found => found,
    }
}

/// Returns the policy that applies: the one under the canonical key, or else the last one whose key
/// means the same version.
fn policy<'t, 'a>(
    table: &'t DeTable<'a>,
    name: &str,
    version: Option<&Version>,
) -> Option<&'t Spanned<DeValue<'a>>> {
    let Some(version) = version else { return table.get(name) };
    let canonical = format!("{name}:{version}");
    let means_it = |key: &str| {
        policy_key(key).is_ok_and(|(crate_name, of)| crate_name == name && of.as_ref() == Some(version))
    };
    table.get(canonical.as_str()).or_else(|| {
        let mut meant = table.iter().filter(|(key, _)| means_it(key.get_ref())).map(|(_, value)| value);
        meant.next_back()
    })
}
