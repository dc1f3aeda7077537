//! Everything outside of the checkout: registries, repositories and their servers.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use vet_testing::Authority;

use crate::machine::Machine;
use crate::odd_trees::{OddRepository, PACKAGE};
use crate::package::Package;
use crate::random::Random;
use crate::registry::{ALTERNATIVE, ALTERNATIVE_INDEX, Peer, Registry, Servers};
use crate::repositories::{Repository, repositories};
use crate::tree::Tree;

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

    /// Makes cargo download everything into its homes.
    pub fn warm(&mut self, machine: &mut Machine) {
        let mut package = Package::new("warm", "0.0.0");
        let mut more = String::from("[dependencies]\n");
        let mut last = "";
        for release in self.crates_io.releases.iter().rev() {
            if release.package.name != last {
                last = &release.package.name;
                let plain = release.package.version.split('+').next().unwrap_or_default();
                more += &format!("{last} = \"={plain}\"\n");
            }
        }
        more += "private-one = { version = \"1.0.0\", registry = \"alt\" }\n";
        for (number, repository) in self.repositories.iter().enumerate() {
            for (round, commit) in repository.commits.iter().enumerate() {
                let name = &commit.packages[0].1.name;
                more += &format!(
                    "git-{number}-{round} = {{ package = \"{name}\", git = \"{}\", rev = \"{}\" }}\n",
                    repository.url, commit.revision
                );
            }
        }
        let (name, url, last) = (PACKAGE, &self.odd.url, &self.odd.last);
        more += &format!("{name} = {{ git = \"{url}\", rev = \"{last}\" }}\n");
        package.edition = "2021".to_owned();
        let mut tree = Tree::new();
        for (path, text) in package.files(&more) {
            tree.insert(path, text.into_bytes());
        }
        machine.put(&tree);
        let warm = machine.oracle(&["fetch"]);
        // Two of the crates may be incompatible. The downloads until then are still useful.
        let second = machine.cargo(&["fetch"]);
        machine.put(&Tree::new());
        let _ = fs::remove_file(machine.checkout().join("Cargo.lock"));
        for home in [machine.oracle_home(), machine.cargo_home()] {
            for entry in fs::read_dir(home.join("registry/index")).into_iter().flatten().flatten() {
                let folder = entry.file_name().display().to_string();
                let is_alternative = folder.starts_with("alt.");
                let registry = if is_alternative { &self.alternative } else { &self.crates_io };
                let cache = home.join("registry/cache").join(&folder);
                let _ = fs::create_dir_all(&cache);
                for release in &registry.releases {
                    let name = format!("{}-{}.crate", release.package.name, release.package.version);
                    let _ = fs::write(cache.join(name), &release.archive);
                }
                if !is_alternative {
                    self.folder_of_registry = folder;
                }
            }
        }
        assert!(
            !self.folder_of_registry.is_empty(),
            "cargo fetched nothing: {}{}",
            warm.stderr,
            second.stderr
        );
    }
}
