//! Compares vendored sources with the archives of the packages that they claim to be.
//!
//! If cargo takes packages from a folder of the checkout, this folder decides which code is built.
//! The checksums of the sources are in the same folder, and cargo ignores files that are not listed
//! there. So the files themselves are compared, with an archive that has the locked checksum, or
//! with what is remembered about its files.

mod outline;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Read as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use flate2::read::GzDecoder;
use serde::Deserialize;
use vet_diagnostics::Source;
use vet_graph::Manifest;
use vet_graph::lock_file::{LockFile, LockedPackage};
use vet_graph::manifest::VersionField;
use vet_project::VendoredSources;
use vet_project::regular_file::{LARGEST_ARCHIVE, LARGEST_TEXT, read_file_up_to, read_utf8};

use crate::cache::Cache;
use crate::cache::kinds::OUTLINES;
use crate::published::memory::{Key, is_of_package};
use outline::{Outline, Unlike};
use vet_project::sha256::{is_sha256, sha256};

/// The maximum unpacked size that cargo accepts, in bytes.
const LARGEST_CONTENT: u64 = 512 << 20;

/// The maximum depth of folders that are examined.
const DEEPEST: usize = 64;

/// The result for the vendored packages of a lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// The differences from archives.
    pub differences: Vec<VendoredDifference>,
    /// The packages, as indices in the lock file, that could not be compared completely: their
    /// archives are not on this machine, their manifests are written differently, or no folder is
    /// certain to be theirs.
    pub not_compared: Vec<usize>,
    /// Those of them that could be compared if their archives were on this machine.
    pub without_archive: Vec<usize>,
    /// The packages whose archives were read, and whose files are remembered now.
    pub read: Vec<usize>,
    /// The packages from git that may be vendored. Nothing on this machine has their files in
    /// vendored form.
    pub from_git: Vec<usize>,
    /// What cargo may refuse in the folders, as words that complete "because of …". Cargo uses the
    /// vendored sources, so it may refuse a lock file that matches the index.
    pub left_to_cargo: Vec<String>,
}

/// How vendored sources differ from what was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendoredDifference {
    /// A sentence without a full stop.
    pub message: String,
    /// The package, as an index in the lock file, if its sources differ.
    pub package: Option<usize>,
}

/// The result for a vendored package.
enum Verdict {
    Same,
    /// Its manifest says the same in a different form. Cargo may refuse it.
    Rewritten,
    /// The checksum in cargo's list is not that of this archive. Cargo may refuse it.
    NotedOtherwise,
    Differs(String),
    NoArchive,
}

/// Compares the packages of a lock file with the archives in some folders, or with what the cache
/// remembers about archives.
pub fn compare(lock: &LockFile, vendored: &VendoredSources, archives: &[PathBuf], cache: &Cache) -> Compared {
    let memory = cache.table::<Key, Outline>(&OUTLINES);
    let remembered = memory.read(is_of_package(lock));
    let mut by_name: HashMap<(&str, String), usize> = HashMap::new();
    for (place, package) in lock.packages.iter().enumerate().filter(|(_, package)| package.checksum.is_some())
    {
        by_name.insert((&package.name, package.version.to_string()), place);
    }
    let mut compared = Compared::default();
    let mut claimed: Vec<(usize, PathBuf)> = Vec::new();
    // A folder whose package is not known may be taken for any.
    let mut is_any_meant = false;
    for folder in vendored.folders.iter().flat_map(|folder| packages_in(folder)) {
        // Cargo uses the manifests, not the names of folders.
        let claims = claimed_name(&folder);
        let place = match &claims {
            Some(Claim::Package(name, version)) => by_name.get(&(name.as_str(), version.clone())).copied(),
            Some(Claim::Inherits(name)) => {
                let message = format!(
                    "in the folder `{}` of vendored sources, `{name}` inherits its version from a workspace, unlike any published package",
                    folder.file_name().unwrap_or_default().to_string_lossy()
                );
                compared.differences.push(VendoredDifference { message, package: None });
                None
            }
            None => {
                is_any_meant = true;
                None
            }
        };
        match place {
            Some(place) => claimed.push((place, folder)),
            // Cargo reads it anyway.
            None => compared.left_to_cargo.push(format!(
                "the folder `{}` of vendored sources, which does not belong to a locked package",
                folder.file_name().unwrap_or_default().to_string_lossy()
            )),
        }
    }
    let is_claimed: HashSet<usize> = claimed.iter().map(|(place, _)| *place).collect();
    let queue = Mutex::new(claimed.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        let (mut verdicts, mut learned) = (Vec::new(), Vec::new());
        while let Some((place, folder)) = next() {
            let Some(package) = lock.packages.get(place) else { continue };
            let key = key(package);
            let outline = key.as_ref().and_then(|key| remembered.get(key));
            let (verdict, found) = verdict(package, &folder, archives, outline);
            verdicts.push((place, verdict));
            let new = found.filter(|found| outline.is_none() && found.is_short());
            learned.extend(key.zip(new).map(|(key, new)| (place, key, new)));
        }
        (verdicts, learned)
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let (verdicts, learned): (Vec<_>, Vec<_>) = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).unzip()
    });
    let mut verdicts: Vec<(usize, Verdict)> = verdicts.into_iter().flatten().collect();
    verdicts.sort_by_key(|(place, _)| *place);
    let learned = learned.into_iter().flatten().map(|(place, key, outline)| {
        compared.read.push(place);
        (key, outline)
    });
    memory.add(&learned.collect::<Vec<_>>());
    for (place, verdict) in verdicts {
        match verdict {
            Verdict::Same => {}
            Verdict::NotedOtherwise => {
                compared.left_to_cargo.extend(lock.packages.get(place).map(|package| {
                    format!("`{CHECKSUMS}` of the vendored `{} {}`", package.name, package.version)
                }))
            }
            Verdict::Differs(message) => {
                compared.differences.push(VendoredDifference { message, package: Some(place) });
            }
            Verdict::Rewritten => compared.not_compared.push(place),
            Verdict::NoArchive => {
                compared.not_compared.push(place);
                compared.without_archive.push(place);
            }
        }
    }
    for (place, package) in
        lock.packages.iter().enumerate().filter(|(_, package)| vendored.may_replace(package))
    {
        match package.registry() {
            Some(_) if is_claimed.contains(&place) && !is_any_meant => {}
            Some(_) => compared.not_compared.push(place),
            None => compared.from_git.push(place),
        }
    }
    compared.not_compared.sort_unstable();
    compared.not_compared.dedup();
    compared
}

/// The folders in which cargo looks for packages.
fn packages_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    // Names that are not Unicode are not hidden for cargo.
    let is_hidden =
        |entry: &fs::DirEntry| entry.file_name().to_str().is_some_and(|name| name.starts_with('.'));
    let folders = entries.filter(move |entry| !is_hidden(entry)).map(|entry| entry.path());
    folders.filter(|folder| folder.join("Cargo.toml").exists())
}

fn manifest_in(folder: &Path) -> Option<Manifest> {
    let text = read_utf8(&folder.join("Cargo.toml")).ok()?;
    Manifest::parse(&Source::new("Cargo.toml", text)).ok()
}

/// Which package a vendored folder has for cargo.
enum Claim {
    /// The one with this name and version.
    Package(String, String),
    /// One with this name, and with a version that its workspace decides.
    Inherits(String),
}

/// The package of a vendored folder, as cargo reads its manifest.
fn claimed_name(folder: &Path) -> Option<Claim> {
    let package = manifest_in(folder)?.package?;
    Some(match package.version {
        VersionField::Stated(version) => Claim::Package(package.name, version.to_string()),
        VersionField::Inherited(_) => Claim::Inherits(package.name),
    })
}

/// The key under which the files of a package's archive are remembered.
fn key(package: &LockedPackage) -> Option<Key> {
    let checksum = package.checksum.as_deref().filter(|checksum| is_sha256(checksum))?;
    Some(Key::archive(checksum, &package.name, &package.version))
}

/// Compares a vendored package with what is remembered about its archive, or with the archive
/// itself, which gives more detail. Also returns the outline of the archive if it was read.
fn verdict(
    package: &LockedPackage,
    folder: &Path,
    archives: &[PathBuf],
    outline: Option<&Outline>,
) -> (Verdict, Option<Outline>) {
    let LockedPackage { name, version, .. } = package;
    let same = || if is_noted(package, folder) { Verdict::Same } else { Verdict::NotedOtherwise };
    let unlike = match outline.map(|outline| outline.compare(folder)) {
        Some(Ok(())) => return (same(), None),
        Some(Err(unlike)) => Some(unlike),
        None => None,
    };
    let file = format!("{name}-{version}.crate");
    let mut archives =
        archives.iter().filter_map(|folder| read_file_up_to(&folder.join(&file), LARGEST_ARCHIVE).ok());
    let archive = archives.find(|archive| Some(&sha256(archive)) == package.checksum.as_ref());
    let Some(published) = archive.and_then(|archive| unpacked(&archive, &format!("{name}-{version}"))) else {
        let verdict = match unlike {
            Some(Unlike::Files) => {
                Verdict::Differs(format!("the vendored `{name} {version}` differs from the archive"))
            }
            Some(Unlike::Manifest) | None => Verdict::NoArchive,
        };
        return (verdict, None);
    };
    let verdict = match difference(&published, folder) {
        Some((path, what)) => Verdict::Differs(format!("`{path}` of the vendored `{name} {version}` {what}")),
        None if !is_manifest_of(folder, &published) => Verdict::Rewritten,
        None => same(),
    };
    (verdict, Outline::of(&published))
}

fn is_manifest_of(folder: &Path, published: &HashMap<String, Vec<u8>>) -> bool {
    let found = read_file_up_to(&folder.join("Cargo.toml"), LARGEST_ARCHIVE).ok();
    found.as_ref() == published.get("Cargo.toml")
}

/// Whether cargo's list contains the checksum of the archive. Cargo compares the checksums of files
/// when it builds.
fn is_noted(package: &LockedPackage, folder: &Path) -> bool {
    #[derive(Deserialize)]
    struct Noted {
        #[expect(dead_code, reason = "without them cargo refuses the package")]
        files: HashMap<String, String>,
        package: Option<String>,
    }
    let bytes = read_file_up_to(&folder.join(CHECKSUMS), LARGEST_TEXT).ok();
    let noted = bytes.and_then(|bytes| serde_json::from_slice::<Noted>(&bytes).ok());
    noted.is_some_and(|noted| noted.package == package.checksum)
}

/// The files of an archive, by path in its folder. As in cargo, the later of two files with the
/// same path counts.
fn unpacked(archive: &[u8], folder: &str) -> Option<HashMap<String, Vec<u8>>> {
    let mut files = HashMap::new();
    let mut content = GzDecoder::new(archive).take(LARGEST_CONTENT);
    for entry in tar::Archive::new(&mut content).entries().ok()? {
        let mut entry = entry.ok()?;
        if entry.header().entry_type() != tar::EntryType::Regular {
            continue;
        }
        let path = entry.path().ok()?.to_str()?.replace('\\', "/");
        // Cargo refuses entries outside the folder.
        let path = path.strip_prefix(folder)?.strip_prefix('/')?.to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).ok()?;
        files.insert(path, bytes);
    }
    (content.limit() > 0).then_some(files)
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

/// Files that cargo adds.
const OF_CARGO: [&str; 2] = [CHECKSUMS, ".cargo-ok"];

/// Cargo's list with the checksums of the files and of the archive.
const CHECKSUMS: &str = ".cargo-checksum.json";

/// Whether cargo may leave out this file.
fn may_be_missing(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    [".gitignore", ".gitattributes", ".git", ".cargo-ok"].contains(&name)
        || name.ends_with(".orig")
        || name.ends_with(".rej")
}

/// Adds the paths of all files in a folder. Anything else is an error, which is its path.
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

/// Manifests, which some versions of cargo rewrite when they vendor.
mod manifest {
    use std::collections::HashMap;

    use toml::{Table, Value};

    /// Whether a vendored manifest says the same as the one in the archive. It may add what cargo
    /// infers.
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
            // None of this is built for a dependency.
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
    use vet_project::RegistryPlaces;
    use vet_testing::archive;

    use super::*;

    const CONFIGURATION: &str =
        "[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\ndirectory = \"vendor\"\n";
    const MANIFEST: &str = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n";

    /// The result for an archive and a vendored folder of it, after some files were changed.
    fn compared(change: impl Fn(&Path)) -> String {
        compared_after(|_, _| {}, change)
    }

    /// Like [`compared`], for a folder that was compared before and whose archive was removed.
    fn compared_again(change: impl Fn(&Path)) -> String {
        let before = |compare: &dyn Fn() -> Compared, archives: &Path| {
            assert_eq!(compare(), Compared { read: vec![0], ..Compared::default() });
            assert_eq!(compare(), Compared::default(), "it is not read again");
            fs::remove_dir_all(archives).unwrap();
        };
        compared_after(before, change)
    }

    fn compared_after(before: impl Fn(&dyn Fn() -> Compared, &Path), change: impl Fn(&Path)) -> String {
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
        let noted = format!("{{\"files\":{{}},\"package\":\"{}\"}}", sha256(&bytes));
        fs::write(vendored.join(CHECKSUMS), noted).unwrap();
        let lock = vet_testing::lock_file("+a 1.0.0", |_| sha256(&bytes));
        let lock = LockFile::parse(&Source::new("Cargo.lock", lock)).unwrap();
        let mut places = RegistryPlaces::default();
        let configuration = Source::new("config.toml", CONFIGURATION);
        places.add(&vet_store::toml_document(&configuration).0.unwrap(), folder.path());
        let cache = Cache::new(folder.path().join("cache"));
        let compared = || compare(&lock, &places.vendored(), std::slice::from_ref(&archives), &cache);
        before(&compared, &archives);
        change(&vendored);
        let Compared { differences, not_compared, left_to_cargo, .. } = compared();
        let mut words: Vec<String> = differences.into_iter().map(|difference| difference.message).collect();
        words.extend((!not_compared.is_empty()).then(|| "not compared".to_owned()));
        words.extend(left_to_cargo.iter().map(|why| format!("cargo is asked because of {why}")));
        if words.is_empty() { "same".to_owned() } else { words.join(", ") }
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
        for change in [
            |folder: &Path, archive: &Path| fs::write(archive, folder.to_str().unwrap()).unwrap(),
            |_: &Path, archive: &Path| fs::remove_file(archive).unwrap(),
            |folder: &Path, _: &Path| fs::remove_dir_all(folder).unwrap(),
            |folder: &Path, _: &Path| fs::rename(folder, folder.with_file_name(".hidden")).unwrap(),
        ] {
            assert_eq!(compared(|folder| change(folder, &archive(folder))), "not compared");
        }
    }

    /// After one comparison, the archive is no longer needed.
    #[test]
    fn what_is_remembered_of_archives() {
        assert_eq!(compared_again(|_| {}), "same");
        let write = |path: &'static str, text: &'static str| {
            move |folder: &Path| fs::write(folder.join(path), text).unwrap()
        };
        for path in ["src/lib.rs", "build.rs", ".gitignore", "src/x.orig"] {
            let expected = "the vendored `a 1.0.0` differs from the archive";
            assert_eq!(compared_again(write(path, "two")), expected, "{path}");
        }
        assert_eq!(compared_again(write("Cargo.toml.orig", "")), "same");
        let asked = "cargo is asked because of `.cargo-checksum.json` of the vendored `a 1.0.0`";
        assert_eq!(compared_again(write(CHECKSUMS, "{}")), asked);
        // The manifest may be one that cargo rewrote, or one that says something else.
        assert_eq!(compared_again(write("Cargo.toml", MANIFEST)), "same");
        let other = "[package]\nname = \"a\"\nversion = \"1.0.0\"\nbuild = false\n";
        assert_eq!(compared_again(write("Cargo.toml", other)), "not compared");
    }

    /// Cargo reads every folder with a manifest and a list of checksums, and may refuse it.
    #[test]
    fn what_cargo_may_refuse() {
        let other = |name: &'static str, text: &'static str| {
            move |folder: &Path| {
                let folder = folder.with_file_name(name);
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join("Cargo.toml"), text).unwrap();
            }
        };
        let asked = "cargo is asked because of the folder `x` of vendored sources, which does not belong to a locked package";
        assert_eq!(compared(other("x", "")), format!("not compared, {asked}"));
        assert_eq!(compared(other("x", "[package]\nname = \"b\"\nversion = \"1.0.0\"\n")), asked);
        assert_eq!(compared(other(".x", "")), "same");
        // It may be the package that is compared, and cargo may take it.
        let inherits = "[package]\nname = \"a\"\nversion.workspace = true\n";
        let differs = "in the folder `x` of vendored sources, `a` inherits its version from a workspace, unlike any published package";
        assert_eq!(compared(other("x", inherits)), format!("{differs}, {asked}"));
        let noted =
            |text: &'static str| move |folder: &Path| fs::write(folder.join(CHECKSUMS), text).unwrap();
        let asked = "cargo is asked because of `.cargo-checksum.json` of the vendored `a 1.0.0`";
        for text in ["", "{}", "{\"files\":{}}", "{\"files\":{},\"package\":\"00\"}"] {
            assert_eq!(compared(noted(text)), asked, "{text}");
        }
        assert_eq!(compared(|folder| fs::remove_file(folder.join(CHECKSUMS)).unwrap()), asked);
    }

    /// Some versions of cargo write what they inferred into the manifest.
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
            let expected = if rest.is_empty() { "same" } else { "not compared" };
            assert_eq!(with(rest), expected, "{rest}");
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
