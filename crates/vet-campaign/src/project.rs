//! Honest projects, generated from a seed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;
use vet_testing::sha256;

use crate::lock::{Lock, Locked};
use crate::package::{Dependency, Kind, Library, Package};
use crate::random::Random;
use crate::registry::{ALTERNATIVE, Registry};
use crate::repositories::Repository;
use crate::tree::Tree;

/// A project without a lock file or store.
#[derive(Clone, Debug)]
pub struct Project {
    /// The files.
    pub tree: Tree,
    /// The members, by folder.
    pub members: Vec<(String, Package)>,
    /// Whether the checkout contains the sources of published crates.
    pub is_vendored: bool,
    /// The rules of `vet.toml`.
    pub rules: Rules,
    /// The version of the lock file.
    pub lock_version: u32,
}

/// The rules of `vet.toml` that leave packages out.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The targets; empty for all.
    pub targets: Vec<String>,
    /// The targets that build scripts and macros run on; empty for those of `targets`.
    pub hosts: Vec<String>,
    /// Whether development dependencies are left out.
    pub exclude_dev: bool,
    /// The members that do not count.
    pub exclude_members: Vec<String>,
    /// The only members that count; empty for all.
    pub members: Vec<String>,
    /// The features that are on, by member.
    pub features: BTreeMap<String, Vec<String>>,
}

impl Rules {
    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
            && !self.exclude_dev
            && self.exclude_members.is_empty()
            && self.members.is_empty()
            && self.features.is_empty()
    }

    /// Whether what is built for the platform of this machine, without a target, counts.
    pub fn has_host(&self) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|host| host == "x86_64-unknown-linux-gnu")
    }

    /// Whether a member counts.
    pub fn has_member(&self, name: &str) -> bool {
        let is_named = self.members.is_empty() || self.members.iter().any(|member| member == name);
        is_named && !self.exclude_members.iter().any(|member| member == name)
    }

    /// The text of `vet.toml`.
    pub fn text(&self) -> String {
        let mut text = "version = 1\n\n[graph]\n".to_owned();
        if !self.targets.is_empty() {
            writeln!(text, "targets = {:?}", self.targets).unwrap();
        }
        if !self.hosts.is_empty() {
            writeln!(text, "hosts = {:?}", self.hosts).unwrap();
        }
        if self.exclude_dev {
            text += "exclude-dev = true\n";
        }
        if !self.exclude_members.is_empty() {
            writeln!(text, "exclude-members = {:?}", self.exclude_members).unwrap();
        }
        if !self.members.is_empty() {
            writeln!(text, "members = {:?}", self.members).unwrap();
        }
        if !self.features.is_empty() {
            text += "\n[graph.features]\n";
            for (member, features) in &self.features {
                writeln!(text, "{member} = {features:?}").unwrap();
            }
        }
        text
    }
}

const MEMBERS: &[&str] = &["app", "engine", "tool", "testutil"];

impl Project {
    /// Generates a project that depends on published packages.
    pub fn random(
        random: &mut Random,
        crates_io: &Registry,
        alternative: &Registry,
        repositories: &[Repository],
    ) -> Self {
        let is_vendored = random.chance(20);
        let count = 1 + random.below(MEMBERS.len());
        let is_virtual = count > 1 && random.chance(50);
        let mut members: Vec<(String, Package)> = Vec::new();
        for (number, name) in MEMBERS[..count].iter().enumerate() {
            let mut package = Package::new(name, "0.0.7");
            package.edition = (*random.pick(&["2018", "2021", "2024"])).to_owned();
            package.description = random.chance(30).then(|| format!("The {name}"));
            if random.chance(20) {
                package.library = Library::None;
            }
            for _ in 0..1 + random.below(4) {
                let dependency = match random.below(20) {
                    0 | 1 if !is_vendored => from_git(random, repositories),
                    2 if !is_vendored => from_alternative(random, alternative),
                    _ => crates_io.dependency(random, true),
                };
                if package.dependencies.iter().all(|other| other.package != dependency.package) {
                    package.dependencies.push(dependency);
                }
            }
            for (_, earlier) in &members[..number] {
                if random.chance(40) && earlier.library == Library::Plain {
                    let at_root = earlier.name == MEMBERS[0] && !is_virtual;
                    let path = if at_root { "../..".to_owned() } else { format!("../{}", earlier.name) };
                    let mut dependency = Dependency::new(&earlier.name, "").from("path", &path);
                    dependency.kind = *random.pick(&[Kind::Normal, Kind::Normal, Kind::Dev]);
                    package.dependencies.push(dependency);
                }
            }
            features(random, &mut package);
            let at_root = number == 0 && !is_virtual;
            members.push((if at_root { String::new() } else { format!("members/{name}/") }, package));
        }
        let mut project = Project {
            tree: Tree::new(),
            members,
            is_vendored,
            rules: Rules::default(),
            lock_version: if random.chance(25) { 3 } else { 4 },
        };
        project.render(random, crates_io, count > 1);
        if random.chance(35) {
            project.rules = project.random_rules(random);
        }
        if !project.rules.is_empty() {
            project.put("supply-chain/vet.toml", &project.rules.text());
        }
        project
    }

    fn put(&mut self, path: &str, text: &str) {
        self.tree.insert(path.to_owned(), text.as_bytes().to_vec());
    }

    fn render(&mut self, random: &mut Random, crates_io: &Registry, is_workspace: bool) {
        let mut root = String::new();
        let mut shared: BTreeMap<String, String> = BTreeMap::new();
        let members = self.members.clone();
        let mut manifests = Vec::new();
        for (folder, package) in &members {
            let mut text = package.manifest("");
            if is_workspace && random.chance(30) {
                inherit(package, &mut text, &mut shared);
            }
            manifests.push((folder, text));
            for (path, text) in package.files("").into_iter().skip(1) {
                self.put(&format!("{folder}{path}"), &text);
            }
            if random.chance(20) {
                self.put(&format!("{folder}src/bin/extra.rs"), "fn main() {}\n");
            }
            if random.chance(20) {
                self.put(&format!("{folder}tests/smoke.rs"), "");
            }
        }
        if is_workspace {
            root += "[workspace]\nmembers = [\"members/*\"]\n";
            if random.chance(70) {
                writeln!(root, "resolver = \"{}\"", random.pick(&["1", "2", "2", "3"])).unwrap();
            }
            if !shared.is_empty() {
                root += "\n[workspace.dependencies]\n";
                shared.values().for_each(|line| writeln!(root, "{line}").unwrap());
            }
        }
        self.patch(random, crates_io, &mut root);
        for (folder, text) in manifests {
            let text = if folder.is_empty() { format!("{text}\n{root}") } else { text };
            self.put(&format!("{folder}Cargo.toml"), &text);
        }
        if !self.tree.contains_key("Cargo.toml") {
            self.put("Cargo.toml", &root);
        }
        if random.chance(15) {
            self.put(".cargo/config.toml", "[alias]\nb = \"build\"\n\n[term]\nverbose = false\n");
        }
    }

    /// Replaces a published crate by a copy in the checkout.
    fn patch(&mut self, random: &mut Random, crates_io: &Registry, root: &mut String) {
        let what = random.below(100);
        if what >= 20 {
            return;
        }
        let direct: Vec<&Dependency> = self
            .members
            .iter()
            .flat_map(|(_, package)| &package.dependencies)
            .filter(|dependency| dependency.origin.is_empty())
            .collect();
        let Some(dependency) = random.maybe(&direct) else { return };
        let requirement: semver::VersionReq = dependency.requirement.parse().unwrap();
        let fits = |version: &str| requirement.matches(&version.parse().unwrap());
        let versions = crates_io.versions(&dependency.package);
        let Some(release) = versions.iter().rev().find(|release| fits(&release.package.version)) else {
            return;
        };
        let package = release.package.clone();
        let folder = format!("patches/{}", package.name);
        for (path, text) in package.files("[workspace]\n") {
            self.put(&format!("{folder}/{path}"), &text);
        }
        match what {
            0..15 => writeln!(root, "\n[patch.crates-io]\n{} = {{ path = \"{folder}\" }}", package.name),
            _ => writeln!(
                root,
                "\n[replace]\n\"{}:{}\" = {{ path = \"{folder}\" }}",
                package.name, package.version
            ),
        }
        .unwrap();
    }

    fn random_rules(&self, random: &mut Random) -> Rules {
        let mut rules = Rules::default();
        if random.chance(60) {
            rules.targets.push("x86_64-unknown-linux-gnu".to_owned());
            if random.chance(30) {
                rules.targets.push("x86_64-pc-windows-msvc".to_owned());
            }
            if random.chance(25) {
                rules.hosts.push("x86_64-pc-windows-msvc".to_owned());
            }
        }
        rules.exclude_dev = random.chance(50);
        if self.members.len() > 1 && random.chance(30) {
            let list = if random.chance(60) { &mut rules.exclude_members } else { &mut rules.members };
            list.push(random.pick(&self.members).1.name.clone());
        }
        if random.chance(30) {
            let (_, package) = random.pick(&self.members);
            let features =
                (*random.pick(&[&[] as &[&str], &["default"], &["extra"], &["std", "extra"]])).to_vec();
            rules.features.insert(package.name.clone(), features.into_iter().map(str::to_owned).collect());
        }
        rules
    }

    /// Adds the sources of the published crates in the checkout's lock file to the checkout.
    pub fn vendor(tree: &mut Tree, crates_io: &Registry) {
        let text = tree.get("Cargo.lock").and_then(|bytes| std::str::from_utf8(bytes).ok());
        let packages = text.and_then(Lock::parse).map(|lock| lock.packages).unwrap_or_default();
        for Locked { name, version, source, .. } in &packages {
            let is_published = source.as_deref() == Some(*vet_testing::CRATES_IO);
            let Some(release) = crates_io.find(name, version).filter(|_| is_published) else { continue };
            let folder = format!("vendor/{name}-{version}");
            for (path, text) in &release.files {
                tree.insert(format!("{folder}/{path}"), text.as_bytes().to_vec());
            }
            seal(tree, &folder, &release.checksum);
        }
        let config = "[source.crates-io]\nreplace-with = \"vendored-sources\"\n\n\
                      [source.vendored-sources]\ndirectory = \"vendor\"\n";
        tree.insert(".cargo/config.toml".to_owned(), config.as_bytes().to_vec());
        tree.insert("vendor/README".to_owned(), Vec::new());
    }
}

/// Writes the checksums of a vendored package, as `cargo vendor` does.
pub fn seal(tree: &mut Tree, folder: &str, checksum: &str) {
    let prefix = format!("{folder}/");
    let files: BTreeMap<String, String> = tree
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(&prefix)?.to_owned(), sha256(bytes))))
        .filter(|(path, _)| path != ".cargo-checksum.json")
        .collect();
    let text = json!({ "files": files, "package": checksum }).to_string();
    tree.insert(format!("{folder}/.cargo-checksum.json"), text.into_bytes());
}

/// Moves some dependencies into the workspace's manifest.
fn inherit(package: &Package, text: &mut String, shared: &mut BTreeMap<String, String>) {
    for dependency in &package.dependencies {
        if dependency.origin.iter().any(|(key, _)| key == "path") || !dependency.default_features {
            continue;
        }
        let mut of_workspace = dependency.clone();
        of_workspace.optional = false;
        let line = of_workspace.line();
        let known = shared.entry(dependency.key.clone()).or_insert_with(|| line.clone());
        if *known != line {
            continue;
        }
        let optional = if dependency.optional { ", optional = true" } else { "" };
        let inherited = format!("{} = {{ workspace = true{optional} }}", dependency.key);
        *text = text.replace(&dependency.line(), &inherited);
    }
}

fn from_git(random: &mut Random, repositories: &[Repository]) -> Dependency {
    let repository = random.pick(repositories);
    let commit = random.below(repository.commits.len());
    let is_last = commit + 1 == repository.commits.len();
    let commit = &repository.commits[commit];
    let (_, package) = random.pick(&commit.packages);
    let dependency = Dependency::new(&package.name, "").from("git", &repository.url);
    match random.below(4) {
        0 if is_last => dependency,
        1 if is_last => dependency.from("branch", "main"),
        2 if is_last => dependency.from("tag", "v1"),
        _ => dependency.from("rev", &commit.revision),
    }
}

fn from_alternative(random: &mut Random, alternative: &Registry) -> Dependency {
    let release = random.pick(&alternative.releases);
    let mut dependency =
        Dependency::new(&release.package.name, &release.package.version).from("registry", ALTERNATIVE);
    dependency.optional = random.chance(20);
    dependency
}

fn features(random: &mut Random, package: &mut Package) {
    let mut lists = [("default", Vec::new()), ("std", Vec::new()), ("extra", Vec::new())];
    if random.chance(60) {
        lists[0].1.push("std".to_owned());
    }
    for dependency in &package.dependencies {
        let key = &dependency.key;
        if dependency.optional {
            lists[1 + random.below(2)].1.push(format!("dep:{key}"));
        } else if dependency.kind != Kind::Dev && dependency.origin.is_empty() && random.chance(20) {
            lists[1 + random.below(2)].1.push(format!("{key}/extra"));
        }
    }
    package.features = lists.map(|(name, list)| (name.to_owned(), list)).into();
}
