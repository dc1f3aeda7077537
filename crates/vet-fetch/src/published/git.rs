//! Packages from git, read in the locked commit.
//!
//! Cargo keeps fetched repositories as bare ones, below `git/db` of its home. Its checkouts are not
//! read, because their files can be edited.

mod accepted;
mod objects;
mod state;
mod submodules;
#[cfg(test)]
mod submodules_with_cargo;
mod walk;
#[cfg(test)]
mod with_cargo;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use vet_graph::Declared;
use vet_graph::lock_file::LockedPackage;

use super::described::Described;
use objects::ObjectId;
use state::State;

/// The locked commit of a package, in 40 hexadecimal digits.
pub(super) fn commit(package: &LockedPackage) -> Option<&str> {
    let (_, commit) = package.source.as_deref()?.strip_prefix("git+")?.rsplit_once('#')?;
    objects::parse_id(commit).map(|_| commit)
}

/// Reads commits, each once.
#[derive(Debug)]
pub(super) struct Repositories {
    /// The folder with the repositories.
    folder: PathBuf,
    /// By the source, without the part that names a branch.
    read: HashMap<(String, ObjectId), Option<State>>,
}

impl Repositories {
    pub(super) fn new(cargo_home: &Path) -> Self {
        Repositories { folder: cargo_home.join("git").join("db"), read: HashMap::new() }
    }

    /// The declarations and the description of a package, if its repository is on this machine and
    /// it is clear which package is meant.
    pub(super) fn package(&mut self, package: &LockedPackage) -> Option<(Described, Declared<'static>)> {
        let commit = objects::parse_id(commit(package)?)?;
        let source = package.source.as_deref()?.strip_prefix("git+")?;
        let address = source.split(['?', '#']).next()?;
        let folder = &self.folder;
        let key = (address.to_owned(), commit);
        let state = self.read.entry(key).or_insert_with(|| {
            repositories(folder, address).find_map(|repository| State::read(repository, commit, folder))
        });
        state.as_ref()?.package(&package.name, &package.version)
    }
}

/// The repositories that cargo may have fetched from an address: it names them after the end of the
/// address.
fn repositories(folder: &Path, address: &str) -> impl Iterator<Item = PathBuf> {
    let end = address.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = end.strip_suffix(".git").unwrap_or(end).to_ascii_lowercase();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(move |entry| {
        let found = entry.file_name().to_str()?.to_ascii_lowercase();
        let (found, _hash) = found.rsplit_once('-')?;
        (found == name).then(|| entry.path())
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const ADDRESS: &str = "https://git.example/demo";

    pub(super) fn git(folder: &Path, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args([
                "-c",
                "user.name=A",
                "-c",
                "user.email=a@example.org",
                "-c",
                "commit.gpgsign=false",
                "-c",
                "core.fsync=none",
            ])
            .args(arguments)
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The home of a cargo that has fetched a commit with some files, and the commit.
    pub(super) fn fetched(files: &[(&str, &str)], more: impl Fn(&Path)) -> (tempfile::TempDir, String) {
        let home = tempfile::tempdir().unwrap();
        let sources = home.path().join("sources");
        for (path, text) in files {
            let path = sources.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        more(&sources);
        git(&sources, &["init", "-q", "-b", "main"]);
        git(&sources, &["add", "-A", "-f", "."]);
        git(&sources, &["commit", "-q", "-m", "First"]);
        let commit = git(&sources, &["rev-parse", "HEAD"]);
        let db = home.path().join("git/db");
        fs::create_dir_all(&db).unwrap();
        git(&db, &["clone", "-q", "--bare", &sources.display().to_string(), "demo-0123456789abcdef"]);
        (home, commit)
    }

    pub(super) fn locked(name: &str, address: &str, commit: &str) -> LockedPackage {
        LockedPackage {
            replaced_by: None,
            name: name.to_owned(),
            version: semver::Version::new(1, 0, 0),
            source: Some(format!("git+{address}?branch=main#{commit}")),
            checksum: None,
            dependencies: Vec::new(),
            span: 0..0,
        }
    }

    const G: &str =
        "[package]\nname = \"g\"\nversion = \"1.0.0\"\ndescription = \"Does.\"\n[dependencies]\nb = \"1\"\n";

    /// Whether `g` is a library, among some files; `None` if it is unclear which package is meant.
    fn library(files: &[(&str, &str)], more: impl Fn(&Path)) -> Option<Option<bool>> {
        let (home, commit) = fetched(files, more);
        let found = Repositories::new(home.path()).package(&locked("g", ADDRESS, &commit));
        found.map(|(described, _)| described.is_library)
    }

    #[test]
    fn a_package_in_the_locked_commit() {
        let files = [
            (
                "Cargo.toml",
                "[workspace]\nmembers = [\"g\", \"h\"]\n[workspace.package]\nversion = \"1.0.0\"\n\
                            [workspace.dependencies]\nc = { version = \"2\", features = [\"x\"] }\n",
            ),
            ("g/Cargo.toml", G),
            ("g/src/lib.rs", ""),
            (
                "h/Cargo.toml",
                "[package]\nname = \"h\"\nversion.workspace = true\n[dependencies]\nc.workspace = true\n",
            ),
            ("h/src/main.rs", ""),
        ];
        let (home, commit) = fetched(&files, |_| {});
        let mut repositories = Repositories::new(home.path());
        let (described, declared) = repositories.package(&locked("g", ADDRESS, &commit)).unwrap();
        assert_eq!(described.is_library, Some(true));
        assert_eq!(described.about, Some((Some("Does.".to_owned()), None)));
        assert_eq!(declared.view().unwrap().dependencies[0].package, "b");
        let (described, declared) =
            repositories.package(&locked("h", &format!("{ADDRESS}.git"), &commit)).unwrap();
        assert_eq!(described.is_library, Some(false));
        assert_eq!(declared.view().unwrap().dependencies[0].package, "c");
        assert!(repositories.package(&locked("i", ADDRESS, &commit)).is_none());
        assert!(repositories.package(&locked("g", "https://git.example/other", &commit)).is_none());
        assert!(repositories.package(&locked("g", ADDRESS, &commit.replace(|_| true, "0"))).is_none());
        let other = LockedPackage { version: semver::Version::new(2, 0, 0), ..locked("g", ADDRESS, &commit) };
        assert!(repositories.package(&other).is_none(), "another version");
    }

    /// If several packages have the name and version, the first counts, if cargo is certain to
    /// accept it.
    #[test]
    fn decoys() {
        let plain = [("g/Cargo.toml", G), ("g/src/lib.rs", "")];
        let nothing = |_: &Path| {};
        let with = |files: &[(&str, &str)]| library(&[&plain[..], files].concat(), nothing);
        assert_eq!(with(&[]), Some(Some(true)));
        let decoy = G.replace("[dependencies]", "autolib = false\n[x]");
        let other_version = decoy.replace("1.0.0", "1.0.1");
        let inherited = decoy.replace("version = \"1.0.0\"", "version.workspace = true");
        let root = |version: &str| format!("[workspace]\n[workspace.package]\nversion = \"{version}\"\n");
        for (place, taken) in [("a/b", None), ("g/inner", Some(Some(true)))] {
            let file = format!("{place}/Cargo.toml");
            assert_eq!(with(&[(&file, &decoy)]), taken, "{place}");
            assert_eq!(with(&[(&file, &other_version)]), Some(Some(true)), "{place}");
            assert_eq!(with(&[(&file, &inherited), ("Cargo.toml", &root("1.0.0"))]), taken, "{place}");
            assert_eq!(with(&[(&file, &inherited), ("Cargo.toml", "[workspace]\n")]), taken, "{place}");
            let other = [(file.as_str(), inherited.as_str()), ("Cargo.toml", &root("2.0.0"))];
            assert_eq!(with(&other), Some(Some(true)), "{place}");
        }
        // Cargo does not search here, unless a dependency leads here.
        let unclear = "[package]\nname = 1\n";
        for place in ["a/.hidden", "g/target"] {
            let file = format!("{place}/Cargo.toml");
            assert_eq!(with(&[(&file, &decoy)]), Some(Some(true)), "{place}");
            assert_eq!(with(&[(&file, unclear)]), Some(Some(true)), "{place}");
            let path = format!("../{place}");
            for (table, folder, taken) in
                [("dev-dependencies", "f", None), ("dev-dependencies", "h", Some(Some(true)))]
            {
                let leading = format!(
                    "[package]\nname = \"h\"\nversion = \"1.0.0\"\n[{table}]\ng = {{ path = \"{path}\" }}\n"
                );
                let leading_file = format!("{folder}/Cargo.toml");
                let library = format!("{folder}/src/lib.rs");
                let files = [(&*file, &*decoy), (&*leading_file, &*leading), (&*library, "")];
                assert_eq!(with(&files), taken, "{place} {table} {folder}");
            }
        }
        // Older versions of cargo take any of them.
        let no_library = [("a/Cargo.toml", G), ("a/src/main.rs", "")];
        assert_eq!(with(&no_library), Some(None));
        assert_eq!(with(&[("h/Cargo.toml", G), ("h/src/main.rs", "")]), Some(Some(true)));
        assert_eq!(
            library(&[&no_library[..], &[("b/Cargo.toml", G), ("b/src/main.rs", "")]].concat(), nothing),
            Some(Some(false))
        );
        let elsewhere = G.replace("\"g\"", "\"h\"").replace("b = \"1\"", "x = { path = \"../../x\" }");
        // Any package may be there. It counts if cargo finds it first.
        assert_eq!(with(&[("f/Cargo.toml", &elsewhere)]), None);
        assert_eq!(with(&[("h/Cargo.toml", &elsewhere)]), Some(Some(true)));
        assert_eq!(with(&[(".h/Cargo.toml", &elsewhere)]), Some(Some(true)));
        assert_eq!(with(&[("h/cargo.toml", G)]), None);
        // Cargo ignores files that are not manifests, and does not search these folders.
        assert_eq!(with(&[("h/Cargo.toml", "{{ name }}")]), Some(Some(true)));
        assert_eq!(with(&[("h/Cargo.toml", unclear)]), None);
        assert_eq!(library(&[(".g/Cargo.toml", G)], nothing), None);
        assert_eq!(library(&[("Cargo.toml", "[workspace]\n"), ("target/g/Cargo.toml", G)], nothing), None);
    }

    #[cfg(unix)]
    #[test]
    fn links() {
        use std::os::unix::fs::symlink;
        let by_link = G.replace("\"g\"", "\"h\"").replace("b = \"1\"", "x = { path = \"../link\" }");
        let files = [("g/Cargo.toml", G), ("g/src/lib.rs", "")];
        let with_link = |more: &[(&str, &str)]| {
            library(&[&files, more].concat(), |root| symlink("g", root.join("link")).unwrap())
        };
        assert_eq!(with_link(&[]), Some(Some(true)));
        assert_eq!(with_link(&[("h/Cargo.toml", &by_link)]), Some(Some(true)));
        assert_eq!(with_link(&[("f/Cargo.toml", &by_link)]), None);
        let no_library = [("g/Cargo.toml", G), ("lib.rs", "")];
        let link = |root: &Path| {
            fs::create_dir(root.join("g/src")).unwrap();
            symlink("../../lib.rs", root.join("g/src/lib.rs")).unwrap();
        };
        // The link may be broken. And if the package is a library, a member that it needs is no
        // root.
        assert_eq!(library(&no_library, link), Some(None));
        assert_eq!(library(&[("g/Cargo.toml", G), ("g/SRC/lib.rs", "")], |_| {}), Some(None));
    }

    /// For cargo, such a folder is not hidden.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_whose_name_is_no_text() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        let files = [("h/Cargo.toml", G), ("h/src/lib.rs", "")];
        let rename = |name: &'static [u8]| {
            move |root: &Path| fs::rename(root.join("h"), root.join(OsStr::from_bytes(name))).unwrap()
        };
        assert_eq!(library(&files, rename(b"a")), Some(Some(true)));
        assert_eq!(library(&files, rename(b".\xff")), None);
    }

    /// Checkouts of cargo do not matter, and objects are verified by their names.
    #[test]
    fn what_was_edited() {
        let (home, commit) = fetched(&[("g/Cargo.toml", G), ("g/src/main.rs", "")], |_| {});
        let known = || Repositories::new(home.path()).package(&locked("g", ADDRESS, &commit));
        assert_eq!(known().map(|(described, _)| described.is_library), Some(Some(false)));
        let db = home.path().join("git/db/demo-0123456789abcdef");
        let blob = git(&db, &["rev-parse", &format!("{commit}:g/Cargo.toml")]);
        // Another object replaces the manifest: first with git's own mechanism, then in the file of
        // the object.
        let other = home.path().join("other.toml");
        fs::write(&other, G.replace("b = \"1\"", "")).unwrap();
        let other = git(&db, &["hash-object", "-w", &other.display().to_string()]);
        git(&db, &["replace", &blob, &other]);
        assert_eq!(known().map(|(_, declared)| declared.view().unwrap().dependencies.len()), Some(1));
        let object = |id: &str| {
            let (folder, file) = id.split_at(2);
            db.join("objects").join(folder).join(file)
        };
        let bytes = fs::read(object(&other)).unwrap();
        fs::create_dir_all(object(&blob).parent().unwrap()).unwrap();
        let _ = fs::remove_file(object(&blob));
        fs::write(object(&blob), bytes).unwrap();
        for pack in fs::read_dir(db.join("objects/pack")).unwrap().flatten() {
            fs::remove_file(pack.path()).unwrap();
        }
        assert!(known().is_none());
    }
}
