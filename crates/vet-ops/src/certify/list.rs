//! Audits from a list: the output of `suggest`, or a text in the same format.
//!
//! The other lines that `suggest` and `check` print around the commands are skipped, so that their
//! output can be used unchanged. Every other line is an error: users would not notice that an audit
//! is missing because of a typing error.

use std::ops::Range;
use std::sync::Arc;

use vet_diagnostics::{Code, Diagnostic, Source, wording};
use vet_store::Version;

use super::subject::Subject;

/// A list that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// The text.
    pub(super) source: Arc<Source>,
    /// The audits, in the order in which they are first named.
    pub(super) audits: Vec<Listed>,
}

/// An audit on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) subject: Subject,
    /// The criteria of the heading, if there is one.
    pub(super) criteria: Vec<String>,
    /// Its position in the text.
    pub(super) span: Range<usize>,
}

/// The start of every heading.
const HEADING: &str = "recommended audits for ";

/// The column in which `suggest` continues after a command that is too long for its own column.
const CONTINUED: usize = 56;

impl List {
    /// Reads a list.
    ///
    /// # Errors
    ///
    /// One finding for each line that names no audit, with its position; or the list contains no
    /// audit.
    pub fn read(source: &Arc<Source>) -> Result<Self, Vec<Diagnostic>> {
        let (mut audits, mut problems) = (Vec::new(), Vec::new());
        let mut criteria = Vec::new();
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            let indent = line.len() - line.trim_start().len();
            let span = start + indent..start + line.trim_end().len().max(indent);
            start += line.len();
            let text = line.trim();
            if let Some(label) = text.strip_prefix(HEADING).and_then(|label| label.strip_suffix(':')) {
                criteria = criteria_of(label);
                continue;
            }
            match command(text) {
                Some(Ok(subject)) => add(&mut audits, subject, &criteria, span),
                Some(Err(problem)) => problems.push(problem.at(source, span, "")),
                None if text.is_empty() || indent >= CONTINUED || is_around(text) => {}
                None => problems.push(no_audit().at(source, span, "")),
            }
        }
        match (problems.is_empty(), audits.is_empty()) {
            (true, false) => Ok(List { source: Arc::clone(source), audits }),
            (true, true) => Err(vec![no_audits(&source.name)]),
            (false, _) => Err(problems),
        }
    }

    /// Whether the list names the criteria of every audit.
    pub fn names_criteria(&self) -> bool {
        self.audits.iter().all(|audit| !audit.criteria.is_empty())
    }
}

/// Adds an audit. If it is named twice, it meets the criteria of both headings.
fn add(audits: &mut Vec<Listed>, subject: Subject, criteria: &[String], span: Range<usize>) {
    match audits.iter_mut().find(|audit| audit.subject == subject) {
        Some(same) => {
            let new =
                criteria.iter().filter(|name| !same.criteria.contains(name)).cloned().collect::<Vec<_>>();
            same.criteria.extend(new);
        }
        None => audits.push(Listed { subject, criteria: criteria.to_vec(), span }),
    }
}

/// The criteria of a heading such as `safe-to-run (or safe-to-deploy), crypto`.
fn criteria_of(label: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut depth = 0_usize;
    for letter in label.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            letter if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    plain.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The subject that a line names, if the line is a command.
fn command(text: &str) -> Option<Result<Subject, Diagnostic>> {
    let mut words = text.split_whitespace().peekable();
    if words.next_if_eq(&"cargo").is_some() {
        words.next_if_eq(&"vet")?;
    }
    let command = words.next()?;
    if !["inspect", "diff", "certify"].contains(&command) {
        return None;
    }
    let words: Vec<&str> = words.collect();
    Some(subject(command, &words))
}

/// The subject that the arguments of a command name. Columns may follow.
fn subject(command: &str, words: &[&str]) -> Result<Subject, Diagnostic> {
    if let Some(option) = words.iter().find(|word| word.starts_with("--")) {
        let message = format!("a list cannot have options such as `{}`", wording::shown(option));
        return Err(Diagnostic::error(Code::BadAuditList, message)
            .help("give options to `cargo vet certify`; they hold for the whole list"));
    }
    let (package, first, second) = match *words {
        [package, first, second, ..] => (package, first, Some(second)),
        [package, first] => (package, first, None),
        _ => return Err(too_short(command)),
    };
    let package = package.to_owned();
    match (command, second) {
        ("diff", Some(to)) => Ok(Subject::Delta { package, from: version(first)?, to: version(to)? }),
        ("diff", None) => Err(too_short(command)),
        ("certify", Some(to)) if to.parse::<Version>().is_ok() => {
            Ok(Subject::Delta { package, from: version(first)?, to: version(to)? })
        }
        _ => Ok(Subject::Full { package, version: version(first)? }),
    }
}

fn version(text: &str) -> Result<Version, Diagnostic> {
    text.parse().map_err(|error: vet_store::version::VersionError| {
        Diagnostic::error(Code::BadAuditList, wording::shown(&error.to_string()).into_owned())
    })
}

/// Whether a line is one that `suggest` and `check` print around commands, or a comment.
fn is_around(text: &str) -> bool {
    const STARTS: [&str; 8] = [
        "#",
        "NOTE: ",
        "WARNING: ",
        "estimated audit backlog: ",
        "Use |cargo vet certify|",
        "Nothing to suggest",
        "Vetting Failed!",
        "Vetting Succeeded",
    ];
    let is_table_head =
        || text.starts_with("Command ") && ["Audit Size", "Built"].iter().any(|end| text.ends_with(end));
    let is_part_of_total = || {
        text.contains(" of these lines are code that gets built")
            || (text.starts_with("cargo vet ") && text.contains(" would save "))
    };
    let is_count = || text.ends_with(" unvetted dependencies:") || text.ends_with(" unvetted dependency:");
    let is_missing = || text.contains(" missing [") && text.ends_with(']');
    STARTS.iter().any(|start| text.starts_with(start))
        || is_table_head()
        || is_part_of_total()
        || is_count()
        || is_missing()
}

fn no_audit() -> Diagnostic {
    Diagnostic::error(Code::BadAuditList, "a line of the list names no audit")
        .help("write `inspect NAME VERSION` or `diff NAME FROM TO`; a comment begins with `#`")
}

fn too_short(command: &str) -> Diagnostic {
    let form = if command == "diff" { "diff NAME FROM TO" } else { "inspect NAME VERSION" };
    Diagnostic::error(Code::BadAuditList, "a line of the list is not complete")
        .help(format!("write `{form}`"))
}

fn no_audits(name: &str) -> Diagnostic {
    Diagnostic::error(Code::BadAuditList, format!("`{}` names no audits", wording::shown(name)))
        .help("write a line such as `inspect NAME VERSION` for each, or take what `cargo vet suggest` prints")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The subjects of a list, one per line; or the errors, with their lines.
    fn read(text: &str) -> String {
        let line = |source: &Source, span: &Range<usize>| {
            source.text.get(..span.start).unwrap().matches('\n').count() + 1
        };
        match List::read(&Source::new("list", text)) {
            Ok(list) => {
                let audit = |audit: &Listed| {
                    let text = list.source.text.get(audit.span.clone()).unwrap();
                    assert!(text.contains(audit.subject.package()), "{text}");
                    let criteria = audit.criteria.join(", ");
                    format!("{}: {} [{criteria}]\n", line(&list.source, &audit.span), audit.subject.key())
                };
                list.audits.iter().map(audit).collect()
            }
            Err(problems) => {
                let problem = |problem: &Diagnostic| {
                    let place = problem.excerpts.first();
                    let line = place.map_or(0, |place| line(&place.source, &place.span));
                    format!("{line}: {}\n", problem.message)
                };
                problems.iter().map(problem).collect()
            }
        }
    }

    #[test]
    fn what_suggest_prints_is_a_list() {
        let revision = "1.0.0@git:00112233445566778899aabbccddeeff00112233";
        let text = format!(
            "Vetting Failed!\n\n4 unvetted dependencies:\n  itoa:1.0.9 missing [\"safe-to-deploy\"]\n\n\
             recommended audits for safe-to-deploy:\n    \
             Command                              Publisher  Used By  Audit Size\n    \
             cargo vet diff semver 1.0.19 1.0.20  dtolnay    p1       4 files changed, 65 insertions(+)\n      \
             NOTE: acme trusts David Tolnay (dtolnay) - consider cargo vet trust semver\n    \
             cargo vet inspect itoa 1.0.9         dtolnay    p1       846 lines\n    \
             cargo vet diff cfg-if 1.0.0 {revision}\n{}\
             dtolnay    inspect  846 lines\n\n\
             recommended audits for safe-to-run (or safe-to-deploy, or more), crypto:\n    \
             Command                             Publisher  Used By  Audit Size\n    \
             cargo vet inspect itoa 1.0.9  dtolnay    p1       1010 lines\n    \
             cargo vet inspect scopeguard 1.1.0  dtolnay    p1       1010 lines\n\n\
             estimated audit backlog: 1924 lines\n  900 of these lines are code that gets built, 1024 are not\n  \
             cargo vet import acme would save 12 lines, in 1 crate\n\nWARNING: something\n\nUse |cargo vet certify| to record the audits.\n",
            " ".repeat(56),
        );
        insta::assert_snapshot!(read(&text), @r"
        8: semver 1.0.19 -> 1.0.20 [safe-to-deploy]
        10: itoa 1.0.9 [safe-to-deploy, safe-to-run, crypto]
        11: cfg-if 1.0.0 -> 1.0.0@git:00112233445566778899aabbccddeeff00112233 [safe-to-deploy]
        17: scopeguard 1.1.0 [safe-to-run, crypto]
        ");
    }

    #[test]
    fn lists_can_be_written_by_hand() {
        let text = "# Ours.\n\ninspect a 1.0.0\r\n  diff a 1.0.0 1.1.0 # to read\n\tcertify b 1.0.0\n\
                    cargo vet certify b 1.0.0 2.0.0\ncertify c 1.0.0 soon\ninspect a 1.0.0";
        insta::assert_snapshot!(read(text), @r"
        3: a 1.0.0 []
        4: a 1.0.0 -> 1.1.0 []
        5: b 1.0.0 []
        6: b 1.0.0 -> 2.0.0 []
        7: c 1.0.0 []
        ");
    }

    #[test]
    fn each_mistake_is_found() {
        let text = "inspect a 1.0\ninspct a 1.0.0\ninspect a\ndiff a 1.0.0\ndiff a 1.0.0 x\ninspect a 1.0.0 --force\n\
                    cargo install a\ncargo\ninspect a 1.0.0@git:1\n    inspct a 1.0.0\ndiff";
        insta::assert_snapshot!(read(text), @r"
        1: `1.0` is not a full version such as `1.2.3`: unexpected end of input while parsing minor version number
        2: a line of the list names no audit
        3: a line of the list is not complete
        4: a line of the list is not complete
        5: `x` is not a full version such as `1.2.3`: unexpected character 'x' while parsing major version number
        6: a list cannot have options such as `--force`
        7: a line of the list names no audit
        8: a line of the list names no audit
        9: `1` is not a git revision of 40 hexadecimal digits
        10: a line of the list names no audit
        11: a line of the list is not complete
        ");
        for text in ["", "\n# none\n", "Nothing to suggest, you're fully audited!\n"] {
            assert_eq!(read(text), "0: `list` names no audits\n", "{text:?}");
        }
    }
}
