//! Reads audits files of other organisations.
//!
//! A peer may use a newer version of the format, or make mistakes. That is no reason to lose the
//! rest of its file. So entries that cannot be read are left out and reported. The file is refused
//! only if its entries cannot be told apart. Names of criteria that the file does not define are
//! removed from the entries, so an entry can only state less.
//!
//! The text may be hostile. The work is proportional to its length, and the amount of text kept for
//! messages is limited.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Code, Diagnostic, Severity, Source, wording};

use crate::criteria::{BUILT_IN, components, on_cycles};
use crate::entries::CriteriaEntry;
use crate::files::{AuditsFile, ByCrate};
use crate::read::fields::{Fields, Place};
use crate::read::{Reader, audits};

/// The readable content of a peer's audits file.
#[derive(Clone, Debug)]
pub struct PeerFile {
    /// The name of the source that the file came from.
    pub name: String,
    /// The content: what the peer lets others import, with only those criteria that the file
    /// defines.
    pub audits: AuditsFile,
    /// The entries that were left out because they cannot be read.
    pub skipped: Skipped,
    /// Problems of the criteria.
    pub findings: Vec<Diagnostic>,
    /// The criteria that entries name but the file does not define.
    pub undefined: BTreeSet<String>,
}

/// The entries of a peer's file that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// The number of criteria.
    pub criteria: usize,
    /// The number of audits, violations and wildcard audits.
    pub audits: usize,
    /// The number of trusted entries.
    pub trusted: usize,
    /// The entries, by table and in the order of names. Entries beyond [`Skipped::MOST_NAMED`] are
    /// only counted.
    pub entries: Vec<SkippedEntry>,
}

/// An entry of a peer's file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedEntry {
    /// The kind of entry.
    pub kind: SkippedKind,
    /// The crate or criterion that the entry is about.
    pub name: String,
    /// The first problem of the entry, with its place.
    pub problem: Diagnostic,
}

/// The kind of a skipped entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkippedKind {
    /// The definition of a criterion.
    Criterion,
    /// An audit or a violation.
    Audit,
    /// A wildcard audit.
    WildcardAudit,
    /// A trusted entry.
    Trusted,
}

/// Reads a peer's audits file.
///
/// Entries that the peer does not share (`importable = false`) are left out without a finding.
/// Definitions of built-in criteria are left out with a finding. Criteria in a cycle stay as they
/// are, with a finding.
///
/// # Errors
///
/// Returns everything that keeps the file from being a table of entries: it is not TOML, or one of
/// its tables contains something other than tables.
pub fn parse_peer(source: &Arc<Source>) -> Result<PeerFile, Vec<Diagnostic>> {
    let (mut reader, document) = Reader::document(source);
    let Some(mut document) = document else { return Err(reader.problems) };
    dates_as_texts(&mut document);
    let document = &document;

    let mut skipped = Skipped::default();
    let mut criteria = BTreeMap::new();
    reader.tables(document, Place::table(None, "criteria"), |name, fields| {
        let entry = skipped.attempt(SkippedKind::Criterion, fields, |fields| Some(audits::criterion(fields)));
        criteria.extend(entry.map(|entry| (name.to_owned(), entry)));
    });
    let mut findings = Vec::new();
    findings.extend(without_built_in(&mut criteria, source, document));
    let known: BTreeSet<String> =
        BUILT_IN.map(str::to_owned).into_iter().chain(criteria.keys().cloned()).collect();
    for entry in criteria.values_mut() {
        entry.implies.retain(|name| known.contains(name));
    }
    findings.extend(circles(&criteria, source, document));
    // Trusted entries of peers are only hints.
    let (mut undefined, mut of_trusted) = (Undefined::default(), Undefined::default());

    let audits = reader.entries(document, Place::table(None, "audits"), |fields| {
        let entry = skipped.attempt(SkippedKind::Audit, fields, |fields| {
            let mut entry = audits::audit(fields)?;
            undefined.take_out(&mut entry.criteria, &known, fields);
            Some(entry)
        });
        entry.filter(|entry| entry.importable)
    });
    let wildcard_audits = reader.entries(document, Place::table(None, "wildcard-audits"), |fields| {
        skipped.attempt(SkippedKind::WildcardAudit, fields, |fields| {
            let mut entry = audits::wildcard(fields)?;
            undefined.take_out(&mut entry.criteria, &known, fields);
            Some(entry)
        })
    });
    let trusted = reader.entries(document, Place::table(None, "trusted"), |fields| {
        skipped.attempt(SkippedKind::Trusted, fields, |fields| {
            let mut entry = audits::trusted(fields)?;
            of_trusted.take_out(&mut entry.criteria, &known, fields);
            Some(entry)
        })
    });
    let audits = AuditsFile {
        criteria,
        wildcard_audits: without_empty(wildcard_audits),
        audits: without_empty(audits),
        trusted: without_empty(trusted),
    };
    findings.extend(undefined.finding(source));
    let undefined = undefined.criteria.into_keys().collect();
    let parsed = reader.finish(PeerFile { name: source.name.clone(), audits, skipped, findings, undefined });
    parsed.into_result()
}

/// Replaces dates by their texts. In a peer's file, a date without quotes is valid.
fn dates_as_texts(document: &mut DeTable<'_>) {
    fn convert(value: &mut Spanned<DeValue<'_>>) {
        match value.get_mut() {
            DeValue::Datetime(date) => {
                let text = date.to_string();
                *value.get_mut() = DeValue::String(text.into());
            }
            DeValue::Array(list) => {
                for element in list.iter_mut().filter(|element| element.get_ref().is_datetime()) {
                    convert(element);
                }
            }
            _ => {}
        }
    }
    fn convert_fields(entry: &mut Spanned<DeValue<'_>>) {
        if let DeValue::Table(fields) = entry.get_mut() {
            fields.iter_mut().for_each(|(_, value)| convert(value));
        }
    }
    for (_, table) in document.iter_mut() {
        let DeValue::Table(table) = table.get_mut() else { continue };
        for (_, entries) in table.iter_mut() {
            match entries.get_mut() {
                DeValue::Array(entries) => entries.iter_mut().for_each(convert_fields),
                _ => convert_fields(entries),
            }
        }
    }
}

/// The criteria that entries name but the file does not define.
#[derive(Default)]
struct Undefined {
    /// By name: the first crates that such entries are about, and the place of the first entry.
    criteria: BTreeMap<String, (BTreeSet<String>, Range<usize>)>,
}

impl Undefined {
    /// The limit on names. Further ones are ignored.
    const MOST_NAMES: usize = 100;
    /// The limit on everything that is listed in a message.
    const MOST_SHOWN: usize = 5;

    /// Removes the names from an entry that the file does not define. If no name is left, the entry
    /// has a problem.
    fn take_out(
        &mut self,
        criteria: &mut Vec<String>,
        known: &BTreeSet<String>,
        fields: &mut Fields<'_, '_>,
    ) {
        if !criteria.iter().any(|name| known.contains(name)) {
            let label = match criteria.get(..Self::MOST_SHOWN).unwrap_or(criteria) {
                [] => "it names no criteria".to_owned(),
                names => {
                    let listed = wording::list(names.iter().map(String::as_str), "and");
                    format!("the file does not define {listed}")
                }
            };
            let message = format!("`{}` names no known criterion", fields.place);
            fields.reader.problem(Code::UnknownCriterion, fields.span.clone(), message, label);
        }
        for name in criteria.iter().filter(|name| !known.contains(*name)) {
            if self.criteria.len() >= Self::MOST_NAMES && !self.criteria.contains_key(name) {
                continue;
            }
            let (crates, _) =
                self.criteria.entry(name.clone()).or_insert_with(|| (BTreeSet::new(), fields.span.clone()));
            if crates.len() <= Self::MOST_SHOWN {
                crates.extend(fields.place.name.map(str::to_owned));
            }
        }
        criteria.retain(|name| known.contains(name));
    }

    /// Returns a warning about these criteria, if there are any.
    fn finding(&self, source: &Arc<Source>) -> Option<Diagnostic> {
        if self.criteria.is_empty() {
            return None;
        }
        let names = self.criteria.keys().take(Self::MOST_SHOWN).map(String::as_str);
        let mut listed = wording::list(names, "and");
        if let Some(more @ 1..) = self.criteria.len().checked_sub(Self::MOST_SHOWN) {
            listed.push_str(&format!(" and {more} more"));
        }
        let (is, are) =
            if self.criteria.len() == 1 { ("criterion", "it does") } else { ("criteria", "it does") };
        let message =
            format!("{} uses the {is} {listed}, which {are} not define", wording::shown(&source.name));
        let mut finding = Diagnostic::warning(Code::PeerCriteria, message);
        for (name, (crates, span)) in self.criteria.iter().take(Self::MOST_SHOWN) {
            let mut about = wording::list(crates.iter().map(String::as_str).take(Self::MOST_SHOWN), "and");
            if crates.len() > Self::MOST_SHOWN {
                about.push_str(" and more");
            }
            finding = finding
                .at(source, span.clone(), "")
                .note(format!("`{}` is ignored in its entries about {about}", wording::shown(name)));
        }
        Some(finding.help("ask the maintainers of the file to define it; until then it has no effect"))
    }
}

fn without_empty<T>(mut entries: ByCrate<T>) -> ByCrate<T> {
    entries.retain(|_, entries| !entries.is_empty());
    entries
}

impl Skipped {
    /// The limit on named entries. Further ones are only counted.
    pub const MOST_NAMED: usize = 100;

    /// Reads an entry. An entry with a problem is skipped. Its problem is not a problem of the
    /// file.
    fn attempt<T>(
        &mut self,
        kind: SkippedKind,
        fields: &mut Fields<'_, '_>,
        read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let problems = std::mem::take(&mut fields.reader.problems);
        let unreported = fields.reader.unreported;
        let entry = read(fields);
        let found = std::mem::replace(&mut fields.reader.problems, problems);
        fields.reader.unreported = unreported;
        let Some(problem) = found.into_iter().next() else { return entry };
        match kind {
            SkippedKind::Criterion => self.criteria += 1,
            SkippedKind::Audit | SkippedKind::WildcardAudit => self.audits += 1,
            SkippedKind::Trusted => self.trusted += 1,
        }
        if self.entries.len() < Self::MOST_NAMED {
            let name = fields.place.name.unwrap_or_default().to_owned();
            let problem = Diagnostic { severity: Severity::Warning, ..problem };
            self.entries.push(SkippedEntry { kind, name, problem });
        }
        None
    }

    /// Returns the warnings for the user: one about criteria, and one about audits. Trusted entries
    /// of peers are only hints, so the user gets no warning about those that cannot be read.
    pub fn warnings(&self, name: &str) -> Vec<Diagnostic> {
        let mut warnings = Vec::new();
        let criteria = wording::count(self.criteria, "criterion", "criteria");
        warnings.extend(self.warning(name, self.criteria, &criteria, |kind| kind == SkippedKind::Criterion));
        let audits = wording::count(self.audits, "audit", "audits");
        let is_audit = |kind| matches!(kind, SkippedKind::Audit | SkippedKind::WildcardAudit);
        warnings.extend(self.warning(name, self.audits, &audits, is_audit));
        warnings
    }

    fn warning(
        &self,
        name: &str,
        number: usize,
        counted: &str,
        is_meant: impl Fn(SkippedKind) -> bool,
    ) -> Option<Diagnostic> {
        const MOST_SHOWN: usize = 10;
        if number == 0 {
            return None;
        }
        let verb = if number == 1 { "is" } else { "are" };
        let message = format!("{counted} of {} cannot be read and {verb} ignored", wording::shown(name));
        let mut warning = Diagnostic::warning(Code::PeerSkipped, message);
        let mut shown = 0;
        for entry in self.entries.iter().filter(|entry| is_meant(entry.kind)).take(MOST_SHOWN) {
            warning.excerpts.extend(entry.problem.excerpts.first().map(|excerpt| {
                let mut excerpt = excerpt.clone();
                excerpt.label.clone_from(&entry.problem.message);
                excerpt
            }));
            shown += 1;
        }
        warning.excerpts.sort_by_key(|excerpt| excerpt.span.start);
        if number > shown {
            warning = warning.note(wording::not_shown(number - shown, "place", "places"));
        }
        let mut problems =
            self.entries.iter().filter(|entry| is_meant(entry.kind)).map(|entry| entry.problem.code);
        Some(match problems.all(|code| code == Code::UnknownCriterion) {
            true => warning.help("they name criteria that the file does not define; ask its maintainers"),
            false => warning
                .help("a newer version of cargo-vet may have written them; ask the maintainers of the file"),
        })
    }
}

/// Removes definitions of built-in criteria, and reports them.
fn without_built_in(
    criteria: &mut BTreeMap<String, CriteriaEntry>,
    source: &Arc<Source>,
    document: &DeTable<'_>,
) -> Option<Diagnostic> {
    let redefined: Vec<&str> = BUILT_IN.into_iter().filter(|&name| criteria.remove(name).is_some()).collect();
    let verb = match redefined.len() {
        0 => return None,
        1 => "which is",
        _ => "which are",
    };
    let listed = wording::list(redefined.iter().copied(), "and");
    let message =
        format!("{} defines {listed}, {verb} built in; this is ignored", wording::shown(&source.name));
    Some(at_criteria(Diagnostic::warning(Code::PeerCriteria, message), redefined, source, document))
}

/// Returns a warning about criteria that imply themselves. It names at least one cycle if there are
/// any, and limits the work.
fn circles(
    criteria: &BTreeMap<String, CriteriaEntry>,
    source: &Arc<Source>,
    document: &DeTable<'_>,
) -> Option<Diagnostic> {
    const MOST_CIRCLES: usize = 5;
    let names: Vec<&str> = criteria.keys().map(String::as_str).collect();
    let by_name: BTreeMap<&str, usize> =
        names.iter().enumerate().map(|(index, &name)| (name, index)).collect();
    let implied: Vec<Vec<usize>> = criteria
        .values()
        .map(|entry| entry.implies.iter().filter_map(|name| by_name.get(name.as_str()).copied()).collect())
        .collect();
    let candidates: BTreeSet<usize> = on_cycles(&implied, &components(&implied)).into_iter().collect();
    // Every candidate has a step to another candidate. A walk along these steps ends in a cycle.
    let step = |index: &usize| {
        let mut targets = implied.get(*index).into_iter().flatten();
        targets.find(|target| candidates.contains(target)).copied()
    };
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    let mut found: Vec<Vec<usize>> = Vec::new();
    for &start in &candidates {
        let mut walk = Vec::new();
        let mut next = Some(start);
        while let Some(index) = next
            && !seen.contains_key(&index)
        {
            seen.insert(index, start);
            walk.push(index);
            next = step(&index);
        }
        if let Some(end) = next
            && seen.get(&end) == Some(&start)
        {
            found.push(walk.into_iter().skip_while(|&index| index != end).collect());
        }
    }
    let name = |index: &usize| names.get(*index).copied().unwrap_or_default();
    let first = found.first()?;
    let message =
        format!("criteria of {} imply themselves: {}", wording::shown(&source.name), way(first, name));
    let mut finding = Diagnostic::warning(Code::PeerCriteria, message);
    finding = at_criteria(finding, first.iter().map(name), source, document);
    for circle in found.iter().skip(1).take(MOST_CIRCLES) {
        finding = finding.note(format!("so do {}", way(circle, name)));
    }
    if let Some(more @ 1..) = found.len().checked_sub(MOST_CIRCLES + 1) {
        finding = finding.note(format!("and {}", wording::count(more, "more cycle", "more cycles")));
    }
    Some(finding.note("each criterion in a cycle counts as implying all others in it"))
}

/// Formats a cycle as `a` → `b` → `a`. A long cycle is cut in the middle.
fn way<'n>(circle: &[usize], name: impl Fn(&usize) -> &'n str) -> String {
    const MOST_STEPS: usize = 8;
    let mut steps: Vec<String> =
        circle.iter().take(MOST_STEPS).map(|index| format!("`{}`", wording::shown(name(index)))).collect();
    if circle.len() > MOST_STEPS {
        steps.push(format!("… {} more …", circle.len() - MOST_STEPS));
    }
    steps.extend(steps.first().cloned());
    steps.join(" → ")
}

/// Adds the places where the first of these criteria are defined.
fn at_criteria<'n>(
    mut finding: Diagnostic,
    names: impl IntoIterator<Item = &'n str>,
    source: &Arc<Source>,
    document: &DeTable<'_>,
) -> Diagnostic {
    const MOST_PLACES: usize = 5;
    let table = document.get("criteria").and_then(|table| table.get_ref().as_table());
    for name in names.into_iter().take(MOST_PLACES) {
        if let Some((key, _)) = table.and_then(|table| table.get_key_value(name)) {
            finding = finding.at(source, key.span(), "");
        }
    }
    finding
}
