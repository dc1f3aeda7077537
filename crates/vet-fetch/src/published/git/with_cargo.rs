//! Compares the packages that are taken from a commit with those that cargo takes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::tests::{fetched, locked};
use super::*;

/// The description of `g 1.0.0`: the known one, and the one of cargo. `None` if it is unknown, or
/// if cargo fails.
pub(super) fn chosen(
    files: &BTreeMap<String, String>,
    change: impl Fn(&Path),
) -> (Option<String>, Option<String>) {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (home, commit) = fetched(&files, change);
    let url = format!("file://{}", home.path().join("sources").display());
    let project = home.path().join("project");
    fs::create_dir_all(project.join("src")).unwrap();
    fs::write(project.join("src/lib.rs"), "").unwrap();
    let manifest = format!(
        "[package]\nname = \"user\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\
         [dependencies]\ng = {{ version = \"=1.0.0\", git = \"{url}\", rev = \"{commit}\" }}\n"
    );
    fs::write(project.join("Cargo.toml"), manifest).unwrap();
    let output = Command::new(std::env::var_os("CARGO").unwrap())
        .args(["metadata", "--format-version", "1"])
        .current_dir(&project)
        .env("CARGO_HOME", home.path().join("cargo"))
        .env_remove("RUSTUP_TOOLCHAIN")
        .output()
        .unwrap();
    let metadata: Option<Value> = serde_json::from_slice(&output.stdout).ok();
    let packages = metadata.and_then(|metadata| metadata["packages"].as_array().cloned()).unwrap_or_default();
    let of_cargo = packages.iter().find(|package| package["name"] == "g" && package["version"] == "1.0.0");
    let of_cargo = of_cargo.map(|package| package["description"].as_str().unwrap_or_default().to_owned());
    let ours = Repositories::new(&home.path().join("cargo")).package(&locked("g", &url, &commit));
    let ours = ours.map(|(described, _)| described.about.unwrap_or_default().0.unwrap_or_default());
    (ours, of_cargo)
}

/// Packages by folder, each with its folder as its description, and other files.
#[derive(Default)]
pub(super) struct Files(pub(super) BTreeMap<String, String>);

impl Files {
    pub(super) fn package(&mut self, folder: &str, name: &str, more: &str) -> &mut Self {
        let text = format!(
            "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\ndescription = \"{folder}\"\n{more}"
        );
        self.put(&format!("{folder}/Cargo.toml"), &text).put(&format!("{folder}/src/lib.rs"), "")
    }

    pub(super) fn put(&mut self, path: &str, text: &str) -> &mut Self {
        let path = path.trim_start_matches("./").to_owned();
        self.0.insert(path, text.to_owned());
        self
    }

    pub(super) fn dependency(&mut self, from: &str, table: &str, to: &str) -> &mut Self {
        self.package(from, "other", &format!("[{table}]\nx = {{ path = \"{to}\", package = \"g\" }}\n"))
    }

    /// Checks which package is taken, where it must be known, and that cargo takes the same.
    fn check(&self, expected: &str) {
        let (ours, of_cargo) = chosen(&self.0, |_| {});
        assert_eq!(of_cargo.as_deref(), Some(expected), "cargo, {:?}", self.0);
        assert_eq!(ours.as_deref(), Some(expected), "{:?}", self.0);
    }

    /// Checks that the package is unknown, so that cargo decides.
    fn check_left(&self, of_cargo: Option<&str>) {
        let (ours, found) = chosen(&self.0, |_| {});
        assert_eq!(found.as_deref(), of_cargo, "cargo, {:?}", self.0);
        assert_eq!(ours, None, "{:?}", self.0);
    }
}

pub(super) fn files() -> Files {
    Files::default()
}

#[test]
fn the_first_package_is_taken() {
    // In the order of names, a folder before its subfolders.
    files().package("b", "g", "").package("c", "g", "").check("b");
    files().package("b", "g", "").package("b/a", "g", "").check("b");
    files().package("b-c/a", "g", "").package("b/x", "g", "").check("b/x");
    files().package("B", "g", "").package("a", "g", "").check("B");
    files().package("x", "other", "").package("x/y", "g", "").package("xa", "g", "").check("x/y");
    // Beside a manifest, `target` is not searched.
    files().package("target/g", "g", "").package("z", "g", "").check("target/g");
    files().package("g", "g", "").package("target/g", "g", "").check("g");
    files().package("a", "other", "").package("a/target", "g", "").package("z", "g", "").check("z");
    files().package(".h", "g", "").package("z", "g", "").check("z");
    files().put("Cargo.toml", "[workspace]\n").package("target/g", "g", "").package("z", "g", "").check("z");
    // Dependencies in folders come before the next folder.
    for table in
        ["dependencies", "build-dependencies", "dev-dependencies", "target.'cfg(any())'.dependencies"]
    {
        files()
            .dependency("a", table, "../z")
            .package("b", "g", "")
            .package("z", "g", "")
            .check_nested("z", table);
    }
    files()
        .dependency("a", "dependencies", "../b/.h")
        .package("b", "g", "")
        .package("b/.h", "g", "")
        .check("b/.h");
    let two = "[dev-dependencies]\na = { path = \"../c\" }\n[build-dependencies]\nz = { path = \"../d\" }\n";
    files()
        .package("a", "other", two)
        .package("b", "g", "")
        .package("c", "g", "")
        .package("d", "g", "")
        .check("d");
    // Patches are not followed.
    files()
        .package("a", "g", "")
        .package("b", "g", "")
        .package("0", "o", "[patch.crates-io]\ng = { path = \"../b\" }\n")
        .check("a");
}

impl Files {
    /// As [`check`](Self::check); dependencies with conditions are not certain.
    fn check_nested(&self, expected: &str, table: &str) {
        match table.starts_with("target") {
            true => self.check_left(Some(expected)),
            false => self.check(expected),
        }
    }
}

/// Cargo ignores manifests that it does not accept. If this is uncertain, cargo decides.
#[test]
fn what_cargo_does_not_accept() {
    for (more, is_accepted) in [
        ("[lib]\nname = \"a-b\"\n", false),
        ("[features]\nx = [\"y\"]\n", false),
        ("[features]\nx = [\"dep:y\"]\n", false),
        ("links = \"l\"\n", false),
        ("authors.workspace = true\n", false),
        ("[[bin]]\nname = \"x\"\n", false),
        ("[dependencies]\ny = { version = \"1\", registry = \"unknown\" }\n", false),
        ("[dependencies]\ny = { version = \"a b\" }\n", false),
        ("[dependencies]\n\"a/b\" = \"1\"\n", false),
        ("[dependencies]\ny = \"1\"\n[build-dependencies]\ny = { path = \"y\" }\n", false),
        ("[dev-dependencies]\ny = { path = \"y\", optional = true }\n", false),
        ("resolver = \"9\"\n", false),
        ("rust-version = \"x\"\n", false),
        ("keywords = [1]\n", false),
        ("[lints]\nworkspace = true\n", false),
        ("[badges]\n", true),
        ("metadata = { a = 1 }\n", true),
    ] {
        let mut files = files();
        files.package("a", "g", more).package("b", "g", "");
        files.check_left(Some(if is_accepted { "a" } else { "b" }));
        // Later packages do not matter.
        let mut files = self::files();
        files.package("c", "g", more).package("b", "g", "").check("b");
    }
    files().put("a/Cargo.toml", "no manifest").package("b", "g", "").check("b");
    files().package("a", "g", "").package("b", "g", "").put("a/tests/x.rs", "").check_left(Some("a"));
    let mut twice = files();
    twice.package("a", "g", "").package("b", "g", "").put("a/tests/x.rs", "").put("a/tests/x/main.rs", "");
    twice.check_left(Some("b"));
    let mut none = files();
    none.package("a", "g", "").package("b", "g", "").0.remove("a/src/lib.rs");
    none.put("a/x.rs", "").check_left(Some("b"));
    // A package that leads to one of them must also be accepted, unless it makes no difference
    // which one is found.
    let leads = "resolver = \"9\"\n[dependencies]\nx = { path = \"../c\" }\n";
    files().package("a", "other", leads).package("b", "g", "").package("c", "g", "").check_left(Some("b"));
    files().package("a", "other", leads).package("c", "g", "").package("d", "g", "").check_left(Some("c"));
    files().package("a", "other", leads).package("0", "g", "").package("c", "g", "").check("0");
}

/// Git writes other files than the commit has where attributes say so.
#[test]
fn what_git_changes() {
    let mut files = files();
    files.package("a", "g", "").put(".gitattributes", "*.toml ident\n");
    let manifest = files.0["a/Cargo.toml"].replace("\"a\"", "\"$Id$\"");
    files.put("a/Cargo.toml", &manifest);
    let (ours, of_cargo) = chosen(&files.0, |_| {});
    assert!(of_cargo.unwrap().starts_with("$Id: "));
    assert_eq!(ours, None);
}

#[cfg(unix)]
#[test]
fn links_are_not_searched() {
    use std::os::unix::fs::symlink;
    let mut files = files();
    files.package("b", "g", "").package("c/.h", "g", "");
    let link = |root: &Path| symlink("c/.h", root.join("a")).unwrap();
    assert_eq!(chosen(&files.0, link), (Some("b".to_owned()), Some("b".to_owned())));
}

/// A dependency in a folder leads to the package that cargo finds first, whatever folder it names.
#[test]
fn a_package_is_found_by_name_and_version() {
    let mut files = files();
    files.package("a", "g", "").package("c", "g", "");
    files.package("b", "other", "[dependencies]\ng = { path = \"../c\" }\n").check("a");
}

/// Generated commits: each known package is the one that cargo takes. GIT_COMMITS is the number of
/// commits, GIT_SEED the seed.
#[test]
fn what_is_known_is_what_cargo_takes() {
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let count = variable("GIT_COMMITS").unwrap_or(12);
    let mut state = variable("GIT_SEED").unwrap_or(1);
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % limit
    };
    const PLACES: [&str; 10] =
        ["a", "b/.h", "b", "a/target", "target", "target/c", ".x", "c/d", "c/d/e", "b-c"];
    const REST: [&str; 5] = [
        "links = \"l\"\n",
        "resolver = \"9\"\n",
        "[workspace]\n",
        "[lib]\nname = \"x\"\n",
        "authors = { workspace = true }\n",
    ];
    let mut known = 0;
    for number in 0..count {
        let mut files = files();
        for _ in 0..3 + below(4) {
            let folder = PLACES[below(PLACES.len())];
            let name = ["g", "g", "g", "other"][below(4)];
            let mut more = match below(3) {
                0 => REST[below(REST.len())].to_owned(),
                _ => String::new(),
            };
            if below(2) == 0 {
                let up = "../".repeat(folder.split('/').count());
                let table = ["dependencies", "build-dependencies", "dev-dependencies"][below(3)];
                let to = PLACES[below(PLACES.len())];
                more += &format!("[{table}]\nx = {{ path = \"{up}{to}\", package = \"g\" }}\n");
            }
            files.package(folder, name, &more);
            match below(16) {
                0 => drop(files.0.remove(&format!("{folder}/src/lib.rs"))),
                1 => drop(files.put(&format!("{folder}/Cargo.toml"), "no manifest")),
                2 => drop(files.put(&format!("{folder}/tests/x.rs"), "")),
                _ => {}
            }
        }
        if below(4) == 0 {
            files.put("Cargo.toml", "[workspace]\n[workspace.package]\nauthors = []\n");
        }
        let (ours, of_cargo) = chosen(&files.0, |_| {});
        if let (Some(ours), Some(of_cargo)) = (&ours, &of_cargo) {
            assert_eq!(ours, of_cargo, "{number}: {:#?}", files.0);
            known += 1;
        }
    }
    assert!(known > 0, "of {count} commits");
    println!("{known} of {count} are known");
}
