//! Lock files exactly as cargo writes them.
//!
//! Cargo reads many texts that it would not write, and understands some of them in surprising ways. So a text is read here
//! only if it is what cargo would write for its content, apart from the ends of lines and from comments at the top. This
//! module reads nothing else, which also makes it fast. The versions 3 and 4 of the format are known, and the second, which
//! does not name itself.

use std::borrow::Cow;

use super::{LockFile, LockedPackage};
use crate::locked_source::{LockedSource, decoded, is_hexadecimal, needs_no_decoding};

/// Why a text is not what cargo would write, in words that complete "because of …".
pub(super) struct NotCanonical(pub String);

/// Reads a lock file.
pub(super) fn read(text: &str) -> Result<LockFile, NotCanonical> {
    let mut lines = Lines { rest: text, number: 0, line: "", is_over: false };
    lines.advance();
    while lines.line.starts_with('#')
        && lines.line.bytes().all(|byte| byte == b'\t' || !byte.is_ascii_control())
    {
        lines.advance();
    }
    let format = match lines.line {
        "version = 4" => Format::Fourth,
        "version = 3" => Format::Third,
        _ => Format::Second,
    };
    let mut is_first = true;
    if format != Format::Second {
        lines.advance();
        is_first = false;
    }
    let mut packages: Vec<LockedPackage> = Vec::new();
    let mut references: Vec<Reference<'_>> = Vec::new();
    let mut unused_patches: Vec<LockedPackage> = Vec::new();
    while !lines.is_over {
        if !std::mem::take(&mut is_first) {
            lines.expect("")?;
        }
        match lines.line {
            "[[package]]" if unused_patches.is_empty() => {
                lines.advance();
                let package = lines.package(format)?;
                lines.expect_order(packages.last(), &package)?;
                lines.references(packages.len(), &mut references)?;
                packages.push(package);
            }
            "[[patch.unused]]" => {
                lines.advance();
                let package = lines.package(format)?;
                lines.expect_order(unused_patches.last(), &package)?;
                unused_patches.push(package);
            }
            _ => return Err(lines.unexpected()),
        }
    }
    // Before the third version, the first one looks the same where no package has a checksum.
    if format == Format::Second && !packages.iter().any(|package| package.checksum.is_some()) {
        return Err(NotCanonical("the old format of Cargo.lock".to_owned()));
    }
    for reference in references {
        let target = reference.find(&packages).ok_or_else(|| at_line(reference.line))?;
        if let Some(package) = packages.get_mut(reference.of) {
            package.dependencies.push(target);
        }
    }
    Ok(LockFile { packages, unused_patches, unusual: None })
}

/// The versions of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Second,
    Third,
    Fourth,
}

fn at_line(number: usize) -> NotCanonical {
    NotCanonical(format!("line {number} of Cargo.lock, which cargo would not write like this"))
}

/// A package as another one refers to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Reference<'t> {
    /// The number of the package that refers.
    of: usize,
    name: &'t str,
    version: Option<&'t str>,
    line: usize,
}

impl Reference<'_> {
    /// The number of the package. Nothing if there is none, or if cargo would say more or less about it.
    fn find(&self, packages: &[LockedPackage]) -> Option<usize> {
        let first = packages.partition_point(|package| *package.name < *self.name);
        let mut versions = packages.iter().skip(first).take_while(|package| package.name == self.name);
        match self.version {
            None => {
                versions.next()?;
                versions.next().is_none().then_some(first)
            }
            Some(version) => {
                let version = semver::Version::parse(version).ok()?;
                let (mut count, mut found) = (0, None);
                for (number, package) in versions.enumerate() {
                    count += 1;
                    if package.version == version {
                        found = Some(first + number);
                    }
                }
                found.filter(|_| count > 1)
            }
        }
    }
}

/// The lines of the text, one after the other.
struct Lines<'t> {
    rest: &'t str,
    number: usize,
    /// The line that is to be read next.
    line: &'t str,
    /// There is no such line.
    is_over: bool,
}

impl<'t> Lines<'t> {
    /// A line that does not end is none that cargo would write.
    fn advance(&mut self) {
        self.number += 1;
        match self.rest.split_once('\n') {
            Some((line, rest)) => {
                self.line = line.strip_suffix('\r').unwrap_or(line);
                self.rest = rest;
            }
            None if self.rest.is_empty() => {
                self.line = "";
                self.is_over = true;
            }
            None => {
                self.line = "\0";
                self.rest = "";
            }
        }
    }

    fn unexpected(&self) -> NotCanonical {
        at_line(self.number)
    }

    fn expect(&mut self, line: &str) -> Result<(), NotCanonical> {
        if self.is_over || self.line != line {
            return Err(self.unexpected());
        }
        self.advance();
        Ok(())
    }

    /// Packages are in order, and no two have the same name and version; which would come first is left to cargo.
    fn expect_order(&self, last: Option<&LockedPackage>, next: &LockedPackage) -> Result<(), NotCanonical> {
        let is_less = |last: &LockedPackage| (&last.name, &last.version) < (&next.name, &next.version);
        if last.is_none_or(is_less) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The value of `key = "value"`, if this is the next line.
    fn value(&mut self, key: &str) -> Option<&'t str> {
        let value = self.line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')?;
        self.advance();
        Some(value)
    }

    fn package(&mut self, format: Format) -> Result<LockedPackage, NotCanonical> {
        let line = self.number;
        let package = self.package_but_for_references(format);
        package.ok_or_else(|| at_line(if self.number > line { self.number - 1 } else { line }))
    }

    fn package_but_for_references(&mut self, format: Format) -> Option<LockedPackage> {
        let name = self.value("name").filter(|name| is_name(name))?;
        let version = semver::Version::parse(self.value("version")?).ok()?;
        let written = self.value("source");
        let checksum = self.value("checksum");
        let source = match (written, format) {
            (Some(source), Format::Fourth) => Some(decoded(source)?),
            (Some(source), _) => Some(Cow::Borrowed(source)).filter(|source| needs_no_decoding(source)),
            (None, _) => None,
        };
        if written.is_some() != source.is_some() {
            return None;
        }
        let is_right = match (source.as_deref(), checksum) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some(source), checksum) => match LockedSource::parse(source)? {
                LockedSource::CratesIo | LockedSource::Registry(_) => {
                    checksum.is_some_and(|checksum| is_hexadecimal(checksum, 64))
                }
                // Older versions of the format take the default branch and `master` for the same.
                LockedSource::Git { .. } => checksum.is_none() && format != Format::Second,
            },
        };
        is_right.then(|| LockedPackage {
            name: name.to_owned(),
            version,
            source: source.map(Cow::into_owned),
            checksum: checksum.map(str::to_owned),
            dependencies: Vec::new(),
        })
    }

    /// Reads what a package depends on.
    fn references(&mut self, of: usize, references: &mut Vec<Reference<'t>>) -> Result<(), NotCanonical> {
        if self.line != "dependencies = [" {
            return Ok(());
        }
        self.advance();
        let first = references.len();
        while self.line != "]" {
            let text = self.line.strip_prefix(" \"").and_then(|line| line.strip_suffix("\","));
            let Some(text) = text else { return Err(self.unexpected()) };
            let (name, version) = match text.split_once(' ') {
                Some((name, version)) => (name, Some(version)),
                None => (text, None),
            };
            let reference = Reference { of, name, version, line: self.number };
            let last = references.get(first..).and_then(<[_]>::last);
            if last.is_some_and(|last| (last.name, last.version) >= (name, version)) {
                return Err(self.unexpected());
            }
            references.push(reference);
            self.advance();
        }
        if references.len() == first {
            return Err(self.unexpected());
        }
        self.advance();
        Ok(())
    }
}

/// Whether a text is the name of a package, in letters, digits and signs that are written as they are.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests;
