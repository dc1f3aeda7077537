//! The user at the terminal, if there is one.
//!
//! Questions go to stderr, so that the answer of the command contains nothing else. If stdin or
//! stderr is not a terminal, no questions are asked, and a missing answer never counts as consent.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::Stdio;

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_ops::questions::{Choice, CriteriaQuestion, Prompter, Step};

use crate::programs::editor::Editor;
use dialoguer::console::{Key, Term, truncate_str};
use dialoguer::{Confirm, MultiSelect, theme::SimpleTheme};

use crate::interrupts;
use crate::single_keys::SingleKeys;

/// The terminal that the process was started from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal;

impl Terminal {
    /// Whether a user can be asked.
    pub(crate) fn is_there(self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }
}

impl Prompter for Terminal {
    fn is_there(&self) -> bool {
        Terminal::is_there(*self)
    }

    fn choose_criteria(&self, question: &CriteriaQuestion) -> Result<Vec<String>, Diagnostic> {
        let about = wording::shown(&question.about);
        if !self.is_there() {
            let message = format!("nobody can be asked which criteria are met by {about}");
            return Err(Diagnostic::error(Code::NeedsAnswer, message)
                .note("stdin or stderr is not a terminal")
                .help("name the criteria: `--criteria safe-to-deploy`"));
        }
        let is_likely = |choice: &Choice| question.preselected.contains(&choice.name);
        let defaults: Vec<bool> = question.choices.iter().map(is_likely).collect();
        let choices = lines(&question.choices, usize::from(Term::stderr().size().1));
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
                let name = |index: usize| question.choices.get(index).map(|choice| choice.name.clone());
                Ok(chosen.into_iter().filter_map(name).collect())
            }
            Ok(None) => Err(stopped()),
            Err(error) => Err(interrupted(&error)),
        }
    }

    fn agrees(&self, question: &str) -> Result<bool, Diagnostic> {
        if !self.is_there() {
            let message = format!("nobody can answer the question: {}", wording::shown(question));
            return Err(
                Diagnostic::error(Code::NeedsAnswer, message).note("stdin or stderr is not a terminal")
            );
        }
        interrupts::restore_cursor();
        // There is no default, so that Enter alone does not mean consent.
        let answer = Confirm::with_theme(&SimpleTheme).with_prompt(question).interact_on_opt(&Term::stderr());
        match answer {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(stopped()),
            Err(error) => Err(interrupted(&error)),
        }
    }

    fn choose_step(&self, about: &str) -> Result<Step, Diagnostic> {
        let about = wording::shown(about);
        if !self.is_there() {
            let message = format!("nobody can be asked what to do about {about}");
            return Err(
                Diagnostic::error(Code::NeedsAnswer, message).note("stdin or stderr is not a terminal")
            );
        }
        let broken = |error: io::Error| {
            Diagnostic::error(Code::NeedsAnswer, format!("nobody can be asked about {about} any more"))
                .note(error.to_string())
        };
        let screen = Term::stderr();
        let _keys = SingleKeys::start();
        screen.write_str(&format!("{about}: (l)ook, (c)ertify, (s)kip or (q)uit? ")).map_err(broken)?;
        loop {
            // A single key is an answer, and Ctrl-C is a key like the others.
            let Some((step, word)) = step(&screen.read_key_raw().map_err(broken)?) else { continue };
            screen.write_line(word).map_err(broken)?;
            return Ok(step);
        }
    }

    fn edit(&self, file: &Path) -> Result<(), Diagnostic> {
        let editor = Editor::find(Path::new("."));
        let name = editor.shown();
        // Some editors open their own window. Others replace the screen, and this line is visible
        // only after they are closed.
        let _ = Term::stderr().write_line(&match editor.is_of_git() {
            true => format!("Waiting for the editor `{name}` to be closed"),
            false => format!("Git does not know an editor. Waiting for `{name}` to be closed"),
        });
        // If stdout is not a terminal, the editor uses another stream.
        let screen = match io::stdout().is_terminal() {
            true => Stdio::inherit(),
            false => Stdio::from(io::stderr()),
        };
        interrupts::left_to_program(|| editor.edit(file, screen))
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
            // The end of the input is not consent.
            Ok(0) => Err(stopped()),
            Ok(_) => Ok(()),
            Err(error) => Err(stopped().note(error.to_string())),
        }
    }
}

/// The step that a key stands for, and its name.
fn step(key: &Key) -> Option<(Step, &'static str)> {
    match key {
        Key::Char('l' | 'L') => Some((Step::Look, "look")),
        Key::Char('c' | 'C') => Some((Step::Certify, "certify")),
        Key::Char('s' | 'S') => Some((Step::Skip, "skip")),
        Key::Char('q' | 'Q' | '\u{4}') | Key::Escape | Key::CtrlC => Some((Step::Quit, "quit")),
        _ => None,
    }
}

/// One line per criterion: its name and the start of its text.
fn lines(choices: &[Choice], columns: usize) -> Vec<String> {
    // The text before each line, and some space at the end.
    const MARGIN: usize = 8;
    let name = |choice: &Choice| wording::shown(&choice.name).into_owned();
    let longest = choices.iter().map(|choice| name(choice).chars().count()).max().unwrap_or_default();
    let line = |choice: &Choice| {
        let text = format!("{:longest$}  {}", name(choice), wording::shown(&choice.summary));
        truncate_str(text.trim_end(), columns.saturating_sub(MARGIN), "…").into_owned()
    };
    choices.iter().map(line).collect()
}

fn interrupted(error: &dialoguer::Error) -> Diagnostic {
    // The question has hidden the cursor.
    let _ = Term::stderr().show_cursor();
    stopped().note(error.to_string())
}

fn stopped() -> Diagnostic {
    Diagnostic::error(Code::NeedsAnswer, "stopped at the question; nothing was changed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_are_a_line_each() {
        let choice =
            |name: &str, summary: &str| Choice { name: name.to_owned(), summary: summary.to_owned() };
        let choices =
            [choice("safe-to-run", "This package can be run."), choice("a\u{1b}", ""), choice("b", "x\ny")];
        assert_eq!(
            lines(&choices, 80),
            ["safe-to-run  This package can be run.", "a\\u{1b}", "b            x\\ny"]
        );
        assert_eq!(lines(&choices, 28), ["safe-to-run  This p…", "a\\u{1b}", "b            x\\ny"]);
    }
}
