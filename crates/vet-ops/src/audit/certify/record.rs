//! The third step: writes what was certified, and updates the rest of the store.

use std::collections::BTreeSet;

use vet_diagnostics::{Code, Diagnostic, Problems, wording};

use super::contradictions;
use super::entry::NewEntry;
use super::merge::merge_all;
use super::outcome::{CertifyOutcome, Fate, Recorded};
use super::pending::PendingAudit;
use super::stages::{Prepared, Signed};
use crate::evaluation::withdrawn::warn_of_next_locked;
use crate::fetched_store::{self, Network, Offline};
use crate::operation::changes::Changes;
use crate::operation::events::Observer;
use crate::operation::report::{Report, Run};
use crate::session::Session;
use crate::session::attempts::recorded;
use crate::update::with_new_entries;

/// Records all audits, or none, if what the user agreed to still means the same.
///
/// Without a network, it uses the locked entries.
///
/// # Errors
///
/// Something cannot be fetched or written, or the store has changed so that the user must be asked
/// again. Text that the user has written is then kept as a draft.
pub fn record(
    signed: Signed<'_>,
    network: Option<Network<'_>>,
    observer: &dyn Observer,
) -> Report<CertifyOutcome> {
    let levels = signed.levels();
    Report::of(observer, &levels, |run| {
        let (Prepared { session, audits, force, merge, .. }, text) = signed.into_parts();
        let context = session.context;
        let stands = |before: &Session<'_>, now: &Session<'_>| means_the_same(before, now, &audits, force);
        let result =
            recorded(session, run, stands, |session, run| add(session, network, &audits, merge, run));
        match (result, text) {
            (Ok(outcome), Some(text)) => {
                text.remove(context.dry_run, run);
                Ok(outcome)
            }
            (Err(problems), Some(text)) => Err(text.keep(problems.into_vec()).into()),
            (result, None) => result,
        }
    })
}

/// Whether an agreement is still valid after the store changed: the texts of the criteria are the
/// same, and the crates are in use.
fn means_the_same(before: &Session<'_>, now: &Session<'_>, audits: &[PendingAudit], force: bool) -> bool {
    let meaning = |session: &Session<'_>, names: &[String]| {
        let criteria = &session.loaded.criteria;
        let names =
            criteria.set(names).iter().map(|index| criteria.name(index).to_owned()).collect::<Vec<_>>();
        let entries = names.iter().map(|name| session.loaded.store.audits.criteria.get(name).cloned());
        let entries: Vec<_> = entries.collect();
        (names, entries)
    };
    audits.iter().all(|audit| {
        let names = audit.entry.criteria();
        let is_used = || force || now.graph.uses_third_party(audit.package());
        meaning(before, names) == meaning(now, names) && is_used()
    })
}

/// Adds entries to the store that was read, if the store has not changed.
fn add(
    session: &Session<'_>,
    network: Option<Network<'_>>,
    audits: &[PendingAudit],
    merges: bool,
    run: &Run<'_>,
) -> Result<CertifyOutcome, Problems> {
    let criteria = &session.loaded.criteria;
    let before = &session.loaded.store;
    let mut recorded = Vec::new();
    let mut store = before.clone();
    for audit in audits {
        let name = audit.package().to_owned();
        let (entry, fate) = match audit.known_in(before, criteria).filter(|_| !audit.again) {
            Some(known) => (known, Fate::KnownBefore),
            None => {
                let old = audit.entry.covered_by(before, criteria, &name);
                // If it is recorded again, the user was asked about it.
                if let Some(old) = old.first().filter(|_| !audit.again) {
                    run.found(audited_by_others(audit, old));
                }
                audit.entry.add_to(&mut store, &name);
                (audit.entry.clone(), Fate::Added)
            }
        };
        recorded.push(Recorded { name, entry, fate });
    }
    let names: BTreeSet<&str> = audits.iter().map(PendingAudit::package).collect();
    if recorded.iter().all(|one| one.fate == Fate::KnownBefore) {
        let changes = Changes::none(session.context);
        return Ok(CertifyOutcome::of(recorded, session, before, &names, changes));
    }
    let mut fetched = match network {
        None => store,
        Some(network) => {
            let offline = Offline { store: &store, ..Offline::of(session) };
            fetched_store::fetch_or_use_locked(offline, network, run)?.store
        }
    };
    if merges {
        merge_all(&mut fetched, before, criteria, &mut recorded, run);
    }
    let audits = recorded.iter().filter(|one| one.fate != Fate::KnownBefore);
    let audits = audits.map(|one| (one.name.as_str(), &one.entry));
    for warning in contradictions::warnings(audits, session, &fetched) {
        run.found(warning);
    }
    let after = with_new_entries(session, &fetched, &names);
    warn_of_next_locked(session, &after, run);
    let changes = session.replace(after.clone(), run)?;
    for one in recorded.iter_mut().filter(|one| one.fate != Fate::KnownBefore) {
        if !one.entry.is_in(&after, &one.name) {
            one.fate = Fate::NotKept;
            run.found(not_kept(one));
        }
    }
    Ok(CertifyOutcome::of(recorded, session, &after, &names, changes))
}

fn not_kept(one: &Recorded) -> Diagnostic {
    let (title, name) = (one.entry.title(&one.name), wording::shown(&one.name));
    let message = format!("the audit of `{title}` was not kept, because no package in use needs it");
    Diagnostic::warning(Code::AuditNotKept, message)
        .note("an audit of a git revision does not help other projects, so it is kept only while this project needs it")
        .help(format!("see what `{name}` needs with `cargo vet suggest`"))
}

/// Others have audited the same. The audit is recorded anyway.
fn audited_by_others(audit: &PendingAudit, old: &NewEntry) -> Diagnostic {
    let who = wording::list(old.who().iter().map(String::as_str), "and");
    let by = if who.is_empty() { String::new() } else { format!(" by {who}") };
    let title = audit.entry.title(audit.package());
    let message = format!("`{title}` was audited before{by}; this audit is recorded as well");
    Diagnostic::warning(Code::AuditedAlready, message)
}
