//! The packages in a commit, chosen as cargo does, where it is clear what cargo does.
//!
//! Cargo searches the folders of a checkout for manifests, each folder before those in it and those in the order of their
//! names, without hidden folders, without `target` beside a manifest, and without submodules. From each package that it finds it
//! first goes on along its dependencies in folders, wherever these lead. It passes over manifests that it does not accept. Of
//! two packages with the same name and version the first one counts.
//!
//! So of several packages the first one is taken if it is [certain](accepted) that cargo accepts it, and finds it first. Nothing
//! is known here of other packages that there are several of, and of no package if a dependency leads through a link, into a
//! submodule or out of the commit.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use vet_diagnostics::Source;
use vet_graph::manifest::{Declaration, DependencyKind, Origin, VersionField, WorkspaceTable};
use vet_graph::workspace::{Root, normal};
use vet_graph::{Declared, Manifest};

use super::super::described::Described;
use super::accepted::{self, Beside};
use super::objects::{Entry, EntryKind, ObjectId, Objects};

/// A commit with more folders is not read, nor one with deeper folders.
const MOST_FOLDERS: usize = 200_000;
const DEEPEST: usize = 64;
const MOST_MANIFESTS: usize = 20_000;

const MANIFEST: &str = "Cargo.toml";

/// Where an attribute says so, git writes something else for this.
const CHANGED_BY_GIT: &str = "$Id";

/// The manifests of a commit.
#[derive(Debug)]
pub(super) struct State {
    /// By folder, from the root of the commit.
    manifests: HashMap<PathBuf, Found>,
    /// The folders of the manifests that cargo may find, by the name of the package.
    folders: HashMap<String, Vec<PathBuf>>,
    /// The folders of the manifests that cargo finds when it searches the folders, in this order.
    searched: Vec<PathBuf>,
    /// Folders in which something has the name of `src/lib.rs`.
    with_library_file: HashSet<PathBuf>,
}

#[derive(Debug)]
struct Found {
    /// Nothing if it is not understood.
    manifest: Option<Manifest>,
    /// Cargo finds it when it searches the folders.
    is_found: bool,
    /// It is certain that cargo accepts it.
    is_accepted: bool,
}

/// What is collected on the way through the folders.
struct Walk<'o> {
    objects: &'o mut Objects,
    folders: usize,
    manifests: Vec<(PathBuf, ObjectId, bool)>,
    with_library_file: HashSet<PathBuf>,
    /// What lies in the folders of packages.
    beside: HashMap<PathBuf, Beside>,
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
            beside: HashMap::new(),
            others: HashSet::new(),
        };
        walk.folder(tree, Path::new("/"), true, 0)?;
        let Walk { objects, manifests, with_library_file, beside, others, .. } = walk;
        let mut found = HashMap::new();
        let mut searched = Vec::new();
        let mut in_lower_case = HashSet::new();
        for (folder, id, is_found) in manifests {
            let text = objects.text(id).filter(|text| !text.contains(CHANGED_BY_GIT));
            let mut is_accepted = false;
            let manifest = match text.map(|text| Source::new(MANIFEST, text)) {
                Some(source) => match Manifest::parse(&source) {
                    Ok(manifest) => {
                        let beside = beside.get(&folder).copied().unwrap_or_default();
                        is_accepted = accepted::is_certain(&source.text, beside);
                        Some(manifest)
                    }
                    // Cargo passes over what is no TOML.
                    Err(_) if vet_store::toml_document(&source).0.is_none() => continue,
                    Err(_) => None,
                },
                None => None,
            };
            // Where case plays no part, one of two folders is not there.
            if !in_lower_case.insert(folder.to_string_lossy().to_lowercase()) {
                return None;
            }
            searched.extend(is_found.then(|| folder.clone()));
            found.insert(folder, Found { manifest, is_found, is_accepted });
        }
        let folders = reached(&found, &others)?;
        Some(State { manifests: found, folders, searched, with_library_file })
    }

    /// The package of a name and a version, if it is clear which one is meant.
    pub(super) fn package(
        &self,
        name: &str,
        version: &semver::Version,
    ) -> Option<(Described, Declared<'static>)> {
        let may_be_meant = |folder: &&Path| self.version(folder).is_none_or(|found| found == *version);
        let meant = self.folders.get(name)?.iter().map(PathBuf::as_path).filter(may_be_meant);
        let meant: Vec<&Path> = meant.collect();
        let folder = match meant.as_slice() {
            [] => return None,
            [folder] => *folder,
            several => self.first(several)?,
        };
        let found = self.manifests.get(folder).filter(|found| found.is_found)?;
        if self.version(folder)? != *version {
            return None;
        }
        let manifest = found.manifest.as_ref()?;
        let workspace = self.workspace(folder, manifest)?;
        let declared = Declared::of(manifest, workspace);
        let mut described = self.described(folder)?;
        for other in meant.into_iter().filter(|other| *other != folder) {
            // Old versions of cargo take any of them. What makes the graph smaller has to hold for all.
            let other = self.described(other).unwrap_or_default();
            described.is_library = described.is_library.filter(|it| *it || other.is_library == Some(false));
            described.is_proc_macro = described.is_proc_macro.filter(|it| other.is_proc_macro == Some(*it));
        }
        (!declared.is_partial()).then_some((described, declared))
    }

    fn described(&self, folder: &Path) -> Option<Described> {
        let manifest = self.manifests.get(folder)?.manifest.as_ref()?;
        let workspace = self.workspace(folder, manifest)?;
        Some(Described::of(manifest, workspace, self.with_library_file.contains(folder)))
    }

    /// The folder that cargo comes to first, of several with the same package; nothing if that is not certain.
    fn first<'f>(&self, several: &[&'f Path]) -> Option<&'f Path> {
        let mut is_certain = true;
        let mut visited = HashSet::new();
        for start in &self.searched {
            // What was found last is gone on from first.
            let mut pending = vec![start.as_path()];
            while let Some(folder) = pending.pop() {
                let Some((folder, found)) = self.manifests.get_key_value(folder) else { continue };
                let Some(manifest) = found.manifest.as_ref().filter(|manifest| manifest.package.is_some())
                else {
                    continue;
                };
                if !visited.insert(folder.as_path()) {
                    continue;
                }
                if let Some(first) = several.iter().find(|one| **one == folder.as_path()) {
                    // What is not certain can only keep cargo from a folder that it does not come to by itself.
                    return (found.is_accepted && (is_certain || folder == start)).then_some(first);
                }
                let leads_to = self.nested(folder, manifest)?;
                is_certain &= found.is_accepted || leads_to.is_empty();
                pending.extend(leads_to.into_iter().rev());
            }
        }
        None
    }

    /// The folders that the dependencies of a package lead to, in the order in which cargo goes there; nothing if that is not
    /// clear.
    fn nested(&self, folder: &Path, manifest: &Manifest) -> Option<Vec<&Path>> {
        let mut declarations: Vec<&Declaration> = manifest.dependencies.iter().collect();
        declarations.sort_by(|one, other| in_order_of_cargo(one, other));
        let mut nested = Vec::new();
        for declaration in declarations {
            let (base, specification) = match &declaration.specification {
                Some(specification) => (folder, specification),
                None => {
                    let root = self.root(folder, manifest)??;
                    let workspace = self.manifests.get(root)?.manifest.as_ref()?.workspace.as_ref()?;
                    (root, workspace.dependencies.get(&declaration.key)?)
                }
            };
            if let Origin::Path(path) = &specification.origin {
                let place = normal(&base.join(path));
                nested.extend(self.manifests.get_key_value(&place).map(|(folder, _)| folder.as_path()));
            }
        }
        Some(nested)
    }

    /// The version of the package in a folder, if it is known.
    fn version(&self, folder: &Path) -> Option<semver::Version> {
        let manifest = self.manifests.get(folder)?.manifest.as_ref()?;
        match &manifest.package.as_ref()?.version {
            VersionField::Stated(version) => Some(version.clone()),
            VersionField::Inherited(_) => self.workspace(folder, manifest)??.version.clone(),
        }
    }

    /// The workspace that a package may inherit from, `None` if there is none; nothing if that is not clear.
    fn workspace(&self, folder: &Path, manifest: &Manifest) -> Option<Option<&WorkspaceTable>> {
        let Some(root) = self.root(folder, manifest)? else { return Some(None) };
        Some(self.manifests.get(root)?.manifest.as_ref()?.workspace.as_ref())
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
            let manifest = found.manifest.as_ref()?;
            if let Some(table) = &manifest.workspace {
                if !(Root { folder: above, table }).excludes(folder) {
                    return Some(Some(above));
                }
            } else if manifest.package.as_ref().is_some_and(|package| package.workspace.is_some()) {
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
        let mut entries = self.objects.tree(tree)?;
        // Cargo reads the manifest of a folder first. Git sorts folders as if their names had slashes at the end.
        entries.sort_by(|one, other| {
            let key = |entry: &Entry| (entry.name != MANIFEST.as_bytes(), entry.name.clone());
            key(one).cmp(&key(other))
        });
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
            // Git has no such names. Cargo takes a folder with one for a submodule.
            if name.eq_ignore_ascii_case(".git") {
                return None;
            }
            self.note_beside(path, &name, kind);
            match kind {
                EntryKind::Folder if name.eq_ignore_ascii_case(MANIFEST) => return None,
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

    /// Notes what cargo may build of a package.
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

/// The order in which cargo looks at dependencies: by table, those of targets last, and by name.
fn in_order_of_cargo(one: &Declaration, other: &Declaration) -> Ordering {
    let key = |declaration: &Declaration| {
        let condition = declaration.condition.as_ref().map(|condition| condition.to_string());
        let table = match declaration.kind {
            DependencyKind::Normal => 0,
            DependencyKind::Build => 1,
            DependencyKind::Development => 2,
        };
        (condition, table)
    };
    key(one).cmp(&key(other)).then_with(|| one.key.cmp(&other.key))
}

/// The folders of all packages that some version of cargo may find, by name. Nothing if one of them cannot be read, or if
/// anything leads where the commit does not tell what is there.
fn reached(
    manifests: &HashMap<PathBuf, Found>,
    others: &HashSet<PathBuf>,
) -> Option<HashMap<String, Vec<PathBuf>>> {
    let mut folders: HashMap<String, Vec<PathBuf>> = HashMap::new();
    let mut pending: Vec<&Path> =
        manifests.iter().filter(|(_, found)| found.is_found).map(|(folder, _)| folder.as_path()).collect();
    // What is inherited leads on from the workspace, whether cargo finds that one or not.
    let of_workspaces = manifests.iter().filter_map(|(folder, found)| {
        let table = found.manifest.as_ref()?.workspace.as_ref()?;
        Some(table.dependencies.values().map(move |specification| (folder.as_path(), specification)))
    });
    for (folder, specification) in of_workspaces.flatten() {
        pending.extend(followed(folder, &specification.origin, manifests, others)?);
    }
    let is_all_read = manifests.values().all(|found| found.manifest.is_some());
    let mut seen: HashSet<&Path> = HashSet::new();
    while let Some(folder) = pending.pop() {
        if !seen.insert(folder) {
            continue;
        }
        let manifest = manifests.get(folder)?.manifest.as_ref()?;
        if let Some(package) = &manifest.package {
            folders.entry(package.name.clone()).or_default().push(folder.to_owned());
            // Its workspace may be one that is not understood.
            let is_read = |above: &Path| manifests.get(above).is_none_or(|found| found.manifest.is_some());
            if !is_all_read && (package.workspace.is_some() || !folder.ancestors().all(is_read)) {
                return None;
            }
        }
        let declared =
            manifest.dependencies.iter().filter_map(|declaration| declaration.specification.as_ref());
        // Older versions of cargo follow patches and replacements too.
        let patches = manifest.patches.iter().map(|patch| &patch.specification);
        let replacements = manifest.replacements.iter().map(|replacement| &replacement.origin);
        for origin in declared.chain(patches).map(|specification| &specification.origin).chain(replacements) {
            pending.extend(followed(folder, origin, manifests, others)?);
        }
    }
    Some(folders)
}

/// The folder with a manifest that a dependency leads to, if it leads to one. Nothing if that is not known.
fn followed<'m>(
    folder: &Path,
    origin: &Origin,
    manifests: &'m HashMap<PathBuf, Found>,
    others: &HashSet<PathBuf>,
) -> Option<Option<&'m Path>> {
    let Origin::Path(path) = origin else { return Some(None) };
    let place = normal(&folder.join(path));
    let is_elsewhere = is_outside(folder, path) || place.ancestors().any(|above| others.contains(above));
    (!is_elsewhere).then(|| manifests.get_key_value(&place).map(|(folder, _)| folder.as_path()))
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
