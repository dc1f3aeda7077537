//! What an operation would write, for dry runs.

use vet_project::Project;
use vet_project::store_folder::{StoreContents, StoreFolder};
use vet_store::FolderFile;

/// The files that would change, with both texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// In the order in which the files of a store are listed. Empty if nothing would change.
    pub files: Vec<FilePreview>,
}

/// A file that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePreview {
    /// Its path, relative to a folder in which a patch can be applied, with slashes.
    pub path: String,
    /// Its current text; `None` if the file does not exist.
    pub old: Option<String>,
    /// Its new text.
    pub new: String,
}

/// The path of a store, relative to a folder in which a patch can be applied, with a slash after
/// each name.
#[derive(Clone, Debug)]
pub(crate) struct PathInPatch(String);

impl PathInPatch {
    pub(crate) fn new(project: &Project, folder: &StoreFolder) -> Self {
        let path = project.path_in_patch(folder.path());
        PathInPatch(if path.is_empty() { path } else { path + "/" })
    }

    /// The changes to a store, or the files of a new one.
    pub(crate) fn preview(&self, old: Option<&StoreContents>, new: &[(FolderFile, String)]) -> Preview {
        let is_different = |(file, text): &&(FolderFile, String)| {
            old.is_none_or(|contents| contents.differs(*file, text.as_bytes()))
        };
        let file = |(file, text): &(FolderFile, String)| FilePreview {
            path: format!("{}{}", self.0, file.name()),
            // Files that are not UTF-8 were refused when the store was read, so nothing is lost.
            old: old
                .and_then(|contents| contents.find(*file))
                .map(|file| String::from_utf8_lossy(file.bytes).into_owned()),
            new: text.clone(),
        };
        Preview { files: new.iter().filter(is_different).map(file).collect() }
    }
}
