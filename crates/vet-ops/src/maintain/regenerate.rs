//! `regenerate`: computes parts of the store again.

use std::collections::BTreeSet;

use vet_diagnostics::Problems;
use vet_resolver::UpdateMode;
use vet_store::Version;
use vet_store::fetched::Fresh;

use crate::fetched_store::{self, AuditAsProblems, Network, NewTexts, Offline, WhenDown};
use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::{Report, Run};
use crate::session::Session;
use crate::session::attempts::repeated;
use crate::update::{LeftOutPackages, update_store, write_back};

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
                fetched_store::fetch(Offline::of(&session), network, WhenDown::Fail, NewTexts::Accept, run)?;
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
    let mut fetched = fetched_store::fetch_current(Offline::of(&session), network, run)?;
    let left_out = session.whole().packages().filter(|package| package.left_out().is_some());
    let left_out: BTreeSet<(&str, &Version)> = left_out.map(|it| (it.name(), it.version())).collect();
    let store = &mut fetched.store;
    store.retain_unpublished(|name, version, is_fresh| is_fresh || left_out.contains(&(name, version)));
    // The new entries stay, whether or not something relies on them.
    store.fetched.unpublished = Fresh::default();
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
            let offline = Offline::of(&session);
            let (problems, facts) = AuditAsProblems::ask_to_fix(offline, network.crates_io, context, run)?;
            let mut store = session.loaded.store.clone();
            let fixed = problems.fix(session.whole(), &facts, &mut store.config.policy);
            let changes = session.replace(store, run)?;
            Ok((fixed, changes))
        })
    })
}
