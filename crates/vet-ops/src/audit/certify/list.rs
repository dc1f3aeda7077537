//! Audits from a list: the JSON of `suggest`, or lines with the commands that show what was
//! audited.
//!
//! Every line that is no such command is an error: users would not notice that an audit is missing
//! because of a typing error. The table that `suggest` prints for people is not a list.

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use vet_diagnostics::{Code, Diagnostic, Problems, Source, wording};
use vet_store::Version;

use super::pending::Place;
use super::subject::Subject;

/// A list that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// The audits, in the order in which they are first named.
    pub(super) audits: Vec<Wanted>,
}

/// An audit that is named in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) subject: Subject,
    /// The criteria that the list names for it.
    pub(super) criteria: Vec<String>,
    /// Its position in a list with lines.
    pub(super) place: Option<Place>,
}

impl Wanted {
    /// An audit that is not on a list.
    pub(super) fn one(subject: Subject) -> Self {
        Wanted { subject, criteria: Vec::new(), place: None }
    }
}

impl List {
    /// Reads a list.
    ///
    /// # Errors
    ///
    /// One finding for each line that names no audit, with its position; the JSON is not what
    /// `suggest` prints; or the list contains no audit.
    pub fn read(source: &Arc<Source>) -> Result<Self, Problems> {
        let text = source.text.trim_start_matches('\u{feff}');
        let audits = match text.trim_start().starts_with('{') {
            true => from_json(text, source)?,
            false => from_lines(source)?,
        };
        match audits.is_empty() {
            false => Ok(List { audits }),
            true => Err(Problems::from(no_audits(&source.name))),
        }
    }

    /// Whether the list names the criteria of every audit.
    pub fn names_criteria(&self) -> bool {
        self.audits.iter().all(|audit| !audit.criteria.is_empty())
    }
}

/// Adds an audit. If it is named twice, it meets the criteria of both.
fn add(audits: &mut Vec<Wanted>, new: Wanted) {
    match audits.iter_mut().find(|audit| audit.subject == new.subject) {
        Some(same) => {
            let more = new.criteria.into_iter().filter(|name| !same.criteria.contains(name));
            let more: Vec<String> = more.collect();
            same.criteria.extend(more);
        }
        None => audits.push(new),
    }
}

/// The JSON of `suggest` and of a failed check: the original's, and what this tool adds.
#[derive(Deserialize)]
struct Report {
    suggest: Option<Suggest>,
}

#[derive(Deserialize)]
struct Suggest {
    suggestions: Vec<Suggested>,
    #[serde(default)]
    unmeasured: Vec<Unmeasured>,
}

#[derive(Deserialize)]
struct Suggested {
    name: String,
    suggested_criteria: Vec<String>,
    suggested_diff: Versions,
}

#[derive(Deserialize)]
struct Versions {
    from: Option<String>,
    to: String,
}

/// An audit of unknown size.
#[derive(Deserialize)]
struct Unmeasured {
    name: String,
    version: String,
    missing_criteria: Vec<String>,
}

fn from_json(text: &str, source: &Source) -> Result<Vec<Wanted>, Problems> {
    let report: Report = serde_json::from_str(text).map_err(|error| {
        let message = format!("`{}` is not JSON that `suggest` prints", wording::shown(&source.name));
        let problem = Diagnostic::error(Code::BadAuditList, message);
        vec![problem.note(wording::shown(&error.to_string())).help(FROM_SUGGEST)]
    })?;
    let Some(suggest) = report.suggest else { return Ok(Vec::new()) };
    let (mut audits, mut problems) = (Vec::new(), Vec::new());
    let measured =
        suggest.suggestions.into_iter().map(|it| (it.name, it.suggested_criteria, it.suggested_diff));
    let unmeasured = suggest.unmeasured.into_iter();
    let unmeasured =
        unmeasured.map(|it| (it.name, it.missing_criteria, Versions { from: None, to: it.version }));
    for (package, criteria, Versions { from, to }) in measured.chain(unmeasured) {
        let subject = from.as_deref().map(version).transpose().and_then(|from| {
            let to = version(&to)?;
            Ok(match from {
                None => Subject::Full { package, version: to },
                Some(from) => Subject::Delta { package, from, to },
            })
        });
        match subject {
            Ok(subject) => add(&mut audits, Wanted { criteria, ..Wanted::one(subject) }),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(audits) } else { Err(problems.into()) }
}

fn from_lines(source: &Arc<Source>) -> Result<Vec<Wanted>, Problems> {
    let (mut audits, mut problems) = (Vec::new(), Vec::new());
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        let begin = start + line.len() - line.trim_start().len();
        let span: Range<usize> = begin..(start + line.trim_end().len()).max(begin);
        start += line.len();
        // The name of a crate and a version contain no `#`.
        let text = line.split('#').next().unwrap_or_default().trim().trim_start_matches('\u{feff}');
        if text.starts_with("recommended audits for ") {
            return Err(Problems::from(for_people().at(source, span, "")));
        }
        if text.is_empty() {
            continue;
        }
        match subject(text) {
            Ok(subject) => {
                let place = Some(Place { source: Arc::clone(source), span });
                add(&mut audits, Wanted { place, ..Wanted::one(subject) });
            }
            Err(problem) => problems.push(problem.at(source, span, "")),
        }
    }
    if problems.is_empty() { Ok(audits) } else { Err(problems.into()) }
}

/// The subject of a command such as `cargo vet inspect serde 1.0.0` or `diff serde 1.0.0 1.0.1`.
fn subject(text: &str) -> Result<Subject, Diagnostic> {
    let mut words = text.split_whitespace().peekable();
    if words.next_if_eq(&"cargo").is_some() && words.next_if_eq(&"vet").is_none() {
        return Err(no_audit());
    }
    let command = words.next().unwrap_or_default();
    let words: Vec<&str> = words.collect();
    if !["inspect", "diff", "certify"].contains(&command) {
        return Err(no_audit());
    }
    if let Some(option) = words.iter().find(|word| word.starts_with("--")) {
        let message = format!("a list cannot have options such as `{}`", wording::shown(option));
        return Err(Diagnostic::error(Code::BadAuditList, message)
            .help("give options to `cargo vet certify`; they hold for the whole list"));
    }
    match (command, words.as_slice()) {
        ("inspect" | "certify", [package, only]) => {
            Ok(Subject::Full { package: (*package).to_owned(), version: version(only)? })
        }
        ("diff" | "certify", [package, from, to]) => {
            Ok(Subject::Delta { package: (*package).to_owned(), from: version(from)?, to: version(to)? })
        }
        (_, words) => Err(wrong_length(command, words.len())),
    }
}

fn version(text: &str) -> Result<Version, Diagnostic> {
    text.parse().map_err(|error: vet_store::version::VersionError| {
        Diagnostic::error(Code::BadAuditList, wording::shown(&error.to_string()).into_owned())
    })
}

const FROM_SUGGEST: &str = "save the plan with `cargo vet suggest --output-format json > plan.json`";

fn for_people() -> Diagnostic {
    Diagnostic::error(Code::BadAuditList, "the table that `suggest` prints for people is not a list")
        .help(FROM_SUGGEST)
}

fn no_audit() -> Diagnostic {
    Diagnostic::error(Code::BadAuditList, "a line of the list names no audit")
        .help("write `inspect NAME VERSION` or `diff NAME FROM TO`; a comment begins with `#`")
}

fn wrong_length(command: &str, words: usize) -> Diagnostic {
    let form = if command == "diff" { "diff NAME FROM TO" } else { "inspect NAME VERSION" };
    let message = match words {
        0..=2 => "a line of the list is not complete",
        _ => "a line of the list has too many words",
    };
    Diagnostic::error(Code::BadAuditList, message).help(format!("write `{form}`"))
}

fn no_audits(name: &str) -> Diagnostic {
    Diagnostic::error(Code::BadAuditList, format!("`{}` names no audits", wording::shown(name)))
        .help("write a line such as `inspect NAME VERSION` for each, or take what `cargo vet suggest --output-format json` prints")
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
                let audit = |audit: &Wanted| {
                    let place = audit.place.as_ref().map_or(0, |Place { source, span }| {
                        let text = source.text.get(span.clone()).unwrap();
                        assert!(text.contains(audit.subject.package()), "{text}");
                        line(source, span)
                    });
                    let criteria = audit.criteria.join(", ");
                    format!("{place}: {} [{criteria}]\n", audit.subject.key())
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
    fn the_json_of_suggest_is_a_list() {
        let item = |name: &str, from: &str, to: &str, criteria: &str| {
            let stat = r#""diffstat": {"insertions": 1, "deletions": 0, "files_changed": 1}"#;
            format!(
                r#"{{"name": "{name}", "notable_parents": "app", "suggested_criteria": [{criteria}], "suggested_diff": {{"from": {from}, "to": "{to}", {stat}}}}}"#
            )
        };
        let deploy = r#""safe-to-deploy""#;
        let items = [
            item("semver", r#""1.0.19""#, "1.0.20", deploy),
            item("itoa", "null", "1.0.9", deploy),
            item("itoa", "null", "1.0.9", r#""safe-to-run", "crypto""#),
            item("cfg-if", r#""1.0.0""#, "1.0.0@git:00112233445566778899aabbccddeeff00112233", deploy),
        ];
        let unmeasured = r#"{"name": "bytes", "version": "1.0.0", "missing_criteria": ["safe-to-run"], "parents": [], "reason": "down"}"#;
        let text = format!(
            r#"{{"conclusion": "fail (vetting)", "failures": [], "suggest": {{"suggestions": [{}], "suggest_by_criteria": {{}}, "total_lines": 3, "unmeasured": [{unmeasured}]}}}}"#,
            items.join(", ")
        );
        insta::assert_snapshot!(read(&text), @r"
        0: semver 1.0.19 -> 1.0.20 [safe-to-deploy]
        0: itoa 1.0.9 [safe-to-deploy, safe-to-run, crypto]
        0: cfg-if 1.0.0 -> 1.0.0@git:00112233445566778899aabbccddeeff00112233 [safe-to-deploy]
        0: bytes 1.0.0 [safe-to-run]
        ");
        // The original does not list audits of unknown size.
        let original = text.replace(&format!(r#", "unmeasured": [{unmeasured}]"#), "");
        assert_eq!(read(&original).lines().count(), 3);
        for (text, expected) in [
            ("{", "0: `list` is not JSON that `suggest` prints\n"),
            (r#"{"suggest": {"suggestions": 1}}"#, "0: `list` is not JSON that `suggest` prints\n"),
            (r#"{"suggest": null}"#, "0: `list` names no audits\n"),
            (r#" {"conclusion": "success"}"#, "0: `list` names no audits\n"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert!(read(&text.replace("1.0.20", "1.0")).contains("is not a full version"));
    }

    #[test]
    fn the_table_for_people_is_not_a_list() {
        let text = "Vetting Failed!\n\nrecommended audits for safe-to-deploy:\n    cargo vet inspect itoa 1.0.9  dtolnay\n";
        assert_eq!(read(text), "3: the table that `suggest` prints for people is not a list\n");
    }

    #[test]
    fn lists_can_be_written_by_hand() {
        let text = "# Ours.\n\ninspect a 1.0.0\r\n  diff a 1.0.0 1.1.0 # to read\n\tcertify b 1.0.0\n\
                    cargo vet certify b 1.0.0 2.0.0\n\ninspect a 1.0.0";
        insta::assert_snapshot!(read(text), @r"
        3: a 1.0.0 []
        4: a 1.0.0 -> 1.1.0 []
        5: b 1.0.0 []
        6: b 1.0.0 -> 2.0.0 []
        ");
    }

    #[test]
    fn each_mistake_is_found() {
        let text = "inspect a 1.0\ninspct a 1.0.0\ninspect a\ndiff a 1.0.0\ndiff a 1.0.0 x\ninspect a 1.0.0 --force\n\
                    cargo install a\ncargo\ninspect a 1.0.0@git:1\n    inspct a 1.0.0\ndiff\ninspect a 1.0.0 12 lines";
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
        12: a line of the list has too many words
        ");
        for text in ["", "\n# none\n"] {
            assert_eq!(read(text), "0: `list` names no audits\n", "{text:?}");
        }
    }
}
