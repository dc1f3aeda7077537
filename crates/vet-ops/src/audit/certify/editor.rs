//! A person reads the criteria and makes the statement in the editor.
//!
//! The editor opens the draft itself. The draft is removed only after the audit is recorded, so
//! that text is never lost.

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_project::state::Draft;

use super::form::{Form, Reading, Unsigned};
use crate::operation::questions::CriterionText;
use crate::operation::questions::Prompter;

/// The statement to sign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signing<'a> {
    /// The texts of the criteria.
    pub(super) criteria: &'a [CriterionText],
    /// The statement; it may have several lines.
    pub(super) statement: &'a str,
    /// Notes that were already given.
    pub(super) notes: &'a str,
    /// The draft that keeps the text.
    pub(super) draft: &'a Draft,
}

/// What was written with a statement that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) notes: Option<String>,
    /// Lines that were added but are comments.
    pub(super) left_out: Vec<String>,
}

impl Signing<'_> {
    /// Opens the editor until the person signs or gives up. The draft stays until it is removed.
    pub(super) fn ask(self, prompter: &dyn Prompter) -> Result<Written, Diagnostic> {
        let mut form = self.form(&self.earlier(prompter)?);
        let mut text = form.text().to_owned();
        loop {
            self.draft.write(&text)?;
            let closed = prompter.edit(self.draft.path());
            // An editor may also remove the file.
            let edited = self.draft.read()?.unwrap_or_default();
            if let Err(problem) = closed {
                return Err(self.kept(problem, &form, &edited));
            }
            let why = match form.read(&edited) {
                Reading::Signed { notes, left_out } => return Ok(Written { notes, left_out }),
                Reading::Unsigned(why) => why,
            };
            let again = match question(why) {
                None => Ok(false),
                Some(question) => prompter.agrees(question),
            };
            match again {
                Ok(true) => {}
                Ok(false) => return Err(self.kept(not_certified(why), &form, &edited)),
                Err(problem) => return Err(self.kept(problem, &form, &edited)),
            }
            text = match why {
                Unsigned::Changed => {
                    form = self.form(&form.written(&edited));
                    form.text().to_owned()
                }
                Unsigned::Erased | Unsigned::Commented | Unsigned::NotFirst => edited,
            };
        }
    }

    fn form(self, notes: &str) -> Form {
        Form::new(self.criteria, self.statement, notes)
    }

    /// The initial notes: the given ones, and those of an earlier attempt if the user wants them.
    fn earlier(self, prompter: &dyn Prompter) -> Result<String, Diagnostic> {
        let given = self.notes.to_owned();
        let Some(draft) = self.draft.read()? else { return Ok(given) };
        let written = self.form(&given).written(&draft);
        if written.trim().is_empty() || written.trim() == given.trim() {
            return Ok(given);
        }
        let path = self.draft.path().display().to_string();
        let question =
            format!("Continue with what you wrote last time? It is in `{}`.", wording::shown(&path));
        Ok(match prompter.agrees(&question)? {
            true if given.trim().is_empty() || written.contains(given.trim()) => written,
            true => format!("{}\n\n{written}", given.trim_end()),
            false => given,
        })
    }

    /// Keeps the text that the user has written, if any, and reports where.
    fn kept(self, problem: Diagnostic, form: &Form, edited: &str) -> Diagnostic {
        let written = form.written(edited);
        if written.trim().is_empty() || written.trim() == self.notes.trim() {
            self.draft.remove();
            return problem;
        }
        if !form.is_recognized(edited) {
            let whole = form.with_first_line(edited);
            if let Err(error) = self.draft.write(&whole) {
                return problem.note(error.message);
            }
        }
        problem.note(where_kept(self.draft))
    }
}

/// Says where the text is that a person has written.
pub(super) fn where_kept(draft: &Draft) -> String {
    let path = draft.path().display().to_string();
    format!("what you wrote is in `{}`; it is offered when you certify the same again", wording::shown(&path))
}

/// The question to ask before the editor is opened again.
fn question(why: Unsigned) -> Option<&'static str> {
    match why {
        Unsigned::Erased => None,
        Unsigned::Commented => Some("The statement is still a comment. Edit again?"),
        Unsigned::NotFirst => Some("There is text before the statement, where none must be. Edit again?"),
        Unsigned::Changed => Some("The statement was changed; it must stay as it is. Edit again?"),
    }
}

fn not_certified(why: Unsigned) -> Diagnostic {
    let message = match why {
        Unsigned::Erased => "the text was erased, so nothing is certified",
        Unsigned::Commented => "the statement is still a comment, so nothing is certified",
        Unsigned::NotFirst => "there is text before the statement, so nothing is certified",
        Unsigned::Changed => "the statement was changed, so nothing is certified",
    };
    Diagnostic::error(Code::NotCertified, message).help("to certify, uncomment the statement, and save")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::path::Path;

    use super::*;
    use crate::operation::questions::{CriteriaQuestion, NextStep, StatementAnswer, StepQuestion};

    /// A person who edits the text several times and answers questions.
    struct Writer<'a> {
        edits: RefCell<Vec<&'a dyn Fn(String) -> Option<String>>>,
        answers: RefCell<Vec<Option<bool>>>,
        asked: RefCell<Vec<String>>,
    }

    fn stopped() -> Diagnostic {
        Diagnostic::error(Code::NeedsAnswer, "stopped")
    }

    impl Prompter for Writer<'_> {
        fn is_there(&self) -> bool {
            true
        }

        fn inform(&self, _: &[Diagnostic]) {}

        fn choose_criteria(&self, _: &CriteriaQuestion) -> Result<Vec<String>, Diagnostic> {
            panic!("criteria are asked for")
        }

        fn agrees(&self, question: &str) -> Result<bool, Diagnostic> {
            self.asked.borrow_mut().push(question.to_owned());
            self.answers.borrow_mut().remove(0).ok_or_else(stopped)
        }

        fn sign(&self, _: &str, _: &[CriterionText]) -> Result<StatementAnswer, Diagnostic> {
            panic!("the editor is open")
        }

        fn choose_step(&self, _: &StepQuestion) -> Result<NextStep, Diagnostic> {
            panic!("a step is asked for")
        }

        fn press_enter(&self, _: &str) -> Result<(), Diagnostic> {
            panic!("ENTER is waited for")
        }

        fn edit(&self, file: &Path) -> Result<(), Diagnostic> {
            let edit = self.edits.borrow_mut().remove(0);
            match edit(std::fs::read_to_string(file).unwrap()) {
                Some(text) => std::fs::write(file, text).unwrap(),
                None => return Err(Diagnostic::error(Code::EditorFailed, "failed")),
            }
            Ok(())
        }
    }

    struct Desk {
        folder: tempfile::TempDir,
        draft: Draft,
    }

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let draft = Draft::about(
                "lib 1.0.0",
                Path::new("/store"),
                &vet_project::state::State::new(folder.path()),
            );
            Desk { folder, draft }
        }

        /// The result of edits and answers, the questions, and the remaining draft.
        fn ask(
            &self,
            edits: &[&dyn Fn(String) -> Option<String>],
            answers: &[Option<bool>],
        ) -> (String, usize) {
            let prompter = Writer {
                edits: RefCell::new(edits.to_vec()),
                answers: RefCell::new(answers.to_vec()),
                asked: RefCell::default(),
            };
            let text = "It is safe to run.".to_owned();
            let criterion = CriterionText { name: "safe-to-run".to_owned(), text, is_complete: true };
            let signing = Signing {
                criteria: &[criterion],
                statement: "I, Ann, certify lib.",
                notes: "",
                draft: &self.draft,
            };
            let result = signing.ask(&prompter);
            assert_eq!(
                (prompter.edits.borrow().len(), prompter.answers.borrow().len()),
                (0, 0),
                "all edits and answers were needed"
            );
            let said = match result {
                Ok(signed) => format!("signed: {:?}", signed.notes.unwrap_or_default()),
                Err(problem) => {
                    let path = self.folder.path().display().to_string();
                    format!(
                        "{}: {} {:?}",
                        problem.code,
                        problem.message,
                        problem.notes.join("; ").contains(&path)
                    )
                }
            };
            (said, prompter.asked.borrow().len())
        }

        fn has_draft(&self) -> bool {
            self.draft.path().exists()
        }
    }

    fn sign(text: String) -> Option<String> {
        Some(text.replace("# I, Ann", "I, Ann").replace("; I, Ann", "I, Ann"))
    }

    fn leave(text: String) -> Option<String> {
        Some(text)
    }

    fn write(text: String) -> Option<String> {
        Some(text + "\nMine.\n# Mine, too.\n")
    }

    fn sign_and_write(text: String) -> Option<String> {
        sign(text).and_then(write)
    }

    fn fail(_: String) -> Option<String> {
        None
    }

    fn erase(_: String) -> Option<String> {
        Some(String::new())
    }

    fn spoil(text: String) -> Option<String> {
        Some(text.replace("# I, Ann", "I, Bob"))
    }

    #[test]
    fn edits_and_answers() {
        type Edits<'a> = &'a [&'a dyn Fn(String) -> Option<String>];
        let cases: [(Edits<'_>, &[Option<bool>], &str, bool); 12] = [
            (&[&sign], &[], "signed: \"\"", true),
            (&[&sign_and_write], &[], "signed: \"Mine.\"", true),
            (
                &[&leave],
                &[Some(false)],
                "VET0618: the statement is still a comment, so nothing is certified false",
                false,
            ),
            (&[&leave], &[None], "VET0615: stopped false", false),
            (&[&leave, &sign], &[Some(true)], "signed: \"\"", true),
            (
                &[&write],
                &[Some(false)],
                "VET0618: the statement is still a comment, so nothing is certified true",
                true,
            ),
            (&[&write], &[None], "VET0615: stopped true", true),
            (&[&write, &sign], &[Some(true)], "signed: \"Mine.\"", true),
            (&[&fail], &[], "VET0620: failed false", false),
            (&[&write, &fail], &[Some(true)], "VET0620: failed true", true),
            (&[&erase], &[], "VET0618: the text was erased, so nothing is certified false", false),
            (&[&spoil, &sign], &[Some(true)], "signed: \"I, Bob, certify lib.\"", true),
        ];
        for (edits, answers, expected, has_draft) in cases {
            let desk = Desk::new();
            let (said, asked) = desk.ask(edits, answers);
            assert_eq!(
                (said.as_str(), asked, desk.has_draft()),
                (expected, answers.len(), has_draft),
                "{expected}"
            );
        }
    }

    #[test]
    fn what_was_written_is_offered_next_time() {
        let desk = Desk::new();
        desk.ask(&[&write], &[Some(false)]);
        let text = desk.draft.read().unwrap().unwrap();
        assert!(text.contains("\nMine.\n"), "{text}");
        // A comment of the first form is kept as text, because the new form uses another comment
        // character.
        let (said, _) = desk.ask(&[&sign], &[Some(true)]);
        assert_eq!(said, "signed: \"Mine.\\n# Mine, too.\\n\"");

        let desk = Desk::new();
        desk.ask(&[&write], &[None]);
        assert_eq!(desk.ask(&[&sign], &[Some(false)]).0, "signed: \"\"");
        let desk = Desk::new();
        desk.ask(&[&write], &[None]);
        // A user who stops at this question has not answered it.
        assert_eq!(desk.ask(&[], &[None]).0, "VET0615: stopped false");
        assert!(desk.has_draft());
        // An unedited form of a run that was killed is not worth a question.
        let desk = Desk::new();
        desk.ask(&[&sign], &[]);
        assert_eq!(desk.ask(&[&sign], &[]), ("signed: \"\"".to_owned(), 0));
    }
}
