//! What an operation tells while it runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use vet_diagnostics::{Diagnostic, Judgement, Levels};

/// Something worth telling before the outcome is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// What is done, and why; for those who want to know.
    Info(String),
    /// Something odd that does not stop the operation.
    Finding(Diagnostic),
    /// How bad findings are from now on: what the project and the user say together. [`Judge`] makes that so.
    Levels(Levels),
    /// Another process uses the store and is waited for.
    WaitingForStore,
    /// How far a longer piece of work is.
    Progress {
        /// The work.
        stage: Stage,
        /// How many parts of it are done.
        done: usize,
        /// How many there are.
        total: usize,
    },
}

/// Work that takes a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Fetching audits of peers.
    Imports,
    /// Asking crates.io about crates.
    CratesIo,
    /// Fetching the audit sets that the registry lists.
    Registry,
    /// Finding out how much there is to audit in crates.
    Measuring,
    /// Downloading packages.
    Packages,
    /// Asking the index what packages declare.
    Index,
    /// Asking the registry which packages are libraries.
    Libraries,
    /// Waiting for cargo, which may download packages, and does not say how many.
    Cargo,
}

/// Who is told. Events come from several threads.
pub trait Observer: Sync {
    /// Takes an event.
    fn notice(&self, event: Event);

    /// Gives away the findings that were told as warnings and are denied, as errors. Before something is written, and
    /// before a check gives an answer, they are asked for; if there are any, the operation fails with them.
    fn take_denied(&self) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// How bad findings are, as far as it was told.
    fn levels(&self) -> Levels {
        Levels::default()
    }
}

/// Fails if something was told that is denied.
pub(crate) fn refuse_denied(observer: &dyn Observer) -> Result<(), Vec<Diagnostic>> {
    let denied = observer.take_denied();
    if denied.is_empty() { Ok(()) } else { Err(denied) }
}

/// Gives findings the levels that are set for them, for an [`Observer`] to build on: whoever tells a warning need not know
/// of levels.
#[derive(Debug, Default)]
pub struct Judge {
    state: Mutex<JudgeState>,
}

#[derive(Debug, Default)]
struct JudgeState {
    levels: Levels,
    denied: Vec<Diagnostic>,
}

impl Judge {
    /// A judge who goes by these levels until a project says more.
    pub fn new(levels: Levels) -> Self {
        Judge { state: Mutex::new(JudgeState { levels, denied: Vec::new() }) }
    }

    /// The event to show, if any is left. What is denied is kept for [`take_denied`](Self::take_denied).
    pub fn judge(&self, event: Event) -> Option<Event> {
        let mut state = locked(&self.state);
        match event {
            Event::Levels(levels) => {
                state.levels = levels;
                None
            }
            Event::Finding(finding) => match state.levels.judge(finding) {
                Judgement::Shown(finding) => Some(Event::Finding(finding)),
                Judgement::Dropped => None,
                Judgement::Denied(finding) => {
                    state.denied.push(finding);
                    None
                }
            },
            other => Some(other),
        }
    }

    /// For [`Observer::levels`].
    pub fn levels(&self) -> Levels {
        locked(&self.state).levels.clone()
    }

    /// For [`Observer::take_denied`].
    pub fn take_denied(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut locked(&self.state).denied)
    }
}

/// Keeps findings back until it is sure that they are worth telling.
pub(crate) struct HeldFindings<'o> {
    observer: &'o dyn Observer,
    held: Mutex<Vec<Diagnostic>>,
    /// What is denied has to be known while it is held.
    levels: Mutex<Levels>,
}

impl<'o> HeldFindings<'o> {
    pub(crate) fn new(observer: &'o dyn Observer) -> Self {
        HeldFindings { observer, held: Mutex::default(), levels: Mutex::new(observer.levels()) }
    }

    /// Tells what was kept back.
    pub(crate) fn release(self) {
        let held = self.held.into_inner().unwrap_or_else(PoisonError::into_inner);
        held.into_iter().for_each(|finding| self.observer.notice(Event::Finding(finding)));
    }
}

impl Observer for HeldFindings<'_> {
    fn notice(&self, event: Event) {
        match event {
            Event::Finding(finding) => locked(&self.held).push(finding),
            Event::Levels(levels) => {
                locked(&self.levels).clone_from(&levels);
                self.observer.notice(Event::Levels(levels));
            }
            event => self.observer.notice(event),
        }
    }

    fn take_denied(&self) -> Vec<Diagnostic> {
        let levels = locked(&self.levels);
        let mut held = locked(&self.held);
        let mut denied = Vec::new();
        for finding in std::mem::take(&mut *held) {
            match levels.judge(finding.clone()) {
                Judgement::Denied(finding) => denied.push(finding),
                Judgement::Shown(_) | Judgement::Dropped => held.push(finding),
            }
        }
        denied
    }

    fn levels(&self) -> Levels {
        locked(&self.levels).clone()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use vet_diagnostics::{Code, Level, Located, Severity};

    use super::*;

    /// Notes what it is shown.
    #[derive(Default)]
    struct Notes {
        judge: Judge,
        shown: Mutex<Vec<Event>>,
    }

    impl Observer for Notes {
        fn notice(&self, event: Event) {
            locked(&self.shown).extend(self.judge.judge(event));
        }

        fn take_denied(&self) -> Vec<Diagnostic> {
            self.judge.take_denied()
        }

        fn levels(&self) -> Levels {
            self.judge.levels()
        }
    }

    fn levels(all: &[(Code, Level)]) -> Levels {
        let mut levels = Levels::default();
        all.iter().for_each(|(code, level)| levels.set(*code, Located::on_command_line(*level)));
        levels
    }

    fn warning(code: Code) -> Event {
        Event::Finding(Diagnostic::warning(code, "odd"))
    }

    fn codes(findings: &[Diagnostic]) -> Vec<(Code, Severity)> {
        findings.iter().map(|finding| (finding.code, finding.severity)).collect()
    }

    const DENY_ONE: [(Code, Level); 2] =
        [(Code::WildcardExpired, Level::Deny), (Code::WildcardExpiring, Level::Allow)];

    #[test]
    fn a_project_says_more_than_the_command_line() {
        let notes = Notes { judge: Judge::new(levels(&DENY_ONE[..1])), ..Notes::default() };
        notes.notice(warning(Code::WildcardExpiring));
        notes.notice(Event::Levels(levels(&DENY_ONE)));
        notes.notice(warning(Code::WildcardExpiring));
        notes.notice(warning(Code::WildcardExpired));
        notes.notice(Event::Info("done".to_owned()));
        assert_eq!(*locked(&notes.shown), [warning(Code::WildcardExpiring), Event::Info("done".to_owned())]);
        assert_eq!(codes(&refuse_denied(&notes).unwrap_err()), [(Code::WildcardExpired, Severity::Error)]);
        assert_eq!(refuse_denied(&notes), Ok(()), "it is said once");
    }

    #[test]
    fn what_is_held_is_judged_when_it_is_let_out() {
        let notes = Notes::default();
        let held = HeldFindings::new(&notes);
        held.notice(Event::Levels(levels(&DENY_ONE)));
        held.notice(warning(Code::WildcardExpiring));
        held.notice(warning(Code::WildcardExpired));
        held.notice(warning(Code::Unneeded));
        assert_eq!(notes.take_denied(), []);
        held.release();
        assert_eq!(*locked(&notes.shown), [warning(Code::Unneeded)]);
        assert_eq!(codes(&notes.take_denied()), [(Code::WildcardExpired, Severity::Error)]);
    }

    #[test]
    fn what_is_held_is_denied_before_something_is_written() {
        let notes = Notes::default();
        let held = HeldFindings::new(&notes);
        held.notice(Event::Levels(levels(&DENY_ONE)));
        held.notice(warning(Code::WildcardExpired));
        held.notice(warning(Code::Unneeded));
        assert_eq!(codes(&held.take_denied()), [(Code::WildcardExpired, Severity::Error)]);
        held.release();
        assert_eq!((locked(&notes.shown).len(), notes.take_denied().len()), (1, 0));
        // The same where the levels were told before.
        notes.notice(Event::Levels(levels(&DENY_ONE)));
        let held = HeldFindings::new(&notes);
        held.notice(warning(Code::WildcardExpired));
        assert_eq!(codes(&held.take_denied()), [(Code::WildcardExpired, Severity::Error)]);
    }
}
