//! Merges several audits files into one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use vet_diagnostics::{Code, Diagnostic, wording};

use crate::difference::unified_diff;
use crate::entries::{AuditEntry, CriteriaEntry, TrustedEntry, WildcardEntry};
use crate::files::{AuditsFile, ByCrate};

/// The limit on reported differences. Further ones are only counted.
const MOST_DIFFERENCES: usize = 100;

/// Merges files, each given with the address that it came from.
///
/// Adds the address to `aggregated-from` of each entry. Keeps everything: entries that two files
/// share appear twice. The entries of the result are in canonical order, equal ones in the order of
/// the files. A criterion that several files define keeps the first definition.
///
/// # Errors
///
/// Returns an error for each criterion that files define differently, because its name would have
/// several meanings.
pub fn merge(files: Vec<(String, AuditsFile)>) -> Result<AuditsFile, Vec<Diagnostic>> {
    let mut merged = AuditsFile::default();
    let mut defined_by: BTreeMap<String, usize> = BTreeMap::new();
    let urls: Vec<String> = files.iter().map(|(url, _)| url.clone()).collect();
    let mut differences = Vec::new();
    let mut unreported = 0;
    for (index, (url, file)) in files.into_iter().enumerate() {
        for (name, mut entry) in file.criteria {
            match merged.criteria.entry(name) {
                Entry::Vacant(place) => {
                    defined_by.insert(place.key().clone(), index);
                    entry.aggregated_from.push(url.clone());
                    place.insert(entry);
                }
                Entry::Occupied(first) if is_same(first.get(), &entry) => {}
                Entry::Occupied(_) if differences.len() == MOST_DIFFERENCES => unreported += 1,
                Entry::Occupied(first) => {
                    let first_url = defined_by.get(first.key()).and_then(|&index| urls.get(index));
                    let first_url = first_url.map_or("", String::as_str);
                    differences.push(difference(first.key(), (first_url, first.get()), (&url, &entry)));
                }
            }
        }
        let append = |origins: &mut Vec<String>| origins.push(url.clone());
        extend(&mut merged.wildcard_audits, file.wildcard_audits, |entry| append(&mut entry.aggregated_from));
        extend(&mut merged.audits, file.audits, |entry| append(&mut entry.aggregated_from));
        extend(&mut merged.trusted, file.trusted, |entry| append(&mut entry.aggregated_from));
    }
    merged.wildcard_audits.values_mut().for_each(|entries| entries.sort_by(WildcardEntry::canonical_cmp));
    merged.audits.values_mut().for_each(|entries| entries.sort_by(AuditEntry::canonical_cmp));
    merged.trusted.values_mut().for_each(|entries| entries.sort_by(TrustedEntry::canonical_cmp));
    if unreported > 0
        && let Some(last) = differences.last_mut()
    {
        last.notes.push(wording::not_shown(unreported, "difference", "differences"));
    }
    if differences.is_empty() { Ok(merged) } else { Err(differences) }
}

fn extend<T>(all: &mut ByCrate<T>, more: ByCrate<T>, mark: impl Fn(&mut T)) {
    for (name, mut entries) in more {
        entries.iter_mut().for_each(&mark);
        all.entry(name).or_default().append(&mut entries);
    }
}

/// Whether two definitions are the same. Ignores where they were aggregated from.
fn is_same(a: &CriteriaEntry, b: &CriteriaEntry) -> bool {
    a.description == b.description && a.description_url == b.description_url && a.implies == b.implies
}

fn difference(name: &str, first: (&str, &CriteriaEntry), other: (&str, &CriteriaEntry)) -> Diagnostic {
    let message = format!(
        "{} and {} define the criterion `{}` differently",
        wording::shown(first.0),
        wording::shown(other.0),
        wording::shown(name)
    );
    let mut problem = Diagnostic::error(Code::CriteriaDiffer, message);
    let mut compare = |field: &str, old: Option<&str>, new: Option<&str>| match (old, new) {
        (old, new) if old == new => {}
        (Some(old), Some(new)) => {
            let diff = unified_diff((first.0, old), (other.0, new));
            problem.notes.push(format!("`{field}` differs:\n{diff}"));
        }
        (old, _) => {
            let (with, without) = if old.is_some() { (first, other) } else { (other, first) };
            let text = old.or(new).unwrap_or_default();
            let (with, without) = (wording::shown(with.0), wording::shown(without.0));
            problem.notes.push(format!("{without} has no `{field}`; {with} has\n{}", excerpt(text)));
        }
    };
    compare("description", first.1.description.as_deref(), other.1.description.as_deref());
    compare("description-url", first.1.description_url.as_deref(), other.1.description_url.as_deref());
    if first.1.implies != other.1.implies {
        let line =
            |(url, entry): (&str, &CriteriaEntry)| format!("{}: {}", wording::shown(url), implied(entry));
        problem.notes.push(format!("`implies` differs:\n{}\n{}", line(first), line(other)));
    }
    problem.help("leave out one of the files, or ask their maintainers to agree on one definition")
}

/// Formats the list of implied criteria. A long list is cut.
fn implied(entry: &CriteriaEntry) -> String {
    const MOST_NAMES: usize = 10;
    match entry.implies.as_slice() {
        [] => "nothing".to_owned(),
        names => match names.len().checked_sub(MOST_NAMES) {
            None | Some(0) => wording::list(names.iter().map(String::as_str), "and"),
            Some(more) => {
                let shown = names.iter().take(MOST_NAMES).map(String::as_str);
                format!("{} and {more} more", wording::list(shown, "and"))
            }
        },
    }
}

/// Returns the first lines of a text that only one file has.
fn excerpt(text: &str) -> String {
    const MOST_LINES: usize = 30;
    let mut lines: Vec<String> =
        text.split('\n').take(MOST_LINES).map(|line| wording::shown(line).into_owned()).collect();
    if let Some(more @ 1..) = text.split('\n').count().checked_sub(MOST_LINES) {
        lines.push(format!("… and {}", wording::count(more, "more line", "more lines")));
    }
    lines.join("\n")
}
