//! The store without what was postponed: as if nothing were exempted.

use vet_store::Store;
use vet_store::entries::Exemption;

/// The store without locked unpublished entries and without exemptions, except the exemptions that
/// no audit should replace (`suggest = false`).
pub(crate) fn without_backlog(mut store: Store) -> Store {
    store = without_exemptions(store);
    store.retain_unpublished(|_, _, is_fresh| is_fresh);
    store
}

/// The store without exemptions, except those that no audit should replace (`suggest = false`).
pub(crate) fn without_exemptions(mut store: Store) -> Store {
    let kept = |entry: &Exemption| !entry.suggest;
    store.config.exemptions.values_mut().for_each(|entries| entries.retain(kept));
    store
}
