//! Every environment variable that the tool itself reads, and what it is for.
//!
//! They are read once, at the start, into an [`Environment`]; nothing else looks at the environment. Programs that the
//! tool starts (cargo, git, editor, pager) read their own variables, such as `GIT_EDITOR`.

use std::ffi::OsString;
use std::path::PathBuf;

/// A variable, and its effect in a sentence.
pub(crate) struct EnvVar {
    pub(crate) name: &'static str,
    pub(crate) effect: &'static str,
}

/// All variables, in the order of the manual.
pub(crate) const ALL: &[&EnvVar] =
    &[&CARGO, &CARGO_HOME, &CLICOLOR, &CLICOLOR_FORCE, &NO_COLOR, &TERM, &XDG_CACHE_HOME, &HOME];

const CARGO: EnvVar = EnvVar {
    name: "CARGO",
    effect: "The cargo to run where cargo must be asked. Set by cargo itself; `cargo` is looked up in PATH otherwise.",
};
const CARGO_HOME: EnvVar = EnvVar {
    name: "CARGO_HOME",
    effect: "Where cargo keeps its registry cache and its configuration; `.cargo` in the home folder otherwise.",
};
const CLICOLOR: EnvVar = EnvVar { name: "CLICOLOR", effect: "`0` turns colours off." };
const CLICOLOR_FORCE: EnvVar = EnvVar {
    name: "CLICOLOR_FORCE",
    effect: "Any value but `0` turns colours on, also without a terminal, and wins over the other variables.",
};
const NO_COLOR: EnvVar =
    EnvVar { name: "NO_COLOR", effect: "Any value, also an empty one, turns colours off." };
const TERM: EnvVar =
    EnvVar { name: "TERM", effect: "`dumb` turns colours off, and so does its absence, except on Windows." };
const XDG_CACHE_HOME: EnvVar = EnvVar {
    name: "XDG_CACHE_HOME",
    effect: "On Linux, the folder that holds the folder of the cache; `.cache` in the home folder otherwise.",
};
const HOME: EnvVar = EnvVar { name: "HOME", effect: "The home folder; on Windows, USERPROFILE." };

/// The name of the cache folder. The original's cache is `cargo-vet`; the two share no files.
const CACHE_FOLDER: &str = "cargo-vet-rs";

/// What the environment says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// The cargo to run, if `CARGO` names one.
    pub(crate) cargo: Option<OsString>,
    /// The folder of cargo's caches and configuration, if a home folder is known.
    pub(crate) cargo_home: Option<PathBuf>,
    /// The folder for our cache, if no option names one.
    pub(crate) cache_dir: PathBuf,
    /// What is said about colours.
    pub(crate) colors: ColorEnvironment,
}

/// What the environment says about colours.
#[derive(Clone, Debug, Default)]
pub(crate) struct ColorEnvironment {
    /// `NO_COLOR` is set.
    pub(crate) no_color: bool,
    /// `CLICOLOR` is `0`.
    pub(crate) clicolor_off: bool,
    /// `CLICOLOR_FORCE` is set and not `0`.
    pub(crate) clicolor_force: bool,
    /// `TERM` names a terminal that can show colours.
    pub(crate) capable_term: bool,
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
            cache_dir: system_cache_dir().join(CACHE_FOLDER),
            colors: ColorEnvironment::read(),
        }
    }
}

impl ColorEnvironment {
    /// Reads what the environment of the process says about colours.
    pub(crate) fn read() -> Self {
        ColorEnvironment {
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

/// The folder for caches that the operating system has for the user; the one for temporary files if there is none.
fn system_cache_dir() -> PathBuf {
    use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
    match choose_native_strategy() {
        Ok(strategy) => strategy.cache_dir(),
        Err(_) => std::env::temp_dir(),
    }
}

fn var(variable: &EnvVar) -> Option<OsString> {
    std::env::var_os(variable.name)
}
