//! The way to the network.

use vet_fetch::http::{Client, HttpSettings};
use vet_fetch::project::CargoConfiguration;
use vet_ops::credentials::Credentials;

use super::place::current_folder;
use crate::failure::Failure;
use crate::request::{Network, Settings};

/// A client that reaches the network as cargo does.
pub(crate) fn client(settings: &Settings) -> Result<Client, Failure> {
    let folder = current_folder()?;
    let configuration = CargoConfiguration::of_folder(&folder, settings.cargo_home.as_deref()).network;
    let of_machine = HttpSettings::of_machine(&configuration, &settings.http);
    Ok(Client::new(HttpSettings {
        cache_folder: Some(settings.cache_dir.clone()),
        offline: of_machine.offline || settings.network == Network::Frozen,
        ..of_machine
    })?)
}

/// Who knows the credentials for the files of peers.
pub(crate) fn credentials(settings: &Settings) -> Credentials {
    match settings.use_git_credentials {
        true => Credentials::OfGit,
        false => Credentials::InUrls,
    }
}
