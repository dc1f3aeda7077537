//! The second step: the user says which criteria are met, and makes the statement.

use vet_diagnostics::{Code, Diagnostic, Problems, wording};
use vet_fetch::http::Client;
use vet_store::Store;

use super::editor::{Signing, Written};
use super::pending::PendingAudit;
use super::stages::{Prepared, Signed, Text};
use super::{Consent, contradictions};
use crate::operation::events::Observer;
use crate::operation::questions::{CriteriaQuestion, Prompter, StatementAnswer};
use crate::operation::report::{Report, Run};

/// Asks the user which criteria are met, unless they are known, and for consent. Texts of criteria
/// that have to be fetched need a client.
///
/// # Errors
///
/// The user cannot be asked or does not consent, or no likely criteria are known although they are
/// to be taken. Text that the user has written is kept as a draft.
pub fn sign<'c>(
    mut prepared: Prepared<'c>,
    consent: Consent,
    client: Option<&Client>,
    prompter: &dyn Prompter,
    observer: &dyn Observer,
) -> Report<Signed<'c>> {
    let levels = prepared.session.settings.diagnostics.clone();
    Report::of(observer, &levels, |run| {
        // The user gives a list to avoid one question per line.
        let takes_likely = match consent {
            Consent::GivenWithLikelyCriteria => true,
            Consent::Statement => prepared.is_list,
            Consent::Given => false,
        };
        complete_criteria(&mut prepared, takes_likely, prompter, run)?;
        confirm_unread(&prepared, prompter)?;
        let notes = prepared.notes.clone();
        if consent != Consent::Statement {
            return prepared.agreed(notes);
        }
        if let Some(question) = known_before(&prepared) {
            match prompter.agrees(&question)? {
                true => prepared.audits.iter_mut().for_each(|audit| audit.again = true),
                false => return prepared.agreed(notes),
            }
        }
        // Warn before the user writes a text for it.
        warn_of_violations(&prepared, run);
        let draft = prepared.draft();
        let texts = prepared.criteria_texts_in(client, run);
        run.show_to(prompter);
        run.refuse_denied()?;
        let statement = prepared.statement();
        let has_text = notes.is_some() || draft.path().exists();
        if prepared.is_small() && !has_text {
            let short = statement.replacen(" the above criteria", " the criteria", 1);
            match prompter.sign(&short, &texts)? {
                StatementAnswer::Yes => return prepared.agreed(None),
                StatementAnswer::No => return Err(not_certified().into()),
                StatementAnswer::Editor => {}
            }
        }
        let signing = Signing {
            criteria: &texts,
            statement: &statement,
            notes: notes.as_deref().unwrap_or_default(),
            draft: &draft,
        };
        let Written { notes: written, left_out } = signing.ask(prompter)?;
        let text = Text { draft, is_changed: written != notes, left_out };
        let signed = prepared.agreed(written)?;
        Ok(Signed { text: Some(text), ..signed })
    })
}

/// Takes the likely criteria of audits that have none, or asks the user.
fn complete_criteria(
    prepared: &mut Prepared<'_>,
    takes_likely: bool,
    prompter: &dyn Prompter,
    run: &Run<'_>,
) -> Result<(), Problems> {
    let open = prepared.audits.iter().enumerate().filter(|(_, audit)| audit.entry.criteria().is_empty());
    let open: Vec<usize> = open.map(|(index, _)| index).collect();
    let mut problems = Vec::new();
    for index in open {
        let Some(audit) = prepared.audits.get(index) else { continue };
        let chosen = match takes_likely {
            true if audit.likely.is_empty() => {
                problems.push(audit.blame(no_guess(audit)));
                continue;
            }
            true => audit.likely.clone(),
            false => {
                let choices = prepared.choices_in(run);
                let (about, preselected) = (audit.subject.title(), audit.likely.clone());
                let question = CriteriaQuestion { about, choices, preselected };
                run.show_to(prompter);
                prompter.choose_criteria(&question)?
            }
        };
        prepared.choose(index, &chosen)?;
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}

/// Asks about audits of a list that were never shown to a person.
fn confirm_unread(prepared: &Prepared<'_>, prompter: &dyn Prompter) -> Result<(), Problems> {
    /// The maximum number of audits that are named.
    const MOST: usize = 20;
    if !prepared.is_list || prepared.unread {
        return Ok(());
    }
    let unread: Vec<&PendingAudit> = prepared.audits.iter().filter(|audit| !audit.is_read).collect();
    if unread.is_empty() {
        return Ok(());
    }
    let number = wording::count(unread.len(), "audit", "audits");
    let titles: Vec<String> = unread.iter().take(MOST).map(|audit| audit.subject.title()).collect();
    let mut titles: Vec<String> = titles.iter().map(|title| wording::shown(title).into_owned()).collect();
    if let Some(more @ 1..) = unread.len().checked_sub(MOST) {
        titles.push(format!("and {more} more"));
    }
    let titles = titles.join(", ");
    if !prompter.is_there() {
        let message = format!("{number} of the list were never opened on this machine");
        let problem = Diagnostic::error(Code::NeedsAnswer, message).note(titles);
        let help = "open them at a terminal with `cargo vet inspect` or `diff`; \
                    or add `--unread` if they were read elsewhere";
        return Err(problem.help(help).into());
    }
    let question =
        format!("{number} of the list were never opened on this machine: {titles}. Certify them all?");
    match prompter.agrees(&question)? {
        true => Ok(()),
        false => Err(not_certified().into()),
    }
}

fn not_certified() -> Diagnostic {
    Diagnostic::error(Code::Cancelled, "not certified; nothing was changed")
}

fn no_guess(audit: &PendingAudit) -> Diagnostic {
    let title = audit.subject.title();
    let message = format!("cannot guess which criteria `{}` meets", wording::shown(&title));
    Diagnostic::error(Code::NoGuess, message)
        .note("no package in use would meet more of its criteria with this audit")
        .help("name the criteria with `--criteria`")
}

/// The question to ask if the same auditor has recorded all of the audits before.
fn known_before(prepared: &Prepared<'_>) -> Option<String> {
    let loaded = &prepared.session.loaded;
    let is_known = |audit: &PendingAudit| audit.known_in(&loaded.store, &loaded.criteria).is_some();
    prepared.audits.iter().all(is_known).then(|| {
        let titles: Vec<String> = prepared.audits.iter().map(|audit| audit.subject.title()).collect();
        let titles = wording::list(titles.iter().map(String::as_str), "and");
        format!("You have certified {titles} before. Record it once more?")
    })
}

/// Warns of audits that contradict locked violations, which are known before anything is fetched.
fn warn_of_violations(prepared: &Prepared<'_>, run: &Run<'_>) {
    let Prepared { session, audits, .. } = prepared;
    let mut store: Store = session.loaded.store.clone();
    audits.iter().for_each(|audit| audit.entry.add_to(&mut store, audit.package()));
    let audits = audits.iter().map(|audit| (audit.package(), &audit.entry));
    let warnings = contradictions::warnings(audits, session, &store);
    warnings.into_iter().for_each(|warning| run.found(warning));
}
