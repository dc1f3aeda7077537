//! The introduction for users who are about to read a package.

use std::fmt::Write as _;

use vet_diagnostics::wording;
use vet_ops::audit::reading::{Reading, ReadingSubject};
use vet_ops::operation::questions::CriterionText;
use vet_store::Version;

use crate::visible::{visible, visible_line};

/// The subject, the criteria that an audit would certify, and a note that others may rely on it.
/// The texts of criteria that are `known` are left out.
pub fn introduction(reading: &Reading, is_known: bool, is_colored: bool) -> String {
    let bold = |text: String| match is_colored {
        true => format!("{BOLD}{text}{PLAIN}"),
        false => text,
    };
    let mut text = bold(format!("You are about to read {}.", subject(&reading.subject))) + "\n";
    let Some((first, others)) = reading.likely.split_first() else { return text + "\n" };
    if is_known {
        let names = wording::list(reading.likely.iter().map(|criterion| criterion.name.as_str()), "and");
        let _ = writeln!(text, "{}", bold(format!("By certifying it, you vouch for {names}.")));
        return text + "\n";
    }
    let _ = writeln!(text, "{}", bold(format!("By certifying it, you vouch for {}:", quoted(first))));
    paragraph(&mut text, first);
    for other in others {
        let _ = writeln!(text, "\n{}", bold(format!("and for {}:", quoted(other))));
        paragraph(&mut text, other);
    }
    text + "\nOthers may rely on such an audit, too.\n\n"
}

/// The texts of criteria, each with its name.
pub fn criteria_texts(criteria: &[CriterionText]) -> String {
    let mut text = String::new();
    for criterion in criteria {
        let _ = writeln!(text, "\n{}:", quoted(criterion));
        paragraph(&mut text, criterion);
    }
    text + "\n"
}

const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// The subject in words: one version, or the changes between two.
pub fn subject(subject: &ReadingSubject) -> String {
    let ReadingSubject { package, from, to } = subject;
    let package = visible_line(package);
    match from {
        None => format!("version {to} of {package}"),
        Some(from) => format!("the changes from version {from} to {to} of {package}"),
    }
}

/// The command that shows a version or changes. Names are not escaped.
pub(crate) fn command(package: &str, from: Option<&Version>, to: &Version) -> String {
    match from {
        None => format!("cargo vet inspect {package} {to}"),
        Some(from) => format!("cargo vet diff {package} {from} {to}"),
    }
}

fn quoted(criterion: &CriterionText) -> String {
    format!("\"{}\"", visible_line(&criterion.name))
}

/// The text of a criterion, as a separate paragraph.
fn paragraph(text: &mut String, criterion: &CriterionText) {
    text.push('\n');
    for line in visible(&criterion.text).lines() {
        let _ = writeln!(text, "{}", format!("  {line}").trim_end());
    }
}
