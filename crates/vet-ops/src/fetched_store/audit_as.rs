//! Packages of this project whose name also exists on crates.io: a policy must say whether they are
//! audited as the published crate.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, Problems, Severity, wording};
use vet_fetch::crates_io::{CratesIo, Needed};
use vet_graph::{About, Graph, Package, PackageSource};
use vet_store::files::{CratePolicy, Policies, Policy};
use vet_store::{Store, Version};

use super::descriptions::Descriptions;
use super::facts::{Facts, NOT_LOOKED_AT, Questions};
use super::network::WhenDown;
use super::offline::Offline;
use crate::operation::context::Context;
use crate::operation::report::Run;

/// Problems with `audit-as-crates-io` in policies. Packages are listed by name and version, in the
/// order of the graph.
#[derive(Debug, Default)]
pub(crate) struct AuditAsProblems {
    /// The policy is set, but every package that it applies to comes from crates.io.
    unused: Vec<(String, Option<Version>)>,
    /// The policy is not set, but crates.io has the package.
    missing: Vec<(String, Version)>,
    /// The policy is `true`, but crates.io does not have the package.
    wrong: Vec<(String, Version)>,
    /// The policy is not set, crates.io has a crate of this name, and the description of the
    /// package could not be read. The package may be a copy.
    undescribed: Vec<(String, Version)>,
    /// The descriptions that cargo gave.
    descriptions: Descriptions,
}

/// Whether crates.io has a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Published {
    /// crates.io has a crate of this name with the same description or repository.
    Yes,
    /// crates.io has no crate of this name, or a different one.
    No,
    /// crates.io has a crate of this name, but the description of the package could not be read.
    Undescribed,
    /// crates.io could not be asked.
    NotAsked,
}

/// A policy that was corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The crate.
    pub name: String,
    /// The new value of `audit-as-crates-io`; `None` if it was removed.
    pub value: Option<bool>,
}

/// Packages that do not come from crates.io.
fn from_elsewhere(graph: &Graph) -> impl Iterator<Item = Package<'_>> {
    graph.packages().filter(|package| *package.source() != PackageSource::CratesIo)
}

fn setting(package: Package<'_>, policies: &Policies) -> Option<bool> {
    policies.get(package.name(), package.version())?.audit_as_crates_io
}

/// Whether the store has entries about a published crate of this name.
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

/// Packages that crates.io must be asked about.
pub(super) fn candidates<'a>(offline: Offline<'a>) -> impl Iterator<Item = Package<'a>> {
    let Offline { graph, store, .. } = offline;
    from_elsewhere(graph).filter(|package| {
        setting(*package, &store.config.policy) != Some(false) && !is_mentioned(store, package.name())
    })
}

/// The questions about those packages that exist on crates.io.
pub(super) fn more_questions(offline: Offline<'_>, facts: &Facts) -> Questions {
    let existing = candidates(offline).filter(|package| facts.exists(package.name()) == Some(true));
    existing.map(|package| (package.name().to_owned(), Needed::Everything)).collect()
}

/// The packages whose description decides whether they are copies of published crates, and is
/// unknown.
fn undescribed<'p>(packages: impl Iterator<Item = Package<'p>>, facts: &Facts) -> Vec<Package<'p>> {
    let is_undescribed = |package: &Package<'_>| {
        *package.about() == About::Unknown && facts.exists(package.name()) == Some(true)
    };
    packages.filter(is_undescribed).collect()
}

/// Compares the crates.io description of a package with the package's own.
fn published(package: Package<'_>, facts: &Facts, descriptions: &Descriptions) -> Published {
    match facts.exists(package.name()) {
        None => return Published::NotAsked,
        Some(false) => return Published::No,
        Some(true) => {}
    }
    let Some(published) = facts.details(package.name()) else { return Published::NotAsked };
    let About::Known { description, repository } = descriptions.about(package) else {
        return Published::Undescribed;
    };
    let same = |published: &Option<String>, own: &Option<String>| published.is_some() && published == own;
    match same(&published.description, description) || same(&published.repository, repository) {
        true => Published::Yes,
        false => Published::No,
    }
}

impl AuditAsProblems {
    /// Finds all problems, with the answers of crates.io. Asks cargo for descriptions that the
    /// graph lacks, if crates.io has crates of these names.
    pub(super) fn ask(offline: Offline<'_>, facts: &Facts, context: &Context, run: &Run<'_>) -> Self {
        let undescribed = undescribed(candidates(offline), facts);
        let descriptions = Descriptions::ask(&undescribed, context, run);
        Self::find(offline, Some(facts), descriptions)
    }

    /// Like [`ask`](Self::ask), and also asks crates.io everything that [`fix`](Self::fix) needs.
    ///
    /// # Errors
    ///
    /// crates.io cannot be asked, and that is a reason to fail.
    pub(crate) fn ask_to_fix(
        offline: Offline<'_>,
        crates_io: &CratesIo<'_>,
        context: &Context,
        run: &Run<'_>,
    ) -> Result<(Self, Facts), Problems> {
        let policies = &offline.store.config.policy;
        let unset = || from_elsewhere(offline.graph).filter(|package| setting(*package, policies).is_none());
        let names = candidates(offline).map(|package| package.name().to_owned());
        let mut facts = Facts::asked(crates_io, names.map(|name| (name, Needed::Versions)).collect(), run);
        let mentioned = unset().filter(|package| is_mentioned(offline.store, package.name()));
        let mentioned = mentioned.map(|package| (package.name().to_owned(), Needed::Everything));
        let questions = more_questions(offline, &facts).into_iter().chain(mentioned).collect();
        facts.ask(crates_io, questions, run);
        facts.settle(WhenDown::UseLocked, NOT_LOOKED_AT, run)?;
        let descriptions = Descriptions::ask(&undescribed(unset(), &facts), context, run);
        let problems = Self::find(offline, Some(&facts), descriptions);
        if let Some(undescribed) = problems.undescribed() {
            let warning = Diagnostic { severity: Severity::Warning, ..undescribed };
            run.found(warning);
        }
        Ok((problems, facts))
    }

    /// The problems that can be found without crates.io: packages that the store mentions and that
    /// have no policy.
    pub(crate) fn of_locked(offline: Offline<'_>) -> Self {
        Self::find(offline, None, Descriptions::default())
    }

    /// Finds all problems, as far as known. Packages that are left out are not looked up, but
    /// policies for them count as used.
    ///
    /// Without facts from crates.io, a package is accepted if it is unknown whether it is
    /// published.
    fn find(offline: Offline<'_>, facts: Option<&Facts>, descriptions: Descriptions) -> Self {
        let Offline { graph, whole, store, .. } = offline;
        let policies = &store.config.policy;
        let published = |package| match facts {
            Some(facts) => published(package, facts, &descriptions),
            None => Published::NotAsked,
        };
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
                None if is_mentioned() => problems.missing.push(entry()),
                None => match published(package) {
                    Published::Yes => problems.missing.push(entry()),
                    Published::Undescribed => problems.undescribed.push(entry()),
                    Published::No | Published::NotAsked => {}
                },
                Some(true) if !is_mentioned() && published(package) == Published::No => {
                    problems.wrong.push(entry());
                }
                Some(true) => {}
            }
        }
        AuditAsProblems { descriptions, ..problems }
    }

    /// Fails if there is a problem. If cargo cannot describe packages, reports a warning, which
    /// fails a strict run.
    ///
    /// # Errors
    ///
    /// One finding for each kind of problem.
    pub(crate) fn settle(&self, context: &Context, run: &Run<'_>) -> Result<(), Problems> {
        let mut problems = self.diagnostics();
        if context.strict {
            problems.iter_mut().for_each(|problem| problem.severity = Severity::Error);
        }
        let is_error = |problem: &Diagnostic| problem.severity == Severity::Error;
        if problems.iter().any(is_error) {
            return Err(problems.into());
        }
        problems.into_iter().for_each(|warning| run.found(warning));
        Ok(())
    }

    /// Whether a package must have a policy, or may need one.
    pub(crate) fn reports(&self, package: Package<'_>) -> bool {
        let is_it =
            |(name, version): &(String, Version)| name == package.name() && version == package.version();
        self.missing.iter().chain(&self.undescribed).any(is_it)
    }

    /// Packages that must have a policy.
    pub(crate) fn missing(&self) -> Option<Diagnostic> {
        let problem = Diagnostic::error(
            Code::AuditAsMissing,
            format!(
                "some packages that do not come from crates.io seem to be published there{}",
                lines(&self.missing)
            ),
        );
        let problem = problem.help(
            "set `audit-as-crates-io` in their policies: `true` if they are the published code or a copy of it, `false` if they only share the name; or run `cargo vet regenerate audit-as-crates-io`",
        );
        (!self.missing.is_empty()).then_some(problem)
    }

    /// Packages that may need a policy.
    pub(crate) fn undescribed(&self) -> Option<Diagnostic> {
        if self.undescribed.is_empty() {
            return None;
        }
        let message = format!(
            "some packages that do not come from crates.io have the names of published crates, and their descriptions could not be read{}",
            lines(&self.undescribed)
        );
        let help = "make their sources reachable, or set `audit-as-crates-io` in their policies: `true` to audit them as copies of the published packages, `false` if they only share the name";
        let problem = match self.descriptions.failure() {
            // If cargo cannot describe the graph, nothing else can answer.
            Some(failure) => {
                let words = failure.notes.last().map_or("", String::as_str);
                let said = words.lines().find_map(|line| line.strip_prefix("error: "));
                let said = said.unwrap_or(&failure.message);
                Diagnostic::warning(Code::AuditAsMissing, message).note(format!("cargo says: {said}"))
            }
            None => Diagnostic::error(Code::AuditAsMissing, message),
        };
        Some(problem.help(help))
    }

    /// One finding for each kind of problem.
    fn diagnostics(&self) -> Vec<Diagnostic> {
        let finding = |code, what: &str, packages: String, help: &str| {
            let problem = Diagnostic::error(code, format!("{what}{packages}")).help(help);
            (!packages.is_empty()).then_some(problem)
        };
        let unused = |(name, version): &(String, Option<Version>)| match version {
            Some(version) => format!("\n  {name}:{version}"),
            None => format!("\n  {name}"),
        };
        let findings = [
            finding(
                Code::AuditAsUnused,
                "policies set `audit-as-crates-io` for packages that come from crates.io or are not in use",
                self.unused.iter().map(unused).collect(),
                "remove `audit-as-crates-io` from these policies, or run `cargo vet regenerate audit-as-crates-io`",
            ),
            self.missing(),
            self.undescribed(),
            finding(
                Code::AuditAsWrong,
                "some packages are audited as packages from crates.io, which does not have them",
                lines(&self.wrong),
                "remove `audit-as-crates-io = true` from their policies, or run `cargo vet regenerate audit-as-crates-io`",
            ),
        ];
        findings.into_iter().flatten().collect()
    }

    /// Corrects the policies, given the graph including what the settings leave out. If it is
    /// unknown whether a package is published, its policy stays unchanged.
    pub(crate) fn fix(&self, graph: &Graph, facts: &Facts, policies: &mut Policies) -> Vec<Fixed> {
        let is_published = |name: &str| {
            let packages = graph.packages().filter(|package| package.name() == name);
            let published = packages.map(|package| match package.source() {
                PackageSource::CratesIo => Published::Yes,
                _ => published(package, facts, &self.descriptions),
            });
            let published: Vec<Published> = published.collect();
            if published.iter().any(|one| matches!(one, Published::Yes | Published::Undescribed)) {
                Some(true)
            } else {
                (!published.contains(&Published::NotAsked)).then_some(false)
            }
        };
        let mut fixed = Vec::new();
        let missing = self.missing.iter().map(|(name, version)| (name, version, is_published(name)));
        let wrong = self.wrong.iter().map(|(name, version)| (name, version, Some(false)));
        for (name, version, value) in missing.chain(wrong) {
            let Some(value) = value else { continue };
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

/// Packages, one per line.
fn lines(packages: &[(String, Version)]) -> String {
    packages.iter().map(|(name, version)| format!("\n  {}:{version}", wording::shown(name))).collect()
}

/// Sets the value for one version. If some versions of the crate come from crates.io, each version
/// has its own policy.
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
