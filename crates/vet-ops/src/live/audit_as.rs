//! Packages of this project that crates.io has too: a policy must say whether they are audited as what is published there.

use std::collections::{BTreeMap, BTreeSet};

use vet_fetch::crates_io::Needed;
use vet_graph::{Graph, Package, PackageSource};
use vet_store::files::{CratePolicy, Policies, Policy};
use vet_store::{Code, Diagnostic, Store, Version};

use super::{Facts, Offline};

/// What is wrong with the `audit-as-crates-io` of policies. Packages by name and version, in the order of the graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuditAsProblems {
    /// Set for what does not come from elsewhere than crates.io.
    unused: Vec<(String, Option<Version>)>,
    /// Not set, though crates.io has the package.
    missing: Vec<(String, Version)>,
    /// Set to `true`, though crates.io does not have the package.
    wrong: Vec<(String, Version)>,
}

/// A policy that was set right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The crate.
    pub name: String,
    /// What `audit-as-crates-io` is now, if it is still there.
    pub value: Option<bool>,
}

/// Packages that do not come from crates.io.
fn from_elsewhere(graph: &Graph) -> impl Iterator<Item = Package<'_>> {
    graph.packages().filter(|package| *package.source() != PackageSource::CratesIo)
}

fn setting(package: Package<'_>, policies: &Policies) -> Option<bool> {
    policies.get(package.name(), package.version())?.audit_as_crates_io
}

/// Whether the store knows something of a published crate of this name.
fn is_mentioned(store: &Store, name: &str) -> bool {
    let own = &store.audits;
    own.audits.contains_key(name)
        || own.wildcard_audits.contains_key(name)
        || own.trusted.contains_key(name)
        || store.config.exemptions.contains_key(name)
        || store.imports.audits.values().any(|peer| {
            peer.audits.contains_key(name)
                || peer.wildcard_audits.contains_key(name)
                || peer.trusted.contains_key(name)
        })
}

/// Packages about which crates.io has to be asked.
pub(super) fn candidates<'a>(offline: Offline<'a>) -> impl Iterator<Item = Package<'a>> {
    let Offline { graph, store, .. } = offline;
    from_elsewhere(graph).filter(|package| {
        setting(*package, &store.config.policy) != Some(false) && !is_mentioned(store, package.name())
    })
}

/// What has to be asked about those that exist there.
pub(super) fn more_questions(offline: Offline<'_>, facts: &Facts<'_>) -> BTreeMap<String, Needed> {
    let existing = candidates(offline).filter(|package| facts.exists(package.name()) == Some(true));
    existing.map(|package| (package.name().to_owned(), Needed::Everything)).collect()
}

/// Whether crates.io describes a package as this project does. Nothing if crates.io could not be asked.
fn is_published(package: Package<'_>, facts: &Facts<'_>) -> Option<bool> {
    if !facts.exists(package.name())? {
        return Some(false);
    }
    let (published, own) = (facts.details(package.name())?, package.about());
    let same = |published: &Option<String>, own: &Option<String>| published.is_some() && published == own;
    Some(same(&published.description, &own.description) || same(&published.repository, &own.repository))
}

impl AuditAsProblems {
    /// Everything that is wrong, as far as it is known. Nobody looks whether packages that are left out are published, but
    /// policies for them are in use.
    ///
    /// Without facts about crates.io, packages of which nobody knows whether they are published are fine.
    pub(crate) fn find(offline: Offline<'_>, facts: Option<&Facts<'_>>) -> Self {
        let Offline { graph, whole, store, .. } = offline;
        let policies = &store.config.policy;
        let is_published = |package| is_published(package, facts?);
        let mut problems = AuditAsProblems::default();
        let elsewhere: BTreeMap<&str, BTreeSet<&Version>> =
            from_elsewhere(whole).fold(BTreeMap::new(), |mut all, package| {
                all.entry(package.name()).or_default().insert(package.version());
                all
            });
        for (name, version, _) in policies.iter().filter(|(_, _, policy)| policy.audit_as_crates_io.is_some())
        {
            let is_used = elsewhere
                .get(name)
                .is_some_and(|versions| version.is_none_or(|version| versions.contains(version)));
            if !is_used {
                problems.unused.push((name.to_owned(), version.cloned()));
            }
        }
        for package in from_elsewhere(graph) {
            let entry = || (package.name().to_owned(), package.version().clone());
            let is_mentioned = || is_mentioned(store, package.name());
            match setting(package, policies) {
                Some(false) => {}
                None if is_mentioned() || is_published(package) == Some(true) => {
                    problems.missing.push(entry());
                }
                Some(true) if !is_mentioned() && is_published(package) == Some(false) => {
                    problems.wrong.push(entry());
                }
                None | Some(true) => {}
            }
        }
        problems
    }

    /// A finding for each kind of problem.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let mut add = |code, what: &str, packages: String, help: &str| {
            if !packages.is_empty() {
                diagnostics.push(Diagnostic::error(code, format!("{what}{packages}")).help(help));
            }
        };
        let plain = |list: &[(String, Version)]| -> String {
            list.iter().map(|(name, version)| format!("\n  {name}:{version}")).collect()
        };
        let unused = |(name, version): &(String, Option<Version>)| match version {
            Some(version) => format!("\n  {name}:{version}"),
            None => format!("\n  {name}"),
        };
        add(
            Code::AuditAsUnused,
            "policies set `audit-as-crates-io` for packages that come from crates.io anyway, or are not in use",
            self.unused.iter().map(unused).collect(),
            "take `audit-as-crates-io` out of these policies, or run `cargo vet regenerate audit-as-crates-io`",
        );
        add(
            Code::AuditAsMissing,
            "some packages that do not come from crates.io seem to be published there",
            plain(&self.missing),
            "set `audit-as-crates-io` in their policies: `true` if they are (a copy of) the published code, and `false` if \
             they only have the name; or run `cargo vet regenerate audit-as-crates-io`",
        );
        add(
            Code::AuditAsWrong,
            "some packages are audited as if they came from crates.io, which does not have them",
            plain(&self.wrong),
            "take `audit-as-crates-io = true` out of their policies, or run `cargo vet regenerate audit-as-crates-io`",
        );
        diagnostics
    }

    /// Asks what a fix depends on.
    pub(crate) fn questions(&self) -> BTreeMap<String, Needed> {
        self.missing.iter().map(|(name, _)| (name.clone(), Needed::Everything)).collect()
    }

    /// Sets the policies right, given the graph with all that settings leave out.
    pub(crate) fn fix(&self, graph: &Graph, facts: &Facts<'_>, policies: &mut Policies) -> Vec<Fixed> {
        let is_published = |name: &str| {
            let mut packages = graph.packages().filter(|package| package.name() == name);
            packages.any(|package| {
                *package.source() == PackageSource::CratesIo || is_published(package, facts) == Some(true)
            })
        };
        let mut fixed = Vec::new();
        let missing = self.missing.iter().map(|(name, version)| (name, version, is_published(name)));
        let wrong = self.wrong.iter().map(|(name, version)| (name, version, false));
        for (name, version, value) in missing.chain(wrong) {
            set(graph, name, version, value, policies);
            fixed.push(Fixed { name: name.clone(), value: Some(value) });
        }
        for (name, version) in &self.unused {
            let policy = match (policies.0.get_mut(name), version) {
                (Some(CratePolicy::Unversioned(policy)), None) => Some(policy),
                (Some(CratePolicy::Versioned(versions)), Some(version)) => versions.get_mut(version),
                _ => None,
            };
            if let Some(policy) = policy {
                policy.audit_as_crates_io = None;
                fixed.push(Fixed { name: name.clone(), value: None });
            }
        }
        fixed.dedup();
        fixed
    }
}

/// Sets the value for one version. Where some versions of the crate come from crates.io, there is a policy for each.
fn set(graph: &Graph, name: &str, version: &Version, value: bool, policies: &mut Policies) {
    let versions = || graph.packages().filter(|package| package.name() == name);
    let needs_versions = versions().any(|package| *package.source() == PackageSource::CratesIo);
    let policy = policies.0.remove(name);
    let policy = match policy.unwrap_or_else(|| CratePolicy::Unversioned(Policy::default())) {
        CratePolicy::Unversioned(policy) if needs_versions => CratePolicy::Versioned(
            versions().map(|package| (package.version().clone(), policy.clone())).collect(),
        ),
        policy => policy,
    };
    let policy = match policy {
        CratePolicy::Unversioned(policy) => {
            CratePolicy::Unversioned(Policy { audit_as_crates_io: Some(value), ..policy })
        }
        CratePolicy::Versioned(mut versions) => {
            versions.entry(version.clone()).or_default().audit_as_crates_io = Some(value);
            CratePolicy::Versioned(versions)
        }
    };
    policies.0.insert(name.to_owned(), policy);
}
