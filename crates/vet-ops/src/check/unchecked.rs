//! Third-party code that no check examines.
//!
//! Code that does not come from crates.io is first-party and is not checked, unless a policy says
//! that it is audited as a crates.io crate. This is right for code that is written in the checkout,
//! but it also lets other code in unnoticed. The verdict is the same as the original's; in
//! addition, warnings name these packages until the owners of the store state what they are.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_graph::{LockFile, Package, PackageSource};
use vet_project::Whereabouts;

use crate::fetched_store::AuditAsProblems;
use crate::session::Session;

/// Why a user may want to examine a package that is not checked, or is checked as another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// It comes from git.
    Git,
    /// It comes from another registry.
    Registry,
    /// It is in the checkout, and was once published.
    Copied,
    /// It is in a folder outside the checkout.
    Outside,
    /// It comes from another registry, and is audited as the crates.io crate of the same name.
    Namesake,
}

/// Packages that are not checked, or are checked as other ones.
pub(crate) struct Unchecked<'s> {
    packages: BTreeMap<Kind, Vec<Package<'s>>>,
    lock: &'s LockFile,
}

impl<'s> Unchecked<'s> {
    /// Examines the checked part of the graph, without packages that were already reported.
    pub(crate) fn find(session: &'s Session<'_>, reported: &AuditAsProblems) -> Self {
        Self::among(session, |package| !reported.reports(*package))
    }

    /// Examines the packages with a name.
    pub(crate) fn named(session: &'s Session<'_>, name: &str) -> Self {
        Self::among(session, |package| package.name() == name)
    }

    fn among(session: &'s Session<'_>, is_wanted: impl Fn(&Package<'s>) -> bool) -> Self {
        let own = session.project.own_folders(session.context.cargo_home());
        let policies = &session.loaded.store.config.policy;
        let mut packages: BTreeMap<Kind, Vec<Package<'s>>> = BTreeMap::new();
        let elsewhere = |package: &Package<'s>| *package.source() != PackageSource::CratesIo;
        for package in session.view().packages().filter(elsewhere).filter(is_wanted) {
            let policy = policies.get(package.name(), package.version());
            let audit_as = policy.and_then(|policy| policy.audit_as_crates_io);
            let kind = match (package.source(), audit_as) {
                (_, Some(false)) | (PackageSource::CratesIo, _) => None,
                (PackageSource::Other(source), audit_as) => match (source.starts_with("git+"), audit_as) {
                    (true, None) => Some(Kind::Git),
                    (true, Some(_)) => None,
                    (false, None) => Some(Kind::Registry),
                    (false, Some(_)) => Some(Kind::Namesake),
                },
                (PackageSource::Path, Some(true)) => None,
                (PackageSource::Path, None) => match package.folder().map(|folder| own.whereabouts(folder)) {
                    None | Some(Whereabouts::Checkout) => None,
                    Some(Whereabouts::Copied) => Some(Kind::Copied),
                    Some(Whereabouts::Outside) => Some(Kind::Outside),
                },
            };
            if let Some(kind) = kind {
                packages.entry(kind).or_default().push(package);
            }
        }
        Unchecked { packages, lock: &session.lock }
    }

    /// One warning for each kind.
    pub(crate) fn warnings(&self) -> Vec<Diagnostic> {
        self.packages.iter().map(|(kind, packages)| kind.warning(packages, self.lock)).collect()
    }
}

impl Kind {
    fn warning(self, packages: &[Package<'_>], lock: &LockFile) -> Diagnostic {
        // All names, because a hidden one could be the one that matters.
        let names: BTreeSet<&str> = packages.iter().map(|package| package.name()).collect();
        let names: Vec<_> = names.into_iter().map(wording::shown).collect();
        let (one, many) = match self {
            Kind::Git => ("package from git is not checked", "packages from git are not checked"),
            Kind::Registry => (
                "package from another registry is not checked",
                "packages from other registries are not checked",
            ),
            Kind::Copied => {
                ("copy of a published package is not checked", "copies of published packages are not checked")
            }
            Kind::Outside => (
                "package outside this checkout is not checked",
                "packages outside this checkout are not checked",
            ),
            Kind::Namesake => (
                "package from another registry is checked as a package from crates.io",
                "packages from other registries are checked as packages from crates.io",
            ),
        };
        let message = format!("{}: {}", wording::count(packages.len(), one, many), names.join(", "));
        let warning = Diagnostic::warning(self.code(), message);
        let locked = |package: &Package<'_>| {
            lock.number_of(package.name(), &package.version().semver, package.source())
        };
        let label = match self {
            Kind::Git | Kind::Registry => Some("not checked"),
            Kind::Namesake => Some("checked as if from crates.io"),
            // Manifests say where these come from.
            Kind::Copied | Kind::Outside => None,
        };
        let locked: Vec<usize> = label.iter().flat_map(|_| packages.iter().filter_map(locked)).collect();
        let warning = lock.mark(warning, &locked, label.unwrap_or_default());
        match self {
            Kind::Git => warning.help(
                "set `audit-as-crates-io` in their policies: `true` to audit them as copies of the published packages, `false` if you trust their source",
            ),
            Kind::Registry => warning.help(
                "take them from crates.io, or set `audit-as-crates-io = false` in their policies if you trust their source",
            ),
            Kind::Copied => warning.help(
                "set `audit-as-crates-io` in their policies: `true` if they are published packages, perhaps with changes, `false` if this project maintains them",
            ),
            Kind::Outside => {
                const MOST_FOLDERS: usize = 5;
                let folders = packages.iter().take(MOST_FOLDERS).filter_map(|package| {
                    let folder = package.folder()?.display().to_string();
                    Some(format!("`{}` is in {}", wording::shown(package.name()), wording::shown(&folder)))
                });
                folders.fold(warning, Diagnostic::note).help(
                    "take them from crates.io or into the checkout, or set `audit-as-crates-io = false` in their policies if you trust these folders",
                )
            }
            Kind::Namesake => warning
                .note("entries in the store cover the archives on crates.io, which may contain different code")
                .help("take them from crates.io, or compare the archives"),
        }
    }

    fn code(self) -> Code {
        match self {
            Kind::Git => Code::UncheckedGit,
            Kind::Registry => Code::UncheckedRegistry,
            Kind::Copied => Code::UncheckedCopy,
            Kind::Outside => Code::UncheckedFolder,
            Kind::Namesake => Code::Namesake,
        }
    }
}
