//! The members of a workspace, and the folders that they depend on.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use vet_diagnostics::{Code, Diagnostic};
use vet_graph::workspace::{LocalOrigin, LocalPackage, LocalPatch, LocalReplacement, Root, normal};

use super::wildcards::{MOST_STEPS, Refused, expand};
use super::{MANIFEST, ManifestInFolder, Shown, root};

/// How often folders may be reached by a further name, in total.
const MOST_NAMES: usize = 64;

/// Reads the manifests of all members, and of all packages in folders that they depend on.
///
/// Reasons why something cannot be followed are added to `left_to_cargo`.
pub(super) fn read(
    workspace: &ManifestInFolder,
    patches: &[LocalPatch],
    replacements: &[LocalReplacement],
    cargo_home: Option<&Path>,
    show: Shown<'_>,
    left_to_cargo: &mut Vec<String>,
) -> Result<Vec<LocalPackage>, Vec<Diagnostic>> {
    let table = workspace.manifest.workspace.as_ref();
    let mut reader = Reader {
        root: table.map(|table| Root { folder: &workspace.folder, table }),
        workspace,
        cargo_home,
        show,
        manifests: HashMap::new(),
        roots: HashMap::new(),
        above: HashMap::new(),
        reached: HashSet::new(),
        names: 0,
        packages: Vec::new(),
        left_to_cargo,
        problems: Vec::new(),
    };
    reader.members();
    reader.dependencies(patches.iter().map(|patch| &patch.origin));
    reader.replacements(replacements);
    if reader.problems.is_empty() { Ok(reader.packages) } else { Err(reader.problems) }
}

struct Reader<'r> {
    root: Option<Root<'r>>,
    workspace: &'r ManifestInFolder,
    cargo_home: Option<&'r Path>,
    show: Shown<'r>,
    /// The metadata of the manifests in folders, if they exist. Each folder is queried once.
    manifests: HashMap<PathBuf, Option<Metadata>>,
    /// The workspace roots of packages outside of the workspace, by folder of the package.
    roots: HashMap<PathBuf, Option<Arc<ManifestInFolder>>>,
    /// The manifests above these packages, by path.
    above: HashMap<PathBuf, Result<Arc<ManifestInFolder>, Vec<Diagnostic>>>,
    /// The folders that were reached, by identity, whatever links led there.
    reached: HashSet<Identity>,
    /// How often folders were reached by a further name, in total.
    names: usize,
    packages: Vec<LocalPackage>,
    left_to_cargo: &'r mut Vec<String>,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Reads the members: the packages that the workspace names, and the packages in folders inside
    /// of it that members depend on.
    fn members(&mut self) {
        let mut seen = HashSet::new();
        // The folders of dependencies. Many members depend on the same ones.
        let mut considered: HashSet<PathBuf> = HashSet::new();
        let mut pending: VecDeque<PathBuf> = VecDeque::new();
        if let Some(root) = self.root {
            pending.extend(self.named_members(root));
        }
        pending.push_back(self.workspace.folder.clone());
        while let Some(folder) = pending.pop_front() {
            let is_named = folder == self.workspace.folder;
            let excluded = self.root.is_some_and(|root| root.excludes(&folder));
            if (excluded && !is_named) || seen.contains(&folder) {
                continue;
            }
            seen.insert(folder.clone());
            if !self.reach(&folder) {
                return;
            }
            let Some(package) = self.package(&folder, true) else { continue };
            if self.root.is_some() {
                for dependency in package.folders() {
                    if considered.contains(dependency) {
                        continue;
                    }
                    considered.insert(dependency.to_owned());
                    if self.is_inside(dependency) && self.has_manifest(dependency) {
                        pending.push_back(dependency.to_owned());
                    }
                }
            }
            self.packages.push(package);
        }
    }

    /// Whether a folder becomes a member because a member depends on it.
    fn is_inside(&mut self, folder: &Path) -> bool {
        // The package may be outside of the folder and name this workspace as its own.
        let workspace = &self.workspace.folder;
        folder.starts_with(workspace) || self.root_of(folder).is_some_and(|root| root.folder == *workspace)
    }

    fn named_members(&mut self, root: Root<'_>) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        for member in root.table.members.iter().flatten() {
            let pattern = member.get_ref();
            let full = root.folder.join(pattern);
            let matches = match pattern.contains(['*', '?', '[']) {
                true => match expand(&full, root.folder, MOST_STEPS) {
                    Ok(matches) => matches,
                    Err(refused) => {
                        self.problems.push(self.unbounded(member, &refused));
                        continue;
                    }
                },
                false => Vec::new(),
            };
            let is_wildcard = !matches.is_empty();
            let named = if is_wildcard { matches } else { vec![full] };
            for folder in named {
                let folder = normal(&folder);
                if is_wildcard && !folder.is_dir() {
                    continue;
                }
                if self.has_manifest(&folder) {
                    folders.push(folder);
                } else if is_wildcard {
                    let shown = self.show.path(&folder);
                    self.left_to_cargo.push(format!("the folder `{shown}`, which is not a package"));
                } else {
                    let message = format!("the workspace member `{pattern}` has no Cargo.toml");
                    let manifest = &self.workspace.manifest.source;
                    self.problems.push(
                        Diagnostic::error(Code::BadManifest, message)
                            .at(manifest, member.span(), "not there")
                            .help("correct the path, or remove it from `members`"),
                    );
                }
            }
        }
        folders
    }

    /// Follows dependencies and patches into folders that are not members.
    fn dependencies<'o>(&mut self, others: impl Iterator<Item = &'o LocalOrigin>) {
        let mut seen: HashSet<PathBuf> = self.packages.iter().map(|package| package.folder.clone()).collect();
        let mut pending: VecDeque<PathBuf> =
            self.packages.iter().flat_map(|package| package.folders().map(Path::to_owned)).collect();
        pending.extend(others.filter_map(|origin| origin.folder().map(Path::to_owned)));
        while let Some(folder) = pending.pop_front() {
            if !seen.insert(folder.clone()) {
                continue;
            }
            if !self.reach(&folder) {
                return;
            }
            if !self.has_manifest(&folder) {
                let shown = self.show.path(&folder);
                self.left_to_cargo.push(format!("the dependency in `{shown}`, where there is no package"));
                continue;
            }
            if let Some(package) = self.package(&folder, false) {
                pending.extend(package.folders().map(Path::to_owned));
                self.packages.push(package);
            }
        }
    }

    /// Follows replacements. Cargo does not read unused ones, whatever they contain.
    fn replacements(&mut self, replacements: &[LocalReplacement]) {
        if !self.problems.is_empty() || replacements.is_empty() {
            return;
        }
        self.dependencies(replacements.iter().map(|replacement| &replacement.origin));
        let found = self.problems.len();
        self.problems.retain(|problem| problem.code == Code::NoEnd);
        if self.problems.len() < found {
            self.left_to_cargo.push("a replacement that cannot be read".to_owned());
        }
    }

    fn unbounded(&self, member: &Spanned<String>, refused: &Refused) -> Diagnostic {
        let pattern = member.get_ref();
        let message = format!("the pattern `{pattern}` in `members` matches too much");
        let problem = Diagnostic::error(Code::NoEnd, message);
        let problem = match refused {
            Refused::Outside(base) => {
                problem.note(format!("it searches all of `{}`, outside the workspace", base.display()))
            }
            Refused::TooMany => {
                problem.note(format!("the search stopped after {MOST_STEPS} files and folders"))
            }
        };
        let manifest = &self.workspace.manifest.source;
        problem
            .at(manifest, member.span(), "in this pattern")
            .help("name the folders that contain the members")
    }

    /// Notes that a folder is reached by a name. To cargo each name is another package, so it never
    /// ends when links form endless chains of names. So there is a limit; `false` means that it is
    /// exceeded.
    fn reach(&mut self, folder: &Path) -> bool {
        let Some(identity) = identity_of(folder) else { return true };
        if self.reached.insert(identity) {
            return true;
        }
        self.names += 1;
        if self.names != MOST_NAMES + 1 {
            return self.names <= MOST_NAMES;
        }
        let message = format!("the package in `{}` has too many names", self.show.path(folder));
        self.problems.push(
            Diagnostic::error(Code::NoEnd, message)
                .note("links lead to folders already reached under other names, and cargo treats each name as a separate package")
                .help("name each folder in `path` without going through a link"),
        );
        false
    }

    fn has_manifest(&mut self, folder: &Path) -> bool {
        self.manifest_in(folder).is_some()
    }

    fn manifest_in(&mut self, folder: &Path) -> Option<&Metadata> {
        if !self.manifests.contains_key(folder) {
            self.manifests.insert(folder.to_owned(), fs::metadata(folder.join(MANIFEST)).ok());
        }
        self.manifests.get(folder).and_then(Option::as_ref)
    }

    fn package(&mut self, folder: &Path, is_member: bool) -> Option<LocalPackage> {
        let has_library_file = || folder.join("src").join("lib.rs").exists();
        let built = if folder == self.workspace.folder {
            let manifest = &self.workspace.manifest;
            self.left_to_cargo.extend(manifest.unusual.iter().cloned());
            LocalPackage::new(manifest, folder, self.root, is_member, has_library_file)
        } else {
            let path = folder.join(MANIFEST);
            let metadata = self.manifest_in(folder).cloned().map_or_else(|| fs::metadata(&path), Ok);
            let found = match ManifestInFolder::read_as(&path, metadata, self.show) {
                Ok(found) => found,
                Err(problems) => {
                    self.problems.extend(problems);
                    return None;
                }
            };
            self.left_to_cargo.extend(found.manifest.unusual.iter().cloned());
            if is_member {
                let claims = found.manifest.workspace.is_some();
                if claims {
                    let shown = self.show.path(folder);
                    self.left_to_cargo.push(format!("the member `{shown}`, which is a workspace of its own"));
                }
                LocalPackage::new(&found.manifest, folder, self.root, true, has_library_file)
            } else if found.manifest.workspace.is_some() {
                let root = found.manifest.workspace.as_ref().map(|table| Root { folder, table });
                LocalPackage::new(&found.manifest, folder, root, false, has_library_file)
            } else {
                let root = self.root_of(folder);
                let table =
                    root.and_then(|root| Some((root.folder.as_path(), root.manifest.workspace.as_ref()?)));
                let root = table.map(|(folder, table)| Root { folder, table });
                LocalPackage::new(&found.manifest, folder, root, false, has_library_file)
            }
        };
        match built {
            Ok(package) => package,
            Err(problems) => {
                self.problems.extend(problems);
                None
            }
        }
    }

    /// The root of the workspace of a package that is not a member of this workspace.
    fn root_of(&mut self, folder: &Path) -> Option<&ManifestInFolder> {
        if !self.roots.contains_key(folder) {
            // Problems there are reported when that package is read.
            let package = ManifestInFolder::read(&folder.join(MANIFEST), self.show).ok();
            let (show, above) = (self.show, &mut self.above);
            let mut read = |path: &Path| {
                let entry = above.entry(path.to_owned());
                entry.or_insert_with(|| ManifestInFolder::read(path, show).map(Arc::new)).clone()
            };
            let root = package
                .and_then(|package| root::find(&package, self.cargo_home, show, &mut read).ok().flatten());
            self.roots.insert(folder.to_owned(), root);
        }
        self.roots.get(folder)?.as_deref()
    }
}

/// The identity of a folder, independent of its name.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn identity_of(folder: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(folder).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity_of(folder: &Path) -> Option<Identity> {
    fs::canonicalize(folder).ok()
}
