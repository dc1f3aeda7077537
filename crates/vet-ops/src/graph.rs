//! The dependency graph of a project. It is built from the project's own files if they are
//! sufficient, and from cargo's answer otherwise.
//!
//! `read_in` has the steps in their order. `reading` has the files; `rules` says what the settings
//! leave out; `of_checkout` and `vendored` check what the checkout brings; `libraries` finds out
//! what neither lock file nor index say. `with_cargo` asks cargo (`asking`) and decides what its
//! answer is worth (`confirmation`).

mod asking;
mod confirmation;
mod first_problems;
mod libraries;
mod of_checkout;
mod out_of_reach;
mod reading;
mod rules;
mod vendored;
mod verification;
mod with_cargo;

use std::cell::LazyCell;

use vet_diagnostics::{Code, Diagnostic, Problems, Severity};
use vet_fetch::archives::Sources;
use vet_fetch::crates_io::Registries;
use vet_fetch::published::KnownPackages;
use vet_graph::{EdgeKinds, GraphData, LockFile, LockGraph, graph_from_lock};
use vet_project::Project;
use vet_store::settings::GraphSettings;

use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::{Report, Run};

pub(crate) use asking::ask_cargo;
pub(crate) use first_problems::FirstProblems;
pub(crate) use libraries::Packages;
pub use libraries::{Assumed, WhenUnknown};
use reading::Reading;
use rules::{ReadRules, Surroundings};
use with_cargo::Graphs;

/// A graph, and how certain it is.
#[derive(Clone, Debug)]
pub struct ReadGraph {
    /// The graph.
    pub data: GraphData,
    /// The graph without rules, in which packages carry the rule that leaves them out; `None` if
    /// there are no rules.
    pub whole: Option<GraphData>,
    /// What was assumed without asking cargo. Cargo might leave out edges, but would not add any,
    /// so a check that passes with the assumed edges also passes without them.
    pub assumed: Assumed,
    /// The lock file it was built from.
    pub lock: LockFile,
    /// Where to find the sources of packages.
    pub sources: Sources,
}

/// Reads the graph of a project. Reports to the run how it was read, and why.
///
/// # Errors
///
/// Neither the files of the project nor cargo give a graph.
pub fn read(
    project: &Project,
    context: &Context,
    kinds: EdgeKinds,
    when_unknown: &WhenUnknown,
    observer: &dyn Observer,
    settings: &GraphSettings,
) -> Report<ReadGraph> {
    Report::of(observer, &context.overrides.levels, |run| {
        read_in(project, context, kinds, when_unknown, run, settings)
    })
}

/// Finds what is wrong with the names in settings that have other problems, too. If the project
/// cannot be read, nothing is known about them.
pub(crate) fn problems_of_settings(
    project: &Project,
    context: &Context,
    settings: GraphSettings,
) -> FirstProblems {
    match project.read(context.cargo_home()) {
        Ok(files) => rules::problems_of(settings, project, context, &files.workspace),
        Err(_) => FirstProblems::default(),
    }
}

/// Reads the graph as a part of an operation.
pub(crate) fn read_in(
    project: &Project,
    context: &Context,
    kinds: EdgeKinds,
    when_unknown: &WhenUnknown,
    run: &Run<'_>,
    settings: &GraphSettings,
) -> Result<ReadGraph, Problems> {
    // In parallel, because there are many manifests and the lock file is long.
    let (files, lock) = std::thread::scope(|scope| {
        let lock = scope.spawn(|| {
            let lock = LockFile::parse(&project.lock_file()?)?;
            let known = KnownPackages::remembered(&lock, &context.cache);
            Ok::<_, Problems>((lock, known))
        });
        let files = project.read(context.cargo_home());
        match lock.join() {
            Ok(lock) => (files, lock),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    let files = files?;
    let (lock, known) = lock?;
    if let Some(tables) = vet_graph::patched_by_chance(&files.workspace) {
        return Err(Problems::from(verification::patched_by_chance(tables)));
    }
    let mut configuration = files.configuration.clone();
    configuration.accept_mirror(&context.registries);
    let redirection = configuration.redirection(&context.registries);
    let around = Surroundings { context, project, workspace: &files.workspace };
    let ReadRules { rules, findings } = rules::rules(settings, &around, &redirection)?;
    for finding in findings {
        // Packages that other findings are about stay in the graph, so that nothing is missed.
        if context.strict && finding.code == Code::BuiltThoughLeftOut {
            return Err(Problems::from(Diagnostic { severity: Severity::Error, ..finding }));
        }
        run.found(finding);
    }
    let rules = &rules;
    let sources =
        Sources { cargo_home: context.cargo_home.clone(), vendored: files.configuration.vendored.clone() };
    let registries = Registries {
        configuration: &configuration.registries,
        environment: &context.registries,
        cargo_home: context.cargo_home(),
        cache: &context.cache,
    };
    let known = &mut known.with_registries(&lock, &registries);
    let to_confirm = LazyCell::new(|| libraries::leading_to_local_ones(&lock));
    let is_to_confirm = |package: usize| to_confirm.contains(&package);
    known.recall_libraries(&lock, &is_to_confirm, &context.cache);
    let mut reading = Reading {
        configuration: &configuration,
        context,
        project,
        workspace: &files.workspace,
        lock: &lock,
        rules,
        run,
        sources: &sources,
        unasked: Vec::new(),
    };
    let confirm_redirection = || match redirection.settings.is_empty() {
        true => Ok(()),
        false => {
            let read = (&lock.source, &files.workspace);
            let confirmed =
                asking::confirm_redirection(project, context, read, &configuration, &redirection, run);
            confirmed.map_err(Problems::from)
        }
    };
    reading.report_checkout()?;
    reading.learn(known, &registries, &configuration.network);
    let mut left_to_cargo = options(context);
    left_to_cargo.extend(reading.compare_vendored(known, &registries, &configuration.network)?);
    left_to_cargo.extend(files.left_to_cargo.iter().cloned());
    left_to_cargo.sort();
    left_to_cargo.dedup();
    if !left_to_cargo.is_empty() {
        let why = format!("because of {}", left_to_cargo.join(", "));
        let Graphs { data, whole } = reading.accept(reading.ask_cargo(&why)?, known)?;
        confirm_redirection()?;
        return Ok(ReadGraph { data, whole, assumed: Assumed::Nothing, lock, sources });
    }
    let build = |known: &KnownPackages| graph_from_lock(&lock, &files.workspace, known, kinds, rules);
    let mut graph = build(known);
    if let Ok(LockGraph { maybe_no_library, .. }) = &graph
        && !maybe_no_library.is_empty()
        && known.read_archives(&lock, maybe_no_library, &sources.archives(&context.cache))
    {
        graph = build(known);
    }
    let wanted = |graph: &LockGraph| when_unknown.wanted(&lock, &graph.maybe_no_library);
    if let Ok(found) = &graph
        && reading.find_libraries(
            found,
            (&wanted(found), &is_to_confirm),
            known,
            &registries,
            &configuration.network,
        )
    {
        graph = build(known);
    }
    let (Graphs { mut data, mut whole }, assumed) = match graph {
        Ok(graph) => reading.complete(graph, when_unknown, known)?,
        Err(mismatch) => (reading.explain(&mismatch, known)?, Assumed::Nothing),
    };
    confirm_redirection()?;
    for data in [Some(&mut data), whole.as_mut()].into_iter().flatten() {
        known.describe(&lock, data);
    }
    Ok(ReadGraph { data, whole, assumed, lock, sources })
}

/// Options of the command line that only cargo understands.
fn options(context: &Context) -> Vec<String> {
    let features = &context.features;
    [
        (!features.all, "`--no-all-features`"),
        (!features.default, "`--no-default-features`"),
        (!features.named.is_empty(), "`--features`"),
        (!context.cargo_arguments.is_empty(), "`--cargo-arg`"),
    ]
    .into_iter()
    .filter(|(given, _)| *given)
    .map(|(_, option)| option.to_owned())
    .collect()
}
