//! Events that an operation reports while it runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use vet_diagnostics::{Diagnostic, Judgement, Levels, Severity};

/// An event that an operation reports before its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// What is being done, and why; for verbose output.
    Info(String),
    /// What is found on the way, such as what did not have to be done; for more verbose output.
    Debug(String),
    /// A finding that does not stop the operation.
    Finding(Diagnostic),
    /// The levels of findings from now on, from the project and the command line. [`Judge`] applies
    /// them.
    Levels(Levels),
    /// Another process uses the store, and the operation waits for it.
    WaitingForStore,
    /// The progress of a longer task.
    Progress {
        /// The task.
        stage: Stage,
        /// The number of completed steps.
        done: usize,
        /// The total number of steps.
        total: usize,
    },
}

/// A task that takes a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Fetching audits of peers.
    Imports,
    /// Asking crates.io about crates.
    CratesIo,
    /// Fetching the audit sets that the registry lists.
    Registry,
    /// Measuring how much there is to audit.
    Measuring,
    /// Downloading packages.
    Packages,
    /// Asking the index what packages declare.
    Index,
    /// Asking the registry which packages are libraries.
    Libraries,
    /// Waiting for cargo, which may download packages and does not report how many.
    Cargo,
}

/// A receiver of events. Events come from several threads.
pub trait Observer: Sync {
    /// Takes an event.
    fn notice(&self, event: Event);

    /// Returns, as errors, the findings that were reported as warnings and are denied. Operations
    /// ask for them before they write and before a check returns its answer. If there are any, the
    /// operation fails with them.
    fn take_denied(&self) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// The levels of findings that were last reported.
    fn levels(&self) -> Levels {
        Levels::default()
    }
}

/// Fails if a reported finding is denied.
pub(crate) fn refuse_denied(observer: &dyn Observer) -> Result<(), Vec<Diagnostic>> {
    let denied = observer.take_denied();
    if denied.is_empty() { Ok(()) } else { Err(denied) }
}

/// Turns warnings into errors.
pub(crate) fn as_errors(doubts: Vec<Diagnostic>) -> Vec<Diagnostic> {
    doubts.into_iter().map(|doubt| Diagnostic { severity: Severity::Error, ..doubt }).collect()
}

/// Applies levels to findings; an [`Observer`] can build on it. Code that reports a warning need
/// not know the levels.
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
    /// Creates a judge with the levels that apply until the project sets others.
    pub fn new(levels: Levels) -> Self {
        Judge { state: Mutex::new(JudgeState { levels, denied: Vec::new() }) }
    }

    /// The event to show, if any. Denied findings are kept for [`take_denied`](Self::take_denied).
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

    /// The implementation of [`Observer::levels`].
    pub fn levels(&self) -> Levels {
        locked(&self.state).levels.clone()
    }

    /// The implementation of [`Observer::take_denied`].
    pub fn take_denied(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut locked(&self.state).denied)
    }
}

/// Holds findings back until it is certain that they are worth reporting.
pub(crate) struct HeldFindings<'o> {
    observer: &'o dyn Observer,
    held: Mutex<Vec<Diagnostic>>,
    /// Levels are also needed here: a denied finding must be known while it is held back.
    levels: Mutex<Levels>,
}

impl<'o> HeldFindings<'o> {
    pub(crate) fn new(observer: &'o dyn Observer) -> Self {
        HeldFindings { observer, held: Mutex::default(), levels: Mutex::new(observer.levels()) }
    }

    /// Reports the findings that were held back.
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

    /// Records what it is shown.
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
        // The same if the levels were reported earlier.
        notes.notice(Event::Levels(levels(&DENY_ONE)));
        let held = HeldFindings::new(&notes);
        held.notice(warning(Code::WildcardExpired));
        assert_eq!(codes(&held.take_denied()), [(Code::WildcardExpired, Severity::Error)]);
    }
}
