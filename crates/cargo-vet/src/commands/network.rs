//! Access to the network.

use vet_fetch::cache::check_place;
use vet_fetch::crates_io::CratesIo;
use vet_fetch::git;
use vet_fetch::http::{Client, HttpSettings};
use vet_ops::fetched_store::Network;
use vet_ops::fetched_store::credentials::Credentials;
use vet_project::{CargoConfiguration, Checkout};

use super::context::{current_folder, run_log};
use crate::failure::Failure;
use crate::options::{NetworkAccess, Options};
use crate::printer::Printer;

/// Runs a function that needs the network.
pub(crate) fn online<T>(
    options: &Options,
    printer: &Printer,
    act: impl FnOnce(Network<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let cargo = configuration(options)?;
    let client = client_for(options, &cargo, printer)?;
    let cargo_home = options.cargo_home.as_deref();
    let crates_io =
        CratesIo::new(&client, cargo_home, &cargo.registries, &options.registries, &options.cache);
    act(Network { client: &client, crates_io: &crates_io, credentials: credentials(options) })
}

/// Runs a function that uses the network if it is allowed.
pub(crate) fn maybe_online<T>(
    options: &Options,
    printer: &Printer,
    act: impl FnOnce(Option<Network<'_>>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    match options.network {
        NetworkAccess::Open => online(options, printer, |network| act(Some(network))),
        NetworkAccess::Locked | NetworkAccess::Frozen => act(None),
    }
}

/// A client that reaches the network in the same way as cargo.
pub(crate) fn client(options: &Options, printer: &Printer) -> Result<Client, Failure> {
    client_for(options, &configuration(options)?, printer)
}

fn configuration(options: &Options) -> Result<CargoConfiguration, Failure> {
    let current_folder = current_folder()?;
    let cargo_home = options.cargo_home.as_deref();
    let checkout = Checkout::find(&current_folder, options.project.manifest_path.as_deref(), cargo_home);
    check_place("cache", &current_folder.join(options.cache.folder()), &checkout)?;
    let mut configuration = CargoConfiguration::of_folder(&current_folder, cargo_home, &checkout);
    configuration.accept_mirror(&options.registries);
    Ok(configuration)
}

fn client_for(options: &Options, cargo: &CargoConfiguration, printer: &Printer) -> Result<Client, Failure> {
    let of_machine = HttpSettings::of_machine(&cargo.network, &options.http, git::proxy);
    Ok(Client::new(HttpSettings {
        cache: Some(options.cache.clone()),
        offline: of_machine.offline || options.network == NetworkAccess::Frozen,
        log: run_log(printer),
        ..of_machine
    })?)
}

/// Where credentials for the files of peers come from.
pub(crate) fn credentials(options: &Options) -> Credentials {
    match options.use_git_credentials {
        true => Credentials::OfGit,
        false => Credentials::InUrls,
    }
}
