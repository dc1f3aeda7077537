//! Lock files exactly as cargo writes them.
//!
//! Cargo reads many texts that it would not write, and understands some of them in surprising ways.
//! So this module accepts a text only if cargo would write it for the same content, apart from line
//! ends and comments at the top. That also makes it fast. It knows the versions 3 and 4 of the
//! format, and version 2, which does not state its number.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use vet_diagnostics::Source;

use super::{LockFile, LockedPackage, without_revision};
use crate::locked_source::{LockedSource, SourceOrder, decoded, is_hexadecimal, needs_no_decoding};

/// Why a text is not what cargo would write, in words that complete "because of …".
pub(super) struct NotCanonical(pub String);

/// Parses a lock file.
pub(super) fn read(source: &Arc<Source>) -> Result<LockFile, NotCanonical> {
    let text = source.text.as_str();
    let mut lines = Lines { text, rest: text, number: 0, start: 0, line: "", is_over: false };
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
    let mut written: Vec<Option<&str>> = Vec::new();
    let mut references: Vec<Reference<'_>> = Vec::new();
    let mut replacements: Vec<Reference<'_>> = Vec::new();
    let mut unused_patches: Vec<LockedPackage> = Vec::new();
    while !lines.is_over {
        if !std::mem::take(&mut is_first) {
            lines.expect("")?;
        }
        match lines.line {
            "[[package]]" if unused_patches.is_empty() => {
                lines.advance();
                let (package, source) = lines.package(format)?;
                lines.expect_order(packages.last(), &package)?;
                match lines.replacement(packages.len())? {
                    Some(replacement) => replacements.push(replacement),
                    None => lines.references(packages.len(), &mut references)?,
                }
                packages.push(package);
                written.push(source);
            }
            "[[patch.unused]]" => {
                lines.advance();
                // Cargo lists them in the order of its manifest. The verification checks that.
                let (package, _) = lines.package(format)?;
                unused_patches.push(package);
            }
            _ => return Err(lines.unexpected()),
        }
    }
    // If no package has a checksum, the first version of the format looks the same.
    if format == Format::Second && !packages.iter().any(|package| package.checksum.is_some()) {
        return Err(NotCanonical("the old format of Cargo.lock".to_owned()));
    }
    let mut last: Option<(&Reference<'_>, usize)> = None;
    for reference in &references {
        let target = reference.find(&packages, &written).ok_or_else(|| at_line(reference.line))?;
        // Each of several packages with the same name and version is named once, in their order.
        let is_repeated =
            |(last, before): (&Reference<'_>, usize)| last.is_alike(reference) && before >= target;
        if last.is_some_and(is_repeated) {
            return Err(at_line(reference.line));
        }
        last = Some((reference, target));
        if let Some(package) = packages.get_mut(reference.of) {
            package.dependencies.push(target);
        }
    }
    for replacement in &replacements {
        let not_written = || at_line(replacement.line);
        let target = replacement.find(&packages, &written).ok_or_else(not_written)?;
        let id = |number: usize| packages.get(number).map(|package| (&package.name, &package.version));
        // A replacement has the same name and version.
        if target == replacement.of || id(target) != id(replacement.of) {
            return Err(not_written());
        }
        packages.get_mut(replacement.of).into_iter().for_each(|package| package.replaced_by = Some(target));
    }
    Ok(LockFile { source: Arc::clone(source), packages, unused_patches, unusual: None })
}

/// The versions of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Second,
    Third,
    Fourth,
}

/// The sort key for packages of the same name and version.
fn order(package: &LockedPackage) -> Option<SourceOrder<'_>> {
    package.source.as_deref().and_then(LockedSource::parse).map(|source| source.order())
}

fn at_line(number: usize) -> NotCanonical {
    NotCanonical(format!("line {number} of Cargo.lock, which cargo would write differently"))
}

/// A reference to a package.
#[derive(Clone, Copy)]
struct Reference<'t> {
    /// The number of the package that refers.
    of: usize,
    name: &'t str,
    version: Option<&'t str>,
    /// The source without the revision, as written.
    source: Option<&'t str>,
    line: usize,
}

impl<'t> Reference<'t> {
    fn parse(text: &'t str, of: usize, line: usize) -> Option<Self> {
        let (name, rest) = text.split_once(' ').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let (version, source) = match rest.and_then(|rest| rest.split_once(' ')) {
            Some((version, source)) => (Some(version), Some(source.strip_prefix('(')?.strip_suffix(')')?)),
            None => (rest, None),
        };
        Some(Reference { of, name, version, source, line })
    }

    /// Whether both refer to the same name and version, from the same list.
    fn is_alike(&self, other: &Reference<'_>) -> bool {
        (self.of, self.name, self.version) == (other.of, other.name, other.version)
    }

    /// The number of the package; `None` if there is none, or if cargo would write the reference
    /// with more or fewer parts. `written` has the sources of all packages.
    fn find(&self, packages: &[LockedPackage], written: &[Option<&str>]) -> Option<usize> {
        let first = packages.partition_point(|package| *package.name < *self.name);
        let named =
            packages.iter().enumerate().skip(first).take_while(|(_, package)| package.name == self.name);
        let is_only = named.clone().nth(1).is_none();
        let Some(version) = self.version else {
            return named.map(|(number, _)| number).next().filter(|_| is_only);
        };
        let version = semver::Version::parse(version).ok()?;
        let of_version: Vec<usize> =
            named.filter(|(_, package)| package.version == version).map(|(number, _)| number).collect();
        let source = |number: usize| written.get(number).copied().flatten().map(without_revision);
        // Cargo writes the source, if there is one, where the version is ambiguous. A package
        // without source comes first.
        let is_ambiguous = of_version.len() > 1;
        let mut of_version = of_version.into_iter();
        let found = match self.source {
            None => of_version.next().filter(|&number| !is_ambiguous || source(number).is_none()),
            Some(wanted) => {
                of_version.find(|&number| source(number) == Some(wanted)).filter(|_| is_ambiguous)
            }
        };
        found.filter(|_| !is_only)
    }
}

/// Reads the text line by line.
struct Lines<'t> {
    text: &'t str,
    rest: &'t str,
    number: usize,
    /// The byte offset of the next line.
    start: usize,
    /// The next line to read.
    line: &'t str,
    /// Whether the end of the text was reached.
    is_over: bool,
}

impl<'t> Lines<'t> {
    /// Moves to the next line. Cargo ends every line, so a line without end is not canonical.
    fn advance(&mut self) {
        self.number += 1;
        self.start = self.text.len() - self.rest.len();
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

    /// Checks that packages are sorted by name, version and source.
    fn expect_order(&self, last: Option<&LockedPackage>, next: &LockedPackage) -> Result<(), NotCanonical> {
        let is_less = |last: &LockedPackage| match last
            .name
            .cmp(&next.name)
            .then_with(|| last.version.cmp(&next.version))
        {
            Ordering::Less => true,
            Ordering::Equal => order(last) < order(next),
            Ordering::Greater => false,
        };
        if last.is_none_or(is_less) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The value of `key = "value"`, if this is the next line.
    fn value(&mut self, key: &str) -> Option<&'t str> {
        let value = self.line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')?;
        self.advance();
        Some(value)
    }

    /// Reads a package without its dependencies. Also returns its source as written.
    fn package(&mut self, format: Format) -> Result<(LockedPackage, Option<&'t str>), NotCanonical> {
        let line = self.number;
        let package = self.package_but_for_references(format);
        package.ok_or_else(|| at_line(if self.number > line { self.number - 1 } else { line }))
    }

    fn package_but_for_references(&mut self, format: Format) -> Option<(LockedPackage, Option<&'t str>)> {
        let start = self.start + "name = ".len();
        let name = self.value("name").filter(|name| is_name(name))?;
        let span = start..start + name.len() + "\"\"".len();
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
                // Older versions of the format do not distinguish the default branch from `master`.
                LockedSource::Git { .. } => checksum.is_none() && format != Format::Second,
            },
        };
        is_right.then(|| {
            let package = LockedPackage {
                name: name.to_owned(),
                version,
                source: source.map(Cow::into_owned),
                checksum: checksum.map(str::to_owned),
                dependencies: Vec::new(),
                replaced_by: None,
                span,
            };
            (package, written)
        })
    }

    /// Reads the reference to the replacement of a package, which then has no dependencies.
    fn replacement(&mut self, of: usize) -> Result<Option<Reference<'t>>, NotCanonical> {
        let line = self.number;
        let Some(text) = self.value("replace") else { return Ok(None) };
        Reference::parse(text, of, line).map(Some).ok_or_else(|| at_line(line))
    }

    /// Reads the dependencies of a package.
    fn references(&mut self, of: usize, references: &mut Vec<Reference<'t>>) -> Result<(), NotCanonical> {
        if self.line != "dependencies = [" {
            return Ok(());
        }
        self.advance();
        let first = references.len();
        while self.line != "]" {
            let text = self.line.strip_prefix(" \"").and_then(|line| line.strip_suffix("\","));
            let reference = text.and_then(|text| Reference::parse(text, of, self.number));
            let Some(reference) = reference else { return Err(self.unexpected()) };
            let last = references.get(first..).and_then(<[_]>::last);
            // References that differ only in source are checked when all packages are known.
            if last.is_some_and(|last| (last.name, last.version) > (reference.name, reference.version)) {
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

/// Whether a text is the name of a package, written with letters, digits and signs that need no
/// encoding.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests;
