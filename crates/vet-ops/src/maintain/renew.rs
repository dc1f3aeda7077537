//! `renew`: extends wildcard audits by a year.

use std::collections::BTreeSet;

use vet_diagnostics::Problems;
use vet_fetch::crates_io::{CratesIo, Needed};
use vet_store::entries::{PublisherEntry, PublisherId, WildcardEntry};
use vet_store::files::ByCrate;
use vet_store::validate::latest_end;
use vet_store::{Date, Store};

use crate::fetched_store::expiry::{activity, soon};
use crate::fetched_store::{Facts, LOCKED_PUBLISHERS, WhenDown, released};
use crate::graph::WhenUnknown;
use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::{Report, Run};
use crate::session::Session;
use crate::session::attempts::repeated;

/// Which wildcard audits to renew. Audits with `renew = false` are never renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renew {
    /// All wildcard audits of one crate.
    Crate(String),
    /// Wildcard audits that end soon or have ended.
    Expiring {
        /// Whether to include crates without recent releases.
        include_inactive: bool,
    },
}

/// What was renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewOutcome {
    /// The new end of the renewed audits.
    pub end: Date,
    /// The crates with renewed audits, and the publisher of each renewed audit.
    pub renewed: Vec<(String, Vec<PublisherId>)>,
    /// The known publishers.
    pub publishers: ByCrate<PublisherEntry>,
    /// Whether any wildcard audit matched the request.
    pub any: bool,
    /// What changed in the store.
    pub changes: Changes,
}

/// Extends wildcard audits until a year from today.
///
/// crates.io is asked about the latest releases of crates in use. Without it, no crate counts as
/// inactive.
///
/// # Errors
///
/// The project or the store cannot be read, or the store cannot be written.
pub fn renew(
    context: &Context,
    crates_io: Option<&CratesIo<'_>>,
    which: &Renew,
    observer: &dyn Observer,
) -> Report<RenewOutcome> {
    Report::of(observer, &context.overrides.levels, |run| {
        // A possible dependency may be treated as one here.
        repeated(run, |run| try_to_renew(context, crates_io, which, run))
    })
}

fn try_to_renew(
    context: &Context,
    crates_io: Option<&CratesIo<'_>>,
    which: &Renew,
    run: &Run<'_>,
) -> Result<RenewOutcome, Problems> {
    let session = Session::read_when(&WhenUnknown::Assume, context, run)?;
    let mut store = session.loaded.store.clone();
    let soon = soon(context.today);
    let is_meant = |name: &str, entry: &WildcardEntry| match which {
        Renew::Crate(krate) => krate == name,
        Renew::Expiring { .. } => entry.end < soon,
    };
    let publishers = match crates_io {
        None => store.imports.publisher.clone(),
        Some(crates_io) => {
            let meant: BTreeSet<&str> = meant(&store, is_meant).collect();
            // For other crates, one release is enough, because only the name of the publisher is
            // needed.
            let needed = |name: &str| match meant.contains(name) {
                true => Needed::Everything,
                false => Needed::Publishers(BTreeSet::new()),
            };
            let named = store.audits.wildcard_audits.keys().chain(store.audits.trusted.keys());
            let names: BTreeSet<&String> =
                named.filter(|name| session.whole().uses_third_party(name)).collect();
            let facts = Facts::asked(
                crates_io,
                names.iter().map(|name| ((*name).clone(), needed(name))).collect(),
                run,
            );
            facts.settle(WhenDown::UseLocked, LOCKED_PUBLISHERS, run)?;
            let of_crate = |name: &String| {
                let entries = facts.details(name).map(released);
                let entries = entries.or_else(|| store.imports.publisher.get(name).cloned());
                Some((name.clone(), entries?))
            };
            names.into_iter().filter_map(of_crate).collect()
        }
    };

    let end = latest_end(context.today);
    let (mut renewed, mut any) = (Vec::new(), false);
    for (name, entries) in &mut store.audits.wildcard_audits {
        let activity = activity(&publishers, name, context.today);
        let is_due = |entry: &&mut WildcardEntry| {
            let is_active = match which {
                Renew::Expiring { include_inactive: false } => activity.counts(entry),
                Renew::Crate(_) | Renew::Expiring { include_inactive: true } => true,
            };
            is_meant(name, entry) && is_active
        };
        let mut publishers = Vec::new();
        for entry in entries.iter_mut().filter(is_due) {
            any = true;
            if entry.renew != Some(false) {
                entry.end = end;
                publishers.push(entry.publisher.clone());
            }
        }
        if !publishers.is_empty() {
            renewed.push((name.clone(), publishers));
        }
    }
    let changes = session.replace(store, run)?;
    Ok(RenewOutcome { end, renewed, publishers, any, changes })
}

/// The crates with wildcard audits that match.
fn meant(store: &Store, is_meant: impl Fn(&str, &WildcardEntry) -> bool) -> impl Iterator<Item = &str> {
    let crates = store.audits.wildcard_audits.iter();
    crates
        .filter(move |(name, entries)| entries.iter().any(|entry| is_meant(name, entry)))
        .map(|(name, _)| name.as_str())
}
