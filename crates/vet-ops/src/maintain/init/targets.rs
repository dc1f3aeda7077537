//! What a new project would save if it were built for one target only.

use std::collections::BTreeSet;

use vet_diagnostics::Located;
use vet_fetch::archives::{Archives, Sources};
use vet_graph::{EdgeKinds, Graph, LockFile};
use vet_project::Project;
use vet_resolver::Resolver;
use vet_store::settings::{GraphSettings, TargetSetting};
use vet_store::{Criteria, Store, Version};

use crate::fetched_store::Network;
use crate::graph::{self, WhenUnknown};
use crate::operation::context::Context;
use crate::operation::report::Run;
use crate::search::crate_sources::CodeAccess;
use crate::search::{Lacking, lacking, lines_to_read};

/// What setting `targets` would save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetsSaving {
    /// The target.
    pub triple: String,
    /// The number of packages that would be left out.
    pub packages: usize,
    /// The number of lines that need not be read then; `None` if they could not be counted.
    pub lines: Option<u64>,
}

/// The target of this machine, if it is one of the usual ones. A project may be built for others,
/// too, so this is only an example.
fn usual_target() -> Option<&'static str> {
    Some(match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "x86_64-unknown-linux-gnu",
        ("linux", "aarch64") => "aarch64-unknown-linux-gnu",
        ("macos", "aarch64") => "aarch64-apple-darwin",
        ("macos", "x86_64") => "x86_64-apple-darwin",
        ("windows", "x86_64") => "x86_64-pc-windows-msvc",
        _ => return None,
    })
}

/// The graph without `targets`, and where the code of its packages comes from.
#[derive(Clone, Copy)]
pub(super) struct Whole<'a> {
    pub(super) graph: &'a Graph,
    pub(super) lock: &'a LockFile,
    pub(super) sources: &'a Sources,
}

/// Finds out what a project without `targets` would save. Anything that fails only means that
/// nothing can be said.
pub(super) fn saving(
    project: &Project,
    settings: &GraphSettings,
    whole: Whole<'_>,
    network: Option<Network<'_>>,
    context: &Context,
    run: &Run<'_>,
) -> Option<TargetsSaving> {
    if settings.targets.is_some() {
        return None;
    }
    let triple = usual_target()?;
    let target = TargetSetting {
        triple: Located::on_command_line(triple.to_owned()),
        like: None,
        features: Vec::new(),
    };
    let settings = GraphSettings { targets: Some(vec![target]), ..settings.clone() };
    // Findings about this graph would be about settings that the project does not have.
    let attempted = &run.attempt();
    let kinds = EdgeKinds::OfLocalPackages;
    let part = graph::read_in(project, context, kinds, &WhenUnknown::Assume, attempted, &settings).ok()?;
    let part = Graph::new(part.data, |_, _| false);
    let store = Store::default();
    let (criteria, _) = Criteria::new(&store.audits.criteria);
    let decided = |graph| Resolver::new(graph, &store, &criteria).decide();
    let (mut all, mut kept) = (lacking(whole.graph, &decided(whole.graph)), lacking(&part, &decided(&part)));
    // One name for each package.
    let left_out: Vec<&str> = {
        let kept: BTreeSet<(&str, &Version)> = packages(&kept).collect();
        packages(&all).filter(|package| !kept.contains(package)).map(|(name, _)| name).collect()
    };
    if left_out.is_empty() {
        return None;
    }
    // Other crates need the same audits in both cases.
    let concerned: BTreeSet<&str> = left_out.iter().copied().collect();
    all.retain(|name, _| concerned.contains(name));
    kept.retain(|name, _| concerned.contains(name));
    let lines = network.and_then(|network| {
        let (lock, sources) = (whole.lock, whole.sources);
        let archives = &Archives::new(network.crates_io, sources.clone());
        let code = CodeAccess { context, lock, sources, archives, network };
        let of = |lacking| lines_to_read(code, &store, &criteria, lacking, attempted);
        Some(of(&all)?.saturating_sub(of(&kept)?))
    });
    Some(TargetsSaving { triple: triple.to_owned(), packages: left_out.len(), lines })
}

fn packages<'l, 'g>(lacking: &'l Lacking<'g>) -> impl Iterator<Item = (&'g str, &'l Version)> {
    lacking.iter().flat_map(|(name, versions)| versions.iter().map(move |(version, _)| (*name, version)))
}
