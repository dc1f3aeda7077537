//! `check`: tells whether every third-party package meets its requirements.

use vet_diagnostics::{Code, Diagnostic};
use vet_fetch::archives::Archives;
use vet_graph::{Graph, PackageIx};
use vet_resolver::{Conclusion, Conflict, Resolution, Resolver, UpdateMode, Verdict, update_part};
use vet_store::Version;

use crate::advice::advice;
use crate::attempts::repeated;
use crate::changes::Changes;
use crate::context::Context;
use crate::events::{Event, Observer, refuse_denied};
use crate::fetched_store::{self, AuditAsProblems, Network, WhenDown};
use crate::graph::{Assumed, WhenUnknown};
use crate::left_out::{self, LeftOut};
use crate::locked_warnings;
use crate::open::{Attempt, Open, retry_with_cargo};
use crate::policies;
use crate::regenerate::updated;
use crate::session::Session;
use crate::suggest::{Offers, Search, Suggestions, prefetch_publishers};
use crate::unchecked::Unchecked;
use crate::violations;
use crate::withdrawn;

/// Checks a project with locked data only. Writes nothing.
///
/// # Errors
///
/// The project or the store cannot be read, or they do not match.
pub fn check_locked(context: &Context, observer: &dyn Observer) -> Result<Checked, Vec<Diagnostic>> {
    let checked = retry_with_cargo(observer, |when_unknown, observer| {
        let session = Session::read_when(when_unknown, context, observer)?;
        if let Some(open) = Open::of_project(&session) {
            return Ok(Attempt::Unsure(open));
        }
        let problems = policies::problems(&session);
        if !problems.is_empty() {
            return Ok(refused(&session, problems));
        }
        warn_of_filters(&session, observer);
        let (view, criteria) = (session.view(), &session.loaded.criteria);
        let resolver = Resolver::new(view, &session.loaded.store, criteria);
        let resolution = resolver.decide();
        if let Some(open) =
            Open::of_verdict(&session, &resolver, &resolution, locked_warnings::seen_in_use(&session))
        {
            return Ok(Attempt::Unsure(open));
        }
        let outcome = CheckOutcome::of(view, criteria, &resolver, &resolution);
        let mut doubts = locked_warnings::of_locked(&session);
        doubts.extend(locked_warnings::of_violations(view, &resolver));
        if context.strict && !doubts.is_empty() {
            return Ok(refused(&session, locked_warnings::as_errors(doubts)));
        }
        let mut findings = violations::of_outcome(&outcome);
        findings.extend(locked_warnings::of_weak_members(view, &resolver));
        doubts.into_iter().chain(findings).for_each(|doubt| observer.notice(Event::Finding(doubt)));
        Ok(Attempt::Sure(Ok(Checked { outcome, left_out: session.left_out() })))
    })?;
    refuse_denied(observer)?;
    Ok(checked)
}

/// A failure. If it may concern packages that cargo leaves out, they are examined first.
fn refused<T>(session: &Session<'_>, problems: Vec<Diagnostic>) -> Attempt<T> {
    match session.leaves_more_open() || session.context.frozen {
        true => Open::of_anything(session).map_or(Attempt::Sure(Err(problems)), Attempt::Unsure),
        false => Attempt::Sure(Err(problems)),
    }
}

/// Checks a project with what peers and crates.io say today. If the check passes, it locks what it
/// relied on; otherwise it finds out what to audit.
///
/// # Errors
///
/// The project or the store cannot be read or written, they do not match, or something required can
/// be neither fetched nor taken from the lock.
pub fn check(
    context: &Context,
    network: Network<'_>,
    offers: Offers,
    observer: &dyn Observer,
) -> Result<OnlineCheck, Vec<Diagnostic>> {
    // Another process, perhaps another check, may write the store meanwhile.
    let checked = repeated(observer, |observer| {
        retry_with_cargo(observer, |when_unknown, observer| {
            attempt(context, network, offers, when_unknown, observer)
        })
    })?;
    refuse_denied(observer)?;
    Ok(checked)
}

/// The result of a check, and what it left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The verdict.
    pub outcome: CheckOutcome,
    /// What the settings leave out, if they leave anything out.
    pub left_out: Option<LeftOut>,
}

/// The result of a check with network access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnlineCheck {
    /// The verdict.
    pub checked: Checked,
    /// What was locked.
    pub changes: Changes,
}

fn attempt(
    context: &Context,
    network: Network<'_>,
    offers: Offers,
    when_unknown: &WhenUnknown,
    observer: &dyn Observer,
) -> Result<Attempt<OnlineCheck>, Vec<Diagnostic>> {
    let session = Session::read_when(when_unknown, context, observer)?;
    if let Some(open) = Open::of_project(&session) {
        return Ok(Attempt::Unsure(open));
    }
    let problems = policies::problems(&session);
    if !problems.is_empty() {
        return Ok(refused(&session, problems));
    }
    warn_of_filters(&session, observer);
    let offline = session.offline();
    let when_down = if context.strict { WhenDown::Fail } else { WhenDown::UseLocked };
    let fetched = fetched_store::fetch_to_check(offline, network, when_down, observer)?;
    let shadows = AuditAsProblems::ask(offline, &fetched.facts, context, observer);
    shadows.settle(context, observer)?;
    let unchecked = Unchecked::find(&session, &shadows).warnings();
    if context.strict && !unchecked.is_empty() {
        return Ok(refused(&session, locked_warnings::as_errors(unchecked)));
    }
    unchecked.into_iter().for_each(|warning| observer.notice(Event::Finding(warning)));
    let (view, criteria) = (session.view(), &session.loaded.criteria);
    let resolver = Resolver::new(view, &fetched.store, criteria);
    let resolution = resolver.decide();
    if let Some(open) = Open::of_verdict(&session, &resolver, &resolution, []) {
        prefetch_publishers(view, &resolution, network, observer);
        return Ok(Attempt::Unsure(open));
    }
    let mut outcome = CheckOutcome::of(view, criteria, &resolver, &resolution);
    locked_warnings::remember_violations(&session, &outcome);
    let doubts = locked_warnings::of_violations(view, &resolver);
    if context.strict && !doubts.is_empty() {
        return Ok(refused(&session, locked_warnings::as_errors(doubts)));
    }
    let mut findings = violations::of_outcome(&outcome);
    if !outcome.is_success() {
        findings.extend(withdrawn::of_check(view, criteria, &session.loaded.store, &fetched.store));
    }
    findings.extend(locked_warnings::of_weak_members(view, &resolver));
    doubts.into_iter().chain(findings).for_each(|doubt| observer.notice(Event::Finding(doubt)));
    if !outcome.is_success() {
        let exemptions = &session.loaded.store.config.exemptions;
        let store = &fetched.store;
        let (lock, sources) = (&session.lock, &session.sources);
        let archives = &Archives::new(network.crates_io, sources.clone());
        let graph = view;
        let search =
            Search { context, graph, store, exemptions, criteria, lock, sources, archives, network, offers };
        let suggestions = search.run(&resolution, fetched.facts, observer);
        if let Some(open) = Open::of_suggestions(&session, &suggestions) {
            return Ok(Attempt::Unsure(open));
        }
        outcome = outcome.with_suggestions(suggestions);
        let checked = Checked { outcome, left_out: session.left_out() };
        let changes = Changes::default();
        return Ok(Attempt::Sure(Ok(OnlineCheck { checked, changes })));
    }
    let whole = session.whole_view();
    let whole = whole.as_deref().map(|whole| Resolver::new(whole, &fetched.store, criteria));
    let kept = update_part(&resolver, whole.as_ref(), |_| UpdateMode::CHECK);
    let pruned = update_part(&resolver, whole.as_ref(), |_| UpdateMode::PRUNE);
    let mut advice = advice(&fetched.store, &kept, &pruned, context.today);
    if session.has_rules() {
        advice.extend(left_out::unbuilt(&resolver, &pruned, &session.loaded));
    }
    let checked = Checked { outcome, left_out: session.left_out() };
    let store = updated(&fetched.store, kept);
    if session.assumed != Assumed::Nothing && session.would_change(&store) {
        return Ok(Attempt::Unsure(Open::Everything));
    }
    advice.into_iter().for_each(|warning| observer.notice(Event::Finding(warning)));
    let changes = session.replace(store, observer)?;
    Ok(Attempt::Sure(Ok(OnlineCheck { checked, changes })))
}

/// Warns of filters that leave nothing to check, which is probably a mistake.
fn warn_of_filters(session: &Session<'_>, observer: &dyn Observer) {
    let third_party = |graph: &Graph| graph.packages().filter(|package| package.is_third_party()).count();
    let all = third_party(&session.graph);
    if all > 0 && !session.context.filters.is_empty() && third_party(session.view()) == 0 {
        let message = format!("the graph filters leave none of the {all} third-party packages to check");
        let warning = Diagnostic::warning(Code::FilteredOut, message)
            .help("a package is only reached through packages that pass: see `cargo vet explain VET0310`");
        observer.notice(Event::Finding(warning));
    }
}

/// A package by name and version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageName {
    /// The name of the crate.
    pub name: String,
    /// The version, with the revision if the code comes from git.
    pub version: Version,
}

/// The result of a check. All lists are in the order of the graph: by name and version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Every third-party package meets its requirements.
    Success {
        /// Packages that rely on no exemption.
        fully_audited: Vec<PackageName>,
        /// Packages that rely on audits which start from an exempted version.
        partially_audited: Vec<PackageName>,
        /// Packages that rely on exemptions only.
        exempted: Vec<PackageName>,
    },
    /// Some packages do not meet their requirements.
    Unvetted {
        /// The packages, and the criteria that each lacks, in minimal form.
        failures: Vec<(PackageName, Vec<String>)>,
        /// What to audit, if this was determined.
        suggestions: Option<Box<Suggestions>>,
    },
    /// Statements about some crates contradict each other.
    Violation {
        /// The packages of these crates, and the conflicts.
        conflicts: Vec<(PackageName, Vec<Conflict>)>,
    },
}

impl CheckOutcome {
    /// Whether the check passed.
    pub fn is_success(&self) -> bool {
        matches!(self, CheckOutcome::Success { .. })
    }

    /// Adds suggestions, if anything is missing.
    #[must_use]
    pub(crate) fn with_suggestions(self, suggestions: Suggestions) -> Self {
        match self {
            CheckOutcome::Unvetted { failures, .. } => {
                CheckOutcome::Unvetted { failures, suggestions: Some(Box::new(suggestions)) }
            }
            outcome => outcome,
        }
    }

    /// Runs a resolver, and describes its decision without references to the graph.
    pub fn decide(graph: &Graph, criteria: &vet_store::Criteria, resolver: &Resolver<'_>) -> Self {
        Self::of(graph, criteria, resolver, &resolver.decide())
    }

    /// Describes a decision without references to the graph.
    pub(crate) fn of(
        graph: &Graph,
        criteria: &vet_store::Criteria,
        resolver: &Resolver<'_>,
        resolution: &Resolution,
    ) -> Self {
        let package = |ix: PackageIx| {
            let package = graph.package(ix)?;
            Some(PackageName { name: package.name().to_owned(), version: package.version().clone() })
        };
        let verdicts = resolution.verdicts.iter().map(|(ix, verdict)| (*ix, verdict));
        match resolution.conclusion {
            Conclusion::Violation => {
                let conflicts = verdicts.filter(|(_, verdict)| **verdict == Verdict::Violation);
                let conflicts = conflicts.filter_map(|(ix, _)| {
                    let package = package(ix)?;
                    let conflicts = resolver.conflicts(&package.name).to_vec();
                    Some((package, conflicts))
                });
                CheckOutcome::Violation { conflicts: conflicts.collect() }
            }
            Conclusion::Unvetted => {
                let failures = verdicts.filter_map(|(ix, verdict)| match verdict {
                    Verdict::Unvetted(missing) => Some((package(ix)?, criteria.minimal_names(missing))),
                    _ => None,
                });
                CheckOutcome::Unvetted { failures: failures.collect(), suggestions: None }
            }
            Conclusion::Success => {
                let (mut fully_audited, mut partially_audited, mut exempted) = (vec![], vec![], vec![]);
                for (ix, verdict) in verdicts {
                    match verdict {
                        Verdict::FullyAudited => fully_audited.extend(package(ix)),
                        Verdict::PartiallyAudited => partially_audited.extend(package(ix)),
                        Verdict::Exempted => exempted.extend(package(ix)),
                        Verdict::Unvetted(_) | Verdict::Violation => {}
                    }
                }
                CheckOutcome::Success { fully_audited, partially_audited, exempted }
            }
        }
    }
}
