//! The settings of a checkout for building its code, as far as they decide which dependencies are
//! built.
//!
//! They never make a graph smaller. They say for which targets cargo builds in addition to those
//! that the store names, and which additional conditions may hold.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use vet_graph::workspace::normal;
use vet_graph::{Flags, Platform};

use super::configuration_files::{ConfigurationFile, ConfigurationFiles};
use super::{Shown, read_text};

/// The relevant settings from cargo's configuration, and from the file that chooses the compiler,
/// in a checkout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildSettings {
    /// The targets that cargo builds for.
    pub targets: Vec<StatedTarget>,
    /// The effects of flags of the compiler.
    pub flags: Flags,
    /// The sources of these settings, in words that complete "because of …".
    pub reasons: Vec<String>,
}

/// A target that cargo builds for, and the place that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedTarget {
    /// The name, or the path of a target specification as written.
    pub name: String,
    /// The path of the target specification, if it is one.
    pub specification: Option<PathBuf>,
    /// Whether the compiler itself runs on it.
    pub is_host: bool,
    /// The place that says so.
    pub place: String,
}

/// Programs that run the compiler unchanged.
const WRAPPERS: [&str; 4] = ["", "cachepot", "ccache", "sccache"];

/// The minor version of the first Rust compiler from which on all compilers agree about the
/// properties of a target.
const OLDEST: u64 = 69;

impl BuildSettings {
    /// Reads the files in some folders, and the files that they include, as far as they belong to
    /// the checkout.
    pub(super) fn read(
        folders: &BTreeSet<PathBuf>,
        is_of_checkout: &dyn Fn(&Path) -> bool,
        show: Shown<'_>,
    ) -> Self {
        let mut settings = BuildSettings::default();
        let mut files = ConfigurationFiles::new(None, show);
        for folder in folders {
            if is_of_checkout(folder) {
                settings.add_toolchain(folder, show);
            }
            let folder = folder.join(".cargo");
            if is_of_checkout(&folder) {
                files.read(&folder, &mut |file| match file {
                    Ok(ConfigurationFile { document, base, shown, .. }) => {
                        settings.add(document, base, &shown)
                    }
                    Err(unreadable) => settings.give_up(unreadable.what),
                });
            }
        }
        settings.reasons.sort();
        settings.reasons.dedup();
        settings
    }

    /// Adds a file of cargo's configuration. Paths in it are relative to `base`.
    fn add(&mut self, document: &DeTable<'_>, base: &Path, shown: &str) {
        let table = |key: &str| document.get(key).and_then(|value| value.get_ref().as_table());
        if let Some(build) = table("build") {
            self.add_targets(build, base, shown);
            self.add_flags(build, "build", shown);
            for key in ["rustc", "rustc-wrapper", "rustc-workspace-wrapper"] {
                let program = build.get(key).map(|value| value.get_ref().as_str());
                let is_known = |program: &str| key != "rustc" && WRAPPERS.contains(&program);
                if program.is_some_and(|program| !program.is_some_and(is_known)) {
                    self.give_up(format!("`build.{key}` in `{shown}`"));
                }
            }
        }
        // `[host]` has flags directly and per host; `[target]` has flags per target and condition.
        for key in ["target", "host"] {
            let Some(outer) = table(key) else { continue };
            self.add_flags(outer, key, shown);
            for (name, inner) in outer {
                if let Some(inner) = inner.get_ref().as_table() {
                    self.add_flags(inner, &format!("{key}.{}", name.get_ref()), shown);
                }
            }
        }
        for (name, _) in table("env").into_iter().flatten() {
            if name.get_ref().to_uppercase().starts_with("RUSTUP_") {
                self.give_up(format!("`env.{}` in `{shown}`", name.get_ref()));
            }
        }
    }

    fn add_targets(&mut self, build: &DeTable<'_>, base: &Path, shown: &str) {
        let Some(value) = build.get("target").map(toml::Spanned::get_ref) else { return };
        let list = value.as_array().into_iter().flat_map(|array| array.iter());
        let named: Vec<Option<&str>> = match value.as_array() {
            Some(_) => list.map(|value| value.get_ref().as_str()).collect(),
            None => vec![value.as_str()],
        };
        for name in named {
            match name {
                // This machine, which the checkout does not choose.
                Some("host-tuple") => {}
                Some(name) => self.targets.push(StatedTarget {
                    name: name.to_owned(),
                    specification: name.ends_with(".json").then(|| normal(&base.join(name))),
                    is_host: false,
                    place: format!("`build.target` in `{shown}`"),
                }),
                None => self.give_up(format!("`build.target` in `{shown}`")),
            }
        }
    }

    fn add_flags(&mut self, table: &DeTable<'_>, name: &str, shown: &str) {
        let Some(value) = table.get("rustflags").map(toml::Spanned::get_ref) else { return };
        let reason = format!("`{name}.rustflags` in `{shown}`");
        let Some(arguments) = arguments(value) else { return self.give_up(reason) };
        let mut flags = Flags::default();
        flags.add(arguments);
        if !flags.is_empty() {
            self.flags.names.extend(flags.names);
            self.flags.changes_everything |= flags.changes_everything;
            self.reasons.push(reason);
        }
    }

    /// Notes that nothing is known about a target, and why.
    fn give_up(&mut self, reason: String) {
        self.flags.changes_everything = true;
        self.reasons.push(reason);
    }

    /// Adds the file in a folder that chooses the compiler, if there is one.
    fn add_toolchain(&mut self, folder: &Path, show: Shown<'_>) {
        for name in ["rust-toolchain", "rust-toolchain.toml"] {
            let path = folder.join(name);
            if !path.exists() {
                continue;
            }
            let shown = show.path(&path);
            let Ok(source) = read_text(&path, show) else {
                self.give_up(format!("`{shown}`, which cannot be read"));
                continue;
            };
            // The older form consists of the name alone.
            let text = source.text.trim();
            if name == "rust-toolchain" && !text.contains(['\n', '=', '[']) {
                self.add_channel(text, &shown);
                continue;
            }
            let (document, _) = vet_store::toml_document(&source);
            let Some(document) = document else {
                self.give_up(format!("`{shown}`, which is not TOML"));
                continue;
            };
            let toolchain = document.get("toolchain").and_then(|value| value.get_ref().as_table());
            let Some(toolchain) = toolchain else { continue };
            if toolchain.contains_key("path") {
                self.give_up(format!("`toolchain.path` in `{shown}`"));
            }
            if let Some(channel) = toolchain.get("channel").and_then(|value| value.get_ref().as_str()) {
                self.add_channel(channel, &shown);
            }
        }
    }

    /// Adds a channel, such as `stable`, `1.80.1` or `nightly-2024-01-31`, optionally followed by
    /// the host of the compiler.
    fn add_channel(&mut self, channel: &str, shown: &str) {
        let (release, rest) = channel.split_once('-').map_or((channel, ""), |(a, b)| (a, b));
        let digits: Vec<Option<u64>> = release.split('.').map(|part| part.parse().ok()).collect();
        let (is_old, rest) = match digits.as_slice() {
            [Some(1), Some(minor), ..] => (*minor < OLDEST, rest),
            _ if ["stable", "beta", "nightly"].contains(&release) => {
                let year = rest.get(..4).and_then(|year| year.parse::<u64>().ok());
                let dated = year.and_then(|_| rest.get(10..));
                // Rust 1.69 was the nightly version at the beginning of 2023.
                (
                    year.is_some_and(|year| year < 2023),
                    dated.map_or(rest, |rest| rest.trim_start_matches('-')),
                )
            }
            // A toolchain that the user has installed under this name.
            _ => return,
        };
        if is_old {
            self.give_up(format!("the compiler `{channel}` in `{shown}`"));
        }
        // `1.90.0-beta.2`
        let rest = match rest.strip_prefix("beta") {
            Some(rest) => rest.split_once('-').map_or("", |(_, rest)| rest),
            None => rest,
        };
        if rest.is_empty() {
            return;
        }
        if Platform::built_in(rest, []).is_none() {
            return self.give_up(format!("the compiler `{channel}` in `{shown}`"));
        }
        self.targets.push(StatedTarget {
            name: rest.to_owned(),
            specification: None,
            is_host: true,
            place: format!("the compiler `{channel}` in `{shown}`"),
        });
    }
}

/// Flags as cargo reads them: a list, or a text separated by spaces.
fn arguments<'t>(value: &'t DeValue<'_>) -> Option<Vec<&'t str>> {
    match value {
        DeValue::String(text) => Some(text.split_whitespace().collect()),
        DeValue::Array(array) => array.iter().map(|flag| flag.get_ref().as_str()).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
