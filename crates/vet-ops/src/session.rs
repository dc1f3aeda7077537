//! An opened project and its store.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use vet_diagnostics::{Code, Diagnostic, Severity, Source};
use vet_fetch::published::Sources;
use vet_graph::{EdgeKinds, Graph, GraphData, LockFile};
use vet_project::Project;
use vet_project::store_folder::{LockedStore, StoreFolder};
use vet_store::files::{Policies, StoreVersion};
use vet_store::validate::Condition;
use vet_store::{
    Accounts, FolderFile, Loaded, Settings, Store, StoreBytes, StoreFile, Text, check_formatting, check_lock,
    check_version, dropped_text, dropped_warning, load, validate, write_audits, write_config, write_imports,
};

use crate::changes::Changes;
use crate::context::Context;
use crate::events::{Event, Observer, refuse_denied};
use crate::fetched_store::Offline;
use crate::graph::{Assumed, ReadGraph, WhenUnknown};
use crate::preview::PathInPatch;
use crate::settings::settings_of;

pub use vet_project::store_folder::StoreContents;

/// A store that was read and found valid, and its dependency graph.
#[derive(Debug)]
pub struct Session<'p, S> {
    /// The environment in which it was opened.
    pub context: &'p Context,
    /// The dependency graph, without what the settings leave out.
    pub graph: Graph,
    /// The graph including what the settings leave out; `None` if they leave nothing out.
    whole: Option<Graph>,
    /// The part of the graph that matches the filters, if there are filters.
    filtered: Option<Graph>,
    /// What was assumed about the graph: see [`WhenUnknown`].
    pub(crate) assumed: Assumed,
    /// The lock file of the project.
    pub(crate) lock: LockFile,
    /// Where to find the sources of packages.
    pub(crate) sources: Sources,
    /// The content of the store.
    pub loaded: Loaded,
    /// The settings of the project, with overrides from the command line.
    pub settings: Settings,
    settings_source: Option<Arc<Source>>,
    /// The project.
    pub(crate) project: Project,
    /// The folder of the store.
    folder: StoreFolder,
    path_in_patch: PathInPatch,
    /// The files, to be read or to be changed.
    files: S,
}

/// The files of a store that will be changed.
#[derive(Debug)]
pub enum ToChange {
    /// They are locked against other processes.
    Locked(LockedStore),
    /// Nothing will be written.
    Preview(StoreContents),
}

impl ToChange {
    fn open(
        folder: &StoreFolder,
        context: &Context,
        observer: &dyn Observer,
    ) -> Result<Self, Vec<Diagnostic>> {
        let waiting = || observer.notice(Event::WaitingForStore);
        Ok(match context.dry_run {
            false => ToChange::Locked(folder.lock(waiting)?),
            true => ToChange::Preview(folder.read_only(waiting)?),
        })
    }
}

impl<'p> Session<'p, StoreContents> {
    /// Opens a project and its store for reading.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the graph and the store.
    pub fn read(context: &'p Context, observer: &dyn Observer) -> Result<Self, Vec<Diagnostic>> {
        Self::read_when(&WhenUnknown::FindOut, context, observer)
    }

    /// Like [`read`](Self::read), with a choice of what to do about packages that too little is
    /// known about.
    pub(crate) fn read_when(
        when_unknown: &WhenUnknown,
        context: &'p Context,
        observer: &dyn Observer,
    ) -> Result<Self, Vec<Diagnostic>> {
        let waiting = || observer.notice(Event::WaitingForStore);
        open(context, when_unknown, observer, |folder| match context.dry_run {
            true => folder.read_only(waiting),
            false => folder.read(waiting),
        })
    }

    /// Whether this content would change the store.
    pub(crate) fn would_change(&self, store: &Store) -> bool {
        !is_content(&canonical(&in_form(store.clone())), &self.files)
    }

    /// Replaces the content of the store, which was not locked since it was read.
    ///
    /// # Errors
    ///
    /// As for [`Session::save`]; or another process has changed the store to something other than
    /// the new content.
    pub fn replace(&self, store: Store, observer: &dyn Observer) -> Result<Changes, Vec<Diagnostic>> {
        let store = in_form(store);
        if is_content(&canonical(&store), &self.files) {
            // Nothing changes, so it does not matter whether the store can be written.
            return Ok(Changes::none(self.context));
        }
        let mut files = ToChange::open(&self.folder, self.context, observer)?;
        if *files.contents() != self.files {
            return match is_content(&canonical(&store), files.contents()) {
                true => Ok(Changes::none(self.context)),
                false => Err(vec![store_changed(&self.folder)]),
            };
        }
        let saving = Saving {
            files: &mut files,
            path_in_patch: &self.path_in_patch,
            loaded: &self.loaded,
            context: self.context,
        };
        save(saving, store, None, observer)
    }
}

/// A store in the current format version.
fn in_form(mut store: Store) -> Store {
    store.config.version = StoreVersion::CURRENT;
    store
}

/// Whether files already have these texts.
fn is_content(texts: &[(FolderFile, String)], files: &StoreContents) -> bool {
    texts.iter().all(|(file, text)| !files.differs(*file, text.as_bytes()))
}

fn store_changed(folder: &StoreFolder) -> Diagnostic {
    let message = format!("another command changed the store `{}` meanwhile", folder.shown());
    Diagnostic::error(Code::StoreChanged, message).help("run the command again")
}

impl<'p> Session<'p, ToChange> {
    /// Opens a project and its store for changes. Unless this is a dry run, other processes wait
    /// until the session ends.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the graph and the store.
    pub fn write(context: &'p Context, observer: &dyn Observer) -> Result<Self, Vec<Diagnostic>> {
        open(context, &WhenUnknown::FindOut, observer, |folder| ToChange::open(folder, context, observer))
    }

    /// Replaces the content of the store.
    ///
    /// # Errors
    ///
    /// The new content is invalid or cannot be written. The store is unchanged then.
    pub fn save(&mut self, store: Store, observer: &dyn Observer) -> Result<Changes, Vec<Diagnostic>> {
        save(self.saving(), store, None, observer)
    }

    fn saving(&mut self) -> Saving<'_> {
        let Session { files, path_in_patch, loaded, context, .. } = self;
        Saving { files, path_in_patch, loaded, context }
    }
}

impl<S> Session<'_, S> {
    /// The graph including what the settings leave out.
    pub fn whole(&self) -> &Graph {
        self.whole.as_ref().unwrap_or(&self.graph)
    }

    /// Whether the settings leave anything out.
    pub(crate) fn has_rules(&self) -> bool {
        self.whole.is_some()
    }

    /// Like [`view`](Self::view), including what the settings leave out; `None` if they leave
    /// nothing out.
    pub(crate) fn whole_view(&self) -> Option<Cow<'_, Graph>> {
        self.whole.as_ref().map(|whole| whole.filtered_by(&self.context.filters))
    }

    /// Whether more is unknown than which packages are libraries, or whether it is unknown for
    /// several graphs.
    pub(crate) fn leaves_more_open(&self) -> bool {
        self.assumed == Assumed::Terms || self.has_rules()
    }

    /// The text of `vet.toml`, if the file exists.
    pub(crate) fn settings_source(&self) -> Option<&Arc<Source>> {
        self.settings_source.as_ref()
    }

    /// The checked part of the graph.
    pub fn view(&self) -> &Graph {
        self.filtered.as_ref().unwrap_or(&self.graph)
    }

    /// The project and store, for fetching.
    pub(crate) fn offline(&self) -> Offline<'_> {
        Offline {
            graph: &self.graph,
            whole: self.whole(),
            store: &self.loaded.store,
            criteria: &self.loaded.criteria,
            folder: self.folder.path(),
            today: self.context.today,
        }
    }
}

fn open<'p, S: Files>(
    context: &'p Context,
    when_unknown: &WhenUnknown,
    observer: &dyn Observer,
    files: impl FnOnce(&StoreFolder) -> Result<S, Vec<Diagnostic>>,
) -> Result<Session<'p, S>, Vec<Diagnostic>> {
    let project = context.project()?;
    let (folder, doubt) = context.store_folder(&project)?;
    let files = files(&folder).map_err(|problems| with_others(problems, &folder));
    if let Ok(files) = &files {
        warn_if_unfinished(files.contents(), &folder, observer);
    }
    // The graph depends on the settings.
    let file = files.as_ref().ok().and_then(|files| files.contents().settings());
    let settings = settings_of(file, context, observer);
    doubt.into_iter().for_each(|doubt| observer.notice(Event::Finding(doubt)));
    // In parallel: neither needs the other before policies are applied. The store keeps more of its
    // memory, so it is read on this thread; other threads grow their memory in smaller steps.
    let (graph, store) = std::thread::scope(|scope| {
        let graph = settings.as_ref().ok().map(|settings| {
            scope.spawn(|| {
                let kinds = EdgeKinds::OfLocalPackages;
                crate::graph::read(&project, context, kinds, when_unknown, observer, &settings.graph)
            })
        });
        let store = files.and_then(|files| {
            let loaded = read_store(files.contents(), context)?;
            Ok((files, loaded))
        });
        match graph.map(|graph| graph.join()) {
            None => (None, store),
            Some(Ok(graph)) => (Some(graph), store),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
        }
    });
    let (settings, graph) = match (settings, graph) {
        (Ok(settings), Some(graph)) => (settings, graph),
        (settings, _) => {
            let problems = [store.err(), settings.err()];
            return Err(problems.into_iter().flatten().flatten().collect());
        }
    };
    let (ReadGraph { data, whole, assumed, lock, sources }, (files, mut loaded)) = both(graph, store)?;
    let graph = with_policies(data, &loaded.store.config.policy);
    let whole = whole.map(|data| with_policies(data, &loaded.store.config.policy));
    settle(&mut loaded, observer, |condition| match condition {
        // The whole graph: leaving a crate out must not hide an error in the store.
        Condition::CrateInUse(name) => whole.as_ref().unwrap_or(&graph).uses_third_party(name),
        Condition::PeersFetched => false,
    })?;
    let filtered = match graph.filtered_by(&context.filters) {
        Cow::Owned(part) => Some(part),
        Cow::Borrowed(_) => None,
    };
    let path_in_patch = PathInPatch::new(&project, &folder);
    // Files that are not text were refused before.
    let settings_source =
        files.contents().settings().and_then(|file| Text::decode(file.name, file.bytes).ok());
    Ok(Session {
        settings_source: settings_source.map(|text| text.source),
        whole,
        filtered,
        assumed,
        lock,
        sources,
        context,
        project,
        graph,
        loaded,
        settings,
        folder,
        path_in_patch,
        files,
    })
}

/// A store that was opened without the dependency graph.
#[derive(Debug)]
pub struct StoreSession<'p> {
    /// The environment in which it was opened.
    pub context: &'p Context,
    /// The content.
    pub loaded: Loaded,
    /// The settings of the project, with overrides from the command line.
    pub settings: Settings,
    path_in_patch: PathInPatch,
    files: ToChange,
}

impl<'p> StoreSession<'p> {
    /// Opens the store of a project for changes.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the store.
    pub fn write(context: &'p Context, observer: &dyn Observer) -> Result<Self, Vec<Diagnostic>> {
        let project = context.project()?;
        let (folder, doubt) = context.store_folder(&project)?;
        let files = ToChange::open(&folder, context, observer);
        let files = files.map_err(|problems| with_others(problems, &folder))?;
        warn_if_unfinished(files.contents(), &folder, observer);
        let settings = settings_of(files.contents().settings(), context, observer);
        doubt.into_iter().for_each(|doubt| observer.notice(Event::Finding(doubt)));
        let (mut loaded, settings) = both(read_store(files.contents(), context), settings)?;
        settle(&mut loaded, observer, |_| false)?;
        let path_in_patch = PathInPatch::new(&project, &folder);
        Ok(StoreSession { context, loaded, settings, path_in_patch, files })
    }

    /// The text of `vet.toml`, if the file exists.
    pub(crate) fn settings_text(&self) -> Option<Text> {
        let file = self.files.contents().settings()?;
        // Files that are not text were refused before.
        Text::decode(file.name, file.bytes).ok()
    }

    /// Replaces the content of the store.
    ///
    /// # Errors
    ///
    /// As for [`Session::save`].
    pub fn save(&mut self, store: Store, observer: &dyn Observer) -> Result<Changes, Vec<Diagnostic>> {
        save(self.saving(), store, None, observer)
    }

    /// Like [`save`](Self::save), with a new text for `vet.toml`.
    pub(crate) fn save_with_settings(
        &mut self,
        store: Store,
        settings: Option<String>,
        observer: &dyn Observer,
    ) -> Result<Changes, Vec<Diagnostic>> {
        let settings = settings.map(|text| (FolderFile::Settings, text));
        save(self.saving(), store, settings, observer)
    }

    fn saving(&mut self) -> Saving<'_> {
        let StoreSession { files, path_in_patch, loaded, context, .. } = self;
        Saving { files, path_in_patch, loaded, context }
    }
}

/// The files of a session.
trait Files {
    fn contents(&self) -> &StoreContents;
}

impl Files for StoreContents {
    fn contents(&self) -> &StoreContents {
        self
    }
}

impl Files for ToChange {
    fn contents(&self) -> &StoreContents {
        match self {
            ToChange::Locked(files) => files.contents(),
            ToChange::Preview(contents) => contents,
        }
    }
}

/// Warns if a write was interrupted: the new content counts here, but other tools still see the old
/// files.
fn warn_if_unfinished(contents: &StoreContents, folder: &StoreFolder, observer: &dyn Observer) {
    if contents.is_unfinished() {
        let message = format!("a command was interrupted while it wrote the store `{}`", folder.shown());
        let warning = Diagnostic::warning(Code::UnfinishedCommit, message)
            .note("its changes count here, but the files do not have them yet; other tools see the old ones")
            .help("make the store writable, and run `cargo vet` again to finish");
        observer.notice(Event::Finding(warning));
    }
}

/// Both values, or the errors of both.
fn both<A, B>(
    a: Result<A, Vec<Diagnostic>>,
    b: Result<B, Vec<Diagnostic>>,
) -> Result<(A, B), Vec<Diagnostic>> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (a, b) => Err([a.err(), b.err()].into_iter().flatten().flatten().collect()),
    }
}

/// If files are missing, reports the errors of the others, too.
fn with_others(mut problems: Vec<Diagnostic>, folder: &StoreFolder) -> Vec<Diagnostic> {
    problems.extend(folder.problems_of_readable_files());
    problems
}

/// Reads a store. If it must not be changed, also checks that it is in canonical form.
fn read_store(contents: &StoreContents, context: &Context) -> Result<Loaded, Vec<Diagnostic>> {
    let bytes: StoreBytes<'_> = contents.as_store_bytes();
    let loaded = load(bytes, context.today)?;
    if !context.locked {
        return Ok(loaded);
    }
    let (store, texts) = (&loaded.store, &loaded.texts);
    if let Some(problem) = check_version(store, texts) {
        return Err(vec![problem]);
    }
    let mut problems = check_formatting(store, texts);
    problems.extend(check_lock(store, texts));
    if problems.is_empty() { Ok(loaded) } else { Err(problems) }
}

/// Reports warnings about a store, and fails if it is invalid under the given conditions.
fn settle(
    loaded: &mut Loaded,
    observer: &dyn Observer,
    holds: impl Fn(&Condition) -> bool,
) -> Result<(), Vec<Diagnostic>> {
    let settled = loaded.conditional.drain(..).map(|finding| {
        let holds = holds(&finding.condition);
        finding.settle(holds)
    });
    let findings = loaded.warnings.drain(..).chain(settled);
    let (errors, warnings): (Vec<_>, Vec<_>) =
        findings.partition(|finding| finding.severity == Severity::Error);
    first_ones(warnings, "warnings").into_iter().for_each(|warning| observer.notice(Event::Finding(warning)));
    let errors = first_ones(errors, "problems");
    let errors: Vec<Diagnostic> = errors.into_iter().chain(observer.take_denied()).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Findings of one kind about a store beyond this number are only counted, because showing one
/// takes time proportional to the size of the file.
const MOST_FINDINGS: usize = 100;

fn first_ones(mut findings: Vec<Diagnostic>, what: &str) -> Vec<Diagnostic> {
    let all = findings.len();
    let mut of_kind: BTreeMap<Code, usize> = BTreeMap::new();
    findings.retain(|finding| {
        let count = of_kind.entry(finding.code).or_default();
        *count += 1;
        *count <= MOST_FINDINGS
    });
    let more = all - findings.len();
    if more > 0
        && let Some(last) = findings.last_mut()
    {
        last.notes.push(format!("{more} more {what} about the store are not shown"));
    }
    findings
}

/// The graph, in which packages count as third-party if their policy says so.
pub(crate) fn with_policies(data: GraphData, policies: &Policies) -> Graph {
    Graph::new(data, |name, version| {
        policies.get(name, version).and_then(|policy| policy.audit_as_crates_io) == Some(true)
    })
}

/// What is needed to replace the content of a store.
struct Saving<'s> {
    files: &'s mut ToChange,
    path_in_patch: &'s PathInPatch,
    loaded: &'s Loaded,
    context: &'s Context,
}

/// Replaces the content of a store, and the text of the settings if it is given.
fn save(
    saving: Saving<'_>,
    store: Store,
    settings: Option<(FolderFile, String)>,
    observer: &dyn Observer,
) -> Result<Changes, Vec<Diagnostic>> {
    let Saving { files, path_in_patch, loaded, context } = saving;
    let store = in_form(store);
    let problems = validate(&store, None, context.today).problems;
    let errors: Vec<Diagnostic> =
        problems.into_iter().filter(|problem| problem.severity == Severity::Error).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let texts: Vec<(FolderFile, String)> = canonical(&store).into_iter().chain(settings).collect();
    let is_changed = |(file, text): &&(FolderFile, String)| files.contents().differs(*file, text.as_bytes());
    for (file, _) in texts.iter().filter(is_changed) {
        // Nothing is removed from the settings.
        let FolderFile::Store(file) = *file else { continue };
        let source = &loaded.texts.get(file).source;
        let dropped = dropped_warning(source, &dropped_text(file, source));
        dropped.into_iter().for_each(|warning| observer.notice(Event::Finding(warning)));
    }
    refuse_denied(observer)?;
    let changed = texts.iter().filter(is_changed).map(|(file, _)| *file).collect();
    let (changed, preview) = match files {
        ToChange::Locked(files) => {
            let new: Vec<_> = texts.iter().map(|(file, text)| (*file, text.as_bytes())).collect();
            (files.commit(&new).map_err(|problem| vec![problem])?, None)
        }
        ToChange::Preview(contents) => (changed, Some(path_in_patch.preview(Some(contents), &texts))),
    };
    Ok(Changes { preview, ..Changes::between(&loaded.store, &store, changed) })
}

/// The text of each file in canonical form.
pub(crate) fn canonical(store: &Store) -> [(FolderFile, String); 3] {
    let accounts = Accounts::from_imports(&store.imports);
    [
        (StoreFile::Config.into(), write_config(&store.config)),
        (StoreFile::Audits.into(), write_audits(&store.audits, &accounts)),
        (StoreFile::Imports.into(), write_imports(&store.imports)),
    ]
}
