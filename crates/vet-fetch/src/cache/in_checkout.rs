//! Cache folders inside the checkout.
//!
//! Cached facts are trusted when they are read again, so only the user may be able to supply them.
//! A pull request can add any file that git tracks. So a folder inside the checkout may be a cache
//! only if git tracks nothing in it. Git must also ignore it, because the next `git add` would
//! otherwise track its files. A pull request may change `.gitignore`, but this only decides between
//! a cache and an error; which files are tracked does not depend on it.

use std::path::Path;

use vet_diagnostics::{Code, Diagnostic};
use vet_project::Checkout;

use crate::git;

/// Refuses a folder of this tool that other people can fill. `what` is its name in words. `folder`
/// is an absolute path and need not exist.
///
/// # Errors
///
/// The folder is in the checkout, or a link in the checkout leads to it, and git does not ignore
/// it.
pub fn check_place(what: &str, folder: &Path, checkout: &Checkout) -> Result<(), Diagnostic> {
    if !checkout.contains(folder) {
        return Ok(());
    }
    let places = checkout.places(folder);
    if !places.is_empty() && places.iter().all(|(root, path)| git::is_ignored(root, path)) {
        return Ok(());
    }
    let message = format!(
        "the {what} `{}` is inside the checkout, and git does not ignore all of it",
        folder.display()
    );
    Err(Diagnostic::error(Code::CacheInCheckout, message)
        .note("its files could come from a pull request, and cargo-vet would trust them")
        .help("use a folder outside the repository, or add the folder to `.gitignore` and remove its files from git"))
}

/// Refuses a cargo home with downloads that git tracks. `folder` is an absolute path.
///
/// # Errors
///
/// The folder is in the checkout, and git tracks files in it or cannot tell.
pub fn check_cargo_home(folder: &Path, checkout: &Checkout) -> Result<(), Diagnostic> {
    if !checkout.contains(folder) {
        return Ok(());
    }
    for downloads in ["registry", "git"].map(|name| folder.join(name)) {
        let may_come_along = || {
            let places = checkout.places(&downloads);
            let untracked = |(root, path): &(&Path, std::path::PathBuf)| {
                path.to_str().and_then(|path| git::tracks(root, path)) == Some(false)
            };
            places.is_empty() || !places.iter().all(untracked)
        };
        if downloads.exists() && may_come_along() {
            let message = format!("cargo's downloads in `{}` are part of the checkout", downloads.display());
            return Err(Diagnostic::error(Code::CacheInCheckout, message)
                .note("its files could come from a pull request, and cargo would trust them")
                .help("set CARGO_HOME to a folder outside the repository"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    fn git(repository: &Path, line: &str) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Ann", "-c", "user.email=ann@a.example", "-c", "init.defaultBranch=main"]);
        let output = git.args(line.split(' ')).current_dir(repository).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A repository with an ignored folder `cache` and tracked files, and a folder beside it.
    fn repository() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("repo");
        fs::create_dir_all(root.join("app")).unwrap();
        fs::create_dir_all(root.join("../outside")).unwrap();
        git(&root, "init --quiet");
        fs::write(root.join(".gitignore"), "cache\nfolder/\ntracked\nhome\n").unwrap();
        fs::create_dir_all(root.join("tracked/deep")).unwrap();
        fs::write(root.join("tracked/deep/file"), "evil").unwrap();
        git(&root, "add --force .gitignore tracked");
        (folder, root)
    }

    #[test]
    fn only_what_git_ignores_is_a_cache() {
        let (_folder, root) = repository();
        #[cfg(unix)]
        for (to, from) in
            [("../outside", "leads-out"), ("cache", "leads-in"), ("../outside", "cache/leads-out")]
        {
            fs::create_dir_all(root.join("cache")).unwrap();
            std::os::unix::fs::symlink(to, root.join(from)).unwrap();
        }
        #[cfg(unix)]
        git(&root, "add leads-out leads-in");
        // No program from the repository's own configuration is run.
        let ran = root.join("../ran");
        git(&root, &format!("config core.fsmonitor touch${{IFS}}{}", ran.display()));
        let checkout = Checkout::of_folder(&root.join("app"));
        for (path, expected) in [
            ("cache", true),
            ("cache/deep/below", true),
            ("folder", true),
            ("app/cache", true),
            ("app", false),
            ("not-there", false),
            ("tracked", false),
            ("tracked/deep", false),
            ("tracked/other", true),
            ("TRACKED/deep", false),
            ("", false),
            // Git's own files cannot come with a pull request either.
            (".git/cache", true),
            ("../outside", true),
            ("../elsewhere", true),
            #[cfg(unix)]
            ("leads-out", false),
            #[cfg(unix)]
            ("leads-out/below", false),
            #[cfg(unix)]
            ("leads-in", false),
            #[cfg(unix)]
            ("cache/leads-out", false),
        ] {
            let found = check_place("cache", &root.join(path), &checkout);
            assert_eq!(found.is_ok(), expected, "{path}: {found:?}");
        }
        assert!(!ran.exists());
    }

    #[test]
    fn without_git_nothing_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("app")).unwrap();
        let checkout = Checkout::of_folder(&root.join("app"));
        assert!(check_place("cache", &root.join("app/cache"), &checkout).is_err());
        assert!(check_place("cache", &root.join("cache"), &checkout).is_ok());
        fs::create_dir_all(root.join("app/home/registry")).unwrap();
        assert!(check_cargo_home(&root.join("app/home"), &checkout).is_err());
        assert!(check_cargo_home(&root.join("app/other"), &checkout).is_ok());
    }

    #[test]
    fn downloads_of_cargo_do_not_come_along() {
        let (_folder, root) = repository();
        fs::create_dir_all(root.join("home/registry/src")).unwrap();
        fs::write(root.join("home/registry/src/file"), "").unwrap();
        fs::write(root.join("home/config.toml"), "").unwrap();
        git(&root, "add --force home/config.toml");
        let checkout = Checkout::of_folder(&root);
        let home = root.join("home");
        assert!(check_cargo_home(&home, &checkout).is_ok());
        git(&root, "add --force home/registry");
        assert!(check_cargo_home(&home, &checkout).is_err());
    }
}
