//! Where the folder of a local package is, and whether its content looks like a published package.

use std::path::{Path, PathBuf};

use super::Project;

/// Where a local package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// In the checkout, written for the project.
    Checkout,
    /// In the checkout, with files that cargo adds when it packs or vendors a package.
    Copied,
    /// Somewhere else on this machine. No pull request shows changes of its content.
    Outside,
}

/// The folders in which local packages are expected, with all links resolved.
#[derive(Clone, Debug)]
pub struct OwnFolders {
    root: PathBuf,
    cargo_home: Option<PathBuf>,
}

/// Files that `cargo package` and `cargo vendor` add to a package.
const ADDED_BY_CARGO: [&str; 3] = [".cargo-checksum.json", ".cargo_vcs_info.json", "Cargo.toml.orig"];

impl Project {
    /// The folders in which local packages are expected: the repository without cargo's home.
    pub fn own_folders(&self, cargo_home: Option<&Path>) -> OwnFolders {
        let resolved = |folder: &Path| folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let workspace = resolved(self.root_folder());
        let repository = workspace.ancestors().find(|folder| folder.join(".git").exists());
        let current_folder = resolved(&self.current_folder);
        // Without a repository, this is the folder in which the tool runs, if that contains the
        // workspace.
        let root = match repository {
            Some(repository) => repository.to_owned(),
            None if workspace.starts_with(&current_folder) => current_folder,
            None => workspace,
        };
        OwnFolders { root, cargo_home: cargo_home.map(resolved) }
    }
}

impl OwnFolders {
    /// Where the folder of a package is. Links are followed, because cargo builds what they lead
    /// to.
    pub fn whereabouts(&self, folder: &Path) -> Whereabouts {
        let is_inside = folder.canonicalize().is_ok_and(|folder| {
            let is_in_home = self.cargo_home.as_ref().is_some_and(|home| folder.starts_with(home));
            folder.starts_with(&self.root) && !is_in_home
        });
        if !is_inside {
            return Whereabouts::Outside;
        }
        match ADDED_BY_CARGO.iter().any(|file| folder.join(file).exists()) {
            true => Whereabouts::Copied,
            false => Whereabouts::Checkout,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn machine(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "[package]\nname = \"a\"\n").unwrap();
        }
        folder
    }

    #[test]
    fn packages_belong_into_the_repository() {
        use Whereabouts::{Checkout, Copied, Outside};
        let folder = machine(&[
            "repository/app/Cargo.toml",
            "repository/.git/HEAD",
            "repository/lib/Cargo.toml",
            "repository/home/registry/src/lib/Cargo.toml",
            "repository/vendored/.cargo-checksum.json",
            "repository/packed/.cargo_vcs_info.json",
            "repository/original/Cargo.toml.orig",
            "loose/app/Cargo.toml",
            "loose/lib/Cargo.toml",
            "home/registry/src/lib/Cargo.toml",
        ]);
        let path = |path: &str| folder.path().join(path);
        for (workspace, current, home, package, expected) in [
            ("repository/app", "repository/app", "home", "repository/app", Checkout),
            ("repository/app", "repository/app", "home", "repository/lib", Checkout),
            ("repository/app", "repository/app", "home", "repository/app/../lib", Checkout),
            ("repository/app", "repository/app", "home", "repository/vendored", Copied),
            ("repository/app", "repository/app", "home", "repository/packed", Copied),
            ("repository/app", "repository/app", "home", "repository/original", Copied),
            ("repository/app", "repository/app", "home", "loose/lib", Outside),
            ("repository/app", "repository/app", "home", "home/registry/src/lib", Outside),
            (
                "repository/app",
                "repository/app",
                "repository/home",
                "repository/home/registry/src/lib",
                Outside,
            ),
            ("repository/app", "repository/app", "home", "repository/not-there", Outside),
            ("loose/app", "loose/app", "home", "loose/lib", Outside),
            ("loose/app", "loose", "home", "loose/lib", Checkout),
            ("loose/app", "home", "home", "loose/lib", Outside),
        ] {
            let manifest = path(workspace).join("Cargo.toml");
            let project = Project::find(&path(current), Some(&manifest), None).unwrap();
            let found = project.own_folders(Some(&path(home))).whereabouts(&path(package));
            assert_eq!(found, expected, "{workspace} {current} {home} {package}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed() {
        let folder = machine(&["repository/.git/HEAD", "repository/Cargo.toml", "home/lib/Cargo.toml"]);
        let path = |path: &str| folder.path().join(path);
        std::os::unix::fs::symlink(path("home/lib"), path("repository/lib")).unwrap();
        let project = Project::find(&path("repository"), None, None).unwrap();
        let own = project.own_folders(None);
        assert_eq!(own.whereabouts(&path("repository/lib")), Whereabouts::Outside);
        assert_eq!(own.whereabouts(&path("repository")), Whereabouts::Checkout);
    }
}
