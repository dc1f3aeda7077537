//! Access to the network.

use vet_diagnostics::Diagnostic;
use vet_fetch::cache_folder::check_place;
use vet_fetch::crates_io::CratesIo;
use vet_fetch::git;
use vet_fetch::http::{Client, HttpSettings};
use vet_ops::credentials::Credentials;
use vet_ops::fetched_store::Network;
use vet_project::{CargoConfiguration, Checkout};

use super::context::current_folder;
use crate::failure::Failure;
use crate::request::{Network as Allowed, Settings};

/// Runs a function that needs the network.
pub(crate) fn online<T>(
    settings: &Settings,
    act: impl FnOnce(Network<'_>) -> Result<T, Vec<Diagnostic>>,
) -> Result<T, Failure> {
    let cargo = configuration(settings)?;
    let client = client_for(settings, &cargo)?;
    let cargo_home = settings.cargo_home.as_deref();
    let crates_io =
        CratesIo::new(&client, cargo_home, &cargo.registries, &settings.registries, &settings.cache_dir);
    Ok(act(Network { client: &client, crates_io: &crates_io, credentials: credentials(settings) })?)
}

/// Runs a function that uses the network if it is allowed.
pub(crate) fn maybe_online<T>(
    settings: &Settings,
    act: impl FnOnce(Option<Network<'_>>) -> Result<T, Vec<Diagnostic>>,
) -> Result<T, Failure> {
    match settings.network {
        Allowed::Open => online(settings, |network| act(Some(network))),
        Allowed::Locked | Allowed::Frozen => Ok(act(None)?),
    }
}

/// A client that reaches the network in the same way as cargo.
pub(crate) fn client(settings: &Settings) -> Result<Client, Failure> {
    client_for(settings, &configuration(settings)?)
}

fn configuration(settings: &Settings) -> Result<CargoConfiguration, Failure> {
    let current_folder = current_folder()?;
    let cargo_home = settings.cargo_home.as_deref();
    let checkout = Checkout::find(&current_folder, settings.project.manifest_path.as_deref(), cargo_home);
    check_place(&current_folder.join(&settings.cache_dir), &checkout)?;
    let mut configuration = CargoConfiguration::of_folder(&current_folder, cargo_home, &checkout);
    configuration.accept_mirror(&settings.registries);
    Ok(configuration)
}

fn client_for(settings: &Settings, cargo: &CargoConfiguration) -> Result<Client, Failure> {
    let of_machine = HttpSettings::of_machine(&cargo.network, &settings.http, git::proxy);
    Ok(Client::new(HttpSettings {
        cache_folder: Some(settings.cache_dir.clone()),
        offline: of_machine.offline || settings.network == Allowed::Frozen,
        ..of_machine
    })?)
}

/// Where credentials for the files of peers come from.
pub(crate) fn credentials(settings: &Settings) -> Credentials {
    match settings.use_git_credentials {
        true => Credentials::OfGit,
        false => Credentials::InUrls,
    }
}
