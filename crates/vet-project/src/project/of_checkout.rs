//! The checkout's settings for registries and the network that do not count, and those that the
//! user accepts.

use vet_diagnostics::wording::{self, without_credentials};
use vet_diagnostics::{Code, Diagnostic};

use super::{CRATES_IO, CargoConfiguration, RegistryPlaces};
use crate::{RegistryEnvironment, same_index};

impl CargoConfiguration {
    /// The index that cargo uses instead of crates.io because of the checkout, unless the user
    /// names it too.
    pub fn mirror_of_checkout<'a>(&'a self, environment: &'a RegistryEnvironment) -> Option<&'a str> {
        let (_, index) = index_for_crates_io(&self.effective, environment)?;
        let of_user = index_for_crates_io(self.registries.places(), environment);
        let is_known = of_user.is_some_and(|(_, of_user)| same_index(index, of_user));
        (!is_known && !same_index(index, OFFICIAL)).then_some(index)
    }

    /// Whether cargo uses another index than that of crates.io, and the user uses it too.
    pub(super) fn shares_mirror(&self, environment: &RegistryEnvironment) -> bool {
        let index = index_for_crates_io(&self.effective, environment);
        index.is_some_and(|(_, index)| !same_index(index, OFFICIAL))
            && self.mirror_of_checkout(environment).is_none()
    }

    /// Uses the mirror that the checkout names, if the user accepts it. Returns whether it is used.
    pub fn accept_mirror(&mut self, environment: &RegistryEnvironment) -> bool {
        let accepted = self.mirror_of_checkout(environment).filter(|mirror| environment.accepts(mirror));
        let Some(index) = accepted.map(str::to_owned) else { return false };
        self.registries.replace_crates_io(index);
        true
    }

    /// Whether the user knows the registry with an address, as `Cargo.lock` writes it. crates.io is
    /// always known.
    pub fn knows_registry(&self, address: &str, environment: &RegistryEnvironment) -> bool {
        let of_user = self.registries.places().addresses().chain(environment.indexes());
        let mut known = of_user.chain([OFFICIAL]);
        known.any(|known| same_index(known, address))
    }

    /// A warning that names the ignored settings of the checkout for the network.
    pub fn ignored(&self, environment: &RegistryEnvironment) -> Option<Diagnostic> {
        let (network, of_user) = (&self.network_of_checkout, &self.network);
        let differs = |is_set: bool, is_same: bool, name: &str| (is_set && !is_same).then(|| name.to_owned());
        let mut names: Vec<String> = [
            differs(network.proxy.is_some(), network.proxy == of_user.proxy, "http.proxy"),
            differs(network.ca_file.is_some(), network.ca_file == of_user.ca_file, "http.cainfo"),
            differs(network.offline == Some(true), of_user.offline == Some(true), "net.offline"),
        ]
        .into_iter()
        .flatten()
        .collect();
        names.extend(self.registries_of_checkout.secrets());
        let mirror = self.mirror_of_checkout(environment).map(|_| "source.crates-io.replace-with".to_owned());
        names.extend(mirror);
        if names.is_empty() {
            return None;
        }
        let listed = wording::list(names.iter().map(String::as_str), "and");
        let verb = if names.len() == 1 { "is" } else { "are" };
        let message = format!("{listed} in the checkout's cargo configuration {verb} ignored");
        Some(
            Diagnostic::warning(Code::SettingIgnored, message)
                .note("a pull request must not decide which servers are used and trusted")
                .help(match self.mirror_of_checkout(environment) {
                    Some(mirror) => accept(mirror),
                    None => "set it in the configuration in cargo's home, or in the environment".to_owned(),
                }),
        )
    }
}

/// The way to accept a mirror, for messages.
pub fn accept(mirror: &str) -> String {
    format!(
        "if you trust this mirror of crates.io, accept it with `--accept-mirror {}` or with the variable {}",
        without_credentials(mirror),
        RegistryEnvironment::ACCEPTED
    )
}

/// The index of crates.io itself.
pub(super) const OFFICIAL: &str = tame_index::CRATES_IO_HTTP_INDEX;

/// The name and the index of the registry that replaces crates.io, if a registry does.
fn index_for_crates_io<'p>(
    places: &'p RegistryPlaces,
    environment: &'p RegistryEnvironment,
) -> Option<(&'p str, &'p str)> {
    let name = places.replacement(CRATES_IO).ok()?;
    let of_source = places.source(name).and_then(|source| source.registry.as_deref());
    if name == CRATES_IO {
        return Some((name, of_source.unwrap_or(OFFICIAL)));
    }
    Some((name, of_source.or_else(|| environment.index(name)).or_else(|| places.index(name))?))
}
