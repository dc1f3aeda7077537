//! The checkout: everything that the author of a pull request can change.
//!
//! A checkout is everything below the root of the repository. The root is the nearest folder with
//! `.git` above the workspace, or the workspace itself if there is none. Files in the checkout may
//! make an answer stricter or make it fail, but must never make it pass. Files outside belong to
//! the user.

use std::fs;
use std::path::{Path, PathBuf};

use vet_graph::workspace::normal;

use super::Project;

/// The folders that belong to the checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The folders, with all links resolved. The first one contains the workspace, or is the folder
    /// in which the tool runs.
    roots: Vec<PathBuf>,
}

/// The author of a file or a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The user: the file is outside of the checkout, or the setting is in the environment or on
    /// the command line.
    User,
    /// Anyone who can change the checkout.
    Checkout,
}

impl Checkout {
    /// The checkout of a workspace that was found from a manifest in the folder `package`, by a
    /// tool that runs in `current_folder`.
    ///
    /// A manifest may lead to a workspace in another repository. Then both repositories are part of
    /// the checkout. The repository of the current folder is a third part, unless it contains the
    /// others: then it is not what is being checked.
    pub(super) fn around(workspace: &Path, package: &Path, current_folder: &Path) -> Self {
        let mut checkout = Checkout { roots: vec![root_of(&resolved(workspace))] };
        checkout.add(root_of(&resolved(package)));
        let current_folder = resolved(current_folder);
        if !checkout.roots.iter().any(|root| root.starts_with(&current_folder))
            && let Some(root) = repository_of(&current_folder)
        {
            checkout.add(root);
        }
        checkout
    }

    /// The checkout of the project in a folder, or of a manifest that the user names. Without a
    /// project, the checkout of the folder.
    pub fn find(current_folder: &Path, manifest_path: Option<&Path>, cargo_home: Option<&Path>) -> Self {
        match Project::find(current_folder, manifest_path, cargo_home) {
            Ok(project) => project.checkout,
            Err(_) => Self::of_folder(current_folder),
        }
    }

    /// The checkout of a folder, for operations that need no project.
    pub fn of_folder(current_folder: &Path) -> Self {
        Checkout { roots: vec![root_of(&resolved(current_folder))] }
    }

    fn add(&mut self, root: PathBuf) {
        if !self.holds(&root) {
            self.roots.push(root);
        }
    }

    /// The root of the repository.
    pub fn root(&self) -> &Path {
        self.roots.first().map_or(Path::new("/"), PathBuf::as_path)
    }

    /// Whether the checkout decides what a path leads to: the path is in the checkout, a link in
    /// the checkout is on the way to it, or a link leads to a place in the checkout. The path must
    /// be absolute but need not exist.
    pub fn contains(&self, path: &Path) -> bool {
        let is_inside = |path: &Path| path.canonicalize().is_ok_and(|path| self.holds(&path));
        is_inside(path) || normal(path).ancestors().any(is_inside)
    }

    /// The author of the file at a path.
    pub fn origin(&self, path: &Path) -> Origin {
        match self.contains(path) {
            true => Origin::Checkout,
            false => Origin::User,
        }
    }

    /// The nearest folder above the workspace that does not belong to the checkout, or the root of
    /// the file system if everything does. Programs that run there find no settings of the
    /// checkout.
    pub fn outside(&self) -> PathBuf {
        let mut above = self.root().ancestors();
        let outside = above.find(|folder| !self.holds(folder));
        outside.or(self.root().ancestors().last()).map_or_else(|| PathBuf::from("/"), Path::to_owned)
    }

    /// The places of a path in the checkout: the root of the repository, and the path from there.
    /// There may be two places: that of the name, and that of the target of links.
    pub fn places(&self, path: &Path) -> Vec<(&Path, PathBuf)> {
        let by_name = normal(path);
        // First the first folder on the way that is in the checkout, then the one in which the last
        // link ends.
        let mut above: Vec<&Path> = by_name.ancestors().collect();
        above.reverse();
        let entry = above.iter().find(|folder| folder.canonicalize().is_ok_and(|real| self.holds(&real)));
        let end = above.iter().rev().find(|folder| folder.canonicalize().is_ok());
        let mut places = Vec::new();
        for folder in [entry, end].into_iter().flatten() {
            let (Ok(real), Ok(rest)) = (folder.canonicalize(), by_name.strip_prefix(folder)) else {
                continue;
            };
            let real = if rest.as_os_str().is_empty() { real } else { real.join(rest) };
            let root = self.roots.iter().find(|root| real.starts_with(root));
            if let Some((root, below)) = root.and_then(|root| Some((root, real.strip_prefix(root).ok()?))) {
                places.push((root.as_path(), below.to_owned()));
            }
        }
        places.dedup();
        places
    }

    /// Whether a path without links is in the checkout.
    fn holds(&self, path: &Path) -> bool {
        self.roots.iter().any(|root| path.starts_with(root))
    }
}

/// Resolves all links in the path of a folder, as far as it exists.
fn resolved(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| normal(folder))
}

fn root_of(folder: &Path) -> PathBuf {
    repository_of(folder).unwrap_or_else(|| folder.to_owned())
}

/// The root of the repository that contains a folder. For a submodule, this is the root of the
/// outer repository, because one pull request can change both.
fn repository_of(folder: &Path) -> Option<PathBuf> {
    let mut repositories = folder.ancestors().filter_map(|folder| Some((folder, git_folder(folder)?)));
    let (mut root, mut git) = repositories.next()?;
    for (above, git_above) in repositories {
        if !git.starts_with(&git_above) {
            break;
        }
        (root, git) = (above, git_above);
    }
    Some(root.to_owned())
}

/// The folder of git's data for the repository with this root, if it is one.
fn git_folder(root: &Path) -> Option<PathBuf> {
    const LONGEST: u64 = 64 * 1024;
    let path = root.join(".git");
    let metadata = fs::metadata(&path).ok()?;
    if metadata.is_dir() {
        return Some(resolved(&path));
    }
    // Submodules and linked worktrees have a file here. Whatever it contains, a repository starts
    // here.
    let text =
        (metadata.is_file() && metadata.len() <= LONGEST).then(|| fs::read_to_string(&path).ok()).flatten();
    let named = text.as_deref().and_then(|text| text.strip_prefix("gitdir:"));
    Some(named.map_or(path, |named| resolved(&root.join(named.trim()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(folders: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for path in folders {
            fs::create_dir_all(root.join(path)).unwrap();
        }
        (folder, root)
    }

    #[test]
    fn the_root_is_that_of_the_repository() {
        let (_folder, root) = machine(&[
            "home/.git",
            "home/repo/.git/modules/sub/modules/inner",
            "home/repo/.git/worktrees/tree",
            "home/repo/sub/inner/app",
            "home/repo/app/src",
            "home/tree/app",
            "home/loose/app",
            "plain/app/deep",
        ]);
        fs::write(root.join("home/repo/sub/.git"), "gitdir: ../.git/modules/sub\n").unwrap();
        fs::write(root.join("home/repo/sub/inner/.git"), "gitdir: ../../.git/modules/sub/modules/inner")
            .unwrap();
        let git = root.join("home/repo/.git/worktrees/tree");
        fs::write(root.join("home/tree/.git"), format!("gitdir: {}\n", git.display())).unwrap();
        for (workspace, package, current, expected) in [
            ("home/repo/app", "home/repo/app", "home/repo/app", vec!["home/repo"]),
            ("home/repo", "home/repo/app", "home/repo/app/src", vec!["home/repo"]),
            ("home/repo/sub/inner/app", "home/repo/sub/inner/app", "home", vec!["home/repo"]),
            ("home/tree/app", "home/tree/app", "home/tree", vec!["home/tree"]),
            ("home/loose/app", "home/loose/app", "home/loose/app", vec!["home"]),
            ("plain/app", "plain/app", "plain", vec!["plain/app"]),
            ("plain/app", "plain/app/deep", "plain/app/deep", vec!["plain/app"]),
            // The manifest leads to another place.
            ("plain/app", "home/repo/app", "home/repo", vec!["plain/app", "home/repo"]),
            ("home/repo/sub", "home/repo", "home/repo", vec!["home/repo"]),
            // Another repository contains the workspace, or is beside it.
            ("home/repo/app", "home/repo/app", "home/repo/app", vec!["home/repo"]),
            ("home/repo/app", "home/repo/app", "home", vec!["home/repo"]),
            ("home/repo/app", "home/repo/app", "home/tree", vec!["home/repo", "home/tree"]),
            ("plain/app", "plain/app", "", vec!["plain/app"]),
        ] {
            let folder = |path: &str| root.join(path);
            let found = Checkout::around(&folder(workspace), &folder(package), &folder(current));
            let expected: Vec<PathBuf> = expected.into_iter().map(folder).collect();
            assert_eq!(found.roots, expected, "{workspace} {package} {current}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out() {
        let (_folder, root) =
            machine(&["repo/.git", "repo/app", "repository", "home/.cargo", "outside/below"]);
        let link = |to: &str, from: &str| std::os::unix::fs::symlink(root.join(to), root.join(from)).unwrap();
        link("outside", "repo/leads-out");
        link("repo/app", "outside/leads-in");
        link("repo", "other-name");
        link("nowhere", "repo/dangling");
        let app = root.join("other-name/app");
        let checkout = Checkout::around(&app, &app, &app);
        assert_eq!(checkout.outside(), root);
        for (path, expected) in [
            ("repo", true),
            ("repo/app/not-there/at/all", true),
            ("other-name/app", true),
            ("other-name/not-there", true),
            ("repo/leads-out/below", true),
            ("repo/leads-out/not-there", true),
            ("repo/dangling/x", true),
            ("outside/leads-in", true),
            ("outside/leads-in/not-there", true),
            ("outside/below", false),
            ("repo/../outside", false),
            ("repository", false),
            ("home/.cargo/config.toml", false),
            ("not-there", false),
            ("", false),
        ] {
            assert_eq!(checkout.contains(&root.join(path)), expected, "{path}");
        }
    }

    #[test]
    fn nothing_is_outside_of_everything() {
        let root = Path::new("/").canonicalize().unwrap();
        let checkout = Checkout { roots: vec![root.clone()] };
        assert_eq!(checkout.outside(), root);
    }
}
