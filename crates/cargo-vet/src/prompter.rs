//! The user at the terminal, if there is one.
//!
//! Questions go to stderr, so that the answer of the command contains nothing else. If stdin or
//! stderr is not a terminal, no questions are asked, and a missing answer never counts as consent.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::Stdio;

use dialoguer::console::{Key, Term, truncate_str};
use dialoguer::{MultiSelect, theme::SimpleTheme};
use vet_diagnostics::{Code, Diagnostic, wording};
use vet_ops::operation::questions::{
    Choice, CriteriaQuestion, CriterionText, NextStep, Prompter, StatementAnswer, StepQuestion,
};
use vet_report::reading::criteria_texts;
use vet_report::wrapped::wrapped;

use crate::interrupts;
use crate::printer::Printer;
use crate::programs::editor::Editor;
use crate::single_keys::SingleKeys;

/// Whether a user can be asked.
pub(crate) fn user_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// The user at the terminal that the process was started from.
#[derive(Clone, Copy)]
pub(crate) struct User<'u> {
    /// What the user has been told in this process.
    pub(crate) explained: &'u Explained,
    /// Shows findings.
    pub(crate) printer: &'u Printer,
}

impl Prompter for User<'_> {
    fn is_there(&self) -> bool {
        user_is_there()
    }

    fn inform(&self, findings: &[Diagnostic]) {
        findings.iter().for_each(|finding| self.printer.finding(finding));
    }

    fn choose_criteria(&self, question: &CriteriaQuestion) -> Result<Vec<String>, Diagnostic> {
        let about = wording::shown(&question.about);
        if !user_is_there() {
            let message = format!("cannot ask which criteria are met by {about}");
            return Err(cannot_ask(message).help("name the criteria: `--criteria safe-to-deploy`"));
        }
        let columns = columns();
        let is_likely = |choice: &Choice| question.preselected.contains(&choice.name);
        let defaults: Vec<bool> = question.choices.iter().map(is_likely).collect();
        let choices = lines(&question.choices, columns);
        let list = MultiSelect::with_theme(&SimpleTheme)
            .with_prompt(criteria_prompt(&about, columns))
            .items(&choices)
            .defaults(&defaults)
            .report(false);
        let chosen = interrupts::restoring_cursor(|| list.interact_on_opt(&Term::stderr()));
        match chosen {
            Ok(Some(chosen)) => {
                let name = |index: usize| question.choices.get(index).map(|choice| choice.name.clone());
                let names: Vec<String> = chosen.into_iter().filter_map(name).collect();
                let line = format!("{about}: {}", wording::shown(&names.join(", ")));
                let _ = Term::stderr().write_line(wrapped(&line, 2, columns).trim_end());
                Ok(names)
            }
            Ok(None) => Err(cancelled()),
            Err(error) => Err(interrupted(&error)),
        }
    }

    fn agrees(&self, question: &str) -> Result<bool, Diagnostic> {
        if !user_is_there() {
            return Err(cannot_ask(format!("cannot ask: {}", wording::shown(question))));
        }
        // There is no default, so that Enter alone does not mean consent.
        let answers = [('y', true, "yes"), ('n', false, "no")];
        one_key(&format!("{question} [y/n]"), &answers, &|| {})
    }

    fn sign(&self, statement: &str, criteria: &[CriterionText]) -> Result<StatementAnswer, Diagnostic> {
        let explain = || {
            let _ = Term::stderr().write_str(&criteria_texts(criteria));
        };
        if !self.explained.knows(criteria) {
            explain();
        }
        let question = format!("{} [y/N/e/?]", statement.trim_end());
        let answers = [
            ('y', StatementAnswer::Yes, "yes"),
            ('n', StatementAnswer::No, "no"),
            ('\n', StatementAnswer::No, "no"),
            ('e', StatementAnswer::Editor, "editor"),
        ];
        one_key(&question, &answers, &explain)
    }

    fn choose_step(&self, question: &StepQuestion) -> Result<NextStep, Diagnostic> {
        let about = wording::shown(&question.about);
        if !user_is_there() {
            return Err(cannot_ask(format!("cannot ask what to do about {about}")));
        }
        let broken = |error: io::Error| {
            Diagnostic::error(Code::NeedsAnswer, format!("can no longer ask about {about}"))
                .note(error.to_string())
        };
        let screen = Term::stderr();
        let _keys = SingleKeys::start();
        let prompt = wrapped(&step_prompt(question), 2, columns());
        screen.write_str(&format!("{} ", prompt.trim_end())).map_err(broken)?;
        loop {
            // A single key is an answer, and Ctrl-C is a key like the others.
            let key = screen.read_key_raw().map_err(broken)?;
            let Some((step, word)) = step(&key, question) else { continue };
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
        press_enter(what)
    }
}

/// No user can be asked.
fn cannot_ask(message: String) -> Diagnostic {
    Diagnostic::error(Code::NeedsAnswer, message).note("stdin or stderr is not a terminal")
}

/// The criteria whose texts were shown. A user who goes through several audits sees them once, and
/// then on request.
#[derive(Debug, Default)]
pub(crate) struct Explained(RefCell<BTreeSet<String>>);

impl Explained {
    /// Whether the texts of all these criteria were shown before. They count as shown from now on.
    pub(crate) fn knows(&self, criteria: &[CriterionText]) -> bool {
        let mut explained = self.0.borrow_mut();
        let new = criteria.iter().filter(|criterion| explained.insert(criterion.name.clone()));
        new.count() == 0
    }
}

/// Says what comes next, and waits until the user agrees.
///
/// # Errors
///
/// No user can be asked, or the user stops.
pub(crate) fn press_enter(what: &str) -> Result<(), Diagnostic> {
    let what = wording::shown(what);
    if !user_is_there() {
        return Err(Diagnostic::error(Code::NeedsAnswer, "cannot wait for ENTER")
            .note(format!("ENTER is needed {what}"))
            .note("stdin or stderr is not a terminal"));
    }
    let prompt = wrapped(&format!("Press ENTER {what}:"), 2, columns());
    let mut answer = String::new();
    let asked = Term::stderr().write_str(&format!("{} ", prompt.trim_end()));
    match asked.and_then(|()| io::stdin().read_line(&mut answer)) {
        // The end of the input is not consent.
        Ok(0) => Err(cancelled()),
        Ok(_) => Ok(()),
        Err(error) => Err(cancelled().note(error.to_string())),
    }
}

/// The width of the terminal.
fn columns() -> usize {
    let (_, columns) = Term::stderr().size();
    // A terminal that does not know its width says 0.
    if columns == 0 { 80 } else { columns.into() }
}

/// Asks a question that one key answers, and leaves the question with the answer behind. `?`
/// explains it, if it has a `?` among its keys. Escape cancels, and Ctrl-C ends the process.
fn one_key<T: Copy>(
    question: &str,
    answers: &[(char, T, &str)],
    explain: &dyn Fn(),
) -> Result<T, Diagnostic> {
    let screen = Term::stderr();
    let failed = |error: io::Error| cancelled().note(error.to_string());
    let prompt = wrapped(question, 2, columns());
    loop {
        screen.write_str(&format!("{} ", prompt.trim_end())).map_err(failed)?;
        loop {
            let key = match screen.read_key().map_err(failed)? {
                Key::Char(letter) => letter.to_ascii_lowercase(),
                Key::Enter => '\n',
                Key::Escape => {
                    screen.write_line("").map_err(failed)?;
                    return Err(cancelled());
                }
                _ => continue,
            };
            if key == '?' && question.ends_with("?]") {
                screen.write_line("").map_err(failed)?;
                explain();
                break;
            }
            if let Some((_, answer, word)) = answers.iter().find(|(letter, ..)| *letter == key) {
                screen.write_line(word).map_err(failed)?;
                return Ok(*answer);
            }
        }
    }
}

/// The prompt above the criteria, on one line.
fn criteria_prompt(about: &str, columns: usize) -> String {
    let prompt = format!("Criteria met by {about} (space, enter, escape)");
    // The colon after it, and the column of the cursor.
    truncate_str(&prompt, columns.saturating_sub(3), "…").into_owned()
}

/// The keys, with what they do for this audit.
fn step_prompt(question: &StepQuestion) -> String {
    let mut keys = vec!["(l)ook".to_owned(), "(c)ertify".to_owned()];
    keys.extend(question.import.as_ref().map(|member| format!("(i)mport {}", wording::shown(member))));
    keys.extend(question.trust.as_ref().map(|publisher| format!("(t)rust {}", wording::shown(publisher))));
    keys.push("(s)kip".to_owned());
    keys.extend(question.has_earlier.then(|| "(b)ack".to_owned()));
    keys.push("(q)uit".to_owned());
    format!("{}: {} or (?)", wording::shown(&question.about), keys.join(", "))
}

/// The step that a key stands for, and its name.
fn step(key: &Key, question: &StepQuestion) -> Option<(NextStep, &'static str)> {
    match key {
        Key::Char('l' | 'L') => Some((NextStep::Look, "look")),
        Key::Char('c' | 'C') => Some((NextStep::Certify, "certify")),
        Key::Char('i' | 'I') if question.import.is_some() => Some((NextStep::Import, "import")),
        Key::Char('t' | 'T') if question.trust.is_some() => Some((NextStep::Trust, "trust")),
        Key::Char('s' | 'S') => Some((NextStep::Skip, "skip")),
        Key::Char('b' | 'B') if question.has_earlier => Some((NextStep::Back, "back")),
        Key::Char('?') => Some((NextStep::Explain, "help")),
        Key::Char('q' | 'Q' | '\u{4}') | Key::Escape | Key::CtrlC => Some((NextStep::Quit, "quit")),
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
    let dialoguer::Error::IO(cause) = error;
    if cause.kind() == io::ErrorKind::Interrupted {
        interrupts::end();
    }
    // The question has hidden the cursor.
    let _ = Term::stderr().show_cursor();
    cancelled().note(error.to_string())
}

fn cancelled() -> Diagnostic {
    Diagnostic::error(Code::Cancelled, "cancelled; nothing was changed")
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

    #[test]
    fn only_keys_that_do_something_are_offered() {
        let question = |import: Option<&str>, trust: Option<&str>, has_earlier| StepQuestion {
            about: "a:1.0.0".to_owned(),
            import: import.map(str::to_owned),
            trust: trust.map(str::to_owned),
            has_earlier,
        };
        let keys = |question: &StepQuestion| -> String {
            "lcitsb?qx".chars().filter(|key| step(&Key::Char(*key), question).is_some()).collect()
        };
        for (question, prompt, expected) in [
            (question(None, None, false), "a:1.0.0: (l)ook, (c)ertify, (s)kip, (q)uit or (?)", "lcs?q"),
            (
                question(Some("acme\u{7}"), Some("ann"), true),
                "a:1.0.0: (l)ook, (c)ertify, (i)mport acme\\u{7}, (t)rust ann, (s)kip, (b)ack, (q)uit or (?)",
                "lcitsb?q",
            ),
        ] {
            assert_eq!((step_prompt(&question).as_str(), keys(&question).as_str()), (prompt, expected));
        }
    }

    #[test]
    fn prompts_fit_on_a_line() {
        for columns in [20, 40, 80, 200] {
            let prompt = criteria_prompt("a-crate-with-a-long-name:1.0.0 -> 1.0.1", columns);
            assert!(prompt.chars().count() + 2 < columns, "{columns}: {prompt}");
        }
    }

    #[test]
    fn criteria_are_explained_once() {
        let texts = |names: &[&str]| -> Vec<CriterionText> {
            let text = |name: &&str| CriterionText {
                name: (*name).to_owned(),
                text: String::new(),
                is_complete: true,
            };
            names.iter().map(text).collect()
        };
        let user = Explained::default();
        for (names, expected) in
            [(&["a"][..], false), (&["a"], true), (&["a", "b"], false), (&["b", "a"], true), (&[], true)]
        {
            assert_eq!(user.knows(&texts(names)), expected, "{names:?}");
        }
    }
}
