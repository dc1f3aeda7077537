//! Versions of packages as audits name them: a semantic version, and for code from git its revision.

use std::fmt;
use std::str::FromStr;

/// A version that an audit can be about: `1.2.3` or `1.2.3@git:<40 hex digits>`.
///
/// Ordered by the semantic version including build metadata, then without revision first, then by the text of the
/// revision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The semantic version.
    pub semver: semver::Version,
    /// The git revision, for code that does not come from a registry.
    pub git_rev: Option<GitRev>,
}

/// A git revision: exactly 40 hexadecimal digits, in the case in which they were written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GitRev(String);

/// Why a text is not a [`Version`].
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// The part before `@` is not a full semantic version.
    #[error("`{text}` is not a full version such as `1.2.3`: {source}")]
    Semver {
        /// The offending part.
        text: String,
        /// What the parser of semantic versions says.
        source: semver::Error,
    },
    /// Something else than `git:` follows the `@`.
    #[error("`{0}` is not a git revision, which is written `git:` and 40 hexadecimal digits")]
    NotGit(String),
    /// The revision is not 40 hexadecimal digits.
    #[error("`{0}` is not a git revision of 40 hexadecimal digits")]
    BadRevision(String),
}

impl Version {
    /// The version of a published package, without revision.
    pub fn published(semver: semver::Version) -> Self {
        Version { semver, git_rev: None }
    }
}

impl From<semver::Version> for Version {
    fn from(semver: semver::Version) -> Self {
        Version::published(semver)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    /// Blanks are tolerated before `@` and between `@` and `git:`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let (number, revision) = match text.split_once('@') {
            Some((number, revision)) => (number.trim_end(), Some(revision.trim_start())),
            None => (text, None),
        };
        let semver = semver::Version::parse(number)
            .map_err(|source| VersionError::Semver { text: number.to_owned(), source })?;
        let git_rev = match revision {
            None => None,
            Some(revision) => match revision.strip_prefix("git:") {
                Some(hash) => Some(hash.parse()?),
                None => return Err(VersionError::NotGit(revision.to_owned())),
            },
        };
        Ok(Version { semver, git_rev })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.semver.fmt(f)?;
        match &self.git_rev {
            Some(revision) => write!(f, "@git:{revision}"),
            None => Ok(()),
        }
    }
}

impl GitRev {
    /// The hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GitRev {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        if text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(GitRev(text.to_owned()))
        } else {
            Err(VersionError::BadRevision(text.to_owned()))
        }
    }
}

impl fmt::Display for GitRev {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The versions that a violation is about, in cargo's syntax for version requirements.
///
/// Compared and ordered by its canonical text.
#[derive(Clone, Debug)]
pub struct VersionRange {
    requirement: semver::VersionReq,
    text: String,
}

impl VersionRange {
    /// Whether the semantic version lies in the range; the git revision plays no part. A pre-release matches only
    /// where a comparator names a pre-release of the same three numbers.
    pub fn matches(&self, version: &Version) -> bool {
        self.requirement.matches(&version.semver)
    }

    /// The canonical text, such as `^1.0.0` for `1.0.0`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for VersionRange {
    type Err = semver::Error;

    fn from_str(text: &str) -> Result<Self, semver::Error> {
        let requirement = semver::VersionReq::parse(text)?;
        let text = requirement.to_string();
        Ok(VersionRange { requirement, text })
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for VersionRange {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for VersionRange {}

impl PartialOrd for VersionRange {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for VersionRange {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}
