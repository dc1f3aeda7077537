//! Git repositories with several packages. Some packages imitate others.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::package::{Dependency, Library, Package};
use crate::random::Random;
use crate::registry::Registry;
use crate::tree::{Tree, write_tree};

/// A repository on this machine.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Its URL.
    pub url: String,
    /// The commits, oldest first.
    pub commits: Vec<Commit>,
}

/// A commit.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its hash.
    pub revision: String,
    /// The packages that a project can depend on, with their folders.
    pub packages: Vec<(String, Package)>,
    /// Whether the commit contains another package with the name of one of these.
    pub is_odd: bool,
    /// Whether a package is in a submodule.
    pub has_submodule: bool,
}

/// Creates the repositories of a campaign in a folder.
pub fn repositories(random: &mut Random, crates_io: &Registry, folder: &Path) -> Vec<Repository> {
    (0..3)
        .map(|number| repository(random, crates_io, &folder.join(format!("repository-{number}")), number))
        .collect()
}

fn repository(random: &mut Random, crates_io: &Registry, folder: &Path, number: usize) -> Repository {
    git(folder.parent().unwrap_or(folder), &["init", "-q", "-b", "main", &folder.display().to_string()]);
    let mut commits = Vec::new();
    let mut previous = Tree::new();
    for round in 0..3 {
        let mut packages = Vec::new();
        for index in 0..2 {
            let mut package = match random.chance(30) {
                // A fork of a published crate.
                true => {
                    let mut package = random.pick(&crates_io.releases).package.clone();
                    package.dependencies.clear();
                    package.features.clear();
                    package.links = None;
                    package
                }
                false => {
                    let mut package = Package::new(&format!("from-git-{number}-{index}"), "1.0.0");
                    package.description = Some("From git".to_owned());
                    package
                }
            };
            if package.library == Library::None {
                package.library = Library::Plain;
            }
            package.features = ["std", "extra"].map(|name| (name.to_owned(), Vec::new())).into();
            for _ in 0..random.below(3) {
                let dependency = crates_io.dependency(random, true);
                let is_new = package.dependencies.iter().all(|other| other.package != dependency.package);
                if is_new && dependency.package != package.name {
                    package.dependencies.push(dependency);
                }
            }
            if packages.iter().all(|(_, other): &(String, Package)| other.name != package.name) {
                packages.push((format!("packages/{}", package.name), package));
            }
        }
        if let [(_, first), (_, second)] = &mut packages[..]
            && random.chance(50)
        {
            first.dependencies.retain(|other| other.key != second.name);
            first
                .dependencies
                .push(Dependency::new(&second.name, "").from("path", &format!("../{}", second.name)));
        }
        let mut tree = Tree::new();
        for (folder, package) in &packages {
            for (path, text) in package.files("") {
                tree.insert(format!("{folder}/{path}"), text.into_bytes());
            }
        }
        let is_odd = random.chance(40);
        if is_odd {
            decoys(random, &packages, &mut tree);
        }
        let module = random.chance(25).then(|| module(random, crates_io, folder, round, &packages));
        if let Some((place, package, _)) = &module {
            tree.insert(".gitmodules".to_owned(), gitmodules(folder, place).into_bytes());
            if place == NEEDED
                && let Some((folder, first)) = packages.first_mut()
            {
                let path = format!("../../{NEEDED}");
                first.dependencies.push(Dependency::new(&package.name, "").from("path", &path));
                tree.insert(format!("{folder}/Cargo.toml"), first.manifest("").into_bytes());
            }
        }
        for path in previous.keys().filter(|path| !tree.contains_key(*path)) {
            let _ = std::fs::remove_file(folder.join(path));
        }
        write_tree(folder, &tree);
        previous = tree;
        git(folder, &["add", "-A"]);
        if let Some((place, _, revision)) = &module {
            git(folder, &["update-index", "--add", "--cacheinfo", &format!("160000,{revision},{place}")]);
        }
        git(folder, &["commit", "-q", "--allow-empty", "-m", &format!("commit {round}")]);
        let revision = git(folder, &["rev-parse", "HEAD"]).trim().to_owned();
        commits.push(Commit { revision, packages, is_odd, has_submodule: module.is_some() });
    }
    git(folder, &["tag", "v1"]);
    Repository { url: format!("file://{}", folder.display()), commits }
}

/// The path of a submodule that contains a needed package.
const NEEDED: &str = "module";

/// Creates the repository of a submodule. It contains a package that others need, or one that a
/// search for another package must not find. Returns the path of the submodule, the package and the
/// commit.
fn module(
    random: &mut Random,
    crates_io: &Registry,
    folder: &Path,
    round: usize,
    packages: &[(String, Package)],
) -> (String, Package, String) {
    let is_needed = random.chance(50);
    let (place, package) = match is_needed {
        true => {
            let name = folder.file_name().unwrap_or_default().display().to_string();
            let mut package = Package::new(&format!("of-{name}"), "1.0.0");
            package.dependencies.push(crates_io.dependency(random, true));
            (NEEDED, package)
        }
        false => {
            let mut package = random.pick(packages).1.clone();
            package.dependencies.clear();
            package.features.clear();
            (*random.pick(&["a-module", "zz-module"]), package)
        }
    };
    let folder = folder.with_extension(place);
    if round == 0 || !folder.exists() {
        git(folder.parent().unwrap_or(&folder), &["init", "-q", "-b", "main", &folder.display().to_string()]);
    }
    let files = package.files("").into_iter().map(|(path, text)| (path, text.into_bytes()));
    write_tree(&folder, &files.collect());
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "--allow-empty", "-m", &format!("commit {round}")]);
    let revision = git(&folder, &["rev-parse", "HEAD"]).trim().to_owned();
    (place.to_owned(), package, revision)
}

fn gitmodules(folder: &Path, place: &str) -> String {
    let url = folder.with_extension(place);
    format!("[submodule \"{place}\"]\n\tpath = {place}\n\turl = file://{}\n", url.display())
}

/// Adds packages with the names of others, in folders that a search may visit first.
fn decoys(random: &mut Random, packages: &[(String, Package)], tree: &mut Tree) {
    let (_, package) = random.pick(packages);
    let mut decoy = package.clone();
    decoy.dependencies.clear();
    let other_version = random.chance(70);
    if other_version {
        decoy.version = "0.0.9".to_owned();
    }
    if random.chance(50) {
        decoy.library = Library::None;
    }
    // Cargo refuses two packages with the same name and version, except in folders that it skips.
    let places: &[&str] = match other_version {
        true => &["a", "zz/deep", "packages/zzz", "decoy"],
        false => &["target/decoy", ".hidden/decoy"],
    };
    let place = random.pick(places);
    for (path, text) in decoy.files("") {
        tree.insert(format!("{place}/{path}"), text.into_bytes());
    }
}

pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    git_with(folder, arguments, b"")
}

/// Runs git with an input.
pub(crate) fn git_with(folder: &Path, arguments: &[&str], input: &[u8]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "core.fsync=none"]).args(arguments).current_dir(folder).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, value) in [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_AUTHOR_NAME", "campaign"),
        ("GIT_AUTHOR_EMAIL", "campaign@example.org"),
        ("GIT_AUTHOR_DATE", "2024-01-01T00:00:00Z"),
        ("GIT_COMMITTER_NAME", "campaign"),
        ("GIT_COMMITTER_EMAIL", "campaign@example.org"),
        ("GIT_COMMITTER_DATE", "2024-01-01T00:00:00Z"),
    ] {
        command.env(name, value);
    }
    let mut child = command.spawn().unwrap();
    // A program that reads no input may have ended.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
