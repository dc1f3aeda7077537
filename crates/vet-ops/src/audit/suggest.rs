//! `suggest`: what to audit if nothing were exempted.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};

use vet_diagnostics::{Code, Diagnostic, Problems};
use vet_fetch::archives::Archives;
use vet_resolver::Resolution;
use vet_store::Store;

use crate::evaluation::Evaluation;
use crate::evaluation::open::{Open, Stop, retry_with_cargo, stop_if};
use crate::evaluation::outcome::Checked;
use crate::evaluation::violations;
use crate::fetched_store::{self, Facts, FetchedStore, Network, Offline, WhenDown};
use crate::graph::WhenUnknown;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::{Report, Run};
use crate::search::crate_sources::CodeAccess;
use crate::search::{Aside, Members, Offers, Search, measure_ahead, prefetch_publishers};
use crate::session::Session;
use crate::session::backlog::{without_backlog, without_exemptions};

/// Finds the audits that would be needed if nothing were exempted. Writes nothing.
///
/// # Errors
///
/// The project or the store cannot be read, or something required can be neither fetched nor taken
/// from the lock.
pub fn suggest(
    context: &Context,
    network: Network<'_>,
    offers: Offers,
    observer: &dyn Observer,
) -> Report<Checked> {
    Report::of(observer, &context.overrides.levels, |run| {
        retry_with_cargo(run, |when_unknown, run| attempt(context, network, offers, when_unknown, run))
    })
}

fn attempt(
    context: &Context,
    network: Network<'_>,
    offers: Offers,
    when_unknown: &WhenUnknown,
    run: &Run<'_>,
) -> Result<Checked, Stop> {
    let session = Session::read_when(when_unknown, context, run)?;
    stop_if(Open::of_project(&session))?;
    let is_stopped = AtomicBool::new(false);
    let archives = Archives::new(network.crates_io, session.sources.clone()).until(&is_stopped);
    let offers = Offers { registry: offers.registry && !context.locked };
    let locked = without_exemptions(session.loaded.store.clone());
    let of_locked = Evaluation::of(&session, &locked);
    if let Some(open) = of_locked.open([]) {
        if !context.locked {
            prefetch_publishers(of_locked.graph(), &of_locked.resolution, network, run);
        }
        return Err(Stop::Unsure(open));
    }
    let fetched = match context.locked {
        // If the store was not updated, it is unknown which versions have been published since.
        true => None,
        false => {
            let search = Search::of(&of_locked, network, offers, &archives);
            Some(fetch(Offline::of(&session), search, &of_locked.resolution, &is_stopped, run)?)
        }
    };
    let (store, facts, members) = match fetched {
        None => (None, Facts::default(), None),
        Some((fetched, members)) => (Some(without_backlog(fetched.store)), fetched.facts, members),
    };
    let evaluation = match &store {
        None => of_locked,
        Some(store) => Evaluation::of(&session, store),
    };
    stop_if(evaluation.open([]))?;
    let search = Search::of(&evaluation, network, offers, &archives);
    let suggestions = search.run_with(&evaluation.resolution, facts, members, run);
    stop_if(Open::of_suggestions(&session, &suggestions))?;
    if context.locked && !suggestions.is_empty() {
        peers_not_asked(&session.loaded.store).into_iter().for_each(|it| run.found(it));
    }
    let checked = evaluation.checked(evaluation.outcome().with_suggestions(suggestions));
    for warning in violations::of_outcome(&checked.outcome) {
        run.found(warning);
    }
    Ok(checked)
}

/// Warns that a plan may be too large because peers were not asked.
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
            .note("imports.lock contains only what earlier checks needed; the peers may have audits that make this plan smaller")
            .help("leave out `--locked` to use all of their audits"),
    )
}

/// Asks peers and crates.io. Meanwhile, if something is missing according to the locked entries, it
/// measures audits and asks the registry members, because this will most likely be needed.
/// `resolution` is the decision over the locked entries.
fn fetch<'n>(
    offline: Offline<'_>,
    search: Search<'n>,
    resolution: &Resolution,
    is_stopped: &AtomicBool,
    run: &Run<'_>,
) -> Result<(FetchedStore, Option<Members>), Problems> {
    let CodeAccess { context, network, .. } = search.code;
    let when_down = if context.strict { WhenDown::Fail } else { WhenDown::UseLocked };
    let lacking = search.lacking(resolution);
    let aside = Aside::new(run.observer());
    let ahead = Run::new(&aside, &run.levels());
    let in_use = search.in_use();
    let fetched = std::thread::scope(|scope| {
        let measuring = scope.spawn(|| measure_ahead(search, &lacking, &ahead));
        let is_asked = search.asks_registry() && !lacking.is_empty();
        let members = is_asked.then(|| scope.spawn(|| Members::fetch(&search, &in_use, &ahead)));
        let fetched =
            fetched_store::fetch_to_suggest(offline, lacking.keys().copied(), network, when_down, run);
        match fetched {
            Ok(_) => aside.show(),
            Err(_) => is_stopped.store(true, Ordering::Relaxed),
        }
        measuring.join().unwrap_or_else(|panic| resume_unwind(panic));
        let members = members.map(|members| members.join().unwrap_or_else(|panic| resume_unwind(panic)));
        Ok((fetched?, members))
    });
    run.keep(ahead);
    fetched
}
