//! `regenerate`: computes parts of the store again.

mod moved;
mod neighbours;

use std::collections::BTreeSet;

use vet_diagnostics::Problems;
use vet_resolver::{Goal, Resolver, StoreUpdate, UpdateMode, update_part};
use vet_store::{Store, Version};

use crate::attempts::repeated;
use crate::changes::Changes;
use crate::context::Context;
use crate::events::Observer;
use crate::fetched_store::{self, AuditAsProblems, Network, NewTexts, WhenDown};
use crate::report::{Report, Run};
use crate::session::Session;
use crate::withdrawn::warn_of_next_locked;

pub use crate::fetched_store::Fixed;

/// Exempts the checked packages that do not meet their requirements, and removes what nothing
/// relies on. Without a network, only locked entries can be relied on.
///
/// # Errors
///
/// The project or the store cannot be read, or the store cannot be written.
pub fn exemptions(
    context: &Context,
    network: Option<Network<'_>>,
    observer: &dyn Observer,
) -> Report<Changes> {
    Report::of(observer, &context.overrides.levels, |run| {
        update_store(context, network, UpdateMode::REGENERATE_EXEMPTIONS, LeftOutPackages::Kept, run)
    })
}

/// Locks the current entries of peers, even if peers changed the texts of criteria, and removes
/// what nothing relies on.
///
/// # Errors
///
/// The project or the store cannot be read, the store cannot be written, or something cannot be
/// fetched.
pub fn imports(context: &Context, network: Network<'_>, observer: &dyn Observer) -> Report<Changes> {
    Report::of(observer, &context.overrides.levels, |run| {
        repeated(run, |run| {
            let session = Session::open(context, run)?;
            let fetched =
                fetched_store::fetch(session.offline(), network, WhenDown::Fail, NewTexts::Accept, run)?;
            write_back(&session, &fetched.store, UpdateMode::PRUNE, LeftOutPackages::Kept, run)
        })
    })
}

/// Removes unpublished entries, except for packages that are left out, and chooses the newest
/// published versions for versions that are still unpublished.
///
/// # Errors
///
/// The project or the store cannot be read, the store cannot be written, or something cannot be
/// fetched.
pub fn unpublished(context: &Context, network: Network<'_>, observer: &dyn Observer) -> Report<Changes> {
    Report::of(observer, &context.overrides.levels, |run| {
        repeated(run, |run| forget_unpublished(context, network, run))
    })
}

fn forget_unpublished(context: &Context, network: Network<'_>, run: &Run<'_>) -> Result<Changes, Problems> {
    let session = Session::open(context, run)?;
    let mut fetched =
        fetched_store::fetch(session.offline(), network, WhenDown::Fail, NewTexts::Refuse, run)?;
    let left_out = session.whole().packages().filter(|package| package.left_out().is_some());
    let left_out: BTreeSet<(&str, &Version)> = left_out.map(|it| (it.name(), it.version())).collect();
    for (name, entries) in &mut fetched.store.imports.unpublished {
        entries.retain(|entry| entry.fresh || left_out.contains(&(name.as_str(), &entry.version)));
        entries.iter_mut().for_each(|entry| entry.fresh = false);
    }
    write_back(&session, &fetched.store, UpdateMode::CHECK, LeftOutPackages::Kept, run)
}

/// Corrects which packages of this project are audited as crates.io crates.
///
/// # Errors
///
/// The project or the store cannot be read, or the store cannot be written.
pub fn audit_as_crates_io(
    context: &Context,
    network: Network<'_>,
    observer: &dyn Observer,
) -> Report<(Vec<Fixed>, Changes)> {
    Report::of(observer, &context.overrides.levels, |run| {
        repeated(run, |run| {
            let session = Session::open(context, run)?;
            let offline = session.offline();
            let (problems, facts) = AuditAsProblems::ask_to_fix(offline, network.crates_io, context, run)?;
            let mut store = session.loaded.store.clone();
            let fixed = problems.fix(session.whole(), &facts, &mut store.config.policy);
            let changes = session.replace(store, run)?;
            Ok((fixed, changes))
        })
    })
}

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
            let fetched =
                fetched_store::fetch(session.offline(), network, WhenDown::Fail, NewTexts::Refuse, run)?;
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
    let after = updated(store, update);
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
    updated(store, updates(session, store, LeftOutPackages::Kept, mode))
}

/// The store with the parts that an update computed.
pub(crate) fn updated(store: &Store, update: StoreUpdate) -> Store {
    let mut store = store.clone();
    store.config.exemptions = update.exemptions;
    store.audits.audits = update.audits;
    store.imports = update.imports;
    store
}
