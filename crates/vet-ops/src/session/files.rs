//! The files of a store as they were read, and what replaces them.

use vet_diagnostics::{Code, Diagnostic, Problems, Severity};
use vet_project::Project;
use vet_project::store_folder::{LockedStore, StoreContents, StoreFolder};
use vet_store::files::StoreVersion;
use vet_store::{
    Accounts, FolderFile, Loaded, Store, StoreFile, Text, dropped_text, dropped_warning, validate,
    write_audits, write_config, write_imports,
};

use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::events::Event;
use crate::operation::preview::PathInPatch;
use crate::operation::report::Run;

/// The files of a store at one moment. They are not locked.
#[derive(Debug)]
pub(super) struct ReadFiles {
    folder: StoreFolder,
    path_in_patch: PathInPatch,
    pub(super) contents: StoreContents,
}

/// The new content of a store.
pub(super) struct New {
    pub(super) store: Store,
    /// The new text of `vet.toml`, if it changes.
    pub(super) settings: Option<String>,
}

/// The result of reading the files, and a warning if the checkout decides where they are.
type Read = (Result<ReadFiles, Problems>, Option<Diagnostic>);

impl ReadFiles {
    /// Reads the files of a project's store. If files are missing, the errors of the others are
    /// reported, too.
    ///
    /// # Errors
    ///
    /// It is unclear where the store is.
    pub(super) fn read(project: &Project, context: &Context, run: &Run<'_>) -> Result<Read, Problems> {
        let (folder, doubt) = context.store_folder(project)?;
        let waiting = || run.notice(Event::WaitingForStore);
        let contents = match context.dry_run {
            true => folder.read_only(waiting),
            false => folder.read(waiting),
        };
        let contents = match contents {
            Ok(contents) => contents,
            Err(mut problems) => {
                problems.extend(folder.problems_of_readable_files());
                return Ok((Err(problems.into()), doubt));
            }
        };
        if contents.is_unfinished() {
            run.found(unfinished(&folder));
        }
        let path_in_patch = PathInPatch::new(project, &folder);
        Ok((Ok(ReadFiles { folder, path_in_patch, contents }), doubt))
    }

    /// The folder of the store.
    pub(super) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The text of `vet.toml`, if the file exists.
    pub(super) fn settings_text(&self) -> Option<Text> {
        let file = self.contents.settings()?;
        // Files that are not text were refused before.
        Text::decode(file.name, file.bytes).ok()
    }

    /// Whether this content would change the store.
    pub(super) fn would_change(&self, store: &Store) -> bool {
        !is_content(&canonical(&in_form(store.clone())), &self.contents)
    }

    /// Replaces the files. If they have the new content already, it opens nothing.
    ///
    /// # Errors
    ///
    /// The new content is invalid or cannot be written, or another process has changed the files to
    /// something else since they were read. Nothing is written then.
    pub(super) fn replace(
        &self,
        new: New,
        loaded: &Loaded,
        context: &Context,
        run: &Run<'_>,
    ) -> Result<Changes, Problems> {
        let store = in_form(new.store);
        let settings = new.settings.map(|text| (FolderFile::Settings, text));
        let texts: Vec<(FolderFile, String)> = canonical(&store).into_iter().chain(settings).collect();
        if is_content(&texts, &self.contents) {
            // Nothing changes, so it does not matter whether the store can be written.
            return Ok(Changes::none(context));
        }
        let mut files = ToWrite::open(&self.folder, context, run)?;
        if *files.contents() != self.contents {
            return match is_content(&texts, files.contents()) {
                true => Ok(Changes::none(context)),
                false => Err(Problems::from(store_changed(&self.folder))),
            };
        }
        let problems = validate(&store, None, context.today).problems;
        let errors: Vec<Diagnostic> =
            problems.into_iter().filter(|problem| problem.severity == Severity::Error).collect();
        if !errors.is_empty() {
            return Err(errors.into());
        }
        let is_changed = |(file, text): &&(FolderFile, String)| self.contents.differs(*file, text.as_bytes());
        for (file, _) in texts.iter().filter(is_changed) {
            // Nothing is removed from the settings.
            let FolderFile::Store(file) = *file else { continue };
            let source = &loaded.texts.get(file).source;
            let dropped = dropped_warning(source, &dropped_text(file, source));
            dropped.into_iter().for_each(|warning| run.found(warning));
        }
        run.refuse_denied()?;
        let (changed, preview) = match &mut files {
            ToWrite::Locked(files) => {
                let new: Vec<_> = texts.iter().map(|(file, text)| (*file, text.as_bytes())).collect();
                (files.commit(&new)?, None)
            }
            ToWrite::Preview(contents) => {
                let changed = texts.iter().filter(is_changed).map(|(file, _)| *file).collect();
                (changed, Some(self.path_in_patch.preview(Some(contents), &texts)))
            }
        };
        Ok(Changes { preview, ..Changes::between(&loaded.store, &store, changed) })
    }
}

/// The files while they are replaced.
enum ToWrite {
    /// They are locked against other processes.
    Locked(LockedStore),
    /// Nothing will be written.
    Preview(StoreContents),
}

impl ToWrite {
    fn open(folder: &StoreFolder, context: &Context, run: &Run<'_>) -> Result<Self, Problems> {
        let waiting = || run.notice(Event::WaitingForStore);
        Ok(match context.dry_run {
            false => ToWrite::Locked(folder.lock(waiting)?),
            true => ToWrite::Preview(folder.read_only(waiting)?),
        })
    }

    fn contents(&self) -> &StoreContents {
        match self {
            ToWrite::Locked(files) => files.contents(),
            ToWrite::Preview(contents) => contents,
        }
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

/// The text of each file in canonical form.
pub(crate) fn canonical(store: &Store) -> [(FolderFile, String); 3] {
    let accounts = Accounts::from_imports(&store.imports);
    [
        (StoreFile::Config.into(), write_config(&store.config)),
        (StoreFile::Audits.into(), write_audits(&store.audits, &accounts)),
        (StoreFile::Imports.into(), write_imports(&store.imports)),
    ]
}

/// A write was interrupted: the new content counts here, but other tools still see the old files.
fn unfinished(folder: &StoreFolder) -> Diagnostic {
    let message = format!("a command was interrupted while it wrote the store `{}`", folder.shown());
    Diagnostic::warning(Code::UnfinishedCommit, message)
        .note("its changes count here, but are not yet in the files; other tools see the old files")
        .help("make the store writable, and run `cargo vet` again to finish")
}

fn store_changed(folder: &StoreFolder) -> Diagnostic {
    let message = format!("another command changed the store `{}` while this command ran", folder.shown());
    Diagnostic::error(Code::StoreChanged, message).help("run the command again")
}
