//! The source of a locked package, and whether it is the one that a manifest or an index names.
//!
//! Only addresses in a plain form are compared. An address that a URL library might write
//! differently, such as one with capitals in the host name, equals nothing here. Such cases are
//! left to cargo.

use std::borrow::Cow;

use crate::manifest::{GitOrigin, GitReference};

/// crates.io, as lock files write it.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The address of the index of crates.io, in the form used for comparison.
pub(crate) const CRATES_IO_ADDRESS: &str = "https://github.com/rust-lang/crates.io-index";

/// The address of the sparse index of crates.io, which never occurs in a lock file.
const CRATES_IO_SPARSE: &str = "https://index.crates.io";

/// The requested branch, tag or revision of a repository; `None` for the default branch.
pub(crate) type State<'t> = Option<(GitReference, &'t str)>;

/// The source of a locked package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LockedSource<'t> {
    /// crates.io.
    CratesIo,
    /// Another registry, as written.
    Registry(&'t str),
    /// A git repository.
    Git {
        /// The address, as written.
        url: &'t str,
        /// The requested branch, tag or revision.
        reference: State<'t>,
        /// The locked revision.
        revision: &'t str,
    },
}

/// The sort key of a source.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceOrder<'t> {
    kind: u8,
    name: &'t str,
    address: Option<Cow<'t, str>>,
}

impl<'t> LockedSource<'t> {
    /// Parses a source from a lock file in which the name of the branch, tag or revision is not
    /// encoded. `None` if cargo would or might write it differently.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        if text == CRATES_IO {
            return Some(LockedSource::CratesIo);
        }
        if let Some(rest) = text.strip_prefix("git+") {
            let (rest, revision) = rest.rsplit_once('#')?;
            let (url, reference) = match rest.split_once('?') {
                Some((url, query)) => {
                    let (key, name) = query.split_once('=')?;
                    (url, Some((GitReference::from_key(key)?, name)))
                }
                None => (rest, None),
            };
            let is_plain = is_plain(url)
                && is_hexadecimal(revision, 40)
                && reference.is_none_or(|(_, name)| !name.is_empty() && name.bytes().all(is_of_reference));
            return is_plain.then_some(LockedSource::Git { url, reference, revision });
        }
        let url = text.strip_prefix("registry+").or_else(|| text.strip_prefix("sparse+"))?;
        let address = address(url)?;
        let is_crates_io = matches!(&*address, CRATES_IO_ADDRESS | CRATES_IO_SPARSE);
        (!is_crates_io).then_some(LockedSource::Registry(text))
    }

    /// The sort key by which cargo lists sources: registries with a git index, then those with a
    /// sparse index, then repositories by the requested branch, tag or revision.
    pub(crate) fn order(&self) -> SourceOrder<'t> {
        let of_git = |reference: State<'t>| match reference {
            Some((GitReference::Tag, name)) => (2, name),
            Some((GitReference::Branch, name)) => (3, name),
            Some((GitReference::Revision, name)) => (4, name),
            None => (5, ""),
        };
        let (kind, name, address) = match *self {
            LockedSource::CratesIo => (0, "", Some(Cow::Borrowed(CRATES_IO_ADDRESS))),
            LockedSource::Registry(text) => match text.strip_prefix("registry+") {
                Some(address) => (0, "", Some(Cow::Borrowed(address))),
                None => (1, "", Some(Cow::Borrowed(text))),
            },
            LockedSource::Git { url, reference, .. } => {
                let (kind, name) = of_git(reference);
                (kind, name, address(url))
            }
        };
        SourceOrder { kind, name, address }
    }

    /// The address of the repository and the requested state, in the form used for comparison.
    pub(crate) fn git(&self) -> Option<(Cow<'t, str>, State<'t>)> {
        match *self {
            LockedSource::Git { url, reference, .. } => Some((address(url)?, reference)),
            LockedSource::CratesIo | LockedSource::Registry(_) => None,
        }
    }

    /// Whether this is the repository, with the state, that a manifest names.
    pub(crate) fn is_git(&self, url: &str, reference: State<'_>) -> bool {
        self.git().is_some_and(|(locked, state)| {
            state == reference && address(url).is_some_and(|wanted| wanted == locked)
        })
    }

    /// Whether this is the registry with the given index address.
    pub(crate) fn is_registry(&self, index: &str) -> bool {
        match self {
            LockedSource::Registry(text) => match index.starts_with("sparse+") {
                true => *text == index,
                false => text.strip_prefix("registry+") == Some(index),
            },
            LockedSource::CratesIo => is_crates_io(index),
            LockedSource::Git { .. } => false,
        }
    }
}

/// Whether an address is that of the index of crates.io.
pub(crate) fn is_crates_io(index: &str) -> bool {
    address(index.strip_prefix("sparse+").unwrap_or(index))
        .is_some_and(|address| matches!(&*address, CRATES_IO_ADDRESS | CRATES_IO_SPARSE))
}

impl GitOrigin {
    /// The branch, the tag or the revision.
    pub(crate) fn state(&self) -> State<'_> {
        self.reference.as_ref().map(|(reference, name)| (*reference, name.as_str()))
    }
}

/// An address as cargo compares it: without trailing slash or `.git`, and on GitHub without case
/// and scheme. `None` if the address is not in a plain form.
pub(crate) fn address(url: &str) -> Option<Cow<'_, str>> {
    if !is_plain(url) {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at_checked(rest.find('/')?)?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_github = authority.rsplit('@').next() == Some("github.com");
    if !is_github {
        let length = scheme.len() + "://".len() + authority.len() + path.len();
        let url = url.get(..length)?;
        return Some(Cow::Borrowed(url.strip_suffix(".git").unwrap_or(url)));
    }
    let path = path.to_ascii_lowercase();
    Some(Cow::Owned(format!("https://{authority}{}", path.strip_suffix(".git").unwrap_or(&path))))
}

/// Whether cargo writes an address exactly like this.
fn is_plain(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let Some((authority, path)) = rest.find('/').and_then(|slash| rest.split_at_checked(slash)) else {
        return false;
    };
    let (user, host) = match authority.split_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let (host, port) = match host.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (host, None),
    };
    let is_user = |user: &str| {
        !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let is_port = |port: &str| {
        let is_default = matches!((scheme, port), ("https", "443") | ("http", "80"));
        !is_default
            && !port.starts_with('0')
            && port.parse::<u16>().is_ok()
            && port.bytes().all(|b| b.is_ascii_digit())
    };
    let has_host = match scheme {
        "https" | "http" | "ssh" | "git" => is_host(host),
        "file" => authority.is_empty(),
        _ => false,
    };
    has_host
        && user.is_none_or(is_user)
        && port.is_none_or(is_port)
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~+=,@:".contains(&byte))
        && path.split('/').all(|name| !matches!(name, "." | ".."))
        && !path.contains("//")
}

/// Whether a host name, or an address of four numbers, is in its normal form.
fn is_host(host: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !name.starts_with("xn--")
    };
    // A host that ends with a number is an IP address, which can be written in many forms.
    let is_number =
        host.rsplit('.').next().is_some_and(|last| last.starts_with(|first: char| first.is_ascii_digit()));
    match is_number {
        true => host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.to_string() == host),
        false => host.split('.').all(is_name),
    }
}

/// Whether a text consists of `length` lower-case hexadecimal digits.
pub(crate) fn is_hexadecimal(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Whether it is certain how a character is written in the names of branches, tags and revisions.
fn is_of_reference(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"*._-/@+:".contains(&byte)
}

/// A source as `cargo metadata` writes it. Since version 4 of the format, lock files encode the
/// name of a branch, tag or revision. `None` if the encoding is missing or is not the one that
/// cargo uses.
pub(crate) fn decoded(source: &str) -> Option<Cow<'_, str>> {
    let Some((before, rest)) = source.split_once('=') else { return Some(Cow::Borrowed(source)) };
    let (name, revision) = rest.split_once('#')?;
    let mut decoded = format!("{before}=");
    let mut parts = name.split('%');
    let is_literal = |byte: u8| byte.is_ascii_alphanumeric() || b"*._-".contains(&byte);
    let first = parts.next()?;
    decoded.push_str(first);
    let mut is_certain = first.bytes().all(is_literal);
    for part in parts {
        let (code, literal) = part.split_at_checked(2)?;
        decoded.push(match code {
            "2F" => '/',
            "40" => '@',
            "2B" => '+',
            "3A" => ':',
            _ => return None,
        });
        decoded.push_str(literal);
        is_certain &= literal.bytes().all(is_literal);
    }
    decoded.push('#');
    decoded.push_str(revision);
    is_certain.then_some(Cow::Owned(decoded))
}

/// Whether encoding would not change a source, as is required before version 4 of the format.
pub(crate) fn needs_no_decoding(source: &str) -> bool {
    source.split_once('?').is_none_or(|(_, query)| !query.contains(['%', '+']))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn only_what_cargo_writes_is_a_source() {
        for (text, expected) in [
            ("registry+https://github.com/rust-lang/crates.io-index", true),
            ("registry+https://github.com/rust-lang/crates.io-index/", false),
            ("registry+https://github.com/rust-lang/crates.io-index.git", false),
            ("registry+https://github.com/Rust-Lang/crates.io-index", false),
            ("registry+https://GitHub.com/rust-lang/crates.io-index", false),
            ("registry+https://github.com:443/rust-lang/crates.io-index", false),
            ("registry+https://github.com/./rust-lang/crates.io-index", false),
            ("registry+https://github.com/x/../rust-lang/crates.io-index", false),
            ("registry+https://github.com/rust-lang/crates.io-index ", false),
            ("registry+https://github.com/rust-lang/crates.io-index\t", false),
            ("registry+https:/github.com/rust-lang/crates.io-index", false),
            ("registry+https://@github.com/rust-lang/crates.io-index", false),
            ("registry+http://github.com/rust-lang/crates.io-index", false),
            ("registry+ssh://github.com/rust-lang/crates.io-index", false),
            ("registry+https://github.com//rust-lang/crates.io-index", false),
            ("registry+https://github.com/rust-lang/crates.io-index?x", false),
            ("registry+https://github.com/rust-lang/crates.io-index#x", false),
            ("registry+https://github.com/rust-lang/crates%2Eio-index", false),
            ("registry+https://github.com/rust-lang\\crates.io-index", false),
            (" registry+https://github.com/rust-lang/crates.io-index", false),
            ("sparse+https://index.crates.io/", false),
            ("registry+https://index.crates.io/", false),
            ("registry+https://registry.example/index.git", true),
            ("sparse+https://registry.example/index/", true),
            ("registry+https://registry.example", false),
            ("registry+http://127.0.0.1:4096/index", true),
            ("registry+http://127.1:4096/index", false),
            ("registry+http://0x7f000001/index", false),
            ("registry+file:///srv/index", true),
            ("registry+file://srv/index", false),
            ("local-registry+file:///srv/index", false),
            ("directory+file:///srv/index", false),
            ("", false),
        ] {
            assert_eq!(LockedSource::parse(text).is_some(), expected, "{text:?}");
        }
        for (address, expected) in [
            ("https://git.example/a", true),
            ("https://git.example/a.git?branch=f/x", true),
            ("ssh://git@git.example/a?rev=12", true),
            ("https://git.example/a?branch=", false),
            ("https://git.example/a?branch=b&tag=c", false),
            ("https://git.example/a?head=b", false),
            ("https://git.example/a?branch=b c", false),
            ("https://git.example/a?", false),
            ("https://Git.example/a", false),
        ] {
            let text = format!("git+{address}#{REVISION}");
            assert_eq!(LockedSource::parse(&text).is_some(), expected, "{text:?}");
        }
        for revision in
            ["", "#0123456789ab", &format!("#{REVISION} "), &format!("#{}", REVISION.to_uppercase())]
        {
            let text = format!("git+https://git.example/a{revision}");
            assert_eq!(LockedSource::parse(&text), None, "{text:?}");
        }
    }

    #[test]
    fn repositories_are_compared_as_cargo_does() {
        let reference = |text: &'static str| {
            let (key, value) = text.split_once('=')?;
            Some((GitReference::from_key(key)?, value))
        };
        for (url, wanted, locked, expected) in [
            ("https://git.example/a", "", "https://git.example/a", true),
            ("https://git.example/a", "", "https://git.example/a.git", true),
            ("https://git.example/a.git/", "", "https://git.example/a", true),
            ("https://git.example/A", "", "https://git.example/a", false),
            ("http://git.example/a", "", "https://git.example/a", false),
            ("https://github.com/Some/Repo.git", "", "https://github.com/some/repo", true),
            ("ssh://git@github.com/some/repo", "", "https://github.com/some/repo", false),
            ("https://GitHub.com/some/repo", "", "https://github.com/some/repo", false),
            ("https://git.example/a", "rev=12", "https://git.example/a?rev=12", true),
            ("https://git.example/a", "rev=12", "https://git.example/a?rev=13", false),
            ("https://git.example/a", "rev=12", "https://git.example/a?tag=12", false),
            ("https://git.example/a", "branch=f/x", "https://git.example/a?branch=f/x", true),
            // The default branch is no longer the same as `master`.
            ("https://git.example/a", "branch=master", "https://git.example/a", false),
            ("https://git.example/a", "", "https://git.example/a?branch=master", false),
            ("https://git.example/a", "branch=main", "https://git.example/a", false),
        ] {
            let locked = format!("git+{locked}#{REVISION}");
            let source = LockedSource::parse(&locked).unwrap();
            assert_eq!(source.is_git(url, reference(wanted)), expected, "{url} {wanted} {locked}");
        }
    }

    #[test]
    fn registries_are_compared_as_they_are_written() {
        for (index, locked, expected) in [
            ("https://registry.example/index", "registry+https://registry.example/index", true),
            ("https://registry.example/index/", "registry+https://registry.example/index", false),
            ("sparse+https://registry.example/index/", "sparse+https://registry.example/index/", true),
            ("https://registry.example/index/", "sparse+https://registry.example/index/", false),
            ("https://github.com/rust-lang/crates.io-index", CRATES_IO, true),
            ("sparse+https://index.crates.io/", CRATES_IO, true),
            ("https://registry.example/index", CRATES_IO, false),
        ] {
            assert_eq!(LockedSource::parse(locked).unwrap().is_registry(index), expected, "{index} {locked}");
        }
    }

    #[test]
    fn names_of_states_are_decoded() {
        for (encoded, plain) in [
            ("registry+https://x/y", Some("registry+https://x/y")),
            ("git+https://x/y?branch=f%2Fx%2By#12", Some("git+https://x/y?branch=f/x+y#12")),
            ("git+https://x/y?branch=f/x#12", None),
            ("git+https://x/y?branch=f%2fx#12", None),
            ("git+https://x/y?branch=%66#12", None),
            ("git+https://x/y?branch=a+b#12", None),
            ("git+https://x/y?branch=a%2#12", None),
            ("git+https://x/y?branch=a", None),
        ] {
            assert_eq!(decoded(encoded).as_deref(), plain, "{encoded}");
        }
    }
}
