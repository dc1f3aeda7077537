//! `check`: tells whether every third-party package meets its requirements.

use vet_diagnostics::{Code, Diagnostic};
use vet_fetch::archives::Archives;
use vet_graph::Graph;
use vet_resolver::{Resolver, UpdateMode, update_part};

use crate::advice::advice;
use crate::attempts::repeated;
use crate::changes::Changes;
use crate::context::Context;
use crate::events::{Event, Observer, as_errors, refuse_denied};
use crate::fetched_store::{self, AuditAsProblems, Network, WhenDown};
use crate::graph::{Assumed, WhenUnknown};
use crate::left_out;
use crate::locked_warnings;
use crate::open::{Attempt, Open, retry_with_cargo};
use crate::outcome::{CheckOutcome, Checked};
use crate::policies;
use crate::regenerate::updated;
use crate::session::Session;
use crate::suggest::{Offers, Search, prefetch_publishers};
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
            return Ok(refused(&session, as_errors(doubts)));
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
        return Ok(refused(&session, as_errors(unchecked)));
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
        return Ok(refused(&session, as_errors(doubts)));
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
