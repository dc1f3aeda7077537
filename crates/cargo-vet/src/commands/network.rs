//! The way to the network.

use vet_fetch::http::{Client, HttpSettings};
use vet_fetch::project::CargoConfiguration;
use vet_store::{Code, Diagnostic};

use super::place::current_folder;
use crate::failure::Failure;
use crate::request::{Network, Settings};

/// A client that reaches the network as cargo does.
pub(crate) fn client(settings: &Settings) -> Result<Client, Failure> {
    if settings.use_git_credentials {
        let message = "this version cannot ask git for credentials";
        let way_out =
            "write `https://USER:PASSWORD@HOST/…`: a password is sent to its own host only, and never shown";
        return Err(Diagnostic::error(Code::NeedsNetwork, message).help(way_out).into());
    }
    let folder = current_folder()?;
    let configuration = CargoConfiguration::of_folder(&folder, settings.cargo_home.as_deref()).network;
    let of_machine = HttpSettings::of_machine(&configuration, &settings.http);
    Ok(Client::new(HttpSettings {
        cache_folder: Some(settings.cache_dir.clone()),
        offline: of_machine.offline || settings.network == Network::Frozen,
        ..of_machine
    })?)
}
