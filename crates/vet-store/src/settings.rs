//! The settings of a project: what `vet.toml` may say.
//!
//! They are this tool's own. The original ignores the file, so nothing that other projects rely on may stand here: a
//! setting says what is looked at and what is told, never what is trusted.
//!
//! Values know where they stand, because what is wrong with some of them, such as the name of a target, shows only
//! later and elsewhere.

use std::collections::BTreeMap;

use vet_diagnostics::{Levels, Located};

/// The newest version of `vet.toml` that is understood.
pub const VERSION: u64 = 1;

/// Everything that is set. The default is what counts without a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Which part of the dependency graph is looked at.
    pub graph: GraphSettings,
    /// How bad warnings are.
    pub diagnostics: Levels,
}

/// Which part of the dependency graph is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphSettings {
    /// The targets that the project is built for; `None`: all there are. Never empty.
    pub targets: Option<Vec<TargetSetting>>,
    /// The targets on which build scripts and procedural macros run; `None`: those of `targets` that can. Never empty.
    pub hosts: Option<Vec<TargetSetting>>,
    /// The names in conditions that are never set, whatever flags there are: `cfg(NAME)` and `cfg(NAME = …)` do not hold.
    pub unset_cfg: Vec<Located<String>>,
    /// Whether what only development needs is left out.
    pub exclude_dev: bool,
    /// The members of the workspace that are looked at.
    pub members: MemberSettings,
    /// The features of members, by the name of the member. Members that are not named have all their features.
    pub features: BTreeMap<String, MemberFeatures>,
}

/// A target, or a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetSetting {
    /// The name of a target that rustc knows, or the path of a target specification, which ends in `.json` and is
    /// relative to the root of the workspace.
    pub triple: Located<String>,
    /// The built-in target that has the same properties, for a target that is not built in.
    pub like: Option<Located<String>>,
    /// Target features that are on besides those that the target has by itself.
    pub features: Vec<Located<String>>,
}

impl TargetSetting {
    /// Whether the target is a file with a specification, and none that rustc knows by name.
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
    /// All of them.
    #[default]
    All,
    /// These. Never empty.
    Only(Vec<Located<String>>),
    /// All but these. Never empty.
    AllBut(Vec<Located<String>>),
}

/// The features of a member that are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFeatures {
    /// The member.
    pub member: Located<String>,
    /// Its features, and perhaps [`NOT_DEFAULT`](Self::NOT_DEFAULT). May be empty.
    pub names: Vec<Located<String>>,
}

impl MemberFeatures {
    /// What stands in the list if `default` is off, which is on otherwise, as for cargo.
    pub const NOT_DEFAULT: &str = "-default";

    /// Whether `default` is on even if it is not named.
    pub fn default_is_on(&self) -> bool {
        !self.names.iter().any(|name| name.value == Self::NOT_DEFAULT)
    }

    /// The features that are named.
    pub fn named(&self) -> impl Iterator<Item = &Located<String>> {
        self.names.iter().filter(|name| name.value != Self::NOT_DEFAULT)
    }
}
