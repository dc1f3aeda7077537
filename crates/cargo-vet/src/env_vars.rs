//! The environment variables that the tool itself reads.
//!
//! They are read once, at the start, into an [`Environment`]; no other code reads the environment.
//! Programs that the tool starts (cargo, git, editor, pager) read their own variables, such as
//! `GIT_EDITOR`.

use std::ffi::OsString;
use std::path::PathBuf;

use vet_fetch::http::HttpEnvironment;
use vet_project::RegistryEnvironment;

use crate::programs::nested_shell::{self, NestedShell, shell_of_user};
use crate::progress::Shown;

/// A variable, and its effect in a sentence.
pub(crate) struct EnvVar {
    pub(crate) name: &'static str,
    pub(crate) effect: &'static str,
}

/// All variables, in the order of the manual.
pub(crate) const ALL: &[&EnvVar] = &[
    &CARGO,
    &CARGO_HOME,
    &CARGO_TERM_COLOR,
    &CARGO_TERM_QUIET,
    &CARGO_TERM_VERBOSE,
    &CARGO_TERM_PROGRESS_WHEN,
    &CARGO_TERM_PROGRESS_WIDTH,
    &CI,
    &TF_BUILD,
    &CLICOLOR,
    &CLICOLOR_FORCE,
    &NO_COLOR,
    &TERM,
    &XDG_CACHE_HOME,
    &XDG_STATE_HOME,
    &CARGO_VET_STATE_DIR,
    &HOME,
    &SHELL,
    &CARGO_VET_INSPECT,
    &HTTPS_PROXY,
    &HTTPS_PROXY_LOWER,
    &ALL_PROXY,
    &ALL_PROXY_LOWER,
    &NO_PROXY,
    &NO_PROXY_LOWER,
    &SSL_CERT_FILE,
    &CARGO_HTTP_CAINFO,
    &CARGO_HTTP_PROXY,
    &CARGO_NET_RETRY,
    &CARGO_NET_OFFLINE,
    &CARGO_REGISTRIES_INDEX,
    &CARGO_REGISTRIES_TOKEN,
    &CARGO_REGISTRIES_CREDENTIAL_PROVIDER,
    &CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS,
    &CARGO_VET_ACCEPT_MIRROR,
];

const CARGO: EnvVar = EnvVar {
    name: "CARGO",
    effect: "The cargo to run. Set by cargo itself; `cargo` is looked up in PATH otherwise.",
};
const CARGO_HOME: EnvVar = EnvVar {
    name: "CARGO_HOME",
    effect: "Where cargo keeps its registry cache and its configuration; `.cargo` in the home folder otherwise.",
};
const CARGO_TERM_COLOR: EnvVar = EnvVar {
    name: "CARGO_TERM_COLOR",
    effect: "When to use colours, as with `--color`, which overrides it: `auto`, `always` or `never`.",
};
const CARGO_TERM_QUIET: EnvVar = EnvVar {
    name: "CARGO_TERM_QUIET",
    effect: "`true` does the same as `--quiet`. `--verbose` overrides it.",
};
const CARGO_TERM_VERBOSE: EnvVar = EnvVar {
    name: "CARGO_TERM_VERBOSE",
    effect: "`true` does the same as `--verbose info`. `--verbose` and `--quiet` override it.",
};
const CARGO_TERM_PROGRESS_WHEN: EnvVar = EnvVar {
    name: "CARGO_TERM_PROGRESS_WHEN",
    effect: "When to show progress: `auto` (on a terminal), `always` (needs CARGO_TERM_PROGRESS_WIDTH) or `never`.",
};
const CARGO_TERM_PROGRESS_WIDTH: EnvVar =
    EnvVar { name: "CARGO_TERM_PROGRESS_WIDTH", effect: "The width of the progress line, in columns." };
const CI: EnvVar =
    EnvVar { name: "CI", effect: "If set, progress is shown only with CARGO_TERM_PROGRESS_WHEN=always." };
const TF_BUILD: EnvVar = EnvVar { name: "TF_BUILD", effect: "The same as CI." };
const CLICOLOR: EnvVar = EnvVar { name: "CLICOLOR", effect: "`0` turns colours off." };
const CLICOLOR_FORCE: EnvVar = EnvVar {
    name: "CLICOLOR_FORCE",
    effect: "Any value but `0` turns colours on, also without a terminal, and overrides the other variables.",
};
const NO_COLOR: EnvVar =
    EnvVar { name: "NO_COLOR", effect: "Any value, also an empty one, turns colours off." };
const TERM: EnvVar =
    EnvVar { name: "TERM", effect: "`dumb` turns colours off, and so does its absence, except on Windows." };
const XDG_CACHE_HOME: EnvVar = EnvVar {
    name: "XDG_CACHE_HOME",
    effect: "On Linux, the folder that contains the cache folder; `.cache` in the home folder otherwise.",
};
const XDG_STATE_HOME: EnvVar = EnvVar {
    name: "XDG_STATE_HOME",
    effect: "On Linux, the folder that contains the state folder; `.local/state` in the home folder otherwise.",
};
const CARGO_VET_STATE_DIR: EnvVar = EnvVar {
    name: "CARGO_VET_STATE_DIR",
    effect: "The state folder, which keeps drafts of audits, what you have read, and the last modes.",
};
const HOME: EnvVar = EnvVar { name: "HOME", effect: "The home folder; on Windows, USERPROFILE." };
const SHELL: EnvVar =
    EnvVar { name: "SHELL", effect: "The shell that `inspect --mode local` opens; on Windows, COMSPEC." };
const CARGO_VET_INSPECT: EnvVar = EnvVar {
    name: nested_shell::VARIABLE,
    effect: "Set in the shell that `inspect --mode local` opens: the name and the version of the package.",
};

const HTTPS_PROXY: EnvVar = EnvVar {
    name: "HTTPS_PROXY",
    effect: "The proxy for downloads: `[scheme://][user:password@]host[:port]`. cargo's `http.proxy` overrides it.",
};
const HTTPS_PROXY_LOWER: EnvVar =
    EnvVar { name: "https_proxy", effect: "Like HTTPS_PROXY, and overrides it." };
const ALL_PROXY: EnvVar = EnvVar { name: "ALL_PROXY", effect: "The proxy, if HTTPS_PROXY names none." };
const ALL_PROXY_LOWER: EnvVar = EnvVar { name: "all_proxy", effect: "Like ALL_PROXY, and overrides it." };
const NO_PROXY: EnvVar = EnvVar {
    name: "NO_PROXY",
    effect: "Names and networks that are reached without the proxy, separated by commas.",
};
const NO_PROXY_LOWER: EnvVar = EnvVar { name: "no_proxy", effect: "Like NO_PROXY, and overrides it." };
const SSL_CERT_FILE: EnvVar = EnvVar {
    name: "SSL_CERT_FILE",
    effect: "A file with certificates of authorities to trust, in addition to those of the system.",
};
const CARGO_HTTP_CAINFO: EnvVar =
    EnvVar { name: "CARGO_HTTP_CAINFO", effect: "Another such file, instead of cargo's `http.cainfo`." };
const CARGO_HTTP_PROXY: EnvVar =
    EnvVar { name: "CARGO_HTTP_PROXY", effect: "The proxy, instead of cargo's `http.proxy`." };
const CARGO_REGISTRIES_INDEX: EnvVar = EnvVar {
    name: "CARGO_REGISTRIES_NAME_INDEX",
    effect: "The address of the registry NAME, which may replace crates.io. Overrides cargo's configuration.",
};
const CARGO_REGISTRIES_TOKEN: EnvVar = EnvVar {
    name: "CARGO_REGISTRIES_NAME_TOKEN",
    effect: "The token for the registry NAME. Overrides cargo's configuration.",
};
const CARGO_REGISTRIES_CREDENTIAL_PROVIDER: EnvVar = EnvVar {
    name: "CARGO_REGISTRIES_NAME_CREDENTIAL_PROVIDER",
    effect: "The program that provides the token of the registry NAME. Overrides cargo's configuration.",
};
const CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS: EnvVar = EnvVar {
    name: "CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS",
    effect: "Programs that provide tokens of registries, tried before those in cargo's configuration.",
};
const CARGO_VET_ACCEPT_MIRROR: EnvVar = EnvVar {
    name: RegistryEnvironment::ACCEPTED,
    effect: "Indexes, separated by spaces, that may replace crates.io if the checkout says so, as with `--accept-mirror`.",
};
const CARGO_NET_RETRY: EnvVar = EnvVar {
    name: "CARGO_NET_RETRY",
    effect: "How often a failed download is retried, instead of cargo's `net.retry`.",
};
const CARGO_NET_OFFLINE: EnvVar = EnvVar {
    name: "CARGO_NET_OFFLINE",
    effect: "`true` disables network access, instead of cargo's `net.offline`.",
};

/// The name of the folders of this tool. The original's is `cargo-vet`; the two share no files.
const OWN_FOLDER: &str = "cargo-vet-rs";

/// The values from the environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// The cargo program, if `CARGO` is set.
    pub(crate) cargo: Option<OsString>,
    /// Cargo's home, if a home folder is known.
    pub(crate) cargo_home: Option<PathBuf>,
    /// The cache folder, unless an option names one.
    pub(crate) cache_dir: PathBuf,
    /// The folder for drafts, the review history and habits.
    pub(crate) state_dir: PathBuf,
    /// The colour settings.
    pub(crate) colors: ColorEnvironment,
    /// Cargo's settings of the terminal.
    pub(crate) terminal: TerminalEnvironment,
    /// The network settings.
    pub(crate) http: HttpEnvironment,
    /// The registry settings.
    pub(crate) registries: RegistryEnvironment,
    /// The user's shell, if there is one.
    pub(crate) shell: Option<NestedShell>,
    /// The subject that is inspected in the current shell, if `inspect` opened it.
    pub(crate) inspected: Option<String>,
}

/// The colour settings of the environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct ColorEnvironment {
    /// The value of `CARGO_TERM_COLOR`.
    pub(crate) cargo: Option<String>,
    /// `NO_COLOR` is set.
    pub(crate) no_color: bool,
    /// `CLICOLOR` is `0`.
    pub(crate) clicolor_off: bool,
    /// `CLICOLOR_FORCE` is set and not `0`.
    pub(crate) clicolor_force: bool,
    /// `TERM` names a terminal that supports colours.
    pub(crate) capable_term: bool,
}

/// Cargo's settings of the terminal, without colours. As in cargo, invalid values have no effect.
#[derive(Clone, Debug, Default)]
pub(crate) struct TerminalEnvironment {
    /// `CARGO_TERM_QUIET` is `true`.
    pub(crate) quiet: bool,
    /// `CARGO_TERM_VERBOSE` is `true`.
    pub(crate) verbose: bool,
    pub(crate) progress: ProgressEnvironment,
}

/// When and how wide progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProgressEnvironment {
    pub(crate) when: ProgressWhen,
    pub(crate) width: Option<u16>,
    /// The run is in continuous integration, or on a terminal that cannot move its cursor.
    pub(crate) is_unsuitable: bool,
}

/// The value of `CARGO_TERM_PROGRESS_WHEN`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ProgressWhen {
    #[default]
    Auto,
    Always,
    Never,
}

impl ProgressEnvironment {
    /// Where progress is shown if notes go to stderr, or else to a file.
    pub(crate) fn shown(self, to_stderr: bool, is_terminal: bool, is_quiet: bool) -> Shown {
        match (self.when, self.width) {
            _ if !to_stderr => Shown::Nowhere,
            (ProgressWhen::Never, _) => Shown::Nowhere,
            (ProgressWhen::Always, Some(width)) => Shown::Always { width },
            _ if is_quiet || self.is_unsuitable || !is_terminal => Shown::Nowhere,
            (ProgressWhen::Auto | ProgressWhen::Always, width) => Shown::OnTerminal { width },
        }
    }
}

impl Environment {
    /// Reads the environment of the process.
    pub(crate) fn read() -> Self {
        let home = std::env::home_dir();
        Environment {
            cargo: var(&CARGO).filter(|cargo| !cargo.is_empty()),
            cargo_home: match var(&CARGO_HOME) {
                Some(folder) if !folder.is_empty() => Some(PathBuf::from(folder)),
                _ => home.map(|home| home.join(".cargo")),
            },
            cache_dir: system_cache_dir().join(OWN_FOLDER),
            state_dir: match var(&CARGO_VET_STATE_DIR) {
                Some(folder) if !folder.is_empty() => PathBuf::from(folder),
                _ => system_state_dir().join(OWN_FOLDER),
            },
            colors: ColorEnvironment::read(),
            terminal: TerminalEnvironment::read(),
            http: HttpEnvironment::read(&std::env::current_dir().unwrap_or_default(), |name| {
                ALL.iter().find(|variable| variable.name == name).and_then(|variable| var(variable))
            }),
            registries: RegistryEnvironment::read(std::env::vars_os()),
            shell: shell_of_user(if cfg!(windows) { std::env::var_os("COMSPEC") } else { var(&SHELL) }),
            inspected: var(&CARGO_VET_INSPECT)
                .map(|value| value.to_string_lossy().into_owned())
                .filter(|value| !value.is_empty()),
        }
    }
}

impl TerminalEnvironment {
    fn read() -> Self {
        let text = |variable| var(variable).and_then(|value| value.into_string().ok());
        let is_true = |variable| text(variable).is_some_and(|value| value == "true");
        TerminalEnvironment {
            quiet: is_true(&CARGO_TERM_QUIET),
            verbose: is_true(&CARGO_TERM_VERBOSE),
            progress: ProgressEnvironment {
                when: match text(&CARGO_TERM_PROGRESS_WHEN).as_deref() {
                    Some("always") => ProgressWhen::Always,
                    Some("never") => ProgressWhen::Never,
                    _ => ProgressWhen::Auto,
                },
                width: text(&CARGO_TERM_PROGRESS_WIDTH).and_then(|value| value.parse().ok()),
                is_unsuitable: var(&CI).is_some()
                    || var(&TF_BUILD).is_some()
                    || var(&TERM).is_some_and(|term| term == "dumb"),
            },
        }
    }
}

impl ColorEnvironment {
    /// Reads the colour settings from the environment of the process.
    pub(crate) fn read() -> Self {
        ColorEnvironment {
            cargo: var(&CARGO_TERM_COLOR).map(|value| value.to_string_lossy().into_owned()),
            no_color: var(&NO_COLOR).is_some(),
            clicolor_off: var(&CLICOLOR).is_some_and(|value| value == "0"),
            clicolor_force: var(&CLICOLOR_FORCE).is_some_and(|value| value != "0"),
            capable_term: match var(&TERM) {
                Some(term) => term != "dumb",
                None => cfg!(windows),
            },
        }
    }
}

/// The operating system's cache folder of the user; if there is none, the folder for temporary
/// files.
fn system_cache_dir() -> PathBuf {
    use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
    match choose_native_strategy() {
        Ok(strategy) => strategy.cache_dir(),
        Err(_) => std::env::temp_dir(),
    }
}

/// The operating system's folder for the state of programs; if it has none, the one for their data.
fn system_state_dir() -> PathBuf {
    use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
    match choose_native_strategy() {
        Ok(strategy) => strategy.state_dir().unwrap_or_else(|| strategy.data_dir()),
        Err(_) => std::env::temp_dir(),
    }
}

fn var(variable: &EnvVar) -> Option<OsString> {
    std::env::var_os(variable.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_shown_as_in_cargo() {
        let with = |when, width, is_unsuitable| ProgressEnvironment { when, width, is_unsuitable };
        // The environment; the result on a terminal, there with --quiet, elsewhere, and with a
        // file.
        let on_terminal = Shown::OnTerminal { width: None };
        let (nowhere, always) = (Shown::Nowhere, Shown::Always { width: 60 });
        for (environment, expected) in [
            (with(ProgressWhen::Auto, None, false), [on_terminal, nowhere, nowhere, nowhere]),
            (with(ProgressWhen::Auto, None, true), [nowhere; 4]),
            (
                with(ProgressWhen::Auto, Some(60), false),
                [Shown::OnTerminal { width: Some(60) }, nowhere, nowhere, nowhere],
            ),
            (with(ProgressWhen::Never, Some(60), false), [nowhere; 4]),
            (with(ProgressWhen::Always, Some(60), true), [always, always, always, nowhere]),
            (with(ProgressWhen::Always, None, false), [on_terminal, nowhere, nowhere, nowhere]),
        ] {
            let shown = [(true, true, false), (true, true, true), (true, false, false), (false, true, false)]
                .map(|(to_stderr, is_terminal, quiet)| environment.shown(to_stderr, is_terminal, quiet));
            assert_eq!(shown, expected, "{environment:?}");
        }
    }

    #[test]
    fn the_manual_lists_what_the_network_depends_on() {
        for name in HttpEnvironment::VARIABLES.iter().chain(RegistryEnvironment::VARIABLES) {
            assert!(ALL.iter().any(|variable| variable.name == *name), "{name} is not in the manual");
        }
    }
}
