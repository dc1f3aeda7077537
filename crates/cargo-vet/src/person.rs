//! Whoever sits at the terminal, if anybody does.
//!
//! Questions go to stderr, so that the answer of the command stays clean. Where stdin or stderr is no terminal nobody is
//! asked, and silence is never taken for consent.

use std::io::{self, IsTerminal as _};

use dialoguer::console::Term;
use dialoguer::{MultiSelect, theme::SimpleTheme};
use vet_ops::questions::{CriteriaQuestion, Person};
use vet_store::{Code, Diagnostic, wording};

/// The terminal that the process was started from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal;

impl Person for Terminal {
    fn choose_criteria(&self, question: &CriteriaQuestion) -> Result<Vec<String>, Diagnostic> {
        let about = wording::shown(&question.about);
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            let message = format!("nobody can be asked which criteria are met by {about}");
            return Err(Diagnostic::error(Code::NeedsAnswer, message)
                .note("stdin or stderr is not a terminal")
                .help("name the criteria: `--criteria safe-to-deploy`"));
        }
        let defaults: Vec<bool> =
            question.choices.iter().map(|choice| question.preselected.contains(choice)).collect();
        let choices: Vec<_> = question.choices.iter().map(|choice| wording::shown(choice)).collect();
        restore_the_cursor_on_interrupt();
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
}

/// The question hides the cursor, and whoever ends the process with Ctrl-C wants it back.
fn restore_the_cursor_on_interrupt() {
    // If there is a handler already, it is this one.
    let _ = ctrlc::set_handler(|| {
        let _ = Term::stderr().show_cursor();
        std::process::exit(INTERRUPTED);
    });
}

/// What shells say of a process that ended by an interrupt.
const INTERRUPTED: i32 = 130;

fn stopped() -> Diagnostic {
    Diagnostic::error(Code::NeedsAnswer, "stopped at the question; nothing was changed")
}
