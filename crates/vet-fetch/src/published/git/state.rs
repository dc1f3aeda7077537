//! The packages in a commit, chosen as cargo does, where it is clear what cargo does.
//!
//! Cargo searches the folders of a checkout for manifests: each folder before its subfolders, and
//! these in the order of their names. It leaves out hidden folders, `target` beside a manifest, and
//! submodules. When it finds a package, it first follows the package's dependencies in folders,
//! also into submodules. It ignores manifests that it does not accept. Of two packages with the
//! same name and version, it takes the first.
//!
//! So if several packages have the same name and version, the first is known to be the right one
//! only if cargo is [certain](accepted) to accept it and to find it first. A dependency may lead
//! through a link, out of the commit, or into a submodule that is not on this machine. Any package
//! may be there, so only packages that cargo finds earlier are known.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use vet_diagnostics::Source;
use vet_graph::manifest::{Declaration, DependencyKind, Origin, VersionField, WorkspaceTable};
use vet_graph::workspace::{Root, normal};
use vet_graph::{Declared, Manifest};

use super::super::described::Described;
use super::accepted;
use super::objects::ObjectId;
use super::walk::{FoundManifest, MANIFEST, Walk};

/// The manifests of a commit.
#[derive(Debug)]
pub(super) struct State {
    /// By folder, from the root of the commit.
    manifests: HashMap<PathBuf, ReadManifest>,
    /// The folders of the manifests that cargo may find, by the name of the package.
    folders: HashMap<String, Vec<PathBuf>>,
    /// The folders of the manifests that cargo finds when it searches the folders, in this order.
    searched: Vec<PathBuf>,
    /// Folders with a file `src/lib.rs`.
    with_library_file: HashSet<PathBuf>,
    /// Folders in which something may be that file, for some file systems or behind a link.
    maybe_library_file: HashSet<PathBuf>,
    /// Links, and submodules that are not read.
    others: HashSet<PathBuf>,
    /// Whether a dependency leads to a place outside the known part of the commit.
    has_unknown: bool,
}

/// What a dependency in a folder leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place<'s> {
    /// A folder with a manifest.
    Manifest(&'s Path),
    /// A folder without one.
    Nothing,
    /// An unknown place.
    Unknown,
}

#[derive(Debug)]
struct ReadManifest {
    /// `None` if it cannot be interpreted.
    manifest: Option<Manifest>,
    /// Whether cargo finds it when it searches the folders.
    is_found: bool,
    /// Whether cargo is certain to accept it.
    is_accepted: bool,
}

impl State {
    /// Reads a commit of a repository. Returns nothing if it is unclear how cargo interprets any
    /// part of it. `fetched` is the folder with the repositories that cargo fetched.
    pub(super) fn read(repository: PathBuf, commit: ObjectId, fetched: &Path) -> Option<Self> {
        let mut walk = Walk::read(repository, commit, fetched)?;
        let mut found = HashMap::new();
        let mut searched = Vec::new();
        let mut in_lower_case = HashSet::new();
        for manifest in std::mem::take(&mut walk.manifests) {
            let text = walk.text(&manifest);
            let FoundManifest { folder, is_searched: is_found, .. } = manifest;
            let mut is_accepted = false;
            let manifest = match text.map(|text| Source::new(MANIFEST, text)) {
                Some(source) => match Manifest::parse(&source) {
                    Ok(manifest) => {
                        let beside = walk.beside.get(&folder).copied().unwrap_or_default();
                        is_accepted = accepted::is_certain(&source.text, beside);
                        Some(manifest)
                    }
                    // Cargo ignores files that are not TOML.
                    Err(_) if vet_store::toml_document(&source).0.is_none() => continue,
                    Err(_) => None,
                },
                None => None,
            };
            // On file systems that ignore case, only one of the two folders exists.
            if !in_lower_case.insert(folder.to_string_lossy().to_lowercase()) {
                return None;
            }
            searched.extend(is_found.then(|| folder.clone()));
            found.insert(folder, ReadManifest { manifest, is_found, is_accepted });
        }
        let Walk { with_library_file, maybe_library_file, others, .. } = walk;
        let folders = HashMap::new();
        let mut state = State {
            manifests: found,
            folders,
            searched,
            with_library_file,
            maybe_library_file,
            others,
            has_unknown: false,
        };
        (state.folders, state.has_unknown) = state.reached()?;
        Some(state)
    }

    /// The package with a name and a version, if it is clear which one cargo takes.
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
            [folder] if !self.has_unknown => folder,
            several => self.first(several)?,
        };
        let found = self.manifests.get(folder)?;
        let is_reached = found.is_found || self.is_led_to(folder);
        if !is_reached || self.version(folder)? != *version {
            return None;
        }
        let manifest = found.manifest.as_ref()?;
        let workspace = self.workspace(folder, manifest)?;
        let declared = Declared::of(manifest, workspace);
        let mut described = self.described(folder)?;
        for other in meant.into_iter().filter(|other| *other != folder) {
            // Old versions of cargo take any of them. A fact that makes the graph smaller must hold
            // for all of them.
            let other = self.described(other).unwrap_or_default();
            described.is_library = described.is_library.filter(|it| *it || other.is_library == Some(false));
            described.is_proc_macro = described.is_proc_macro.filter(|it| other.is_proc_macro == Some(*it));
        }
        if self.has_unknown {
            described.is_library = described.is_library.filter(|it| *it);
            described.is_proc_macro = None;
        }
        (!declared.is_partial()).then_some((described, declared))
    }

    fn described(&self, folder: &Path) -> Option<Described> {
        let manifest = self.manifests.get(folder)?.manifest.as_ref()?;
        let workspace = self.workspace(folder, manifest)?;
        let with = |has_library_file| Described::of(manifest, workspace, has_library_file);
        let described = with(self.with_library_file.contains(folder));
        if self.maybe_library_file.contains(folder) && with(true).is_library != with(false).is_library {
            return Some(Described { is_library: None, ..described });
        }
        Some(described)
    }

    /// Of several folders with the same package, the one that cargo finds first; `None` if this is
    /// uncertain.
    fn first<'f>(&self, several: &[&'f Path]) -> Option<&'f Path> {
        let mut is_certain = true;
        let mut visited = HashSet::new();
        for start in &self.searched {
            // Cargo continues with the package that it found last.
            let mut pending = vec![Place::Manifest(start)];
            while let Some(place) = pending.pop() {
                let folder = match place {
                    Place::Manifest(folder) => folder,
                    Place::Nothing => continue,
                    Place::Unknown => return None,
                };
                let Some(found) = self.manifests.get(folder) else { continue };
                let Some(manifest) = found.manifest.as_ref().filter(|manifest| manifest.package.is_some())
                else {
                    continue;
                };
                if !visited.insert(folder) {
                    continue;
                }
                if let Some(first) = several.iter().find(|one| **one == folder) {
                    // An uncertain manifest matters only for folders that cargo does not search by
                    // itself.
                    return (found.is_accepted && (is_certain || folder == start)).then_some(first);
                }
                let leads_to = self.nested(folder, manifest)?;
                is_certain &= found.is_accepted || leads_to.is_empty();
                pending.extend(leads_to.into_iter().rev());
            }
        }
        None
    }

    /// Whether dependencies are certain to lead cargo to a folder.
    fn is_led_to(&self, folder: &Path) -> bool {
        let mut pending: Vec<&Path> = self.searched.iter().map(PathBuf::as_path).collect();
        let mut seen = HashSet::new();
        while let Some(at) = pending.pop() {
            if at == folder {
                return true;
            }
            let Some(found) = self.manifests.get(at).filter(|found| found.is_accepted) else { continue };
            let manifest = found.manifest.as_ref().filter(|_| seen.insert(at));
            let leads_to = manifest.and_then(|manifest| self.nested(at, manifest)).unwrap_or_default();
            pending.extend(leads_to.into_iter().filter_map(|place| match place {
                Place::Manifest(folder) => Some(folder),
                Place::Nothing | Place::Unknown => None,
            }));
        }
        false
    }

    /// What the dependencies of a package lead to, in cargo's order; `None` if this is unclear.
    fn nested(&self, folder: &Path, manifest: &Manifest) -> Option<Vec<Place<'_>>> {
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
            nested.push(self.place(base, &specification.origin));
        }
        nested.retain(|place| *place != Place::Nothing);
        Some(nested)
    }

    /// The folders of all packages that some version of cargo may find, by name, and whether it may
    /// find unknown ones. `None` if one of them cannot be read.
    fn reached(&self) -> Option<(HashMap<String, Vec<PathBuf>>, bool)> {
        let mut folders: HashMap<String, Vec<PathBuf>> = HashMap::new();
        let all = || self.manifests.iter().map(|(folder, found)| (folder.as_path(), found));
        let mut pending: Vec<&Path> =
            all().filter(|(_, found)| found.is_found).map(|(folder, _)| folder).collect();
        let mut has_unknown = false;
        let mut follow = |pending: &mut Vec<_>, place| match place {
            Place::Manifest(folder) => pending.push(folder),
            Place::Nothing => {}
            Place::Unknown => has_unknown = true,
        };
        // Inherited dependencies start at the workspace, even if cargo does not find it.
        for (folder, found) in all() {
            let table = found.manifest.as_ref().and_then(|manifest| manifest.workspace.as_ref());
            for specification in table.iter().flat_map(|table| table.dependencies.values()) {
                follow(&mut pending, self.place(folder, &specification.origin));
            }
        }
        let is_all_read = self.manifests.values().all(|found| found.manifest.is_some());
        let mut seen: HashSet<&Path> = HashSet::new();
        while let Some(folder) = pending.pop() {
            if !seen.insert(folder) {
                continue;
            }
            let manifest = self.manifests.get(folder)?.manifest.as_ref()?;
            if let Some(package) = &manifest.package {
                folders.entry(package.name.clone()).or_default().push(folder.to_owned());
                // Its workspace may be one that cannot be interpreted.
                let is_read =
                    |above: &Path| self.manifests.get(above).is_none_or(|found| found.manifest.is_some());
                if !is_all_read && (package.workspace.is_some() || !folder.ancestors().all(is_read)) {
                    return None;
                }
            }
            let declared =
                manifest.dependencies.iter().filter_map(|declaration| declaration.specification.as_ref());
            // Older versions of cargo also follow patches and replacements.
            let patches = manifest.patches.iter().map(|patch| &patch.specification);
            let origins = declared.chain(patches).map(|specification| &specification.origin);
            let replacements = manifest.replacements.iter().map(|replacement| &replacement.origin);
            for origin in origins.chain(replacements) {
                follow(&mut pending, self.place(folder, origin));
            }
        }
        if has_unknown {
            // The dependencies of an unknown package may lead anywhere.
            for (folder, found) in all().filter(|(folder, _)| !seen.contains(folder)) {
                if let Some(package) = &found.manifest.as_ref()?.package {
                    folders.entry(package.name.clone()).or_default().push(folder.to_owned());
                }
            }
        }
        Some((folders, has_unknown))
    }

    /// What a dependency of a folder leads to. Dependencies that are not in folders are skipped.
    fn place(&self, folder: &Path, origin: &Origin) -> Place<'_> {
        let Origin::Path(path) = origin else { return Place::Nothing };
        let place = normal(&folder.join(path));
        if is_outside(folder, path) || place.ancestors().any(|above| self.others.contains(above)) {
            return Place::Unknown;
        }
        self.manifests.get_key_value(&place).map_or(Place::Nothing, |(folder, _)| Place::Manifest(folder))
    }

    /// The version of the package in a folder, if it is known.
    fn version(&self, folder: &Path) -> Option<semver::Version> {
        let manifest = self.manifests.get(folder)?.manifest.as_ref()?;
        match &manifest.package.as_ref()?.version {
            VersionField::Stated(version) => Some(version.clone()),
            VersionField::Inherited(_) => self.workspace(folder, manifest)??.version.clone(),
        }
    }

    /// The workspace that a package may inherit from, `Some(None)` if there is none; `None` if this
    /// is unclear.
    fn workspace(&self, folder: &Path, manifest: &Manifest) -> Option<Option<&WorkspaceTable>> {
        let Some(root) = self.root(folder, manifest)? else { return Some(None) };
        Some(self.manifests.get(root)?.manifest.as_ref()?.workspace.as_ref())
    }

    /// The folder of the workspace that a package may inherit from, `Some(None)` if there is none;
    /// `None` if this is unclear.
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

/// The order in which cargo follows dependencies: by table, those of targets last, and by name.
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

/// Whether a path leaves the commit.
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
