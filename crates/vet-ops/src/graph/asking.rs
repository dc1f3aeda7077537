//! Runs cargo, and reports that the operation waits for it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use vet_diagnostics::{Code, Diagnostic, Source, wording};
use vet_graph::from_metadata::CargoGraph;
use vet_graph::lock_file::LockedPackage;
use vet_graph::workspace::{LocalOrigin, Workspace};
use vet_graph::{LockFile, Rules};
use vet_project::{CargoConfiguration, Project, Redirection, Told, accept};

use super::out_of_reach::are_out_of_reach;
use crate::operation::context::{Checkout, Context, first_of};
use crate::operation::events::{Event, Stage};
use crate::operation::report::Run;

/// The interval at which the run learns that cargo is still running.
const TICK: Duration = Duration::from_millis(400);

/// Runs `cargo metadata` with the user's registries. `why` completes "asking cargo …" in verbose
/// output.
///
/// # Errors
///
/// Cargo fails, or its output cannot be understood.
pub(crate) fn ask_cargo(
    context: &Context,
    rules: &Rules,
    why: &str,
    run: &Run<'_>,
) -> Result<CargoGraph, Diagnostic> {
    if let Some(problem) = context.unfetched.problem() {
        run.notice(Event::Info(format!("cargo could not fetch a source; not asking it again {why}")));
        return Err(problem.clone());
    }
    let project = context.project().map_err(first_of)?;
    let mut configuration = project.configuration(context.cargo_home());
    configuration.accept_mirror(&context.registries);
    let addresses = named_registries(context, &project);
    let command = context.cargo_metadata(&project, &configuration, Told::Harmless, &addresses)?;
    run.notice(Event::Info(format!("asking cargo {why}: `{}`", command.shown())));
    let graph = waiting(run, || command.run(rules));
    let graph = match (graph, configuration.mirror_of_checkout(&context.registries)) {
        (Err(problem), Some(mirror)) => {
            let by_mirror = context.cargo_metadata(&project, &configuration, Told::Everything, &addresses);
            let ask = || waiting(run, || by_mirror?.run(rules));
            ask_mirror(context, problem, mirror, ask, run)
        }
        (graph, _) => graph,
    };
    if let Err(problem) = &graph
        && are_out_of_reach(std::slice::from_ref(problem))
    {
        context.unfetched.note(problem);
    }
    graph
}

/// Asks cargo whether it accepts the project with all settings of the checkout that redirect
/// sources. Cargo is asked once about the same files.
///
/// # Errors
///
/// Cargo does not accept the project.
pub(super) fn confirm_redirection(
    project: &Project,
    context: &Context,
    (lock_file, workspace): (&Arc<Source>, &Workspace),
    configuration: &CargoConfiguration,
    redirection: &Redirection,
    run: &Run<'_>,
) -> Result<(), Diagnostic> {
    let settings = redirection.settings.iter().map(String::as_str);
    let settings = wording::list(settings, "and");
    let addresses = named_registries(context, project);
    let command = context.cargo_metadata(project, configuration, Told::Everything, &addresses)?;
    let checkout = Checkout {
        lock_file: lock_file.clone(),
        workspace: workspace.clone(),
        configuration: command.configuration.clone(),
    };
    if context.accepted.is(&checkout) {
        return Ok(());
    }
    run.notice(Event::Info(format!(
        "asking cargo whether it accepts the checkout with {settings}: `{}`",
        command.shown()
    )));
    let problem = match waiting(run, || command.run(&Rules::default())) {
        Ok(_) => {
            context.accepted.note(checkout);
            return Ok(());
        }
        Err(problem) => problem,
    };
    let message = format!("cargo refuses the checkout with {settings} in its configuration");
    let refused = problem
        .notes
        .iter()
        .fold(Diagnostic::error(Code::SourcesRefused, message), |refused, note| refused.note(note.clone()));
    Err(refused.help(match configuration.mirror_of_checkout(&context.registries) {
        Some(mirror) => accept(mirror),
        None => "correct the setting, or move it into the configuration in cargo's home".to_owned(),
    }))
}

/// The URLs of registries that manifests and `Cargo.lock` name. Files that cannot be read are
/// skipped; cargo reports them.
fn named_registries(context: &Context, project: &Project) -> BTreeSet<String> {
    let lock = project.lock_file().ok().and_then(|file| LockFile::parse(&file).ok());
    let locked = lock.iter().flat_map(|lock| lock.packages.iter().chain(&lock.unused_patches));
    let locked = locked.filter_map(LockedPackage::registry);
    let mut addresses: BTreeSet<String> =
        locked.map(|source| source.strip_prefix("registry+").unwrap_or(source).to_owned()).collect();
    if let Ok(files) = project.read(context.cargo_home()) {
        let workspace = files.workspace;
        let packages = workspace.packages.into_iter().flat_map(|package| package.dependencies);
        let origins = packages.map(|dependency| dependency.origin);
        let patches = workspace.patches.into_iter().map(|patch| patch.origin);
        addresses.extend(origins.chain(patches).filter_map(|origin| match origin {
            LocalOrigin::Index(address) => Some(address),
            _ => None,
        }));
    }
    addresses
}

/// Reports that cargo is running, because cargo prints nothing before it ends.
fn waiting<T>(run: &Run<'_>, ask: impl FnOnce() -> T) -> T {
    let (ended, end) = mpsc::channel::<()>();
    let answer = std::thread::scope(|scope| {
        scope.spawn(move || {
            while end.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                run.notice(Event::Progress { stage: Stage::Cargo, done: 0, total: 1 });
            }
        });
        let answer = ask();
        drop(ended);
        answer
    });
    run.notice(Event::Progress { stage: Stage::Cargo, done: 1, total: 1 });
    answer
}

/// Cargo could not answer with the user's registry, so it is asked again with a mirror that the
/// checkout names.
fn ask_mirror(
    context: &Context,
    problem: Diagnostic,
    mirror: &str,
    ask: impl FnOnce() -> Result<CargoGraph, Diagnostic>,
    run: &Run<'_>,
) -> Result<CargoGraph, Diagnostic> {
    if context.strict {
        return Err(problem.help(accept(mirror)));
    }
    // If both fail, the first error is the relevant one.
    let Ok(graph) = ask() else { return Err(problem) };
    let message = "the dependency graph relies on a mirror of crates.io that only the checkout names";
    let doubt = Diagnostic::warning(Code::MirrorOfCheckout, message);
    let doubt = problem.notes.iter().fold(doubt, |doubt, note| doubt.note(note.clone()));
    run.found(doubt.help(accept(mirror)));
    Ok(graph)
}
