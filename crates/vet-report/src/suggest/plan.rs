//! The plan as people read it at a terminal.
//!
//! No line is longer than the terminal is wide, except for commands, which are there to be copied.
//! Columns that have no room are left out; `next` shows everything about one audit.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;
use vet_ops::evaluation::outcome::{
    self, Bundle, PublisherShare, Saving, SavingBy, Suggestion, Suggestions, Unmeasured,
};
use vet_store::entries::Publisher;

use super::{COMMAND, Form, HEADING, MOST_SAVINGS, WARNING, built_part, saving_command, trust, warnings};
use crate::amount::{counted, lines, size, thousands};
use crate::reading::command;
use crate::short_list::short_list;
use crate::visible::visible_line;
use crate::wrapped::wrapped;

/// The maximum number of publishers that are listed. The others are counted.
const MOST_PUBLISHERS: usize = 5;

/// The maximum width of a publisher in the table.
const LONGEST_PUBLISHER: usize = 20;

/// What to read, and what would make it unnecessary.
pub(super) fn plan(suggestions: &Suggestions, form: Form, columns: usize) -> String {
    let bundles = outcome::bundles(&suggestions.audits);
    let labels: BTreeSet<&str> = labels(suggestions).collect();
    let mut text = String::new();
    let criteria = match labels.first() {
        Some(only) if labels.len() == 1 => format!(" for {}", visible_line(only)),
        _ => String::new(),
    };
    text.push_str(&wrapped(&format!("recommended audits{criteria}:"), 0, columns));
    text.push('\n');
    table(&mut text, &lines_of(&bundles, suggestions), labels.len() > 1, form, columns);
    text.push('\n');
    text.push_str(&total(suggestions, columns));
    text.push_str(&less_to_read(suggestions, form, columns));
    let warnings = warnings(suggestions);
    if !warnings.is_empty() {
        text.push('\n');
    }
    for warning in warnings {
        // The colour has no width.
        let warning = wrapped(&format!("WARNING: {}", visible_line(&warning)), 2, columns);
        text.push_str(&warning.replacen("WARNING", &form.paint(WARNING, "WARNING"), 1));
    }
    text.push_str("\nRead them one by one with `cargo vet next`.\n");
    text.push_str("Record what you have read with `cargo vet certify`.\n");
    text
}

fn labels(suggestions: &Suggestions) -> impl Iterator<Item = &str> {
    let measured = suggestions.audits.iter().map(|audit| audit.criteria_label.as_str());
    measured.chain(suggestions.unmeasured.iter().map(|audit| audit.criteria_label.as_str()))
}

/// A line of the table.
enum Line<'a> {
    /// The title of several audits that belong together.
    Title(String),
    Audit {
        audit: &'a Suggestion,
        /// Whether it is below a title.
        is_part: bool,
    },
    Unmeasured(&'a Unmeasured),
}

fn lines_of<'a>(bundles: &'a [Bundle], suggestions: &'a Suggestions) -> Vec<Line<'a>> {
    let mut all = Vec::new();
    for bundle in bundles {
        let is_part = bundle.audits.len() > 1;
        if is_part {
            all.push(Line::Title(title(bundle)));
        }
        all.extend(bundle.audits.iter().map(|audit| Line::Audit { audit, is_part }));
    }
    all.extend(suggestions.unmeasured.iter().map(Line::Unmeasured));
    all
}

/// `serde 1.0.200: 2 audits, 1,234 lines`
fn title(bundle: &Bundle) -> String {
    let versions: Vec<String> = bundle.helps.iter().map(ToString::to_string).collect();
    let name = visible_line(&bundle.name).into_owned();
    format!(
        "{name} {}: {} audits, {}",
        short_list(&versions),
        thousands(bundle.audits.len() as u64),
        lines(bundle.lines())
    )
}

/// A column: its heading, its cells, and whether they stand at its right edge.
struct Column {
    heading: &'static str,
    cells: Vec<String>,
    is_right: bool,
}

impl Column {
    /// A column with a cell for each line that is no title.
    fn new(
        heading: &'static str,
        all: &[Line<'_>],
        audit: impl Fn(&Suggestion) -> String,
        unmeasured: impl Fn(&Unmeasured) -> String,
    ) -> Self {
        let cell = |line: &Line<'_>| match line {
            Line::Title(_) => String::new(),
            Line::Audit { audit: it, .. } => visible_line(&audit(it)).into_owned(),
            Line::Unmeasured(it) => visible_line(&unmeasured(it)).into_owned(),
        };
        Column { heading, cells: all.iter().map(cell).collect(), is_right: false }
    }

    fn at_right(self) -> Self {
        Column { is_right: true, ..self }
    }

    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| cell.width());
        cells.max().unwrap_or_default().max(self.heading.width())
    }

    fn padded(&self, text: &str) -> String {
        let gap = " ".repeat(self.width().saturating_sub(text.width()));
        if self.is_right { gap + text } else { text.to_owned() + &gap }
    }
}

fn table(text: &mut String, all: &[Line<'_>], has_criteria: bool, form: Form, columns: usize) {
    const INDENT: usize = 2;
    const GAP: usize = 2;
    let commands: Vec<String> = all.iter().map(line_command).collect();
    let others = other_columns(all, has_criteria);
    // A longer command gets its own line, so that it does not push out all other columns.
    let most = columns / 2 + 4;
    let short = commands.iter().map(|command| command.width()).filter(|width| *width <= most);
    let command_width = short.max().unwrap_or_default().max("Command".len());
    let mut used = INDENT + command_width;
    let mut shown: Vec<Column> = Vec::new();
    for column in others {
        let width = GAP + column.width();
        if used + width <= columns {
            used += width;
            shown.push(column);
        }
    }
    let cells = |cell: &dyn Fn(&Column) -> String| {
        let cells = shown.iter().map(|column| format!("{}{}", " ".repeat(GAP), column.padded(&cell(column))));
        cells.collect::<String>().trim_end().to_owned()
    };
    let heading = format!("{:command_width$}{}", "Command", cells(&|column| column.heading.to_owned()));
    let _ = writeln!(text, "  {}", form.paint(HEADING, &heading));
    for (index, (line, command)) in all.iter().zip(&commands).enumerate() {
        if let Line::Title(title) = line {
            text.push_str(&wrapped(&format!("  {title}"), 4, columns));
            continue;
        }
        let cells = cells(&|column| column.cells.get(index).cloned().unwrap_or_default());
        let gap = match command.width() > command_width {
            true => format!("\n  {}", " ".repeat(command_width)),
            false => " ".repeat(command_width - command.width()),
        };
        let _ = writeln!(text, "  {}{gap}{cells}", form.paint(COMMAND, command));
        if let Line::Audit { audit, .. } = line
            && let Some(note) = note(audit)
        {
            text.push_str(&wrapped(&format!("      NOTE: {}", visible_line(&note)), 8, columns));
        }
    }
}

fn line_command(line: &Line<'_>) -> String {
    let command = match line {
        Line::Title(_) => String::new(),
        Line::Audit { audit, is_part } => {
            let indent = if *is_part { "  " } else { "" };
            format!("{indent}{}", command(&audit.name, audit.from.as_ref(), &audit.to))
        }
        Line::Unmeasured(it) => command(&it.package.name, None, &it.package.version),
    };
    visible_line(&command).into_owned()
}

/// The columns after the command, the most important first.
fn other_columns(all: &[Line<'_>], has_criteria: bool) -> Vec<Column> {
    let unknown = |_: &Unmeasured| "unknown".to_owned();
    let publisher = |audit: &Suggestion| {
        audit.publisher.as_ref().map(Publisher::identifier).unwrap_or_default().to_owned()
    };
    let mut columns = vec![Column::new("To read", all, size, unknown).at_right()];
    if has_criteria {
        let criteria = |names: &[String]| names.join(", ");
        columns.push(Column::new(
            "Criteria",
            all,
            |audit| criteria(&audit.criteria),
            |audit| criteria(&audit.criteria),
        ));
    }
    columns.push(Column::new("Publisher", all, |audit| cut(&publisher(audit)), |_| String::new()));
    columns
        .push(Column::new("Built", all, |audit| thousands(audit.size.built), |_| String::new()).at_right());
    let used_by =
        Column::new("Used by", all, |audit| short_list(&audit.parents), |audit| short_list(&audit.parents));
    columns.push(used_by);
    columns
}

fn cut(publisher: &str) -> String {
    if publisher.width() <= LONGEST_PUBLISHER {
        return publisher.to_owned();
    }
    let mut text: String = publisher.chars().take(LONGEST_PUBLISHER - 1).collect();
    text.push('…');
    text
}

/// What the end of the plan does not say: a trusted publisher released another version.
fn note(audit: &Suggestion) -> Option<String> {
    let hint = audit.trust.as_ref().filter(|hint| !hint.is_of_version)?;
    Some(trust(&audit.name, hint))
}

/// The amount to read, and how much of it gets built.
fn total(suggestions: &Suggestions, columns: usize) -> String {
    let (all, built) = (suggestions.lines(), suggestions.built());
    let mut text = format!("estimated audit backlog: {}", lines(all));
    if let Some(unknown @ 1..) = Some(suggestions.unmeasured.len()) {
        let _ = write!(text, ", and {} of unknown size", counted(unknown as u64, "audit", "audits"));
    }
    let mut text = wrapped(&text, 2, columns);
    if all > 0 {
        let parts = built_part(built, all, thousands);
        text.push_str(&wrapped(&parts, 4, columns));
    }
    text
}

/// What would make audits unnecessary.
fn less_to_read(suggestions: &Suggestions, form: Form, columns: usize) -> String {
    let shares: Vec<&PublisherShare> = suggestions
        .publishers
        .iter()
        .filter(|share| share.crates > 1 || !share.trusted_by.is_empty())
        .collect();
    // The list of publishers says what trusting one for all crates saves.
    let is_listed = |saving: &Saving| match &saving.by {
        SavingBy::TrustAll(publisher, _) => shares.iter().any(|share| share.publisher == *publisher),
        SavingBy::Import(_) | SavingBy::Trust(..) => false,
    };
    let savings: Vec<&Saving> = suggestions.savings.iter().filter(|saving| !is_listed(saving)).collect();
    let mut text = String::new();
    list(&mut text, "Less to read:", &savings, MOST_SAVINGS, form, columns, |saving| {
        let crates = counted(saving.crates as u64, "crate", "crates");
        let command = saving_command(saving);
        let sentence = format!("`{command}` would save {} in {crates}", lines(saving.lines));
        (sentence, command)
    });
    list(&mut text, "Crates with a single publisher:", &shares, MOST_PUBLISHERS, form, columns, |share| {
        let crates = counted(share.crates as u64, "crate", "crates");
        let (by, lines) = (share.publisher.identifier(), lines(share.lines));
        let trusted = match share.trusted_by.as_slice() {
            [] => String::new(),
            by => format!(" (trusted by {})", short_list(by)),
        };
        let command = format!("cargo vet trust --all {}", share.argument);
        (format!("{crates} by {by}{trusted}: {lines}, `{command}`"), command)
    });
    text
}

/// A heading, and for each thing a sentence with a command; nothing if there are no things.
fn list<T>(
    text: &mut String,
    heading: &str,
    things: &[T],
    most: usize,
    form: Form,
    columns: usize,
    sentence: impl Fn(&T) -> (String, String),
) {
    if things.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{heading}");
    for (sentence, command) in things.iter().take(most).map(sentence) {
        let line = wrapped(&format!("  {}", visible_line(&sentence)), 4, columns);
        let command = visible_line(&command);
        text.push_str(&line.replacen(&*command, &form.paint(COMMAND, &command), 1));
    }
    if let Some(more @ 1..) = things.len().checked_sub(most) {
        let _ = writeln!(text, "  and {more} more");
    }
}
