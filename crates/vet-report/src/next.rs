//! The output of `next`: on the way through a plan, and at the end.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;
use vet_diagnostics::wording;
use vet_ops::audit::next::{Goal, Item, Mark, OfItem, Verdict, Walked};
use vet_ops::evaluation::outcome::Suggestion;
use vet_ops::fetched_store::publishers::shown as shown_publisher;

use crate::amount::{counted, size, thousands};
use crate::json;
use crate::reading::subject;
use crate::short_list::short_list;
use crate::suggest::notes;
use crate::visible::visible_line;

/// The maximum number of audits of each kind that are listed at the end.
const MOST_LINES: usize = 20;

const TITLE: Style = AnsiColor::Cyan.on_default().bold();

/// The purpose and the size of the plan.
pub fn introduction(goal: Goal, items: &[Item]) -> String {
    let audits = amount(items.iter());
    match goal {
        Goal::Check => format!("the check fails; {audits} would make it pass"),
        Goal::Backlog => format!("the check passes; {audits} would replace all exemptions"),
    }
}

/// Information about a planned audit, before the user decides what to do.
pub fn header(item: &Item, number: usize, total: usize, standing: OfItem, is_colored: bool) -> String {
    let title = format!("{number} of {total}: {}", subject(&item.to_read()));
    let title = match is_colored {
        true => format!("{TITLE}{title}{TITLE:#}"),
        false => title,
    };
    let mut text = format!("\n{title}\n");
    let rows = rows(item, standing);
    let widest = rows.iter().map(|(name, _)| name.width()).max().unwrap_or_default();
    for (name, value) in rows {
        let _ = writeln!(text, "  {name:widest$}  {}", visible_line(&value));
    }
    if let Item::Measured(audit) = item {
        for note in notes(audit) {
            let _ = writeln!(text, "  NOTE: {}", visible_line(&note));
        }
    }
    text
}

fn rows(item: &Item, standing: OfItem) -> Vec<(&'static str, String)> {
    let (label, to_read, publisher, parents) = match item {
        Item::Measured(audit) => {
            let (built, all) = (thousands(audit.size.built), thousands(audit.size.lines()));
            let built = match audit.from {
                None => format!("{}, of which {built} get built", size(audit)),
                Some(_) => format!("{} in {}; {built} of {all} lines get built", size(audit), files(audit)),
            };
            let publisher = audit.publisher.as_ref().map(shown_publisher);
            (&audit.criteria_label, built, publisher, &audit.parents)
        }
        Item::Unmeasured(audit) => {
            let unknown = format!("it is not known how much: {}", audit.reason);
            (&audit.criteria_label, unknown, None, &audit.parents)
        }
    };
    let mut rows = vec![("to certify", label.clone()), ("to read", to_read)];
    rows.extend(publisher.map(|publisher| ("published by", publisher.to_string())));
    if !parents.is_empty() {
        rows.push(("used by", short_list(parents)));
    }
    rows.extend(standing.read.map(|day| ("looked at", day.to_string())));
    rows
}

fn files(audit: &Suggestion) -> String {
    counted(audit.size.files_changed, "file", "files")
}

/// Reports that an audit is no longer needed.
pub fn passed_over(item: &Item) -> String {
    format!("an audit of {} is not needed any more", subject(&item.to_read()))
}

/// The text output: what was certified, what was skipped, and what is left.
pub fn human(items: &[Item], walked: &Walked) -> String {
    let marked = |mark: Mark| items.iter().zip(&walked.marks).filter(move |(_, its)| **its == mark);
    let named = [("Certified", Mark::Certified), ("Skipped", Mark::Skipped)];
    let mut text = String::from("\n");
    for (heading, mark) in named {
        section(&mut text, heading, marked(mark).map(|(item, _)| item));
    }
    let Some(standing) = &walked.standing else {
        text.push_str("What is left is not known: the store cannot be read\n");
        return text;
    };
    let left: Vec<&Item> = left(items, walked).collect();
    match left.as_slice() {
        [] => text.push_str("Nothing is left of the plan\n"),
        left => {
            let _ = writeln!(text, "Left: {}", amount(left.iter().copied()));
        }
    }
    text.push_str(match standing.check {
        Verdict::Passes => "`cargo vet` would pass now\n",
        Verdict::Unvetted => "`cargo vet` would still fail\n",
        Verdict::Violation => "`cargo vet` would fail, because statements contradict each other\n",
    });
    text
}

/// The audits that would still help the project.
fn left<'a>(items: &'a [Item], walked: &'a Walked) -> impl Iterator<Item = &'a Item> {
    let standing = walked.standing.iter().flat_map(|standing| &standing.items);
    items.iter().zip(standing).filter(|(_, standing)| standing.is_needed).map(|(item, _)| item)
}

/// A heading and one line per audit; nothing if there are no audits.
fn section<'a>(text: &mut String, heading: &str, items: impl Iterator<Item = &'a Item>) {
    let items: Vec<&Item> = items.collect();
    if items.is_empty() {
        return;
    }
    let _ = writeln!(text, "{heading}: {}", amount(items.iter().copied()));
    for item in items.iter().take(MOST_LINES) {
        let _ = writeln!(text, "  {}", subject(&item.to_read()));
    }
    if let Some(more @ 1..) = items.len().checked_sub(MOST_LINES) {
        let _ = writeln!(text, "  and {more} more");
    }
}

/// `2 audits, 310 lines, and 1 audit of unknown size`
fn amount<'a>(items: impl Iterator<Item = &'a Item>) -> String {
    let (mut measured, mut unknown, mut lines) = (0, 0, 0_u64);
    for item in items {
        match item.lines() {
            Some(more) => {
                measured += 1;
                lines = lines.saturating_add(more);
            }
            None => unknown += 1,
        }
    }
    let audits = |number: usize| wording::count(number, "audit", "audits");
    let measured = (measured > 0).then(|| format!("{}, {}", audits(measured), crate::amount::lines(lines)));
    let unknown = (unknown > 0).then(|| format!("{} of unknown size", audits(unknown)));
    [measured, unknown].into_iter().flatten().collect::<Vec<_>>().join(", and ")
}

/// The JSON output.
pub fn json(items: &[Item], walked: &Walked) -> String {
    let marked = |mark: Mark| {
        let items = items.iter().zip(&walked.marks).filter(move |(_, its)| **its == mark);
        items.map(|(item, _)| ItemJson::from(item)).collect()
    };
    let left: Option<Vec<&Item>> = walked.standing.as_ref().map(|_| left(items, walked).collect());
    json::document(&WalkedJson {
        conclusion: walked.standing.as_ref().map(|standing| match standing.check {
            Verdict::Passes => "success",
            Verdict::Unvetted => "fail (vetting)",
            Verdict::Violation => "fail (violation)",
        }),
        certified: marked(Mark::Certified),
        skipped: marked(Mark::Skipped),
        left: left.map(|left| left.into_iter().map(ItemJson::from).collect()),
    })
}

#[derive(Serialize)]
struct WalkedJson<'a> {
    conclusion: Option<&'static str>,
    certified: Vec<ItemJson<'a>>,
    skipped: Vec<ItemJson<'a>>,
    left: Option<Vec<ItemJson<'a>>>,
}

#[derive(Serialize)]
struct ItemJson<'a> {
    name: &'a str,
    from: Option<String>,
    to: String,
    criteria: &'a [String],
    lines: Option<u64>,
}

impl<'a> From<&'a Item> for ItemJson<'a> {
    fn from(item: &'a Item) -> Self {
        ItemJson {
            name: item.package(),
            from: item.from().map(ToString::to_string),
            to: item.to().to_string(),
            criteria: item.criteria(),
            lines: item.lines(),
        }
    }
}
