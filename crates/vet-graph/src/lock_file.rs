//! `Cargo.lock`, in all versions of its format.
//!
//! The module `canonical` reads a text that is exactly what cargo would write. For any other text
//! the caller asks cargo what it means, and this module reads only as much as the findings need.

mod canonical;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Code, Diagnostic, Source};

use self::canonical::NotCanonical;
use crate::graph::PackageSource;
use crate::locked_source::decoded;
use vet_store::Version;

/// The newest version of the format that this tool understands.
const NEWEST: i64 = 4;

/// The first version that encodes the names of branches and tags.
const ENCODED_SINCE: i64 = 4;

/// The maximum number of packages to which one finding points.
const MOST_PLACES: usize = 5;

/// The content of `Cargo.lock`.
#[derive(Clone, Debug)]
pub struct LockFile {
    /// The text, which findings about packages show.
    pub source: Arc<Source>,
    /// The packages, in the order of the file.
    pub packages: Vec<LockedPackage>,
    /// The patches that are not used. Only read from canonical lock files.
    pub unused_patches: Vec<LockedPackage>,
    /// Why only cargo knows what the file means, in words that complete "because of …"; `None` if
    /// the file is exactly what cargo would write.
    pub unusual: Option<String>,
}

/// A package of a lock file.
#[derive(Clone, Debug)]
pub struct LockedPackage {
    /// The name.
    pub name: String,
    /// The version.
    pub version: semver::Version,
    /// The source, as `cargo metadata` writes it; `None` for a package from a folder.
    pub source: Option<String>,
    /// The checksum of the archive in hexadecimal digits, for a package from a registry.
    pub checksum: Option<String>,
    /// The numbers of the packages that it depends on: normal and build dependencies, and for a
    /// member also development dependencies.
    pub dependencies: Vec<usize>,
    /// The number of the package that `[replace]` uses instead. Only read from canonical lock
    /// files. A replaced package has no dependencies.
    pub replaced_by: Option<usize>,
    /// The place of the name in the text, in quotes. Findings about the package point there.
    pub span: Range<usize>,
}

impl LockedPackage {
    /// The source, if it is a registry.
    pub fn registry(&self) -> Option<&str> {
        let source = self.source.as_deref()?;
        (source.starts_with("registry+") || source.starts_with("sparse+")).then_some(source)
    }

    /// The source, as the graph has it.
    pub fn package_source(&self) -> PackageSource {
        self.source.as_deref().map_or(PackageSource::Path, PackageSource::of)
    }

    /// Whether it comes from crates.io.
    pub fn is_from_crates_io(&self) -> bool {
        self.package_source() == PackageSource::CratesIo
    }

    /// The source without the locked revision.
    pub fn source_without_revision(&self) -> Option<&str> {
        self.source.as_deref().map(without_revision)
    }
}

fn without_revision(source: &str) -> &str {
    source.split_once('#').map_or(source, |(source, _)| source)
}

/// The content of a reference: `name`, `name version` or `name version (source)`.
struct Wanted<'t> {
    name: &'t str,
    version: Option<&'t str>,
    source: Option<&'t str>,
}

impl<'t> Wanted<'t> {
    fn parse(text: &'t str) -> Self {
        let mut words = text.splitn(3, ' ');
        let source = |word: &'t str| word.strip_prefix('(')?.strip_suffix(')');
        Wanted {
            name: words.next().unwrap_or_default(),
            version: words.next(),
            source: words.next().and_then(source),
        }
    }
}

impl LockFile {
    /// Parses a lock file.
    ///
    /// # Errors
    ///
    /// All problems with the text. If a newer version of the format wrote it, that is the only
    /// finding.
    pub fn parse(source: &Arc<Source>) -> Result<Self, Vec<Diagnostic>> {
        match canonical::read(source) {
            Ok(lock) => Ok(lock),
            Err(NotCanonical(why)) => parse_whole(source).map(|lock| LockFile { unusual: Some(why), ..lock }),
        }
    }

    /// The checksum of a version that comes from crates.io.
    pub fn checksum(&self, name: &str, version: &semver::Version) -> Option<&str> {
        let number = self.number_of(name, version, &PackageSource::CratesIo)?;
        self.packages.get(number)?.checksum.as_deref()
    }

    /// The number of a package.
    pub fn number_of(&self, name: &str, version: &semver::Version, source: &PackageSource) -> Option<usize> {
        let is_meant = |package: &LockedPackage| {
            package.name == name && package.version == *version && package.package_source() == *source
        };
        self.packages.iter().position(is_meant)
    }

    /// Adds the places of the first packages, by their numbers, to a finding about them.
    #[must_use]
    pub fn mark(&self, finding: Diagnostic, packages: &[usize], label: &str) -> Diagnostic {
        let packages = packages.iter().filter_map(|number| self.packages.get(*number));
        self.mark_spans(finding, packages.map(|package| &package.span), label)
    }

    /// Adds the first places to a finding about them.
    #[must_use]
    pub fn mark_spans<'s>(
        &self,
        finding: Diagnostic,
        spans: impl Iterator<Item = &'s Range<usize>>,
        label: &str,
    ) -> Diagnostic {
        let mut marked: Vec<&Range<usize>> = Vec::new();
        for span in spans {
            if marked.len() < MOST_PLACES && !marked.contains(&span) {
                marked.push(span);
            }
        }
        marked.into_iter().fold(finding, |finding, span| finding.at(&self.source, span.clone(), label))
    }
}

fn parse_whole(source: &Arc<Source>) -> Result<LockFile, Vec<Diagnostic>> {
    let (document, problems) = vet_store::toml_document(source);
    let way_out = |problem: Diagnostic| {
        problem.help(
            "restore the file from version control, or run `cargo generate-lockfile` to create a new one",
        )
    };
    let Some(document) = document else { return Err(problems.into_iter().map(way_out).collect()) };
    let mut reader = Reader { source, problems, is_encoded: false };
    reader.check_version(&document);
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    let mut packages = Vec::new();
    reader.packages(&document, &mut packages);
    let packages = if reader.problems.is_empty() { resolve(&mut reader, packages) } else { Vec::new() };
    if reader.problems.is_empty() {
        Ok(LockFile { source: Arc::clone(source), packages, unused_patches: Vec::new(), unusual: None })
    } else {
        Err(reader.problems.into_iter().map(way_out).collect())
    }
}

/// A package whose references are not resolved yet.
struct Unresolved<'t> {
    package: LockedPackage,
    dependencies: Vec<Reference<'t>>,
}

/// A reference from one package to another, and its place.
struct Reference<'t> {
    span: Range<usize>,
    /// `None` if it is not a string.
    text: Option<Cow<'t, str>>,
}

impl<'t> Reference<'t> {
    fn new(value: &Spanned<DeValue<'t>>) -> Self {
        let text = match value.get_ref() {
            DeValue::String(text) => Some(text.clone()),
            _ => None,
        };
        Reference { span: value.span(), text }
    }
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    problems: Vec<Diagnostic>,
    /// Whether names of branches and tags are encoded.
    is_encoded: bool,
}

/// The tables of the packages: `[[package]]`, and `[root]` in the oldest lock files.
fn package_tables<'t, 'a>(
    document: &'t DeTable<'a>,
) -> impl Iterator<Item = (&'t Spanned<DeValue<'a>>, Option<&'t DeTable<'a>>)> {
    let array = document.get("package").and_then(|value| value.get_ref().as_array());
    let packages = array.into_iter().flat_map(|array| array.iter());
    packages.chain(document.get("root")).map(|value| (value, value.get_ref().as_table()))
}

impl Reader<'_> {
    fn problem(&mut self, span: Range<usize>, message: impl Into<String>, label: &str) {
        const MOST_PROBLEMS: usize = 20;
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Diagnostic::error(Code::BadLockFile, message).at(self.source, span, label));
        }
    }

    fn check_version(&mut self, document: &DeTable<'_>) {
        let Some(value) = document.get("version") else { return };
        let name = &self.source.name;
        match number(value) {
            Some(version @ 1..=NEWEST) => self.is_encoded = version >= ENCODED_SINCE,
            Some(number) if number > NEWEST => {
                let message = format!("{name} has format version {number}, which cargo-vet does not support");
                let problem = Diagnostic::error(Code::BadLockFile, message)
                    .at(self.source, value.span(), format!("the newest supported version is {NEWEST}"))
                    .help("use a newer version of cargo-vet");
                self.problems.push(problem);
            }
            _ => self.problem(value.span(), format!("{name} has no valid format version"), "not a version"),
        }
    }

    /// Adds the packages of a document.
    fn packages<'t>(&mut self, document: &DeTable<'t>, packages: &mut Vec<Unresolved<'t>>) {
        let checksums = document.get("metadata").and_then(|value| value.get_ref().as_table());
        for (value, table) in package_tables(document) {
            let Some(table) = table else {
                self.problem(value.span(), "a package must be a table", "not a table");
                continue;
            };
            let (name, version) = (self.string(table, "name", value), self.string(table, "version", value));
            let (Some((name, span)), Some((version, _))) = (name, version) else { continue };
            let number = match semver::Version::parse(version) {
                Ok(number) => number,
                Err(error) => {
                    let message = format!("`{name}` has the invalid version `{version}`: {error}");
                    self.problem(value.span(), message, "");
                    continue;
                }
            };
            let text = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str());
            let source = text("source");
            // The first version of the format lists the checksums at the end.
            let old_checksum = || {
                let key = format!("checksum {name} {version} ({})", source?);
                checksums?.get(key.as_str())?.get_ref().as_str()
            };
            let checksum = text("checksum").or_else(old_checksum).filter(|checksum| *checksum != "<none>");
            let dependencies = table.get("dependencies").and_then(|value| value.get_ref().as_array());
            let dependencies = dependencies.into_iter().flat_map(|array| array.iter());
            packages.push(Unresolved {
                package: LockedPackage {
                    name: name.to_owned(),
                    version: number,
                    source: source.map(str::to_owned),
                    checksum: checksum.map(str::to_owned),
                    dependencies: Vec::new(),
                    replaced_by: None,
                    span,
                },
                dependencies: dependencies.map(Reference::new).collect(),
            });
        }
    }

    fn string<'t>(
        &mut self,
        table: &'t DeTable<'_>,
        key: &str,
        package: &Spanned<DeValue<'_>>,
    ) -> Option<(&'t str, Range<usize>)> {
        let text = table.get(key).and_then(|value| Some((value.get_ref().as_str()?, value.span())));
        if text.is_none() {
            let span = table.get(key).map_or(package.span(), Spanned::span);
            self.problem(span, format!("a package has no `{key}` that is a string"), "");
        }
        text
    }
}

fn number(value: &Spanned<DeValue<'_>>) -> Option<i64> {
    match value.get_ref() {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    }
}

/// Turns the references between packages into numbers.
fn resolve(reader: &mut Reader<'_>, unresolved: Vec<Unresolved<'_>>) -> Vec<LockedPackage> {
    let (mut packages, references): (Vec<LockedPackage>, Vec<_>) =
        unresolved.into_iter().map(|Unresolved { package, dependencies }| (package, dependencies)).unzip();
    let resolved: Vec<Vec<usize>> = {
        let find = finder(&packages);
        let mut resolve = |reference: Reference<'_>| {
            let found = reference.text.as_deref().and_then(&find);
            if found.is_none() {
                reader.problem(reference.span, "a package depends on one that is not locked", "not locked");
            }
            found
        };
        references
            .into_iter()
            .map(|dependencies| dependencies.into_iter().filter_map(&mut resolve).collect())
            .collect()
    };
    for (package, dependencies) in packages.iter_mut().zip(resolved) {
        package.dependencies = dependencies;
        let source = package.source.as_mut().filter(|_| reader.is_encoded);
        if let Some(source) = source
            && let Some(plain) = decoded(source)
        {
            *source = plain.into_owned();
        }
    }
    packages
}

/// Returns a function that finds the number of a package by a reference to it.
fn finder(packages: &[LockedPackage]) -> impl Fn(&str) -> Option<usize> {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::with_capacity(packages.len());
    for (index, package) in packages.iter().enumerate() {
        by_name.entry(&package.name).or_default().push(index);
    }
    move |text: &str| {
        let wanted = Wanted::parse(text);
        let fits = |&&index: &&usize| {
            let Some(package) = packages.get(index) else { return false };
            let is_version =
                |version: &str| semver::Version::parse(version).is_ok_and(|v| v == package.version);
            let is_source = |source: &str| {
                package.source.as_deref() == Some(source)
                    || package.source_without_revision() == Some(without_revision(source))
            };
            wanted.version.is_none_or(is_version) && wanted.source.is_none_or(is_source)
        };
        match by_name.get(wanted.name)?.as_slice() {
            [only] if wanted.version.is_none() => Some(*only),
            candidates => {
                let fitting: Vec<usize> = candidates.iter().filter(fits).copied().collect();
                let is_local =
                    |&&index: &&usize| packages.get(index).is_some_and(|package| package.source.is_none());
                match fitting.as_slice() {
                    [only] => Some(*only),
                    // If several packages have the same name and version, a reference without
                    // source means the one from a folder.
                    several => {
                        let mut local = several.iter().filter(is_local);
                        local.next().filter(|_| local.next().is_none()).copied()
                    }
                }
            }
        }
    }
}

/// The version as audits name it, with the revision for code from git.
pub(crate) fn version(semver: &semver::Version, source: Option<&str>) -> Version {
    let revision =
        source.filter(|source| source.starts_with("git+")).and_then(|source| source.split_once('#'));
    Version { semver: semver.clone(), git_rev: revision.and_then(|(_, revision)| revision.parse().ok()) }
}
