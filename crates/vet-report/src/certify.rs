//! The output of `certify`: what was certified, and the consequences, one line each.

use vet_ops::audit::certify::{
    CertifyOutcome, ChangedExemption, Fate, Imported, ImportedEntry, Left, NewEntry, Recorded,
};
use vet_ops::evaluation::outcome::PackageId;
use vet_ops::fetched_store::publishers::shown as shown_publisher;
use vet_store::entries::{AuditKind, PublisherId, WildcardEntry};

use crate::visible::visible_line;

/// The maximum number of lines for each kind of consequence. The rest is counted.
const MOST: usize = 20;

/// The audits, the exemptions that are no longer needed, the imported entries, and what is left to
/// audit.
pub fn certify(outcome: &CertifyOutcome) -> Vec<String> {
    let is_done = outcome.changes.preview.is_none();
    let mut lines: Vec<String> = outcome.recorded.iter().filter_map(|one| recorded(one, is_done)).collect();
    lines.extend(cut(outcome.exemptions.iter().map(|one| exemption(one, is_done)), "exemptions"));
    lines.extend(cut(outcome.imported.iter().map(|one| imported(one, is_done)), "imported entries"));
    lines.extend(outcome.left.iter().map(left));
    lines
}

/// The first lines, and the number of the other things.
fn cut(lines: impl ExactSizeIterator<Item = String>, things: &str) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST);
    let mut lines: Vec<String> = lines.take(MOST).collect();
    if more > 0 {
        lines.push(format!("and {more} more {things}"));
    }
    lines
}

/// A sentence about an audit; `None` if it was not kept, which a finding reports.
fn recorded(recorded: &Recorded, is_done: bool) -> Option<String> {
    let Recorded { name, entry, fate } = recorded;
    let name = visible_line(name);
    let what = match entry {
        NewEntry::Audit(entry) => match &entry.kind {
            AuditKind::Full(version) => format!("`{name} {version}`"),
            AuditKind::Delta { from, to } => format!("the change of `{name}` from {from} to {to}"),
            AuditKind::Violation(range) => format!("`{name} {range}`"),
        },
        NewEntry::Wildcard { entry: WildcardEntry { start, end, .. }, publisher } => {
            let publisher = shown_publisher(publisher);
            format!("every release of `{name}` by {publisher} from {start} until {end}")
        }
    };
    let is = if is_done { "is" } else { "would be" };
    let criteria = list(entry.criteria());
    let by = match entry.who() {
        [] => String::new(),
        who => format!(", by {}", list(who)),
    };
    match fate {
        Fate::Added => Some(format!("{what} {is} certified{by}: {criteria}")),
        Fate::Merged => {
            Some(format!("{what} {is} certified, merged with the audit that it continues{by}: {criteria}"))
        }
        Fate::KnownBefore => Some(format!("{what} was certified before{by}: {criteria}; nothing {is} added")),
        Fate::NotKept => None,
    }
}

fn exemption(changed: &ChangedExemption, is_done: bool) -> String {
    let package = package(&changed.package);
    let is = if is_done { "is" } else { "would be" };
    match changed.after.as_slice() {
        [] => format!("the exemption of {package} {is} removed"),
        after => {
            let (before, after) = (list(&changed.before), list(after));
            format!("the exemption of {package} {is} changed from {before} to {after}")
        }
    }
}

fn imported(imported: &Imported, is_done: bool) -> String {
    let name = visible_line(&imported.name);
    let is = if is_done { "is" } else { "would be" };
    let what = match &imported.what {
        ImportedEntry::Audit(entry) => match &entry.kind {
            AuditKind::Full(version) => format!("the audit of `{name} {version}`"),
            AuditKind::Delta { from, to } => {
                format!("the audit of the change of `{name}` from {from} to {to}")
            }
            AuditKind::Violation(range) => format!("the violation of `{name} {range}`"),
        },
        ImportedEntry::Wildcard(entry) => match &entry.publisher {
            PublisherId::User(id) => format!("the wildcard audit of `{name}` for releases by account {id}"),
            PublisherId::TrustedPublisher(signature) => {
                format!("the wildcard audit of `{name}` for releases by {}", visible_line(signature))
            }
        },
        ImportedEntry::Release(release) => {
            let publisher = shown_publisher(&release.publisher);
            format!("the release of `{name} {}` by {publisher} on {}", release.version, release.when)
        }
    };
    match &imported.peer {
        Some(peer) => format!("{what} {is} imported from `{}`", visible_line(peer)),
        None => format!("{what} {is} locked"),
    }
}

fn left(left: &Left) -> String {
    let package = package(&left.package);
    match left.missing.as_slice() {
        [] => format!("{package} is in use, and still relies on an exemption"),
        missing => format!("{package} is in use, and still lacks {}", list(missing)),
    }
}

fn package(PackageId { name, version }: &PackageId) -> String {
    format!("`{} {version}`", visible_line(name))
}

fn list(names: &[String]) -> String {
    visible_line(&names.join(", ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        for (number, last) in [(0, None), (20, Some("19")), (21, Some("and 1 more things"))] {
            let lines = cut((0..number).map(|line: usize| line.to_string()), "things");
            assert_eq!((lines.len(), lines.last().map(String::as_str)), (number, last));
        }
    }
}
