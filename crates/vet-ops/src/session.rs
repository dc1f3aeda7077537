//! An opened project and its store.
//!
//! A session reads. `Session::replace` writes a new store if no other command has changed it
//! since; otherwise the command starts again with what is there now (`attempts`). The settings say
//! which graph is read (`settings`), and the policies must match the graph (`policies`).

pub(crate) mod attempts;
pub(crate) mod backlog;
mod files;
pub(crate) mod policies;
mod reading;
pub(crate) mod settings;

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use vet_diagnostics::{Problems, Source};
use vet_fetch::archives::Sources;
use vet_graph::{EdgeKinds, Graph, GraphData, LockFile};
use vet_project::Project;
use vet_store::files::Policies;
use vet_store::validate::Condition;
use vet_store::{Loaded, Settings, Store, Text};

use crate::graph::{Assumed, ReadGraph, WhenUnknown};
use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::{Report, Run};
use crate::session::settings::settings_of;

pub(crate) use files::canonical;
use files::{New, ReadFiles};
use reading::{both, read_store, settle};

/// A store that was read and found valid, and its dependency graph.
#[derive(Debug)]
pub struct Session<'p> {
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
    /// The files of the store.
    files: ReadFiles,
}

impl<'p> Session<'p> {
    /// Reads a project and its store, for a caller that does not run an operation.
    pub fn read(context: &'p Context, observer: &dyn Observer) -> Report<Self> {
        Report::of(observer, &context.overrides.levels, |run| Session::open(context, run))
    }

    /// Opens a project and its store.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the graph and the store.
    pub(crate) fn open(context: &'p Context, run: &Run<'_>) -> Result<Self, Problems> {
        Self::read_when(&WhenUnknown::FindOut, context, run)
    }

    /// Like [`open`](Self::open), with a choice of what to do about packages that too little is
    /// known about.
    pub(crate) fn read_when(
        when_unknown: &WhenUnknown,
        context: &'p Context,
        run: &Run<'_>,
    ) -> Result<Self, Problems> {
        open(context, when_unknown, run)
    }

    /// Whether this content would change the store.
    pub(crate) fn would_change(&self, store: &Store) -> bool {
        self.files.would_change(store)
    }

    /// Replaces the content of the store, which was not locked since it was read.
    ///
    /// # Errors
    ///
    /// The new content is invalid or cannot be written, or another process has changed the store to
    /// something other than the new content. This process has not changed the store then.
    pub(crate) fn replace(&self, store: Store, run: &Run<'_>) -> Result<Changes, Problems> {
        let new = New { store, settings: None };
        self.files.replace(new, &self.loaded, self.context, run)
    }
}

impl Session<'_> {
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

    /// The folder of the store.
    pub(crate) fn folder(&self) -> &Path {
        self.files.folder()
    }
}

fn open<'p>(
    context: &'p Context,
    when_unknown: &WhenUnknown,
    run: &Run<'_>,
) -> Result<Session<'p>, Problems> {
    let project = context.project()?;
    let (files, doubt) = ReadFiles::read(&project, context, run)?;
    // The graph depends on the settings.
    let file = files.as_ref().ok().and_then(|files| files.contents.settings());
    let settings = settings_of(file, &project, context, run);
    doubt.into_iter().for_each(|doubt| run.found(doubt));
    // In parallel: neither needs the other before policies are applied. The store keeps more of its
    // memory, so it is read on this thread; other threads grow their memory in smaller steps.
    let (graph, store) = std::thread::scope(|scope| {
        let graph = settings.as_ref().ok().map(|settings| {
            scope.spawn(|| {
                let kinds = EdgeKinds::OfLocalPackages;
                crate::graph::read_in(&project, context, kinds, when_unknown, run, &settings.graph)
            })
        });
        let store = files.and_then(|files| {
            let loaded = read_store(&files.contents, context)?;
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
    settle(&mut loaded, run, |condition| match condition {
        // The whole graph: leaving a crate out must not hide an error in the store.
        Condition::CrateInUse(name) => whole.as_ref().unwrap_or(&graph).uses_third_party(name),
        Condition::PeersFetched => false,
    })?;
    let filtered = match graph.filtered_by(&context.filters) {
        Cow::Owned(part) => Some(part),
        Cow::Borrowed(_) => None,
    };
    Ok(Session {
        settings_source: files.settings_text().map(|text| text.source),
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
    files: ReadFiles,
}

impl<'p> StoreSession<'p> {
    /// Opens the store of a project.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the store.
    pub(crate) fn read(context: &'p Context, run: &Run<'_>) -> Result<Self, Problems> {
        let project = context.project()?;
        let (files, doubt) = ReadFiles::read(&project, context, run)?;
        let files = files?;
        let settings = settings_of(files.contents.settings(), &project, context, run);
        doubt.into_iter().for_each(|doubt| run.found(doubt));
        let (mut loaded, settings) = both(read_store(&files.contents, context), settings)?;
        settle(&mut loaded, run, |_| false)?;
        Ok(StoreSession { context, loaded, settings, files })
    }

    /// The text of `vet.toml`, if the file exists.
    pub(crate) fn settings_text(&self) -> Option<Text> {
        self.files.settings_text()
    }

    /// Replaces the content of the store.
    ///
    /// # Errors
    ///
    /// As for [`Session::replace`].
    pub(crate) fn replace(&self, store: Store, run: &Run<'_>) -> Result<Changes, Problems> {
        self.replace_with_settings(store, None, run)
    }

    /// Like [`replace`](Self::replace), with a new text for `vet.toml`.
    pub(crate) fn replace_with_settings(
        &self,
        store: Store,
        settings: Option<String>,
        run: &Run<'_>,
    ) -> Result<Changes, Problems> {
        self.files.replace(New { store, settings }, &self.loaded, self.context, run)
    }
}

/// The graph, in which packages count as third-party if their policy says so.
pub(crate) fn with_policies(data: GraphData, policies: &Policies) -> Graph {
    Graph::new(data, |name, version| {
        policies.get(name, version).and_then(|policy| policy.audit_as_crates_io) == Some(true)
    })
}
