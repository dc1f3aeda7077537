//! Fills the homes of cargo with everything that is published.

use std::fs;

use super::Universe;
use crate::machine::Machine;
use crate::odd_trees::PACKAGE;
use crate::package::Package;
use crate::tree::Tree;

impl Universe {
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
