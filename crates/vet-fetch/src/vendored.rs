//! Vendored sources, compared with the archives of the packages that they claim to be.
//!
//! Where cargo takes packages from a folder of the checkout, that folder decides which code is built. The checksums beside the
//! sources are in the same folder, and cargo does not look at files that are not listed there. So the files themselves are
//! compared, with an archive that has the locked checksum.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Read as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use flate2::read::GzDecoder;
use vet_graph::lock_file::{LockFile, LockedPackage};
use vet_graph::manifest::VersionField;
use vet_graph::{Declared, Manifest, Published, PublishedFacts};
use vet_store::diagnostic::Source;

use crate::regular_file::{LARGEST_ARCHIVE, read_file_up_to, read_utf8};
use crate::sha256::sha256;

/// Cargo unpacks no more than this.
const LARGEST_CONTENT: u64 = 512 << 20;

/// Folders deeper than this are not looked into.
const DEEPEST: usize = 64;

/// What became of the vendored packages of a lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// What is different from the archive, in sentences without a full stop.
    pub differences: Vec<String>,
    /// The packages whose archives are not on this machine, by their places in the lock file.
    pub without_archive: Vec<usize>,
    /// The packages whose vendored manifests declare something else than the index has, and those from crates.io that are not
    /// vendored. Cargo goes by the manifests, so it may refuse a lock file that fits the index.
    pub unlike_index: Vec<usize>,
}

/// What is different about a vendored package.
enum Verdict {
    Same,
    Differs(String),
    NoArchive { is_unlike_index: bool },
}

/// Compares the packages of a lock file with the archives in some folders, and with what is known about them where there is no
/// archive. `vendored` are the folders that cargo uses.
pub fn compare(
    lock: &LockFile,
    vendored: &[PathBuf],
    archives: &[PathBuf],
    facts: &(impl PublishedFacts + Sync),
) -> Compared {
    let mut by_name: HashMap<(&str, String), usize> = HashMap::new();
    for (place, package) in lock.packages.iter().enumerate().filter(|(_, package)| package.checksum.is_some())
    {
        by_name.insert((&package.name, package.version.to_string()), place);
    }
    // Cargo goes by what the manifests say, and not by the names of folders.
    let entries = vendored.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    let claimed = entries.map(|entry| entry.path()).filter_map(|folder| {
        let name = claimed_name(&folder)?;
        let place = *by_name.get(&(name.0.as_str(), name.1))?;
        Some((place, folder))
    });
    let claimed: Vec<(usize, PathBuf)> = claimed.collect();
    let is_claimed: HashSet<usize> = claimed.iter().map(|(place, _)| *place).collect();
    let queue = Mutex::new(claimed.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        let mut verdicts = Vec::new();
        while let Some((place, folder)) = next() {
            let verdict = lock.packages.get(place).map(|package| match verdict(package, &folder, archives) {
                Some(verdict) => verdict,
                None => Verdict::NoArchive { is_unlike_index: is_unlike_index(package, &folder, facts) },
            });
            verdicts.extend(verdict.map(|verdict| (place, verdict)));
        }
        verdicts
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut verdicts: Vec<(usize, Verdict)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    });
    verdicts.sort_by_key(|(place, _)| *place);
    let mut compared = Compared::default();
    for (place, verdict) in verdicts {
        match verdict {
            Verdict::Same => {}
            Verdict::Differs(what) => compared.differences.push(what),
            Verdict::NoArchive { is_unlike_index } => {
                compared.without_archive.push(place);
                compared.unlike_index.extend(is_unlike_index.then_some(place));
            }
        }
    }
    compared.without_archive.dedup();
    let packages = lock.packages.iter().enumerate();
    let of_crates_io = packages.filter(|(_, package)| package.is_from_crates_io()).map(|(place, _)| place);
    compared.unlike_index.extend(of_crates_io.filter(|place| !is_claimed.contains(place)));
    compared.unlike_index.sort_unstable();
    compared.unlike_index.dedup();
    compared
}

fn manifest_in(folder: &Path) -> Option<Manifest> {
    let text = read_utf8(&folder.join("Cargo.toml")).ok()?;
    Manifest::parse(&Source::new("Cargo.toml", text)).ok()
}

/// Whether the index is known to have a package that declares something else than a vendored manifest.
fn is_unlike_index(package: &LockedPackage, folder: &Path, facts: &impl PublishedFacts) -> bool {
    let Published::Known(declared) = facts.declared(package) else { return false };
    !manifest_in(folder).is_some_and(|manifest| Declared::of(&manifest, None).agrees_with(&declared))
}

/// The name and the version that a vendored folder has for cargo.
fn claimed_name(folder: &Path) -> Option<(String, String)> {
    let package = manifest_in(folder)?.package?;
    match package.version {
        VersionField::Stated(version) => Some((package.name, version.to_string())),
        VersionField::Inherited(_) => None,
    }
}

/// Compares a vendored package with its archive; nothing if that is not on this machine, or cannot be unpacked.
fn verdict(package: &LockedPackage, folder: &Path, archives: &[PathBuf]) -> Option<Verdict> {
    let LockedPackage { name, version, .. } = package;
    let file = format!("{name}-{version}.crate");
    let archives =
        archives.iter().filter_map(|folder| read_file_up_to(&folder.join(&file), LARGEST_ARCHIVE).ok());
    let archive = archives.into_iter().find(|archive| Some(&sha256(archive)) == package.checksum.as_ref())?;
    let published = unpacked(&archive)?;
    Some(match difference(&published, folder) {
        None => Verdict::Same,
        Some((path, what)) => Verdict::Differs(format!("`{path}` of the vendored `{name} {version}` {what}")),
    })
}

/// The files of an archive, by path in its folder. Of two with the same path the later one counts, as for cargo.
fn unpacked(archive: &[u8]) -> Option<HashMap<String, Vec<u8>>> {
    let mut files = HashMap::new();
    let content = GzDecoder::new(archive).take(LARGEST_CONTENT);
    for entry in tar::Archive::new(content).entries().ok()? {
        let mut entry = entry.ok()?;
        if entry.header().entry_type() != tar::EntryType::Regular {
            continue;
        }
        let path = entry.path().ok()?.to_str()?.replace('\\', "/");
        let (_, path) = path.split_once('/')?;
        let path = path.to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).ok()?;
        files.insert(path, bytes);
    }
    Some(files)
}

/// The first difference between an archive and a folder: a path, and what is wrong with it.
fn difference(published: &HashMap<String, Vec<u8>>, folder: &Path) -> Option<(String, &'static str)> {
    let mut vendored = Vec::new();
    if let Err(path) = files(folder, "", 0, &mut vendored) {
        return Some((path, "is not a file, or cannot be read"));
    }
    vendored.sort();
    for path in vendored.iter().filter(|path| !OF_CARGO.contains(&path.as_str())) {
        let Some(expected) = published.get(path) else {
            return Some((path.clone(), "is not in the archive"));
        };
        let Ok(found) = read_file_up_to(&folder.join(path), LARGEST_ARCHIVE) else {
            return Some((path.clone(), "cannot be read"));
        };
        let is_same =
            found == *expected || (path == "Cargo.toml" && manifest::is_same(&found, expected, published));
        if !is_same {
            return Some((path.clone(), "differs from the file in the archive"));
        }
    }
    let mut missing =
        published.keys().filter(|path| !may_be_missing(path) && vendored.binary_search(path).is_err());
    missing.next().map(|path| (path.clone(), "is missing"))
}

/// What cargo adds.
const OF_CARGO: [&str; 2] = [".cargo-checksum.json", ".cargo-ok"];

/// What cargo leaves out.
fn may_be_missing(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    [".gitignore", ".gitattributes", ".git", ".cargo-ok"].contains(&name)
        || name.ends_with(".orig")
        || name.ends_with(".rej")
}

/// Adds the paths of all files in a folder; the path of something else is an error.
fn files(root: &Path, below: &str, depth: usize, found: &mut Vec<String>) -> Result<(), String> {
    let failed = || below.to_owned();
    if depth > DEEPEST {
        return Err(failed());
    }
    for entry in fs::read_dir(root.join(below)).map_err(|_| failed())? {
        let entry = entry.map_err(|_| failed())?;
        let name = entry.file_name().into_string().map_err(|_| failed())?;
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(root, &path, depth + 1, found)?,
            Ok(kind) if kind.is_file() => found.push(path),
            _ => return Err(path),
        }
    }
    Ok(())
}

/// Manifests, which some versions of cargo write anew when they vendor.
mod manifest {
    use std::collections::HashMap;

    use toml::{Table, Value};

    /// Whether a vendored manifest says the same as the one in the archive. It may say what cargo finds out by itself.
    pub(super) fn is_same(vendored: &[u8], published: &[u8], files: &HashMap<String, Vec<u8>>) -> bool {
        let read = |bytes: &[u8]| str::from_utf8(bytes).ok()?.parse::<Table>().ok();
        let (Some(mut vendored), Some(mut published)) = (read(vendored), read(published)) else {
            return false;
        };
        if !published.contains_key("lib") && vendored.get("lib").is_some_and(is_default_library) {
            vendored.remove("lib");
        }
        let build = match files.contains_key("build.rs") {
            true => Value::from("build.rs"),
            false => Value::from(false),
        };
        for manifest in [&mut vendored, &mut published] {
            // Nothing of this is built as a dependency.
            for key in ["bin", "example", "test", "bench", "badges", "lints"] {
                manifest.remove(key);
            }
            if let Some(package) = manifest.get_mut("package").and_then(Value::as_table_mut) {
                for key in ["autolib", "autobins", "autoexamples", "autotests", "autobenches", "readme"] {
                    package.remove(key);
                }
                if package.get("build") == Some(&build) {
                    package.remove("build");
                }
            }
        }
        vendored == published
    }

    fn is_default_library(library: &Value) -> bool {
        let Some(table) = library.as_table() else { return false };
        table.iter().all(|(key, value)| match key.as_str() {
            "name" => true,
            "path" => value.as_str() == Some("src/lib.rs"),
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use vet_testing::archive;

    use super::*;

    const MANIFEST: &str = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n";

    /// An index that says the same of every package, or nothing.
    struct Declares(Option<&'static str>);

    impl PublishedFacts for Declares {
        fn is_library(&self, _: &LockedPackage) -> Option<bool> {
            None
        }

        fn declared(&self, _: &LockedPackage) -> Published<'_> {
            let declared = |rest| {
                let manifest = format!("{MANIFEST}{rest}");
                Declared::of(&Manifest::parse(&Source::new("Cargo.toml", manifest)).unwrap(), None)
            };
            self.0.map_or(Published::Unknown, |rest| Published::Known(declared(rest)))
        }
    }

    /// What comes out for an archive and a vendored folder of it, in which some files are others.
    fn compared(change: impl Fn(&Path)) -> String {
        compared_with(None, change)
    }

    /// As [`compared`], where the index has a package that declares this.
    fn compared_with(declared: Option<&'static str>, change: impl Fn(&Path)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let files =
            [("Cargo.toml", MANIFEST), ("src/lib.rs", "one"), (".gitignore", ""), ("Cargo.toml.orig", "")];
        let bytes = archive("a-1.0.0", &files);
        let archives = folder.path().join("archives");
        fs::create_dir_all(&archives).unwrap();
        fs::write(archives.join("a-1.0.0.crate"), &bytes).unwrap();
        let vendored = folder.path().join("vendor/whatever");
        fs::create_dir_all(vendored.join("src")).unwrap();
        for (path, text) in &files[..2] {
            fs::write(vendored.join(path), text).unwrap();
        }
        fs::write(vendored.join(".cargo-checksum.json"), "{}").unwrap();
        change(&vendored);
        let lock = LockFile {
            packages: vec![LockedPackage {
                name: "a".to_owned(),
                version: semver::Version::new(1, 0, 0),
                source: Some(vet_testing::CRATES_IO.to_string()),
                checksum: Some(sha256(&bytes)),
                dependencies: Vec::new(),
            }],
            ..LockFile::default()
        };
        let Compared { differences, without_archive, unlike_index } =
            compare(&lock, &[folder.path().join("vendor")], &[archives], &Declares(declared));
        match (&differences[..], &without_archive[..]) {
            ([], _) if unlike_index == [0] => "not as in the index".to_owned(),
            ([], []) => "same".to_owned(),
            ([], [0]) => "no archive".to_owned(),
            (differences, _) => differences.join(", "),
        }
    }

    #[test]
    fn vendored_sources_are_those_of_the_archive() {
        let of = |text: &str| format!("`{text}");
        assert_eq!(compared(|_| {}), "same");
        let write = |path: &'static str, text: &'static str| {
            move |folder: &Path| fs::write(folder.join(path), text).unwrap()
        };
        assert_eq!(
            compared(write("src/lib.rs", "two")),
            of("src/lib.rs` of the vendored `a 1.0.0` differs from the file in the archive")
        );
        assert_eq!(
            compared(write("build.rs", "")),
            of("build.rs` of the vendored `a 1.0.0` is not in the archive")
        );
        assert_eq!(
            compared(|folder| fs::remove_file(folder.join("src/lib.rs")).unwrap()),
            of("src/lib.rs` of the vendored `a 1.0.0` is missing")
        );
        let archive = |folder: &Path| folder.join("../../archives/a-1.0.0.crate");
        assert_eq!(compared(|folder| fs::write(archive(folder), "other").unwrap()), "no archive");
        assert_eq!(compared(|folder| fs::remove_file(archive(folder)).unwrap()), "no archive");
    }

    /// Without an archive, the manifest has to declare what the index has; else cargo may refuse what the index confirms.
    #[test]
    fn manifests_are_those_of_the_index() {
        let index = "[features]\nx = [\"b/y\"]\n[dependencies]\nb = { version = \"1\", features = [\"p\", \"q\"] }\nc = \"2\"\n";
        let vendored = |rest: &str| {
            let text = format!("{MANIFEST}{rest}");
            compared_with(Some(index), move |folder| {
                fs::remove_dir_all(folder.join("../../archives")).unwrap();
                fs::write(folder.join("Cargo.toml"), &text).unwrap();
            })
        };
        let same = "[dependencies]\nc = \"2\"\nb = { version = \"1\", features = [\"q\", \"p\"] }\n[features]\nx = [\"b/y\"]\n";
        assert_eq!(vendored(index), "no archive");
        assert_eq!(vendored(same), "no archive");
        for other in [
            same.replace("c = \"2\"\n", ""),
            same.replace("\"2\"", "\"1\""),
            same.replace("\"p\"", "\"r\""),
            same.replace("[\"b/y\"]", "[]"),
            same.replace("[dependencies]", "[build-dependencies]"),
            "not a manifest".to_owned(),
        ] {
            assert_eq!(vendored(&other), "not as in the index", "{other}");
        }
        assert_eq!(compared(|folder| fs::remove_dir_all(folder).unwrap()), "not as in the index");
    }

    /// Some versions of cargo write what they found out into the manifest.
    #[test]
    fn manifests_that_cargo_wrote_anew() {
        let with = |rest: &str| {
            let text = format!("{MANIFEST}{rest}");
            compared(move |folder| fs::write(folder.join("Cargo.toml"), &text).unwrap())
        };
        for rest in [
            "",
            "build = false\nautobins = false\n",
            "autolib = false\n[lib]\nname = \"a\"\npath = \"src/lib.rs\"\n[[test]]\nname = \"x\"\n",
        ] {
            assert_eq!(with(rest), "same", "{rest}");
        }
        for rest in [
            "build = \"src/lib.rs\"\n",
            "[lib]\npath = \"other.rs\"\n",
            "[lib]\nproc-macro = true\n",
            "[dependencies]\nb = \"1\"\n",
            "[features]\nx = []\n",
        ] {
            assert!(with(rest).contains("differs"), "{rest}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_differ() {
        let link = |folder: &Path| {
            fs::remove_file(folder.join("src/lib.rs")).unwrap();
            std::os::unix::fs::symlink("/dev/zero", folder.join("src/lib.rs")).unwrap();
        };
        assert_eq!(compared(link), "`src/lib.rs` of the vendored `a 1.0.0` is not a file, or cannot be read");
    }
}
