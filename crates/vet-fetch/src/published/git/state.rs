//! The packages in a commit, chosen as cargo does, where it is clear what cargo does.
//!
//! Cargo searches the folders of a checkout for manifests, without hidden folders, without `target` beside a manifest, and
//! without submodules; from each package it goes on along its dependencies in folders, wherever these lead. Of two packages
//! with the same name and version the first one counts. Which one is the first depends on the version of cargo and on the
//! file system. So nothing is known here of a name that several manifests have, whatever their folders are called, and of
//! no package if a dependency leads through a link, into a submodule or out of the commit.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use vet_graph::manifest::{Origin, VersionField};
use vet_graph::workspace::{Root, normal};
use vet_graph::{Declared, Manifest};
use vet_store::diagnostic::Source;

use super::super::described::Described;
use super::objects::{Entry, EntryKind, ObjectId, Objects};

/// A commit with more folders is not read, nor one with deeper folders.
const MOST_FOLDERS: usize = 200_000;
const DEEPEST: usize = 64;
const MOST_MANIFESTS: usize = 20_000;

const MANIFEST: &str = "Cargo.toml";

/// The manifests of a commit.
#[derive(Debug)]
pub(super) struct State {
    /// By folder, from the root of the commit.
    manifests: HashMap<PathBuf, Found>,
    /// How often a package has a name.
    names: HashMap<String, usize>,
    /// Folders in which something has the name of `src/lib.rs`.
    with_library_file: HashSet<PathBuf>,
}

#[derive(Debug)]
struct Found {
    manifest: Manifest,
    /// Cargo finds it when it searches the folders.
    is_found: bool,
}

/// What is collected on the way through the folders.
struct Walk<'o> {
    objects: &'o mut Objects,
    folders: usize,
    manifests: Vec<(PathBuf, ObjectId, bool)>,
    with_library_file: HashSet<PathBuf>,
    /// Links and submodules.
    others: HashSet<PathBuf>,
}

impl State {
    /// Reads a commit; nothing if there is anything in it of which it is not clear what cargo makes of it.
    pub(super) fn read(objects: &mut Objects, commit: ObjectId) -> Option<Self> {
        let tree = objects.tree_of_commit(commit)?;
        let mut walk = Walk {
            objects,
            folders: 0,
            manifests: Vec::new(),
            with_library_file: HashSet::new(),
            others: HashSet::new(),
        };
        walk.folder(tree, Path::new("/"), true, 0)?;
        let Walk { objects, manifests, with_library_file, others, .. } = walk;
        let mut state = State { manifests: HashMap::new(), names: HashMap::new(), with_library_file };
        let mut in_lower_case = HashSet::new();
        for (folder, id, is_found) in manifests {
            let text = objects.text(id)?;
            let source = Source::new(MANIFEST, text);
            let manifest = match Manifest::parse(&source) {
                Ok(manifest) => manifest,
                // Cargo passes over what is no TOML.
                Err(_) if vet_store::toml_document(&source).0.is_none() => continue,
                Err(_) => return None,
            };
            if leads_elsewhere(&manifest, &folder, &others) {
                return None;
            }
            if let Some(package) = &manifest.package {
                *state.names.entry(package.name.clone()).or_default() += 1;
            }
            // Where case plays no part, one of two folders is not there.
            if !in_lower_case.insert(folder.to_string_lossy().to_lowercase()) {
                return None;
            }
            state.manifests.insert(folder, Found { manifest, is_found });
        }
        Some(state)
    }

    /// The package of a name and a version, if it is clear which one is meant.
    pub(super) fn package(
        &self,
        name: &str,
        version: &semver::Version,
    ) -> Option<(Described, Declared<'static>)> {
        if self.names.get(name) != Some(&1) {
            return None;
        }
        let has_name =
            |found: &Found| found.manifest.package.as_ref().is_some_and(|package| package.name == name);
        let (folder, found) = self.manifests.iter().find(|(_, found)| found.is_found && has_name(found))?;
        let root = self.root(folder, &found.manifest)?;
        let workspace = root.and_then(|folder| self.manifests.get(folder)?.manifest.workspace.as_ref());
        let package = found.manifest.package.as_ref()?;
        let has_version = match &package.version {
            VersionField::Stated(stated) => stated == version,
            VersionField::Inherited(_) => workspace?.version.as_ref() == Some(version),
        };
        let declared = Declared::of(&found.manifest, workspace);
        let described = Described::of(&found.manifest, workspace, self.with_library_file.contains(folder));
        (has_version && !declared.is_partial()).then_some((described, declared))
    }

    /// The folder of the workspace that a package may inherit from, `None` if there is none; nothing if that is not clear.
    fn root(&self, folder: &Path, manifest: &Manifest) -> Option<Option<&Path>> {
        if manifest.package.as_ref().is_some_and(|package| package.workspace.is_some()) {
            return None;
        }
        let mut candidates = folder.ancestors().filter_map(|above| self.manifests.get_key_value(above));
        if manifest.workspace.is_some() {
            return Some(candidates.next().map(|(folder, _)| folder.as_path()));
        }
        for (above, found) in candidates.skip(1) {
            if let Some(table) = &found.manifest.workspace {
                if !(Root { folder: above, table }).excludes(folder) {
                    return Some(Some(above));
                }
            } else if found.manifest.package.as_ref().is_some_and(|package| package.workspace.is_some()) {
                return None;
            }
        }
        Some(None)
    }
}

impl Walk<'_> {
    fn folder(&mut self, tree: ObjectId, path: &Path, is_searched: bool, depth: usize) -> Option<()> {
        self.folders += 1;
        if self.folders > MOST_FOLDERS || depth > DEEPEST {
            return None;
        }
        let entries = self.objects.tree(tree)?;
        let has_manifest = entries.iter().any(|entry| entry.name == MANIFEST.as_bytes());
        for Entry { kind, name, id } in entries {
            // Two names that are no text become the same. Neither is that of a manifest.
            let name = String::from_utf8_lossy(&name).into_owned();
            let place = path.join(&name);
            let is_library_file = |folder: &str, file: &str| {
                name.eq_ignore_ascii_case(file)
                    && path.file_name().is_some_and(|name| name.eq_ignore_ascii_case(folder))
            };
            if is_library_file("src", "lib.rs") {
                self.with_library_file.extend(path.parent().map(Path::to_owned));
            }
            match kind {
                EntryKind::Folder => {
                    let is_hidden = name.starts_with('.') || (name == "target" && has_manifest);
                    self.folder(id, &place, is_searched && !is_hidden, depth + 1)?;
                }
                EntryKind::File if name == MANIFEST => {
                    self.manifests.push((path.to_owned(), id, is_searched));
                    if self.manifests.len() > MOST_MANIFESTS {
                        return None;
                    }
                }
                // On some file systems these are manifests.
                EntryKind::File if name.eq_ignore_ascii_case(MANIFEST) => return None,
                EntryKind::File => {}
                EntryKind::Other => {
                    // What it leads to may be a library, or have one in it.
                    if name.eq_ignore_ascii_case(MANIFEST) {
                        return None;
                    }
                    if name.eq_ignore_ascii_case("src") {
                        self.with_library_file.insert(path.to_owned());
                    }
                    self.others.insert(place);
                }
            }
        }
        Some(())
    }
}

/// Whether a dependency leads where the commit does not tell what is there.
fn leads_elsewhere(manifest: &Manifest, folder: &Path, others: &HashSet<PathBuf>) -> bool {
    let declared = manifest.dependencies.iter().filter_map(|declaration| declaration.specification.as_ref());
    let of_workspace = manifest.workspace.iter().flat_map(|table| table.dependencies.values());
    let patches = manifest.patches.iter().map(|patch| &patch.specification);
    let all = declared.chain(of_workspace).chain(patches);
    all.filter_map(|specification| match &specification.origin {
        Origin::Path(path) => Some(path),
        _ => None,
    })
    .any(|path| {
        is_outside(folder, path) || normal(&folder.join(path)).ancestors().any(|above| others.contains(above))
    })
}

/// Whether a path leads out of the commit on its way.
fn is_outside(folder: &Path, path: &str) -> bool {
    use std::path::Component;
    let mut depth = folder.components().filter(|part| matches!(part, Component::Normal(_))).count();
    for component in Path::new(path).components() {
        match component {
            Component::CurDir => {}
            Component::Normal(_) => depth += 1,
            Component::ParentDir => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return true,
            },
            Component::Prefix(_) | Component::RootDir => return true,
        }
    }
    false
}
