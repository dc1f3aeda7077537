//! `init`: creates a store for a project that has none.

mod targets;

use vet_diagnostics::Problems;
use vet_graph::{EdgeKinds, Graph, PackageSource};
use vet_resolver::{Resolver, UpdateMode, update};
use vet_store::files::Policies;
use vet_store::{Criteria, Store};

use crate::fetched_store::{AuditAsProblems, Network, Offline};
use crate::graph::{self, ReadGraph, WhenUnknown};
use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::preview::PathInPatch;
use crate::operation::report::{Report, Run};
use crate::session::settings::settings_without_store;
use crate::session::{canonical, with_policies};

pub use targets::TargetsSaving;

/// What `init` did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitOutcome {
    /// The folder of the new store, as the user would write it.
    pub folder: String,
    /// The content of the new store.
    pub changes: Changes,
    /// Packages of this project that were not looked up on crates.io.
    pub not_looked_up: Vec<String>,
    /// What the setting `targets` would save, if anything.
    pub targets: Option<TargetsSaving>,
}

/// Creates a store that exempts all third-party packages in use, except those that the settings
/// leave out. Without a network, or if crates.io is unreachable, packages of this project are
/// not looked up there.
///
/// # Errors
///
/// A store exists already, the project cannot be read, or the store cannot be written. Nothing is
/// left behind then.
pub fn init(context: &Context, network: Option<Network<'_>>, observer: &dyn Observer) -> Report<InitOutcome> {
    Report::of(observer, &context.overrides.levels, |run| make(context, network, run))
}

fn make(context: &Context, network: Option<Network<'_>>, run: &Run<'_>) -> Result<InitOutcome, Problems> {
    let project = context.project()?;
    let (folder, doubt) = context.store_folder(&project)?;
    folder.check_absent()?;
    let settings = settings_without_store(&project, context, run)?;
    doubt.into_iter().for_each(|doubt| run.found(doubt));
    let kinds = EdgeKinds::OfLocalPackages;
    let graph = graph::read_in(&project, context, kinds, &WhenUnknown::FindOut, run, &settings.graph)?;
    let ReadGraph { data, whole, lock, sources, .. } = graph;
    let mut store = Store::default();
    let (criteria, _) = Criteria::new(&store.audits.criteria);
    let mut not_looked_up = Vec::new();
    let graph = Graph::new(data.clone(), |_, _| false);
    match network {
        Some(network) => {
            let whole = whole.map(|data| Graph::new(data, |_, _| false));
            let whole = whole.as_ref().unwrap_or(&graph);
            let offline = Offline {
                graph: &graph,
                whole,
                store: &store,
                criteria: &criteria,
                folder: folder.path(),
                today: context.today,
            };
            let (problems, facts) = AuditAsProblems::ask_to_fix(offline, network.crates_io, context, run)?;
            let mut policies = Policies::default();
            problems.fix(whole, &facts, &mut policies);
            store.config.policy = policies;
        }
        None => {
            let ours = graph.packages().filter(|package| *package.source() != PackageSource::CratesIo);
            not_looked_up.extend(ours.map(|package| package.name().to_owned()));
        }
    }
    let policed = with_policies(data, &store.config.policy);
    let view = policed.filtered_by(&context.filters);
    let resolver = Resolver::new(&view, &store, &criteria);
    let update = update(&resolver, |_| UpdateMode::REGENERATE_EXEMPTIONS);
    drop(resolver);
    let complete = update.applied_to(&store);
    let texts = canonical(&complete);
    let preview = match context.dry_run {
        true => Some(PathInPatch::new(&project, &folder).preview(None, &texts)),
        false => {
            run.refuse_denied()?;
            let files: Vec<_> = texts.iter().map(|(file, text)| (*file, text.as_bytes())).collect();
            folder.create(&files)?;
            None
        }
    };
    let files = texts.iter().map(|(file, _)| *file).collect();
    let changes = Changes { preview, ..Changes::between(&Store::default(), &complete, files) };
    let targets = match context.dry_run {
        true => None,
        false => {
            let whole = targets::Whole { graph: &graph, lock: &lock, sources: &sources };
            targets::saving(&project, &settings.graph, whole, network, context, run)
        }
    };
    Ok(InitOutcome { folder: folder.shown().to_owned(), changes, not_looked_up, targets })
}
