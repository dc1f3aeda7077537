//! What makes a check with `--locked` less than certain, as far as that shows without the network.

use vet_fetch::seen_violations::SeenViolations;
use vet_resolver::{Conclusion, Resolver};
use vet_store::diagnostic::{Code, Diagnostic, Severity};
use vet_store::{changed_imports, wording};

use crate::check::CheckOutcome;
use crate::live::AuditAsProblems;
use crate::session::{Session, StoreContents};
use crate::unchecked::Unchecked;

/// A warning for each doubt.
pub(crate) fn of_locked(session: &Session<'_, StoreContents>) -> Vec<Diagnostic> {
    let loaded = &session.loaded;
    let mut doubts = changed_imports(&loaded.store, &loaded.criteria, &loaded.texts);
    let shadows = AuditAsProblems::of_locked(session.offline());
    doubts.extend(shadows.missing());
    doubts.extend(Unchecked::find(session, &shadows).warnings());
    doubts.extend(unlocked_violation(session));
    doubts.into_iter().map(|doubt| Diagnostic { severity: Severity::Warning, ..doubt }).collect()
}

/// Doubts that are reason enough to fail.
pub(crate) fn as_errors(doubts: Vec<Diagnostic>) -> Vec<Diagnostic> {
    doubts.into_iter().map(|doubt| Diagnostic { severity: Severity::Error, ..doubt }).collect()
}

fn unlocked_violation(session: &Session<'_, StoreContents>) -> Option<Diagnostic> {
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
    let message =
        format!("peers have said that {listed} must not be used, and imports.lock does not have that");
    Some(
        Diagnostic::warning(Code::ViolationNotLocked, message)
            .note("the last check on this machine that asked them failed for this reason, and locked nothing")
            .help("run `cargo vet` without `--locked`"),
    )
}

/// Remembers for checks with `--locked` that peers have reported a violation, or that they have not.
pub(crate) fn remember_violations(session: &Session<'_, StoreContents>, outcome: &CheckOutcome) {
    let packages: Vec<(String, String)> = match outcome {
        CheckOutcome::Violation { conflicts } if !has_violation(session) => {
            conflicts.iter().map(|(package, _)| (package.name.clone(), package.version.to_string())).collect()
        }
        _ => Vec::new(),
    };
    seen(session).note(&packages);
}

/// Whether what is locked has a violation by itself.
fn has_violation(session: &Session<'_, StoreContents>) -> bool {
    let resolver = Resolver::new(session.view(), &session.loaded.store, &session.loaded.criteria);
    resolver.decide().conclusion == Conclusion::Violation
}

fn seen(session: &Session<'_, StoreContents>) -> SeenViolations {
    SeenViolations::about(session.offline().folder, &session.place.cache_folder)
}
