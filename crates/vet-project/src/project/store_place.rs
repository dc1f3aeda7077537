//! Whether the checkout decides where the store is.
//!
//! The owners of a store review changes of its files, so they review one folder. If a manifest
//! names another folder or another workspace, it can add audits that they never saw. The command
//! line and the default folder are trusted. With the default folder, there must be no other store
//! between the package and the root of the repository, because a new `[workspace]` there would
//! change the default folder.

use std::fs;
use std::path::Path;

use vet_diagnostics::{Code, Diagnostic};
use vet_graph::workspace::normal;
use vet_store::{FolderFile, StoreFile};

use super::Project;
use crate::store_folder::{DEFAULT, StoreFolder};

impl Project {
    /// A warning, if the checkout decides where the store is. `argument` is the path on the command
    /// line.
    pub fn doubt_about_store(&self, argument: Option<&Path>, folder: &StoreFolder) -> Option<Diagnostic> {
        if argument.is_some() {
            return None;
        }
        let show = self.shown();
        let root = &self.root().folder;
        let (default, used) = (normal(&root.join(DEFAULT)), normal(folder.path()));
        let shown = |path: &Path| show.path(path).replace('\\', "/");
        let message = if used != default {
            format!("a manifest says that the store is in `{}`", shown(&used))
        } else if !self.manifest.folder.starts_with(root) {
            format!("`package.workspace` in a manifest leads to the store `{}`", shown(&used))
        } else if let Some(link) = link(&used) {
            format!("`{}` is a link, so the store is elsewhere", shown(&link))
        } else {
            let other = self.other_store()?;
            format!("the store is in `{}`, and there is another one in `{}`", shown(&used), shown(&other))
        };
        Some(
            Diagnostic::warning(Code::StoreMoved, message)
                .note("a pull request could replace the store without a review by its owners")
                .help("name the folder with `--store-path`"),
        )
    }

    /// Another store between the package and the root of the repository.
    fn other_store(&self) -> Option<std::path::PathBuf> {
        let root = &self.root().folder;
        let inside = self.manifest.folder.ancestors().take_while(|folder| self.checkout.contains(folder));
        let others = inside.filter(|folder| *folder != root).map(|folder| folder.join(DEFAULT));
        others.into_iter().find(|folder| folder.join(StoreFile::Config.name()).is_file())
    }
}

/// The folder, or a file in it, if that is a link.
fn link(folder: &Path) -> Option<std::path::PathBuf> {
    let files = FolderFile::ALL.iter().map(|file| folder.join(file.name()));
    let mut paths = [folder.to_owned()].into_iter().chain(files);
    paths.find(|path| fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()))
}
