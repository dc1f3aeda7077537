//! Flags of the compiler, as far as they decide which conditions hold.
//!
//! Flags cannot remove the properties that define a target, but they can add to them: `--cfg
//! windows` makes `cfg(windows)` hold on any target. They can also name another target, or a file
//! with more flags. And they can set a name that the store declares as never set.

use std::collections::BTreeSet;

use cargo_platform::Cfg;

/// The effects of flags of the compiler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// The names that the flags may set or remove.
    pub names: BTreeSet<String>,
    /// Whether the flags may change everything that is known about a target.
    pub changes_everything: bool,
}

/// Long options of the compiler that change no condition. Any option that is not in this list may
/// change all conditions.
const HARMLESS: [&str; 30] = [
    "allow",
    "cap-lints",
    "check-cfg",
    "codegen",
    "color",
    "crate-name",
    "crate-type",
    "deny",
    "diagnostic-width",
    "edition",
    "emit",
    "env-set",
    "error-format",
    "explain",
    "extern",
    "forbid",
    "force-warn",
    "help",
    "json",
    "out-dir",
    "pretty",
    "print",
    "remap-path-prefix",
    "remap-path-scope",
    "sysroot",
    "test",
    "unpretty",
    "verbose",
    "version",
    "warn",
];

impl Flags {
    /// Unknown flags, which may change everything.
    pub fn unknown() -> Self {
        Flags { names: BTreeSet::new(), changes_everything: true }
    }

    /// Whether the flags change no condition.
    pub fn is_empty(&self) -> bool {
        *self == Flags::default()
    }

    /// Adds the effects of a list of arguments. Every argument counts as an option if it looks like
    /// one, even if the compiler takes it as the value of the previous argument.
    pub fn add<'a>(&mut self, arguments: impl IntoIterator<Item = &'a str>) {
        let mut arguments = arguments.into_iter().peekable();
        while let Some(argument) = arguments.next() {
            let next = arguments.peek().copied();
            self.add_one(argument, next);
        }
    }

    fn add_one(&mut self, argument: &str, next: Option<&str>) {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (argument, next),
        };
        // A file with more flags.
        if argument.starts_with('@') {
            self.changes_everything = true;
        } else if argument == "--" {
            // Anything else is not an option.
        } else if let Some(option) = name.strip_prefix("--") {
            match option {
                "cfg" => self.set(value.unwrap_or_default()),
                "codegen" => self.codegen(value.unwrap_or_default()),
                _ if HARMLESS.contains(&option) => {}
                _ => self.changes_everything = true,
            }
        } else if let Some(option) = argument.strip_prefix("-C").filter(|option| !option.is_empty()) {
            self.codegen(option);
        } else if argument == "-C" {
            self.codegen(next.unwrap_or_default());
        } else if argument.starts_with('-') && argument.contains('C') {
            // Combined short options, such as `-gC`.
            self.names.insert("target_feature".to_owned());
        }
    }

    fn set(&mut self, value: &str) {
        match value.parse() {
            Ok(Cfg::Name(name) | Cfg::KeyPair(name, _)) => {
                self.names.insert(name.as_str().to_owned());
            }
            Err(_) => self.changes_everything = true,
        }
    }

    /// Adds the effects of `-C`. Everything that it changes is already open, except target features
    /// that the store declares as on.
    fn codegen(&mut self, option: &str) {
        let key = option.split('=').next().unwrap_or_default().replace('_', "-");
        if ["target-cpu", "target-feature"].contains(&key.as_str()) {
            self.names.insert("target_feature".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_flags_change() {
        for (flags, names, changes_everything) in [
            ("", "", false),
            ("-C link-arg=-fuse-ld=lld -Clto --cap-lints=warn -g -O -D warnings", "", false),
            ("--cfg tokio_unstable", "tokio_unstable", false),
            ("--cfg=tokio_unstable --cfg a=\"b\"", "a tokio_unstable", false),
            ("--cfg windows -A explicit_builtin_cfgs_in_flags", "windows", false),
            ("--cfg r#windows", "windows", false),
            ("--cfg target_os=\"windows\"", "target_os", false),
            ("--cfg", "", true),
            ("--cfg 1", "", true),
            ("-C target-cpu=native", "target_feature", false),
            ("-Ctarget-feature=-crt-static", "target_feature", false),
            ("-C target_feature=+avx", "target_feature", false),
            ("--codegen target-cpu=native", "target_feature", false),
            ("--codegen=target-cpu=native", "target_feature", false),
            ("-gCtarget-cpu=native", "target_feature", false),
            ("-gC target-cpu=native", "target_feature", false),
            ("--target x86_64-pc-windows-msvc", "", true),
            ("--target=x86_64-pc-windows-msvc", "", true),
            ("@flags", "", true),
            ("-C @flags", "", true),
            ("--some-day-there-may-be-this", "", true),
        ] {
            let mut found = Flags::default();
            found.add(flags.split(' ').filter(|flag| !flag.is_empty()));
            let found_names: Vec<&str> = found.names.iter().map(String::as_str).collect();
            assert_eq!(
                (found_names.join(" ").as_str(), found.changes_everything),
                (names, changes_everything),
                "{flags}"
            );
        }
    }
}
