//! Retries commands if another command changes the store while they run.

use vet_diagnostics::{Code, Diagnostic, Problems};

use crate::operation::report::Run;
use crate::session::Session;

/// How often a command reads the store again because another command changed it. Each time, the
/// other command has finished its work, so the limit matters only for stores that change all the
/// time.
const MOST_ATTEMPTS: usize = 100;

/// Whether the only problem is that the store changed after it was read.
pub(crate) fn is_store_changed(problems: &[Diagnostic]) -> bool {
    problems.iter().all(|problem| problem.code == Code::StoreChanged)
}

/// Repeats an operation that reads and replaces the store while other commands change the store in
/// between. Reports the findings of the last attempt only.
pub(crate) fn repeated<T>(
    run: &Run<'_>,
    mut attempt: impl FnMut(&Run<'_>) -> Result<T, Problems>,
) -> Result<T, Problems> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let attempted = run.attempt();
        match attempt(&attempted) {
            Err(problems) if attempts < MOST_ATTEMPTS && is_store_changed(problems.as_slice()) => {}
            result => {
                run.keep(attempted);
                return result;
            }
        }
    }
}

/// Writes what the user agreed to when the session was read. If another command has changed the
/// store since, reads it again and continues as long as `stands` says that the agreement is still
/// valid.
pub(crate) fn recorded<'p, T>(
    session: Session<'p>,
    run: &Run<'_>,
    stands: impl Fn(&Session<'p>, &Session<'p>) -> bool,
    record: impl Fn(&Session<'p>, &Run<'_>) -> Result<T, Problems>,
) -> Result<T, Problems> {
    let mut session = session;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let attempted = run.attempt();
        match record(&session, &attempted) {
            Err(problems) if attempts < MOST_ATTEMPTS && is_store_changed(problems.as_slice()) => {
                // Findings about the store were already reported when it was first read.
                let now = Session::open(session.context, &run.attempt())?;
                if !stands(&session, &now) {
                    return Err(problems);
                }
                session = now;
            }
            result => {
                run.keep(attempted);
                return result;
            }
        }
    }
}
