//! Policies that do not match the dependency graph, as findings.

use vet_diagnostics::{Code, Diagnostic};
use vet_resolver::PolicyProblems;
use vet_store::{Version, policy_place};

use crate::session::Session;

/// Everything that is wrong with the policy table, given the graph including what the settings
/// leave out. One finding for each kind.
pub(crate) fn problems(session: &Session<'_>) -> Vec<Diagnostic> {
    let loaded = &session.loaded;
    let found = PolicyProblems::find(session.whole(), &loaded.store.config.policy);
    let mut problems = Vec::new();
    if !found.needs_version.is_empty() {
        let packages = lines(&found.needs_version, |(name, version)| (name, Some(version)));
        let message = format!(
            "crates from crates.io with `dependency-criteria` need a policy for each version in use{packages}"
        );
        problems.push(Diagnostic::error(Code::PolicyNeedsVersion, message).help(
            "write `[policy.\"NAME:VERSION\"]` for each of these versions, with the `dependency-criteria` that you mean",
        ));
    }
    if !found.unused.is_empty() {
        let packages = lines(&found.unused, |(name, version)| (name, version.as_ref()));
        let message = format!("policies name packages that are not in use{packages}");
        let mut problem = Diagnostic::error(Code::PolicyUnused, message)
            .help("remove them, or correct their names and versions");
        let source = &loaded.texts.config.source;
        for (name, version) in found.unused.iter().take(MOST_PLACES) {
            if let Some(span) = policy_place(&source.text, name, version.as_ref()) {
                problem = problem.at(source, span, "not in use");
            }
        }
        problems.push(problem);
    }
    if !found.unversioned.is_empty() {
        let packages = lines(&found.unversioned, |(name, version)| (name, Some(version)));
        let message = format!("policies of crates from crates.io must name a version{packages}");
        let mut problem = Diagnostic::error(Code::PolicyUnversioned, message)
            .help("write `[policy.\"NAME:VERSION\"]` for the versions that you mean");
        let source = &loaded.texts.config.source;
        let mut names: Vec<&String> = found.unversioned.iter().map(|(name, _)| name).collect();
        names.dedup();
        for name in names.into_iter().take(MOST_PLACES) {
            if let Some(span) = policy_place(&source.text, name, None) {
                problem = problem.at(source, span, "for all versions");
            }
        }
        problems.push(problem);
    }
    problems
}

const MOST_PLACES: usize = 5;

fn lines<T>(list: &[T], parts: impl Fn(&T) -> (&String, Option<&Version>)) -> String {
    let line = |item| match parts(item) {
        (name, Some(version)) => format!("\n  {name}:{version}"),
        (name, None) => format!("\n  {name}"),
    };
    list.iter().map(line).collect()
}
