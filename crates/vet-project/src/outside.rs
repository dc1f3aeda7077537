//! A place outside of the checkout, for programs to run in.
//!
//! If cargo, the compiler or git ran in the checkout, they would obey its files:
//! `.cargo/config.toml` can name wrappers and credential providers, `rust-toolchain.toml` a
//! compiler, and a folder that looks like a repository a helper program. So they run in the nearest
//! folder above the checkout, with the user's environment.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use crate::project::Checkout;

/// Where programs run, and how their environment differs from that of this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    folder: PathBuf,
    /// Variables to set or to remove.
    variables: Vec<(&'static str, Option<OsString>)>,
    /// The checkout, whose programs are not run.
    checkout: Checkout,
    current_folder: PathBuf,
    /// Whether this process was told to use another toolchain than the user's.
    is_odd_toolchain: bool,
}

/// Variables with paths that are relative to the current folder.
const PATHS: &[&str] = &["CARGO_HTTP_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_CONFIG_GLOBAL"];
/// Variables with programs. If the value contains a slash, it is a path relative to the current
/// folder.
const PROGRAMS: &[&str] = &[
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOC",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTDOC",
];

impl Outside {
    /// The place for programs that are asked about a checkout. Relative paths in variables start at
    /// `current_folder`. `variable` returns the value of a variable.
    pub fn new(
        checkout: &Checkout,
        current_folder: &Path,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut variables = Vec::new();
        let mut absolute = |name: &'static str| {
            let path = variable(name).map(PathBuf::from).filter(|path| path.is_relative());
            variables.extend(path.map(|path| (name, Some(current_folder.join(path).into_os_string()))));
        };
        PATHS.iter().for_each(|name| absolute(name));
        let has_slash = |name: &&&str| variable(name).is_some_and(|value| is_path(&value));
        PROGRAMS.iter().filter(has_slash).for_each(|name| absolute(name));
        // Cargo would store the compiler's answers there and trust what it finds there.
        variables.push(("CARGO_CACHE_RUSTC_INFO", Some("0".into())));
        variables.push(("CARGO_BUILD_BUILD_DIR", None));
        variables.push(("PWD", None));
        let toolchain = variable("RUSTUP_TOOLCHAIN").filter(|toolchain| is_path(toolchain));
        let is_odd_toolchain = toolchain.is_some_and(|toolchain| {
            variable("RUSTUP_TOOLCHAIN_SOURCE").is_some_and(|source| source == "toolchain-file")
                || checkout.contains(&current_folder.join(toolchain))
        });
        if is_odd_toolchain {
            variables.push(("RUSTUP_TOOLCHAIN", None));
            variables.push(("RUSTUP_TOOLCHAIN_SOURCE", None));
        }
        Outside {
            folder: checkout.outside(),
            variables,
            checkout: checkout.clone(),
            current_folder: current_folder.to_owned(),
            is_odd_toolchain,
        }
    }

    /// Like [`new`](Self::new), with the environment of this process.
    pub fn of_process(checkout: &Checkout, current_folder: &Path) -> Self {
        Self::new(checkout, current_folder, |name| std::env::var_os(name))
    }

    /// A command that runs the user's program outside of the checkout. A program in the checkout is
    /// not run: `other` is looked up in `PATH` and replaces it.
    pub fn command(&self, program: &OsStr, other: &str) -> Command {
        let mut command = Command::new(self.program(program, other));
        command.current_dir(&self.folder);
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// The program to run for the one that the user named.
    pub fn program(&self, program: &OsStr, other: &str) -> OsString {
        if !is_path(program) {
            return program.to_owned();
        }
        let path = self.current_folder.join(program);
        match self.is_odd_toolchain || self.checkout.contains(&path) {
            true => other.into(),
            false => path.into_os_string(),
        }
    }

    /// Makes a path from the user absolute.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        self.current_folder.join(path)
    }
}

/// A folder to use as cargo's home, with cargo's downloads but without configuration of the
/// checkout. This is `cargo_home`, unless that is part of the checkout and has a configuration;
/// then it is a folder in the cache with links to the downloads. Both paths must be absolute.
///
/// # Errors
///
/// The folder in the cache cannot be created.
pub fn home_for_cargo(cargo_home: &Path, checkout: &Checkout, cache_folder: &Path) -> io::Result<PathBuf> {
    let has_configuration = || {
        let mut files = ["config", "config.toml", "credentials", "credentials.toml"].into_iter();
        files.any(|file| fs::symlink_metadata(cargo_home.join(file)).is_ok())
    };
    if !checkout.contains(cargo_home) || !has_configuration() {
        return Ok(cargo_home.to_owned());
    }
    let home = cache_folder.join("cargo-home");
    fs::create_dir_all(&home)?;
    // Without links, cargo downloads everything again.
    #[cfg(unix)]
    for downloads in ["registry", "git"] {
        let (target, link) = (cargo_home.join(downloads), home.join(downloads));
        fs::create_dir_all(&target)?;
        if fs::read_link(&link).is_ok_and(|known| known == target) {
            continue;
        }
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(&target, &link)?;
    }
    Ok(home)
}

/// Whether a program is named by its path, so it is not looked up.
fn is_path(program: &OsStr) -> bool {
    Path::new(program).components().count() > 1 || Path::new(program).is_absolute()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_home_of_cargo_in_the_checkout_has_no_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for path in ["repo/.git", "repo/home", "user"] {
            fs::create_dir_all(root.join(path)).unwrap();
        }
        let checkout = Checkout::of_folder(&root.join("repo"));
        let found = |home: &str| home_for_cargo(&root.join(home), &checkout, &root.join("cache")).unwrap();
        fs::write(root.join("user/config.toml"), "").unwrap();
        assert_eq!((found("user"), found("repo/home")), (root.join("user"), root.join("repo/home")));
        fs::write(root.join("repo/home/config.toml"), "[build]\nrustc-wrapper = \"evil\"\n").unwrap();
        for _ in 0..2 {
            let home = found("repo/home");
            assert!(home.starts_with(root.join("cache")) && !home.join("config.toml").exists());
            assert_eq!(home.join("registry").canonicalize().unwrap(), root.join("repo/home/registry"));
        }
    }

    /// The program to run instead of `program`, and the changed variables, as one line.
    fn outside(program: &str, variables: &[(&str, &str)]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("repo/.git")).unwrap();
        fs::create_dir_all(root.join("repo/app")).unwrap();
        let absolute = |text: &str| text.replace("[ROOT]", root.to_str().unwrap());
        let app = root.join("repo/app");
        let outside = Outside::new(&Checkout::of_folder(&app), &app, |name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| absolute(value).into())
        });
        let command = outside.command(OsStr::new(&absolute(program)), "cargo");
        assert_eq!(command.get_current_dir(), Some(root.as_path()));
        let mut words = vec![command.get_program().to_str().unwrap().to_owned()];
        let usual = ["CARGO_CACHE_RUSTC_INFO", "CARGO_BUILD_BUILD_DIR", "PWD"];
        for (name, value) in command.get_envs().filter(|(name, _)| !usual.contains(&name.to_str().unwrap())) {
            let value = value.map_or("-", |value| value.to_str().unwrap());
            words.push(format!("{}={value}", name.to_str().unwrap()));
        }
        words.join(" ").replace(root.to_str().unwrap(), "[ROOT]")
    }

    #[test]
    fn programs_of_the_checkout_are_not_run() {
        let toolchain = ("RUSTUP_TOOLCHAIN", "[ROOT]/repo/toolchain");
        let away = "RUSTUP_TOOLCHAIN=- RUSTUP_TOOLCHAIN_SOURCE=-";
        for (program, variables, expected) in [
            ("cargo", &[][..], "cargo"),
            ("[ROOT]/toolchain/bin/cargo", &[], "[ROOT]/toolchain/bin/cargo"),
            ("../../bin/cargo", &[], "[ROOT]/repo/app/../../bin/cargo"),
            ("./cargo", &[], "cargo"),
            ("[ROOT]/repo/toolchain/bin/cargo", &[toolchain], &format!("cargo {away}")),
            (
                "[ROOT]/toolchain/bin/cargo",
                &[("RUSTUP_TOOLCHAIN", "nightly"), ("RUSTUP_TOOLCHAIN_SOURCE", "toolchain-file")],
                "[ROOT]/toolchain/bin/cargo",
            ),
            (
                "[ROOT]/toolchain/bin/cargo",
                &[("RUSTUP_TOOLCHAIN", "[ROOT]/toolchain")],
                "[ROOT]/toolchain/bin/cargo",
            ),
            (
                "[ROOT]/toolchain/bin/cargo",
                &[("RUSTUP_TOOLCHAIN", "[ROOT]/toolchain"), ("RUSTUP_TOOLCHAIN_SOURCE", "toolchain-file")],
                &format!("cargo {away}"),
            ),
            (
                "cargo",
                &[("RUSTC", "tools/rustc"), ("RUSTC_WRAPPER", "sccache")],
                "cargo RUSTC=[ROOT]/repo/app/tools/rustc",
            ),
            (
                "cargo",
                &[("SSL_CERT_FILE", "ca.pem"), ("CARGO_HTTP_CAINFO", "/ca.pem")],
                "cargo SSL_CERT_FILE=[ROOT]/repo/app/ca.pem",
            ),
        ] {
            assert_eq!(outside(program, variables), expected, "{program} {variables:?}");
        }
    }
}
