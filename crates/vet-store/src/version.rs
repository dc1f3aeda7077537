//! Versions of packages as audits name them: a semantic version and, for code from git, its
//! revision.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use semver::{Comparator, Op};

/// A version that an audit can be about: `1.2.3` or `1.2.3@git:<40 hex digits>`.
///
/// Ordered by the semantic version including build metadata. Of equal semantic versions, the one
/// without a revision is first, and the others follow by the text of the revision.
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

/// The error for a text that is not a [`Version`].
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// The part before `@` is not a full semantic version.
    #[error("`{text}` is not a full version such as `1.2.3`: {source}")]
    Semver {
        /// The invalid part.
        text: String,
        /// The error of the parser of semantic versions.
        source: semver::Error,
    },
    /// The text after the `@` does not start with `git:`.
    #[error("`{0}` is not a git revision, expected `git:` and 40 hexadecimal digits")]
    NotGit(String),
    /// The revision is not 40 hexadecimal digits.
    #[error("`{0}` is not a git revision of 40 hexadecimal digits")]
    BadRevision(String),
}

impl Version {
    /// Creates the version of a published package, without a revision.
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

    /// Parses a version. Accepts spaces before `@` and between `@` and `git:`.
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
    /// Returns the hexadecimal digits.
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

/// The versions that a violation covers, in cargo's syntax for version requirements.
///
/// Compared and ordered by canonical text.
#[derive(Clone, Debug)]
pub struct VersionRange {
    requirement: semver::VersionReq,
    text: String,
}

impl VersionRange {
    /// Whether the semantic version is in the range. Ignores the git revision. A pre-release
    /// matches only if a comparator names a pre-release of the same three numbers.
    pub fn matches(&self, version: &Version) -> bool {
        self.requirement.matches(&version.semver)
    }

    /// Returns the version requirement. A version must match all of its comparators.
    pub fn requirement(&self) -> &semver::VersionReq {
        &self.requirement
    }

    /// Whether the range would match a pre-release if semver did not exclude it: a comparator that
    /// names no pre-release never matches one. The version must be within the bounds. If a
    /// comparator leaves out parts, all versions that begin with the given parts are within its
    /// bounds.
    pub fn misses_prerelease(&self, version: &Version) -> bool {
        let version = &version.semver;
        !version.pre.is_empty()
            && !self.requirement.matches(version)
            && self.requirement.comparators.iter().all(|comparator| is_within(comparator, version))
    }

    /// Returns the canonical text, such as `^1.0.0` for `1.0.0`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Whether a version is within the bounds of a comparator, pre-release or not.
fn is_within(comparator: &Comparator, version: &semver::Version) -> bool {
    let Comparator { op, major, minor, patch, pre } = comparator;
    // Compares the first `parts` parts, for comparators that allow later versions.
    let is_same = |parts: usize| {
        let pairs = [(version.major, Some(*major)), (version.minor, *minor), (version.patch, *patch)];
        pairs.iter().take(parts).all(|(part, named)| named.is_none_or(|named| *part == named))
    };
    let named_parts =
        version.major.cmp(major).then(minor.map_or(Ordering::Equal, |minor| {
            version.minor.cmp(&minor).then(patch.map_or(Ordering::Equal, |patch| {
                version.patch.cmp(&patch).then_with(|| version.pre.cmp(pre))
            }))
        }));
    let first = (*major, minor.unwrap_or(0), patch.unwrap_or(0), pre);
    match op {
        Op::Exact | Op::Wildcard => named_parts.is_eq(),
        Op::Greater => named_parts.is_gt(),
        Op::GreaterEq => named_parts.is_ge(),
        Op::Less => (version.major, version.minor, version.patch, &version.pre) < first,
        Op::LessEq => named_parts.is_le(),
        Op::Tilde => named_parts.is_ge() && is_same(2),
        Op::Caret if *major > 0 || minor.is_none() => named_parts.is_ge() && is_same(1),
        Op::Caret if *minor > Some(0) || patch.is_none() => named_parts.is_ge() && is_same(2),
        Op::Caret => named_parts.is_ge() && is_same(3),
        // For an unknown operator, a needless report is better than a missed one.
        _ => true,
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
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for VersionRange {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REV: &str = "0123456789abcdef0123456789ABCDEF01234567";

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn versions_read_back() {
        for text in ["1.2.3", "0.0.0-a.1+b.01", "18446744073709551615.0.0", &format!("1.2.3@git:{REV}")] {
            assert_eq!(version(text).to_string(), text);
        }
        assert_eq!(version(&format!("1.2.3 \t@\u{a0} git:{REV}")).to_string(), format!("1.2.3@git:{REV}"));
        assert_eq!(version(&format!("1.2.3@git:{REV}")).git_rev.unwrap().as_str(), REV);
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        let kind = |text: &str| match text.parse::<Version>() {
            Ok(_) => "fine",
            Err(VersionError::Semver { .. }) => "number",
            Err(VersionError::NotGit(_)) => "not git",
            Err(VersionError::BadRevision(_)) => "revision",
        };
        for (text, expected) in [
            ("", "number"),
            ("1.2", "number"),
            ("v1.2.3", "number"),
            (" 1.2.3", "number"),
            ("1.2.3 ", "number"),
            (&format!(" 1.2.3@git:{REV}"), "number"),
            ("18446744073709551616.0.0", "number"),
            ("1.2.3@", "not git"),
            ("1.2.3@@git:", "not git"),
            ("1.2.3@Git:", "not git"),
            ("1.2.3@git:", "revision"),
            (&format!("1.2.3@git: {REV}"), "revision"),
            (&format!("1.2.3@git:{REV} "), "revision"),
            (&format!("1.2.3@git:{REV}0"), "revision"),
            (&format!("1.2.3@git:{}é", "0".repeat(38)), "revision"),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn versions_are_ordered() {
        let ordered = [
            "1.0.0-alpha".to_owned(),
            "1.0.0-alpha.9".to_owned(),
            "1.0.0-alpha.10".to_owned(),
            "1.0.0".to_owned(),
            format!("1.0.0@git:{}", "0".repeat(40)),
            format!("1.0.0@git:{}", "A".repeat(40)),
            format!("1.0.0@git:{}", "a".repeat(40)),
            "1.0.0+1".to_owned(),
            "1.0.0+1.2".to_owned(),
            "1.0.0+01".to_owned(),
            "1.0.0+a".to_owned(),
            "1.0.1".to_owned(),
            "1.9.0".to_owned(),
            "1.10.0".to_owned(),
        ];
        let mut sorted: Vec<Version> = ordered.iter().rev().map(|text| version(text)).collect();
        sorted.sort();
        let sorted: Vec<String> = sorted.iter().map(Version::to_string).collect();
        assert_eq!(sorted, ordered);
    }

    #[test]
    fn ranges_look_at_the_number_alone() {
        let matches =
            |range: &str, text: &str| range.parse::<VersionRange>().unwrap().matches(&version(text));
        for (range, text, expected) in [
            ("*", "1.0.0", true),
            ("*", "1.0.0-alpha", false),
            (">=1.9.0", "2.0.0-alpha.1", false),
            (">=2.0.0-alpha", "2.0.0-alpha.1", true),
            (">=2.0.0-alpha", "2.0.1-alpha.1", false),
            ("=1.0.0", &format!("1.0.0@git:{REV}"), true),
            ("=1.0.0", "1.0.0+build", true),
            ("1.0.0", "1.9.0", true),
            ("<1", "1.0.0", false),
        ] {
            assert_eq!(matches(range, text), expected, "{range} {text}");
        }
    }

    #[test]
    fn prereleases_that_a_range_misses() {
        let misses = |range: &str, text: &str| {
            range.parse::<VersionRange>().unwrap().misses_prerelease(&version(text))
        };
        for (range, missed, others) in [
            ("*", "0.10.0-rc-3 2.0.0-alpha", "1.0.0"),
            ("<1.0", "0.10.0-rc-3 1.0.0-rc.1", "1.0.1-rc.1 0.9.0"),
            ("<1.0.0-rc.1", "0.9.0-a", "1.0.0-rc.1 1.0.0-rc.0 1.0.1-a"),
            ("<=1.0", "1.0.0-a 1.0.7-a", "1.1.0-a"),
            (">1", "2.0.0-a", "1.9.0-a"),
            (">=1.2.3", "1.2.4-a 2.0.0-a", "1.2.3-a"),
            (">=0.10, <0.11", "0.10.0-rc-3 0.11.0-a", "0.9.0-a 0.11.1-a"),
            ("=1.2", "1.2.0-a 1.2.9-a", "1.3.0-a"),
            ("=1.2.3", "", "1.2.3-a"),
            ("1.*", "1.0.0-a 1.9.0-a", "2.0.0-a"),
            ("~1.2.3", "1.2.4-a", "1.2.3-a 1.3.0-a"),
            ("^1.2.3", "1.2.4-a 1.9.0-a", "1.2.3-a 2.0.0-a"),
            ("^0", "0.3.0-a", "1.0.0-a"),
            ("^0.10", "0.10.0-rc-3", "0.11.0-a"),
            ("^0.2.3", "0.2.4-a", "0.2.3-a 0.3.0-a"),
            ("^0.0.3", "", "0.0.4-a 0.0.3-a"),
            ("^0.0", "0.0.3-a", "0.1.0-a"),
        ] {
            for (texts, expected) in [(missed, true), (others, false)] {
                for text in texts.split_whitespace() {
                    assert_eq!(misses(range, text), expected, "{range} {text}");
                }
            }
        }
    }

    #[test]
    fn ranges_are_compared_by_text() {
        let range = |text: &str| text.parse::<VersionRange>().unwrap();
        assert_eq!(range("1.x"), range("1.*"));
        assert_ne!(range("^1"), range(">=1, <2"));
        assert!(range("=10") < range("=9") && range("*") < range("<1"));
        assert_eq!(range("1.0.0").to_string(), "^1.0.0");
    }
}
