//! Finds values that are readable but invalid together.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use chrono::Months;
use vet_diagnostics::{Code, Diagnostic, Severity, wording};

use crate::criteria::{Criteria, CriteriaProblem, MOST_CRITERIA};
use crate::entries::{Date, PublisherEntry, PublisherId};
use crate::files::StoreFile;
use crate::files::{AuditsFile, ByCrate};
use crate::locate::{Location, Map};
use crate::read::MOST_PROBLEMS;
use crate::store::Store;
use crate::text::Texts;

/// The result of validating a store.
#[derive(Clone, Debug)]
pub struct Validation {
    /// The criteria of the project, as far as they are valid.
    pub criteria: Criteria,
    /// Errors and warnings that apply in any case, in the order of files and lines.
    pub problems: Vec<Diagnostic>,
    /// Problems that are errors only under a condition.
    pub conditional: Vec<Conditional>,
}

/// A finding that is an error if a condition holds, and a warning otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditional {
    /// The condition under which the finding is an error.
    pub condition: Condition,
    /// The finding, as a warning.
    pub diagnostic: Diagnostic,
}

/// A condition under which a finding is an error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// The crate is in the dependency graph, as a third-party crate.
    CrateInUse(String),
    /// The audits of peers are fetched and their criteria translated.
    PeersFetched,
}

impl Conditional {
    /// Returns the finding as an error if the condition holds, and as a warning otherwise.
    pub fn settle(self, holds: bool) -> Diagnostic {
        let severity = if holds { Severity::Error } else { Severity::Warning };
        Diagnostic { severity, ..self.diagnostic }
    }
}

/// Returns the latest `end` that a wildcard audit may have: a year from today. If that year has no
/// 29 February, the 28th.
pub fn latest_end(today: Date) -> Date {
    today.checked_add_months(Months::new(12)).unwrap_or(Date::MAX)
}

/// Finds everything that is wrong with a store.
///
/// With the texts that the store was read from, findings show their places. Without them, or for
/// values that are not in the texts, findings name the places.
pub fn validate(store: &Store, texts: Option<&Texts>, today: Date) -> Validation {
    let (criteria, criteria_problems) = Criteria::new(&store.audits.criteria);
    let mut findings = Findings { criteria: &criteria, all: Vec::new() };
    findings.config(store);
    findings.definitions(criteria_problems, store);
    let releases = Releases::new(&store.imports.publisher);
    findings.own_audits(&store.audits, &releases, today);
    for (import, section) in &store.imports.audits {
        findings.imported(import, section, &releases);
    }
    let findings = findings.all;
    let (problems, conditional) =
        if findings.is_empty() { (Vec::new(), Vec::new()) } else { report(findings, texts, &criteria) };
    Validation { criteria, problems, conditional }
}

/// A problem, with its places in one file.
struct Finding {
    locations: Vec<Location>,
    kind: Kind,
}

/// The kind of problem. Problems of the same kind in one file are reported together.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    UnknownCriterion { name: String, when: When },
    Shadowed(String),
    Cycle(Vec<String>),
    TooMany(String),
    EndTooFar { crate_name: String, latest: Date },
}

/// When an unknown criterion matters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    Always,
    /// Only when a command uses the default.
    AsDefault,
    /// Only when the entry covers a known release.
    Uncovered,
    If(Condition),
}

impl When {
    /// Returns when an entry about a crate matters. `says_something` is whether the entry says
    /// anything about a known version.
    fn if_used(name: &str, says_something: bool) -> Self {
        if says_something { When::If(Condition::CrateInUse(name.to_owned())) } else { When::Uncovered }
    }
}

/// The days of the known releases, in order, by crate and publisher. Rarely needed.
struct Releases<'s> {
    store: &'s ByCrate<PublisherEntry>,
    days: OnceCell<HashMap<(&'s str, PublisherId), Vec<Date>>>,
}

impl<'s> Releases<'s> {
    fn new(store: &'s ByCrate<PublisherEntry>) -> Self {
        Releases { store, days: OnceCell::new() }
    }

    /// Whether an entry about a publisher covers a known release.
    fn covers(&self, name: &'s str, publisher: &PublisherId, days: Range<Date>) -> bool {
        let known = self.days.get_or_init(|| {
            let mut known: HashMap<_, Vec<Date>> = HashMap::new();
            for (name, _, release) in each(self.store) {
                known.entry((name, release.publisher.id())).or_default().push(release.when);
            }
            known.values_mut().for_each(|days| days.sort_unstable());
            known
        });
        let Some(of_publisher) = known.get(&(name, publisher.clone())) else { return false };
        of_publisher
            .get(of_publisher.partition_point(|day| *day < days.start))
            .is_some_and(|day| *day < days.end)
    }
}

struct Findings<'a> {
    criteria: &'a Criteria,
    all: Vec<Finding>,
}

impl Findings<'_> {
    fn push(&mut self, location: Location, kind: Kind) {
        self.all.push(Finding { locations: vec![location], kind });
    }

    /// Checks that every name of a list is a criterion.
    fn names<'n>(
        &mut self,
        names: impl IntoIterator<Item = &'n String>,
        when: impl Fn() -> When,
        location: impl Fn() -> Location,
    ) {
        for (index, name) in names.into_iter().enumerate() {
            if !self.criteria.contains(name) {
                let kind = Kind::UnknownCriterion { name: name.clone(), when: when() };
                self.push(location().element(index), kind);
            }
        }
    }

    fn config(&mut self, store: &Store) {
        let at = |keys: &[&str]| Location::new(StoreFile::Config, keys);
        let config = &store.config;
        self.names([&config.default_criteria], || When::AsDefault, || at(&["default-criteria"]));
        for (import, settings) in &config.imports {
            for (foreign, names) in &settings.criteria_map {
                let place = || at(&["imports", import, "criteria-map", foreign]);
                self.names(names, || When::If(Condition::PeersFetched), place);
            }
        }
        for (name, version, policy) in config.policy.iter() {
            let place = |key: &str| at(&["policy"]).policy(name, version).key(key);
            self.names(policy.criteria.iter().flatten(), || When::Always, || place("criteria"));
            self.names(policy.dev_criteria.iter().flatten(), || When::Always, || place("dev-criteria"));
            for (dependency, names) in &policy.dependency_criteria {
                self.names(names, || When::Always, || place("dependency-criteria").key(dependency));
            }
        }
        for (name, index, entry) in each(&config.exemptions) {
            let place = || at(&["exemptions", name]).entry(index).key("criteria");
            self.names(&entry.criteria, || When::Always, place);
        }
    }

    fn definitions(&mut self, problems: Vec<CriteriaProblem>, store: &Store) {
        let at = |name: &str| Location::new(StoreFile::Audits, &["criteria", name]);
        for problem in problems {
            match problem {
                CriteriaProblem::TooMany(name) => self.push(at(&name), Kind::TooMany(name.clone())),
                CriteriaProblem::Shadows(name) => self.push(at(&name), Kind::Shadowed(name.clone())),
                CriteriaProblem::UnknownImplied { name, position, implied } => self.push(
                    at(&name).key("implies").element(position),
                    Kind::UnknownCriterion { name: implied, when: When::Always },
                ),
                CriteriaProblem::Cycle(path) => {
                    let locations = path
                        .windows(2)
                        .filter_map(|pair| {
                            let [name, implied] = pair else { return None };
                            let entry = store.audits.criteria.get(name)?;
                            let position = entry.implies.iter().position(|other| other == implied)?;
                            Some(at(name).key("implies").element(position))
                        })
                        .collect();
                    self.all.push(Finding { locations, kind: Kind::Cycle(path) });
                }
            }
        }
    }

    fn own_audits<'s>(&mut self, audits: &'s AuditsFile, releases: &Releases<'s>, today: Date) {
        let at = |keys: &[&str]| Location::new(StoreFile::Audits, keys);
        let latest = latest_end(today);
        for (name, index, entry) in each(&audits.wildcard_audits) {
            let place = || at(&["wildcard-audits", name]).entry(index);
            self.names(&entry.criteria, || When::Always, || place().key("criteria"));
            if entry.end > latest {
                self.push(place().key("end"), Kind::EndTooFar { crate_name: name.to_owned(), latest });
            }
        }
        for (name, index, entry) in each(&audits.audits) {
            self.names(
                &entry.criteria,
                || When::Always,
                || at(&["audits", name]).entry(index).key("criteria"),
            );
        }
        for (name, index, entry) in each(&audits.trusted) {
            let covers = || releases.covers(name, &entry.publisher, entry.start..entry.end);
            self.names(
                &entry.criteria,
                || When::if_used(name, covers()),
                || at(&["trusted", name]).entry(index).key("criteria"),
            );
        }
    }

    /// Nothing checks a lock that was edited by hand, and its content matters only where it is
    /// used.
    fn imported<'s>(&mut self, import: &str, section: &'s AuditsFile, releases: &Releases<'s>) {
        let at = |table: &str, name: &str, index| {
            Location::new(StoreFile::Imports, &["audits", import, table, name]).entry(index).key("criteria")
        };
        for (name, index, entry) in each(&section.audits) {
            self.names(&entry.criteria, || When::if_used(name, true), || at("audits", name, index));
        }
        for (name, index, entry) in each(&section.wildcard_audits) {
            let covers = || releases.covers(name, &entry.publisher, entry.start..entry.end);
            self.names(
                &entry.criteria,
                || When::if_used(name, covers()),
                || at("wildcard-audits", name, index),
            );
        }
    }
}

/// Iterates over all entries, each with its crate and its index.
fn each<T>(entries: &ByCrate<T>) -> impl Iterator<Item = (&str, usize, &T)> {
    entries.iter().flat_map(|(name, entries)| {
        entries.iter().enumerate().map(move |(index, entry)| (name.as_str(), index, entry))
    })
}

/// The places of one kind of finding in one file.
struct Group {
    file: StoreFile,
    kind: Kind,
    /// The places. They have a span if the text has the value.
    places: Vec<(Option<Range<usize>>, Location)>,
}

fn report(
    findings: Vec<Finding>,
    texts: Option<&Texts>,
    criteria: &Criteria,
) -> (Vec<Diagnostic>, Vec<Conditional>) {
    let mut groups: BTreeMap<(StoreFile, Kind), Vec<Location>> = BTreeMap::new();
    for Finding { locations, kind } in findings {
        let Some(first) = locations.first() else { continue };
        groups.entry((first.file, kind)).or_default().extend(locations);
    }
    let maps: BTreeMap<StoreFile, Map<'_>> = texts
        .into_iter()
        .flat_map(|texts| {
            let has_findings = |file: &StoreFile| groups.keys().any(|(of, _)| of == file);
            StoreFile::ALL
                .into_iter()
                .filter(has_findings)
                .map(|file| (file, Map::new(&texts.get(file).source.text)))
        })
        .collect();
    let mut groups: Vec<Group> = groups
        .into_iter()
        .map(|((file, kind), locations)| {
            let span = |location: &Location| maps.get(&file)?.find(&location.path);
            let mut places: Vec<_> =
                locations.into_iter().map(|location| (span(&location), location)).collect();
            places.sort_by_key(|(span, _)| span.as_ref().map_or(usize::MAX, |span| span.start));
            Group { file, kind, places }
        })
        .collect();
    let first =
        |group: &Group| group.places.first().and_then(|(span, _)| span.as_ref()).map(|span| span.start);
    groups.sort_by_key(|group| (group.file, first(group).unwrap_or(usize::MAX)));

    let (mut problems, mut conditional, mut unreported) = (Vec::new(), Vec::new(), 0);
    let none = Criteria::built_in();
    for group in groups {
        match &group.kind {
            Kind::UnknownCriterion { when: When::If(condition), .. } => {
                // Searching for the nearest name takes time, and users do not read that many
                // findings.
                let criteria = if conditional.len() < MOST_PROBLEMS { criteria } else { &none };
                let diagnostic = diagnostic(&group, texts, criteria);
                conditional.push(Conditional { condition: condition.clone(), diagnostic });
            }
            _ if problems.len() < MOST_PROBLEMS => problems.push(diagnostic(&group, texts, criteria)),
            _ => unreported += 1,
        }
    }
    if unreported > 0
        && let Some(last) = problems.last_mut()
    {
        last.notes.push(wording::not_shown(unreported, "problem in the store", "problems in the store"));
    }
    (problems, conditional)
}

/// The limit on reported places of one problem. Further ones are only counted.
const MOST_PLACES: usize = 10;

fn diagnostic(group: &Group, texts: Option<&Texts>, criteria: &Criteria) -> Diagnostic {
    let (mut diagnostic, label) = match &group.kind {
        Kind::UnknownCriterion { name, when } => (unknown_criterion(name, when, criteria), "not defined"),
        Kind::Shadowed(name) => {
            let message = format!("the criterion `{name}` is built in and cannot be redefined");
            let help = "remove the table, or rename the criterion";
            (Diagnostic::error(Code::ShadowedCriterion, message).help(help), "redefined")
        }
        Kind::Cycle(path) => {
            let first = path.first().map_or("", String::as_str);
            let way: Vec<String> = path.iter().map(|name| format!("`{}`", wording::shown(name))).collect();
            let message =
                format!("the criterion `{}` implies itself: {}", wording::shown(first), way.join(" → "));
            (
                Diagnostic::error(Code::CriteriaCycle, message)
                    .help("remove one of these names from `implies`"),
                "",
            )
        }
        Kind::TooMany(name) => {
            let message = format!("the store defines more than {MOST_CRITERIA} criteria");
            let name = wording::shown(name);
            let problem = Diagnostic::error(Code::TooManyCriteria, message);
            (problem.note(format!("`{name}` is the first above the limit")).help("define fewer criteria"), "")
        }
        Kind::EndTooFar { crate_name, latest } => {
            let crate_name = wording::shown(crate_name);
            let message = format!("a wildcard audit of `{crate_name}` ends more than a year ahead");
            let help = format!("the latest `end` allowed today is {latest}");
            (Diagnostic::error(Code::EndTooFar, message).help(help), "too far ahead")
        }
    };
    let mut named = Vec::new();
    for (span, location) in group.places.iter().take(MOST_PLACES) {
        match (span, texts) {
            (Some(span), Some(texts)) => {
                diagnostic = diagnostic.at(&texts.get(group.file).source, span.clone(), label);
            }
            _ => named.push(format!("`{location}` of {}", group.file.name())),
        }
    }
    if !named.is_empty() {
        diagnostic = diagnostic.note(format!("in {}", named.join(", ")));
    }
    match group.places.len().saturating_sub(MOST_PLACES) {
        0 => diagnostic,
        more => diagnostic.note(format!("and in {}", wording::count(more, "more place", "more places"))),
    }
}

fn unknown_criterion(name: &str, when: &When, criteria: &Criteria) -> Diagnostic {
    let message = format!("`{}` is not a criterion", wording::shown(name));
    let diagnostic = match when {
        When::Always => Diagnostic::error(Code::UnknownCriterion, message),
        When::AsDefault => Diagnostic::warning(Code::UnknownCriterion, message)
            .note("`add-exemption` and `record-violation` would use it when you do not name a criterion"),
        When::Uncovered => Diagnostic::warning(Code::UnknownCriterion, message)
            .note("this entry covers no known release yet"),
        When::If(Condition::CrateInUse(name)) => Diagnostic::warning(Code::UnknownCriterion, message)
            .note(format!("this entry matters only where `{}` is a dependency", wording::shown(name))),
        When::If(Condition::PeersFetched) => Diagnostic::warning(Code::UnknownCriterion, message)
            .note("the peer's audits cannot be translated while `criteria-map` names it"),
    };
    diagnostic.help(criteria_help(name, criteria))
}

/// Returns the help for an unknown criterion: the criteria that exist, custom ones first, and the
/// one that the user probably meant.
pub fn criteria_help(name: &str, criteria: &Criteria) -> String {
    const MOST_NAMES: usize = 40;
    let built_in = crate::criteria::BUILT_IN;
    let custom = criteria.names().skip(built_in.len()).take(MOST_NAMES);
    let listed = format!("the criteria are {}", wording::list(custom.chain(built_in), "and"));
    match wording::nearest(name, criteria.names()) {
        Some(meant) => format!("did you mean `{}`? {listed}", wording::shown(meant)),
        None => listed,
    }
}
