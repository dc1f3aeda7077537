//! What cargo is told of the checkout's configuration.
//!
//! Cargo runs outside of the checkout, where it does not find that configuration: programs that it names, proxies,
//! authorities, flags and variables play no part. What makes the graph another one, or says where archives are, is handed
//! over on the command line, with paths from the root of the file system.

use std::path::Path;

use toml::Value;
use toml::de::{DeTable, DeValue};
use vet_graph::workspace::normal;

use super::{RegistryPlaces, SourceConfiguration};

/// Settings of the checkout that count for cargo. Of two with the same keys the first one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsForCargo(Vec<Setting>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Setting {
    keys: Vec<String>,
    /// As TOML writes it.
    value: String,
}

/// What the checkout must not say to cargo either.
#[derive(Clone, Copy)]
pub struct Withheld<'a> {
    /// What cargo would use in place of which source.
    pub effective: &'a RegistryPlaces,
    /// Whether a registry takes the place of a source because the checkout says so.
    pub mirrors: bool,
    /// Whether the user has something of a registry with this name: a place, a token, or a program that knows one.
    pub is_of_user: &'a dyn Fn(&str) -> bool,
}

/// Features of cargo that make other manifests valid, and let nothing run.
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

impl SettingsForCargo {
    /// Adds what a file of the checkout says, where no nearer one did. Paths start at `base`.
    pub(super) fn add(&mut self, document: &DeTable<'_>, base: &Path) {
        for (name, value) in document {
            let keys = vec![name.get_ref().to_string()];
            self.add_value(keys, value.get_ref(), base);
        }
    }

    fn add_value(&mut self, keys: Vec<String>, value: &DeValue<'_>, base: &Path) {
        if let Some(table) = value.as_table() {
            for (name, value) in table {
                let keys = keys.iter().cloned().chain([name.get_ref().to_string()]).collect();
                self.add_value(keys, value.get_ref(), base);
            }
            return;
        }
        let words: Vec<&str> = keys.iter().map(String::as_str).collect();
        let is_path = match words[..] {
            ["patch", _, _, "path"] | ["source", _, "directory" | "local-registry"] => true,
            ["paths"] | ["path-bases", _] | ["resolver", "lockfile-path"] => true,
            ["patch", _, ..] => false,
            ["source", _, "replace-with" | "registry" | "git" | "branch" | "tag" | "rev"] => false,
            ["registries", _, "index"] => false,
            ["unstable", feature] if UNSTABLE.contains(&feature) => false,
            _ => return,
        };
        let base = is_path.then_some(base);
        if let Some(value) = plain(value, base) {
            self.0.push(Setting { keys, value: value.to_string() });
        }
    }

    /// The arguments for cargo.
    pub fn arguments(&self, withheld: Withheld<'_>) -> Vec<String> {
        let Withheld { effective, mirrors, is_of_user } = withheld;
        let mut arguments = Vec::new();
        // Later arguments count more.
        for Setting { keys, value } in self.0.iter().rev() {
            let words: Vec<&str> = keys.iter().map(String::as_str).collect();
            match words[..] {
                ["source", name, "replace-with"] if !mirrors && !is_on_disk(effective, name) => continue,
                ["registries", name, "index"] if is_of_user(name) => continue,
                ["registries", name, "index"] => {
                    // No program of the user's is asked to open a registry of the checkout.
                    arguments.push(argument(&["registries", name, "credential-provider"], "\"cargo:token\""));
                }
                _ => {}
            }
            arguments.push(argument(&words, value));
        }
        arguments
    }
}

/// Arguments that give names to registries which no configuration names, so that no program of the user's is asked to open
/// them: cargo asks those for all registries where a registry has none of its own.
pub(super) fn unnamed<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let addresses = addresses.into_iter().enumerate();
    let arguments = addresses.flat_map(|(number, address)| {
        let name = format!("only-in-manifests-{number}");
        let address = Value::from(address).to_string();
        [
            argument(&["registries", &name, "credential-provider"], "\"cargo:token\""),
            argument(&["registries", &name, "index"], &address),
        ]
    });
    arguments.collect()
}

/// Whether packages from a folder on this machine take the place of a source.
fn is_on_disk(effective: &RegistryPlaces, name: &str) -> bool {
    let used = effective.replacement(name).ok().and_then(|used| effective.source(used));
    used.is_some_and(SourceConfiguration::is_on_disk)
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

/// A value without tables. Texts are paths, if there is a folder at which they start.
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
    use vet_store::diagnostic::Source;

    use super::*;

    fn arguments(texts: &[&str], mirrors: bool) -> String {
        let mut settings = SettingsForCargo::default();
        let mut effective = RegistryPlaces::default();
        for text in texts {
            let source = Source::new("config.toml", *text);
            let document = vet_store::toml_document(&source).0.unwrap();
            settings.add(&document, Path::new("/repo"));
            effective.add(&document, Path::new("/repo"));
        }
        let is_of_user = |name: &str| name == "work";
        settings
            .arguments(Withheld { effective: &effective, mirrors, is_of_user: &is_of_user })
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
                "registries.new.credential-provider=\"cargo:token\"\nregistries.new.index=\"i\"",
            ),
            ("[unstable]\nbindeps = true\nhost-config = true", "unstable.bindeps=true"),
        ] {
            let sorted = |text: &str| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            assert_eq!(sorted(&arguments(&[text], false)), sorted(expected), "{text}");
        }
    }

    /// What names programs, servers and secrets.
    #[test]
    fn what_is_not_understood_is_not_handed_over() {
        for text in [
            "[build]\nrustc = \"x\"\nrustc-wrapper = \"x\"\nrustflags = [\"x\"]\ntarget = \"t\"\ntarget-dir = \"d\"",
            "[env]\nLD_PRELOAD = { value = \"x\", force = true }\nA = \"b\"",
            "[http]\nproxy = \"x\"\ncainfo = \"y\"\n[net]\noffline = true\ngit-fetch-with-cli = true",
            "[registries.work]\nindex = \"x\"\ntoken = \"t\"\ncredential-provider = \"p\"",
            "[registries.crates-io]\nprotocol = \"git\"\ntoken = \"t\"",
            "[registry]\nglobal-credential-providers = [\"x\"]\n[credential-alias]\na = [\"x\"]",
            "[target.'cfg(all())']\nrunner = \"x\"\nlinker = \"y\"",
            "[alias]\nmetadata = \"run\"",
            "include = [\"other.toml\"]",
            "patch = 1.5",
            "source = 1",
            "[source.a.directory]\nb = 1",
        ] {
            assert_eq!(arguments(&[text], true), "", "{text}");
        }
    }

    #[test]
    fn mirrors_wait_until_they_are_accepted() {
        let replaced = "[source.crates-io]\nreplace-with = \"m\"\n[source.m]\n";
        let mirror = format!("{replaced}registry = \"sparse+https://m.example/\"");
        let vendored = format!("{replaced}directory = \"vendor\"");
        let has_it = |arguments: &str| arguments.contains("source.crates-io.replace-with=\"m\"");
        assert!(!has_it(&arguments(&[&mirror], false)) && has_it(&arguments(&[&mirror], true)));
        let handed = arguments(&[&vendored], false);
        assert!(has_it(&handed) && handed.contains("source.m.directory=\"/repo/vendor\""), "{handed}");
        // The nearer file counts, so it comes later.
        let far = "[source.crates-io]\nreplace-with = \"far\"\n[source.far]\ndirectory = \"far\"";
        let handed = arguments(&[&vendored, far], false);
        let place = |name: &str| handed.find(&format!("replace-with=\"{name}\"")).unwrap();
        assert!(place("far") < place("m"), "{handed}");
        for odd in [
            "replace-with = \"m\"\n[source.m]\ngit = \"g\"",
            "replace-with = \"m\"",
            "replace-with = \"crates-io\"",
        ] {
            let text = format!("[source.crates-io]\n{odd}");
            assert!(!arguments(&[&text], false).contains("replace-with"), "{odd}");
        }
    }
}
