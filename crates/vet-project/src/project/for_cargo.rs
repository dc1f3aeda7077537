//! The settings of the checkout's configuration that are passed to cargo.
//!
//! Cargo runs outside of the checkout and does not find that configuration there. So programs,
//! proxies, certificate authorities, flags and variables in it have no effect. Settings that change
//! the graph, or say where archives are, are passed on the command line, with absolute paths.
//!
//! The checkout must not decide which packages exist. So cargo is not told to take packages from
//! another registry than the user's, and the graph is that of the user's registries. But if the
//! checkout names another registry, a build takes the packages from there, and cargo may refuse
//! what it finds. So cargo is asked a second time and is then told [everything](Told::Everything).

use std::collections::BTreeSet;
use std::path::Path;

use toml::Value;
use toml::de::{DeTable, DeValue};
use vet_graph::workspace::normal;

use super::of_checkout::OFFICIAL;
use super::{CRATES_IO, CargoConfiguration, RegistryPlaces, SourceConfiguration};
use crate::{RegistryEnvironment, same_index};

/// Settings of the checkout that are passed to cargo. Of two with the same keys, the first one
/// counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsForCargo(Vec<Setting>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Setting {
    keys: Vec<String>,
    /// The value in TOML.
    value: String,
}

/// Which of these settings are passed to cargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Those that do not decide where packages of the user's registries come from.
    Harmless,
    /// All settings about where packages come from.
    Everything,
}

/// The checkout's settings about where packages come from that cannot be verified without cargo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirection {
    /// The keys of these settings.
    pub settings: Vec<String>,
    /// The keys of settings with which another party can answer for a registry. A build uses them,
    /// the check does not.
    pub ignored: Vec<String>,
    /// Whether the replacement of a registry describes its packages, instead of the registry
    /// itself.
    pub describes_packages: bool,
}

/// The known registries.
#[derive(Clone, Copy)]
struct Registries<'a> {
    /// The source replacements and registries that cargo would use.
    effective: &'a RegistryPlaces,
    /// The registries in the user's files.
    of_user: &'a RegistryPlaces,
    /// The registries in the user's environment, which takes precedence over all files.
    environment: &'a RegistryEnvironment,
    /// Whether the user also uses the checkout's mirror of crates.io, or accepts it.
    shares_mirror: bool,
}

/// The keys for a state of a repository. Cargo uses one of them.
const REFERENCES: [&str; 3] = ["branch", "tag", "rev"];

/// The largest number of settings that are named in a message.
const MOST_SETTINGS: usize = 10;

/// A credential provider that has no token. So no token is sent to an index that the checkout
/// names, and no program is asked for one.
const NO_TOKEN: &str = "[\"cargo:token-from-stdout\"]";

/// Unstable features of cargo that make other manifests valid but run no code.
const UNSTABLE: &[&str] = &[
    "bindeps",
    "codegen-backend",
    "direct-minimal-versions",
    "feature-unification",
    "lockfile-path",
    "minimal-versions",
    "package-workspace",
    "path-bases",
    "per-package-target",
    "profile-rustflags",
    "public-dependency",
    "script",
    "trim-paths",
];

impl CargoConfiguration {
    /// The arguments for cargo. `addresses` are those of registries in manifests and in
    /// `Cargo.lock`.
    pub fn arguments_for_cargo(
        &self,
        told: Told,
        addresses: &BTreeSet<String>,
        environment: &RegistryEnvironment,
    ) -> Vec<String> {
        let registries = self.known_registries(environment);
        let mut arguments = Vec::new();
        let mut addresses = addresses.clone();
        let mut named = Vec::new();
        // Later arguments take precedence.
        for Setting { keys, value } in self.for_cargo.0.iter().rev() {
            let words: Vec<&str> = keys.iter().map(String::as_str).collect();
            if told == Told::Harmless && !registries.is_harmless(&words) {
                continue;
            }
            match words[..] {
                ["registries", name, "index"] if registries.is_known(name, value) => continue,
                ["registries", name, "index"] => {
                    arguments.push(argument(&["registries", name, "credential-provider"], NO_TOKEN));
                    named.push(in_quotes(value));
                }
                ["source", _, "registry"] => drop(addresses.insert(in_quotes(value).to_owned())),
                _ => {}
            }
            arguments.push(argument(&words, value));
        }
        let is_unnamed = |address: &&str| {
            !self.knows_registry(address, environment)
                && !named.iter().any(|named| same_index(named, address))
        };
        let mut unnamed_ones: Vec<&str> = addresses.iter().map(String::as_str).filter(is_unnamed).collect();
        // The list is sorted, so addresses that differ by a trailing slash are adjacent.
        unnamed_ones.dedup_by(|one, other| same_index(one, other));
        arguments.extend(unnamed(unnamed_ones));
        arguments
    }

    /// The checkout's settings that make cargo take packages from other places than the user does,
    /// except from folders of vendored sources.
    pub fn redirection(&self, environment: &RegistryEnvironment) -> Redirection {
        let registries = self.known_registries(environment);
        let mut redirection = Redirection::default();
        let mut add = |keys: &[&str], describes_packages: bool| {
            redirection.settings.push(keys.join("."));
            redirection.describes_packages |= describes_packages;
        };
        for Setting { keys, value } in &self.for_cargo.0 {
            let words: Vec<&str> = keys.iter().map(String::as_str).collect();
            match words[..] {
                ["source", name, reference] if REFERENCES.contains(&reference) => {
                    let references = self.for_cargo.references(name);
                    if !registries.is_vendored_repository(name) || references > 1 {
                        add(&words, false);
                    }
                }
                ["source", name, ..] if registries.is_vendored(name) => {}
                ["source", name, ..] if registries.is_mirror_of_user(name) => {}
                ["source", name, ..] => add(&words, !registries.is_git(name)),
                ["registries", CRATES_IO, "protocol"] if value == "\"sparse\"" => {}
                ["registries", CRATES_IO, _] => add(&words, false),
                ["registries", name, "index"] => {
                    let is_other =
                        registries.index_of_user(name).is_some() && !registries.is_known(name, value);
                    if is_other {
                        add(&words, false);
                    }
                }
                _ => {}
            }
        }
        if registries.has_duplicates() && self.for_cargo.names_source() {
            add(&["source"], false);
        }
        // The owner of this certificate authority can answer a build instead of each server.
        let authority = &self.network_of_checkout.ca_file;
        if authority.is_some() && *authority != self.network.ca_file {
            redirection.ignored.push("http.cainfo".to_owned());
            redirection.describes_packages = true;
        }
        redirection.settings.sort();
        redirection.settings.dedup();
        redirection.settings.truncate(MOST_SETTINGS);
        redirection
    }

    fn known_registries<'a>(&'a self, environment: &'a RegistryEnvironment) -> Registries<'a> {
        Registries {
            effective: &self.effective,
            of_user: self.registries.places(),
            environment,
            shares_mirror: self.shares_mirror(environment),
        }
    }
}

impl SettingsForCargo {
    /// Adds the settings of a file of the checkout, unless a nearer file has them. Paths are
    /// relative to `base`. Returns the keys of settings about sources that cannot be passed to
    /// cargo.
    pub(super) fn add(&mut self, document: &DeTable<'_>, base: &Path) -> Vec<String> {
        let mut not_told = Vec::new();
        for (name, value) in document {
            let keys = vec![name.get_ref().to_string()];
            self.add_value(keys, value.get_ref(), base, &mut not_told);
        }
        not_told
    }

    fn add_value(&mut self, keys: Vec<String>, value: &DeValue<'_>, base: &Path, not_told: &mut Vec<String>) {
        if let Some(table) = value.as_table() {
            for (name, value) in table {
                let keys = keys.iter().cloned().chain([name.get_ref().to_string()]).collect();
                self.add_value(keys, value.get_ref(), base, not_told);
            }
            return;
        }
        let words: Vec<&str> = keys.iter().map(String::as_str).collect();
        let is_path = match words[..] {
            ["patch", _, _, "path"] | ["source", _, "directory" | "local-registry"] => true,
            ["paths"] | ["path-bases", _] | ["resolver", "lockfile-path"] => true,
            ["patch", _, ..] | ["source", ..] => false,
            // Cargo ignores an index with this name.
            ["registries", CRATES_IO, key] if key != "protocol" => return,
            ["registries", _, "index"] | ["registries", CRATES_IO, "protocol"] => false,
            ["unstable", feature] if UNSTABLE.contains(&feature) => false,
            _ => return,
        };
        let base = is_path.then_some(base);
        match plain(value, base) {
            Some(value) if words != ["source"] => self.0.push(Setting { keys, value: value.to_string() }),
            _ if words.first() == Some(&"source") => not_told.push(keys.join(".")),
            _ => {}
        }
    }

    /// The number of different references of a repository.
    fn references(&self, source: &str) -> usize {
        let keys = self.0.iter().filter_map(|setting| match &setting.keys[..] {
            [table, name, key] if table == "source" && name == source => Some(key.as_str()),
            _ => None,
        });
        keys.filter(|key| REFERENCES.contains(key)).collect::<BTreeSet<_>>().len()
    }

    fn names_source(&self) -> bool {
        self.0.iter().any(|setting| setting.keys.first().is_some_and(|key| key == "source"))
    }
}

impl Registries<'_> {
    /// Whether a setting does not decide where packages of the user's registries come from.
    fn is_harmless(&self, words: &[&str]) -> bool {
        match *words {
            ["source", name, "replace-with"] => {
                let used = self.effective.replacement(name).ok().and_then(|used| self.effective.source(used));
                let is_on_disk = used.is_some_and(SourceConfiguration::is_on_disk);
                is_on_disk || self.is_git(name) || self.is_mirror_of_user(name)
            }
            ["source", name, "registry"] => self.is_vendored(name) || self.is_mirror_of_user(name),
            ["source", ..] => true,
            ["registries", CRATES_IO, _] => false,
            ["registries", name, "index"] => self.index_of_user(name).is_none(),
            _ => true,
        }
    }

    /// The index of a registry in the user's settings.
    fn index_of_user(&self, name: &str) -> Option<&str> {
        self.environment.index(name).or_else(|| self.of_user.index(name))
    }

    /// Whether an index, written in TOML, is the user's, or a variable of the user overrides it.
    fn is_known(&self, name: &str, index: &str) -> bool {
        let is_same = |of_user: &str| same_index(of_user, in_quotes(index));
        self.environment.index(name).is_some() || self.of_user.index(name).is_some_and(is_same)
    }

    /// Whether a source is part of the replacement of crates.io by an index that the user also
    /// uses.
    fn is_mirror_of_user(&self, name: &str) -> bool {
        self.shares_mirror && self.effective.is_on_the_way(CRATES_IO, name)
    }

    /// Whether a source is a repository that is replaced by another one.
    fn is_git(&self, name: &str) -> bool {
        let is_git = |name: &str| self.effective.source(name).is_some_and(|source| source.git.is_some());
        is_git(name) && self.effective.replacement(name).is_ok_and(is_git)
    }

    fn is_vendored_repository(&self, name: &str) -> bool {
        self.effective.source(name).is_some_and(|source| source.git.is_some()) && self.is_vendored(name)
    }

    /// Whether a source is a folder of vendored sources or is replaced by one, in a form that cargo
    /// cannot refuse.
    fn is_vendored(&self, name: &str) -> bool {
        let Some(source) = self.effective.source(name) else { return false };
        let is_folder = |source: &SourceConfiguration| {
            let directory = source.directory.clone();
            directory.is_some()
                && *source == SourceConfiguration { directory, ..SourceConfiguration::default() }
        };
        if source.replace_with.is_none() {
            return is_folder(source);
        }
        let is_address = |address: &str| url::Url::parse(address).is_ok();
        let is_plain = match (&source.registry, &source.git) {
            _ if source.is_on_disk() => false,
            (None, None) => name == CRATES_IO,
            _ if name == CRATES_IO => false,
            (Some(index), None) => is_address(index) && !same_index(index, OFFICIAL),
            (None, Some(repository)) => is_address(repository),
            (Some(_), Some(_)) => false,
        };
        let used = self.effective.replacement(name).ok().and_then(|used| self.effective.source(used));
        is_plain && used.is_some_and(is_folder)
    }

    /// Whether two sources are the same place. Cargo refuses that.
    fn has_duplicates(&self) -> bool {
        let mut seen = BTreeSet::new();
        let mut places = self.effective.sources().filter_map(|source| {
            let registry = source.registry.as_deref().map(|index| index.trim_end_matches('/').to_owned());
            registry.or_else(|| Some(source.directory.as_ref()?.to_string_lossy().into_owned()))
        });
        places.any(|place| !seen.insert(place))
    }
}

/// Arguments that name the registries that no configuration names, each with a credential provider
/// of its own. Otherwise cargo would ask the user's programs for tokens, because it asks the global
/// ones for every registry without its own provider.
fn unnamed<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let addresses = addresses.into_iter().enumerate();
    let arguments = addresses.flat_map(|(number, address)| {
        let name = format!("only-in-manifests-{number}");
        let address = Value::from(address).to_string();
        [
            argument(&["registries", &name, "credential-provider"], NO_TOKEN),
            argument(&["registries", &name, "index"], &address),
        ]
    });
    arguments.collect()
}

/// `a."b c".d=value`
fn argument(keys: &[&str], value: &str) -> String {
    let is_bare = |key: &str| {
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let keys: Vec<String> = keys
        .iter()
        .map(|key| if is_bare(key) { (*key).to_owned() } else { Value::from(*key).to_string() })
        .collect();
    format!("{}={value}", keys.join("."))
}

/// The text of a TOML string, without its quotes.
fn in_quotes(value: &str) -> &str {
    value.trim_matches(['"', '\''])
}

/// A value without tables. If `base` is given, strings are paths relative to it.
fn plain(value: &DeValue<'_>, base: Option<&Path>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::from(match base {
            Some(base) => normal(&base.join(text.as_ref())).to_str()?.to_owned(),
            None => text.to_string(),
        })),
        DeValue::Boolean(value) => Some(Value::from(*value)),
        DeValue::Integer(value) => i64::from_str_radix(value.as_str(), value.radix()).ok().map(Value::from),
        DeValue::Array(values) => {
            let values: Option<Vec<Value>> =
                values.iter().map(|value| plain(value.get_ref(), base)).collect();
            values.map(Value::from)
        }
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use vet_diagnostics::Source;

    use super::*;

    /// The configuration of files of the checkout, nearest first, and a file of the user.
    fn configuration(texts: &[&str], of_user: &str) -> CargoConfiguration {
        let mut configuration = CargoConfiguration::default();
        for (text, is_of_user) in texts.iter().map(|text| (*text, false)).chain([(of_user, true)]) {
            let source = Source::new("config.toml", text);
            let document = vet_store::toml_document(&source).0.unwrap();
            configuration.effective.add(&document, Path::new("/repo"));
            match is_of_user {
                true => configuration.registries.add(&document, Path::new("/home")),
                false => drop(configuration.for_cargo.add(&document, Path::new("/repo"))),
            }
        }
        configuration
    }

    const WORK: &str = "[registries.work]\nindex = \"sparse+https://work.example/\"\n";

    fn arguments(texts: &[&str], told: Told) -> String {
        let environment = RegistryEnvironment::default();
        configuration(texts, WORK)
            .arguments_for_cargo(told, &BTreeSet::new(), &environment)
            .join("\n")
            .replace('\\', "/")
    }

    #[test]
    fn what_makes_another_graph_is_handed_over() {
        for (text, expected) in [
            (
                "[patch.crates-io]\na = { path = \"../a\", package = \"b\", features = [\"c\"], default-features = false }\n",
                "patch.crates-io.a.path=\"/a\"\npatch.crates-io.a.package=\"b\"\npatch.crates-io.a.features=[\"c\"]\n\
                 patch.crates-io.a.default-features=false",
            ),
            (
                "[patch.\"https://g.example/x\"]\n\"a\" = { git = \"https://g.example/y\", rev = \"0a\" }\nb = \"1\"\n",
                "patch.\"https://g.example/x\".a.git=\"https://g.example/y\"\npatch.\"https://g.example/x\".a.rev=\"0a\"\n\
                 patch.\"https://g.example/x\".b=\"1\"",
            ),
            ("paths = [\"a\", \"/b\"]", "paths=[\"/repo/a\", \"/b\"]"),
            (
                "[registries]\nnew.index = \"i\"",
                "registries.new.credential-provider=[\"cargo:token-from-stdout\"]\nregistries.new.index=\"i\"",
            ),
            ("[unstable]\nbindeps = true\nhost-config = true", "unstable.bindeps=true"),
        ] {
            let sorted = |text: &str| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            assert_eq!(sorted(&arguments(&[text], Told::Harmless)), sorted(expected), "{text}");
        }
    }

    /// Settings that name programs, servers and secrets.
    #[test]
    fn what_is_not_understood_is_not_handed_over() {
        for text in [
            "[build]\nrustc = \"x\"\nrustc-wrapper = \"x\"\nrustflags = [\"x\"]\ntarget = \"t\"\ntarget-dir = \"d\"",
            "[env]\nLD_PRELOAD = { value = \"x\", force = true }\nA = \"b\"",
            "[http]\nproxy = \"x\"\ncainfo = \"y\"\n[net]\noffline = true\ngit-fetch-with-cli = true",
            "[registries.work]\nindex = \"sparse+https://work.example\"\ntoken = \"t\"\ncredential-provider = \"p\"",
            "[registries.crates-io]\nindex = \"x\"\ntoken = \"t\"",
            "[registry]\nglobal-credential-providers = [\"x\"]\n[credential-alias]\na = [\"x\"]",
            "[target.'cfg(all())']\nrunner = \"x\"\nlinker = \"y\"",
            "[alias]\nmetadata = \"run\"",
            "include = [\"other.toml\"]",
            "patch = 1.5",
            "source = 1",
        ] {
            assert_eq!(arguments(&[text], Told::Everything), "", "{text}");
        }
        let mut settings = SettingsForCargo::default();
        let mut not_told = |text: &str| {
            let source = Source::new("config.toml", text);
            settings.add(&vet_store::toml_document(&source).0.unwrap(), Path::new("/repo"))
        };
        assert_eq!(not_told("source = 1\n[patch]\na = 1.5"), ["source"]);
        assert_eq!(not_told("[source.a]\ndirectory = 1.5"), ["source.a.directory"]);
    }

    const REPLACED: &str = "[source.crates-io]\nreplace-with = \"m\"\n[source.m]\n";

    #[test]
    fn mirrors_wait_until_they_are_accepted() {
        let mirror = format!("{REPLACED}registry = \"sparse+https://m.example/\"");
        let vendored = format!("{REPLACED}directory = \"vendor\"");
        let arguments_harmless = |texts: &[&str]| arguments(texts, Told::Harmless);
        let has_it = |arguments: &str| arguments.contains("source.crates-io.replace-with=\"m\"");
        assert_eq!(arguments_harmless(&[&mirror]), "");
        assert!(has_it(&arguments(&[&mirror], Told::Everything)));
        let handed = arguments_harmless(&[&vendored]);
        assert!(has_it(&handed) && handed.contains("source.m.directory=\"/repo/vendor\""), "{handed}");
        // The nearer file takes precedence, so it comes later.
        let far = "[source.crates-io]\nreplace-with = \"far\"\n[source.far]\ndirectory = \"far\"";
        let handed = arguments_harmless(&[&vendored, far]);
        let place = |name: &str| handed.find(&format!("replace-with=\"{name}\"")).unwrap();
        assert!(place("far") < place("m"), "{handed}");
        for odd in [
            "replace-with = \"m\"\n[source.m]\ngit = \"g\"",
            "replace-with = \"m\"",
            "replace-with = \"crates-io\"",
            "registry = \"sparse+https://m.example/\"",
        ] {
            let text = format!("[source.crates-io]\n{odd}");
            let handed = arguments_harmless(&[&text]);
            assert!(!handed.contains("crates-io"), "{odd}: {handed}");
        }
        // The user's registry is unchanged, and another registry gets no token.
        let moved = WORK.replace("work.example", "m.example");
        assert_eq!(arguments_harmless(&[&moved]), "");
        assert_eq!(
            arguments(&[&moved], Told::Everything),
            "registries.work.credential-provider=[\"cargo:token-from-stdout\"]\n\
             registries.work.index=\"sparse+https://m.example/\""
        );
    }

    /// Cargo has to confirm settings that cannot be verified.
    #[test]
    fn what_leads_cargo_elsewhere() {
        let found = |text: &str, of_user: &str| {
            let redirection = configuration(&[text], of_user).redirection(&RegistryEnvironment::default());
            let describes = if redirection.describes_packages { " describe packages" } else { "" };
            format!("{}{describes}", redirection.settings.join(" "))
        };
        let git =
            "[source.g]\ngit = \"https://g.example/a\"\nbranch = \"b\"\nreplace-with = \"m\"\n[source.m]\n";
        let other =
            "[source.o]\nregistry = \"sparse+https://o.example/\"\nreplace-with = \"m\"\n[source.m]\n";
        let directory = "directory = \"vendor\"\n";
        let registry = "registry = \"sparse+https://m.example/\"\n";
        // Vendored sources are compared with what was published, and settings that the user has too
        // are allowed.
        for text in [
            format!("{REPLACED}{directory}"),
            format!("{git}{directory}"),
            format!("{other}{directory}"),
            format!("[source.unused]\n{directory}"),
            "[registries.crates-io]\nprotocol = \"sparse\"".to_owned(),
            "[registries.new]\nindex = \"sparse+https://new.example/\"".to_owned(),
            WORK.to_owned(),
            "[net]\noffline = true".to_owned(),
        ] {
            assert_eq!(found(&text, WORK), "", "{text}");
        }
        let mirror = format!("{REPLACED}{registry}");
        assert_eq!(found(&mirror, &mirror), "");
        for (text, expected) in [
            (mirror.clone(), "source.crates-io.replace-with source.m.registry describe packages"),
            (
                format!("{REPLACED}local-registry = \"vendor\""),
                "source.crates-io.replace-with source.m.local-registry describe packages",
            ),
            (
                format!("{REPLACED}{directory}{registry}"),
                "source.crates-io.replace-with source.m.directory source.m.registry describe packages",
            ),
            (
                format!("{other}{registry}"),
                "source.m.registry source.o.registry source.o.replace-with describe packages",
            ),
            (
                format!("{git}git = \"https://m.example/a\"\n"),
                "source.g.branch source.g.git source.g.replace-with source.m.git",
            ),
            (format!("{git}{directory}tag = \"t\"\n"), "source.m.tag"),
            (git.replace("branch", "rev = \"r\"\nbranch") + directory, "source.g.branch source.g.rev"),
            (format!("[source.crates-io]\n{registry}"), "source.crates-io.registry describe packages"),
            (format!("{REPLACED}{directory}[source.n]\n{directory}"), "source"),
            (
                REPLACED.to_owned() + "registry = \"https://github.com/rust-lang/crates.io-index\"",
                "source.crates-io.replace-with source.m.registry describe packages",
            ),
            ("[registries.crates-io]\nprotocol = \"git\"".to_owned(), "registries.crates-io.protocol"),
            (WORK.replace("work.example", "m.example"), "registries.work.index"),
        ] {
            assert_eq!(found(&text, WORK), expected, "{text}");
        }
        // The user's mirror is another one, or a variable of the user sets the index.
        assert_ne!(found(&mirror, &mirror.replace("m.example", "of-user.example")), "");
        let environment = RegistryEnvironment::read([(
            "CARGO_REGISTRIES_WORK_INDEX".into(),
            "sparse+https://v.example/".into(),
        )]);
        let redirection = configuration(&[WORK], "").redirection(&environment);
        assert_eq!(redirection, Redirection::default());
    }
}
