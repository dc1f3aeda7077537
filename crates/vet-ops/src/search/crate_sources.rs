//! How the source of a version is found and compared: versions from git are read from git.

use vet_diagnostics::Diagnostic;
use vet_fetch::archives::{Archives, Sources};
use vet_fetch::git_sources::{CargoToList, GitSources};
use vet_graph::LockFile;
use vet_source::{Comparison, Tree};
use vet_store::Version;

use crate::fetched_store::Network;
use crate::operation::context::{Context, first_of};

/// What is needed to get at the code of any version.
#[derive(Clone, Copy)]
pub(crate) struct CodeAccess<'a> {
    pub(crate) context: &'a Context,
    /// It has the checksums.
    pub(crate) lock: &'a LockFile,
    pub(crate) sources: &'a Sources,
    pub(crate) archives: &'a Archives<'a>,
    pub(crate) network: Network<'a>,
}

/// The files of a version from git; `None` if it has another source.
pub(crate) fn git_tree(
    context: &Context,
    network: Network<'_>,
    sources: &Sources,
    name: &str,
    version: &Version,
) -> Option<Result<Tree, Diagnostic>> {
    let revision = version.git_rev.as_ref()?;
    let offline = context.frozen || network.client.is_offline();
    let found = GitSources::find(sources.cargo_home.as_deref(), name, &version.semver, revision);
    Some(found.and_then(|sources| {
        let project = context.project().map_err(first_of)?;
        let outside = context.outside(&project);
        let cargo_home = context.home_for_cargo(&project)?;
        sources.tree(CargoToList {
            cargo: &context.cargo,
            outside: &outside,
            cargo_home: cargo_home.as_deref(),
            offline,
        })
    }))
}

/// How versions are compared.
pub(crate) fn comparison<'v>(mut versions: impl Iterator<Item = &'v Version>) -> Comparison {
    match versions.any(|version| version.git_rev.is_some()) {
        true => Comparison::Git,
        false => Comparison::Published,
    }
}
