//! Targets, and the conditions that dependencies have on them.
//!
//! What a built-in target is like comes from [`cfg_expr`], conditions are read and held against it by [`cargo_platform`], as
//! cargo does. Nothing depends on the machine or its compiler, but for targets that only a compiler can describe.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use cargo_platform::{Cfg, Ident};
use cfg_expr::targets::{ALL_BUILTINS, Endian, Panic, TargetInfo, get_builtin_target_by_triple};

/// A target, with all that conditions can ask of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    name: String,
    cfg: Vec<Cfg>,
}

/// Why what a compiler says about a target is of no use: the line that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a `cfg` value")]
pub struct BadCfg(pub String);

/// The condition of a dependency: the key of its table `[target.KEY.dependencies]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition(cargo_platform::Platform);

/// Why a text is not a condition, in the words of cargo.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadCondition(String);

/// Conditions that nest deeper are not read. Cargo knows no limit, but neither does anybody write such.
const DEEPEST: usize = 64;

/// Names that a compiler prints, and that cargo does not let conditions see.
const HIDDEN: [&str; 2] = ["debug_assertions", "proc_macro"];

/// The operating systems that a compiler runs on. Rust is published for them, or built by those who publish the system.
const HOST_SYSTEMS: [&str; 12] = [
    "aix",
    "dragonfly",
    "freebsd",
    "haiku",
    "hurd",
    "illumos",
    "linux",
    "macos",
    "netbsd",
    "openbsd",
    "solaris",
    "windows",
];

impl Platform {
    /// A target that is built into the compiler. `features` are target features beyond those that are on by default.
    ///
    /// `None` if there is no such target.
    pub fn built_in<'f>(triple: &str, features: impl IntoIterator<Item = &'f str>) -> Option<Self> {
        let mut platform =
            Platform { name: triple.to_owned(), cfg: values(get_builtin_target_by_triple(triple)?) };
        let default = default_features().get(triple).copied().unwrap_or_default().split(' ');
        default.filter(|feature| !feature.is_empty()).for_each(|feature| platform.add_feature(feature));
        features.into_iter().for_each(|feature| platform.add_feature(feature));
        Some(platform)
    }

    /// A target that the compiler describes: `printed` is what `rustc --print cfg --target …` prints. The name is that of
    /// the target; of a specification in a file, the name of the file without its ending.
    ///
    /// # Errors
    ///
    /// The compiler printed something else.
    pub fn described<'f>(
        name: &str,
        printed: &str,
        features: impl IntoIterator<Item = &'f str>,
    ) -> Result<Self, BadCfg> {
        let lines = printed.lines().map(str::trim).filter(|line| !line.is_empty() && !HIDDEN.contains(line));
        let cfg = lines.map(|line| Cfg::from_str(line).map_err(|_| BadCfg(line.to_owned())));
        let mut platform = Platform { name: name.to_owned(), cfg: cfg.collect::<Result<_, _>>()? };
        features.into_iter().for_each(|feature| platform.add_feature(feature));
        Ok(platform)
    }

    fn add_feature(&mut self, feature: &str) {
        let value = pair("target_feature", feature);
        if !self.cfg.contains(&value) {
            self.cfg.push(value);
        }
    }

    /// The triple, or the name of the specification.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the compiler itself runs on such targets, and with it build scripts and macros.
    pub fn can_host(&self) -> bool {
        let is = |key: &str, value: &str| self.cfg.contains(&pair(key, value));
        HOST_SYSTEMS.iter().any(|system| is("target_os", system)) && !is("target_vendor", "uwp")
    }

    /// All built-in triples.
    pub fn all_built_in() -> impl Iterator<Item = &'static str> {
        ALL_BUILTINS.iter().map(|target| target.triple.as_str())
    }
}

impl Condition {
    /// Whether a dependency under this condition counts where the target is this one.
    pub fn holds(&self, platform: &Platform) -> bool {
        self.0.matches(&platform.name, &platform.cfg)
    }
}

impl From<cargo_platform::Platform> for Condition {
    fn from(platform: cargo_platform::Platform) -> Self {
        Condition(platform)
    }
}

impl FromStr for Condition {
    type Err = BadCondition;

    fn from_str(text: &str) -> Result<Self, BadCondition> {
        if depth(text) > DEEPEST {
            return Err(BadCondition("the expression is nested too deeply".to_owned()));
        }
        cargo_platform::Platform::from_str(text)
            .map(Condition)
            .map_err(|error| BadCondition(error.to_string()))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How many parentheses are open at once.
fn depth(text: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    for character in text.chars() {
        match character {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

fn ident(name: &str) -> Ident {
    Ident { name: name.to_owned(), raw: false }
}

fn pair(key: &str, value: &str) -> Cfg {
    Cfg::KeyPair(ident(key), value.to_owned())
}

/// What `rustc --print cfg` prints of a target, but for its features.
fn values(target: &TargetInfo) -> Vec<Cfg> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let mut cfg = vec![
        pair("panic", if target.panic == Panic::unwind { "unwind" } else { target.panic.as_str() }),
        pair("target_abi", &text(target.abi.as_ref().map(|abi| abi.as_str()))),
        pair("target_arch", target.arch.as_str()),
        pair("target_endian", if target.endian == Endian::big { "big" } else { "little" }),
        pair("target_env", &text(target.env.as_ref().map(|env| env.as_str()))),
        // rustc says "none" where there is no operating system.
        pair("target_os", target.os.as_ref().map_or("none", |os| os.as_str())),
        pair("target_pointer_width", &target.pointer_width.to_string()),
        pair("target_vendor", &text(target.vendor.as_ref().map(|vendor| vendor.as_str()))),
    ];
    for family in target.families.iter() {
        cfg.push(pair("target_family", family.as_str()));
        if ["unix", "windows"].contains(&family.as_str()) {
            cfg.push(Cfg::Name(ident(family.as_str())));
        }
    }
    cfg.extend(target.has_atomics.iter().map(|atomic| pair("target_has_atomic", &atomic.to_string())));
    cfg
}

/// The features that are on by default, by triple, with spaces between them.
fn default_features() -> &'static HashMap<&'static str, &'static str> {
    static FEATURES: OnceLock<HashMap<&str, &str>> = OnceLock::new();
    FEATURES.get_or_init(|| {
        let lines = include_str!("platform/features.txt").lines().filter(|line| !line.starts_with('#'));
        let sets = lines.filter_map(|line| line.split_once(": "));
        sets.flat_map(|(features, triples)| triples.split(' ').map(move |triple| (triple, features)))
            .collect()
    })
}

#[cfg(test)]
mod tests;
