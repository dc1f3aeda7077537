//! The location of the crates.io index, or of the mirror that cargo uses instead.
//!
//! This file contains no URL: that of crates.io comes from a widely used library, and that of a
//! mirror from cargo's configuration.

use std::path::Path;

use tame_index::{CRATES_IO_HTTP_INDEX, CRATES_IO_INDEX};
use vet_diagnostics::{Code, Diagnostic, wording};
use vet_project::{
    CRATES_IO, RegistryConfiguration, RegistryEnvironment, RegistryPlaces, ReplacedByItself,
    SourceConfiguration,
};

use super::credentials::{Credentials, ProvidedToken};
use vet_project::sha256::sha256;

/// An index that can be asked, with its credentials.
#[derive(Clone, Debug)]
pub(super) struct Location {
    /// As cargo writes it: with `sparse+` before the URL, and a slash at the end.
    index: String,
    /// The name of the registry in cargo's configuration.
    registry: Option<String>,
    /// The providers of the registry's token. Empty for crates.io itself, which gets none.
    credentials: Credentials,
}

impl Location {
    /// Follows cargo's configuration from crates.io to its replacement.
    ///
    /// # Errors
    ///
    /// The replacement has no index that can be asked.
    pub(super) fn find(
        configuration: &RegistryConfiguration,
        environment: &RegistryEnvironment,
        cargo_home: Option<&Path>,
    ) -> Result<Self, Diagnostic> {
        let places = configuration.places();
        let named = replacement(places)?;
        let source = places.source(named);
        let of_registry = || environment.index(named).or_else(|| places.index(named));
        let index = match source.and_then(|source| source.registry.as_deref()).or_else(of_registry) {
            _ if named == CRATES_IO => CRATES_IO_HTTP_INDEX,
            Some(index) => index,
            // Only packages are local. Only crates.io knows who published them.
            None if source.is_some_and(SourceConfiguration::only_packages) => CRATES_IO_HTTP_INDEX,
            None => return Err(undefined(named)),
        };
        let mut location =
            Location { index: sparse(index)?, registry: None, credentials: Credentials::default() };
        if !location.is_official() {
            location.registry = location.registry(named, places, environment);
            location.credentials = Credentials::new(
                &location.index,
                location.registry.as_deref(),
                configuration,
                environment,
                cargo_home,
            );
        }
        Ok(location)
    }

    /// The index of a source as a lock file writes it: of crates.io or its replacement, or of
    /// another registry that cargo's configuration names.
    ///
    /// # Errors
    ///
    /// The configuration names no such registry, or its index cannot be asked over HTTP.
    pub(super) fn of_source(
        source: &str,
        configuration: &RegistryConfiguration,
        environment: &RegistryEnvironment,
        cargo_home: Option<&Path>,
    ) -> Result<Self, Diagnostic> {
        let index = source.strip_prefix("registry+").unwrap_or(source);
        if index == CRATES_IO_INDEX || index == CRATES_IO_HTTP_INDEX {
            return Self::find(configuration, environment, cargo_home);
        }
        let mut location =
            Location { index: sparse(index)?, registry: None, credentials: Credentials::default() };
        location.registry = location.registry("", configuration.places(), environment);
        if location.registry.is_none() {
            return Err(unnamed(index));
        }
        location.credentials = Credentials::new(
            &location.index,
            location.registry.as_deref(),
            configuration,
            environment,
            cargo_home,
        );
        Ok(location)
    }

    /// The name of a mirror in cargo's configuration: that of the registry with the same index.
    fn registry(
        &self,
        named: &str,
        places: &RegistryPlaces,
        environment: &RegistryEnvironment,
    ) -> Option<String> {
        let has_index = |index: &str| sparse(index).is_ok_and(|index| index == self.index);
        let is_it = |name: &str, index: &str| has_index(environment.index(name).unwrap_or(index));
        match places.index(named).or_else(|| environment.index(named)) {
            Some(index) if is_it(named, index) => Some(named.to_owned()),
            _ => environment.registry_with(has_index).or_else(|| {
                let mut registries = places.indexes();
                registries.find(|(name, index)| is_it(name, index)).map(|(name, _)| name.to_owned())
            }),
        }
    }

    /// Whether this is crates.io itself.
    pub(super) fn is_official(&self) -> bool {
        self.index == CRATES_IO_HTTP_INDEX
    }

    /// The answer about the token of the registry. This may run programs, so call it only if a
    /// token is required.
    pub(super) fn credentials(&self) -> &ProvidedToken {
        self.credentials.found()
    }

    /// This answer, if it is already known.
    pub(super) fn known_credentials(&self) -> Option<&ProvidedToken> {
        self.credentials.known()
    }

    /// The URL of a file in the index.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.index.strip_prefix("sparse+").unwrap_or(&self.index))
    }

    /// The URL as cargo writes it.
    pub(super) fn cargo_index(&self) -> &str {
        &self.index
    }

    /// The URL without credentials, for messages.
    pub(super) fn shown(&self) -> String {
        wording::without_credentials(&self.url(""))
    }

    /// The key of this index in file names, so that facts about different indexes are not mixed up.
    pub(super) fn key(&self) -> String {
        sha256(self.shown()).chars().take(16).collect()
    }

    /// A hint how to configure a token for the registry.
    pub(super) fn way_to_a_token(&self) -> String {
        match &self.registry {
            Some(_) if !self.credentials.takes_those_of_cargo() => {
                "check `credential-provider` and `global-credential-providers` in cargo's configuration".to_owned()
            }
            Some(name) => format!(
                "run `cargo login --registry {name}`; a token is taken from `credentials.toml` in cargo's home, from \
                 `registries.{name}.token`, or from CARGO_REGISTRIES_{}_TOKEN",
                vet_project::in_variable(name)
            ),
            None => "name the index in `[registries]` of cargo's configuration, and run `cargo login --registry` with \
                     that name"
                .to_owned(),
        }
    }
}

/// The name of the final replacement of crates.io.
fn replacement(places: &RegistryPlaces) -> Result<&str, Diagnostic> {
    places.replacement(CRATES_IO).map_err(|ReplacedByItself(name)| {
        let message = format!("cargo's configuration replaces the source `{name}` with itself");
        Diagnostic::error(Code::NoRegistry, message).help("check `replace-with` in the tables `[source.*]`")
    })
}

/// The key of the index at a URL.
pub(crate) fn index_key(index: &str) -> Option<String> {
    let location =
        Location { index: sparse(index).ok()?, registry: None, credentials: Credentials::default() };
    Some(location.key())
}

/// The normalized URL of an index, if it can be asked over HTTP.
fn sparse(index: &str) -> Result<String, Diagnostic> {
    let is_of_crates_io = |index: &str| index.trim_end_matches('/') == CRATES_IO_INDEX.trim_end_matches('/');
    if is_of_crates_io(index.strip_prefix("registry+").unwrap_or(index)) {
        return Ok(CRATES_IO_HTTP_INDEX.to_owned());
    }
    if index.starts_with("sparse+http://") || index.starts_with("sparse+https://") {
        return Ok(format!("{}/", index.trim_end_matches('/')));
    }
    let message = format!(
        "crates are looked up in `{}`, which is not a sparse index",
        wording::without_credentials(index)
    );
    Err(Diagnostic::error(Code::NoRegistry, message)
        .note("cargo's configuration replaces crates.io with it")
        .help(
            "use the address of the sparse index of the same registry, which starts with `sparse+https://`",
        ))
}

fn unnamed(index: &str) -> Diagnostic {
    let message = format!(
        "the registry `{}` is not named in your cargo configuration",
        wording::without_credentials(index)
    );
    Diagnostic::error(Code::NoRegistry, message)
        .help("add it to `[registries]` in `config.toml` of cargo's home folder")
}

fn undefined(name: &str) -> Diagnostic {
    let message =
        format!("cargo's configuration replaces crates.io with `{name}`, but has no address for it");
    Diagnostic::error(Code::NoRegistry, message)
        .help(format!("add `[source.{name}]` with a `registry`, or `[registries.{name}]` with an `index`"))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;

    use vet_project::{CargoConfiguration, Checkout, Token};

    use super::*;

    const REPLACED: &str = "[source.crates-io]\nreplace-with = \"my-mirror\"\n";

    /// Finds the index with the given configurations of a folder `project`, which contains the
    /// checkout, and of cargo's home, and with credentials.
    fn find(
        near: &str,
        home: &str,
        credentials: &str,
        variables: &[(&str, &str)],
    ) -> Result<Location, Diagnostic> {
        let folder = tempfile::tempdir().unwrap();
        let (project, cargo_home) = (folder.path().join("project"), folder.path().join("home"));
        fs::create_dir_all(project.join(".cargo")).unwrap();
        fs::create_dir_all(&cargo_home).unwrap();
        fs::write(project.join(".cargo/config.toml"), near).unwrap();
        fs::write(cargo_home.join("config.toml"), home).unwrap();
        fs::write(cargo_home.join("credentials.toml"), credentials).unwrap();
        let app = project.join("app");
        let configuration =
            CargoConfiguration::of_folder(&app, Some(&cargo_home), &Checkout::of_folder(&app)).registries;
        let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        Location::find(&configuration, &RegistryEnvironment::read(variables), Some(&cargo_home))
    }

    /// The index and the token, on one line.
    fn line(found: Result<Location, Diagnostic>) -> String {
        match found {
            Ok(location) if location.is_official() => {
                assert_eq!((&location.registry, &location.credentials().token), (&None, &None));
                "crates.io".to_owned()
            }
            Ok(location) => match &location.credentials().token {
                None => location.index,
                Some(token) => {
                    let tokens = ["near", "home", "credentials", "variable"];
                    let found = tokens.iter().find(|text| Token::new(**text) == *token).unwrap();
                    format!("{} as {} with {found}", location.index, location.registry.as_deref().unwrap())
                }
            },
            Err(problem) => {
                assert!(problem.help.is_some(), "{problem:?}");
                problem.message
            }
        }
    }

    #[test]
    fn sources_are_replaced() {
        let of_crates_io = format!("[source.my-mirror]\nregistry = \"{CRATES_IO_INDEX}\"\n");
        let of_crates_io_sparse = format!("[registries.my-mirror]\nindex = \"{CRATES_IO_HTTP_INDEX}\"\n");
        for (more, expected) in [
            ("[source.my-mirror]\nregistry = \"sparse+https://m.example/i/\"", "sparse+https://m.example/i/"),
            ("[source.my-mirror]\nregistry = \"sparse+https://m.example\"", "sparse+https://m.example/"),
            ("[registries.my-mirror]\nindex = \"sparse+https://m.example/\"", "sparse+https://m.example/"),
            (
                "[source.my-mirror]\nreplace-with = \"b\"\n[source.b]\nregistry = \"sparse+https://b.example/\"",
                "sparse+https://b.example/",
            ),
            ("[source.my-mirror]\ndirectory = \"vendor\"", "crates.io"),
            ("[source.my-mirror]\nlocal-registry = \"packages\"", "crates.io"),
            ("[source.my-mirror]\ngit = \"https://m.example/\"", "crates.io"),
            (&of_crates_io, "crates.io"),
            (&of_crates_io_sparse, "crates.io"),
            (
                "[source.my-mirror]\nregistry = \"https://u:secret@m.example/git\"",
                "crates are looked up in `https://m.example/git`, which is not a sparse index",
            ),
            (
                "[source.my-mirror]\nregistry = \"sparse+file:///etc\"",
                "crates are looked up in `sparse+file:///etc`, which is not a sparse index",
            ),
            (
                "[source.my-mirror]\nregistry = 1",
                "cargo's configuration replaces crates.io with `my-mirror`, but has no address for it",
            ),
            (
                "[source.my-mirror]\nreplace-with = \"crates-io\"",
                "cargo's configuration replaces the source `crates-io` with itself",
            ),
        ] {
            assert_eq!(line(find(REPLACED, more, "", &[])), expected, "{more}");
        }
        for near in [
            "",
            "source = 1\nregistries = [1]",
            "[source]\ncrates-io = 1",
            "[source.crates-io]\nreplace-with = 1",
        ] {
            assert_eq!(line(find(near, "", "", &[])), "crates.io", "{near}");
        }
        assert_eq!(
            line(find("", "", "", &[("CARGO_REGISTRIES_CRATES_IO_INDEX", "sparse+https://x/")])),
            "crates.io"
        );
    }

    /// The nearest file counts, and the environment takes precedence.
    #[test]
    fn tokens_have_their_places() {
        let registry = "[registries.my-mirror]\nindex = \"sparse+https://m.example/\"\n";
        let with = |token: &str| format!("{registry}token = \"{token}\"\n");
        let credentials = "[registries.my-mirror]\ntoken = \"credentials\"\n";
        let other = "[registries.other]\nindex = \"sparse+https://other.example/\"\ntoken = \"near\"\n";
        let source = "[source.my-mirror]\nregistry = \"sparse+https://m.example\"\n";
        let same = "[registries.work]\nindex = \"sparse+https://m.example/\"\ntoken = \"near\"\n";
        let named = "sparse+https://m.example/ as my-mirror with";
        for (near, home, credentials, variables, expected) in [
            (with("near"), with("home"), "", &[][..], format!("{named} near")),
            (registry.to_owned(), with("home"), "", &[], format!("{named} home")),
            (with("near"), String::new(), credentials, &[], format!("{named} credentials")),
            (
                with("near"),
                String::new(),
                credentials,
                &[("CARGO_REGISTRIES_MY_MIRROR_TOKEN", "variable")],
                format!("{named} variable"),
            ),
            (
                with("near"),
                String::new(),
                "",
                &[("CARGO_REGISTRIES_MY_MIRROR_TOKEN", "")],
                format!("{named} near"),
            ),
            (
                with("near"),
                String::new(),
                "",
                &[("CARGO_REGISTRIES_MY_MIRROR_INDEX", "sparse+https://e.example/")],
                "sparse+https://e.example/ as my-mirror with near".to_owned(),
            ),
            (
                String::new(),
                String::new(),
                credentials,
                &[("CARGO_REGISTRIES_MY_MIRROR_INDEX", "sparse+https://m.example/")],
                format!("{named} credentials"),
            ),
            // A registry is identified by its index.
            (
                format!("{source}{same}"),
                String::new(),
                "",
                &[],
                "sparse+https://m.example/ as work with near".to_owned(),
            ),
            (
                format!("{source}{other}"),
                String::new(),
                credentials,
                &[],
                "sparse+https://m.example/".to_owned(),
            ),
            // The environment names it, too.
            (
                format!("{source}{same}"),
                String::new(),
                "",
                &[
                    ("CARGO_REGISTRIES_BY_THE_WAY_INDEX", "sparse+https://m.example"),
                    ("CARGO_REGISTRIES_BY_THE_WAY_TOKEN", "variable"),
                ],
                "sparse+https://m.example/ as by_the_way with variable".to_owned(),
            ),
            (
                registry.replace("my-mirror", "work").replace("m.example", "x.example") + source,
                String::new(),
                "[registries.work]\ntoken = \"credentials\"\n",
                &[("CARGO_REGISTRIES_WORK_INDEX", "sparse+https://m.example/")],
                "sparse+https://m.example/ as work with credentials".to_owned(),
            ),
            (registry.to_owned(), String::new(), "not TOML", &[], "sparse+https://m.example/".to_owned()),
        ] {
            let found = line(find(&format!("{REPLACED}{near}"), &home, credentials, variables));
            assert_eq!(found, expected, "{near} {home} {credentials} {variables:?}");
        }
    }

    #[test]
    fn what_is_shown_has_no_credentials() {
        let near = "[source.my-mirror]\nregistry = \"sparse+https://u:secret@m.example/\"\n";
        let location = find(&format!("{REPLACED}{near}"), "", "", &[]).unwrap();
        assert_eq!(location.shown(), "https://m.example/");
        assert_eq!(location.url("a/b"), "https://u:secret@m.example/a/b");
        let near = "[source.my-mirror]\nregistry = \"sparse+https://v:other@m.example/\"\n";
        let same = find(&format!("{REPLACED}{near}"), "", "", &[]).unwrap();
        assert_eq!((location.key().len(), location.key()), (16, same.key()));
        assert_ne!(location.key(), find("", "", "", &[]).unwrap().key());
    }
}
