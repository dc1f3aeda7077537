//! Targets, and the conditions that dependencies put on them.
//!
//! [`cargo_platform`] parses conditions, as in cargo. The properties of a target come from
//! [`cfg_expr`], never from a compiler, because the checkout can choose the compiler.
//!
//! Only the properties that define a target are certain, such as its operating system. Flags of the
//! compiler can change everything else, and flags can be set in places that the owners of the store
//! do not review: a configuration, an environment, a script. So unknown names, target features and
//! `debug_assertions` may be set or not: both `cfg(x)` and `cfg(not(x))` may hold.

mod flags;
mod specification;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use cargo_platform::{Cfg, CfgExpr, Ident};
use cfg_expr::targets::{ALL_BUILTINS, Endian, TargetInfo, get_builtin_target_by_triple};

pub use flags::Flags;
pub use specification::NotASpecification;

/// A target and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    name: String,
    /// The values that are certainly set.
    cfg: Vec<Cfg>,
    /// Names that are not set, except for the values in `cfg`.
    unset: BTreeSet<String>,
    /// Names that may be set or not, whatever the other fields say; `None` for all names.
    open: Option<BTreeSet<String>>,
}

/// The condition of a dependency: the key of its table `[target.KEY.dependencies]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition(cargo_platform::Platform);

/// Why a text is not a condition, in cargo's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadCondition(String);

/// The deepest nesting of a condition that is read. Cargo has no limit, but real conditions are far
/// below this one.
const DEEPEST: usize = 64;

/// The names that define a target. No flag of the compiler removes them.
const FIXED: [&str; 10] = [
    "target_arch",
    "target_endian",
    "target_env",
    "target_family",
    "target_has_atomic",
    "target_os",
    "target_pointer_width",
    "target_vendor",
    "unix",
    "windows",
];

/// Those of them that have no value.
const WITHOUT_VALUE: [&str; 2] = ["unix", "windows"];

/// Names that compilers set by themselves, so a project cannot declare them as never set.
const SET_BY_COMPILERS: [&str; 15] = [
    "contract_checks",
    "debug_assertions",
    "emscripten_wasm_eh",
    "false",
    "fmt_debug",
    "overflow_checks",
    "panic",
    "proc_macro",
    "relocation_model",
    "sanitize",
    "sanitizer_cfi_generalize_pointers",
    "sanitizer_cfi_normalize_integers",
    "true",
    "ub_checks",
    "version",
];

/// The operating systems on which a compiler runs: Rust is published for them, or their publishers
/// build it.
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

/// The possible results of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Possible {
    yes: bool,
    no: bool,
}

impl Possible {
    const EITHER: Possible = Possible { yes: true, no: true };

    fn only(holds: bool) -> Self {
        Possible { yes: holds, no: !holds }
    }
}

impl Platform {
    /// A target that is built into the compiler. `features` are the target features that are on.
    /// `None` if there is no such target.
    pub fn built_in<'f>(triple: &str, features: impl IntoIterator<Item = &'f str>) -> Option<Self> {
        Self::like(triple, triple, features)
    }

    /// A target with its own name that has the properties of a built-in one. For a target
    /// specification, the name is the file name without its extension. `None` if there is no such
    /// built-in target.
    pub fn like<'f>(name: &str, triple: &str, features: impl IntoIterator<Item = &'f str>) -> Option<Self> {
        let target = get_builtin_target_by_triple(triple)?;
        let mut cfg = values(target);
        cfg.extend(features.into_iter().map(|feature| pair("target_feature", feature)));
        let open = changed_over_time(target).map(str::to_owned).collect();
        Some(Platform { name: name.to_owned(), cfg, unset: BTreeSet::new(), open: Some(open) })
    }

    /// A target of which only the name is known.
    pub fn unknown(name: &str) -> Self {
        Platform { name: name.to_owned(), cfg: Vec::new(), unset: BTreeSet::new(), open: None }
    }

    /// The target with some names that are never set, unless [flags](Platform::apply) of the
    /// checkout set them.
    #[must_use]
    pub fn without(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.unset.extend(names);
        self
    }

    /// Takes flags of the compiler into account: what they may set or remove.
    pub fn apply(&mut self, flags: &Flags) {
        if flags.changes_everything {
            self.open = None;
        }
        self.open(flags.names.iter().map(String::as_str));
    }

    /// Marks names as possibly set.
    fn open<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        if let Some(open) = &mut self.open {
            open.extend(names.into_iter().map(str::to_owned));
        }
    }

    /// The triple, or the name of the target specification.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the compiler itself runs on such targets, and so build scripts and procedural
    /// macros.
    pub fn can_host(&self) -> bool {
        let is = |key: &str, value: &str| self.can_be(&pair(key, value)).yes;
        let is_uwp = self.cfg.contains(&pair("target_vendor", "uwp"));
        HOST_SYSTEMS.iter().any(|system| is("target_os", system)) && !is_uwp
    }

    /// Whether it is known for every built-in target if a name is set.
    pub fn is_property(name: &str) -> bool {
        FIXED.contains(&name)
    }

    /// All built-in triples.
    pub fn all_built_in() -> impl Iterator<Item = &'static str> {
        ALL_BUILTINS.iter().map(|target| target.triple.as_str())
    }

    /// The possible results for a single value.
    fn can_be(&self, cfg: &Cfg) -> Possible {
        let (Cfg::Name(name) | Cfg::KeyPair(name, _)) = cfg;
        let name = name.as_str();
        match &self.open {
            None => Possible::EITHER,
            Some(open) if open.contains(name) => Possible::EITHER,
            // Older compilers do not set this for some targets that have it.
            _ if *cfg == pair("target_has_atomic", "128") => Possible::EITHER,
            _ if self.cfg.contains(cfg) => Possible::only(true),
            // Some compilers set such names without a value, too, as nightly ones do with
            // `target_has_atomic`.
            _ if FIXED.contains(&name) && matches!(cfg, Cfg::Name(_)) && !WITHOUT_VALUE.contains(&name) => {
                Possible::EITHER
            }
            _ if FIXED.contains(&name) || self.unset.contains(name) => Possible::only(false),
            _ => Possible::EITHER,
        }
    }

    /// The possible results of an expression. If a name occurs twice, the two results are
    /// independent. So more conditions may hold than for the compiler, never fewer.
    fn can_become(&self, expression: &CfgExpr) -> Possible {
        match expression {
            // Names like others for cargo before version 1.88, which the checkout may choose.
            CfgExpr::True | CfgExpr::False => Possible::EITHER,
            CfgExpr::Value(cfg) => self.can_be(cfg),
            CfgExpr::Not(inner) => {
                let Possible { yes, no } = self.can_become(inner);
                Possible { yes: no, no: yes }
            }
            CfgExpr::All(all) => all.iter().fold(Possible::only(true), |before, one| {
                let one = self.can_become(one);
                Possible { yes: before.yes && one.yes, no: before.no || one.no }
            }),
            CfgExpr::Any(any) => any.iter().fold(Possible::only(false), |before, one| {
                let one = self.can_become(one);
                Possible { yes: before.yes || one.yes, no: before.no && one.no }
            }),
        }
    }
}

/// Whether a project cannot declare a name as never set, because compilers set it by themselves or
/// it is a property of the target.
pub fn is_set_by_compilers(name: &str) -> bool {
    SET_BY_COMPILERS.contains(&name) || FIXED.contains(&name) || name.starts_with("target_")
}

impl Condition {
    /// Whether a dependency under this condition may count for a target.
    pub fn may_hold(&self, platform: &Platform) -> bool {
        match &self.0 {
            cargo_platform::Platform::Name(name) => *name == platform.name,
            cargo_platform::Platform::Cfg(expression) => platform.can_become(expression).yes,
        }
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

/// The largest number of parentheses that are open at once.
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

/// The output of `rustc --print cfg` for the names in [`FIXED`].
fn values(target: &TargetInfo) -> Vec<Cfg> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let mut cfg = vec![
        pair("target_arch", target.arch.as_str()),
        pair("target_endian", if target.endian == Endian::big { "big" } else { "little" }),
        pair("target_env", &text(target.env.as_ref().map(|env| env.as_str()))),
        // rustc prints "none" for targets without operating system.
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

/// The names in [`FIXED`] that compilers of different versions set differently for a target. They
/// were found by comparing the targets of all compilers since Rust 1.69.
fn changed_over_time(target: &TargetInfo) -> impl Iterator<Item = &'static str> {
    let os = target.os.as_ref().map_or("none", |os| os.as_str());
    let vendor = target.vendor.as_ref().map_or("unknown", |vendor| vendor.as_str());
    // Older compilers do not set `p1`, `sim` and `macabi`.
    let is_env = ["wasi", "ios", "tvos", "watchos", "visionos", "freebsd", "netbsd", "psx"].contains(&os);
    let is_vendor = !["apple", "pc", "unknown"].contains(&vendor) || os == "nto";
    [
        (is_env, "target_env"),
        (is_vendor, "target_vendor"),
        (os == "psx", "target_os"),
        (os == "nuttx", "target_has_atomic"),
    ]
    .into_iter()
    .filter_map(|(changed, name)| changed.then_some(name))
}

#[cfg(test)]
mod tests;
