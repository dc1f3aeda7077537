//! How bad warnings are, as a project or a user wants it.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::{Code, Diagnostic, Located, Severity, wording};

/// What becomes of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It is not shown.
    Allow,
    /// It is shown, as it is by default.
    Warn,
    /// It is an error.
    Deny,
}

impl Level {
    /// All of them, the mildest first.
    pub const ALL: [Level; 3] = [Level::Allow, Level::Warn, Level::Deny];

    /// The name, as files and options write it.
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

/// A text is no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `allow`, `warn` or `deny`")]
pub struct UnknownLevel;

/// The levels that are set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels(BTreeMap<Code, Located<Level>>);

impl Levels {
    /// Sets the level of a code. The last one that is set counts.
    pub fn set(&mut self, code: Code, level: Located<Level>) {
        self.0.insert(code, level);
    }

    /// The level of a code, if one is set.
    pub fn get(&self, code: Code) -> Option<&Located<Level>> {
        self.0.get(&code)
    }

    /// All that are set, in the order of codes.
    pub fn iter(&self) -> impl Iterator<Item = (Code, &Located<Level>)> {
        self.0.iter().map(|(code, level)| (*code, level))
    }

    /// These levels, and where they say nothing, others.
    #[must_use]
    pub fn or(mut self, others: &Levels) -> Self {
        for (code, level) in others.iter() {
            self.0.entry(code).or_insert_with(|| level.clone());
        }
        self
    }

    /// What becomes of a finding. Errors are what they are.
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

/// What becomes of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is told as it is.
    Shown(Diagnostic),
    /// Nobody wants to know.
    Dropped,
    /// It was a warning and is an error now, which says who made it one.
    Denied(Diagnostic),
}

fn origin(code: Code, level: &Located<Level>) -> String {
    match &level.place {
        Some(place) => format!("by line {} of {}", place.line(), wording::shown(&place.source.name)),
        None => format!("by `--{} {code}` on the command line", level.value.name()),
    }
}

/// What is wrong if a level is set for a finding that is never a warning.
pub fn not_a_warning(code: Code) -> Option<Diagnostic> {
    if code.may_warn() {
        return None;
    }
    let message = format!("{code} is never a warning ({}), so it has no level", code.title());
    Some(Diagnostic::error(Code::NotAWarning, message).help(format!("see `cargo vet explain {code}`")))
}
