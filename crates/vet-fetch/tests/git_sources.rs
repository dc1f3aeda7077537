//! The files of packages in checkouts like cargo's.

#![expect(clippy::unwrap_used, reason = "what fails in a test should stop it, with the line that is wrong")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vet_diagnostics::Diagnostic;
use vet_fetch::git_sources::{CargoToList, GitSources};
use vet_project::Checkout;
use vet_project::outside::{Outside, home_for_cargo};
use vet_source::Tree;

const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";

/// Cargo's home with one checkout, of a workspace with the package `inner`.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Home(tempfile::tempdir().unwrap());
        home.write(".cargo-ok", "");
        home.write(".git/HEAD", REVISION);
        home.write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"inner\"]\n[workspace.package]\nversion = \"0.3.0\"\n",
        );
        home.write("LICENSE", "licence");
        home.write("inner/Cargo.toml", MANIFEST);
        home.write("inner/src/lib.rs", "");
        home.write("inner/skip.txt", "left out");
        home.write("inner/README.md", "read me");
        home
    }

    fn checkout(&self) -> PathBuf {
        self.0.path().join("git/checkouts/repository-0011/0123456")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.checkout().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn find(&self, name: &str, revision: &str) -> Result<GitSources, Diagnostic> {
        let version = "0.3.0".parse().unwrap();
        GitSources::find(Some(self.0.path()), name, &version, &revision.parse().unwrap())
    }
}

const MANIFEST: &str = "[package]\nname = \"inner\"\nversion.workspace = true\nedition = \"2021\"\n\
                        license-file = \"../LICENSE\"\nexclude = [\"skip.txt\"]\n";

fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap()
}

/// The files of a package, with another folder as the user's checkout.
fn tree(sources: &GitSources, cargo_home: &Path) -> Result<Tree, Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    tree_outside(sources, cargo_home, &Checkout::of_folder(folder.path()))
}

fn tree_outside(sources: &GitSources, cargo_home: &Path, checkout: &Checkout) -> Result<Tree, Diagnostic> {
    let outside = Outside::of_process(checkout, cargo_home);
    sources.tree(CargoToList {
        cargo: &cargo(),
        outside: &outside,
        cargo_home: Some(cargo_home),
        offline: true,
    })
}

/// The configuration of a cargo home in the user's checkout does not count either.
#[test]
fn the_configuration_of_a_home_in_the_checkout_does_not_count() {
    let home = Home::new();
    let sources = home.find("inner", REVISION).unwrap();
    let cache = tempfile::tempdir().unwrap();
    fs::write(home.0.path().join("config.toml"), "not a configuration").unwrap();
    let checkout = Checkout::of_folder(home.0.path());
    assert!(tree_outside(&sources, home.0.path(), &checkout).is_err());
    let other = home_for_cargo(home.0.path(), &checkout, cache.path()).unwrap();
    assert!(tree_outside(&sources, &other, &checkout).is_ok());
}

fn paths(tree: &Tree) -> Vec<&str> {
    tree.files().map(|(path, _)| path).collect()
}

#[test]
fn the_files_are_those_of_the_package() {
    let home = Home::new();
    let sources = home.find("inner", REVISION).unwrap();
    assert_eq!(sources.folder(), home.checkout().join("inner"));
    let tree = tree(&sources, home.0.path()).unwrap();
    assert_eq!(paths(&tree), ["Cargo.toml", "Cargo.toml.orig", "README.md", "src/lib.rs"]);
    assert_eq!(tree.file("Cargo.toml.orig").unwrap().bytes, MANIFEST.as_bytes());
    assert_eq!(tree.file("Cargo.toml"), tree.file("Cargo.toml.orig"));
    let upper = home.find("inner", &REVISION.to_uppercase()).unwrap();
    assert_eq!(upper.folder(), sources.folder());
}

/// Settings of a checkout about cargo itself do not count.
#[test]
fn the_configuration_of_a_checkout_does_not_count() {
    let home = Home::new();
    let sources = home.find("inner", REVISION).unwrap();
    home.write("inner/.cargo/config.toml", "not a configuration");
    home.write("inner/rust-toolchain.toml", "not a toolchain");
    let tree = tree(&sources, home.0.path()).unwrap();
    assert!(paths(&tree).contains(&"rust-toolchain.toml"), "{:?}", paths(&tree));
}

#[cfg(unix)]
#[test]
fn links_stay_within_the_checkout() {
    use std::os::unix::fs::symlink;

    let home = Home::new();
    fs::write(home.0.path().join("secret"), "not part of any revision").unwrap();
    symlink("../LICENSE", home.checkout().join("inner/LICENSE-LINK")).unwrap();
    symlink(home.0.path().join("secret"), home.checkout().join("inner/secret")).unwrap();
    let tree = tree(&home.find("inner", REVISION).unwrap(), home.0.path()).unwrap();
    assert_eq!(tree.file("LICENSE-LINK").unwrap().bytes, "licence");
    assert_eq!(tree.file("secret"), None);
}

#[test]
fn what_cannot_be_had_is_said() {
    let home = Home::new();
    let message = |found: Result<GitSources, Diagnostic>| {
        let problem = found.unwrap_err();
        assert!(problem.help.is_some(), "{problem:?}");
        format!("{} {}", problem.code, problem.message)
    };
    let other = "f".repeat(40);
    for (name, revision, expected) in [
        (
            "inner",
            &*other,
            format!("VET0724 no checkout of the revision {other}, which `inner` 0.3.0 comes from"),
        ),
        (
            "other",
            REVISION,
            format!("VET0724 `other` 0.3.0 is not in the checkout of the revision {REVISION}"),
        ),
    ] {
        assert_eq!(message(home.find(name, revision)), expected);
    }
    // The name of the folder contains only a part of the revision.
    let close = REVISION.replace("89abcdef", "89abcdee");
    assert!(message(home.find("inner", &close)).contains("no checkout of the revision"));
    fs::remove_file(home.checkout().join(".cargo-ok")).unwrap();
    assert!(
        message(home.find("inner", REVISION)).contains("no checkout of the revision"),
        "it is not complete"
    );
    let version = "0.3.0".parse().unwrap();
    assert!(
        message(GitSources::find(None, "inner", &version, &REVISION.parse().unwrap()))
            .contains("no checkout of the revision")
    );
}

#[test]
fn cargo_has_its_own_words() {
    let home = Home::new();
    let sources = home.find("inner", REVISION).unwrap();
    home.write("Cargo.toml", "[workspace]\nmembers = [\"missing\"]\n");
    let problem = tree(&sources, home.0.path()).unwrap_err();
    assert_eq!(problem.message, "cargo cannot list the files of `inner` 0.3.0");
    assert!(problem.notes.iter().any(|note| note.contains("was not defined")), "{problem:?}");
    let outside = Outside::of_process(&Checkout::of_folder(home.0.path()), home.0.path());
    let cargo = OsStr::new("no-such-program");
    let problem =
        sources.tree(CargoToList { cargo, outside: &outside, cargo_home: None, offline: true }).unwrap_err();
    assert_eq!(problem.help.unwrap(), "the variable CARGO names the cargo to run");
}
