//! What cargo checks out of a commit: its folders, and those of its submodules.
//!
//! Cargo fetches the repository of a submodule like that of a package. What is read there is
//! verified like everything else: the tree names the commit of the submodule.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::accepted::Beside;
use super::objects::{EntryKind, ObjectId, Objects, TreeEntry};
use super::repositories;
use super::submodules::{self, Submodule};

/// The maximum number of folders of a commit, and their maximum depth.
const MOST_FOLDERS: usize = 200_000;
const DEEPEST: usize = 64;
const MOST_MANIFESTS: usize = 20_000;
/// The maximum number of submodules. The content of others is unknown.
const MOST_SUBMODULES: usize = 100;

pub(super) const MANIFEST: &str = "Cargo.toml";

/// If an attribute asks for it, git expands this when it writes a file.
const CHANGED_BY_GIT: &str = "$Id";

/// The facts that are collected in all folders.
pub(super) struct Walk<'r> {
    /// The folder with the repositories that cargo fetched.
    fetched: &'r Path,
    /// The repositories that are read: that of the commit, and those of submodules.
    open: Vec<(PathBuf, Objects)>,
    folders: usize,
    submodules: usize,
    pub(super) manifests: Vec<FoundManifest>,
    /// Folders with a file `src/lib.rs`.
    pub(super) with_library_file: HashSet<PathBuf>,
    /// Folders in which something may be that file, for some file systems or behind a link.
    pub(super) maybe_library_file: HashSet<PathBuf>,
    /// The files in the folders of packages.
    pub(super) beside: HashMap<PathBuf, Beside>,
    /// Links, and submodules that are not read.
    pub(super) others: HashSet<PathBuf>,
}

/// A manifest that was found.
#[derive(Clone, Debug)]
pub(super) struct FoundManifest {
    pub(super) folder: PathBuf,
    /// Whether cargo finds it when it searches the folders.
    pub(super) is_searched: bool,
    /// Its repository, by its place among those that are read.
    repository: usize,
    id: ObjectId,
}

/// A commit that is checked out, and its submodules by folder.
struct CheckedOut {
    repository: usize,
    submodules: HashMap<PathBuf, Submodule>,
}

impl<'r> Walk<'r> {
    /// Walks through a commit of a repository; `None` if it is unclear what cargo checks out.
    pub(super) fn read(repository: PathBuf, commit: ObjectId, fetched: &'r Path) -> Option<Self> {
        let mut walk = Walk {
            fetched,
            open: Vec::new(),
            folders: 0,
            submodules: 0,
            manifests: Vec::new(),
            with_library_file: HashSet::new(),
            maybe_library_file: HashSet::new(),
            beside: HashMap::new(),
            others: HashSet::new(),
        };
        let (repository, tree) = walk.find(repository, commit)?;
        walk.check_out(repository, tree, Path::new("/"), true, 0)?;
        Some(walk)
    }

    /// The text of a manifest, if it is a text and git writes it unchanged.
    pub(super) fn text(&mut self, manifest: &FoundManifest) -> Option<String> {
        self.text_in(manifest.repository, manifest.id)
    }

    fn text_in(&mut self, repository: usize, id: ObjectId) -> Option<String> {
        let (_, objects) = self.open.get_mut(repository)?;
        objects.text(id).filter(|text| !text.contains(CHANGED_BY_GIT))
    }

    /// The place of a repository among those that are read, and the tree of one of its commits.
    fn find(&mut self, repository: PathBuf, commit: ObjectId) -> Option<(usize, ObjectId)> {
        if let Some(place) = self.open.iter().position(|(open, _)| *open == repository) {
            let (_, objects) = self.open.get_mut(place)?;
            return Some((place, objects.tree_of_commit(commit)?));
        }
        let mut objects = Objects::open(&repository)?;
        let tree = objects.tree_of_commit(commit)?;
        self.open.push((repository, objects));
        Some((self.open.len() - 1, tree))
    }

    /// Goes through the tree of a commit that is checked out at a path.
    fn check_out(
        &mut self,
        repository: usize,
        tree: ObjectId,
        path: &Path,
        is_searched: bool,
        depth: usize,
    ) -> Option<()> {
        let entries = self.open.get_mut(repository)?.1.tree(tree)?;
        let mut named = entries.iter().filter(|entry| entry.name.eq_ignore_ascii_case(b".gitmodules"));
        let submodules = match (named.next(), named.next()) {
            (None, _) => HashMap::new(),
            (Some(file), None) if file.name == b".gitmodules" && file.kind == EntryKind::File => {
                submodules::parse(&self.text_in(repository, file.id)?)?
            }
            (Some(_), _) => return None,
        };
        let submodules = submodules.into_iter().map(|(place, submodule)| (path.join(place), submodule));
        let checked_out = CheckedOut { repository, submodules: submodules.collect() };
        self.folder(&checked_out, tree, path, is_searched, depth)
    }

    /// Goes through a submodule, if it is checked out and its repository is on this machine.
    /// Otherwise, its content is unknown.
    fn submodule(
        &mut self,
        submodule: &Submodule,
        commit: ObjectId,
        place: PathBuf,
        depth: usize,
    ) -> Option<()> {
        self.submodules += 1;
        let is_read = submodule.is_checked_out && self.submodules <= MOST_SUBMODULES;
        let mut fetched = repositories(self.fetched, &submodule.url).filter(|_| is_read);
        let Some((repository, tree)) = fetched.find_map(|repository| self.find(repository, commit)) else {
            self.others.insert(place);
            return Some(());
        };
        self.check_out(repository, tree, &place, false, depth)
    }

    fn folder(
        &mut self,
        checked_out: &CheckedOut,
        tree: ObjectId,
        path: &Path,
        is_searched: bool,
        depth: usize,
    ) -> Option<()> {
        self.folders += 1;
        if self.folders > MOST_FOLDERS || depth > DEEPEST {
            return None;
        }
        let mut entries = self.open.get_mut(checked_out.repository)?.1.tree(tree)?;
        // Cargo reads the manifest of a folder first. Git sorts folders as if their names had
        // slashes at the end.
        entries.sort_by(|one, other| {
            let key = |entry: &TreeEntry| (entry.name != MANIFEST.as_bytes(), entry.name.clone());
            key(one).cmp(&key(other))
        });
        let has_manifest = entries.iter().any(|entry| entry.name == MANIFEST.as_bytes());
        for TreeEntry { kind, name, id } in entries {
            // Cargo does not take such a folder for hidden, whatever its name begins with.
            if kind == EntryKind::Folder && std::str::from_utf8(&name).is_err() {
                return None;
            }
            // Names that are not UTF-8 may become equal. None of them is the name of a manifest.
            let name = String::from_utf8_lossy(&name).into_owned();
            let place = path.join(&name);
            let is_library_file = |folder: &str, file: &str| {
                name.eq_ignore_ascii_case(file)
                    && path.file_name().is_some_and(|name| name.eq_ignore_ascii_case(folder))
            };
            if is_library_file("src", "lib.rs") {
                let is_certain = kind == EntryKind::File && name == "lib.rs" && path.ends_with("src");
                let package = path.parent().map(Path::to_owned);
                if is_certain {
                    self.with_library_file.extend(package);
                } else {
                    self.maybe_library_file.extend(package);
                }
            }
            // Git writes no such names. Cargo treats a folder with one as a submodule.
            if name.eq_ignore_ascii_case(".git") {
                return None;
            }
            self.note_beside(path, &name, kind);
            match kind {
                EntryKind::Folder if name.eq_ignore_ascii_case(MANIFEST) => return None,
                EntryKind::Folder => {
                    let is_hidden = name.starts_with('.') || (name == "target" && has_manifest);
                    self.folder(checked_out, id, &place, is_searched && !is_hidden, depth + 1)?;
                }
                EntryKind::File if name == MANIFEST => {
                    let (folder, repository) = (path.to_owned(), checked_out.repository);
                    self.manifests.push(FoundManifest { folder, is_searched, repository, id });
                    if self.manifests.len() > MOST_MANIFESTS {
                        return None;
                    }
                }
                // On some file systems these are manifests.
                EntryKind::File if name.eq_ignore_ascii_case(MANIFEST) => return None,
                EntryKind::File => {}
                EntryKind::Submodule | EntryKind::Other => {
                    // Its target may be a library, or contain one.
                    if name.eq_ignore_ascii_case(MANIFEST) {
                        return None;
                    }
                    if name.eq_ignore_ascii_case("src") {
                        self.maybe_library_file.insert(path.to_owned());
                    }
                    if kind == EntryKind::Other {
                        self.others.insert(place);
                        continue;
                    }
                    // Cargo refuses a commit if `.gitmodules` does not name the submodule.
                    let submodule = checked_out.submodules.get(&place)?;
                    self.submodule(submodule, id, place, depth + 1)?;
                }
            }
        }
        Some(())
    }

    /// Records which files of a package cargo may build.
    fn note_beside(&mut self, path: &Path, name: &str, kind: EntryKind) {
        let is_file = kind == EntryKind::File;
        let is_in_sources = path.file_name().is_some_and(|folder| folder == "src");
        let mut note = |folder: &Path, what: fn(&mut Beside) -> &mut bool| {
            *what(self.beside.entry(folder.to_owned()).or_default()) = true;
        };
        match name {
            "build.rs" if is_file => note(path, |beside| &mut beside.build_script),
            "tests" | "examples" | "benches" => note(path, |beside| &mut beside.others),
            _ => {}
        }
        let Some(package) = path.parent().filter(|_| is_in_sources) else { return };
        match name {
            "lib.rs" if is_file => note(package, |beside| &mut beside.library),
            "main.rs" if is_file => note(package, |beside| &mut beside.program),
            "lib.rs" | "main.rs" | "bin" => note(package, |beside| &mut beside.others),
            _ => {}
        }
    }
}
