//! The settings of a project: the content of `vet.toml`.
//!
//! The settings belong to this tool. The original ignores the file, so it must not contain anything
//! that other projects rely on. A setting decides what is checked and what is reported, never what
//! is trusted.
//!
//! Values know their places, because some problems, such as an unknown target, show only later and
//! elsewhere.

use std::collections::BTreeMap;

use vet_diagnostics::{Levels, Located};

/// The newest version of `vet.toml` that this tool reads.
pub const VERSION: u64 = 1;

/// All settings. The default applies if there is no file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The part of the dependency graph that is checked.
    pub graph: GraphSettings,
    /// The levels of warnings.
    pub diagnostics: Levels,
}

/// The part of the dependency graph that is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphSettings {
    /// The targets that the project is built for, or `None` for all targets. Never empty.
    pub targets: Option<Vec<TargetSetting>>,
    /// The targets on which build scripts and procedural macros run, or `None` for those of
    /// `targets` that can. Never empty.
    pub hosts: Option<Vec<TargetSetting>>,
    /// The names that are never set in conditions, whatever flags a build uses: `cfg(NAME)` and
    /// `cfg(NAME = …)` are false.
    pub unset_cfg: Vec<Located<String>>,
    /// Whether packages that only development needs are left out.
    pub exclude_dev: bool,
    /// The members of the workspace that are checked.
    pub members: MemberSettings,
    /// The features of members, by name of the member. Members without an entry have all their
    /// features.
    pub features: BTreeMap<String, MemberFeatures>,
}

/// A target, or a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetSetting {
    /// The name of a target that rustc knows, or the path of a target specification. The path ends
    /// in `.json` and is relative to the root of the workspace.
    pub triple: Located<String>,
    /// For a target that is not built in: the built-in target with the same properties.
    pub like: Option<Located<String>>,
    /// Target features that are on in addition to those of the target.
    pub features: Vec<Located<String>>,
}

impl TargetSetting {
    /// Whether the target is a specification file and not a name that rustc knows.
    pub fn is_specification(&self) -> bool {
        is_specification(&self.triple.value)
    }
}

pub(crate) fn is_specification(triple: &str) -> bool {
    triple.ends_with(".json")
}

/// Members of the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MemberSettings {
    /// All members.
    #[default]
    All,
    /// Only these members. Never empty.
    Only(Vec<Located<String>>),
    /// All members except these. Never empty.
    AllBut(Vec<Located<String>>),
}

/// The features of a member that are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFeatures {
    /// The member.
    pub member: Located<String>,
    /// The features, and possibly [`NOT_DEFAULT`](Self::NOT_DEFAULT). May be empty.
    pub names: Vec<Located<String>>,
}

impl MemberFeatures {
    /// The list element that turns `default` off. Without it, `default` is on, as in cargo.
    pub const NOT_DEFAULT: &str = "-default";

    /// Whether `default` is on even if the list does not name it.
    pub fn default_is_on(&self) -> bool {
        !self.names.iter().any(|name| name.value == Self::NOT_DEFAULT)
    }

    /// Iterates over the named features.
    pub fn named(&self) -> impl Iterator<Item = &Located<String>> {
        self.names.iter().filter(|name| name.value != Self::NOT_DEFAULT)
    }
}
