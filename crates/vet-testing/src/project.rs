//! Projects on disk whose published packages are in a folder `vendor`, and the facts that an index
//! and the archives would give about these. So tests need neither the network nor cargo's caches.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use vet_fetch::cache::Cache;
use vet_fetch::published::{PublishedVersion, remember};

use crate::index::index_line;

/// The source of crates.io as cargo writes it, from the lock file of this workspace.
pub static CRATES_IO: LazyLock<&str> = LazyLock::new(|| {
    let lock_file = include_str!("../../../Cargo.lock");
    let line = lock_file.lines().find_map(|line| line.strip_prefix("source = \"")?.strip_suffix('"'));
    line.unwrap_or_else(|| panic!("the lock file of this workspace names no source"))
});

/// A project in a folder.
#[derive(Debug)]
pub struct TestProject {
    folder: PathBuf,
}

impl TestProject {
    /// Starts a project in a folder, which must exist.
    pub fn new(folder: &Path) -> Self {
        let project = TestProject { folder: folder.to_owned() };
        fs::create_dir_all(folder.join("vendor")).unwrap_or_else(|error| panic!("{error}"));
        project
    }

    /// Configures cargo to take packages from `vendor`, for tests that run cargo.
    pub fn use_vendored(&self) -> &Self {
        self.write(
            ".cargo/config.toml",
            "[source.crates-io]\nreplace-with = \"vendored-sources\"\n\n\
             [source.vendored-sources]\ndirectory = \"vendor\"\n",
        )
    }

    /// Opens an existing project.
    pub fn open(folder: &Path) -> Self {
        TestProject { folder: folder.to_owned() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a file and creates the folders above it.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.folder.join(path);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).and_then(|()| fs::write(&path, text)).unwrap_or_else(|error| {
            panic!("{}: {error}", path.display());
        });
        self
    }

    /// Reads a file; empty if it does not exist.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap_or_default()
    }

    /// Writes a package of this project: a library, and a manifest with name and version, followed
    /// by `rest`.
    pub fn package(&self, folder: &str, name: &str, rest: &str) -> &Self {
        self.write(&format!("{folder}/Cargo.toml"), manifest(name, "0.0.7", rest));
        self.write(&format!("{folder}/src/lib.rs"), "")
    }

    /// Vendors a published package such as `itoa 1.0.9`. `rest` has its dependencies and other
    /// tables, `file` is its only source file.
    pub fn vendor(&self, package: &str, rest: &str, file: &str) -> &Self {
        let (name, version) = split(package);
        let folder = format!("vendor/{name}-{version}");
        let checksum = checksum(package);
        self.write(&format!("{folder}/Cargo.toml"), manifest(name, version, rest));
        self.write(&format!("{folder}/{file}"), if file.ends_with("main.rs") { "fn main() {}" } else { "" });
        self.write(
            &format!("{folder}/.cargo-checksum.json"),
            format!("{{\"files\":{{}},\"package\":\"{checksum}\"}}"),
        )
    }

    /// Writes `Cargo.lock` as cargo does, from lines such as `app 0.0.7 -> itoa, lib` for packages
    /// of this project and `+itoa 1.0.9 -> libc` for published ones. The checksums are invented.
    pub fn lock(&self, lines: &str) -> &Self {
        self.lock_with(lines, checksum)
    }

    /// Like [`lock`](Self::lock), with the checksums of published packages such as `itoa 1.0.9`.
    pub fn lock_with(&self, lines: &str, checksum: impl Fn(&str) -> String) -> &Self {
        self.write("Cargo.lock", lock_file(lines, checksum))
    }

    /// Stores in a cache what an index would say about the currently vendored packages, and with
    /// `archives` also what their archives would say. So neither is needed.
    pub fn remember(&self, cache_folder: &Path, index: &str, archives: bool) -> &Self {
        let mut packages = Vec::new();
        for folder in fs::read_dir(self.folder.join("vendor")).into_iter().flatten().flatten() {
            let folder = folder.path();
            let read = |name: &str| {
                let path = folder.join(name);
                // A link may lead to something without an end.
                let is_file = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
                is_file.then(|| fs::read_to_string(path).ok()).flatten()
            };
            let Some(manifest) = read("Cargo.toml") else { continue };
            let noted = read(".cargo-checksum.json").unwrap_or_default();
            let noted: serde_json::Value = serde_json::from_str(&noted).unwrap_or_default();
            let Some(checksum) = noted.get("package").and_then(serde_json::Value::as_str) else { continue };
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let value = |key: &str| {
                let line = manifest.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
                line.and_then(|rest| rest.strip_suffix('"')).unwrap_or_else(|| panic!("{name} has no {key}"))
            };
            let (package, version) = (value("name").to_owned(), value("version").to_owned());
            let line = index_line(&manifest, checksum, &version);
            let has_library_file = folder.join("src/lib.rs").exists();
            packages.push((package, version, checksum.to_owned(), line, manifest, has_library_file));
        }
        let packages: Vec<PublishedVersion<'_>> = packages
            .iter()
            .map(|(name, version, checksum, line, manifest, has_library_file)| PublishedVersion {
                name,
                version: version.parse().unwrap_or_else(|error| panic!("{version}: {error}")),
                checksum,
                entry: line,
                archive: archives.then_some((manifest, *has_library_file)),
            })
            .collect();
        remember(&Cache::new(cache_folder), index, &packages);
        self
    }

    /// Writes a store with the given content after the canonical headers.
    pub fn store(&self, config: &str, audits: &str, imports: &str) -> &Self {
        let section = |text: &str| if text.is_empty() { String::new() } else { format!("\n{text}") };
        let audits = if audits.is_empty() { "[audits]\n" } else { audits };
        self.write(
            "supply-chain/config.toml",
            format!("\n# cargo-vet config file\n\n[cargo-vet]\nversion = \"0.10\"\n{}", section(config)),
        );
        self.write("supply-chain/audits.toml", format!("\n# cargo-vet audits file\n{}", section(audits)));
        self.write("supply-chain/imports.lock", format!("\n# cargo-vet imports lock\n{}", section(imports)))
    }
}

/// The text of a `Cargo.lock`, as cargo writes it, from lines such as `app 0.0.7 -> itoa, lib` for
/// local packages and `+itoa 1.0.9 -> libc` for published ones. `checksum` returns the checksums of
/// the latter.
pub fn lock_file(lines: &str, checksum: impl Fn(&str) -> String) -> String {
    let mut packages = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (package, dependencies) = line.split_once(" -> ").unwrap_or((line, ""));
        let published = package.strip_prefix('+');
        let (name, version) = split(published.unwrap_or(package));
        let mut text = format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        if let Some(published) = published {
            let source: &str = *CRATES_IO;
            text += &format!("source = \"{source}\"\nchecksum = \"{}\"\n", checksum(published));
        }
        if !dependencies.is_empty() {
            let mut dependencies: Vec<&str> = dependencies.split(", ").collect();
            dependencies.sort_unstable();
            let list: String = dependencies.iter().map(|name| format!(" \"{name}\",\n")).collect();
            text += &format!("dependencies = [\n{list}]\n");
        }
        let version: Vec<u64> = version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect();
        packages.push(((name.to_owned(), version), text));
    }
    packages.sort();
    let packages = packages.into_iter().map(|(_, text)| text);
    format!("version = 4\n{}", packages.collect::<String>())
}

fn manifest(name: &str, version: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n{rest}")
}

fn split(package: &str) -> (&str, &str) {
    package.split_once(' ').unwrap_or_else(|| panic!("`{package}` has no version"))
}

/// The invented checksum of a published package.
pub fn checksum(package: &str) -> String {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    let mut digits = String::new();
    while digits.len() < 64 {
        for byte in package.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        digits += &format!("{state:016x}");
    }
    digits
}
