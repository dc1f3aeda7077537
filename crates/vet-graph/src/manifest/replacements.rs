//! Reads `[replace]`: what cargo uses instead of one version of a package from crates.io.
//!
//! Only the plain forms are read. Cargo treats some other forms like these, ignores some, and
//! refuses the rest.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{GitOrigin, GitReference, Origin, Reader, Replacement};

/// The start of a key that names crates.io, as cargo writes it.
const OF_CRATES_IO: &str = "https://github.com/rust-lang/crates.io-index#";

impl Reader<'_> {
    /// The entries of `[replace]`. Entries that are not in a plain form are noted as unusual.
    pub(super) fn replacements(&mut self, document: &DeTable<'_>) -> Vec<Replacement> {
        let Some(value) = document.get("replace") else { return Vec::new() };
        let Some(table) = value.get_ref().as_table().filter(|_| !document.contains_key("patch")) else {
            self.unusual.push("`[replace]`".to_owned());
            return Vec::new();
        };
        let mut replacements = Vec::with_capacity(table.len());
        for (key, value) in table {
            match replacement(key.get_ref(), value) {
                Some(replacement) => replacements.push(replacement),
                None => self.unusual.push(format!("the replacement of `{}`", key.get_ref())),
            }
        }
        replacements
    }
}

/// Parses an entry in its plain form. The key is name and version, optionally preceded by
/// crates.io. The value is a path, or a repository with at most one branch, tag or revision.
fn replacement(key: &str, value: &Spanned<DeValue<'_>>) -> Option<Replacement> {
    let (package, version) = key.strip_prefix(OF_CRATES_IO).unwrap_or(key).split_once([':', '@'])?;
    let is_in_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if package.is_empty() || !package.bytes().all(is_in_name) {
        return None;
    }
    let version = semver::Version::parse(version).ok()?;
    let mut entries = Vec::new();
    for (key, value) in value.get_ref().as_table()? {
        entries.push((&**key.get_ref(), value.get_ref().as_str()?.to_owned()));
    }
    entries.sort_unstable_by_key(|(key, _)| *key != "git");
    let origin = match entries.as_slice() {
        [("path", path)] => Origin::Path(path.clone()),
        [("git", url)] => Origin::Git(GitOrigin { url: url.clone(), reference: None }),
        [("git", url), (key, name)] => Origin::Git(GitOrigin {
            url: url.clone(),
            reference: Some((GitReference::from_key(key)?, name.clone())),
        }),
        _ => return None,
    };
    Some(Replacement { package: package.to_owned(), version, origin })
}
