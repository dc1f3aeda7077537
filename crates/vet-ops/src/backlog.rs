//! The store without what was put off: as if nothing were exempted.

use vet_store::Store;
use vet_store::entries::Exemption;

/// A store in which nothing is exempted but what nobody wants to audit, and nothing is taken for published
/// that is not.
pub(crate) fn without_backlog(mut store: Store) -> Store {
    store = without_exemptions(store);
    store.imports.unpublished.values_mut().for_each(|entries| entries.retain(|entry| entry.fresh));
    store
}

/// A store in which nothing is exempted but what nobody wants to audit.
pub(crate) fn without_exemptions(mut store: Store) -> Store {
    let kept = |entry: &Exemption| !entry.suggest;
    store.config.exemptions.values_mut().for_each(|entries| entries.retain(kept));
    store
}
