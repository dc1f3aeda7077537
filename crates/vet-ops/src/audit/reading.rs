//! The common part of `inspect` and `diff`: what to tell users before they read, and where they
//! read.
//!
//! Reading helps even if a peer is unreachable or the network must not be used. So an operation
//! here fails only if the project is invalid, or if the crate or version does not exist.

mod in_use;
mod mode;

use vet_diagnostics::{Code, Diagnostic, Levels, Severity, wording};
use vet_fetch::archives::Sources;
use vet_graph::LockFile;
use vet_project::state::{LastModes, Look, ReviewHistory};
use vet_store::{Date, Store, Version};

use crate::arguments::criteria_texts;
use crate::arguments::version_in_use::version_in_use;
use crate::audit::default_criteria::likely_criteria;
use crate::fetched_store::{self, Network, NewTexts, Offline, WhenDown};
use crate::graph::WhenUnknown;
use crate::operation::context::Context;
use crate::operation::events::{Event, Observer};
use crate::operation::questions::CriterionText;
use crate::operation::report::{Report, Run};
use crate::session::Session;

pub(crate) use in_use::{unknown_crate, unknown_version};
pub use mode::Mode;
pub use vet_project::state::Command;

/// The subject to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingSubject {
    /// The crate.
    pub package: String,
    /// The version that the changes start from, for a delta audit.
    pub from: Option<Version>,
    /// The version, or the version that the changes lead to.
    pub to: Version,
}

impl ReadingSubject {
    fn command(&self) -> Command {
        match self.from {
            None => Command::Inspect,
            Some(_) => Command::Diff,
        }
    }

    /// The version, or both versions.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.from.iter().chain([&self.to])
    }
}

/// What a user wants to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This subject.
    Subject(ReadingSubject),
    /// The version of a crate that is in use.
    InUse {
        /// The crate.
        package: String,
    },
}

impl Wanted {
    fn subject(self, session: &Session<'_>) -> Result<ReadingSubject, Diagnostic> {
        match self {
            Wanted::Subject(subject) => Ok(subject),
            Wanted::InUse { package } => {
                let to = version_in_use(session, &package, "inspect")?.clone();
                Ok(ReadingSubject { package, from: None, to })
            }
        }
    }
}

/// What to tell a user before reading.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The subject.
    pub subject: ReadingSubject,
    /// Where to read it.
    pub at: At,
    /// The criteria that the user most likely wants to certify, with their texts. Empty if an audit
    /// would not help this project.
    pub likely: Vec<CriterionText>,
    looked_at: ReviewHistory,
    today: Date,
    /// The lock file of the project.
    pub(crate) lock: LockFile,
    /// The levels of findings in the project.
    pub(crate) levels: Levels,
    /// Where to find the sources of packages.
    pub(crate) sources: Sources,
}

impl Reading {
    /// Remembers that the subject was read. To be called once it is visible. `is_shown` says
    /// whether a person sees it at a terminal.
    pub fn remember(&self, is_shown: bool) {
        let ReadingSubject { package, from, to } = self.subject.clone();
        self.looked_at.remember(&Look { package, from, to, when: self.today, is_shown });
    }
}

/// Where the user wants to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Where the user last read.
    AsLast,
    /// In this mode, also the next time.
    Mode(Mode),
    /// On this machine, this time only.
    LocalOnce,
}

/// Where a subject is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// On this machine.
    Local,
    /// On a web page.
    Page(String),
}

/// Finds out what to tell a user before reading, and remembers the chosen mode. With `--locked`,
/// only local data is used.
///
/// # Errors
///
/// The project or the store cannot be read, or the crate or version does not exist, or it is
/// unclear which version is meant.
pub fn prepare(
    context: &Context,
    network: Network<'_>,
    wanted: Wanted,
    wish: Wish,
    observer: &dyn Observer,
) -> Report<Reading> {
    Report::of(observer, &context.overrides.levels, |run| {
        // A possible dependency may be treated as one here.
        let session = Session::read_when(&WhenUnknown::Assume, context, run)?;
        let subject = wanted.subject(&session)?;
        let is_in_use = in_use::check(&session, network, &subject, run)?;
        let store = up_to_date(&session, network, run);
        let store = store.as_ref().unwrap_or(&session.loaded.store);
        let ReadingSubject { package, from, to } = &subject;
        let graph = session.view_of(package);
        let likely = likely_criteria(&graph, &session.loaded.criteria, store, package, from.as_ref(), to);
        if likely.is_empty() && is_in_use {
            run.found(helps_nobody(&subject));
        }
        let likely = criteria_texts::texts(&likely, store, Some(network.client), run);
        let at = at(context, &subject, wish, run);
        let looked_at = ReviewHistory::of(&context.state, session.folder());
        let Session { lock, sources, settings, .. } = session;
        let levels = settings.diagnostics;
        Ok(Reading { subject, at, likely, looked_at, today: context.today, lock, sources, levels })
    })
}

/// The store after everything was fetched, if fetching is allowed and succeeds.
fn up_to_date(session: &Session<'_>, network: Network<'_>, run: &Run<'_>) -> Option<Store> {
    if session.context.locked {
        return None;
    }
    let offline = Offline::of(session);
    // Nothing is written, so new texts of criteria do not matter.
    match fetched_store::fetch(offline, network, WhenDown::UseLocked, NewTexts::Accept, run) {
        Ok(fetched) => Some(fetched.store),
        Err(problems) => {
            for problem in problems {
                let warning = Diagnostic { severity: Severity::Warning, ..problem };
                run.found(warning);
            }
            None
        }
    }
}

fn at(context: &Context, subject: &ReadingSubject, wish: Wish, run: &Run<'_>) -> At {
    let (command, modes) = (subject.command(), LastModes::of(&context.state, context.cache.folder()));
    let is_from_git = subject.versions().any(|version| version.git_rev.is_some());
    let mode = match wish {
        Wish::LocalOnce => Mode::Local,
        Wish::Mode(mode) if is_from_git => {
            if mode != Mode::Local {
                let remark = "no website shows git versions; reading on this machine";
                run.notice(Event::Info(remark.to_owned()));
            }
            Mode::Local
        }
        Wish::AsLast if is_from_git => Mode::Local,
        Wish::Mode(mode) => {
            modes.remember(command, &mode.to_string());
            mode
        }
        Wish::AsLast => {
            let last = modes.last(command).and_then(|text| Mode::read(&text, command).ok());
            last.unwrap_or_else(|| Mode::at_first(command))
        }
    };
    match mode {
        Mode::Local => At::Local,
        Mode::Page { template, .. } => At::Page(mode::address(&template, subject)),
    }
}

fn helps_nobody(subject: &ReadingSubject) -> Diagnostic {
    let ReadingSubject { package, from, to } = subject;
    let package = wording::shown(package);
    let what = match from {
        None => format!("`{package} {to}`"),
        Some(from) => format!("the changes of `{package}` from {from} to {to}"),
    };
    Diagnostic::warning(Code::NotRequired, format!("an audit of {what} would not help this project"))
        .note("all requirements are met, a different version lacks an audit, or audits contradict each other")
        .help("run `cargo vet suggest` to see what to audit next")
}
