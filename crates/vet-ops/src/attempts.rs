//! Commands that are made again when another one has changed the store meanwhile.

use vet_diagnostics::{Code, Diagnostic};

use crate::events::{HeldFindings, Observer};
use crate::session::{Session, StoreContents};

/// So many times a command reads the store again that another one changed meanwhile. Each time, another command has got
/// its work done; so this is for stores that are never left alone.
pub(crate) const MOST_ATTEMPTS: usize = 20;

/// Whether the store is not what it was when it was read, and nothing else is wrong.
pub(crate) fn is_store_changed(problems: &[Diagnostic]) -> bool {
    problems.iter().all(|problem| problem.code == Code::StoreChanged)
}

/// Makes an operation that reads the store and replaces it, again and again while other commands change the store in
/// between. What an attempt finds is told if it was the last one.
pub(crate) fn repeated<T>(
    observer: &dyn Observer,
    mut attempt: impl FnMut(&dyn Observer) -> Result<T, Vec<Diagnostic>>,
) -> Result<T, Vec<Diagnostic>> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let held = HeldFindings::new(observer);
        match attempt(&held) {
            Err(problems) if attempts < MOST_ATTEMPTS && is_store_changed(&problems) => {}
            result => {
                held.release();
                return result;
            }
        }
    }
}

/// Writes what the user agreed to when a session was read. If another command has changed the store meanwhile it is read again,
/// as long as the agreement stands with what it says now.
pub(crate) fn recorded<'p, T>(
    session: Session<'p, StoreContents>,
    observer: &dyn Observer,
    stands: impl Fn(&Session<'p, StoreContents>, &Session<'p, StoreContents>) -> bool,
    record: impl Fn(&Session<'p, StoreContents>, &dyn Observer) -> Result<T, Vec<Diagnostic>>,
) -> Result<T, Vec<Diagnostic>> {
    let mut session = session;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let held = HeldFindings::new(observer);
        match record(&session, &held) {
            Err(problems) if attempts < MOST_ATTEMPTS && is_store_changed(&problems) => {
                // What there is to say about the store was said when it was read first.
                let now = Session::read(session.context, &HeldFindings::new(observer))?;
                if !stands(&session, &now) {
                    return Err(problems);
                }
                session = now;
            }
            result => {
                held.release();
                return result;
            }
        }
    }
}
