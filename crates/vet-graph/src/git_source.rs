//! Whether two ways to write a git source mean the same.

use crate::manifest::{GitOrigin, GitReference};

/// Whether a locked source, without its prefix `git+`, is the repository and the state of it that a manifest names.
///
/// Branches, tags and revisions are encoded in newer lock files and not in older ones. There, the branch `master` stands
/// for the default branch too.
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
        (Some((wanted, name)), Some((reference, value))) => {
            *wanted == reference && (name == value || *name == decoded(value))
        }
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

/// Percent signs and two digits as the bytes that they stand for, and plus signs as blanks.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let ahead: Vec<u8> = rest.clone().take(2).collect();
                let code = str::from_utf8(&ahead).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
                match code {
                    Some(code) if ahead.len() == 2 => {
                        bytes.push(code);
                        rest = {
                            let mut skipped = rest;
                            skipped.next();
                            skipped.next();
                            skipped
                        };
                    }
                    _ => bytes.push(byte),
                }
            }
            other => bytes.push(other),
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
            ("https://git.example/a", "branch=f/x+y", "https://git.example/a?branch=f%2Fx%2By#1", true),
            ("https://git.example/a", "branch=f/x", "https://git.example/a?branch=f/x#1", true),
            ("https://git.example/a", "branch=100%", "https://git.example/a?branch=100%25#1", true),
            ("https://git.example/a", "branch=master", "https://git.example/a#1", true),
            ("https://git.example/a", "", "https://git.example/a?branch=master#1", true),
            ("https://git.example/a", "", "https://git.example/a?branch=main#1", false),
            ("https://git.example/a", "branch=main", "https://git.example/a#1", false),
        ] {
            let git = GitOrigin { url: url.to_owned(), reference: reference(wanted) };
            assert_eq!(same_repository(&git, locked), expected, "{url} {wanted} {locked}");
        }
    }
}
