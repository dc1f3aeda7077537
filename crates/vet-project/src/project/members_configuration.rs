//! Cargo's configuration in the folders of members, which cargo reads only if it is started there.
//!
//! The graph is that of the configuration in the folder of the workspace. So the settings here that
//! could give cargo other packages are listed, to be reported.

use std::collections::BTreeSet;
use std::path::Path;

use toml::de::DeTable;
use vet_graph::workspace::Workspace;

use super::Project;
use super::configuration_files::{ConfigurationFile, ConfigurationFiles};

/// The settings that decide where cargo gets packages from, or how they are described.
const DECIDING: [(&str, &[&str]); 6] = [
    ("http", &["cainfo", "proxy"]),
    ("patch", &[]),
    ("paths", &[]),
    ("registries", &[]),
    ("resolver", &["lockfile-path"]),
    ("source", &[]),
];

impl Project {
    /// The settings in the configuration of cargo in folders of the checkout's packages, and above
    /// them up to the folder of the workspace, that could give cargo other packages if it is
    /// started there. In words that complete "because of …".
    pub fn configured_in_members(&self, workspace: &Workspace) -> Vec<String> {
        let mut seen: BTreeSet<&Path> = self.root_folder().ancestors().collect();
        seen.extend(self.current_folder.ancestors());
        let mut files = ConfigurationFiles::new(None, self.shown());
        let mut settings = Vec::new();
        for package in &workspace.packages {
            for folder in package.folder.ancestors() {
                if !seen.insert(folder) {
                    break;
                }
                let folder = folder.join(".cargo");
                if !folder.exists() || !self.checkout.contains(&folder) {
                    continue;
                }
                files.read(&folder, &mut |file| match file {
                    Ok(ConfigurationFile { document, shown, .. }) => {
                        settings.extend(deciding(document).map(|key| format!("`{key}` in `{shown}`")));
                    }
                    Err(unreadable) => settings.push(unreadable.what),
                });
            }
        }
        settings
    }
}

/// The deciding settings of a file.
fn deciding(document: &DeTable<'_>) -> impl Iterator<Item = String> {
    DECIDING.into_iter().flat_map(|(table, keys)| {
        let Some(value) = document.get(table) else { return Vec::new() };
        if keys.is_empty() {
            return vec![table.to_owned()];
        }
        let inner = value.get_ref().as_table();
        let is_set = |key: &&&str| inner.is_some_and(|inner| inner.contains_key(**key));
        keys.iter().filter(is_set).map(|key| format!("{table}.{key}")).collect()
    })
}
