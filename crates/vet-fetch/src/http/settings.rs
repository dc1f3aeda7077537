//! How to reach the network, from cargo's configuration and the environment.
//!
//! Users who have configured cargo for a proxy or their own certificate authority need no further
//! configuration.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use vet_project::NetworkConfiguration;

use super::patience::Patience;
use crate::cache::Cache;
use crate::run_log::RunLog;

/// The settings of a client.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The value of the `User-Agent` header.
    pub user_agent: String,
    /// Certificate authorities to trust in addition to those of the platform.
    pub ca_files: Vec<CaFile>,
    /// The proxy for HTTPS: `[scheme://][user:password@]host[:port]`.
    pub proxy: Option<String>,
    /// Host names and networks that are reached without the proxy, separated by commas.
    pub no_proxy: Option<String>,
    /// How often a request is repeated after a temporary failure.
    pub retries: u32,
    /// Whether the network must not be used.
    pub offline: bool,
    /// Where answers are cached, if anywhere.
    pub cache: Option<Cache>,
    /// The maximum number of simultaneous requests.
    pub concurrent: usize,
    /// The time limits.
    pub patience: Patience,
    /// Where to tell what is fetched.
    pub log: RunLog,
}

/// A file with certificates of authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaFile {
    /// The file.
    pub path: PathBuf,
    /// Who names it: a key of cargo's configuration, or a variable.
    pub named_by: &'static str,
}

impl CaFile {
    pub(super) fn shown(&self) -> String {
        format!("the file `{}`, which {} names,", self.path.display(), self.named_by)
    }
}

/// The network settings of the environment.
#[derive(Clone, Debug, Default)]
pub struct HttpEnvironment {
    /// Overrides cargo's configuration.
    cargo: NetworkConfiguration,
    ssl_cert_file: Option<PathBuf>,
    proxy: Option<String>,
    no_proxy: Option<String>,
}

const CARGO_HTTP_CAINFO: &str = "CARGO_HTTP_CAINFO";
const SSL_CERT_FILE: &str = "SSL_CERT_FILE";

impl HttpEnvironment {
    /// The variables that are used.
    pub const VARIABLES: &[&str] = &[
        "ALL_PROXY",
        CARGO_HTTP_CAINFO,
        "CARGO_HTTP_PROXY",
        "CARGO_NET_OFFLINE",
        "CARGO_NET_RETRY",
        "HTTPS_PROXY",
        "NO_PROXY",
        SSL_CERT_FILE,
        "all_proxy",
        "https_proxy",
        "no_proxy",
    ];

    /// Reads the variables through `variable`. As in cargo, empty ones count as not set.
    pub fn read(current_folder: &Path, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| variable(name)?.into_string().ok();
        let first = |names: &[&str]| names.iter().find_map(|name| text(name));
        let path = |name: &str| variable(name).map(|path| current_folder.join(path));
        HttpEnvironment {
            cargo: NetworkConfiguration {
                ca_file: path(CARGO_HTTP_CAINFO),
                proxy: text("CARGO_HTTP_PROXY"),
                retries: text("CARGO_NET_RETRY").and_then(|text| text.parse().ok()),
                offline: text("CARGO_NET_OFFLINE").and_then(|text| text.parse().ok()),
            },
            ssl_cert_file: path(SSL_CERT_FILE),
            // For HTTPS only: plain HTTP never leaves this machine.
            proxy: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            no_proxy: first(&["no_proxy", "NO_PROXY"]),
        }
    }
}

impl HttpSettings {
    /// Settings that do not depend on this machine.
    pub fn new() -> Self {
        HttpSettings {
            user_agent: concat!("cargo-vet/", env!("CARGO_PKG_VERSION")).to_owned(),
            ca_files: Vec::new(),
            proxy: None,
            no_proxy: None,
            retries: 3,
            offline: false,
            cache: None,
            concurrent: 32,
            patience: Patience::default(),
            log: RunLog::default(),
        }
    }

    /// The settings from cargo's configuration, git's configuration and the environment. As in
    /// cargo, its own variables take precedence, then its configuration, then git's proxy, which is
    /// looked up only if needed, and then the general variables.
    pub fn of_machine(
        configuration: &NetworkConfiguration,
        environment: &HttpEnvironment,
        proxy_of_git: impl FnOnce() -> Option<String>,
    ) -> Self {
        let default = Self::new();
        let HttpEnvironment { cargo, ssl_cert_file, proxy, no_proxy } = environment;
        let of_cargo = match (&cargo.ca_file, &configuration.ca_file) {
            (Some(path), _) => Some(CaFile { path: path.clone(), named_by: CARGO_HTTP_CAINFO }),
            (None, Some(path)) => Some(CaFile { path: path.clone(), named_by: "`http.cainfo`" }),
            (None, None) => None,
        };
        let of_system =
            ssl_cert_file.as_ref().map(|path| CaFile { path: path.clone(), named_by: SSL_CERT_FILE });
        let of_cargo_first = cargo.proxy.clone().or_else(|| configuration.proxy.clone());
        let proxy = of_cargo_first.or_else(proxy_of_git).or_else(|| proxy.clone());
        HttpSettings {
            ca_files: of_cargo.into_iter().chain(of_system).collect(),
            proxy: proxy.filter(|proxy| !proxy.is_empty()),
            no_proxy: no_proxy.clone(),
            retries: cargo.retries.or(configuration.retries).unwrap_or(default.retries),
            offline: cargo.offline.or(configuration.offline).unwrap_or(default.offline),
            ..default
        }
    }
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use vet_project::{CargoConfiguration, Checkout};

    use super::*;

    /// The settings of a checkout, with a user configuration in the folder above it, and with
    /// cargo's home elsewhere.
    fn settings(near: &str, home: &str, variables: &[(&str, &str)]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let (project, cargo_home) = (folder.path().join("project"), folder.path().join("home"));
        fs::create_dir_all(project.join(".cargo")).unwrap();
        fs::create_dir_all(&cargo_home).unwrap();
        fs::write(project.join(".cargo/config.toml"), near).unwrap();
        fs::write(cargo_home.join("config.toml"), home).unwrap();
        fs::write(project.join(".cargo/more.toml"), "net.retry = 0x10\nhttp.proxy = \"included\"").unwrap();
        let app = project.join("app");
        let configuration =
            CargoConfiguration::of_folder(&app, Some(&cargo_home), &Checkout::of_folder(&app)).network;
        let environment = HttpEnvironment::read(&project, |name| {
            assert!(HttpEnvironment::VARIABLES.contains(&name), "{name}");
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        });
        let proxy_of_git = || {
            let of_git = variables.iter().find(|(variable, _)| *variable == GIT);
            of_git.map(|(_, value)| (*value).to_owned())
        };
        let settings = HttpSettings::of_machine(&configuration, &environment, proxy_of_git);
        let mut words: Vec<String> = Vec::new();
        for CaFile { path, named_by } in &settings.ca_files {
            let path = path.strip_prefix(folder.path()).unwrap();
            words.push(format!("{} by {named_by}", path.display().to_string().replace('\\', "/")));
        }
        words.extend(settings.proxy.map(|proxy| format!("proxy {proxy}")));
        words.extend(settings.no_proxy.map(|names| format!("not for {names}")));
        words.push(format!("{} retries", settings.retries));
        words.extend(settings.offline.then(|| "offline".to_owned()));
        words.join(", ")
    }

    /// The pseudo variable for the proxy in git's configuration.
    const GIT: &str = "http.proxy of git";

    #[test]
    fn the_proxy_of_git_comes_after_that_of_cargo() {
        for (home, variables, expected) in [
            ("", &[(GIT, "g"), ("HTTPS_PROXY", "a")][..], "proxy g, 3 retries"),
            ("", &[(GIT, ""), ("HTTPS_PROXY", "a")], "3 retries"),
            ("http.proxy = \"c\"", &[(GIT, "g")], "proxy c, 3 retries"),
            ("http.proxy = \"\"", &[(GIT, "g")], "3 retries"),
            ("", &[(GIT, "g"), ("CARGO_HTTP_PROXY", "p")], "proxy p, 3 retries"),
        ] {
            assert_eq!(settings("", home, variables), expected, "{home} {variables:?}");
        }
    }

    #[test]
    fn the_configuration_of_cargo_counts() {
        for (near, home, expected) in [
            ("", "", "3 retries"),
            ("net.retry = 1", "net.retry = 2\nnet.offline = true", "1 retries, offline"),
            ("http.cainfo = \"ca.pem\"", "", "project/ca.pem by `http.cainfo`, 3 retries"),
            ("", "http.cainfo = \"ca.pem\"", "ca.pem by `http.cainfo`, 3 retries"),
            ("http.proxy = \"near\"", "http.proxy = \"far\"", "proxy near, 3 retries"),
            ("http.proxy = \"\"", "http.proxy = \"far\"", "3 retries"),
            ("include = \"more.toml\"\nhttp.proxy = \"near\"", "", "proxy near, 16 retries"),
            ("http = 1\nnet.retry = -1\nnet.offline = \"x\"", "http.cainfo = 1", "3 retries"),
        ] {
            assert_eq!(settings(near, home, &[]), expected, "{near} {home}");
        }
    }

    #[test]
    fn the_environment_counts_more() {
        let near = "[http]\nproxy = \"near\"\ncainfo = \"ca.pem\"\n[net]\nretry = 1\noffline = true\n";
        for (near, variables, expected) in [
            (
                "",
                &[("HTTPS_PROXY", "a"), ("ALL_PROXY", "b"), ("NO_PROXY", "c,d")][..],
                "proxy a, not for c,d, 3 retries",
            ),
            ("", &[("https_proxy", "a"), ("HTTPS_PROXY", "b")], "proxy a, 3 retries"),
            ("", &[("HTTPS_PROXY", ""), ("all_proxy", "b"), ("HTTP_PROXY", "c")], "proxy b, 3 retries"),
            ("", &[("SSL_CERT_FILE", "x/y.pem")], "project/x/y.pem by SSL_CERT_FILE, 3 retries"),
            ("http.proxy = \"\"", &[("HTTPS_PROXY", "a")], "3 retries"),
            (
                near,
                &[("CARGO_HTTP_PROXY", "p"), ("CARGO_NET_RETRY", "0"), ("CARGO_NET_OFFLINE", "false")],
                "project/ca.pem by `http.cainfo`, proxy p, 0 retries",
            ),
            (
                near,
                &[("CARGO_HTTP_CAINFO", "x.pem"), ("SSL_CERT_FILE", "y.pem"), ("HTTPS_PROXY", "b")],
                "project/x.pem by CARGO_HTTP_CAINFO, project/y.pem by SSL_CERT_FILE, proxy near, 1 retries, offline",
            ),
        ] {
            assert_eq!(settings(near, "", variables), expected, "{variables:?}");
        }
    }
}
