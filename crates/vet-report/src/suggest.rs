//! The output of `suggest` and of a failed check: the audits to do.
//!
//! There are three forms. Scripts read the table in this file, so it must not change. People at a
//! terminal see the plan, which fits its width. JSON contains everything.

mod json;
mod plan;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;
use vet_diagnostics::{Code, Diagnostic};
use vet_ops::evaluation::outcome::{Saving, SavingBy, Suggestion, Suggestions, TrustHint, Unmeasured};
use vet_store::entries::Publisher;

use crate::reading::command;
use crate::short_list::short_list;
use crate::visible::visible_line;

pub(crate) use json::SuggestJson;

/// The format of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Whether to use escape sequences for colours.
    pub colored: bool,
    /// The width of the terminal, if a person reads it there and not a script.
    pub columns: Option<usize>,
}

impl Form {
    fn paint(self, style: Style, text: &str) -> String {
        match self.colored {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }
}

const HEADING: Style = Style::new().bold().dimmed();
const COMMAND: Style = AnsiColor::Cyan.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Further savings are in JSON only.
const MOST_SAVINGS: usize = 8;

/// A longer command gets its own line.
const LONGEST_COMMAND: usize = 52;

/// What to do, and what would make it unnecessary.
pub fn human(suggestions: &Suggestions, form: Form) -> String {
    match form.columns {
        Some(columns) => plan::plan(suggestions, form, columns),
        None => for_scripts(suggestions, form),
    }
}

fn for_scripts(suggestions: &Suggestions, form: Form) -> String {
    let mut text = String::new();
    for (label, rows) in groups(suggestions) {
        let _ = writeln!(text, "recommended audits for {}:", visible_line(label));
        table(&mut text, &rows, form);
        text.push('\n');
    }
    text.push_str(&total(suggestions));
    let warnings = warnings(suggestions);
    if !warnings.is_empty() {
        text.push('\n');
    }
    for warning in warnings {
        let _ = writeln!(text, "{}: {}", form.paint(WARNING, "WARNING"), visible_line(&warning));
    }
    text.push_str("\nUse |cargo vet certify| to record the audits.\n");
    text
}

/// A line of a table.
enum Row<'a> {
    Audit(&'a Suggestion),
    Unmeasured(&'a Unmeasured),
}

/// The audits grouped by the criteria that they certify, in words.
fn groups(suggestions: &Suggestions) -> BTreeMap<&str, Vec<Row<'_>>> {
    let mut groups: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    for audit in &suggestions.audits {
        groups.entry(&audit.criteria_label).or_default().push(Row::Audit(audit));
    }
    for unmeasured in &suggestions.unmeasured {
        groups.entry(&unmeasured.criteria_label).or_default().push(Row::Unmeasured(unmeasured));
    }
    groups
}

fn table(text: &mut String, rows: &[Row<'_>], form: Form) {
    let heading = ["Command", "Publisher", "Used By", "Audit Size"].map(str::to_owned);
    let cells: Vec<[String; 4]> = rows.iter().map(cells).collect();
    let widest = |column: usize| {
        let all = cells.iter().chain([&heading]).filter_map(|row| row.get(column));
        let widths =
            all.map(|cell| if column == 0 { cell.width().min(LONGEST_COMMAND) } else { cell.width() });
        widths.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..heading.len()).map(widest).collect();
    let line = |text: &mut String, row: &[String; 4], style: Option<Style>, first: Style| {
        text.push_str("    ");
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let style = if column == 0 { Some(first) } else { style };
            text.push_str(&style.map_or_else(|| cell.clone(), |style| form.paint(style, cell)));
            if column + 1 == widths.len() {
                break;
            }
            if cell.width() > *width {
                let _ = write!(text, "\n    {}", " ".repeat(*width));
            }
            let _ = write!(text, "{}  ", " ".repeat(width.saturating_sub(cell.width())));
        }
        text.push('\n');
    };
    line(text, &heading, Some(HEADING), HEADING);
    for (row, cells) in rows.iter().zip(&cells) {
        line(text, cells, None, COMMAND);
        let notes = match row {
            Row::Audit(audit) => notes(audit),
            Row::Unmeasured(_) => Vec::new(),
        };
        for note in notes {
            let _ = writeln!(text, "      NOTE: {}", visible_line(&note));
        }
    }
}

fn cells(row: &Row<'_>) -> [String; 4] {
    let shown = |text: &str| visible_line(text).into_owned();
    match row {
        Row::Audit(audit) => {
            let publisher = audit.publisher.as_ref().map_or("UNKNOWN", Publisher::identifier);
            let command = command(&audit.name, audit.from.as_ref(), &audit.to);
            [shown(&command), shown(publisher), shown(&short_list(&audit.parents)), size(audit)]
        }
        Row::Unmeasured(unmeasured) => {
            let package = &unmeasured.package;
            let command = command(&package.name, None, &package.version);
            [
                shown(&command),
                "UNKNOWN".to_owned(),
                shown(&short_list(&unmeasured.parents)),
                "unknown".to_owned(),
            ]
        }
    }
}

/// The amount to read, in git's wording.
fn size(audit: &Suggestion) -> String {
    let size = &audit.size;
    if audit.from.is_none() {
        return format!("{} lines", size.lines());
    }
    let mut text = format!("{} files changed", size.files_changed);
    for (lines, what) in [(size.insertions, "insertions(+)"), (size.deletions, "deletions(-)")] {
        if lines > 0 {
            let _ = write!(text, ", {lines} {what}");
        }
    }
    text
}

/// What would make an audit unnecessary.
pub(crate) fn notes(audit: &Suggestion) -> Vec<String> {
    let registry = audit.registry.iter().map(|hint| match hint.remaining {
        0 => format!("cargo vet import {} would eliminate this", hint.name),
        lines => format!("cargo vet import {} would reduce this to a {lines}-line diff", hint.name),
    });
    registry.chain(audit.trust.as_ref().map(|hint| trust(&audit.name, hint))).collect()
}

fn trust(name: &str, hint: &TrustHint) -> String {
    let trust = if hint.trusted_by.len() == 1 { "trusts" } else { "trust" };
    let publisher = match &hint.publisher {
        Publisher::User { login, name: Some(name), .. } => format!("{name} ({login})"),
        publisher => publisher.identifier().to_owned(),
    };
    let other = if hint.is_of_version { "" } else { ", who published another version of this crate" };
    let identifier = &hint.argument;
    let command = match hint.is_only_publisher {
        true => format!("cargo vet trust {name} or cargo vet trust --all {identifier}"),
        false => format!("cargo vet trust {name} {identifier}"),
    };
    format!("{} {trust} {publisher}{other} - consider {command}", short_list(&hint.trusted_by))
}

/// How many lines of a plan are code that a dependent builds.
fn built_part(built: u64, lines: u64, shown: impl Fn(u64) -> String) -> String {
    let left = lines.saturating_sub(built);
    let verb = |number: u64| if number == 1 { "is" } else { "are" };
    let (built_are, left_are) = (verb(built), verb(left));
    format!(
        "  {} of these lines {built_are} code that gets built, {} {left_are} not",
        shown(built),
        shown(left)
    )
}

/// The total amount to read, and what would make most of it unnecessary.
fn total(suggestions: &Suggestions) -> String {
    let (lines, built) = (suggestions.lines(), suggestions.built());
    let unknown = match suggestions.unmeasured.len() {
        0 => String::new(),
        1 => ", and 1 audit of unknown size".to_owned(),
        number => format!(", and {number} audits of unknown size"),
    };
    let mut text = format!("estimated audit backlog: {lines} lines{unknown}\n");
    if lines > 0 {
        let _ = writeln!(text, "{}", built_part(built, lines, |number| number.to_string()));
    }
    for saving in suggestions.savings.iter().take(MOST_SAVINGS) {
        let crates = if saving.crates == 1 { "crate" } else { "crates" };
        let command = visible_line(&saving_command(saving)).into_owned();
        let _ =
            writeln!(text, "  {command} would save {} lines, in {} {crates}", saving.lines, saving.crates);
    }
    if let Some(more @ 1..) = suggestions.savings.len().checked_sub(MOST_SAVINGS) {
        let _ = writeln!(text, "  and {more} more");
    }
    text
}

fn saving_command(saving: &Saving) -> String {
    match &saving.by {
        SavingBy::Import(name) => format!("cargo vet import {name}"),
        SavingBy::TrustAll(_, argument) => format!("cargo vet trust --all {argument}"),
        SavingBy::Trust(name, _, argument) => format!("cargo vet trust {name} {argument}"),
    }
}

/// What could not be measured, and what could not be examined.
fn warnings(suggestions: &Suggestions) -> Vec<String> {
    let unmeasured = suggestions.unmeasured.iter().map(|it| {
        let package = &it.package;
        format!("the size of an audit of {}:{} is not known: {}", package.name, package.version, it.reason)
    });
    let forbidden = suggestions.forbidden.iter().map(|forbidden| &forbidden.warning);
    let others = forbidden.chain(&suggestions.warnings).map(|warning| match warning.code {
        // What to do about a violation is as important as the violation itself.
        Code::ViolationInUse => with_help(warning),
        _ => warning.message.clone(),
    });
    unmeasured.chain(others).collect()
}

fn with_help(warning: &Diagnostic) -> String {
    let help = warning.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    warning.message.clone() + &help
}
