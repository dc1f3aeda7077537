//! Everything outside of the checkout: registries, repositories and their servers.

mod warm;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use vet_testing::Authority;

use crate::odd_trees::OddRepository;
use crate::random::Random;
use crate::registry::{ALTERNATIVE, ALTERNATIVE_INDEX, Peer, Registry, Servers};
use crate::repositories::{Repository, repositories};

/// Everything that is published.
#[derive(Debug)]
pub struct Universe {
    /// crates.io.
    pub crates_io: Arc<Registry>,
    /// Another registry, which the user's configuration names.
    pub alternative: Arc<Registry>,
    /// A peer.
    pub peer: Peer,
    /// The git repositories.
    pub repositories: Vec<Repository>,
    /// A git repository that no honest project uses.
    pub odd: OddRepository,
    /// The name of crates.io's folders in cargo's home.
    pub folder_of_registry: String,
    /// Whether the user's network settings are in the configuration instead of the environment.
    pub by_configuration: bool,
    servers: Servers,
    attacker: Servers,
}

impl Universe {
    /// Generates everything, with the repositories in a folder.
    pub fn random(seed: u64, number: u64, folder: &Path) -> Self {
        let mut random = Random::new(seed, "universe", number);
        let crates_io = Arc::new(Registry::random(&mut random));
        let alternative = Arc::new(Registry::alternative(&mut random));
        fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let repositories = repositories(&mut random, &crates_io, folder);
        let odd = OddRepository::create(
            &mut Random::new(seed, "odd trees", number),
            &crates_io,
            &folder.join("odd"),
        );
        let peer = Peer::random(&mut random, &crates_io);
        let servers = Servers::start(Arc::clone(&crates_io), Arc::clone(&alternative), peer.clone());
        let attacker = Servers::start_attacker(Arc::clone(&crates_io));
        Universe {
            crates_io,
            alternative,
            peer,
            repositories,
            odd,
            folder_of_registry: String::new(),
            by_configuration: random.chance(50),
            servers,
            attacker,
        }
    }

    /// The URL of the proxy in front of all servers.
    pub fn proxy(&self) -> String {
        self.servers.proxy()
    }

    /// The certificate of the certificate authority.
    pub fn pem(&self) -> String {
        self.servers.pem()
    }

    /// The certificate of a certificate authority that has signed for no server.
    pub fn unrelated_pem(&self) -> String {
        Authority::new().pem()
    }

    /// The URL of an attacker's proxy, and the certificate of its certificate authority.
    pub fn attacker(&self) -> (String, String) {
        (self.attacker.proxy(), self.attacker.pem())
    }

    /// The user's configuration.
    pub fn configuration(&self) -> String {
        let mut text = format!("[registries.{ALTERNATIVE}]\nindex = \"{ALTERNATIVE_INDEX}\"\n");
        if self.by_configuration {
            text += &format!("\n[http]\nproxy = \"{}\"\ncainfo = \"authority.pem\"\n", self.proxy());
        }
        text
    }

    /// The user's environment.
    pub fn environment(&self, folder: &Path) -> Vec<(&'static str, String)> {
        if self.by_configuration {
            return Vec::new();
        }
        let authority = folder.join("authority.pem").display().to_string();
        vec![("HTTPS_PROXY", self.proxy()), ("CARGO_HTTP_CAINFO", authority)]
    }
}
