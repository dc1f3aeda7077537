//! What makes a check with `--locked` uncertain, as far as this shows without the network.

use std::collections::BTreeSet;

use vet_diagnostics::{Code, Diagnostic, Severity, wording};
use vet_fetch::seen_violations::SeenViolations;
use vet_graph::{Graph, Package, PackageIx};
use vet_resolver::{Conclusion, Resolver};
use vet_store::changed_imports;

use crate::check::unchecked::Unchecked;
use crate::evaluation::Evaluation;
use crate::evaluation::outcome::CheckOutcome;
use crate::evaluation::violations;
use crate::fetched_store::AuditAsProblems;
use crate::fetched_store::Offline;
use crate::session::Session;

/// One warning for each reason.
pub(crate) fn of_locked(session: &Session<'_>) -> Vec<Diagnostic> {
    let loaded = &session.loaded;
    let mut doubts = changed_imports(&loaded.store, &loaded.criteria, &loaded.texts);
    let shadows = AuditAsProblems::of_locked(Offline::of(session));
    doubts.extend(shadows.missing());
    doubts.extend(Unchecked::find(session, &shadows).warnings());
    doubts.extend(unlocked_violation(session));
    doubts.into_iter().map(|doubt| Diagnostic { severity: Severity::Warning, ..doubt }).collect()
}

/// Warnings about violations that concern versions in use but did not decide the verdict.
pub(crate) fn of_violations(graph: &Graph, resolver: &Resolver<'_>) -> Vec<Diagnostic> {
    let mut doubts = violations::missed_prereleases(graph, resolver);
    doubts.extend(violations::in_use(graph, resolver));
    doubts
}

/// A warning if members of the workspace inherit weaker criteria than they would have as roots.
pub(crate) fn of_weak_members(graph: &Graph, resolver: &Resolver<'_>) -> Option<Diagnostic> {
    let (members, packages) = resolver.weakened();
    if packages.is_empty() {
        return None;
    }
    let name = |ix: PackageIx| Some(graph.package(ix)?.name());
    let parents = members.iter().filter_map(|&ix| graph.package(ix)).flat_map(|member| member.reverse_deps());
    let parents: BTreeSet<&str> = parents.filter_map(|&ix| name(ix)).collect();
    let parents: Vec<&str> = parents.into_iter().collect();
    let members: Vec<&str> = members.into_iter().filter_map(name).collect();
    let packages = packages.into_iter().filter_map(|ix| graph.package(ix));
    let packages: Vec<String> =
        packages.map(|package| format!("{} {}", package.name(), package.version())).collect();
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    let (inherits, its) =
        if members.len() == 1 { ("inherits", "its policy") } else { ("inherit", "their policies") };
    let members = wording::abbreviated(&members);
    let message = format!("{members} {inherits} weaker criteria than a root of the workspace would");
    Some(
        Diagnostic::warning(Code::WeakerCriteria, message)
            .note(format!("no longer a root, because these packages depend on it: {}", wording::abbreviated(&parents)))
            .note(format!("exempted for stronger criteria than are now required: {}", wording::abbreviated(&packages)))
            .help(format!(
                "set `criteria` in {its} in config.toml: `safe-to-deploy`, or the inherited criteria if they are right"
            )),
    )
}

fn unlocked_violation(session: &Session<'_>) -> Option<Diagnostic> {
    let seen = seen(session).recall();
    let is_in_use = |(name, version): &&(String, String)| {
        let mut packages = session.graph.packages();
        packages.any(|package| package.name() == name && package.version().to_string() == *version)
    };
    let names: Vec<String> =
        seen.iter().filter(is_in_use).map(|(name, version)| format!("{name} {version}")).collect();
    if names.is_empty() || has_violation(session) {
        return None;
    }
    let listed = wording::list(names.iter().map(String::as_str), "and");
    let message = format!("peers reported violations of {listed} that are not in imports.lock");
    Some(
        Diagnostic::warning(Code::ViolationNotLocked, message)
            .note(
                "the last check on this machine that fetched them failed for this reason and locked nothing",
            )
            .help("run `cargo vet` without `--locked`"),
    )
}

/// The packages in use about which peers have reported a violation that is not locked.
pub(crate) fn seen_in_use(session: &Session<'_>) -> Vec<PackageIx> {
    let seen: BTreeSet<(String, String)> = seen(session).recall().into_iter().collect();
    let is_seen =
        |package: &Package<'_>| seen.contains(&(package.name().to_owned(), package.version().to_string()));
    match seen.is_empty() {
        true => Vec::new(),
        false => session.view().packages().filter(is_seen).map(|package| package.ix()).collect(),
    }
}

/// Remembers whether peers have reported a violation, for checks with `--locked`.
pub(crate) fn remember_violations(session: &Session<'_>, outcome: &CheckOutcome) {
    let packages: Vec<(String, String)> = match outcome {
        CheckOutcome::Violation { conflicts } if !has_violation(session) => {
            conflicts.iter().map(|(package, _)| (package.name.clone(), package.version.to_string())).collect()
        }
        _ => Vec::new(),
    };
    seen(session).note(&packages);
}

/// Whether the locked entries contain a violation themselves.
fn has_violation(session: &Session<'_>) -> bool {
    Evaluation::of_locked(session).conclusion() == Conclusion::Violation
}

fn seen(session: &Session<'_>) -> SeenViolations {
    SeenViolations::about(session.folder(), &session.context.cache)
}
