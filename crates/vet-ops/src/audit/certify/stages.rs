//! What a step hands to the next one: audits that are prepared, and audits that are signed.

use vet_diagnostics::{Code, Diagnostic, Levels, Problems, wording};
use vet_fetch::http::Client;
use vet_project::state::Draft;
use vet_store::Criteria;

use super::editor::where_kept;
use super::pending::PendingAudit;
use super::statement;
use super::subject::Subject;
use crate::arguments::criteria_texts::texts;
use crate::arguments::named_criteria;
use crate::operation::events::Observer;
use crate::operation::questions::{Choice, CriterionText};
use crate::operation::report::{Report, Run};
use crate::session::Session;

/// Audits that can be recorded once their criteria are known and the user agrees.
#[derive(Debug)]
pub struct Prepared<'c> {
    pub(super) session: Session<'c>,
    pub(super) audits: Vec<PendingAudit>,
    /// The names of the auditors, as the statement shows them.
    pub(super) signer: String,
    /// Notes that were given with the request.
    pub(super) notes: Option<String>,
    /// The number of lines of the changes, if it is known.
    pub(super) lines: Option<u64>,
    pub(super) is_list: bool,
    /// Whether audits of a list need not have been read.
    pub(super) unread: bool,
    pub(super) force: bool,
    pub(super) merge: bool,
}

impl<'c> Prepared<'c> {
    /// The audits, in the order of the request.
    pub fn audits(&self) -> &[PendingAudit] {
        &self.audits
    }

    /// The criteria that can be chosen, in their order.
    pub fn choices(&self, observer: &dyn Observer) -> Report<Vec<Choice>> {
        Report::of(observer, &self.session.settings.diagnostics, |run| Ok(self.choices_in(run)))
    }

    pub(super) fn choices_in(&self, run: &Run<'_>) -> Vec<Choice> {
        named_criteria::choices(&self.session.loaded.criteria, &self.session.loaded.store, run)
    }

    /// Sets the criteria that one of the audits meets. They are brought into minimal form.
    ///
    /// # Errors
    ///
    /// A criterion does not exist; or none are named.
    pub fn choose(&mut self, audit: usize, names: &[String]) -> Result<(), Problems> {
        let criteria = &self.session.loaded.criteria;
        let Some(audit) = self.audits.get_mut(audit) else { return Ok(()) };
        let names = minimal(criteria, &named_criteria::split(names, criteria)?);
        if names.is_empty() {
            return Err(Problems::from(audit.blame(no_criteria())));
        }
        audit.entry.set_criteria(names);
        Ok(())
    }

    /// The statement that the auditors make, in one or more lines. Safe to print.
    pub fn statement(&self) -> String {
        statement::statement(&self.audits, &self.signer)
    }

    /// The texts of all criteria that the statement names, in their order.
    pub fn criteria_texts(
        &self,
        client: Option<&Client>,
        observer: &dyn Observer,
    ) -> Report<Vec<CriterionText>> {
        Report::of(
            observer,
            &self.session.settings.diagnostics,
            |run| Ok(self.criteria_texts_in(client, run)),
        )
    }

    pub(super) fn criteria_texts_in(&self, client: Option<&Client>, run: &Run<'_>) -> Vec<CriterionText> {
        let loaded = &self.session.loaded;
        let mut names: Vec<String> =
            self.audits.iter().flat_map(|audit| audit.entry.criteria()).cloned().collect();
        names.sort_by_key(|name| loaded.criteria.index(name));
        names.dedup();
        texts(&names, &loaded.store, client, run)
    }

    /// Turns the audits into signed ones. To be called once the user has agreed to the statement,
    /// with the notes that the user wrote.
    ///
    /// # Errors
    ///
    /// The criteria of an audit are unknown.
    pub fn agreed(mut self, notes: Option<String>) -> Result<Signed<'c>, Problems> {
        let open = self.audits.iter().filter(|audit| audit.entry.criteria().is_empty());
        let problems: Vec<Diagnostic> = open.map(|audit| audit.blame(no_criteria())).collect();
        if !problems.is_empty() {
            return Err(problems.into());
        }
        self.audits.iter_mut().for_each(|audit| audit.entry.set_notes(notes.clone()));
        Ok(Signed { prepared: self, text: None })
    }

    /// Whether this is about few changed lines. For these, the statement needs no editor.
    pub(super) fn is_small(&self) -> bool {
        /// What fits on a screen.
        const FEW: u64 = 50;
        let is_delta =
            matches!(self.audits.as_slice(), [one] if matches!(one.subject, Subject::Delta { .. }));
        is_delta && self.lines.is_some_and(|lines| lines <= FEW)
    }

    /// The draft that keeps the text written for these audits.
    pub(super) fn draft(&self) -> Draft {
        let key = statement::key(&self.audits);
        Draft::about(&key, self.session.folder(), &self.session.context.state)
    }
}

/// Audits that their auditors agreed to. They are ready to be recorded.
#[derive(Debug)]
pub struct Signed<'c> {
    pub(super) prepared: Prepared<'c>,
    /// The text that the user wrote in the editor.
    pub(super) text: Option<Text>,
}

/// A text that was written in the editor.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) draft: Draft,
    /// Whether the notes differ from those of the request.
    pub(super) is_changed: bool,
    /// Lines that were added but are comments, so they are not part of the notes.
    pub(super) left_out: Vec<String>,
}

impl<'c> Signed<'c> {
    /// The levels of findings in the project.
    pub(super) fn levels(&self) -> Levels {
        self.prepared.session.settings.diagnostics.clone()
    }

    /// The audits, and the text that the user wrote for them.
    pub(super) fn into_parts(self) -> (Prepared<'c>, Option<Text>) {
        (self.prepared, self.text)
    }
}

impl Text {
    /// Keeps the text of audits that could not be recorded, and says where it is.
    pub(super) fn keep(&self, mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
        if let Some(first) = problems.first_mut() {
            first.notes.push(where_kept(&self.draft));
        }
        problems
    }

    /// Removes the text of audits that were recorded. If nothing was written to the store, a text
    /// that the user has changed stays.
    pub(super) fn remove(&self, is_dry_run: bool, run: &Run<'_>) {
        if !(is_dry_run && self.is_changed) {
            self.draft.remove();
        }
        if !self.left_out.is_empty() {
            run.found(left_out(&self.left_out));
        }
    }
}

fn left_out(lines: &[String]) -> Diagnostic {
    let message = "lines that begin like comments are not part of the notes";
    let mut warning = Diagnostic::warning(Code::TextLeftOut, message);
    for line in lines {
        warning = warning.note(wording::shown(line));
    }
    warning.help("add them to the notes in audits.toml if they are meant to be there")
}

pub(super) fn minimal(criteria: &Criteria, names: &[String]) -> Vec<String> {
    criteria.minimal_names(&criteria.set(names))
}

pub(super) fn no_criteria() -> Diagnostic {
    Diagnostic::error(Code::NeedsAnswer, "no criteria were chosen, so nothing is certified")
}
