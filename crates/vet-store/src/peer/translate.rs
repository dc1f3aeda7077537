//! Translates a peer's audits into the criteria of this project.
//!
//! `criteria-map` gives the meaning of a peer's criterion here. The built-in criteria keep their
//! meaning if the map does not name them. An entry certifies everything that its criteria imply at
//! the peer, and each of these criteria is translated separately. So a criterion that the map does
//! not name still counts for the criteria that it implies.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, wording};

use crate::criteria::{BUILT_IN, Criteria, CriteriaSet};
use crate::entries::CriteriaEntry;
use crate::files::{AuditsFile, ImportConfig};
use crate::read::PeerFile;
use crate::validate::criteria_help;

/// A peer's file, translated.
#[derive(Clone, Debug)]
pub struct Translated {
    /// The content. Lists of criteria name criteria of
    /// this project, as few as possible, and may be empty. The definitions are those of the peer's
    /// criteria that the map names, with only their texts.
    pub audits: AuditsFile,
    /// The texts that the caller must fetch to complete the definitions, by name of criterion.
    pub needs: Vec<TextNeeded>,
}

/// A criterion whose definition gives only the address of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextNeeded {
    /// The peer's name for the criterion.
    pub criterion: String,
    /// The address of the text, as the peer wrote it.
    pub url: String,
}

impl Translated {
    /// Completes the definition of a criterion with its fetched text.
    pub fn describe(&mut self, criterion: &str, text: String) {
        if let Some(entry) = self.audits.criteria.get_mut(criterion) {
            entry.description = Some(text);
        }
        self.needs.retain(|need| need.criterion != criterion);
    }
}

/// Translates a file of the import `name`, and leaves out the audits of crates that the import
/// excludes. Wildcard audits of these crates are kept.
///
/// # Errors
///
/// Returns an error for each name in the map that is not a criterion of this project, and for each
/// criterion in the map that the peer defines without a text.
pub fn translate(
    peer: PeerFile,
    name: &str,
    import: &ImportConfig,
    local: &Criteria,
) -> Result<Translated, Vec<Diagnostic>> {
    let mut problems = unknown_names(name, import, local);
    let meanings = Meanings::new(&peer.audits.criteria, import, local);
    let AuditsFile { criteria, mut wildcard_audits, mut audits, mut trusted } = peer.audits;

    let excluded: BTreeSet<&String> = import.exclude.iter().collect();
    audits.retain(|crate_name, _| !excluded.contains(crate_name));
    for entry in audits.values_mut().flatten() {
        entry.criteria = meanings.of(&entry.criteria);
    }
    for entry in wildcard_audits.values_mut().flatten() {
        entry.criteria = meanings.of(&entry.criteria);
    }
    for entry in trusted.values_mut().flatten() {
        entry.criteria = meanings.of(&entry.criteria);
    }

    let mut needs = Vec::new();
    let mut mapped = BTreeMap::new();
    for (criterion, entry) in criteria.into_iter().filter(|(name, _)| import.criteria_map.contains_key(name))
    {
        match (&entry.description, entry.description_url) {
            (Some(_), _) => {}
            (None, Some(url)) => needs.push(TextNeeded { criterion: criterion.clone(), url }),
            (None, None) => problems.push(without_text(name, &criterion, &peer.name)),
        }
        mapped.insert(criterion, CriteriaEntry { description_url: None, implies: Vec::new(), ..entry });
    }
    if problems.is_empty() {
        let audits = AuditsFile { criteria: mapped, wildcard_audits, audits, trusted };
        Ok(Translated { audits, needs })
    } else {
        Err(problems)
    }
}

/// The meaning of each criterion of a peer here, with everything that it implies there and here.
struct Meanings<'a> {
    local: &'a Criteria,
    by_name: BTreeMap<String, CriteriaSet>,
}

impl<'a> Meanings<'a> {
    fn new(foreign: &BTreeMap<String, CriteriaEntry>, import: &ImportConfig, local: &'a Criteria) -> Self {
        let names: Vec<&str> = BUILT_IN.into_iter().chain(foreign.keys().map(String::as_str)).collect();
        let index: BTreeMap<&str, usize> =
            names.iter().enumerate().map(|(index, &name)| (name, index)).collect();
        let mut implied_by: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
        let mut implies = |index: Option<&usize>, implied: Option<&usize>| {
            if let (Some(&index), Some(list)) =
                (index, implied.and_then(|&implied| implied_by.get_mut(implied)))
            {
                list.push(index);
            }
        };
        implies(Some(&Criteria::SAFE_TO_DEPLOY), Some(&Criteria::SAFE_TO_RUN));
        for (name, entry) in foreign {
            for implied in &entry.implies {
                implies(index.get(name.as_str()), index.get(implied.as_str()));
            }
        }

        let own_meaning = |name: &&str| match import.criteria_map.get(*name) {
            Some(names) => local.set(names),
            None if BUILT_IN.contains(name) => {
                local.index(name).map(|index| local.closure(index)).unwrap_or_default()
            }
            None => CriteriaSet::new(),
        };
        let mut meanings: Vec<CriteriaSet> = names.iter().map(own_meaning).collect();
        // The loop passes a meaning on whenever it grows, which happens at most once for each
        // criterion of this project. So the loop also ends for cycles. No closure is built at the
        // peer's side, which may have any number of criteria.
        let mut pending: Vec<usize> = (0..names.len()).filter(|&index| has_some(&meanings, index)).collect();
        while let Some(implied) = pending.pop() {
            let Some(meaning) = meanings.get(implied).cloned() else { continue };
            for &index in implied_by.get(implied).into_iter().flatten() {
                if let Some(known) = meanings.get_mut(index)
                    && !known.contains_all(&meaning)
                {
                    known.union_with(&meaning);
                    pending.push(index);
                }
            }
        }
        let by_name = names.into_iter().map(str::to_owned).zip(meanings).collect();
        Meanings { local, by_name }
    }

    /// Returns the shortest list that means the same here as a list of the peer's criteria.
    fn of(&self, names: &[String]) -> Vec<String> {
        let mut set = CriteriaSet::new();
        for meaning in names.iter().filter_map(|name| self.by_name.get(name)) {
            set.union_with(meaning);
        }
        self.local.minimal_names(&set)
    }
}

fn has_some(meanings: &[CriteriaSet], index: usize) -> bool {
    meanings.get(index).is_some_and(|meaning| !meaning.is_empty())
}

/// Returns an error for each name on our side of the map that is not a criterion.
fn unknown_names(name: &str, import: &ImportConfig, local: &Criteria) -> Vec<Diagnostic> {
    const MOST_PLACES: usize = 10;
    let mut unknown: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (foreign, names) in &import.criteria_map {
        for name in names.iter().filter(|name| !local.contains(name)) {
            unknown.entry(name).or_default().push(foreign);
        }
    }
    let finding = |(unknown, foreign): (&str, Vec<&str>)| {
        let message = format!("`{}` is not a criterion", wording::shown(unknown));
        let mut problem = Diagnostic::error(Code::UnknownCriterion, message);
        let listed = wording::list(foreign.iter().copied().take(MOST_PLACES), "and");
        problem = problem.note(format!(
            "the `criteria-map` of the import `{}` names it for {listed}",
            wording::shown(name)
        ));
        if let Some(more @ 1..) = foreign.len().checked_sub(MOST_PLACES) {
            problem = problem.note(format!("and for {more} more"));
        }
        problem.help(criteria_help(unknown, local))
    };
    unknown.into_iter().map(finding).collect()
}

fn without_text(import: &str, criterion: &str, file: &str) -> Diagnostic {
    let (import, criterion) = (wording::shown(import), wording::shown(criterion));
    Diagnostic::error(
        Code::CriterionWithoutText,
        format!("the criterion `{criterion}` of the import `{import}` has no text"),
    )
    .note(format!("{} has neither `description` nor `description-url`", wording::shown(file)))
    .help(format!(
        "take `{criterion}` out of the `criteria-map` of the import, or ask the peer for a description"
    ))
}
