//! What to audit: the least that somebody has to read, and what others offer in its place.

mod measure;
mod peers;
mod prefetch;
mod queue;
mod savings;
mod task;
mod trust;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};

use vet_diagnostics::{Code, Diagnostic};
use vet_fetch::archives::Archives;
use vet_fetch::crates_io::Needed;
use vet_fetch::published::Sources;
use vet_graph::{Graph, LockFile, Package, PackageIx};
use vet_resolver::{Audit, PlannedAudit, Resolution, Resolver, Shortfall, Verdict};
use vet_source::Size;
use vet_store::entries::{Exemption, Publisher};
use vet_store::files::ByCrate;
use vet_store::{Criteria, CriteriaSet, Store, Version};

use crate::backlog::{without_backlog, without_exemptions};
use crate::check::{CheckOutcome, Checked, PackageName};
use crate::context::Context;
use crate::events::{Event, Observer};
use crate::fetched_store::{self, Facts, FetchedStore, Network, Offline, WhenDown};
use crate::graph::WhenUnknown;
use crate::open::{Attempt, Open, retry_with_cargo};
use crate::session::Session;
use crate::violations;

use measure::Measuring;
use peers::Members;
use prefetch::Prefetch;
use savings::Hints;
use task::{PlannedCrate, Task};

pub use trust::TrustHint;

/// What is looked for besides the audits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offers {
    /// Whether to look at what the members of the public registry have audited.
    pub registry: bool,
}

/// The audits to do, and what would spare them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The audits, the smallest first.
    pub audits: Vec<Suggestion>,
    /// Packages that lack something, and of which it is not known what it takes.
    pub unmeasured: Vec<Unmeasured>,
    /// Packages of which no audit helps, because a violation stands against them.
    pub forbidden: Vec<Forbidden>,
    /// What would spare audits, that which spares most first.
    pub savings: Vec<Saving>,
    /// What could not be looked at.
    pub warnings: Vec<Diagnostic>,
    /// Packages of which the warnings say something, by their numbers in the graph.
    pub concerned: BTreeSet<PackageIx>,
}

/// An audit to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The crate.
    pub name: String,
    /// The version to start from; `None` is an audit of the whole.
    pub from: Option<Version>,
    /// The version to audit.
    pub to: Version,
    /// What it has to certify, in minimal form.
    pub criteria: Vec<String>,
    /// The same in words, with the criteria that would do as well.
    pub criteria_label: String,
    /// How much there is to read.
    pub size: Size,
    /// The versions in use that need it.
    pub helps: Vec<Version>,
    /// The names of the packages that depend on these, in order.
    pub parents: Vec<String>,
    /// Who published the version to audit, if that is known.
    pub publisher: Option<Publisher>,
    /// What would be left with the audits of each of some members of the registry; the least first.
    pub registry: Vec<RegistryHint>,
    /// Who could be trusted in place of it.
    pub trust: Option<TrustHint>,
}

/// What would be left to read with the audits of a member of the registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegistryHint {
    /// In lines.
    pub remaining: u64,
    /// The member.
    pub name: String,
}

/// A package that lacks something, and of which it is not known what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmeasured {
    /// The package.
    pub package: PackageName,
    /// What it lacks, in minimal form.
    pub criteria: Vec<String>,
    /// The same in words, with the criteria that would do as well.
    pub criteria_label: String,
    /// The names of the packages that depend on it, in order.
    pub parents: Vec<String>,
    /// Why nothing is known.
    pub reason: String,
}

/// A package of which no audit helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forbidden {
    /// The package.
    pub package: PackageName,
    /// What it lacks, in minimal form.
    pub criteria: Vec<String>,
    /// The names of the packages that depend on it, in order.
    pub parents: Vec<String>,
    /// The violations, and the ways out.
    pub warning: Diagnostic,
}

/// Something that would spare audits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saving {
    /// What to do.
    pub by: SavingBy,
    /// How many lines need not be read then.
    pub lines: u64,
    /// In how many crates.
    pub crates: usize,
}

/// What spares audits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SavingBy {
    /// Importing the audits of a member of the registry.
    Import(String),
    /// Trusting a publisher for all crates that nobody else publishes. The text names the publisher on the command line.
    TrustAll(Publisher, String),
    /// Trusting a publisher for one crate. The second text names the publisher on the command line.
    Trust(String, Publisher, String),
}

impl Suggestions {
    /// How much there is to read in all, in lines; what is not known is not counted.
    pub fn lines(&self) -> u64 {
        self.sum(|size| size.lines())
    }

    /// How much of that is code that a dependent builds.
    pub fn built(&self) -> u64 {
        self.sum(|size| size.built)
    }

    fn sum(&self, lines: impl Fn(&Size) -> u64) -> u64 {
        self.audits.iter().fold(0, |sum, audit| sum.saturating_add(lines(&audit.size)))
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.audits.is_empty() && self.unmeasured.is_empty()
    }
}

/// Looks for the audits to do as if nothing were exempted. Nothing is written.
///
/// # Errors
///
/// The project or the store cannot be read, or something that matters cannot be fetched and was not locked before.
pub fn suggest(
    context: &Context,
    network: Network<'_>,
    offers: Offers,
    observer: &dyn Observer,
) -> Result<Checked, Vec<Diagnostic>> {
    retry_with_cargo(observer, |when_unknown, observer| {
        attempt(context, network, offers, when_unknown, observer)
    })
}

fn attempt(
    context: &Context,
    network: Network<'_>,
    offers: Offers,
    when_unknown: &WhenUnknown,
    observer: &dyn Observer,
) -> Result<Attempt<Checked>, Vec<Diagnostic>> {
    let session = Session::read_when(when_unknown, context, observer)?;
    if let Some(open) = Open::of_project(&session) {
        return Ok(Attempt::Unsure(open));
    }
    let (view, criteria) = (session.view(), &session.loaded.criteria);
    let locked = without_exemptions(session.loaded.store.clone());
    let is_stopped = AtomicBool::new(false);
    let archives = Archives::new(network.crates_io, session.sources.clone()).until(&is_stopped);
    let search = Search {
        context,
        graph: view,
        store: &locked,
        exemptions: &session.loaded.store.config.exemptions,
        criteria,
        lock: &session.lock,
        sources: &session.sources,
        archives: &archives,
        network,
        offers: Offers { registry: offers.registry && !context.locked },
    };
    let resolver = Resolver::new(view, &locked, criteria);
    let resolution = resolver.decide();
    if let Some(open) = Open::of_verdict(&session, &resolver, &resolution, []) {
        if !context.locked {
            prefetch_publishers(view, &resolution, network, observer);
        }
        return Ok(Attempt::Unsure(open));
    }
    let fetched = match context.locked {
        // Of a store that was not brought up to date it is not known which versions have been published since.
        true => None,
        false => Some(fetch(session.offline(), search, &is_stopped, observer)?),
    };
    let (store, facts, members) = match fetched {
        None => (None, Facts::new(network.crates_io), None),
        Some((fetched, members)) => (Some(without_backlog(fetched.store)), fetched.facts, members),
    };
    let search = Search { store: store.as_ref().unwrap_or(&locked), ..search };
    let resolver = Resolver::new(view, search.store, criteria);
    let resolution = resolver.decide();
    if let Some(open) = Open::of_verdict(&session, &resolver, &resolution, []) {
        return Ok(Attempt::Unsure(open));
    }
    let suggestions = search.run_with(&resolution, facts, members, observer);
    if let Some(open) = Open::of_suggestions(&session, &suggestions) {
        return Ok(Attempt::Unsure(open));
    }
    if context.locked && !suggestions.is_empty() {
        peers_not_asked(&session.loaded.store).into_iter().for_each(|it| observer.notice(Event::Finding(it)));
    }
    let outcome = CheckOutcome::of(view, criteria, &resolver, &resolution).with_suggestions(suggestions);
    for warning in violations::of_outcome(&outcome) {
        observer.notice(Event::Finding(warning));
    }
    Ok(Attempt::Sure(Ok(Checked { outcome, left_out: session.left_out() })))
}

/// Asks what the API says of crates that lack something, because a plan needs it, and it says which versions are libraries, too.
/// Most of the crates will still lack something when more is known.
pub(crate) fn prefetch_publishers(
    graph: &Graph,
    resolution: &Resolution,
    network: Network<'_>,
    observer: &dyn Observer,
) {
    let lacking = resolution.verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Unvetted(_)));
    let names = lacking.filter_map(|(ix, _)| Some(graph.package(*ix)?.name().to_owned()));
    let questions = names.map(|name| (name, Needed::Everything)).collect();
    Facts::new(network.crates_io).ask(questions, observer);
}

/// Says that a plan may be too large because peers were not asked.
pub(crate) fn peers_not_asked(store: &Store) -> Option<Diagnostic> {
    let peers = store.config.imports.len();
    let peers = match peers {
        0 => return None,
        1 => "the import was".to_owned(),
        number => format!("the {number} imports were"),
    };
    let message = format!("{peers} not fetched, because of `--locked`");
    Some(
        Diagnostic::warning(Code::PeersNotAsked, message)
            .note("imports.lock holds no more than earlier checks needed; the peers may have audits that make this plan smaller")
            .help("leave out `--locked` to plan with what they have"),
    )
}

/// Asks peers and crates.io, and meanwhile does what will most likely be of use: if something is missing going by what is
/// locked, audits are measured, and the members of the registry are asked.
fn fetch<'n>(
    offline: Offline<'_>,
    search: Search<'n>,
    is_stopped: &AtomicBool,
    observer: &dyn Observer,
) -> Result<(FetchedStore<'n>, Option<Members>), Vec<Diagnostic>> {
    let Search { context, network, .. } = search;
    let when_down = if context.strict { WhenDown::Fail } else { WhenDown::UseLocked };
    let lacking = search.lacking(&Resolver::new(search.graph, search.store, search.criteria).decide());
    let ahead = &Prefetch::new(observer);
    let in_use = search.in_use();
    std::thread::scope(|scope| {
        let measuring = scope.spawn(|| ahead.measure(search, &lacking));
        let is_asked = search.asks_registry() && !lacking.is_empty();
        let members = is_asked.then(|| scope.spawn(|| Members::fetch(&search, &in_use, ahead)));
        let fetched =
            fetched_store::fetch_to_suggest(offline, lacking.keys().copied(), network, when_down, observer);
        match fetched {
            Ok(_) => ahead.show(),
            Err(_) => is_stopped.store(true, Ordering::Relaxed),
        }
        measuring.join().unwrap_or_else(|panic| resume_unwind(panic));
        let members = members.map(|members| members.join().unwrap_or_else(|panic| resume_unwind(panic)));
        Ok((fetched?, members))
    })
}

/// What suggestions are made from.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) context: &'a Context,
    pub(crate) graph: &'a Graph,
    pub(crate) store: &'a Store,
    /// What is exempted, also where that does not count here.
    pub(crate) exemptions: &'a ByCrate<Exemption>,
    pub(crate) criteria: &'a Criteria,
    pub(crate) lock: &'a LockFile,
    pub(crate) sources: &'a Sources,
    pub(crate) archives: &'a Archives<'a>,
    pub(crate) network: Network<'a>,
    pub(crate) offers: Offers,
}

/// What the packages of each crate lack.
type Lacking<'a> = BTreeMap<&'a str, Vec<(Version, CriteriaSet)>>;

impl<'a> Search<'a> {
    /// The names of all third-party crates. What a member of the registry says of others is of no use.
    fn in_use(&self) -> BTreeSet<&'a str> {
        self.graph.packages().filter(Package::is_third_party).map(|package| package.name()).collect()
    }

    /// Whether members of the registry are to be asked.
    fn asks_registry(&self) -> bool {
        self.offers.registry && !self.network.client.is_offline()
    }

    /// Looks for what to audit, given a verdict. What cannot be found out is told among the suggestions.
    pub(crate) fn run(
        &self,
        resolution: &Resolution,
        facts: Facts<'_>,
        observer: &dyn Observer,
    ) -> Suggestions {
        self.run_with(resolution, facts, None, observer)
    }

    /// As [`run`](Self::run), given what members of the registry say if they were asked already.
    fn run_with(
        &self,
        resolution: &Resolution,
        mut facts: Facts<'_>,
        members: Option<Members>,
        observer: &dyn Observer,
    ) -> Suggestions {
        let lacking = self.lacking(resolution);
        if lacking.is_empty() {
            return Suggestions::default();
        }
        // What they say does not depend on what there is to read.
        std::thread::scope(|scope| {
            let names = self.in_use();
            let is_asked = self.asks_registry() && members.is_none();
            let asking = is_asked.then(|| scope.spawn(move || Members::fetch(self, &names, observer)));
            let asked = || match asking {
                Some(asking) => Some(asking.join().unwrap_or_else(|panic| resume_unwind(panic))),
                None => members,
            };
            self.plan(&lacking, &mut facts, asked, observer)
        })
    }

    /// Plans what to audit, and looks at what would spare it.
    fn plan(
        &self,
        lacking: &Lacking<'a>,
        facts: &mut Facts<'_>,
        members: impl FnOnce() -> Option<Members>,
        observer: &dyn Observer,
    ) -> Suggestions {
        let questions = lacking.keys().map(|name| ((*name).to_owned(), Needed::Everything));
        facts.ask(questions.collect(), observer);
        let mut warnings = Vec::new();
        warnings.extend(facts.doubt("which versions there are and who published them is not known"));

        let measuring = Measuring::new(*self, observer);
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

    fn lacking(&self, resolution: &Resolution) -> Lacking<'a> {
        let mut lacking = Lacking::new();
        for (ix, verdict) in &resolution.verdicts {
            if let (Some(package), Verdict::Unvetted(missing)) = (self.graph.package(*ix), verdict) {
                let versions = lacking.entry(package.name()).or_default();
                versions.push((package.version().clone(), missing.clone()));
            }
        }
        lacking
    }

    /// What has to be planned for a crate; nothing if statements about it contradict each other.
    fn task(
        &self,
        name: &str,
        store: &Store,
        lacking: &[(Version, CriteriaSet)],
        facts: &Facts<'_>,
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
        facts: &Facts<'_>,
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

    /// Who depends on some versions of a crate.
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
            // What is known of an audit of the version itself tells most.
            let of_version = planned.unmeasured.iter().find(|(audit, _)| audit.to == *version);
            let reason = match of_version.or_else(|| planned.unmeasured.iter().next()) {
                Some((_, problem)) => problem.message.clone(),
                None => "no version of which an audit would help can be looked at".to_owned(),
            };
            Unmeasured {
                package: PackageName { name: name.to_owned(), version: version.clone() },
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
            let package = PackageName { name: name.to_owned(), version: version.clone() };
            let warning = violations::no_audit_helps(&package, violations);
            let parents = self.parents(name, &BTreeSet::from([version.clone()]));
            Some(Forbidden { package, criteria: self.criteria.minimal_names(lacks), parents, warning })
        });
        forbidden.collect()
    }
}

/// Criteria in words: each that no other implies, with those that imply it.
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
