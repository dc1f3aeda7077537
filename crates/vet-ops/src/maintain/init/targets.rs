//! What a new project would save if it were built for one target only.

use std::collections::BTreeSet;

use vet_diagnostics::Located;
use vet_fetch::archives::Archives;
use vet_graph::{EdgeKinds, Graph};
use vet_project::Project;
use vet_resolver::{Resolver, Verdict};
use vet_store::settings::{GraphSettings, TargetSetting};
use vet_store::{Criteria, CriteriaSet, Store, Version};

use crate::fetched_store::Network;
use crate::graph::{self, ReadGraph, WhenUnknown};
use crate::operation::context::Context;
use crate::operation::report::Run;
use crate::search::{Lacking, Offers, Search};

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

/// Finds out what a project without `targets` would save. Anything that fails only means that
/// nothing can be said.
pub(super) fn saving(
    project: &Project,
    settings: &GraphSettings,
    whole: &ReadGraph,
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
    let whole_graph = Graph::new(whole.data.clone(), |_, _| false);
    let part = Graph::new(part.data, |_, _| false);
    let store = Store::default();
    let (criteria, _) = Criteria::new(&store.audits.criteria);
    let all = unvetted(&whole_graph, &store, &criteria);
    let kept = unvetted(&part, &store, &criteria);
    let is_kept: BTreeSet<(&str, &Version)> =
        kept.iter().map(|(name, version, _)| (name.as_str(), version)).collect();
    let names = all.iter().map(|(name, version, _)| (name.as_str(), version));
    let left_out: Vec<_> = names.filter(|package| !is_kept.contains(package)).collect();
    if left_out.is_empty() {
        return None;
    }
    let concerned: BTreeSet<&str> = left_out.iter().map(|(name, _)| *name).collect();
    let lines = network.and_then(|network| {
        let search = Search {
            context,
            graph: &whole_graph,
            store: &store,
            exemptions: &store.config.exemptions,
            criteria: &criteria,
            lock: &whole.lock,
            sources: &whole.sources,
            archives: &Archives::new(network.crates_io, whole.sources.clone()),
            network,
            offers: Offers { registry: false },
        };
        let of = |packages| search.lines_of(&lacking(packages, &concerned), attempted);
        Some(of(&all)?.saturating_sub(of(&kept)?))
    });
    Some(TargetsSaving { triple: triple.to_owned(), packages: left_out.len(), lines })
}

/// The packages in use, and the criteria that they lack, without any audit.
fn unvetted(graph: &Graph, store: &Store, criteria: &Criteria) -> Vec<(String, Version, CriteriaSet)> {
    let verdicts = Resolver::new(graph, store, criteria).decide().verdicts.into_iter();
    let lacking = verdicts.filter_map(|(ix, verdict)| match (graph.package(ix), verdict) {
        (Some(package), Verdict::Unvetted(missing)) => {
            Some((package.name().to_owned(), package.version().clone(), missing))
        }
        _ => None,
    });
    lacking.collect()
}

/// What the versions of some crates lack.
fn lacking<'p>(packages: &'p [(String, Version, CriteriaSet)], crates: &BTreeSet<&str>) -> Lacking<'p> {
    let mut lacking = Lacking::new();
    for (name, version, missing) in packages.iter().filter(|(name, ..)| crates.contains(name.as_str())) {
        lacking.entry(name.as_str()).or_default().push((version.clone(), missing.clone()));
    }
    lacking
}
