//! The text that a person reads, completes and signs in the editor.
//!
//! It contains the texts of the criteria, the statement as a comment, and room for notes. The
//! person consents only by uncommenting the statement. Other text that the person added is
//! distinguished from the form's own, so it can be kept if the consent is missing.

use crate::operation::questions::CriterionText;

/// Characters that can start a comment, in order of preference.
const COMMENTS: &str = "#;@!$%^&|:\"";

/// The text shown to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    comment: char,
    statement: String,
    text: String,
}

/// What a person made of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The person made the statement.
    Signed {
        /// The notes to record with the audit.
        notes: Option<String>,
        /// Lines that were added but are comments, so they are not part of the notes.
        left_out: Vec<String>,
    },
    /// The person did not make the statement.
    Unsigned(Unsigned),
}

/// Why a statement was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsigned {
    /// The text is empty.
    Erased,
    /// The statement is still a comment.
    Commented,
    /// Other text precedes the statement.
    NotFirst,
    /// Other text replaces the statement.
    Changed,
}

impl Form {
    /// Creates a form with the texts of criteria, a statement of one or more lines, and the
    /// existing notes.
    pub(super) fn new(texts: &[CriterionText], statement: &str, notes: &str) -> Self {
        let comment = comment_for(notes);
        let mut lines = vec![
            format!(
                "{}read the criteria, then follow the instructions below.",
                vet_project::state::FIRST_LINE
            ),
            String::new(),
        ];
        for CriterionText { name, text, .. } in texts {
            lines.push(format!(" === BEGIN CRITERIA \"{}\" ===", printable(name)));
            lines.push(String::new());
            lines.extend(printable(text).lines().map(|line| format!(" {line}")));
            lines.push(String::new());
            lines.push(" === END CRITERIA ===".to_owned());
            lines.push(String::new());
        }
        lines.push(
            " To make the following statement, uncomment it without other changes, then save and close."
                .to_owned(),
        );
        lines.push(
            " To make no statement, close the editor without uncommenting it. Nothing is recorded then."
                .to_owned(),
        );
        let commented = |lines: &[String]| -> String {
            lines.iter().map(|line| format!("{comment}{}\n", line.trim_end())).collect()
        };
        let mut text = commented(&lines);
        text.push('\n');
        text += &commented(&statement.lines().map(|line| format!(" {line}")).collect::<Vec<_>>());
        text.push('\n');
        text += &commented(&[" Notes go below this line, and are kept with the audit.".to_owned()]);
        let notes = notes.trim();
        if notes.is_empty() {
            text.push('\n');
        } else {
            text += &format!("\n{notes}\n");
        }
        Form { comment, statement: statement.to_owned(), text }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Interprets the edited text.
    pub(super) fn read(&self, edited: &str) -> Reading {
        if edited.trim().is_empty() {
            return Reading::Unsigned(Unsigned::Erased);
        }
        let is_comment = |line: &&str| line.starts_with(self.comment);
        let written: String =
            lines(edited).filter(|line| !is_comment(line)).flat_map(|line| [line, "\n"]).collect();
        let written = tidy(&written);
        if let Some(rest) = after(&written, &self.statement) {
            let notes = tidy(rest);
            let notes = match notes.lines().count() {
                0 => None,
                1 => Some(notes.trim_end().to_owned()),
                _ => Some(notes),
            };
            let ours: Vec<&str> = self.text.lines().collect();
            let left_out = lines(edited).filter(is_comment).filter(|line| !ours.contains(line));
            // Users who comment text out know that they did, and an empty comment is no text.
            let left_out = left_out.filter(|line| line.trim_start_matches(self.comment).trim() != "");
            return Reading::Signed { notes, left_out: left_out.map(str::to_owned).collect() };
        }
        let mut starts = written.match_indices('\n').filter_map(|(index, _)| written.get(index..));
        Reading::Unsigned(if starts.any(|rest| after(rest, &self.statement).is_some()) {
            Unsigned::NotFirst
        } else if self.has_commented_statement(edited) {
            Unsigned::Commented
        } else {
            Unsigned::Changed
        })
    }

    /// The text that a person added to this form, or to an earlier one about the same subject:
    /// every line that is not part of the form itself.
    pub(super) fn written(&self, edited: &str) -> String {
        let comment = lines(edited).find_map(comment_of_first_line).unwrap_or(self.comment);
        let ours: Vec<&str> = self.text.lines().filter_map(|line| line.strip_prefix(self.comment)).collect();
        let is_ours = |line: &str| match line.strip_prefix(comment) {
            Some(line) => ours.contains(&line.trim_end()),
            None => false,
        };
        let kept: String =
            lines(edited).filter(|line| !is_ours(line)).flat_map(|line| [line, "\n"]).collect();
        let kept = tidy(&kept);
        match after(&kept, &self.statement) {
            Some(rest) => tidy(rest),
            None => kept,
        }
    }

    /// Whether the first line of a text marks it as a draft.
    pub(super) fn is_recognized(&self, edited: &str) -> bool {
        lines(edited).next().and_then(comment_of_first_line).is_some()
    }

    /// Prefixes a text with the first line of the form, which marks it as a draft.
    pub(super) fn with_first_line(&self, edited: &str) -> String {
        let first = self.text.lines().next().unwrap_or_default();
        format!("{first}\n{edited}")
    }

    fn has_commented_statement(&self, edited: &str) -> bool {
        let is_there = |line: &str| {
            lines(edited).any(|edited| edited.strip_prefix(self.comment).map(str::trim) == Some(line))
        };
        self.statement.lines().all(|line| is_there(line.trim()))
    }
}

/// The first comment character that starts no line of the notes.
fn comment_for(notes: &str) -> char {
    let is_free = |candidate: &char| !notes.lines().any(|line| line.starts_with(*candidate));
    COMMENTS.chars().chain('\u{2500}'..='\u{25ff}').find(is_free).unwrap_or('#')
}

/// The comment character of a form, if `line` is its first line.
fn comment_of_first_line(line: &str) -> Option<char> {
    let first = line.chars().next()?;
    line.strip_prefix(first)?.starts_with(vet_project::state::FIRST_LINE).then_some(first)
}

/// The lines of a text, without trailing characters that editors leave.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.strip_prefix('\u{feff}').unwrap_or(text).lines().map(str::trim_end)
}

/// Removes blank lines at the start and the end and trailing spaces, and reduces several blank
/// lines to one. Unless the result is empty, it ends with a line break.
fn tidy(text: &str) -> String {
    let mut tidy = String::new();
    let mut is_gap = false;
    for line in lines(text) {
        if line.is_empty() {
            is_gap = true;
            continue;
        }
        if is_gap && !tidy.is_empty() {
            tidy.push('\n');
        }
        is_gap = false;
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy
}

/// The text after the statement, if `text` starts with the words of the statement. Editors may
/// break lines anywhere.
fn after<'t>(text: &'t str, statement: &str) -> Option<&'t str> {
    let mut rest = text;
    let mut is_first = true;
    for word in statement.split_whitespace() {
        let next = rest.trim_start();
        if !is_first && next.len() == rest.len() {
            return None;
        }
        is_first = false;
        rest = next.strip_prefix(word)?;
    }
    Some(rest)
}

/// Text from outside, without terminal control characters.
fn printable(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let shown = |letter: char| match letter {
        '\n' | '\t' => letter.to_string(),
        letter if letter.is_control() => letter.escape_default().to_string(),
        letter => letter.to_string(),
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STATEMENT: &str =
        "I, Ann, certify that I have audited version 1.0.0 of lib in accordance with the above criteria.";

    fn form(notes: &str) -> Form {
        let text = "Nothing bad.\n\nNot even slightly.\u{1b}[2J".to_owned();
        Form::new(&[CriterionText { name: "good".to_owned(), text, is_complete: true }], STATEMENT, notes)
    }

    /// Reads a form after one text in it was replaced.
    fn read(notes: &str, replace: &str, by: &str) -> Reading {
        let form = form(notes);
        assert!(form.text().contains(replace), "{replace:?} is not in:\n{}", form.text());
        form.read(&form.text().replacen(replace, by, 1))
    }

    fn signed(notes: Option<&str>, left_out: &[&str]) -> Reading {
        let left_out = left_out.iter().map(|line| (*line).to_owned()).collect();
        Reading::Signed { notes: notes.map(str::to_owned), left_out }
    }

    #[test]
    fn a_form() {
        insta::assert_snapshot!(form("One.\n\n# Two.\n").text(), @r#"
        ; cargo vet certify: read the criteria, then follow the instructions below.
        ;
        ; === BEGIN CRITERIA "good" ===
        ;
        ; Nothing bad.
        ;
        ; Not even slightly.\u{1b}[2J
        ;
        ; === END CRITERIA ===
        ;
        ; To make the following statement, uncomment it without other changes, then save and close.
        ; To make no statement, close the editor without uncommenting it. Nothing is recorded then.

        ; I, Ann, certify that I have audited version 1.0.0 of lib in accordance with the above criteria.

        ; Notes go below this line, and are kept with the audit.

        One.

        # Two.
        "#);
    }

    #[test]
    fn comments_begin_with_what_the_notes_do_not_need() {
        for (notes, expected) in [
            ("", '#'),
            ("a # b", '#'),
            ("#1", ';'),
            ("x\n; y\n# z", '@'),
            ("#\n;\n@\n!\n$\n%\n^\n&\n|\n:", '"'),
            ("#\n;\n@\n!\n$\n%\n^\n&\n|\n:\n\"", '\u{2500}'),
        ] {
            assert_eq!(form(notes).comment, expected, "{notes:?}");
        }
    }

    #[test]
    fn only_the_statement_is_consent() {
        let half = "I, Ann, certify that I have audited";
        for (replace, by, expected) in [
            ("", "", Reading::Unsigned(Unsigned::Commented)),
            ("# I, Ann", "I, Ann", signed(None, &[])),
            ("# I, Ann", "  I, Ann", signed(None, &[])),
            ("# I, Ann", "\n\n\nI, Ann", signed(None, &[])),
            // Editors may break lines.
            ("# I, Ann, certify that", "I, Ann,\n certify\tthat", signed(None, &[])),
            ("# I, Ann, certify that", "I,\n# Ann,\ncertify that", Reading::Unsigned(Unsigned::Changed)),
            ("# I, Ann", "I, Bob", Reading::Unsigned(Unsigned::Changed)),
            ("# I, Ann", "", Reading::Unsigned(Unsigned::Changed)),
            (
                &format!("# {half}"),
                "I, Ann, certify that I have not audited",
                Reading::Unsigned(Unsigned::Changed),
            ),
            ("# I, Ann, certify that", "I, Ann, certifythat", Reading::Unsigned(Unsigned::Changed)),
            ("# I, Ann", "I do not mean this:\nI, Ann", Reading::Unsigned(Unsigned::NotFirst)),
            ("# I, Ann", "Notes.\n\n# I, Ann", Reading::Unsigned(Unsigned::Commented)),
            ("# I, Ann", "## I, Ann", Reading::Unsigned(Unsigned::Changed)),
        ] {
            assert_eq!(read("", replace, by), expected, "{replace:?} by {by:?}");
        }
        for text in ["", "\n", " \n\n\t"] {
            assert_eq!(form("Notes.").read(text), Reading::Unsigned(Unsigned::Erased));
        }
        let form = form("");
        assert_eq!(form.read(STATEMENT), signed(None, &[]));
        assert_eq!(form.read(&format!("\u{feff}{STATEMENT}\r\n\r\nWell.\r\n")), signed(Some("Well."), &[]));
    }

    #[test]
    fn what_follows_are_the_notes() {
        let sign = |form: &Form| form.text().replacen("# I, Ann", "I, Ann", 1);
        for (notes, expected, left_out) in [
            ("", None, &[][..]),
            ("One.", Some("One."), &[]),
            ("\n\n  One.  \n\n", Some("  One."), &[]),
            ("One.\n\n\n\nTwo.\t\n", Some("One.\n\nTwo.\n"), &[]),
            ("One.\nTwo.", Some("One.\nTwo.\n"), &[]),
            ("# Heading\nOne.", Some("One."), &["# Heading"]),
            ("#\n# \nOne.", Some("One."), &[]),
            (" # Not a comment", Some(" # Not a comment"), &[]),
        ] {
            let form = form("");
            assert_eq!(form.read(&(sign(&form) + notes)), signed(expected, left_out), "{notes:?}");
        }
        assert_eq!(read("Given.", "# I, Ann", "I, Ann"), signed(Some("Given."), &[]));
        assert_eq!(read("# Given.", "; I, Ann", "I, Ann"), signed(Some("# Given."), &[]));
        let run_on = format!("{STATEMENT} But for one thing.\nMore.");
        assert_eq!(form("").read(&run_on), signed(Some(" But for one thing.\nMore.\n"), &[]));
    }

    #[test]
    fn several_lines_are_one_statement() {
        let form = Form::new(&[], "I, Ann, certify:\n- one\n- two", "");
        let text = form.text();
        assert_eq!(form.read(text), Reading::Unsigned(Unsigned::Commented));
        let some = text.replace("# I, Ann", "I, Ann").replace("# - one", "- one");
        assert_eq!(form.read(&some), Reading::Unsigned(Unsigned::Changed));
        assert_eq!(form.read(&some.replace("# - two", "- two")), signed(None, &[]));
    }

    #[test]
    fn what_was_written_is_told_apart() {
        for (replace, by, expected) in [
            ("", "", ""),
            ("# I, Ann", "I, Ann", ""),
            ("# Notes go below", "Above.\n# Notes go below", "Above.\n"),
            ("the audit.\n", "the audit.\nOne.\n\n\n# Two.\n", "One.\n\n# Two.\n"),
            ("# I, Ann", "I, Bob", &STATEMENT.replace("Ann", "Bob")),
        ] {
            let form = form("");
            let edited = form.text().replacen(replace, by, 1);
            assert_eq!(form.written(&edited).trim_end(), expected.trim_end(), "{by:?}");
        }
        assert_eq!(form("").written("\u{feff}x"), "x\n");
    }

    proptest! {
        /// Every line that a person adds is in the notes, is reported as left out, or returns in
        /// the next form.
        #[test]
        fn nothing_that_was_written_is_lost(
            added in proptest::collection::vec((0..20_usize, "[#;@!I, ]{0,3}[a-z#]{1,8}[ \r]?"), 0..6),
            given in "[#;\na-z]{0,12}",
            signs in any::<bool>(),
        ) {
            let form = form(&given);
            let comment = form.comment.to_string();
            let mut edited: Vec<String> = form.text().lines().map(str::to_owned).collect();
            if signs {
                for line in edited.iter_mut().filter(|line| line.contains("I, Ann")) {
                    *line = line.trim_start_matches(&*comment).to_owned();
                }
            }
            for (place, line) in &added {
                edited.insert((*place).min(edited.len()), line.clone());
            }
            let edited = edited.join("\n");
            let has = |text: &str, line: &str| text.lines().any(|other| other.trim() == line.trim());
            // An empty comment is no text.
            let is_text = |line: &&String| line.trim_start_matches(form.comment).trim() != "";
            let lines: Vec<&String> = added.iter().map(|(_, line)| line).filter(is_text).collect();
            let again = self::form(&form.written(&edited));
            for line in &lines {
                prop_assert!(has(&again.text, line), "{line:?} is not offered again:\n{}", again.text);
            }
            if let Reading::Signed { notes, left_out } = form.read(&edited) {
                let kept = notes.unwrap_or_default() + "\n" + &left_out.join("\n");
                for line in &lines {
                    prop_assert!(has(&kept, line), "{line:?} is lost:\n{kept}");
                }
            }
        }
    }
}
