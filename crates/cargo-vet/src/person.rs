//! Whoever sits at the terminal, if anybody does.
//!
//! Questions go to stderr, so that the answer of the command stays clean. Where stdin or stderr is no terminal nobody is
//! asked, and silence is never taken for consent.

use std::io::{self, IsTerminal as _, Write as _};

use dialoguer::console::Term;
use dialoguer::{MultiSelect, theme::SimpleTheme};
use vet_ops::questions::{CriteriaQuestion, Person};
use vet_store::{Code, Diagnostic, wording};

use crate::interrupts;

/// The terminal that the process was started from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal;

impl Terminal {
    /// Whether anybody can be asked.
    pub(crate) fn is_there(self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }
}

impl Person for Terminal {
    fn choose_criteria(&self, question: &CriteriaQuestion) -> Result<Vec<String>, Diagnostic> {
        let about = wording::shown(&question.about);
        if !self.is_there() {
            let message = format!("nobody can be asked which criteria are met by {about}");
            return Err(Diagnostic::error(Code::NeedsAnswer, message)
                .note("stdin or stderr is not a terminal")
                .help("name the criteria: `--criteria safe-to-deploy`"));
        }
        let defaults: Vec<bool> =
            question.choices.iter().map(|choice| question.preselected.contains(choice)).collect();
        let choices: Vec<_> = question.choices.iter().map(|choice| wording::shown(choice)).collect();
        interrupts::restore_cursor();
        let chosen = MultiSelect::with_theme(&SimpleTheme)
            .with_prompt(format!(
                "Criteria that are met by {about} (space selects, enter accepts, escape stops)"
            ))
            .items(&choices)
            .defaults(&defaults)
            .interact_on_opt(&Term::stderr());
        match chosen {
            Ok(Some(chosen)) => {
                Ok(chosen.into_iter().filter_map(|index| question.choices.get(index).cloned()).collect())
            }
            Ok(None) => Err(stopped()),
            Err(error) => {
                // The cursor was hidden for the question.
                let _ = Term::stderr().show_cursor();
                Err(stopped().note(error.to_string()))
            }
        }
    }

    fn press_enter(&self, what: &str) -> Result<(), Diagnostic> {
        let what = wording::shown(what);
        if !self.is_there() {
            return Err(Diagnostic::error(Code::NeedsAnswer, "nobody can be asked to press ENTER")
                .note(format!("that would be {what}"))
                .note("stdin or stderr is not a terminal"));
        }
        let mut answer = String::new();
        let asked = write!(io::stderr(), "Press ENTER {what}: ").and_then(|()| io::stderr().flush());
        match asked.and_then(|()| io::stdin().read_line(&mut answer)) {
            // The end of what is typed is no consent.
            Ok(0) => Err(stopped()),
            Ok(_) => Ok(()),
            Err(error) => Err(stopped().note(error.to_string())),
        }
    }
}

fn stopped() -> Diagnostic {
    Diagnostic::error(Code::NeedsAnswer, "stopped at the question; nothing was changed")
}
