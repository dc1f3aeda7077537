//! Cargo's configuration: patches and vendored sources of a workspace, the network, and registries.
//!
//! Each value has an [`Origin`]. Only the user decides which servers are asked, and how. From the
//! checkout, settings count only if they make the graph larger or different, or say where archives
//! are.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Code, Diagnostic};
use vet_graph::manifest::parse_patches;
use vet_graph::workspace::{LocalPatch, normal};

use super::configuration_files::{ConfigurationFile, ConfigurationFiles, Unreadable};
use super::registries::ReplacedByItself;
use super::{
    Checkout, Origin, RegistryConfiguration, RegistryPlaces, SettingsForCargo, Shown, VendoredSources,
};

/// The relevant parts of the files `.cargo/config.toml` in the current folder, above it, and in
/// cargo's home.
#[derive(Clone, Debug, Default)]
pub struct CargoConfiguration {
    /// `[patch.*]`, from the user and the checkout.
    pub patches: Vec<LocalPatch>,
    /// `[source.*] directory`: the folders of vendored sources that cargo uses instead of other
    /// sources, from the user and the checkout.
    pub vendored: VendoredSources,
    /// The user's network settings.
    pub network: NetworkConfiguration,
    /// The user's replacement for crates.io, and the user's registries.
    pub registries: RegistryConfiguration,
    /// All source replacements and registries that cargo uses, from the user and the checkout.
    pub effective: RegistryPlaces,
    /// The settings of the checkout that are passed to cargo.
    pub for_cargo: SettingsForCargo,
    /// The checkout's network settings, which do not count.
    pub network_of_checkout: NetworkConfiguration,
    /// The checkout's registry settings. Those that are not in `effective` do not count.
    pub registries_of_checkout: RegistryConfiguration,
    /// Settings that only cargo understands, in words that complete "because of …".
    pub left_to_cargo: Vec<String>,
    /// Parts of the checkout's configuration that cannot be read. They are not passed to cargo
    /// either, so cargo's answers prove nothing.
    pub unreadable: Vec<Diagnostic>,
}

/// Network settings. If several files have a setting, the nearest file counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkConfiguration {
    /// `http.cainfo`: a file with certificates of certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// `http.proxy`, as written. An empty value turns proxies off.
    pub proxy: Option<String>,
    /// `net.retry`
    pub retries: Option<u32>,
    /// `net.offline`
    pub offline: Option<bool>,
}

impl CargoConfiguration {
    /// Reads the files that apply to a folder, which need not be part of a workspace.
    pub fn of_folder(current_folder: &Path, cargo_home: Option<&Path>, checkout: &Checkout) -> Self {
        Self::read(current_folder, cargo_home, checkout, Shown { current_folder })
    }

    /// Reads the files. A file of the user that cannot be read is left to cargo.
    pub(super) fn read(
        current_folder: &Path,
        cargo_home: Option<&Path>,
        checkout: &Checkout,
        show: Shown<'_>,
    ) -> Self {
        let mut configuration = CargoConfiguration::default();
        let mut files = ConfigurationFiles::new(Some(checkout), show);
        let folders = current_folder.ancestors().map(|folder| folder.join(".cargo"));
        for folder in folders.chain(cargo_home.map(|home| current_folder.join(home))) {
            files.read(&folder, &mut |file| match file {
                Ok(file) => configuration.add(&file),
                Err(unreadable) => configuration.add_unreadable(unreadable),
            });
        }
        // Cargo would follow the circle for ever.
        if let Some(ReplacedByItself(name)) = configuration.effective.circle() {
            let setting = format!("`source.{name}.replace-with` leads back to itself");
            configuration.unreadable.push(not_understood(&setting));
        }
        configuration.vendored = configuration.effective.vendored();
        configuration
    }

    fn add_unreadable(&mut self, Unreadable { origin, what, problems }: Unreadable) {
        match origin {
            Origin::User => self.left_to_cargo.push(what),
            Origin::Checkout => {
                let why = problems.into_iter().next().map(|problem| problem.message);
                let problem = not_understood(&what);
                self.unreadable.push(why.into_iter().fold(problem, Diagnostic::note));
            }
        }
    }

    /// Adds the relevant parts of a file.
    fn add(&mut self, file: &ConfigurationFile<'_>) {
        let ConfigurationFile { origin, base, shown, text, document } = file;
        if document.contains_key("patch") {
            match parse_patches(text) {
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
        network.add(document, base);
        registries.add(document, base);
        self.effective.add(document, base);
        if *origin == Origin::Checkout {
            let not_told = self.for_cargo.add(document, base);
            let problems = not_told.into_iter().map(|key| not_understood(&format!("`{key}` in `{shown}`")));
            self.unreadable.extend(problems);
        }
    }
}

/// An error for a setting of the checkout that could make cargo take packages from another place.
fn not_understood(what: &str) -> Diagnostic {
    Diagnostic::error(Code::BadConfiguration, format!("invalid cargo configuration: {what}"))
        .note("it is part of the checkout and may decide where cargo gets packages from")
        .help("correct it, or move it into the configuration in cargo's home")
}

impl NetworkConfiguration {
    /// Adds the settings of a file, unless a nearer file has them. Cargo itself reports values of
    /// the wrong type.
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_source_that_replaces_itself() {
        let folder = tempfile::tempdir().unwrap();
        let source = |name: &str, by: &str| format!("[source.{name}]\nreplace-with = \"{by}\"\n");
        for (text, expected) in [
            (source("crates-io", "a") + &source("a", "b") + "[source.b]\ndirectory = \"vendor\"\n", 0),
            (source("a", "a"), 1),
            (source("crates-io", "a") + &source("a", "b") + &source("b", "a"), 1),
        ] {
            std::fs::create_dir_all(folder.path().join(".cargo")).unwrap();
            std::fs::write(folder.path().join(".cargo/config.toml"), &text).unwrap();
            let checkout = Checkout::of_folder(folder.path());
            let read = CargoConfiguration::of_folder(folder.path(), None, &checkout);
            assert_eq!(read.unreadable.len(), expected, "{text}: {:?}", read.unreadable);
        }
    }
    use crate::Token;

    const MIRROR: &str = "[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\nregistry = \"sparse+https://m.example/\"\n";
    const VENDORED: &str =
        "[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\ndirectory = \"vendor\"\n";
    const WORK: &str = "[registries.work]\nindex = \"sparse+https://w.example/\"\n";

    /// The settings that count, as one line, for files in a repository at `home/repo` whose
    /// workspace is in `app`.
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
        words.extend(vendored.folders.iter().map(|folder| format!("vendored in {}", path(folder))));
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
            // The registry that the checkout names gets no token of the user. The user's registry
            // is unchanged.
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
            // Without the leading dot, the folder is not one of cargo's.
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
        let is_limit = |problem: &Diagnostic| {
            problem.message.ends_with("which is one of too many files of configuration")
        };
        assert!(read.unreadable.iter().any(is_limit), "{:?}", read.unreadable);
    }
}
