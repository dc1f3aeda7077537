//! What cargo's configuration adds to a workspace, patches and sources at hand, and what it says of the network and of
//! registries.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};
use vet_graph::manifest::parse_patches;
use vet_graph::workspace::{LocalPatch, normal};
use vet_store::diagnostic::Source;

use super::{RegistryConfiguration, Shown, read_text};

/// What is needed of the files named `.cargo/config.toml` in the current folder and above it, and in cargo's home.
#[derive(Clone, Debug, Default)]
pub struct CargoConfiguration {
    /// `[patch.*]`
    pub patches: Vec<LocalPatch>,
    /// The folders of sources that were vendored: `[source.*] directory`.
    pub vendored: Vec<PathBuf>,
    /// How to reach the network.
    pub network: NetworkConfiguration,
    /// What is used in place of crates.io, and which registries there are.
    pub registries: RegistryConfiguration,
    /// What is configured that only cargo understands, in words that complete "because of …".
    pub left_to_cargo: Vec<String>,
}

/// What the configuration says of the network. Of several files that say something, the nearest one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkConfiguration {
    /// `http.cainfo`: a file with certificates of authorities.
    pub ca_file: Option<PathBuf>,
    /// `http.proxy`, as it is written. An empty one turns proxies off.
    pub proxy: Option<String>,
    /// `net.retry`
    pub retries: Option<u32>,
    /// `net.offline`
    pub offline: Option<bool>,
}

/// So many files of configuration are read, with those that others include.
const MOST_FILES: usize = 200;

impl CargoConfiguration {
    /// Reads the files that count in a folder, which need not be part of a workspace.
    pub fn of_folder(current_folder: &Path, cargo_home: Option<&Path>) -> Self {
        Self::read(current_folder, cargo_home, Shown { current_folder })
    }

    /// Reads the files. One that cannot be read is left to cargo.
    pub(super) fn read(current_folder: &Path, cargo_home: Option<&Path>, show: Shown<'_>) -> Self {
        let mut configuration = CargoConfiguration::default();
        let folders = current_folder.ancestors().map(|folder| folder.join(".cargo"));
        let mut seen = HashSet::new();
        for folder in folders.chain(cargo_home.map(Path::to_owned)) {
            if let Some(path) = configuration_in(&folder)
                && seen.insert(path.clone())
            {
                configuration.add(&path, show, &mut seen);
            }
        }
        configuration
    }

    fn add(&mut self, path: &Path, show: Shown<'_>, seen: &mut HashSet<PathBuf>) {
        let mut pending = vec![path.to_owned()];
        while let Some(path) = pending.pop() {
            let shown = show.path(&path);
            // Links can make endless chains of names.
            if seen.len() > MOST_FILES {
                self.left_to_cargo
                    .push(format!("`{shown}`, which is one of too many files of configuration"));
                return;
            }
            match read_text(&path, show) {
                Ok(source) => {
                    for included in self.add_file(&path, &source, &shown) {
                        if seen.insert(included.clone()) {
                            pending.push(included);
                        }
                    }
                }
                Err(_) => self.left_to_cargo.push(format!("`{shown}`, which cannot be read")),
            }
        }
    }

    /// Takes what is needed from one file, and returns the files that it includes.
    fn add_file(&mut self, path: &Path, source: &Arc<Source>, shown: &str) -> Vec<PathBuf> {
        let (Some(document), _) = vet_store::toml_document(source) else {
            self.left_to_cargo.push(format!("`{shown}`, which is not TOML"));
            return Vec::new();
        };
        // Paths are relative to the folder that holds the folder of the file.
        let folder = path.parent().unwrap_or(path);
        let base = folder.parent().unwrap_or(folder);
        if document.contains_key("patch") {
            match parse_patches(source) {
                Ok(patches) => self.patches.extend(patches.iter().map(|patch| LocalPatch::new(patch, base))),
                Err(_) => self.left_to_cargo.push(format!("the patches in `{shown}`, which cannot be read")),
            }
        }
        if document.contains_key("paths") {
            self.left_to_cargo.push(format!("`paths` in `{shown}`"));
        }
        let sources = document.get("source").and_then(|value| value.get_ref().as_table());
        for (_, value) in sources.into_iter().flatten() {
            let directory =
                value.get_ref().as_table().and_then(|table| table.get("directory")?.get_ref().as_str());
            self.vendored.extend(directory.map(|directory| normal(&base.join(directory))));
        }
        self.network.add(&document, base);
        self.registries.add(&document, base);
        included(&document).map(|path| normal(&folder.join(path))).collect()
    }
}

impl NetworkConfiguration {
    /// Adds what a file says, where no nearer one did. Cargo itself takes values of the wrong type amiss.
    fn add(&mut self, document: &DeTable<'_>, base: &Path) {
        let value = |table: &str, key: &str| -> Option<&DeValue<'_>> {
            Some(document.get(table)?.get_ref().as_table()?.get(key)?.get_ref())
        };
        let text = |key: &str| value("http", key).and_then(DeValue::as_str);
        let ca_file = text("cainfo").map(|path| normal(&base.join(path)));
        let retries = value("net", "retry").and_then(|value| {
            let number = value.as_integer()?;
            u32::from_str_radix(number.as_str(), number.radix()).ok()
        });
        self.ca_file = self.ca_file.take().or(ca_file);
        self.proxy = self.proxy.take().or_else(|| text("proxy").map(str::to_owned));
        self.retries = self.retries.or(retries);
        self.offline = self.offline.or_else(|| value("net", "offline")?.as_bool());
    }
}

/// The file in a folder of cargo's configuration. The name without an ending is the older one, and wins.
pub(super) fn configuration_in(folder: &Path) -> Option<PathBuf> {
    ["config", "config.toml"].map(|name| folder.join(name)).into_iter().find(|path| path.is_file())
}

/// `include`: a path, a list of paths, or a list of tables with a path.
pub(super) fn included<'t>(document: &'t DeTable<'_>) -> impl Iterator<Item = &'t str> {
    let value = document.get("include").map(toml::Spanned::get_ref);
    let path = |value: &'t DeValue<'_>| {
        value.as_str().or_else(|| value.as_table().and_then(|table| table.get("path")?.get_ref().as_str()))
    };
    let list = value.and_then(|value| value.as_array()).into_iter().flat_map(|array| array.iter());
    value.and_then(path).into_iter().chain(list.filter_map(move |element| path(element.get_ref())))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn files_that_include_each_other_through_links_end() {
        let folder = tempfile::tempdir().unwrap();
        let configuration = folder.path().join(".cargo");
        std::fs::create_dir(&configuration).unwrap();
        for name in ["a", "b"] {
            std::os::unix::fs::symlink(".", configuration.join(name)).unwrap();
        }
        let text = "include = [\"a/config.toml\", \"b/config.toml\"]\n";
        std::fs::write(configuration.join("config.toml"), text).unwrap();
        let read = CargoConfiguration::of_folder(folder.path(), None);
        let is_limit = |why: &String| why.ends_with("which is one of too many files of configuration");
        assert!(read.left_to_cargo.iter().any(is_limit), "{:?}", read.left_to_cargo);
    }
}
