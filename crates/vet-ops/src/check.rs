//! `check`: tells whether every third-party package meets its requirements.
//!
//! [`check_locked`] decides with locked data only. [`check`] asks peers and crates.io, and locks
//! what it relied on. The other modules explain a decision and what it is made from:
//! [`explain_audit`] says why a package meets a criterion, [`settings`] shows what is left out, and
//! [`dump_graph`] returns the graph.

mod advice;
pub mod dump_graph;
pub mod explain_audit;
pub(crate) mod left_out;
mod locked_warnings;
pub mod settings;
mod unchecked;

use vet_diagnostics::{Code, Diagnostic};
use vet_graph::Graph;
use vet_resolver::{Resolver, UpdateMode, update_part};
use vet_store::Store;

use crate::check::advice::advice;
use crate::check::unchecked::Unchecked;
use crate::evaluation::Evaluation;
use crate::evaluation::open::{Open, Stop, retry_with_cargo, stop_if};
use crate::evaluation::outcome::{CheckOutcome, Checked};
use crate::evaluation::violations;
use crate::evaluation::withdrawn;
use crate::fetched_store::{self, FetchedStore, Network, WhenDown};
use crate::graph::{Assumed, WhenUnknown};
use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::{Report, Run, as_errors};
use crate::search::prefetch_publishers;
use crate::search::{Offers, suggestions};
use crate::session::Session;
use crate::session::attempts::repeated;
use crate::session::policies;

/// Checks a project with locked data only. Writes nothing.
///
/// # Errors
///
/// The project or the store cannot be read, or they do not match.
pub fn check_locked(context: &Context, observer: &dyn Observer) -> Report<Checked> {
    Report::of(observer, &context.overrides.levels, |run| {
        let checked = retry_with_cargo(run, |when_unknown, run| {
            let session = open_to_check(context, when_unknown, run)?;
            let evaluation = Evaluation::of_locked(&session);
            stop_if(evaluation.open(locked_warnings::seen_in_use(&session)))?;
            let (view, resolver) = (evaluation.graph(), &evaluation.resolver);
            let checked = evaluation.checked(evaluation.outcome());
            let mut doubts = locked_warnings::of_locked(&session);
            doubts.extend(locked_warnings::of_violations(view, resolver));
            if context.strict && !doubts.is_empty() {
                return Err(refused(&session, as_errors(doubts)));
            }
            let mut findings = violations::of_outcome(&checked.outcome);
            findings.extend(locked_warnings::of_weak_members(view, resolver));
            doubts.into_iter().chain(findings).for_each(|doubt| run.found(doubt));
            Ok(checked)
        })?;
        run.refuse_denied()?;
        Ok(checked)
    })
}

/// Opens a project to check it. Its policies match the graph.
fn open_to_check<'c>(
    context: &'c Context,
    when_unknown: &WhenUnknown,
    run: &Run<'_>,
) -> Result<Session<'c>, Stop> {
    let session = Session::read_when(when_unknown, context, run)?;
    stop_if(Open::of_project(&session))?;
    let problems = policies::problems(&session);
    if !problems.is_empty() {
        return Err(refused(&session, problems));
    }
    warn_of_filters(&session, run);
    Ok(session)
}

/// A failure. If it may concern packages that cargo leaves out, they are examined first.
fn refused(session: &Session<'_>, problems: Vec<Diagnostic>) -> Stop {
    match session.leaves_more_open() || session.context.frozen {
        true => Open::of_anything(session).map_or(Stop::Failed(problems.into()), Stop::Unsure),
        false => Stop::Failed(problems.into()),
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
) -> Report<OnlineCheck> {
    Report::of(observer, &context.overrides.levels, |run| {
        // Another process, perhaps another check, may write the store meanwhile.
        let checked = repeated(run, |run| {
            retry_with_cargo(run, |when_unknown, run| attempt(context, network, offers, when_unknown, run))
        })?;
        run.refuse_denied()?;
        Ok(checked)
    })
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
    run: &Run<'_>,
) -> Result<OnlineCheck, Stop> {
    let session = open_to_check(context, when_unknown, run)?;
    let when_down = if context.strict { WhenDown::Fail } else { WhenDown::UseLocked };
    let (FetchedStore { store, facts }, audit_as) =
        fetched_store::fetch_to_check(&session, network, when_down, run)?;
    let unchecked = Unchecked::find(&session, &audit_as).warnings();
    if context.strict && !unchecked.is_empty() {
        return Err(refused(&session, as_errors(unchecked)));
    }
    unchecked.into_iter().for_each(|warning| run.found(warning));
    let evaluation = Evaluation::of(&session, &store);
    let (view, resolver, resolution) = (evaluation.graph(), &evaluation.resolver, &evaluation.resolution);
    if let Some(open) = evaluation.open([]) {
        prefetch_publishers(view, resolution, network, run);
        return Err(Stop::Unsure(open));
    }
    let outcome = evaluation.outcome();
    locked_warnings::remember_violations(&session, &outcome);
    let doubts = locked_warnings::of_violations(view, resolver);
    if context.strict && !doubts.is_empty() {
        return Err(refused(&session, as_errors(doubts)));
    }
    let mut findings = violations::of_outcome(&outcome);
    if !outcome.is_success() {
        findings.extend(withdrawn::of_check(view, evaluation.criteria(), &session.loaded.store, &store));
    }
    findings.extend(locked_warnings::of_weak_members(view, resolver));
    doubts.into_iter().chain(findings).for_each(|doubt| run.found(doubt));
    if outcome.is_success() {
        return lock(&evaluation, outcome, &session, &store, run);
    }
    let suggestions = suggestions(&evaluation, network, offers, facts, run);
    stop_if(Open::of_suggestions(&session, &suggestions))?;
    let checked = evaluation.checked(outcome.with_suggestions(suggestions));
    Ok(OnlineCheck { checked, changes: Changes::default() })
}

/// Locks what a successful check relied on.
fn lock(
    evaluation: &Evaluation<'_>,
    outcome: CheckOutcome,
    session: &Session<'_>,
    fetched: &Store,
    run: &Run<'_>,
) -> Result<OnlineCheck, Stop> {
    let resolver = &evaluation.resolver;
    let whole = session.whole_view();
    let whole = whole.as_deref().map(|whole| Resolver::new(whole, fetched, evaluation.criteria()));
    let kept = update_part(resolver, whole.as_ref(), |_| UpdateMode::CHECK);
    let pruned = update_part(resolver, whole.as_ref(), |_| UpdateMode::PRUNE);
    let mut advice = advice(fetched, &kept, &pruned, session.context.today);
    if session.has_rules() {
        advice.extend(left_out::unbuilt(resolver, &pruned, &session.loaded));
    }
    let store = kept.applied_to(fetched);
    if session.assumed != Assumed::Nothing && session.would_change(&store) {
        return Err(Stop::Unsure(Open::Everything));
    }
    advice.into_iter().for_each(|warning| run.found(warning));
    let changes = session.replace(store, run)?;
    Ok(OnlineCheck { checked: evaluation.checked(outcome), changes })
}

/// Warns of filters that leave nothing to check, which is probably a mistake.
fn warn_of_filters(session: &Session<'_>, run: &Run<'_>) {
    let third_party = |graph: &Graph| graph.packages().filter(|package| package.is_third_party()).count();
    let all = third_party(&session.graph);
    if all > 0 && !session.context.filters.is_empty() && third_party(session.view()) == 0 {
        let message = format!("the graph filters leave none of the {all} third-party packages to check");
        let warning = Diagnostic::warning(Code::FilteredOut, message)
            .help("a package is reached only through packages that pass all filters: see `cargo vet explain VET0310`");
        run.found(warning);
    }
}
