//! What cargo's configuration adds to a workspace, patches and sources at hand, and what it says of the network and of
//! registries.
//!
//! Each value has an [`Origin`]. What decides which servers to ask, and how, comes from the user alone. Of the checkout counts
//! what makes the graph larger or another one, and where archives are.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};
use vet_graph::manifest::parse_patches;
use vet_graph::workspace::{LocalPatch, normal};
use vet_store::diagnostic::Source;

use super::{Checkout, Origin, RegistryConfiguration, RegistryPlaces, SettingsForCargo, Shown, read_text};

/// What is needed of the files named `.cargo/config.toml` in the current folder and above it, and in cargo's home.
#[derive(Clone, Debug, Default)]
pub struct CargoConfiguration {
    /// `[patch.*]`, of the user and of the checkout.
    pub patches: Vec<LocalPatch>,
    /// The folders of vendored sources that cargo uses in place of something, for the user and the checkout alike: `[source.*] directory`.
    pub vendored: Vec<PathBuf>,
    /// How to reach the network, as the user has it.
    pub network: NetworkConfiguration,
    /// What the user uses in place of crates.io, and which registries the user knows.
    pub registries: RegistryConfiguration,
    /// What cargo uses in place of which source, and which registries it knows, from the user and the checkout.
    pub effective: RegistryPlaces,
    /// What cargo is told of the checkout's configuration, where it is asked.
    pub for_cargo: SettingsForCargo,
    /// What the checkout says of the network. It does not count.
    pub network_of_checkout: NetworkConfiguration,
    /// What the checkout says of registries. It does not count where it is not in `effective`.
    pub registries_of_checkout: RegistryConfiguration,
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
    pub fn of_folder(current_folder: &Path, cargo_home: Option<&Path>, checkout: &Checkout) -> Self {
        Self::read(current_folder, cargo_home, checkout, Shown { current_folder })
    }

    /// Reads the files. One that cannot be read is left to cargo.
    pub(super) fn read(
        current_folder: &Path,
        cargo_home: Option<&Path>,
        checkout: &Checkout,
        show: Shown<'_>,
    ) -> Self {
        let mut configuration = CargoConfiguration::default();
        let folders = current_folder.ancestors().map(|folder| folder.join(".cargo"));
        let mut seen = HashSet::new();
        for folder in folders.chain(cargo_home.map(|home| current_folder.join(home))) {
            if let Some(path) = configuration_in(&folder)
                && seen.insert(path.clone())
            {
                configuration.add(&path, checkout, show, &mut seen);
            }
        }
        configuration.vendored = configuration.effective.vendored();
        configuration
    }

    fn add(&mut self, path: &Path, checkout: &Checkout, show: Shown<'_>, seen: &mut HashSet<PathBuf>) {
        let mut pending = vec![(path.to_owned(), checkout.origin(path))];
        while let Some((path, origin)) = pending.pop() {
            let shown = show.path(&path);
            // Links can make endless chains of names.
            if seen.len() > MOST_FILES {
                self.left_to_cargo
                    .push(format!("`{shown}`, which is one of too many files of configuration"));
                return;
            }
            match read_text(&path, show) {
                Ok(source) => {
                    for included in self.add_file(&path, origin, &source, &shown) {
                        if seen.insert(included.clone()) {
                            // What the checkout includes says what the checkout wants, wherever it lies.
                            let origin = match origin {
                                Origin::Checkout => Origin::Checkout,
                                Origin::User => checkout.origin(&included),
                            };
                            pending.push((included, origin));
                        }
                    }
                }
                Err(_) => self.left_to_cargo.push(format!("`{shown}`, which cannot be read")),
            }
        }
    }

    /// Takes what is needed from one file, and returns the files that it includes.
    fn add_file(&mut self, path: &Path, origin: Origin, source: &Arc<Source>, shown: &str) -> Vec<PathBuf> {
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
        let resolver = document.get("resolver").and_then(|value| value.get_ref().as_table());
        if resolver.is_some_and(|resolver| resolver.contains_key("lockfile-path")) {
            self.left_to_cargo.push(format!("`resolver.lockfile-path` in `{shown}`"));
        }
        let (network, registries) = match origin {
            Origin::User => (&mut self.network, &mut self.registries),
            Origin::Checkout => (&mut self.network_of_checkout, &mut self.registries_of_checkout),
        };
        network.add(&document, base);
        registries.add(&document, base);
        self.effective.add(&document, base);
        if origin == Origin::Checkout {
            self.for_cargo.add(&document, base);
        }
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::http::Token;

    const MIRROR: &str = "[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\nregistry = \"sparse+https://m.example/\"\n";
    const VENDORED: &str =
        "[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\ndirectory = \"vendor\"\n";
    const WORK: &str = "[registries.work]\nindex = \"sparse+https://w.example/\"\n";

    /// What counts of files in a repository at `home/repo`, whose workspace is in `app`, in a line.
    fn counts(files: &[(&str, &str)], cargo_home: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("home/repo/.git")).unwrap();
        fs::create_dir_all(root.join("home/repo/app")).unwrap();
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.replace("[ROOT]", &root.display().to_string().replace('\\', "/"))).unwrap();
        }
        let app = root.join("home/repo/app");
        let configuration =
            CargoConfiguration::of_folder(&app, Some(&root.join(cargo_home)), &Checkout::of_folder(&app));
        let CargoConfiguration { vendored, network, registries, effective, .. } = &configuration;
        let mut words = Vec::new();
        let path = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string().replace('\\', "/");
        words.extend(network.proxy.as_ref().map(|proxy| format!("proxy {proxy}")));
        words.extend(network.ca_file.as_ref().map(|file| format!("cainfo {}", path(file))));
        words.extend(network.offline.map(|offline| format!("offline {offline}")));
        words.extend(network.retries.map(|retries| format!("retries {retries}")));
        let asked = registries.places().replacement("crates-io").unwrap();
        words.extend((asked != "crates-io").then(|| format!("asks {asked}")));
        let used = effective.replacement("crates-io").unwrap();
        words.extend((used != asked).then(|| format!("uses {used}")));
        words.extend(registries.places().index("work").map(|index| format!("work at {index}")));
        words.extend(effective.index("work").map(|index| format!("cargo finds work at {index}")));
        for (token, shown) in [("of-user", "user"), ("of-checkout", "checkout")] {
            let has_it = registries.token("work") == Some(&Token::new(token));
            words.extend(has_it.then(|| format!("token of {shown}")));
        }
        words.extend(
            registries.providers().of_registry("work").map(|provider| format!("asks {}", provider.name)),
        );
        words
            .extend(registries.providers().global().iter().map(|provider| format!("asks {}", provider.name)));
        words.extend(vendored.iter().map(|folder| format!("vendored in {}", path(folder))));
        words.join(", ")
    }

    const NETWORK: &str = "[http]\nproxy = \"p\"\ncainfo = \"ca.pem\"\n[net]\noffline = true\nretry = 7\n";
    const SECRETS: &str = "[registries.work]\ntoken = \"of-checkout\"\ncredential-provider = \"evil\"\n\
                           [registry]\nglobal-credential-providers = [\"evil\"]\n";

    #[test]
    fn the_checkout_does_not_decide_whom_to_ask() {
        let token = "[registries.work]\ntoken = \"of-user\"\n";
        for (files, expected) in [
            (&[("home/repo/app/.cargo/config.toml", NETWORK)][..], ""),
            (&[("home/repo/.cargo/config.toml", NETWORK)], ""),
            (&[("home/repo/.cargo/config", NETWORK)], ""),
            (&[("home/.cargo/config.toml", NETWORK)], "proxy p, cainfo home/ca.pem, offline true, retries 7"),
            (
                &[("cargo/config.toml", NETWORK), ("home/repo/.cargo/config.toml", "http.proxy = \"evil\"")],
                "proxy p, cainfo ca.pem, offline true, retries 7",
            ),
            (&[("home/repo/.cargo/config.toml", SECRETS)], ""),
            (&[("home/repo/.cargo/config.toml", MIRROR)], "uses mirror"),
            (&[("cargo/config.toml", MIRROR)], "asks mirror"),
            (&[("home/repo/.cargo/config.toml", VENDORED)], "uses vendored, vendored in home/repo/vendor"),
            (
                &[("home/repo/.cargo/config.toml", VENDORED), ("cargo/config.toml", MIRROR)],
                "asks mirror, uses vendored, vendored in home/repo/vendor",
            ),
            (&[("home/repo/.cargo/config.toml", "[source.unused]\ndirectory = \"fake\"\n")], ""),
            // The registry that the checkout names gets no token of the user, whose registry stays where it is.
            (
                &[("home/repo/.cargo/config.toml", WORK), ("cargo/config.toml", token)],
                "cargo finds work at sparse+https://w.example/, token of user",
            ),
            (
                &[
                    (
                        "home/repo/.cargo/config.toml",
                        "[registries.work]\nindex = \"sparse+https://evil.example/\"\n",
                    ),
                    ("cargo/config.toml", &format!("{WORK}token = \"of-user\"\n")),
                ],
                "work at sparse+https://w.example/, cargo finds work at sparse+https://evil.example/, token of user",
            ),
        ] {
            assert_eq!(counts(files, "cargo"), expected, "{files:?}");
        }
    }

    #[test]
    fn what_is_included_has_the_origin_of_both() {
        let include = "include = [\"more.toml\"]\n";
        for (files, expected) in [
            (
                &[("home/.cargo/config.toml", include), ("home/.cargo/more.toml", "http.proxy = \"p\"")][..],
                "proxy p",
            ),
            (
                &[
                    ("home/repo/.cargo/config.toml", include),
                    ("home/repo/.cargo/more.toml", "http.proxy = \"p\""),
                ],
                "",
            ),
            (
                &[
                    ("home/repo/.cargo/config.toml", "include = \"../../.cargo/more.toml\""),
                    ("home/.cargo/more.toml", "http.proxy = \"p\""),
                ],
                "",
            ),
            (
                &[
                    ("home/.cargo/config.toml", "include = [{ path = \"../repo/.cargo/more.toml\" }]"),
                    ("home/repo/.cargo/more.toml", "http.proxy = \"p\""),
                ],
                "",
            ),
            // Without the first dot, no folder of cargo's.
            (&[("home/repo/app/cargo/more.toml", "http.proxy = \"p\"")], ""),
        ] {
            assert_eq!(counts(files, "cargo"), expected, "{files:?}");
        }
    }

    #[test]
    fn a_home_of_cargo_in_the_checkout_is_none_of_the_user() {
        let home = [("home/repo/cargo/config.toml", NETWORK)];
        assert_eq!(counts(&home, "home/repo/cargo"), "");
        assert_ne!(counts(&[("home/cargo/config.toml", NETWORK)], "home/cargo"), "");
    }

    #[cfg(unix)]
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
        let read = CargoConfiguration::of_folder(folder.path(), None, &Checkout::of_folder(folder.path()));
        let is_limit = |why: &String| why.ends_with("which is one of too many files of configuration");
        assert!(read.left_to_cargo.iter().any(is_limit), "{:?}", read.left_to_cargo);
    }
}
