//! Whether two ways to write a git source mean the same.

use crate::manifest::{GitOrigin, GitReference};

/// Whether a locked source, without its prefix `git+`, is the repository and the state of it that a manifest names.
///
/// The source is one without encoded characters; see [`decoded`]. In old lock files the branch `master` stands for the
/// default branch too.
pub(crate) fn same_repository(git: &GitOrigin, locked: &str) -> bool {
    let address = locked.split('#').next().unwrap_or_default();
    let (url, query) = address.split_once('?').unwrap_or((address, ""));
    if canonical(url) != canonical(git.url.split('?').next().unwrap_or_default()) {
        return false;
    }
    let locked_reference = query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let known = [GitReference::Branch, GitReference::Tag, GitReference::Revision];
        known.into_iter().find(|reference| reference.key() == key).map(|reference| (reference, value))
    });
    match (&git.reference, locked_reference) {
        (None, None) => true,
        (None, Some((GitReference::Branch, "master"))) => true,
        (Some((GitReference::Branch, name)), None) => name == "master",
        (Some((wanted, name)), Some((reference, value))) => *wanted == reference && name == value,
        _ => false,
    }
}

/// An address as cargo compares it: without a slash or `.git` at the end, on GitHub without regard to case.
fn canonical(url: &str) -> String {
    let url = url.strip_suffix('/').unwrap_or(url);
    let lower = url.to_lowercase();
    let url = if lower.starts_with("https://github.com/") { lower.as_str() } else { url };
    url.strip_suffix(".git").unwrap_or(url).to_owned()
}

/// A source without encoded characters in the name of the branch, the tag or the revision.
///
/// Lock files encode them since version 4 of their format; `cargo metadata` does not.
pub(crate) fn decoded(source: &str) -> String {
    let Some((address, rest)) = source.split_once('?') else { return source.to_owned() };
    let (query, revision) =
        rest.split_once('#').map_or((rest, None), |(query, revision)| (query, Some(revision)));
    let mut decoded = format!("{address}?{}", decoded_query(query));
    if let Some(revision) = revision {
        decoded.push('#');
        decoded.push_str(revision);
    }
    decoded
}

/// Percent signs and two digits as the bytes that they stand for, and plus signs as blanks.
fn decoded_query(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(byte) = rest.bytes().next() {
        let digits = rest.get(1..3).filter(|_| byte == b'%');
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (taken, decoded) = match (code, byte) {
            (Some(code), _) => (3, code),
            (None, b'+') => (1, b' '),
            (None, byte) => (1, byte),
        };
        bytes.push(decoded);
        // What follows may be the middle of a character, which is taken as it is.
        match rest.get(taken..) {
            Some(next) => rest = next,
            None => {
                let length = rest.chars().next().map_or(0, char::len_utf8);
                bytes.extend(rest.bytes().take(length).skip(1));
                rest = rest.get(length..).unwrap_or_default();
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_compared_as_cargo_does() {
        let reference = |text: &str| {
            let (key, value) = text.split_once('=')?;
            let kind = match key {
                "branch" => GitReference::Branch,
                "tag" => GitReference::Tag,
                _ => GitReference::Revision,
            };
            Some((kind, value.to_owned()))
        };
        for (url, wanted, locked, expected) in [
            ("https://git.example/a", "", "https://git.example/a#0123", true),
            ("https://git.example/a", "", "https://git.example/a.git#0123", true),
            ("https://git.example/a.git/", "", "https://git.example/a", true),
            ("https://git.example/A", "", "https://git.example/a", false),
            ("https://GitHub.com/Some/Repo.git", "", "https://github.com/some/repo", true),
            ("https://git.example/a", "rev=12", "https://git.example/a?rev=12#1234", true),
            ("https://git.example/a", "rev=12", "https://git.example/a?rev=13#1234", false),
            ("https://git.example/a", "rev=12", "https://git.example/a?tag=12#1234", false),
            ("https://git.example/a", "branch=f/x", "https://git.example/a?branch=f/x#1", true),
            ("https://git.example/a", "branch=master", "https://git.example/a#1", true),
            ("https://git.example/a", "", "https://git.example/a?branch=master#1", true),
            ("https://git.example/a", "", "https://git.example/a?branch=main#1", false),
            ("https://git.example/a", "branch=main", "https://git.example/a#1", false),
        ] {
            let git = GitOrigin { url: url.to_owned(), reference: reference(wanted) };
            assert_eq!(same_repository(&git, locked), expected, "{url} {wanted} {locked}");
        }
    }

    #[test]
    fn queries_are_decoded() {
        for (encoded, plain) in [
            ("git+https://git.example/a%20b", "git+https://git.example/a%20b"),
            ("git+https://x?branch=f%2Fx%2By+z#12%2F", "git+https://x?branch=f/x+y z#12%2F"),
            ("git+https://x?branch=100%25", "git+https://x?branch=100%"),
            ("git+https://x?tag=%C3%A9é%zz%2", "git+https://x?tag=éé%zz%2"),
        ] {
            assert_eq!(decoded(encoded), plain);
        }
    }
}
