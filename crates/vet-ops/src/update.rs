//! Computes the store that a command writes, and writes it.

mod moved;
mod neighbours;

use std::collections::BTreeSet;

use vet_diagnostics::Problems;
use vet_resolver::{Goal, Resolver, StoreUpdate, UpdateMode, update_part};
use vet_store::Store;

use crate::evaluation::withdrawn::warn_of_next_locked;
use crate::fetched_store::{self, Network, Offline};
use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::report::Run;
use crate::session::Session;
use crate::session::attempts::repeated;

/// Updates a store, with the same mode for every crate.
pub(crate) fn update_store(
    context: &Context,
    network: Option<Network<'_>>,
    mode: UpdateMode,
    left_out: LeftOutPackages,
    run: &Run<'_>,
) -> Result<Changes, Problems> {
    repeated(run, |run| try_to_update_store(context, network, mode, left_out, run))
}

fn try_to_update_store(
    context: &Context,
    network: Option<Network<'_>>,
    mode: UpdateMode,
    left_out: LeftOutPackages,
    run: &Run<'_>,
) -> Result<Changes, Problems> {
    let session = Session::open(context, run)?;
    match network {
        None => write_back(&session, &session.loaded.store, mode, left_out, run),
        Some(network) => {
            let fetched = fetched_store::fetch_current(Offline::of(&session), network, run)?;
            write_back(&session, &fetched.store, mode, left_out, run)
        }
    }
}

/// Writes the result of an update.
pub(crate) fn write_back(
    session: &Session<'_>,
    store: &Store,
    mode: UpdateMode,
    left_out: LeftOutPackages,
    run: &Run<'_>,
) -> Result<Changes, Problems> {
    let update = updates(session, store, left_out, |_| mode);
    let after = update.applied_to(store);
    warn_of_next_locked(session, &after, run);
    let mut warnings = neighbours::may_need(session, &after);
    if mode.goal == Goal::Invent {
        let before = &session.loaded.store.config.exemptions;
        warnings.extend(moved::left_behind(before, &after.config.exemptions));
    }
    warnings.into_iter().for_each(|warning| run.found(warning));
    session.replace(after, run)
}

/// What happens to entries that are needed only by packages which the settings leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftOutPackages {
    /// They stay.
    Kept,
    /// They are removed, like entries that nothing relies on.
    Forgotten,
}

fn updates(
    session: &Session<'_>,
    store: &Store,
    left_out: LeftOutPackages,
    mode: impl Fn(&str) -> UpdateMode,
) -> StoreUpdate {
    let criteria = &session.loaded.criteria;
    let whole = session.whole_view().filter(|_| left_out == LeftOutPackages::Kept);
    let whole = whole.as_deref().map(|whole| Resolver::new(whole, store, criteria));
    update_part(&Resolver::new(session.view(), store, criteria), whole.as_ref(), mode)
}

/// The store after a check. New entries about some crates replace exemptions and superfluous
/// audits.
pub(crate) fn with_new_entries(session: &Session<'_>, store: &Store, crates: &BTreeSet<&str>) -> Store {
    let mode = |name: &str| match crates.contains(name) {
        true => UpdateMode {
            goal: Goal::Replace,
            prune_exemptions: true,
            prune_audits: true,
            prune_imports: false,
        },
        false => UpdateMode::CHECK,
    };
    updates(session, store, LeftOutPackages::Kept, mode).applied_to(store)
}
