//! The output of `status`.

use serde::Serialize;
use vet_diagnostics::wording;
use vet_ops::audit::reading::ReadingSubject;
use vet_ops::audit::status::{Read, Status};
use vet_ops::evaluation::outcome::{CheckOutcome, PackageId};

use crate::json;
use crate::left_out::{self, LeftOutJson};
use crate::reading::command;
use crate::visible::visible_line;

/// The maximum number of lines of each kind in the text output.
const MOST_LINES: usize = 20;

/// The text output.
pub fn human(status: &Status) -> String {
    let read = match status.read.as_slice() {
        [] => "Nothing was read in this project on this machine.\n".to_owned(),
        read => section("Read", &read_lines(read)),
    };
    let verdict = match &status.check {
        CheckOutcome::Unvetted { .. } => String::new(),
        CheckOutcome::Violation { conflicts } => {
            let line = |(package, _): &(PackageId, _)| vec![name(package)];
            let lines: Vec<_> = conflicts.iter().map(line).collect();
            section("Statements contradict each other: see `cargo vet --locked`", &lines)
        }
        CheckOutcome::Success { exempted, .. } => match exempted.len() {
            0 => "Everything is vetted.\n".to_owned(),
            number => format!(
                "Everything is vetted, but {} by exemptions alone: see `cargo vet suggest`.\n",
                wording::count(number, "package", "packages")
            ),
        },
    };
    let missing = |(package, missing): &(PackageId, Vec<String>)| {
        vec![name(package), visible_line(&missing.join(", ")).into_owned()]
    };
    let unvetted = section("Not vetted", &status.unvetted.iter().map(missing).collect::<Vec<_>>());
    let commands: Vec<_> = status
        .next
        .iter()
        .map(|ReadingSubject { package, from, to }| {
            vec![visible_line(&command(package, from.as_ref(), to)).into_owned()]
        })
        .collect();
    let next = section("Next", &commands);
    let left_out = status.left_out.as_ref().map(left_out::summary).unwrap_or_default();
    [read, verdict, unvetted, next, left_out]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn read_lines(read: &[Read]) -> Vec<Vec<String>> {
    let line = |Read { look, is_certified }: &Read| {
        let what = match &look.from {
            None => format!("{} {}", visible_line(&look.package), look.to),
            Some(from) => format!("{} {from} -> {}", visible_line(&look.package), look.to),
        };
        let certified = if *is_certified { "certified" } else { "not certified" };
        vec![look.when.to_string(), what, certified.to_owned()]
    };
    read.iter().map(line).collect()
}

/// A heading and the first lines, in aligned columns; nothing if there are no lines.
fn section(heading: &str, lines: &[Vec<String>]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let (lines, more) = lines.split_at_checked(MOST_LINES).unwrap_or((lines, &[]));
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = lines.iter().filter(|line| line.len() > column + 1).filter_map(|line| line.get(column));
        cells.map(|cell| unicode_width::UnicodeWidthStr::width(cell.as_str())).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = format!("{heading}\n");
    for line in lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("  {cell:width$}"));
        text += cells.collect::<String>().trim_end();
        text.push('\n');
    }
    if !more.is_empty() {
        text += &format!("  and {} more\n", more.len());
    }
    text
}

fn name(package: &PackageId) -> String {
    format!("{} {}", visible_line(&package.name), package.version)
}

/// The JSON output.
pub fn json(status: &Status) -> String {
    json::document(&StatusJson {
        conclusion: match &status.check {
            CheckOutcome::Success { .. } => "success",
            CheckOutcome::Unvetted { .. } => "fail (vetting)",
            CheckOutcome::Violation { .. } => "fail (violation)",
        },
        read: status.read.iter().map(ReadJson::from).collect(),
        unvetted: status.unvetted.iter().map(UnvettedJson::from).collect(),
        next: status.next.iter().map(SubjectJson::from).collect(),
        left_out: status.left_out.as_ref().map(left_out::json),
    })
}

#[derive(Serialize)]
struct StatusJson<'a> {
    conclusion: &'static str,
    read: Vec<ReadJson<'a>>,
    unvetted: Vec<UnvettedJson<'a>>,
    next: Vec<SubjectJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<Vec<LeftOutJson<'a>>>,
}

#[derive(Serialize)]
struct ReadJson<'a> {
    package: &'a str,
    from: Option<String>,
    to: String,
    when: String,
    certified: bool,
}

impl<'a> From<&'a Read> for ReadJson<'a> {
    fn from(Read { look, is_certified }: &'a Read) -> Self {
        ReadJson {
            package: &look.package,
            from: look.from.as_ref().map(ToString::to_string),
            to: look.to.to_string(),
            when: look.when.to_string(),
            certified: *is_certified,
        }
    }
}

#[derive(Serialize)]
struct UnvettedJson<'a> {
    name: &'a str,
    version: String,
    missing_criteria: &'a [String],
}

impl<'a> From<&'a (PackageId, Vec<String>)> for UnvettedJson<'a> {
    fn from((package, missing): &'a (PackageId, Vec<String>)) -> Self {
        UnvettedJson { name: &package.name, version: package.version.to_string(), missing_criteria: missing }
    }
}

#[derive(Serialize)]
struct SubjectJson<'a> {
    package: &'a str,
    from: Option<String>,
    to: String,
}

impl<'a> From<&'a ReadingSubject> for SubjectJson<'a> {
    fn from(ReadingSubject { package, from, to }: &'a ReadingSubject) -> Self {
        SubjectJson { package, from: from.as_ref().map(ToString::to_string), to: to.to_string() }
    }
}
