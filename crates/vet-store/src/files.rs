//! The three files of a store, as values.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::entries::{
    AuditEntry, CriteriaEntry, Exemption, PublisherEntry, TrustedEntry, UnpublishedEntry, WildcardEntry,
};
use crate::version::Version;

/// Entries by the name of their crate, in the order of the file.
pub type ByCrate<T> = BTreeMap<String, Vec<T>>;

/// A file of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreFile {
    /// `config.toml`
    Config,
    /// `audits.toml`
    Audits,
    /// `imports.lock`
    Imports,
}

impl StoreFile {
    /// All store files, in the order in which they are read and reported.
    pub const ALL: [StoreFile; 3] = [StoreFile::Config, StoreFile::Audits, StoreFile::Imports];

    /// Returns the name in the folder of the store.
    pub fn name(self) -> &'static str {
        match self {
            StoreFile::Config => "config.toml",
            StoreFile::Audits => "audits.toml",
            StoreFile::Imports => "imports.lock",
        }
    }
}

/// A file in the folder of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FolderFile {
    /// One of the three store files. It must exist, and other tools read it, too.
    Store(StoreFile),
    /// `vet.toml`, the settings of this tool. May be missing.
    Settings,
}

impl FolderFile {
    /// All files, in the order in which they are read and reported.
    pub const ALL: [FolderFile; 4] = [
        FolderFile::Store(StoreFile::Config),
        FolderFile::Store(StoreFile::Audits),
        FolderFile::Store(StoreFile::Imports),
        FolderFile::Settings,
    ];

    /// Returns the name in the folder of the store.
    pub fn name(self) -> &'static str {
        match self {
            FolderFile::Store(file) => file.name(),
            FolderFile::Settings => "vet.toml",
        }
    }
}

impl From<StoreFile> for FolderFile {
    fn from(file: StoreFile) -> Self {
        FolderFile::Store(file)
    }
}

/// `audits.toml`: the audits of this project. Peers import this file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditsFile {
    /// Custom criteria, by name.
    pub criteria: BTreeMap<String, CriteriaEntry>,
    /// Wildcard audits.
    pub wildcard_audits: ByCrate<WildcardEntry>,
    /// Audits and violations.
    pub audits: ByCrate<AuditEntry>,
    /// Trusted publishers.
    pub trusted: ByCrate<TrustedEntry>,
}

/// `config.toml`: imports, policy and exemptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// The criterion that `add-exemption` and `record-violation` use when none is named.
    pub default_criteria: String,
    /// The version of the format.
    pub version: StoreVersion,
    /// The peers whose audits are used, by name.
    pub imports: BTreeMap<String, ImportConfig>,
    /// The criteria that packages and their dependencies must meet.
    pub policy: Policies,
    /// The versions that are used without an audit.
    pub exemptions: ByCrate<Exemption>,
}

/// `imports.lock`: the entries of peers and the facts from crates.io that are in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportsFile {
    /// Versions that are audited as another, published version.
    pub unpublished: ByCrate<UnpublishedEntry>,
    /// The publishers of versions.
    pub publisher: ByCrate<PublisherEntry>,
    /// The entries of each peer, by name of the import. They use the criteria of this project.
    pub audits: BTreeMap<String, AuditsFile>,
}

/// `[imports.<name>]`: a peer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportConfig {
    /// The URLs of the peer's audits. Several files are merged.
    pub url: Vec<String>,
    /// Crates whose audits are not imported.
    pub exclude: Vec<String>,
    /// The meaning of the peer's criteria here: from the peer's name of a criterion to names of
    /// this project.
    pub criteria_map: BTreeMap<String, Vec<String>>,
}

/// The format version of a store, compared by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreVersion {
    /// The number before the full stop.
    pub major: u64,
    /// The number after the full stop.
    pub minor: u64,
}

impl StoreVersion {
    /// The version that this tool reads and writes.
    pub const CURRENT: StoreVersion = StoreVersion { major: 0, minor: 10 };
    /// The version that a store without a version is assumed to have.
    pub const UNSTATED: StoreVersion = StoreVersion { major: 0, minor: 4 };
}

impl FromStr for StoreVersion {
    type Err = StoreVersionError;

    /// Parses two numbers, joined by the first full stop. Accepts leading zeros and plus signs.
    fn from_str(text: &str) -> Result<Self, StoreVersionError> {
        let (major, minor) = text.split_once('.').ok_or(StoreVersionError::NoMinor)?;
        Ok(StoreVersion { major: major.parse()?, minor: minor.parse()? })
    }
}

/// The error for a text that is not a [`StoreVersion`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreVersionError {
    /// There is no full stop.
    #[error("there is no second number")]
    NoMinor,
    /// One of the parts is not a number.
    #[error("one of the two parts is not a number: {0}")]
    NotANumber(#[from] std::num::ParseIntError),
}

impl fmt::Display for StoreVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Default for ConfigFile {
    /// Creates the configuration of a new store.
    fn default() -> Self {
        ConfigFile {
            default_criteria: ConfigFile::DEFAULT_CRITERIA.to_owned(),
            version: StoreVersion::CURRENT,
            imports: BTreeMap::new(),
            policy: Policies::default(),
            exemptions: BTreeMap::new(),
        }
    }
}

impl ConfigFile {
    /// The default value of `default-criteria`.
    pub const DEFAULT_CRITERIA: &str = "safe-to-deploy";
}

/// `[policy.<crate>]` and `[policy."<crate>:<version>"]`, by crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies(pub BTreeMap<String, CratePolicy>);

/// The policies of one crate: one policy for all versions, or one for each version, never both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CratePolicy {
    /// One policy for every version.
    Unversioned(Policy),
    /// A policy for each named version. Other versions have none.
    Versioned(BTreeMap<Version, Policy>),
}

/// The requirements on a package and on its dependencies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// `Some(true)` if a package that does not come from crates.io is audited as if it did.
    pub audit_as_crates_io: Option<bool>,
    /// Replaces all that the dependents of the package require.
    pub criteria: Option<Vec<String>>,
    /// What the dev-dependencies of the package must meet.
    pub dev_criteria: Option<Vec<String>>,
    /// What individual dependencies must meet, by name.
    pub dependency_criteria: BTreeMap<String, Vec<String>>,
    /// Free text.
    pub notes: Option<String>,
}

impl Policies {
    /// Returns the policy that applies to a version of a crate. A versioned crate has no fallback
    /// for other versions.
    pub fn get(&self, name: &str, version: &Version) -> Option<&Policy> {
        match self.0.get(name)? {
            CratePolicy::Unversioned(policy) => Some(policy),
            CratePolicy::Versioned(policies) => policies.get(version),
        }
    }

    /// Iterates over all policies, each with its crate and, if it has one, its version.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Version>, &Policy)> {
        self.0.iter().flat_map(|(name, policies)| {
            let (one, many) = match policies {
                CratePolicy::Unversioned(policy) => (Some((name.as_str(), None, policy)), None),
                CratePolicy::Versioned(policies) => (None, Some(policies)),
            };
            let many = many.into_iter().flatten();
            one.into_iter().chain(many.map(move |(version, policy)| (name.as_str(), Some(version), policy)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_apply_to_the_version_that_they_name() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        let policy = |notes: &str| Policy { notes: Some(notes.to_owned()), ..Policy::default() };
        let versioned = BTreeMap::from([(version("1.0.0"), policy("one"))]);
        let policies = Policies(BTreeMap::from([
            ("all".to_owned(), CratePolicy::Unversioned(policy("all"))),
            ("some".to_owned(), CratePolicy::Versioned(versioned)),
        ]));
        let notes = |name: &str, of: &str| {
            policies.get(name, &version(of)).and_then(|policy| policy.notes.as_deref())
        };
        assert_eq!(notes("all", "9.9.9"), Some("all"));
        assert_eq!(notes("some", "1.0.0"), Some("one"));
        assert_eq!(notes("some", "1.0.1"), None);
        assert_eq!(notes("some", &format!("1.0.0@git:{}", "0".repeat(40))), None);
        assert_eq!(notes("none", "1.0.0"), None);
        let all: Vec<_> =
            policies.iter().map(|(name, version, _)| (name, version.map(Version::to_string))).collect();
        assert_eq!(all, [("all", None), ("some", Some("1.0.0".to_owned()))]);
    }

    #[test]
    fn format_versions_are_numbers() {
        let version = |text: &str| text.parse::<StoreVersion>();
        assert_eq!(version("00.+10"), Ok(StoreVersion::CURRENT));
        assert!(
            version("0.9").unwrap() < StoreVersion::CURRENT
                && version("1.0").unwrap() > StoreVersion::CURRENT
        );
        assert_eq!(version("0"), Err(StoreVersionError::NoMinor));
        for wrong in ["", ".", "0.", ".10", "0.10.3", " 0.10", "0.10 ", "-0.10", "0.18446744073709551616"] {
            assert!(version(wrong).is_err(), "{wrong}");
        }
    }
}
