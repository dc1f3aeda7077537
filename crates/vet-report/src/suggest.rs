//! The output of `suggest` and of a failed check: the audits to do.
//!
//! Scripts read the table, so it must not change. How much of an audit is code that gets built is
//! an additional column that appears only on a terminal; JSON contains everything.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;
use vet_diagnostics::{Code, Diagnostic};
use vet_ops::outcome::{Saving, SavingBy, Suggestion, Suggestions, TrustHint, Unmeasured};
use vet_store::entries::Publisher;

use crate::reading::command;
use crate::short_list::short_list;
use crate::visible::visible_line;

/// The format of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Whether to use escape sequences for colours.
    pub colored: bool,
    /// Whether a person reads it, not a script.
    pub for_a_person: bool,
}

const HEADING: Style = Style::new().bold().dimmed();
const COMMAND: Style = AnsiColor::Cyan.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// A longer command gets its own line.
const LONGEST_COMMAND: usize = 52;

/// What to do, and what would make it unnecessary.
pub fn human(suggestions: &Suggestions, form: Form) -> String {
    let paint = |style: Style, text: &str| match form.colored {
        true => format!("{style}{text}{style:#}"),
        false => text.to_owned(),
    };
    let mut text = String::new();
    for (label, rows) in groups(suggestions) {
        let _ = writeln!(text, "recommended audits for {}:", visible_line(label));
        table(&mut text, &rows, form, &paint);
        text.push('\n');
    }
    text.push_str(&total(suggestions));
    let warnings = warnings(suggestions);
    if !warnings.is_empty() {
        text.push('\n');
    }
    for warning in warnings {
        let _ = writeln!(text, "{}: {}", paint(WARNING, "WARNING"), visible_line(&warning));
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

fn table(text: &mut String, rows: &[Row<'_>], form: Form, paint: &dyn Fn(Style, &str) -> String) {
    let heading = ["Command", "Publisher", "Used By", "Audit Size", "Built"].map(str::to_owned);
    let columns = if form.for_a_person { heading.len() } else { heading.len() - 1 };
    let cells: Vec<[String; 5]> = rows.iter().map(cells).collect();
    let widest = |column: usize| {
        let all = cells.iter().chain([&heading]).filter_map(|row| row.get(column));
        let widths =
            all.map(|cell| if column == 0 { cell.width().min(LONGEST_COMMAND) } else { cell.width() });
        widths.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let line = |text: &mut String, row: &[String; 5], style: Option<Style>, first: Style| {
        text.push_str("    ");
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let style = if column == 0 { Some(first) } else { style };
            text.push_str(&style.map_or_else(|| cell.clone(), |style| paint(style, cell)));
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

fn cells(row: &Row<'_>) -> [String; 5] {
    let shown = |text: &str| visible_line(text).into_owned();
    match row {
        Row::Audit(audit) => {
            let publisher = audit.publisher.as_ref().map_or("UNKNOWN", Publisher::identifier);
            let command = command(&audit.name, audit.from.as_ref(), &audit.to);
            [
                shown(&command),
                shown(publisher),
                shown(&short_list(&audit.parents)),
                size(audit),
                format!("{} of {}", audit.size.built, audit.size.lines()),
            ]
        }
        Row::Unmeasured(unmeasured) => {
            let package = &unmeasured.package;
            let command = command(&package.name, None, &package.version);
            [
                shown(&command),
                "UNKNOWN".to_owned(),
                shown(&short_list(&unmeasured.parents)),
                "unknown".to_owned(),
                "unknown".to_owned(),
            ]
        }
    }
}

/// The amount to read, in git's wording.
pub(crate) fn size(audit: &Suggestion) -> String {
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

/// The total amount to read, and what would make most of it unnecessary.
fn total(suggestions: &Suggestions) -> String {
    /// Further savings are in JSON only.
    const MOST_SAVINGS: usize = 8;
    let (lines, built) = (suggestions.lines(), suggestions.built());
    let unknown = match suggestions.unmeasured.len() {
        0 => String::new(),
        1 => ", and 1 audit of unknown size".to_owned(),
        number => format!(", and {number} audits of unknown size"),
    };
    let mut text = format!("estimated audit backlog: {lines} lines{unknown}\n");
    if lines > 0 {
        let _ = writeln!(
            text,
            "  {built} of these lines are code that gets built, {} are not",
            lines - built.min(lines)
        );
    }
    for saving in suggestions.savings.iter().take(MOST_SAVINGS) {
        let crates = if saving.crates == 1 { "crate" } else { "crates" };
        let command = visible_line(&saving_command(saving)).into_owned();
        let _ =
            writeln!(text, "  {command} would save {} lines, in {} {crates}", saving.lines, saving.crates);
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

/// The JSON format.
#[derive(Serialize)]
pub(crate) struct SuggestJson<'a> {
    suggestions: Vec<ItemJson<'a>>,
    suggest_by_criteria: BTreeMap<&'a str, Vec<ItemJson<'a>>>,
    total_lines: u64,
    built_lines: u64,
    unmeasured: Vec<UnmeasuredJson<'a>>,
    /// Present only if a violation covers a package.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forbidden: Vec<ForbiddenJson<'a>>,
    savings: Vec<SavingJson>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct ItemJson<'a> {
    name: &'a str,
    notable_parents: String,
    suggested_criteria: &'a [String],
    suggested_diff: DiffJson,
    command: String,
    parents: &'a [String],
    helps: Vec<String>,
    publisher: Option<PublisherJson<'a>>,
    built_lines: u64,
    registry_hints: Vec<RegistryHintJson<'a>>,
    trust_hint: Option<TrustHintJson<'a>>,
}

#[derive(Serialize)]
struct DiffJson {
    from: Option<String>,
    to: String,
    diffstat: DiffstatJson,
}

#[derive(Serialize)]
struct DiffstatJson {
    insertions: u64,
    deletions: u64,
    files_changed: u64,
}

#[derive(Serialize)]
struct RegistryHintJson<'a> {
    import: &'a str,
    remaining_lines: u64,
}

#[derive(Serialize)]
struct TrustHintJson<'a> {
    publisher: PublisherJson<'a>,
    trusted_by: &'a [String],
    published_this_version: bool,
    is_only_publisher: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum PublisherJson<'a> {
    User { id: u64, login: &'a str, name: Option<&'a str> },
    TrustedPublisher(&'a str),
}

#[derive(Serialize)]
struct UnmeasuredJson<'a> {
    name: &'a str,
    version: String,
    missing_criteria: &'a [String],
    parents: &'a [String],
    reason: &'a str,
}

#[derive(Serialize)]
struct ForbiddenJson<'a> {
    name: &'a str,
    version: String,
    missing_criteria: &'a [String],
    parents: &'a [String],
    reason: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct SavingJson {
    command: String,
    lines: u64,
    crates: usize,
}

impl<'a> From<&'a Suggestions> for SuggestJson<'a> {
    fn from(suggestions: &'a Suggestions) -> Self {
        let mut by_criteria: BTreeMap<&str, Vec<ItemJson<'_>>> = BTreeMap::new();
        for audit in &suggestions.audits {
            by_criteria.entry(&audit.criteria_label).or_default().push(ItemJson::from(audit));
        }
        let unmeasured = suggestions.unmeasured.iter().map(|it| UnmeasuredJson {
            name: &it.package.name,
            version: it.package.version.to_string(),
            missing_criteria: &it.criteria,
            parents: &it.parents,
            reason: &it.reason,
        });
        let saving = |saving: &Saving| SavingJson {
            command: saving_command(saving),
            lines: saving.lines,
            crates: saving.crates,
        };
        let forbidden = suggestions.forbidden.iter().map(|it| ForbiddenJson {
            name: &it.package.name,
            version: it.package.version.to_string(),
            missing_criteria: &it.criteria,
            parents: &it.parents,
            reason: &it.warning.message,
            help: it.warning.help.as_deref(),
        });
        SuggestJson {
            suggestions: suggestions.audits.iter().map(ItemJson::from).collect(),
            suggest_by_criteria: by_criteria,
            total_lines: suggestions.lines(),
            built_lines: suggestions.built(),
            unmeasured: unmeasured.collect(),
            forbidden: forbidden.collect(),
            savings: suggestions.savings.iter().map(saving).collect(),
            warnings: suggestions.warnings.iter().map(|warning| warning.message.clone()).collect(),
        }
    }
}

impl<'a> From<&'a Suggestion> for ItemJson<'a> {
    fn from(audit: &'a Suggestion) -> Self {
        let size = &audit.size;
        let registry = audit.registry.iter();
        let registry =
            registry.map(|it| RegistryHintJson { import: &it.name, remaining_lines: it.remaining });
        ItemJson {
            name: &audit.name,
            notable_parents: short_list(&audit.parents),
            suggested_criteria: &audit.criteria,
            suggested_diff: DiffJson {
                from: audit.from.as_ref().map(ToString::to_string),
                to: audit.to.to_string(),
                diffstat: DiffstatJson {
                    insertions: size.insertions,
                    deletions: size.deletions,
                    files_changed: size.files_changed,
                },
            },
            command: command(&audit.name, audit.from.as_ref(), &audit.to),
            parents: &audit.parents,
            helps: audit.helps.iter().map(ToString::to_string).collect(),
            publisher: audit.publisher.as_ref().map(PublisherJson::from),
            built_lines: size.built,
            registry_hints: registry.collect(),
            trust_hint: audit.trust.as_ref().map(|hint| TrustHintJson {
                publisher: PublisherJson::from(&hint.publisher),
                trusted_by: &hint.trusted_by,
                published_this_version: hint.is_of_version,
                is_only_publisher: hint.is_only_publisher,
            }),
        }
    }
}

impl<'a> From<&'a Publisher> for PublisherJson<'a> {
    fn from(publisher: &'a Publisher) -> Self {
        match publisher {
            Publisher::User { id, login, name } => {
                PublisherJson::User { id: *id, login, name: name.as_deref() }
            }
            Publisher::TrustedPublisher(signature) => PublisherJson::TrustedPublisher(signature),
        }
    }
}
