//! Advice that a check gives although it passed.

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_resolver::StoreUpdate;
use vet_store::entries::UnpublishedEntry;
use vet_store::fetched::FetchedFacts;
use vet_store::{Date, Store};

use crate::fetched_store::expiry::Expiry;

/// What could be tidied up after a check. `kept` is what the check leaves in the store; `pruned` is
/// what would be enough.
///
/// Like the original, it reports only one kind of unneeded entry at a time.
pub(crate) fn advice(
    fetched: &Store,
    kept: &StoreUpdate,
    pruned: &StoreUpdate,
    today: Date,
) -> Vec<Diagnostic> {
    let unneeded = if pruned.exemptions != kept.exemptions {
        Some("some exemptions could be narrowed or removed")
    } else if pruned.imports != kept.imports {
        Some("some entries of imports.lock are no longer needed")
    } else if pruned.audits != kept.audits {
        Some("some audits that peers cannot import are no longer needed")
    } else {
        None
    };
    let unneeded = unneeded
        .map(|what| Diagnostic::warning(Code::Unneeded, what).help("run `cargo vet prune` to remove them"));
    unneeded
        .into_iter()
        .chain(published_since(pruned, &fetched.fetched))
        .chain(expiry(fetched, today))
        .collect()
}

/// Versions that were unpublished when they were locked and are published now.
fn published_since(pruned: &StoreUpdate, fetched: &FetchedFacts) -> Option<Diagnostic> {
    let outdated = pruned.imports.unpublished.iter();
    let is_outdated =
        |name: &str, entry: &UnpublishedEntry| !fetched.is_still_unpublished(name, &entry.version);
    let outdated = outdated.filter(|(name, entries)| entries.iter().any(|entry| is_outdated(name, entry)));
    let names: Vec<&str> = outdated.map(|(name, _)| name.as_str()).collect();
    (!names.is_empty()).then(|| {
        let message = format!(
            "some versions audited as earlier ones have since been published: {}",
            wording::abbreviated(&names)
        );
        Diagnostic::warning(Code::PublishedSince, message)
            .help("run `cargo vet regenerate unpublished` to check the published versions instead")
    })
}

fn expiry(fetched: &Store, today: Date) -> Vec<Diagnostic> {
    let Expiry { expired, expiring } = Expiry::of(fetched, today);
    let warning = |code, what, names: &[String]| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let help = "run `cargo vet renew --expiring` to extend them by a year, or set `renew = false` in the entry to silence this warning";
        (!names.is_empty()).then(|| {
            Diagnostic::warning(code, format!("{what}: {}", wording::abbreviated(&names))).help(help)
        })
    };
    let expired = warning(Code::WildcardExpired, "wildcard audits of these crates have ended", &expired);
    let expiring =
        warning(Code::WildcardExpiring, "wildcard audits of these crates end within six weeks", &expiring);
    expired.into_iter().chain(expiring).collect()
}
