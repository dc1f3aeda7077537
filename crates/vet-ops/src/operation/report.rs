//! What an operation answers, and what it finds on the way.
//!
//! Findings take one way: code that finds something tells its `Run`, which keeps it until the
//! operation ends. The levels that the project and the command line set are applied there, and
//! nowhere else.

use std::sync::{Mutex, MutexGuard, PoisonError};

use vet_diagnostics::{Diagnostic, Judgement, Levels, Problems, Severity};

use crate::operation::events::{Event, Observer};
use crate::operation::questions::Prompter;

/// The result of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Report<T> {
    /// The answer, or why there is none.
    pub answer: Result<T, Problems>,
    /// Warnings, in the order in which they were found, without those that are allowed.
    pub findings: Vec<Diagnostic>,
    /// Warnings that are denied, as errors. With one of them the command fails, even if there is an
    /// answer. Nothing was written to the store after they were found.
    pub denied: Vec<Diagnostic>,
}

impl<T> Report<T> {
    /// Runs an operation. Findings have these levels until the operation reads others.
    pub(crate) fn of(
        observer: &dyn Observer,
        levels: &Levels,
        operation: impl FnOnce(&Run<'_>) -> Result<T, Problems>,
    ) -> Self {
        let run = Run::new(observer, levels);
        let answer = operation(&run);
        let Judged { findings, denied } = run.judged();
        Report { answer, findings, denied }
    }
}

/// An operation while it runs. Its parts tell it what they do and what they find, from several
/// threads.
pub(crate) struct Run<'o> {
    observer: &'o dyn Observer,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    levels: Levels,
    /// The findings, before levels are applied.
    found: Vec<Diagnostic>,
    /// Findings that are errors because they are denied.
    denied: Vec<Diagnostic>,
}

/// Findings after levels were applied.
struct Judged {
    findings: Vec<Diagnostic>,
    denied: Vec<Diagnostic>,
}

impl<'o> Run<'o> {
    pub(crate) fn new(observer: &'o dyn Observer, levels: &Levels) -> Self {
        let state = State { levels: levels.clone(), ..State::default() };
        Run { observer, state: Mutex::new(state) }
    }

    /// Reports progress.
    pub(crate) fn notice(&self, event: Event) {
        self.observer.notice(event);
    }

    /// Takes a finding.
    pub(crate) fn found(&self, finding: Diagnostic) {
        self.state().found.push(finding);
    }

    /// The receiver of progress.
    pub(crate) fn observer(&self) -> &'o dyn Observer {
        self.observer
    }

    /// Sets the levels of the project. They also apply to what was found before.
    pub(crate) fn set_levels(&self, levels: &Levels) {
        self.state().levels.clone_from(levels);
    }

    pub(crate) fn levels(&self) -> Levels {
        self.state().levels.clone()
    }

    /// The denied findings so far, as errors. They are taken out of the findings.
    pub(crate) fn take_denied(&self) -> Vec<Diagnostic> {
        let mut state = self.state();
        let State { levels, found, denied } = &mut *state;
        let mut denied = std::mem::take(denied);
        found.retain(|finding| match levels.judge(finding.clone()) {
            Judgement::Denied(finding) => {
                denied.push(finding);
                false
            }
            Judgement::Shown(_) | Judgement::Dropped => true,
        });
        denied
    }

    /// Fails if something that was found is denied. To be called before something is written, and
    /// before a check returns its answer.
    pub(crate) fn refuse_denied(&self) -> Result<(), Problems> {
        let denied = self.take_denied();
        if denied.is_empty() { Ok(()) } else { Err(denied.into()) }
    }

    /// Shows the user what was found so far, before a question.
    pub(crate) fn show_to(&self, prompter: &dyn Prompter) {
        let mut state = self.state();
        let found = std::mem::take(&mut state.found);
        let Judged { findings, denied } = judged(&state.levels, found);
        state.denied.extend(denied);
        drop(state);
        if !findings.is_empty() {
            prompter.inform(&findings);
        }
    }

    /// Starts an attempt. What it finds counts if it is [kept](Self::keep).
    pub(crate) fn attempt(&self) -> Run<'o> {
        Run::new(self.observer, &self.levels())
    }

    /// Takes over what an attempt found.
    pub(crate) fn keep(&self, attempt: Run<'_>) {
        let of_attempt = attempt.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state();
        state.levels = of_attempt.levels;
        state.found.extend(of_attempt.found);
        state.denied.extend(of_attempt.denied);
    }

    fn judged(self) -> Judged {
        let State { levels, found, mut denied } =
            self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let found = judged(&levels, found);
        denied.extend(found.denied);
        Judged { denied, ..found }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn judged(levels: &Levels, found: Vec<Diagnostic>) -> Judged {
    let (mut findings, mut denied) = (Vec::new(), Vec::new());
    for finding in found {
        match levels.judge(finding) {
            Judgement::Shown(finding) => findings.push(finding),
            Judgement::Dropped => {}
            Judgement::Denied(finding) => denied.push(finding),
        }
    }
    Judged { findings, denied }
}

/// Turns warnings into errors.
pub(crate) fn as_errors(doubts: Vec<Diagnostic>) -> Vec<Diagnostic> {
    doubts.into_iter().map(|doubt| Diagnostic { severity: Severity::Error, ..doubt }).collect()
}

#[cfg(test)]
mod tests {
    use vet_diagnostics::{Code, Level, Located};

    use super::*;

    struct Silent;

    impl Observer for Silent {
        fn notice(&self, _: Event) {}
    }

    fn levels(all: &[(Code, Level)]) -> Levels {
        let mut levels = Levels::default();
        all.iter().for_each(|(code, level)| levels.set(*code, Located::on_command_line(*level)));
        levels
    }

    fn warning(code: Code) -> Diagnostic {
        Diagnostic::warning(code, "odd")
    }

    fn codes(findings: &[Diagnostic]) -> Vec<(Code, Severity)> {
        findings.iter().map(|finding| (finding.code, finding.severity)).collect()
    }

    const DENY_ONE: [(Code, Level); 2] =
        [(Code::WildcardExpired, Level::Deny), (Code::WildcardExpiring, Level::Allow)];
    const DENIED: [(Code, Severity); 1] = [(Code::WildcardExpired, Severity::Error)];

    #[test]
    fn levels_apply_to_all_findings_of_an_operation() {
        let report = Report::of(&Silent, &levels(&DENY_ONE[..1]), |run| {
            run.found(warning(Code::WildcardExpiring));
            run.set_levels(&levels(&DENY_ONE));
            run.found(warning(Code::WildcardExpiring));
            run.found(warning(Code::WildcardExpired));
            run.found(warning(Code::Unneeded));
            Ok(1)
        });
        assert_eq!(report.findings, [warning(Code::Unneeded)]);
        assert_eq!((codes(&report.denied).as_slice(), report.answer), (DENIED.as_slice(), Ok(1)));
    }

    #[test]
    fn a_denied_finding_is_reported_once() {
        let report = Report::of(&Silent, &levels(&DENY_ONE), |run| {
            run.found(warning(Code::WildcardExpired));
            let refused = run.refuse_denied();
            assert_eq!(run.refuse_denied(), Ok(()));
            refused
        });
        assert_eq!((report.findings, report.denied), (vec![], vec![]));
        assert_eq!(codes(report.answer.unwrap_err().as_slice()), DENIED);
    }

    #[test]
    fn only_attempts_that_count_are_reported() {
        let report = Report::of(&Silent, &Levels::default(), |run| {
            run.attempt().found(warning(Code::WildcardExpiring));
            let attempt = run.attempt();
            attempt.set_levels(&levels(&DENY_ONE));
            attempt.found(warning(Code::WildcardExpired));
            attempt.found(warning(Code::Unneeded));
            run.keep(attempt);
            Ok(())
        });
        assert_eq!(report.findings, [warning(Code::Unneeded)]);
        assert_eq!(codes(&report.denied), DENIED);
    }

    #[test]
    fn what_is_denied_in_an_attempt_stops_it() {
        let run = Run::new(&Silent, &levels(&DENY_ONE));
        let attempt = run.attempt();
        attempt.found(warning(Code::WildcardExpired));
        attempt.found(warning(Code::Unneeded));
        assert_eq!(codes(attempt.refuse_denied().unwrap_err().as_slice()), DENIED);
        run.keep(attempt);
        assert_eq!(run.judged().findings, [warning(Code::Unneeded)]);
    }
}
