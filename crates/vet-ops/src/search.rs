//! Searches for the smallest set of audits of what is missing, and for what would replace them.
//!
//! `Search` begins with what a decision found missing. `task` weighs the possible audits of a
//! crate; `measure` measures them, in the order that `queue` gives; `savings` finds out what imports
//! (`peers`) and publishers (`trust`) would save. `prefetch` measures while peers are still asked.

pub(crate) mod crate_sources;
mod measure;
mod peers;
mod prefetch;
mod queue;
mod savings;
mod task;
mod trust;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;

use vet_fetch::archives::Archives;
use vet_fetch::crates_io::Needed;
use vet_graph::{Graph, Package, PackageIx};
use vet_resolver::{Audit, PlannedAudit, Resolution, Shortfall, Verdict};
use vet_store::entries::Exemption;
use vet_store::files::ByCrate;
use vet_store::{Criteria, CriteriaSet, Store, Version};

use crate::evaluation::Evaluation;
use crate::evaluation::outcome::{Forbidden, PackageId, Suggestion, Suggestions, Unmeasured};
use crate::evaluation::violations;
use crate::fetched_store::{Facts, Network};
use crate::operation::report::Run;

pub(crate) use measure::measured_lines;
pub(crate) use peers::Members;
pub(crate) use prefetch::{Aside, measure_ahead, prefetch_publishers};

use crate_sources::CodeAccess;
use measure::Measuring;
use savings::Hints;
use task::{PlannedCrate, Task};

/// What to look for besides audits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offers {
    /// Whether to examine the audits of members of the audit registry.
    pub registry: bool,
}

/// The input of suggestions.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) code: CodeAccess<'a>,
    pub(crate) graph: &'a Graph,
    pub(crate) store: &'a Store,
    /// All exemptions, including those that are ignored here.
    pub(crate) exemptions: &'a ByCrate<Exemption>,
    pub(crate) criteria: &'a Criteria,
    pub(crate) offers: Offers,
}

/// The criteria that the versions of each crate lack.
pub(crate) type Lacking<'a> = BTreeMap<&'a str, Vec<(Version, CriteriaSet)>>;

/// The criteria that the packages of a graph lack according to a decision.
pub(crate) fn lacking<'a>(graph: &'a Graph, resolution: &Resolution) -> Lacking<'a> {
    let mut lacking = Lacking::new();
    for (ix, verdict) in &resolution.verdicts {
        if let (Some(package), Verdict::Unvetted(missing)) = (graph.package(*ix), verdict) {
            let versions = lacking.entry(package.name()).or_default();
            versions.push((package.version().clone(), missing.clone()));
        }
    }
    lacking
}

/// The number of lines to read for what is lacking, without audits of other versions; `None` if
/// something cannot be measured.
pub(crate) fn lines_to_read(
    code: CodeAccess<'_>,
    store: &Store,
    criteria: &Criteria,
    lacking: &Lacking<'_>,
    run: &Run<'_>,
) -> Option<u64> {
    let task = |(name, lacking): (&&str, &Vec<(Version, CriteriaSet)>)| {
        let shortfall = Shortfall::find(store, criteria, name, lacking, None)?;
        Some(Task::new(name, shortfall))
    };
    let tasks: Vec<Task> = lacking.iter().filter_map(task).collect();
    let planned = Measuring::new(code, run).plan(&tasks);
    let is_measured = planned.iter().all(|planned| planned.plan.out_of_reach.is_empty());
    is_measured.then(|| planned.iter().fold(0_u64, |sum, planned| sum.saturating_add(planned.lines())))
}

/// What to audit after a decision.
pub(crate) fn suggestions(
    evaluation: &Evaluation<'_>,
    network: Network<'_>,
    offers: Offers,
    facts: Facts,
    run: &Run<'_>,
) -> Suggestions {
    let archives = Archives::new(network.crates_io, evaluation.session.sources.clone());
    Search::of(evaluation, network, offers, &archives).run(&evaluation.resolution, facts, run)
}

impl<'a> Search<'a> {
    /// The search for audits of what is missing according to a decision.
    pub(crate) fn of(
        evaluation: &Evaluation<'a>,
        network: Network<'a>,
        offers: Offers,
        archives: &'a Archives<'a>,
    ) -> Self {
        let session = evaluation.session;
        let (lock, sources) = (&session.lock, &session.sources);
        Search {
            code: CodeAccess { context: session.context, lock, sources, archives, network },
            graph: session.view(),
            store: evaluation.store,
            exemptions: &session.loaded.store.config.exemptions,
            criteria: &session.loaded.criteria,
            offers,
        }
    }

    /// The names of all third-party crates. Entries of registry members about other crates are not
    /// needed.
    pub(crate) fn in_use(&self) -> BTreeSet<&'a str> {
        self.graph.packages().filter(Package::is_third_party).map(|package| package.name()).collect()
    }

    /// Whether registry members are to be asked.
    pub(crate) fn asks_registry(&self) -> bool {
        self.offers.registry && !self.code.network.client.is_offline()
    }

    /// Finds what to audit, given a verdict. What cannot be determined is reported in the
    /// suggestions.
    pub(crate) fn run(&self, resolution: &Resolution, facts: Facts, run: &Run<'_>) -> Suggestions {
        self.run_with(resolution, facts, None, run)
    }

    /// Like [`run`](Self::run), with the entries of registry members if they were already fetched.
    pub(crate) fn run_with(
        &self,
        resolution: &Resolution,
        mut facts: Facts,
        members: Option<Members>,
        run: &Run<'_>,
    ) -> Suggestions {
        let lacking = self.lacking(resolution);
        if lacking.is_empty() {
            return Suggestions::default();
        }
        // In parallel: the entries of members do not depend on what there is to read.
        std::thread::scope(|scope| {
            let names = self.in_use();
            let is_asked = self.asks_registry() && members.is_none();
            let asking = is_asked.then(|| scope.spawn(move || Members::fetch(self, &names, run)));
            let asked = || match asking {
                Some(asking) => Some(asking.join().unwrap_or_else(|panic| resume_unwind(panic))),
                None => members,
            };
            self.plan(&lacking, &mut facts, asked, run)
        })
    }

    /// Plans what to audit, and finds what would make it unnecessary.
    fn plan(
        &self,
        lacking: &Lacking<'a>,
        facts: &mut Facts,
        members: impl FnOnce() -> Option<Members>,
        run: &Run<'_>,
    ) -> Suggestions {
        let questions = lacking.keys().map(|name| ((*name).to_owned(), Needed::Everything));
        facts.ask(self.code.network.crates_io, questions.collect(), run);
        let mut warnings = Vec::new();
        warnings.extend(facts.doubt("cannot tell which versions exist and who published them"));

        let measuring = Measuring::new(self.code, run);
        let tasks = lacking
            .iter()
            .filter_map(|(name, lacking)| Some((*name, self.task(name, self.store, lacking, facts)?)));
        let (names, tasks): (Vec<&str>, Vec<Task>) = tasks.unzip();
        let planned = task::look_beyond(tasks, &mut |tasks| measuring.plan(tasks));
        let crates: BTreeMap<&str, PlannedCrate> = names.into_iter().zip(planned).collect();

        let mut suggestions = Suggestions { warnings, ..Suggestions::default() };
        for (name, planned) in &crates {
            let audits = planned.plan.audits.iter();
            suggestions
                .audits
                .extend(audits.filter_map(|audit| self.suggestion(name, audit, planned, facts)));
            suggestions.unmeasured.extend(self.unmeasured(name, planned));
            suggestions.forbidden.extend(self.forbidden(name, planned));
        }
        let hints = Hints { search: *self, lacking, crates: &crates, facts, members: members() };
        hints.add(&mut suggestions, &measuring);
        suggestions.audits.sort_by(|one, other| {
            let key = |it: &Suggestion| (it.size.lines(), it.name.clone(), it.to.clone(), it.from.clone());
            key(one).cmp(&key(other))
        });
        suggestions
    }

    /// The criteria that are missing according to a decision.
    pub(crate) fn lacking(&self, resolution: &Resolution) -> Lacking<'a> {
        lacking(self.graph, resolution)
    }

    /// The planning task for a crate; `None` if statements about it contradict each other.
    fn task(
        &self,
        name: &str,
        store: &Store,
        lacking: &[(Version, CriteriaSet)],
        facts: &Facts,
    ) -> Option<Task> {
        let published = facts.versions(name);
        let shortfall = Shortfall::find(store, self.criteria, name, lacking, published)?;
        Some(Task::new(name, shortfall))
    }

    fn suggestion(
        &self,
        name: &str,
        planned: &PlannedAudit,
        sizes: &PlannedCrate,
        facts: &Facts,
    ) -> Option<Suggestion> {
        let Audit { from, to } = &planned.audit;
        let release = |version: &Version| facts.details(name)?.releases.get(&version.semver);
        let publisher = release(to).filter(|_| to.git_rev.is_none());
        Some(Suggestion {
            name: name.to_owned(),
            from: from.clone(),
            to: to.clone(),
            criteria: self.criteria.minimal_names(&planned.criteria),
            criteria_label: label(self.criteria, &planned.criteria),
            size: *sizes.sizes.get(&planned.audit)?,
            helps: planned.helps.iter().cloned().collect(),
            parents: self.parents(name, &planned.helps),
            publisher: publisher.and_then(|release| release.publisher.clone()),
            registry: Vec::new(),
            trust: None,
        })
    }

    /// The names of packages that depend on these versions of a crate.
    fn parents(&self, name: &str, versions: &BTreeSet<Version>) -> Vec<String> {
        let packages = self.graph.packages();
        let helped = packages.filter(|it| it.name() == name && versions.contains(it.version()));
        let parents = helped.flat_map(|package| package.reverse_deps());
        let name =
            |ix: &PackageIx| self.graph.package(*ix).map(|package: Package<'_>| package.name().to_owned());
        let names: BTreeSet<String> = parents.filter_map(name).collect();
        names.into_iter().collect()
    }

    fn unmeasured(&self, name: &str, planned: &PlannedCrate) -> Vec<Unmeasured> {
        let out_of_reach = planned.plan.out_of_reach.iter();
        let out_of_reach = out_of_reach.filter(|(version, _)| !planned.forbidden.contains_key(*version));
        let unmeasured = out_of_reach.map(|(version, lacks)| {
            // The reason for an audit that leads to the version itself is the most informative.
            let of_version = planned.unmeasured.iter().find(|(audit, _)| audit.to == *version);
            let reason = match of_version.or_else(|| planned.unmeasured.iter().next()) {
                Some((_, problem)) => problem.message.clone(),
                None => "no version that an audit could start from can be read".to_owned(),
            };
            Unmeasured {
                package: PackageId { name: name.to_owned(), version: version.clone() },
                criteria: self.criteria.minimal_names(lacks),
                criteria_label: label(self.criteria, lacks),
                parents: self.parents(name, &BTreeSet::from([version.clone()])),
                reason,
            }
        });
        unmeasured.collect()
    }

    fn forbidden(&self, name: &str, planned: &PlannedCrate) -> Vec<Forbidden> {
        let forbidden = planned.forbidden.iter().filter_map(|(version, violations)| {
            let lacks = planned.plan.out_of_reach.get(version)?;
            let package = PackageId { name: name.to_owned(), version: version.clone() };
            let warning = violations::no_audit_helps(&package, violations);
            let parents = self.parents(name, &BTreeSet::from([version.clone()]));
            Some(Forbidden { package, criteria: self.criteria.minimal_names(lacks), parents, warning })
        });
        forbidden.collect()
    }
}

/// Criteria as text: each one that no other implies, with those that imply it.
fn label(criteria: &Criteria, set: &CriteriaSet) -> String {
    let in_words = |index: usize| {
        let others: Vec<&str> = criteria.implied_by(index).map(|index| criteria.name(index)).collect();
        match others.as_slice() {
            [] => criteria.name(index).to_owned(),
            others => format!("{} (or {})", criteria.name(index), others.join(", or ")),
        }
    };
    criteria.minimal(set).into_iter().map(in_words).collect::<Vec<_>>().join(", ")
}
