//! Violations that concern versions in use, and what to do about them.
//!
//! The resolver decides the verdict. This module explains to the user what to do, wherever a
//! violation makes a difference: in checks, in plans, before an import and before an audit.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_graph::Graph;
use vet_resolver::{Conflict, Contradiction, Resolver, ViolationInUse};
use vet_store::Version;
use vet_store::entries::{AuditEntry, AuditKind};

use crate::evaluation::outcome::{CheckOutcome, PackageId};

/// A violation and the import it comes from; `None` for this project's own.
type Sourced<'a> = (Option<&'a str>, &'a AuditEntry);

/// A warning for each crate with statements that contradict each other.
pub(crate) fn of_outcome(outcome: &CheckOutcome) -> Vec<Diagnostic> {
    let CheckOutcome::Violation { conflicts } = outcome else { return Vec::new() };
    let mut crates: BTreeMap<&str, (Vec<&Version>, &[Conflict])> = BTreeMap::new();
    for (package, conflicts) in conflicts {
        let versions = crates.entry(&package.name).or_insert_with(|| (Vec::new(), conflicts));
        versions.0.push(&package.version);
    }
    crates
        .into_iter()
        .filter_map(|(name, (versions, conflicts))| of_crate(name, &versions, conflicts))
        .collect()
}

/// The warning for a crate with statements that contradict each other, and what to do about it.
pub(crate) fn of_crate(name: &str, in_use: &[&Version], conflicts: &[Conflict]) -> Option<Diagnostic> {
    let violations: Vec<Sourced<'_>> = conflicts
        .iter()
        .map(|conflict| (conflict.violation_source.as_deref(), &conflict.violation))
        .collect();
    let violations = distinct(&violations);
    let covered: Vec<&Version> = in_use
        .iter()
        .copied()
        .filter(|version| violations.iter().any(|(_, violation)| covers(violation, version)))
        .collect();
    if covered.is_empty() {
        return Some(not_in_use(name, conflicts.first()?));
    }
    let covering: Vec<Sourced<'_>> = violations
        .into_iter()
        .filter(|(_, violation)| covered.iter().any(|version| covers(violation, version)))
        .collect();
    Some(warning(name, &covered, &covering))
}

/// A warning for each violation that covers a version in use although no statement contradicts it,
/// for example if a publisher of such a version is trusted. Crates with contradictions are skipped.
pub(crate) fn in_use(graph: &Graph, resolver: &Resolver<'_>) -> Vec<Diagnostic> {
    let found = resolver.violations_in_use();
    let covering = found.iter().filter(|found| !found.misses_prerelease);
    let mut warnings = Vec::new();
    for (package, violations) in by_package(graph, covering) {
        if resolver.conflicts(&package.name).is_empty() {
            let warning = warning(&package.name, &[&package.version], &violations);
            warnings.push(warning.note("a violation does not stop wildcard audits and trusted publishers"));
        }
    }
    warnings
}

/// A warning for each violation that misses a version in use because that version is a pre-release.
pub(crate) fn missed_prereleases(graph: &Graph, resolver: &Resolver<'_>) -> Vec<Diagnostic> {
    let found = resolver.violations_in_use();
    let missing = found.iter().filter(|found| found.misses_prerelease);
    let mut warnings = Vec::new();
    for (package, violations) in by_package(graph, missing) {
        let (name, version) = (wording::shown(&package.name), &package.version);
        for (source, violation) in violations {
            let message =
                format!("{} does not match `{name} {version}`, a pre-release", described(source, violation));
            let mut warning = Diagnostic::warning(Code::PrereleaseMissed, message).note(
                "by the rules of semver, a range that names no pre-release never matches one; otherwise it would cover this version",
            );
            warning.notes.extend(reason(violation));
            let unless = match source {
                Some(peer) => exclude(peer, &name),
                None => "narrow the range in audits.toml".to_owned(),
            };
            warnings.push(warning.help(format!(
                "if the violation should cover it, run `cargo vet record-violation {name} \"={version}\"`; if not, {unless}"
            )));
        }
    }
    warnings
}

/// The warning if no audit of a version in use helps, because violations cover it.
pub(crate) fn no_audit_helps(package: &PackageId, violations: &[(Option<String>, AuditEntry)]) -> Diagnostic {
    let violations: Vec<Sourced<'_>> =
        violations.iter().map(|(source, violation)| (source.as_deref(), violation)).collect();
    let violations = distinct(&violations);
    let (name, version) = (wording::shown(&package.name), &package.version);
    let message = format!("no audit of `{name} {version}` helps: {} covers it", list(&violations));
    let mut warning = Diagnostic::warning(Code::ViolationInUse, message);
    warning.notes.extend(violations.iter().filter_map(|(_, violation)| reason(violation)));
    warning.help(ways_out(&package.name, &violations))
}

/// The warning before audits of a peer are used that would make a check fail.
pub(crate) fn of_peer(
    graph: &Graph,
    peer: &str,
    violations: &[ViolationInUse],
    contradictions: &BTreeMap<&str, Vec<Conflict>>,
) -> Option<Diagnostic> {
    let covering = violations.iter().filter(|violation| !violation.misses_prerelease);
    let covered: Vec<String> = by_package(graph, covering)
        .into_keys()
        .map(|package| format!("{} {}", package.name, package.version))
        .collect();
    let crates: BTreeSet<&str> = contradictions.keys().copied().collect();
    let shown = wording::shown(peer);
    let message = if covered.is_empty() {
        if crates.is_empty() {
            return None;
        }
        let crates = wording::list(crates.iter().copied(), "and");
        format!("the entries of `{shown}` about {crates} contradict the store, so the check would fail")
    } else {
        let covered = wording::list(covered.iter().map(String::as_str), "and");
        let fails = if crates.is_empty() { "" } else { ", so the check would fail" };
        format!("`{shown}` has violations that cover {covered}, in use here{fails}")
    };
    let names: BTreeSet<&str> = violations
        .iter()
        .filter(|violation| !violation.misses_prerelease)
        .filter_map(|violation| Some(graph.package(violation.package)?.name()))
        .chain(crates)
        .collect();
    let names: Vec<String> = names.into_iter().map(|name| format!("\"{}\"", wording::shown(name))).collect();
    Some(Diagnostic::warning(Code::ViolationInUse, message).help(format!(
        "stop using these versions, or add `exclude = [{}]` to `[imports.{shown}]` in config.toml if you disagree",
        names.join(", ")
    )))
}

/// The possible solutions for a crate that violations cover.
pub(crate) fn ways_out(name: &str, violations: &[Sourced<'_>]) -> String {
    let name = wording::shown(name);
    let ranges: BTreeSet<&str> = violations.iter().filter_map(|(_, violation)| range(violation)).collect();
    let mut ways = vec![match ranges.contains("*") {
        true => format!("remove the dependency on `{name}`"),
        false => format!("move to a version that {} does not cover", wording::list(ranges, "and")),
    }];
    let peers: BTreeSet<&str> = violations.iter().filter_map(|(source, _)| *source).collect();
    let disagree =
        |peer: &str| format!("if you disagree with `{}`, {}", wording::shown(peer), exclude(peer, &name));
    ways.extend(peers.into_iter().map(disagree));
    if violations.iter().any(|(source, _)| source.is_none()) {
        ways.push("if your own violation is no longer true, remove it from audits.toml".to_owned());
    }
    ways.join("; ")
}

/// A violation, as the subject of a sentence.
pub(crate) fn described(source: Option<&str>, violation: &AuditEntry) -> String {
    let range = range(violation).unwrap_or_default();
    match source {
        Some(peer) => format!("the violation `{range}` of `{}`", wording::shown(peer)),
        None => format!("the violation `{range}` in audits.toml"),
    }
}

fn warning(name: &str, covered: &[&Version], violations: &[Sourced<'_>]) -> Diagnostic {
    let packages: Vec<String> = covered.iter().map(|version| format!("{name} {version}")).collect();
    let packages = wording::list(packages.iter().map(String::as_str), "and");
    let message = format!("{} covers {packages}, in use here", list(violations));
    let mut warning = Diagnostic::warning(Code::ViolationInUse, message);
    warning.notes.extend(violations.iter().filter_map(|(_, violation)| reason(violation)));
    warning.help(ways_out(name, violations))
}

/// The warning for a contradiction about versions that are not in use.
fn not_in_use(name: &str, conflict: &Conflict) -> Diagnostic {
    let shown = wording::shown(name);
    let violation = described(conflict.violation_source.as_deref(), &conflict.violation);
    let (what, way) = match &conflict.against {
        Contradiction::Exemption(exemption) => {
            let version = &exemption.version;
            (
                format!("the exemption of `{shown} {version}`"),
                format!("remove the exemption of {version} from config.toml"),
            )
        }
        Contradiction::Audit { source, audit } => {
            let subject = subject(&audit.kind);
            match source {
                None => (
                    format!("the audit of `{shown} {subject}` in audits.toml"),
                    format!("remove the audit of {subject} from audits.toml"),
                ),
                Some(peer) => {
                    let what = format!("the audit of `{shown} {subject}` by `{}`", wording::shown(peer));
                    (what, exclude(peer, &shown))
                }
            }
        }
    };
    let mut ways = vec![way];
    ways.push(match &conflict.violation_source {
        Some(peer) => format!("if you disagree with `{}`, {}", wording::shown(peer), exclude(peer, &shown)),
        None => "if your own violation is no longer true, remove it from audits.toml".to_owned(),
    });
    ways.dedup();
    Diagnostic::warning(Code::ViolationInUse, format!("{what} contradicts {violation}"))
        .note("it covers no version in use, but the check fails while statements contradict each other")
        .help(ways.join("; "))
}

fn exclude(peer: &str, name: &str) -> String {
    format!("add `{name}` to `exclude` of `[imports.{}]` in config.toml", wording::shown(peer))
}

/// What the source of a violation says about it.
fn reason(violation: &AuditEntry) -> Option<String> {
    let notes = violation.notes.as_deref()?.lines().next()?;
    Some(format!("reason given: {}", wording::shown(notes)))
}

fn list(violations: &[Sourced<'_>]) -> String {
    let all: Vec<String> =
        violations.iter().map(|(source, violation)| described(*source, violation)).collect();
    all.join(" and ")
}

fn distinct<'a>(violations: &[Sourced<'a>]) -> Vec<Sourced<'a>> {
    let mut distinct: Vec<Sourced<'a>> = Vec::new();
    for (source, violation) in violations {
        let is_same = |other: &Sourced<'_>| other.0 == *source && range(other.1) == range(violation);
        if !distinct.iter().any(is_same) {
            distinct.push((*source, violation));
        }
    }
    distinct
}

fn by_package<'v>(
    graph: &Graph,
    violations: impl Iterator<Item = &'v ViolationInUse>,
) -> BTreeMap<PackageId, Vec<Sourced<'v>>> {
    let mut packages: BTreeMap<PackageId, Vec<Sourced<'v>>> = BTreeMap::new();
    for found in violations {
        let Some(package) = graph.package(found.package) else { continue };
        let package = PackageId { name: package.name().to_owned(), version: package.version().clone() };
        packages.entry(package).or_default().push((found.source.as_deref(), &found.violation));
    }
    packages.values_mut().for_each(|violations| *violations = distinct(violations));
    packages
}

fn covers(violation: &AuditEntry, version: &Version) -> bool {
    matches!(&violation.kind, AuditKind::Violation(range) if range.matches(version))
}

fn range(violation: &AuditEntry) -> Option<&str> {
    match &violation.kind {
        AuditKind::Violation(range) => Some(range.as_str()),
        AuditKind::Full(_) | AuditKind::Delta { .. } => None,
    }
}

fn subject(kind: &AuditKind) -> String {
    match kind {
        AuditKind::Full(version) => version.to_string(),
        AuditKind::Delta { from, to } => format!("{from} -> {to}"),
        AuditKind::Violation(range) => range.to_string(),
    }
}
