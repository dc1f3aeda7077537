//! The levels that a project or a user sets for warnings.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::{Code, Diagnostic, Located, Severity, wording};

/// How to treat a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Hide it.
    Allow,
    /// Show it. This is the default.
    Warn,
    /// Turn it into an error.
    Deny,
}

impl Level {
    /// All levels, the mildest first.
    pub const ALL: [Level; 3] = [Level::Allow, Level::Warn, Level::Deny];

    /// Returns the name that files and options use.
    pub fn name(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        Level::ALL.into_iter().find(|level| level.name() == text).ok_or(UnknownLevel)
    }
}

/// The error for a text that is not a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `allow`, `warn` or `deny`")]
pub struct UnknownLevel;

/// The levels that are set, by code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels(BTreeMap<Code, Located<Level>>);

impl Levels {
    /// Sets the level of a code. Replaces an earlier level of that code.
    pub fn set(&mut self, code: Code, level: Located<Level>) {
        self.0.insert(code, level);
    }

    /// Returns the level of a code, if one is set.
    pub fn get(&self, code: Code) -> Option<&Located<Level>> {
        self.0.get(&code)
    }

    /// Iterates over all levels that are set, in the order of codes.
    pub fn iter(&self) -> impl Iterator<Item = (Code, &Located<Level>)> {
        self.0.iter().map(|(code, level)| (*code, level))
    }

    /// Adds the levels of `others` for the codes that have no level here.
    #[must_use]
    pub fn or(mut self, others: &Levels) -> Self {
        for (code, level) in others.iter() {
            self.0.entry(code).or_insert_with(|| level.clone());
        }
        self
    }

    /// Applies the levels to a finding. Errors stay errors.
    pub fn judge(&self, finding: Diagnostic) -> Judgement {
        if finding.severity == Severity::Error {
            return Judgement::Shown(finding);
        }
        match self.get(finding.code) {
            None | Some(Located { value: Level::Warn, .. }) => Judgement::Shown(finding),
            Some(Located { value: Level::Allow, .. }) => Judgement::Dropped,
            Some(level @ Located { value: Level::Deny, .. }) => {
                let why = format!("a warning by default, denied {}", origin(finding.code, level));
                Judgement::Denied(Diagnostic { severity: Severity::Error, ..finding }.note(why))
            }
        }
    }
}

/// The result of applying levels to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The finding is shown unchanged.
    Shown(Diagnostic),
    /// The finding is hidden.
    Dropped,
    /// The finding was a warning and is now an error. A note says what made it an error.
    Denied(Diagnostic),
}

fn origin(code: Code, level: &Located<Level>) -> String {
    match &level.place {
        Some(place) => format!("by line {} of {}", place.line(), wording::shown(&place.source.name)),
        None => format!("by `--{} {code}` on the command line", level.value.name()),
    }
}

/// Returns an error if the code is never a warning, so that no level can be set for it.
pub fn not_a_warning(code: Code) -> Option<Diagnostic> {
    if code.may_warn() {
        return None;
    }
    let message = format!("{code} is never a warning ({}), so it has no level", code.title());
    Some(Diagnostic::error(Code::NotAWarning, message).help(format!("see `cargo vet explain {code}`")))
}
